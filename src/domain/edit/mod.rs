//! Editors of a user's files: text in, text out, by inserting and cutting at spans, never by re-emitting.
//!
//! Every editor keeps to four steps: strip the byte order mark and record the line ending and parse strictly; splice;
//! parse again and require that the new value is the old one plus the intended change and that every untouched line
//! survives in its order; otherwise change nothing and give the snippet to paste.

pub mod brackets;
pub mod endings;
pub mod ini;
pub mod item;
pub mod json;
pub mod lines;
pub mod requirement;
pub mod splice;
pub mod toml;
mod whole;
pub mod yaml;

use std::fmt;

use super::piece::{Glue, Locator, Piece};

/// What an insertion made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inserted {
    /// The file's new text.
    pub text: String,
    /// What had to be supplied around the pieces.
    pub glue: Vec<Glue>,
    /// Pieces that were not inserted because something stands at their place already, by index, with what stands there
    /// in the form that [`Piece::text`] has for that locator.
    pub present: Vec<(usize, String)>,
}

/// What a removal made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cut {
    /// The file's new text; `None` where the file was ours ([`Glue::File`]) and nothing is left in it.
    pub text: Option<String>,
    /// Pieces that stand there with another text than ours, by index, with what stands there: kept, the user's now.
    pub edited: Vec<(usize, String)>,
    /// Pieces that do not stand there any more, by index.
    pub missing: Vec<usize>,
    /// Glue of ours that is still needed because something stands in it.
    pub glue: Vec<Glue>,
}

/// Why a file was not edited. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    /// The file is one that its own tool would refuse. Line and column count from 1, in characters.
    Syntax { line: usize, column: usize, message: String },
    /// The file is valid but of a shape that cannot be edited safely.
    Unsupported { reason: String },
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { line, column, message } => write!(f, "line {line}, column {column}: {message}"),
            Self::Unsupported { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for EditError {}

/// What a replacement made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replaced {
    /// The file's new text.
    pub text: String,
    /// Changes whose old piece stands there with another text, by index, with what stands there: kept.
    pub edited: Vec<(usize, String)>,
    /// Changes whose old piece does not stand there any more, by index.
    pub missing: Vec<usize>,
}

/// The editor that a locator belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Whole,
    Toml,
    Ini,
    Yaml,
    Json,
    Lines,
}

impl Format {
    fn of(at: &Locator) -> Self {
        match at {
            Locator::Whole => Self::Whole,
            Locator::TomlKey { .. } | Locator::TomlItem { .. } => Self::Toml,
            Locator::IniKey { .. } | Locator::IniItem { .. } => Self::Ini,
            Locator::YamlKey { .. } | Locator::Hook { .. } | Locator::HookItem { .. } => Self::Yaml,
            Locator::JsonKey { .. } | Locator::JsonItem { .. } => Self::Json,
            Locator::Line { .. } | Locator::RequirementLine { .. } => Self::Lines,
        }
    }

    /// The one format of these locators; `None` where there are no locators.
    fn of_all<'a>(locators: impl Iterator<Item = &'a Locator>) -> Result<Option<Self>, EditError> {
        let mut found = None;
        for locator in locators {
            let format = Self::of(locator);
            if found.is_some_and(|other| other != format) {
                return Err(splice::unsupported("the pieces of one file must be of one format"));
            }
            found = Some(format);
        }
        Ok(found)
    }
}

/// Inserts pieces of one file; `None` as text where the file does not exist ([`Glue::File`]).
///
/// # Errors
/// See [`EditError`]; also where the pieces are of several formats.
pub fn insert(text: Option<&str>, pieces: &[&Piece]) -> Result<Inserted, EditError> {
    let old = text.unwrap_or_default();
    let mut inserted = match Format::of_all(pieces.iter().map(|piece| &piece.at))? {
        None => return Ok(Inserted { text: old.to_owned(), ..Inserted::default() }),
        Some(Format::Whole) => whole::insert(text, pieces)?,
        Some(Format::Toml) => toml::insert(old, pieces)?,
        Some(Format::Lines) => lines::insert(old, pieces)?,
        Some(Format::Yaml) => yaml::insert(text, pieces)?,
        Some(Format::Ini) => ini::insert(text, pieces)?,
        Some(Format::Json) => json::insert(text, pieces)?,
    };
    if text.is_none() && !inserted.glue.contains(&Glue::File) {
        inserted.glue.push(Glue::File);
    }
    Ok(inserted)
}

/// Cuts pieces of one file, and of the glue given what nothing stands in any more.
///
/// # Errors
/// See [`EditError`]; also where the pieces are of several formats.
pub fn cut(text: &str, pieces: &[&Piece], glue: &[Glue]) -> Result<Cut, EditError> {
    match Format::of_all(pieces.iter().map(|piece| &piece.at))? {
        None => Ok(Cut { text: Some(text.to_owned()), glue: glue.to_vec(), ..Cut::default() }),
        Some(Format::Whole) => whole::cut(text, pieces),
        Some(Format::Toml) => toml::cut(text, pieces, glue),
        Some(Format::Lines) => lines::cut(text, pieces, glue),
        Some(Format::Yaml) => yaml::cut(text, pieces, glue),
        Some(Format::Ini) => ini::cut(text, pieces, glue),
        Some(Format::Json) => json::cut(text, pieces, glue),
    }
}

/// Gives pieces (each old one with a new one of the same locator) their new text where they stand.
///
/// # Errors
/// See [`EditError`]; also where the pieces are of several formats.
pub fn replace(text: &str, changes: &[(&Piece, &Piece)]) -> Result<Replaced, EditError> {
    match Format::of_all(changes.iter().flat_map(|(old, new)| [&old.at, &new.at]))? {
        None => Ok(Replaced { text: text.to_owned(), ..Replaced::default() }),
        Some(Format::Whole) => whole::replace(text, changes),
        Some(Format::Toml) => toml::replace(text, changes),
        Some(Format::Lines) => lines::replace(text, changes),
        Some(Format::Yaml) => yaml::replace(text, changes),
        Some(Format::Ini) => ini::replace(text, changes),
        Some(Format::Json) => json::replace(text, changes),
    }
}

/// What stands at places of one file, in the form of a piece's text; `None` for a place where nothing stands.
///
/// # Errors
/// See [`EditError`]; also where the locators are of several formats.
pub fn find(text: &str, at: &[&Locator]) -> Result<Vec<Option<String>>, EditError> {
    match Format::of_all(at.iter().copied())? {
        None => Ok(Vec::new()),
        Some(Format::Whole) => Ok(at.iter().map(|_| Some(splice::unified(text).into_owned())).collect()),
        Some(Format::Toml) => toml::find(text, at),
        Some(Format::Lines) => lines::find(text, at),
        Some(Format::Yaml) => yaml::find(text, at),
        Some(Format::Ini) => ini::find(text, at),
        Some(Format::Json) => json::find(text, at),
    }
}
