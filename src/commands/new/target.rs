//! The folder that `new` makes or fills, and the repository that it lies in.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::domain::provenance::{self, Provenance};
use crate::domain::reconcile::Owned;
use crate::domain::scaffold::Top;
use crate::domain::tree::{Entry, Listed, Nothing, Place, Root, Source};
use crate::error::Problem;
use crate::system::birth::{self, Standing};
use crate::system::disk::{Disk, Roots};

use crate::system::git::{self, Repository};
use crate::system::project;
use crate::system::surroundings;

/// The longest name of a folder on the file systems in use, in bytes.
const LONGEST: usize = 255;

/// Where the project will stand.
#[derive(Debug)]
pub struct Target {
    /// Absolute and without links.
    pub folder: PathBuf,
    pub standing: Standing,
    /// The repository that it lies in, whether or not it is that repository's top.
    pub repository: Option<Repository>,
}

impl Target {
    /// # Errors
    /// The target is a file, a dangling link, or a folder with more in it than a fresh clone has.
    pub fn look(path: &Path, environment: &git::Environment) -> Result<Self> {
        let shown = path.display();
        if let Some(length) = path.file_name().map(OsStr::len).filter(|length| *length > LONGEST) {
            return Err(Problem::usage(format!("the folder's name has {length} bytes, and {LONGEST} are possible"))
                .hint("choose a shorter name")
                .into());
        }
        let folder = birth::resolve(path).map_err(|error| {
            Problem::usage(format!("{shown} cannot be made")).because(error).hint("choose another folder")
        })?;
        let standing = birth::standing(&folder)?;
        match &standing {
            Standing::Occupied(entry) => {
                return Err(Problem::usage(format!("{shown} is not empty: {entry:?} is in it"))
                    .hint("new fills an empty folder or a fresh clone (.git, README, LICENSE, .gitignore); choose another folder")
                    .into());
            }
            Standing::NoFolder => {
                return Err(Problem::usage(format!("{shown} is there already, and is not a folder"))
                    .hint("choose another name")
                    .into());
            }
            Standing::Absent | Standing::Free | Standing::Unfinished => {}
        }
        let repository = Repository::enclosing(&folder, environment);
        Ok(Self { folder, standing, repository })
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
        // What an earlier run wrote is not read: the same wish plans the same files again.
        Ok(match (&self.standing, outer) {
            (Standing::Free, _) => Box::new(Disk::new(&self.roots(outer))?),
            (_, Some(_)) => Box::new(Around(Disk::new(&self.roots(outer))?)),
            (_, None) => Box::new(Nothing),
        })
    }

    /// What an earlier run that did not end wrote to the repository around the project.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn written_around(&self, outer: Option<&Repository>) -> Result<Owned> {
        if self.standing != Standing::Unfinished || outer.is_none() {
            return Ok(Owned::default());
        }
        let entry = Disk::new(&self.roots(outer))?.read(&Place::project(provenance::LOCK)?)?;
        let Entry::File(file) = entry else { return Ok(Owned::default()) };
        Ok(Provenance::parse(&String::from_utf8_lossy(&file.bytes)).owned.within(Root::Repository))
    }
}

/// The repository around a project that does not exist yet.
struct Around(Disk);

impl Source for Around {
    fn read(&self, place: &Place) -> Result<Entry> {
        if place.root == Root::Repository { self.0.read(place) } else { Ok(Entry::Absent) }
    }

    fn list(&self, root: Root, folder: &str) -> Result<Vec<Listed>> {
        if root == Root::Repository { self.0.list(root, folder) } else { Ok(Vec::new()) }
    }
}

/// The path as an absolute one; its `..` are resolved when it is looked at.
///
/// # Errors
/// The current folder is gone.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path).with_context(|| format!("cannot make sense of {}", path.display()))?;
    // A separator at the end is no part of the name.
    Ok(path.components().collect())
}

/// The nearest folder upwards that is there: where `.python-version` files are looked for.
#[must_use]
pub fn existing_parent(path: &Path) -> PathBuf {
    path.ancestors().find(|folder| surroundings::is_folder(folder)).unwrap_or(path).to_owned()
}
