//! The one place where text is inserted into and cut from a user's file, with the check that nothing else changed.

use std::borrow::Cow;
use std::ops::Range;

use super::EditError;

const BOM: &str = "\u{feff}";

/// A change at a span of a [`Source`]'s text: what stands in `at` is replaced by `text`.
///
/// An empty `at` inserts, an empty `text` cuts. `text` has `\n` line endings; [`Source::finish`] writes the file's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    pub at: Range<usize>,
    pub text: String,
}

impl Splice {
    /// Inserts `text` before the byte `at`.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { at: at..at, text: text.into() }
    }

    /// Cuts the bytes of `at`.
    #[must_use]
    pub fn cut(at: Range<usize>) -> Self {
        Self { at, text: String::new() }
    }
}

/// A file's text without its byte order mark, and what is needed to write it back as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    text: &'a str,
    bom: bool,
    /// The line ending that most lines have: `\n` or `\r\n`.
    newline: &'static str,
}

impl<'a> Source<'a> {
    /// Strips the byte order mark and records the line ending that most lines have (`\n` where none leads).
    #[must_use]
    pub fn new(raw: &'a str) -> Self {
        let text = raw.strip_prefix(BOM).unwrap_or(raw);
        // Looking for the first is much faster than counting, and most files have none.
        let crlf = if text.contains("\r\n") { text.matches("\r\n").count() } else { 0 };
        let most = crlf > 0 && crlf * 2 > text.matches('\n').count();
        Self { text, bom: text.len() != raw.len(), newline: if most { "\r\n" } else { "\n" } }
    }

    /// The text without the byte order mark. All offsets are offsets into it.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Whether the text is not empty and its last line has no line ending.
    fn lacks_last_newline(&self) -> bool {
        !self.text.is_empty() && !self.text.ends_with('\n')
    }

    /// Applies splices in the order of their position (insertions at one position keep the order given) and gives the
    /// file's new content, with its byte order mark. A file whose last line has no ending stays such a file.
    ///
    /// # Errors
    /// [`EditError::Unsupported`] where splices overlap or leave the text, or where a line that no splice touches does
    /// not survive.
    pub fn finish(&self, mut splices: Vec<Splice>) -> Result<String, EditError> {
        splices.sort_by_key(|splice| (splice.at.start, splice.at.end));
        self.keep_end_open(&mut splices);
        let grown: usize = splices.iter().map(|splice| splice.text.len() + 8).sum();
        let mut out = String::with_capacity(self.text.len() + grown);
        let mut done = 0;
        for splice in &splices {
            let kept = (splice.at.start >= done).then(|| self.text.get(done..splice.at.start)).flatten();
            let (Some(kept), Some(_)) = (kept, self.text.get(splice.at.clone())) else {
                return Err(unsupported("two changes of the file overlap"));
            };
            out.push_str(kept);
            out.push_str(&self.with_own_newlines(&splice.text));
            done = splice.at.end;
        }
        out.push_str(&self.text[done..]);
        if !untouched_lines_survive(self.text, &out, &splices) {
            return Err(unsupported("the change would alter lines that are not part of it"));
        }
        if self.bom {
            out.insert_str(0, BOM);
        }
        Ok(out)
    }

    /// Lets a file whose last line has no ending stay such a file: whole lines that are inserted or written at its end
    /// leave theirs out and come behind one, and with lines that are cut there the ending before them goes.
    fn keep_end_open(&self, splices: &mut [Splice]) {
        if !self.lacks_last_newline() {
            return;
        }
        let ends = self.text.len();
        let mut is_first = true;
        for splice in splices.iter_mut().filter(|splice| splice.at.end == ends) {
            if splice.at.is_empty() && splice.text.ends_with('\n') && is_first {
                splice.text.insert(0, '\n');
                is_first = false;
            } else if splice.text.is_empty() {
                let before = &self.text[..splice.at.start];
                let line = before.strip_suffix('\n').map_or(before, |it| it.strip_suffix('\r').unwrap_or(it));
                splice.at.start = line.len();
            }
        }
        if let Some(last) = splices.last_mut().filter(|splice| splice.at.end == ends && splice.text.ends_with('\n')) {
            last.text.pop();
        }
    }

    fn with_own_newlines<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let plain = unified(text);
        if self.newline == "\n" { plain } else { Cow::Owned(plain.replace('\n', self.newline)) }
    }
}

/// Sorts spans and joins those that touch.
pub fn merge(ranges: &mut Vec<Range<usize>>) {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.drain(..) {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    *ranges = merged;
}

/// The text with `\n` line endings.
#[must_use]
pub fn unified(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

/// Whether the lines of `before` that no splice touches stand in `after`, in their order and with their line endings.
///
/// An insertion at the start of a line does not touch that line. The last line may gain or lose its line ending.
#[must_use]
pub fn untouched_lines_survive(before: &str, after: &str, splices: &[Splice]) -> bool {
    let mut sorted: Vec<&Splice> = splices.iter().collect();
    sorted.sort_by_key(|splice| (splice.at.start, splice.at.end));
    let mut rest = after;
    let mut start = 0;
    for Splice { at, text } in sorted {
        // An insertion at the start of a line touches none; what is cut touches each line of which it has a byte.
        let first = line_start(before, at.start).max(start);
        if !survive(&before[start..first], &mut rest) {
            return false;
        }
        let touches_none = at.is_empty() && (at.start == first || at.start == before.len() && text.starts_with('\n'));
        start = first.max(if touches_none {
            first
        } else if !at.is_empty() && before[..at.end].ends_with('\n') {
            at.end
        } else {
            line_end(before, at.end)
        });
    }
    survive(&before[start..], &mut rest)
}

/// Whether whole lines stand in `rest` in their order; what stands behind them is left in it.
fn survive(mut lines: &str, rest: &mut &str) -> bool {
    while let Some(line) = lines.split_inclusive('\n').next() {
        // Most often they stand there as they were, and a long text is compared at once.
        if lines.ends_with('\n')
            && let Some(behind) = rest.strip_prefix(lines)
        {
            *rest = behind;
            return true;
        }
        let ends_alike = line.ends_with('\n');
        loop {
            let Some(other) = rest.split_inclusive('\n').next() else { return false };
            *rest = &rest[other.len()..];
            if other == line || (!ends_alike && other.trim_end_matches(['\r', '\n']) == line) {
                break;
            }
        }
        lines = &lines[line.len()..];
    }
    true
}

/// Whether `after` is `before` with whole lines inserted and nothing else changed, but for a line ending that the last
/// line gained. Cutting is the same with the two texts exchanged.
#[must_use]
pub fn only_inserts_lines(before: &str, after: &str) -> bool {
    untouched_lines_survive(before, after, &[])
}

/// Line and column of a byte offset, both counted from 1, the column in characters.
#[must_use]
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// The syntax error at a byte offset of a text without byte order mark.
pub fn syntax(text: &str, offset: usize, message: impl Into<String>) -> EditError {
    let (line, column) = position(text, offset);
    EditError::Syntax { line, column, message: message.into() }
}

/// The error for a file of a shape that cannot be edited safely.
pub fn unsupported(reason: impl Into<String>) -> EditError {
    EditError::Unsupported { reason: reason.into() }
}

/// The start of the line that holds the byte at `offset`.
#[must_use]
pub fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The end of the line that holds the byte at `offset`, behind its line ending.
#[must_use]
pub fn line_end(text: &str, offset: usize) -> usize {
    text[offset..].find('\n').map_or(text.len(), |newline| offset + newline + 1)
}

/// The start of the lines directly above the one at `line` where they are these comments, else `line`.
#[must_use]
pub fn matching_above(text: &str, line: usize, comments: &[&str]) -> usize {
    let mut start = line;
    for comment in comments.iter().rev() {
        let above = start.checked_sub(1).map_or(0, |newline| line_start(text, newline));
        if start == 0 || text[above..start].trim() != comment.trim() {
            return line;
        }
        start = above;
    }
    start
}

/// The white space that a line begins with.
#[must_use]
pub fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splices_are_applied_by_position_with_the_endings_of_the_file() {
        let source = Source::new("\u{feff}a\r\nb\r\nc\n");
        assert_eq!(source.newline, "\r\n");
        let made = source.finish(vec![Splice::insert(6, "x\ny\n"), Splice::cut(0..3)]);
        assert_eq!(made, Ok("\u{feff}b\r\nx\r\ny\r\nc\n".to_owned()));
    }

    #[test]
    fn insertions_at_one_place_keep_their_order() {
        let made = Source::new("a\n").finish(vec![Splice::insert(2, "1\n"), Splice::insert(2, "2\n")]);
        assert_eq!(made, Ok("a\n1\n2\n".to_owned()));
    }

    #[test]
    fn overlapping_or_outlying_splices_are_refused() {
        let source = Source::new("abc\n");
        assert!(source.finish(vec![Splice::cut(0..2), Splice::cut(1..3)]).is_err());
        assert!(source.finish(vec![Splice::cut(2..9)]).is_err());
    }

    #[test]
    fn a_file_without_last_newline_stays_one() {
        let finish = |text: &str, splices: &[Splice]| Source::new(text).finish(splices.to_vec()).unwrap();
        let two = [Splice::insert(4, "c\n"), Splice::insert(4, "\nd\n")];
        assert_eq!(finish("a\r\nb", &two), "a\r\nb\r\nc\r\n\r\nd");
        assert_eq!(finish("a\r\nb", &[Splice::cut(3..4)]), "a");
        assert_eq!(finish("a\nb", &[Splice { at: 2..3, text: "c\nd\n".to_owned() }]), "a\nc\nd");
        assert_eq!(finish("a = b", &[Splice::insert(5, ", c")]), "a = b, c");
        assert_eq!(finish("a = b", &[Splice::cut(3..5)]), "a =");
        assert_eq!(finish("b", &[Splice::cut(0..1)]), "");
        assert_eq!(finish("b: []", &[Splice::cut(2..5), Splice::insert(5, "- c\n")]), "b:\n- c");
    }

    #[test]
    fn an_even_mix_of_endings_counts_as_lf() {
        assert_eq!(Source::new("a\r\nb\n").newline, "\n");
        assert_eq!(Source::new("").newline, "\n");
    }

    #[test]
    fn lost_and_reordered_lines_are_noticed() {
        assert!(only_inserts_lines("a\nb\n", "a\nx\nb\n"));
        assert!(only_inserts_lines("a\nb", "a\nb\r\nx\r\n"));
        assert!(!only_inserts_lines("a\nb\n", "b\na\n"));
        assert!(!only_inserts_lines("a\nb\n", "a\n"));
        assert!(!only_inserts_lines("a\r\nb\r\n", "a\nb\r\n"));
        assert!(untouched_lines_survive("a\nb\nc\n", "a\nc\n", &[Splice::cut(2..4)]));
        assert!(!untouched_lines_survive("a\nb\nc\n", "a\nb\n", &[Splice::cut(2..4)]));
        assert!(untouched_lines_survive("a\nb\nc\n", "a\nbx\nc\n", &[Splice::insert(3, "x")]));
    }

    #[test]
    fn positions_count_characters_from_one() {
        assert_eq!(position("äb\ncd", 0), (1, 1));
        assert_eq!(position("äb\ncd", 2), (1, 2));
        assert_eq!(position("äb\ncd", 4), (2, 1));
        assert_eq!(position("äb\ncd", 99), (2, 3));
    }
}
