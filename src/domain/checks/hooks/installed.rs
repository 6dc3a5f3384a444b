//! PRC01, PRC03, PRC06, PRC07: whether the hook files are there and run.

use super::super::{Check, DEVELOPER, Docs, Edit, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::{hooks, install, place, wanted};
use crate::domain::facts::{Facts, HookFile, Need};
use crate::domain::hook_file::Author;

pub const NOT_INSTALLED: Check = Check {
    id: "PRC01",
    family: Family::Hooks,
    title: "the hooks are not installed",
    docs: Docs {
        what: "The repository has a `.pre-commit-config.yaml`, and none of git's hooks calls pre-commit.",
        why: "The configuration alone does nothing: commits are not checked on this machine, and their faults are \
              found by CI or by nobody.",
        origin: "Hooks are not part of a repository: each clone has to install them once.",
        remedy: "`pyenvkit sync`, or `pre-commit install`.",
    },
    needs: &[Need::Hooks, Need::Packages, Need::Environments],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::Safely,
    run: not_installed,
};

fn not_installed(facts: &Facts) -> Findings {
    let (hooks, text) = hooks(facts)?;
    let wanted = wanted(hooks, text);
    if hooks.configured.is_some() || wanted.iter().any(|(_, file)| file.is_some()) {
        return Ok(Vec::new());
    }
    let (name, _) = &wanted[0];
    let path = hooks.folder.join(name);
    let cause = match hooks.file(name) {
        None => format!("there is no {}", path.display()),
        Some(_) => format!("{} is a hook of somebody else and does not call pre-commit", path.display()),
    };
    Ok(vec![
        Finding::new("the hooks of pre-commit are not installed in this clone")
            .because(cause)
            .so("no commit is checked")
            .remedy("pyenvkit sync")
            .at(Location::file(&text.path))
            .caused_by(&["VEN01"])
            .fix(install(facts.project()?)?),
    ])
}

pub const DEAD_PYTHON: Check = Check {
    id: "PRC03",
    family: Family::Hooks,
    title: "the hook calls a Python that is gone or has no pre-commit",
    docs: Docs {
        what: "The hook file names the Python that runs pre-commit. That Python is not there, and no `pre-commit` is \
               on PATH either; or it is there and pre-commit is not installed in it.",
        why: "Every commit fails until the hook is mended, or is made with `--no-verify` and not checked.",
        origin: "The environment was removed or made again without pre-commit, or the project was moved.",
        remedy: "`pyenvkit sync`, or `pip install pre-commit` in the environment and `pre-commit install`.",
    },
    needs: &[Need::Hooks, Need::Path, Need::Packages, Need::Environments],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::Safely,
    run: dead_python,
};

fn dead_python(facts: &Facts) -> Findings {
    let (hooks, text) = hooks(facts)?;
    let on_path = facts.machine.path.get()?.iter().any(|folder| folder.has_hook_runner);
    let mut findings = Vec::new();
    for (_, file) in wanted(hooks, text) {
        let Some((file, runner)) = file.and_then(|file| Some((file, file.runner.as_ref()?))) else { continue };
        let shown = runner.path.display();
        // The hook itself looks for pre-commit on PATH where its Python is gone, and only then.
        let (message, cause) = if !runner.alive && !on_path {
            ("calls a Python that is gone", format!("it names {shown}, which is not there"))
        } else if runner.alive && runner.has_module == Some(false) {
            ("calls a Python that has no pre-commit", format!("it names {shown}, in which pre-commit is not installed"))
        } else {
            continue;
        };
        findings.push(
            Finding::new(format!("the {} hook {message}", file.name))
                .because(cause)
                .so("every commit fails")
                .remedy("pyenvkit sync")
                .at(Location::file(&file.path))
                .caused_by(&["VEN01", "VEN02", "VEN04"])
                .fix(install(facts.project()?)?),
        );
    }
    Ok(findings)
}

pub const TYPES_MISSING: Check = Check {
    id: "PRC06",
    family: Family::Hooks,
    title: "not all types of hooks are installed",
    docs: Docs {
        what: "`default_install_hook_types` of the configuration names several types of hooks, and some of them have \
               no hook file that calls pre-commit.",
        why: "What is configured for those types (messages of commits, pushes) is not checked on this machine.",
        origin: "The type was added to the configuration after the hooks had been installed in this clone.",
        remedy: "`pyenvkit sync`, or `pre-commit install` again.",
    },
    needs: &[Need::Hooks, Need::Packages, Need::Environments],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::Safely,
    run: types_missing,
};

fn types_missing(facts: &Facts) -> Findings {
    let (hooks, text) = hooks(facts)?;
    let (there, missing): (Vec<_>, Vec<_>) = wanted(hooks, text).into_iter().partition(|(_, file)| file.is_some());
    if there.is_empty() || missing.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
    let key = "default_install_hook_types";
    let location = match text.content.find(key) {
        Some(at) => Location::within(text, at..at + key.len()),
        None => Location::file(&text.path),
    };
    let finding = Finding::new(format!("no hook is installed for {}", names.join(", ")))
        .because(format!("{key} names {}, and there is no such file in {}", names.join(", "), hooks.folder.display()))
        .so("what is configured for it is not checked on this machine")
        .remedy("pyenvkit sync")
        .at(location);
    // Where git looks elsewhere, pre-commit refuses to install.
    let fix = if hooks.configured.is_none() { Some(install(facts.project()?)?) } else { None };
    Ok(vec![finding.fix(fix)])
}

pub const NOT_RUN: Check = Check {
    id: "PRC07",
    family: Family::Hooks,
    title: "git cannot run the hook",
    docs: Docs {
        what: "A hook file that calls pre-commit is not executable, or its lines end with a carriage return.",
        why: "Git passes by a hook that is not executable, and no commit is checked. With carriage returns the system \
              looks for an interpreter of another name, and every commit fails.",
        origin: "The repository's folder was copied by something that does not keep rights, or hooks were edited with \
                 an editor of Windows.",
        remedy: "`chmod +x .git/hooks/pre-commit`; for carriage returns `pre-commit install -f`.",
    },
    needs: &[Need::Hooks],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::Safely,
    run: not_run,
};

fn not_run(facts: &Facts) -> Findings {
    let (hooks, text) = hooks(facts)?;
    let files = wanted(hooks, text).into_iter().filter_map(|(_, file)| file);
    Ok(files
        .filter(|file| !file.executable || file.carriage_return)
        .map(|file| {
            let (message, consequence) = if file.executable {
                ("has carriage returns", "every commit fails: no interpreter of that name is found")
            } else {
                ("is not executable", "git passes it by, and no commit is checked")
            };
            let path = file.path.display();
            let remedy = match (&file.author, file.carriage_return) {
                (_, false) => format!("chmod +x {path}"),
                (Author::PreCommit { .. }, true) => "pre-commit install -f".to_owned(),
                (_, true) => format!("sed -i 's/\\r$//' {path} && chmod +x {path}"),
            };
            Finding::new(format!("the {} hook {message}", file.name))
                .because(format!("{path} {message}"))
                .so(consequence)
                .remedy(remedy)
                .at(Location::file(&file.path))
                .fix(place(hooks, file).map(|place| mend(file, place)))
        })
        .collect())
}

fn mend(file: &HookFile, place: crate::domain::tree::Place) -> Fix {
    let mut fix = Fix::safe(format!("let git run the {} hook again", file.name));
    if file.carriage_return {
        fix = fix.edit(Edit::UnixLineEnds { place: place.clone() });
    }
    if !file.executable {
        fix = fix.edit(Edit::MakeExecutable { place });
    }
    fix
}
