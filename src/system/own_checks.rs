//! Runs the checks that a project declares for itself. Only for who asked for it: they are the project's code.

use std::path::Path;
use std::time::Duration;

use super::environment::{Variables, tools};
use super::process::{self, Failure};
use crate::domain::facts::{OwnCheck, OwnChecks, Ran};
use crate::domain::redact::redact;

/// Run each, one after the other, in `folder` and in the project's environment where it has one.
pub fn run(checks: &mut OwnChecks, folder: &Path, environment: Option<&Path>) {
    let variables = Variables::current();
    for check in checks.values_mut() {
        check.ran = Some(one(check, folder, environment, &variables));
    }
}

fn one(check: &OwnCheck, folder: &Path, environment: Option<&Path>, variables: &Variables) -> Ran {
    let Some((name, args)) = check.command.split_first() else { return Ran::Not("its command is empty".to_owned()) };
    let venv = environment.map_or_else(|| folder.join(".venv"), Path::to_owned);
    // A path is one within the project; a name is a program of the environment, else of the machine.
    let program =
        if Path::new(name).components().count() > 1 { Some(folder.join(name)) } else { tools::script(&venv, name) };
    let invocation = tools::invocation(&venv, program.unwrap_or_else(|| name.into()), variables)
        .args(args)
        .cwd(folder)
        .set("NO_COLOR", "1")
        .timeout(Duration::from_secs(check.timeout));
    let mut output = String::new();
    let ended = process::run(&invocation, &mut |_, line| {
        output += &redact(line);
        output.push('\n');
    });
    match ended {
        Ok(done) => Ran::Ended { code: done.status.code(), output },
        Err(failure @ Failure::NotStarted { .. }) => Ran::Not(format!("{:#}", anyhow::Error::new(failure))),
        Err(failure) => Ran::Not(failure.to_string()),
    }
}
