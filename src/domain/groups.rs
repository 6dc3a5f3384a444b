//! What a `pyproject.toml` asks to be installed: dependency groups (PEP 735), extras, dependencies.

use std::fmt;

use toml::{Table, Value};

pub use super::names::normalize as normalise;

/// Why a group or an extra has no list of requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The text is not TOML, or a table or list has another type than PEP 621 or 735 say.
    Malformed(String),
    NoGroup {
        wanted: String,
        known: Vec<String>,
    },
    NoExtra {
        wanted: String,
        known: Vec<String>,
    },
    /// The names in the order in which they include each other; the first is also the last.
    Cycle(Vec<String>),
    /// Two groups whose names are the same after normalisation.
    Twice(String, String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, known: &[String]| {
            if known.is_empty() { f.write_str("; it has none") } else { write!(f, "; it has {}", known.join(", ")) }
        };
        match self {
            Self::Malformed(what) => write!(f, "pyproject.toml: {what}"),
            Self::NoGroup { wanted, known } => {
                write!(f, "pyproject.toml has no dependency group {wanted:?}")?;
                list(f, known)
            }
            Self::NoExtra { wanted, known } => {
                write!(f, "pyproject.toml has no extra {wanted:?}")?;
                list(f, known)
            }
            Self::Cycle(names) => {
                write!(f, "pyproject.toml: dependency groups include each other: {}", names.join(" -> "))
            }
            Self::Twice(one, two) => {
                write!(f, "pyproject.toml: the dependency groups {one:?} and {two:?} have the same normalised name")
            }
        }
    }
}

impl std::error::Error for Error {}

/// Where managers let a project say that it is no package though it says how one is built.
const NO_PACKAGE: &[[&str; 2]] = &[["poetry", "package-mode"], ["pdm", "distribution"], ["uv", "package"]];

/// Whether a `pyproject.toml` says how the project is built (PEP 517), and no manager's table says that it is not.
#[must_use]
pub fn is_package(root: &Table) -> bool {
    let says_no = |[tool, key]: &[&str; 2]| {
        let value = root.get("tool").and_then(|tools| tools.get(*tool)?.get(*key)?.as_bool());
        value == Some(false)
    };
    root.get("build-system").is_some_and(Value::is_table) && !NO_PACKAGE.iter().any(says_no)
}

/// A parsed `pyproject.toml`, as far as requirements are concerned.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    root: Table,
}

impl Manifest {
    /// # Errors
    /// `text` is not TOML.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match text.parse::<Table>() {
            Ok(root) => Ok(Self { root }),
            Err(error) => Err(Error::Malformed(error.to_string().trim_end().to_owned())),
        }
    }

    #[must_use]
    pub fn root(&self) -> &Table {
        &self.root
    }

    /// The `[project]` table.
    #[must_use]
    pub fn project(&self) -> Option<&Table> {
        self.root.get("project")?.as_table()
    }

    /// The distribution's name, as written.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.project()?.get("name")?.as_str()
    }

    /// Whether the project is a package. If not there is nothing to install, only requirements.
    #[must_use]
    pub fn is_package(&self) -> bool {
        is_package(&self.root)
    }

    /// `[project] dependencies`, each as the user wrote it.
    ///
    /// # Errors
    /// They are not a list of strings.
    pub fn dependencies(&self) -> Result<Vec<String>, Error> {
        match self.project().and_then(|project| project.get("dependencies")) {
            None => Ok(Vec::new()),
            Some(list) => strings(list, "project.dependencies"),
        }
    }

    /// The requirements of an extra, each as the user wrote it.
    ///
    /// # Errors
    /// There is no such extra, or it is not a list of strings.
    pub fn extra(&self, wanted: &str) -> Result<Vec<String>, Error> {
        let table = self.project().and_then(|project| project.get("optional-dependencies")).and_then(Value::as_table);
        let found = table.and_then(|table| table.iter().find(|(name, _)| normalise(name) == normalise(wanted)));
        if let Some((name, list)) = found {
            strings(list, &format!("project.optional-dependencies.{name}"))
        } else {
            let known = table.map(|table| table.keys().cloned().collect()).unwrap_or_default();
            Err(Error::NoExtra { wanted: wanted.to_owned(), known })
        }
    }

    /// The names of the dependency groups, as written.
    #[must_use]
    pub fn group_names(&self) -> Vec<String> {
        self.groups().map(|groups| groups.keys().cloned().collect()).unwrap_or_default()
    }

    /// The requirements of a group with what it includes, each as the user wrote it, in order, without repetitions (PEP 735).
    ///
    /// # Errors
    /// There is no such group, its items are not what PEP 735 says, or groups include each other in a circle.
    pub fn group(&self, wanted: &str) -> Result<Vec<String>, Error> {
        let names = self.group_names();
        for (index, one) in names.iter().enumerate() {
            if let Some(two) = names[index + 1..].iter().find(|two| normalise(one) == normalise(two)) {
                return Err(Error::Twice(one.clone(), two.clone()));
            }
        }
        let mut out = Vec::new();
        self.expand(wanted, &mut Vec::new(), &mut out)?;
        Ok(out)
    }

    fn groups(&self) -> Option<&Table> {
        self.root.get("dependency-groups")?.as_table()
    }

    fn expand(&self, wanted: &str, path: &mut Vec<String>, out: &mut Vec<String>) -> Result<(), Error> {
        let found =
            self.groups().and_then(|groups| groups.iter().find(|(name, _)| normalise(name) == normalise(wanted)));
        let Some((name, items)) = found else {
            return Err(Error::NoGroup { wanted: wanted.to_owned(), known: self.group_names() });
        };
        if let Some(start) = path.iter().position(|entered| entered == name) {
            let mut circle = path[start..].to_vec();
            circle.push(name.clone());
            return Err(Error::Cycle(circle));
        }
        let Value::Array(items) = items else {
            return Err(Error::Malformed(format!("dependency-groups.{name} is not a list")));
        };
        path.push(name.clone());
        for item in items {
            match (item, item.get("include-group").and_then(Value::as_str)) {
                (Value::String(requirement), _) => {
                    if !out.contains(requirement) {
                        out.push(requirement.clone());
                    }
                }
                (Value::Table(table), Some(included)) if table.len() == 1 => self.expand(included, path, out)?,
                _ => {
                    return Err(Error::Malformed(format!(
                        "dependency-groups.{name}: {item} is neither a requirement nor {{ include-group = \"name\" }}"
                    )));
                }
            }
        }
        path.pop();
        Ok(())
    }
}

fn strings(list: &Value, what: &str) -> Result<Vec<String>, Error> {
    let malformed = || Error::Malformed(format!("{what} is not a list of strings"));
    let items = list.as_array().ok_or_else(malformed)?;
    items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(malformed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> Manifest {
        Manifest::parse(text).expect("TOML")
    }

    #[test]
    fn groups_expand_in_order_without_repetition() {
        let manifest = manifest(
            "[dependency-groups]\nTest_Group = ['Pytest >= 9', 'x']\nlint = ['black']\n\
             dev = [{include-group = 'lint'}, {include-group = 'test.group'}, 'x', 'y ; os_name == \"nt\"']\n",
        );
        assert_eq!(manifest.group("DEV").unwrap(), ["black", "Pytest >= 9", "x", "y ; os_name == \"nt\""]);
        assert_eq!(manifest.group("test-group").unwrap(), ["Pytest >= 9", "x"]);
    }

    #[test]
    fn circles_unknown_names_and_wrong_items_are_errors() {
        let circle = manifest("[dependency-groups]\na = [{include-group='b'}]\nb = [{include-group='A'}]\n");
        assert_eq!(circle.group("b"), Err(Error::Cycle(vec!["b".into(), "a".into(), "b".into()])));
        let two = manifest("[dependency-groups]\na_b = []\nA-B = []\n");
        assert!(matches!(two.group("a-b"), Err(Error::Twice(..))));
        let one = manifest("[dependency-groups]\na = [{include-group='b', x = 1}, 3]\n");
        assert!(matches!(one.group("a"), Err(Error::Malformed(_))));
        let error = one.group("dev").unwrap_err();
        assert_eq!(error.to_string(), "pyproject.toml has no dependency group \"dev\"; it has a");
        assert!(Manifest::parse("[x").is_err());
    }

    #[test]
    fn extras_and_dependencies_are_the_text_of_the_user() {
        let manifest = manifest(
            "[project]\nname='X'\ndependencies=['Foo_Bar [a] >= 1']\n[project.optional-dependencies]\nA_b=['c']\n",
        );
        assert_eq!(manifest.dependencies().unwrap(), ["Foo_Bar [a] >= 1"]);
        assert_eq!(manifest.extra("a-B").unwrap(), ["c"]);
        assert!(matches!(manifest.extra("z"), Err(Error::NoExtra { .. })));
        assert!(!manifest.is_package());
    }

    #[test]
    fn names_are_normalised_as_pep_503_says() {
        assert_eq!(normalise("Foo__Bar.-baz"), "foo-bar-baz");
    }
}
