//! Keys and items of TOML files.

mod array;
mod cut;
mod dialect;
mod insert;
mod layout;
mod place;
mod replace;
mod standing;
mod value;
mod wanted;

#[cfg(test)]
mod tests;

pub use cut::cut;
pub use dialect::refuse_newer_syntax;
pub use insert::insert;
pub use replace::replace;

use toml::de::DeValue;

use super::EditError;
use super::splice::{Source, indentation, line_start};
use crate::domain::piece::Locator;
use array::Written;
use layout::{Kind, Layout};
use value::{Found, lookup};

/// What stands at each of these places, in the form of a piece's text but without comment lines above.
///
/// # Errors
/// See [`EditError`].
pub fn find(raw: &str, at: &[&Locator]) -> Result<Vec<Option<String>>, EditError> {
    let source = Source::new(raw);
    let layout = Layout::parse(source.text())?;
    at.iter()
        .map(|locator| {
            let (path, item) = wanted::target(locator)?;
            Ok(match (item, lookup(&layout.values, &path)) {
                (None, Ok(Found::Value(..))) => key_text(&layout, &path, &[]),
                (Some(item), Ok(Found::Value(DeValue::Array(array), span))) if !layout.is_array_of_tables(&path) => {
                    wanted::position(item, array)
                        .and_then(|at| Written::read(&layout, &span).item(at))
                        .map(|span| layout.text[span].replace("\r\n", "\n"))
                }
                _ => None,
            })
        })
        .collect()
}

/// The text of a key, with the comment lines above it where they are these. Where the key is not written as one key
/// with its value, what names it first: a header, a dotted key, or the inline table that holds it.
fn key_text(layout: &Layout<'_>, path: &[&str], comments: &[&str]) -> Option<String> {
    if let Some((_, entry)) = layout.entry(path) {
        let line = layout.entry_line(entry);
        let indent = indentation(&layout.text[line..]);
        let key = entry.starts.last().copied().unwrap_or(line);
        let text = wanted::piece_text(layout, key..entry.end(), indent);
        let above = &layout.text[standing::matching_comments(layout, entry, comments)..line];
        let above: String = above.lines().flat_map(|comment| [comment.trim(), "\n"]).collect();
        return Some(above + &text);
    }
    layout.sections.iter().filter(|section| section.kind != Kind::Root || path.len() > 1).find_map(|section| {
        let names = |extra: &[std::borrow::Cow<'_, str>]| {
            section.path.iter().chain(extra).zip(path).all(|(name, part)| name == part)
        };
        if !names(&[]) {
            return None;
        }
        if section.kind != Kind::Root && section.path.len() >= path.len() {
            return Some(layout.text[section.header.clone()].to_owned());
        }
        let entry = layout.entries(section).iter().find(|entry| names(&entry.path))?;
        let indent = indentation(&layout.text[line_start(layout.text, entry.start())..]);
        Some(wanted::piece_text(layout, entry.start()..entry.end(), indent))
    })
}
