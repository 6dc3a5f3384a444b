//! The project's lock file: what it was made from and which pieces of its files are ours.
//!
//! One JSON value a line and every line whole in itself, sorted: a branch that adds a tool adds lines, and two branches
//! merge as a union of their lines (the folder's own `.gitattributes` says so). A line that is not understood is
//! skipped: what it knew is lost, nothing else.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::hex::hex;
use super::piece::{Glue, Locator, Piece};
use super::reconcile::Owned;
use super::spec::{Spec, ToolUse, Values};
use super::tree::{Entry, Place, Tree};

/// Where the lock file lies.
pub const LOCK: &str = ".pyenvkit/lock.jsonl";
/// Tells git how to merge it.
const ATTRIBUTES: &str = ".pyenvkit/.gitattributes";
const ATTRIBUTES_TEXT: &str = "lock.jsonl merge=union linguist-generated\n";
/// The version of the format.
const VERSION: u32 = 1;

/// Whether a file is of the record that we keep.
#[must_use]
pub fn is_record(place: &Place) -> bool {
    [LOCK, ATTRIBUTES].contains(&place.path.as_str())
}

/// What the lock file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    pub template: Option<String>,
    pub values: Option<Values>,
    pub tools: Vec<ToolUse>,
    pub owned: Owned,
    /// [`hash`] of each file that came from the template, as it was written: the base of a later three-way merge.
    pub base: BTreeMap<Place, String>,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Pyenvkit { version: u32 },
    Template(String),
    Values(Box<Values>),
    Tool(ToolUse),
    Base { file: Place, sha256: String },
    Piece { file: Place, at: Locator, text: String, owners: BTreeSet<String> },
    Glue { file: Place, glue: Glue },
}

impl Provenance {
    #[must_use]
    pub fn new(spec: &Spec, owned: Owned) -> Self {
        Self {
            template: spec.template.clone(),
            values: Some(spec.values.clone()),
            tools: spec.tools.clone(),
            owned,
            base: BTreeMap::new(),
        }
    }

    /// Remember `bytes` as what the template wrote at `place`.
    pub fn record_base(&mut self, place: Place, bytes: &[u8]) {
        self.base.insert(place, hash(bytes));
    }

    /// Remember the version that each tool has, by its name.
    pub fn record_versions(&mut self, versions: &BTreeMap<String, String>) {
        for wish in &mut self.tools {
            wish.version = versions.get(&wish.tool).cloned();
        }
    }

    /// The file's text; `None` if nothing of ours is left.
    ///
    /// # Errors
    /// A value cannot be written as JSON.
    pub fn to_text(&self) -> Result<Option<String>> {
        if self.template.is_none() && self.values.is_none() && self.tools.is_empty() && self.owned == Owned::default() {
            return Ok(None);
        }
        let mut lines = vec![Line::Pyenvkit { version: VERSION }];
        lines.extend(self.template.clone().map(Line::Template));
        lines.extend(self.values.clone().map(|values| Line::Values(Box::new(values))));
        lines.extend(self.tools.iter().cloned().map(Line::Tool));
        lines.extend(self.base.iter().map(|(file, sha256)| Line::Base { file: file.clone(), sha256: sha256.clone() }));
        let mut pieces: Vec<&Piece> = self.owned.pieces.iter().collect();
        pieces.sort_by(|a, b| (&a.place, &a.at).cmp(&(&b.place, &b.at)));
        lines.extend(pieces.into_iter().map(|piece| Line::Piece {
            file: piece.place.clone(),
            at: piece.at.clone(),
            text: match piece.at {
                Locator::Whole => hash(piece.text.as_bytes()),
                _ => piece.text.clone(),
            },
            owners: piece.owners.clone(),
        }));
        lines.extend(self.owned.glue.iter().map(|(file, glue)| Line::Glue { file: file.clone(), glue: glue.clone() }));
        let mut text = Vec::new();
        for line in &lines {
            serde_json::to_writer(&mut text, line).context("lock file")?;
            text.push(b'\n');
        }
        Ok(Some(String::from_utf8(text)?))
    }

    /// Read a lock file; lines that are not understood (a newer version's, a conflict's markers) are skipped.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines().filter_map(|line| serde_json::from_str(line).ok()) {
            match line {
                Line::Pyenvkit { .. } => {}
                Line::Template(name) => found.template = Some(name),
                Line::Values(values) => found.values = Some(*values),
                Line::Tool(tool) => match found.tools.iter_mut().find(|known| known.tool == tool.tool) {
                    Some(known) => {
                        known.options.extend(tool.options);
                        known.version = known.version.take().max(tool.version);
                    }
                    None => found.tools.push(tool),
                },
                Line::Base { file, sha256 } => {
                    found.base.insert(file, sha256);
                }
                Line::Piece { file, at, text, owners } => found.add_piece(Piece { place: file, at, text, owners }),
                Line::Glue { file, glue } => {
                    found.owned.glue.insert((file, glue));
                }
            }
        }
        found
    }

    /// A union merge can leave two lines for one place: the owners of both own it.
    fn add_piece(&mut self, piece: Piece) {
        let known = self.owned.pieces.iter_mut().find(|known| known.place == piece.place && known.at == piece.at);
        match known {
            Some(known) => known.owners.extend(piece.owners),
            None => self.owned.pieces.push(piece),
        }
    }

    /// Let the lock file and its attributes stand in the tree, or be gone from it.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn write(&self, tree: &mut Tree<'_>) -> Result<()> {
        let (lock, attributes) = (Place::project(LOCK)?, Place::project(ATTRIBUTES)?);
        if let Some(text) = self.to_text()? {
            tree.put_text(lock, text)?;
            tree.put_text(attributes, ATTRIBUTES_TEXT.to_owned())
        } else {
            tree.put(lock, Entry::Absent)?;
            tree.put(attributes, Entry::Absent)
        }
    }
}

/// The first half of the SHA-256 in lower-case hexadecimal: enough to see a change, short enough for a line.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::piece::Item;

    fn example() -> Provenance {
        let place = Place::project("pyproject.toml").unwrap();
        let at = Locator::TomlItem {
            table: vec!["dependency-groups".into()],
            key: "dev".into(),
            item: Item::Requirement("black".into()),
        };
        let piece =
            Piece { place: place.clone(), at, text: "\"black==1\"".into(), owners: ["black".to_owned()].into() };
        let glue = Glue::TomlArray { table: vec!["dependency-groups".into()], key: "dev".into() };
        Provenance {
            tools: vec![ToolUse::plain("black")],
            owned: Owned { pieces: vec![piece], glue: [(place.clone(), glue)].into() },
            base: [(place, hash(b"x"))].into(),
            ..Provenance::default()
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let text = example().to_text().unwrap().unwrap();
        assert_eq!(Provenance::parse(&text), example());
    }

    #[test]
    fn a_union_of_two_branches_is_read() {
        let text = example().to_text().unwrap().unwrap();
        let other = text.replace("[\"black\"]", "[\"ruff\"]");
        let merged = Provenance::parse(&format!("<<<<<<< ours\n{text}=======\n{other}"));
        assert_eq!(merged.owned.pieces.len(), 1);
        assert_eq!(merged.owned.pieces[0].owners.len(), 2);
    }

    #[test]
    fn nothing_of_ours_leaves_no_file() {
        assert_eq!(Provenance::default().to_text().unwrap(), None);
    }
}
