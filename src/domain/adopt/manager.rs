//! Who makes a project's environment and writes its lock file.

use std::fmt;

use anyhow::Result;
use toml::{Table, Value};

use super::sources::Sources;
use crate::domain::declared::{at, has_requirements_file};
use crate::domain::scaffold::Top;
use crate::domain::tree::{Entry, Place, RelPath, Root, Tree};
use crate::domain::wildcard::matches_path;

/// A manager of environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    Poetry,
    Pdm,
    Hatch,
    Uv,
    Pipenv,
    Conda,
    /// pip, with requirements files.
    Requirements,
    /// None that can be told.
    None,
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Poetry => "Poetry",
            Self::Pdm => "PDM",
            Self::Hatch => "Hatch",
            Self::Uv => "uv",
            Self::Pipenv => "Pipenv",
            Self::Conda => "conda",
            Self::Requirements => "pip with requirements files",
            Self::None => "none",
        })
    }
}

/// Lock files say it for certain, then the tables that only a manager reads, then files of old.
pub fn find(tree: &mut Tree<'_>, sources: &Sources, is_member: bool) -> Result<Manager> {
    let locks = [("uv.lock", Manager::Uv), ("poetry.lock", Manager::Poetry), ("pdm.lock", Manager::Pdm)];
    for (file, manager) in locks {
        if is_there(tree, file)? {
            return Ok(manager);
        }
    }
    // Backends have tables of the same names: these keys are theirs.
    let manages = |name: &str, of_backend: &[&str]| {
        let table = sources.tool(&[name]).and_then(Value::as_table);
        table.is_some_and(|table| table.is_empty() || table.keys().any(|key| !of_backend.contains(&key.as_str())))
    };
    Ok(if sources.tool(&["poetry"]).is_some() {
        Manager::Poetry
    } else if manages("pdm", &["build", "version", "package-dir", "includes", "excludes"]) {
        Manager::Pdm
    } else if is_member || manages("uv", &["build-backend"]) {
        Manager::Uv
    } else if sources.tool(&["hatch", "envs"]).is_some() || is_there(tree, "hatch.toml")? {
        Manager::Hatch
    } else if is_there(tree, "Pipfile")? {
        Manager::Pipenv
    } else if is_there(tree, "environment.yml")? || is_there(tree, "environment.yaml")? {
        Manager::Conda
    } else if has_requirements_file(tree)? {
        Manager::Requirements
    } else {
        Manager::None
    })
}

fn is_there(tree: &mut Tree<'_>, name: &str) -> Result<bool> {
    Ok(*tree.get(&Place::project(name)?)? != Entry::Absent)
}

/// The folder of the workspace that a project below the top of its repository is a member of, `""` for the top.
/// <https://docs.astral.sh/uv/concepts/projects/workspaces/>
pub fn workspace(tree: &mut Tree<'_>, top: &Top) -> Result<Option<String>> {
    let Top::Below(folder) = top else { return Ok(None) };
    let mut above = folder.as_str();
    while !above.is_empty() {
        above = above.rsplit_once('/').map_or("", |(parent, _)| parent);
        let prefix = if above.is_empty() { String::new() } else { format!("{above}/") };
        let place = Place { root: Root::Repository, path: RelPath::new(format!("{prefix}pyproject.toml"))? };
        // A manifest of another project that is not TOML is for that one to mend.
        if let Some(document) = tree.toml(&place).ok().flatten()
            && let Some(table) = at(&document, &["tool", "uv", "workspace"]).and_then(Value::as_table)
        {
            let is_member = folder
                .strip_prefix(&prefix)
                .is_some_and(|path| is_listed(table, "members", path) && !is_listed(table, "exclude", path));
            return Ok(is_member.then(|| above.to_owned()));
        }
    }
    Ok(None)
}

fn is_listed(table: &Table, key: &str, path: &str) -> bool {
    let patterns = table.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    patterns.into_iter().any(|pattern| matches_path(pattern.trim_start_matches("./").trim_end_matches('/'), path))
}
