//! The forms of a project's name, and the names that a project cannot have.
//!
//! A distribution has the name that people install (PEP 508), an import package the name that Python imports; a class
//! and an environment variable are formed from it too. The other forms follow from the distribution's unless they are
//! given.

use std::fmt;

use super::standard_library::STANDARD_LIBRARY;

/// All forms of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The distribution, as the user wrote it: `My-Project`.
    pub distribution: String,
    /// The import package: `my_project`.
    pub package: String,
    /// A class: `MyProject`.
    pub class: String,
    /// An environment variable's prefix: `MY_PROJECT`.
    pub variable: String,
    /// The console script: `my-project`.
    pub command: String,
}

/// Why a name cannot be used, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadName {
    pub message: String,
    pub hint: String,
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BadName {}

/// A distribution that the project's environment will have.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'n> {
    pub distribution: &'n str,
    /// The tool of the project that brings it; `None` for what is in every environment.
    pub tool: Option<&'n str>,
}

/// The longest name: the sibling folder, the wheel's file name and a Windows path must all still fit.
pub const MAX_LEN: usize = 100;

impl Names {
    /// The forms of `distribution`, with `package` instead of the derived import name where it is given.
    ///
    /// `taken` are distributions that the project will install: a project of that name would hide them.
    ///
    /// # Errors
    /// The name is not one of PEP 508, or Python, Windows or a tool of the project has it already.
    pub fn new(distribution: &str, package: Option<&str>, taken: &[Taken<'_>]) -> Result<Self, BadName> {
        check_distribution(distribution)?;
        let normalized = normalize(distribution);
        let package = package.map_or_else(|| normalized.replace('-', "_"), str::to_owned);
        check_package(&package, distribution)?;
        if let Some(taken) = taken.iter().find(|taken| {
            let name = normalize(taken.distribution);
            name == normalized || name.replace('-', "_") == package.to_lowercase()
        }) {
            let Taken { distribution: other, tool } = taken;
            return Err(BadName {
                message: format!("{distribution:?} is the name of {other}, which this project installs"),
                hint: match tool {
                    Some(tool) => format!("choose another name, or leave the tool out with --without {tool}"),
                    None => "choose another name".into(),
                },
            });
        }
        Ok(Self::of_existing(distribution, &package))
    }

    /// The forms of names that a project has, whether or not a new one could have them.
    #[must_use]
    pub fn of_existing(distribution: &str, package: &str) -> Self {
        let normalized = normalize(distribution);
        Self {
            distribution: distribution.to_owned(),
            package: package.to_owned(),
            class: normalized.split('-').map(capitalize).collect(),
            variable: normalized.replace('-', "_").to_uppercase(),
            command: normalized,
        }
    }
}

/// The normalised form of a distribution's name (PEP 503): lower case, each run of `-`, `_` and `.` one `-`.
#[must_use]
pub fn normalize(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            character if character.is_ascii() => out.push(character.to_ascii_lowercase()),
            character => out.extend(character.to_lowercase()),
        }
    }
    out
}

/// Whether a dependency group or an extra can have that name (PEP 735, PEP 685).
#[must_use]
pub fn is_group(name: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    ends(name.chars().next()) && ends(name.chars().last()) && name.chars().all(is_inner)
}

/// Whether Python could import a module of that name, keywords aside.
#[must_use]
pub fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_') && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn check_distribution(name: &str) -> Result<(), BadName> {
    let bad = |message: String, hint: &str| Err(BadName { message, hint: hint.to_owned() });
    let shown = if name.chars().count() > MAX_LEN {
        format!("{:?}...", name.chars().take(20).collect::<String>())
    } else {
        format!("{name:?}")
    };
    if name.is_empty() {
        return bad("a project needs a name".into(), "give one: pyenvkit new myproj");
    }
    if name.len() > MAX_LEN {
        return bad(
            format!("the name {shown} has {} characters, the longest allowed is {MAX_LEN}", name.chars().count()),
            "choose a shorter name",
        );
    }
    let edge = |character: Option<char>| character.is_some_and(|c| c.is_ascii_alphanumeric());
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.chars().all(inside) || !edge(name.chars().next()) || !edge(name.chars().last()) {
        return bad(
            format!("{shown} cannot be the name of a Python project"),
            "use ASCII letters, digits, and - _ . between them (PEP 508); --name gives a name that differs from the folder's",
        );
    }
    if is_windows_device(name) {
        return bad(
            format!("{shown} is a device on Windows, no folder there can have that name"),
            "choose another name",
        );
    }
    Ok(())
}

fn check_package(package: &str, distribution: &str) -> Result<(), BadName> {
    let bad = |why: String, hint: String| Err(BadName { message: why, hint });
    let other =
        || format!("choose another name, or another import name with --package (such as {})", suggestion(package));
    let start = package.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !start || !package.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return bad(
            format!("{package:?}, the import name of {distribution:?}, is not a Python identifier"),
            format!("give one with --package, such as {}", suggestion(package)),
        );
    }
    if package.len() > MAX_LEN {
        return bad(
            format!("the import name has {} characters, the longest allowed is {MAX_LEN}", package.len()),
            "choose a shorter one".into(),
        );
    }
    if KEYWORDS.contains(&package) {
        return bad(format!("{package:?} is a keyword of Python, no module can have that name"), other());
    }
    if STANDARD_LIBRARY.contains(&package.to_lowercase().as_str()) {
        return bad(format!("{package:?} would hide the module of that name in Python's standard library"), other());
    }
    if OWN_FOLDERS.contains(&package.to_lowercase().as_str()) {
        return bad(format!("{package:?} is the name of a folder that projects have beside their package"), other());
    }
    if is_windows_device(package) {
        return bad(format!("{package:?} is a device on Windows, no folder there can have that name"), other());
    }
    Ok(())
}

/// An import name near `package` that is allowed as far as its characters go.
fn suggestion(package: &str) -> String {
    let cleaned: String =
        package.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let cleaned = cleaned.trim_matches('_');
    if cleaned.starts_with(|c: char| c.is_ascii_digit()) || cleaned.is_empty() {
        format!("py{cleaned}")
    } else {
        format!("{cleaned}_app")
    }
}

/// Whether Windows reserves the name for a device, with or without an extension.
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>
fn is_windows_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || (stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|c: char| c.is_ascii_digit()))
}

fn capitalize(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// `keyword.kwlist` of Python 3.15; soft keywords are identifiers.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Folders that stand beside a package; a package of that name would be taken for them.
const OWN_FOLDERS: &[&str] = &["build", "dist", "docs", "src", "tests", "venv"];

#[cfg(test)]
mod tests {
    use super::*;

    fn names(name: &str) -> Result<Names, BadName> {
        let taken = |distribution, tool| Taken { distribution, tool };
        let taken = [taken("black", Some("black")), taken("pre-commit", Some("pre-commit")), taken("pip", None)];
        Names::new(name, None, &taken)
    }

    #[test]
    fn every_form_follows_from_the_distribution() {
        let all = names("My_Great.project-2").unwrap();
        assert_eq!(all.distribution, "My_Great.project-2");
        assert_eq!(all.package, "my_great_project_2");
        assert_eq!(all.class, "MyGreatProject2");
        assert_eq!(all.variable, "MY_GREAT_PROJECT_2");
        assert_eq!(all.command, "my-great-project-2");
    }

    #[test]
    fn a_package_can_be_given() {
        assert_eq!(Names::new("3d-tools", Some("tools3d"), &[]).unwrap().package, "tools3d");
        assert_eq!(Names::new("json", Some("my_json"), &[]).unwrap().package, "my_json");
    }

    #[test]
    #[rustfmt::skip]
    fn names_that_cannot_be() {
        for bad in [
            "", "-x", "x-", "_x", "x_", ".x", "a b", "a/b", "naïve", "🐍", "class", "import", "json", "JSON", "test", "typing",
            "con", "COM1", "aux.txt", "lpt9", "black", "pre_commit", "Pre.Commit", "pip", "3d", "src", "tests", &"x".repeat(300),
        ] {
            let error = names(bad).expect_err(bad);
            assert!(!error.hint.is_empty(), "{bad}");
            assert!(error.message.len() < 200, "{bad}: the message repeats the whole name");
        }
    }

    #[test]
    fn suggestions_are_allowed() {
        for bad in ["3d", "json", "class"] {
            let package = suggestion(bad);
            assert!(Names::new("fine", Some(&package), &[]).is_ok(), "{package}");
        }
    }
}
