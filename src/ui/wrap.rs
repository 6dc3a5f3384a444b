//! Text as wide as the terminal, broken between words; what is no terminal gets whole lines.

use console::{Term, measure_text_width};

/// Fewer columns than this are left to the terminal.
const NARROWEST: usize = 30;

/// Lines of prose that are longer are tiring to read.
const WIDEST: usize = 100;

/// The columns of the terminal that stdout is.
#[must_use]
pub fn columns() -> Option<usize> {
    let term = Term::stdout();
    let (_, columns) = term.is_term().then(|| term.size_checked()).flatten()?;
    Some(usize::from(columns)).filter(|columns| *columns >= NARROWEST)
}

/// `text`, which begins at the column `indent`, with its further lines indented as far and two more.
#[must_use]
pub fn hanging(text: &str, indent: usize, columns: Option<usize>) -> String {
    let Some(columns) = columns else { return text.to_owned() };
    let line_break = format!("\n{}", " ".repeat(indent + 2));
    broken(text, indent, columns, &line_break)
}

/// Markdown whose paragraphs are broken between words; what stands in fences stays.
#[must_use]
pub fn paragraphs(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns.map(|columns| columns.min(WIDEST)) else { return text.to_owned() };
    let mut fenced = false;
    let mut out = String::new();
    for line in text.lines() {
        let is_fence = line.starts_with("```");
        fenced ^= is_fence;
        let whole = fenced || is_fence || line.starts_with('#');
        out += &if whole { line.to_owned() } else { broken(line, 0, columns, "\n") };
        out.push('\n');
    }
    out
}

/// `text` from the column `start` on, with `line_break` where a word would reach beyond the last column.
fn broken(text: &str, start: usize, columns: usize, line_break: &str) -> String {
    let mut out = String::new();
    let mut at = start;
    for (number, word) in text.split(' ').enumerate() {
        let width = measure_text_width(word);
        if number > 0 && at + 1 + width > columns && at > line_break.len() - 1 {
            out += line_break;
            at = line_break.len() - 1;
        } else if number > 0 {
            out.push(' ');
            at += 1;
        }
        out += word;
        at += width;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(hanging("one two three four", 4, Some(14)), "one two\n      three\n      four");
        assert_eq!(
            hanging("averylongwordthatfitsnowhere and more", 4, Some(14)),
            "averylongwordthatfitsnowhere\n      and more"
        );
        assert_eq!(hanging("one two three four", 4, None), "one two three four");
        let page = "# a heading that is long\n\none two three\n```toml\nkey = [1, 2, 3, 4]\n```\n";
        let expected = "# a heading that is long\n\none two\nthree\n```toml\nkey = [1, 2, 3, 4]\n```\n";
        assert_eq!(paragraphs(page, Some(10)), expected);
    }
}
