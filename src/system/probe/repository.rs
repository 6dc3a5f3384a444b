//! A project's repository: whose it is, how much of its history there is, and what of the project git tracks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Subject, git};
use crate::domain::checks::is_private;
use crate::domain::facts::{Foreign, Repository, Tracked};
use crate::system::regular;

/// The repository as its files show it.
pub fn describe(found: &git::Repository) -> Repository {
    let shallow = regular::start(&found.common_dir.join("shallow"), 1);
    let loose = regular::names(&found.common_dir.join("refs/tags")).is_ok_and(|names| !names.is_empty());
    let packed =
        || regular::utf8(&found.common_dir.join("packed-refs")).is_some_and(|text| text.contains(" refs/tags/"));
    Repository {
        top: found.top.clone(),
        git_dir: found.git_dir.clone(),
        common_dir: found.common_dir.clone(),
        foreign: foreign(found),
        is_shallow: shallow.is_ok_and(|first| first.is_some_and(|first| !first.is_empty())),
        has_tags: loose || packed(),
    }
}

/// What git looks at to learn whose a repository is: the file `.git` of a linked working tree, its top, the git folder.
#[cfg(unix)]
fn foreign(found: &git::Repository) -> Option<Foreign> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = rustix::process::geteuid();
    let sudo = std::env::var("SUDO_UID").ok().and_then(|text| text.parse::<u32>().ok()).filter(|_| ours.is_root());
    let owned = |owner: u32| owner == ours.as_raw() || sudo == Some(owner);
    let all: [PathBuf; 3] = [found.top.join(".git"), found.top.clone(), found.git_dir.clone()];
    all.into_iter().find_map(|path| {
        let owner = std::fs::symlink_metadata(&path).ok()?.uid();
        (!owned(owner)).then_some(Foreign { path, owner })
    })
}

#[cfg(not(unix))]
fn foreign(_: &git::Repository) -> Option<Foreign> {
    None
}

/// What git tracks of the project; `None` outside of a repository.
///
/// # Errors
/// Git is not there, refuses, or must not be asked.
pub fn tracked(subject: &Subject) -> Result<Option<Tracked>, String> {
    let Some(repository) = &subject.repository else { return Ok(None) };
    let files = git()?.tracked(repository, &subject.folder).map_err(|error| format!("{error:#}"))?;
    let private: BTreeMap<String, String> = files
        .iter()
        .filter(|file| is_private(file))
        .filter_map(|file| Some((file.clone(), regular::utf8(&subject.folder.join(Path::new(file)))?)))
        .collect();
    Ok(Some(Tracked { files, private }))
}
