//! What `add-tool`, `remove-tool` and `init` share: plan a change of a project's tools, show it, apply it, let the
//! environment follow, and see the new tools run.

mod plan;
mod proof;
mod remarks;

use anyhow::Result;
use serde_json::json;

use super::change::{Answer, Change, Preview, Sync};
use super::here::{self, Here};
use super::output;
use super::sync;
use crate::domain::plan::Plan;
use crate::domain::spec::Values;
use crate::domain::toolset::{Changed, Force};
use crate::domain::tree::{Place, Tree};
use crate::error::Problem;
use crate::system::apply::transact;
use crate::system::disk::Disk;
use crate::system::environment::Variables;
use crate::system::foreign_lock::{self, Refresh, Stale};
use crate::system::git::Git;
use crate::system::interrupt::{self, Interrupted};
use crate::system::load::Catalog;
use crate::system::project::Project;
use crate::system::settings;
use crate::ui::Ui;
use crate::ui::progress::Lanes;

pub use plan::{Planner, adopted, shape, top};

/// What the user asks for.
pub struct Wish<'w> {
    pub add: &'w [String],
    pub remove: &'w [String],
    pub set: &'w [String],
    pub group: Option<&'w str>,
    pub force: Force,
    pub change: &'w Change,
    pub sync: Sync,
    /// What is to be remembered of a project that is adopted.
    pub record: Option<&'w Record>,
}

/// What an adopted project is.
pub struct Record {
    pub values: Values,
    /// A manifest, where the project has none.
    pub manifest: Option<(Place, String)>,
    /// The same for machines.
    pub shown: serde_json::Value,
}

/// Change the tools of the project that the current folder lies in.
///
/// # Errors
/// The change is refused or cannot be written; or it is written and the environment cannot follow.
pub fn run(wish: &Wish<'_>, ui: Ui) -> Result<()> {
    run_in(&here::find(wish.change.purpose(), ui)?, wish, ui)
}

/// As [`run`], in a project that is known.
///
/// # Errors
/// As [`run`].
pub fn run_in(Here { project, git }: &Here, wish: &Wish<'_>, ui: Ui) -> Result<()> {
    let catalog = Catalog::new(settings::folder());
    let planner = Planner::new(project, &catalog, wish)?;
    if wish.change.is_preview() {
        let (changed, plan) = planned(&planner)?;
        let preview = Preview {
            plan: &plan,
            target: project.folder.clone(),
            then: planner.steps(&changed),
            values: wish.record.map_or_else(|| json!({"tools": changed.versions}), |record| record.shown.clone()),
        };
        return wish.change.show(ui, &preview);
    }
    let stale = if wish.change.asks(ui) { ask_and_apply(wish, &planner, ui)? } else { apply(&planner, None, ui)? };
    let warn = |stale: &[Stale]| {
        for Stale { lock, why, command } in stale {
            ui.warn(format!("{lock} does not follow: {why}; then {command}"));
        }
    };
    follow(wish, &planner, git.as_ref(), ui).inspect_err(|_| {
        warn(&stale);
        if interrupt::is_set() {
            ui.say("the files stay as they are now: pyenvkit sync goes on, pyenvkit undo takes the change back");
        }
    })?;
    let [Stale { lock, why, command }, others @ ..] = stale.as_slice() else { return Ok(()) };
    warn(others);
    let message = format!("{lock} does not follow: {why}; the other files are changed");
    Err(Problem::failed(message).hint(command.clone()).into())
}

/// What would be done now, without the lock.
fn planned(planner: &Planner<'_>) -> Result<(Changed, Plan)> {
    let disk = Disk::new(&planner.project.roots())?;
    let mut tree = planner.project.tree(&disk);
    let changed = planner.plan(&mut tree)?;
    Ok((changed, Plan::of(&tree)))
}

/// Show what would be done, ask once, and write that. Where the plan under the lock is another one, it is shown too.
fn ask_and_apply(wish: &Wish<'_>, planner: &Planner<'_>, ui: Ui) -> Result<Vec<Stale>> {
    let (changed, mut plan) = planned(planner)?;
    remarks::say(&changed, planner, ui);
    loop {
        if !plan.is_empty() && wish.change.confirm(ui, &plan, "change these files?")? == Answer::No {
            return Err(Problem::failed("nothing was changed").into());
        }
        match apply(planner, Some(&plan), ui).map_err(anyhow::Error::downcast::<Another>) {
            Ok(stale) => return Ok(stale),
            Err(Err(error)) => return Err(error),
            Err(Ok(Another(now))) => {
                ui.warn("the project changed meanwhile; this is the plan now");
                plan = now;
            }
        }
    }
}

/// Plan under the lock and write, unless that is another plan than the one that was shown ([`Another`]).
///
/// Lock files of other managers follow in the same change; those that cannot are given back.
fn apply(planner: &Planner<'_>, shown: Option<&Plan>, ui: Ui) -> Result<Vec<Stale>> {
    let variables = Variables::current();
    let lanes = Lanes::new(ui);
    let result = transact(&planner.project.roots(), &lanes, |tree: &mut Tree<'_>| {
        planner.project.settle(tree);
        let changed = planner.plan(tree)?;
        if let Some(shown) = shown {
            let plan = Plan::of(tree);
            if plan.changes != shown.changes {
                return Err(Another(plan).into());
            }
        }
        let before = tree.as_read();
        let refresh = Refresh {
            project: planner.project,
            variables: &variables,
            online: !planner.wish.change.offline,
            progress: &lanes,
        };
        Ok((changed, foreign_lock::refresh(tree, &before, &refresh)?))
    });
    drop(lanes);
    let ((changed, stale), plan) = result?;
    if shown.is_none() {
        remarks::say(&changed, planner, ui);
    }
    for change in &plan.changes {
        ui.detail(format!("  {}", change.place()));
    }
    if plan.is_empty() {
        ui.say("nothing has to be changed");
    } else {
        ui.say(format!("{} changed", output::count(plan.changes.len(), "file")));
    }
    Ok(stale)
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
    planner.take_hooks_away(git, ui)?;
    if wish.add.is_empty() || wish.sync.no_sync {
        return Ok(());
    }
    let environment = git.map(|git| git.environment().clone()).unwrap_or_default();
    let project = Project::find(&planner.project.folder, &environment)?;
    let args =
        sync::Args { change: Change { offline: wish.change.offline, ..Change::default() }, ..sync::Args::default() };
    sync::complete(&args, &project, git, ui).map_err(|error| {
        if error.is::<Interrupted>() {
            return error;
        }
        let hint = crate::error::hint(&error).map_or_else(String::new, |hint| format!("{hint}; "));
        Problem::failed("the files are changed, but the environment does not follow")
            .because(error)
            .hint(format!("{hint}pyenvkit undo takes the files back"))
            .into()
    })?;
    proof::prove(&project, planner.added(), ui)
}
