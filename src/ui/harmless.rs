//! Text of files and names as a terminal may get it: nothing in it steers the terminal or reorders what is read.

/// What stands in place of a character that steers.
const INSTEAD: char = '\u{fffd}';

/// Control characters (C0, DEL, C1), and those that change the direction of writing.
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text of one line.
#[must_use]
pub fn line(text: &str) -> String {
    text.chars().map(|c| if steers(c) { INSTEAD } else { c }).collect()
}

/// A text of several lines, which keeps its line feeds and tabs.
#[must_use]
pub fn lines(text: &str) -> String {
    text.chars().map(|c| if steers(c) && !matches!(c, '\n' | '\t') { INSTEAD } else { c }).collect()
}

/// JSON whose strings say the same with escapes; between its strings no such character can stand.
#[must_use]
pub fn json(text: &str) -> String {
    let raw = |c: char| steers(c) && c != '\n';
    if !text.contains(raw) {
        return text.to_owned();
    }
    text.chars().map(|c| if raw(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_is_left() {
        let hostile = "a\u{1b}[31mb\u{9b}2J\u{202e}c\u{7}\r\td\ne";
        assert_eq!(line(hostile), "a\u{fffd}[31mb\u{fffd}2J\u{fffd}c\u{fffd}\u{fffd}\u{fffd}d\u{fffd}e");
        assert_eq!(lines(hostile), "a\u{fffd}[31mb\u{fffd}2J\u{fffd}c\u{fffd}\u{fffd}\td\ne");
        let document = serde_json::json!({ "text": hostile }).to_string();
        let harmless = json(&document);
        assert!(!harmless.contains(steers), "{harmless}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&harmless).ok(), serde_json::from_str(&document).ok());
    }
}
