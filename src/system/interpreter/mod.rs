//! Finds the Pythons of a machine, believes each only after it ran once, and chooses one.
//!
//! Sources, in the order of preference: the one that is named; `.python-version`; the base of the active environment;
//! PATH; then, the newest first, pyenv, uv, Homebrew, conda, the system's folders, and on Windows the registry, where
//! the `py` launcher looks too. What an interpreter said is cached until its file or its library changes.

mod cache;
mod choose;
mod chosen;
mod files;
mod find;
mod list;
mod probe;
mod shim;
mod venv;

#[cfg(all(test, unix))]
mod tests;

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::facts::Origin;

pub use choose::choose;
pub use chosen::{Chosen, NotFound, Refused};
pub use files::{by_file, by_files, minor_by_files};
pub use list::{Seen, State, list};
pub use shim::is_foreign;

/// The variables that say where interpreters are.
const VARIABLES: &[&str] = &[
    "CONDA_PREFIX",
    "HOMEBREW_PREFIX",
    "LOCALAPPDATA",
    "APPDATA",
    "MAMBA_ROOT_PREFIX",
    "PATH",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "UV_PYTHON_INSTALL_DIR",
    "VIRTUAL_ENV",
    "XDG_DATA_HOME",
];

/// Where the search begins: the parts of the machine that it depends on.
#[derive(Debug, Clone)]
pub struct Roots {
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// The folder that stands for `/`.
    pub system: PathBuf,
    variables: BTreeMap<String, OsString>,
}

impl Roots {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let mut roots = Self::new(etcetera::home_dir().ok(), "/");
        for name in VARIABLES {
            if let Some(value) = env::var_os(name) {
                roots = roots.with(name, value);
            }
        }
        roots
    }

    /// Without any variable set.
    #[must_use]
    pub fn new(home: Option<PathBuf>, system: impl Into<PathBuf>) -> Self {
        Self { home, system: system.into(), variables: BTreeMap::new() }
    }

    /// With the environment variable `name` set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// The variable `name`, unless it is unset or empty.
    fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from)
    }

    fn in_home(&self, path: &str) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(path))
    }

    fn in_system(&self, path: &str) -> PathBuf {
        self.system.join(path)
    }

    /// The folders of PATH, in order; relative ones mean something else in each folder and are left out.
    fn path_folders(&self) -> impl Iterator<Item = PathBuf> {
        env::split_paths(self.variable("PATH").unwrap_or_default()).filter(|folder| folder.is_absolute())
    }

    fn pyenv(&self) -> Option<PathBuf> {
        let default = if cfg!(windows) { ".pyenv/pyenv-win" } else { ".pyenv" };
        self.folder("PYENV_ROOT").or_else(|| self.in_home(default))
    }
}

/// What a search depends on.
#[derive(Debug, Clone)]
pub struct Context {
    pub roots: Roots,
    /// Where `.python-version` is looked for, upwards, and what relative paths count from.
    pub folder: PathBuf,
    /// Where answers are kept; nowhere if `None`.
    pub cache: Option<PathBuf>,
    /// How long an interpreter may take to say what it is.
    pub patience: Duration,
}

impl Context {
    /// For work in `folder`, with the user's cache folder and ten seconds of patience.
    #[must_use]
    pub fn of_process(folder: impl Into<PathBuf>) -> Self {
        let cache = etcetera::choose_base_strategy()
            .ok()
            .map(|folders| etcetera::BaseStrategy::cache_dir(&folders).join("pyenvkit"));
        Self { roots: Roots::of_process(), folder: folder.into(), cache, patience: Duration::from_secs(10) }
    }
}

/// A file that may be a Python.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    path: PathBuf,
    origin: Origin,
}

/// A candidate that exists, with shims and environments resolved to what they stand for.
#[derive(Debug, Clone)]
struct Settled {
    /// What is run; not resolved further, since a link such as Homebrew's `opt` outlives its target.
    path: PathBuf,
    origin: Origin,
    /// The same for each path of one interpreter.
    key: PathBuf,
}

impl Candidate {
    /// `None` if it is no executable file, or a shim that stands for nothing at present.
    fn settle(self, context: &Context) -> Option<Settled> {
        let path = shim::resolve(self.path, context)?;
        if !find::is_executable(&path) {
            return None;
        }
        let path = venv::base_of(&path).unwrap_or(path);
        let key = if shim::is_foreign(&path) { path.clone() } else { canonical(&path) };
        Some(Settled { path, origin: self.origin, key })
    }
}

fn canonical(path: &Path) -> PathBuf {
    fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
