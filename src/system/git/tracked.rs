//! What git tracks, asked of a repository that nobody vouches for.
//!
//! Such a repository decides what git reads and runs. So nothing of it is run: no monitor of files, no hook, no pager, no
//! remote helper for objects that are missing; and nothing that git reads may make it wait.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{Git, Repository, run, words};
use crate::domain::plan::Invocation;
use crate::system::regular;

/// Git lists a hundred thousand files in a fraction of a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// Settings that would run a program, and what they are instead.
const HARMLESS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.pager=cat",
    "core.alternateRefsCommand=",
    "protocol.allow=never",
];

impl Git {
    /// The files below `folder` that git tracks in `repository`, relative to it and sorted.
    ///
    /// # Errors
    /// Git refuses, or would have to read what is no regular file.
    pub fn tracked(&self, repository: &Repository, folder: &Path) -> Result<Vec<String>> {
        // Git is asked only where it can read its configuration to the end.
        self.config(Some(repository))?;
        let index = repository.git_dir.join("index");
        if !index.try_exists().unwrap_or(true) {
            return Ok(Vec::new());
        }
        let shared = regular::names(&repository.git_dir).unwrap_or_default().into_iter().map(|(name, _)| name);
        let shared = shared.filter(|name| name.starts_with("sharedindex."));
        for path in shared.map(|name| repository.git_dir.join(name)).chain([index]) {
            if regular::is_special(&path) {
                bail!("cannot read git's index: {} is not a regular file", path.display());
            }
        }
        let asked = harmless(self.reading()).args(["ls-files", "-z", "--cached", "--", "."]).cwd(folder);
        let output = run(&asked)?;
        if !output.success() {
            bail!("git does not tell what it tracks: {}", words(&output));
        }
        let mut files: Vec<String> =
            output.stdout_text().split_terminator('\0').map(str::to_owned).filter(|file| !file.is_empty()).collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// Let git track nothing below `path` any more. What stands there stays.
    ///
    /// # Errors
    /// Git refuses: its words.
    pub fn untrack(&self, repository: &Repository, path: &Path) -> Result<()> {
        // A forced removal compares nothing, and so runs no filter.
        let asked = harmless(self.command()).args(["rm", "-r", "--cached", "--force", "--quiet", "--"]).arg(path);
        let output = run(&asked.cwd(&repository.top).set("GIT_LITERAL_PATHSPECS", "1"))?;
        if !output.success() {
            bail!("git cannot forget {}: {}", path.display(), words(&output));
        }
        Ok(())
    }
}

/// The same, without anything of the repository that could be run.
fn harmless(invocation: Invocation) -> Invocation {
    let settings = HARMLESS.iter().flat_map(|setting| ["-c", setting]);
    let invocation = invocation.args(settings).timeout(PATIENCE);
    // What is missing in a partial clone is not fetched, which a repository can make a command of its own.
    invocation.set("GIT_NO_LAZY_FETCH", "1").set("GIT_ALLOW_PROTOCOL", "none")
}
