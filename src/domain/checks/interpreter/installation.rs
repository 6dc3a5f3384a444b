//! INT05 to INT07: whether the installed Python can make environments, and whether pip is its own.

use super::super::{Check, DEVELOPER, Docs, Family, Finding, Findings, Fixable, Location, Severity};
use crate::domain::checks::venv;
use crate::domain::facts::{Facts, Manager, Need, NoAnswer, Origin, Python, SearchFolder, Started};

pub const WITHOUT_ENSUREPIP: Check = Check {
    id: "INT05",
    family: Family::Interpreter,
    title: "the Python cannot make environments with pip",
    docs: Docs {
        what: "The Python that the environment was made with, or that would make one, lacks the modules `ensurepip` \
               or `venv` of the standard library.",
        why: "`python3 -m venv` fails with \"ensurepip is not available\" and leaves half an environment behind.",
        origin: "Debian and Ubuntu split the standard library into several packages and install only the first.",
        remedy: "On Debian and Ubuntu: `sudo apt install python3.X-venv`. `pyenvkit sync` and uv make environments \
                 without `ensurepip`.",
    },
    needs: &[Need::Pythons, Need::Environments, Need::System],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: without_ensurepip,
};

fn without_ensurepip(facts: &Facts) -> Findings {
    let Some(python) = maker(facts)? else { return Ok(Vec::new()) };
    let (Some(stdlib), Some(minor)) = (&python.stdlib, python.minor) else { return Ok(Vec::new()) };
    let missing = match (python.has_venv, python.has_ensurepip) {
        (true, true) => return Ok(Vec::new()),
        (true, false) => "ensurepip",
        (false, _) => "venv",
    };
    let remedy = if is_debian(facts.machine.system.get()?) && python.real.starts_with("/usr/bin") {
        format!("sudo apt install python{minor}-venv")
    } else {
        format!("install what your system calls Python {minor} with {missing}, or make environments with uv")
    };
    Ok(vec![
        Finding::new(format!("Python {minor} cannot make environments with pip"))
            .because(format!("there is no {missing} in {}", stdlib.display()))
            .so(format!("{} -m venv fails and leaves half an environment behind", python.path.display()))
            .remedy(remedy)
            .at(Location::file(&python.path)),
    ])
}

/// The Python that made the project's environment, or that would make one.
fn maker(facts: &Facts) -> Result<Option<&Python>, NoAnswer> {
    if let Some(project) = &facts.project {
        if project.manager == Manager::Uv {
            return Err(NoAnswer::pointless("uv needs no ensurepip"));
        }
        if let Some(environment) = project.environments.get()?.first() {
            if environment.conda || environment.made_by_uv() {
                return Err(NoAnswer::pointless("the environment was made without ensurepip"));
            }
            return Ok(environment.base.as_ref());
        }
    }
    Ok(facts.machine.pythons.get()?.first().filter(|python| python.origin == Origin::Path))
}

/// Whether the system is Debian, Ubuntu or made from them, as `os-release` says.
fn is_debian(system: &str) -> bool {
    let values = system.lines().filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")));
    values.flat_map(|value| value.trim_matches('"').split_whitespace()).any(|id| id == "debian" || id == "ubuntu")
}

pub const EXTERNALLY_MANAGED: Check = Check {
    id: "INT06",
    family: Family::Interpreter,
    title: "the system's Python takes no packages, and there is no environment",
    docs: Docs {
        what: "The project has no environment, and the Python on PATH belongs to the operating system, which forbids \
               pip to install into it (PEP 668).",
        why: "`pip install` fails with \"externally-managed-environment\". The option that overrides that breaks \
              programs of the system: never use it.",
        origin: "Debian, Ubuntu, Fedora, Arch and Homebrew mark their Pythons so, because their own programs run with \
                 the packages in there.",
        remedy: "Make an environment and install into it: `pyenvkit sync`, or `python3 -m venv .venv` and \
                 `.venv/bin/pip install -e .`.",
    },
    needs: &[Need::Environments, Need::Pythons],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::Safely,
    run: externally_managed,
};

fn externally_managed(facts: &Facts) -> Findings {
    let project = facts.project()?;
    if !project.environments.get()?.is_empty() {
        return Ok(Vec::new());
    }
    if project.manager.keeps_environments_elsewhere() {
        return Err(NoAnswer::pointless(format!("{} looks after the environment", project.manager.name())));
    }
    let Some(python) = facts.machine.pythons.get()?.first().filter(|python| python.origin == Origin::Path) else {
        return Ok(Vec::new());
    };
    let Some(stdlib) = python.stdlib.as_ref().filter(|_| python.externally_managed) else { return Ok(Vec::new()) };
    Ok(vec![
        Finding::new(format!("{} takes no packages, and the project has no environment", python.path.display()))
            .because(format!("{} says so (PEP 668)", stdlib.join("EXTERNALLY-MANAGED").display()))
            .so("pip install fails with \"externally-managed-environment\"")
            .remedy("pyenvkit sync")
            .at(Location::file(&project.folder))
            .caused_by(&["VEN01"])
            .fix(venv::make()),
    ])
}

pub const OTHER_PIP: Check = Check {
    id: "INT07",
    family: Family::Interpreter,
    title: "pip belongs to another Python than python",
    docs: Docs {
        what: "The first `pip` on PATH runs another Python than the first `python` on PATH.",
        why: "What `pip install` installs, `python` does not find: \"ModuleNotFoundError\" right after a successful \
              installation.",
        origin: "Several Pythons are installed, and a folder of one with `pip` in it comes before that of the other; or \
                 the system's `python3` moved on to a new version and an old `pip` stayed in `~/.local/bin`.",
        remedy: "Say `python -m pip` instead of `pip`, or activate the project's environment, which has both.",
    },
    needs: &[Need::Path],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: other_pip,
};

fn other_pip(facts: &Facts) -> Findings {
    let path = facts.machine.path.get()?;
    let plain = first_python(path, "python").map(|found| ("python", found));
    let numbered = first_python(path, "python3").map(|found| ("python3", found));
    for (pip, python) in [("pip", plain.or(numbered)), ("pip3", numbered)] {
        let Some((name, python)) = python else { continue };
        let Some((at, Some(starts))) = path.iter().find_map(|it| Some((it.folder.join(pip), it.pips.get(pip)?))) else {
            continue;
        };
        let differ = starts.identity.is_some() && python.identity.is_some() && starts.identity != python.identity;
        if !differ || python.made_by_uv {
            continue;
        }
        return Ok(vec![
            Finding::new(format!("{pip} belongs to another Python than {name}"))
                .because(format!(
                    "{} runs {}, and {name} is {}",
                    at.display(),
                    starts.path.display(),
                    python.path.display()
                ))
                .so(format!("what {pip} installs, {name} does not find"))
                .remedy(format!("say {name} -m pip instead of {pip}"))
                .at(Location::file(at))
                .caused_by(&["VEN04", "VEN05", "VEN07"]),
        ]);
    }
    Ok(Vec::new())
}

fn first_python<'p>(path: &'p [SearchFolder], name: &str) -> Option<&'p Started> {
    path.iter().find_map(|folder| folder.pythons.get(name))
}
