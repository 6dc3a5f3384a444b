//! Turns the pieces that we own into the pieces that we want, in a [`Tree`].
//!
//! Removing a tool is not the inverse of adding it: it is reconciling to a smaller spec. So adding A, adding B and
//! removing A gives what adding B gives, even where B changed a text of A. Pieces that are wanted as they are stay
//! untouched; a piece that the user edited loses its owner and is the user's from then on.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::edit::{self, EditError};
use super::piece::{Glue, Locator, Piece};
use super::tree::{Entry, Place, Root, Tree};

/// What we own in a project: what we wrote and what we had to supply around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owned {
    pub pieces: Vec<Piece>,
    pub glue: BTreeSet<(Place, Glue)>,
}

impl Owned {
    /// The part of it that stands below `root`.
    #[must_use]
    pub fn within(&self, root: Root) -> Self {
        Self {
            pieces: self.pieces.iter().filter(|piece| piece.place.root == root).cloned().collect(),
            glue: self.glue.iter().filter(|(place, _)| place.root == root).cloned().collect(),
        }
    }
}

/// What reconciling found on its way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// What we own now.
    pub owned: Owned,
    /// What did not go as wanted, and what stands there instead.
    pub notes: Vec<Note>,
}

/// A place where the user's file and our wish differ; the user's text stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Something stands there already; ours was not written.
    Kept { piece: Piece, found: String },
    /// The user edited what we wrote; it is the user's now.
    Edited { piece: Piece, found: String },
}

/// Why reconciling was given up; the tree is not to be used.
#[derive(Debug)]
pub struct Refused {
    pub place: Place,
    /// The file's text as it was read.
    pub text: String,
    pub error: EditError,
    /// What would have been written, to be pasted by hand.
    pub snippet: Vec<String>,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.error)
    }
}

impl std::error::Error for Refused {}

/// Let the tree hold `new` where it held `old`.
///
/// # Errors
/// A file cannot be read, or cannot be edited safely ([`Refused`]).
pub fn reconcile(tree: &mut Tree<'_>, old: &Owned, new: &[Piece]) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut places: Vec<&Place> = Vec::new();
    for place in old.pieces.iter().chain(new).map(|piece| &piece.place) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    for place in places {
        reconcile_file(tree, place, (old, new), &mut outcome)?;
    }
    Ok(outcome)
}

fn reconcile_file(
    tree: &mut Tree<'_>,
    place: &Place,
    (old, new): (&Owned, &[Piece]),
    outcome: &mut Outcome,
) -> Result<()> {
    let here =
        |pieces: &[Piece]| -> Vec<Piece> { pieces.iter().filter(|piece| piece.place == *place).cloned().collect() };
    let (ours, wanted) = (here(&old.pieces), here(new));
    let known: BTreeMap<Locator, &Piece> = ours.iter().map(|piece| (piece.at.bare(), piece)).collect();
    let wishes: BTreeMap<Locator, &Piece> = wanted.iter().map(|piece| (piece.at.bare(), piece)).collect();
    let mut glue: BTreeSet<Glue> =
        old.glue.iter().filter(|(of, _)| of == place).map(|(_, glue)| glue.clone()).collect();
    let mut text = tree.text(place)?;

    let gone: Vec<&Piece> = ours.iter().filter(|piece| !wishes.contains_key(&piece.at.bare())).collect();
    let changed: Vec<(&Piece, &Piece)> = ours
        .iter()
        .filter_map(|piece| Some((piece, *wishes.get(&piece.at.bare())?)))
        .filter(|(before, after)| before.text != after.text || before.at != after.at)
        .collect();
    let fresh: Vec<&Piece> = wanted.iter().filter(|piece| !known.contains_key(&piece.at.bare())).collect();
    let mut lost: BTreeSet<Locator> = BTreeSet::new();

    if !changed.is_empty()
        && let Some(before) = &text
    {
        let replaced = edit::replace(before, &changed).map_err(|error| refuse(place, before, error, &fresh))?;
        for (index, found) in replaced.edited {
            lost.insert(changed[index].0.at.clone());
            outcome.notes.push(Note::Edited { piece: changed[index].0.clone(), found });
        }
        // A piece that the user took out stays out.
        lost.extend(replaced.missing.into_iter().map(|index| changed[index].0.at.clone()));
        text = Some(replaced.text);
    }
    if !fresh.is_empty() {
        let before = text.clone().unwrap_or_default();
        let inserted = edit::insert(text.as_deref(), &fresh).map_err(|error| refuse(place, &before, error, &fresh))?;
        for (index, found) in inserted.present {
            lost.insert(fresh[index].at.clone());
            outcome.notes.push(Note::Kept { piece: fresh[index].clone(), found });
        }
        glue.extend(inserted.glue);
        text = Some(inserted.text);
    }
    // A file that goes as a whole goes as it is without the pieces in it.
    let (whole, parts): (Vec<&Piece>, Vec<&Piece>) = gone.into_iter().partition(|piece| piece.at == Locator::Whole);
    for gone in [parts, whole] {
        let Some(before) = text.clone().filter(|_| !gone.is_empty()) else { continue };
        let supplied: Vec<Glue> = glue.into_iter().collect();
        let cut = edit::cut(&before, &gone, &supplied).map_err(|error| refuse(place, &before, error, &[]))?;
        for (index, found) in cut.edited {
            outcome.notes.push(Note::Edited { piece: gone[index].clone(), found });
        }
        // What other projects of the repository still stand in, the last of them takes away.
        let is_left = place.root == Root::Repository && wanted.is_empty();
        glue = cut.glue.into_iter().filter(|_| !is_left).collect();
        text = cut.text;
    }

    match text {
        Some(text) if tree.text(place)?.as_ref() != Some(&text) => tree.put_text(place.clone(), text)?,
        None if *tree.get(place)? != Entry::Absent => tree.put(place.clone(), Entry::Absent)?,
        _ => {}
    }
    outcome.owned.pieces.extend(wanted.into_iter().filter(|piece| !lost.contains(&piece.at)));
    outcome.owned.glue.extend(glue.into_iter().map(|glue| (place.clone(), glue)));
    Ok(())
}

fn refuse(place: &Place, text: &str, error: EditError, wanted: &[&Piece]) -> anyhow::Error {
    let snippet = wanted.iter().map(|piece| piece.text.clone()).collect();
    anyhow::Error::new(Refused { place: place.clone(), text: text.to_owned(), error, snippet })
}
