//! What a project that we did not make says of itself: name, package, layout, Python, licence, who manages it.
//!
//! Files are read, nothing is run. What cannot be known gets a sensible value and is said in [`Adopted::open`]; only a
//! file that is not what its name says is an error.

mod layout;
mod setup_py;
mod sources;

#[cfg(test)]
mod tests;

use std::fmt;

use anyhow::Result;
use toml::Value;

use super::catalog::Layout;
use super::declared::at;
use super::ground::Ground;
use super::names::normalize;
use super::spec::{Author, HookStyle, Values, allowed_pythons};
use super::toolset::Shape;
use super::tree::{Entry, Place, Tree};
use sources::Sources;

pub use super::scaffold::Top;

/// Who makes a project's environment and writes its lock file.
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

/// What was found of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Adopted {
    pub shape: Shape,
    /// `build-system.build-backend`, or setuptools where an old project says nothing.
    pub backend: Option<String>,
    pub manager: Manager,
    /// What could not be known, one line each.
    pub open: Vec<String>,
}

/// Whose project it is that is looked at.
pub struct Folder<'f> {
    /// The last part of its path.
    pub name: &'f str,
    pub top: Top,
    /// The current year.
    pub year: i16,
}

/// Read what a project says of itself.
///
/// # Errors
/// A file cannot be read.
pub fn adopt(tree: &mut Tree<'_>, folder: &Folder<'_>) -> Result<Adopted> {
    let sources = Sources::read(tree)?;
    let mut open = Vec::new();
    let name = sources.name().unwrap_or_else(|| {
        open.push("its name: the folder's is taken".to_owned());
        folder.name.to_owned()
    });
    let found = layout::find(tree, &sources, &name)?;
    let requires_python = requires_python(tree, &sources, &mut open)?;
    let ground = Ground::read(tree, std::collections::BTreeMap::new())?;
    let local = ground.hooks.iter().filter(|hook| hook.repo == "local").count();
    let values = Values {
        package: found.package.unwrap_or_else(|| normalize(&name).replace('-', "_")),
        description: sources.text("description").unwrap_or_default(),
        license: sources.license(),
        authors: sources.authors(),
        url: sources.url(),
        requires_python,
        hooks: if local > 0 && local == ground.hooks.len() { HookStyle::Local } else { HookStyle::Mirrors },
        layout: found.layout,
        group: development_group(&sources),
        year: folder.year,
        name,
    };
    let manager = manager(tree, &sources)?;
    let backend = sources.backend().or(sources.is_setuptools().then(|| "setuptools.build_meta".to_owned()));
    let shape = Shape { values, sources: found.sources, tests: found.tests, top: folder.top.clone() };
    Ok(Adopted { shape, backend, manager, open })
}

/// The Pythons that a project supports: what it says, else what its pins and classifiers mean, else those alive.
fn requires_python(tree: &mut Tree<'_>, sources: &Sources, open: &mut Vec<String>) -> Result<String> {
    let said = sources.requires_python();
    if let Some(said) = &said
        && allowed_pythons(said).is_ok()
    {
        return Ok(said.clone());
    }
    if let Some(said) = said {
        open.push(format!("its Pythons: {said:?} allows none that is known"));
    }
    if let Some(oldest) = sources.oldest_classifier() {
        return Ok(format!(">={oldest}"));
    }
    let pin = tree.text(&Place::project(".python-version")?).unwrap_or_default();
    let pinned = pin.as_deref().and_then(|text| minor_of(text.lines().next()?.trim()));
    if let Some(pinned) = pinned {
        return Ok(format!(">={pinned}"));
    }
    open.push(format!("its Pythons: {} and newer are assumed", super::python::DEFAULT_FLOOR));
    Ok(format!(">={}", super::python::DEFAULT_FLOOR))
}

/// `3.12.1`, `cpython-3.12` or `3.12` as `3.12`.
fn minor_of(text: &str) -> Option<String> {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = digits.split('.');
    let (major, minor) = (parts.next()?.parse::<u8>().ok()?, parts.next()?.parse::<u8>().ok()?);
    let minor = super::python::Minor::new(major, minor);
    super::python::end_of_life(minor).map(|_| minor.to_string())
}

/// The name of the group for development: the one that is there, else `dev`.
fn development_group(sources: &Sources) -> String {
    let groups = at(&sources.pyproject, &["dependency-groups"]).and_then(Value::as_table);
    let known = ["dev", "develop", "development", "devel"];
    groups
        .and_then(|groups| groups.keys().find(|name| known.contains(&normalize(name).as_str())).cloned())
        .unwrap_or_else(|| "dev".to_owned())
}

fn manager(tree: &mut Tree<'_>, sources: &Sources) -> Result<Manager> {
    let table = |name: &str| at(&sources.pyproject, &["tool", name]).is_some();
    let mut has = |name: &str| -> Result<bool> { Ok(*tree.get(&Place::project(name)?)? != Entry::Absent) };
    Ok(if has("poetry.lock")? || table("poetry") {
        Manager::Poetry
    } else if has("pdm.lock")? || table("pdm") {
        Manager::Pdm
    } else if has("uv.lock")? || table("uv") {
        Manager::Uv
    } else if at(&sources.pyproject, &["tool", "hatch", "envs"]).is_some() || has("hatch.toml")? {
        Manager::Hatch
    } else if has("Pipfile")? {
        Manager::Pipenv
    } else if has("environment.yml")? || has("environment.yaml")? {
        Manager::Conda
    } else if super::declared::has_requirements_file(tree)? {
        Manager::Requirements
    } else {
        Manager::None
    })
}

/// An author as `Name <address>`, as Poetry and setup.cfg have them; nothing where it is none.
fn author(text: &str) -> Option<Author> {
    Author::parse(text).ok()
}

/// Whether a project has a package to import.
fn has_package(layout: Layout) -> bool {
    layout != Layout::None
}
