//! One line of a run over several projects: how bad it is, what was found, where.

use std::path::Path;

use super::{Detail, below, severity};
use crate::domain::checks::{Report, Severity, Status, Summary};
use crate::ui::harmless;
use crate::ui::report::table as aligned;
use crate::ui::style::{DIM, ERROR, GOOD, WARNING, paint};

/// What is kept of a report in any case.
pub struct Row {
    /// The project's folder, relative to the base of the run where it lies below it; `None` for the machine.
    pub subject: Option<String>,
    /// The same, or the name of the folder where it is the base itself.
    name: String,
    pub summary: Summary,
    /// The checks that found something or crashed, with how often.
    faults: Vec<(&'static str, usize)>,
    /// What could not be judged, and why.
    pub unjudged: Vec<String>,
}

impl Row {
    pub fn new(report: &Report, base: Option<&Path>) -> Self {
        let count = |status: &Status| match status {
            Status::Found(findings) => findings.len(),
            Status::Crash(_) => 1,
            Status::Pass | Status::Skip(_) => 0,
        };
        let mut faults: Vec<_> = report.outcomes.iter().map(|it| (it.check, count(&it.status))).collect();
        faults.retain(|(_, count)| *count > 0);
        let failing = |id: &str| {
            let mut found = report.findings().filter(|(check, _)| check.id == id);
            found.any(|(check, finding)| severity(check, finding) == Severity::Failure)
        };
        faults.sort_by_key(|(check, _)| !failing(check.id));
        let crashes = report.outcomes.iter().filter_map(|outcome| match &outcome.status {
            Status::Crash(why) => Some(format!("{} crashed: {why}", outcome.check.id)),
            _ => None,
        });
        Self {
            subject: report.project.as_deref().map(|folder| below(folder, base)),
            name: report.project.as_deref().map_or_else(|| "this machine".to_owned(), |folder| name(folder, base)),
            summary: report.summary(),
            faults: faults.into_iter().map(|(check, count)| (check.id, count)).collect(),
            unjudged: report.refused.iter().cloned().chain(crashes).collect(),
        }
    }

    /// What is worse is greater.
    pub fn badness(&self) -> (usize, usize, usize) {
        (self.summary.crashes, self.summary.failures, self.summary.warnings)
    }

    /// The worst that happened.
    pub fn status(&self) -> &'static str {
        match self.badness() {
            (1.., _, _) => "crash",
            (0, 1.., _) => "fail",
            (0, 0, 1..) => "warn",
            (0, 0, 0) => "pass",
        }
    }

    /// The subject as it is called.
    pub fn name(&self) -> String {
        harmless::line(&self.name)
    }

    fn cells(&self) -> Vec<String> {
        let (word, style) = match self.status() {
            "pass" => ("ok", GOOD),
            "warn" => ("warn", WARNING),
            word => (word, ERROR),
        };
        let many = |(id, count): &(&str, usize)| if *count > 1 { format!("{id} x{count}") } else { (*id).to_owned() };
        let faults = self.faults.iter().map(many).collect::<Vec<_>>().join(", ");
        let what = if faults.is_empty() { self.unjudged.join(", ") } else { faults };
        vec![paint(style, word), self.name(), harmless::line(&what)]
    }
}

fn name(folder: &Path, base: Option<&Path>) -> String {
    match folder.file_name() {
        Some(own) if base == Some(folder) => own.to_string_lossy().into_owned(),
        _ => below(folder, base),
    }
}

/// How many projects there are of each kind.
pub struct Totals {
    pub examined: usize,
    pub failed: usize,
    pub warned: usize,
    pub healthy: usize,
}

impl Totals {
    pub fn of(rows: &[Row]) -> Self {
        let projects = || rows.iter().filter(|row| row.subject.is_some());
        let count = |words: &[&str]| projects().filter(|row| words.contains(&row.status())).count();
        let (failed, warned) = (count(&["fail", "crash"]), count(&["warn"]));
        Self { examined: projects().count(), failed, warned, healthy: count(&["pass"]) }
    }
}

/// A line for each subject, or for those at fault alone, and how many of each kind there are.
pub fn table(rows: &[Row], detail: Detail) -> String {
    let is_shown = |row: &&Row| {
        let faultless = row.status() == "pass";
        !(faultless && (detail == Detail::Faults || row.subject.is_none()))
    };
    let cells: Vec<Vec<String>> = rows.iter().filter(is_shown).map(Row::cells).collect();
    let totals = Totals::of(rows);
    let plural = if totals.examined == 1 { "" } else { "s" };
    let mut out = aligned(&cells);
    out += &format!(
        "{} project{plural}: {} with failures, {} with warnings, {} healthy\n",
        totals.examined, totals.failed, totals.warned, totals.healthy
    );
    if totals.healthy < totals.examined && detail != Detail::Everything {
        out += &paint(DIM, "pyenvkit doctor DIR tells what is wrong with one of them, and -v of all");
        out.push('\n');
    }
    out
}
