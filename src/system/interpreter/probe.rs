//! Runs an interpreter once to learn what it is.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Context;
use crate::domain::facts::Interpreter;
use crate::domain::plan::Invocation;
use crate::system::process::{self, Failure, Output};

/// Prints one JSON object. Runs on Python 3.4 and newer; below 3.8 it tells nothing but the version.
const SCRIPT: &str = include_str!("probe.py");

/// What `python -I` is to Python 2, which does not know it.
const VERSION_SCRIPT: &str = "import sys; print(sys.version.split()[0])";

/// Variables that change what an interpreter, or a shim before one, takes itself to be.
const DISTURBING: &[&str] = &[
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONSTARTUP",
    "PYENV_VERSION",
    "__PYVENV_LAUNCHER__",
];

/// An answer that stays the same as long as the installation does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    Usable(Interpreter),
    /// Older than Python 3.8.
    TooOld {
        version: String,
    },
}

/// An answer and the folders on which it depends.
#[derive(Debug)]
pub(super) struct Answer {
    pub outcome: Outcome,
    pub watched: Vec<PathBuf>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Silence {
    /// The file is no Python that works, for this reason.
    Broken(String),
    /// A signal came to us.
    Interrupted,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    TooOld { too_old: String },
    Usable { interpreter: Interpreter, watched: Vec<PathBuf> },
}

/// Ask `python` what it is, with nothing of the user's environment or packages loaded (`-I -S`) and no bytecode written.
pub(super) fn ask(python: &Path, context: &Context) -> Result<Answer, Silence> {
    let output = execute(python, &["-I", "-S", "-B", "-c", SCRIPT], context)?;
    if output.status.code() == Some(2) && output.stderr_tail(20).contains("-I") {
        return ask_python_2(python, context);
    }
    if !output.success() {
        return Err(Silence::Broken(describe(&output)));
    }
    let text = output.stdout_text();
    let said = text.lines().rev().find_map(|line| serde_json::from_str(line).ok());
    match said {
        Some(Said::TooOld { too_old: version }) => {
            Ok(Answer { outcome: Outcome::TooOld { version }, watched: Vec::new() })
        }
        Some(Said::Usable { interpreter, watched }) => Ok(Answer { outcome: Outcome::Usable(interpreter), watched }),
        None => Err(Silence::Broken("its answer is not that of a Python".to_owned())),
    }
}

fn ask_python_2(python: &Path, context: &Context) -> Result<Answer, Silence> {
    let output = execute(python, &["-E", "-S", "-B", "-c", VERSION_SCRIPT], context)?;
    let version = output.stdout_text().trim().to_owned();
    if output.success() && version.starts_with(|first: char| first.is_ascii_digit()) {
        Ok(Answer { outcome: Outcome::TooOld { version }, watched: Vec::new() })
    } else {
        Err(Silence::Broken(describe(&output)))
    }
}

fn execute(python: &Path, args: &[&str], context: &Context) -> Result<Output, Silence> {
    let mut invocation = Invocation::new(python).args(args).timeout(context.patience);
    if context.folder.is_dir() {
        invocation = invocation.cwd(&context.folder);
    }
    for name in DISTURBING {
        invocation = invocation.unset(*name);
    }
    process::run(&invocation, &mut |_, _| {}).map_err(|failure| match failure {
        Failure::Interrupted => Silence::Interrupted,
        Failure::TimedOut { .. } | Failure::Silent { .. } => {
            Silence::Broken(format!("did not answer within {} s", context.patience.as_secs_f32()))
        }
        Failure::NotStarted { source, .. } => Silence::Broken(format!("cannot be run: {source}")),
        Failure::Io(source) => Silence::Broken(format!("its answer cannot be read: {source}")),
    })
}

fn describe(output: &Output) -> String {
    let said = output.stderr_tail(1);
    match (output.status.code(), said.is_empty()) {
        (Some(code), true) => format!("exits with {code}"),
        (Some(code), false) => format!("exits with {code}: {}", said.trim()),
        (None, _) => format!("crashes ({})", output.status),
    }
}
