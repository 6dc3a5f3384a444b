//! Takes a transaction back: after a failure, at the next start after a crash, and for `undo`.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use fs_err as fs;

use super::disk::{self, Disk, Roots};
use super::fault;
use super::files::{self, Identity};
use super::journal::{Found, Journal, Name, Step, Way};
use super::lock::Lock;
use super::rights;
use super::shelf::Shelf;
use crate::domain::progress::{Event, Progress};
use crate::domain::tree::{File, Place};

/// What became of the files of a transaction that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Now as before the transaction.
    pub restored: Vec<Place>,
    /// Neither as before nor as after it, so somebody else's by now: left alone.
    pub kept: Vec<Place>,
}

/// What stands at the path of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Before,
    After,
    /// Part of it written over, by us.
    Between,
    Foreign,
}

/// Take back what an interrupted run left half done, under the lock. Every writing verb begins with it (through
/// [`Transaction::begin`](super::apply::Transaction::begin)).
///
/// # Errors
/// The lock cannot be had, or the journal or a file cannot be read or written.
pub fn recover(roots: &Roots, progress: &dyn Progress) -> Result<Report> {
    let state = disk::make_state(roots)?;
    let _lock = Lock::acquire(&state.join("lock"), progress)?;
    recover_locked(&Shelf::new(&state), Disk::new(roots)?.repository(), progress)
}

/// The files that an interrupted run may have left half changed; nothing while a writer is at work. For verbs that
/// only read: nothing is changed or created.
///
/// # Errors
/// The journal or the lock cannot be read.
pub fn unfinished(roots: &Roots) -> Result<Vec<Place>> {
    let state = roots.state();
    match Journal::read(&Shelf::new(&state).current())? {
        Found::Whole(journal) if !Lock::is_held(&state.join("lock"))? => {
            Ok(journal.steps.into_iter().map(|step| step.place).collect())
        }
        _ => Ok(Vec::new()),
    }
}

pub(super) fn recover_locked(shelf: &Shelf, repository: &Path, progress: &dyn Progress) -> Result<Report> {
    let current = shelf.current();
    let report = match Journal::read(&current)? {
        Found::Nothing => return Ok(Report::default()),
        // Nothing was changed yet when its writer died.
        Found::Torn => Report::default(),
        Found::Whole(journal) => take_back(&journal, repository)?,
    };
    fault::step()?;
    files::remove(&current)?;
    if !report.restored.is_empty() {
        let what = format!("an interrupted change was taken back: {}", list(&report.restored));
        progress.event(Event::Warning { what });
    }
    if !report.kept.is_empty() {
        let what = format!("changed since an interrupted change and left as they are: {}", list(&report.kept));
        progress.event(Event::Warning { what });
    }
    Ok(report)
}

pub(super) fn list(places: &[Place]) -> String {
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Bring each file back to what it was before, last step first. It can itself be interrupted and begun again.
///
/// # Errors
/// A file cannot be read or written; then the rest is left for the next time.
pub(super) fn take_back(journal: &Journal, repository: &Path) -> Result<Report> {
    for folder in journal.emptied.iter().rev() {
        let path = folder.path.path(repository);
        if files::look(&path)?.is_none() {
            fault::step()?;
            fs::create_dir_all(&path)?;
            let owner = rights::owner(&fs::metadata(&path)?);
            rights::set(&path, folder.mode, owner)?;
        }
    }
    let mut report = Report::default();
    for step in journal.steps.iter().rev() {
        take_back_step(step, repository, &mut report).with_context(|| format!("cannot restore {}", step.place))?;
    }
    for folder in journal.folders.iter().rev() {
        fault::step()?;
        // One that is not empty holds somebody else's files.
        let _ = fs::remove_dir(folder.path(repository));
    }
    report.restored.reverse();
    report.kept.reverse();
    Ok(report)
}

fn take_back_step(step: &Step, repository: &Path, report: &mut Report) -> Result<()> {
    let path = step.path.path(repository);
    if let Way::Rename(name) = &step.way {
        let temporary = name.path(repository);
        if let Some(staged) = files::look(&temporary)? {
            // It was never moved, unless moving was linking and then unlinking: the file is not of our making.
            let moved = files::look(&path)?.is_some_and(|found| Identity::of(&found) == Identity::of(&staged));
            fault::step()?;
            files::remove(&temporary)?;
            if !moved {
                return Ok(());
            }
        }
    }
    if let Some(back) = back(step, repository) {
        files::remove(&back)?;
    }
    match standing(step, &path) {
        Standing::Before => {}
        Standing::Foreign => report.kept.push(step.place.clone()),
        Standing::After | Standing::Between => {
            fault::step()?;
            restore(step, &path, repository)?;
            report.restored.push(step.place.clone());
        }
    }
    Ok(())
}

/// The name of the temporary that brings the old content back.
fn back(step: &Step, repository: &Path) -> Option<PathBuf> {
    let (Way::Rename(name) | Way::Delete(name)) = &step.way else { return None };
    let mut name = OsString::from(name.path(repository));
    name.push("-back");
    Some(name.into())
}

/// What stands at `path`, where the journal's step was or was not carried out.
pub(super) fn standing(step: &Step, path: &Path) -> Standing {
    // What cannot be read is not ours: we write plain files that we can read.
    let Ok(found) = files::read(path) else { return Standing::Foreign };
    if found == step.before {
        return Standing::Before;
    }
    if found == step.after {
        return Standing::After;
    }
    match (&found, &step.before, &step.after) {
        (Some(found), Some(before), Some(after))
            if step.way == Way::InPlace && files::between(&found.bytes, &before.bytes, &after.bytes) =>
        {
            Standing::Between
        }
        _ => Standing::Foreign,
    }
}

fn restore(step: &Step, path: &Path, repository: &Path) -> Result<()> {
    let Some(before) = &step.before else { return Ok(files::remove(path)?) };
    let Some(back) = back(step, repository) else { return Ok(files::overwrite(path, before)?) };
    let file = match step.way {
        Way::Delete(_) => create_again(step, &back, before)?,
        _ => files::create_like(&back, before, path)?,
    };
    file.sync_data()?;
    drop(file);
    fault::step()?;
    match step.way {
        Way::Delete(_) => files::rename_new(&back, path)?,
        _ => files::rename(&back, path)?,
    }
    Ok(())
}

fn create_again(step: &Step, back: &Path, before: &File) -> io::Result<std::fs::File> {
    if let Some(folder) = back.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = files::create(back, before)?;
    if let Some(rights) = step.rights {
        rights::set(back, rights.mode, rights.owner)?;
    }
    Ok(file)
}

/// Whether the folder is one of `names`.
pub(super) fn is_among(folder: &Path, names: &[Name], repository: &Path) -> bool {
    names.iter().any(|name| name.path(repository) == folder)
}
