//! INI read as Python's `configparser.RawConfigParser` reads it with its defaults, with the lines of each part.
//!
//! Source: `Lib/configparser.py` of CPython 3.11: `strict`, `=` and `:`, own-line comments with `#` and `;`, no
//! in-line comments, values over several lines with empty lines in them, `[DEFAULT]`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::EditError;
use super::super::endings::refuse_odd_endings;
use super::super::splice::syntax;

/// The section whose keys stand in all others.
const DEFAULT: &str = "DEFAULT";

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// In lower case, as `optionxform` makes it.
    pub name: String,
    /// The lines of the value, stripped, without empty ones at the end; comments are not among them.
    pub value: Vec<String>,
    /// The line with the name, and behind the last line of the value that is not empty.
    pub lines: Range<usize>,
    /// The spans of the lines of the value as stripped, empty ones left out; the first is the one behind the delimiter.
    pub spans: Vec<Range<usize>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub name: String,
    /// The line of the header.
    pub header: Range<usize>,
    pub keys: Vec<Key>,
}

impl Section {
    /// Behind the last line that belongs to the section's content.
    pub fn end(&self) -> usize {
        self.keys.last().map_or(self.header.end, |key| key.lines.end)
    }
}

/// The sections in the order of the file; `[DEFAULT]` may stand there more than once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ini {
    pub sections: Vec<Section>,
}

impl Ini {
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    pub fn key(&self, section: &str, name: &str) -> Option<&Key> {
        let name = name.to_lowercase();
        self.sections.iter().filter(|s| s.name == section).flat_map(|s| &s.keys).find(|key| key.name == name)
    }

    /// Sections, names and values alone, repeated `[DEFAULT]` put together: what `configparser` gives.
    pub fn values(&self) -> Values {
        let mut out: Values = Vec::new();
        for section in &self.sections {
            let keys = section.keys.iter().map(|key| (key.name.clone(), key.value.join("\n")));
            match out.iter_mut().find(|(name, _)| *name == section.name) {
                Some((_, all)) => all.extend(keys),
                None => out.push((section.name.clone(), keys.collect())),
            }
        }
        out
    }
}

/// Sections with their keys and values.
pub type Values = Vec<(String, Vec<(String, String)>)>;

/// White space as Python's `str.strip` and `\s` have it.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The span of the text in `span` without white space around it.
fn stripped(text: &str, span: Range<usize>) -> Range<usize> {
    let raw = &text[span.clone()];
    let start = span.start + raw.len() - raw.trim_start_matches(is_space).len();
    start..start.max(span.start + raw.trim_end_matches(is_space).len())
}

/// Whether a line holds nothing but a comment.
pub fn is_comment(line: &str) -> bool {
    line.trim_start_matches(is_space).starts_with(['#', ';'])
}

struct Reader<'a> {
    text: &'a str,
    sections: Vec<Section>,
    seen: BTreeSet<(String, Option<String>)>,
    /// Characters before the line that a continuation line must be indented more than.
    indent: usize,
    /// Whether a key was met in the section, so that a deeper line continues it.
    in_key: bool,
}

/// Reads a text without byte order mark.
///
/// # Errors
/// [`EditError::Syntax`] where `configparser` would raise; [`EditError::Unsupported`] for unusual line endings.
pub fn parse(text: &str) -> Result<Ini, EditError> {
    refuse_odd_endings(text, &[])?;
    let mut reader = Reader { text, sections: Vec::new(), seen: BTreeSet::new(), indent: 0, in_key: false };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        reader.line(start..start + line.len())?;
        start += line.len();
    }
    let mut sections = reader.sections;
    for key in sections.iter_mut().flat_map(|section| &mut section.keys) {
        while key.value.last().is_some_and(String::is_empty) && key.value.len() > 1 {
            key.value.pop();
        }
    }
    Ok(Ini { sections })
}

impl Reader<'_> {
    fn line(&mut self, line: Range<usize>) -> Result<(), EditError> {
        let raw = &self.text[line.clone()];
        let content = stripped(self.text, line.clone());
        if is_comment(raw) {
            return Ok(());
        }
        if content.is_empty() {
            if let (true, Some(key)) = (self.in_key, self.last_key()) {
                key.value.push(String::new());
            }
            return Ok(());
        }
        let indent = raw.chars().take_while(|c| is_space(*c)).count();
        let value = self.text[content.clone()].to_owned();
        if self.in_key && indent > self.indent {
            if let Some(key) = self.last_key() {
                key.value.push(value);
                key.spans.push(content);
                key.lines.end = line.end;
            }
            return Ok(());
        }
        self.indent = indent;
        match header(&value) {
            Some(name) => self.header(name, line, content.start),
            None => self.key(line, content),
        }
    }

    fn last_key(&mut self) -> Option<&mut Key> {
        self.sections.last_mut()?.keys.last_mut()
    }

    fn header(&mut self, name: &str, line: Range<usize>, at: usize) -> Result<(), EditError> {
        if name != DEFAULT && !self.seen.insert((name.to_owned(), None)) {
            return Err(syntax(self.text, at, format!("the section `[{name}]` stands there already")));
        }
        self.in_key = false;
        self.sections.push(Section { name: name.to_owned(), header: line, keys: Vec::new() });
        Ok(())
    }

    fn key(&mut self, line: Range<usize>, content: Range<usize>) -> Result<(), EditError> {
        let text = self.text;
        let Some(section) = self.sections.last_mut() else {
            return Err(syntax(text, content.start, "a line before the first section header"));
        };
        let Some(delimiter) = text[content.clone()].find(['=', ':']).map(|at| content.start + at) else {
            return Err(syntax(text, content.start, "neither `=` nor `:` in this line"));
        };
        let name = text[content.start..delimiter].trim_end_matches(is_space).to_lowercase();
        if name.is_empty() {
            return Err(syntax(text, content.start, "no name before the delimiter"));
        }
        if !self.seen.insert((section.name.clone(), Some(name.clone()))) {
            let message = format!("the key `{name}` stands in `[{}]` already", section.name);
            return Err(syntax(text, content.start, message));
        }
        let value = stripped(text, delimiter + 1..content.end);
        let written = text[value.clone()].to_owned();
        let spans = vec![if value.is_empty() { delimiter + 1..delimiter + 1 } else { value }];
        section.keys.push(Key { name, value: vec![written], lines: line, spans });
        self.in_key = true;
        Ok(())
    }
}

/// The name in a section header: up to the last `]` of the line.
fn header(value: &str) -> Option<&str> {
    let rest = value.strip_prefix('[')?;
    let name = &rest[..rest.rfind(']')?];
    (!name.is_empty()).then_some(name)
}
