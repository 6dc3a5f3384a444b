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
pub mod rows;
pub mod splice;
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

// The functions to be provided (dispatching on the locators' format; all pieces belong to one file):
//
// pub fn insert(text: Option<&str>, pieces: &[&Piece]) -> Result<Inserted, EditError>
// pub fn cut(text: &str, pieces: &[&Piece], glue: &[Glue]) -> Result<Cut, EditError>
// pub fn replace(text: &str, changes: &[(&Piece, &Piece)]) -> Result<Inserted-like, EditError>   same locator, new text
// pub fn find(text: &str, at: &[&Locator]) -> Result<Vec<Option<String>>, EditError>
#[allow(unused)]
fn contract(_: Glue, _: Locator, _: Piece) {}
