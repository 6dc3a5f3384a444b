//! INT08 to INT11: what variables, conda and packages from elsewhere do to the Python that runs.

use super::super::{Action, Check, Context, DEVELOPER, Docs, Edit, Family};
use super::super::{Finding, Findings, Fix, Fixable, Location, Severity};
use crate::domain::facts::{Environment, Facts, Need, NoAnswer, Text};

pub const SEARCH_PATH: Check = Check {
    id: "INT08",
    family: Family::Interpreter,
    title: "PYTHONPATH is set",
    docs: Docs {
        what: "The variable `PYTHONPATH` names folders that every Python on this machine looks into first.",
        why: "Modules from there come before those of the environment and of the standard library: a project runs \
              with code that it did not declare, here and nowhere else.",
        origin: "A guide or another program wrote it into the shell's start file.",
        remedy: "`unset PYTHONPATH`, and remove the line that sets it from `~/.bashrc`, `~/.profile` or `~/.zshrc`. A \
                 project's own code is found once it is installed: `pip install -e .`.",
    },
    needs: &[Need::Variables],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: |facts| set(facts, "PYTHONPATH", "modules from there come before those of every environment"),
};

pub const HOME: Check = Check {
    id: "INT09",
    family: Family::Interpreter,
    title: "PYTHONHOME is set",
    docs: Docs {
        what: "The variable `PYTHONHOME` names the folder in which every Python looks for its standard library.",
        why: "A Python of another version does not start, or starts with modules that are not its own, and virtual \
              environments do not work.",
        origin: "A program that brings a Python of its own set it for the whole session.",
        remedy: "`unset PYTHONHOME`, and remove the line that sets it from `~/.bashrc`, `~/.profile` or `~/.zshrc`.",
    },
    needs: &[Need::Variables],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: |facts| set(facts, "PYTHONHOME", "every Python takes its standard library from there, or does not start"),
};

fn set(facts: &Facts, name: &str, consequence: &str) -> Findings {
    let Some(value) = facts.machine.variables.get()?.get(name) else { return Ok(Vec::new()) };
    Ok(vec![
        Finding::new(format!("{name} is set"))
            .because(format!("it is {value}"))
            .so(consequence)
            .remedy(format!("unset {name}")),
    ])
}

pub const CONDA_BASE: Check = Check {
    id: "INT10",
    family: Family::Interpreter,
    title: "conda's base environment is active",
    docs: Docs {
        what: "The active environment is conda's own, `base`, and not one of a project.",
        why: "What is installed lands among conda's own packages and can break conda itself, and `python` is not the \
              one of the project.",
        origin: "conda's start-up lines in the shell activate `base` in every new terminal.",
        remedy: "`conda deactivate`; for good: `conda config --set auto_activate_base false`.",
    },
    needs: &[Need::Variables],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: conda_base,
};

fn conda_base(facts: &Facts) -> Findings {
    let variables = facts.machine.variables.get()?;
    let Some(prefix) = variables.get("CONDA_PREFIX") else { return Err(NoAnswer::pointless("conda is not active")) };
    // An environment that was activated on top of it comes first.
    if variables.get("CONDA_DEFAULT_ENV").is_none_or(|name| name != "base") || variables.contains_key("VIRTUAL_ENV") {
        return Ok(Vec::new());
    }
    Ok(vec![
        Finding::new("conda's base environment is active")
            .because(format!("CONDA_DEFAULT_ENV is base, in {prefix}"))
            .so("what is installed lands among conda's own packages")
            .remedy("conda deactivate"),
    ])
}

pub const LEAKING: Check = Check {
    id: "INT11",
    family: Family::Interpreter,
    title: "packages from outside leak into the environment",
    docs: Docs {
        what: "`pyvenv.cfg` of the environment says `include-system-site-packages = true`, so that it also has the \
               packages of the Python that it was made with; or an environment of conda sees those that \
               `pip install --user` put into the home folder.",
        why: "The project works with packages that it did not declare, and fails where they are missing: on the next \
              machine, and in continuous integration.",
        origin: "The environment was made with `--system-site-packages`; conda's environments never shut out the \
                 user's folder.",
        remedy: "Write `include-system-site-packages = false` into `pyvenv.cfg`, then `pyenvkit sync`. For conda: \
                 `export PYTHONNOUSERSITE=1`.",
    },
    needs: &[Need::Environments, Need::Variables],
    severity: Severity::Warning,
    contexts: &[Context::Developer, Context::Container],
    fixable: Fixable::Asking,
    run: leaking,
};

fn leaking(facts: &Facts) -> Findings {
    let environment = facts.project()?.environment()?;
    let shown = environment.shown();
    if environment.sees_others() {
        let mut finding = Finding::new(format!("packages from outside leak into the environment {shown}"))
            .because("include-system-site-packages in its pyvenv.cfg is true")
            .so("the project works with packages that it did not declare, and fails where they are missing")
            .remedy(format!("write include-system-site-packages = false into {shown}/pyvenv.cfg, then pyenvkit sync"));
        if let Some((text, span)) = environment.settings.as_ref().and_then(|text| Some((text, value(text)?))) {
            finding = finding.at(Location::within(text, span.clone())).fix(shut(environment, text, span));
        }
        return Ok(vec![finding]);
    }
    let shut_out = facts.machine.variables.get()?.contains_key("PYTHONNOUSERSITE");
    let Some(user) = environment.user_site.as_ref().filter(|_| environment.conda && !shut_out) else {
        return Ok(Vec::new());
    };
    Ok(vec![
        Finding::new(format!("your own packages leak into the environment {shown}"))
            .because(format!("conda's environments also look into {}, and there are packages", user.display()))
            .so("the project works with packages that it did not declare, and fails where they are missing")
            .remedy("export PYTHONNOUSERSITE=1")
            .at(Location::file(user)),
    ])
}

/// Where the value of the setting stands in `pyvenv.cfg`.
fn value(text: &Text) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    let mut found = None;
    for line in text.content.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once('=')
            && key.trim().eq_ignore_ascii_case("include-system-site-packages")
        {
            let at = start + key.len() + 1 + value.len() - value.trim_start().len();
            found = Some(at..at + value.trim().len());
        }
        start += line.len();
    }
    found
}

/// Shut the packages of others out, and install what is missed then; `None` for an environment that is not the project's.
fn shut(environment: &Environment, text: &Text, span: std::ops::Range<usize>) -> Option<Fix> {
    environment.name.as_ref().filter(|_| environment.synced)?;
    let edit = Edit::Replace {
        place: text.place.clone(),
        from: text.content.get(span.clone())?.to_owned(),
        span,
        to: "false".to_owned(),
    };
    let label = format!("shut the packages of others out of {}, and install what is missed then", environment.shown());
    Some(Fix::asking(label).edit(edit).action(Action::Sync { also: Vec::new() }))
}
