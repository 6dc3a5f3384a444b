//! A virtual environment on disk: what state it is in, whose it is, where things are in it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::system::{interrupt, regular};

/// Our note inside the environment: who made it and how far that went.
const STAMP: &str = "pyenvkit.json";

/// Locked while an environment is changed; it lies inside the environment and is never removed while that lives.
const LOCK: &str = "pyenvkit.lock";

/// What conda keeps in each of its environments, which have no `pyvenv.cfg`.
const CONDA: &str = "conda-meta";

/// How long another process may work on the same environment.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// How far the last work on an environment went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The environment itself is being made.
    Making,
    /// Packages are being installed or removed.
    Installing,
    Ready,
}

/// Who made an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Maker {
    Us,
    SomeoneElse,
}

/// The content of the note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub maker: Maker,
    pub phase: Phase,
    /// Where it was made: launchers have the path in them, so a moved environment does not work.
    pub path: String,
    /// SHA-256 of what the project's own install was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// SHA-256 of the lock file and the requirements files that were installed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<String>,
}

impl Stamp {
    #[must_use]
    pub fn read(venv: &Path) -> Option<Self> {
        serde_json::from_slice(&regular::bytes(&venv.join(STAMP)).ok()??).ok()
    }

    /// # Errors
    /// It cannot be written.
    pub fn write(&self, venv: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        let fresh = venv.join("pyenvkit.json.new");
        fs::write(&fresh, text)?;
        fs::rename(fresh, venv.join(STAMP))
    }
}

/// What stands where the environment is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing, or an empty folder, or only our own lock and note.
    Absent,
    /// It works as far as files can tell.
    Alive { version: Option<String> },
    /// We began it and did not finish, or its Python has gone: it can be made again.
    Broken(String),
    /// It is not ours, and not an environment that works.
    Foreign(String),
}

impl State {
    /// Judge `venv` by its files alone.
    #[must_use]
    pub fn of(venv: &Path) -> Self {
        let entries = match fs::read_dir(venv) {
            Ok(entries) => entries.flatten().map(|entry| entry.file_name()).collect::<Vec<_>>(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return match fs::symlink_metadata(venv) {
                    Ok(_) => Self::Foreign("it is a link to something that is not there".into()),
                    Err(_) => Self::Absent,
                };
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Self::Foreign("it is not a folder".into());
            }
            Err(error) => return Self::Foreign(format!("it cannot be read: {error}")),
        };
        let stamp = Stamp::read(venv);
        let ours = stamp.as_ref().is_some_and(|stamp| stamp.maker == Maker::Us);
        if entries.iter().all(|name| name == LOCK || name == STAMP) {
            return Self::Absent;
        }
        if ours && stamp.is_some_and(|stamp| stamp.phase == Phase::Making) {
            return Self::Broken("it was not finished".into());
        }
        let moved = |stamp: &Stamp| stamp.maker == Maker::Us && stamp.path != venv.to_string_lossy();
        if Stamp::read(venv).is_some_and(|stamp| moved(&stamp)) {
            return Self::Broken("it was moved".into());
        }
        let judge = |reason: String| if ours { Self::Broken(reason) } else { Self::Foreign(reason) };
        let version = match regular::bytes(&venv.join("pyvenv.cfg")) {
            Ok(Some(config)) => version(&String::from_utf8_lossy(&config)),
            Ok(None) if venv.join(CONDA).is_dir() => conda_version(venv),
            Ok(None) => return judge("it has no pyvenv.cfg".into()),
            Err(why) => return judge(format!("its pyvenv.cfg cannot be read: {why}")),
        };
        if !is_executable(&python(venv)) {
            return judge("its Python is not there any more".into());
        }
        match site_packages(venv, version.as_deref()) {
            Some(_) => Self::Alive { version },
            None => judge("it has no site-packages folder".into()),
        }
    }
}

/// The version in the name of the note that conda keeps of the Python package: `conda-meta/python-3.12.1-h9a0b0_0.json`.
fn conda_version(venv: &Path) -> Option<String> {
    let notes = fs::read_dir(venv.join(CONDA)).ok()?.flatten();
    let mut names = notes.filter_map(|entry| entry.file_name().into_string().ok());
    names.find_map(|name| {
        let version = name.strip_prefix("python-")?.split('-').next()?;
        version.starts_with(|first: char| first.is_ascii_digit()).then(|| version.to_owned())
    })
}

/// `version` (the standard library's venv) or `version_info` (virtualenv, uv) of a `pyvenv.cfg`.
fn version(config: &str) -> Option<String> {
    config.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        matches!(key.trim(), "version" | "version_info").then(|| value.trim().to_owned())
    })
}

/// The folder with the environment's programs.
#[must_use]
pub fn bin(venv: &Path) -> PathBuf {
    venv.join(if cfg!(windows) { "Scripts" } else { "bin" })
}

/// The environment's interpreter.
#[must_use]
pub fn python(venv: &Path) -> PathBuf {
    if cfg!(windows) && venv.join(CONDA).is_dir() {
        return venv.join("python.exe");
    }
    bin(venv).join(if cfg!(windows) { "python.exe" } else { "python" })
}

/// The environment's `site-packages`, if it is there; `version` is that of its Python.
#[must_use]
pub fn site_packages(venv: &Path, version: Option<&str>) -> Option<PathBuf> {
    if cfg!(windows) {
        return Some(venv.join("Lib").join("site-packages")).filter(|path| path.is_dir());
    }
    let lib = venv.join("lib");
    let mut parts = version.unwrap_or_default().split('.');
    if let (Some(major), Some(minor)) = (parts.next(), parts.next()) {
        for implementation in ["python", "pypy", "graalpy"] {
            let path = lib.join(format!("{implementation}{major}.{minor}")).join("site-packages");
            if path.is_dir() {
                return Some(path);
            }
        }
        // A free-threaded build: `python3.14t`.
        return Some(lib.join(format!("python{major}.{minor}t")).join("site-packages")).filter(|path| path.is_dir());
    }
    // conda lets `python3.1` be a link to `python3.12`.
    let folders = fs::read_dir(lib).ok()?.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut found: Vec<PathBuf> = folders.map(|entry| entry.path().join("site-packages")).collect();
    found.retain(|path| path.is_dir());
    (found.len() == 1).then(|| found.remove(0))
}

#[cfg(unix)]
#[must_use]
pub fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(windows)]
#[must_use]
pub fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Whether an environment that was just made has what belongs into one.
#[must_use]
pub fn is_made(venv: &Path) -> bool {
    venv.join("pyvenv.cfg").is_file() && is_executable(&python(venv))
}

/// Take away everything in an environment of ours but the lock that we hold.
///
/// # Errors
/// Something cannot be removed.
pub fn clear(venv: &Path) -> io::Result<()> {
    for entry in fs::read_dir(venv)? {
        let entry = entry?;
        if entry.file_name() == LOCK || entry.file_name() == STAMP {
            continue;
        }
        if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    Ok(())
}

/// Keep the environment out of git, as newer Pythons and uv do themselves.
///
/// # Errors
/// The file cannot be written.
pub fn ignore(venv: &Path) -> io::Result<()> {
    let path = venv.join(".gitignore");
    if path.exists() { Ok(()) } else { fs::write(path, "*\n") }
}

/// Why the lock was not got.
#[derive(Debug)]
pub enum LockError {
    Io(io::Error),
    Interrupted,
    /// Another process held it for longer than is reasonable.
    Busy,
}

/// Lock `venv`, making the folder if need be. `waiting` is called once if another process has it.
///
/// # Errors
/// The file cannot be made, a signal came, or the other process does not end.
pub fn lock(venv: &Path, waiting: &mut dyn FnMut()) -> Result<File, LockError> {
    fs::create_dir_all(venv).map_err(LockError::Io)?;
    let path = venv.join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(LockError::Io)?;
    let start = Instant::now();
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {}
            // A file system without locks: the work is done without them.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
        if interrupt::check().is_err() {
            return Err(LockError::Interrupted);
        }
        if start.elapsed() > PATIENCE {
            return Err(LockError::Busy);
        }
        if !std::mem::replace(&mut told, true) {
            waiting();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn fake(venv: &Path) {
        let site = venv.join("lib/python3.12/site-packages");
        fs::create_dir_all(&site).unwrap();
        fs::create_dir_all(bin(venv)).unwrap();
        symlink("/bin/sh", python(venv)).unwrap();
        fs::write(venv.join("pyvenv.cfg"), "home = /usr\nversion_info = 3.12.1\n").unwrap();
    }

    #[test]
    fn states() {
        let folder = tempfile::tempdir().unwrap();
        let venv = folder.path().join("v");
        assert_eq!(State::of(&venv), State::Absent);
        fake(&venv);
        assert_eq!(State::of(&venv), State::Alive { version: Some("3.12.1".into()) });
        fs::remove_file(python(&venv)).unwrap();
        symlink("/nonexistent", python(&venv)).unwrap();
        assert!(matches!(State::of(&venv), State::Foreign(_)));
        let path = venv.to_string_lossy().into_owned();
        Stamp { maker: Maker::Us, phase: Phase::Ready, path, project: None, inputs: None }.write(&venv).unwrap();
        assert!(matches!(State::of(&venv), State::Broken(_)));
        drop(lock(&venv, &mut || {}).unwrap());
        clear(&venv).unwrap();
        assert_eq!(State::of(&venv), State::Absent);
        let link = folder.path().join("link");
        symlink("/nonexistent", &link).unwrap();
        assert!(matches!(State::of(&link), State::Foreign(_)));
    }

    #[test]
    fn an_unfinished_one_of_ours_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        fake(folder.path());
        Stamp { maker: Maker::Us, phase: Phase::Making, path: String::new(), project: None, inputs: None }
            .write(folder.path())
            .unwrap();
        assert!(matches!(State::of(folder.path()), State::Broken(_)));
        Stamp { maker: Maker::SomeoneElse, phase: Phase::Installing, path: String::new(), project: None, inputs: None }
            .write(folder.path())
            .unwrap();
        assert!(matches!(State::of(folder.path()), State::Alive { .. }));
    }

    #[test]
    fn two_locks_exclude_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let first = lock(folder.path(), &mut || {}).unwrap();
        let second = File::options().write(true).open(folder.path().join(LOCK)).unwrap();
        assert!(matches!(second.try_lock(), Err(TryLockError::WouldBlock)));
        drop(first);
        assert!(second.try_lock().is_ok());
    }
}
