//! Which checks run, and which of them are ignored.

use std::collections::BTreeSet;

use super::{CHECKS, Check, Finding, Report, Status};
use crate::domain::facts::Need;

/// A choice of checks by ids and beginnings of ids (`VEN`, `VEN05`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    select: Vec<String>,
    ignore: Vec<String>,
    /// What is wrong with the machine, by checks that are not selected.
    machine: Vec<(&'static str, Vec<Finding>)>,
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
        Ok(Self { select: all(select)?, ignore: all(ignore)?, machine: Vec::new() })
    }

    /// The same, and what `report` says of the machine: a project chooses what is judged of itself, and no more.
    #[must_use]
    pub fn and_machine(mut self, report: &Report) -> Self {
        let found = report.outcomes.iter().filter_map(|outcome| match &outcome.status {
            Status::Found(findings) if !self.selects(outcome.check) => Some((outcome.check.id, findings.clone())),
            _ => None,
        });
        self.machine = found.collect();
        self
    }

    fn selects(&self, check: &Check) -> bool {
        self.select.is_empty() || begins(check, &self.select)
    }

    /// The findings of a check that are to be told; `None` where it was chosen and all of them are.
    #[must_use]
    pub fn only(&self, check: &Check) -> Option<&[Finding]> {
        self.machine.iter().find(|(id, _)| *id == check.id).map(|(_, findings)| &findings[..])
    }

    /// The checks that run, in the order of the catalogue.
    pub fn checks(&self) -> impl Iterator<Item = &'static Check> {
        CHECKS.iter().filter(|check| self.selects(check) || self.only(check).is_some())
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
