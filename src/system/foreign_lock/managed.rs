//! Lock files that have one manager: it locks the copy, and keeps what is locked.

use std::path::Path;

use super::copy::Copy;
use super::{Change, Lock, PATIENCE, Refresh, Why, obey, pipenv, told};
use crate::domain::declared;
use crate::domain::plan::Invocation;
use crate::domain::python::Minor;
use crate::domain::tree::Tree;
use crate::system::environment::manager::Manager;
use crate::system::environment::python_of;

/// The first Poetry whose `lock` keeps what is locked.
const KEEPING_POETRY: Minor = Minor::new(2, 0);

/// One lock file being refreshed.
pub(super) struct Job<'j> {
    pub manager: Manager,
    pub lock: &'j Lock,
    pub old: &'j str,
    pub change: &'j Change<'j>,
    pub refresh: &'j Refresh<'j>,
}

impl Job<'_> {
    /// The lock file that the manager writes for the tree's manifest.
    pub fn run(&self, tree: &mut Tree<'_>) -> Result<Vec<u8>, Why> {
        let manager = self.manager;
        let program = manager
            .find(self.refresh.variables)
            .ok_or_else(|| Why::Other(format!("{} is not installed", manager.name())))?;
        if !self.refresh.online && manager != Manager::Uv {
            return Err(Why::Other(format!("{} cannot lock without the network", manager.name())));
        }
        let copy = Copy::make(tree, self.refresh.project, &self.lock.folder, manager)?;
        told(self.refresh, self.lock, || match manager {
            Manager::Pipenv => pipenv::lock(self, &copy, &program),
            _ => self.attempt(&copy, &program),
        })
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
        Ok(fs_err::read(copy.folder().join(self.lock.place.path.name()))?)
    }

    /// The manager in the copy, with the project's environment to judge by, where there is one.
    pub(super) fn invocation(&self, copy: &Copy, program: &Path) -> Invocation {
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

    pub(super) fn follow(&self, invocation: &Invocation) -> Result<(), Why> {
        obey(self.refresh, self.manager.name(), invocation)
    }
}

/// The groups that a lock file of PDM has: others are left out of it on purpose.
fn locked_groups(text: &str) -> Vec<String> {
    let Ok(lock) = text.parse::<toml::Table>() else { return Vec::new() };
    let groups = declared::at(&lock, &["metadata", "groups"]).or_else(|| lock.get("dependency-groups"));
    let groups = groups.and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str);
    groups.filter(|group| *group != "default").map(str::to_owned).collect()
}
