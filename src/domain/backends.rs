//! Build backends (PEP 517) as data: what each is called, and where it looks for a project's package.

use serde::Deserialize;

/// `templates/backends.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backends {
    pub backend: Vec<Backend>,
}

/// A build backend.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Backend {
    /// The distribution that has it, normalised.
    pub distribution: String,
    /// The first part of what `build-backend` names.
    pub module: String,
    /// Dotted keys of `pyproject.toml` under one of which a project says itself where its package is.
    #[serde(default)]
    pub settings: Vec<String>,
    /// Names in the project's folder that say so too.
    #[serde(default)]
    pub files: Vec<String>,
    /// Where it looks for the package otherwise: `{}` is the project's name as a module's, `*` any name. Empty where it
    /// takes packages of any name.
    #[serde(default)]
    pub finds: Vec<String>,
    /// It takes a single package at the top of the project, of any name but these. Empty for one that does not.
    #[serde(default)]
    pub passes_by: Vec<String>,
}

impl Backends {
    /// The backend that `build-backend` means.
    #[must_use]
    pub fn of_module(&self, build_backend: &str) -> Option<&Backend> {
        let first = build_backend.split(['.', ':']).next()?.trim();
        self.backend.iter().find(|backend| backend.module == first)
    }
}
