//! How an item of a list is recognised, whatever the format of the file.

use super::requirement;
use crate::domain::piece::Item;

/// Whether a bare text of a line-based list is the item.
#[must_use]
pub fn is(item: &Item, text: &str) -> bool {
    match item {
        Item::Requirement(name) => requirement::name(text) == *name,
        Item::Value(value) => value == text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_written() {
        assert!(is(&Item::Value("E203".to_owned()), "E203"));
        assert!(!is(&Item::Value("E203".to_owned()), "E20"));
        assert!(is(&Item::Requirement("black".to_owned()), "Black==1"));
    }
}
