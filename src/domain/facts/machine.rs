//! What is the same for every project of the machine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Fact, Origin};
use crate::domain::backends::Backends;
use crate::domain::catalog::Tool;
use crate::domain::git_config::Config;
use crate::domain::python::Minor;

/// The machine and this process's place on it.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// Today as `YYYY-MM-DD`, in UTC.
    pub today: String,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// The environment variables that change what Python, installers and git do, unless they are empty.
    pub variables: Fact<BTreeMap<String, String>>,
    /// The folders of PATH, in order.
    pub path: Fact<Vec<SearchFolder>>,
    /// Every Python that files tell of, in the order in which one would be chosen.
    pub pythons: Fact<Vec<Python>>,
    /// Git's settings outside of any repository.
    pub git: Fact<Config>,
    /// The file systems that work needs room on: of the home folder and of temporary files.
    pub volumes: Fact<Vec<Volume>>,
    /// The files with certificates that variables and pip's configuration name.
    pub certificates: Fact<Vec<Certificates>>,
    /// What installers are configured with.
    pub installers: Fact<Installers>,
    /// The text of `os-release`; empty where the system has none.
    pub system: Fact<String>,
    /// The tools that pyenvkit knows.
    pub tools: Fact<Vec<Tool>>,
    /// The build backends that it knows.
    pub backends: Fact<Backends>,
}

/// A folder of PATH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFolder {
    pub folder: PathBuf,
    /// `python`, `python3` and `python3.x` that can be run, by name.
    pub pythons: BTreeMap<String, Started>,
    /// `pip`, `pip3` and `pip3.x` that can be run, by name, with the Python that their first line starts; `None` where it
    /// names none.
    pub pips: BTreeMap<String, Option<Started>>,
    /// Whether a `pre-commit` or `prek` can be run from here.
    pub has_hook_runner: bool,
}

/// A Python that a name on PATH leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    pub path: PathBuf,
    /// The same for every name of one Python: its environment's folder, else its file, links resolved; `None` for a shim,
    /// which decides only when it runs.
    pub identity: Option<PathBuf>,
    /// Whether it is that of an environment that uv made, which has no pip.
    pub made_by_uv: bool,
}

/// A Python as its files describe it; it was not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    /// The first path by which it was found.
    pub path: PathBuf,
    /// The same with its links resolved.
    pub real: PathBuf,
    pub origin: Origin,
    /// What the names of its files say.
    pub minor: Option<Minor>,
    /// The whole version where a folder of its path tells it, as pyenv and uv name theirs: `3.12.1`.
    pub release: Option<String>,
    /// The folder with `os.py`, where it was found.
    pub stdlib: Option<PathBuf>,
    /// Whether `venv` can be imported (Debian splits it out); false where the library was not found.
    pub has_venv: bool,
    /// Whether `ensurepip` can be imported.
    pub has_ensurepip: bool,
    /// Whether the installation is marked as externally managed (PEP 668).
    pub externally_managed: bool,
}

/// A file system that something is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// What is written there: `temporary files`.
    pub purpose: &'static str,
    pub folder: PathBuf,
    /// Bytes that this user can still write.
    pub free: u64,
    /// Whether programs there cannot be run (`noexec`).
    pub no_execution: bool,
}

/// The machine's and the user's configuration files of installers, each with its path, weakest first; what cannot be read
/// is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installers {
    pub pip: Vec<(PathBuf, String)>,
    pub uv: Vec<(PathBuf, String)>,
}

/// A file or folder of certificates that something names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    pub by: NamedBy,
    pub path: PathBuf,
    /// What is wrong with it: `it is not there`.
    pub fault: Option<String>,
}

/// What names a file of certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedBy {
    Variable(&'static str),
    /// A configuration file of pip, as `cert`.
    File(PathBuf),
}
