//! Which checks run, and which of them are ignored.

use std::collections::BTreeSet;

use super::{CHECKS, Check};
use crate::domain::facts::Need;

/// A choice of checks by ids and beginnings of ids (`VEN`, `VEN05`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    select: Vec<String>,
    ignore: Vec<String>,
}

/// A word that names no check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown(pub String);

impl Selection {
    /// Only checks that begin with one of `select`, all where that is empty, and ignore those that begin with one of
    /// `ignore`.
    ///
    /// # Errors
    /// A word is the beginning of no id.
    pub fn new(select: &[String], ignore: &[String]) -> Result<Self, Unknown> {
        let known = |word: &String| {
            let upper = word.trim().to_ascii_uppercase();
            let names = !upper.is_empty() && CHECKS.iter().any(|check| check.id.starts_with(&upper));
            if names { Ok(upper) } else { Err(Unknown(word.clone())) }
        };
        let all = |words: &[String]| words.iter().map(known).collect::<Result<Vec<_>, _>>();
        Ok(Self { select: all(select)?, ignore: all(ignore)? })
    }

    /// The checks that run, in the order of the catalogue.
    pub fn checks(&self) -> impl Iterator<Item = &'static Check> {
        CHECKS.iter().filter(|check| self.select.is_empty() || begins(check, &self.select))
    }

    /// Whether the findings of a check are not to be told.
    #[must_use]
    pub fn ignores(&self, check: &Check) -> bool {
        begins(check, &self.ignore)
    }

    /// What has to be probed for the checks that run.
    #[must_use]
    pub fn needs(&self) -> BTreeSet<Need> {
        self.checks().flat_map(|check| check.needs.iter().copied()).collect()
    }
}

fn begins(check: &Check, words: &[String]) -> bool {
    words.iter().any(|word| check.id.starts_with(word.as_str()))
}
