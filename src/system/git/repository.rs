//! Which repository a folder lies in, read from the files that git itself goes by.
//!
//! Source: gitrepository-layout(5), git(1) on `GIT_CEILING_DIRECTORIES` and `GIT_DISCOVERY_ACROSS_FILESYSTEM`.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::Environment;
use crate::domain::git_config::{Config, Setting};
use crate::system::regular;

/// A repository with a working tree; all paths absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The top of the working tree, links resolved.
    pub top: PathBuf,
    /// Where HEAD and the index are: `.git`, or elsewhere for a worktree or a submodule.
    pub git_dir: PathBuf,
    /// Where objects, configuration and hooks are; differs from `git_dir` in a worktree.
    pub common_dir: PathBuf,
}

impl Repository {
    /// The repository in whose working tree `path` lies or would lie; `path` itself need not exist. A folder `.git`
    /// that is no repository is passed by, as git does. A `.git` file that leads nowhere ends the search without one.
    #[must_use]
    pub fn enclosing(path: &Path, environment: &Environment) -> Option<Self> {
        let start = existing(path)?;
        let ceilings = ceilings(environment);
        let across = environment.text("GIT_DISCOVERY_ACROSS_FILESYSTEM").is_some_and(|value| truth(&value));
        let device = device(&start);
        for (level, folder) in start.ancestors().enumerate() {
            if level > 0
                && (ceilings.iter().any(|ceiling| ceiling == folder) || !across && self::device(folder) != device)
            {
                return None;
            }
            let dot = folder.join(".git");
            match std::fs::metadata(&dot) {
                Ok(found) if found.is_file() => return Self::linked(folder, &dot),
                Ok(_) => {
                    if let Some(found) = Self::of(folder, &dot) {
                        return Some(found);
                    }
                }
                Err(_) => {}
            }
            // Inside a bare repository or a git folder: no working tree.
            if is_git_dir(folder, folder) {
                return None;
            }
        }
        None
    }

    /// The repository whose working tree begins at `top`, if there is one.
    #[must_use]
    pub fn at(top: &Path) -> Option<Self> {
        let top = canonical(top).ok()?;
        let dot = top.join(".git");
        if dot.is_file() { Self::linked(&top, &dot) } else { Self::of(&top, &dot) }
    }

    fn linked(top: &Path, file: &Path) -> Option<Self> {
        let text = regular::utf8(file)?;
        let target = text.strip_prefix("gitdir:")?.trim_start_matches(' ').trim_end_matches(['\r', '\n']);
        Self::of(top, &canonical(&top.join(target)).ok()?)
    }

    fn of(top: &Path, git_dir: &Path) -> Option<Self> {
        let common_dir = match regular::utf8(&git_dir.join("commondir")) {
            Some(text) => canonical(&git_dir.join(text.trim_end_matches(['\r', '\n']))).ok()?,
            None => git_dir.to_owned(),
        };
        let found = Self { top: top.to_owned(), git_dir: git_dir.to_owned(), common_dir };
        is_git_dir(&found.git_dir, &found.common_dir).then_some(found)
    }

    /// Where git looks for hooks, and the setting that says so if it is not the repository's own folder.
    #[must_use]
    pub fn hooks<'c>(&self, config: &'c Config, environment: &Environment) -> (PathBuf, Option<&'c Setting>) {
        let configured = config.get("core.hookspath").filter(|setting| setting.value.as_deref() != Some(""));
        let Some(path) = configured.and_then(|setting| setting.value.as_deref()) else {
            return (self.common_dir.join("hooks"), configured);
        };
        let folder = match (path.strip_prefix("~/"), environment.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.top.join(path),
        };
        (folder, configured)
    }

    /// Remove an `index.lock` that a killed git left behind. To be called only when no git runs in this repository: the
    /// file does not tell whose it is. Returns whether there was one.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn remove_dead_index_lock(&self) -> anyhow::Result<bool> {
        remove_lock(&self.git_dir.join("index.lock"))
    }
}

/// Remove the locks that a killed `git init` or `git commit` left in the git folder of `top`: of the index, the
/// configuration, HEAD and the branches. The folder may be so young that it is no repository yet. To be called only when
/// no git runs there.
///
/// # Errors
/// A file cannot be removed.
pub fn remove_dead_locks(top: &Path) -> anyhow::Result<()> {
    let git_dir = top.join(".git");
    for folder in [git_dir.join("refs/heads"), git_dir] {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_some_and(|extension| extension == "lock") {
                remove_lock(&path)?;
            }
        }
    }
    Ok(())
}

fn remove_lock(lock: &Path) -> anyhow::Result<bool> {
    match std::fs::remove_file(lock) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot remove {}", lock.display())),
    }
}

/// The resolved form of the nearest ancestor of `path` that exists.
fn existing(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    path.ancestors().find_map(|ancestor| canonical(ancestor).ok())
}

/// `path` with its links resolved; on Windows without the prefix `\\?\`, which git does not take for a folder to run in.
pub(super) fn canonical(path: &Path) -> io::Result<PathBuf> {
    let resolved = std::fs::canonicalize(path)?;
    if cfg!(windows) {
        let text = resolved.to_string_lossy();
        if let Some(plain) = text.strip_prefix(r"\\?\").filter(|plain| plain.get(1..2) == Some(":")) {
            return Ok(PathBuf::from(plain));
        }
    }
    Ok(resolved)
}

/// The condition of git's own `is_git_directory`: a HEAD that can be one, objects and references.
fn is_git_dir(git_dir: &Path, common_dir: &Path) -> bool {
    let is_head = |text: &str| {
        text.strip_prefix("ref:").is_some_and(|name| name.trim_start().starts_with("refs/"))
            || text.trim_end().len() >= 40 && text.trim_end().bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let head = git_dir.join("HEAD");
    let linked = || std::fs::read_link(&head).is_ok_and(|target| target.starts_with("refs"));
    // Most folders that are looked at are none, and that is soonest seen of what they do not have.
    common_dir.join("objects").is_dir()
        && common_dir.join("refs").is_dir()
        && (regular::utf8(&head).is_some_and(|text| is_head(&text)) || linked())
}

/// Folders above which git does not look; the search may begin in one.
fn ceilings(environment: &Environment) -> Vec<PathBuf> {
    let list = environment.get("GIT_CEILING_DIRECTORIES").unwrap_or_default();
    let (mut resolve, mut folders) = (true, Vec::new());
    for folder in std::env::split_paths(&list) {
        if folder.as_os_str().is_empty() {
            // After an empty entry git takes the rest as they stand.
            resolve = false;
        } else if folder.is_absolute() {
            folders.push(if resolve { canonical(&folder).unwrap_or(folder) } else { folder });
        }
    }
    folders
}

pub(super) fn truth(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on")
}

#[cfg(unix)]
fn device(folder: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(folder).ok().map(|metadata| metadata.dev())
}

#[cfg(not(unix))]
fn device(_: &Path) -> Option<u64> {
    None
}
