//! The TOML that Python reads: 1.0, and nothing newer.

use toml_parser::decoder::Encoding;
use toml_parser::parser::{Event, EventKind, parse_document};

use super::super::EditError;
use super::super::splice::syntax;

/// TOML 1.1 allows more than the `tomllib` of Python 3.11 to 3.14 reads; such a file is an error to its own tools.
///
/// # Errors
/// [`EditError::Syntax`] at the first such place of a text that is TOML 1.1.
pub fn refuse_newer_syntax(text: &str) -> Result<(), EditError> {
    let mut newer = Newer::of(text);
    let tokens = toml_parser::Source::new(text).lex().into_vec();
    parse_document(&tokens, &mut |event: Event| newer.take(&event), &mut ());
    newer.refuse()
}

/// Takes a text's events one by one and keeps the first that only TOML 1.1 has.
pub struct Newer<'t> {
    text: &'t str,
    open: Vec<EventKind>,
    after_separator: bool,
    found: Option<(usize, &'static str)>,
}

impl<'t> Newer<'t> {
    pub fn of(text: &'t str) -> Self {
        Self { text, open: Vec::new(), after_separator: false, found: None }
    }

    pub fn take(&mut self, event: &Event) {
        let at = event.span().start();
        let raw = self.text.get(at..event.span().end()).unwrap_or_default();
        let in_inline_table = self.open.last() == Some(&EventKind::InlineTableOpen);
        let newer = match event.kind() {
            EventKind::InlineTableClose if self.after_separator => {
                Some("a comma at the end of an inline table is TOML 1.1")
            }
            EventKind::Newline | EventKind::Comment if in_inline_table => {
                Some("an inline table of several lines is TOML 1.1")
            }
            EventKind::Scalar | EventKind::SimpleKey if has_newer_escape(raw, event.encoding()) => {
                Some("the escapes \\e and \\x are TOML 1.1")
            }
            EventKind::Scalar if event.encoding().is_none() && lacks_seconds(raw) => {
                Some("a time without seconds is TOML 1.1")
            }
            _ => None,
        };
        self.found = self.found.or(newer.map(|message| (at, message)));
        match event.kind() {
            EventKind::ArrayOpen | EventKind::InlineTableOpen => self.open.push(event.kind()),
            EventKind::ArrayClose | EventKind::InlineTableClose => {
                self.open.pop();
            }
            _ => {}
        }
        if !matches!(event.kind(), EventKind::Whitespace | EventKind::Newline | EventKind::Comment) {
            self.after_separator = event.kind() == EventKind::ValueSep;
        }
    }

    /// # Errors
    /// As [`refuse_newer_syntax`].
    pub fn refuse(self) -> Result<(), EditError> {
        self.found.map_or(Ok(()), |(at, message)| Err(syntax(self.text, at, message)))
    }
}

fn has_newer_escape(raw: &str, encoding: Option<Encoding>) -> bool {
    if !matches!(encoding, Some(Encoding::BasicString | Encoding::MlBasicString)) {
        return false;
    }
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' && matches!(bytes.next(), Some(b'e' | b'x')) {
            return true;
        }
    }
    false
}

fn lacks_seconds(raw: &str) -> bool {
    raw.find(':').is_some_and(|colon| raw.as_bytes().get(colon + 3) != Some(&b':'))
}
