//! What there is of one project: its files, read once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Altered, EditorPython, Environment, Fact, Hooks, NoAnswer, OwnChecks, Packages};
use crate::domain::git_config::Config;
use crate::domain::installed::Record;
use crate::domain::tree::Place;

/// A project on disk.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The folder with `pyproject.toml`; absolute, links resolved.
    pub folder: PathBuf,
    pub repository: Option<Repository>,
    /// What stands directly in the folder, by name.
    pub entries: BTreeMap<String, EntryKind>,
    /// What looks after the environment.
    pub manager: Manager,
    /// `pyproject.toml`, `None` where there is none.
    pub pyproject: Fact<Option<Pyproject>>,
    /// Files that tools read their settings from, other than `pyproject.toml`.
    pub configuration: Fact<Texts>,
    /// What git is told to leave out.
    pub ignore: Fact<Ignored>,
    /// Workflows and pipelines, and `Dockerfile`s.
    pub ci: Fact<Texts>,
    /// The Pythons that settings of editors name.
    pub editors: Fact<Vec<EditorPython>>,
    /// Scripts of the project that may be executed and whose first line, which names their interpreter, ends with a
    /// carriage return.
    pub scripts: Fact<Texts>,
    /// The project's Python files at its top and near it, by their paths: in each folder there, and of those below `src` one
    /// folder deeper; of other inner folders the file that makes a package.
    pub sources: Fact<BTreeSet<String>>,
    /// The project's tests and what they share (`conftest.py`).
    pub tests: Fact<Texts>,
    /// `.gitattributes` of the repository and of the project.
    pub attributes: Fact<Texts>,
    /// Lock files, and what pins a Python (`.python-version`).
    pub locks: Fact<Texts>,
    /// The project's environments, the one that is worked with first.
    pub environments: Fact<Vec<Environment>>,
    /// What is installed in the first of the environments; `None` where there is none or it has no site-packages.
    pub packages: Fact<Option<Packages>>,
    /// The files of each installed distribution by its `.dist-info` folder's name, as `RECORD` lists them.
    pub records: Fact<BTreeMap<String, Vec<Record>>>,
    /// The files that are not as `RECORD` says, by the `.dist-info` folder's name; without those whose `RECORD` is gone.
    pub altered: Fact<BTreeMap<String, Vec<Altered>>>,
    /// The hooks of the repository; `None` where there is no repository.
    pub hooks: Fact<Option<Hooks>>,
    /// Git's settings in the repository.
    pub git: Fact<Config>,
    /// The checks that the project declares for itself.
    pub own: Fact<OwnChecks>,
    /// What git tracks of the project; `None` where there is no repository.
    pub tracked: Fact<Option<Tracked>>,
}

impl Project {
    /// The environment that is worked with.
    ///
    /// # Errors
    /// Environments were not probed, or there is none.
    pub fn environment(&self) -> Result<&Environment, NoAnswer> {
        self.environments.get()?.first().ok_or_else(|| NoAnswer::pointless("there is no environment"))
    }
}

/// A repository with a working tree; all paths absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The top of the working tree.
    pub top: PathBuf,
    pub git_dir: PathBuf,
    /// Where hooks and configuration are; differs from `git_dir` in a linked working tree.
    pub common_dir: PathBuf,
    /// What of it belongs to another user than the one who runs us.
    pub foreign: Option<Foreign>,
    /// Whether the history was cut off when it was cloned.
    pub is_shallow: bool,
    pub has_tags: bool,
}

/// Something of another user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    pub path: PathBuf,
    /// The owner's number.
    pub owner: u32,
}

/// What git tracks below a project's folder, as its index has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tracked {
    /// Relative to the project, with `/` between their parts, sorted.
    pub files: Vec<String>,
    /// The content of those that hold passwords by their name, as they are on disk.
    pub private: BTreeMap<String, String>,
}

/// What stands at a name; links are not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Folder,
    Link,
    /// A FIFO, a socket or a device.
    Special,
}

/// What looks after a project's environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Manager {
    /// Nothing but the environment itself.
    #[default]
    Nothing,
    Uv,
    Poetry,
    Pdm,
    Hatch,
    Pipenv,
    Conda,
}

impl Manager {
    /// The name of its program.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Uv => "uv",
            Self::Poetry => "poetry",
            Self::Pdm => "pdm",
            Self::Hatch => "hatch",
            Self::Pipenv => "pipenv",
            Self::Conda => "conda",
        }
    }

    /// Whether it may keep the environment outside of the project's folder.
    #[must_use]
    pub fn keeps_environments_elsewhere(self) -> bool {
        !matches!(self, Self::Nothing | Self::Uv)
    }
}

/// A text file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Absolute.
    pub path: PathBuf,
    /// Where edits find it.
    pub place: Place,
    pub content: Arc<str>,
}

/// Text files by their place's path. A file that is there and cannot be read has the reason instead.
pub type Texts = BTreeMap<String, Result<Text, String>>;

/// What git is told to leave out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ignored {
    /// `.gitignore` of the repository, of the project and of the folders between, and `.git/info/exclude`.
    pub texts: Texts,
    /// The user's own list for every repository (`core.excludesFile`).
    pub personal: String,
}

/// A `pyproject.toml`.
#[derive(Debug, Clone)]
pub struct Pyproject {
    pub text: Text,
    pub table: Result<toml::Table, Syntax>,
}

/// Why a text is not what its name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Syntax {
    /// In bytes of the text.
    pub span: Range<usize>,
    pub message: String,
}
