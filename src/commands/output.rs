//! The `--json` flag of verbs that print data, and tables for eyes.

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::ui::Ui;

/// Data as JSON instead of as a table.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Json {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Print `value` as JSON on stdout.
///
/// # Errors
/// It cannot be serialised, or stdout cannot be written.
pub fn json(ui: Ui, value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).context("cannot write JSON")?;
    ui.data(&format!("{text}\n"))
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
