//! The project on disk as the source of a tree: places become paths, and links are followed no further than the
//! repository.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fs_err as fs;

use super::files::{self, Identity};
use crate::domain::tree::{Entry, Listed, Place, RelPath, Root, Source};

/// Where the four roots are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    /// The folder with `pyproject.toml`.
    pub project: PathBuf,
    /// The top of the working tree; the project itself where there is no repository.
    pub repository: PathBuf,
    /// The git folder of this working tree (`git rev-parse --absolute-git-dir`), if there is one. In a linked working
    /// tree that is `.git/worktrees/<name>` of the main one.
    pub git_dir: Option<PathBuf>,
    /// The virtual environment, which need not exist.
    pub environment: PathBuf,
}

impl Roots {
    /// The folder that `root` stands for. [`Root::GitDir`] is the folder with `hooks` and `info`, which all working
    /// trees of a repository share (`git rev-parse --git-common-dir`).
    ///
    /// # Errors
    /// There is no git repository, or its `commondir` cannot be read.
    pub fn folder(&self, root: Root) -> Result<PathBuf> {
        Ok(match root {
            Root::Project => self.project.clone(),
            Root::Repository => self.repository.clone(),
            Root::Environment => self.environment.clone(),
            Root::GitDir => match &self.git_dir {
                Some(git_dir) => common_dir(git_dir)?,
                None => bail!("{} is not in a git repository", self.project.display()),
            },
        })
    }

    /// Where the lock, the journal and what can be undone are kept.
    ///
    /// It belongs to the working tree and not to all working trees of a repository, because `undo` in one of them must
    /// not take back what was done in another.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        match &self.git_dir {
            Some(git_dir) => git_dir.join("pyenvkit"),
            None => local_state(&self.project),
        }
    }
}

/// Where a project without git keeps its state.
#[must_use]
pub fn local_state(project: &Path) -> PathBuf {
    project.join(".pyenvkit").join("local")
}

/// The git folder whose `commondir` file points elsewhere is that of a linked working tree (gitrepository-layout(5)).
fn common_dir(git_dir: &Path) -> Result<PathBuf> {
    let file = git_dir.join("commondir");
    match fs::read(&file) {
        Ok(bytes) => Ok(git_dir.join(path_of(bytes.trim_ascii_end())?)),
        Err(error) if files::absent(&error) => Ok(git_dir.to_owned()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere bytes need not be a path")]
fn path_of(bytes: &[u8]) -> Result<&Path> {
    use std::os::unix::ffi::OsStrExt;
    Ok(Path::new(OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Result<&Path> {
    Ok(Path::new(OsStr::new(std::str::from_utf8(bytes)?)))
}

/// Where a place leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// A path without links in it; there may be nothing yet.
    Inside(PathBuf),
    /// Through a link that leaves the repository or leads nowhere: what the link says, and where it stands.
    Outside { link: PathBuf, target: PathBuf },
}

/// The four roots, their links resolved.
#[derive(Debug)]
pub struct Disk {
    roots: Roots,
    project: PathBuf,
    repository: PathBuf,
    git: Option<PathBuf>,
    environment: PathBuf,
}

impl Disk {
    /// # Errors
    /// The repository or its git folder is not there.
    pub fn new(roots: &Roots) -> Result<Self> {
        let git = match &roots.git_dir {
            Some(git_dir) => Some(fs::canonicalize(common_dir(git_dir)?)?),
            None => None,
        };
        Ok(Self {
            // A new project in somebody's repository is not there yet.
            project: fs::canonicalize(&roots.project).unwrap_or_else(|_| roots.project.clone()),
            repository: fs::canonicalize(&roots.repository)?,
            git,
            environment: fs::canonicalize(&roots.environment).unwrap_or_else(|_| roots.environment.clone()),
            roots: roots.clone(),
        })
    }

    #[must_use]
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// The working tree's top, links resolved.
    #[must_use]
    pub fn repository(&self) -> &Path {
        &self.repository
    }

    fn base(&self, root: Root) -> Result<&Path> {
        match root {
            Root::Project => Ok(&self.project),
            Root::Repository => Ok(&self.repository),
            Root::Environment => Ok(&self.environment),
            Root::GitDir => {
                self.git.as_deref().with_context(|| format!("{} is not in a git repository", self.project.display()))
            }
        }
    }

    /// A place of the git folder may be a link into the working tree (shared hooks); a place of the working tree never
    /// leads into the git folder.
    fn allows(&self, root: Root, path: &Path) -> bool {
        let in_git = self.git.as_deref().is_some_and(|git| path.starts_with(git));
        match root {
            Root::Project | Root::Repository => path.starts_with(&self.repository) && !in_git,
            Root::GitDir => in_git || path.starts_with(&self.repository),
            Root::Environment => path.starts_with(&self.environment) || path.starts_with(&self.repository) && !in_git,
        }
    }

    /// Follow the links on the way to `place` and at its end.
    ///
    /// # Errors
    /// The place has no root here, names the git folder as a part of the working tree, or cannot be looked at.
    pub fn reach(&self, place: &Place) -> Result<Reached> {
        if matches!(place.root, Root::Project | Root::Repository) && names_git(place.path.as_str()) {
            bail!("{place} is git's own and not a file of the project");
        }
        let mut path = self.base(place.root)?.to_owned();
        let mut parts = place.path.as_str().split('/');
        while let Some(part) = parts.next() {
            path.push(part);
            match files::look(&path)? {
                None => {
                    path.extend(parts);
                    break;
                }
                Some(found) if leads_elsewhere(&found) => {
                    let target = fs::read_link(&path)?;
                    match fs::canonicalize(&path) {
                        Ok(real) if self.allows(place.root, &real) => path = real,
                        // Out, nowhere, or round in a circle.
                        _ => return Ok(Reached::Outside { link: path, target }),
                    }
                }
                Some(_) => {}
            }
        }
        if !self.allows(place.root, &path) {
            return Ok(Reached::Outside { link: path.clone(), target: path });
        }
        Ok(Reached::Inside(path))
    }

    /// Whether a link stands at the place itself.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub fn is_link(&self, place: &Place) -> Result<bool> {
        let path = self.base(place.root)?.join(place.path.as_str());
        Ok(files::look(&path)?.as_ref().is_some_and(leads_elsewhere))
    }

    /// Whether names that differ in case only are the same name where `folder` lies. Creates nothing: it asks for
    /// `folder` itself by a name in capitals.
    #[must_use]
    pub fn ignores_case(folder: &Path) -> bool {
        let Some(name) = folder.file_name().and_then(OsStr::to_str) else { return false };
        let other = if name.to_uppercase() == name { name.to_lowercase() } else { name.to_uppercase() };
        let identity = |path: &Path| files::look(path).ok().flatten().map(|found| Identity::of(&found));
        other != name && identity(folder).is_some() && identity(folder) == identity(&folder.with_file_name(other))
    }
}

impl Source for Disk {
    fn read(&self, place: &Place) -> Result<Entry> {
        let path = match self.reach(place)? {
            Reached::Inside(path) => path,
            Reached::Outside { target, .. } => return Ok(Entry::Link(target.to_string_lossy().into_owned())),
        };
        Ok(match files::look(&path)? {
            None => Entry::Absent,
            Some(found) if found.is_dir() => Entry::Folder,
            Some(_) => match files::read(&path)? {
                Some(file) => Entry::File(file),
                None => Entry::Absent,
            },
        })
    }

    fn list(&self, root: Root, folder: &str) -> Result<Vec<Listed>> {
        let path = if folder.is_empty() {
            self.base(root)?.to_owned()
        } else {
            match self.reach(&Place { root, path: RelPath::new(folder)? })? {
                Reached::Inside(path) => path,
                Reached::Outside { .. } => return Ok(Vec::new()),
            }
        };
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if files::absent(&error) || error.kind() == io::ErrorKind::NotADirectory => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        let mut all: Vec<Listed> = entries.take(MANY_NAMES).filter_map(|entry| listed(&entry.ok()?)).collect();
        all.sort();
        Ok(all)
    }
}

fn listed(entry: &fs::DirEntry) -> Option<Listed> {
    let kind = entry.file_type().ok()?;
    let is_folder = kind.is_dir() || kind.is_symlink() && entry.path().is_dir();
    Some(Listed { name: entry.file_name().into_string().ok()?, is_folder })
}

/// A folder with more names is nobody's source folder.
const MANY_NAMES: usize = 10_000;

/// Junctions of Windows are links too.
fn leads_elsewhere(found: &std::fs::Metadata) -> bool {
    found.file_type().is_symlink()
}

/// Whether a part of the path is one of the names under which file systems know `.git` (git's own CVE-2014-9390).
pub(super) fn names_git(path: &str) -> bool {
    path.split('/').any(|part| {
        let part = part.trim_end_matches(['.', ' ']);
        part.eq_ignore_ascii_case(".git") || part.eq_ignore_ascii_case("git~1")
    })
}

/// Make the state folder. Without git it ignores itself, so that it is never committed.
///
/// # Errors
/// It cannot be made.
pub(super) fn make_state(roots: &Roots) -> Result<PathBuf> {
    let state = roots.state();
    if roots.git_dir.is_some() {
        make_folders(&state)?;
    } else {
        make_local(&state)?;
    }
    Ok(state)
}

/// Make a folder that git ignores together with all that is in it.
pub(super) fn make_local(folder: &Path) -> Result<()> {
    make_folders(folder)?;
    let ignore = folder.join(".gitignore");
    if files::look(&ignore)?.is_none() {
        fs::write(&ignore, "*\n")?;
    }
    Ok(())
}

fn make_folders(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            anyhow::Error::new(error).context("the project cannot be changed: its folder is not writable")
        }
        _ => error.into(),
    })
}
