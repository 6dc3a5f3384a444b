//! GIT01: whether git tracks the environment.

use super::super::{Action, Check, Docs, EVERYWHERE, Family};
use super::super::{Finding, Findings, Fix, Fixable, Location, Severity};
use super::ignored::{FILE, ignore, is_ignored};
use super::versioned;
use crate::domain::facts::{Environment, Facts, Need, NoAnswer, Project};

pub const ENVIRONMENT_TRACKED: Check = Check {
    id: "GIT01",
    family: Family::Git,
    title: "git tracks the environment",
    docs: Docs {
        what: "Files of the virtual environment were committed, or are about to be.",
        why: "An environment works at its place on its machine alone: whoever clones the repository gets thousands of \
              files that are broken there, and each installation is a change to commit.",
        origin: "`git add .` before `.gitignore` named the environment.",
        remedy: "`git rm -r --cached .venv`, which leaves the files where they are; write `.venv/` into `.gitignore`; \
                 commit both.",
    },
    needs: &[Need::Tracked, Need::Environments, Need::Ignore],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: environment_tracked,
};

fn environment_tracked(facts: &Facts) -> Findings {
    let project = versioned(facts)?;
    let tracked = project.tracked.get()?.as_ref();
    let tracked = tracked.ok_or_else(|| NoAnswer::pointless("not in a git repository"))?;
    let mut findings = Vec::new();
    for environment in project.environments.get()? {
        let Some(name) = &environment.name else { continue };
        let folder = format!("{name}/");
        let own = format!("{folder}{FILE}");
        let files: Vec<&String> =
            tracked.files.iter().filter(|file| file.starts_with(&folder) && **file != own).collect();
        let Some(first) = files.first() else { continue };
        let more = if files.len() == 1 { String::new() } else { format!(" and {} more files", files.len() - 1) };
        findings.push(
            Finding::new(format!("git tracks the environment {name}"))
                .because(format!("{first}{more} are in git's index"))
                .so("whoever clones the repository gets an environment that cannot work there")
                .remedy(format!("git rm -r --cached {name}, and write {name}/ into {FILE}"))
                .at(Location::file(&environment.folder))
                .fix(untrack(project, environment, name)?),
        );
    }
    Ok(findings)
}

/// Let git forget the environment, which stays where it is, and let it be ignored.
fn untrack(project: &Project, environment: &Environment, name: &str) -> Result<Option<Fix>, NoAnswer> {
    let fix = Fix::asking(format!("let git forget {name} and ignore it; the files stay where they are"));
    let fix = if is_ignored(project, environment, name)? {
        fix
    } else {
        let Some(edit) = ignore(name) else { return Ok(None) };
        fix.edit(edit)
    };
    Ok(Some(fix.action(Action::Untrack { path: project.folder.join(name) })))
}
