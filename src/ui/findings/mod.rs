//! The findings of doctor, written for people, programs and hosts of code: each form from the same reports.
//!
//! A [`Sheet`] takes one report after the other and keeps of each what will be printed, so that a run over many projects
//! holds neither their facts nor their findings.

mod github;
mod json;
mod row;
mod sarif;
mod text;

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::harmless;
use crate::domain::checks::{Check, Finding, Location, Report, Severity, Summary, Weight};
use row::Row;

pub use text::Detail;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text(Detail),
    /// For programs; its schema is `schemas/doctor-1.schema.json`.
    Json,
    /// For code scanning.
    Sarif,
    /// Annotations of a workflow.
    Github,
}

/// Whether one subject is examined or several, of which the healthy are told in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    One,
    Several,
}

/// What a run prints, as it grows.
pub struct Sheet {
    form: Form,
    extent: Extent,
    /// What paths are relative to where they lie below it.
    base: Option<PathBuf>,
    entries: Vec<Entry>,
}

/// What is kept of a report.
struct Entry {
    row: Row,
    /// Its part of the document: one report, one result, one annotation each.
    parts: Vec<String>,
}

impl Sheet {
    #[must_use]
    pub fn new(form: Form, extent: Extent, base: Option<PathBuf>) -> Self {
        Self { form, extent, base, entries: Vec::new() }
    }

    /// Keep what will be printed of `report`.
    pub fn take(&mut self, report: &Report) {
        let base = self.base.as_deref();
        let row = Row::new(report, base);
        let parts = match self.form {
            Form::Text(detail) if self.extent == Extent::One => vec![text::report(report, detail)],
            Form::Text(Detail::Everything) => vec![text::headed(report, &row)],
            Form::Text(_) => Vec::new(),
            Form::Json => vec![pretty(&json::report(report, &row, self.extent))],
            Form::Sarif => sarif::results(report, base),
            Form::Github => github::annotations(report, &row, base),
        };
        self.entries.push(Entry { row, parts });
    }

    /// All that was found.
    #[must_use]
    pub fn sum(&self) -> Summary {
        self.entries.iter().map(|entry| entry.row.summary).fold(Summary::default(), Summary::plus)
    }

    /// The document, worst first.
    #[must_use]
    pub fn write(mut self, weight: Weight) -> String {
        self.entries.sort_by_cached_key(|entry| (Reverse(entry.row.badness()), entry.row.subject.clone()));
        let sum = self.sum();
        let (rows, parts): (Vec<Row>, Vec<Vec<String>>) =
            self.entries.into_iter().map(|entry| (entry.row, entry.parts)).unzip();
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        match (self.form, self.extent) {
            (Form::Text(_), Extent::One) => parts.concat() + &text::closing(sum),
            (Form::Text(detail), Extent::Several) => parts.concat() + &row::table(&rows, detail) + &text::closing(sum),
            (Form::Json, _) => json::document(&rows, sum, weight, parts),
            (Form::Sarif, _) => sarif::document(&rows, parts),
            (Form::Github, _) => parts.concat(),
        }
    }
}

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
    below(&location.path, base)
}

fn below(path: &Path, base: Option<&Path>) -> String {
    let path = base.and_then(|base| path.strip_prefix(base).ok()).unwrap_or(path);
    let text = path.to_string_lossy().replace('\\', "/");
    if text.is_empty() { ".".to_owned() } else { text }
}

/// JSON for eyes, without what steers a terminal.
fn pretty(value: &Value) -> String {
    harmless::json(&format!("{value:#}"))
}

/// `document` with the pretty-printed `items` in its array at `key`, which must be there, empty, and have no namesake.
fn with_items(document: &Value, key: &str, items: Vec<String>) -> String {
    let text = pretty(document);
    let empty = format!("\"{key}\": []");
    let Some(at) = text.find(&empty).filter(|_| !items.is_empty()) else { return text + "\n" };
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let indent = format!("\n{}  ", &text[line..at]);
    let mut out = format!("{}\"{key}\": [", &text[..at]);
    let last = items.len() - 1;
    // Each goes once it is written: there can be many.
    for (number, item) in items.into_iter().enumerate() {
        out += &indent;
        out += &item.replace('\n', &indent);
        out += if number == last { "" } else { "," };
    }
    out += &indent[..indent.len() - 2];
    out += "]";
    out + &text[at + empty.len()..] + "\n"
}
