//! Python versions: how they are written, which are alive, and what of them a project allows.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A feature version of CPython: `3.14`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Minor {
    pub major: u8,
    pub minor: u8,
}

impl Minor {
    #[must_use]
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// The feature version of a version: of `3.12.1`, `3.15.0rc2` or `3.14`.
    #[must_use]
    pub fn of_version(version: &str) -> Option<Self> {
        let mut numbers = version.trim().split('.');
        Some(Self::new(numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl TryFrom<String> for Minor {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.split_once('.')
            .and_then(|(major, minor)| Some(Self::new(major.parse().ok()?, minor.parse().ok()?)))
            .ok_or_else(|| format!("{text:?} is not a Python version such as \"3.14\""))
    }
}

impl From<Minor> for String {
    fn from(version: Minor) -> Self {
        version.to_string()
    }
}

/// The oldest Python that a new project supports unless it says otherwise.
pub const DEFAULT_FLOOR: Minor = Minor::new(3, 11);

/// The oldest Python that an environment is made with and a new project can be for.
pub const OLDEST: Minor = Minor::new(3, 8);

/// The newest released Python.
pub const NEWEST: Minor = Minor::new(3, 15);

/// The day of its release as `YYYY-MM-DD` (PEP 790): every true clock that this program meets shows a later one.
pub const NEWEST_SINCE: &str = "2026-10-01";

/// The last day of each version's life as `YYYY-MM-DD` (PEPs 537, 569, 596, 619, 664, 693, 719, 745, 790: each fixes a
/// month; the last day of it is taken).
pub const END_OF_LIFE: &[(Minor, &str)] = &[
    (Minor::new(2, 7), "2020-01-01"),
    (Minor::new(3, 6), "2021-12-23"),
    (Minor::new(3, 7), "2023-06-27"),
    (Minor::new(3, 8), "2024-10-07"),
    (Minor::new(3, 9), "2025-10-31"),
    (Minor::new(3, 10), "2026-10-31"),
    (Minor::new(3, 11), "2027-10-31"),
    (Minor::new(3, 12), "2028-10-31"),
    (Minor::new(3, 13), "2029-10-31"),
    (Minor::new(3, 14), "2030-10-31"),
    (Minor::new(3, 15), "2031-10-31"),
];

/// The last day of `version`'s life as `YYYY-MM-DD`, where it is known.
#[must_use]
pub fn end_of_life(version: Minor) -> Option<&'static str> {
    END_OF_LIFE.iter().find(|(known, _)| *known == version).map(|(_, day)| *day)
}
