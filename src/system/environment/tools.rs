//! Running the tools that are installed in an environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::config::PipSettings;
use super::variables::{Changes, Variables};
use super::venv;
use crate::domain::plan::Invocation;

/// The path of a console script of the environment, if it has it.
#[must_use]
pub fn script(venv: &Path, name: &str) -> Option<PathBuf> {
    let file = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    let path = venv::bin(venv).join(file);
    venv::is_executable(&path).then_some(path)
}

/// `program` as it runs in an activated environment: its programs first on PATH, `VIRTUAL_ENV` set, nothing of another
/// one. What the tool itself may install (a build in isolation) comes from where pip gets its packages.
#[must_use]
pub fn invocation(venv: &Path, program: impl Into<PathBuf>, variables: &Variables) -> Invocation {
    let mut invocation = Invocation::new(program);
    invocation.env = activated(venv, variables);
    invocation
}

/// The environment of a child inside the activated environment.
#[must_use]
pub fn activated(venv: &Path, variables: &Variables) -> Changes {
    let mut changes = variables.scrubbed();
    let folder = std::env::current_dir().unwrap_or_default();
    let pip = PipSettings::read(variables, &[]).as_variables(&folder);
    changes.extend(pip.into_iter().map(|(name, value)| (name, Some(value))));
    changes.push(("VIRTUAL_ENV".into(), Some(venv.into())));
    changes.push(("PATH".into(), Some(path(venv, variables))));
    changes
}

fn path(venv: &Path, variables: &Variables) -> OsString {
    let rest = variables.get("PATH").unwrap_or_default();
    let all = std::iter::once(venv::bin(venv)).chain(std::env::split_paths(rest));
    std::env::join_paths(all).unwrap_or_else(|_| rest.to_owned())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_sees_its_environment_first() {
        let variables: Variables =
            [("PATH", "/usr/bin"), ("VIRTUAL_ENV", "/other"), ("PYTHONPATH", "/x"), ("PIP_TARGET", "/x")]
                .into_iter()
                .collect();
        let env = invocation(Path::new("/v"), "/v/bin/tool", &variables).env;
        let last = |name: &str| env.iter().rfind(|(known, _)| known == name).and_then(|(_, value)| value.clone());
        assert_eq!(last("PATH"), Some("/v/bin:/usr/bin".into()));
        assert_eq!(last("VIRTUAL_ENV"), Some("/v".into()));
        assert_eq!(last("PYTHONPATH"), None);
        assert_eq!(last("PIP_TARGET"), None);
        assert_eq!(script(Path::new("/nonexistent"), "tool"), None);
    }
}
