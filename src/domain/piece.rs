//! A piece is what we own of a file: a text at a place that is named by structure, never by offset.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::tree::Place;

/// One thing that we want to stand, or that we know to stand, in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The file.
    pub place: Place,
    /// Where in the file.
    pub at: Locator,
    /// What stands there, with `\n` line endings and without the glue around it; the exact form depends on the
    /// locator and is described at each of its variants.
    pub text: String,
    /// The names of the tools or of the template that want it.
    pub owners: BTreeSet<String>,
}

/// How an item of an array is recognised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Item {
    /// A requirement (PEP 508), by its normalised name (PEP 503): `Foo_Bar[x]>=1` is `foo-bar`.
    Requirement(String),
    /// Anything else, by its value written as in the format of the file (`"src"`, `{ include-group = "lint" }`).
    Value(String),
}

/// Where a piece stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locator {
    /// The whole file; `text` is its content.
    Whole,
    /// A key of a TOML table. `text` is `key = value`, optionally with own-line comments before it and an
    /// end-of-line comment; several lines are possible.
    TomlKey { table: Vec<String>, key: String },
    /// An item of an array under a key of a TOML table (`[dependency-groups] dev = [...]`). `text` is the bare item.
    TomlItem { table: Vec<String>, key: String, item: Item },
    /// A key of an INI section, named as it stands between the brackets. `text` is `key = value`, continuation lines indented.
    IniKey { section: String, key: String },
    /// A line of a list that is the value of an INI key. `text` is the bare line.
    IniItem { section: String, key: String, item: Item },
    /// A top-level key of a YAML mapping. `text` is `key: value`, possibly of several lines, optionally with own-line
    /// comments before it.
    YamlKey { key: String },
    /// A hook of a `.pre-commit-config.yaml`: repository URL (or `local`) and hook id, and the folder that it is for
    /// where a repository has several projects, each with the hook (`pkgs/a/`). `text` is the hook's mapping as
    /// block YAML at column 0 (`id: black\nargs: [--fast]`). `rev` belongs to the repository and is in the locator's
    /// companion [`Glue::HookRepo`]: inserting a hook into a new repository writes it.
    Hook {
        repo: String,
        rev: Option<String>,
        id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        folder: Option<String>,
    },
    /// An item of a list under a key of a hook (`additional_dependencies`). `text` is the bare item.
    HookItem { repo: String, id: String, key: String, item: Item },
    /// A key of a JSON object with comments, by its path. `text` is the bare value.
    JsonKey { path: Vec<String> },
    /// An item of an array in JSON with comments. `text` is the bare item.
    JsonItem { path: Vec<String>, item: Item },
    /// A line of a line-based file (`.gitignore`), recognised by its text without surrounding white space. `text` is the line.
    Line { line: String },
    /// A line of a requirements file, by normalised name (PEP 503). `text` is the line.
    RequirementLine { name: String },
}

impl Locator {
    /// The same place whatever its companion says: a hook of a project stands where it stands at any `rev`.
    #[must_use]
    pub fn bare(&self) -> Self {
        match self {
            Self::Hook { repo, id, .. } => Self::Hook { repo: repo.clone(), rev: None, id: id.clone(), folder: None },
            other => other.clone(),
        }
    }
}

/// What we had to supply around pieces so that they could stand; it is cut when nothing stands in it any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Glue {
    /// The file itself: it was not there.
    File,
    /// The header of a TOML table, with the blank line before it.
    TomlTable { table: Vec<String> },
    /// A key whose value is an array that we created.
    TomlArray { table: Vec<String>, key: String },
    /// The header of an INI section, with the blank line before it.
    IniSection { section: String },
    /// An INI key whose value is a list that we created.
    IniList { section: String, key: String },
    /// A top-level YAML key whose value we created (`repos:`).
    YamlKey { key: String },
    /// A repository entry of a pre-commit configuration.
    HookRepo { repo: String },
    /// A list under a key of a hook.
    HookList { repo: String, id: String, key: String },
    /// A JSON object or array that we created, by its path.
    JsonContainer { path: Vec<String> },
    /// The user's comments at what is cut: they go with it. Only where the user insists, and never recorded.
    Comments,
}
