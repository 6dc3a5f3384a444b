//! The `--json` flag of verbs that print data; without it they print tables.

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::ui::Ui;

pub use crate::ui::report::table;

// Data as JSON instead of as a table. (A doc comment here would be the help of the verbs.)
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Json {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `1 file`, `2 files`.
#[must_use]
pub fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Print `value` as JSON on stdout.
///
/// # Errors
/// It cannot be serialised, or stdout cannot be written.
pub fn json(ui: Ui, value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).context("cannot write JSON")?;
    ui.data(&format!("{text}\n"))
}
