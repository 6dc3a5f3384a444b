//! `sync`: makes or repeats the environment half of a project: venv, groups, editable install, hooks.

use std::path::{Path, PathBuf};

use anyhow::Result;
use pep440_rs::VersionSpecifiers;
use serde_json::json;

use super::change::{Change, Preview};
use super::environment::{self, Environment, Installs};
use super::here::{self, Here};
use crate::domain::hooks;
use crate::domain::needs;
use crate::domain::plan::Plan;
use crate::domain::python_request::Request;
use crate::error::Problem;
use crate::system::birth;
use crate::system::disk::Disk;
use crate::system::environment::{Keeper, OwnInstall, Surplus, SyncReport, python_of};
use crate::system::git::{Git, Repository};
use crate::system::interpreter::{self, Chosen};
use crate::system::project::Project;
use crate::system::settings::Settings;
use crate::system::surroundings;
use crate::ui::Ui;
use crate::ui::progress::Lanes;

#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// The Python of a new environment: 3.14, >=3.12, a path, python3.13
    #[arg(long, value_name = "PYTHON")]
    pub python: Option<String>,
    /// What installs packages: auto, pip or uv
    #[arg(long, value_name = "BACKEND")]
    pub backend: Option<String>,
    /// A dependency group to install beside the one for development; can be repeated
    #[arg(long, value_name = "GROUP")]
    pub group: Vec<String>,
    /// Uninstall what nothing asks for
    #[arg(long)]
    pub exact: bool,
    /// Install no hooks
    #[arg(long)]
    pub no_hooks: bool,
    /// Requirements beside those of the project.
    #[arg(skip)]
    pub also: Vec<String>,
    /// Folders of packages to install again as links.
    #[arg(skip)]
    pub links: Vec<PathBuf>,
    #[command(flatten)]
    pub change: Change,
}

/// # Errors
/// There is no project here, no Python fits, or the environment cannot be completed.
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    let Here { project, git } = here::find(args.change.purpose(), ui)?;
    complete(args, &project, git.as_ref(), ui)
}

/// Make or complete the environment of a project, and its hooks.
///
/// # Errors
/// No Python fits, or the environment cannot be completed.
pub fn complete(args: &Args, project: &Project, git: Option<&Git>, ui: Ui) -> Result<()> {
    let settings = Settings::load()?;
    let groups = groups(args, project)?;
    let disk = Disk::new(&project.roots())?;
    let mut tree = project.tree(&disk);
    let mut needs = needs::read(&mut tree, &project.manifest)?;
    needs.requirements.extend(args.also.iter().cloned());
    needs.links.extend(args.links.iter().cloned());
    let shape = super::toolset::shape(project, &project.provenance, &mut tree)?;
    let at = project.environment.path.as_path();
    let python = Python {
        named: args.python.as_deref(),
        usual: settings.get("python"),
        requires: &shape.values.requires_python,
    };
    let chosen = choose(&python, project, at)?;
    let backend = args.backend.as_deref().or_else(|| settings.get("backend")).unwrap_or("auto");
    let wish = Environment {
        project: &project.folder,
        venv: at,
        name: &shape.values.name,
        interpreter: &chosen.interpreter,
        backend: environment::backend(backend)?,
        groups: &groups,
        needs: &needs,
        top: project.repository.as_ref().map(|it| it.top.as_path()),
        installs: Installs::All,
        network: environment::network(&args.change),
        surplus: if args.exact { Surplus::Remove } else { Surplus::Keep },
    };
    let hooked = (!args.no_hooks && has_hooks(project)).then_some(git).flatten().zip(project.repository.as_ref());
    if args.change.is_preview() {
        return args.change.show(ui, &preview(project, &wish, hooked.is_some()));
    }
    if project.environment.keeper != Keeper::Nobody && at.parent() != Some(&project.folder) {
        ui.say(format!("environment: {} ({})", at.display(), project.environment.why));
    }
    let report = {
        let lanes = Lanes::new(ui);
        let report = environment::make(&wish, &lanes)?;
        if let Some((git, repository)) = hooked {
            environment::install_hooks(git, repository, (&project.folder, at), &lanes)?;
        }
        report
    };
    birth::settle(&project.folder)?;
    say(&report, ui);
    Ok(())
}

/// Which Python is wanted.
struct Python<'p> {
    /// On the command line.
    named: Option<&'p str>,
    /// In the user's file.
    usual: Option<&'p str>,
    /// By the project.
    requires: &'p str,
}

/// The interpreter that [`complete`] would make a new environment with.
///
/// # Errors
/// None fits, or what is asked for is not understood.
pub fn chosen(args: &Args, project: &Project) -> Result<Chosen> {
    let settings = Settings::load()?;
    let disk = Disk::new(&project.roots())?;
    let shape = super::toolset::shape(project, &project.provenance, &mut project.tree(&disk))?;
    let python = Python {
        named: args.python.as_deref(),
        usual: settings.get("python"),
        requires: &shape.values.requires_python,
    };
    choose(&python, project, &project.environment.path)
}

/// The interpreter for the environment `at`: as named, else the one that it has, else the usual one, else the best.
fn choose(python: &Python<'_>, project: &Project, at: &Path) -> Result<Chosen> {
    let Python { named, usual, requires } = *python;
    let request = named.or(usual).map(super::new::request).transpose()?.unwrap_or(Request::Any);
    let specifiers: VersionSpecifiers = requires.parse().map_err(|error| {
        Problem::usage(format!("requires-python is {requires:?} in pyproject.toml")).because(anyhow::Error::new(error))
    })?;
    let context = interpreter::Context::of_process(&project.folder);
    let best = interpreter::choose(&request, &specifiers, &context);
    if named.is_none()
        && let Some((python, minor)) = python_of(at)
        && best.as_ref().map_or(true, |best| best.interpreter.minor != minor)
        && let Ok(own) = interpreter::choose(&Request::Path(python), &VersionSpecifiers::empty(), &context)
    {
        return Ok(own);
    }
    best.map_err(|missing| Problem::usage(missing.to_string()).hint(missing.hint).into())
}

fn groups(args: &Args, project: &Project) -> Result<Vec<String>> {
    let known = project.groups();
    let mut groups = project.development_groups();
    for wanted in &args.group {
        let same = |group: &&String| crate::domain::names::normalize(group) == crate::domain::names::normalize(wanted);
        let group = known.iter().find(same).ok_or_else(|| {
            let otherwise = if known.is_empty() {
                "the project has no groups".into()
            } else {
                format!("its groups are: {}", known.join(", "))
            };
            crate::system::load::unknown("dependency group", wanted, &known, &otherwise)
        })?;
        if !groups.contains(group) {
            groups.push(group.clone());
        }
    }
    Ok(groups)
}

fn has_hooks(project: &Project) -> bool {
    let top = project.repository.as_ref().map_or(&project.folder, |repository: &Repository| &repository.top);
    surroundings::is_file(&top.join(hooks::CONFIG))
}

fn preview<'p>(project: &Project, wish: &Environment<'_>, hooks: bool) -> Preview<'p> {
    let shown = wish.venv.strip_prefix(&project.folder).unwrap_or(wish.venv).display();
    let mut then = Vec::new();
    if python_of(wish.venv).is_none() {
        then.push(format!("{} -m venv {shown}", wish.interpreter.executable.display()));
    }
    let mut install = format!("{shown}/bin/pip install");
    for requirement in &wish.needs.requirements {
        install += &format!(" {requirement:?}");
    }
    for file in &wish.needs.files {
        install += &format!(" -r {file}");
    }
    for group in wish.groups {
        install += &format!(" --group {group}");
    }
    if project.is_installable() {
        let extras = wish.needs.extras.join(",");
        install += &if extras.is_empty() { " --editable .".to_owned() } else { format!(" --editable .[{extras}]") };
    }
    then.push(install);
    if hooks {
        then.push(format!("{shown}/bin/pre-commit install"));
    }
    let values = json!({
        "python": {"path": wish.interpreter.executable.display().to_string(), "version": wish.interpreter.version},
        "environment": wish.venv.display().to_string(),
        "groups": wish.groups,
    });
    Preview { plan: &NO_CHANGE, target: project.folder.clone(), then, values }
}

static NO_CHANGE: Plan = Plan { changes: Vec::new(), reads: std::collections::BTreeMap::new() };

fn say(report: &SyncReport, ui: Ui) {
    for package in &report.installed {
        ui.detail(format!("  + {} {}", package.name, package.version));
    }
    for package in &report.removed {
        ui.say(format!("  - {} {}", package.name, package.version));
    }
    // The same package in the same version can have been installed anew.
    let unchanged = report.backend.is_none()
        && report.installed.is_empty()
        && report.removed.is_empty()
        && matches!(report.own, OwnInstall::Unchanged | OwnInstall::None);
    ui.say(if unchanged {
        "the environment is complete; nothing had to be done"
    } else {
        "the environment is complete"
    });
}
