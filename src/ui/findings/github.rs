//! Findings as annotations of a GitHub workflow
//! (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use std::path::Path;

use super::row::Row;
use super::{relative, severity};
use crate::domain::checks::{Report, Severity};
use crate::ui::harmless;

/// A line for each finding, and for each check that judged nothing because it crashed.
pub fn annotations(report: &Report, row: &Row, base: Option<&Path>) -> Vec<String> {
    let mut out = Vec::new();
    for (check, finding) in report.findings() {
        let level = match severity(check, finding) {
            Severity::Warning => "warning",
            Severity::Failure => "error",
        };
        let mut properties = Vec::new();
        if let Some(location) = &finding.location {
            properties.push(format!("file={}", property(&relative(location, base))));
            if let Some((line, column)) = location.position() {
                properties.push(format!("line={line},col={column}"));
            }
        }
        properties.push(format!("title={}", property(&format!("{}: {}", check.id, check.title))));
        let text = format!("{}: {}\nmend it: {}", finding.message, finding.cause, finding.remedy);
        out.push(format!("::{level} {}::{}\n", properties.join(","), data(&text)));
    }
    for why in &row.unjudged {
        out.push(format!("::error title=not judged::{}\n", data(&format!("{}: {why}", row.name()))));
    }
    out
}

fn data(text: &str) -> String {
    harmless::lines(text).replace('%', "%25").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
