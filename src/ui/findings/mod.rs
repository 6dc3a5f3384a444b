//! The findings of doctor, written for people, programs and hosts of code: each form from the same reports.

mod github;
mod json;
mod sarif;
mod text;

pub use github::render as github;
pub use json::render as json;
pub use sarif::render as sarif;
pub use text::{Detail, render as text};

use std::path::Path;

use crate::domain::checks::{Check, Finding, Location, Report, Severity};

/// The severity of a finding in words.
fn severity(check: &Check, finding: &Finding) -> Severity {
    finding.severity.unwrap_or(check.severity)
}

/// The word for a severity, as it is in every form.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warn",
        Severity::Failure => "fail",
    }
}

/// The path of a location, relative to `base` where it lies below it, with `/` between its parts.
fn relative(location: &Location, base: Option<&Path>) -> String {
    let path = base.and_then(|base| location.path.strip_prefix(base).ok()).unwrap_or(&location.path);
    let text = path.to_string_lossy().replace('\\', "/");
    if text.is_empty() { ".".to_owned() } else { text }
}

/// What the paths of several reports are relative to: the folder of the only project, else the one that all are below.
fn common_base(reports: &[Report]) -> Option<std::path::PathBuf> {
    let mut folders = reports.iter().filter_map(|report| report.project.as_deref());
    let mut base = folders.next()?.to_owned();
    for folder in folders {
        while !folder.starts_with(&base) {
            base = base.parent()?.to_owned();
        }
    }
    Some(base)
}
