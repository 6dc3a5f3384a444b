//! Git, run as a program: where it is, what it says of itself, and the environment in which it does what we mean.

mod commit;
mod config;
mod hooks;
mod repository;
mod tracked;

pub use commit::{Commit, Committed, IDENTITY_COMMANDS, Initialised, Terminal};
pub use config::identity;
pub use hooks::{HookState, Hooked, InstallHooks, Life, hook_state};
pub use repository::{Repository, remove_dead_locks};

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use crate::domain::git_config::Setting;
use crate::domain::plan::Invocation;
use crate::system::process::{self, Failure, Output};

/// Major, minor, patch.
pub type Version = (u32, u32, u32);

/// Variables that point git at another repository, index, or reading of paths. Most are those that
/// `git rev-parse --local-env-vars` lists; `GIT_CONFIG*` are settings of the user's and stay.
const STRAY: [&str; 20] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_QUARANTINE_PATH",
    "GIT_ATTR_SOURCE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_REFLOG_ACTION",
];

/// How long a signing program may take that can ask nobody.
const SIGNING: Duration = Duration::from_secs(60);

/// Our environment as git shall see it: what we inherited, and what differs from it.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Set (`Some`) or unset (`None`) for us and for every child.
    pub overrides: BTreeMap<OsString, Option<OsString>>,
}

impl Environment {
    /// The value of a variable; an empty one counts as set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<OsString> {
        match self.overrides.get(OsStr::new(name)) {
            Some(value) => value.clone(),
            None => std::env::var_os(name),
        }
    }

    /// The value of a variable as text; invalid bytes are replaced.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// The folder that git calls `~`.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        let set = |name: &str| self.get(name).filter(|value| !value.is_empty());
        if let Some(home) = set("HOME") {
            return Some(PathBuf::from(home));
        }
        if !cfg!(windows) {
            return None;
        }
        let joined = set("HOMEDRIVE").zip(set("HOMEPATH")).map(|(mut drive, path)| {
            drive.push(path);
            PathBuf::from(drive)
        });
        joined.filter(|home| home.is_dir()).or_else(|| set("USERPROFILE").map(PathBuf::from))
    }

    fn names(&self) -> impl Iterator<Item = OsString> + '_ {
        std::env::vars_os().map(|(name, _)| name).chain(self.overrides.keys().cloned())
    }
}

/// A git that was found on PATH.
#[derive(Debug)]
pub struct Git {
    program: PathBuf,
    environment: Environment,
    version: OnceLock<Option<Version>>,
    system: OnceLock<Option<Vec<Setting>>>,
    signing_limit: Duration,
}

impl Git {
    /// The first `git` on PATH. On macOS the placeholder that offers to install the developer tools is none.
    #[must_use]
    pub fn find() -> Option<Self> {
        let program = which::which("git").ok()?;
        if cfg!(target_os = "macos") && program == Path::new("/usr/bin/git") {
            let tools = ["/Library/Developer/CommandLineTools/usr/bin/git", "/var/db/xcode_select_link"];
            if !tools.iter().any(|tool| Path::new(tool).exists()) {
                return None;
            }
        }
        Some(Self::at(program, Environment::default()))
    }

    /// The git at `program`, in an environment that may differ from ours.
    #[must_use]
    pub fn at(program: impl Into<PathBuf>, environment: Environment) -> Self {
        Self {
            program: program.into(),
            environment,
            version: OnceLock::new(),
            system: OnceLock::new(),
            signing_limit: SIGNING,
        }
    }

    /// Give a signing program that can ask nobody this long instead of a minute.
    #[must_use]
    pub fn signing_within(mut self, limit: Duration) -> Self {
        self.signing_limit = limit;
        self
    }

    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What `git --version` says, asked once; `None` if it says nothing of the kind.
    pub fn version(&self) -> Option<Version> {
        *self.version.get_or_init(|| {
            let output = run(&self.reading().arg("--version")).ok()?;
            parse_version(&String::from_utf8_lossy(&output.stdout))
        })
    }

    /// A git that works on the repository of its folder, says nothing in colour or another language, opens no pager,
    /// no editor and no prompt.
    #[must_use]
    pub fn command(&self) -> Invocation {
        // Line endings are as the templates mean them: `core.safecrlf` would refuse what `.gitattributes` settles.
        let settings = ["color.ui=false", "core.fsmonitor=false", "core.safecrlf=false"];
        self.bare().arg("--no-pager").args(settings.iter().flat_map(|setting| ["-c", setting]))
    }

    /// As [`Git::command`], for commands that write nothing and shall take no locks.
    #[must_use]
    pub fn reading(&self) -> Invocation {
        self.command().set("GIT_OPTIONAL_LOCKS", "0")
    }

    /// The program in its environment, with all settings as the user has them.
    fn bare(&self) -> Invocation {
        let mut invocation = Invocation::new(&self.program);
        invocation.env = self.environment.overrides.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        for name in STRAY {
            invocation = invocation.unset(name);
        }
        // A trace to a file disturbs nobody; one to a stream would stand among git's words.
        let traces = self.environment.names().filter(|name| {
            let name = name.to_string_lossy();
            let to_stream = || self.environment.get(&name).is_some_and(|target| !Path::new(&target).is_absolute());
            name == "GIT_CURL_VERBOSE" || name.starts_with("GIT_TRACE") && to_stream()
        });
        for name in traces.collect::<Vec<_>>() {
            invocation = invocation.unset(name);
        }
        // Only the language is fixed: the character set also holds for the hooks that git runs.
        if let Some(locale) = self.environment.get("LC_ALL") {
            invocation = invocation.set("LC_CTYPE", locale).unset("LC_ALL");
        }
        invocation
            .set("LC_MESSAGES", "C")
            .set("LANGUAGE", "C")
            .set("GIT_TERMINAL_PROMPT", "0")
            .set("GIT_EDITOR", ":")
            .timeout(Duration::from_secs(60))
    }
}

fn run(invocation: &Invocation) -> Result<Output, Failure> {
    process::run(invocation, &mut |_, _| {})
}

/// `git version 2.39.3 (Apple Git-146)`, `git version 2.47.0.windows.2`, `git version 2.18.GIT`.
fn parse_version(text: &str) -> Option<Version> {
    let numbers = text.trim().strip_prefix("git version ")?.split([' ', '-']).next()?;
    let mut numbers = numbers.split('.').map(|number| number.parse::<u32>().ok());
    let (major, minor) = (numbers.next()??, numbers.next()??);
    Some((major, minor, numbers.next().flatten().unwrap_or(0)))
}

/// What git said, without blank lines and the status lines that gpg writes for programs.
fn words(output: &Output) -> String {
    let text = String::from_utf8_lossy(if output.stderr.is_empty() { &output.stdout } else { &output.stderr });
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with("[GNUPG:]"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
