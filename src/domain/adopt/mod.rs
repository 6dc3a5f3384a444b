//! What a project that we did not make says of itself: name, packages, layout, Pythons, licence, who builds and manages it.
//!
//! Files are read, nothing is run. What cannot be known gets a sensible value and is said in [`Adopted::open`]; only a
//! file that its own tool would refuse is an error.

mod folders;
mod layout;
mod manager;
mod people;
mod pythons;
mod said;
mod setup_py;
mod sources;

#[cfg(test)]
mod tests;

use std::fmt;

use anyhow::Result;

use super::catalog::Layout;
use super::declared;
use super::ground::Ground;
use super::names::normalize;
use super::python::DEFAULT_FLOOR;
use super::spec::{HookStyle, Values};
use super::toolset::Shape;
use super::tree::Tree;
use said::Said;
use sources::Sources;

pub use super::scaffold::Top;
pub use manager::Manager;

/// How a project is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Build {
    /// It is not built.
    None,
    /// By setuptools, as only its old files say.
    Legacy,
    /// By the backend that `pyproject.toml` names (PEP 517).
    Backend(String),
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Legacy => f.write_str("setuptools (setup.py or setup.cfg alone)"),
            Self::Backend(module) => {
                let known = BACKENDS.iter().find(|(prefix, _)| module.starts_with(prefix));
                f.write_str(known.map_or(module.as_str(), |(_, name)| name))
            }
        }
    }
}

/// The names that people know backends by.
const BACKENDS: &[(&str, &str)] = &[
    ("setuptools", "setuptools"),
    ("poetry", "poetry-core"),
    ("flit", "flit"),
    ("pdm", "pdm-backend"),
    ("hatchling", "hatchling"),
    ("uv_build", "uv_build"),
    ("maturin", "maturin"),
    ("scikit_build_core", "scikit-build-core"),
    ("mesonpy", "meson-python"),
];

/// What was found of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct Adopted {
    pub shape: Shape,
    /// Every package or module that is the project's, by its import name, the main one first.
    pub packages: Vec<String>,
    pub build: Build,
    pub manager: Manager,
    /// The folder of the workspace (`tool.uv.workspace`) that it is a member of, from the repository's top, `""` for that.
    pub workspace: Option<String>,
    /// Whether nothing says which Pythons it supports.
    pub are_pythons_assumed: bool,
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
/// A file cannot be read, or its own tool would refuse it ([`Refused`](super::reconcile::Refused)).
pub fn adopt(tree: &mut Tree<'_>, folder: &Folder<'_>) -> Result<Adopted> {
    let sources = Sources::read(tree)?;
    let mut open = Vec::new();
    let name = sources.name().unwrap_or_else(|| {
        open.push("its name: the folder's is taken".to_owned());
        folder.name.to_owned()
    });
    let found = layout::find(tree, &Said::read(&sources), &name)?;
    let build = match sources.backend() {
        Some(backend) => Build::Backend(backend.to_owned()),
        None if sources.is_setuptools() => Build::Legacy,
        None => Build::None,
    };
    if found.layout == Layout::None && build != Build::None {
        open.push("its packages: none was found".to_owned());
    }
    for computed in ["description", "requires-python"].into_iter().filter(|key| sources.is_dynamic(key)) {
        open.push(format!("its {computed}: the build computes it"));
    }
    let (requires_python, are_pythons_assumed) = match pythons::requires_python(tree, &sources, &mut open)? {
        Some(said) => (said, false),
        None => (format!(">={DEFAULT_FLOOR}"), true),
    };
    let workspace = manager::workspace(tree, &folder.top)?;
    let values = Values {
        package: found.packages.first().cloned().unwrap_or_else(|| identifier(&name)),
        description: sources.text("description").unwrap_or_default(),
        license: people::license(&sources),
        authors: people::authors(&sources),
        url: people::url(&sources),
        requires_python,
        hooks: hook_style(tree)?,
        layout: found.layout,
        sources: None,
        tests: None,
        group: declared::development_group(tree, &sources.pyproject)?,
        year: folder.year,
        name,
    };
    let manager = manager::find(tree, &sources, workspace.is_some())?;
    let shape = Shape { values, sources: found.sources, tests: found.tests, top: folder.top.clone() };
    Ok(Adopted { shape, packages: found.packages, build, manager, workspace, are_pythons_assumed, open })
}

/// Where the project's hooks get their tools: from where all of them do.
fn hook_style(tree: &mut Tree<'_>) -> Result<HookStyle> {
    let hooks = Ground::hooks_of(tree)?;
    let is_local = !hooks.is_empty() && hooks.iter().all(|hook| hook.repo == "local");
    Ok(if is_local { HookStyle::Local } else { HookStyle::Mirrors })
}

/// A name that Python could import, from any name.
fn identifier(name: &str) -> String {
    let plain: String = normalize(name).chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    if plain.starts_with(|c: char| c.is_ascii_digit()) || plain.is_empty() { format!("_{plain}") } else { plain }
}
