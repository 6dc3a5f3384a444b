//! What is installed in an environment.

use std::path::PathBuf;

use crate::domain::installed::Distribution;

/// The content of a `site-packages`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packages {
    pub site: PathBuf,
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
}

/// A `.pth` file (<https://docs.python.org/3/library/site.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathFile {
    pub name: String,
    pub lines: Vec<String>,
    /// The folders that it names and that are not there.
    pub missing: Vec<PathBuf>,
}
