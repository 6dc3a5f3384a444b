//! From what is wanted to an environment that has it, by the shortest way: files first, a child only where one is needed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::backend::{Backend, Choice, Driver, Network, Pip, Uv, Wanted, bundled_wheel, find_uv};
use super::config::PipSettings;
use super::editable::repair_launchers;
use super::failure::{Kind, SyncError, classify};
use super::installed::{self, Installed, Reach};
use super::lines::{LANE, Listener};
use super::packages::missing_venv;
use super::project::{Own, Wishes};
use super::uv_settings::UvSettings;
use super::venv::{self, LockError, Maker, Phase, Stamp, State};
use super::{Origin, OwnInstall, Package, Surplus, SyncReport, SyncRequest};
use crate::domain::facts::Interpreter;
use crate::domain::groups::normalise;
use crate::domain::plan::Invocation;
use crate::domain::progress::{Event, Progress};
use crate::domain::python::Minor;
use crate::domain::redact::redact;
use crate::system::process::{self, Failure};

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

struct Job<'a> {
    request: &'a SyncRequest<'a>,
    progress: &'a dyn Progress,
    wishes: Wishes,
    at: PathBuf,
    pip: PipSettings,
    backend: Option<Backend>,
    /// Whether a child has installed something.
    ran: bool,
}

/// The environment while it is worked on.
struct Environment {
    site: PathBuf,
    /// What runs in it, which need not be what was asked for.
    interpreter: Interpreter,
    origin: Origin,
    stamp: Stamp,
    _lock: File,
}

impl<'a> Job<'a> {
    fn new(request: &'a SyncRequest<'a>, progress: &'a dyn Progress) -> Result<Self, SyncError> {
        let wishes = Wishes::read(request)?;
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
        Ok(Self { request, progress, wishes, at, pip: PipSettings::default(), backend: None, ran: false })
    }

    fn run(mut self) -> Result<SyncReport, SyncError> {
        let mut environment = self.environment()?;
        let before = installed::read(&environment.site);
        let mut own = self.write_own(&mut environment, &before)?;
        let markers = installed::markers(&environment.interpreter)
            .ok_or_else(|| SyncError::new(Kind::NoEnvironment, "the interpreter's version is not a version"))?;
        let check = |job: &Self, found: &Installed| installed::reach(&job.roots(), found, &markers);
        let mut found = installed::read(&environment.site);
        let mut reach = check(&self, &found);
        let build = self.must_build(&environment, &found);
        if build || !reach.is_complete() {
            self.install(&mut environment, &reach)?;
            found = installed::read(&environment.site);
            reach = check(&self, &found);
            self.verify(&reach)?;
            if build {
                own = OwnInstall::Built;
            }
        }
        if self.request.surplus == Surplus::Remove {
            let surplus: Vec<String> = found.keys().filter(|name| !reach.reached.contains(*name)).cloned().collect();
            self.uninstall(&mut environment, &surplus)?;
            found = installed::read(&environment.site);
        }
        if environment.stamp.phase != Phase::Ready {
            self.stamp(&mut environment, Phase::Ready)?;
        }
        self.progress.event(Event::Finished { lane: LANE, what: format!("{} packages", found.len()) });
        let (added, removed) = difference(&before, &found);
        Ok(SyncReport {
            venv: self.at,
            origin: environment.origin,
            backend: self.backend.as_ref().filter(|_| self.ran).map(Backend::name),
            own,
            installed: added,
            removed,
        })
    }

    /// What must be installed, with pip, which belongs into every environment.
    fn roots(&self) -> Vec<String> {
        let mut roots = self.wishes.requirements.clone();
        match self.wishes.own {
            Own::None => roots.extend(self.wishes.dependencies.iter().cloned()),
            _ => roots.push(self.wishes.as_requirement()),
        }
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
            (Origin::Kept, None) => Stamp { maker: Maker::SomeoneElse, phase: Phase::Ready, path, project: None },
            _ => Stamp { maker: Maker::Us, phase: Phase::Making, path, project: None },
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
        let made = self.child(backend.name(), &invocation).and_then(|()| match venv::is_made(&self.at) {
            true => Ok(()),
            false => Err(SyncError::new(Kind::NoEnvironment, format!("{} made no environment", backend.name()))),
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

    fn without_venv(&self, what: &str) -> SyncError {
        let interpreter = self.request.interpreter;
        let message = format!("{} {what}", interpreter.executable.display());
        SyncError::new(Kind::NoEnvironment, message).hint(missing_venv(interpreter))
    }

    /// The backend to use; the choice is made once.
    fn choose(&mut self) -> Result<Backend, SyncError> {
        if let Some(backend) = &self.backend {
            return Ok(backend.clone());
        }
        let variables = self.request.variables;
        self.pip = PipSettings::read(variables, &[&self.request.interpreter.prefix, &self.at]);
        for problem in &self.pip.problems {
            self.progress.event(Event::Warning { what: problem.clone() });
        }
        let uv = match self.request.backend {
            Choice::Pip => None,
            Choice::Auto => find_uv(variables),
            Choice::Uv => Some(find_uv(variables).ok_or_else(|| {
                SyncError::new(Kind::NoEnvironment, "uv is not on PATH nor where its installers put it")
                    .hint("install uv, or use --backend pip")
            })?),
        };
        let settings = uv.map(|uv| (uv, UvSettings::of(&self.pip, variables, &self.wishes.folder)));
        let backend = match settings {
            Some((uv, Ok(settings))) => Backend::Uv(Uv::new(uv, settings, variables, self.request.network)),
            Some((_, Err(reason))) => {
                let what = redact(&format!("{reason}; pip is used instead of uv"));
                self.progress.event(Event::Warning { what });
                self.with_pip()
            }
            None => self.with_pip(),
        };
        if let Backend::Uv(uv) = &backend {
            for what in uv.warnings() {
                self.progress.event(Event::Warning { what: what.clone() });
            }
        }
        self.backend = Some(backend.clone());
        Ok(backend)
    }

    fn with_pip(&self) -> Backend {
        Backend::Pip(Pip::new(&self.pip, self.request.variables, self.request.network, &self.wishes.folder))
    }

    /// Whether uv itself is what does not work, and nobody insisted on it.
    fn may_fall_back(&self, error: &SyncError) -> bool {
        self.request.backend == Choice::Auto && matches!(error.kind, Kind::Other | Kind::NoEnvironment)
    }

    fn fall_back(&mut self, error: &SyncError) {
        let what = format!("uv does not work here, pip is used instead: {}", error.message);
        self.progress.event(Event::Warning { what });
        self.backend = Some(self.with_pip());
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
        !(current && there.is_some_and(|there| installed::is_editable_of(&there.info, &self.wishes.url)))
    }

    fn install(&mut self, environment: &mut Environment, reach: &Reach) -> Result<(), SyncError> {
        let mut wanted = Wanted { requirements: self.wishes.requirements.clone(), editable: None };
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
        let result = match self.attempt(environment, &wanted) {
            Err(error) if lacks_pip(&error) => self.with_bundled_pip(environment, &wanted, error),
            result => result,
        };
        if let Err(error) = result {
            // What is whole may stay. On a full disk the note cannot be written: then the next run heals again.
            heal(&environment.site);
            let _ = self.stamp(environment, Phase::Ready);
            return Err(self.explain(error));
        }
        self.ran = true;
        repair_launchers(&self.at, &environment.site).map_err(|error| file_error(&self.at, &error))?;
        if let Own::Built { fingerprint } = &self.wishes.own {
            environment.stamp.project = Some(fingerprint.clone());
        }
        Ok(())
    }

    /// The index has no pip: take the one that came with the interpreter.
    fn with_bundled_pip(&mut self, at: &Environment, wanted: &Wanted, error: SyncError) -> Result<(), SyncError> {
        let Some(wheel) = bundled_wheel(&at.interpreter) else { return Err(error) };
        let mut wanted = wanted.clone();
        wanted.requirements.retain(|requirement| requirement != "pip");
        wanted.requirements.push(wheel.to_string_lossy().into_owned());
        self.attempt(at, &wanted)
    }

    fn attempt(&mut self, environment: &Environment, wanted: &Wanted) -> Result<(), SyncError> {
        let backend = self.choose()?;
        let count = wanted.requirements.len() + usize::from(wanted.editable.is_some());
        let what = format!("{count} requirements with {}", backend.name());
        self.progress.event(Event::Started { lane: LANE, what });
        match &backend {
            Backend::Uv(uv) => {
                let result = self.child("uv", &uv.install(&self.at, wanted, &self.wishes.folder));
                match result {
                    Err(error) if self.may_fall_back(&error) && !is_genuine(&error) => {
                        self.fall_back(&error);
                        self.attempt(environment, wanted)
                    }
                    result => result,
                }
            }
            Backend::Pip(pip) => {
                if !pip.has_source() && !wanted.requirements.iter().all(|text| Path::new(text).is_absolute()) {
                    let only_pip = wanted.requirements == ["pip"] && wanted.editable.is_none();
                    let kind = if only_pip { Kind::NoSuchPackage("pip".into()) } else { Kind::Offline };
                    let message = "pip cannot install from its cache alone, and downloads are off";
                    let hint = "use uv, whose cache can, or give pip's find-links a folder with the packages";
                    return Err(SyncError::new(kind, message).hint(hint));
                }
                self.through(environment, pip, |driver, folder| pip.install(driver, wanted, folder))
            }
        }
    }

    /// Run pip by the first way that is not broken itself.
    fn through(
        &self,
        environment: &Environment,
        pip: &Pip,
        invocation: impl Fn(&Driver, &Path) -> Invocation,
    ) -> Result<(), SyncError> {
        let mut last = self.without_venv("has neither a pip of its own nor one in ensurepip");
        for driver in pip.drivers(&environment.interpreter, &self.at, &environment.site) {
            match self.child("pip", &invocation(&driver, &self.wishes.folder)) {
                Err(error) if error.kind == Kind::Other && !is_genuine(&error) => last = error,
                result => return result,
            }
        }
        Err(last)
    }

    fn uninstall(&mut self, environment: &mut Environment, names: &[String]) -> Result<(), SyncError> {
        if names.is_empty() {
            return Ok(());
        }
        let backend = self.choose()?;
        self.stamp(environment, Phase::Installing)?;
        self.progress.event(Event::Started { lane: LANE, what: format!("removing {} packages", names.len()) });
        match &backend {
            Backend::Uv(uv) => self.child("uv", &uv.uninstall(&self.at, names, &self.wishes.folder))?,
            Backend::Pip(pip) => {
                self.through(environment, pip, |driver, folder| pip.uninstall(driver, names, folder))?;
            }
        }
        self.ran = true;
        let left = installed::read(&environment.site);
        match names.iter().find(|name| left.contains_key(*name)) {
            Some(name) => Err(SyncError::new(Kind::Other, format!("{} left {name} in place", backend.name()))),
            None => Ok(()),
        }
    }

    /// Run a child; a status other than 0 is an error with its reason.
    fn child(&self, name: &str, invocation: &Invocation) -> Result<(), SyncError> {
        let mut listener = Listener::new(self.progress);
        match process::run(invocation, &mut |_, line| listener.hear(line)) {
            Ok(output) if output.success() => Ok(()),
            Ok(_) => Err(classify(name, &listener.lines)),
            Err(failure) => Err(stopped(name, failure, listener.lines)),
        }
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

    fn stamp(&self, environment: &mut Environment, phase: Phase) -> Result<(), SyncError> {
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

/// Whether the failure is about packages, and not about the installer itself.
fn is_genuine(error: &SyncError) -> bool {
    error.tail.iter().any(|line| line.contains("Collecting ") || line.contains("Resolved ") || line.starts_with("  ×"))
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
    let package =
        |found: &installed::Distribution| Package { name: found.name.clone(), version: found.version.clone() };
    let version = |list: &Installed, name: &str| list.get(&normalise(name)).map(|found| found.version.clone());
    let only_in = |one: &Installed, other: &Installed| -> Vec<Package> {
        one.values().filter(|found| version(other, &found.name).as_ref() != Some(&found.version)).map(package).collect()
    };
    let removed =
        before.iter().filter(|(name, _)| !after.contains_key(*name)).map(|(_, found)| package(found)).collect();
    (only_in(after, before), removed)
}

fn interrupted() -> SyncError {
    SyncError::new(Kind::Interrupted, "interrupted")
}

fn stopped(name: &str, failure: Failure, lines: Vec<String>) -> SyncError {
    match failure {
        Failure::Interrupted => interrupted(),
        Failure::TimedOut { .. } => SyncError::new(Kind::TimedOut, failure.to_string()),
        Failure::NotStarted { program, source } => {
            SyncError::new(Kind::NoEnvironment, format!("{name} cannot be started: {program}: {source}"))
        }
        Failure::Io(source) => SyncError::new(Kind::Other, format!("{name}: {source}")),
    }
    .tail(lines)
}

fn file_error(path: &Path, error: &std::io::Error) -> SyncError {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Kind::DiskFull,
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Kind::Permission,
        _ => Kind::Other,
    };
    SyncError::new(kind, format!("{}: {error}", path.display()))
}
