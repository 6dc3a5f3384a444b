//! `remove-tool`: takes away what a tool brought, and nothing else.

use anyhow::Result;

use super::change::{Change, Sync};
use super::toolset::{self, Wish};
use crate::domain::toolset::Force;
use crate::ui::Ui;

#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The tools
    #[arg(required = true, value_name = "TOOL")]
    pub tools: Vec<String>,
    /// Take away your own configuration of the tool too
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub sync: Sync,
}

/// # Errors
/// There is no such tool, or the project cannot be changed.
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    let wish = Wish {
        add: &[],
        remove: &args.tools,
        set: &[],
        group: None,
        force: if args.force { Force::Insist } else { Force::Spare },
        change: &args.change,
        sync: args.sync,
        record: None,
    };
    toolset::run(&wish, ui)
}
