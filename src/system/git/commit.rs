//! The first commit: a repository, exactly our files in it, and why git may refuse.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};

use super::{Git, Repository, run, words};
use crate::domain::git_config::Config;
use crate::domain::plan::Invocation;
use crate::system::process::{self, Failure};

/// What a user without an identity has to type.
pub const IDENTITY_COMMANDS: [&str; 2] =
    [r#"git config --global user.name "Your Name""#, r#"git config --global user.email "you@example.com""#];

/// The branch where git's configuration names none.
const BRANCH: &str = "main";

/// How long a user may take to answer one, or hooks may run.
const PATIENT: Duration = Duration::from_secs(300);

/// Argument bytes of one `git add`; Windows allows 32,767 characters in all.
const ARGUMENTS: usize = 24_000;

/// What `init` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Initialised {
    Fresh(Repository),
    /// There was one already, and nothing was done.
    Existing(Repository),
}

/// Whether somebody sits at a terminal whom a signing program may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    Attached,
    Detached,
}

/// What to commit.
#[derive(Debug, Clone, Copy)]
pub struct Commit<'a> {
    pub repository: &'a Repository,
    /// The folder that `files` are relative to.
    pub folder: &'a Path,
    /// Added even where the user's own ignore rules match them.
    pub files: &'a [PathBuf],
    pub message: &'a str,
    pub terminal: Terminal,
}

/// How a commit ended; `words` are git's or the hook's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    Done,
    /// The files stand in the last commit as they are.
    Nothing,
    /// The files are staged; [`IDENTITY_COMMANDS`] say what is missing.
    NoIdentity,
    /// The files are staged; the user wants commits signed, so an unsigned one was not made.
    SigningFailed {
        words: String,
    },
    /// The files are staged; a hook of the user's (a template's, or one under `core.hooksPath`) did not agree.
    HookRejected {
        words: String,
    },
    /// Git refused for another reason: an owner it does not trust, a full disk.
    Failed {
        words: String,
    },
}

impl Git {
    /// Make `folder` the top of a repository, whatever lies around it: one process. The branch is `init.defaultBranch`,
    /// else `main`; template and hash are what git is configured to.
    ///
    /// # Errors
    /// Git could not run, or refused: its words.
    pub fn init(&self, folder: &Path) -> anyhow::Result<Initialised> {
        if let Some(existing) = Repository::at(folder) {
            return Ok(Initialised::Existing(existing));
        }
        let config = self.config(None)?;
        let branch = config.text("init.defaultbranch").filter(|name| !name.is_empty()).unwrap_or(BRANCH);
        let invocation = self
            .command()
            .args(["-c", &format!("init.defaultBranch={branch}"), "init", "--quiet", "--"])
            .arg(".")
            .cwd(folder);
        let output = run(&invocation)?;
        if !output.success() {
            bail!("cannot make {} a git repository: {}", folder.display(), words(&output));
        }
        let found = Repository::at(folder)
            .with_context(|| format!("{} is no git repository after `git init`", folder.display()))?;
        self.name_branch(&found, branch)?;
        Ok(Initialised::Fresh(found))
    }

    /// Git before 2.28 knows no `init.defaultBranch`.
    fn name_branch(&self, repository: &Repository, branch: &str) -> anyhow::Result<()> {
        let head = fs_err::read_to_string(repository.git_dir.join("HEAD"))?;
        if branch == "master" || head.trim_end() != "ref: refs/heads/master" || self.version() >= Some((2, 28, 0)) {
            return Ok(());
        }
        let reference = format!("refs/heads/{branch}");
        let output = run(&self.command().args(["symbolic-ref", "HEAD", &reference]).cwd(&repository.top))?;
        if !output.success() {
            bail!("cannot name the branch {branch}: {}", words(&output));
        }
        Ok(())
    }

    /// Add exactly these files and commit them: two processes. Nothing is ever committed unsigned where
    /// `commit.gpgSign` is set.
    ///
    /// # Errors
    /// Git could not run, or a signal came. What git or a hook refuses is a [`Committed`].
    pub fn commit_all(&self, commit: &Commit<'_>) -> anyhow::Result<Committed> {
        let config = self.config(Some(commit.repository))?;
        let is_fresh = !commit.repository.git_dir.join("index").exists();
        if let Some(words) = self.add(commit)? {
            return Ok(Committed::Failed { words });
        }
        let signs = config.flag("commit.gpgsign") == Some(true);
        let hooks = self.commit_hooks(commit.repository, &config);
        let invocation = self.commit_invocation(commit, Manner { signs, is_fresh, hooks: !hooks.is_empty() });
        let result = if signs && commit.terminal == Terminal::Attached {
            process::run_foreground(&invocation, &mut |_, _| {})
        } else {
            run(&invocation)
        };
        match result {
            Ok(output) if output.success() => Ok(Committed::Done),
            Ok(output) => {
                let words = words(&output);
                if is_identity_missing(&words) {
                    Ok(Committed::NoIdentity)
                } else if signs && is_signing_failure(&words) {
                    Ok(Committed::SigningFailed { words })
                } else if output.status.code() == Some(1) && !self.has_staged(commit)? {
                    Ok(Committed::Nothing)
                } else if output.status.code() == Some(1) && !hooks.is_empty() {
                    Ok(Committed::HookRejected { words })
                } else {
                    Ok(Committed::Failed { words })
                }
            }
            Err(failure @ Failure::TimedOut { .. }) => {
                if is_fresh {
                    commit.repository.remove_dead_index_lock()?;
                }
                let words = failure.to_string();
                Ok(match (signs, hooks.is_empty()) {
                    (true, _) => Committed::SigningFailed { words },
                    (false, false) => Committed::HookRejected { words },
                    (false, true) => Committed::Failed { words },
                })
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// Stage the files, in as few processes as the length of a command line allows. Returns git's words if it refused.
    fn add(&self, commit: &Commit<'_>) -> anyhow::Result<Option<String>> {
        let mut files = commit.files;
        while !files.is_empty() {
            let mut length = 0;
            let fitting = files.iter().take_while(|file| {
                length += file.as_os_str().len() + 1;
                length <= ARGUMENTS
            });
            let (now, later) = files.split_at(fitting.count().max(1));
            files = later;
            let invocation =
                self.command().args(["--literal-pathspecs", "add", "--force", "--"]).args(now).cwd(commit.folder);
            let output = run(&invocation)?;
            if !output.success() {
                return Ok(Some(words(&output)));
            }
        }
        Ok(None)
    }

    fn commit_invocation(&self, commit: &Commit<'_>, manner: Manner) -> Invocation {
        // Maintenance of a repository with one commit finds nothing and takes a third of the time.
        let mut invocation = self.command().cwd(commit.folder).args([
            "-c",
            "gc.auto=0",
            "-c",
            "maintenance.auto=false",
            "-c",
            "commit.verbose=false",
        ]);
        // Git would make up an address from the names of user and machine.
        if self.environment.get("EMAIL").is_none_or(|email| email.is_empty()) {
            invocation = invocation.args(["-c", "user.useConfigOnly=true"]);
        }
        if manner.signs {
            invocation = self.ask_at(commit.terminal, invocation);
        }
        let limit = match commit.terminal {
            Terminal::Detached if manner.signs && !manner.hooks => self.signing_limit,
            _ => PATIENT,
        };
        invocation = invocation.timeout(limit).arg("--literal-pathspecs");
        invocation = invocation.args(["commit", "--quiet", "--message", commit.message]);
        if manner.is_fresh {
            return invocation;
        }
        // What the user has staged stays staged.
        invocation.args(["--only", "--"]).args(commit.files)
    }

    /// Where a signing program may ask for a passphrase: at the terminal, or nowhere.
    fn ask_at(&self, terminal: Terminal, mut invocation: Invocation) -> Invocation {
        if terminal == Terminal::Detached {
            for name in ["GPG_TTY", "DISPLAY", "WAYLAND_DISPLAY"] {
                invocation = invocation.unset(name);
            }
            // OpenSSH asks through this program instead of a terminal, and it answers nothing.
            return invocation.set("SSH_ASKPASS", "false").set("SSH_ASKPASS_REQUIRE", "force");
        }
        // Git gives gpg a pipe as its standard input, so that gpg cannot see by itself where the user is.
        let standard_input = std::fs::read_link("/proc/self/fd/0").ok().filter(|name| name.starts_with("/dev"));
        match standard_input {
            Some(name) if self.environment.get("GPG_TTY").is_none() => invocation.set("GPG_TTY", name),
            _ => invocation,
        }
    }

    /// The hooks that can refuse a commit, as they stand now.
    fn commit_hooks(&self, repository: &Repository, config: &Config) -> Vec<PathBuf> {
        let (folder, _) = repository.hooks(config, &self.environment);
        let names = ["pre-commit", "prepare-commit-msg", "commit-msg"];
        names.iter().map(|name| folder.join(name)).filter(|hook| hook.is_file()).collect()
    }

    /// Whether any of the files differs from the last commit. Asked only after a commit failed without words.
    fn has_staged(&self, commit: &Commit<'_>) -> anyhow::Result<bool> {
        let invocation = self
            .reading()
            .args(["--literal-pathspecs", "diff", "--cached", "--quiet", "--no-ext-diff", "--"])
            .args(commit.files)
            .cwd(commit.folder);
        Ok(run(&invocation)?.status.code() != Some(0))
    }
}

/// How the commit has to be made.
#[derive(Clone, Copy)]
struct Manner {
    signs: bool,
    is_fresh: bool,
    hooks: bool,
}

fn is_identity_missing(words: &str) -> bool {
    [
        "Please tell me who you are",
        "auto-detection is disabled",
        "empty ident name",
        "unable to auto-detect",
        "Author identity unknown",
        "Committer identity unknown",
    ]
    .iter()
    .any(|part| words.contains(part))
}

fn is_signing_failure(words: &str) -> bool {
    [
        "failed to sign",
        "failed to write commit object",
        "cannot run gpg",
        "could not create temporary file",
        "signingkey",
        "signingKey",
    ]
    .iter()
    .any(|part| words.contains(part))
}
