//! A tree of files in memory: what stands where, pulled from a [`Source`] on demand, every read recorded.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

/// The folder that a path is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Root {
    /// The project: the folder with `pyproject.toml`.
    Project,
    /// The top of the working tree that the project lies in; the project itself where there is no repository.
    Repository,
    /// The repository's git folder, which need not be called `.git`.
    GitDir,
    /// The project's virtual environment.
    Environment,
}

/// A relative path with `/` between its parts that cannot leave its root: no `..`, no drive, no leading `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelPath(String);

impl RelPath {
    /// # Errors
    /// The path is empty, absolute, has a part that is `.` or `..`, or has a character that a Windows path gives a meaning.
    pub fn new(path: impl Into<String>) -> Result<Self> {
        let path = path.into();
        let bad = path.is_empty()
            || path.contains(['\\', ':', '\0'])
            || path.split('/').any(|part| matches!(part, "" | "." | ".."));
        if bad {
            bail!("{path:?} is not a path inside the project");
        }
        Ok(Self(path))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl TryFrom<String> for RelPath {
    type Error = anyhow::Error;
    fn try_from(path: String) -> Result<Self> {
        Self::new(path)
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        path.0
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A path and the root that it is relative to. Written as the path, with `repository:` or another root before it where
/// that is not the project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place {
    pub root: Root,
    pub path: RelPath,
}

/// The roots' names in a written place; a path has no colon.
const ROOTS: &[(Root, &str)] =
    &[(Root::Repository, "repository:"), (Root::GitDir, "git:"), (Root::Environment, "environment:")];

impl TryFrom<String> for Place {
    type Error = anyhow::Error;
    fn try_from(text: String) -> Result<Self> {
        for (root, name) in ROOTS {
            if let Some(path) = text.strip_prefix(name) {
                return Ok(Self { root: *root, path: RelPath::new(path)? });
            }
        }
        Self::project(text)
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        let name = ROOTS.iter().find(|(root, _)| *root == place.root).map_or("", |(_, name)| name);
        format!("{name}{}", place.path)
    }
}

impl Place {
    /// A place in the project.
    ///
    /// # Errors
    /// As [`RelPath::new`].
    pub fn project(path: impl Into<String>) -> Result<Self> {
        Ok(Self { root: Root::Project, path: RelPath::new(path)? })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    Absent,
    File(File),
    /// A symbolic link, with what it points to.
    Link(String),
    Folder,
}

/// A regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub bytes: Vec<u8>,
    /// Whether it may be executed; other bits follow the umask for new files and stay as they are for old ones.
    pub executable: bool,
}

/// Where a tree gets its entries from.
pub trait Source {
    /// What stands at `place` now. Links inside the project are followed for files.
    ///
    /// # Errors
    /// It is there and cannot be read.
    fn read(&self, place: &Place) -> Result<Entry>;
}

/// A source with nothing in it: the tree of a project that does not exist yet.
pub struct Nothing;

impl Source for Nothing {
    fn read(&self, _: &Place) -> Result<Entry> {
        Ok(Entry::Absent)
    }
}

/// What stands where: as it was read, and as it is wanted.
pub struct Tree<'s> {
    source: &'s dyn Source,
    read: BTreeMap<Place, Entry>,
    wanted: BTreeMap<Place, Entry>,
}

impl<'s> Tree<'s> {
    #[must_use]
    pub fn new(source: &'s dyn Source) -> Self {
        Self { source, read: BTreeMap::new(), wanted: BTreeMap::new() }
    }

    /// What stands at `place` in this tree.
    ///
    /// # Errors
    /// The source cannot read it.
    pub fn get(&mut self, place: &Place) -> Result<&Entry> {
        if self.wanted.contains_key(place) {
            return Ok(&self.wanted[place]);
        }
        if !self.read.contains_key(place) {
            let entry = self.source.read(place)?;
            self.read.insert(place.clone(), entry);
        }
        Ok(&self.read[place])
    }

    /// The text at `place`, or `None` where nothing stands.
    ///
    /// # Errors
    /// It cannot be read, is a folder, or is not UTF-8.
    pub fn text(&mut self, place: &Place) -> Result<Option<String>> {
        match self.get(place)? {
            Entry::Absent => Ok(None),
            Entry::File(file) => match String::from_utf8(file.bytes.clone()) {
                Ok(text) => Ok(Some(text)),
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
                    bail!("{place}:{line}: not valid UTF-8")
                }
            },
            Entry::Link(target) => bail!("{place} is a link to {target:?}, which is not a file of the project"),
            Entry::Folder => bail!("{place} is a folder, not a file"),
        }
    }

    /// Let `entry` stand at `place`. Its former state is read first, so that the difference is known.
    ///
    /// # Errors
    /// The source cannot read the place.
    pub fn put(&mut self, place: Place, entry: Entry) -> Result<()> {
        self.get(&place)?;
        self.wanted.insert(place, entry);
        Ok(())
    }

    /// Let `text` stand at `place`, keeping the executable bit of a file that is there.
    ///
    /// # Errors
    /// The source cannot read the place.
    pub fn put_text(&mut self, place: Place, text: String) -> Result<()> {
        let executable = matches!(self.get(&place)?, Entry::File(file) if file.executable);
        self.put(place, Entry::File(File { bytes: text.into_bytes(), executable }))
    }

    /// Everything that was read, as it was.
    #[must_use]
    pub fn reads(&self) -> &BTreeMap<Place, Entry> {
        &self.read
    }

    /// Each place whose wanted entry differs from what was read: before and after, in path order.
    pub fn changes(&self) -> impl Iterator<Item = (&Place, &Entry, &Entry)> {
        self.wanted
            .iter()
            .map(|(place, after)| (place, &self.read[place], after))
            .filter(|(_, before, after)| before != after)
    }
}
