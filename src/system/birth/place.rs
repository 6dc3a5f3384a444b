//! Where a new project goes: its resolved path, the folder beside it, and what may stand there already.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use fs_err as fs;

use crate::system::journal::sha256;
use crate::system::{fault, files};

/// The longest name of a file on the file systems in use, in bytes.
const NAME_MAX: usize = 255;

/// The absolute path of a target that need not exist, without `.`, `..` and links.
///
/// # Errors
/// A link on the way leads nowhere, or what should be a folder is a file.
pub fn resolve(target: &Path) -> Result<PathBuf> {
    let absolute =
        std::path::absolute(target).with_context(|| format!("cannot use {} as a folder", target.display()))?;
    let mut real = PathBuf::new();
    let mut parts = absolute.components().peekable();
    while let Some(part) = parts.next() {
        match part {
            Component::CurDir => {}
            // What was pushed has no links, so that its parent is the folder above it.
            Component::ParentDir => {
                real.pop();
            }
            part => real.push(part),
        }
        let Component::Normal(_) = part else { continue };
        match files::look(&real)? {
            Some(found) if found.file_type().is_symlink() => {
                real = fs::canonicalize(&real)
                    .with_context(|| format!("{} is a link that leads nowhere", real.display()))?;
            }
            Some(found) if !found.is_dir() && parts.peek().is_some() => {
                bail!("{} is a file, not a folder", real.display());
            }
            _ => {}
        }
    }
    Ok(real)
}

/// The folder in which the project `target` is made, or `None` for the root of a file system.
pub(super) fn sibling(target: &Path) -> Option<PathBuf> {
    let name = target.file_name()?;
    let mut whole = OsString::from(".");
    whole.push(name);
    whole.push(".pyenvkit");
    if whole.len() > NAME_MAX {
        let text = name.to_string_lossy();
        let start: String = text.chars().take(40).collect();
        whole = format!(".{start}-{}.pyenvkit", &sha256(name.as_encoded_bytes())[..16]).into();
    }
    Some(target.with_file_name(whole))
}

/// What stands where a project is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Absent,
    /// A folder that is empty, or has nothing in it but what a fresh clone has.
    Free,
    /// What an earlier run left unfinished, made where nothing was.
    Unfinished,
    /// A folder with something else in it: the first name.
    Occupied(String),
    /// A file, a device, or anything else that is no folder.
    NoFolder,
}

/// What stands at a target that was made absolute by [`resolve`].
///
/// # Errors
/// It cannot be looked at.
pub fn standing(target: &Path) -> Result<Standing> {
    let Some(found) = files::look(target)? else { return Ok(Standing::Absent) };
    if !found.is_dir() {
        return Ok(Standing::NoFolder);
    }
    let local = crate::system::disk::local_state(target).join("state");
    if sibling(target).is_some_and(|sibling| sibling.join("state").is_file()) {
        return Ok(Standing::Unfinished);
    }
    match hindrances(target)?.first() {
        Some(name) if !local.is_file() => Ok(Standing::Occupied(name.to_string_lossy().into_owned())),
        _ => Ok(Standing::Free),
    }
}

/// The names in a folder that a new project is not put into; README, licence and what git keeps are no hindrance.
///
/// # Errors
/// The folder cannot be listed.
pub(super) fn hindrances(folder: &Path) -> Result<Vec<OsString>> {
    let mut names: Vec<OsString> = names(folder)?.into_iter().filter(|name| !is_harmless(name)).collect();
    names.sort();
    Ok(names)
}

pub(super) fn names(folder: &Path) -> Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name());
    }
    Ok(names)
}

fn is_harmless(name: &OsStr) -> bool {
    let Some(name) = name.to_str().map(str::to_ascii_lowercase) else { return false };
    let stem = name.split_once('.').map_or(name.as_str(), |(stem, _)| stem);
    matches!(name.as_str(), ".git" | ".gitignore" | ".pyenvkit") || matches!(stem, "readme" | "license" | "licence")
}

/// Make the folders above the target; how many were missing.
pub(super) fn make_parents(target: &Path) -> Result<usize> {
    let mut missing = Vec::new();
    for folder in target.ancestors().skip(1) {
        if files::look(folder)?.is_some() {
            break;
        }
        missing.push(folder);
    }
    for (made, folder) in missing.iter().rev().enumerate() {
        let result = fault::step().and_then(|()| fs::create_dir(folder));
        if let Err(error) = result {
            let made_so_far = missing.iter().rev().take(made);
            for folder in made_so_far.rev() {
                let _ = fs::remove_dir(folder);
            }
            return Err(error.into());
        }
    }
    Ok(missing.len())
}

/// Remove the folders that were made above the target, as far as they are empty.
pub(super) fn remove_parents(target: &Path, parents: usize) {
    for folder in target.ancestors().skip(1).take(parents) {
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}
