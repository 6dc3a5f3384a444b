//! What the process was started in: its folder, its variables, its clock.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

/// The folder that the process works in.
///
/// # Errors
/// It is gone.
pub fn folder() -> Result<PathBuf> {
    std::env::current_dir().context("the current folder is gone")
}

/// Work in another folder from now on.
///
/// # Errors
/// It is not there, or is no folder.
pub fn enter(folder: &Path) -> std::io::Result<()> {
    std::env::set_current_dir(folder)
}

/// Whether this is a run of continuous integration: `CI` is set to anything but nothing, `0` or `false`.
#[must_use]
pub fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "0" && value != "false")
}

/// The name of the user's shell as `SHELL` says it: `bash`, `fish`.
#[must_use]
pub fn shell() -> Option<String> {
    let path = std::env::var_os("SHELL")?;
    Some(Path::new(&path).file_name()?.to_string_lossy().into_owned())
}

/// A moment to measure from.
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}

/// Whether there is a folder at `path`, links followed.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether there is a file at `path`, links followed.
#[must_use]
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}
