//! What a fix does beyond the project's files: environments, packages, hooks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::commands::change::Change;
use crate::commands::{environment, sync};
use crate::domain::checks::{Action, Fix, Rebuild};
use crate::domain::declared;
use crate::domain::locked;
use crate::domain::names::normalize;
use crate::domain::python::Minor;
use crate::domain::startup::AS_A_PATH;
use crate::domain::tree::Place;
use crate::error::Problem;
use crate::system::apply::transact;
use crate::system::aside::{Aside, set_aside};
use crate::system::disk::Disk;
use crate::system::environment::Variables;
use crate::system::foreign_lock::{self, Refresh, Stale};
use crate::system::git::Git;
use crate::system::interrupt::Interrupted;
use crate::system::probe::Subject;
use crate::system::project::Project;
use crate::ui::Ui;
use crate::ui::progress::Lanes;

/// The actions of several fixes, each once and in an order that works.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Steps {
    set_aside: Vec<PathBuf>,
    relock: Vec<Place>,
    untrack: Vec<PathBuf>,
    rebuild: Option<Rebuild>,
    /// Requirements beside the project's own; `None` where the environment is left as it is.
    sync: Option<Vec<String>>,
    /// Folders of packages that are installed again as links.
    links: Vec<PathBuf>,
    hooks: bool,
}

impl Steps {
    /// What the fixes ask for.
    #[must_use]
    pub fn of(fixes: &[&Fix]) -> Self {
        let actions: BTreeSet<&Action> = fixes.iter().flat_map(|fix| &fix.actions).collect();
        let mut steps = Self::default();
        for action in actions {
            match action {
                Action::SetAside { path } => steps.set_aside.push(path.clone()),
                Action::Untrack { path } => steps.untrack.push(path.clone()),
                Action::Rebuild(rebuild) => steps.rebuild = Some(rebuild.clone()),
                Action::Sync { also } => steps.sync.get_or_insert_default().extend(also.iter().cloned()),
                Action::Link { folder } => steps.links.push(folder.clone()),
                Action::Relock { lock } => steps.relock.push(lock.clone()),
                Action::InstallHooks => steps.hooks = true,
            }
        }
        if let Some(rebuild) = &steps.rebuild {
            // What lies in the environment goes with it, and what is new is complete.
            steps.set_aside.retain(|path| !path.starts_with(&rebuild.environment));
            steps.sync = None;
            steps.links.clear();
        }
        steps
    }

    /// As commands that do the same by hand.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        let mut shown: Vec<String> =
            self.set_aside.iter().map(|path| format!("mv {} .pyenvkit/local/backup/", path.display())).collect();
        shown.extend(self.untrack.iter().map(|path| format!("git rm -r --cached {}", path.display())));
        if let Some(Rebuild { environment, python, packages }) = &self.rebuild {
            let python = python.map_or_else(|| "python3".to_owned(), |minor| format!("python{minor}"));
            let at = environment.display();
            shown.push(format!("mv {at} .pyenvkit/local/backup/"));
            shown.push(format!("{python} -m venv {at}"));
            shown.push(format!("{at}/bin/pip install {}", packages.join(" ")).trim_end().to_owned());
        }
        let relocked = self.relock.iter().filter_map(|lock| locked::relock(lock.path.name()));
        shown.extend(relocked.map(str::to_owned));
        if self.rebuild.is_some() || self.sync.is_some() {
            shown.push("pyenvkit sync".to_owned());
        }
        shown.extend(
            self.links
                .iter()
                .map(|folder| format!("pip install {} --editable {}", AS_A_PATH.join(" "), folder.display())),
        );
        if self.hooks {
            shown.push("pre-commit install".to_owned());
        }
        shown
    }

    /// Do it.
    ///
    /// # Errors
    /// A step failed; those before it stay done.
    pub fn carry_out(self, subject: &Subject, change: &Change, ui: Ui) -> Result<()> {
        if self == Self::default() {
            return Ok(());
        }
        let git = Git::find();
        let git_environment = git.as_ref().map(|git| git.environment().clone()).unwrap_or_default();
        // Before anything moves: where the environment is, is found by what stands there.
        let project = Project::find(&subject.folder, &git_environment)?;
        let work = Work { project: &project, git: git.as_ref(), offline: change.offline, ui };
        work.relock(&self.relock)?;
        for path in &self.untrack {
            work.untrack(path)?;
        }
        let mut aside = Vec::new();
        for path in &self.set_aside {
            aside.push(set_aside(&subject.folder, path)?);
        }
        let done = match (&self.rebuild, self.sync) {
            (Some(rebuild), _) => work.rebuild(rebuild),
            (None, None) if self.links.is_empty() => Ok(()),
            (None, also) => {
                let arguments = work.arguments(None, also.unwrap_or_default());
                sync::complete(&sync::Args { links: self.links, ..arguments }, &project, work.git, ui)
            }
        };
        if done.is_err() {
            aside.iter().rev().try_for_each(Aside::bring_back)?;
        }
        done?;
        if self.hooks { work.install_hooks() } else { Ok(()) }
    }
}

/// What the steps work on.
struct Work<'w> {
    project: &'w Project,
    git: Option<&'w Git>,
    offline: bool,
    ui: Ui,
}

impl Work<'_> {
    fn arguments(&self, python: Option<Minor>, also: Vec<String>) -> sync::Args {
        let change = Change { offline: self.offline, ..Change::default() };
        sync::Args { python: python.map(|minor| minor.to_string()), also, change, ..sync::Args::default() }
    }

    fn sync(&self, python: Option<Minor>, also: Vec<String>) -> Result<()> {
        sync::complete(&self.arguments(python, also), self.project, self.git, self.ui)
    }

    /// The same environment once more; where that fails, the old one comes back.
    fn rebuild(&self, rebuild: &Rebuild) -> Result<()> {
        let packages = self.agreeing(&rebuild.packages)?;
        // Whether there is such a Python at all is known before anything is moved.
        sync::chosen(&self.arguments(rebuild.python, Vec::new()), self.project)?;
        let aside = set_aside(&self.project.folder, &rebuild.environment)?;
        let Err(error) = self.sync(rebuild.python, packages) else {
            self.ui.say(format!("the old environment is kept as {}", aside.to.display()));
            return Ok(());
        };
        aside.bring_back()?;
        if error.is::<Interrupted>() {
            return Err(error);
        }
        Err(Problem::failed("the environment could not be made again; the old one is back").because(error).into())
    }

    /// Those of the old packages that what the project declares today does not contradict.
    fn agreeing(&self, packages: &[String]) -> Result<Vec<String>> {
        let disk = Disk::new(&self.project.roots())?;
        let declared = declared::read(&mut self.project.tree(&disk), &self.project.manifest)?;
        let contradicted = |package: &String| {
            let Some((name, version)) = package.split_once("==") else { return false };
            let Ok(version) = version.parse() else { return false };
            let of_name = declared.iter().filter(|it| it.name == normalize(name));
            of_name.filter_map(declared::Declared::specifiers).any(|allowed| !allowed.contains(&version))
        };
        Ok(packages.iter().filter(|package| !contradicted(package)).cloned().collect())
    }

    /// Let the lock files follow, in a transaction of their own; one whose manager cannot stays as it is, and is found again.
    fn relock(&self, locks: &[Place]) -> Result<()> {
        if locks.is_empty() {
            return Ok(());
        }
        let (variables, lanes) = (Variables::current(), Lanes::new(self.ui));
        let refresh = Refresh { project: self.project, variables: &variables, online: !self.offline, progress: &lanes };
        let done = transact(&self.project.roots(), &lanes, |tree| {
            self.project.settle(tree);
            let left = locks.iter().map(|lock| foreign_lock::again(tree, lock, &refresh));
            left.collect::<Result<Vec<Option<Stale>>>>()
        });
        drop(lanes);
        for Stale { lock, why, command } in done?.0.into_iter().flatten() {
            self.ui.warn(format!("{lock} stays as it is: {why}; then {command}"));
        }
        Ok(())
    }

    fn untrack(&self, path: &Path) -> Result<()> {
        let (Some(git), Some(repository)) = (self.git, &self.project.repository) else { return Ok(()) };
        git.untrack(repository, path)
    }

    fn install_hooks(&self) -> Result<()> {
        let (Some(git), Some(repository)) = (self.git, &self.project.repository) else { return Ok(()) };
        let at = (self.project.folder.as_path(), self.project.environment.path.as_path());
        environment::install_hooks(git, repository, at, &Lanes::new(self.ui)).map(drop)
    }
}
