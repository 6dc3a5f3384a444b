//! PKG06 and PKG07: whether the project itself can be imported in its environment, from where it is.

use std::path::Path;

use super::super::{Action, Check, Docs, EVERYWHERE, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::{completed, installed, own_name, pip};
use crate::domain::facts::{EntryKind, Facts, Need, NoAnswer, PathFile, Project};
use crate::domain::groups::normalise;
use crate::domain::installed::Distribution;

pub const NOT_INSTALLED: Check = Check {
    id: "PKG06",
    family: Family::Packages,
    title: "the project is not installed in its environment",
    docs: Docs {
        what: "The project keeps its code below `src`, and the environment does not have the project itself.",
        why: "Python finds code below `src` only if the project is installed: tests and commands fail with \
              \"No module named ...\", or run another copy.",
        origin: "Only the dependencies were installed (`pip install -r requirements.txt`), or the project was \
                 uninstalled.",
        remedy: "`pip install --editable .` in the project's folder; changes of the code then count at once.",
    },
    needs: &[Need::Environments, Need::Packages, Need::Pyproject],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: not_installed,
};

fn not_installed(facts: &Facts) -> Findings {
    let (project, environment, packages) = installed(facts)?;
    let name = own_name(project)?.ok_or_else(|| NoAnswer::pointless("the project is none to be installed"))?;
    if project.entries.get("src") != Some(&EntryKind::Folder) {
        return Err(NoAnswer::pointless("the project does not keep its code below src"));
    }
    let is_own = |other: &str| normalise(other) == name;
    let mut eggs = packages.eggs.iter().filter_map(|egg| egg.split(['-', '.']).next());
    let sources = project.folder.join("src");
    if packages.distributions.iter().any(|found| is_own(&found.name))
        || packages.unreadable.iter().any(|folder| is_own(folder.split('-').next().unwrap_or(folder)))
        || eggs.any(is_own)
        || packages.path_files.iter().any(|file| file.leads_to(&sources))
    {
        return Ok(Vec::new());
    }
    let shown = environment.shown();
    Ok(vec![
        Finding::new(format!("the project {name} is not installed in {shown}"))
            .because(format!("{} has no {name}", packages.site.display()))
            .so(format!("its code below src cannot be imported: \"No module named {}\"", name.replace('-', "_")))
            .remedy(pip(environment, "install --editable ."))
            .at(Location::file(&packages.site))
            .fix(completed(environment, Fix::safe(format!("install the project into {shown}")), Vec::new())),
    ])
}

pub const DEAD_TARGET: Check = Check {
    id: "PKG07",
    family: Family::Packages,
    title: "an editable install leads to another folder, or to none",
    docs: Docs {
        what: "A package was installed as a link to the folder of its code (`pip install --editable`), and that folder \
               is gone; or the link of the project itself leads to another folder than this one.",
        why: "If the folder is gone, the package cannot be imported. If it is another one, tests and commands run that \
              other copy: what is changed here has no effect.",
        origin: "The folder was renamed, moved or deleted after the installation, or the environment is used by two \
                 copies of the project.",
        remedy: "`pip install --editable .` in the project's folder; what is not needed any more: `pip uninstall NAME`.",
    },
    needs: &[Need::Environments, Need::Packages, Need::Pyproject],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: dead_target,
};

fn dead_target(facts: &Facts) -> Findings {
    let (project, environment, packages) = installed(facts)?;
    let own = own_name(project)?.unwrap_or_default();
    let shown = environment.shown();
    let mut findings = Vec::new();
    for found in packages.distributions.iter().filter(|found| found.is_editable()) {
        let Some(target) = packages.editables.get(&found.info) else { continue };
        let is_own = normalise(&found.name) == own;
        let broken: Vec<&PathFile> =
            packages.path_files.iter().filter(|file| file.is_of(&found.name) && file.leads_nowhere()).collect();
        let (what, cause) = match (&target.real, broken.first()) {
            (None, _) => ("to a folder that is not there", format!("it names {}", target.named.display())),
            (Some(real), _) if is_own && !is_here(project, real) => {
                ("to another folder than this project's", format!("it names {}", target.named.display()))
            }
            (Some(_), Some(file)) => ("to a folder that is not there", format!("{} names it", file.name)),
            (Some(_), None) => continue,
        };
        let (fix, remedy) = if is_own {
            let fix = Fix::safe(format!("install the project into {shown} again"));
            let fix =
                aside(fix, found, packages.path_files.iter().filter(|file| file.is_of(&found.name)), &packages.site);
            (completed(environment, fix, Vec::new()), pip(environment, "install --editable ."))
        } else {
            (None, pip(environment, &format!("uninstall {}", found.name)))
        };
        let consequence = if target.real.is_none() || !broken.is_empty() {
            format!("{} cannot be imported", found.name)
        } else {
            "what runs is that other copy, and changes made here have no effect".to_owned()
        };
        findings.push(
            Finding::new(format!("the editable install of {} in {shown} leads {what}", found.name))
                .because(cause)
                .so(consequence)
                .remedy(remedy)
                .at(Location::file(&found.info))
                .caused_by(if is_own { &["VEN04", "VEN05"] } else { &[] })
                .fix(fix),
        );
    }
    Ok(findings)
}

/// Whether an editable install of the folder is one of this project, which may keep its code elsewhere in the folder.
fn is_here(project: &Project, real: &Path) -> bool {
    real.starts_with(&project.folder)
}

fn aside<'p>(fix: Fix, found: &Distribution, files: impl Iterator<Item = &'p PathFile>, site: &Path) -> Fix {
    let fix = files.fold(fix, |fix, file| fix.action(Action::SetAside { path: site.join(&file.name) }));
    fix.action(Action::SetAside { path: found.info.clone() })
}
