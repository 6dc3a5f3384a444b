//! Characters that an editor by lines does not follow, or that no reader of the file takes.

use super::EditError;
use super::splice::{position, syntax, unsupported};

/// Where `str.splitlines` of Python ends lines, beside the ends that everyone knows.
const SPLITLINES: &[char] = &['\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];

/// Refuses a carriage return that no newline follows, and each of `others`: readers of the file end a line there.
///
/// # Errors
/// [`EditError::Unsupported`] with the line, counted by newlines.
pub fn refuse_odd_endings(text: &str, others: &[char]) -> Result<(), EditError> {
    let lone = text.match_indices('\r').map(|(at, _)| at).find(|at| !text[at + 1..].starts_with('\n'));
    lone.or_else(|| text.find(others)).map_or(Ok(()), |at| Err(unusual(text, at)))
}

/// Refuses a line that goes on behind what pip and iniconfig, which use `str.splitlines`, take for its end. Where nothing
/// but blanks follows in the line, all readers agree.
///
/// # Errors
/// [`EditError::Unsupported`] with the line, counted by newlines.
pub fn refuse_lines_in_lines(text: &str) -> Result<(), EditError> {
    let goes_on = |at: usize| text[at..].lines().next().is_some_and(|rest| !rest.trim().is_empty());
    let hidden = text.match_indices(SPLITLINES).map(|(at, _)| at).find(|at| goes_on(*at));
    hidden.map_or(Ok(()), |at| Err(unusual(text, at)))
}

fn unusual(text: &str, at: usize) -> EditError {
    let (line, _) = position(text, at);
    let name = text[at..].chars().next().unwrap_or_default().escape_unicode();
    unsupported(format!("line {line} has the unusual line ending {name}"))
}

/// Refuses the character NUL outside of comments: it can stand in no requirement, path, pattern or argument.
/// `comment_start` says where a line's comment begins, or its length.
///
/// # Errors
/// [`EditError::Syntax`] at the first one.
pub fn refuse_nul(text: &str, comment_start: impl Fn(&str) -> usize) -> Result<(), EditError> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(at) = line[..comment_start(line)].find('\0') {
            return Err(syntax(text, start + at, "the character NUL, which no reader of the file takes"));
        }
        start += line.len();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_goes_on_for_some_readers_is_refused() {
        for text in ["a\u{c}b\n", "# c\rx\n", "a\n\u{2028} # c", "\u{85}x"] {
            assert!(refuse_lines_in_lines(text).is_err(), "{text:?}");
        }
        for text in ["", "a\r\nb\r\n", "a\n\u{c}\n[b]\n", "a\u{2028}\nb", "a \u{1f} b\n"] {
            assert!(refuse_lines_in_lines(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn nul_is_an_error_with_its_place_outside_comments() {
        let comment = |line: &str| line.find('#').unwrap_or(line.len());
        assert!(refuse_nul("a # \0\n# \0\nb", comment).is_ok());
        let error = refuse_nul("a # \0\nüb\0c\n", comment).unwrap_err();
        assert!(matches!(error, EditError::Syntax { line: 2, column: 3, .. }), "{error}");
    }
}
