//! VEN04 to VEN06: whether the environment is the one that its own files and the shell mean.

use super::super::{Check, DEVELOPER, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use super::{by_hand, rebuild};
use crate::domain::facts::{Environment, Facts, Named, Need, Script, Standing, Starts};

pub const MOVED: Check = Check {
    id: "VEN04",
    family: Family::Environment,
    title: "the environment was moved",
    docs: Docs {
        what: "Scripts in the environment name another folder as theirs, and that folder is not there any more.",
        why: "Each script begins with the full path of the Python that runs it. After the move that path leads \
              nowhere: `pip` and every other script fail, and activating the environment changes nothing.",
        origin: "The project's folder, or one above it, was renamed or moved.",
        remedy: "Make the environment again: move it away, then `python3 -m venv .venv` and `pyenvkit sync`. Or move \
                 the folder back.",
    },
    needs: &[Need::Environments, Need::Packages],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: moved,
};

fn moved(facts: &Facts) -> Findings {
    misplaced(facts, Standing::Gone, |shown, from| {
        Finding::new(format!("the environment {shown} was moved here from {from}"))
            .so("its scripts do not run, and activating it changes nothing")
    })
}

pub const COPIED: Check = Check {
    id: "VEN05",
    family: Family::Environment,
    title: "the environment was copied",
    docs: Docs {
        what: "Scripts in the environment name another folder as theirs, and an environment is there.",
        why: "Each script begins with the full path of the Python that runs it. In a copy that is still the original: \
              `pip install` in the copy changes the original, and tests in the copy run the original's code.",
        origin: "A project's folder was copied together with its environment.",
        remedy: "Make the copy's environment again: move it away, then `python3 -m venv .venv` and `pyenvkit sync`.",
    },
    needs: &[Need::Environments, Need::Packages],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: copied,
};

fn copied(facts: &Facts) -> Findings {
    misplaced(facts, Standing::Environment, |shown, from| {
        Finding::new(format!("the environment {shown} is a copy of {from}"))
            .so("its scripts run the original: pip in it installs there, and what is tested is the other project")
    })
}

/// A finding where files of the environment name one that stands as `standing`.
fn misplaced(facts: &Facts, standing: Standing, finding: fn(&str, &str) -> Finding) -> Findings {
    let project = facts.project()?;
    let environment = project.environment()?;
    let Some(named) = environment.named.iter().find(|named| named.standing == standing && is_home(environment, named))
    else {
        return Ok(Vec::new());
    };
    let from = named.folder.display().to_string();
    Ok(vec![
        finding(&environment.shown(), &from)
            .because(format!("{} {} that folder", who(environment, named), verb(named)))
            .remedy(by_hand(environment))
            .at(Location::file(&environment.folder))
            .fix(rebuild(project, environment)?),
    ])
}

/// Whether a folder is where the environment was: `activate` or most of its scripts say so, not a single foreign script.
fn is_home(environment: &Environment, named: &Named) -> bool {
    let starts_python = |script: &&Script| matches!(script.starts, Starts::Python(_));
    let scripts = environment.scripts.values().filter(starts_python).count();
    named.by.iter().any(|file| file == "activate") || named.by.len() * 2 > scripts
}

fn who(environment: &Environment, named: &Named) -> String {
    let shown = environment.shown();
    match &named.by[..] {
        [] => shown,
        [only] => format!("{shown}: {only}"),
        [first, second] => format!("{shown}: {first} and {second}"),
        [first, .., last] => format!("{shown}: {} scripts, from {first} to {last},", named.by.len()),
    }
}

fn verb(named: &Named) -> &'static str {
    if named.by.len() == 1 { "names" } else { "name" }
}

pub const ANOTHER_ACTIVE: Check = Check {
    id: "VEN06",
    family: Family::Environment,
    title: "another environment is active",
    docs: Docs {
        what: "The project has an environment of its own, and the variable `VIRTUAL_ENV` names another one.",
        why: "`python` and `pip` are those of the active environment: what is installed lands there, and the project \
              runs with packages that it did not declare.",
        origin: "The environment of another project was activated in this terminal, or by an editor.",
        remedy: "`deactivate`, then activate the project's own: `source .venv/bin/activate`.",
    },
    needs: &[Need::Environments, Need::Variables],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: another_active,
};

fn another_active(facts: &Facts) -> Findings {
    let environments = facts.project()?.environments.get()?;
    let Some(own) = environments.iter().find(|environment| environment.name.is_some()) else { return Ok(Vec::new()) };
    let Some(active) = facts.machine.variables.get()?.get("VIRTUAL_ENV") else { return Ok(Vec::new()) };
    if environments.iter().any(|environment| environment.active && environment.name.is_some()) {
        return Ok(Vec::new());
    }
    let shown = own.shown();
    Ok(vec![
        Finding::new(format!("another environment is active than the project's own {shown}"))
            .because(format!("VIRTUAL_ENV is {active}"))
            .so(format!("python and pip work with {active}, not with {shown}"))
            .remedy(format!("deactivate; source {shown}/bin/activate")),
    ])
}
