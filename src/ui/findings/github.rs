//! Findings as annotations of a GitHub workflow
//! (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use super::{common_base, relative, severity};
use crate::domain::checks::{Report, Severity};

/// A line for each finding.
#[must_use]
pub fn render(reports: &[Report]) -> String {
    let base = common_base(reports);
    let mut out = String::new();
    for (check, finding) in reports.iter().flat_map(Report::findings) {
        let level = match severity(check, finding) {
            Severity::Warning => "warning",
            Severity::Failure => "error",
        };
        let mut properties = Vec::new();
        if let Some(location) = &finding.location {
            properties.push(format!("file={}", property(&relative(location, base.as_deref()))));
            if let Some((line, column)) = location.position() {
                properties.push(format!("line={line},col={column}"));
            }
        }
        properties.push(format!("title={}", property(&format!("{}: {}", check.id, check.title))));
        let text = format!("{}: {}\nmend it: {}", finding.message, finding.cause, finding.remedy);
        out += &format!("::{level} {}::{}\n", properties.join(","), data(&text));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
