//! The requirements that a project declares, in whichever of the many places it keeps them, and where a new one goes.
//!
//! Who is there first decides: a project with dependency groups (PEP 735) gets a line in a group, one that Poetry, PDM,
//! Hatch or Pipenv rules a line in that one's own table, one with extras for its developers a line there, one with
//! requirements files a line in such a file. Only where there is nothing of the kind a group is made.

pub mod compiled;
mod documents;
mod entry;
mod lists;
mod versions;

pub use documents::{Documents, HATCH, hatch};
pub use entry::PROJECT_ROOT;
pub use lists::{
    List, Table as TableDialect, Wish, Written, compiled_files, is_requirements_file, requirements_files, written,
};
pub use versions::{poetry as poetry_specifiers, specifiers};

use anyhow::Result;
use pep440_rs::VersionSpecifiers;
use toml::Value;

use super::edit::requirement;
use super::encoding;
use super::names::normalize;
use super::tree::{Entry, Place, Tree};

/// A requirement and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Normalised (PEP 503).
    pub name: String,
    /// As it is written there: a requirement (PEP 508), or in a table by names the constraint of its manager.
    pub text: String,
    /// As requirements (PEP 508); [`PROJECT_ROOT`] in a URL is the project's folder.
    pub requirements: Vec<String>,
    pub list: List,
    /// Whether it is there for developers and not for whoever installs the project.
    pub develops: bool,
}

impl Declared {
    /// A requirement that is written as one.
    fn new(text: &str, list: &List, develops: bool) -> Self {
        let (name, text) = (requirement::name(text), text.to_owned());
        Self { name, requirements: vec![text.clone()], text, list: list.clone(), develops }
    }

    /// The versions that it allows; `None` where it allows any, or none that can be told (a URL, a path).
    #[must_use]
    pub fn specifiers(&self) -> Option<VersionSpecifiers> {
        specifiers(&self.text, &self.list)
    }
}

/// A key of a TOML document, by its path.
pub(crate) fn at<'t>(root: &'t toml::Table, path: &[&str]) -> Option<&'t Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(root.get(*first)?, |value, part| value.get(part))
}

/// All that a project declares. `pyproject` is its parsed `pyproject.toml`, empty where there is none.
///
/// # Errors
/// A file is there and cannot be read.
pub fn read(tree: &mut Tree<'_>, pyproject: &toml::Table) -> Result<Vec<Declared>> {
    let mut all = Vec::new();
    let documents = Documents::read(tree, pyproject)?;
    for (list, develops) in lists::of_documents(&documents)? {
        match (&list, documents.value(&list)) {
            (List::Array { .. }, Some(Value::Array(items))) => {
                let texts = items.iter().filter_map(Value::as_str);
                all.extend(texts.map(|text| Declared::new(text, &list, develops)));
            }
            (List::Table { dialect, .. }, Some(Value::Table(table))) => {
                all.extend(by_name(table, (&list, *dialect), develops));
            }
            _ => {}
        }
    }
    for Written { file, develops, .. } in written(tree)? {
        let Some(text) = lossy(tree, &file)? else { continue };
        let list = List::Lines { file };
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with(['#', '-']) {
                continue;
            }
            let text = line.split(" #").next().unwrap_or(line).trim_end_matches(['\\', ' ']);
            all.push(Declared::new(text, &list, develops));
        }
    }
    let pipfile = Place::project(lists::PIPFILE)?;
    if let Some(table) = lossy(tree, &pipfile)?.and_then(|text| text.parse::<toml::Table>().ok()) {
        for (key, develops) in [("packages", false), ("dev-packages", true)] {
            let list =
                List::Table { file: pipfile.clone(), table: vec![key.to_owned()], dialect: TableDialect::Pipenv };
            if let Some(Value::Table(table)) = table.get(key) {
                all.extend(by_name(table, (&list, TableDialect::Pipenv), develops));
            }
        }
    }
    all.extend(of_setup_cfg(tree)?);
    all.retain(|declared| !declared.name.is_empty());
    Ok(all)
}

fn by_name(table: &toml::Table, (list, dialect): (&List, TableDialect), develops: bool) -> Vec<Declared> {
    let declared = |(name, value): (&String, &Value)| Declared {
        name: normalize(name),
        text: entry::constraint(value),
        requirements: entry::requirements(name, value, dialect),
        list: list.clone(),
        develops,
    };
    table.iter().filter(|(name, _)| normalize(name) != "python").map(declared).collect()
}

/// `install_requires` and the extras of an old `setup.cfg` (setuptools, "Configuring setuptools using setup.cfg files").
fn of_setup_cfg(tree: &mut Tree<'_>) -> Result<Vec<Declared>> {
    let file = Place::project(lists::SETUP_CFG)?;
    let Some(text) = lossy(tree, &file)? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for (section, key, value) in super::edit::ini::values(&text).unwrap_or_default() {
        let develops = section == lists::EXTRAS_REQUIRE;
        if !(develops || section == "options" && key == "install_requires") {
            continue;
        }
        let list = List::Ini { file: file.clone(), section, key };
        let lines = value.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        all.extend(lines.map(|line| Declared::new(line, &list, develops)));
    }
    Ok(all)
}

/// A file's text for reading only: what is neither UTF-8 nor of an encoding that it names is no requirement.
pub(crate) fn lossy(tree: &mut Tree<'_>, place: &Place) -> Result<Option<String>> {
    Ok(match tree.get(place)? {
        Entry::File(file) => {
            let is_utf8 = std::str::from_utf8(&file.bytes).is_ok();
            if let Some(text) = encoding::decode(&file.bytes).filter(|_| !is_utf8) {
                return Ok(Some(text));
            }
            Some(String::from_utf8_lossy(file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.bytes)).into_owned())
        }
        _ => None,
    })
}

/// Whether a requirements file is for developers.
#[must_use]
pub fn develops(file: &Place) -> bool {
    !matches!(file.path.as_str(), lists::REQUIREMENTS | "requirements.in")
}

/// Whether a project has a requirements file.
///
/// # Errors
/// A file is there and cannot be read.
pub fn has_requirements_file(tree: &mut Tree<'_>) -> Result<bool> {
    Ok(!written(tree)?.is_empty())
}

/// The name of the list for all of development, as the project writes it; `dev` where it has none.
///
/// # Errors
/// A file is there and cannot be read.
pub fn development_group(tree: &mut Tree<'_>, pyproject: &toml::Table) -> Result<String> {
    let documents = Documents::read(tree, pyproject)?;
    let known = lists::of_documents(&documents)?;
    let lists = known.iter().filter(|(list, develops)| *develops && documents.value(list).is_some());
    let names: Vec<&str> = lists.map(|(list, _)| list.group_name()).collect();
    let found = lists::DEVELOPMENT.iter().find_map(|usual| names.iter().find(|name| normalize(name) == *usual));
    Ok(found.map_or_else(|| "dev".to_owned(), |name| (*name).to_owned()))
}

/// Whether a list is one for all of development, whatever else of the project has lists of its own.
#[must_use]
pub fn is_for_all(list: &List) -> bool {
    lists::DEVELOPMENT.contains(&normalize(list.group_name()).as_str())
}

/// Where a requirement for developers goes.
pub struct Wanted<'w> {
    /// The name of the group; an existing one of the same normalised name is meant.
    pub group: &'w str,
    /// Whether the user named that group: then it is made where it is missing, and nothing else is looked at.
    pub is_named: bool,
    /// Names of groups that are as good where `group` is not there, by the kind of tool.
    pub kin: &'w [&'w str],
}

/// The list that a new requirement for developers goes to.
///
/// # Errors
/// A file is there and cannot be read.
pub fn home(tree: &mut Tree<'_>, pyproject: &toml::Table, wanted: &Wanted<'_>) -> Result<List> {
    let documents = Documents::read(tree, pyproject)?;
    let known: Vec<List> = lists::of_documents(&documents)?
        .into_iter()
        .filter(|(list, develops)| *develops && documents.value(list).is_some())
        .map(|(list, _)| list)
        .collect();
    for family in lists::FAMILIES {
        let of_family: Vec<&List> = known.iter().filter(|list| list.family() == *family).collect();
        if of_family.is_empty() && !family.rules(pyproject) {
            continue;
        }
        if let Some(list) = lists::choose(&of_family, wanted) {
            return Ok(list);
        }
        if let Some(list) = family.fresh(wanted.group)? {
            return Ok(list);
        }
    }
    let setup_cfg = lists::of_setup_cfg(tree)?;
    if let Some(list) = lists::choose(&setup_cfg.iter().collect::<Vec<_>>(), wanted) {
        return Ok(list);
    }
    if *tree.get(&Place::project(lists::PIPFILE)?)? != Entry::Absent {
        return Ok(List::Table {
            file: Place::project(lists::PIPFILE)?,
            table: vec!["dev-packages".to_owned()],
            dialect: TableDialect::Pipenv,
        });
    }
    if !wanted.is_named
        && let Some(file) = lists::development_file(tree)?
    {
        return Ok(List::Lines { file });
    }
    List::group(wanted.group)
}

#[cfg(test)]
mod tests;
