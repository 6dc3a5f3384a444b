//! What `add-tool`, `remove-tool` and `init` share: plan a change of a project's tools, show it, apply it, let the
//! environment follow, and see the new tools run.

mod plan;
mod proof;
mod remarks;

use anyhow::Result;
use serde_json::json;

use super::change::{Answer, Change, Preview, Sync};
use super::here::{self, Here};
use super::sync;
use crate::domain::plan::Plan;
use crate::domain::toolset::Force;
use crate::domain::tree::Tree;
use crate::error::Problem;
use crate::system::apply::transact;
use crate::system::disk::Disk;
use crate::system::environment::Variables;
use crate::system::foreign_lock::{self, Refresh, Stale};
use crate::system::git::Git;
use crate::system::load::Catalog;
use crate::system::project::Project;
use crate::system::settings;
use crate::ui::Ui;
use crate::ui::progress::Lanes;

pub use plan::{Planner, shape};

/// What the user asks for.
pub struct Wish<'w> {
    pub add: &'w [String],
    pub remove: &'w [String],
    pub set: &'w [String],
    pub group: Option<&'w str>,
    pub force: Force,
    pub change: &'w Change,
    pub sync: Sync,
}

/// Change the tools of the project that the current folder lies in.
///
/// # Errors
/// The change is refused or cannot be written; or it is written and the environment cannot follow.
pub fn run(wish: &Wish<'_>, ui: Ui) -> Result<()> {
    let Here { project, git } = here::find(wish.change.purpose(), ui)?;
    let catalog = Catalog::new(settings::folder());
    let planner = Planner::new(&project, &catalog, wish)?;
    let (changed, plan) = {
        let disk = Disk::new(&project.roots())?;
        let mut tree = project.tree(&disk);
        let changed = planner.plan(&mut tree)?;
        let plan = Plan::of(&tree);
        (changed, plan)
    };
    if wish.change.is_preview() {
        let preview = Preview {
            plan: &plan,
            target: project.folder.clone(),
            then: planner.steps(&changed),
            values: json!({"tools": changed.versions}),
        };
        return wish.change.show(ui, &preview);
    }
    remarks::say(&changed, &planner, ui);
    let mut stale = Vec::new();
    if plan.is_empty() {
        ui.say("nothing has to be changed");
    } else {
        stale = apply(wish, &planner, plan, ui)?;
    }
    follow(wish, &planner, git.as_ref(), ui)?;
    match stale.first() {
        None => Ok(()),
        Some(Stale { lock, why, command }) => {
            let message = format!("{lock} does not follow: {why}; the other files are changed");
            Err(Problem::failed(message).hint(command.clone()).into())
        }
    }
}

/// Ask, and write. What is written was planned under the lock; where that is another plan than the one that was shown, a
/// terminal is shown it too.
///
/// Lock files of other managers follow in the same change; those that cannot are given back.
fn apply(wish: &Wish<'_>, planner: &Planner<'_>, mut shown: Plan, ui: Ui) -> Result<Vec<Stale>> {
    let variables = Variables::current();
    loop {
        if wish.change.confirm(ui, &shown, "change these files?")? == Answer::No {
            return Err(Problem::failed("nothing was changed").into());
        }
        let asks = wish.change.asks(ui);
        let lanes = Lanes::new(ui);
        let result = transact(&planner.project.roots(), &lanes, |tree: &mut Tree<'_>| {
            planner.project.settle(tree);
            let changed = planner.plan(tree)?;
            let plan = Plan::of(tree);
            if asks && plan.changes != shown.changes {
                return Err(Another(plan).into());
            }
            drop(changed);
            let before = tree.as_read();
            let refresh = Refresh { variables: &variables, online: !wish.change.offline, progress: &lanes };
            foreign_lock::refresh(tree, &before, &refresh)
        });
        drop(lanes);
        match result {
            Ok((stale, plan)) => {
                for change in &plan.changes {
                    ui.detail(format!("  {}", change.place()));
                }
                ui.say(format!("{} changed", count(plan.changes.len(), "file")));
                return Ok(stale);
            }
            Err(error) => match error.downcast::<Another>() {
                Ok(Another(plan)) => {
                    ui.warn("the project changed meanwhile; this is the plan now");
                    shown = plan;
                }
                Err(error) => return Err(error),
            },
        }
    }
}

/// The plan under the lock is another one than the one that was shown.
#[derive(Debug)]
struct Another(Plan);

impl std::fmt::Display for Another {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the project changed while the plan was shown")
    }
}

impl std::error::Error for Another {}

/// Let the environment and the hooks follow the files, and see the new tools run.
fn follow(wish: &Wish<'_>, planner: &Planner<'_>, git: Option<&Git>, ui: Ui) -> Result<()> {
    let environment = git.map(|git| git.environment().clone()).unwrap_or_default();
    let project = Project::find(&planner.project.folder, &environment)?;
    planner.take_hooks_away(&project, git, ui)?;
    if wish.add.is_empty() || wish.sync.no_sync {
        return Ok(());
    }
    let args =
        sync::Args { change: Change { offline: wish.change.offline, ..Change::default() }, ..sync::Args::default() };
    sync::complete(&args, &project, git, ui).map_err(|error| {
        let hint = crate::error::hint(&error).map_or_else(String::new, |hint| format!("{hint}; "));
        Problem::failed("the files are changed, but the environment does not follow")
            .because(error)
            .hint(format!("{hint}pyenvkit undo takes the files back"))
    })?;
    proof::prove(&project, planner.added(), ui)
}

/// `1 file`, `2 files`.
fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
