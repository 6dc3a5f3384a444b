//! Whether a version fits specifiers (PEP 440), as pip has it: `packaging`, "_ranges.py". Pre-releases count as any other
//! version.

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};

/// Whether all of them hold.
#[must_use]
pub fn fits(version: &Version, specifiers: &VersionSpecifiers) -> bool {
    specifiers.iter().all(|specifier| holds(version, specifier))
}

/// `pep440_rs` leaves out too much where a specifier itself names a pre-release or a post-release: `<1.0rc2` takes 1.0rc1.
fn holds(version: &Version, specifier: &VersionSpecifier) -> bool {
    let limit = specifier.version();
    match specifier.operator() {
        Operator::LessThan if limit.any_prerelease() => version < limit,
        // What comes before its first pre-release.
        Operator::LessThan => *version < limit.clone().with_dev(Some(0)),
        Operator::GreaterThan => match (limit.dev(), limit.post()) {
            (Some(dev), _) => *version >= limit.clone().with_dev(Some(dev + 1)),
            (None, Some(post)) => *version >= limit.clone().with_post(Some(post + 1)).with_dev(Some(0)),
            // Nor what is the same but for its end: a post-release, a local version.
            (None, None) => version > limit && !is_same_until_post(version, limit),
        },
        _ => specifier.contains(version),
    }
}

fn is_same_until_post(one: &Version, other: &Version) -> bool {
    one.epoch() == other.epoch() && one.pre() == other.pre() && one.only_release() == other.only_release()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_are_pre_releases_or_post_releases() {
        let fits = |version: &str, specifiers: &str| fits(&version.parse().unwrap(), &specifiers.parse().unwrap());
        for (version, specifiers) in [
            ("1.0a1", "<1.0rc1"),
            ("1.0.dev3", "<1.0rc1"),
            ("1.0rc1", "<1.0.post1"),
            ("1.0", "<1.0.post1"),
            ("1.0.post1", ">1.0a1,<1.0.1"),
            ("1.0.post1+x", ">1.0a1"),
            ("2.0rc1", ">1.0"),
            ("1.0.post2", ">1.0.post1"),
            ("1.0.dev4", ">1.0.dev3"),
            ("1.0+x", "<=1.0"),
            ("1.0rc1", "<1!0"),
        ] {
            assert!(fits(version, specifiers), "{version} {specifiers}");
        }
        for (version, specifiers) in [
            ("1.0rc1", "<1.0"),
            ("1.0.dev0", "<1.0"),
            ("1.0rc2", "<1.0rc1"),
            ("1.0.post1.dev0", "<1.0.post1"),
            ("1.0.post1", ">1.0"),
            ("1.0+x", ">1.0"),
            ("1.0.0.post1", ">1.0"),
            ("1.0a1.post1", ">1.0a1"),
            ("1.0.post1+x", ">1.0.post1"),
            ("1.0.dev3+x", ">1.0.dev3"),
            ("1!0", "<1.0"),
        ] {
            assert!(!fits(version, specifiers), "{version} {specifiers}");
        }
    }
}
