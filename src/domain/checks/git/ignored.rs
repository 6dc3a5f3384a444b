//! GIT02: whether git leaves out what no repository should have.

use super::super::{Check, Docs, EVERYWHERE, Edit, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::versioned;
use crate::domain::facts::{Environment, Facts, Need, NoAnswer, Project};
use crate::domain::piece::Locator;
use crate::domain::tree::{Place, RelPath, Root};
use crate::domain::wildcard;

pub(super) const FILE: &str = ".gitignore";

pub const NOT_IGNORED: Check = Check {
    id: "GIT02",
    family: Family::Git,
    title: "git does not ignore what every machine makes for itself",
    docs: Docs {
        what: "An environment is in the project's folder, or Python's compiled files will be, and neither `.gitignore` \
               nor the environment itself tells git to leave them out.",
        why: "`git add .` takes in thousands of files that work on this machine alone, and they stay in the \
              repository's history for ever.",
        origin: "The repository was started without a `.gitignore`, or the environment has another name than usual.",
        remedy: "Write the folder's name into `.gitignore`: `.venv/`, `__pycache__/`.",
    },
    needs: &[Need::Ignore, Need::Environments],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: not_ignored,
};

fn not_ignored(facts: &Facts) -> Findings {
    let project = versioned(facts)?;
    let patterns = patterns(project)?;
    let covered = |name: &str| patterns.iter().any(|line| may_cover(line, name));
    let mut findings = Vec::new();
    for (index, environment) in project.environments.get()?.iter().enumerate() {
        let Some(name) = environment.name.as_deref().filter(|name| !name.is_empty()) else { continue };
        if !environment.ignores_itself && !covered(name) {
            // Of a second environment the first thing to say is that there are two.
            let cause: &[&str] = if index == 0 { &["GIT01"] } else { &["GIT01", "VEN09"] };
            findings.extend(missing(project, name, &format!("the environment {name}")).map(|it| it.caused_by(cause)));
        }
    }
    if !covered("__pycache__") && !covered("x.pyc") {
        findings.extend(missing(project, "__pycache__", "the files that Python compiles"));
    }
    Ok(findings)
}

/// The lines of all files that tell git what to leave out.
fn patterns(project: &Project) -> Result<Vec<&str>, NoAnswer> {
    let ignored = project.ignore.get()?;
    let texts = ignored.texts.values().filter_map(|text| text.as_ref().ok()).map(|text| &*text.content);
    Ok(texts.chain([ignored.personal.as_str()]).flat_map(str::lines).collect())
}

/// Whether git leaves the environment called `name` out, once it tracks nothing of it.
pub(super) fn is_ignored(project: &Project, environment: &Environment, name: &str) -> Result<bool, NoAnswer> {
    Ok(environment.ignores_itself || patterns(project)?.iter().any(|line| may_cover(line, name)))
}

/// Write the folder into the project's `.gitignore`.
pub(super) fn ignore(folder: &str) -> Option<Edit> {
    let line = format!("{folder}/");
    let place = Place { root: Root::Project, path: RelPath::new(FILE).ok()? };
    Some(Edit::Put { place, at: Locator::Line { line: line.clone() }, text: line })
}

fn missing(project: &Project, folder: &str, shown: &str) -> Option<Finding> {
    let (line, edit) = (format!("{folder}/"), ignore(folder)?);
    Some(
        Finding::new(format!("git does not ignore {shown}"))
            .because(format!("no line of {FILE} covers {folder}"))
            .so("`git add .` takes in files that work on this machine alone")
            .remedy(format!("echo '{line}' >> {FILE}"))
            .at(Location::file(project.folder.join(FILE)))
            .fix(Fix::safe(format!("let git ignore {line}")).edit(edit)),
    )
}

/// Whether a line can be meant for the file or folder `name` at the top of the project. What is more than a pattern of a
/// name is given the benefit of the doubt.
fn may_cover(line: &str, name: &str) -> bool {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', '!']) {
        return false;
    }
    // A folder whose whole content is left out is left out.
    let folder = line.trim_end_matches("/**").trim_end_matches("/*").trim_end_matches('/');
    let last = folder.rsplit('/').next().unwrap_or_default();
    let last = if last.is_empty() { "*" } else { last };
    wildcard::matches(&without_classes(last), name.rsplit('/').next().unwrap_or(name))
}

/// The pattern with `?` in place of classes of characters.
fn without_classes(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, class)) = rest.split_once('[') {
        out.push_str(before);
        out.push('?');
        rest = class.split_once(']').map_or("", |(_, behind)| behind);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_covers_what_git_would_leave_out() {
        for line in [".venv", "/.venv/", "**/.venv", ".venv/*", ".*", "*", "/*", "*venv*", "[._]venv", ".v?nv/**"] {
            assert!(may_cover(line, ".venv"), "{line}");
        }
        for line in ["", "# .venv", "!.venv", "venv", "*.venv.txt", ".venv-old", "env/"] {
            assert!(!may_cover(line, ".venv"), "{line}");
        }
        assert!(may_cover("*.py[cod]", "x.pyc") && may_cover("__pycache__/", "__pycache__"));
    }
}
