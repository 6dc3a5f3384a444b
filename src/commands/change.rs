//! The flags of every verb that changes something, and how such a verb shows its plan.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};

use crate::domain::plan::Plan;
use crate::ui::{Ui, report};

/// How a change is previewed and confirmed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Change {
    /// Ask nothing
    #[arg(short, long)]
    pub yes: bool,
    /// Show what would be done, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// As --dry-run, with contents
    #[arg(long)]
    pub diff: bool,
    /// As --dry-run, for machines
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub plan: Option<PlanFormat>,
    /// Do not use the network
    #[arg(long)]
    pub offline: bool,
}

/// Of verbs that make the environment follow their change.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Sync {
    /// Change files only; leave the environment as it is
    #[arg(long)]
    pub no_sync: bool,
}

/// How `--plan` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PlanFormat {
    Json,
}

/// What is shown of a plan besides its files.
pub struct Preview<'p> {
    pub plan: &'p Plan,
    /// The project's folder.
    pub target: PathBuf,
    /// What follows the files, one line each (`git init`, `python -m venv`).
    pub then: Vec<String>,
    /// Resolved values for `--plan json`.
    pub values: Value,
}

impl Change {
    /// Whether only a preview is wanted.
    #[must_use]
    pub fn is_preview(&self) -> bool {
        self.dry_run || self.diff || self.plan.is_some()
    }

    /// Print the preview that was asked for, as data.
    ///
    /// # Errors
    /// stdout cannot be written.
    pub fn show(&self, ui: Ui, preview: &Preview<'_>) -> Result<()> {
        if self.plan.is_some() {
            let document = json!({
                "target": preview.target.display().to_string(),
                "values": preview.values,
                "changes": report::plan_json(preview.plan),
                "then": preview.then,
            });
            return ui.data(&format!("{document:#}\n"));
        }
        if self.diff {
            return ui.data(&report::plan_diff(preview.plan));
        }
        let mut text = format!("in {}\n{}", preview.target.display(), report::plan_lines(preview.plan));
        for step in &preview.then {
            text += &format!("  $ {step}\n");
        }
        ui.data(&text)
    }
}
