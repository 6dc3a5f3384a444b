//! Files that are one piece.

use super::splice::{unified, unsupported};
use super::{Cut, EditError, Inserted, Piece, Replaced};
use crate::domain::piece::Glue;
use crate::domain::provenance::hash;

/// Writes the file where there is none.
pub fn insert(text: Option<&str>, pieces: &[&Piece]) -> Result<Inserted, EditError> {
    let piece = only(pieces)?;
    Ok(match text {
        Some(text) => {
            Inserted { text: text.to_owned(), present: vec![(0, unified(text).into_owned())], ..Inserted::default() }
        }
        None => Inserted { text: piece.text.clone(), glue: vec![Glue::File], ..Inserted::default() },
    })
}

/// Takes the file away where it is as it was written, but for its line endings.
pub fn cut(text: &str, pieces: &[&Piece]) -> Result<Cut, EditError> {
    let piece = only(pieces)?;
    if is_ours(text, piece) {
        return Ok(Cut::default());
    }
    Ok(Cut { text: Some(text.to_owned()), edited: vec![(0, unified(text).into_owned())], ..Cut::default() })
}

/// Writes the file anew where it is as it was written, but for its line endings, which stay.
pub fn replace(text: &str, changes: &[(&Piece, &Piece)]) -> Result<Replaced, EditError> {
    let [(old, new)] = changes else { return Err(not_one()) };
    if !is_ours(text, old) {
        let edited = vec![(0, unified(text).into_owned())];
        return Ok(Replaced { text: text.to_owned(), edited, ..Replaced::default() });
    }
    let crlf = !old.text.contains("\r\n") && text.contains("\r\n");
    let text = if crlf { new.text.replace('\n', "\r\n") } else { new.text.clone() };
    Ok(Replaced { text, ..Replaced::default() })
}

/// The record of a whole file has a hash in the place of its text.
fn is_ours(text: &str, piece: &Piece) -> bool {
    let text = unified(text);
    text == unified(&piece.text) || hash(text.as_bytes()) == piece.text
}

fn only<'p>(pieces: &[&'p Piece]) -> Result<&'p Piece, EditError> {
    match pieces {
        [piece] => Ok(piece),
        _ => Err(not_one()),
    }
}

fn not_one() -> EditError {
    unsupported("a whole file is one piece")
}
