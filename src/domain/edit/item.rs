//! How an item of a list is recognised, whatever the format of the file.

use crate::domain::piece::Item;

/// The normalised name (PEP 503) of the requirement (PEP 508) that a text begins with; `None` where it begins otherwise.
pub fn requirement_name(text: &str) -> Option<String> {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(text.len());
    let name = text[..end].trim_end_matches(['-', '_', '.']);
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    Some(out)
}

/// Whether a bare text of a line-based list is the item.
pub fn is(item: &Item, text: &str) -> bool {
    match item {
        Item::Requirement(name) => requirement_name(text).as_deref() == Some(name),
        Item::Value(value) => value == text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        assert_eq!(requirement_name("Foo_Bar.baz[x]>=1"), Some("foo-bar-baz".to_owned()));
        assert_eq!(requirement_name("a--b ; python_version<'4'"), Some("a-b".to_owned()));
        assert_eq!(requirement_name("-r other.txt"), None);
        assert_eq!(requirement_name(""), None);
    }

    #[test]
    fn values_are_compared_as_written() {
        assert!(is(&Item::Value("E203".to_owned()), "E203"));
        assert!(!is(&Item::Value("E203".to_owned()), "E20"));
        assert!(is(&Item::Requirement("black".to_owned()), "Black==1"));
    }
}
