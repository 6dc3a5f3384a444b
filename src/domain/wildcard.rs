//! Shell patterns, as Python's `fnmatch` has them, without character classes.

/// Whether `text` is what `pattern` says: `*` is any text, `?` any character.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut of) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while of < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, of));
            at += 1;
        } else if pattern.get(at).is_some_and(|&it| it == '?' || it == text[of]) {
            (at, of) = (at + 1, of + 1);
        } else if let Some((of_star, from)) = star {
            // The last star takes one character more.
            star = Some((of_star, from + 1));
            (at, of) = (of_star + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|&it| it == '*')
}

/// The same for paths: a star stays in its part.
#[must_use]
pub fn matches_path(pattern: &str, path: &str) -> bool {
    let (patterns, parts): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    patterns.len() == parts.len() && patterns.iter().zip(parts).all(|(pattern, part)| matches(pattern, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_take_any_text() {
        for (pattern, text, expected) in [
            ("tests*", "tests.unit", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("*", "", true),
            ("", "a", false),
            ("?a", "ba", true),
            ("demo", "demo.x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
        assert!(matches_path("libs/*", "libs/demo") && !matches_path("libs/*", "libs/demo/x"));
    }
}
