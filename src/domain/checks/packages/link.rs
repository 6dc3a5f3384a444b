//! PKG09: whether who reads code without running it finds what is installed as a link.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::tools::checking_types;
use super::super::{Action, Check, Docs, EVERYWHERE, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::{installed, pip};
use crate::domain::facts::{Facts, Need, NoAnswer, Packages, Project};
use crate::domain::installed::Distribution;
use crate::domain::startup::AS_A_PATH;

pub const UNSEEN_LINK: Check = Check {
    id: "PKG09",
    family: Family::Packages,
    title: "type checkers do not see a package that is installed as a link",
    docs: Docs {
        what: "A package from another folder is installed with `pip install --editable`, and its build backend lets a \
               program find it (`__editable___NAME_finder.py`) instead of naming the folder in a `.pth` file; and the \
               project uses a type checker.",
        why: "Such a program works only while Python runs. Type checkers and editors read files: they say that the \
              package cannot be found, take everything of it for `Any`, and complete nothing.",
        origin: "setuptools does so for every package that is not below `src`, so that nothing else in the folder can \
                 be imported.",
        remedy: "Install it once more so that the folder is named: \
                 `pip install --editable FOLDER --config-settings editable_mode=compat`.",
    },
    needs: &[Need::Environments, Need::Packages, Need::Pyproject, Need::Configuration, Need::Hooks, Need::Tools],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: unseen_link,
};

fn unseen_link(facts: &Facts) -> Findings {
    let (project, environment, packages) = installed(facts)?;
    let checkers = checking_types(facts)?;
    if checkers.is_empty() {
        return Err(NoAnswer::pointless("the project uses no type checker"));
    }
    let mut findings = Vec::new();
    for (finder, modules) in &packages.finders {
        let Some((found, folder)) = elsewhere(project, packages, modules) else { continue };
        let name = &found.name;
        let as_path = AS_A_PATH.join(" ");
        // Where modules have other names than their files, no folder that is named lets them be found.
        let (options, fix) = if is_plain(modules) {
            let fix = Fix::asking(format!("install {name} again so that type checkers see it"))
                .action(Action::Link { folder: folder.to_owned() });
            (as_path, environment.synced.then_some(fix))
        } else {
            (as_path.replace("compat", "strict"), None)
        };
        findings.push(
            Finding::new(format!("{} cannot see {name}, which is installed as a link", checkers.join(" and ")))
                .because(format!("{finder} finds it in {}, but only while Python runs", folder.display()))
                .so(format!("imports of {name} are errors for {}, or are not checked at all", checkers.join(" and ")))
                .remedy(pip(environment, &format!("install {options} --editable '{}'", folder.display())))
                .at(Location::file(packages.site.join(finder)))
                .caused_by(&["PKG07"])
                .fix(fix),
        );
    }
    Ok(findings)
}

/// The editable install that leads to these modules, and its folder, where that is there and is none of the project's: what
/// is in the project is found by whoever starts there.
fn elsewhere<'p>(
    project: &Project,
    packages: &'p Packages,
    modules: &BTreeMap<String, PathBuf>,
) -> Option<(&'p Distribution, &'p Path)> {
    let path = modules.values().next()?;
    let (info, target) = packages.editables.iter().find(|(_, target)| path.starts_with(&target.named))?;
    let real = target.real.as_deref().filter(|real| !real.starts_with(&project.folder))?;
    Some((packages.distributions.iter().find(|found| found.info == *info)?, real))
}

/// Whether all modules have the names of their files below one folder.
fn is_plain(modules: &BTreeMap<String, PathBuf>) -> bool {
    let root = |(module, path): (&String, &PathBuf)| {
        let inner: PathBuf = module.split('.').collect();
        path.ends_with(&inner).then(|| path.ancestors().nth(inner.components().count()).map(Path::to_owned)).flatten()
    };
    let mut roots = modules.iter().map(root);
    let first = roots.next().flatten();
    first.is_some() && roots.all(|root| root == first)
}
