//! VEN01 to VEN03: whether there is an environment, and whether its Python is the one that it was made with.

use super::super::Severity;
use super::super::{Action, Check, DEVELOPER, Docs, EVERYWHERE, Family, Finding, Findings, Fix, Fixable, Location};
use super::{by_hand, rebuild};
use crate::domain::facts::{Facts, Need, NoAnswer};

pub const MISSING: Check = Check {
    id: "VEN01",
    family: Family::Environment,
    title: "the project has no environment",
    docs: Docs {
        what: "Neither the project's folder nor an active environment holds the packages of this project.",
        why: "Without an environment of its own, a project is run with the packages of the whole machine: what is \
              installed for one project breaks another, and the system's Python refuses to install at all (PEP 668).",
        origin: "After cloning a repository: an environment is made on each machine and never committed.",
        remedy: "`pyenvkit sync` makes `.venv` and installs what the project declares; by hand it is \
                 `python3 -m venv .venv`, then `.venv/bin/pip install -e .`.",
    },
    needs: &[Need::Environments],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::Safely,
    run: missing,
};

fn missing(facts: &Facts) -> Findings {
    let project = facts.project()?;
    if !project.environments.get()?.is_empty() {
        return Ok(Vec::new());
    }
    if project.manager.keeps_environments_elsewhere() {
        return Err(NoAnswer::pointless(format!("{} looks after the environment", project.manager.name())));
    }
    Ok(vec![
        Finding::new("the project has no virtual environment")
            .because(format!("there is no .venv in {}, and no environment is active", project.folder.display()))
            .so("its packages cannot be installed, or land among those of the whole machine")
            .remedy("pyenvkit sync")
            .at(Location::file(&project.folder))
            .fix(make()),
    ])
}

/// Make the environment.
pub fn make() -> Fix {
    Fix::safe("make .venv and install what the project declares").action(Action::Sync { also: Vec::new() })
}

pub const DANGLING: Check = Check {
    id: "VEN02",
    family: Family::Environment,
    title: "the environment's Python is gone",
    docs: Docs {
        what: "The environment's `python` is a link to a file that is not there, or `home` in `pyvenv.cfg` names a \
               folder that is not there.",
        why: "An environment holds no Python of its own: it borrows that of the machine. Without it nothing in the \
              environment runs, and each command says \"No such file or directory\" of a file that can be seen.",
        origin: "The Python that the environment was made with was upgraded or removed: by the operating system, \
                 Homebrew, pyenv or uv.",
        remedy: "Install that version of Python again, or make the environment again: move it away, then \
                 `python3 -m venv .venv` and `pyenvkit sync`.",
    },
    needs: &[Need::Environments, Need::Packages],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: dangling,
};

fn dangling(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let environment = project.environment()?;
    if environment.has_python() {
        return Ok(Vec::new());
    }
    let shown = environment.shown();
    let cause = match (&environment.python.real, &environment.python.target) {
        (Some(_), _) => {
            format!("home in its pyvenv.cfg is {}, which is not there", environment.config["home"])
        }
        (None, Some(target)) => {
            format!("{} links to {}, which is not there", environment.python.path.display(), target.display())
        }
        (None, None) => format!("there is no {}", environment.python.path.display()),
    };
    Ok(vec![
        Finding::new(format!("the Python of the environment {shown} is gone"))
            .because(cause)
            .so("nothing in the environment can be run")
            .remedy(by_hand(environment))
            .at(Location::file(&environment.python.path))
            .fix(rebuild(project, environment)?),
    ])
}

pub const OTHER_VERSION: Check = Check {
    id: "VEN03",
    family: Family::Environment,
    title: "the environment's Python has another version than its packages",
    docs: Docs {
        what: "The environment's packages lie in `lib/pythonX.Y`, and its `python` is of another version than X.Y.",
        why: "A Python looks for packages only in the folder of its own version: everything that is installed seems \
              to be missing.",
        origin: "The environment's link was pointed at another Python, or the link that it follows (`python3` of the \
                 system, of Homebrew) moved on to a new version.",
        remedy: "Make the environment again: move it away, then `pythonX.Y -m venv .venv` and `pyenvkit sync`.",
    },
    needs: &[Need::Environments, Need::Packages],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: other_version,
};

fn other_version(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let environment = project.environment()?;
    let Some(actual) = environment.python.minor.filter(|_| environment.has_python()) else { return Ok(Vec::new()) };
    let has: Vec<String> = environment.libraries.iter().map(ToString::to_string).collect();
    if environment.libraries.is_empty() || environment.libraries.contains(&actual) {
        return Ok(Vec::new());
    }
    let shown = environment.shown();
    Ok(vec![
        Finding::new(format!(
            "the environment {shown} runs Python {actual}, but its packages are for {}",
            has.join(", ")
        ))
        .because(format!(
            "{} leads to Python {actual}, and the only library is lib/python{}",
            environment.python.path.display(),
            has.join(" and lib/python"),
        ))
        .so("every installed package seems to be missing")
        .remedy(by_hand(environment))
        .at(Location::file(&environment.python.path))
        .fix(rebuild(project, environment)?),
    ])
}
