//! Which Python is asked for: what `--python` and `.python-version` may say, and which interpreters satisfy it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use super::facts::Interpreter;
use super::python::Minor;

/// A Python as a user asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Nothing in particular: the empty text, `any`, `system`.
    Any,
    /// `3.14`, `3.14.1`, `3`, `3.15.0rc2`, `3.13t`, `cpython-3.12`, `pypy3.10`, `pypy`.
    Version(Wanted),
    /// `>=3.12`, `>=3.12,<3.15` (PEP 440).
    Range(VersionSpecifiers),
    /// An executable, or the folder of an environment or installation: what has a separator, a leading `.` or `~`.
    Path(PathBuf),
    /// Any other word: a program on PATH, or an environment's folder or name.
    Name(String),
}

/// A version, as far as it is named, and what is to be true of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// `cpython`, `pypy`, ...; any if `None`.
    pub implementation: Option<String>,
    /// The numbers that were given and a pre-release, if one was: `3.14`, `3.15.0rc2`; any version if `None`.
    pub version: Option<Version>,
    /// Built without the global interpreter lock (PEP 703): `3.13t`.
    pub free_threaded: bool,
}

/// The text is no request; says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestError(String);

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RequestError {}

/// The implementations whose names stand before a version.
const IMPLEMENTATIONS: &[(&str, Option<&str>)] = &[
    ("python", None),
    ("cpython", Some("cpython")),
    ("pypy", Some("pypy")),
    ("graalpy", Some("graalpy")),
    ("pyston", Some("pyston")),
];

impl FromStr for Request {
    type Err = RequestError;

    fn from_str(text: &str) -> Result<Self, RequestError> {
        let text = text.trim();
        if matches!(text, "" | "any" | "system") {
            return Ok(Self::Any);
        }
        if is_path(text) {
            return Ok(Self::Path(PathBuf::from(text)));
        }
        if text.starts_with(['<', '>', '=', '!', '~']) {
            return text.parse().map(Self::Range).map_err(|_| {
                RequestError(format!("{text:?} is not a range of Python versions such as \">=3.12,<3.15\""))
            });
        }
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            return wanted(None, text).map(Self::Version).ok_or_else(|| not_a_version(text));
        }
        let lower = text.to_ascii_lowercase();
        for (prefix, implementation) in IMPLEMENTATIONS {
            let Some(rest) = lower.strip_prefix(prefix) else { continue };
            let rest = rest.strip_suffix(".exe").unwrap_or(rest);
            // uv's full names go on after the version: `cpython-3.12.3-linux-x86_64-gnu`.
            let version = rest.strip_prefix(['-', '@']).unwrap_or(rest);
            let version = if rest.starts_with('-') { version.split('-').next().unwrap_or(version) } else { version };
            if version.is_empty() {
                return Ok(Self::Version(Wanted {
                    implementation: implementation.map(str::to_owned),
                    version: None,
                    free_threaded: false,
                }));
            }
            if version.starts_with(|first: char| first.is_ascii_digit()) {
                return wanted(*implementation, version).map(Self::Version).ok_or_else(|| not_a_version(text));
            }
        }
        if text.chars().any(|character| character.is_whitespace() || character.is_control()) {
            return Err(not_a_version(text));
        }
        Ok(Self::Name(text.to_owned()))
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any Python"),
            Self::Version(wanted) => wanted.fmt(f),
            Self::Range(range) => write!(f, "Python {range}"),
            Self::Path(path) => path.display().fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.implementation.as_deref() {
            None => "Python",
            Some("cpython") => "CPython",
            Some("pypy") => "PyPy",
            Some(other) => other,
        })?;
        if let Some(version) = &self.version {
            write!(f, " {version}")?;
        }
        if self.free_threaded { f.write_str(" (free-threaded)") } else { Ok(()) }
    }
}

impl Request {
    /// Whether `interpreter` is what is asked for. A path and a name say nothing of versions and allow every one.
    ///
    /// A pre-release is allowed by a request that names its feature version or a pre-release, never by a range of final
    /// versions. A free-threaded build is allowed only where one is asked for.
    #[must_use]
    pub fn allows(&self, interpreter: &Interpreter) -> bool {
        if matches!(self, Self::Path(_) | Self::Name(_)) {
            return true;
        }
        let Some(version) = version_of(interpreter) else { return false };
        match self {
            Self::Any => !version.any_prerelease() && !is_free_threaded(interpreter),
            Self::Range(range) => {
                (!version.any_prerelease() || range.iter().any(pep440_rs::VersionSpecifier::any_prerelease))
                    && contains(range, &version)
                    && !is_free_threaded(interpreter)
            }
            Self::Version(wanted) => wanted.allows(interpreter, &version),
            Self::Path(_) | Self::Name(_) => true,
        }
    }

    /// Whether a Python of feature version `minor` could be allowed: what a file's name is enough to rule out.
    #[must_use]
    pub fn could_allow(&self, minor: Minor) -> bool {
        match self {
            Self::Version(Wanted { version: Some(version), .. }) => {
                starts_with(&[u64::from(minor.major), u64::from(minor.minor)], version.release())
            }
            Self::Range(range) => could_contain(range, minor),
            _ => true,
        }
    }
}

impl Wanted {
    fn allows(&self, interpreter: &Interpreter, version: &Version) -> bool {
        let implementation = self.implementation.as_deref().is_none_or(|name| name == interpreter.implementation);
        implementation
            && self.free_threaded == is_free_threaded(interpreter)
            && match &self.version {
                None => !version.any_prerelease(),
                Some(wanted) if wanted.any_prerelease() => wanted == version,
                Some(wanted) => {
                    let named_its_feature_version = wanted.release().len() == 2;
                    starts_with(version.release(), wanted.release())
                        && (!version.any_prerelease() || named_its_feature_version)
                }
            }
    }
}

/// The version of `interpreter`, without the `+` of builds between releases.
#[must_use]
pub fn version_of(interpreter: &Interpreter) -> Option<Version> {
    interpreter.version.trim_end_matches('+').parse().ok()
}

/// Whether the build is free-threaded: its library folder is named `python3.13t`, or on Windows its program.
#[must_use]
pub fn is_free_threaded(interpreter: &Interpreter) -> bool {
    let marked = |name: Option<&std::ffi::OsStr>| {
        name.and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix("python3."))
            .and_then(|rest| rest.strip_suffix('t'))
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    marked(interpreter.stdlib.file_name()) || marked(interpreter.executable.file_stem())
}

/// Whether `requires_python` admits `version`. As pip does, a pre-release counts as the release that it precedes.
#[must_use]
pub fn contains(requires_python: &VersionSpecifiers, version: &Version) -> bool {
    requires_python.contains(version) || requires_python.contains(&version.only_release())
}

/// Whether some release of `minor` may be admitted.
#[must_use]
pub fn could_contain(requires_python: &VersionSpecifiers, minor: Minor) -> bool {
    let release = |patch: u64| Version::new([u64::from(minor.major), u64::from(minor.minor), patch]);
    // CPython stops well below fifty patch releases; a bound within them is met by one of these.
    (0..50).any(|patch| requires_python.contains(&release(patch)))
}

/// The requests of a `.python-version` file, in order. It holds a version a line, in the dialects of pyenv (several
/// lines, several words in a line, `#` comments, `system`, names of environments) and uv (`cpython-3.12`, ranges).
#[must_use]
pub fn python_version_file(text: &str) -> Vec<&str> {
    text.trim_start_matches('\u{feff}')
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .flat_map(|line| {
            if line.starts_with(['<', '>', '=', '!', '~']) { vec![line] } else { line.split_whitespace().collect() }
        })
        .filter(|word| !word.is_empty())
        .collect()
}

fn is_path(text: &str) -> bool {
    // `~=3.12` is a range.
    text.contains(['/', '\\'])
        || text.starts_with('.')
        || (text.starts_with('~') && !text.starts_with("~="))
        || text.as_bytes().get(1) == Some(&b':')
}

/// `text` as `3.14`, `3.15.0rc2`, `3.13t` or pyenv's `3.15-dev`.
fn wanted(implementation: Option<&str>, text: &str) -> Option<Wanted> {
    let text = text.strip_suffix("-dev").unwrap_or(text);
    let text = text.strip_suffix(".*").unwrap_or(text);
    let (text, free_threaded) = match text.strip_suffix('t') {
        Some(rest) if rest.ends_with(|last: char| last.is_ascii_digit()) => (rest, true),
        _ => (text.strip_suffix("+freethreaded").unwrap_or(text), text.ends_with("+freethreaded")),
    };
    let version: Version = text.parse().ok()?;
    let plain = version.release().len() <= 3 && version.epoch() == 0 && !version.is_post() && !version.is_local();
    plain.then(|| Wanted { implementation: implementation.map(str::to_owned), version: Some(version), free_threaded })
}

fn not_a_version(text: &str) -> RequestError {
    RequestError(format!("{text:?} is not a Python: give a version (3.14), a range (\">=3.12\"), a name or a path"))
}

fn starts_with(release: &[u64], wanted: &[u64]) -> bool {
    release.iter().zip(wanted).all(|(have, want)| have == want)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn python(version: &str, implementation: &str, stdlib: &str) -> Interpreter {
        Interpreter {
            executable: "/usr/bin/python3".into(),
            prefix: "/usr".into(),
            version: version.to_owned(),
            minor: Minor::new(3, 0),
            implementation: implementation.to_owned(),
            stdlib: stdlib.into(),
            has_venv: true,
            has_ensurepip: true,
            pip: None,
            externally_managed: false,
        }
    }

    fn allows(request: &str, version: &str) -> bool {
        request.parse::<Request>().unwrap().allows(&python(version, "cpython", "/usr/lib/python3"))
    }

    #[test]
    fn versions_match_as_far_as_they_are_given() {
        assert!(allows("3", "3.9.1") && allows("3.14", "3.14.2") && allows("3.14.2", "3.14.2"));
        assert!(!allows("3.14.2", "3.14.3") && !allows("3.1", "3.14.0") && !allows("2", "3.14.0"));
        assert!(allows("python3.13", "3.13.0") && allows("cpython-3.13", "3.13.0") && allows("python", "3.13.0"));
        assert!(allows("cpython-3.12.3-linux-x86_64-gnu", "3.12.3") && allows("3.12.*", "3.12.3"));
    }

    #[test]
    fn ranges_match() {
        assert!(allows(">=3.12", "3.12.0") && allows(">=3.12,<3.15", "3.14.9") && allows("~=3.12", "3.14.0"));
        assert!(!allows(">=3.12,<3.15", "3.15.0") && !allows(">=3.12", "3.11.9"));
    }

    #[test]
    fn pre_releases_come_only_when_asked_for() {
        assert!(!allows("", "3.15.0rc2") && !allows("3", "3.15.0rc2") && !allows(">=3.12", "3.15.0rc2"));
        assert!(allows("3.15", "3.15.0rc2") && allows("3.15.0rc2", "3.15.0rc2") && allows("3.15-dev", "3.15.0a1+"));
        assert!(!allows("3.15.0rc1", "3.15.0rc2") && allows(">=3.15.0rc1", "3.15.0rc2"));
    }

    #[test]
    fn implementations_and_threading_are_told_apart() {
        let pypy = python("3.10.14", "pypy", "/opt/lib/pypy3.10");
        let allows = |request: &str, python| request.parse::<Request>().unwrap().allows(python);
        assert!(
            allows("pypy3.10", &pypy) && allows("pypy", &pypy) && allows("3.10", &pypy) && allows("PyPy-3.10", &pypy)
        );
        assert!(!allows("cpython3.10", &pypy));
        let free = python("3.13.1", "cpython", "/opt/lib/python3.13t");
        assert!(allows("3.13t", &free) && allows("3.13+freethreaded", &free));
        assert!(!allows("3.13", &free) && !allows("", &free) && !allows(">=3.12", &free));
        assert!(!allows("3.13t", &python("3.13.1", "cpython", "/opt/lib/python3.13")));
    }

    #[test]
    fn paths_and_names_are_told_from_versions() {
        for path in [".venv", "./env", "/usr/bin/python3", "~/env", "env/bin/python", "C:\\Python\\python.exe", "a b/c"]
        {
            assert_eq!(path.parse(), Ok(Request::Path(path.into())), "{path}");
        }
        for name in ["myenv", "python-custom", "pythonw", "3-is-no-start"] {
            let parsed: Result<Request, _> = name.parse();
            assert_eq!(parsed.is_ok(), !name.starts_with('3'), "{name}");
        }
        assert_eq!("system".parse(), Ok(Request::Any));
    }

    #[test]
    fn what_is_no_request_is_named() {
        for text in ["3.x", "3.", "3.1.2.3", ">=foo", ">=", "pypy3.y", "two words", "3.14.post1"] {
            let error = text.parse::<Request>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{text:?} is not a")), "{error}");
        }
    }

    #[test]
    fn a_file_name_is_enough_to_rule_out() {
        let could = |request: &str, minor| request.parse::<Request>().unwrap().could_allow(Minor::new(3, minor));
        assert!(could("3", 9) && could("3.9", 9) && could("3.9.18", 9) && could(">=3.9.5,<3.10", 9) && could("", 1));
        assert!(!could("3.9.18", 10) && !could(">=3.12", 11) && !could("<3.9", 9));
    }

    #[test]
    fn python_version_files_of_both_dialects_are_read() {
        assert_eq!(python_version_file("\u{feff}3.12\r\n"), ["3.12"]);
        assert_eq!(
            python_version_file("# mine\n\n3.12.1  3.11 # both\ncpython-3.10\nsystem"),
            ["3.12.1", "3.11", "cpython-3.10", "system"]
        );
        assert_eq!(python_version_file(">=3.12, <3.15\n"), [">=3.12, <3.15"]);
    }

    #[test]
    fn a_pre_release_counts_as_its_release_for_a_project() {
        let range: VersionSpecifiers = ">=3.15".parse().unwrap();
        assert!(contains(&range, &"3.15.0rc2".parse().unwrap()));
        assert!(!contains(&range, &"3.14.9".parse().unwrap()));
    }
}
