//! Values of INI keys that are lists: one item a line, or several with commas between them.

use std::ops::Range;

use super::super::EditError;
use super::super::item;
use super::super::splice::{Splice, indentation, line_end, line_start, unsupported};
use super::parse::{Key, is_space};
use crate::domain::piece::Item;

/// The items of a value, whatever stands between them: for comparing before and after.
pub fn tokens(value: &str) -> Vec<String> {
    value
        .split(['\n', ','])
        .map(|token| token.trim_matches(is_space))
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A list as it is written.
pub struct List<'a> {
    text: &'a str,
    key: &'a Key,
    /// The spans of the lines with something in them.
    lines: Vec<Range<usize>>,
}

impl<'a> List<'a> {
    pub fn new(text: &'a str, key: &'a Key) -> Self {
        let lines = key.spans.iter().filter(|span| !span.is_empty()).cloned().collect();
        Self { text, key, lines }
    }

    /// Whether commas separate the items: a line ends with one, or the value is one line with one.
    fn has_commas(&self) -> bool {
        match self.lines.as_slice() {
            [only] if self.on_first_line(only) => self.text[only.clone()].contains(','),
            lines => lines.iter().any(|line| self.text[line.clone()].ends_with(',')),
        }
    }

    fn on_first_line(&self, span: &Range<usize>) -> bool {
        line_start(self.text, span.start) == self.key.lines.start
    }

    /// The parts of a line between commas, without white space around them.
    fn parts(&self, line: &Range<usize>) -> Vec<Range<usize>> {
        let mut start = line.start;
        let mut parts = Vec::new();
        for part in self.text[line.clone()].split(',') {
            let from = start + part.len() - part.trim_start_matches(is_space).len();
            let bare = part.trim_matches(is_space).len();
            if bare > 0 {
                parts.push(from..from + bare);
            }
            start += part.len() + 1;
        }
        parts
    }

    /// The line and the span of an item.
    pub fn find(&self, wanted: &Item) -> Option<(usize, Range<usize>)> {
        let split = self.has_commas() || matches!(wanted, Item::Value(_));
        self.lines.iter().enumerate().find_map(|(number, line)| {
            if item::is(wanted, &self.text[line.clone()]) && !self.has_commas() {
                return Some((number, line.clone()));
            }
            let parts = if split { self.parts(line) } else { Vec::new() };
            parts.into_iter().find(|part| item::is(wanted, &self.text[part.clone()])).map(|part| (number, part))
        })
    }

    /// Adds an item at the end.
    pub fn append(&self, item: &str) -> Vec<Splice> {
        let key_line = &self.text[self.key.lines.clone()];
        let Some(last) = self.lines.last() else {
            return vec![self.own_line(&format!("{}    {item}", indentation(key_line)))];
        };
        let written = &self.text[last.clone()];
        if self.on_first_line(last) {
            if !self.has_commas() {
                return vec![self.own_line(&format!("{}    {item}", indentation(key_line)))];
            }
            let blank = if written.trim_end_matches(',').contains(", ") || !written.trim_end_matches(',').contains(',')
            {
                " "
            } else {
                ""
            };
            let added = if written.ends_with(',') { format!("{blank}{item},") } else { format!(",{blank}{item}") };
            return vec![Splice::insert(last.end, added)];
        }
        let indent = &self.text[line_start(self.text, last.start)..last.start];
        if written.ends_with(',') {
            return vec![self.own_line(&format!("{indent}{item},"))];
        }
        let mut splices = vec![self.own_line(&format!("{indent}{item}"))];
        if self.has_commas() {
            splices.push(Splice::insert(last.end, ","));
        }
        splices
    }

    fn own_line(&self, line: &str) -> Splice {
        Splice::insert(self.key.lines.end, format!("{line}\n"))
    }

    /// Cuts an item that was found, with its comma.
    pub fn remove(&self, (number, span): (usize, Range<usize>)) -> Result<Vec<Splice>, EditError> {
        let line = self.lines.get(number).ok_or_else(|| unsupported("the item is not in the list"))?;
        let bare = self.text[line.clone()].trim_end_matches(',').trim_end_matches(is_space);
        if bare.len() == span.len() {
            return Ok(self.remove_line(number, line));
        }
        let parts = self.parts(line);
        let index =
            parts.iter().position(|part| *part == span).ok_or_else(|| unsupported("the item is not in the list"))?;
        let cut = match (parts.get(index + 1), index.checked_sub(1).map(|before| &parts[before])) {
            (Some(next), _) => span.start..next.start,
            (None, Some(previous)) => previous.end..span.end,
            (None, None) => span,
        };
        Ok(vec![Splice::cut(cut)])
    }

    fn remove_line(&self, number: usize, line: &Range<usize>) -> Vec<Splice> {
        if self.on_first_line(line) {
            let before = &self.text[..line.start];
            return vec![Splice::cut(before.trim_end_matches([' ', '\t']).len()..line.end)];
        }
        let whole = line_start(self.text, line.start)..line_end(self.text, line.end);
        let mut splices = vec![Splice::cut(whole)];
        let last = number + 1 == self.lines.len() && !self.text[line.clone()].ends_with(',');
        if let (true, Some(previous)) = (last, number.checked_sub(1).map(|before| &self.lines[before]))
            && self.text[previous.clone()].ends_with(',')
        {
            splices.push(Splice::cut(previous.end - 1..previous.end));
        }
        splices
    }
}
