//! The environment half of a project, as `new` and `sync` make it: venv, packages, hooks.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::domain::catalog::FileRoot;
use crate::domain::facts::Interpreter;
use crate::domain::needs::Needs;
use crate::domain::plan;
use crate::domain::plan::Plan;
use crate::domain::progress::{Event, Progress};
use crate::error::Problem;
use crate::system::environment::{
    Choice, Editable, Kind, LANE, Network, Surplus, SyncError, SyncReport, SyncRequest, Variables, sync, write_once,
};
use crate::system::git::{Git, Hooked, InstallHooks, Repository};
use crate::system::interrupt::Interrupted;
use crate::system::load::Catalog;
use crate::system::settings;

/// What the environment of a project is to be.
pub struct Environment<'e> {
    /// The project's folder.
    pub project: &'e Path,
    /// Where its environment is, or is to be.
    pub venv: &'e Path,
    /// The distribution's name: the environment's prompt.
    pub name: &'e str,
    pub interpreter: &'e Interpreter,
    pub backend: Choice,
    /// Dependency groups to install.
    pub groups: &'e [String],
    /// What is to be installed beside the groups.
    pub needs: &'e Needs,
    /// The top of the project's repository.
    pub top: Option<&'e Path>,
    pub installs: Installs,
    pub network: Network,
    pub surplus: Surplus,
}

/// What goes into the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installs {
    /// The groups, and the project itself.
    All,
    /// Only pip.
    Nothing,
}

/// Make or complete the environment.
///
/// # Errors
/// It could not be made or installed into; the hint names `sync`.
pub fn make(wish: &Environment<'_>, progress: &dyn Progress) -> Result<SyncReport> {
    let variables = Variables::current();
    let nothing = Needs::default();
    let (groups, needs, editable) = match wish.installs {
        Installs::All => (wish.groups, wish.needs, Editable::Quick),
        Installs::Nothing => (&[][..], &nothing, Editable::Never),
    };
    let files: Vec<PathBuf> = needs.files.iter().map(|file| wish.project.join(file.path.as_str())).collect();
    let request = SyncRequest {
        project: wish.project,
        venv: Some(wish.venv),
        interpreter: wish.interpreter,
        prompt: wish.name,
        groups,
        requirements: &needs.requirements,
        files: &files,
        links: &needs.links,
        top: wish.top,
        extras: &needs.extras,
        backend: wish.backend,
        network: wish.network,
        surplus: wish.surplus,
        editable,
        variables: &variables,
    };
    let report = sync(&request, progress).map_err(|error| failed(&error, progress))?;
    // Another's environment keeps its own settings.
    if wish.venv.starts_with(wish.project) {
        configure(&report.venv)?;
    }
    Ok(report)
}

/// Write the files that tools keep in the environment itself: pip's, since pip is in every environment.
fn configure(venv: &Path) -> Result<()> {
    let pip = Catalog::new(settings::folder()).tool("pip")?;
    for file in pip.files.iter().filter(|file| file.root == FileRoot::Environment) {
        if let Some(text) = pip.sources.get(&file.source) {
            write_once(&venv.join(&file.path), text)?;
        }
    }
    Ok(())
}

fn failed(error: &SyncError, progress: &dyn Progress) -> anyhow::Error {
    if error.kind == Kind::Interrupted {
        return Interrupted.into();
    }
    for line in &error.tail {
        progress.event(Event::Output { lane: LANE, line: line.clone() });
    }
    let hint = match &error.hint {
        Some(hint) => format!("{hint}; then pyenvkit sync completes the project"),
        None => "pyenvkit sync completes the project".to_owned(),
    };
    Problem::failed(format!("the environment is not complete: {error}")).hint(hint).into()
}

/// `auto`, `pip` or `uv`.
///
/// # Errors
/// It is none of them.
pub fn backend(text: &str) -> Result<Choice> {
    match text {
        "auto" => Ok(Choice::Auto),
        "pip" => Ok(Choice::Pip),
        "uv" => Ok(Choice::Uv),
        _ => Err(Problem::usage(format!("the backend cannot be {text:?}")).hint("use auto, pip or uv").into()),
    }
}

/// What `--offline` allows.
#[must_use]
pub fn network(change: &super::change::Change) -> Network {
    if change.offline { Network::Forbidden } else { Network::Allowed }
}

/// Whether the plan makes a project that can be installed.
#[must_use]
pub fn is_installable(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| match change {
        plan::Change::Create { place, file } | plan::Change::Edit { place, after: file, .. } => {
            place.path.as_str() == "pyproject.toml" && String::from_utf8_lossy(&file.bytes).contains("[build-system]")
        }
        plan::Change::Delete { .. } => false,
    })
}

/// Install the hooks that the project's configuration names. Whether they are installed now.
///
/// # Errors
/// A hook cannot be written.
pub fn install_hooks(
    git: &Git,
    repository: &Repository,
    (project, venv): (&Path, &Path),
    progress: &dyn Progress,
) -> Result<bool> {
    let install = InstallHooks { repository, project, venv, config: crate::domain::hooks::CONFIG };
    let what = match git
        .install_hooks(&install)
        .map_err(|error| Problem::failed("the hooks are not installed").because(error))?
    {
        Hooked::Installed { legacy, .. } => {
            for kept in legacy {
                progress.event(Event::Warning {
                    what: format!("a hook was there already; it is kept as {} and runs first", kept.display()),
                });
            }
            return Ok(true);
        }
        Hooked::HooksPathSet { setting } => format!(
            "the hooks are not installed: core.hooksPath is set to {:?} in {} ({} configuration), so git would not run them; \
             unset it, or call pre-commit from there",
            setting.value.unwrap_or_default(),
            setting.origin,
            setting.scope.name()
        ),
        Hooked::NotInVenv => "the hooks are not installed: pre-commit is not in the environment".to_owned(),
    };
    progress.event(Event::Warning { what });
    Ok(false)
}
