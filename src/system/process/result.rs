//! What comes of running a child.

use std::fmt;
use std::process::ExitStatus;
use std::time::Duration;

/// What a child left behind.
#[derive(Debug)]
pub struct Output {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Output {
    #[must_use]
    pub fn success(&self) -> bool {
        self.status.success()
    }

    /// Standard output, decoded lossily.
    #[must_use]
    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The last `count` lines of standard error that are not blank, decoded lossily: the part that says why it failed.
    #[must_use]
    pub fn stderr_tail(&self, count: usize) -> String {
        let text = String::from_utf8_lossy(&self.stderr);
        let mut lines: Vec<&str> =
            text.lines().rev().map(str::trim_end).filter(|line| !line.is_empty()).take(count).collect();
        lines.reverse();
        lines.join("\n")
    }
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
    /// It said and did nothing for longer than its invocation allows and was stopped.
    Silent { program: String, silence: Duration },
    /// A signal came to us; the child was stopped.
    Interrupted,
    /// Its output could not be read, or it could not be waited for.
    Io(std::io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted { program, .. } => write!(f, "cannot run {program}"),
            Self::TimedOut { program, seconds } => {
                write!(f, "{program} did not end within {seconds} s and was stopped")
            }
            Self::Silent { program, silence } => {
                write!(f, "{program} said and did nothing for {} s and was stopped", silence.as_secs())
            }
            Self::Interrupted => f.write_str("interrupted"),
            Self::Io(_) => f.write_str("cannot follow a child to its end"),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotStarted { source, .. } | Self::Io(source) => Some(source),
            Self::TimedOut { .. } | Self::Silent { .. } | Self::Interrupted => None,
        }
    }
}
