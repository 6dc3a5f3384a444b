//! `add-tool`: tools into a project that is there, harming nothing that is not theirs.

use anyhow::Result;

use super::change::{Change, Sync};
use super::toolset::{self, Wish};
use crate::domain::toolset::Force;
use crate::ui::Ui;

#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The tools (pyenvkit tools lists them)
    #[arg(required = true, value_name = "TOOL")]
    pub tools: Vec<String>,
    /// An option, such as line-length=100 or coverage.fail-under=90; can be repeated
    #[arg(long, value_name = "[TOOL.]OPTION=VALUE")]
    pub set: Vec<String>,
    /// The dependency group that requirements go into
    #[arg(long, value_name = "NAME")]
    pub dev_group: Option<String>,
    /// Add it even where another tool has its role
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub sync: Sync,
}

/// # Errors
/// There is no such tool, the project cannot be changed, or the environment cannot follow.
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    let wish = Wish {
        add: &args.tools,
        remove: &[],
        set: &args.set,
        group: args.dev_group.as_deref(),
        force: if args.force { Force::Insist } else { Force::Spare },
        change: &args.change,
        sync: args.sync,
        record: None,
    };
    toolset::run(&wish, ui)
}
