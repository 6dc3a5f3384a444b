//! `verify`: the project's own formatter, linters, type checker, tests, hooks and build, each with its result.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::here::{self, Purpose};
use super::output;
use super::toolset::shape;
use crate::domain::catalog::{Family, Nothing, Tool};
use crate::domain::ground::Ground;
use crate::domain::reconcile::Owned;
use crate::domain::redact::redact;
use crate::domain::scope::{Scope, holds};
use crate::domain::spec::Spec;
use crate::domain::wanted::{Used, Wanted};
use crate::error::Problem;
use crate::system::disk::Disk;
use crate::system::environment::{Variables, tools};
use crate::system::git;
use crate::system::interrupt::Interrupted;
use crate::system::load::Catalog;
use crate::system::process::{self, Failure};
use crate::system::project::Project;
use crate::system::settings;
use crate::system::surroundings;
use crate::ui::{Ui, style};

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {}

/// A check may take this long: tests of a grown project do.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// How many checks run beside each other.
const AT_ONCE: usize = 4;

/// One command.
#[derive(Debug, Clone)]
struct Step {
    /// What is shown of it.
    label: String,
    argv: Vec<String>,
    program: Option<PathBuf>,
    nothing: Option<Nothing>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Passed,
    /// The tool found nothing to check.
    Nothing,
    Failed {
        output: String,
    },
    Missing,
    Interrupted,
}

/// What the checks run in.
struct Bench<'b> {
    project: &'b Project,
    venv: PathBuf,
    variables: &'b Variables,
}

/// # Errors
/// There is no project here, or a check failed.
pub fn run(_args: Args, ui: Ui) -> Result<()> {
    project(&here::find(Purpose::Look, ui)?.project.folder, ui)
}

/// Verify the project that `folder` lies in.
///
/// # Errors
/// There is none, it has no tools that we know, or a check failed.
pub fn project(folder: &Path, ui: Ui) -> Result<()> {
    let project = Project::find(folder, &git::Environment::default())?;
    let catalog = Catalog::new(settings::folder());
    let variables = Variables::current();
    let bench = Bench { project: &project, venv: project.venv(), variables: &variables };
    let (beside, after) = steps(&bench, &catalog)?;
    let started = surroundings::now();
    let mut all = Vec::new();
    let build = tempfile::tempdir().context("cannot make a temporary folder")?;
    for group in [beside, after, build_step(&bench, build.path())] {
        let verdicts = run_all(&group, &bench, ui);
        if verdicts.contains(&Verdict::Interrupted) {
            return Err(Interrupted.into());
        }
        all.extend(verdicts);
    }
    ui.say(format!("{} ({:.1} s)", summary(&all)?, started.elapsed().as_secs_f64()));
    Ok(())
}

/// What all came to.
fn summary(verdicts: &[Verdict]) -> Result<String> {
    let passed = verdicts.iter().filter(|verdict| **verdict == Verdict::Passed).count();
    let nothing = verdicts.iter().filter(|verdict| **verdict == Verdict::Nothing).count();
    let failed = verdicts.len() - passed - nothing;
    if failed > 0 {
        let all = output::count(verdicts.len(), "check");
        return Err(Problem::failed(format!("{failed} of {all} failed")).into());
    }
    Ok(match (passed, nothing) {
        (0, _) => "nothing to check yet".into(),
        (_, 0) => format!("{} passed", output::count(passed, "check")),
        _ => format!("{} passed, {nothing} had nothing to check yet", output::count(passed, "check")),
    })
}

/// What can run beside each other, and the hooks, which change files, after it.
fn steps(bench: &Bench<'_>, catalog: &Catalog) -> Result<(Vec<Step>, Vec<Step>)> {
    let project = bench.project;
    let names = project.tools();
    if names.is_empty() {
        return Err(Problem::usage("nothing here says which tools this project has")
            .hint("verify runs the tools that pyenvkit new or add-tool brought")
            .into());
    }
    let disk = Disk::new(&project.roots())?;
    let values = shape(project, &project.provenance, &mut project.tree(&disk))?.values;
    let mut tools = names.iter().map(|name| catalog.tool(name)).collect::<Result<Vec<Tool>>>()?;
    tools.sort_by_key(|tool| tool.order);
    let spec = Spec { template: project.provenance.template.clone(), values, tools: project.provenance.tools.clone() };
    let (mut beside, mut after) = (Vec::new(), Vec::new());
    let wanted = Wanted {
        spec: &spec,
        tools: &tools,
        ground: &Ground::default(),
        owned: &Owned::default(),
        is_group_named: false,
    };
    for Used { tool, scope } in wanted.used(&Scope::of_existing(&spec)?)? {
        for check in &tool.verify {
            if !holds(&check.when, &scope)? || tool.family == Family::Hooks && project.repository.is_none() {
                continue;
            }
            let program = check.run.first().and_then(|name| tools::script(&bench.venv, name));
            let step =
                Step { label: check.run.join(" "), argv: check.run.clone(), program, nothing: check.nothing.clone() };
            if tool.family == Family::Hooks { after.push(step) } else { beside.push(step) }
        }
    }
    Ok((beside, after))
}

/// A wheel of the project, built as its users would build it.
fn build_step(bench: &Bench<'_>, folder: &Path) -> Vec<Step> {
    if !bench.project.is_installable() {
        return Vec::new();
    }
    let argv = ["pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"].map(str::to_owned);
    let folder = folder.display().to_string();
    let program = tools::script(&bench.venv, "pip");
    vec![Step {
        label: "build a wheel".into(),
        argv: argv.into_iter().chain([folder, ".".to_owned()]).collect(),
        program,
        nothing: None,
    }]
}

fn run_all(steps: &[Step], bench: &Bench<'_>, ui: Ui) -> Vec<Verdict> {
    let next = AtomicUsize::new(0);
    let verdicts: Mutex<Vec<(usize, Verdict)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..steps.len().min(AT_ONCE) {
            scope.spawn(|| {
                while let Some((index, step)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    steps.get(index).map(|step| (index, step))
                } {
                    let started = surroundings::now();
                    let verdict = run_one(step, bench);
                    show(step, &verdict, started.elapsed(), ui);
                    verdicts.lock().unwrap_or_else(PoisonError::into_inner).push((index, verdict));
                }
            });
        }
    });
    let mut verdicts = verdicts.into_inner().unwrap_or_else(PoisonError::into_inner);
    verdicts.sort_by_key(|(index, _)| *index);
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

fn run_one(step: &Step, bench: &Bench<'_>) -> Verdict {
    let Some(program) = &step.program else { return Verdict::Missing };
    let invocation = tools::invocation(&bench.venv, program, bench.variables)
        .args(step.argv.iter().skip(1))
        .cwd(&bench.project.folder)
        .set("NO_COLOR", "1")
        .timeout(PATIENCE);
    // Lines of both streams in the order in which they came.
    let mut output = String::new();
    match process::run(&invocation, &mut |_, line| {
        output += &redact(line);
        output.push('\n');
    }) {
        Ok(done) if done.success() => Verdict::Passed,
        Ok(done) => match &step.nothing {
            Some(nothing) if done.status.code() == Some(nothing.exit) && output.contains(&nothing.says) => {
                Verdict::Nothing
            }
            _ => Verdict::Failed { output },
        },
        Err(Failure::Interrupted) => Verdict::Interrupted,
        Err(failure) => Verdict::Failed { output: format!("{output}{failure}\n") },
    }
}

fn show(step: &Step, verdict: &Verdict, took: Duration, ui: Ui) {
    let command = &step.label;
    let took = style::paint(style::DIM, format!("({:.1} s)", took.as_secs_f64()));
    match verdict {
        Verdict::Passed => ui.say(format!("{} {command} {took}", style::paint(style::GOOD, "✓"))),
        Verdict::Nothing => ui.say(format!("{} {command}: nothing to check yet {took}", style::paint(style::DIM, "-"))),
        Verdict::Interrupted => {}
        Verdict::Missing => {
            ui.fail(format!("{} {command}: not installed; pyenvkit sync installs it", style::paint(style::ERROR, "✗")));
        }
        Verdict::Failed { output } => {
            let indented: String = output.lines().map(|line| format!("\n    {line}")).collect();
            ui.fail(format!("{} {command} {took}{indented}", style::paint(style::ERROR, "✗")));
        }
    }
}
