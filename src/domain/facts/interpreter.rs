//! A Python, as it described itself when it ran once.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::python::Minor;

/// A Python that ran once and said what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// `sys.executable` of the base installation, links resolved as Python itself resolves them: what `venv` is run with.
    pub executable: PathBuf,
    /// `sys.base_prefix`.
    pub prefix: PathBuf,
    /// `platform.python_version()`: `3.15.0rc2`.
    pub version: String,
    pub minor: Minor,
    /// `sys.implementation.name`: `cpython`, `pypy`.
    pub implementation: String,
    /// `sysconfig.get_path("stdlib")`.
    pub stdlib: PathBuf,
    /// Whether `venv` can be imported (Debian splits it out).
    pub has_venv: bool,
    /// Whether `ensurepip` can be imported and has a wheel.
    pub has_ensurepip: bool,
    /// The version of the pip that this Python has in its own site-packages, if any.
    pub pip: Option<String>,
    /// Whether the installation is marked as externally managed (PEP 668).
    pub externally_managed: bool,
}

/// Where an interpreter was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Named on the command line, in a variable or in the user's file.
    Named,
    /// `.python-version`.
    PythonVersionFile,
    Path,
    Pyenv,
    Uv,
    Homebrew,
    Conda,
    /// Debian's alternatives and `/usr/bin`.
    System,
    Deadsnakes,
    /// The Windows registry (PEP 514), where the `py` launcher looks too.
    Registry,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Named => "named",
            Self::PythonVersionFile => ".python-version",
            Self::Path => "PATH",
            Self::Pyenv => "pyenv",
            Self::Uv => "uv",
            Self::Homebrew => "Homebrew",
            Self::Conda => "conda",
            Self::System => "system",
            Self::Deadsnakes => "deadsnakes",
            Self::Registry => "registry",
        })
    }
}
