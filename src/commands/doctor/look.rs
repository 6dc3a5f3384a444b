//! What doctor looks at, and how: one project, or many beside each other.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;

use super::Args;
use super::settings::Settings;
use crate::domain::checks::{self, Report, Told};
use crate::domain::facts::{Context, Fact, Facts, Machine, Need, OwnChecks, Project};
use crate::domain::progress::{Event, Progress as _};
use crate::domain::share::Share;
use crate::error::Problem;
use crate::system::interrupt;
use crate::system::parallel;
use crate::system::probe::{self, Subject};
use crate::system::process::NoChildren;
use crate::system::{own_checks, projects, surroundings};
use crate::ui::Ui;
use crate::ui::findings::Extent;
use crate::ui::progress::Lanes;

/// A project or the machine, and what the checks say of it.
pub struct Examined {
    pub subject: Option<Subject>,
    /// The environment that was looked at.
    pub environment: Option<PathBuf>,
    pub report: Report,
    /// What the project calls its environment, which another project may call otherwise.
    shared: Vec<String>,
}

/// What is looked at.
pub struct Look<'a> {
    args: &'a Args,
    machine: Arc<Machine>,
    /// What is wrong with it, wherever one looks.
    of_machine: Report,
    pub extent: Extent,
    /// What the paths of findings are relative to.
    pub base: Option<PathBuf>,
    /// The folders of projects, in order and once each.
    folders: Vec<PathBuf>,
    /// Where the report is for others.
    share: Option<Share>,
}

impl<'a> Look<'a> {
    /// What the arguments name.
    ///
    /// # Errors
    /// A folder is not there, there is no project below one, or no such check.
    pub fn at(args: &'a Args, ui: Ui) -> Result<Self> {
        let here = surroundings::folder()?;
        let named = if args.folders.is_empty() { std::slice::from_ref(&here) } else { &args.folders[..] };
        let mut folders = Vec::new();
        for folder in named {
            let found = if args.recursive { below(folder)? } else { around(folder)?.into_iter().collect() };
            if found.is_empty() && named.len() > 1 {
                ui.warn(format!("{} is not in a Python project", folder.display()));
            }
            folders.extend(found);
        }
        folders.sort();
        folders.dedup();
        let everything = Settings::default().selection(args)?;
        let machine = Arc::new(probe::machine(&here, &everything.needs()));
        let context = args.context.map_or_else(|| probe::context(None), Context::from);
        let alone = Facts { context, machine: Arc::clone(&machine), project: None };
        let of_machine = checks::examine(&alone, &everything);
        let extent = if args.recursive || named.len() > 1 { Extent::Several } else { Extent::One };
        let share = args.share.then(|| Share::new(&probe::private(&folders)));
        Ok(Self { args, machine, of_machine, extent, base: base(&folders), folders, share })
    }

    /// Examine everything and hand on what came of it, in the order of the folders; a fault that several share comes with
    /// the first of them. Nothing is changed.
    ///
    /// # Errors
    /// The only project cannot be examined, or somebody interrupted.
    pub fn each(&self, ui: Ui, mut keep: impl FnMut(Examined)) -> Result<()> {
        let mut take = |mut examined: Examined| {
            if let Some(share) = &self.share {
                share.report(&mut examined.report);
            }
            keep(examined);
        };
        let args = self.args;
        let _silent = (args.recursive && !args.start_programs && !args.run_project_checks).then(NoChildren::from_here);
        if self.extent == Extent::One {
            take(self.one(self.folders.first().map(PathBuf::as_path))?);
            return Ok(());
        }
        let lanes = Lanes::new(ui);
        let mut told = Told::default();
        let mut done = 0;
        let mut machine = self.one(None)?;
        told.once(&mut machine.report, &[]);
        if machine.report.summary().has_faults() {
            take(machine);
        }
        parallel::in_order(
            &self.folders,
            |folder| self.one(Some(folder)).unwrap_or_else(|error| refused(folder, &error)),
            |mut examined| {
                interrupt::check()?;
                let shared = std::mem::take(&mut examined.shared);
                told.once(&mut examined.report, &shared);
                take(examined);
                done += 1;
                let total = Some(self.folders.len());
                lanes.event(Event::Advanced { lane: "examining", done, total, what: String::new() });
                anyhow::Ok(())
            },
        )
    }

    /// Examine the project in `folder`, or the machine.
    fn one(&self, folder: Option<&Path>) -> Result<Examined> {
        let subject = folder.map(Subject::around).transpose()?.flatten();
        let context = self.args.context.map_or_else(|| probe::context(subject.as_ref()), Context::from);
        let settings = Settings::of(folder)?;
        let mut selection = settings.selection(self.args)?;
        if self.args.select.is_empty() {
            selection = selection.and_machine(&self.of_machine);
        }
        let needs = selection.needs();
        let mut project = subject.as_ref().map(|subject| probe::project(subject, &needs));
        if let Some(project) = project.as_mut().filter(|_| needs.contains(&Need::Own)) {
            project.own = Fact::Known(self.own(settings.checks, project));
            interrupt::check()?;
        }
        let facts = Facts { context, machine: Arc::clone(&self.machine), project };
        let report = checks::examine(&facts, &selection);
        let environments = facts.project.and_then(|project| project.environments.get().ok().cloned());
        let environment = environments.and_then(|all| all.into_iter().next());
        let shared = environment.iter().flat_map(|it| [it.folder.display().to_string(), it.shown()]).collect();
        Ok(Examined { subject, environment: environment.map(|it| it.folder), report, shared })
    }

    /// The checks that the project declares for itself, run if that was asked for.
    fn own(&self, mut checks: OwnChecks, project: &Project) -> OwnChecks {
        if self.args.run_project_checks {
            let environment = project.environment().ok().map(|environment| environment.folder.as_path());
            own_checks::run(&mut checks, &project.folder, environment);
        }
        checks
    }
}

/// What cannot be examined stops no other.
fn refused(folder: &Path, error: &anyhow::Error) -> Examined {
    // A row has no room for the line at fault.
    let why = format!("{error:#}").lines().next().unwrap_or_default().to_owned();
    let report = Report::refused(folder.to_owned(), why);
    Examined { subject: None, environment: None, report, shared: Vec::new() }
}

/// The folder of the project that `folder` lies in.
fn around(folder: &Path) -> Result<Option<PathBuf>> {
    let subject = Subject::around(folder).map_err(|error| cannot(folder, error))?;
    Ok(subject.map(|subject| subject.folder))
}

fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let found = projects::below(folder)
        .map_err(|error| if error.is::<interrupt::Interrupted>() { error } else { cannot(folder, error) })?;
    if found.is_empty() {
        let hint = "a project has a pyproject.toml, a setup.py or a setup.cfg; what git ignores is not entered";
        return Err(Problem::usage(format!("there is no Python project in {}", folder.display())).hint(hint).into());
    }
    Ok(found)
}

fn cannot(folder: &Path, error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => return Problem::usage(format!("{} is not there", folder.display())).into(),
        Some(io::ErrorKind::NotADirectory) => {
            return Problem::usage(format!("{} is not a folder", folder.display())).into();
        }
        _ => {}
    }
    Problem::usage(format!("cannot examine {}", folder.display())).because(error).into()
}

/// The top of the repository that all projects lie in, as hosts of code count paths from there; else the folder that all
/// lie below.
fn base(folders: &[PathBuf]) -> Option<PathBuf> {
    let mut folders = folders.iter();
    let mut base = folders.next()?.clone();
    for folder in folders {
        while !folder.starts_with(&base) {
            if !base.pop() {
                return None;
            }
        }
    }
    Some(probe::repository(&base).unwrap_or(base))
}
