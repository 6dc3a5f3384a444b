//! Plans and lists in words: the preview, the diff, the plan as JSON, tables.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::Style;
use serde_json::{Value, json};

use super::harmless;
use super::style::{ADDED, BOLD, DIM, REMOVED, paint};
use crate::domain::plan::{Change, Plan};
use crate::domain::provenance::is_record;
use crate::domain::tree::{File, Root};

/// A place in a file; line and column count from 1, in characters.
pub struct At<'a> {
    pub file: &'a str,
    pub line: usize,
    pub column: usize,
}

/// What is wrong at a place of a file, with the source line under it.
#[must_use]
pub fn source_error(text: &str, at: &At<'_>, message: &str) -> String {
    format!("{}:{}:{}: {message}\n{}", at.file, at.line, at.column, source_line(text, at, message))
}

/// The source line of a place, with a mark under it that says `message`.
#[must_use]
pub fn source_line(text: &str, at: &At<'_>, message: &str) -> String {
    let whole = text.trim_start_matches('\u{feff}');
    let line = whole.split('\n').nth(at.line.saturating_sub(1)).unwrap_or_default().trim_end_matches('\r');
    // A long line or a control character would spoil the terminal.
    let shown: String = line.chars().take(200).map(|c| if c == '\t' { ' ' } else { c }).collect();
    let shown = harmless::line(&shown);
    let start = shown.char_indices().nth(at.column.saturating_sub(1)).map_or(shown.len(), |(start, _)| start);
    let end = shown[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    let snippet = Snippet::source(shown.as_str())
        .line_start(at.line)
        .annotation(AnnotationKind::Primary.span(start..end).label(message));
    let drawn = Renderer::plain().render(&[Group::with_level(Level::ERROR).element(snippet)]);
    drawn.trim_end().to_owned()
}

/// One line a change: what is created, edited and deleted.
#[must_use]
pub fn plan_lines(plan: &Plan) -> String {
    let mut out = String::new();
    for change in &plan.changes {
        let (sign, style) = sign(change);
        out += &format!("  {} {}\n", paint(style, sign), shown(change));
    }
    out
}

/// The changes with contents, as a unified diff.
#[must_use]
pub fn plan_diff(plan: &Plan) -> String {
    plan.changes.iter().map(change_diff).collect()
}

/// What a person is asked to agree to: as [`plan_diff`], with the names alone of what only machines read.
#[must_use]
pub fn plan_question(plan: &Plan) -> String {
    let (records, others): (Vec<&Change>, Vec<&Change>) =
        plan.changes.iter().partition(|change| is_record(change.place()));
    let mut out: String = others.into_iter().map(change_diff).collect();
    for change in records {
        let (sign, style) = sign(change);
        out += &format!("{} {}\n", paint(style, sign), paint(DIM, shown(change) + " (pyenvkit's own record)"));
    }
    out
}

fn change_diff(change: &Change) -> String {
    let empty = File { bytes: Vec::new(), executable: false };
    let (before, after) = match change {
        Change::Create { file, .. } => (&empty, file),
        Change::Edit { before, after, .. } => (before, after),
        Change::Delete { before, .. } => (before, &empty),
    };
    let name = shown(change);
    let old = if matches!(change, Change::Create { .. }) { "/dev/null".to_owned() } else { format!("a/{name}") };
    let new = if matches!(change, Change::Delete { .. }) { "/dev/null".to_owned() } else { format!("b/{name}") };
    let mut out = format!("{}\n{}\n", paint(BOLD, format!("--- {old}")), paint(BOLD, format!("+++ {new}")));
    let (before, after) = (String::from_utf8_lossy(&before.bytes), String::from_utf8_lossy(&after.bytes));
    let diff = similar::TextDiff::from_lines(before.as_ref(), after.as_ref());
    for hunk in diff.unified_diff().iter_hunks() {
        for line in hunk.to_string().lines() {
            let style = match line.as_bytes().first() {
                Some(b'+') => ADDED,
                Some(b'-') => REMOVED,
                Some(b'@') => DIM,
                _ => Style::new(),
            };
            out += &paint(style, harmless::lines(line));
            out.push('\n');
        }
    }
    out
}

fn sign(change: &Change) -> (&'static str, Style) {
    match change {
        Change::Create { .. } => ("+", ADDED),
        Change::Edit { .. } => ("~", BOLD),
        Change::Delete { .. } => ("-", REMOVED),
    }
}

/// The path, with its root where that is not the project.
fn shown(change: &Change) -> String {
    let place = change.place();
    let path = harmless::line(place.path.as_str());
    match place.root {
        Root::Project => path,
        Root::Repository => format!("{path} (of the repository)"),
        Root::GitDir => format!("{path} (of the git folder)"),
        Root::Environment => format!("{path} (of the environment)"),
    }
}

/// The plan for machines: what `apply` consumes, texts as text.
#[must_use]
pub fn plan_json(plan: &Plan) -> Value {
    let text = |file: &File| String::from_utf8_lossy(&file.bytes).into_owned();
    let changes: Vec<Value> = plan
        .changes
        .iter()
        .map(|change| {
            let place = change.place();
            match change {
                Change::Create { file, .. } => {
                    json!({"change": "create", "root": place.root, "path": place.path, "executable": file.executable, "after": text(file)})
                }
                Change::Edit { before, after, .. } => {
                    json!({"change": "edit", "root": place.root, "path": place.path, "executable": after.executable, "before": text(before), "after": text(after)})
                }
                Change::Delete { before, .. } => {
                    json!({"change": "delete", "root": place.root, "path": place.path, "before": text(before)})
                }
            }
        })
        .collect();
    json!(changes)
}

/// Rows with their columns aligned, two spaces between them.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| console::measure_text_width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += &console::pad_str(cell, width + 2, console::Alignment::Left, None);
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}
