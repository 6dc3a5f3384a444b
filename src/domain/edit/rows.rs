//! Whole lines, inserted and cut so that a file whose last line has no ending stays such a file.

use std::ops::Range;

use super::splice::Splice;

/// Inserts whole lines before the line that begins at `at`, or at the end of a file whose last line may have no ending:
/// then the new last line has none either.
#[must_use]
pub fn insert_lines(text: &str, at: usize, lines: &str) -> Splice {
    if at == text.len() && !text.is_empty() && !text.ends_with('\n') {
        let lines = lines.trim_end_matches('\n');
        return Splice::insert(at, format!("\n{lines}"));
    }
    Splice::insert(at, lines)
}

/// Cuts whole lines; with the last line of a file that has no line ending, the ending before it goes.
#[must_use]
pub fn cut_lines(text: &str, span: Range<usize>) -> Splice {
    let mut start = span.start;
    if span.end == text.len() && !text.ends_with('\n') && start > 0 {
        start -= 1;
        start -= usize::from(text[..start].ends_with('\r'));
    }
    Splice::cut(start..span.end)
}

/// Replaces a span that ends with its line by whole lines.
#[must_use]
pub fn exchange_lines(text: &str, at: Range<usize>, lines: &str) -> Splice {
    let whole = text[..at.end].ends_with('\n');
    let lines = if whole { lines } else { lines.trim_end_matches('\n') };
    Splice { at, text: lines.to_owned() }
}
