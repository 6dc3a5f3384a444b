//! The TOML that Python reads: 1.0, and nothing newer.

use toml_parser::decoder::Encoding;
use toml_parser::parser::{Event, EventKind};

use super::super::EditError;
use super::super::splice::syntax;

/// TOML 1.1 allows more than the `tomllib` of Python 3.11 to 3.14 reads; such a file is an error to its own tools.
///
/// # Errors
/// [`EditError::Syntax`] at the first such place.
pub fn refuse_newer_syntax(text: &str, events: &[Event]) -> Result<(), EditError> {
    let mut open: Vec<EventKind> = Vec::new();
    let mut after_separator = false;
    for event in events {
        let at = event.span().start();
        let raw = text.get(at..event.span().end()).unwrap_or_default();
        let in_inline_table = open.last() == Some(&EventKind::InlineTableOpen);
        match event.kind() {
            EventKind::InlineTableClose if after_separator => {
                return Err(syntax(text, at, "a comma at the end of an inline table is TOML 1.1"));
            }
            EventKind::Newline | EventKind::Comment if in_inline_table => {
                return Err(syntax(text, at, "an inline table of several lines is TOML 1.1"));
            }
            EventKind::Scalar | EventKind::SimpleKey if has_newer_escape(raw, event.encoding()) => {
                return Err(syntax(text, at, "the escapes \\e and \\x are TOML 1.1"));
            }
            EventKind::Scalar if event.encoding().is_none() && lacks_seconds(raw) => {
                return Err(syntax(text, at, "a time without seconds is TOML 1.1"));
            }
            _ => {}
        }
        match event.kind() {
            EventKind::ArrayOpen | EventKind::InlineTableOpen => open.push(event.kind()),
            EventKind::ArrayClose | EventKind::InlineTableClose => {
                open.pop();
            }
            _ => {}
        }
        if !matches!(event.kind(), EventKind::Newline | EventKind::Comment) {
            after_separator = event.kind() == EventKind::ValueSep;
        }
    }
    Ok(())
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
