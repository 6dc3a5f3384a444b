//! The hooks of a repository and the configuration that they run.

use std::path::PathBuf;

use super::Text;
use crate::domain::git_config::Setting;
use crate::domain::hook_file::Author;

/// What git runs, and what it should run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hooks {
    /// Where git looks for hooks.
    pub folder: PathBuf,
    /// `core.hooksPath`, if it is set.
    pub configured: Option<Setting>,
    /// `.pre-commit-config.yaml`, where there is one.
    pub configuration: Option<Text>,
    /// The hook files that are there, without git's samples, by name.
    pub files: Vec<HookFile>,
}

impl Hooks {
    /// The file of a hook type.
    #[must_use]
    pub fn file(&self, hook_type: &str) -> Option<&HookFile> {
        self.files.iter().find(|file| file.name == hook_type)
    }
}

/// A file in the hooks' folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookFile {
    /// `pre-commit`.
    pub name: String,
    pub path: PathBuf,
    pub author: Author,
    /// Git passes by a hook that is not.
    pub executable: bool,
    /// Whether its first line ends with a carriage return, so that its interpreter is not found.
    pub carriage_return: bool,
    /// Whether it calls pre-commit or prek, whoever wrote it.
    pub calls_runner: bool,
    /// What the hook starts, where it names one.
    pub runner: Option<Runner>,
}

/// The program in a hook file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// A Python, or prek.
    pub path: PathBuf,
    pub alive: bool,
    /// Whether that Python has the module that the hook runs; `None` where it cannot be seen from its files.
    pub has_module: Option<bool>,
}
