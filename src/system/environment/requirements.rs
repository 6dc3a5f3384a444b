//! Requirements files, read as far as it takes to see whether what they ask for is installed. Installers read them anew, with
//! all their options.
//!
//! Source: pip's "Requirements File Format".

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pep508_rs::Requirement;
use sha2::{Digest as _, Sha256};

use super::failure::{Kind, SyncError};

/// What requirements files ask for, with the files in them.
#[derive(Default)]
pub struct Listed {
    /// Those that an installer is given.
    pub files: Vec<PathBuf>,
    /// Their requirements, as far as they are such (PEP 508) and not paths or options.
    pub requirements: Vec<String>,
    /// Whether one has a hash: then pip wants one for all that it is given at once.
    pub has_hashes: bool,
    /// Of all contents.
    hash: Sha256,
    seen: BTreeSet<PathBuf>,
}

impl Listed {
    /// # Errors
    /// A file cannot be read.
    pub fn read(files: &[PathBuf]) -> Result<Self, SyncError> {
        let mut listed = Self { files: files.to_vec(), ..Self::default() };
        for file in files {
            listed.add(file, Purpose::Required, &file.display().to_string())?;
        }
        Ok(listed)
    }

    /// The hash of all contents; `None` where there are no files.
    #[must_use]
    pub fn hash(&self) -> Option<Vec<u8>> {
        (!self.files.is_empty()).then(|| self.hash.clone().finalize().to_vec())
    }

    fn add(&mut self, path: &Path, purpose: Purpose, named: &str) -> Result<(), SyncError> {
        let error = |error| SyncError::new(Kind::Manifest, format!("{named}: {}: {error}", path.display()));
        if !self.seen.insert(fs::canonicalize(path).map_err(error)?) {
            return Ok(());
        }
        let bytes = fs::read(path).map_err(error)?;
        self.hash.update(&bytes);
        for line in lines(&text(&bytes)) {
            let included = [("-r", "--requirement", purpose), ("-c", "--constraint", Purpose::Constraint)];
            let included =
                included.iter().find_map(|(short, long, purpose)| Some((argument(&line, short, long)?, *purpose)));
            match included {
                Some((file, _)) if file.contains("://") => {}
                Some((file, purpose)) => {
                    let folder = path.parent().unwrap_or(Path::new(""));
                    self.add(&folder.join(file), purpose, &format!("{}: {line}", path.display()))?;
                }
                None if purpose == Purpose::Required => self.require(&line),
                None => {}
            }
        }
        Ok(())
    }

    fn require(&mut self, line: &str) {
        let (text, options) = line.split_once(" --").unwrap_or((line, ""));
        self.has_hashes |= options.starts_with("hash");
        let text = text.trim();
        if text.parse::<Requirement>().is_ok() && !self.requirements.iter().any(|known| known == text) {
            self.requirements.push(text.to_owned());
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Required,
    /// It says which version, not that it is wanted.
    Constraint,
}

/// As pip decodes it: by its byte order mark, else UTF-8.
fn text(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        bytes => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Lines as they count: continued ones joined, without comments, none empty.
fn lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace("\\\n", "");
    let bare = |line: &str| {
        let comment = line.match_indices('#').map(|(at, _)| at);
        let mut comment = comment.filter(|at| line[..*at].ends_with(char::is_whitespace) || *at == 0);
        line[..comment.next().unwrap_or(line.len())].trim().to_owned()
    };
    text.lines().map(bare).filter(|line| !line.is_empty()).collect()
}

/// The argument of an option that a line consists of: `-r x`, `-rx`, `--requirement=x`.
fn argument<'l>(line: &'l str, short: &str, long: &str) -> Option<&'l str> {
    let rest = match line.strip_prefix(long) {
        Some(rest) => rest.strip_prefix(['=', ' ', '\t'])?,
        None => line.strip_prefix(short)?,
    };
    Some(rest.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_followed_and_what_is_no_requirement_is_left_to_the_installer() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &[u8]| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        };
        let dev = write(
            "requirements/dev.txt",
            b"\xef\xbb\xbf-r base.txt\r\n--constraint=../c.txt\r\na==1 \\\r\n  --hash=sha256:00 # why\r\n-e .\r\n./x\r\n--pre\r\nb # c\r\nu @ https://x/u.zip#egg=u\r\n",
        );
        write("requirements/base.txt", b"-r dev.txt\nd[x]>=1 ; os_name == 'posix'\nb\n");
        let constraint = write("c.txt", b"e==2\n");
        let listed = Listed::read(std::slice::from_ref(&dev)).unwrap();
        assert_eq!(listed.requirements, ["d[x]>=1 ; os_name == 'posix'", "b", "a==1", "u @ https://x/u.zip#egg=u"]);
        assert!(listed.has_hashes);
        let before = listed.hash();
        fs::write(constraint, "e==3\n").unwrap();
        assert_ne!(Listed::read(&[dev]).unwrap().hash(), before);
        let wide = write("wide.txt", &[0xff, 0xfe, b'a', 0, b'\n', 0]);
        assert_eq!(Listed::read(&[wide]).unwrap().requirements, ["a"]);
        let broken = write("broken.txt", b"-r gone.txt\n");
        let error = Listed::read(&[broken]).err().unwrap();
        assert!(error.message.contains("broken.txt: -r gone.txt"), "{}", error.message);
        assert_eq!(Listed::read(&[]).unwrap().hash(), None);
    }
}
