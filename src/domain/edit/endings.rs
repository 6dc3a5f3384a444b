//! Line endings that an editor by lines does not follow.

use super::EditError;
use super::splice::{position, unsupported};

/// Refuses a carriage return that no newline follows, and each of `others`: readers of the file end a line there.
///
/// # Errors
/// [`EditError::Unsupported`] with the line, counted by newlines.
pub fn refuse_odd_endings(text: &str, others: &[char]) -> Result<(), EditError> {
    let lone = text.match_indices('\r').map(|(at, _)| at).find(|at| !text[at + 1..].starts_with('\n'));
    let Some(at) = lone.or_else(|| text.find(others)) else { return Ok(()) };
    let (line, _) = position(text, at);
    let name = text[at..].chars().next().unwrap_or_default().escape_unicode();
    Err(unsupported(format!("line {line} has the unusual line ending {name}")))
}
