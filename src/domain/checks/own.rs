//! OWN: the checks that a project declares for itself.

use super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use crate::domain::facts::{Facts, Need, NoAnswer, OwnCheck, OwnSeverity, Project, Ran};

/// So many of the last lines of a command are quoted.
const LINES: usize = 3;

pub const OWN: Check = Check {
    id: "OWN01",
    family: Family::Own,
    title: "a check of the project's own fails",
    docs: Docs {
        what: "A command in `[tool.pyenvkit.doctor.checks.<name>]` of pyproject.toml did not end or print as that table \
               expects. It runs only with `--run-project-checks`, in the project's folder, with its environment first \
               on PATH, and no shell reads it:\n\n\
               ```toml\n\
               [tool.pyenvkit.doctor.checks.migrations]\n\
               command = [\"python\", \"manage.py\", \"makemigrations\", \"--check\"]\n\
               exit-code = 0             # the default\n\
               output = \"No changes\"     # a text that it must print; none by default\n\
               hint = \"python manage.py makemigrations\"\n\
               timeout = 30              # seconds; 60 by default\n\
               severity = \"warning\"      # or \"failure\", the default\n\
               ```",
        why: "Whoever declared the check knows what the project needs beyond what every Python project does: a service \
              that answers, a generated file that is up to date, a variable that is set.",
        origin: "Something that the project needs is not there, or is older than its source.",
        remedy: "What the check's `hint` says; else run its command by hand and read what it prints.",
    },
    needs: &[Need::Own, Need::Pyproject],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: own,
};

fn own(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let checks = project.own.get()?;
    let waiting = checks.values().filter(|check| check.ran.is_none()).count();
    if waiting > 0 {
        return Err(NoAnswer::pointless(format!("--run-project-checks runs {waiting} of the project's own")));
    }
    checks.iter().filter_map(|(name, check)| judge(project, name, check).transpose()).collect()
}

fn judge(project: &Project, name: &str, check: &OwnCheck) -> Result<Option<Finding>, NoAnswer> {
    let command = check.command.join(" ");
    let cause = match &check.ran {
        None => return Ok(None),
        Some(Ran::Not(why)) => why.clone(),
        Some(Ran::Ended { code, output }) if *code == Some(check.exit_code) => match &check.output {
            Some(wanted) if !output.contains(wanted.as_str()) => {
                format!("{command} does not print {wanted:?}{}", quoted(output))
            }
            _ => return Ok(None),
        },
        Some(Ran::Ended { code, output }) => {
            let ended = code.map_or_else(|| "was ended by a signal".to_owned(), |code| format!("ended with {code}"));
            format!("{command} {ended}, not with {}{}", check.exit_code, quoted(output))
        }
    };
    let remedy = check.hint.clone().unwrap_or_else(|| format!("{command}  # and read what it prints"));
    let severity = match check.severity {
        OwnSeverity::Warning => Severity::Warning,
        OwnSeverity::Failure => Severity::Failure,
    };
    let mut finding = Finding::new(format!("the project's check {name} fails"))
        .because(cause)
        .so("what the project asks of its surroundings is not so")
        .remedy(remedy)
        .severity(severity)
        .caused_by(&["VEN01", "VEN02"]);
    finding.location = place(project, name)?;
    Ok(Some(finding))
}

/// What a command said last.
fn quoted(output: &str) -> String {
    let mut lines: Vec<&str> =
        output.lines().map(str::trim).filter(|line| !line.is_empty()).rev().take(LINES).collect();
    lines.reverse();
    if lines.is_empty() { String::new() } else { format!(": {}", lines.join(" / ")) }
}

/// The header of the check's table.
fn place(project: &Project, name: &str) -> Result<Option<Location>, NoAnswer> {
    let Some(pyproject) = project.pyproject.get()? else { return Ok(None) };
    let text = &pyproject.text;
    let found = [name.to_owned(), format!("{name:?}")].into_iter().find_map(|name| {
        let header = format!("[tool.pyenvkit.doctor.checks.{name}]");
        text.content.find(&header).map(|at| at..at + header.len())
    });
    Ok(Some(found.map_or_else(|| Location::file(&text.path), |span| Location::within(text, span))))
}
