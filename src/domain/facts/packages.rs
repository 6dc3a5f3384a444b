//! What is installed in an environment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use pep508_rs::MarkerEnvironment;

use crate::domain::installed::Distribution;

/// The content of a `site-packages`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packages {
    pub site: PathBuf,
    /// The values of environment markers (PEP 508) there; `None` where the version of its Python is not known.
    pub markers: Option<MarkerEnvironment>,
    /// Every `.dist-info` with readable metadata, by folder name; a package can be there twice.
    pub distributions: Vec<Distribution>,
    /// Names of `.dist-info` folders without readable metadata.
    pub unreadable: Vec<String>,
    /// Names that begin with `~`: what an interrupted pip left behind.
    pub leftovers: Vec<String>,
    /// `.pth` files.
    pub path_files: Vec<PathFile>,
    /// Names of `.egg-link` files and `.egg-info` entries.
    pub eggs: Vec<String>,
    /// Names of top-level modules and packages, without `.py`.
    pub modules: Vec<String>,
    /// The folders of editable installs, by their `.dist-info` folder.
    pub editables: BTreeMap<PathBuf, Target>,
}

/// The folder of an editable install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As `direct_url.json` names it.
    pub named: PathBuf,
    /// With its links resolved; `None` where no folder is there.
    pub real: Option<PathBuf>,
}

/// A file that is not as `RECORD` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Altered {
    /// As `RECORD` names it.
    pub path: String,
    /// Its size in bytes; `None` where it is gone.
    pub found: Option<u64>,
    /// The size that it should have.
    pub recorded: Option<u64>,
}

/// A `.pth` file (<https://docs.python.org/3/library/site.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathFile {
    pub name: String,
    pub lines: Vec<String>,
    /// The folders that it names and that are not there.
    pub missing: Vec<PathBuf>,
}
