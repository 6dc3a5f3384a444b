//! The few ways in which a file gets onto disk: staged beside its place, moved there, or overwritten in place.

use std::fs::{File, Metadata};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use fs_err as fs;
use serde::{Deserialize, Serialize};

use super::{fault, rights};
use crate::domain::tree;

/// Which file or folder a path leads to; it survives renames.
///
/// On Windows it is the time of creation, since the index of a file needs an open handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    #[cfg(unix)]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    #[cfg(windows)]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        use std::os::windows::fs::MetadataExt;
        Self { device: 0, inode: metadata.creation_time() }
    }

    /// The file system that it lies on; always 0 on Windows.
    #[must_use]
    pub fn device(self) -> u64 {
        self.device
    }
}

/// What changes when somebody writes to a file or replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    identity: Identity,
    size: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self { identity: Identity::of(metadata), size: metadata.len(), modified: metadata.modified().ok() }
    }

    /// The stamp of what stands at `path` itself, or `None` where nothing stands.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub fn at(path: &Path) -> io::Result<Option<Self>> {
        Ok(look(path)?.as_ref().map(Self::of))
    }
}

/// The metadata of what stands at `path` itself, or `None` where nothing stands.
///
/// # Errors
/// It cannot be looked at.
pub fn look(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether an error says that nothing is there.
#[must_use]
pub fn absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The regular file at `path`, or `None` where nothing stands.
///
/// # Errors
/// It cannot be read, or is something else than a regular file.
pub fn read(path: &Path) -> io::Result<Option<tree::File>> {
    let Some(metadata) = look(path)? else { return Ok(None) };
    if !metadata.is_file() {
        return Err(io::Error::other(format!("{} is not a regular file", path.display())));
    }
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    file.read_to_end(&mut bytes)?;
    Ok(Some(tree::File { bytes, executable: cfg!(unix) && rights::mode(&metadata) & 0o100 != 0 }))
}

/// A name for a temporary in the folder of `target` that nothing else has. It does not contain the target's name,
/// which may already be as long as a name can be.
#[must_use]
pub fn temporary_beside(target: &Path) -> PathBuf {
    let random = std::hash::RandomState::new().build_hasher().finish();
    target.with_file_name(format!(".pyenvkit-{random:016x}.tmp"))
}

/// Write a new file whose mode follows the umask (and a default ACL of its folder).
///
/// # Errors
/// Something stands at `path`, or it cannot be written.
pub fn create(path: &Path, file: &tree::File) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt;
        options.mode(if file.executable { 0o777 } else { 0o666 });
    }
    let mut out = options.open(path)?;
    out.write_all(&file.bytes)?;
    Ok(out.into_file())
}

/// Write a new file that shall replace the one at `model`: same owner, mode and extended attributes, except for the
/// right to execute, which is as `file` says.
///
/// # Errors
/// Something stands at `path`, it cannot be written, or the owner cannot be kept ([`io::ErrorKind::Unsupported`]).
pub fn create_like(path: &Path, file: &tree::File, model: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt;
        // Nobody else may read it before the mode of the model is on it.
        options.mode(0o600);
    }
    let mut out = options.open(path)?;
    out.write_all(&file.bytes)?;
    let out = out.into_file();
    #[cfg(unix)]
    rights::copy(&out, model, file)?;
    #[cfg(not(unix))]
    let _ = model;
    Ok(out)
}

/// Overwrite a file without replacing it: its inode, links, owner and attributes stay.
///
/// The old blocks are written over before the length is cut, so that taking it back needs no space that a full disk
/// does not have. Each state in between is one that [`between`] knows.
///
/// # Errors
/// It cannot be written.
pub fn overwrite(path: &Path, file: &tree::File) -> io::Result<()> {
    let mut out = fs::OpenOptions::new().write(true).open(path)?;
    let half = file.bytes.len() / 2;
    out.write_all(&file.bytes[..half])?;
    fault::step()?;
    out.write_all(&file.bytes[half..])?;
    fault::step()?;
    out.set_len(file.bytes.len() as u64)?;
    rights::set_execution(path, file)?;
    out.sync_data()
}

/// Whether `found` is what an interrupted [`overwrite`] of `before` by `after` leaves: the beginning of `after`,
/// then the rest of `before`.
#[must_use]
pub fn between(found: &[u8], before: &[u8], after: &[u8]) -> bool {
    let written = found.iter().zip(after).take_while(|(a, b)| a == b).count();
    if found.len() > before.len() {
        return written == found.len();
    }
    let kept = found.iter().rev().zip(before.iter().rev()).take_while(|(a, b)| a == b).count();
    let mixed = found.len() == before.len() && written + kept >= found.len();
    mixed || found == after
}

/// Move `from` over whatever stands at `to`. On Windows a file that another program holds open for a moment (a virus
/// scanner, an editor) is tried again for about a second.
///
/// # Errors
/// It cannot be moved.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    for attempt in 0_u64.. {
        match fs::rename(from, to) {
            Err(error) if attempt < 14 && cfg!(windows) && busy(&error) => {
                std::thread::sleep(std::time::Duration::from_millis(attempt * 10));
            }
            result => return result,
        }
    }
    Ok(())
}

/// Access denied, sharing violation, lock violation.
fn busy(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32 | 33))
}

/// Move a file or folder to a name that nothing has.
///
/// # Errors
/// Something stands at `to` ([`io::ErrorKind::AlreadyExists`]), or it cannot be moved.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            // Not every kernel and file system has the flag.
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => {}
            Err(error) => {
                let source = io::Error::from(error);
                let what = format!("cannot move {} to {}: {source}", from.display(), to.display());
                return Err(io::Error::new(source.kind(), what));
            }
        }
    }
    if look(to)?.is_some() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} exists already", to.display())));
    }
    rename(from, to)
}

/// Remove a file, or nothing where nothing stands.
///
/// # Errors
/// It is there and cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if !absent(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Remove a folder with all that is in it, or nothing where nothing stands.
///
/// # Errors
/// It is there and cannot be removed.
pub fn remove_all(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if !absent(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Let `bytes` stand at `path`, as a whole or not at all; folders above are made, a link stays a link, the mode stays.
pub fn replace_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let temporary = temporary_beside(&target);
    let file = tree::File { bytes: bytes.to_vec(), executable: false };
    let made = if target.exists() { create_like(&temporary, &file, &target) } else { create(&temporary, &file) };
    let renamed = made.and_then(|made| made.sync_all()).and_then(|()| rename(&temporary, &target));
    if renamed.is_err() {
        remove(&temporary)?;
    }
    Ok(renamed?)
}
