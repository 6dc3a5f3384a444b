//! Where journals are kept: the one in progress, and those that can be undone.

use std::path::{Path, PathBuf};

use anyhow::Result;
use fs_err as fs;

use super::journal::{self, Name};
use super::{fault, files};

/// How many transactions can be undone.
const KEPT: usize = 10;

/// The folder of journals: the one in progress, and those that can be undone.
#[derive(Debug, Clone)]
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    #[must_use]
    pub fn new(state: &Path) -> Self {
        Self { folder: state.to_owned() }
    }

    /// The journal of the transaction in progress.
    #[must_use]
    pub fn current(&self) -> PathBuf {
        self.folder.join("journal")
    }

    fn undo(&self) -> PathBuf {
        self.folder.join("undo")
    }

    /// Make the folder of what can be undone, so that the commit is one rename.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn prepare(&self) -> Result<()> {
        Ok(fs::create_dir_all(self.undo())?)
    }

    /// What can be undone, oldest first.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn committed(&self) -> Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(self.undo()) {
            Ok(entries) => entries,
            Err(error) if files::absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            if let Some(number) = entry?.file_name().to_str().and_then(|name| name.parse::<u64>().ok()) {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers.into_iter().map(|number| self.undo().join(number.to_string())).collect())
    }

    /// Commit: the journal becomes the newest one that can be undone.
    ///
    /// # Errors
    /// It cannot be renamed; then nothing is committed.
    pub fn commit(&self) -> Result<()> {
        let committed = self.committed()?;
        let newest = committed.last().and_then(|path| path.file_name()?.to_str()?.parse::<u64>().ok()).unwrap_or(0);
        fault::step()?;
        files::rename(&self.current(), &self.undo().join((newest + 1).to_string()))?;
        // From here on the transaction stands; what is too old goes, or goes the next time.
        for old in committed.iter().rev().skip(KEPT - 1) {
            let _ = files::remove(old);
        }
        Ok(())
    }

    /// The folders that committed transactions made, from the newest of them, which carries on the list of the older.
    #[must_use]
    pub fn made(&self) -> Vec<Name> {
        let newest = self.committed().ok().and_then(|mut committed| committed.pop());
        // Only empty folders that stay depend on it.
        newest.and_then(|path| journal::made_by(&path).ok()).unwrap_or_default()
    }
}
