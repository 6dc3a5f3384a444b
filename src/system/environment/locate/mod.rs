//! Which environment belongs to a project: one order, files alone, no Python and no manager started.
//!
//! 1. `.venv` in the project; a file of that name names a folder, or an environment below `WORKON_HOME`
//! 2. `venv` and `env` in the project, where they are environments
//! 3. the active one (`VIRTUAL_ENV`, `CONDA_PREFIX`), where it lies in the project or the project is installed in it
//! 4. `.venv` of a folder above, up to the top of the repository, where the project is a member of its workspace (uv) or is
//!    installed in it; that of a workspace even where it is still to be made
//! 5. the one that a manager keeps for this project elsewhere: Poetry, PDM, Pipenv, conda, Hatch
//!
//! Where none is found, `.venv` is to be made. An environment that only happens to be active, or that a manager left
//! behind which the project does not use any more, is none of the project's.

mod folders;
mod managers;
mod member;

use std::fs;
use std::path::{Path, PathBuf};

use super::variables::Variables;
use super::venv::State;
use crate::system::regular;
use folders::Folders;
use member::{is_installed_in, is_member_of};

/// The environment of a project, or where that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    pub path: PathBuf,
    pub keeper: Keeper,
    /// What led to it, as the end of a sentence: "the file .venv names it".
    pub why: String,
}

/// Who made an environment its project's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// It lies in the project.
    Project,
    /// The user activated it.
    User,
    /// It is that of a workspace above.
    Workspace,
    Poetry,
    Pdm,
    Pipenv,
    Conda,
    Hatch,
    /// It is not there yet.
    Nobody,
}

/// What the search rests on.
#[derive(Debug, Clone, Copy)]
pub struct Search<'s> {
    /// The project's folder: absolute, links resolved.
    pub folder: &'s Path,
    /// The top of its repository.
    pub top: Option<&'s Path>,
    /// Its `pyproject.toml`; empty where there is none.
    pub manifest: &'s toml::Table,
    pub variables: &'s Variables,
}

/// The environment of a project. What is called `.venv` is it even where it does not work.
#[must_use]
pub fn locate(search: &Search<'_>) -> Located {
    let folders = Folders { variables: search.variables };
    let kept = || {
        let managers = [managers::poetry, managers::pdm, managers::pipenv, managers::conda, managers::hatch];
        managers.iter().find_map(|manager| manager(search, &folders))
    };
    let found = in_project(search).or_else(|| active(search)).or_else(|| above(search)).or_else(kept);
    found.unwrap_or_else(|| Located {
        path: search.folder.join(".venv"),
        keeper: Keeper::Nobody,
        why: "it is not there yet".to_owned(),
    })
}

fn in_project(search: &Search<'_>) -> Option<Located> {
    let located = |path: PathBuf, why: &str| Located { path, keeper: Keeper::Project, why: why.to_owned() };
    let usual = search.folder.join(".venv");
    if usual.is_file() {
        if let Some(named) = named(search, &usual).filter(|path| is_alive(path)) {
            return Some(located(named, "the file .venv names it"));
        }
    } else if State::of(&usual) != State::Absent {
        return Some(located(usual, "it is .venv in the project"));
    }
    ["venv", "env"].iter().find_map(|name| {
        let path = search.folder.join(name);
        is_alive(&path).then(|| located(path, &format!("it is {name} in the project")))
    })
}

/// The environment that the file `.venv` names: a path, or a name below `WORKON_HOME` (Pipenv, virtualenvwrapper).
fn named(search: &Search<'_>, file: &Path) -> Option<PathBuf> {
    let text = regular::utf8(file)?;
    let text = text.lines().next()?.trim();
    let folders = Folders { variables: search.variables };
    if text.is_empty() {
        return None;
    }
    if text.contains(['/', '\\']) || text.starts_with('~') {
        return Some(search.folder.join(folders.expand(text)?));
    }
    let homes = [folders.workon_home(), folders.home(".virtualenvs"), Some(search.folder.to_owned())];
    homes.into_iter().flatten().map(|home| home.join(text)).find(|path| is_alive(path))
}

fn active(search: &Search<'_>) -> Option<Located> {
    ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().find_map(|name| {
        let path = Path::new(search.variables.get(name)?);
        let path = fs::canonicalize(path).ok().filter(|path| is_alive(path))?;
        let belongs = path.starts_with(search.folder) && path != search.folder;
        let is_it = belongs || is_installed_in(search.folder, &path);
        is_it.then(|| Located { path, keeper: Keeper::User, why: format!("{name} names it, and it is this project's") })
    })
}

fn above(search: &Search<'_>) -> Option<Located> {
    let top = search.top?;
    search.folder.ancestors().skip(1).take_while(|folder| folder.starts_with(top)).find_map(|folder| {
        let path = folder.join(".venv");
        let why = if is_member_of(search.folder, folder) {
            "it is that of the workspace".to_owned()
        } else if is_alive(&path) && is_installed_in(search.folder, &path) {
            format!("this project is installed in the one of {}", folder.display())
        } else {
            return None;
        };
        Some(Located { path, keeper: Keeper::Workspace, why })
    })
}

fn is_alive(path: &Path) -> bool {
    matches!(State::of(path), State::Alive { .. })
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
