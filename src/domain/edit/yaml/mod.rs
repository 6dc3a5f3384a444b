//! Edits of YAML files, first of all of `.pre-commit-config.yaml`, by inserting and cutting lines at exact spans.

mod fresh;
mod hooks;
mod items;
mod keys;
mod list;
mod scalars;
mod tree;

#[cfg(test)]
mod tests;

use super::splice::{Source, Splice, unified, unsupported};
use super::{Cut, EditError, Inserted, Replaced};
use crate::domain::piece::{Glue, Locator, Piece};

use hooks::Hook;
use items::HookItem;
use tree::{Document, Kind, Node, check, parse, parse_events};

pub use hooks::Standing as StandingHook;
pub use scalars::{Scalar, scalars};

/// The hooks of a `.pre-commit-config.yaml`, in its order.
///
/// # Errors
/// The file is not YAML.
pub fn standing_hooks(text: &str) -> Result<Vec<StandingHook>, EditError> {
    let source = Source::new(text);
    let mut all = hooks::standing(&parse(source.text())?);
    let mark = text.len() - source.text().len();
    for hook in &mut all {
        for span in [&mut hook.span, &mut hook.rev_span] {
            *span = span.start + mark..span.end + mark;
        }
    }
    Ok(all)
}

/// What one piece asks for.
enum Step {
    /// Something stands there already.
    Present(String),
    /// The change, and the value that the file must have after it.
    Edit { splices: Vec<Splice>, expected: Node, glue: Vec<Glue> },
}

/// Inserts pieces into a YAML file; `None` is a file that is not there.
///
/// # Errors
/// [`EditError::Syntax`] where the file is not YAML, [`EditError::Unsupported`] where it is written in a way that
/// cannot be edited by whole lines (brackets, shared anchors, several documents).
pub fn insert(text: Option<&str>, pieces: &[&Piece]) -> Result<Inserted, EditError> {
    let mut made = Inserted { text: text.unwrap_or_default().to_owned(), ..Inserted::default() };
    if text.is_none() {
        if let Some(made) = fresh::insert(pieces)? {
            return Ok(made);
        }
        made.glue.push(Glue::File);
    }
    let mut document = parse(Source::new(&made.text).text())?;
    for (index, piece) in pieces.iter().enumerate() {
        let source = Source::new(&made.text);
        let body = unified(&piece.text);
        match insert_one(source.text(), &document, &piece.at, &body)? {
            Step::Present(found) => made.present.push((index, found)),
            Step::Edit { splices, expected, glue } => {
                let made_one = apply(source, splices, &expected);
                (made.text, document) = made_one.map_err(|error| document.explained(source.text(), error))?;
                made.glue.extend(glue);
            }
        }
    }
    is_sound(&made.text)?;
    Ok(made)
}

fn insert_one(text: &str, document: &Document, at: &Locator, body: &str) -> Result<Step, EditError> {
    match at {
        Locator::YamlKey { key } => keys::insert(text, document, key, body),
        Locator::Hook { .. } => hooks::insert(text, document, hook(at).ok_or_else(foreign)?, body),
        Locator::HookItem { repo, id, key, item } => {
            items::insert(text, document, HookItem { repo, id, key, item }, body)
        }
        _ => Err(foreign()),
    }
}

/// Cuts pieces that stand there as they were written, and the glue that nothing needs any more.
///
/// # Errors
/// As [`insert`].
pub fn cut(text: &str, pieces: &[&Piece], glue: &[Glue]) -> Result<Cut, EditError> {
    let mut made = Cut::default();
    let mut now = text.to_owned();
    let mut document = parse(Source::new(&now).text())?;
    for (index, piece) in pieces.iter().enumerate() {
        let source = Source::new(&now);
        let Some(found) = text_at(source.text(), &document, &piece.at, Some(&piece.text))? else {
            made.missing.push(index);
            continue;
        };
        if !same(&found, &piece.text) {
            made.edited.push((index, found));
            continue;
        }
        if let Step::Edit { splices, expected, .. } = cut_one(source.text(), &document, piece, glue)? {
            (now, document) = apply(source, splices, &expected)?;
        }
    }
    is_sound(&now)?;
    let ours = glue.contains(&Glue::File);
    if !(ours && Source::new(&now).text().trim().is_empty()) {
        made.glue = glue.iter().filter(|glue| is_needed(&document, glue)).cloned().collect();
        made.text = Some(now);
    }
    Ok(made)
}

fn cut_one(text: &str, document: &Document, piece: &Piece, glue: &[Glue]) -> Result<Step, EditError> {
    match &piece.at {
        Locator::YamlKey { key } => keys::cut(text, document, key, &unified(&piece.text)),
        Locator::Hook { .. } => {
            let place = hook(&piece.at).and_then(|hook| hooks::find(document, hook)).ok_or_else(foreign)?;
            hooks::cut(text, document, place, glue)
        }
        Locator::HookItem { repo, id, key, item } => items::cut(text, document, HookItem { repo, id, key, item }, glue),
        _ => Err(foreign()),
    }
}

/// Gives pieces another text in their place. A piece that does not stand there as `old` is left alone and reported in
/// [`Replaced::edited`] with what stands there. Where the locators of a hook differ in `rev`, the entry's own `rev`
/// changes from the one to the other.
///
/// # Errors
/// As [`insert`].
pub fn replace(text: &str, changes: &[(&Piece, &Piece)]) -> Result<Replaced, EditError> {
    let mut made = Replaced { text: text.to_owned(), ..Replaced::default() };
    let mut document = parse(Source::new(&made.text).text())?;
    for (index, (old, new)) in changes.iter().enumerate() {
        let source = Source::new(&made.text);
        let found = text_at(source.text(), &document, &old.at, Some(&old.text))?;
        match found {
            Some(found) if same(&found, &old.text) => {
                let (splices, expected) = replace_one(source.text(), &document, old, new)?;
                (made.text, document) = apply(source, splices, &expected)?;
            }
            Some(found) => made.edited.push((index, found)),
            None => made.missing.push(index),
        }
    }
    is_sound(&made.text)?;
    Ok(made)
}

fn replace_one(text: &str, document: &Document, old: &Piece, new: &Piece) -> Result<(Vec<Splice>, Node), EditError> {
    let mut expected = document.root.clone().ok_or_else(foreign)?;
    let body = unified(&new.text);
    let mut splices = Vec::new();
    match (&old.at, &new.at) {
        (Locator::YamlKey { key }, _) => {
            let (name, value) = document.root.as_ref().and_then(|root| root.pair(key)).ok_or_else(foreign)?;
            let column = keys::column(text, name);
            let lines = keys::lines_of_piece(text, (name, value), &unified(&old.text));
            let made = parse_events(&body)?.root.ok_or_else(foreign)?;
            *expected.value_mut(key).ok_or_else(foreign)? = made.pair(key).ok_or_else(foreign)?.1.clone();
            let body = format!("{}{}", " ".repeat(column), list::hanging(&body, column));
            splices.push(Splice { at: lines, text: body });
        }
        (Locator::Hook { rev: was, .. }, Locator::Hook { rev, .. }) => {
            let place = hook(&old.at).and_then(|hook| hooks::find(document, hook)).ok_or_else(foreign)?;
            let hook = hooks::node(document, place).ok_or_else(foreign)?;
            keys::must_be_block(text, document, hook)?;
            let entry = expected.value_mut(hooks::REPOS).and_then(Node::items_mut).and_then(|r| r.get_mut(place.0));
            let entry = entry.ok_or_else(foreign)?;
            if let (Some(was), Some(rev), Some(node)) = (was, rev, entry.value_mut("rev"))
                && was != rev
                && node.scalar() == Some(was)
            {
                let written = hooks::scalar(rev);
                let keeps_quotes = text[node.start..].starts_with(['"', '\'']);
                let written = if keeps_quotes { text[node.start..node.end].replace(was, rev) } else { written };
                node.kind = Kind::Scalar { value: rev.clone(), plain: !written.starts_with(['"', '\'']) };
                splices.push(Splice { at: node.start..node.end, text: written });
            }
            let target = entry.value_mut("hooks").and_then(Node::items_mut).and_then(|h| h.get_mut(place.1));
            *target.ok_or_else(foreign)? = parse_events(&body)?.root.ok_or_else(foreign)?;
            if !same(&old.text, &body) {
                let end = super::splice::line_end(text, hook.end);
                let column = keys::column(text, hook);
                splices.push(Splice { at: hook.start..end, text: list::hanging(&body, column) });
            }
        }
        (Locator::HookItem { repo, id, key, item }, _) => {
            return items::replace(document, HookItem { repo, id, key, item }, &body);
        }
        _ => return Err(foreign()),
    }
    Ok((splices, expected))
}

/// What stands at each place, in the form of [`Piece::text`].
///
/// # Errors
/// As [`insert`].
pub fn find(text: &str, at: &[&Locator]) -> Result<Vec<Option<String>>, EditError> {
    let source = Source::new(text);
    let document = parse(source.text())?;
    at.iter().map(|at| text_at(source.text(), &document, at, None)).collect()
}

/// The text at a place; an item that differs from `wanted` in its quotes only is given as `wanted`.
fn text_at(text: &str, document: &Document, at: &Locator, wanted: Option<&str>) -> Result<Option<String>, EditError> {
    Ok(match at {
        Locator::YamlKey { key } => {
            let pair = document.root.as_ref().and_then(|root| root.pair(key));
            pair.map(|(name, value)| keys::text_of(text, (name, value), &unified(wanted.unwrap_or_default())))
        }
        Locator::Hook { .. } => hook(at)
            .and_then(|hook| hooks::find(document, hook))
            .and_then(|place| hooks::node(document, place))
            .map(|hook| hooks::text_of(text, hook)),
        Locator::HookItem { repo, id, key, item } => {
            let found = items::find(document, HookItem { repo, id, key, item });
            found.map(|(list, index)| items::text_of(text, list, index, wanted))
        }
        _ => return Err(foreign()),
    })
}

/// The hook that a locator names, if it names one.
fn hook(at: &Locator) -> Option<Hook<'_>> {
    let Locator::Hook { repo, rev, id, folder } = at else { return None };
    Some(Hook { repo, rev: rev.as_deref(), id, folder: folder.as_deref() })
}

fn same(found: &str, ours: &str) -> bool {
    unified(found).trim_end() == unified(ours).trim_end()
}

fn foreign() -> EditError {
    unsupported("the place is not one of a YAML file")
}

/// Whether something still stands in our glue.
fn is_needed(document: &Document, glue: &Glue) -> bool {
    match glue {
        Glue::YamlKey { key } => document.root.as_ref().is_some_and(|root| root.pair(key).is_some()),
        Glue::HookRepo { repo } => !hooks::entries_of(document, repo).is_empty(),
        Glue::HookList { repo, id, key } => list_at(document, repo, id, key).is_some_and(|items| !items.is_empty()),
        Glue::File => true,
        _ => false,
    }
}

fn list_at<'a>(document: &'a Document, repo: &str, id: &str, key: &str) -> Option<&'a [Node]> {
    let root = document.root.as_ref()?;
    let node = match (repo, id) {
        ("", _) => root,
        (_, "") => {
            let index = *hooks::entries_of(document, repo).first()?;
            document.get(root, hooks::REPOS)?.items()?.get(index)?
        }
        _ => hooks::node(document, hooks::find(document, Hook { repo, rev: None, id, folder: None })?)?,
    };
    document.get(node, key)?.items()
}

/// Applies a change and requires that the file's value is the expected one after it. [`is_sound`] is still to be asked.
fn apply(source: Source<'_>, splices: Vec<Splice>, expected: &Node) -> Result<(String, Document), EditError> {
    let made = source.finish(splices)?;
    let after = parse_events(Source::new(&made).text()).map_err(|_| differs())?;
    let empty = Node::new(Kind::Mapping(Vec::new()));
    if after.root.as_ref().unwrap_or(&empty) != expected {
        return Err(differs());
    }
    Ok((made, after))
}

/// Requires that the text after all changes is one that every reader takes.
fn is_sound(made: &str) -> Result<(), EditError> {
    check(Source::new(made).text()).map_err(|_| differs())
}

fn differs() -> EditError {
    unsupported("the change would alter other values of the file")
}
