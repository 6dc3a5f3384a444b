//! The findings of doctor, written for people, programs and hosts of code: each form from the same reports.
//!
//! A [`Sheet`] takes one report after the other and keeps of each a row, and what will be printed where it takes no memory,
//! so that a run over many projects holds neither their facts nor their findings.

mod github;
mod json;
mod row;
mod sarif;
mod text;

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

use super::{Ui, harmless};
use crate::domain::checks::{Check, Finding, Location, Report, Severity, Summary, Weight};
use crate::domain::keep::{Keep, Kept};
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
    keep: Box<dyn Keep>,
}

/// What is kept of a report.
struct Entry {
    row: Row,
    /// Its parts of the document: one report, one result, one annotation each.
    parts: Vec<Kept>,
}

impl Sheet {
    #[must_use]
    pub fn new(form: Form, extent: Extent, base: Option<PathBuf>, keep: Box<dyn Keep>) -> Self {
        Self { form, extent, base, entries: Vec::new(), keep }
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
        let parts = parts.into_iter().map(|part| self.keep.put(part)).collect();
        self.entries.push(Entry { row, parts });
    }

    /// All that was found.
    #[must_use]
    pub fn sum(&self) -> Summary {
        self.entries.iter().map(|entry| entry.row.summary).fold(Summary::default(), Summary::plus)
    }

    /// Print the document, worst first.
    ///
    /// # Errors
    /// It cannot be printed, or what was kept cannot be read any more.
    pub fn print(mut self, weight: Weight, ui: Ui) -> Result<()> {
        self.entries.sort_by_cached_key(|entry| (Reverse(entry.row.badness()), entry.row.subject.clone()));
        let sum = self.sum();
        let (rows, parts): (Vec<Row>, Vec<Vec<Kept>>) =
            self.entries.into_iter().map(|entry| (entry.row, entry.parts)).unzip();
        let parts: Vec<Kept> = parts.into_iter().flatten().collect();
        let frame = match (self.form, self.extent) {
            (Form::Text(_), Extent::One) => Frame::behind(text::closing(sum)),
            (Form::Text(detail), Extent::Several) => Frame::behind(row::table(&rows, detail) + &text::closing(sum)),
            (Form::Json, _) => Frame::around(&json::document(&rows, sum, weight), "reports", parts.is_empty()),
            (Form::Sarif, _) => Frame::around(&sarif::document(&rows), "results", parts.is_empty()),
            (Form::Github, _) => Frame::behind(String::new()),
        };
        ui.data_of(|print| {
            for (number, part) in parts.into_iter().enumerate() {
                print(if number == 0 { &frame.before } else { &frame.between })?;
                print(&self.keep.get(part)?.replace('\n', &frame.line_break))?;
            }
            print(&frame.behind)
        })
    }
}

/// What stands around the parts of a document.
struct Frame {
    before: String,
    between: String,
    behind: String,
    /// What a line break within a part becomes.
    line_break: String,
}

impl Frame {
    /// Nothing but this at the end.
    fn behind(behind: String) -> Self {
        Self { before: String::new(), between: String::new(), behind, line_break: "\n".to_owned() }
    }

    /// `document`, pretty-printed, with parts in its array at `key`, which must be there, empty, and have no namesake.
    fn around(document: &Value, key: &str, is_empty: bool) -> Self {
        let text = pretty(document) + "\n";
        let empty = format!("\"{key}\": []");
        let Some(at) = text.find(&empty).filter(|_| !is_empty) else { return Self::behind(text) };
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let indent = format!("\n{}  ", &text[line..at]);
        Self {
            before: format!("{}\"{key}\": [{indent}", &text[..at]),
            between: format!(",{indent}"),
            behind: format!("{}]{}", &indent[..indent.len() - 2], &text[at + empty.len()..]),
            line_break: indent,
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
