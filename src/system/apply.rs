//! The only writer of project files: all changes of a plan, or none.
//!
//! Lock, recover, plan, check what was read, write the journal, stage temporaries, rename, commit. See `recover` for
//! what happens to a transaction that does not reach its end.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use anyhow::{Result, bail};
use fs_err as fs;

use super::disk::{self, Disk, Roots};
use super::files::{self, Identity, Stamp};
use super::journal::{Journal, Way};
use super::lock::Lock;
use super::prepare::{Prepared, prepare};
use super::shelf::Shelf;
use super::{fault, interrupt, recover};
use crate::domain::plan::Plan;
use crate::domain::progress::Progress;
use crate::domain::tree::{Source, Tree};

/// The right to change a project, until it is dropped.
#[derive(Debug)]
pub struct Transaction {
    disk: Disk,
    shelf: Shelf,
    _lock: Lock,
}

impl Transaction {
    /// Take the lock, and take back what an interrupted run left.
    ///
    /// # Errors
    /// The lock cannot be had within a minute, the folder is not writable, or what was left cannot be taken back.
    pub fn begin(roots: &Roots, progress: &dyn Progress) -> Result<Self> {
        let state = disk::make_state(roots)?;
        let lock = Lock::acquire(&state.join("lock"), progress)?;
        let disk = Disk::new(roots)?;
        let shelf = Shelf::new(&state);
        recover::recover_locked(&shelf, disk.repository(), progress)?;
        Ok(Self { disk, shelf, _lock: lock })
    }

    /// What to plan on.
    #[must_use]
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Carry out a plan as a whole.
    ///
    /// # Errors
    /// Something that the plan read has changed, a file is read-only or behind a link that leaves the repository, a
    /// signal came before the first rename, or a write failed. In each case all files are as before.
    pub fn apply(&self, plan: &Plan) -> Result<()> {
        apply(&self.disk, &self.shelf, plan)
    }
}

/// Plan under the lock and apply: what `change` made of the tree is on disk when this returns, together with the value
/// that `change` gave.
///
/// # Errors
/// As [`Transaction::begin`], `change` and [`Transaction::apply`].
pub fn transact<T>(
    roots: &Roots,
    progress: &dyn Progress,
    change: impl FnOnce(&mut Tree<'_>) -> Result<T>,
) -> Result<(T, Plan)> {
    let transaction = Transaction::begin(roots, progress)?;
    let mut tree = Tree::new(transaction.disk());
    let value = change(&mut tree)?;
    let plan = Plan::of(&tree);
    transaction.apply(&plan)?;
    Ok((value, plan))
}

/// Under the lock of whoever calls.
pub(super) fn apply(disk: &Disk, shelf: &Shelf, plan: &Plan) -> Result<()> {
    if plan.is_empty() {
        return Ok(());
    }
    let mut prepared = prepare(disk, plan, shelf.made())?;
    check_reads(disk, plan)?;
    shelf.prepare()?;
    interrupt::check()?;
    let written = fault::step().map_err(Into::into).and_then(|()| prepared.journal.write(&shelf.current()));
    let result = written.and_then(|()| carry_out(&mut prepared, disk.repository(), shelf));
    let Err(error) = result else { return Ok(()) };
    Err(match roll_back(&prepared.journal, disk.repository(), shelf) {
        Ok(()) => error,
        Err(failure) => error.context(format!(
            "the change failed half way and could not be taken back ({failure:#}); the next pyenvkit command will try again"
        )),
    })
}

fn roll_back(journal: &Journal, repository: &Path, shelf: &Shelf) -> Result<()> {
    let _deferred = interrupt::defer();
    recover::take_back(journal, repository)?;
    Ok(files::remove(&shelf.current())?)
}

fn check_reads(disk: &Disk, plan: &Plan) -> Result<()> {
    for (place, entry) in &plan.reads {
        if disk.read(place)? != *entry {
            bail!("{place} changed while the plan was made; nothing was written");
        }
    }
    Ok(())
}

fn carry_out(prepared: &mut Prepared, repository: &Path, shelf: &Shelf) -> Result<()> {
    for folder in &prepared.journal.folders {
        fault::step()?;
        fs::create_dir(folder.path(repository))?;
    }
    stage(prepared, repository, shelf)?;
    interrupt::check()?;
    let _deferred = interrupt::defer();
    for index in 0..prepared.journal.steps.len() {
        move_in(prepared, index, repository, shelf)?;
    }
    for folder in &prepared.journal.emptied {
        fault::step()?;
        // Fails where something is left in it, which is then not ours.
        let _ = fs::remove_dir(folder.path.path(repository));
    }
    sync_others(prepared, repository, shelf)?;
    shelf.commit()
}

/// From this many temporaries on, one call for the whole file system is cheaper than one for each; below, it would
/// also wait for whatever else was written there, such as a whole environment.
const MANY: usize = 8;

fn stage(prepared: &mut Prepared, repository: &Path, shelf: &Shelf) -> Result<()> {
    let many = prepared.journal.steps.len() >= MANY && cfg!(target_os = "linux");
    let mut systems = HashMap::new();
    for index in 0..prepared.journal.steps.len() {
        let step = &prepared.journal.steps[index];
        let (Way::Rename(temporary), Some(after)) = (&step.way, &step.after) else { continue };
        let temporary = temporary.path(repository);
        fault::step()?;
        let staged = match step.before {
            None => files::create(&temporary, after),
            Some(_) => files::create_like(&temporary, after, &step.path.path(repository)),
        };
        match staged {
            Ok(file) if many => {
                systems.entry(Identity::of(&file.metadata()?).device()).or_insert(file);
            }
            Ok(file) => file.sync_data()?,
            // The owner cannot be given to a new file, so the old one has to stay.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                files::remove(&temporary)?;
                overwrite_instead(&mut prepared.journal, index, shelf)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    #[cfg(target_os = "linux")]
    for file in systems.values() {
        rustix::fs::syncfs(file).map_err(io::Error::from)?;
    }
    Ok(())
}

fn move_in(prepared: &mut Prepared, index: usize, repository: &Path, shelf: &Shelf) -> Result<()> {
    let step = &prepared.journal.steps[index];
    let path = step.path.path(repository);
    fault::step()?;
    if Stamp::at(&path)? != prepared.stamps[index] {
        bail!("{} was changed by another program; nothing was written", step.place);
    }
    match (&step.way, &step.after) {
        (Way::Delete(_), _) | (_, None) => files::remove(&path)?,
        (Way::InPlace, Some(after)) => files::overwrite(&path, after)?,
        (Way::Rename(temporary), Some(after)) => {
            let temporary = temporary.path(repository);
            if step.before.is_none() {
                return Ok(files::rename_new(&temporary, &path)?);
            }
            match files::rename(&temporary, &path) {
                // A mount point: of a container's single file, for example.
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                    let after = after.clone();
                    overwrite_instead(&mut prepared.journal, index, shelf)?;
                    files::overwrite(&path, &after)?;
                    files::remove(&temporary)?;
                }
                result => result?,
            }
        }
    }
    Ok(())
}

/// Say in the journal, before it is done, that a file is written in place after all.
fn overwrite_instead(journal: &mut Journal, index: usize, shelf: &Shelf) -> Result<()> {
    journal.steps[index].way = Way::InPlace;
    let current = shelf.current();
    let next = current.with_extension("next");
    journal.write(&next)?;
    fault::step()?;
    Ok(files::rename(&next, &current)?)
}

/// The commit must not be on disk before the renames. One file system keeps their order; with the journal on another
/// one, the renames have to be there first.
fn sync_others(prepared: &Prepared, repository: &Path, shelf: &Shelf) -> Result<()> {
    #[cfg(target_os = "linux")]
    {
        let journal = Identity::of(&fs::metadata(shelf.current())?).device();
        let mut synced = vec![journal];
        for step in &prepared.journal.steps {
            let path = step.path.path(repository);
            let Some(folder) = path.ancestors().skip(1).find(|folder| folder.is_dir()) else { continue };
            let device = Identity::of(&fs::metadata(folder)?).device();
            if !synced.contains(&device) {
                rustix::fs::syncfs(fs::File::open(folder)?.file()).map_err(io::Error::from)?;
                synced.push(device);
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (prepared, repository, shelf);
    Ok(())
}
