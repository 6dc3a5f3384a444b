//! Turns a plan into the steps of a journal, and refuses what must not be written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::disk::{Disk, Reached};
use super::files::{self, Stamp};
use super::journal::{Folder, Journal, Name, Rights, Step, Way};
use super::recover::is_among;
use super::rights;
use crate::domain::plan::{Change, Plan};
use crate::domain::tree::{File, Place};

/// The file that records what was inserted. It is written after all that it speaks of.
const PROVENANCE: &str = ".pyenvkit/lock";

/// A journal that can be written, and what its files looked like.
pub(super) struct Prepared {
    pub journal: Journal,
    /// One for each step.
    pub stamps: Vec<Option<Stamp>>,
}

/// # Errors
/// A place leads out of the repository, is read-only, is not what the plan takes it for, or is named twice.
pub(super) fn prepare(disk: &Disk, plan: &Plan, made: Vec<Name>) -> Result<Prepared> {
    let repository = disk.repository();
    let mut changes: Vec<&Change> = plan.changes.iter().collect();
    changes.sort_by_key(|change| rank(change));
    let ignores_case = Disk::ignores_case(repository);
    let mut seen = BTreeMap::new();
    let mut prepared = Prepared { journal: Journal { made, ..Journal::default() }, stamps: Vec::new() };
    let mut folders = BTreeSet::new();
    for change in changes {
        let path = target(disk, change.place())?;
        let key = if ignores_case { PathBuf::from(path.to_string_lossy().to_lowercase()) } else { path.clone() };
        if let Some(other) = seen.insert(key, change.place()) {
            bail!("{other} and {} are the same file", change.place());
        }
        let (step, stamp) = step(disk, change, &path)?;
        if step.before.is_none() {
            missing_folders(&path, change.place(), &mut folders)?;
        }
        prepared.journal.steps.push(step);
        prepared.stamps.push(stamp);
    }
    for folder in folders {
        let name = Name::new(&folder, repository)?;
        if !prepared.journal.made.contains(&name) {
            prepared.journal.made.push(name.clone());
        }
        prepared.journal.folders.push(name);
    }
    prepared.journal.emptied = emptied(&prepared.journal, repository)?;
    Ok(prepared)
}

fn rank(change: &Change) -> u8 {
    match change {
        Change::Delete { .. } => 3,
        change if change.place().path.as_str() == PROVENANCE => 2,
        Change::Edit { .. } => 1,
        Change::Create { .. } => 0,
    }
}

fn target(disk: &Disk, place: &Place) -> Result<PathBuf> {
    match disk.reach(place)? {
        Reached::Inside(path) => Ok(path),
        Reached::Outside { link, target } => bail!(
            "{place} cannot be written: {} is a link to {}, which is not inside the project",
            link.display(),
            target.display()
        ),
    }
}

fn step(disk: &Disk, change: &Change, path: &Path) -> Result<(Step, Option<Stamp>)> {
    let place = change.place();
    let found = files::look(path)?;
    let temporary = || Name::new(&files::temporary_beside(path), disk.repository());
    let (before, after, way): (Option<&File>, Option<&File>, Way) = match (change, &found) {
        (Change::Create { file, .. }, None) => (None, Some(file), Way::Rename(temporary()?)),
        (Change::Create { .. }, Some(_)) => bail!("{place} is there already; nothing was written"),
        (_, None) => bail!("{place} is not there any more; nothing was written"),
        (_, Some(found)) if !found.is_file() => bail!("{place} is not a regular file"),
        (Change::Edit { before, after, .. }, Some(found)) => {
            let way = if must_stay(found) { Way::InPlace } else { Way::Rename(temporary()?) };
            (Some(before), Some(after), way)
        }
        (Change::Delete { before, .. }, Some(_)) => {
            if disk.is_link(place)? {
                bail!("{place} is a link; remove it by hand");
            }
            (Some(before), None, Way::Delete(temporary()?))
        }
    };
    if let Some(found) = &found {
        writable(place, path, found)?;
    }
    let step = Step {
        place: place.clone(),
        path: Name::new(path, disk.repository())?,
        before: before.cloned(),
        after: after.cloned(),
        rights: found.as_ref().map(|found| Rights { mode: rights::mode(found), owner: rights::owner(found) }),
        way,
    };
    Ok((step, found.as_ref().map(Stamp::of)))
}

/// A rename could replace a file that its owner protected; so ask first.
fn writable(place: &Place, path: &Path, found: &std::fs::Metadata) -> Result<()> {
    if rights::mode(found) & 0o200 == 0 {
        bail!("{place} is read-only; nothing was written");
    }
    #[cfg(unix)]
    if let Err(error) = rustix::fs::access(path, rustix::fs::Access::WRITE_OK) {
        bail!("{place} is not writable ({error}); nothing was written");
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Whether a file cannot be replaced by another without losing its other names or its owner.
#[cfg(unix)]
fn must_stay(found: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    let me = rustix::process::geteuid();
    found.nlink() > 1 || !me.is_root() && found.uid() != me.as_raw()
}

#[cfg(not(unix))]
fn must_stay(_: &std::fs::Metadata) -> bool {
    false
}

/// Collect the folders on the way to `path` that are not there.
fn missing_folders(path: &Path, place: &Place, folders: &mut BTreeSet<PathBuf>) -> Result<()> {
    for folder in path.ancestors().skip(1) {
        match files::look(folder)? {
            None => {
                folders.insert(folder.to_owned());
            }
            Some(found) if found.is_dir() => return Ok(()),
            Some(_) => bail!("{place} cannot be written: {} is not a folder", folder.display()),
        }
    }
    Ok(())
}

/// The folders that an earlier transaction made and that hold a file that goes now, children first.
fn emptied(journal: &Journal, repository: &Path) -> Result<Vec<Folder>> {
    let mut candidates = BTreeSet::new();
    for step in journal.steps.iter().filter(|step| step.after.is_none()) {
        let path = step.path.path(repository);
        let ours = |folder: &&Path| is_among(folder, &journal.made, repository);
        candidates.extend(path.ancestors().skip(1).take_while(ours).map(Path::to_owned));
    }
    let mut folders = Vec::new();
    for path in candidates.into_iter().rev() {
        let Some(found) = files::look(&path)? else { continue };
        folders.push(Folder { path: Name::new(&path, repository)?, mode: rights::mode(&found) });
    }
    Ok(folders)
}
