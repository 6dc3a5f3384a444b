//! Runs children: in a group of their own, output streamed, stdin null, with a time-out, stopped as a group.

use std::fmt;
use std::process::ExitStatus;

use crate::domain::plan::Invocation;

/// What a child left behind.
#[derive(Debug)]
pub struct Output {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Which of a child's streams a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// Why a child gave no result.
#[derive(Debug)]
pub enum Failure {
    /// No such program, or not one that can be executed.
    NotStarted { program: String, source: std::io::Error },
    /// It ran longer than its invocation allows and was stopped.
    TimedOut { program: String, seconds: u64 },
    /// A signal came to us; the child was stopped.
    Interrupted,
    /// Its output could not be read.
    Io(std::io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted { program, source } => write!(f, "cannot run {program}: {source}"),
            Self::TimedOut { program, seconds } => {
                write!(f, "{program} did not end within {seconds} s and was stopped")
            }
            Self::Interrupted => f.write_str("interrupted"),
            Self::Io(source) => write!(f, "cannot read a child's output: {source}"),
        }
    }
}

impl std::error::Error for Failure {}

/// Run `invocation` to its end, whatever its status. `on_line` receives each complete line while it runs, decoded lossily.
///
/// # Errors
/// It could not be started, timed out, or was interrupted. A child that exits non-zero is not an error here.
pub fn run(_invocation: &Invocation, _on_line: &mut dyn FnMut(Stream, &str)) -> Result<Output, Failure> {
    todo!()
}
