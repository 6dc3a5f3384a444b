//! From what is wanted to an environment that has it, by the shortest way: files first, a child only where one is needed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::backend::{Backend, Network, Wanted};
use super::config::PipSettings;
use super::editable::repair_launchers;
use super::failure::{Kind, SyncError};
use super::foreign::Foreign;
use super::installed;
use super::lines::LANE;
use super::project::{Own, Wishes};
use super::run::interrupted;
use super::venv::{self, LockError, Maker, Phase, Stamp, State};
use super::{Origin, OwnInstall, Package, Surplus, SyncReport, SyncRequest};
use crate::domain::facts::Interpreter;
use crate::domain::groups::normalise;
use crate::domain::installed::{Distribution, Installed, Reach, reach};
use crate::domain::progress::{Event, Progress};
use crate::domain::python::Minor;
use crate::domain::redact::redact;

/// Make or reuse the project's environment and install what is wanted. Nothing runs if nothing is missing.
///
/// # Errors
/// The environment is not complete; what there is of it stays, and the same request again completes it.
pub fn sync(request: &SyncRequest<'_>, progress: &dyn Progress) -> Result<SyncReport, SyncError> {
    let result = Job::new(request, progress).and_then(Job::run);
    if let Err(error) = &result {
        progress.event(Event::Failed { lane: LANE, what: error.message.clone() });
    }
    result
}

pub(super) struct Job<'a> {
    pub(super) request: &'a SyncRequest<'a>,
    pub(super) progress: &'a dyn Progress,
    pub(super) wishes: Wishes,
    pub(super) at: PathBuf,
    pub(super) pip: PipSettings,
    pub(super) backend: Option<Backend>,
    pub(super) foreign: Option<Foreign>,
    /// What has installed something.
    pub(super) ran: Option<&'static str>,
}

/// The environment while it is worked on.
pub(super) struct Environment {
    pub(super) site: PathBuf,
    /// What runs in it, which need not be what was asked for.
    pub(super) interpreter: Interpreter,
    pub(super) origin: Origin,
    pub(super) stamp: Stamp,
    _lock: File,
}

impl<'a> Job<'a> {
    fn new(request: &'a SyncRequest<'a>, progress: &'a dyn Progress) -> Result<Self, SyncError> {
        let mut wishes = Wishes::read(request)?;
        let foreign = Foreign::of(request, &wishes.folder);
        wishes.note_inputs(foreign.as_ref().map(|foreign| foreign.lock.as_path()));
        let at = match request.venv {
            None => wishes.folder.join(".venv"),
            Some(path) => std::path::absolute(path).map_err(|error| file_error(path, &error))?,
        };
        if cfg!(unix) && at.as_os_str().as_encoded_bytes().contains(&b':') {
            let message = format!("{} has a \":\" in it, which PATH cannot hold", at.display());
            return Err(SyncError::new(Kind::NoEnvironment, message).hint("choose another folder"));
        }
        if cfg!(unix) && at.to_str().is_none() {
            let message = format!("{} is not UTF-8, and Python's venv cannot write such a path down", at.display());
            return Err(SyncError::new(Kind::NoEnvironment, message).hint("choose another folder"));
        }
        Ok(Self { request, progress, wishes, at, pip: PipSettings::default(), backend: None, foreign, ran: None })
    }

    fn run(mut self) -> Result<SyncReport, SyncError> {
        let mut environment = self.environment()?;
        let before = installed::read(&environment.site);
        let markers = installed::markers(&environment.interpreter)
            .ok_or_else(|| SyncError::new(Kind::NoEnvironment, "the interpreter's version is not a version"))?;
        let check = |job: &Self, found: &Installed| reach(&job.roots(), found, &markers);
        self.by_manager(&mut environment, |job, found| check(job, found).is_complete())?;
        let mut own = self.write_own(&mut environment, &before)?;
        let mut found = installed::read(&environment.site);
        let mut reach = check(&self, &found);
        let build = self.must_build(&environment, &found);
        let is_current = environment.stamp.inputs == self.wishes.inputs;
        let anew = !is_current && !self.wishes.listed.files.is_empty();
        if build || anew || !reach.is_complete() {
            self.install(&mut environment, &reach)?;
            found = installed::read(&environment.site);
            reach = check(&self, &found);
            self.verify(&reach)?;
            if build {
                own = OwnInstall::Built;
            }
        }
        if !self.request.links.is_empty() {
            self.attempt(&environment, &Wanted { links: self.request.links.to_vec(), ..Wanted::default() })?;
            self.ran = self.backend.as_ref().map(Backend::name);
        }
        if self.request.surplus == Surplus::Remove {
            let surplus: Vec<String> = found.keys().filter(|name| !reach.reached.contains(*name)).cloned().collect();
            self.uninstall(&mut environment, &surplus)?;
            found = installed::read(&environment.site);
        }
        if environment.stamp.phase != Phase::Ready || !is_current {
            environment.stamp.inputs.clone_from(&self.wishes.inputs);
            self.stamp(&mut environment, Phase::Ready)?;
        }
        self.progress.event(Event::Finished { lane: LANE, what: format!("{} packages", found.len()) });
        let (added, removed) = difference(&before, &found);
        Ok(SyncReport { venv: self.at, origin: environment.origin, backend: self.ran, own, installed: added, removed })
    }

    /// What must be installed, with pip, which belongs into every environment.
    fn roots(&self) -> Vec<String> {
        let mut roots = self.wishes.requirements.clone();
        match self.wishes.own {
            Own::None => roots.extend(self.wishes.dependencies.iter().cloned()),
            _ => roots.push(self.wishes.as_requirement()),
        }
        roots.extend(self.wishes.listed.requirements.iter().cloned());
        roots.push("pip".to_owned());
        roots
    }

    fn environment(&mut self) -> Result<Environment, SyncError> {
        self.refuse_foreign(&State::of(&self.at))?;
        let progress = self.progress;
        let mut waiting = || {
            let what = "waiting for another pyenvkit that works on this environment".to_owned();
            progress.event(Event::Started { lane: LANE, what });
        };
        let lock = venv::lock(&self.at, &mut waiting).map_err(|error| match error {
            LockError::Io(error) => file_error(&self.at, &error),
            LockError::Interrupted => interrupted(),
            LockError::Busy => SyncError::new(Kind::TimedOut, "another pyenvkit keeps the environment locked"),
        })?;
        let state = State::of(&self.at);
        self.refuse_foreign(&state)?;
        let (origin, version) = match state {
            State::Alive { version } => (Origin::Kept, version),
            State::Broken(reason) => {
                venv::clear(&self.at).map_err(|error| file_error(&self.at, &error))?;
                (Origin::MadeAgain(reason), None)
            }
            State::Absent | State::Foreign(_) => (Origin::Made, None),
        };
        let known = Stamp::read(&self.at);
        let path = self.at.to_string_lossy().into_owned();
        let mut stamp = match (&origin, known) {
            (Origin::Kept, Some(stamp)) => stamp,
            (Origin::Kept, None) => {
                Stamp { maker: Maker::SomeoneElse, phase: Phase::Ready, path, project: None, inputs: None }
            }
            _ => Stamp { maker: Maker::Us, phase: Phase::Making, path, project: None, inputs: None },
        };
        if origin != Origin::Kept {
            stamp.write(&self.at).map_err(|error| file_error(&self.at, &error))?;
            self.make()?;
            stamp.phase = Phase::Installing;
        }
        let interpreter = match &version {
            Some(version) => actual(self.request.interpreter, version),
            None => self.request.interpreter.clone(),
        };
        if interpreter.minor != self.request.interpreter.minor {
            let (has, wanted, at) = (interpreter.minor, self.request.interpreter.minor, self.at.display());
            let what = format!("{at} has Python {has}, not {wanted}; it is kept, remove it to change that");
            self.progress.event(Event::Warning { what });
        }
        let site = venv::site_packages(&self.at, Some(&interpreter.version))
            .ok_or_else(|| SyncError::new(Kind::NoEnvironment, "the environment has no site-packages folder"))?;
        if origin == Origin::Kept && stamp.phase == Phase::Installing {
            heal(&site);
        }
        Ok(Environment { site, interpreter, origin, stamp, _lock: lock })
    }

    fn refuse_foreign(&self, state: &State) -> Result<(), SyncError> {
        let State::Foreign(reason) = state else { return Ok(()) };
        let message =
            format!("{} was not made by pyenvkit and does not work as an environment: {reason}", self.at.display());
        Err(SyncError::new(Kind::Foreign, message).hint("move it away or remove it, then try again"))
    }

    /// Make the environment itself, without pip.
    fn make(&mut self) -> Result<(), SyncError> {
        let minor = self.request.interpreter.minor;
        self.progress.event(Event::Started { lane: LANE, what: format!("environment with Python {minor}") });
        let backend = self.choose()?;
        let (interpreter, prompt) = (self.request.interpreter, self.request.prompt);
        let invocation = match &backend {
            Backend::Uv(uv) => uv.make(interpreter, &self.at, prompt),
            Backend::Pip(pip) => {
                if !interpreter.has_venv {
                    return Err(self.without_venv("has no module venv"));
                }
                pip.make(interpreter, &self.at, prompt)
            }
        };
        let made = self.child(backend.name(), &invocation).and_then(|()| {
            let nothing = || SyncError::new(Kind::NoEnvironment, format!("{} made no environment", backend.name()));
            venv::is_made(&self.at).then_some(()).ok_or_else(nothing)
        });
        match (made, &backend) {
            (Ok(()), _) => venv::ignore(&self.at).map_err(|error| file_error(&self.at, &error)),
            (Err(error), Backend::Uv(_)) if self.may_fall_back(&error) => {
                self.fall_back(&error);
                venv::clear(&self.at).map_err(|error| file_error(&self.at, &error))?;
                self.make()
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Write the project's own install if that can be done without its backend and is not done yet.
    fn write_own(&self, environment: &mut Environment, before: &Installed) -> Result<OwnInstall, SyncError> {
        let prepared = match &self.wishes.own {
            Own::None => return Ok(OwnInstall::None),
            Own::Built { .. } => return Ok(OwnInstall::Unchanged),
            Own::Written(prepared) => prepared,
        };
        let old = before.get(&self.wishes.name);
        let same = environment.stamp.project.as_ref() == Some(&prepared.fingerprint);
        if same && old.is_some() && prepared.has_scripts(&self.at) {
            return Ok(OwnInstall::Unchanged);
        }
        environment.stamp.project = Some(prepared.fingerprint.clone());
        self.stamp(environment, Phase::Installing)?;
        prepared.write(&self.at, &environment.site, old).map_err(|error| file_error(&environment.site, &error))?;
        Ok(OwnInstall::Written)
    }

    /// Whether the project's backend has to run.
    fn must_build(&self, environment: &Environment, found: &Installed) -> bool {
        let Own::Built { fingerprint } = &self.wishes.own else { return false };
        let current = environment.stamp.project.as_ref() == Some(fingerprint);
        let there = found.get(&self.wishes.name);
        !(current
            && there
                .and_then(|there| there.origin.as_ref())
                .is_some_and(|origin| origin.is_editable_of(&self.wishes.url)))
    }

    fn install(&mut self, environment: &mut Environment, reach: &Reach) -> Result<(), SyncError> {
        let files = self.wishes.listed.files.clone();
        let mut wanted = Wanted { requirements: self.wishes.requirements.clone(), files, ..Wanted::default() };
        if matches!(self.wishes.own, Own::Built { .. }) {
            // Even if only something else is missing: the resolver must see what the project requires.
            wanted.editable = Some(self.wishes.as_editable());
        } else {
            wanted.requirements.extend(self.wishes.dependencies.iter().cloned());
        }
        if reach.unmet.iter().any(|root| root == "pip") {
            wanted.requirements.push("pip".to_owned());
        }
        self.stamp(environment, Phase::Installing)?;
        let hashed = if self.wishes.listed.has_hashes {
            let files = std::mem::take(&mut wanted.files);
            self.attempt(environment, &Wanted { files, ..Wanted::default() })
        } else {
            Ok(())
        };
        let result = match hashed.and_then(|()| self.attempt(environment, &wanted)) {
            Err(error) if lacks_pip(&error) => self.with_bundled_pip(environment, &wanted, error),
            result => result,
        };
        if let Err(error) = result {
            // What is whole may stay. On a full disk the note cannot be written: then the next run heals again.
            heal(&environment.site);
            let _ = self.stamp(environment, Phase::Ready);
            return Err(self.explain(error));
        }
        self.ran = self.backend.as_ref().map(Backend::name);
        repair_launchers(&self.at, &environment.site).map_err(|error| file_error(&self.at, &error))?;
        if let Own::Built { fingerprint } = &self.wishes.own {
            environment.stamp.project = Some(fingerprint.clone());
        }
        Ok(())
    }

    fn verify(&self, reach: &Reach) -> Result<(), SyncError> {
        if reach.unmet.is_empty() {
            return Ok(());
        }
        let backend = self.backend.as_ref().map_or("nothing", Backend::name);
        let list = redact(&reach.unmet.join(", "));
        let message = format!("{backend} reported success, but {list} is not in {}", self.at.display());
        Err(SyncError::new(Kind::NotInstalled, message))
    }

    fn explain(&self, mut error: SyncError) -> SyncError {
        if let (Network::Forbidden, Kind::NoSuchPackage(name)) = (self.request.network, &error.kind) {
            error.message = format!("{name} is not at hand, and downloads are off");
            error.kind = Kind::Offline;
        }
        error
    }

    pub(super) fn stamp(&self, environment: &mut Environment, phase: Phase) -> Result<(), SyncError> {
        environment.stamp.phase = phase;
        environment.stamp.write(&self.at).map_err(|error| file_error(&self.at, &error))
    }
}

/// Remove what was installed in part, so that it counts as not installed.
fn heal(site: &Path) {
    for info in installed::damaged(site) {
        // What cannot be removed now is damaged at the next attempt too.
        let _ = fs::remove_dir_all(info);
    }
}

fn lacks_pip(error: &SyncError) -> bool {
    matches!(&error.kind, Kind::NoSuchPackage(name) if name == "pip")
}

/// The interpreter of an environment that exists, as far as its `pyvenv.cfg` says.
fn actual(wanted: &Interpreter, version: &str) -> Interpreter {
    let parts: Vec<&str> = version.split('.').collect();
    let number = |index: usize| parts.get(index).and_then(|part: &&str| part.parse::<u8>().ok());
    let (Some(major), Some(minor)) = (number(0), number(1)) else { return wanted.clone() };
    let minor = Minor::new(major, minor);
    if minor == wanted.minor {
        return wanted.clone();
    }
    Interpreter { version: parts[..parts.len().min(3)].join("."), minor, ..wanted.clone() }
}

fn difference(before: &Installed, after: &Installed) -> (Vec<Package>, Vec<Package>) {
    let package = |found: &Distribution| Package { name: found.name.clone(), version: found.version.clone() };
    let version = |list: &Installed, name: &str| list.get(&normalise(name)).map(|found| found.version.clone());
    let only_in = |one: &Installed, other: &Installed| -> Vec<Package> {
        one.values().filter(|found| version(other, &found.name).as_ref() != Some(&found.version)).map(package).collect()
    };
    let removed =
        before.iter().filter(|(name, _)| !after.contains_key(*name)).map(|(_, found)| package(found)).collect();
    (only_in(after, before), removed)
}

fn file_error(path: &Path, error: &std::io::Error) -> SyncError {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Kind::DiskFull,
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Kind::Permission,
        _ => Kind::Other,
    };
    SyncError::new(kind, format!("{}: {error}", path.display()))
}
