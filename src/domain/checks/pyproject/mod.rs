//! PYP: whether `pyproject.toml` says what its author means, and in a form that is read.

mod build;
mod project;
mod syntax;

pub use build::{NO_BACKEND, NO_PACKAGE};
pub use project::{LICENCE_TWICE, REQUIRES_PYTHON, UNKNOWN_KEY};
pub use syntax::NOT_TOML;

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Location;
use crate::domain::facts::{Facts, NoAnswer, Pyproject, Text};

/// `pyproject.toml`, where there is one.
fn pyproject(facts: &Facts) -> Result<&Pyproject, NoAnswer> {
    let found = facts.project()?.pyproject.get()?.as_ref();
    found.ok_or_else(|| NoAnswer::pointless("there is no pyproject.toml"))
}

/// The tables of a `pyproject.toml` with the spans of their parts.
pub(super) struct Spanned<'t> {
    pub(super) text: &'t Text,
    /// The length of the byte order mark, which spans do not count.
    mark: usize,
    tables: DeTable<'t>,
}

impl<'t> Spanned<'t> {
    pub(super) fn of(facts: &'t Facts) -> Result<Self, NoAnswer> {
        let text = &pyproject(facts)?.text;
        let content = text.content.trim_start_matches('\u{feff}');
        let tables = DeTable::parse(content).map_err(|_| NoAnswer::pointless("pyproject.toml is not TOML"))?;
        Ok(Self { text, mark: text.content.len() - content.len(), tables: tables.into_inner() })
    }

    fn table(&self, name: &str) -> Option<&DeTable<'t>> {
        match self.tables.get(name)?.get_ref() {
            DeValue::Table(table) => Some(table),
            _ => None,
        }
    }

    /// A text of `[project]`, with the span of what is written.
    pub(super) fn text_of(&self, key: &str) -> Option<(&str, Range<usize>)> {
        let value = self.table("project")?.get(key)?;
        Some((value.get_ref().as_str()?, self.span(value.span())))
    }

    /// The texts of a list of `[project]`; none where it has none.
    pub(super) fn texts_of(&self, key: &str) -> Vec<(&str, Range<usize>)> {
        let list = self.table("project").and_then(|project| project.get(key)?.get_ref().as_array());
        let texts = list.into_iter().flat_map(|items| items.iter());
        texts.filter_map(|item| Some((item.get_ref().as_str()?, self.span(item.span())))).collect()
    }

    /// A span in the whole text.
    fn span(&self, span: Range<usize>) -> Range<usize> {
        span.start + self.mark..span.end + self.mark
    }

    /// The span of a key in the whole text. The parser's begins where the line before it ends.
    fn key(&self, span: Range<usize>) -> Range<usize> {
        let span = self.span(span);
        let written = self.source(&span);
        let start = span.end - written.trim_start().len();
        start..start + written.trim().len()
    }

    pub(super) fn source(&self, span: &Range<usize>) -> &str {
        self.text.content.get(span.clone()).unwrap_or_default()
    }

    pub(super) fn at(&self, span: Range<usize>) -> Location {
        Location::within(self.text, span)
    }
}
