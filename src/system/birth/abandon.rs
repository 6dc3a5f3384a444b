//! Gives up a project that is being made.

use anyhow::Result;

use super::{Birth, Stage, Way, place};
use crate::system::disk::Disk;
use crate::system::files::{self, Identity};
use crate::system::shelf::Shelf;
use crate::system::{fault, interrupt, undo};

/// What became of a project that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abandoned {
    /// Nothing of it is left.
    Removed,
    /// It stays because an earlier run had made it, or somebody changed something in it; `pyenvkit sync` completes it.
    Kept,
}

impl Birth {
    /// Give up, after a signal or a failure before the files were written: what this run made goes, with its
    /// environment and its git folder, unless somebody else changed or added something.
    ///
    /// # Errors
    /// Something cannot be removed; the next run will try again.
    pub fn abandon(self) -> Result<Abandoned> {
        let _deferred = interrupt::defer();
        if self.stage == Stage::Resumed {
            return Ok(Abandoned::Kept);
        }
        let removed = match self.way {
            Way::Made => self.take_away()?,
            Way::Filled => self.stage == Stage::Begun || self.take_out()?,
        };
        let (target, parents) = (self.target.clone(), self.state.parents);
        self.clear_tree()?;
        self.finish()?;
        if !removed {
            return Ok(Abandoned::Kept);
        }
        place::remove_parents(&target, parents);
        Ok(Abandoned::Removed)
    }

    /// Remove the target that was made; false if somebody touched it. It is renamed first, so that it is gone at once,
    /// and looked at again where nobody finds it any more.
    fn take_away(&self) -> Result<bool> {
        let found = files::look(&self.target)?.as_ref().map(Identity::of);
        if found.is_none() || found != self.state.folder {
            return Ok(found.is_none() || self.stage == Stage::Begun);
        }
        if !self.state.is_untouched(&self.target)? {
            return Ok(false);
        }
        let gone = self.home.join("gone");
        fault::step()?;
        files::rename_new(&self.target, &gone)?;
        if !self.state.is_untouched(&gone)? {
            files::rename_new(&gone, &self.target)?;
            return Ok(false);
        }
        fault::step()?;
        files::remove_all(&gone)?;
        Ok(true)
    }

    /// Take the files out of the folder that was filled; false if somebody touched it.
    fn take_out(&self) -> Result<bool> {
        if !self.state.is_untouched(&self.target)? {
            return Ok(false);
        }
        fault::step()?;
        self.state.remove_generated(&self.target)?;
        let shelf = Shelf::new(&self.home);
        if !shelf.committed()?.is_empty() {
            undo::undo_locked(&shelf, &Disk::new(&self.roots())?)?;
        }
        Ok(true)
    }
}
