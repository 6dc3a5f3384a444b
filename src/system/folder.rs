//! What stands at a path that is to become a folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// What there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Absent,
    /// A folder or a link to one, with the names in it, sorted.
    Folder {
        entries: Vec<String>,
    },
    DanglingLink {
        to: PathBuf,
    },
    /// A file, a socket, a device.
    Other,
}

/// Look at `path`, following links.
///
/// # Errors
/// It cannot be looked at.
pub fn standing(path: &Path) -> Result<Standing> {
    match fs_err::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Standing::Absent),
        // A parent is a file.
        Err(error) if error.kind() == ErrorKind::NotADirectory => return Ok(Standing::Other),
        Err(error) => return Err(error.into()),
        Ok(metadata) if metadata.is_symlink() && !path.exists() => {
            return Ok(Standing::DanglingLink { to: fs_err::read_link(path)? });
        }
        Ok(_) => {}
    }
    if !path.is_dir() {
        return Ok(Standing::Other);
    }
    let mut entries = fs_err::read_dir(path)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>>>()?;
    entries.sort();
    Ok(Standing::Folder { entries })
}
