//! Build backends (PEP 517) as data: what each is called, and where it looks for a project's package.

use serde::Deserialize;

use super::edit::requirement;

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
    /// What `build-backend` names, or the beginning of it up to a dot.
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
    /// The backend that a requirement names.
    #[must_use]
    pub fn of_requirement(&self, text: &str) -> Option<&Backend> {
        let name = requirement::name(text);
        self.backend.iter().find(|backend| backend.distribution == name)
    }

    /// The backend that `build-backend` means.
    #[must_use]
    pub fn of_module(&self, build_backend: &str) -> Option<&Backend> {
        let is_of = |backend: &&Backend| {
            let rest = build_backend.trim().strip_prefix(&backend.module);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':']))
        };
        self.backend.iter().find(is_of)
    }
}
