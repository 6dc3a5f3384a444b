//! The lock files of other managers: refreshed by the manager itself, in a copy of what it reads, so that manifest and lock
//! change together or not at all.
//!
//! Nothing that is locked is upgraded. `uv lock`, `poetry lock` (since 2.0; before, with `--no-update`) and
//! `pdm lock --update-reuse` keep what still fits; what Pipenv does is checked. What cannot be refreshed is named with the
//! command that does it. What is compiled is compiled again by the command that it names.

mod compiled;
mod copy;
mod managed;
mod pip;
mod pipenv;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use super::environment::Variables;
use super::environment::manager::{Manager, created_by};
use super::interrupt::Interrupted;
use super::process::{self, Failure};
use super::project::{self, Project};
use crate::domain::declared::compiled::{Call, Compiled};
use crate::domain::declared::{self, Declared, List};
use crate::domain::ground::LOCKS;
use crate::domain::locked;
use crate::domain::plan::Invocation;
use crate::domain::progress::{Event, Progress};
use crate::domain::redact::redact;
use crate::domain::tree::{Entry, File, Place, RelPath, Root, Tree};

/// A resolution that takes longer is stopped.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

const LANE: &str = "lock";

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
    let change = Change { before: requirements(&mut before.clone())?, after: requirements(tree)?, tree: Some(before) };
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
    let change = Change { before: Vec::new(), after: requirements(tree)?, tree: None };
    follow(tree, lock, &change, refresh)
}

fn follow(tree: &mut Tree<'_>, lock: Lock, change: &Change<'_>, refresh: &Refresh<'_>) -> Result<Option<Stale>> {
    let Entry::File(file) = tree.get(&lock.place)?.clone() else { return Ok(None) };
    let text = String::from_utf8_lossy(&file.bytes).into_owned();
    let maker = Maker::of(&lock, &text);
    let (command, result) = match &maker {
        Maker::Manager(manager) => {
            let job = managed::Job { manager: *manager, lock: &lock, old: &text, change, refresh };
            (command(*manager), job.run(tree))
        }
        Maker::Command(command, call) => {
            let job = compiled::Job { call: call.as_ref(), lock: &lock, old: &text, refresh };
            (command.clone(), if job.is_concerned(tree, change)? { job.run(tree) } else { return Ok(None) })
        }
        Maker::Pip => {
            let job = pip::Job::new(&lock, &text, change, refresh);
            (job.command(), if job.is_concerned() { job.run(tree) } else { return Ok(None) })
        }
        Maker::Other(name) => {
            let command = match name.as_str() {
                "uv" => format!("uv export --format pylock.toml --output-file {}", lock.place.path.name()),
                name => format!("lock again with {name}"),
            };
            (command, Err(Why::Other("only the command that made it knows what belongs into it".to_owned())))
        }
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

/// Who makes a lock file.
enum Maker {
    Manager(Manager),
    /// The command that the file names, and as far as it is known how to call it.
    Command(String, Option<Call>),
    /// `pip lock`, which does not say what it was called with.
    Pip,
    /// Another program, or one whose command nothing tells.
    Other(String),
}

impl Maker {
    fn of(lock: &Lock, text: &str) -> Self {
        let name = lock.place.path.name();
        if let Some(Compiled { command, call, .. }) = &lock.compiled {
            return Self::Command(command.clone(), call.clone());
        }
        match (Manager::of(name, text), declared::compiled::command(text)) {
            (Some(manager), _) => Self::Manager(manager),
            (None, Some(command)) => Self::Command(command, declared::compiled::call(text, name)),
            (None, None) => match created_by(text) {
                None | Some("pip") => Self::Pip,
                Some(other) => Self::Other(other.to_owned()),
            },
        }
    }
}

/// A lock file and the folder that it locks.
struct Lock {
    place: Place,
    folder: PathBuf,
    /// Of a requirements file.
    compiled: Option<Compiled>,
}

/// The project's own lock files; of uv also that of the workspace around it.
fn locks(tree: &mut Tree<'_>, project: &Project) -> Result<Vec<Lock>> {
    let mut found = Vec::new();
    let named =
        tree.list(Root::Project, "")?.into_iter().map(|listed| listed.name).filter(|name| is_named_pylock(name));
    for name in LOCKS.iter().map(|name| (*name).to_owned()).chain(named) {
        let place = Place::project(name)?;
        if matches!(tree.get(&place)?, Entry::File(_)) {
            found.push(Lock { place, folder: project.folder.clone(), compiled: None });
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
                found.push(Lock { place, folder: folder.to_owned(), compiled: None });
                break;
            }
        }
    }
    // What only developers need is compiled under the constraint of what all need, and named before it.
    for (place, compiled) in declared::compiled_files(tree)?.into_iter().rev() {
        found.push(Lock { place, folder: project.folder.clone(), compiled: Some(compiled) });
    }
    Ok(found)
}

const WORKSPACE_LOCK: &str = "uv.lock";

/// `pylock.dev.toml` (PEP 751, "File Name").
fn is_named_pylock(name: &str) -> bool {
    name.strip_prefix("pylock.").and_then(|rest| rest.strip_suffix(".toml")).is_some_and(|it| !it.contains('.'))
}

fn requirements(tree: &mut Tree<'_>) -> Result<Vec<Declared>> {
    let pyproject = tree.toml(&Place::project("pyproject.toml")?)?.unwrap_or_default();
    declared::read(tree, &pyproject)
}

/// What is declared before and after.
struct Change<'c> {
    before: Vec<Declared>,
    after: Vec<Declared>,
    /// The tree before; none where a lock file is to follow whatever changed.
    tree: Option<&'c Tree<'c>>,
}

impl Change<'_> {
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

    /// The lists that something was added to, or taken from.
    fn lists(&self) -> Vec<&List> {
        let added = self.after.iter().filter(|declared| !self.before.contains(declared));
        let gone = self.before.iter().filter(|declared| !self.after.contains(declared));
        added.chain(gone).map(|declared| &declared.list).collect()
    }
}

/// What a user types so that a manager refreshes its lock file.
fn command(manager: Manager) -> String {
    locked::relock(manager.lock()).unwrap_or_default().to_owned()
}

/// Refuse a lock file in which something that was locked has another version.
fn keep_versions(file: &str, (old, new): (&str, &str)) -> Result<(), Why> {
    let (old, new) = (locked::versions(file, old), locked::versions(file, new));
    let changed = old.iter().find(|(name, versions)| new.get(*name).is_some_and(|now| now != *versions));
    changed.map_or(Ok(()), |(name, _)| Err(Why::Other(format!("it would change the version of {name} too"))))
}

/// Run a program to its end; what it says is told.
fn obey(refresh: &Refresh<'_>, name: &str, invocation: &Invocation) -> Result<(), Why> {
    let mut said: Vec<String> = Vec::new();
    let done = process::run(invocation, &mut |_, line| {
        let line = redact(line);
        if !line.trim().is_empty() {
            said.push(line.trim().to_owned());
        }
    });
    for line in &said {
        refresh.progress.event(Event::Output { lane: LANE, line: line.clone() });
    }
    match done {
        Ok(done) if done.success() => Ok(()),
        Ok(_) => Err(Why::Other(said.pop().unwrap_or_else(|| format!("{name} failed")))),
        Err(Failure::Interrupted) => Err(Why::Interrupted),
        Err(failure) => Err(Why::Other(failure.to_string())),
    }
}

/// Tell that a lock file is being refreshed, and what came of it.
fn told<T>(refresh: &Refresh<'_>, lock: &Lock, work: impl FnOnce() -> Result<T, Why>) -> Result<T, Why> {
    let what = lock.place.to_string();
    refresh.progress.event(Event::Started { lane: LANE, what: what.clone() });
    let result = work();
    refresh.progress.event(match &result {
        Ok(_) => Event::Finished { lane: LANE, what },
        Err(_) => Event::Failed { lane: LANE, what },
    });
    result
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
