//! The folder that `new` makes or fills, and the repository that it lies in.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::domain::scaffold::Top;
use crate::domain::tree::{Nothing, Source};
use crate::error::Problem;
use crate::system::disk::{Disk, Roots};
use crate::system::folder::{self, Standing};
use crate::system::git::{self, Repository};
use crate::system::project;

/// Where the project will stand.
#[derive(Debug)]
pub struct Target {
    /// Absolute; its parents are without links where they exist.
    pub folder: PathBuf,
    /// Whether the folder is there already, to be filled.
    pub exists: bool,
    /// The repository that it lies in, whether or not it is that repository's top.
    pub repository: Option<Repository>,
}

impl Target {
    /// # Errors
    /// The target is a file, a dangling link, or a folder with more in it than a fresh clone has.
    pub fn look(path: &Path, environment: &git::Environment) -> Result<Self> {
        let shown = path.display();
        let exists = match folder::standing(path)? {
            Standing::Absent => false,
            Standing::Folder { entries } => {
                if let Some(entry) = entries.iter().find(|entry| !belongs_to_a_clone(entry)) {
                    return Err(Problem::usage(format!("{shown} is not empty: {entry:?} is in it"))
                        .hint("new fills an empty folder or a fresh clone (.git, README, LICENSE, .gitignore); choose another folder")
                        .into());
                }
                true
            }
            Standing::DanglingLink { to } => {
                return Err(Problem::usage(format!("{shown} is a link to {}, which is not there", to.display()))
                    .hint("remove the link, or choose another folder")
                    .into());
            }
            Standing::Other => {
                return Err(Problem::usage(format!("{shown} is there already, and is not a folder"))
                    .hint("choose another name")
                    .into());
            }
        };
        let folder = if exists { fs_err::canonicalize(path)? } else { path.to_owned() };
        let repository = Repository::enclosing(&folder, environment);
        Ok(Self { folder, exists, repository })
    }

    /// Whether the folder is the top of its own repository already.
    #[must_use]
    pub fn is_repository(&self) -> bool {
        self.repository.as_ref().is_some_and(|it| it.top == self.folder)
    }

    /// The repository that the project becomes a part of: one that it lies in and is not the top of, unless `nested`
    /// asks for one of its own.
    #[must_use]
    pub fn outer(&self, nested: bool) -> Option<&Repository> {
        self.repository.as_ref().filter(|it| it.top != self.folder && !nested)
    }

    /// Where the project lies in its repository.
    ///
    /// # Errors
    /// The path is not UTF-8.
    pub fn top(&self, outer: Option<&Repository>) -> Result<Top> {
        let below = outer.map(|outer| project::below(&self.folder, &outer.top)).transpose()?.flatten();
        Ok(below.map_or(Top::Project, Top::Below))
    }

    /// The roots of the project's places.
    #[must_use]
    pub fn roots(&self, outer: Option<&Repository>) -> Roots {
        let own = self.repository.as_ref().filter(|_| self.is_repository());
        project::roots(&self.folder, outer.or(own))
    }

    /// What stands there now.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn source(&self, outer: Option<&Repository>) -> Result<Box<dyn Source>> {
        if !self.exists && outer.is_none() {
            return Ok(Box::new(Nothing));
        }
        Ok(Box::new(Disk::new(&self.roots(outer))?))
    }
}

/// What a repository that was just cloned has in it; all of it is kept.
fn belongs_to_a_clone(entry: &str) -> bool {
    let lower = entry.to_lowercase();
    let stem = lower.split('.').next().unwrap_or(&lower);
    matches!(lower.as_str(), ".git" | ".gitignore") || matches!(stem, "readme" | "license" | "licence")
}

/// The path as an absolute one, without `.` and `..` and a separator at its end.
///
/// # Errors
/// The current folder is gone, or the path goes up from where nothing is.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path).with_context(|| format!("cannot make sense of {}", path.display()))?;
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                // `..` after a link goes up from where the link leads.
                clean = fs_err::canonicalize(&clean)?;
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    Ok(clean)
}

/// The nearest folder upwards that is there: where `.python-version` files are looked for.
#[must_use]
pub fn existing_parent(path: &Path) -> PathBuf {
    path.ancestors().find(|folder| folder.is_dir()).unwrap_or(path).to_owned()
}
