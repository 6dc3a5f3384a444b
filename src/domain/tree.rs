//! A tree of files in memory: what stands where, pulled from a [`Source`] on demand, every read recorded.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::edit::splice::position;
use super::encoding;

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
        let bytes = path.as_bytes();
        let bad = bytes.iter().any(|byte| matches!(byte, b'\\' | b':' | 0))
            || bytes.split(|byte| *byte == b'/').any(|part| matches!(part, b"" | b"." | b".."));
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

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    pub name: String,
    /// Whether a folder has that name, or a link to one.
    pub is_folder: bool,
}

/// Where a tree gets its entries from.
pub trait Source {
    /// What stands at `place` now. Links inside the project are followed for files.
    ///
    /// # Errors
    /// It is there and cannot be read.
    fn read(&self, place: &Place) -> Result<Entry>;

    /// What a folder holds, sorted by name; `""` is the root itself. Nothing where there is no such folder, and not all
    /// where there is far too much in it.
    ///
    /// # Errors
    /// It is there and cannot be read.
    fn list(&self, _root: Root, _folder: &str) -> Result<Vec<Listed>> {
        Ok(Vec::new())
    }
}

/// A source with nothing in it: the tree of a project that does not exist yet.
pub struct Nothing;

impl Source for Nothing {
    fn read(&self, _: &Place) -> Result<Entry> {
        Ok(Entry::Absent)
    }
}

/// What stands where: as it was read, and as it is wanted.
#[derive(Clone)]
pub struct Tree<'s> {
    source: &'s dyn Source,
    /// Whether the project is the top of its repository: then a place of the repository is one of the project.
    is_top: bool,
    /// The folder of its repository that the project lies in (`pkgs/a/`); empty at the top and where nobody knows.
    folder: String,
    read: BTreeMap<Place, Entry>,
    wanted: BTreeMap<Place, Entry>,
    /// TOML files that were parsed; `None` for one that is not TOML.
    parsed: BTreeMap<Place, Option<Arc<toml::Table>>>,
    /// A text that somebody has parsed already, wherever it may stand.
    known: Option<(Arc<str>, Arc<toml::Table>)>,
}

/// Whether a file may be of another encoding than UTF-8: pip reads requirements in their own.
fn has_own_encoding(place: &Place) -> bool {
    let name = place.path.name();
    [".txt", ".in"].iter().any(|end| name.ends_with(end))
}

impl<'s> Tree<'s> {
    #[must_use]
    pub fn new(source: &'s dyn Source) -> Self {
        let (read, wanted, parsed) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { source, is_top: false, folder: String::new(), read, wanted, parsed, known: None }
    }

    /// The tree of a project that is the top of its repository, in which no file has two places.
    #[must_use]
    pub fn of_top(source: &'s dyn Source) -> Self {
        Self { is_top: true, ..Self::new(source) }
    }

    /// As [`Tree::of_top`], for a tree of which nothing was read yet.
    pub fn settle_at_top(&mut self) {
        self.is_top = true;
    }

    /// Let the tree be that of a project in this folder of its repository, with `/` between the parts of its name.
    pub fn settle_below(&mut self, folder: &str) {
        self.folder = format!("{folder}/");
    }

    /// The folder of its repository that the project lies in (`pkgs/a/`); empty at the top and where nobody knows.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// What a TOML text says, so that a long one is not parsed once more.
    pub fn know(&mut self, text: Arc<str>, table: Arc<toml::Table>) {
        self.known = Some((text, table));
    }

    fn settled<'p>(&self, place: &'p Place) -> Cow<'p, Place> {
        if self.is_top && place.root == Root::Repository {
            Cow::Owned(Place { root: Root::Project, path: place.path.clone() })
        } else {
            Cow::Borrowed(place)
        }
    }

    /// What stands at `place` in this tree.
    ///
    /// # Errors
    /// The source cannot read it.
    pub fn get(&mut self, place: &Place) -> Result<&Entry> {
        let place = self.settled(place);
        if self.wanted.contains_key(&*place) {
            return Ok(&self.wanted[&*place]);
        }
        if !self.read.contains_key(&*place) {
            let entry = self.source.read(&place)?;
            self.read.insert(place.clone().into_owned(), entry);
        }
        Ok(&self.read[&*place])
    }

    /// The text at `place`, or `None` where nothing stands.
    ///
    /// # Errors
    /// It cannot be read, is a folder, or is not UTF-8.
    pub fn text(&mut self, place: &Place) -> Result<Option<String>> {
        match self.get(place)? {
            Entry::Absent => Ok(None),
            Entry::File(file) => match String::from_utf8(file.bytes.clone()) {
                Ok(text) if has_own_encoding(place) && encoding::is_wide(text.as_bytes()) => {
                    let (line, column) = position(&text, text.find('\0').unwrap_or_default());
                    bail!(
                        "{place}:{line}:{column}: a NUL, so not text, or UTF-16 or UTF-32 without the byte order mark \
                         that pip tells them by"
                    )
                }
                Ok(text) => Ok(Some(text)),
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
                    if !has_own_encoding(place) {
                        bail!("{place}:{line}: not valid UTF-8")
                    }
                    let text = encoding::decode(error.as_bytes());
                    text.map(Some).with_context(|| {
                        format!(
                            "{place}:{line}: not valid UTF-8, nor of an encoding that a line can be put into safely"
                        )
                    })
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
        let place = match self.settled(&place) {
            Cow::Owned(settled) => settled,
            Cow::Borrowed(_) => place,
        };
        self.get(&place)?;
        self.parsed.remove(&place);
        self.wanted.insert(place, entry);
        Ok(())
    }

    /// The TOML at `place`, parsed once; `None` where nothing stands, or nothing that is TOML: whoever edits it says so.
    ///
    /// # Errors
    /// As [`Tree::text`].
    pub fn toml(&mut self, place: &Place) -> Result<Option<Arc<toml::Table>>> {
        let place = self.settled(place);
        if !self.parsed.contains_key(&*place) {
            let text = self.text(&place)?;
            let known = self.known.as_ref().filter(|(known, _)| text.as_deref() == Some(known));
            let table = match known {
                Some((_, table)) => Some(Arc::clone(table)),
                None => text.and_then(|text| text.trim_start_matches('\u{feff}').parse().ok()).map(Arc::new),
            };
            self.parsed.insert(place.clone().into_owned(), table);
        }
        Ok(self.parsed[&*place].clone())
    }

    /// What a folder holds on disk. Names are not among the reads: one that comes or goes beside what a plan rests on
    /// does not make it wrong.
    ///
    /// # Errors
    /// As [`Source::list`].
    pub fn list(&self, root: Root, folder: &str) -> Result<Vec<Listed>> {
        self.source.list(root, folder)
    }

    /// Take over what a copy of this tree has read beyond it, so that a plan that rests on it is checked against it.
    pub fn learn(&mut self, copy: Tree<'_>) {
        for (place, entry) in copy.read {
            self.read.entry(place).or_insert(entry);
        }
    }

    /// Let `text` stand at `place`, keeping the executable bit and the encoding of a file that is there.
    ///
    /// # Errors
    /// The source cannot read the place.
    pub fn put_text(&mut self, place: Place, text: String) -> Result<()> {
        let file = match self.get(&place)? {
            Entry::File(File { bytes, executable }) if has_own_encoding(&place) => {
                let bytes = encoding::encode(&text, bytes).with_context(|| {
                    format!("{place} is not UTF-8, and its encoding has not all that would be written")
                })?;
                File { bytes, executable: *executable }
            }
            Entry::File(File { executable, .. }) => File { bytes: text.into_bytes(), executable: *executable },
            _ => File { bytes: text.into_bytes(), executable: false },
        };
        self.put(place, Entry::File(file))
    }

    /// The same tree with nothing wanted of it: what is on disk.
    #[must_use]
    pub fn as_read(&self) -> Self {
        Self { wanted: BTreeMap::new(), parsed: BTreeMap::new(), ..self.clone() }
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
