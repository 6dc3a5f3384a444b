//! Installing from the lock file of another manager, by that manager, into the environment that we mean.
//!
//! Where a project is locked its developers want the locked versions, which only the lock's own manager installs. It works
//! in the project's environment, removes nothing, and leaves the lock file as it is. What it leaves out (pip, a group that
//! the lock has not) is installed as in any other project. Where it is not installed, or fails, or the lock file does not
//! fit the manifest, the requirements are installed without the lock, and that is said.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::SyncRequest;
use super::backend::{Choice, Network};
use super::failure::{Kind, SyncError};

use super::lines::LANE;
use super::manager::Manager;
use super::project::Own;
use super::sync::{Environment, Job};
use super::venv::Phase;
use crate::domain::ground::LOCKS;
use crate::domain::installed::Installed;
use crate::domain::progress::Event;

/// As for pip and uv.
const PATIENCE: Duration = Duration::from_secs(45 * 60);

/// A lock file, and its manager.
pub struct Foreign {
    manager: Manager,
    /// `None` where it is not installed.
    program: Option<PathBuf>,
    pub lock: PathBuf,
}

impl Foreign {
    /// The first lock file of the project, one whose manager is installed before others. With an installer that the user
    /// named, or without the network, no manager takes part that is not it or needs that.
    #[must_use]
    pub fn of(request: &SyncRequest<'_>, folder: &Path) -> Option<Self> {
        let own = LOCKS.iter().map(|name| folder.join(name));
        // uv's workspaces have one lock file for all.
        let above = folder.ancestors().skip(1).take_while(|it| request.top.is_some_and(|top| it.starts_with(top)));
        let all = own.chain(above.map(|folder| folder.join("uv.lock"))).filter(|path| path.is_file());
        let mut found: Vec<Self> = all
            .filter_map(|lock| {
                let manager = Manager::of(lock.file_name()?.to_str()?, "")?;
                let is_meant = match request.backend {
                    Choice::Auto => true,
                    Choice::Uv => manager == Manager::Uv,
                    Choice::Pip => false,
                };
                let can = request.network == Network::Allowed || manager == Manager::Uv;
                (is_meant && can).then(|| Self { manager, program: manager.find(request.variables), lock })
            })
            .collect();
        let best = found.iter().position(|foreign| foreign.program.is_some()).unwrap_or(0);
        (!found.is_empty()).then(|| found.swap_remove(best))
    }

    fn arguments(&self, request: &SyncRequest<'_>, extras: &[String]) -> Vec<String> {
        let mut arguments: Vec<&str> = match self.manager {
            Manager::Uv => vec!["sync", "--inexact", "--locked"],
            Manager::Poetry => vec!["install"],
            Manager::Pdm => vec!["install", "--frozen-lockfile"],
            Manager::Pipenv => vec!["sync", "--dev"],
        };
        match self.manager {
            Manager::Uv => {
                arguments.extend(request.groups.iter().flat_map(|group| ["--group", group]));
                arguments.extend(extras.iter().flat_map(|extra| ["--extra", extra]));
                if request.network == Network::Forbidden {
                    arguments.push("--offline");
                }
            }
            Manager::Poetry => arguments.extend(extras.iter().flat_map(|extra| ["--extras", extra])),
            Manager::Pdm | Manager::Pipenv => {}
        }
        arguments.into_iter().map(str::to_owned).collect()
    }
}

impl Job<'_> {
    /// Install from the lock file, if there is one and anything is missing or the lock file has changed. What its manager
    /// did, the project's own install among it, is not wanted any more.
    pub(super) fn by_manager(
        &mut self,
        environment: &mut Environment,
        is_complete: impl Fn(&Self, &Installed) -> bool,
    ) -> Result<(), SyncError> {
        let Some(foreign) = self.foreign.take() else { return Ok(()) };
        let found = super::installed::read(&environment.site);
        let is_current = environment.stamp.inputs.is_some() && environment.stamp.inputs == self.wishes.inputs;
        let name = foreign.manager.name();
        let lock = foreign.lock.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(program) = &foreign.program else {
            if !is_current {
                let what = format!("{name} is not installed, so what {lock} says is not followed");
                self.progress.event(Event::Warning { what });
            }
            return Ok(());
        };
        let own = std::mem::replace(&mut self.wishes.own, Own::None);
        let has_own = matches!(own, Own::None) || found.contains_key(&self.wishes.name);
        if has_own && is_current && is_complete(self, &found) {
            return Ok(());
        }
        self.progress.event(Event::Started { lane: LANE, what: format!("what is locked, with {name}") });
        self.stamp(environment, Phase::Installing)?;
        let invocation = foreign
            .manager
            .command(program, self.request.variables, Some(&self.at))
            .args(foreign.arguments(self.request, &self.wishes.extras))
            .cwd(&self.wishes.folder)
            .timeout(PATIENCE);
        match self.child(name, &invocation) {
            Ok(()) => self.ran = Some(name),
            Err(error) if matches!(error.kind, Kind::Interrupted | Kind::DiskFull) => return Err(error),
            Err(error) => {
                let what =
                    format!("{name} cannot install from {lock}, so its versions are not held: {}", error.message);
                self.progress.event(Event::Warning { what });
                self.wishes.own = own;
            }
        }
        Ok(())
    }
}
