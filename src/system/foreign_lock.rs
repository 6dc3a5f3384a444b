//! The lock files of other managers: refreshed by the manager itself, in a copy of what it reads, so that manifest and lock
//! change together or not at all.
//!
//! None of them upgrades what is locked: `uv lock` and `poetry lock` (2.0 and later) keep versions that still fit, and so does
//! `pdm lock --update-reuse`. Pipenv and pip lock everything anew, which nobody asked for: they are named and not run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use fs_err as fs;

use super::environment::Variables;
use super::interrupt::Interrupted;
use super::process::{self, Failure};
use crate::domain::declared;
use crate::domain::ground::LOCKS;
use crate::domain::plan::Invocation;
use crate::domain::progress::{Event, Progress};
use crate::domain::redact::redact;
use crate::domain::tree::{Entry, Place, RelPath, Root, Tree};

/// A resolution that takes longer is stopped.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// A lock file that does not follow the project's requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    pub lock: Place,
    /// Why it could not be refreshed.
    pub why: String,
    /// What refreshes it.
    pub command: String,
}

/// A manager that can be asked to lock.
struct Manager {
    lock: &'static str,
    program: &'static str,
    /// Its arguments in the copy.
    args: &'static [&'static str],
    /// What a user types.
    command: &'static str,
}

const MANAGERS: &[Manager] = &[
    Manager { lock: "uv.lock", program: "uv", args: &["lock", "--no-progress"], command: "uv lock" },
    Manager { lock: "poetry.lock", program: "poetry", args: &["lock", "--no-interaction"], command: "poetry lock" },
    Manager {
        lock: "pdm.lock",
        program: "pdm",
        args: &["lock", "--update-reuse", "--non-interactive"],
        command: "pdm lock --update-reuse",
    },
];

/// What a refresh needs to know of its surroundings.
pub struct Refresh<'r> {
    pub variables: &'r Variables,
    /// Whether the network may be used.
    pub online: bool,
    pub progress: &'r dyn Progress,
}

/// Refresh the lock files in a tree whose requirements differ from those on disk; those that could not be.
///
/// # Errors
/// A file cannot be read, or Ctrl-C came.
pub fn refresh(tree: &mut Tree<'_>, before: &Tree<'_>, refresh: &Refresh<'_>) -> Result<Vec<Stale>> {
    let mut stale = Vec::new();
    let mut is_locked = false;
    for name in LOCKS {
        let above = Place { root: Root::Repository, path: RelPath::new(*name)? };
        is_locked |= *tree.get(&Place::project(*name)?)? != Entry::Absent || *tree.get(&above)? != Entry::Absent;
    }
    // To compare what is required costs more than to see that nothing is locked.
    if !is_locked || requirements(&mut before.clone())? == requirements(&mut tree.clone())? {
        return Ok(stale);
    }
    for name in LOCKS {
        let own = Place::project(*name)?;
        let above = Place { root: Root::Repository, path: RelPath::new(*name)? };
        if let Entry::File(lock) = tree.get(&own)? {
            let old = lock.bytes.clone();
            let result = match MANAGERS.iter().find(|manager| manager.lock == *name) {
                Some(manager) => locked(tree, manager, &old, refresh),
                None => Err(Why::Other("it would be locked anew as a whole".to_owned())),
            };
            match result {
                Ok(new) if new == old => {}
                Ok(new) => {
                    let text = String::from_utf8_lossy(&new).into_owned();
                    tree.put_text(own, text)?;
                }
                Err(Why::Interrupted) => return Err(Interrupted.into()),
                Err(Why::Other(why)) => stale.push(Stale { lock: own, why, command: command(name, &old) }),
            }
        } else if let Entry::File(lock) = tree.get(&above)? {
            let command = command(name, &lock.bytes);
            let why = "it is the workspace's, not this project's".to_owned();
            stale.push(Stale { lock: above, why, command });
        }
    }
    Ok(stale)
}

/// What lock files are made from, to tell whether it changed.
fn requirements(tree: &mut Tree<'_>) -> Result<Vec<String>> {
    let pyproject = tree.toml(&Place::project("pyproject.toml")?)?.unwrap_or_default();
    let declared = declared::read(tree, &pyproject)?;
    Ok(declared.into_iter().map(|it| format!("{:?} {}", it.list, it.text)).collect())
}

fn command(lock: &str, bytes: &[u8]) -> String {
    if let Some(manager) = MANAGERS.iter().find(|manager| manager.lock == lock) {
        return manager.command.to_owned();
    }
    if lock == "Pipfile.lock" {
        return "pipenv lock".to_owned();
    }
    // PEP 751: `created-by` names the program that wrote it.
    let text = String::from_utf8_lossy(bytes);
    let maker = text.lines().find_map(|line| line.strip_prefix("created-by = "));
    match maker.map(|maker| maker.trim_matches(['"', '\''])) {
        Some("uv") => "uv export --format pylock.toml -o pylock.toml".to_owned(),
        Some("pdm") => "pdm lock".to_owned(),
        _ => "pip lock --group dev -o pylock.toml".to_owned(),
    }
}

enum Why {
    Interrupted,
    Other(String),
}

impl From<anyhow::Error> for Why {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(format!("{error:#}"))
    }
}

impl From<std::io::Error> for Why {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// The lock file that the manager writes for the tree's manifest.
fn locked(tree: &mut Tree<'_>, manager: &Manager, old: &[u8], refresh: &Refresh<'_>) -> Result<Vec<u8>, Why> {
    let program = find(manager.program, refresh.variables)
        .ok_or_else(|| Why::Other(format!("{} is not installed", manager.program)))?;
    if let Some(outside) = needs_more(tree)? {
        return Err(Why::Other(outside));
    }
    let folder = tempfile::tempdir()?;
    copy(tree, folder.path())?;
    fs::write(folder.path().join(manager.lock), old)?;
    refresh.progress.event(Event::Started { lane: "lock", what: manager.command.to_owned() });
    let mut invocation = Invocation::new(program).args(manager.args).cwd(folder.path()).timeout(PATIENCE);
    if !refresh.online && manager.program == "uv" {
        invocation = invocation.arg("--offline");
    }
    // Settings of the manager are the user's; an active environment is none of the copy's.
    for name in ["VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH"] {
        invocation = invocation.unset(name);
    }
    let mut said = String::new();
    let done = process::run(&invocation.set("NO_COLOR", "1"), &mut |_, line| {
        said += &redact(line);
        said.push('\n');
    });
    let result = match done {
        Ok(done) if done.success() => Ok(fs::read(folder.path().join(manager.lock))?),
        Ok(_) => Err(Why::Other(last_words(&said).unwrap_or_else(|| "it failed".to_owned()))),
        Err(Failure::Interrupted) => Err(Why::Interrupted),
        Err(failure) => Err(Why::Other(failure.to_string())),
    };
    let what = manager.lock.to_owned();
    refresh.progress.event(match &result {
        Ok(_) => Event::Finished { lane: "lock", what },
        Err(_) => Event::Failed { lane: "lock", what },
    });
    result
}

fn last_words(said: &str) -> Option<String> {
    said.lines().rfind(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned())
}

fn find(program: &str, variables: &Variables) -> Option<PathBuf> {
    if program == "uv" {
        return super::environment::find_uv(variables);
    }
    which::which_in(program, variables.get("PATH"), Path::new("/")).ok()
}

/// What a manifest asks for that a copy of it does not have.
fn needs_more(tree: &mut Tree<'_>) -> Result<Option<String>> {
    let pyproject = tree.toml(&Place::project("pyproject.toml")?)?.unwrap_or_default();
    let has = |path: &[&str]| declared::at(&pyproject, path).is_some();
    if has(&["tool", "uv", "workspace"]) {
        return Ok(Some("it is a workspace's".to_owned()));
    }
    let mentions = |value: Option<&toml::Value>| value.is_some_and(|it| it.to_string().contains("path = "));
    let sources = declared::at(&pyproject, &["tool", "uv", "sources"]);
    let poetry = declared::at(&pyproject, &["tool", "poetry"]);
    if mentions(sources) || mentions(poetry) {
        return Ok(Some("the project requires packages of other folders".to_owned()));
    }
    Ok(None)
}

/// The manifest, and the files that it names.
fn copy(tree: &mut Tree<'_>, folder: &Path) -> Result<()> {
    let pyproject = tree.toml(&Place::project("pyproject.toml")?)?.unwrap_or_default();
    let readme = declared::at(&pyproject, &["project", "readme"])
        .or_else(|| declared::at(&pyproject, &["tool", "poetry", "readme"]));
    let readme = readme.and_then(|it| it.as_str().or_else(|| it.get("file")?.as_str())).map(str::to_owned);
    let fixed = ["pyproject.toml", "uv.toml", "poetry.toml", "pdm.toml", ".python-version", "setup.cfg", "setup.py"];
    for name in fixed.into_iter().map(str::to_owned).chain(readme) {
        let Ok(place) = Place::project(name) else { continue };
        if let Entry::File(file) = tree.get(&place)? {
            let path = folder.join(place.path.as_str());
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, &file.bytes)?;
        }
    }
    Ok(())
}
