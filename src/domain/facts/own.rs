//! Checks that a project declares for itself, in `[tool.pyenvkit.doctor.checks.<name>]`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Those of a project, by name.
pub type OwnChecks = BTreeMap<String, OwnCheck>;

/// A command, and what is expected of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OwnCheck {
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// How it must end.
    #[serde(default)]
    pub exit_code: i32,
    /// What it must print, on either stream.
    #[serde(default)]
    pub output: Option<String>,
    /// What to do where it fails.
    #[serde(default)]
    pub hint: Option<String>,
    /// After so many seconds it is stopped and has failed.
    #[serde(default = "a_minute")]
    pub timeout: u64,
    /// Whether its failure is a warning only.
    #[serde(default)]
    pub severity: OwnSeverity,
    /// What came of it; `None` where it was not run.
    #[serde(skip)]
    pub ran: Option<Ran>,
}

/// How bad it is where a check of a project's own fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnSeverity {
    Warning,
    #[default]
    Failure,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// It ended by itself. `code` is `None` where a signal ended it; `output` is what it printed, without credentials.
    Ended { code: Option<i32>, output: String },
    /// It could not be run to its end, for this reason.
    Not(String),
}

fn a_minute() -> u64 {
    60
}
