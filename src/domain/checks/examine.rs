//! Runs checks over facts and says how each ended.

use super::{Check, Family, Fixable, Severity};
use super::{Finding, Selection};
use crate::domain::facts::{Facts, NoAnswer};

/// How one check ended.
#[derive(Debug)]
pub struct Outcome {
    pub check: &'static Check,
    pub status: Status,
}

/// What a check said.
#[derive(Debug, PartialEq, Eq)]
pub enum Status {
    Pass,
    Found(Vec<Finding>),
    /// It was not judged, for this reason.
    Skip(String),
    /// The check itself is at fault.
    Crash(String),
}

/// The outcomes of one subject.
#[derive(Debug, Default)]
pub struct Report {
    /// The project's folder; `None` for the machine alone.
    pub project: Option<std::path::PathBuf>,
    /// In the order of the catalogue.
    pub outcomes: Vec<Outcome>,
    /// Findings of checks that are to be ignored.
    pub suppressed: usize,
    /// Why nothing could be examined.
    pub refused: Option<String>,
}

/// A finding with its check.
pub type Verdict<'r> = (&'static Check, &'r Finding);

/// Findings by what they weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    pub failures: usize,
    pub warnings: usize,
    pub crashes: usize,
    pub skipped: usize,
    pub suppressed: usize,
    /// Findings that `--fix` mends, and those that only `--fix=all` does.
    pub safe: usize,
    pub asking: usize,
}

/// What counts as a failure of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Failures alone.
    Lenient,
    /// Warnings too.
    Strict,
}

/// Run the selected checks.
#[must_use]
pub fn examine(facts: &Facts, selection: &Selection) -> Report {
    let mut report =
        Report { project: facts.project.as_ref().map(|project| project.folder.clone()), ..Report::default() };
    for check in selection.checks().filter(|check| applies(check, facts)) {
        let mut status = judge(check, facts);
        if let Some(only) = selection.only(check) {
            let Status::Found(findings) = &mut status else { continue };
            findings.retain(|finding| only.contains(finding));
            if findings.is_empty() {
                continue;
            }
        }
        if selection.ignores(check) {
            match &status {
                Status::Found(findings) => report.suppressed += findings.len(),
                Status::Crash(_) => {}
                Status::Pass | Status::Skip(_) => continue,
            }
            status = Status::Skip("ignored".to_owned());
        }
        report.outcomes.push(Outcome { check, status });
    }
    report
}

/// A project that declares no checks of its own has none to speak of.
fn applies(check: &Check, facts: &Facts) -> bool {
    let declares =
        || facts.project.as_ref().and_then(|project| project.own.get().ok()).is_some_and(|own| !own.is_empty());
    check.family != Family::Own || declares()
}

fn judge(check: &Check, facts: &Facts) -> Status {
    if !check.contexts.contains(&facts.context) {
        return Status::Skip(format!("no fault in {}", facts.context.name()));
    }
    match (check.run)(facts) {
        Ok(findings) if findings.is_empty() => Status::Pass,
        Ok(findings) => Status::Found(findings),
        Err(NoAnswer::NotAsked(kind)) => Status::Crash(NoAnswer::NotAsked(kind).to_string()),
        Err(NoAnswer::Unknown(why) | NoAnswer::Pointless(why)) => Status::Skip(why),
    }
}

impl Report {
    /// Every finding, in the order of the catalogue.
    pub fn findings(&self) -> impl Iterator<Item = Verdict<'_>> {
        self.outcomes.iter().flat_map(|outcome| {
            let findings = if let Status::Found(findings) = &outcome.status { &findings[..] } else { &[] };
            findings.iter().map(|finding| (outcome.check, finding))
        })
    }

    /// The findings that no other finding explains.
    pub fn roots(&self) -> impl Iterator<Item = Verdict<'_>> {
        self.findings().filter(|verdict| self.cause_of(verdict).is_none())
    }

    /// The findings that `root` explains, directly or through another.
    #[must_use]
    pub fn consequences(&self, root: &Verdict<'_>) -> Vec<Verdict<'_>> {
        self.findings().filter(|verdict| self.root_of(verdict) == Some(root.0.id)).collect()
    }

    /// The check whose finding explains this one.
    fn cause_of(&self, (check, finding): &Verdict<'_>) -> Option<&'static str> {
        let found = |id: &str| id != check.id && self.findings().any(|(other, _)| other.id == id);
        finding.caused_by.iter().copied().find(|id| found(id))
    }

    fn root_of(&self, verdict: &Verdict<'_>) -> Option<&'static str> {
        let mut cause = self.cause_of(verdict)?;
        // Causes never stand in a circle, but the data could: as many steps as there are checks are enough.
        for _ in 0..super::CHECKS.len() {
            let next = self.findings().find(|(check, _)| check.id == cause).and_then(|above| self.cause_of(&above));
            match next {
                Some(above) => cause = above,
                None => break,
            }
        }
        Some(cause)
    }

    /// What could not be examined, and why not.
    #[must_use]
    pub fn refused(project: std::path::PathBuf, why: String) -> Self {
        Self { project: Some(project), refused: Some(why), ..Self::default() }
    }

    #[must_use]
    pub fn summary(&self) -> Summary {
        let crashes = usize::from(self.refused.is_some());
        let mut sum = Summary { suppressed: self.suppressed, crashes, ..Summary::default() };
        for outcome in &self.outcomes {
            match &outcome.status {
                Status::Pass | Status::Found(_) => {}
                Status::Skip(_) => sum.skipped += 1,
                Status::Crash(_) => sum.crashes += 1,
            }
        }
        for (check, finding) in self.findings() {
            match finding.severity.unwrap_or(check.severity) {
                Severity::Failure => sum.failures += 1,
                Severity::Warning => sum.warnings += 1,
            }
            match finding.fix.as_ref().map(|fix| fix.safety) {
                Some(super::Safety::Safe) => sum.safe += 1,
                Some(super::Safety::Asks) => sum.asking += 1,
                None => {}
            }
        }
        sum
    }
}

impl Summary {
    /// Whether there is something to tell.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        self.fails(Weight::Strict)
    }

    /// Whether the run fails: exit code 1. A check that crashed judged nothing, so that its silence proves nothing.
    #[must_use]
    pub fn fails(&self, weight: Weight) -> bool {
        self.failures > 0 || self.crashes > 0 || weight == Weight::Strict && self.warnings > 0
    }

    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            failures: self.failures + other.failures,
            warnings: self.warnings + other.warnings,
            crashes: self.crashes + other.crashes,
            skipped: self.skipped + other.skipped,
            suppressed: self.suppressed + other.suppressed,
            safe: self.safe + other.safe,
            asking: self.asking + other.asking,
        }
    }
}

impl Fixable {
    /// As `doctor --list` shows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Safely => "--fix",
            Self::Asking => "--fix=all",
            Self::ByHand => "by hand",
        }
    }
}
