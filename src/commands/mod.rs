//! The verbs: each turns its arguments into what is wanted, plans it, shows it and lets `system` do it.

pub mod add_tool;
pub mod change;
pub mod config;
pub mod doctor;
pub mod environment;
pub mod here;
pub mod init;
pub mod new;
pub mod options;
pub mod output;
pub mod python;
pub mod remove_tool;
pub mod shell;
pub mod sync;
pub mod templates;
pub mod tools;
pub mod toolset;
pub mod undo;
pub mod verify;

use std::path::PathBuf;

use clap::{ColorChoice, Parser, Subcommand};

use crate::ui::{Ui, Verbosity};

/// Sets up Python projects and keeps them healthy.
#[derive(Debug, Parser)]
#[command(
    name = "pyenvkit",
    version,
    about,
    max_term_width = 100,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub verb: Verb,
}

/// What every verb takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: what was chosen and why, and what children print
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Work as if started in this folder
    #[arg(long, global = true, value_name = "FOLDER")]
    pub directory: Option<PathBuf>,
}

impl Global {
    /// The terminal as these flags want it.
    #[must_use]
    pub fn ui(&self) -> Ui {
        match self.color {
            ColorChoice::Auto => {}
            ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
            ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
        }
        let verbosity = match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        Ui::new(verbosity, crate::system::surroundings::is_ci())
    }
}

/// What can be done. The arguments of a verb are put together only where it is the one that was given.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Verb {
    /// Make a new project: files, environment, git
    New(Box<new::Args>),
    /// Adopt a project that is there: find out what it is, record it, propose what is missing
    Init(init::Args),
    /// Make or repeat this project's environment: venv, packages, hooks
    Sync(sync::Args),
    /// Say what is wrong with Python here, and mend it
    Doctor(Box<doctor::Args>),
    /// Run this project's own formatter, linters, type checker, tests, hooks and build
    Verify(verify::Args),
    /// Add tools to this project: requirement, configuration, hooks
    #[command(name = "add-tool")]
    AddTool(add_tool::Args),
    /// Take tools out of this project, and nothing else
    #[command(name = "remove-tool")]
    RemoveTool(remove_tool::Args),
    /// Take back the last change of this project's files
    Undo(undo::Args),
    /// List the tools, or show one
    Tools(tools::Args),
    /// List the project templates, or show one
    Templates(templates::Args),
    /// The Pythons on this machine
    #[command(subcommand)]
    Python(python::Python),
    /// Read and write the user's defaults
    #[command(subcommand)]
    Config(config::Config),
    /// Print a shell's completions
    Completions(shell::Completions),
    /// Print the manual page, or write one for each verb into a folder
    Man(shell::Man),
}
