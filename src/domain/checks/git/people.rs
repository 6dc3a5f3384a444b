//! GIT03 and GIT04: in whose name commits are made, and whose the repository is.

use std::path::Path;

use super::super::{Check, DEVELOPER, Docs, Family, Finding, Findings, Fixable, Location, Severity};
use super::repository;
use crate::domain::facts::{Facts, Need};
use crate::domain::git_config::{self, Config, Scope};

pub const NO_IDENTITY: Check = Check {
    id: "GIT03",
    family: Family::Git,
    title: "git does not know who commits",
    docs: Docs {
        what: "Neither git's configuration nor the environment says in whose name and with which address a commit is \
               made.",
        why: "`git commit` refuses to work, or invents an address of this machine that stays in the history.",
        origin: "Git was not set up on this machine yet.",
        remedy: "`git config --global user.name \"Your Name\"` and `git config --global user.email you@example.org`.",
    },
    needs: &[Need::Git, Need::Variables],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: no_identity,
};

fn no_identity(facts: &Facts) -> Findings {
    let project = facts.project()?;
    repository(project)?;
    let variables = facts.machine.variables.get()?;
    let author = git_config::author(project.git.get()?, &|name| variables.get(name).cloned());
    let missing: Vec<(&str, &str)> =
        [(&author.name, "user.name", "'Your Name'"), (&author.email, "user.email", "you@example.org")]
            .into_iter()
            .filter(|(known, ..)| known.is_none())
            .map(|(_, key, example)| (key, example))
            .collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&str> = missing.iter().map(|(key, _)| *key).collect();
    let commands: Vec<String> =
        missing.iter().map(|(key, example)| format!("git config --global {key} {example}")).collect();
    let mut finding = Finding::new("git does not know in whose name you commit")
        .because(format!("{} {} not set", keys.join(" and "), if keys.len() == 1 { "is" } else { "are" }))
        .so("git refuses to commit, or invents an address")
        .remedy(commands.join(" && "));
    // The user's own file is where it belongs, whichever project it was missed in.
    finding.location = facts.machine.home.as_ref().map(|home| Location::file(home.join(".gitconfig")));
    Ok(vec![finding])
}

pub const DUBIOUS: Check = Check {
    id: "GIT04",
    family: Family::Git,
    title: "git refuses a repository of another user",
    docs: Docs {
        what: "The repository belongs to another user than the one who works in it, and `safe.directory` of git's \
               configuration does not name it.",
        why: "Git refuses every command with \"detected dubious ownership\": whoever owns a repository decides what \
              programs git runs in it. Hooks, and versions that are derived from tags, fail with it.",
        origin: "The project was cloned or copied with `sudo`, lies on a shared disk, or was mounted into a container \
                 that runs as another user.",
        remedy: "Take the folder over: `sudo chown -R \"$(id -u):$(id -g)\" DIR`. Or, if you trust its owner, \
                 `git config --global --add safe.directory DIR`.",
    },
    needs: &[Need::Git],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: dubious,
};

fn dubious(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let repository = repository(project)?;
    let Some(foreign) = &repository.foreign else { return Ok(Vec::new()) };
    if is_safe(project.git.get()?, &repository.top, facts.machine.home.as_deref()) {
        return Ok(Vec::new());
    }
    let top = repository.top.display();
    Ok(vec![
        Finding::new(format!("git refuses to work in {top}, which belongs to another user"))
            .because(format!("{} belongs to user {}", foreign.path.display(), foreign.owner))
            .so("every git command fails with \"detected dubious ownership\"")
            .remedy(format!("git config --global --add safe.directory '{top}', if you trust that user"))
            .at(Location::file(&repository.top)),
    ])
}

/// Whether `safe.directory` names the top; a repository's own configuration has no say in it. Source: git-config(1).
fn is_safe(config: &Config, top: &Path, home: Option<&Path>) -> bool {
    let says = |scope: Scope| matches!(scope, Scope::System | Scope::Global | Scope::Command);
    let settings = config.settings.iter().filter(|it| it.name == "safe.directory" && says(it.scope));
    settings.fold(false, |safe, setting| match setting.value.as_deref() {
        None | Some("") => false,
        Some("*") => true,
        Some(value) => {
            let path = match (value.strip_prefix("~/"), home) {
                (Some(rest), Some(home)) => home.join(rest),
                _ => Path::new(value).to_owned(),
            };
            let below = path.file_name().is_some_and(|name| name == "*");
            safe || path == top || below && path.parent().is_some_and(|folder| top.starts_with(folder))
        }
    })
}
