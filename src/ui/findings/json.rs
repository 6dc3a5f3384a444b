//! Findings for programs; `version` is raised when a field changes its meaning or goes.

use serde_json::{Value, json};

use super::{relative, severity, word};
use crate::domain::checks::{Check, Finding, Outcome, Report, Safety, Status, Summary, Weight};

/// The version of the document.
const VERSION: u32 = 1;

/// The reports as one JSON document with a line break at its end.
#[must_use]
pub fn render(reports: &[Report], weight: Weight) -> String {
    let sum = reports.iter().map(Report::summary).fold(Summary::default(), Summary::plus);
    let document = json!({
        "version": VERSION,
        "ok": !sum.fails(weight),
        "summary": summary(sum),
        "reports": reports.iter().map(report).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn summary(sum: Summary) -> Value {
    json!({
        "failures": sum.failures,
        "warnings": sum.warnings,
        "crashes": sum.crashes,
        "skipped": sum.skipped,
        "suppressed": sum.suppressed,
        "fixable": { "safe": sum.safe, "asking": sum.asking },
    })
}

fn report(report: &Report) -> Value {
    json!({
        "project": report.project.as_ref().map(|folder| folder.to_string_lossy()),
        "summary": summary(report.summary()),
        "checks": report.outcomes.iter().map(|outcome| check(report, outcome)).collect::<Vec<_>>(),
    })
}

fn check(report: &Report, outcome: &Outcome) -> Value {
    let check = outcome.check;
    let mut value = json!({ "id": check.id, "family": check.family.title(), "title": check.title });
    let (status, reason) = match &outcome.status {
        Status::Pass => ("pass", None),
        Status::Skip(why) => ("skip", Some(why)),
        Status::Crash(why) => ("crash", Some(why)),
        Status::Found(findings) => {
            value["findings"] = findings.iter().map(|it| finding(report, check, it)).collect();
            let worst = findings.iter().map(|finding| severity(check, finding)).max();
            (worst.map_or("pass", word), None)
        }
    };
    value["status"] = status.into();
    if let Some(reason) = reason {
        value["reason"] = reason.as_str().into();
    }
    value
}

fn finding(report: &Report, check: &Check, finding: &Finding) -> Value {
    let location = finding.location.as_ref().map(|location| {
        let mut value = json!({ "path": relative(location, report.project.as_deref()) });
        if let (Some(start), Some(end)) = (location.position(), location.end()) {
            value["line"] = start.0.into();
            value["column"] = start.1.into();
            value["end_line"] = end.0.into();
            value["end_column"] = end.1.into();
        }
        value
    });
    let fix = finding.fix.as_ref().map(|fix| {
        let safety = if fix.safety == Safety::Safe { "safe" } else { "asks" };
        json!({ "safety": safety, "label": fix.label })
    });
    json!({
        "severity": word(severity(check, finding)),
        "message": finding.message,
        "cause": finding.cause,
        "consequence": finding.consequence,
        "remedy": finding.remedy,
        "location": location,
        "caused_by": finding.caused_by,
        "fix": fix,
    })
}
