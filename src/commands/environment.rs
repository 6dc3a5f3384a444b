//! The environment half of a project, as `new` and `sync` make it: venv, packages, hooks.

use std::path::Path;

use anyhow::Result;

use crate::domain::facts::Interpreter;
use crate::domain::plan::{Change, Plan};
use crate::domain::progress::{Event, Progress};
use crate::error::Problem;
use crate::system::git::{Git, Hooked, InstallHooks, Repository};

/// What the environment of a project is to be.
pub struct Environment<'e> {
    /// The project's folder.
    pub project: &'e Path,
    /// The distribution's name: the environment's prompt.
    pub name: &'e str,
    pub interpreter: &'e Interpreter,
    /// `auto`, `pip` or `uv`.
    pub backend: &'e str,
    /// Dependency groups to install.
    pub groups: &'e [String],
    /// Whether anything is installed.
    pub installs: bool,
    /// Whether the project's files are as we wrote them.
    pub is_ours: bool,
    pub offline: bool,
    /// Whether what is not wanted is uninstalled.
    pub exact: bool,
}

/// Make or complete the environment.
///
/// # Errors
/// It could not be made or installed into; the hint names `sync`.
pub fn make(_wish: &Environment<'_>, _progress: &dyn Progress) -> Result<()> {
    Ok(())
}

/// Whether the plan makes a project that can be installed.
#[must_use]
pub fn is_installable(plan: &Plan) -> bool {
    plan.changes.iter().any(|change| match change {
        Change::Create { place, file } | Change::Edit { place, after: file, .. } => {
            place.path.as_str() == "pyproject.toml" && String::from_utf8_lossy(&file.bytes).contains("[build-system]")
        }
        Change::Delete { .. } => false,
    })
}

/// Install the hooks that the project's configuration names. Whether they are installed now.
///
/// # Errors
/// A hook cannot be written.
pub fn install_hooks(git: &Git, repository: &Repository, project: &Path, progress: &dyn Progress) -> Result<bool> {
    let venv = project.join(".venv");
    let install = InstallHooks { repository, project, venv: &venv, config: crate::domain::hooks::CONFIG };
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
