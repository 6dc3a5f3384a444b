//! Finds out what checks need to know, by reading files: nothing of what is looked at is ever executed.
//!
//! Each need is probed once, the slow ones beside each other. A probe that fails says why in its fact; it stops no other.

mod bin;
mod editors;
mod environment;
mod hooks;
mod installers;
mod machine;
mod packages;
mod private;
mod repository;
mod scripts;
mod sources;
mod startup;

#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Result;

use super::environment::{Search, Variables};
use super::git::{self, Git};
use super::{regular, surroundings};
use crate::domain::facts::{Context, EntryKind, Fact, Manager, Need, Project, Pyproject, Syntax, Text};

pub use machine::machine;
pub use private::private;

/// The project that is looked at, before anything of it is read.
#[derive(Debug)]
pub struct Subject {
    pub folder: PathBuf,
    pub repository: Option<git::Repository>,
}

impl Subject {
    /// The project that `start` lies in.
    ///
    /// # Errors
    /// `start` is not there.
    pub fn around(start: &Path) -> Result<Option<Self>> {
        let (folder, repository) = super::project::Project::locate(start, &git::Environment::default())?;
        Ok(folder.map(|folder| Self { folder, repository }))
    }
}

/// The top of the repository around `folder`.
#[must_use]
pub fn repository(folder: &Path) -> Option<PathBuf> {
    git::Repository::enclosing(folder, &git::Environment::default()).map(|repository| repository.top)
}

/// Where we run: as the variable `CI` and the marks of containers tell. A container with a repository in it is one that
/// somebody develops in.
#[must_use]
pub fn context(subject: Option<&Subject>) -> Context {
    let in_container = ["/.dockerenv", "/run/.containerenv"].iter().any(|mark| Path::new(mark).exists());
    if surroundings::is_ci() {
        Context::Ci
    } else if in_container && subject.is_some_and(|subject| subject.repository.is_none()) {
        Context::Container
    } else {
        Context::Developer
    }
}

/// Probe what is needed of a project.
#[must_use]
pub fn project(subject: &Subject, needs: &BTreeSet<Need>) -> Project {
    let wants = |need: Need| needs.contains(&need);
    let folder = &subject.folder;
    let entries = regular::names(folder).unwrap_or_default().into_iter().collect();
    let mut project = Project {
        folder: folder.clone(),
        repository: subject.repository.as_ref().map(repository::describe),
        entries,
        ..Project::default()
    };
    let manifest = pyproject(folder);
    project.manager = manager(&project, manifest.as_ref().ok().and_then(Option::as_ref));
    if wants(Need::Pyproject) {
        project.pyproject = manifest.clone().into();
    }
    let manifest = manifest.ok().flatten();
    thread::scope(|scope| {
        let repository = scope.spawn(|| {
            let git = [Need::Hooks, Need::Git, Need::Ignore].map(wants).contains(&true);
            git.then(|| hooks::probe(subject))
        });
        let tracked = scope.spawn(|| wants(Need::Tracked).then(|| repository::tracked(subject)));
        if wants(Need::Environments) || [Need::Packages, Need::Records, Need::Altered].map(wants).contains(&true) {
            let table = manifest.and_then(|manifest| manifest.table.ok()).unwrap_or_default();
            let variables = Variables::current();
            let top = subject.repository.as_ref().map(|repository| repository.top.as_path());
            let search = Search { folder, top, manifest: &table, variables: &variables };
            let environments = environment::all(&search, &project.entries);
            let site = environments.first().and_then(|environment| environment.site.clone());
            if wants(Need::Packages) {
                project.packages = environments.first().and_then(packages::installed).transpose().into();
            }
            if wants(Need::Records) {
                project.records =
                    site.as_deref().map(packages::records).transpose().map(Option::unwrap_or_default).into();
            }
            if wants(Need::Altered) {
                project.altered =
                    site.as_deref().map(packages::altered).transpose().map(Option::unwrap_or_default).into();
            }
            project.environments = Fact::Known(environments);
        }
        texts::probe(&mut project, needs);
        if let Ok(Some(found)) = tracked.join() {
            project.tracked = found.into();
        }
        if let Ok(Some((settings, found))) = repository.join() {
            if wants(Need::Ignore) {
                project.ignore = Fact::Known(texts::ignored(&project, settings.as_ref().ok()));
            }
            if wants(Need::Git) {
                project.git = settings.into();
            }
            if wants(Need::Hooks) {
                project.hooks = found.into();
            }
        }
    });
    project
}

fn pyproject(folder: &Path) -> Result<Option<Pyproject>, String> {
    let name = "pyproject.toml";
    let place = texts::place(crate::domain::tree::Root::Project, name)?;
    let Some(text) = regular::text(&folder.join(name), place).map_err(|why| format!("cannot read {name}: {why}"))?
    else {
        return Ok(None);
    };
    let mark = text.content.len() - text.content.trim_start_matches('\u{feff}').len();
    let table = text.content[mark..].parse().map_err(|error: toml::de::Error| {
        let span = error.span().unwrap_or(0..0);
        Syntax { span: span.start + mark..span.end + mark, message: error.message().to_owned() }
    });
    Ok(Some(Pyproject { text, table }))
}

/// The manifest of the project in `folder`, where it has a `[tool.pyenvkit.doctor]`; `None` also where it cannot be read,
/// which is a check's affair.
#[must_use]
pub fn settings(folder: &Path) -> Option<Text> {
    let Pyproject { text, table } = pyproject(folder).ok()??;
    crate::domain::declared::at(&table.ok()?, &["tool", "pyenvkit", "doctor"])?;
    Some(text)
}

/// What looks after the environment, as the files of the project tell.
fn manager(project: &Project, pyproject: Option<&Pyproject>) -> Manager {
    let has = |name: &str| matches!(project.entries.get(name), Some(EntryKind::File | EntryKind::Link));
    let tool = |path: &[&str]| {
        let table = pyproject.and_then(|it| it.table.as_ref().ok());
        table.is_some_and(|table| crate::domain::declared::at(table, path).is_some())
    };
    if has("poetry.lock") || tool(&["tool", "poetry", "dependencies"]) {
        Manager::Poetry
    } else if has("pdm.lock") || has(".pdm-python") || tool(&["tool", "pdm", "dev-dependencies"]) {
        Manager::Pdm
    } else if has("Pipfile") {
        Manager::Pipenv
    } else if has("uv.lock") || tool(&["tool", "uv"]) {
        Manager::Uv
    } else if tool(&["tool", "hatch", "envs"]) || has(crate::domain::declared::HATCH) {
        Manager::Hatch
    } else if has("environment.yml") || has("environment.yaml") || has("conda-lock.yml") {
        Manager::Conda
    } else {
        Manager::Nothing
    }
}

/// Git on this machine, where there is one.
fn git() -> Result<Git, String> {
    Git::find().ok_or_else(|| "git is not installed".to_owned())
}
