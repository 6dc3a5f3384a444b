//! The name of a requirement, as all editors compare it.

/// The name of a PEP 508 requirement, normalised as PEP 503 says: `Foo_Bar[x]>=1` is `foo-bar`.
///
/// Only the name is read; the rest need not be valid.
#[must_use]
pub fn name(requirement: &str) -> String {
    let requirement = requirement.trim_start();
    let end = requirement
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(requirement.len());
    let mut name = String::with_capacity(end);
    for c in requirement[..end].trim_end_matches(['-', '_', '.']).chars() {
        if !matches!(c, '-' | '_' | '.') {
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_are_normalised_and_end_at_the_first_other_sign() {
        for (text, expected) in [
            ("Foo_Bar[x]>=1", "foo-bar"),
            ("zope.interface", "zope-interface"),
            ("a--B__c..d ; python_version < '3.9'", "a-b-c-d"),
            ("pip@https://example.com/pip.zip", "pip"),
            ("  black==26.10.1", "black"),
            ("x (>=1)", "x"),
            ("", ""),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
    }
}
