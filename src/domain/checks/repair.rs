//! Carries out the edits of fixes on a tree.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use super::Edit;
use crate::domain::edit::{self, splice};
use crate::domain::piece::{Locator, Piece};
use crate::domain::tree::{Entry, Place, Tree};

/// Carry out all edits: first what counts from offsets of the texts as they were probed, then the rest, in order.
///
/// # Errors
/// A file is not as it was when it was probed, or cannot be edited there. The tree is then to be thrown away.
pub fn apply<'e>(tree: &mut Tree<'_>, edits: impl IntoIterator<Item = &'e Edit>) -> Result<()> {
    let mut spans: BTreeMap<&Place, Vec<&Edit>> = BTreeMap::new();
    let mut others = Vec::new();
    for edit in edits {
        match edit {
            Edit::Replace { place, .. } => {
                let of_file = spans.entry(place).or_default();
                if !of_file.contains(&edit) {
                    of_file.push(edit);
                }
            }
            other => others.push(other),
        }
    }
    for (place, edits) in spans {
        let text = existing(tree, place)?;
        let source = splice::Source::new(&text);
        let mut splices = Vec::new();
        for edit in edits {
            let Edit::Replace { span, from, to, .. } = edit else { continue };
            // Probed texts are whole; offsets of a source count behind the byte order mark.
            let shift = text.len() - source.text().len();
            if text.get(span.clone()) != Some(from.as_str()) || span.start < shift {
                bail!("{place} has changed since it was looked at");
            }
            splices.push(splice::Splice { at: span.start - shift..span.end - shift, text: to.clone() });
        }
        let text = source.finish(splices).with_context(|| format!("cannot edit {place}"))?;
        tree.put_text(place.clone(), text)?;
    }
    others.into_iter().try_for_each(|edit| one(tree, edit))
}

fn one(tree: &mut Tree<'_>, edit: &Edit) -> Result<()> {
    match edit {
        Edit::Put { place, at, text } => put(tree, place, at, text),
        Edit::Cut { place, at } => cut(tree, place, at),
        Edit::Replace { .. } => Ok(()),
        Edit::MakeExecutable { place } => {
            let Entry::File(file) = tree.get(place)? else { bail!("{place} is not a file any more") };
            let mut file = file.clone();
            file.executable = true;
            tree.put(place.clone(), Entry::File(file))
        }
        Edit::UnixLineEnds { place } => {
            let text = existing(tree, place)?.replace("\r\n", "\n");
            tree.put_text(place.clone(), text)
        }
    }
}

fn put(tree: &mut Tree<'_>, place: &Place, at: &Locator, text: &str) -> Result<()> {
    let cannot = || format!("cannot edit {place}");
    let before = tree.text(place)?;
    let new = piece(place, at, text);
    let standing = match &before {
        None => None,
        Some(before) => edit::find(before, &[at]).with_context(cannot)?.pop().flatten(),
    };
    let after = match (before, standing) {
        (Some(before), Some(standing)) if standing == text => before,
        (Some(before), Some(standing)) => {
            let old = piece(place, at, &standing);
            let replaced = edit::replace(&before, &[(&old, &new)]).with_context(cannot)?;
            if !replaced.edited.is_empty() || !replaced.missing.is_empty() {
                bail!("{place} cannot be edited there");
            }
            replaced.text
        }
        (before, _) => edit::insert(before.as_deref(), &[&new]).with_context(cannot)?.text,
    };
    tree.put_text(place.clone(), after)
}

fn cut(tree: &mut Tree<'_>, place: &Place, at: &Locator) -> Result<()> {
    let text = existing(tree, place)?;
    let Some(standing) = edit::find(&text, &[at])?.pop().flatten() else { return Ok(()) };
    let old = piece(place, at, &standing);
    let cut = edit::cut(&text, &[&old], &[]).with_context(|| format!("cannot edit {place}"))?;
    match cut.text {
        Some(text) => tree.put_text(place.clone(), text),
        None => tree.put(place.clone(), Entry::Absent),
    }
}

fn existing(tree: &mut Tree<'_>, place: &Place) -> Result<String> {
    tree.text(place)?.with_context(|| format!("{place} is not there any more"))
}

fn piece(place: &Place, at: &Locator, text: &str) -> Piece {
    Piece { place: place.clone(), at: at.clone(), text: text.to_owned(), owners: std::collections::BTreeSet::default() }
}
