//! The journal: everything that is needed to take a transaction back, in one file that is on disk before the first
//! change.
//!
//! The file is one line (`pyenvkit journal 1 <length of the head> <SHA-256 of what follows>`), the head as JSON, and the
//! contents of the files, one after the other. A file whose sum is wrong was being written when its writer died, before
//! anything else was changed.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::files;
use crate::domain::hex::hex;
use crate::domain::tree::{File, Place};

const MAGIC: &str = "pyenvkit journal ";
const VERSION: &str = "1";

/// A path: relative to the top of the working tree where it lies in it, so that a project that was moved can still be
/// recovered, else absolute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Name {
    Text(String),
    /// A path of a Unix that is not UTF-8.
    Bytes(Vec<u8>),
}

impl Name {
    /// # Errors
    /// The path is not Unicode, on Windows.
    pub fn new(path: &Path, repository: &Path) -> Result<Self> {
        let path = path.strip_prefix(repository).unwrap_or(path);
        if let Some(text) = path.to_str() {
            return Ok(Self::Text(text.to_owned()));
        }
        let Some(bytes) = bytes_of(path) else { bail!("{} is not Unicode", path.display()) };
        Ok(Self::Bytes(bytes))
    }

    #[must_use]
    pub fn path(&self, repository: &Path) -> PathBuf {
        match self {
            Self::Text(text) => repository.join(text),
            Self::Bytes(bytes) => repository.join(os_string(bytes.clone())),
        }
    }
}

/// A path that is not Unicode as bytes, where paths are bytes.
#[cfg_attr(unix, expect(clippy::unnecessary_wraps, reason = "on Windows a path has no bytes"))]
fn bytes_of(path: &Path) -> Option<Vec<u8>> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Some(path.as_os_str().as_bytes().to_vec())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes)
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// What happens to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// As the plan names it, for messages and previews.
    pub place: Place,
    /// The file itself, links resolved.
    pub path: Name,
    pub before: Option<File>,
    pub after: Option<File>,
    /// The permission bits and the owner before; nothing for a new file.
    pub rights: Option<Rights>,
    pub way: Way,
}

/// Who may do what with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    pub mode: u32,
    /// User and group; 0 where there are none.
    pub owner: (u32, u32),
}

/// How the content gets there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// By renaming this temporary.
    Rename(Name),
    /// By writing over it: it has other hard links, is a mount point, or has an owner that we cannot give.
    InPlace,
    /// Not at all: the file is removed. If that is taken back, it is by renaming this temporary.
    Delete(Name),
}

/// A folder and its permission bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    pub path: Name,
    pub mode: u32,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Journal {
    /// In the order in which they are carried out.
    pub steps: Vec<Step>,
    /// Folders that it makes, parents first.
    pub folders: Vec<Name>,
    /// Folders that it removes if its deletions leave them empty, children first.
    pub emptied: Vec<Folder>,
    /// All folders that this and earlier transactions made, as far as known: only these are removed when empty.
    pub made: Vec<Name>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    steps: Vec<StepHead>,
    folders: Vec<Name>,
    emptied: Vec<Folder>,
    made: Vec<Name>,
}

#[derive(Serialize, Deserialize)]
struct StepHead {
    place: Place,
    path: Name,
    before: Option<Content>,
    after: Option<Content>,
    rights: Option<Rights>,
    way: Way,
}

#[derive(Serialize, Deserialize)]
struct Content {
    length: usize,
    executable: bool,
}

impl Content {
    fn of(file: &File) -> Self {
        Self { length: file.bytes.len(), executable: file.executable }
    }
}

/// What a journal file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    Nothing,
    /// Its writer died while writing it.
    Torn,
    Whole(Journal),
}

impl Journal {
    /// Write it and wait until it is on disk. A new file that is synced has its name on disk too, on the file systems
    /// in use.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let head = Head {
            steps: self.steps.iter().map(StepHead::of).collect(),
            folders: self.folders.clone(),
            emptied: self.emptied.clone(),
            made: self.made.clone(),
        };
        let mut body = serde_json::to_vec(&head)?;
        let length = body.len();
        for file in self.steps.iter().flat_map(|step| [&step.before, &step.after]).flatten() {
            body.extend_from_slice(&file.bytes);
        }
        let line = format!("{MAGIC}{VERSION} {length} {}\n", sha256(&body));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use fs_err::os::unix::fs::OpenOptionsExt;
            // What it holds may come from a file that only its owner may read.
            options.mode(0o600);
        }
        let mut file = options.open(path)?;
        file.write_all(line.as_bytes())?;
        super::fault::step()?;
        file.write_all(&body)?;
        super::fault::step()?;
        file.sync_data()?;
        Ok(())
    }

    /// # Errors
    /// It cannot be read, or another version of pyenvkit wrote it.
    pub fn read(path: &Path) -> Result<Found> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if files::absent(&error) => return Ok(Found::Nothing),
            Err(error) => return Err(error.into()),
        };
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return Ok(Found::Torn) };
        let Some((length, sum)) = first_line(&bytes[..end], path)? else { return Ok(Found::Torn) };
        let body = &bytes[end + 1..];
        if length > body.len() || sha256(body) != sum {
            return Ok(Found::Torn);
        }
        let (head, contents) = body.split_at(length);
        let head: Head = serde_json::from_slice(head).with_context(|| format!("cannot read {}", path.display()))?;
        let mut contents = Contents(contents);
        let mut steps = Vec::with_capacity(head.steps.len());
        for step in head.steps {
            let before = contents.take(step.before).with_context(|| format!("cannot read {}", path.display()))?;
            let after = contents.take(step.after).with_context(|| format!("cannot read {}", path.display()))?;
            steps.push(Step { place: step.place, path: step.path, before, after, rights: step.rights, way: step.way });
        }
        Ok(Found::Whole(Self { steps, folders: head.folders, emptied: head.emptied, made: head.made }))
    }
}

impl StepHead {
    fn of(step: &Step) -> Self {
        Self {
            place: step.place.clone(),
            path: step.path.clone(),
            before: step.before.as_ref().map(Content::of),
            after: step.after.as_ref().map(Content::of),
            rights: step.rights,
            way: step.way.clone(),
        }
    }
}

struct Contents<'a>(&'a [u8]);

impl Contents<'_> {
    fn take(&mut self, content: Option<Content>) -> Result<Option<File>> {
        let Some(content) = content else { return Ok(None) };
        let (bytes, rest) = self.0.split_at_checked(content.length).context("a content is shorter than its length")?;
        self.0 = rest;
        Ok(Some(File { bytes: bytes.to_vec(), executable: content.executable }))
    }
}

/// The length of the head and the sum, or `None` for a line that is not whole.
fn first_line(line: &[u8], path: &Path) -> Result<Option<(usize, String)>> {
    let Some(rest) = std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix(MAGIC)) else { return Ok(None) };
    let mut words = rest.split(' ');
    if words.next() != Some(VERSION) {
        bail!("{} was written by another version of pyenvkit, which has to finish it", path.display());
    }
    let length = words.next().and_then(|word| word.parse().ok());
    Ok(length.zip(words.next().map(str::to_owned)))
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The folders that a journal knows of, without reading the contents.
///
/// # Errors
/// It cannot be read.
pub fn made_by(path: &Path) -> Result<Vec<Name>> {
    let mut file = BufReader::new(fs::File::open(path)?);
    let mut line = Vec::new();
    file.read_until(b'\n', &mut line)?;
    let Some((length, _)) = first_line(line.trim_ascii_end(), path)? else { return Ok(Vec::new()) };
    let mut head = Vec::new();
    file.take(length as u64).read_to_end(&mut head)?;
    Ok(serde_json::from_slice::<Head>(&head)?.made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Journal {
        let name = |text: &str| Name::Text(text.to_owned());
        let file = |bytes: &[u8]| Some(File { bytes: bytes.to_vec(), executable: true });
        let step = |before, after, way| Step {
            place: Place::project("a/b").unwrap(),
            path: Name::Bytes(vec![0xff, b'/', b'x']),
            before,
            after,
            rights: Some(Rights { mode: 0o4755, owner: (1, 2) }),
            way,
        };
        Journal {
            steps: vec![
                step(None, file(b"\0\xff\n"), Way::Rename(name("t"))),
                step(file(b"old"), file(b""), Way::InPlace),
                step(file(b""), None, Way::Delete(name("t"))),
            ],
            folders: vec![name("a")],
            emptied: vec![Folder { path: name("e"), mode: 0o700 }],
            made: vec![name("a"), name("m")],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        assert_eq!(Journal::read(&path).unwrap(), Found::Nothing);
        journal().write(&path).unwrap();
        assert_eq!(Journal::read(&path).unwrap(), Found::Whole(journal()));
        assert_eq!(made_by(&path).unwrap(), journal().made);
    }

    #[test]
    fn each_beginning_is_torn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        journal().write(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(Journal::read(&path).unwrap(), Found::Torn, "{length} of {} bytes", whole.len());
        }
        // A machine that died may have left the length of a file without its content.
        let mut zeros = whole.clone();
        zeros[200..].fill(0);
        fs::write(&path, zeros).unwrap();
        assert_eq!(Journal::read(&path).unwrap(), Found::Torn);
    }
}
