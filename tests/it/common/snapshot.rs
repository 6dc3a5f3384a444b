//! Everything below a folder, to be compared with what is there later.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Kind, mode, content and, for files, time of last change of every path below a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, String>);

impl Snapshot {
    pub fn of(folder: &Path) -> Self {
        let mut entries = BTreeMap::new();
        collect(folder, Path::new(""), &mut entries);
        Self(entries)
    }

    /// The paths, relative, folders included.
    pub fn paths(&self) -> Vec<String> {
        self.0.keys().map(|path| path.to_string_lossy().into_owned()).collect()
    }

    /// The same without what `keep` refuses.
    pub fn filtered(mut self, keep: impl Fn(&Path) -> bool) -> Self {
        self.0.retain(|path, _| keep(path));
        self
    }

    /// `later` must be the same.
    #[track_caller]
    pub fn assert_same(&self, later: &Self) {
        let mut differences = String::new();
        for path in self.0.keys().chain(later.0.keys().filter(|path| !self.0.contains_key(*path))) {
            let (before, after) = (self.0.get(path), later.0.get(path));
            if before != after {
                let _ = writeln!(differences, "{}: {before:?} -> {after:?}", path.display());
            }
        }
        assert!(differences.is_empty(), "something was written:\n{differences}");
    }
}

fn collect(folder: &Path, relative: &Path, entries: &mut BTreeMap<PathBuf, String>) {
    let Ok(children) = fs::read_dir(folder) else { return };
    for child in children.flatten() {
        let (path, relative) = (child.path(), relative.join(child.file_name()));
        let meta = fs::symlink_metadata(&path).unwrap();
        let description = if meta.is_symlink() {
            format!("link to {}", fs::read_link(&path).unwrap().display())
        } else if meta.is_dir() {
            collect(&path, &relative, entries);
            format!("folder {:o}", mode(&meta))
        } else if meta.is_file() {
            let hash = fs::read(&path).map_or_else(|error| error.to_string(), |bytes| hex(&Sha256::digest(bytes)));
            format!("file {:o} {:?} {}", mode(&meta), meta.modified().unwrap(), &hash[..12])
        } else {
            "special".to_owned()
        };
        entries.insert(relative, description);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(unix)]
pub fn mode(meta: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o7777
}

#[cfg(windows)]
pub fn mode(meta: &fs::Metadata) -> u32 {
    u32::from(meta.permissions().readonly())
}
