//! `doctor`: says what is wrong with Python here, and mends it.

mod fix;
mod pages;
mod steps;

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Deserialize;

use super::change::Change;
use crate::domain::checks::{self, CHECKS, Check, Report, Selection, Summary, Unknown, Weight};
use crate::domain::facts::{Context, Facts, Machine};
use crate::error::{Problem, did_you_mean};
use crate::system::probe::{self, Subject};
use crate::system::surroundings;
use crate::ui::findings::{self, Detail};
use crate::ui::{Ui, Verbosity};

/// Arguments of `pyenvkit doctor`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The projects to examine; the one that the current folder lies in if none is named
    #[arg(value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Mend what can be mended safely, or everything that can be
    #[arg(long, value_name = "HOW MUCH", num_args = 0..=1, require_equals = true, default_missing_value = "safe")]
    pub fix: Option<HowMuch>,
    /// Explain a check: what, why, how it comes about, how to mend or ignore it
    #[arg(long, value_name = "ID", conflicts_with_all = ["fix", "list"])]
    pub explain: Option<String>,
    /// List the checks
    #[arg(long, conflicts_with = "fix")]
    pub list: bool,
    /// Only these checks or families: VEN, PRC01; can be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Not these checks or families, beside those that pyproject.toml ignores; can be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Count warnings as failures
    #[arg(long)]
    pub strict: bool,
    /// How to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: Format,
    /// What this is, where it should not be guessed
    #[arg(long, value_name = "WHERE", value_enum)]
    pub context: Option<Where>,
    #[command(flatten)]
    pub change: Change,
}

/// How much is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum HowMuch {
    /// What nobody can regret
    Safe,
    /// Also what replaces something, such as an environment
    All,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
    Sarif,
    Github,
}

/// Where doctor runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Where {
    Developer,
    Ci,
    Container,
}

impl From<Where> for Context {
    fn from(place: Where) -> Self {
        match place {
            Where::Developer => Self::Developer,
            Where::Ci => Self::Ci,
            Where::Container => Self::Container,
        }
    }
}

impl Args {
    fn weight(&self) -> Weight {
        if self.strict { Weight::Strict } else { Weight::Lenient }
    }
}

/// # Errors
/// Something is wrong with a project (exit code 1), or a folder or a check that was named is not there (2).
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    if args.list {
        return pages::list(args, ui);
    }
    if let Some(id) = &args.explain {
        return pages::explain(id, ui);
    }
    let examined = examine(args)?;
    let Some(how_much) = args.fix else { return tell(examined, args, ui) };
    let done = fix::run(&examined, how_much, args, ui)?;
    if args.change.is_preview() {
        return end(&examined, args);
    }
    // What counts is the second look.
    tell(if done == fix::Done::Something { examine(args)? } else { examined }, args, ui)
}

/// A project or the machine, and what the checks say of it.
struct Examined {
    subject: Option<Subject>,
    /// The environment that was looked at.
    environment: Option<PathBuf>,
    report: Report,
}

/// Examine every folder that was named. Nothing is changed.
fn examine(args: &Args) -> Result<Vec<Examined>> {
    let here = surroundings::folder()?;
    let folders = if args.folders.is_empty() { std::slice::from_ref(&here) } else { &args.folders[..] };
    let mut subjects = Vec::new();
    for folder in folders {
        let subject = Subject::around(folder)
            .map_err(|error| Problem::usage(format!("cannot examine {}", folder.display())).because(error))?;
        subjects.push(subject);
    }
    let everything = selection(args, None)?;
    let machine = probe::machine(&here, &everything.needs());
    subjects.into_iter().map(|subject| one(subject, &machine, args)).collect()
}

fn one(subject: Option<Subject>, machine: &Machine, args: &Args) -> Result<Examined> {
    let context = args.context.map_or_else(|| probe::context(subject.as_ref()), Context::from);
    let selection = selection(args, subject.as_ref().map(|subject| subject.folder.as_path()))?;
    let project = subject.as_ref().map(|subject| probe::project(subject, &selection.needs()));
    let facts = Facts { context, machine: machine.clone(), project };
    let report = checks::examine(&facts, &selection);
    let environments = facts.project.and_then(|project| project.environments.get().ok().cloned());
    let environment = environments.and_then(|all| all.into_iter().next()).map(|environment| environment.folder);
    Ok(Examined { subject, environment, report })
}

/// `[tool.pyenvkit.doctor]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Settings {
    select: Vec<String>,
    ignore: Vec<String>,
}

/// What runs: as the command line says, else as the project says; ignored is what either names.
fn selection(args: &Args, project: Option<&Path>) -> Result<Selection> {
    let settings = match project.and_then(probe::settings) {
        Some(table) => table.try_into::<Settings>().map_err(|error| {
            Problem::usage("[tool.pyenvkit.doctor] in pyproject.toml is not understood").because(error)
        })?,
        None => Settings::default(),
    };
    let select = if args.select.is_empty() { settings.select } else { args.select.clone() };
    let ignore: Vec<String> = settings.ignore.into_iter().chain(args.ignore.iter().cloned()).collect();
    Selection::new(&select, &ignore).map_err(|Unknown(word)| unknown(&word))
}

/// The error for a word that names no check.
fn unknown(word: &str) -> anyhow::Error {
    let upper = word.to_ascii_uppercase();
    let near = did_you_mean(&upper, CHECKS.iter().map(|check: &Check| check.id));
    let hint = near.map_or_else(
        || "pyenvkit doctor --list names them".to_owned(),
        |near| format!("did you mean {near}? pyenvkit doctor --list names them all"),
    );
    Problem::usage(format!("there is no check {word:?}")).hint(hint).into()
}

/// Print the reports and end as they do.
fn tell(examined: Vec<Examined>, args: &Args, ui: Ui) -> Result<()> {
    let ended = end(&examined, args);
    let reports: Vec<Report> = examined.into_iter().map(|examined| examined.report).collect();
    let detail = match ui.verbosity {
        Verbosity::Quiet => Detail::Faults,
        Verbosity::Normal => Detail::Categories,
        Verbosity::Verbose => Detail::Everything,
    };
    ui.data(&match args.format {
        Format::Text => findings::text(&reports, detail),
        Format::Json => findings::json(&reports, args.weight()),
        Format::Sarif => findings::sarif(&reports),
        Format::Github => findings::github(&reports),
    })?;
    ended
}

/// The end of a run that found this.
fn end(examined: &[Examined], args: &Args) -> Result<()> {
    let sum = examined.iter().map(|it| it.report.summary()).fold(Summary::default(), Summary::plus);
    if sum.fails(args.weight()) { Err(crate::error::Found.into()) } else { Ok(()) }
}
