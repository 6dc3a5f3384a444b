//! A new project: at the target there is nothing, or all its files; what a dead run left is cleared or resumed.
//!
//! A target that does not exist is made in a folder beside it, `.<name>.pyenvkit/{lock,state,tree}`, and gets its name
//! by one rename that replaces nothing. A folder that exists is filled through the journal, and keeps `lock` and `state`
//! in its own `.pyenvkit/local`. In both cases the removal of these is the commit.

mod abandon;
mod place;
mod settle;
mod state;
#[cfg(test)]
pub(in crate::system) mod tests;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fs_err as fs;

pub use self::abandon::Abandoned;
pub use self::place::{Standing, resolve, standing};
pub use self::settle::settle;
use self::state::State;
use super::apply::apply;
use super::disk::{self, Disk, Roots};
use super::files::{self, Identity};
use super::lock::Lock;
use super::shelf::Shelf;
use super::{fault, interrupt, recover};
use crate::domain::plan::{Change, Plan};
use crate::domain::progress::Progress;
use crate::domain::tree::Root;

/// A project that is being made. The lock is held until [`finish`](Birth::finish) or [`abandon`](Birth::abandon);
/// when it is dropped without either, as by a crash, the next run finds out what to do.
#[derive(Debug)]
pub struct Birth {
    target: PathBuf,
    /// Where lock and state are.
    home: PathBuf,
    way: Way,
    state: State,
    stage: Stage,
    /// Held, never looked at.
    lock: Lock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The target did not exist.
    Made,
    /// The target is a folder that was there.
    Filled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begun,
    Written,
    /// Written by an earlier run that died.
    Resumed,
}

impl Birth {
    /// Begin to make a project at `target`, which may be relative, end in `/`, or contain `.`, `..` and links.
    /// `spec` is a hash of what is asked for: the same request resumes what a dead run had written.
    ///
    /// # Errors
    /// The target is a file, a dangling link or a folder with something in it; another run is at work on it; a dead
    /// run's project was changed or was another one; or the folder above cannot be written.
    pub fn begin(target: &Path, spec: &str, progress: &dyn Progress) -> Result<Self> {
        let target = place::resolve(target)?;
        let Some(sibling) = place::sibling(&target) else { return Self::fill(target, spec, progress) };
        let dead = files::look(&sibling)?;
        if dead.as_ref().is_some_and(|found| !found.is_dir()) {
            bail!("{} is in the way", sibling.display());
        }
        if dead.is_none() && files::look(&target)?.is_some() {
            return Self::fill(target, spec, progress);
        }
        let parents = place::make_parents(&target)?;
        let begun = Self::make(&target, sibling.clone(), spec, parents);
        if begun.is_err() && dead.is_none() {
            settle::discard(&sibling);
            place::remove_parents(&target, parents);
        }
        match begun? {
            Some(birth) => Ok(birth),
            None => Self::fill(target, spec, progress),
        }
    }

    /// `None` if a dead run left nothing but its folder, and something else stands at the target.
    fn make(target: &Path, sibling: PathBuf, spec: &str, parents: usize) -> Result<Option<Self>> {
        fault::step()?;
        make_folder(&sibling)?;
        fault::step()?;
        let lock = take(&sibling, target)?;
        let dead = State::read(&sibling.join("state"))?;
        let found = files::look(target)?.as_ref().map(Identity::of);
        let mut state = State::new(spec);
        state.parents = parents.max(dead.as_ref().map_or(0, |dead| dead.parents));
        let way = Way::Made;
        if let Some(dead) = dead.filter(|dead| dead.folder.is_some() && dead.folder == found) {
            resumable(&dead, spec, target)?;
            let target = target.to_owned();
            return Ok(Some(Self { target, home: sibling, way, state: dead, stage: Stage::Resumed, lock }));
        }
        let birth = Self { target: target.to_owned(), home: sibling, way, state, stage: Stage::Begun, lock };
        birth.clear_tree()?;
        if found.is_some() {
            birth.finish()?;
            return Ok(None);
        }
        let path = birth.home.join("state");
        if birth.state.parents > 0 {
            birth.state.write(&path)?;
        } else {
            files::remove(&path)?;
        }
        Ok(Some(birth))
    }

    fn fill(target: PathBuf, spec: &str, progress: &dyn Progress) -> Result<Self> {
        if !fs::metadata(&target)?.is_dir() {
            bail!("{} is a file, not a folder", target.display());
        }
        let home = disk::local_state(&target);
        let dead = files::look(&home)?.is_some();
        if !dead {
            refuse_hindrances(&target)?;
            fault::step()?;
            disk::make_local(&home)?;
        }
        let lock = take(&home, &target)?;
        let shelf = Shelf::new(&home);
        recover::recover_locked(&shelf, &target, progress)?;
        let committed = !shelf.committed()?.is_empty();
        let identity = Identity::of(&fs::metadata(&target)?);
        let (way, path) = (Way::Filled, home.join("state"));
        let dead = State::read(&path)?.filter(|dead| dead.folder == Some(identity));
        if let Some(dead) = dead.filter(|dead| committed || dead.is_intact(&target)) {
            resumable(&dead, spec, &target)?;
            return Ok(Self { target, home, way, state: dead, stage: Stage::Resumed, lock });
        }
        refuse_hindrances(&target)?;
        files::remove(&path)?;
        let mut state = State::new(spec);
        state.folder = Some(identity);
        for name in place::names(&target)?.iter().filter(|name| *name != ".pyenvkit") {
            state.stood.push(name.to_str().context("a name in the folder is not Unicode")?.to_owned());
        }
        Ok(Self { target, home, way, state, stage: Stage::Begun, lock })
    }

    /// The project's folder: absolute, without links.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Whether a dead run had written the files already.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.stage == Stage::Resumed
    }

    /// The files that were written, relative to the target, with `/` between the parts.
    #[must_use]
    pub fn files(&self) -> Vec<&str> {
        self.state.files.keys().map(String::as_str).collect()
    }

    /// The roots of the new project, which is its own repository.
    #[must_use]
    pub fn roots(&self) -> Roots {
        let git = self.target.join(".git");
        Roots {
            project: self.target.clone(),
            repository: self.target.clone(),
            git_dir: git.is_dir().then_some(git),
            environment: self.target.join(".venv"),
        }
    }

    /// Put all files of the plan at the target, or none; nothing happens where a dead run had done so. A place of the
    /// repository is taken as one of the project: what belongs to a repository around it is for
    /// [`transact`](super::apply::transact).
    ///
    /// # Errors
    /// A file cannot be written, something came to stand at the target, or a signal came.
    pub fn write(&mut self, plan: &Plan) -> Result<()> {
        if self.stage != Stage::Begun {
            return Ok(());
        }
        self.state.record(plan);
        match self.way {
            Way::Made => {
                let written = self.write_tree(plan);
                if written.is_err() {
                    files::remove_all(&self.home.join("tree"))?;
                }
                written?;
            }
            Way::Filled => {
                fault::step()?;
                self.state.write(&self.home.join("state"))?;
                apply(&Disk::new(&self.roots())?, &Shelf::new(&self.home), plan)?;
            }
        }
        self.stage = Stage::Written;
        Ok(())
    }

    /// Nothing is synced here: the promise is that our own death leaves all or nothing, and for that the order in which
    /// the system does things is enough. A machine that dies within seconds of `new` may lose the new project.
    fn write_tree(&mut self, plan: &Plan) -> Result<()> {
        let tree = self.home.join("tree");
        fs::create_dir(&tree)?;
        let mut made = HashSet::from([tree.clone()]);
        for change in &plan.changes {
            let Change::Create { place, file } = change else {
                bail!("{} cannot be changed: the project does not exist yet", change.place());
            };
            if !matches!(place.root, Root::Project | Root::Repository) || disk::names_git(place.path.as_str()) {
                bail!("{place} is not a file of the project");
            }
            let path = tree.join(place.path.as_str());
            if let Some(folder) = path.parent().filter(|folder| !made.contains(*folder)) {
                fs::create_dir_all(folder)?;
                made.insert(folder.to_owned());
            }
            fault::step()?;
            files::create(&path, file)?;
        }
        self.state.folder = Some(Identity::of(&fs::metadata(&tree)?));
        fault::step()?;
        self.state.write(&self.home.join("state"))?;
        interrupt::check()?;
        fault::step()?;
        Ok(files::rename_new(&tree, &self.target)?)
    }

    /// The project is made, whether or not its environment is: what would let the next run resume it goes.
    ///
    /// # Errors
    /// Something cannot be removed.
    pub fn finish(self) -> Result<()> {
        fault::step()?;
        files::remove_all(&self.home.join("undo"))?;
        fault::step()?;
        // This is the commit: without a state nothing can be resumed.
        files::remove(&self.home.join("state"))?;
        fault::step()?;
        for name in [".gitignore", "lock"] {
            files::remove(&self.home.join(name))?;
        }
        let removed = fs::remove_dir(&self.home);
        drop(self.lock);
        // On Windows a name goes when its last handle is closed; elsewhere what is left is not ours.
        if removed.is_err() {
            let _ = fs::remove_dir(&self.home);
        }
        if let (Way::Filled, Some(above)) = (self.way, self.home.parent()) {
            // Not empty where the project keeps its provenance in it.
            let _ = fs::remove_dir(above);
        }
        Ok(())
    }

    fn clear_tree(&self) -> Result<()> {
        for name in ["tree", "gone"] {
            files::remove_all(&self.home.join(name))?;
        }
        Ok(())
    }
}

fn resumable(dead: &State, spec: &str, target: &Path) -> Result<()> {
    if dead.spec != spec {
        bail!(
            "{} was begun by an earlier run with other settings; `pyenvkit sync` in it completes it",
            target.display()
        );
    }
    if !dead.is_intact(target) {
        bail!(
            "{} was begun by an earlier run and has changed since; `pyenvkit sync` in it completes it",
            target.display()
        );
    }
    Ok(())
}

fn refuse_hindrances(target: &Path) -> Result<()> {
    let names = place::hindrances(target)?;
    let Some(first) = names.first() else { return Ok(()) };
    let more = if names.len() > 1 { format!(" and {} more", names.len() - 1) } else { String::new() };
    bail!("{} is not empty: {}{more}", target.display(), first.display())
}

fn take(home: &Path, target: &Path) -> Result<Lock> {
    let taken = Lock::try_acquire(&home.join("lock"));
    match taken {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => bail!("another `pyenvkit new` is making {}", target.display()),
        // The other one was done and removed its folder between two of our steps.
        Err(_) if !home.is_dir() => bail!("another `pyenvkit new` has just made {}", target.display()),
        Err(error) => Err(error),
    }
}

/// The project's folder is made in one that is there or made now; the parallel run of a neighbour may make it too.
fn make_folder(folder: &Path) -> Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => Ok(fs::write(folder.join(".gitignore"), "*\n")?),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}
