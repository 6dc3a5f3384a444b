//! Lists in brackets with commas between the items: YAML in flow style, arrays and objects of JSON.

use std::ops::Range;

use super::splice::{Splice, indentation, line_start};

/// How comments are written inside the brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comments {
    /// From `#` to the end of the line.
    Hash,
    /// From `//` to the end of the line, and from `/*` to `*/`.
    Slashes,
}

/// A list and where its items stand.
#[derive(Debug)]
pub struct Brackets<'a> {
    pub text: &'a str,
    /// Behind the opening bracket.
    pub open: usize,
    /// At the closing bracket.
    pub close: usize,
    /// The spans of the items; of an object from the key to the end of the value.
    pub items: Vec<Range<usize>>,
    pub comments: Comments,
    /// One step of indentation, for the first item of a list that goes over several lines.
    pub unit: &'a str,
}

impl Brackets<'_> {
    /// Adds an item at the end, in the style of the last one. Lines of `item` but the first are indented with it.
    #[must_use]
    pub fn append(&self, item: &str) -> Vec<Splice> {
        let Some(last) = self.items.last() else { return vec![self.first(item)] };
        let comma = self.comma_behind(last.end);
        if !self.begins_line(last.start) {
            let indent = indentation(&self.text[line_start(self.text, last.end)..]);
            let item = item.replace('\n', &format!("\n{indent}"));
            return vec![Splice::insert(last.end, format!("{}{item}", self.separator()))];
        }
        let indent = indentation(&self.text[line_start(self.text, last.start)..last.start]);
        let item = item.replace('\n', &format!("\n{indent}"));
        let behind = comma.map_or(last.end, |comma| comma + 1);
        // Blanks before a bracket in the same line stay before it.
        let at = match self.end_of_line(behind) {
            at if at == self.close => behind + self.text[behind..at].trim_end_matches([' ', '\t']).len(),
            at => at,
        };
        let tail = if comma.is_some() { "," } else { "" };
        let mut made = Vec::with_capacity(2);
        if comma.is_none() {
            made.push(Splice::insert(last.end, ","));
        }
        made.push(Splice::insert(at, format!("\n{indent}{item}{tail}")));
        made
    }

    fn first(&self, item: &str) -> Splice {
        let inner = &self.text[self.open..self.close];
        // A bracket behind a comment of several lines does not ask for lines of their own.
        if !inner.contains('\n') || !self.begins_line(self.close) {
            let at = if inner.trim().is_empty() { self.open } else { self.close };
            let indent = indentation(&self.text[line_start(self.text, at)..]);
            return Splice::insert(at, item.replace('\n', &format!("\n{indent}")));
        }
        let start = line_start(self.text, self.close);
        let outer = indentation(&self.text[start..self.close]);
        let indent = format!("{outer}{}", self.unit);
        let item = item.replace('\n', &format!("\n{indent}"));
        // Blanks at the end of a line, which may be in a comment, stay in it.
        let content = self.open + inner.trim_end().len();
        let line = self.text[content..self.close].lines().next().unwrap_or_default();
        Splice::insert(content + line.len(), format!("\n{indent}{item}"))
    }

    /// What stands between the last two items where that is a comma and blanks, else `, `.
    fn separator(&self) -> String {
        let between = match self.items.as_slice() {
            [.., one, other] => &self.text[one.end..other.start],
            _ => ", ",
        };
        let plain = between.strip_prefix(',').is_some_and(|rest| rest.chars().all(|c| c == ' '));
        if plain { between.to_owned() } else { ", ".to_owned() }
    }

    /// Whether a line ends between the brackets but outside the items.
    #[must_use]
    pub fn goes_over_lines(&self) -> bool {
        let mut from = self.open;
        let ends = self.items.iter().map(|item| (item.start, item.end)).chain([(self.close, self.close)]);
        ends.into_iter().any(|(start, end)| self.text[std::mem::replace(&mut from, end)..start].contains('\n'))
    }

    /// Cuts the item at `index` with its comma. Comments stay.
    #[must_use]
    pub fn remove(&self, index: usize) -> Vec<Splice> {
        let own = &self.items[index];
        let comma = self.comma_behind(own.end);
        let behind = comma.map_or(own.end, |comma| comma + 1);
        let next = self.items.get(index + 1);
        if self.items.len() == 1 && !self.begins_line(own.start) {
            // What stands before the only item stood there before it came.
            return vec![Splice::cut(own.start..behind)];
        }
        let lead = self.blank_before(own.start);
        if self.begins_line(own.start) && !self.text[behind..self.end_of_line(behind)].trim().is_empty() {
            let commented =
                self.end_of_line(behind) < self.close && next.is_none_or(|n| n.start > self.end_of_line(behind));
            if commented {
                return self.with_comma_before(index, comma, own.start..behind);
            }
        }
        if let Some(next) = next {
            let between = &self.text[behind..next.start];
            let cut =
                if !between.contains('\n') && between.trim().is_empty() { own.start..next.start } else { lead..behind };
            return vec![Splice::cut(cut)];
        }
        self.with_comma_before(index, comma, lead..behind)
    }

    /// The last item: where no comma follows it, the comma before it goes.
    fn with_comma_before(&self, index: usize, comma: Option<usize>, cut: Range<usize>) -> Vec<Splice> {
        let previous = index.checked_sub(1).map(|before| self.items[before].end);
        let last = index + 1 == self.items.len();
        if let (true, Some(end), false) = (last, previous, self.begins_line(self.items[index].start)) {
            let own = &self.items[index];
            if self.text[end..own.start].chars().all(|c| c == ',' || c.is_whitespace()) {
                return vec![Splice::cut(end..own.end)];
            }
        }
        let mut made = Vec::with_capacity(2);
        if let (true, None, Some(at)) = (last, comma, previous.and_then(|end| self.comma_behind(end))) {
            if at + 1 == cut.start {
                return vec![Splice::cut(at..cut.end)];
            }
            made.push(Splice::cut(at..at + 1));
        }
        made.push(Splice::cut(cut));
        made
    }

    /// The comma that follows an item which ends at `end`, before the next item.
    fn comma_behind(&self, end: usize) -> Option<usize> {
        let at = self.skip(end, |_| true);
        (at < self.close && self.text[at..].starts_with(',')).then_some(at)
    }

    /// The end of the line, before its line ending, or the closing bracket; line endings inside comments do not count.
    fn end_of_line(&self, from: usize) -> usize {
        let at = self.skip(from, |c| c != '\n' && c != '\r');
        if at < self.close && !self.text[at..].starts_with(['\n', '\r']) { from } else { at.min(self.close) }.max(from)
    }

    /// Skips white space that `wanted` accepts, and comments.
    fn skip(&self, mut at: usize, wanted: impl Fn(char) -> bool) -> usize {
        while at < self.close {
            let rest = &self.text[at..self.close];
            let Some(first) = rest.chars().next() else { break };
            let comment = match self.comments {
                Comments::Hash => first == '#',
                Comments::Slashes => rest.starts_with("//"),
            };
            if comment {
                at += rest.find(['\n', '\r']).unwrap_or(rest.len());
            } else if self.comments == Comments::Slashes && rest.starts_with("/*") {
                at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else if first.is_whitespace() && wanted(first) {
                at += first.len_utf8();
            } else {
                break;
            }
        }
        at
    }

    /// Whether only white space stands before `start` in its line, and the line begins inside the brackets.
    fn begins_line(&self, start: usize) -> bool {
        let line = line_start(self.text, start);
        line >= self.open && self.text[line..start].trim().is_empty()
    }

    /// The start of the white space before `start`, with at most one line ending.
    fn blank_before(&self, start: usize) -> usize {
        let before = &self.text[self.open..start];
        let mut kept = before.trim_end_matches([' ', '\t']);
        if let Some(shorter) = kept.strip_suffix('\n') {
            kept = shorter.strip_suffix('\r').unwrap_or(shorter);
        }
        self.open + kept.len()
    }
}
