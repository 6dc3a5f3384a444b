//! `undo`: takes back the last change, if its files are still as it left them.

use anyhow::Result;
use serde_json::json;

use super::change::{Answer, Change, Preview};
use super::here::{self, Here, Purpose};
use crate::error::Problem;
use crate::system::{recover, undo};
use crate::ui::Ui;
use crate::ui::progress::Lanes;

#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub change: Change,
}

/// # Errors
/// There is nothing to undo, or a file was changed since.
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    let Here { project, .. } = here::find(Purpose::Look, ui)?;
    if !args.change.is_preview() && !recover::unfinished(&project.roots())?.is_empty() {
        // What was interrupted is the last change, and taking that back is what was asked for.
        let report = recover::recover(&project.roots(), &Lanes::new(ui))?;
        ui.detail(format!("{} files restored", report.restored.len()));
        return Ok(());
    }
    let nothing = || Problem::failed("there is nothing to undo").hint("git restore brings back what is committed");
    let plan = undo::plan(&project.roots())?.ok_or_else(nothing)?;
    let preview = Preview { plan: &plan, target: project.folder.clone(), then: Vec::new(), values: json!({}) };
    if args.change.is_preview() {
        return args.change.show(ui, &preview);
    }
    if args.change.confirm(ui, &plan, "take this back?")? == Answer::No {
        return Err(Problem::failed("nothing was changed").into());
    }
    let restored = undo::undo(&project.roots(), &Lanes::new(ui))?;
    let names: Vec<String> = restored.iter().map(ToString::to_string).collect();
    ui.say(format!("taken back: {}", names.join(", ")));
    Ok(())
}
