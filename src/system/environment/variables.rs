//! The environment variables that children get: what could lead an installation astray is taken out.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// A snapshot of environment variables, so that everything that depends on them can be tried with others.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<OsString, OsString>);

/// Changes to the inherited environment, as an invocation takes them.
pub type Changes = Vec<(OsString, Option<OsString>)>;

/// Unset for every child: they choose another interpreter, another folder, or change what is printed.
const UNSET: &[&str] = &[
    "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT",
    "__PYVENV_LAUNCHER__",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONUSERBASE",
    "PYTHONSTARTUP",
    "PYTHONPLATLIBDIR",
    "PYTHONEXECUTABLE",
    "PYTHONINSPECT",
    "PYTHONWARNINGS",
    "PYTHONOPTIMIZE",
    "PYTHONDEBUG",
    "PYTHONVERBOSE",
    "PYTHONDEVMODE",
    "PYTHONCASEOK",
    "PYTHONBREAKPOINT",
    "PYTHONPROFILEIMPORTTIME",
    "PYTHONDUMPREFS",
    "PYTHONLEGACYWINDOWSSTDIO",
    "PYTHONLEGACYWINDOWSFSENCODING",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "PY_COLORS",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
];

/// What every child sees: UTF-8 whatever the locale, no colours, nothing from the user's own site-packages.
const SET: &[(&str, &str)] =
    &[("PYTHONUTF8", "1"), ("PYTHONIOENCODING", "utf-8"), ("PYTHONNOUSERSITE", "1"), ("NO_COLOR", "1")];

/// Settings of uv that say from where and which versions, never to where. All others are unset.
const UV_KEPT: &[&str] = &[
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_NO_INDEX",
    "UV_INDEX_STRATEGY",
    "UV_KEYRING_PROVIDER",
    "UV_INSECURE_HOST",
    "UV_NATIVE_TLS",
    "UV_SYSTEM_CERTS",
    "UV_OFFLINE",
    "UV_REQUEST_TIMEOUT",
    "UV_CACHE_DIR",
    "UV_NO_CACHE",
    "UV_LINK_MODE",
    "UV_EXCLUDE_NEWER",
    "UV_PRERELEASE",
    "UV_RESOLUTION",
    "UV_CONSTRAINT",
    "UV_BUILD_CONSTRAINT",
    "UV_OVERRIDE",
    "UV_NO_BINARY",
    "UV_NO_BINARY_PACKAGE",
    "UV_NO_BUILD",
    "UV_NO_BUILD_PACKAGE",
    "UV_NO_BUILD_ISOLATION",
    "UV_REQUIRE_HASHES",
    "UV_TORCH_BACKEND",
    "UV_CONFIG_FILE",
    "UV_NO_CONFIG",
    "UV_CREDENTIALS_DIR",
    "UV_GIT_LFS",
    "UV_LOCK_TIMEOUT",
];

/// Beginnings of names of settings of uv that stay.
const UV_KEPT_PREFIXES: &[&str] = &["UV_INDEX_", "UV_HTTP_", "UV_CONCURRENT_"];

impl Variables {
    /// Those of this process.
    #[must_use]
    pub fn current() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The value of `name`, unless it is empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.iter().find(|(known, _)| same(known, name)).map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// The value of `name` as text, unless it is empty or not Unicode.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(OsStr::to_str)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The user's home folder, as pip and uv look for it.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        self.get(name).map(PathBuf::from).or_else(std::env::home_dir)
    }

    /// The changes that keep a child inside: interpreters, other environments, pip and uv are told nothing by chance.
    #[must_use]
    pub fn scrubbed(&self) -> Changes {
        let mut changes: Changes = self
            .iter()
            .filter(|(name, _)| name.to_str().is_some_and(leads_astray))
            .map(|(name, _)| (name.to_owned(), None))
            .collect();
        changes.extend(SET.iter().map(|(name, value)| ((*name).into(), Some((*value).into()))));
        changes
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

fn same(known: &OsStr, wanted: &str) -> bool {
    if cfg!(windows) { known.eq_ignore_ascii_case(wanted) } else { known == wanted }
}

fn leads_astray(name: &str) -> bool {
    let name = if cfg!(windows) { name.to_ascii_uppercase() } else { name.to_owned() };
    if name.starts_with("UV_") {
        return !UV_KEPT.contains(&name.as_str()) && !UV_KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    }
    UNSET.contains(&name.as_str())
        || name.starts_with("PIP_")
        || name.starts_with("_PIP_")
        || (name.starts_with("CONDA_") && name != "CONDA_EXE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_redirects_goes_and_what_says_from_where_stays() {
        let variables: Variables = [
            ("PIP_TARGET", "/x"),
            ("PIP_INDEX_URL", "https://x"),
            ("UV_TARGET", "/x"),
            ("UV_PROJECT_ENVIRONMENT", "/x"),
            ("UV_INDEX_PRIVATE_PASSWORD", "p"),
            ("UV_DEFAULT_INDEX", "https://x"),
            ("PYTHONHOME", "/x"),
            ("CONDA_PREFIX", "/x"),
            ("VIRTUAL_ENV", "/x"),
            ("HTTPS_PROXY", "http://p"),
        ]
        .into_iter()
        .collect();
        let changes = variables.scrubbed();
        let gone: Vec<&str> =
            changes.iter().filter(|(_, value)| value.is_none()).filter_map(|(name, _)| name.to_str()).collect();
        assert_eq!(
            gone,
            [
                "CONDA_PREFIX",
                "PIP_INDEX_URL",
                "PIP_TARGET",
                "PYTHONHOME",
                "UV_PROJECT_ENVIRONMENT",
                "UV_TARGET",
                "VIRTUAL_ENV"
            ]
        );
        assert!(changes.contains(&("PYTHONUTF8".into(), Some("1".into()))));
    }

    #[test]
    fn an_empty_variable_is_none() {
        let variables: Variables = [("A", ""), ("B", "x")].into_iter().collect();
        assert_eq!((variables.get("A"), variables.text("B")), (None, Some("x")));
    }
}
