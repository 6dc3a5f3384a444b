//! Findings for programs; `version` is raised when a field changes its meaning or goes.

use serde_json::{Value, json};

use super::row::{Row, Totals};
use super::{Extent, relative, severity, word};
use crate::domain::checks::{Check, Finding, Outcome, Report, Safety, Status, Summary, Weight};

/// The version of the document.
const VERSION: u32 = 1;

/// The document without its reports.
pub fn document(rows: &[Row], sum: Summary, weight: Weight) -> Value {
    let totals = Totals::of(rows);
    json!({
        "version": VERSION,
        "ok": !sum.fails(weight),
        "projects": {
            "examined": totals.examined,
            "failed": totals.failed,
            "warned": totals.warned,
            "healthy": totals.healthy,
        },
        "summary": summary(sum),
        "reports": [],
    })
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

/// One report. Of several, each lists only the checks that have something to tell.
pub fn report(report: &Report, row: &Row, extent: Extent) -> Value {
    let tells =
        |outcome: &&Outcome| extent == Extent::One || matches!(outcome.status, Status::Found(_) | Status::Crash(_));
    let mut value = json!({
        "project": report.project.as_ref().map(|folder| folder.to_string_lossy()),
        "status": row.status(),
        "summary": summary(row.summary),
        "checks": report.outcomes.iter().filter(tells).map(|outcome| check(report, outcome)).collect::<Vec<_>>(),
    });
    if let Some(why) = &report.refused {
        value["error"] = why.as_str().into();
    }
    value
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
