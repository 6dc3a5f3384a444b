//! Block sequences as lines: where each item begins and ends, how dashes are written, where a new item goes.

use std::ops::Range;

use super::super::EditError;
use super::super::splice::{indentation, line_end, line_start, position, unified, unsupported};
use super::tree::Node;

/// An item of a block sequence. All offsets are bytes.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The start of the line with the dash.
    pub line: usize,
    /// Behind the last line of the content.
    pub end: usize,
    /// The column of the dash.
    pub dash: usize,
    /// What stands between the dash and the content.
    gap: String,
    /// Whether a blank line below would be part of the content, or be once an item of it is cut.
    keeps_blank_lines: bool,
}

/// How items are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// The white space before the dash.
    pub indent: String,
    /// The white space behind the dash.
    pub gap: String,
    /// Blank lines between two items.
    pub blank: usize,
}

impl Style {
    /// The column of an item's content.
    pub fn content(&self) -> usize {
        self.indent.len() + 1 + self.gap.len()
    }

    /// An item of the given block text, with its line endings.
    pub fn item(&self, text: &str) -> String {
        format!("{}-{}{}", self.indent, self.gap, hanging(text, self.content()))
    }
}

/// The text with every line but the first indented; ends with a newline.
pub fn hanging(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + columns);
    for (number, line) in unified(text).trim_end_matches('\n').split('\n').enumerate() {
        if number > 0 && !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', columns));
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// The lines of a span that begins in its first line at `column`, without that indentation and with `\n` endings.
pub fn dedented(text: &str, span: Range<usize>, column: usize) -> String {
    let whole = unified(text.get(span).unwrap_or_default()).into_owned();
    let mut out = String::with_capacity(whole.len());
    for (number, line) in whole.trim_end_matches('\n').split('\n').enumerate() {
        let free = line.len() - line.trim_start_matches(' ').len();
        out.push_str(if number == 0 { line } else { &line[free.min(column)..] });
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

/// Finds the lines of all items of a block sequence.
///
/// # Errors
/// [`EditError::Unsupported`] for a sequence in brackets, or where an item does not begin its own line.
pub fn entries(text: &str, list: &Node) -> Result<Vec<Entry>, EditError> {
    let items = list.items().unwrap_or_default();
    if list.flow {
        let (line, _) = position(text, list.start);
        return Err(unsupported(format!("the list in line {line} is written in brackets")));
    }
    items.iter().map(|item| entry(text, item)).collect()
}

fn entry(text: &str, item: &Node) -> Result<Entry, EditError> {
    let refused = || {
        let (line, _) = position(text, item.start);
        unsupported(format!("the list item in line {line} does not begin with a dash of its own"))
    };
    let mut line = line_start(text, item.start);
    let mut before = &text[line..item.start];
    while before.trim().is_empty() || before.trim_start().starts_with('#') {
        let above = line.checked_sub(1).ok_or_else(refused)?;
        line = line_start(text, above);
        before = text[line..above].trim_end_matches('\r');
    }
    let dash = indentation(before).len();
    let rest = before[dash..].strip_prefix('-').ok_or_else(refused)?;
    let lone = matches!(rest.trim_start().chars().next(), None | Some('&' | '!' | '#'));
    if !lone || before[..dash].contains('\t') {
        return Err(refused());
    }
    let same_line = line == line_start(text, item.start) && !rest.is_empty() && rest.chars().all(|c| c == ' ');

    let gap = if same_line { rest } else { " " };
    let keeps_blank_lines = item.keeps_blank_lines(text);
    Ok(Entry { line, end: line_end(text, item.end), dash, gap: gap.to_owned(), keeps_blank_lines })
}

/// The style of the last item, and where the next one goes.
pub fn style(text: &str, entries: &[Entry]) -> Option<(Style, usize)> {
    let last = entries.last()?;
    let before = entries.len().checked_sub(2).filter(|_| !last.keeps_blank_lines);
    let blank = before.map_or(0, |index| blank_after(text, &entries[index]));
    let style = Style { indent: " ".repeat(last.dash), gap: last.gap.clone(), blank };
    Some((style, behind_comments(text, last.end, last.dash)))
}

/// Blank lines that follow an item, behind comments that stand directly under it.
fn blank_after(text: &str, entry: &Entry) -> usize {
    let mut lines = text[entry.end..].lines().skip_while(|line| line.trim_start().starts_with('#'));
    lines.by_ref().take_while(|line| line.trim().is_empty()).count()
}

/// Skips the comments directly under the line that ends at `end` which belong to what stands above them: those that are
/// indented more than `column`, or as much where what follows is indented less.
pub fn behind_comments(text: &str, end: usize, column: usize) -> usize {
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    let next = text[end..].lines().find(|line| !line.trim().is_empty() && !is_comment(line));
    let next_column = next.map_or(0, |line| indentation(line).len());
    let mut at = end;
    for line in text[end..].split_inclusive('\n') {
        let own = indentation(line).len();
        let belongs = own > column || (own == column && column > next_column);
        if !is_comment(line) || !belongs {
            break;
        }
        at += line.len();
    }
    at
}

/// The lines of the item at `index`, with the blank lines that separate it from the one before it (of the first item:
/// from the one behind it).
pub fn lines_of(text: &str, entries: &[Entry], index: usize) -> Range<usize> {
    let own = &entries[index];
    let Some(previous) = index.checked_sub(1).map(|before| &entries[before]) else {
        let mut end = own.end;
        if entries.len() > 1 {
            end += blank_lines(&text[own.end..entries[1].line]);
        }
        return own.line..end;
    };
    let mut start = own.line;
    while start > previous.end {
        let above = line_start(text, start - 1);
        if !text[above..start].trim().is_empty() {
            break;
        }
        start = above;
    }
    start..own.end
}

fn blank_lines(text: &str) -> usize {
    text.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum()
}
