//! What is wanted of a project: its template, its values and its tools, with nothing left open.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use pep440_rs::{Version, VersionSpecifiers};
use serde::{Deserialize, Serialize};

use super::catalog::Layout;
use super::python::{END_OF_LIFE, Minor, NEWEST};

/// A whole wish. Written to the lock file, so that a later verb knows what the project was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// The template's name; none for a project that was adopted.
    pub template: Option<String>,
    pub values: Values,
    /// In the order of their ranks.
    pub tools: Vec<ToolUse>,
}

/// A tool and the options that were given for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolUse {
    pub tool: String,
    /// The version that it was added with. It stays until somebody asks for another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, toml::Value>,
}

impl ToolUse {
    /// A tool without any option.
    #[must_use]
    pub fn plain(tool: &str) -> Self {
        Self { tool: tool.to_owned(), version: None, options: BTreeMap::new() }
    }
}

/// What the templates and manifests may speak of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Values {
    /// The distribution's name as the user wrote it.
    pub name: String,
    /// The import name.
    pub package: String,
    pub description: String,
    /// An SPDX expression; none unless the user named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Author>,
    /// The page of the repository: `https://github.com/ada/myproj`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Version specifiers (PEP 440): `>=3.11`.
    pub requires_python: String,
    pub hooks: HookStyle,
    pub layout: Layout,
    /// Folders (or modules) of sources, where the user says otherwise than the files show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<String>>,
    /// Folders of tests, as the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<Vec<String>>,
    /// The dependency group (PEP 735) that the tools go into.
    pub group: String,
    /// The year that a licence names.
    pub year: i16,
}

/// A person (core metadata `Author-email`); one of the two may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Author {
    /// `Ada Lovelace <ada@example.com>`, a name alone or an address alone.
    ///
    /// # Errors
    /// The text is empty, has a line break, or brackets that do not hold an address.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() || text.contains(['\n', '\r']) {
            bail!("{text:?} is not an author such as \"Ada Lovelace <ada@example.com>\"");
        }
        let author = match text.split_once('<') {
            None if text.contains('@') => Self { name: None, email: Some(text.to_owned()) },
            None => Self { name: Some(text.to_owned()), email: None },
            Some((name, rest)) => {
                let email = rest.strip_suffix('>').with_context(|| format!("{text:?} lacks the closing >"))?;
                let name = name.trim();
                Self { name: (!name.is_empty()).then(|| name.to_owned()), email: Some(email.trim().to_owned()) }
            }
        };
        if let Some(email) = &author.email
            && (!email.contains('@') || email.contains([' ', '<', '>', ',']))
        {
            bail!("{email:?} is not an e-mail address");
        }
        Ok(author)
    }

    /// The name, else the address.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().or(self.email.as_deref()).unwrap_or_default()
    }

    /// The form that [`Author::parse`] reads.
    #[must_use]
    pub fn display(&self) -> String {
        match (&self.name, &self.email) {
            (Some(name), Some(email)) => format!("{name} <{email}>"),
            (name, email) => name.clone().or_else(|| email.clone()).unwrap_or_default(),
        }
    }
}

/// How pre-commit hooks get their tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum HookStyle {
    /// From each tool's mirror repository, pinned by `rev`.
    #[default]
    Mirrors,
    /// From the package index, as `repo: local` with pinned `additional_dependencies`.
    Local,
}

/// The feature versions of Python that `requires_python` allows, oldest first, none newer than the newest released.
///
/// # Errors
/// Not version specifiers (PEP 440), or nothing known satisfies them.
pub fn allowed_pythons(requires_python: &str) -> Result<Vec<Minor>> {
    let specifiers: VersionSpecifiers = requires_python
        .parse()
        .with_context(|| format!("{requires_python:?} is not a version specifier such as \">=3.11\""))?;
    let named: Vec<&Version> = specifiers.iter().map(pep440_rs::VersionSpecifier::version).collect();
    let allowed: Vec<Minor> = END_OF_LIFE
        .iter()
        .map(|(minor, _)| *minor)
        .filter(|minor| *minor <= NEWEST)
        .filter(|minor| {
            let release = |patch: u64| Version::new([minor.major.into(), minor.minor.into(), patch]);
            let of_minor = |version: &&&Version| {
                version.release().first() == Some(&u64::from(minor.major))
                    && version.release().get(1) == Some(&u64::from(minor.minor))
            };
            specifiers.contains(&release(0))
                || specifiers.contains(&release(99))
                || named.iter().filter(of_minor).any(|version| specifiers.contains(version))
        })
        .collect();
    if allowed.is_empty() {
        bail!("no released Python satisfies {requires_python:?}");
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_pythons_follow_the_specifiers() {
        let minors = |text: &str| allowed_pythons(text).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(minors(">=3.13"), ["3.13", "3.14", "3.15"]);
        assert_eq!(minors(">=3.11.4,<3.13"), ["3.11", "3.12"]);
        assert_eq!(minors("==3.12.1"), ["3.12"]);
        assert_eq!(minors("~=3.14.0"), ["3.14"]);
        assert!(allowed_pythons(">=4").is_err());
        assert!(allowed_pythons("three").is_err());
    }

    #[test]
    fn authors_are_read_as_they_are_written() {
        for text in ["Ada Lovelace <ada@example.com>", "Ada Lovelace", "ada@example.com"] {
            assert_eq!(Author::parse(text).unwrap().display(), text);
        }
        assert!(Author::parse("Ada <ada").is_err());
        assert!(Author::parse("Ada <not an address>").is_err());
        assert!(Author::parse(" ").is_err());
    }
}
