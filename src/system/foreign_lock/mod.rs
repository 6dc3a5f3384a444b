//! The lock files of other managers: refreshed by the manager itself, in a copy of what it reads, so that manifest and lock
//! change together or not at all.
//!
//! Nothing that is locked is upgraded. `uv lock`, `poetry lock` (since 2.0; before, with `--no-update`) and
//! `pdm lock --update-reuse` keep what still fits; what Pipenv does is checked. What cannot be refreshed is named with the
//! command that does it.

mod copy;
mod pipenv;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use fs_err as fs;

use super::environment::manager::{Manager, created_by};
use super::environment::{Variables, python_of};
use super::interrupt::Interrupted;
use super::process::{self, Failure};
use super::project::{self, Project};
use crate::domain::declared::{self, Declared, List};
use crate::domain::ground::LOCKS;
use crate::domain::locked;
use crate::domain::plan::Invocation;
use crate::domain::progress::{Event, Progress};
use crate::domain::python::Minor;
use crate::domain::redact::redact;
use crate::domain::tree::{Entry, File, Place, RelPath, Root, Tree};
use copy::Copy;

/// A resolution that takes longer is stopped.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

const LANE: &str = "lock";

/// The first Poetry whose `lock` keeps what is locked.
const KEEPING_POETRY: Minor = Minor::new(2, 0);

/// A lock file that does not follow the project's requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    pub lock: Place,
    /// Why it could not be refreshed.
    pub why: String,
    /// What refreshes it.
    pub command: String,
}

/// What a refresh needs to know of its surroundings.
pub struct Refresh<'r> {
    pub project: &'r Project,
    pub variables: &'r Variables,
    /// Whether the network may be used.
    pub online: bool,
    pub progress: &'r dyn Progress,
}

/// Refresh the lock files in a tree whose requirements differ from those of the tree `before`; those that could not be.
///
/// # Errors
/// A file cannot be read, or Ctrl-C came.
pub fn refresh(tree: &mut Tree<'_>, before: &Tree<'_>, refresh: &Refresh<'_>) -> Result<Vec<Stale>> {
    let mut stale = Vec::new();
    let locks = locks(tree, refresh.project)?;
    // To compare what is required costs more than to see that nothing is locked.
    if locks.is_empty() {
        return Ok(stale);
    }
    let change = Change { before: requirements(&mut before.clone())?, after: requirements(tree)? };
    if change.before == change.after {
        return Ok(stale);
    }
    for lock in locks {
        stale.extend(follow(tree, lock, &change, refresh)?);
    }
    Ok(stale)
}

/// Let a lock file of the project follow the requirements as they are, whatever it was made for; why it cannot.
///
/// # Errors
/// As [`refresh`].
pub fn again(tree: &mut Tree<'_>, place: &Place, refresh: &Refresh<'_>) -> Result<Option<Stale>> {
    let found = locks(tree, refresh.project)?.into_iter().find(|lock| lock.place == *place);
    let Some(lock) = found else { return Ok(None) };
    let change = Change { before: Vec::new(), after: requirements(tree)? };
    follow(tree, lock, &change, refresh)
}

fn follow(tree: &mut Tree<'_>, lock: Lock, change: &Change, refresh: &Refresh<'_>) -> Result<Option<Stale>> {
    let Entry::File(file) = tree.get(&lock.place)?.clone() else { return Ok(None) };
    let text = String::from_utf8_lossy(&file.bytes).into_owned();
    let manager = Manager::of(lock.place.path.name(), &text);
    let command = command(manager, lock.place.path.name(), &text);
    let result = match manager {
        Some(manager) => Job { manager, lock: &lock, old: &text, change, refresh }.run(tree),
        None => Err(Why::Other("only the command that made it knows what belongs into it".to_owned())),
    };
    match result {
        Ok(new) if new == file.bytes => Ok(None),
        Ok(new) => {
            tree.put(lock.place, Entry::File(File { bytes: new, ..file }))?;
            Ok(None)
        }
        Err(Why::Interrupted) => Err(Interrupted.into()),
        Err(Why::Other(why)) => Ok(Some(Stale { lock: lock.place, why, command })),
    }
}

/// A lock file and the folder that it locks.
struct Lock {
    place: Place,
    folder: PathBuf,
}

/// The project's own lock files; of uv also that of the workspace around it.
fn locks(tree: &mut Tree<'_>, project: &Project) -> Result<Vec<Lock>> {
    let mut found = Vec::new();
    for name in LOCKS {
        let place = Place::project(*name)?;
        if matches!(tree.get(&place)?, Entry::File(_)) {
            found.push(Lock { place, folder: project.folder.clone() });
        }
    }
    let top = project.repository.as_ref().map(|it| it.top.as_path()).filter(|top| *top != project.folder);
    if let Some(top) = top
        && !found.iter().any(|lock| lock.place.path.as_str() == WORKSPACE_LOCK)
    {
        for folder in project.folder.ancestors().skip(1).take_while(|folder| folder.starts_with(top)) {
            let below = project::below(folder, top)?.map(|below| below + "/").unwrap_or_default();
            let place = Place { root: Root::Repository, path: RelPath::new(below + WORKSPACE_LOCK)? };
            if matches!(tree.get(&place)?, Entry::File(_)) {
                found.push(Lock { place, folder: folder.to_owned() });
                break;
            }
        }
    }
    Ok(found)
}

const WORKSPACE_LOCK: &str = "uv.lock";

fn requirements(tree: &mut Tree<'_>) -> Result<Vec<Declared>> {
    let pyproject = tree.toml(&Place::project("pyproject.toml")?)?.unwrap_or_default();
    declared::read(tree, &pyproject)
}

/// What is declared before and after.
struct Change {
    before: Vec<Declared>,
    after: Vec<Declared>,
}

impl Change {
    /// The groups and extras that something was added to.
    fn groups(&self) -> Vec<&str> {
        let added = self.after.iter().filter(|declared| !self.before.contains(declared));
        let mut groups: Vec<&str> = added
            .filter_map(|declared| match &declared.list {
                List::Array { table, key, .. } if table.len() > 1 || table[0] != "project" => Some(key.as_str()),
                _ => None,
            })
            .collect();
        groups.dedup();
        groups
    }
}

/// What a user types to refresh a lock file.
fn command(manager: Option<Manager>, file: &str, text: &str) -> String {
    let usual = if manager == Some(Manager::Pdm) { "pdm.lock" } else { file };
    match locked::relock(usual) {
        Some(command) => command.to_owned(),
        // uv writes the command into the file that it makes.
        None => match (text.lines().find_map(|line| line.strip_prefix("#    uv ")), created_by(text)) {
            (Some(arguments), _) => format!("uv {arguments}"),
            (None, Some("uv")) => format!("uv export --format pylock.toml --output-file {file}"),
            _ => format!("pip lock --group dev --output {file}"),
        },
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

/// One lock file being refreshed.
struct Job<'j> {
    manager: Manager,
    lock: &'j Lock,
    old: &'j str,
    change: &'j Change,
    refresh: &'j Refresh<'j>,
}

impl Job<'_> {
    /// The lock file that the manager writes for the tree's manifest.
    fn run(&self, tree: &mut Tree<'_>) -> Result<Vec<u8>, Why> {
        let (manager, progress) = (self.manager, self.refresh.progress);
        let program = manager
            .find(self.refresh.variables)
            .ok_or_else(|| Why::Other(format!("{} is not installed", manager.name())))?;
        if !self.refresh.online && manager != Manager::Uv {
            return Err(Why::Other(format!("{} cannot lock without the network", manager.name())));
        }
        let copy = Copy::make(tree, self.refresh.project, &self.lock.folder, manager)?;
        let what = self.lock.place.to_string();
        progress.event(Event::Started { lane: LANE, what: what.clone() });
        let result = match manager {
            Manager::Pipenv => pipenv::lock(self, &copy, &program),
            _ => self.attempt(&copy, &program),
        };
        progress.event(match &result {
            Ok(_) => Event::Finished { lane: LANE, what },
            Err(_) => Event::Failed { lane: LANE, what },
        });
        result
    }

    fn attempt(&self, copy: &Copy, program: &Path) -> Result<Vec<u8>, Why> {
        let mut invocation = self.invocation(copy, program).arg("lock");
        match self.manager {
            Manager::Uv if !self.refresh.online => invocation = invocation.arg("--offline"),
            Manager::Poetry => {
                let version = self.manager.version(program, self.refresh.variables);
                if version.is_none_or(|version| version < KEEPING_POETRY) {
                    invocation = invocation.arg("--no-update");
                }
            }
            Manager::Pdm => {
                invocation = invocation.arg("--update-reuse");
                for group in locked_groups(self.old).iter().map(String::as_str).chain(self.change.groups()) {
                    invocation = invocation.arg("--group").arg(group);
                }
                if self.lock.place.path.name() == "pylock.toml" {
                    invocation = invocation.set("PDM_LOCK_FORMAT", "pylock");
                }
            }
            _ => {}
        }
        self.follow(&invocation)?;
        Ok(fs::read(copy.folder().join(self.lock.place.path.name()))?)
    }

    /// The manager in the copy, with the project's environment to judge by, where there is one.
    fn invocation(&self, copy: &Copy, program: &Path) -> Invocation {
        let venv = self.refresh.project.environment.path.as_path();
        let venv = Some(venv).filter(|venv| python_of(venv).is_some());
        let mut invocation = self.manager.command(program, self.refresh.variables, venv).cwd(copy.folder());
        // The copy has no history that a version could be read from; a lock file has no version of its project.
        for name in ["SETUPTOOLS_SCM_PRETEND_VERSION", "PDM_BUILD_SCM_VERSION", "POETRY_DYNAMIC_VERSIONING_BYPASS"] {
            if self.refresh.variables.get(name).is_none() {
                invocation = invocation.set(name, "0");
            }
        }
        invocation.timeout(PATIENCE)
    }

    fn follow(&self, invocation: &Invocation) -> Result<(), Why> {
        let mut said: Vec<String> = Vec::new();
        let done = process::run(invocation, &mut |_, line| {
            let line = redact(line);
            if !line.trim().is_empty() {
                said.push(line.trim().to_owned());
            }
        });
        for line in &said {
            self.refresh.progress.event(Event::Output { lane: LANE, line: line.clone() });
        }
        match done {
            Ok(done) if done.success() => Ok(()),
            Ok(_) => Err(Why::Other(said.pop().unwrap_or_else(|| format!("{} failed", self.manager.name())))),
            Err(Failure::Interrupted) => Err(Why::Interrupted),
            Err(failure) => Err(Why::Other(failure.to_string())),
        }
    }
}

/// The groups that a lock file of PDM has: others are left out of it on purpose.
fn locked_groups(text: &str) -> Vec<String> {
    let Ok(lock) = text.parse::<toml::Table>() else { return Vec::new() };
    let groups = declared::at(&lock, &["metadata", "groups"]).or_else(|| lock.get("dependency-groups"));
    let groups = groups.and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str);
    groups.filter(|group| *group != "default").map(str::to_owned).collect()
}
