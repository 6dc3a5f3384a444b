//! Takes back the last transaction, if its files are still as it left them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::disk::{self, Disk, Roots};
use super::files;
use super::interrupt;
use super::journal::{Found, Journal};
use super::lock::Lock;
use super::recover::{self, Standing};
use super::shelf::Shelf;
use crate::domain::plan::{Change, Plan};
use crate::domain::progress::Progress;
use crate::domain::tree::{Entry, Place};

/// What [`undo`] would do, for a preview; `None` where there is nothing to undo. Nothing is changed or created.
///
/// # Errors
/// The journal cannot be read.
pub fn plan(roots: &Roots) -> Result<Option<Plan>> {
    let Some(journal) = newest(&Shelf::new(&roots.state()))? else { return Ok(None) };
    let mut reads = BTreeMap::new();
    let mut changes = Vec::new();
    for step in journal.steps {
        reads.insert(step.place.clone(), step.after.clone().map_or(Entry::Absent, Entry::File));
        let place = step.place;
        changes.extend(match (step.before, step.after) {
            (Some(file), None) => Some(Change::Create { place, file }),
            (Some(after), Some(before)) => Some(Change::Edit { place, before, after }),
            (None, Some(before)) => Some(Change::Delete { place, before }),
            (None, None) => None,
        });
    }
    changes.sort_by(|a, b| a.place().cmp(b.place()));
    Ok(Some(Plan { changes, reads }))
}

/// Take back the last transaction; the files that were brought back. The one before it is the last one then.
///
/// # Errors
/// There is nothing to undo, a file is not as the transaction left it (all such are named, nothing is changed), or the
/// lock cannot be had.
pub fn undo(roots: &Roots, progress: &dyn Progress) -> Result<Vec<Place>> {
    let state = disk::make_state(roots)?;
    let _lock = Lock::acquire(&state.join("lock"), progress)?;
    let disk = Disk::new(roots)?;
    let shelf = Shelf::new(&state);
    recover::recover_locked(&shelf, disk.repository(), progress)?;
    undo_locked(&shelf, &disk)
}

pub(super) fn undo_locked(shelf: &Shelf, disk: &Disk) -> Result<Vec<Place>> {
    let Some(journal) = newest(shelf)? else { bail!("there is nothing to undo") };
    let changed: Vec<Place> = journal
        .steps
        .iter()
        .filter(|step| recover::standing(step, &step.path.path(disk.repository())) != Standing::After)
        .map(|step| step.place.clone())
        .collect();
    if !changed.is_empty() {
        bail!("changed since, so that the last change cannot be undone: {}", recover::list(&changed));
    }
    let _deferred = interrupt::defer();
    let newest = shelf.committed()?.pop().context("there is nothing to undo")?;
    // A committed journal that is the current one again is a transaction in progress: dying from here on means that
    // the next run takes back the rest.
    super::fault::step()?;
    files::rename(&newest, &shelf.current())?;
    let report = recover::take_back(&journal, disk.repository())?;
    super::fault::step()?;
    files::remove(&shelf.current())?;
    Ok(report.restored)
}

fn newest(shelf: &Shelf) -> Result<Option<Journal>> {
    let Some(path) = shelf.committed()?.pop() else { return Ok(None) };
    match Journal::read(&path)? {
        Found::Whole(journal) => Ok(Some(journal)),
        Found::Nothing => Ok(None),
        Found::Torn => bail!("{} is damaged", path.display()),
    }
}
