//! The managers of projects that keep lock files: where they are, and how they are run so that they ask nothing and work on
//! nothing but what they are pointed at.

use std::path::{Path, PathBuf};

use super::backend::find_uv;
use super::config::PipSettings;
use super::variables::Variables;
use super::venv;
use crate::domain::plan::Invocation;
use crate::domain::python::Minor;
use crate::system::process;

/// A manager with a lock file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    Uv,
    Poetry,
    Pdm,
    Pipenv,
}

/// Variables that point one of them at another project, file or environment, or change what it does.
const STRAY: &[&str] = &[
    "PIPENV_ACTIVE",
    "PIPENV_CUSTOM_VENV_NAME",
    "PIPENV_IGNORE_VIRTUALENVS",
    "PIPENV_PIPFILE",
    "PIPENV_PYTHON",
    "PIPENV_VENV_IN_PROJECT",
    "PDM_IGNORE_ACTIVE_VENV",
    "PDM_IGNORE_SAVED_PYTHON",
    "PDM_LOCKFILE",
    "PDM_LOCK_FORMAT",
    "PDM_PROJECT",
    "PDM_PYTHON",
    "PDM_USE_VENV",
    "POETRY_ACTIVE",
    "POETRY_VIRTUALENVS_CREATE",
    "POETRY_VIRTUALENVS_IN_PROJECT",
];

impl Manager {
    /// The one that writes the lock file of that name. `pylock.toml` (PEP 751) says who wrote it; only PDM makes it from
    /// `pyproject.toml` alone.
    #[must_use]
    pub fn of(file: &str, text: &str) -> Option<Self> {
        match file {
            "uv.lock" => Some(Self::Uv),
            "poetry.lock" => Some(Self::Poetry),
            "pdm.lock" => Some(Self::Pdm),
            "Pipfile.lock" => Some(Self::Pipenv),
            "pylock.toml" => (created_by(text)? == "pdm").then_some(Self::Pdm),
            _ => None,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uv => "uv",
            Self::Poetry => "poetry",
            Self::Pdm => "pdm",
            Self::Pipenv => "pipenv",
        }
    }

    /// The lock file that it writes where it is not told.
    #[must_use]
    pub fn lock(self) -> &'static str {
        match self {
            Self::Uv => "uv.lock",
            Self::Poetry => "poetry.lock",
            Self::Pdm => "pdm.lock",
            Self::Pipenv => "Pipfile.lock",
        }
    }

    /// Its program, if it is installed: on PATH, or where pipx puts it.
    #[must_use]
    pub fn find(self, variables: &Variables) -> Option<PathBuf> {
        if self == Self::Uv {
            return find_uv(variables);
        }
        let name = self.name();
        let usual = || variables.home().map(|home| home.join(".local").join("bin").join(name));
        let on_path = which::which_in(name, variables.get("PATH"), Path::new("/")).ok();
        on_path.or_else(usual).filter(|path| venv::is_executable(path))
    }

    /// The beginning of a command line that works in the environment `venv`; without one it is kept from making its own
    /// outside of the folder that it runs in.
    #[must_use]
    pub fn command(self, program: &Path, variables: &Variables, venv: Option<&Path>) -> Invocation {
        let mut invocation = as_pip_does(program, variables);
        for name in STRAY {
            invocation = invocation.unset(name);
        }
        if let Some(venv) = venv.filter(|_| self != Self::Uv) {
            invocation = invocation.set("VIRTUAL_ENV", venv);
        }
        match (self, venv) {
            (Self::Uv, venv) => {
                let invocation = invocation.set("UV_PYTHON_DOWNLOADS", "never").set("UV_NO_PROGRESS", "1");
                match venv {
                    Some(venv) => invocation.set("UV_PROJECT_ENVIRONMENT", venv),
                    None => invocation,
                }
            }
            (Self::Poetry, Some(_)) => invocation.args(["--no-interaction"]),
            (Self::Poetry, None) => invocation.args(["--no-interaction"]).set("POETRY_VIRTUALENVS_IN_PROJECT", "true"),
            (Self::Pdm, venv) => {
                let invocation = invocation.arg("--non-interactive").set("PDM_CHECK_UPDATE", "0");
                match venv {
                    Some(venv) => invocation.set("PDM_PYTHON", venv::python(venv)),
                    None => invocation.set("PDM_USE_VENV", "0"),
                }
            }
            (Self::Pipenv, venv) => {
                let invocation =
                    invocation.set("PIPENV_NOSPIN", "1").set("PIPENV_YES", "1").set("PIPENV_VERBOSITY", "-1");
                if venv.is_none() { invocation.set("PIPENV_VENV_IN_PROJECT", "1") } else { invocation }
            }
        }
    }

    /// Its version, as it prints it: `Poetry (version 2.5.1)`.
    #[must_use]
    pub fn version(self, program: &Path, variables: &Variables) -> Option<Minor> {
        let invocation = self.command(program, variables, None).arg("--version");
        let output = process::run(&invocation, &mut |_, _| {}).ok().filter(process::Output::success)?;
        let text = output.stdout_text();
        let start = text.find(|first: char| first.is_ascii_digit())?;
        let mut parts = text[start..].split(['.', ' ', ')', '\n']);
        Some(Minor::new(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }
}

/// The beginning of a command line of a program that goes by pip's settings.
#[must_use]
pub fn as_pip_does(program: &Path, variables: &Variables) -> Invocation {
    let mut invocation = Invocation::new(program);
    invocation.env = variables.scrubbed();
    let pip = PipSettings::read(variables, &[]).as_variables(&std::env::current_dir().unwrap_or_default());
    invocation.env.extend(pip.into_iter().map(|(name, value)| (name, Some(value))));
    invocation
}

/// The program that wrote a `pylock.toml` (PEP 751).
#[must_use]
pub fn created_by(text: &str) -> Option<&str> {
    let value = text.lines().find_map(|line| line.strip_prefix("created-by"))?;
    Some(value.trim_start().strip_prefix('=')?.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        [("PDM_PROJECT", "/x"), ("VIRTUAL_ENV", "/other"), ("PIPENV_PIPFILE", "/x")].into_iter().collect()
    }

    fn set(invocation: &Invocation, name: &str) -> Option<String> {
        let value = &invocation.env.iter().rfind(|(known, _)| known == name)?.1;
        value.as_ref().map(|value| value.to_string_lossy().into_owned())
    }

    #[test]
    fn a_lock_file_has_one_manager() {
        assert_eq!(Manager::of("pylock.toml", "lock-version = '1.0'\ncreated-by = \"pdm\"\n"), Some(Manager::Pdm));
        assert_eq!(Manager::of("pylock.toml", "created-by = 'pip'\n"), None);
        assert_eq!(Manager::of("Pipfile.lock", ""), Some(Manager::Pipenv));
        assert_eq!(Manager::of("Cargo.lock", ""), None);
    }

    #[test]
    fn each_is_pointed_at_one_environment_or_at_none() {
        for manager in [Manager::Uv, Manager::Poetry, Manager::Pdm, Manager::Pipenv] {
            let inside = manager.command(Path::new("/m"), &variables(), Some(Path::new("/v")));
            let expected = (manager != Manager::Uv).then(|| "/v".to_owned());
            assert_eq!(set(&inside, "VIRTUAL_ENV"), expected);
            assert_eq!(set(&inside, "PDM_PROJECT"), None);
            let alone = manager.command(Path::new("/m"), &variables(), None);
            assert_eq!(set(&alone, "VIRTUAL_ENV"), None);
            assert_eq!(set(&alone, "PIPENV_PIPFILE"), None);
        }
    }
}
