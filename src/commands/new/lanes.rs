//! What `new` does: the files as a whole, then git and the environment beside each other, then the hooks.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Args;
use super::draft::{Draft, Resolved};
use super::summary;
use super::target::Target;
use crate::commands::environment::{self, Environment, Installs};
use crate::commands::verify;
use crate::domain::catalog::Family;
use crate::domain::facts::Interpreter;
use crate::domain::needs::Needs;
use crate::domain::plan::{Change, Plan};
use crate::domain::progress::{Event, Progress};
use crate::domain::provenance;
use crate::domain::reconcile::{Owned, reconcile};
use crate::domain::tree::{Entry, File, Place, Root};
use crate::error::Problem;
use crate::system::apply::{Transaction, transact};
use crate::system::birth::{Abandoned, Birth, Standing};
use crate::system::environment::Surplus;
use crate::system::git::{self, Commit, Committed, Git, IDENTITY_COMMANDS, Initialised, Repository, Terminal};
use crate::system::interrupt::{self, Interrupted};
use crate::system::project;
use crate::system::surroundings;
use crate::ui::Ui;
use crate::ui::progress::Lanes;

/// Everything that was decided.
#[derive(Clone, Copy)]
pub struct Wish<'w> {
    pub args: &'w Args,
    pub draft: &'w Draft,
    pub resolved: &'w Resolved,
    pub interpreter: Option<&'w Interpreter>,
    pub target: &'w Target,
    /// The repository around the project that it becomes a part of.
    pub outer: Option<&'w Repository>,
    pub git: Option<&'w Git>,
    pub plan: &'w Plan,
    /// What of the plan is ours in that repository.
    pub around: &'w Owned,
}

/// How long each part took, for the summary.
#[derive(Debug, Default)]
pub struct Times {
    pub files: Duration,
    pub git: Option<Duration>,
    pub environment: Option<Duration>,
}

impl Wish<'_> {
    fn wants_commit(&self) -> bool {
        self.git.is_some() && self.outer.is_none() && !self.args.no_commit
    }

    fn wants_hooks(&self) -> bool {
        self.git.is_some() && !self.args.no_hooks && self.resolved.tools.iter().any(|tool| tool.family == Family::Hooks)
    }

    fn installs(&self) -> bool {
        self.args.wants_environment() && !self.args.no_install
    }

    /// What follows the files, as commands that do the same by hand, for a preview.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        let mut steps = Vec::new();
        if self.git.is_some() && self.outer.is_none() {
            if !self.target.is_repository() {
                steps.push("git init".to_owned());
            }
            if self.wants_commit() {
                steps.push(format!("git commit -m {:?}", self.message()));
            }
        }
        if let Some(interpreter) = self.interpreter {
            steps.push(format!("{} -m venv .venv", interpreter.executable.display()));
            if self.installs() {
                let package = if environment::is_installable(self.plan) { " --editable ." } else { "" };
                steps.push(format!(".venv/bin/pip install --group {}{package}", self.resolved.spec.values.group));
            }
        }
        if self.wants_hooks() && self.installs() {
            steps.push(".venv/bin/pre-commit install".to_owned());
        }
        steps
    }

    fn message(&self) -> String {
        format!("Start {} from pyenvkit's {} template", self.resolved.spec.values.name, self.resolved.template.name)
    }

    /// What makes a rerun the same wish: everything that decides the files.
    fn hash(&self) -> String {
        let mut all = format!("{:?}{}", self.resolved.spec, self.target.folder.display()).into_bytes();
        // What the repository around it lacks is another thing after a run that died.
        let counts = |change: &&Change| {
            self.target.standing != Standing::Free && (self.outer.is_none() || change.place().root != Root::Repository)
        };
        for change in self.plan.changes.iter().filter(counts) {
            let place = change.place();
            let (kind, files): (_, &[&File]) = match change {
                Change::Create { file, .. } => ("create", &[file]),
                Change::Edit { before, after, .. } => ("edit", &[before, after]),
                Change::Delete { before, .. } => ("delete", &[before]),
            };
            all.extend(format!("\0{kind}{:?}{place}", place.root).bytes());
            for file in files {
                all.extend(format!("\0{}{}\0", file.executable, file.bytes.len()).bytes());
                all.extend(&file.bytes);
            }
        }
        provenance::hash(&all)
    }
}

/// Make the project.
///
/// # Errors
/// Nothing could be made, or a part of it is missing; the hint names the command that completes it.
pub fn run(wish: &Wish<'_>, ui: Ui) -> Result<()> {
    let lanes = Lanes::new(ui);
    let started = surroundings::now();
    let mut birth = Birth::begin(&wish.draft.path, &wish.hash(), &lanes).map_err(refused)?;
    let written = write_files(wish, &mut birth, &lanes);
    if let Err(error) = written.and_then(|()| Ok(interrupt::check()?)) {
        abandon(wish, birth, &lanes)?;
        return Err(refused(error));
    }
    let mut times = Times { files: started.elapsed(), ..Times::default() };
    let done = both_lanes(wish, &birth, &lanes, &mut times);
    if interrupt::is_set() {
        let abandoned = abandon(wish, birth, &lanes)?;
        drop(lanes);
        if abandoned == Abandoned::Kept {
            ui.warn(format!("{} stays as it is; pyenvkit sync completes it", wish.draft.path.display()));
        }
        return Err(Interrupted.into());
    }
    let folder = birth.target().to_owned();
    birth.finish()?;
    drop(lanes);
    let done = done?;
    summary::end(ui, wish, &times, &done);
    if let Some(missing) = done.missing {
        return Err(missing);
    }
    if wish.args.verify {
        return verify::project(&folder, ui);
    }
    Ok(())
}

/// Give up, with what was written to the repository around the project.
fn abandon(wish: &Wish<'_>, birth: Birth, progress: &dyn Progress) -> Result<Abandoned> {
    let _deferred = interrupt::defer();
    let roots = project::roots(birth.target(), wish.outer);
    let abandoned = birth.abandon()?;
    if abandoned == Abandoned::Removed && !wish.around.pieces.is_empty() {
        transact(&roots, progress, |tree| reconcile(tree, wish.around, &[]).map(drop))?;
    }
    Ok(abandoned)
}

/// A failure before anything stands: the work could not begin.
fn refused(error: anyhow::Error) -> anyhow::Error {
    if error.is::<Interrupted>() || error.is::<Problem>() {
        return error;
    }
    let denied = error.chain().any(|cause| {
        let cause = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        matches!(cause, Some(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem))
    });
    let problem = Problem::usage("the project cannot be made, and nothing was written").because(error);
    if denied { problem.hint("choose a folder that you may write to").into() } else { problem.into() }
}

fn write_files(wish: &Wish<'_>, birth: &mut Birth, progress: &dyn Progress) -> Result<()> {
    let (inner, outer): (Vec<Change>, Vec<Change>) =
        wish.plan.changes.iter().cloned().partition(|change| change.place().root != Root::Repository);
    // What a repository has once goes to the top of the one around the project, which a birth does not know.
    let is_outer = |place: &Place| wish.outer.is_some() && place.root == Root::Repository;
    let (mut reads, of_inner): (BTreeMap<Place, Entry>, _) =
        wish.plan.reads.clone().into_iter().partition(|(place, _)| is_outer(place));
    birth.write(&Plan { changes: inner, reads: of_inner })?;
    if outer.is_empty() {
        return Ok(());
    }
    reads.retain(|_, entry| *entry != Entry::Folder);
    let transaction = Transaction::begin(&project::roots(birth.target(), wish.outer), progress)?;
    transaction.apply(&Plan { changes: outer, reads })
}

/// What the lanes did.
#[derive(Debug, Default)]
pub struct Done {
    pub committed: bool,
    pub ready: bool,
    pub hooks: bool,
    /// A part that is missing, with the command that completes it.
    pub missing: Option<anyhow::Error>,
}

fn both_lanes(wish: &Wish<'_>, birth: &Birth, lanes: &Lanes, times: &mut Times) -> Result<Done> {
    let folder = birth.target();
    let mut done = Done::default();
    let (repository, environment) = thread::scope(|scope| {
        let beside = wish.interpreter.map(|interpreter| {
            scope.spawn(move || {
                let started = surroundings::now();
                (make_environment(wish, folder, interpreter, lanes), started.elapsed())
            })
        });
        let started = surroundings::now();
        let repository = git_lane(wish, birth, lanes, &mut done);
        times.git = wish.git.filter(|_| wish.outer.is_none()).map(|_| started.elapsed());
        (repository, beside.map(thread::ScopedJoinHandle::join).transpose())
    });
    let environment = environment.map_err(|_| anyhow::anyhow!("the environment's lane ended in a fault"))?;
    times.environment = environment.as_ref().map(|(_, elapsed)| *elapsed);
    let repository = repository?;
    match environment {
        None => {}
        Some((Err(missing), _)) => done.missing = Some(missing),
        Some((Ok(()), _)) => {
            done.ready = wish.installs();
            if done.ready
                && wish.wants_hooks()
                && let (Some(git), Some(repository)) = (wish.git, &repository)
            {
                done.hooks = environment::install_hooks(git, repository, (folder, &folder.join(".venv")), lanes)?;
            }
        }
    }
    Ok(done)
}

fn make_environment(wish: &Wish<'_>, folder: &Path, interpreter: &Interpreter, lanes: &Lanes) -> Result<()> {
    let environment = Environment {
        project: folder,
        venv: &folder.join(".venv"),
        name: &wish.resolved.spec.values.name,
        interpreter,
        backend: wish.resolved.backend,
        groups: std::slice::from_ref(&wish.resolved.spec.values.group),
        needs: &Needs::default(),
        top: None,
        installs: if wish.installs() { Installs::All } else { Installs::Nothing },
        network: environment::network(&wish.args.change),
        surplus: Surplus::Keep,
    };
    environment::make(&environment, lanes).map(drop)
}

/// `git init` and the first commit; before any hook exists, so that it needs none of the tools.
fn git_lane(wish: &Wish<'_>, birth: &Birth, lanes: &Lanes, done: &mut Done) -> Result<Option<Repository>> {
    let Some(git) = wish.git else {
        if !wish.args.no_git {
            lanes.event(Event::Warning { what: "git is not installed; the project has no repository".into() });
        }
        return Ok(None);
    };
    if let Some(outer) = wish.outer {
        return Ok(Some(outer.clone()));
    }
    lanes.event(Event::Started { lane: "git", what: "git init".into() });
    if birth.is_resumed() {
        git::remove_dead_locks(birth.target())?;
    }
    let repository = match git.init(birth.target()) {
        Ok(Initialised::Fresh(repository) | Initialised::Existing(repository)) => repository,
        Err(error) => {
            // The files are there and good: without a repository they still are.
            lanes.event(Event::Failed { lane: "git", what: format!("no git repository: {error:#}") });
            done.missing =
                Some(without("the project has no git repository", "git init && git add --all && git commit"));
            return Ok(None);
        }
    };
    if !wish.wants_commit() {
        lanes.event(Event::Finished { lane: "git", what: "git repository".into() });
        return Ok(Some(repository));
    }
    let files: Vec<PathBuf> = birth.files().into_iter().map(PathBuf::from).collect();
    let terminal = if lanes.ui.interactive { Terminal::Attached } else { Terminal::Detached };
    let message = wish.message();
    let commit = Commit { repository: &repository, folder: birth.target(), files: &files, message: &message, terminal };
    let committed = git.commit_all(&commit).context("the first commit")?;
    done.committed = matches!(committed, Committed::Done | Committed::Nothing);
    if matches!(committed, Committed::Failed { .. }) {
        done.missing = Some(without("the project is not committed", "git add --all && git commit"));
    }
    lanes.event(match said(&committed) {
        None => Event::Finished { lane: "git", what: "git repository with a first commit".into() },
        Some(what) => Event::Failed { lane: "git", what },
    });
    Ok(Some(repository))
}

/// A part that git could not make, and the command that makes it.
fn without(what: &str, command: &str) -> anyhow::Error {
    Problem::failed(what).hint(format!("in it, {command} completes the project")).into()
}

/// Why there is no first commit, and what to type.
fn said(committed: &Committed) -> Option<String> {
    match committed {
        Committed::Done | Committed::Nothing => None,
        Committed::NoIdentity => Some(format!(
            "not committed: git does not know who you are; the files are staged. Then: {} && {} && git commit",
            IDENTITY_COMMANDS[0], IDENTITY_COMMANDS[1]
        )),
        Committed::SigningFailed { words } => {
            Some(format!("not committed: commits are to be signed, and signing failed; the files are staged. {words}"))
        }
        Committed::HookRejected { words } => {
            Some(format!("not committed: a hook of yours did not agree; the files are staged. {words}"))
        }
        Committed::Failed { words } => Some(format!("not committed: {words}")),
    }
}
