//! What a piece says, read as TOML.

use std::borrow::Cow;
use std::ops::Range;

use toml::de::{DeArray, DeValue};

use super::super::requirement;
use super::super::splice::{unified, unsupported};
use super::super::{EditError, Locator, Piece};
use super::layout::{Entry, Layout};
use super::value::same;
use crate::domain::piece::Item;

/// The key that a bare item is given so that it can be read.
const ITEM_KEY: &str = "item";

/// What a line inside a value is indented by in the text of a piece, and in a file that does not show it.
pub const STEP: &str = "    ";

/// How a file writes the keys of a table.
pub struct Style<'s> {
    /// Before each line.
    pub indent: &'s str,
    /// The names of a dotted key before the last one, with their dots.
    pub prefix: &'s str,
    /// What a line inside a value is indented by.
    pub step: &'s str,
}

/// The path of a locator's key from the root, and the item where it names one.
///
/// # Errors
/// `Unsupported` for the locators of other formats.
pub fn target(at: &Locator) -> Result<(Vec<&str>, Option<&Item>), EditError> {
    match at {
        Locator::TomlKey { table, key } => Ok((joined(table, key), None)),
        Locator::TomlItem { table, key, item } => Ok((joined(table, key), Some(item))),
        _ => Err(unsupported("the pieces of one file must be of one format")),
    }
}

fn joined<'p>(table: &'p [String], key: &'p str) -> Vec<&'p str> {
    table.iter().map(String::as_str).chain([key]).collect()
}

/// The TOML document that a piece's text is, or is made into.
pub fn document(piece: &Piece) -> Cow<'_, str> {
    match &piece.at {
        Locator::TomlItem { .. } => Cow::Owned(format!("{ITEM_KEY} = {}", unified(&piece.text).trim())),
        _ => unified(&piece.text),
    }
}

/// A piece with its text read.
pub struct Wanted<'p> {
    /// From the root to the key.
    pub path: Vec<&'p str>,
    pub item: Option<&'p Item>,
    layout: Layout<'p>,
}

impl<'p> Wanted<'p> {
    /// Reads a piece's [`document`].
    ///
    /// # Errors
    /// `Unsupported` where the text is not one key with its value, or not one item.
    pub fn read(piece: &'p Piece, document: &'p str) -> Result<Self, EditError> {
        let (path, item) = target(&piece.at)?;
        let layout =
            Layout::parse(document).map_err(|error| unsupported(format!("`{}` is not TOML: {error}", piece.text)))?;
        let key = if item.is_some() { ITEM_KEY } else { path[path.len() - 1] };
        let [section] = layout.sections.as_slice() else {
            return Err(unsupported(format!("`{}` opens a table", piece.text)));
        };
        match layout.entries(section) {
            [entry] if entry.path == [key] => Ok(Self { path, item, layout }),
            _ => Err(unsupported(format!("`{}` is not one value for {}", piece.text, path.join(".")))),
        }
    }

    fn entry(&self) -> &Entry<'p> {
        &self.layout.entries(&self.layout.sections[0])[0]
    }

    /// The value of the key, or the item.
    pub fn value(&self) -> &DeValue<'p> {
        let value = self.layout.values.iter().next().map(|(_, value)| value.get_ref());
        value.unwrap_or(&DeValue::Boolean(false))
    }

    /// The value as it is written.
    pub fn value_text(&self) -> &'p str {
        &self.layout.text[self.entry().value.clone()]
    }

    /// The comment lines above the key, trimmed.
    pub fn comments_above(&self) -> Vec<&'p str> {
        self.layout.comments(&(0..self.entry().start()))
    }

    /// The comments inside the value.
    pub fn comments_inside(&self) -> Vec<&'p str> {
        self.layout.comments(&self.entry().value)
    }

    /// The comment behind the value.
    pub fn comment_behind(&self) -> Option<&'p str> {
        self.entry().comment.clone().map(|span| self.layout.text[span].trim_end())
    }

    /// The lines of a key in the style of a file, ending with a newline.
    pub fn lines(&self, style: &Style<'_>) -> String {
        indented(&self.layout, style, self.entry().start())
    }

    /// The index of this item in an array: of one of the same value where there is one, else of the same requirement.
    pub fn position(&self, array: &DeArray<'_>) -> Option<usize> {
        let exact = array.iter().position(|value| same(value.get_ref(), self.value()));
        exact.or_else(|| position(self.item?, array))
    }
}

/// The index of an item in an array, by its identity alone.
pub fn position(item: &Item, array: &DeArray<'_>) -> Option<usize> {
    match item {
        Item::Requirement(name) => {
            let name = requirement::name(name);
            array.iter().position(|value| value.get_ref().as_str().is_some_and(|text| requirement::name(text) == name))
        }
        Item::Value(text) => {
            let document = format!("{ITEM_KEY} = {text}");
            let values = super::layout::parse_values(&document).ok()?;
            let wanted = values.get(ITEM_KEY)?;
            array.iter().position(|value| same(value.get_ref(), wanted.get_ref()))
        }
    }
}

fn indented(layout: &Layout<'_>, style: &Style<'_>, key: usize) -> String {
    let mut out = String::with_capacity(layout.text.len() + style.prefix.len() + 8);
    let mut start = 0;
    let content = layout.text.trim_end_matches('\n');
    for line in content.split_inclusive('\n') {
        let mut rest = line;
        if !line.trim().is_empty() && !layout.inside_string(start) {
            out.push_str(style.indent);
            while let Some(deeper) = rest.strip_prefix(STEP) {
                out.push_str(style.step);
                rest = deeper;
            }
        }
        match key.checked_sub(start).filter(|offset| *offset < line.len()) {
            Some(offset) => {
                out.push_str(&line[line.len() - rest.len()..offset]);
                out.push_str(style.prefix);
                out.push_str(&line[offset..]);
            }
            None => out.push_str(rest),
        }
        start += line.len();
    }
    out.push('\n');
    out
}

/// A span of a file in the form that a piece's text has: `\n` endings and without the indentation of its first line.
pub fn piece_text(layout: &Layout<'_>, span: Range<usize>, indent: &str) -> String {
    let mut out = String::with_capacity(span.len());
    let mut start = span.start;
    for line in layout.text[span].split_inclusive('\n') {
        let inside = layout.inside_string(start);
        out.push_str(if inside { line } else { line.strip_prefix(indent).unwrap_or(line) });
        start += line.len();
    }
    unified(out.trim_end()).into_owned()
}
