//! Where things stand in a TOML text: its tables in the order of their headers, and the keys of each.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use toml::de::DeTable;
use toml_parser::parser::{Event, EventKind, parse_document};

use super::super::EditError;
use super::super::splice::{indentation, line_end, line_start, syntax};
use super::dialect::Newer;

/// What a header opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The keys before the first header.
    Root,
    /// `[a.b]`.
    Table,
    /// `[[a.b]]`, or a table below one, whose keys no path alone can name.
    ArrayElement,
}

/// A header with the keys under it.
#[derive(Debug)]
pub struct Section<'a> {
    pub kind: Kind,
    /// The decoded names between the brackets; empty for the root.
    pub path: Vec<Cow<'a, str>>,
    /// From `[` to `]`; empty for the root.
    pub header: Range<usize>,
    /// The events behind the header.
    events: Range<usize>,
    /// Read when they are asked for: of a long file most sections are none of ours.
    entries: OnceCell<Vec<Entry<'a>>>,
}

/// A key with its value.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The decoded names of the key, more than one where it is dotted.
    pub path: Vec<Cow<'a, str>>,
    /// The start of each name.
    pub starts: Vec<usize>,
    pub value: Range<usize>,
    /// The comment behind the value, on its last line.
    pub comment: Option<Range<usize>>,
}

impl Entry<'_> {
    /// Where the key begins.
    pub fn start(&self) -> usize {
        self.starts.first().copied().unwrap_or(self.value.start)
    }

    /// The end of the comment behind the value, or of the value.
    pub fn end(&self) -> usize {
        self.comment.as_ref().map_or(self.value.end, |comment| comment.end)
    }
}

/// A valid TOML text with its values, headers, keys and tokens.
pub struct Layout<'a> {
    pub text: &'a str,
    pub values: DeTable<'a>,
    pub sections: Vec<Section<'a>>,
    /// Without those for white space.
    events: Vec<Event>,
}

impl<'a> Layout<'a> {
    /// Reads a text without byte order mark.
    ///
    /// # Errors
    /// [`EditError::Syntax`] for text that is not TOML 1.0, which is what Python's `tomllib` reads.
    pub fn parse(text: &'a str) -> Result<Self, EditError> {
        let values = parse_values(text)?;
        let source = toml_parser::Source::new(text);
        let tokens = source.lex().into_vec();
        let mut events: Vec<Event> = Vec::with_capacity(tokens.len());
        let mut newer = Newer::of(text);
        let mut keep = |event: Event| {
            newer.take(&event);
            if event.kind() != EventKind::Whitespace {
                events.push(event);
            }
        };
        parse_document(&tokens, &mut keep, &mut ());
        newer.refuse()?;
        let sections = sections(text, &events);
        Ok(Self { text, values, sections, events })
    }

    /// The keys of a section of this layout.
    pub fn entries<'l>(&'l self, section: &'l Section<'a>) -> &'l [Entry<'a>] {
        section.entries.get_or_init(|| entries(self.text, &self.events[section.events.clone()]))
    }

    /// The tokens that begin inside a span.
    pub fn tokens(&self, span: &Range<usize>) -> &[Event] {
        let from = self.events.partition_point(|event| event.span().start() < span.start);
        let to = self.events.partition_point(|event| event.span().start() < span.end);
        &self.events[from..to]
    }

    /// The comments inside a span, without the white space behind them.
    pub fn comments(&self, span: &Range<usize>) -> Vec<&'a str> {
        let comments = self.tokens(span).iter().filter(|event| event.kind() == EventKind::Comment);
        comments.map(|event| self.text[event.span().start()..event.span().end()].trim_end()).collect()
    }

    /// Where the comments inside a span begin.
    pub fn comment_starts(&self, span: &Range<usize>) -> Vec<usize> {
        let comments = self.tokens(span).iter().filter(|event| event.kind() == EventKind::Comment);
        comments.map(|event| event.span().start()).collect()
    }

    /// Of each array that is the value of a key and has several lines: its start and that of the line behind its first.
    pub fn first_lines_of_arrays(&self) -> impl Iterator<Item = (usize, usize)> {
        let mut depth = 0_usize;
        let mut array = None;
        self.events.iter().filter_map(move |event| {
            match event.kind() {
                kind @ (EventKind::ArrayOpen | EventKind::InlineTableOpen) => {
                    if depth == 0 {
                        array = (kind == EventKind::ArrayOpen).then(|| event.span().start());
                    }
                    depth += 1;
                }
                EventKind::ArrayClose | EventKind::InlineTableClose => {
                    depth = depth.saturating_sub(1);
                }
                EventKind::Newline if depth > 0 => return Some((array.take()?, event.span().end())),
                _ => {}
            }
            None
        })
    }

    /// The key with a path from the root, with the index of its section.
    pub fn entry(&self, path: &[&str]) -> Option<(usize, &Entry<'a>)> {
        self.sections.iter().enumerate().filter(|(_, section)| section.kind != Kind::ArrayElement).find_map(
            |(index, section)| {
                let rest = strip(path, &section.path)?;
                let entry = self.entries(section).iter().find(|entry| equal(&entry.path, rest))?;
                Some((index, entry))
            },
        )
    }

    /// The section that a header `[path]` opens; the root for an empty path.
    pub fn section(&self, path: &[&str]) -> Option<usize> {
        self.sections.iter().position(|section| section.kind != Kind::ArrayElement && equal(&section.path, path))
    }

    /// Whether headers `[[path]]` write the value at a path.
    pub fn is_array_of_tables(&self, path: &[&str]) -> bool {
        self.sections.iter().any(|section| section.kind == Kind::ArrayElement && equal(&section.path, path))
    }

    /// The start of the comment lines directly above the header of a section, or of the header's own line.
    pub fn section_start(&self, index: usize) -> usize {
        let Some(section) = self.sections.get(index) else { return self.text.len() };
        comments_above(self.text, line_start(self.text, section.header.start))
    }

    /// The end of the last line that belongs to a section: what follows are blank lines, then the next section with
    /// the comments directly above it.
    pub fn section_end(&self, index: usize) -> usize {
        end_of_content(self.text, self.section_start(index + 1))
    }

    /// The line of a key: its start, behind the line ending before it.
    pub fn entry_line(&self, entry: &Entry<'_>) -> usize {
        line_start(self.text, entry.start())
    }

    /// The start of the line behind a key.
    pub fn behind_entry(&self, entry: &Entry<'_>) -> usize {
        line_end(self.text, entry.end())
    }

    /// The indentation that keys have in a section.
    pub fn indent(&self, index: usize) -> &'a str {
        let section = &self.sections[index];
        let at = self.entries(section).last().map_or(section.header.start, Entry::start);
        indentation(&self.text[line_start(self.text, at)..])
    }

    /// Whether a line that starts at this offset is inside a string of several lines.
    pub fn inside_string(&self, offset: usize) -> bool {
        let next = self.events.partition_point(|event| event.span().start() < offset);
        next.checked_sub(1).is_some_and(|last| {
            let event = &self.events[last];
            event.kind() == EventKind::Scalar && event.span().end() > offset
        })
    }
}

/// Whether decoded names are a path.
pub fn equal(names: &[Cow<'_, str>], path: &[&str]) -> bool {
    names.len() == path.len() && starts_with(path, names)
}

/// Whether a path begins with these names.
pub fn starts_with(path: &[&str], names: &[Cow<'_, str>]) -> bool {
    names.len() <= path.len() && names.iter().zip(path).all(|(name, part)| name == part)
}

/// What of a path is left behind these names.
pub fn strip<'p, 's>(path: &'p [&'s str], names: &[Cow<'_, str>]) -> Option<&'p [&'s str]> {
    starts_with(path, names).then(|| &path[names.len()..])
}

/// The values of a text without byte order mark.
///
/// # Errors
/// [`EditError::Syntax`] with the parser's message.
pub fn parse_values(text: &str) -> Result<DeTable<'_>, EditError> {
    // The parser would skip a second one.
    if text.starts_with('\u{feff}') {
        return Err(syntax(text, 0, "a byte order mark that is not the first"));
    }
    let parsed = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        syntax(text, at, error.message().trim_end().replace('\n', "; "))
    })?;
    Ok(parsed.into_inner())
}

/// The end of the last line before `limit` that is not blank; 0 where there is none.
pub fn end_of_content(text: &str, limit: usize) -> usize {
    line_end_of(text, text[..limit].trim_end().len(), limit)
}

fn line_end_of(text: &str, content: usize, limit: usize) -> usize {
    if content == 0 { 0 } else { line_end(text, content).min(limit) }
}

/// The start of the comment lines that stand directly above a line.
pub fn comments_above(text: &str, line: usize) -> usize {
    let mut start = line;
    while start > 0 {
        let above = line_start(text, start - 1);
        if !text[above..start].trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    start
}

/// The end of the comment lines that stand directly below the line that ends at `end`.
pub fn comments_below(text: &str, end: usize) -> usize {
    let lines = text[end..].split_inclusive('\n').take_while(|line| line.trim_start().starts_with('#'));
    end + lines.map(str::len).sum::<usize>()
}

fn sections<'a>(text: &'a str, events: &[Event]) -> Vec<Section<'a>> {
    let section =
        |kind, path, header, first| Section { kind, path, header, events: first..first, entries: OnceCell::new() };
    let mut sections = vec![section(Kind::Root, Vec::new(), 0..0, 0)];
    let mut arrays: Vec<Vec<Cow<'a, str>>> = Vec::new();
    let mut index = 0;
    while let Some(event) = events.get(index) {
        if !matches!(event.kind(), EventKind::StdTableOpen | EventKind::ArrayTableOpen) {
            index += 1;
            if let Some(last) = sections.last_mut() {
                last.events.end = index;
            }
            continue;
        }
        let (path, end) = header(text, events, &mut index);
        let mut inside = arrays.iter().any(|array| path.starts_with(array));
        if event.kind() == EventKind::ArrayTableOpen && !inside {
            arrays.push(path.clone());
            inside = true;
        }
        let kind = if inside { Kind::ArrayElement } else { Kind::Table };
        sections.push(section(kind, path, event.span().start()..end, index));
    }
    sections
}

fn entries<'a>(text: &'a str, events: &[Event]) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    let mut index = 0;
    while let Some(event) = events.get(index) {
        if event.kind() == EventKind::SimpleKey {
            entries.push(entry(text, events, &mut index));
        } else {
            index += 1;
        }
    }
    entries
}

fn header<'a>(text: &'a str, events: &[Event], index: &mut usize) -> (Vec<Cow<'a, str>>, usize) {
    let mut path = Vec::new();
    while let Some(event) = events.get(*index) {
        *index += 1;
        match event.kind() {
            EventKind::SimpleKey => path.push(name(text, event)),
            EventKind::StdTableClose | EventKind::ArrayTableClose => return (path, event.span().end()),
            _ => {}
        }
    }
    (path, text.len())
}

fn entry<'a>(text: &'a str, events: &[Event], index: &mut usize) -> Entry<'a> {
    let mut entry = Entry { path: Vec::new(), starts: Vec::new(), value: 0..0, comment: None };
    let mut depth = 0_usize;
    let mut in_key = true;
    while let Some(event) = events.get(*index) {
        let span = event.span().start()..event.span().end();
        match event.kind() {
            EventKind::SimpleKey if in_key => {
                entry.path.push(name(text, event));
                entry.starts.push(span.start);
            }
            EventKind::KeyValSep if in_key => in_key = false,
            EventKind::Newline if depth == 0 => break,
            EventKind::Comment if depth == 0 => entry.comment = Some(span),
            EventKind::Newline | EventKind::Comment => {}
            kind if !in_key => {
                if matches!(kind, EventKind::ArrayOpen | EventKind::InlineTableOpen) {
                    depth += 1;
                } else if matches!(kind, EventKind::ArrayClose | EventKind::InlineTableClose) {
                    depth = depth.saturating_sub(1);
                }
                let start = if entry.value.end == 0 { span.start } else { entry.value.start };
                entry.value = start..span.end;
            }
            _ => {}
        }
        *index += 1;
    }
    entry
}

fn name<'a>(text: &'a str, event: &Event) -> Cow<'a, str> {
    let mut name = Cow::Borrowed("");
    if let Some(raw) = toml_parser::Source::new(text).get(event) {
        raw.decode_key(&mut name, &mut ());
    }
    name
}
