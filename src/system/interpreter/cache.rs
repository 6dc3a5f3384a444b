//! Remembers what interpreters said, until their file or their library changes.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::probe::Outcome;
use super::shim;

/// Raised whenever the shape or the meaning of an entry changes.
const FORMAT: u32 = 1;

const FILE: &str = "interpreters.json";

#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    format: u32,
    entries: BTreeMap<PathBuf, Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    stamp: Stamp,
    /// Folders whose content decides the answer (the library, its packages, the wheels), with their times.
    watched: Vec<(PathBuf, Option<u64>)>,
    outcome: Outcome,
}

/// What changes when a file is replaced or written; links are followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    /// Nanoseconds since 1970.
    modified: u64,
    /// The file's number within its file system; 0 where there is none.
    inode: u64,
}

/// The cache as it was read, and what was learnt since. It is a convenience: no failure of it is an error.
#[derive(Debug)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
    known: BTreeMap<PathBuf, Entry>,
    learnt: BTreeMap<PathBuf, Entry>,
}

impl Cache {
    pub(super) fn open(folder: Option<&Path>) -> Self {
        Self {
            folder: folder.map(Path::to_owned),
            known: folder.map(read).unwrap_or_default(),
            learnt: BTreeMap::new(),
        }
    }

    /// What `python` said, if nothing has changed since.
    pub(super) fn get(&self, python: &Path) -> Option<&Outcome> {
        let entry = self.learnt.get(python).or_else(|| self.known.get(python))?;
        let valid = stamp(python).as_ref() == Some(&entry.stamp)
            && entry.watched.iter().all(|(folder, time)| modified(folder) == *time);
        valid.then_some(&entry.outcome)
    }

    pub(super) fn put(&mut self, python: &Path, outcome: &Outcome, watched: &[PathBuf]) {
        // The answer of a version manager's shim depends on more than its file; a path must survive JSON.
        if shim::is_foreign(python) || python.to_str().is_none() {
            return;
        }
        let Some(stamp) = stamp(python) else { return };
        let watched = watched.iter().map(|folder| (folder.clone(), modified(folder))).collect();
        self.learnt.insert(python.to_owned(), Entry { stamp, watched, outcome: outcome.clone() });
    }

    /// Write what was learnt, together with what another process may have written meanwhile; the file is replaced as a
    /// whole, so that of two writers one may lose answers but none sees half a file.
    pub(super) fn save(&mut self) {
        if let Some(folder) = self.folder.as_deref().filter(|_| !self.learnt.is_empty()) {
            let mut entries = read(folder);
            entries.retain(|python, _| python.exists());
            entries.append(&mut self.learnt.clone());
            let _ = write(folder, &Content { format: FORMAT, entries });
            self.known.append(&mut self.learnt);
        }
    }
}

fn read(folder: &Path) -> BTreeMap<PathBuf, Entry> {
    fs_err::read(folder.join(FILE))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Content>(&bytes).ok())
        .filter(|content| content.format == FORMAT)
        .map(|content| content.entries)
        .unwrap_or_default()
}

fn write(folder: &Path, content: &Content) -> std::io::Result<()> {
    fs_err::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&serde_json::to_vec(content)?)?;
    file.persist(folder.join(FILE))?;
    Ok(())
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = path.metadata().ok()?;
    Some(Stamp { size: metadata.len(), modified: nanoseconds(&metadata)?, inode: inode(&metadata) })
}

fn modified(path: &Path) -> Option<u64> {
    path.metadata().ok().as_ref().and_then(nanoseconds)
}

fn nanoseconds(metadata: &Metadata) -> Option<u64> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).ok()
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}
