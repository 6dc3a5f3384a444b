//! What there is to look for: the list of checks and the page of one.

use anyhow::Result;
use serde_json::{Value, json};

use super::settings::{Settings, unknown};
use super::{Args, Format};
use crate::commands::output;
use crate::domain::checks::{self, Check, Severity};
use crate::error::Problem;
use crate::ui::{Ui, wrap};

/// Every check that was selected, with whether it can be mended.
pub fn list(args: &Args, ui: Ui) -> Result<()> {
    let selection = Settings::default().selection(args)?;
    if args.format == Format::Json {
        let all: Vec<Value> = selection.checks().map(entry).collect();
        return output::json(ui, &all);
    }
    let rows: Vec<Vec<String>> = selection.checks().map(row).collect();
    ui.data(&output::table(&rows))
}

fn severity(check: &Check) -> &'static str {
    match check.severity {
        Severity::Warning => "warning",
        Severity::Failure => "failure",
    }
}

fn row(check: &Check) -> Vec<String> {
    [check.id, severity(check), check.fixable.name(), check.title].map(str::to_owned).to_vec()
}

fn entry(check: &Check) -> Value {
    json!({
        "id": check.id,
        "family": check.family.title(),
        "title": check.title,
        "severity": severity(check),
        "fix": check.fixable.name(),
        "what": check.docs.what,
        "why": check.docs.why,
        "origin": check.docs.origin,
        "remedy": check.docs.remedy,
    })
}

/// The page of a check.
pub fn explain(id: &str, ui: Ui) -> Result<()> {
    let check = checks::find(id).ok_or_else(|| {
        let upper = id.to_ascii_uppercase();
        let is_family = !upper.is_empty() && checks::CHECKS.iter().any(|check| check.id.starts_with(&upper));
        if is_family { family(&upper) } else { unknown(id) }
    })?;
    ui.data(&wrap::paragraphs(&checks::explain(check), wrap::columns()))
}

/// The error for what several checks begin with.
fn family(start: &str) -> Problem {
    Problem::usage(format!("{start} is not one check but several"))
        .hint(format!("pyenvkit doctor --list --select {start} names them"))
}
