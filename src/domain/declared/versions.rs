//! What the constraints of several managers allow, in the specifiers of PEP 440.

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{Requirement, VerbatimUrl, VersionOrUrl};

use super::lists::{List, Table};

/// The versions that a declared text allows; `None` where it allows any, or none that can be told.
#[must_use]
pub fn specifiers(text: &str, list: &List) -> Option<VersionSpecifiers> {
    let found = match list {
        List::Table { dialect: Table::Poetry, .. } => poetry(text)?,
        List::Table { dialect: Table::Pipenv, .. } => text.parse().ok()?,
        _ => match text.parse::<Requirement<VerbatimUrl>>().ok()?.version_or_url? {
            VersionOrUrl::VersionSpecifier(specifiers) => specifiers,
            VersionOrUrl::Url(_) => return None,
        },
    };
    (!found.is_empty()).then_some(found)
}

/// Poetry's constraints: caret, tilde, wildcard and bare versions beside PEP 440's own. Alternatives (`||`) are more than
/// specifiers can say.
#[must_use]
pub fn poetry(text: &str) -> Option<VersionSpecifiers> {
    if text.contains('|') {
        return None;
    }
    let parts: Vec<String> = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "*")
        .map(one)
        .collect::<Option<_>>()?;
    parts.join(",").parse().ok()
}

fn one(part: &str) -> Option<String> {
    if let Some(version) = part.strip_prefix('^') {
        return below(version, |release| release.iter().position(|part| *part > 0).unwrap_or(release.len() - 1));
    }
    if let Some(version) = part.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
        return below(version, |release| usize::from(release.len() > 1));
    }
    let is_bare = part.starts_with(|first: char| first.is_ascii_digit());
    Some(if is_bare { format!("=={part}") } else { part.to_owned() })
}

/// `version` and newer, below the next version that differs at the place that `keeps` names.
fn below(version: &str, keeps: impl Fn(&[u64]) -> usize) -> Option<String> {
    let version: Version = version.trim().parse().ok()?;
    let release = version.release().to_vec();
    let at = keeps(&release);
    let mut next = release.get(..=at)?.to_vec();
    *next.last_mut()? += 1;
    Some(format!(">={version},<{}", Version::new(next)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poetrys_constraints_are_specifiers() {
        for (text, expected) in [
            ("^1.2.3", Some(">=1.2.3, <2")),
            ("^0.2.3", Some(">=0.2.3, <0.3")),
            ("^0.0.3", Some(">=0.0.3, <0.0.4")),
            ("^0", Some(">=0, <1")),
            ("~1.2.3", Some(">=1.2.3, <1.3")),
            ("~1", Some(">=1, <2")),
            ("~=1.2", Some("~=1.2")),
            ("1.2.3", Some("==1.2.3")),
            ("1.2.*", Some("==1.2.*")),
            (">=1,<3", Some(">=1, <3")),
            ("*", Some("")),
            ("1 || 2", None),
        ] {
            assert_eq!(poetry(text).map(|it| it.to_string()).as_deref(), expected, "{text}");
        }
    }
}
