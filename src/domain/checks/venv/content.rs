//! VEN07 to VEN11: what is in the environment, and who may change it.

use std::collections::BTreeMap;

use super::super::{
    Action, Check, DEVELOPER, Docs, EVERYWHERE, Edit, Family, Finding, Findings, Fix, Fixable, Location, Severity,
};
use super::place;
use crate::domain::facts::{Environment, Facts, Manager, Need, Packages, Starts};
use crate::domain::groups::normalise;
use crate::domain::installed::Distribution;
use crate::domain::python::Minor;

pub const WITHOUT_PIP: Check = Check {
    id: "VEN07",
    family: Family::Environment,
    title: "the environment has no pip",
    docs: Docs {
        what: "The environment has no `pip` program or no `pip` package. An environment that uv made for a project \
               that uv looks after is meant to have none.",
        why: "While the environment is active, `pip` is then the next one on PATH: it installs into another Python, \
              and what it installed cannot be imported here.",
        origin: "pip was uninstalled, an upgrade of pip was interrupted, or the environment was made with \
                 `--without-pip` or by uv.",
        remedy: "`pyenvkit sync` puts it back; by hand it is `.venv/bin/python -m ensurepip`.",
    },
    needs: &[Need::Environments, Need::Packages],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::Safely,
    run: without_pip,
};

fn without_pip(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let environment = project.environment()?;
    let Some(packages) = project.packages.get()?.as_ref().filter(|_| environment.has_python()) else {
        return Ok(Vec::new());
    };
    let program = environment.scripts.contains_key("pip") || environment.scripts.contains_key("pip.exe");
    let package = packages.modules.iter().any(|module| module == "pip");
    let meant = environment.made_by_uv() && project.manager == Manager::Uv;
    if program && package || meant || environment.conda {
        return Ok(Vec::new());
    }
    let shown = environment.shown();
    let lacks = if program { "package" } else { "program" };
    let remains: Vec<&Distribution> = of_name(packages, "pip").collect();
    let mut fix = Fix::safe(format!("install pip into {shown}"));
    for found in remains {
        fix = fix.action(Action::SetAside { path: found.info.clone() });
    }
    let fix = environment.synced.then(|| fix.action(Action::Sync { also: Vec::new() }));
    Ok(vec![
        Finding::new(format!("the environment {shown} has no pip"))
            .because(format!("the {lacks} pip is not in {shown}"))
            .so("with the environment active, pip is another Python's and installs there")
            .remedy(format!("{shown}/bin/python -m ensurepip"))
            .at(Location::file(&environment.folder))
            .fix(fix),
    ])
}

fn of_name<'p>(packages: &'p Packages, name: &str) -> impl Iterator<Item = &'p Distribution> {
    packages.distributions.iter().filter(move |found| normalise(&found.name) == name)
}

pub const NOT_EXECUTABLE: Check = Check {
    id: "VEN08",
    family: Family::Environment,
    title: "programs of the environment cannot be executed",
    docs: Docs {
        what: "Files in the environment's `bin` that are programs do not have the right to be executed.",
        why: "They fail with \"Permission denied\", or the shell passes them by and runs a program of the same name \
              from elsewhere.",
        origin: "The environment went through something that does not keep rights: an archive, a shared folder of a \
                 virtual machine, a cloud drive, an artefact of a CI job.",
        remedy: "`chmod +x .venv/bin/*`",
    },
    needs: &[Need::Environments],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: not_executable,
};

fn not_executable(facts: &Facts) -> Findings {
    let environment = facts.project()?.environment()?;
    let lost: Vec<&str> = environment
        .scripts
        .iter()
        .filter(|(_, script)| !script.executable && !script.is_link && script.starts != Starts::Nothing)
        .map(|(name, _)| name.as_str())
        .collect();
    let Some(first) = lost.first() else { return Ok(Vec::new()) };
    let shown = environment.shown();
    let message = match lost.len() {
        1 => format!("{shown}/bin/{first} cannot be executed"),
        count => format!("{count} programs of the environment {shown} cannot be executed"),
    };
    let places: Option<Vec<_>> = lost.iter().map(|name| place(environment, &format!("bin/{name}"))).collect();
    let fix = places.map(|places| {
        let fix = Fix::safe(format!("make the programs of {shown} executable"));
        places.into_iter().fold(fix, |fix, place| fix.edit(Edit::MakeExecutable { place }))
    });
    Ok(vec![
        Finding::new(message)
            .because(format!("the right to execute is not set on {}", lost.join(", ")))
            .so("they fail with \"Permission denied\", or another program of the same name runs instead")
            .remedy(lost.iter().fold("chmod +x".to_owned(), |line, name| format!("{line} {shown}/bin/{name}")))
            .at(Location::file(environment.folder.join("bin").join(first)))
            .fix(fix),
    ])
}

pub const SEVERAL: Check = Check {
    id: "VEN09",
    family: Family::Environment,
    title: "the project has several environments",
    docs: Docs {
        what: "More than one folder of the project is a virtual environment.",
        why: "The terminal, the editor and CI may each use another one: what is installed in one is missing in the \
              other. Environments that test runners make for themselves below a folder of their own do not count.",
        origin: "An environment was made under a second name (`venv` beside `.venv`), or several Pythons are tried.",
        remedy: "Keep the one that you work with and remove the others.",
    },
    needs: &[Need::Environments],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: several,
};

fn several(facts: &Facts) -> Findings {
    let environments = facts.project()?.environments.get()?;
    let own: Vec<&Environment> = environments.iter().filter(|environment| environment.name.is_some()).collect();
    let [kept, others @ ..] = &own[..] else { return Ok(Vec::new()) };
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = others.iter().map(|environment| environment.shown()).collect();
    let all: Vec<String> = own.iter().map(|environment| environment.shown()).collect();
    Ok(vec![
        Finding::new(format!("the project has {} environments: {}", own.len(), all.join(", ")))
            .because(format!("pyenvkit and most editors take {}", kept.shown()))
            .so("what is installed in one of them is missing in the others")
            .remedy(format!("rm -r {}", names.join(" ")))
            .at(Location::file(&others[0].folder)),
    ])
}

pub const UNWRITABLE: Check = Check {
    id: "VEN10",
    family: Family::Environment,
    title: "the environment cannot be changed by this user",
    docs: Docs {
        what: "Folders of the environment belong to another user, or cannot be written.",
        why: "Installing fails half way, or only with `sudo`, after which even more files belong to the superuser.",
        origin: "The environment was made with `sudo`, by a container that ran as another user, or lies on a file \
                 system that is mounted read-only.",
        remedy: "`sudo chown -R \"$(id -u)\" .venv`, and never install with `sudo` into it.",
    },
    needs: &[Need::Environments],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: unwritable,
};

fn unwritable(facts: &Facts) -> Findings {
    let environment = facts.project()?.environment()?;
    let shown = environment.shown();
    let access = &environment.access;
    let finding = match (access.foreign_owner, access.unwritable.first()) {
        (Some(owner), _) => Finding::new(format!("the environment {shown} belongs to another user"))
            .because(format!("its owner is the user with the number {owner}"))
            .remedy(format!("sudo chown -R \"$(id -u)\" {shown}")),
        (None, Some(folder)) => Finding::new(format!("the environment {shown} cannot be written"))
            .because(format!("{shown}/{folder} is not writable for this user"))
            .remedy(format!("chmod -R u+w {shown}")),
        (None, None) => return Ok(Vec::new()),
    };
    let severity = if access.unwritable.is_empty() { Severity::Warning } else { Severity::Failure };
    Ok(vec![
        finding
            .so("packages cannot be installed into it or removed from it")
            .severity(severity)
            .at(Location::file(&environment.folder)),
    ])
}

pub const OTHER_ABI: Check = Check {
    id: "VEN11",
    family: Family::Environment,
    title: "compiled modules are for another Python",
    docs: Docs {
        what: "Compiled modules in the environment have the tag of another Python version in their name \
               (`_speedups.cpython-310-x86_64-linux-gnu.so` in an environment of 3.12), and none for this one is \
               beside them.",
        why: "Python does not see such a file: the import fails with \"No module named\" although the file is there, \
              or the package falls back to slow code without a word.",
        origin: "Packages were copied from another environment, or were installed with another Python's pip \
                 (`--target`), or the environment's Python was exchanged.",
        remedy: "Install the package again: `.venv/bin/python -m pip install --force-reinstall --no-deps NAME`.",
    },
    needs: &[Need::Environments, Need::Packages, Need::Records],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: other_abi,
};

fn other_abi(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let environment = project.environment()?;
    let (Some(minor), Some(packages)) = (environment.minor(), project.packages.get()?) else { return Ok(Vec::new()) };
    let records = project.records.get()?;
    let mut findings = Vec::new();
    for found in &packages.distributions {
        let name = found.info.file_name().unwrap_or_default().to_string_lossy();
        let files = records.get(name.as_ref()).into_iter().flatten().map(|record| record.path.as_str());
        let Some((file, tag)) = foreign_module(files, minor) else { continue };
        let Distribution { name, version, .. } = found;
        let python = format!("{}/bin/python", environment.shown());
        let fix = Fix::asking(format!("install {name} {version} again"))
            .action(Action::SetAside { path: found.info.clone() })
            .action(Action::Sync { also: vec![found.as_requirement()] });
        findings.push(
            Finding::new(format!("{name} {version} is compiled for another Python than {minor}"))
                .because(format!("{file} has the tag {tag}"))
                .so(format!("Python {minor} does not see that file, so that importing it fails or is slow"))
                .remedy(format!("{python} -m pip install --force-reinstall --no-deps {name}=={version}"))
                .at(Location::file(packages.site.join(file)))
                .caused_by(&["VEN03"])
                .fix(environment.synced.then_some(fix)),
        );
    }
    Ok(findings)
}

/// The first compiled module of which there is no variant that Python `minor` loads, with its tag.
fn foreign_module<'f>(files: impl Iterator<Item = &'f str>, minor: Minor) -> Option<(&'f str, &'f str)> {
    let mut modules: BTreeMap<&str, (bool, &str, &str)> = BTreeMap::new();
    for file in files {
        let Some((module, tag)) = module_and_tag(file) else { continue };
        let fits = version_of(tag).is_none_or(|version| version == minor);
        let known = modules.entry(module).or_insert((fits, file, tag));
        known.0 |= fits;
    }
    modules.into_values().find(|(fits, ..)| !fits).map(|(_, file, tag)| (file, tag))
}

/// `a/_b` and `cpython-310-x86_64-linux-gnu` of `a/_b.cpython-310-x86_64-linux-gnu.so`; the tag is empty where there is
/// none (<https://peps.python.org/pep-3149/>).
fn module_and_tag(file: &str) -> Option<(&str, &str)> {
    let stem = file.strip_suffix(".so").or_else(|| file.strip_suffix(".pyd"))?;
    let name = stem.rfind('/').map_or(0, |slash| slash + 1);
    match stem[name..].find('.') {
        Some(dot) => Some((&stem[..name + dot], &stem[name + dot + 1..])),
        None => Some((stem, "")),
    }
}

/// The feature version that a tag is bound to: of `cpython-310-...`, `cpython-313t-...`, `cp310-win_amd64`.
fn version_of(tag: &str) -> Option<Minor> {
    let rest = tag.strip_prefix("cpython-").or_else(|| tag.strip_prefix("cp"))?;
    let digits = &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())];
    Some(Minor::new(digits.get(..1)?.parse().ok()?, digits.get(1..)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(files: &[&str]) -> Option<String> {
        foreign_module(files.iter().copied(), Minor::new(3, 12)).map(|(_, tag)| tag.to_owned())
    }

    #[test]
    fn a_module_without_a_variant_for_this_python_is_foreign() {
        assert_eq!(foreign(&["a/_b.cpython-310-x86_64-linux-gnu.so"]).as_deref(), Some("cpython-310-x86_64-linux-gnu"));
        assert_eq!(foreign(&["a/_b.cp39-win_amd64.pyd"]).as_deref(), Some("cp39-win_amd64"));
    }

    #[test]
    fn what_this_python_loads_is_not() {
        let fine: &[&[&str]] = &[
            &["a/_b.cpython-312-x86_64-linux-gnu.so", "a/_b.cpython-310-x86_64-linux-gnu.so"],
            &["a/_b.abi3.so", "lib.so", "x.libs/libz-1.2.so", "a/b.py"],
            &["a/_b.cpython-312d-x86_64-linux-gnu.so"],
            &["a/_b.pypy310-pp73-x86_64-linux-gnu.so"],
            &[],
        ];
        for files in fine {
            assert_eq!(foreign(files), None, "{files:?}");
        }
    }
}
