//! The lists of requirements that a project can have, and how a requirement is written in each of them.

use std::sync::LazyLock;

use anyhow::Result;
use toml::Value;

use super::compiled::{self, Compiled};
use super::documents::{Documents, HATCH};
use super::{Wanted, at};
use crate::domain::catalog::Bound;
use crate::domain::names::normalize;
use crate::domain::piece::{Item, Locator};
use crate::domain::tree::{Entry, Place, Tree};

pub const SETUP_CFG: &str = "setup.cfg";
pub const EXTRAS_REQUIRE: &str = "options.extras_require";
pub const REQUIREMENTS: &str = "requirements.txt";
pub const PYPROJECT: &str = "pyproject.toml";
pub const PIPFILE: &str = "Pipfile";

/// A list of requirements.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// An array of requirements under a key of a TOML table.
    Array { file: Place, table: Vec<String>, key: String },
    /// A TOML table whose keys are the names.
    Table { file: Place, table: Vec<String>, dialect: Table },
    /// The lines of an INI key.
    Ini { file: Place, section: String, key: String },
    /// A requirements file.
    Lines { file: Place },
}

/// Whose constraints stand in a table by names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// `^1.2` and `~1.2` beside specifiers; a bare version means exactly that one.
    Poetry,
    /// Specifiers of PEP 440, `*` for any.
    Pipenv,
}

/// A requirement to be written.
pub struct Wish<'w> {
    /// As its manifest writes it.
    pub name: &'w str,
    pub extras: &'w [String],
    pub bound: Bound,
    pub version: &'w str,
}

impl Wish<'_> {
    fn constraint(&self) -> String {
        let sign = match self.bound {
            Bound::Exact => "==",
            Bound::Lower => ">=",
        };
        format!("{sign}{}", self.version)
    }

    /// As a requirement (PEP 508).
    #[must_use]
    pub fn requirement(&self) -> String {
        let extras = if self.extras.is_empty() { String::new() } else { format!("[{}]", self.extras.join(",")) };
        format!("{}{extras}{}", self.name, self.constraint())
    }
}

impl List {
    /// A dependency group (PEP 735).
    ///
    /// # Errors
    /// None: the path is one of a project.
    pub fn group(name: &str) -> Result<Self> {
        array(&["dependency-groups"], name)
    }

    /// Whether every installer knows it by a name: dependencies and extras (PEP 621) or groups (PEP 735).
    #[must_use]
    pub fn is_standard(&self) -> bool {
        match self {
            Self::Array { table, key, .. } => {
                table.first().is_some_and(|it| it == "dependency-groups") || table.len() == 1 && key == "dependencies"
            }
            _ => false,
        }
    }

    /// The list that a piece of requirements stands in; `None` for another piece.
    #[must_use]
    pub fn of(file: &Place, at: &Locator) -> Option<Self> {
        let file = file.clone();
        Some(match at {
            Locator::TomlItem { table, key, item: Item::Requirement(_) } => {
                Self::Array { file, table: table.clone(), key: key.clone() }
            }
            Locator::IniItem { section, key, item: Item::Requirement(_) } => {
                Self::Ini { file, section: section.clone(), key: key.clone() }
            }
            Locator::RequirementLine { .. } => Self::Lines { file },
            Locator::TomlKey { table, .. } if table.get(1).is_some_and(|it| it == "poetry") => {
                Self::Table { file, table: table.clone(), dialect: Table::Poetry }
            }
            Locator::TomlKey { table, .. } if file.path.as_str() == PIPFILE => {
                Self::Table { file, table: table.clone(), dialect: Table::Pipenv }
            }
            _ => return None,
        })
    }

    #[must_use]
    pub fn file(&self) -> &Place {
        match self {
            Self::Array { file, .. } | Self::Table { file, .. } | Self::Ini { file, .. } | Self::Lines { file } => file,
        }
    }

    /// Its path in a TOML file; empty in others.
    pub(super) fn toml_path(&self) -> Vec<&str> {
        match self {
            Self::Array { table, key, .. } => table.iter().chain([key]).map(String::as_str).collect(),
            Self::Table { table, .. } => table.iter().map(String::as_str).collect(),
            Self::Ini { .. } | Self::Lines { .. } => Vec::new(),
        }
    }

    /// The name that a user would give it.
    pub(super) fn group_name(&self) -> &str {
        match self {
            Self::Array { table, .. } if table.last().is_some_and(|it| it == "default") => "default",
            Self::Array { key, .. } | Self::Ini { key, .. } => key,
            Self::Table { table, .. } if table.len() == 5 => &table[3],
            Self::Table { .. } => "dev",
            Self::Lines { file } => file.path.as_str(),
        }
    }

    /// The place of a requirement in it.
    #[must_use]
    pub fn locator(&self, name: &str) -> Locator {
        let item = || Item::Requirement(normalize(name));
        match self {
            Self::Array { table, key, .. } => {
                Locator::TomlItem { table: table.clone(), key: key.clone(), item: item() }
            }
            Self::Table { table, .. } => Locator::TomlKey { table: table.clone(), key: name.to_owned() },
            Self::Ini { section, key, .. } => {
                Locator::IniItem { section: section.clone(), key: key.clone(), item: item() }
            }
            Self::Lines { .. } => Locator::RequirementLine { name: normalize(name) },
        }
    }

    /// The text of a piece that declares `wish` in it.
    #[must_use]
    pub fn text(&self, wish: &Wish<'_>) -> String {
        let quoted = |text: &str| Value::from(text).to_string();
        match self {
            Self::Array { .. } => quoted(&wish.requirement()),
            Self::Ini { .. } | Self::Lines { .. } => wish.requirement(),
            Self::Table { dialect, .. } => {
                let constraint = match (dialect, wish.bound) {
                    (Table::Poetry, Bound::Exact) => wish.version.to_owned(),
                    _ => wish.constraint(),
                };
                if wish.extras.is_empty() {
                    return format!("{} = {}", wish.name, quoted(&constraint));
                }
                let extras: Vec<String> = wish.extras.iter().map(|extra| quoted(extra)).collect();
                format!("{} = {{ version = {}, extras = [{}] }}", wish.name, quoted(&constraint), extras.join(", "))
            }
        }
    }

    pub(super) fn family(&self) -> Family {
        match self {
            Self::Array { file, .. } if file.path.as_str() == HATCH => Family::Hatch,
            Self::Array { table, .. } => match table.first().map(String::as_str) {
                Some("dependency-groups") => Family::Groups,
                Some("project") => Family::Extras,
                _ => match table.get(1).map(String::as_str) {
                    Some("pdm") => Family::Pdm,
                    Some("hatch") => Family::Hatch,
                    _ => Family::Uv,
                },
            },
            _ => Family::Poetry,
        }
    }
}

fn array(table: &[&str], key: &str) -> Result<List> {
    let table = table.iter().map(|&part| part.to_owned()).collect();
    Ok(List::Array { file: Place::project(PYPROJECT)?, table, key: key.to_owned() })
}

/// A list of the environment that Hatch's users work in.
fn hatch(documents: &Documents<'_>, key: &str) -> Result<List> {
    if !documents.is_in_own_file("envs") {
        return array(&["tool", "hatch", "envs", "default"], key);
    }
    let table = ["envs", "default"].map(str::to_owned).to_vec();
    Ok(List::Array { file: Place::project(HATCH)?, table, key: key.to_owned() })
}

fn table(path: &[&str]) -> Result<List> {
    let table = path.iter().map(|&part| part.to_owned()).collect();
    Ok(List::Table { file: Place::project(PYPROJECT)?, table, dialect: Table::Poetry })
}

/// Who a list of `pyproject.toml` belongs to, in the order in which they are asked for a new requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Groups,
    Poetry,
    Pdm,
    Hatch,
    Uv,
    Extras,
}

pub const FAMILIES: &[Family] =
    &[Family::Groups, Family::Poetry, Family::Pdm, Family::Hatch, Family::Uv, Family::Extras];

impl Family {
    /// Whether it decides even where it has no list for developers yet.
    pub fn rules(self, pyproject: &toml::Table) -> bool {
        self == Self::Poetry
            && at(pyproject, &["tool", "poetry"]).is_some()
            && at(pyproject, &["project", "name"]).is_none()
    }

    /// A new list of its kind; `None` where it is not for developers alone.
    pub fn fresh(self, group: &str) -> Result<Option<List>> {
        Ok(match self {
            Self::Groups => Some(List::group(group)?),
            Self::Poetry => Some(table(&["tool", "poetry", "group", group, "dependencies"])?),
            Self::Pdm => Some(array(&["tool", "pdm", "dev-dependencies"], group)?),
            Self::Hatch | Self::Uv | Self::Extras => None,
        })
    }
}

/// Every list that the documents can have, and whether it is for developers.
pub fn of_documents(documents: &Documents<'_>) -> Result<Vec<(List, bool)>> {
    let pyproject = documents.pyproject;
    let keys = |path: &[&str]| -> Vec<String> {
        let table = at(pyproject, path).and_then(Value::as_table);
        table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
    };
    let mut all = vec![(array(&["project"], "dependencies")?, false)];
    for group in keys(&["dependency-groups"]) {
        all.push((List::group(&group)?, true));
    }
    for extra in keys(&["project", "optional-dependencies"]) {
        all.push((array(&["project", "optional-dependencies"], &extra)?, is_for_developers(&extra)));
    }
    all.push((table(&["tool", "poetry", "dependencies"])?, false));
    for group in keys(&["tool", "poetry", "group"]) {
        all.push((table(&["tool", "poetry", "group", &group, "dependencies"])?, true));
    }
    all.push((table(&["tool", "poetry", "dev-dependencies"])?, true));
    for group in keys(&["tool", "pdm", "dev-dependencies"]) {
        all.push((array(&["tool", "pdm", "dev-dependencies"], &group)?, true));
    }
    for key in ["dependencies", "extra-dependencies"] {
        all.push((hatch(documents, key)?, true));
    }
    all.push((array(&["tool", "uv"], "dev-dependencies")?, true));
    Ok(all)
}

/// The extras of `setup.cfg` that are for developers.
pub fn of_setup_cfg(tree: &mut Tree<'_>) -> Result<Vec<List>> {
    let file = Place::project(SETUP_CFG)?;
    let Some(text) = super::lossy(tree, &file)? else { return Ok(Vec::new()) };
    Ok(crate::domain::edit::ini::values(&text)
        .unwrap_or_default()
        .into_iter()
        .filter(|(section, key, _)| section == EXTRAS_REQUIRE && is_for_developers(key))
        .map(|(section, key, _)| List::Ini { file: file.clone(), section, key })
        .collect())
}

/// Names that people give to what all of development needs.
pub const DEVELOPMENT: &[&str] = &["dev", "develop", "development", "devel"];

/// Names that people give to what only developers need, the most general first.
const DEVELOPERS: &[&str] = &[
    "dev",
    "develop",
    "development",
    "devel",
    "all-dev",
    "test",
    "tests",
    "testing",
    "lint",
    "linting",
    "style",
    "qa",
];

fn is_for_developers(name: &str) -> bool {
    DEVELOPERS.contains(&normalize(name).as_str())
}

/// Of the lists that are there: the one of that name, else one of its kin, else one for developers in general.
pub fn choose(lists: &[&List], wanted: &Wanted<'_>) -> Option<List> {
    let named = |name: &str| lists.iter().find(|list| normalize(list.group_name()) == normalize(name));
    if wanted.is_named {
        return named(wanted.group).map(|list| (*list).clone());
    }
    let found = named(wanted.group)
        .or_else(|| DEVELOPMENT.iter().find_map(|name| named(name)))
        .or_else(|| wanted.kin.iter().find_map(|name| named(name)))
        .or_else(|| lists.iter().find(|list| matches!(list.family(), Family::Hatch | Family::Uv)))
        .or_else(|| lists.iter().find(|list| list.family() == Family::Extras || matches!(list, List::Ini { .. })));
    found.map(|list| (*list).clone())
}

/// Requirements files by the names that people give them; those for developers first.
const DEVELOPMENT_FILES: &[&str] = &[
    "requirements-dev.txt",
    "requirements_dev.txt",
    "dev-requirements.txt",
    "dev_requirements.txt",
    "requirements/dev.txt",
    "requirements/development.txt",
    "requirements-develop.txt",
    "requirements-test.txt",
    "requirements_test.txt",
    "test-requirements.txt",
    "requirements-tests.txt",
    "requirements/test.txt",
    "requirements/tests.txt",
    "requirements/testing.txt",
    "requirements-lint.txt",
    "requirements/lint.txt",
];

/// All requirements files that a project may have, what each would be compiled from before it.
#[must_use]
pub fn requirements_files() -> &'static [Place] {
    static FILES: LazyLock<Vec<Place>> = LazyLock::new(|| {
        let names = DEVELOPMENT_FILES.iter().chain(&[REQUIREMENTS]);
        let pairs = names.flat_map(|name| [name.replace(".txt", ".in"), (*name).to_owned()]);
        pairs.filter_map(|name| Place::project(name).ok()).collect()
    });
    &FILES
}

/// A requirements file that people write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub file: Place,
    pub develops: bool,
    /// What is compiled from it.
    pub compiled: Option<Place>,
}

/// The requirements files that people write: those that no program compiled, and what the others are compiled from.
///
/// # Errors
/// A file is there and cannot be read.
pub fn written(tree: &mut Tree<'_>) -> Result<Vec<Written>> {
    let mut found: Vec<Written> = Vec::new();
    for place in requirements_files() {
        if !matches!(tree.get(place)?, Entry::File(_)) {
            continue;
        }
        let compiled = compiled::read(tree, place)?;
        let develops = super::develops(place);
        let Some(compiled) = compiled else {
            if !found.iter().any(|known| known.file == *place) {
                found.push(Written { file: place.clone(), develops, compiled: None });
            }
            continue;
        };
        for file in compiled.sources.into_iter().filter(is_requirements_file) {
            let known = found.iter().position(|known| known.file == file).map(|at| found.remove(at));
            let compiled = known.and_then(|known| known.compiled).unwrap_or_else(|| place.clone());
            found.push(Written { file, develops, compiled: Some(compiled) });
        }
    }
    Ok(found)
}

/// The requirements files that a program compiled.
///
/// # Errors
/// A file is there and cannot be read.
pub fn compiled_files(tree: &mut Tree<'_>) -> Result<Vec<(Place, Compiled)>> {
    let mut found = Vec::new();
    for place in requirements_files() {
        if let Some(compiled) = compiled::read(tree, place)? {
            found.push((place.clone(), compiled));
        }
    }
    Ok(found)
}

/// Whether a source of a compiled file is one that requirements are written into, and no manifest.
#[must_use]
pub fn is_requirements_file(place: &Place) -> bool {
    [".in", ".txt"].iter().any(|end| place.path.as_str().ends_with(end))
}

/// The requirements file for developers: the first that is there. Where a project has only one for all and no
/// `pyproject.toml`, one beside it is made.
pub fn development_file(tree: &mut Tree<'_>) -> Result<Option<Place>> {
    let written = written(tree)?;
    if let Some(first) = written.iter().find(|it| it.develops) {
        return Ok(Some(first.file.clone()));
    }
    let alone = !written.is_empty() && *tree.get(&Place::project(PYPROJECT)?)? == Entry::Absent;
    alone.then(|| Place::project("requirements-dev.txt")).transpose()
}
