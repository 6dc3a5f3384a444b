//! The project's virtual environment: made, filled and checked by pip or uv, and nothing ever outside it.
//!
//! [`sync`] is the one way in. It locks `pyenvkit.lock` inside the environment, so that two of them at once do not mix,
//! and keeps a note, `pyenvkit.json`, beside it: who made the environment, whether that came to its end, and what the
//! project's own install was made from. Both stay when the environment is made again.

mod backend;
mod config;
mod editable;
mod failure;
mod foreign;
pub(in crate::system) mod installed;
mod lines;
mod locate;
pub mod manager;
mod packages;
mod project;
mod requirements;
mod run;
mod sync;
pub mod tools;
mod uv_settings;
mod variables;
pub mod venv;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::domain::facts::Interpreter;
use crate::domain::groups::normalise;
use crate::domain::python::Minor;

pub use backend::{Choice, Network, find_uv};
pub use config::files as pip_files;
pub use failure::{Kind, SyncError};
pub use lines::LANE;
pub use locate::{Keeper, Located, Search, locate};
pub use sync::sync;
pub use uv_settings::files as uv_files;
pub use variables::Variables;

/// pip's configuration file in an environment, unless a variable forbids all of them.
#[must_use]
pub fn configuration_of(environment: &Path, variables: &Variables) -> Option<PathBuf> {
    let own = environment.join(config::FILE);
    config::files(variables, &[environment]).into_iter().find(|path| *path == own)
}

/// What to do with installed distributions that nothing asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Surplus {
    #[default]
    Keep,
    /// Uninstall them (`--exact`). pip and the project stay.
    Remove,
}

/// How the project itself is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Editable {
    /// Without its build backend where that makes no difference, else with it.
    #[default]
    Quick,
    /// With its build backend.
    Backend,
    /// Not at all, only what it requires.
    Never,
}

/// What the environment is to be like.
#[derive(Debug, Clone, Copy)]
pub struct SyncRequest<'a> {
    /// The folder with `pyproject.toml`.
    pub project: &'a Path,
    /// Where the environment is; `.venv` in the project if `None`.
    pub venv: Option<&'a Path>,
    /// What a new environment is made with. An environment that works is kept, whatever its Python.
    pub interpreter: &'a Interpreter,
    /// The project's name: what a shell shows while the environment is active.
    pub prompt: &'a str,
    /// Dependency groups (PEP 735).
    pub groups: &'a [String],
    /// Requirements beside the groups (PEP 508).
    pub requirements: &'a [String],
    /// Requirements files, to be read by the installer.
    pub files: &'a [PathBuf],
    /// Folders of packages to install again as links that name the folder.
    pub links: &'a [PathBuf],
    /// The top of the project's repository, up to where a workspace may be locked.
    pub top: Option<&'a Path>,
    /// Extras of the project.
    pub extras: &'a [String],
    pub backend: Choice,
    pub network: Network,
    pub surplus: Surplus,
    pub editable: Editable,
    /// The variables of this process, as a rule: [`Variables::current`].
    pub variables: &'a Variables,
}

/// How the environment came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Made,
    /// There was one that did not work; the reason.
    MadeAgain(String),
    Kept,
}

/// How the project itself stands in the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnInstall {
    /// It is no package, or was not to be installed.
    None,
    Unchanged,
    /// Written here.
    Written,
    /// Built by its backend.
    Built,
}

/// A distribution in the environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// As its metadata write it.
    pub name: String,
    pub version: String,
}

/// Write a file into an environment, unless one is there.
///
/// # Errors
/// It cannot be written.
pub fn write_once(path: &Path, text: &str) -> anyhow::Result<()> {
    if path.exists() {
        return Ok(());
    }
    Ok(fs_err::write(path, text)?)
}

/// A program of the environment `venv`, else on `PATH`.
#[must_use]
pub fn find_beside(name: &str, venv: Option<&Path>, variables: &Variables) -> Option<PathBuf> {
    let own = venv.map(|venv| venv::bin(venv).join(name)).filter(|path| venv::is_executable(path));
    own.or_else(|| which::which_in(name, variables.get("PATH"), Path::new("/")).ok())
}

/// Whether pip is installed in an environment.
#[must_use]
pub fn has_pip(venv: &Path) -> bool {
    venv::site_packages(venv, None).is_some_and(|site| site.join("pip").is_dir())
}

/// The Python of an environment that works, and its feature version, as its files tell it.
#[must_use]
pub fn python_of(venv: &Path) -> Option<(PathBuf, Minor)> {
    let venv::State::Alive { version } = venv::State::of(venv) else { return None };
    let version = version?;
    let mut parts = version.split('.');
    let minor = format!("{}.{}", parts.next()?, parts.next()?);
    Some((venv::python(venv), Minor::try_from(minor).ok()?))
}

/// Versions by normalised name of what is installed in an environment, from the names of its `.dist-info` folders (PEP 376,
/// PEP 427) alone; nothing where there is no environment.
#[must_use]
pub fn versions(venv: &Path) -> BTreeMap<String, String> {
    let Some(site) = venv::site_packages(venv, None) else { return BTreeMap::new() };
    let Ok(entries) = std::fs::read_dir(site) else { return BTreeMap::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (distribution, version) = name.strip_suffix(".dist-info")?.split_once('-')?;
            Some((normalise(distribution), version.to_owned()))
        })
        .collect()
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncReport {
    pub venv: PathBuf,
    pub origin: Origin,
    /// `pip`, `uv`, or the manager that installed from its lock file; `None` if nothing had to run.
    pub backend: Option<&'static str>,
    pub own: OwnInstall,
    /// New distributions and new versions, by name.
    pub installed: Vec<Package>,
    /// Distributions that are no longer there, by name.
    pub removed: Vec<Package>,
}
