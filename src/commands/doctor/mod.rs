//! `doctor`: says what is wrong with Python here, and mends it.

mod fix;
mod look;
mod pages;
mod settings;
mod steps;

use std::path::PathBuf;

use anyhow::Result;

use super::change::Change;
use crate::domain::checks::Weight;
use crate::domain::facts::Context;
use crate::system::spool::Spool;
use crate::ui::findings::{Detail, Form, Sheet};
use crate::ui::{Ui, Verbosity};
use look::{Examined, Look};

#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The projects to examine; the one that the current folder lies in if none is named
    #[arg(value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Examine every project in DIR and below it; what git ignores and what is hidden is left out
    #[arg(long, conflicts_with_all = ["explain", "list"])]
    pub recursive: bool,
    /// With --recursive: let checks start git where files do not tell enough
    #[arg(long, requires = "recursive")]
    pub start_programs: bool,
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
    /// Also run the checks that the projects declare for themselves: their code
    #[arg(long)]
    pub run_project_checks: bool,
    /// A report to show to others: without names, hosts, tokens, addresses and the paths of homes
    #[arg(long, conflicts_with_all = ["fix", "explain", "list"])]
    pub share: bool,
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

    fn form(&self, ui: Ui) -> Form {
        match self.format {
            Format::Json => Form::Json,
            Format::Sarif => Form::Sarif,
            Format::Github => Form::Github,
            Format::Text => Form::Text(match ui.verbosity {
                Verbosity::Quiet => Detail::Faults,
                Verbosity::Normal => Detail::Categories,
                Verbosity::Verbose => Detail::Everything,
            }),
        }
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
    let look = Look::at(args, ui)?;
    let (sheet, mendable) = examine(&look, args, ui)?;
    let Some(how_much) = args.fix else { return tell(sheet, args, ui) };
    let done = fix::run(&mendable, how_much, args, ui)?;
    if args.change.is_preview() {
        return end(&sheet, args);
    }
    // What counts is the second look.
    let sheet = if done == fix::Done::Something { examine(&look, args, ui)?.0 } else { sheet };
    tell(sheet, args, ui)
}

/// Examine everything. What is kept is what will be printed, and the findings of what could be mended if it is to be.
fn examine(look: &Look<'_>, args: &Args, ui: Ui) -> Result<(Sheet, Vec<Examined>)> {
    let mut sheet = Sheet::new(args.form(ui), look.extent, look.base.clone(), Box::new(Spool::default()));
    let mut mendable = Vec::new();
    look.each(ui, |examined| {
        sheet.take(&examined.report);
        let sum = examined.report.summary();
        if args.fix.is_some() && sum.safe + sum.asking > 0 {
            mendable.push(examined);
        }
    })?;
    Ok((sheet, mendable))
}

/// Print what was found and end as it demands.
fn tell(sheet: Sheet, args: &Args, ui: Ui) -> Result<()> {
    let ended = end(&sheet, args);
    sheet.print(args.weight(), ui)?;
    ended
}

/// The end of a run that found this.
fn end(sheet: &Sheet, args: &Args) -> Result<()> {
    if sheet.sum().fails(args.weight()) { Err(crate::error::Found.into()) } else { Ok(()) }
}
