//! A virtual environment, as its files show it; nothing of it was run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Certificates, Python, Text};
use crate::domain::python::Minor;

/// An environment (PEP 405, or conda's).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// Absolute; its last link is not resolved.
    pub folder: PathBuf,
    /// The name within the project's folder; `None` for one that lies elsewhere.
    pub name: Option<String>,
    /// Whether `VIRTUAL_ENV` or `CONDA_PREFIX` names it.
    pub active: bool,
    /// Whether it is the one that `pyenvkit sync` completes.
    pub synced: bool,
    /// Whether conda made it.
    pub conda: bool,
    /// Whether a `.gitignore` in it leaves out all of it.
    pub ignores_itself: bool,
    /// `pyvenv.cfg`, keys in lower case.
    pub config: BTreeMap<String, String>,
    /// `pyvenv.cfg` itself.
    pub settings: Option<Text>,
    /// The folder that `home` of `pyvenv.cfg` names is not there.
    pub home_is_gone: bool,
    pub python: Program,
    /// The Python of the machine that it was made with.
    pub base: Option<Python>,
    /// Where `pip install --user` puts packages of its version, where there are some.
    pub user_site: Option<PathBuf>,
    /// The feature versions for which it has a `lib/pythonX.Y`.
    pub libraries: Vec<Minor>,
    /// The `site-packages` folder that its Python uses, where there is one.
    pub site: Option<PathBuf>,
    /// Programs beside its Python, by name.
    pub scripts: BTreeMap<String, Script>,
    /// Other environment folders that its scripts name, once each.
    pub named: Vec<Named>,
    pub access: Access,
    /// pip's configuration file in it, which counts for this environment alone, with its path.
    pub pip_config: Option<(PathBuf, String)>,
    /// The files with certificates that it names.
    pub certificates: Vec<Certificates>,
}

impl Environment {
    /// The environment as its user calls it: `.venv`, or its path.
    #[must_use]
    pub fn shown(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.folder.display().to_string())
    }

    /// The feature version that it was made with, as `pyvenv.cfg` says, else its only library.
    #[must_use]
    pub fn minor(&self) -> Option<Minor> {
        let stated = ["version", "version_info"].iter().find_map(|key| self.config.get(*key));
        stated.and_then(|text| Minor::of_version(text)).or(match self.libraries[..] {
            [only] => Some(only),
            _ => None,
        })
    }

    /// Whether its Python can be started, as far as files tell.
    #[must_use]
    pub fn has_python(&self) -> bool {
        self.python.real.is_some() && !self.home_is_gone
    }

    /// Whether it also has the packages of the Python that it was made with.
    #[must_use]
    pub fn sees_others(&self) -> bool {
        self.config.get("include-system-site-packages").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Whether uv made it; uv leaves pip out.
    #[must_use]
    pub fn made_by_uv(&self) -> bool {
        self.config.contains_key("uv")
    }
}

/// The environment's Python.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Program {
    /// `bin/python`, or what is missing.
    pub path: PathBuf,
    /// What it finally links to; itself where it is no link; `None` where nothing stands there.
    pub target: Option<PathBuf>,
    /// The file that is run; `None` where it is gone.
    pub real: Option<PathBuf>,
    /// The feature version that the names of the real file and of its library tell; `None` where they do not.
    pub minor: Option<Minor>,
}

/// A file in the environment's `bin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub starts: Starts,
    /// Whether it may be run; links count as what they lead to.
    pub executable: bool,
    pub is_link: bool,
}

/// What happens when a script is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Starts {
    /// Its first lines start this Python.
    Python(PathBuf),
    /// They start something else.
    Other,
    /// It is a program of the machine.
    Binary,
    /// It has no first line that starts anything: to be read by a shell, or a broken link.
    Nothing,
}

/// An environment's folder other than this one that its files name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub folder: PathBuf,
    /// The files of `bin` that name it, sorted.
    pub by: Vec<String>,
    pub standing: Standing,
}

/// What stands at a named folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Gone,
    /// Another environment.
    Environment,
    /// Something that is no environment, such as the folder of a system's Python.
    Other,
}

/// Whether this user can change the environment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// Folders in it that this user cannot write, relative to it; `.` is the environment.
    pub unwritable: Vec<String>,
    /// The user that it belongs to, where that is not the one who runs us and this one is not the superuser.
    pub foreign_owner: Option<u32>,
}
