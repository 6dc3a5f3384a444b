//! Reads files of projects that nobody vouches for: regular ones of a bearable size, and never anything else.

use std::io::{self, Read as _};
use std::path::Path;

use crate::domain::facts::{EntryKind, Text};
use crate::domain::tree::Place;

/// The longest text that is read, in bytes: configuration, metadata, lock files of large projects.
const LONGEST: u64 = 16 << 20;

/// How many names of one folder are looked at.
const MOST_NAMES: usize = 100_000;

/// The content of a file; `None` where nothing stands, or only a link to nothing.
///
/// # Errors
/// It is not a regular file, is longer than anybody would write, or cannot be read: the reason, without the path.
pub fn bytes(path: &Path) -> Result<Option<Vec<u8>>, String> {
    start(path, LONGEST + 1).and_then(|found| match found {
        Some(bytes) if bytes.len() as u64 > LONGEST => Err("it is larger than 16 MiB".to_owned()),
        found => Ok(found),
    })
}

/// The text of a file; `None` where nothing stands, or something that is no bearable regular file of UTF-8.
#[must_use]
pub fn utf8(path: &Path) -> Option<String> {
    String::from_utf8(bytes(path).ok()??).ok()
}

/// Whether something else than a file or a folder stands at `path`, links followed: a program that reads it may wait.
#[must_use]
pub fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| !found.is_dir() && !found.is_file())
}

/// At most `length` bytes of the beginning of a file, otherwise as [`bytes`].
///
/// # Errors
/// It is not a regular file, or cannot be read: the reason, without the path.
pub fn start(path: &Path, length: u64) -> Result<Option<Vec<u8>>, String> {
    let read = || -> io::Result<Option<Vec<u8>>> {
        let file = open(path)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Ok(None);
        }
        // Room for all of it and for the end to be seen, so that it takes two reads.
        let mut bytes = Vec::with_capacity(usize::try_from(found.len().min(length)).unwrap_or_default() + 1);
        file.take(length).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    };
    match read() {
        Ok(Some(bytes)) => Ok(Some(bytes)),
        Ok(None) => Err("it is not a regular file".to_owned()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(reason(&error)),
    }
}

/// Opening a FIFO or a device must neither wait nor change anything.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    // A device may react to being opened at all.
    let found = std::fs::metadata(path)?;
    if !found.is_file() && !found.is_dir() {
        return Err(io::Error::other("it is not a regular file"));
    }
    std::fs::File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<std::fs::File> {
    std::fs::File::open(path)
}

/// A folder, of which many files are looked at: by a path from there the system finds one more quickly than by a whole path.
pub struct Base {
    #[cfg(unix)]
    folder: rustix::fd::OwnedFd,
    #[cfg(not(unix))]
    folder: std::path::PathBuf,
}

impl Base {
    /// # Errors
    /// It cannot be opened.
    #[cfg(unix)]
    pub fn open(folder: &Path) -> io::Result<Self> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { folder: rustix::fs::open(folder, flags, Mode::empty())? })
    }

    #[cfg(not(unix))]
    pub fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { folder: folder.to_owned() })
    }

    /// The length of what stands at a path from here, links followed.
    ///
    /// # Errors
    /// Nothing stands there, or it may not be looked at.
    #[cfg(unix)]
    pub fn length(&self, path: &str) -> io::Result<u64> {
        let found = rustix::fs::statat(&self.folder, path, rustix::fs::AtFlags::empty())?;
        Ok(u64::try_from(found.st_size).unwrap_or_default())
    }

    #[cfg(not(unix))]
    pub fn length(&self, path: &str) -> io::Result<u64> {
        Ok(std::fs::metadata(self.folder.join(path))?.len())
    }
}

/// An error without the path, which stands beside it.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// A text as checks see it; `None` where nothing stands.
///
/// # Errors
/// As [`bytes`], or it is not UTF-8.
pub fn text(path: &Path, place: Place) -> Result<Option<Text>, String> {
    let Some(bytes) = bytes(path)? else { return Ok(None) };
    let content = String::from_utf8(bytes).map_err(|_| "it is not valid UTF-8".to_owned())?;
    Ok(Some(Text { path: path.to_owned(), place, content: content.into() }))
}

/// What stands directly in a folder, by name.
///
/// # Errors
/// It cannot be listed.
pub fn names(folder: &Path) -> Result<Vec<(String, EntryKind)>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| reason(&error))?;
    let entry = |entry: std::fs::DirEntry| {
        let kind = entry.file_type().ok()?;
        let kind = if kind.is_symlink() {
            EntryKind::Link
        } else if kind.is_dir() {
            EntryKind::Folder
        } else if kind.is_file() {
            EntryKind::File
        } else {
            EntryKind::Special
        };
        Some((entry.file_name().into_string().ok()?, kind))
    };
    Ok(entries.flatten().take(MOST_NAMES).filter_map(entry).collect())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_bearable_regular_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert_eq!(bytes(&at("absent")), Ok(None));
        std::fs::write(at("plain"), "x").unwrap();
        assert_eq!(bytes(&at("plain")), Ok(Some(b"x".to_vec())));
        std::fs::File::create(at("huge")).unwrap().set_len(2 << 30).unwrap();
        assert_eq!(bytes(&at("huge")), Err("it is larger than 16 MiB".to_owned()));
        rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert_eq!(bytes(&at("fifo")), Err("it is not a regular file".to_owned()));
        assert_eq!(bytes(folder.path()), Err("it is not a regular file".to_owned()));
        std::os::unix::fs::symlink(at("loop"), at("loop")).unwrap();
        assert!(bytes(&at("loop")).is_err());
        std::os::unix::fs::symlink(at("gone"), at("dangling")).unwrap();
        assert_eq!(bytes(&at("dangling")), Ok(None));
        assert_eq!(bytes(Path::new("/dev/zero")), Err("it is not a regular file".to_owned()));
    }

    #[test]
    fn lengths_are_those_of_paths_from_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        std::fs::write(folder.path().join("outer"), "12345").unwrap();
        std::os::unix::fs::symlink("../outer", folder.path().join("inner/link")).unwrap();
        let base = Base::open(&folder.path().join("inner")).unwrap();
        assert_eq!(base.length("link").unwrap(), 5);
        assert_eq!(base.length("../outer").unwrap(), 5);
        assert_eq!(base.length(folder.path().join("outer").to_str().unwrap()).unwrap(), 5);
        assert_eq!(base.length("gone").unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(Base::open(&folder.path().join("gone")).is_err());
    }
}
