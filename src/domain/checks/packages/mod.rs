//! PKG: whether what is installed is whole, fits together, and is what the project means.

mod content;
mod deviating;
mod link;
mod lock;
mod own;
mod requirements;
mod shadow;
mod startup;

pub use content::{ALTERED, DUPLICATE, LEFTOVERS, WITHOUT_METADATA};
pub use deviating::DEVIATING;
pub use link::UNSEEN_LINK;
pub use lock::STALE_LOCK;
pub use own::{DEAD_TARGET, NOT_INSTALLED};
pub use requirements::UNSATISFIED;
pub use shadow::SHADOWS;
pub use startup::FAILING_START;

use super::{Action, Fix};
use crate::domain::facts::{EntryKind, Environment, Facts, NoAnswer, Packages, Project};
use crate::domain::groups::{Manifest, normalise};
use crate::domain::installed::Distribution;

/// The project, its environment, and what is installed in that.
fn installed(facts: &Facts) -> Result<(&Project, &Environment, &Packages), NoAnswer> {
    let project = facts.project()?;
    let environment = project.environment()?;
    let packages = project.packages.get()?.as_ref();
    Ok((project, environment, packages.ok_or_else(|| NoAnswer::pointless("the environment has no packages"))?))
}

/// The `.dist-info` folder's name.
fn info(found: &Distribution) -> String {
    found.info.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The normalised name under which the project itself is installed; `None` where it is none to install.
pub(super) fn own_name(project: &Project) -> Result<Option<String>, NoAnswer> {
    let Some(pyproject) = project.pyproject.get()? else { return Ok(None) };
    let manifest = Manifest::parse(&pyproject.text.content).unwrap_or_default();
    let has_setup = matches!(project.entries.get("setup.py"), Some(EntryKind::File | EntryKind::Link));
    // Some managers have a switch for projects that are only run, never installed.
    let off = |tool: &toml::Value| {
        ["package", "package-mode", "distribution"]
            .iter()
            .any(|key| tool.get(*key) == Some(&toml::Value::Boolean(false)))
    };
    let tools = manifest.root().get("tool").and_then(toml::Value::as_table);
    let switched_off = tools.is_some_and(|tools| tools.iter().any(|(_, tool)| off(tool)));
    let is_package = (manifest.is_package() || has_setup) && !switched_off;
    Ok(manifest.name().filter(|_| is_package).map(normalise))
}

/// Complete the environment after `actions`; `None` for one that `sync` does not complete.
fn completed(environment: &Environment, fix: Fix, also: Vec<String>) -> Option<Fix> {
    environment.synced.then(|| fix.action(Action::Sync { also }))
}

/// What a person types to run the environment's pip.
fn pip(environment: &Environment, arguments: &str) -> String {
    format!("{}/bin/python -m pip {arguments}", environment.shown())
}
