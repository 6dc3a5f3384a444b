//! What is installed in an environment.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pep508_rs::MarkerEnvironment;

use crate::domain::groups::normalise;
use crate::domain::installed::Distribution;
use crate::domain::startup::{self, Line};

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
    /// Names of `.start` files (PEP 829).
    pub start_files: Vec<String>,
    /// Names of `.egg-link` files and `.egg-info` entries.
    pub eggs: Vec<String>,
    /// Names of top-level modules and packages, without `.py`.
    pub modules: Vec<String>,
    /// The folders of editable installs, by their `.dist-info` folder.
    pub editables: BTreeMap<PathBuf, Target>,
    /// Where finders of editable installs lead modules to, by the finder's file.
    pub finders: BTreeMap<String, BTreeMap<String, PathBuf>>,
    /// The text of `sitecustomize.py`.
    pub customizing: Option<Arc<str>>,
    /// The modules that are imported whenever Python starts and stand in none of the places where it looks for them then;
    /// `None` where these places are not all known.
    pub unfound: Option<BTreeSet<String>>,
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
    /// What is no UTF-8 in it is replaced.
    pub text: Arc<str>,
    pub is_utf8: bool,
    /// The folders that it names and that are not there, with the bytes of the text that name them.
    pub missing: Vec<(Range<usize>, PathBuf)>,
}

impl PathFile {
    /// The folders that it names; `site` is the one that it stands in.
    pub fn folders<'f>(&'f self, site: &'f Path) -> impl Iterator<Item = PathBuf> + 'f {
        startup::lines(&self.text).filter_map(|(_, line)| match line {
            Line::Path(path) => Some(site.join(path)),
            Line::Import(_) => None,
        })
    }

    /// Whether it lets Python look for modules in `folder`.
    #[must_use]
    pub fn leads_to(&self, folder: &Path) -> bool {
        self.folders(Path::new("")).any(|named| named == folder)
    }

    /// Whether it does nothing but name folders that are not there.
    #[must_use]
    pub fn leads_nowhere(&self) -> bool {
        !self.missing.is_empty() && startup::lines(&self.text).count() == self.missing.len()
    }

    /// Whether an installer wrote it for this package: `__editable__.demo-1.0.pth`, `_demo.pth`, `demo.pth`.
    #[must_use]
    pub fn is_of(&self, distribution: &str) -> bool {
        let stem = self.name.trim_end_matches(".pth");
        let stem = stem.strip_prefix("__editable__.").unwrap_or(stem).trim_start_matches('_');
        normalise(stem.split('-').next().unwrap_or(stem)) == normalise(distribution)
    }
}
