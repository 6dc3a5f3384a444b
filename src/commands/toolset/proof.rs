//! Seeing that a tool that was added runs.

use std::time::Duration;

use anyhow::Result;

use crate::domain::catalog::Tool;
use crate::domain::redact::redact;
use crate::error::Problem;
use crate::system::environment::{Variables, tools};
use crate::system::interrupt::Interrupted;
use crate::system::process::{self, Failure};
use crate::system::project::Project;
use crate::ui::{Ui, style};

/// Printing a version takes less than a second; a cold disk may need this long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Run each tool's own proof in the project's environment.
///
/// # Errors
/// One is not there or does not run.
pub fn prove(project: &Project, added: &[Tool], ui: Ui) -> Result<()> {
    let variables = Variables::current();
    let mut failed = Vec::new();
    for tool in added.iter().filter(|tool| !tool.prove.is_empty()) {
        match run(project, tool, &variables) {
            Ok(line) => ui.say(format!("{} {line}", style::paint(style::GOOD, "✓"))),
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => {
                ui.fail(format!("{} {}: {error:#}", style::paint(style::ERROR, "✗"), tool.name));
                failed.push(tool.name.clone());
            }
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(Problem::failed(format!("{} cannot be run", failed.join(", ")))
        .hint("pyenvkit sync completes the environment, pyenvkit undo takes the files back")
        .into())
}

/// The first line of what a tool says of itself.
fn run(project: &Project, tool: &Tool, variables: &Variables) -> Result<String> {
    let name = tool.prove.first().map_or(tool.name.as_str(), String::as_str);
    let venv = project.venv();
    let program =
        tools::script(&venv, name).ok_or_else(|| Problem::failed(format!("{name} is not in the environment")))?;
    let invocation = tools::invocation(&venv, program, variables)
        .args(tool.prove.iter().skip(1))
        .cwd(&project.folder)
        .set("NO_COLOR", "1")
        .timeout(PATIENCE);
    let mut output = String::new();
    let done = process::run(&invocation, &mut |_, line| {
        output += line;
        output.push('\n');
    })
    .map_err(|failure| match failure {
        Failure::Interrupted => anyhow::Error::new(Interrupted),
        other => Problem::failed(other.to_string()).into(),
    })?;
    let output = redact(&output);
    if !done.success() {
        return Err(Problem::failed(format!("{} failed:\n{output}", tool.prove.join(" "))).into());
    }
    let line = output.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    Ok(if line.starts_with(&tool.name) { line.to_owned() } else { format!("{} {line}", tool.name) })
}
