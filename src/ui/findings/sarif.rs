//! Findings as SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), for code scanning.

use std::path::Path;

use serde_json::{Value, json};

use super::row::Row;
use super::{pretty, relative, severity};
use crate::domain::checks::{CHECKS, Check, Finding, Report, Severity};

/// A result for each finding.
pub fn results(report: &Report, base: Option<&Path>) -> Vec<String> {
    report.findings().map(|(check, finding)| pretty(&result(check, finding, base))).collect()
}

/// One run without its results.
pub fn document(rows: &[Row]) -> Value {
    let notification =
        |row: &Row, why: &String| json!({ "level": "error", "message": { "text": format!("{}: {why}", row.name()) } });
    let notifications: Vec<Value> =
        rows.iter().flat_map(|row| row.unjudged.iter().map(move |why| notification(row, why))).collect();
    let rules: Vec<Value> = CHECKS.iter().map(rule).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "pyenvkit doctor",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": notifications.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": [],
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Failure => "error",
    }
}

fn rule(check: &Check) -> Value {
    json!({
        "id": check.id,
        "shortDescription": { "text": check.title },
        "fullDescription": { "text": check.docs.what },
        "help": { "text": check.docs.remedy, "markdown": crate::domain::checks::explain(check) },
        "defaultConfiguration": { "level": level(check.severity) },
    })
}

fn result(check: &Check, finding: &Finding, base: Option<&Path>) -> Value {
    let index = CHECKS.iter().position(|other| other.id == check.id);
    let text =
        format!("{}: {}. So {}. To mend it: {}", finding.message, finding.cause, finding.consequence, finding.remedy);
    // A result without a place is not shown: what has none belongs to the project as a whole.
    let path = finding.location.as_ref().map_or_else(|| ".".to_owned(), |location| relative(location, base));
    let uri = if Path::new(&path).is_absolute() { format!("file://{}", escape(&path)) } else { escape(&path) };
    let mut place = json!({ "artifactLocation": { "uri": uri } });
    if let Some(location) = &finding.location
        && let (Some((line, column)), Some((end_line, end_column))) = (location.position(), location.end())
    {
        place["region"] =
            json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column });
    }
    json!({
        "ruleId": check.id,
        "ruleIndex": index,
        "level": level(severity(check, finding)),
        "message": { "text": text },
        "locations": [{ "physicalLocation": place }],
    })
}

/// A path as a relative URI reference (RFC 3986).
fn escape(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
