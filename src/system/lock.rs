//! The writers' lock: one at a time changes a working tree; whoever comes second waits.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fs_err as fs;

use super::files::{self, Identity};
use super::interrupt;
use crate::domain::progress::{Event, Progress};

/// How long a second writer waits. The lock is never held through a prompt or an installation, so that this many
/// seconds mean that something hangs.
const PATIENCE: Patience = Patience { word: Duration::from_secs(1), end: Duration::from_secs(60) };

/// After how long a waiting writer says so, and after how long it gives up.
#[derive(Clone, Copy)]
struct Patience {
    word: Duration,
    end: Duration,
}

/// The lock, until it is dropped. The operating system frees it when its holder dies.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Wait until the lock file at `path` is ours; it is created where it is missing. After a second, say so once.
    ///
    /// # Errors
    /// The file cannot be created or locked, a signal came, or another holder kept it for a minute.
    pub fn acquire(path: &Path, progress: &dyn Progress) -> Result<Self> {
        Self::within(path, PATIENCE, progress)
    }

    fn within(path: &Path, patience: Patience, progress: &dyn Progress) -> Result<Self> {
        let start = Instant::now();
        let mut said = false;
        let mut pause = Duration::from_millis(2);
        loop {
            if let Some(lock) = Self::try_acquire(path)? {
                return Ok(lock);
            }
            interrupt::check()?;
            let waited = start.elapsed();
            if waited >= patience.word && !said {
                said = true;
                let what = format!("waiting for another pyenvkit that holds {}", path.display());
                progress.event(Event::Warning { what });
            }
            if waited >= patience.end {
                bail!("another pyenvkit has held {} for {} s", path.display(), waited.as_secs());
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        }
    }

    /// The lock, or `None` while somebody else holds it.
    ///
    /// # Errors
    /// The file cannot be created or locked.
    pub fn try_acquire(path: &Path) -> Result<Option<Self>> {
        loop {
            let file = open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock {}", path.display()));
                }
            }
            if is_named(&file, path)? {
                return Ok(Some(Self { file }));
            }
        }
    }

    /// Whether somebody holds the lock at `path`. Creates nothing.
    ///
    /// # Errors
    /// The file is there and cannot be opened or locked.
    pub fn is_held(path: &Path) -> Result<bool> {
        let file = match fs::File::open(path) {
            Ok(file) => file.into_file(),
            Err(error) if files::absent(&error) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot look at the lock {}", path.display()))
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would do, were it not for children that were just being started and hold a copy of it.
        let _ = self.file.unlock();
    }
}

/// The lock file of a project that was being made goes away with the folder around it: what was opened and then locked
/// may have no name any more, or another file may have it.
fn is_named(file: &File, path: &Path) -> Result<bool> {
    let ours = Identity::of(&file.metadata()?);
    Ok(files::look(path)?.is_some_and(|found| Identity::of(&found) == ours))
}

fn open(path: &Path) -> Result<File> {
    let file = fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            anyhow::Error::new(error).context("the project cannot be changed: its lock file is not writable")
        }
        _ => error.into(),
    })?;
    Ok(file.into_file())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Heard(Mutex<Vec<Event>>);

    impl Progress for Heard {
        fn event(&self, event: Event) {
            self.0.lock().unwrap().push(event);
        }
    }

    #[test]
    fn who_waits_says_so_once_and_gives_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let heard = Heard(Mutex::new(Vec::new()));
        let impatient = Patience { word: Duration::ZERO, end: Duration::from_millis(20) };
        let held = Lock::within(&path, impatient, &heard).unwrap();
        assert!(Lock::is_held(&path).unwrap());
        let error = Lock::within(&path, impatient, &heard).unwrap_err().to_string();
        assert!(error.starts_with("another pyenvkit has held"), "{error}");
        assert_eq!(heard.0.lock().unwrap().len(), 1);
        drop(held);
        assert!(!Lock::is_held(&path).unwrap());
        Lock::within(&path, impatient, &heard).unwrap();
        assert!(path.exists());
    }

    #[test]
    fn a_lock_file_that_lost_its_name_is_not_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let old = Lock::try_acquire(&path).unwrap().unwrap();
        assert!(is_named(&old.file, &path).unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!is_named(&old.file, &path).unwrap());
        let new = Lock::try_acquire(&path).unwrap().unwrap();
        assert!(!is_named(&old.file, &path).unwrap());
        drop(old);
        assert!(Lock::try_acquire(&path).unwrap().is_none());
        drop(new);
    }
}
