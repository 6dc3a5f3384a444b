//! The flags of every verb that changes something, and how such a verb shows its plan.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};

use super::here::Purpose;
use crate::domain::plan::Plan;
use crate::system::interrupt::Interrupted;
use crate::ui::{Ui, harmless, prompt, report};

// How a change is previewed and confirmed. (A doc comment here would be the help of the verbs.)
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

// Of verbs that make the environment follow their change. (As above.)
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

/// What came of a question before a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}

impl Change {
    /// Whether a change is shown and asked for before it is made: on a terminal that nobody told to be silent.
    #[must_use]
    pub fn asks(&self, ui: Ui) -> bool {
        ui.interactive && !self.yes && !self.is_preview()
    }

    /// Show a change and ask once, where somebody is there to answer.
    ///
    /// # Errors
    /// The terminal cannot be used, or Ctrl-C was the answer.
    pub fn confirm(&self, ui: Ui, plan: &Plan, question: &str) -> Result<Answer> {
        if !self.asks(ui) {
            return Ok(Answer::Yes);
        }
        ui.talk(&report::plan_question(plan));
        Ok(match prompt::yes(question, true)? {
            prompt::Answer::Given(true) => Answer::Yes,
            prompt::Answer::Given(false) | prompt::Answer::Back => Answer::No,
            prompt::Answer::Stopped => return Err(Interrupted.into()),
        })
    }

    /// What a verb with these flags is about to do.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        if self.is_preview() { Purpose::Look } else { Purpose::Change }
    }

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
        let target = harmless::line(&preview.target.display().to_string());
        let mut text = format!("in {target}\n{}", report::plan_lines(preview.plan));
        for step in &preview.then {
            text += &format!("  $ {}\n", harmless::line(step));
        }
        ui.data(&text)
    }
}
