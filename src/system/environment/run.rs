//! Choosing the installer and running it.

use std::path::Path;

use super::backend::{Backend, Choice, Driver, Pip, Uv, Wanted, bundled_wheel, find_uv};
use super::config::PipSettings;
use super::failure::{Kind, SyncError, classify};
use super::installed;
use super::lines::{LANE, Listener};
use super::packages::missing_venv;
use super::sync::{Environment, Job};
use super::uv_settings::UvSettings;
use super::venv::Phase;
use crate::domain::plan::Invocation;
use crate::domain::progress::Event;
use crate::domain::redact::redact;
use crate::system::process::{self, Failure};

impl Job<'_> {
    /// The backend to use; the choice is made once.
    pub(super) fn choose(&mut self) -> Result<Backend, SyncError> {
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

    pub(super) fn with_pip(&self) -> Backend {
        Backend::Pip(Pip::new(&self.pip, self.request.variables, self.request.network, &self.wishes.folder))
    }

    /// Whether uv itself is what does not work, and nobody insisted on it.
    pub(super) fn may_fall_back(&self, error: &SyncError) -> bool {
        self.request.backend == Choice::Auto && matches!(error.kind, Kind::Other | Kind::NoEnvironment)
    }

    pub(super) fn fall_back(&mut self, error: &SyncError) {
        let what = format!("uv does not work here, pip is used instead: {}", error.message);
        self.progress.event(Event::Warning { what });
        self.backend = Some(self.with_pip());
    }

    pub(super) fn without_venv(&self, what: &str) -> SyncError {
        let interpreter = self.request.interpreter;
        let message = format!("{} {what}", interpreter.executable.display());
        SyncError::new(Kind::NoEnvironment, message).hint(missing_venv(interpreter))
    }

    /// The index has no pip: take the one that came with the interpreter.
    pub(super) fn with_bundled_pip(
        &mut self,
        at: &Environment,
        wanted: &Wanted,
        error: SyncError,
    ) -> Result<(), SyncError> {
        let Some(wheel) = bundled_wheel(&at.interpreter) else { return Err(error) };
        let mut wanted = wanted.clone();
        wanted.requirements.retain(|requirement| requirement != "pip");
        wanted.requirements.push(wheel.to_string_lossy().into_owned());
        self.attempt(at, &wanted)
    }

    pub(super) fn attempt(&mut self, environment: &Environment, wanted: &Wanted) -> Result<(), SyncError> {
        let backend = self.choose()?;
        let count = wanted.requirements.len() + wanted.links.len() + usize::from(wanted.editable.is_some());
        let of_files = if wanted.files.is_empty() { "" } else { " and requirements files" };
        let what = format!("{count} requirements{of_files} with {}", backend.name());
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
                let local =
                    wanted.files.is_empty() && wanted.requirements.iter().all(|text| Path::new(text).is_absolute());
                if !pip.has_source() && !local {
                    let only_pip =
                        wanted.requirements == ["pip"] && wanted.editable.is_none() && wanted.files.is_empty();
                    let kind = if only_pip { Kind::NoSuchPackage("pip".into()) } else { Kind::Offline };
                    let message = "pip cannot install from its cache alone, and downloads are off";
                    let hint = "use uv, whose cache can, or give pip's find-links a folder with the packages";
                    return Err(SyncError::new(kind, message).hint(hint));
                }
                self.through(environment, |driver, folder| pip.install(driver, wanted, folder))
            }
        }
    }

    /// Run pip by the first way that is not broken itself.
    pub(super) fn through(
        &self,
        environment: &Environment,
        invocation: impl Fn(&Driver, &Path) -> Invocation,
    ) -> Result<(), SyncError> {
        let mut last = self.without_venv("has neither a pip of its own nor one in ensurepip");
        for driver in Pip::drivers(&environment.interpreter, &self.at, &environment.site) {
            match self.child("pip", &invocation(&driver, &self.wishes.folder)) {
                Err(error) if error.kind == Kind::Other && !is_genuine(&error) => last = error,
                result => return result,
            }
        }
        Err(last)
    }

    pub(super) fn uninstall(&mut self, environment: &mut Environment, names: &[String]) -> Result<(), SyncError> {
        if names.is_empty() {
            return Ok(());
        }
        let backend = self.choose()?;
        self.stamp(environment, Phase::Installing)?;
        self.progress.event(Event::Started { lane: LANE, what: format!("removing {} packages", names.len()) });
        match &backend {
            Backend::Uv(uv) => self.child("uv", &uv.uninstall(&self.at, names, &self.wishes.folder))?,
            Backend::Pip(pip) => {
                self.through(environment, |driver, folder| pip.uninstall(driver, names, folder))?;
            }
        }
        self.ran = self.backend.as_ref().map(Backend::name);
        let left = installed::read(&environment.site);
        match names.iter().find(|name| left.contains_key(*name)) {
            Some(name) => Err(SyncError::new(Kind::Other, format!("{} left {name} in place", backend.name()))),
            None => Ok(()),
        }
    }

    /// Run a child; a status other than 0 is an error with its reason.
    pub(super) fn child(&self, name: &str, invocation: &Invocation) -> Result<(), SyncError> {
        let mut listener = Listener::new(self.progress);
        match process::run(invocation, &mut |_, line| listener.hear(line)) {
            Ok(output) if output.success() => Ok(()),
            Ok(_) => Err(classify(name, &listener.lines)),
            Err(failure) => Err(stopped(name, failure, listener.lines)),
        }
    }
}

/// Whether the failure is about packages, and not about the installer itself.
fn is_genuine(error: &SyncError) -> bool {
    error.tail.iter().any(|line| line.contains("Collecting ") || line.contains("Resolved ") || line.starts_with("  ×"))
}

pub(super) fn interrupted() -> SyncError {
    SyncError::new(Kind::Interrupted, "interrupted")
}

fn stopped(name: &str, failure: Failure, lines: Vec<String>) -> SyncError {
    match failure {
        Failure::Interrupted => interrupted(),
        Failure::TimedOut { .. } | Failure::Silent { .. } => SyncError::new(Kind::TimedOut, failure.to_string()),
        Failure::NotStarted { program, source } => {
            SyncError::new(Kind::NoEnvironment, format!("{name} cannot be started: {program}: {source}"))
        }
        Failure::Io(source) => SyncError::new(Kind::Other, format!("{name}: {source}")),
    }
    .tail(lines)
}
