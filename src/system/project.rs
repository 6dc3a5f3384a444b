//! Finds the project that a folder belongs to and reads what it says of itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::disk::Roots;
use super::environment::{Located, Search, Variables, locate};
use super::git::{self, Repository};
use crate::domain::groups::{is_package, normalise};
use crate::domain::piece::Locator;
use crate::domain::provenance::{LOCK, Provenance};
use crate::domain::tree::{Source, Tree};
use crate::error::Problem;

/// The files that make a folder a project.
pub const MARKERS: &[&str] = &["pyproject.toml", "setup.py", "setup.cfg"];

/// A project on disk.
#[derive(Debug)]
pub struct Project {
    /// Absolute.
    pub folder: PathBuf,
    pub repository: Option<Repository>,
    /// The text of `pyproject.toml`, if there is one.
    pub pyproject: Option<Arc<str>>,
    /// The same, parsed.
    pub manifest: Arc<toml::Table>,
    /// What the lock file knows; empty where there is none.
    pub provenance: Provenance,
    /// Its environment, or where that is to be.
    pub environment: Located,
}

impl Project {
    /// The project that `start` lies in: the nearest folder upwards with one of the [`MARKERS`], never above the top of
    /// the git repository or the home folder.
    ///
    /// # Errors
    /// There is none, or its `pyproject.toml` cannot be read.
    pub fn find(start: &Path, environment: &git::Environment) -> Result<Self> {
        match Self::locate(start, environment)? {
            (Some(folder), repository) => Self::read(folder, repository),
            (None, _) => Err(Problem::usage(format!("{} is not in a Python project", start.display()))
                .hint("a project has a pyproject.toml; pyenvkit new makes one, --directory names another folder")
                .into()),
        }
    }

    /// The folder of the project that `start` lies in, if it lies in one, and the repository around it; nothing of it is
    /// read.
    ///
    /// # Errors
    /// `start` is not there.
    pub fn locate(start: &Path, environment: &git::Environment) -> Result<(Option<PathBuf>, Option<Repository>)> {
        let start = fs_err::canonicalize(start)?;
        let repository = Repository::enclosing(&start, environment);
        let home = environment.home().and_then(|home| home.canonicalize().ok());
        let mut folder = Some(start.as_path());
        while let Some(here) = folder {
            if MARKERS.iter().any(|marker| here.join(marker).is_file()) {
                return Ok((Some(here.to_owned()), repository));
            }
            let is_top = repository.as_ref().is_some_and(|it| it.top == here) || home.as_deref() == Some(here);
            folder = if is_top { None } else { here.parent() };
        }
        Ok((None, repository))
    }

    /// As [`Project::find`], or the folder `start` itself where nothing says that it is a project yet.
    ///
    /// # Errors
    /// A `pyproject.toml` that is there cannot be read.
    pub fn find_or_here(start: &Path, environment: &git::Environment) -> Result<Self> {
        let start = fs_err::canonicalize(start)?;
        if MARKERS.iter().any(|marker| start.join(marker).is_file()) {
            return Self::find(&start, environment);
        }
        let repository = Repository::enclosing(&start, environment);
        Self::read(start, repository)
    }

    fn read(folder: PathBuf, repository: Option<Repository>) -> Result<Self> {
        let text = |name: &str| match fs_err::read_to_string(folder.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Problem::usage(format!("cannot read {name}")).because(error)),
        };
        let pyproject: Option<Arc<str>> = text("pyproject.toml")?.map(Arc::from);
        let manifest: toml::Table = match &pyproject {
            Some(text) => text
                .trim_start_matches('\u{feff}')
                .parse()
                .map_err(|error: toml::de::Error| Problem::usage("pyproject.toml is not valid TOML").because(error))?,
            None => toml::Table::new(),
        };
        let provenance = text(LOCK)?.map(|text| Provenance::parse(&text)).unwrap_or_default();
        let environment = locate(&Search {
            folder: &folder,
            top: repository.as_ref().map(|it| it.top.as_path()),
            manifest: &manifest,
            variables: &Variables::current(),
        });
        Ok(Self { folder, repository, pyproject, manifest: Arc::new(manifest), provenance, environment })
    }

    /// The name of the distribution, else of the folder.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.folder, &self.manifest)
    }

    /// `project.requires-python`.
    #[must_use]
    pub fn requires_python(&self) -> Option<&str> {
        self.manifest.get("project")?.get("requires-python")?.as_str()
    }

    /// Whether there is a package to install: a project that says how it is built (PEP 517), or an old one with `setup.py`.
    #[must_use]
    pub fn is_installable(&self) -> bool {
        is_package(&self.manifest) || self.folder.join("setup.py").is_file()
    }

    /// The names of the dependency groups (PEP 735), as they are written.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let groups = self.manifest.get("dependency-groups").and_then(toml::Value::as_table);
        groups.map(|groups| groups.keys().cloned().collect()).unwrap_or_default()
    }

    /// The groups that development needs: those that our tools went into, and the one for development where it exists.
    #[must_use]
    pub fn development_groups(&self) -> Vec<String> {
        let ours = self.provenance.values.as_ref().map_or("dev", |values| values.group.as_str());
        let has_ours = |group: &String| {
            self.provenance.owned.pieces.iter().any(|piece| match &piece.at {
                Locator::TomlItem { table, key, .. } => {
                    table.len() == 1 && table[0] == "dependency-groups" && key == group
                }
                _ => false,
            })
        };
        self.groups().into_iter().filter(|group| normalise(group) == normalise(ours) || has_ours(group)).collect()
    }

    /// The names of the tools that the lock file knows.
    #[must_use]
    pub fn tools(&self) -> Vec<String> {
        self.provenance.tools.iter().map(|tool| tool.tool.clone()).collect()
    }

    /// The folder of the project's environment.
    #[must_use]
    pub fn venv(&self) -> PathBuf {
        self.environment.path.clone()
    }

    /// The tree of the project's files, as they are on disk.
    #[must_use]
    pub fn tree<'s>(&self, source: &'s dyn Source) -> Tree<'s> {
        let mut tree = Tree::new(source);
        self.settle(&mut tree);
        tree
    }

    /// Let no file have two places in a tree of this project.
    pub fn settle(&self, tree: &mut Tree<'_>) {
        match self.repository.as_ref().map(|repository| below(&self.folder, &repository.top)) {
            None | Some(Ok(None)) => tree.settle_at_top(),
            Some(Ok(Some(folder))) => tree.settle_below(&folder),
            // A path that is not text: whoever has to write it says so.
            Some(Err(_)) => {}
        }
        if let Some(text) = &self.pyproject {
            tree.know(Arc::clone(text), Arc::clone(&self.manifest));
        }
    }

    #[must_use]
    pub fn roots(&self) -> Roots {
        Roots { environment: self.venv(), ..roots(&self.folder, self.repository.as_ref()) }
    }
}

/// The name of the distribution that `manifest` declares, else of the folder.
#[must_use]
pub fn name(folder: &Path, manifest: &toml::Table) -> String {
    let poetry = || manifest.get("tool")?.get("poetry")?.get("name");
    let declared = manifest.get("project").and_then(|it| it.get("name")).or_else(poetry).and_then(toml::Value::as_str);
    declared.map_or_else(|| folder.file_name().unwrap_or_default().to_string_lossy().into_owned(), str::to_owned)
}

/// The roots of a project's places.
#[must_use]
pub fn roots(folder: &Path, repository: Option<&Repository>) -> Roots {
    Roots {
        project: folder.to_owned(),
        repository: repository.map_or_else(|| folder.to_owned(), |it| it.top.clone()),
        git_dir: repository.map(|it| it.git_dir.clone()),
        environment: folder.join(".venv"),
    }
}

/// The folder below the top of its repository that the project lies in, with `/` between its parts; `None` at the top.
///
/// # Errors
/// The project is not in the repository, or the path is not UTF-8.
pub fn below(folder: &Path, top: &Path) -> Result<Option<String>> {
    let relative =
        folder.strip_prefix(top).with_context(|| format!("{} is not in {}", folder.display(), top.display()))?;
    let parts = relative
        .components()
        .map(|part| part.as_os_str().to_str().map(str::to_owned))
        .collect::<Option<Vec<_>>>()
        .with_context(|| format!("{} is not valid UTF-8", relative.display()))?;
    Ok((!parts.is_empty()).then(|| parts.join("/")))
}
