//! Sets up Python projects and keeps them healthy.

pub mod commands;
pub mod domain;
pub mod error;
pub mod system;
pub mod ui;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use commands::{Cli, Verb};
use system::interrupt;

/// Parse the arguments, do the work, and say how it ended.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let ui = cli.global.ui();
    match start(&cli).and_then(|()| dispatch(&cli.verb, ui)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if interrupt::is_set() || error.is::<interrupt::Interrupted>() => {
            ui.say("interrupted");
            ExitCode::from(interrupt::exit_code())
        }
        Err(error) if error.is::<error::Found>() => ExitCode::from(error::Code::Failed as u8),
        Err(error) => {
            ui::print_error(&error);
            ExitCode::from(error::code(&error) as u8)
        }
    }
}

fn start(cli: &Cli) -> Result<()> {
    interrupt::install().context("cannot listen for signals")?;
    if let Some(folder) = &cli.global.directory {
        system::surroundings::enter(folder)
            .map_err(|error| error::Problem::usage(format!("cannot work in {}", folder.display())).because(error))?;
    }
    Ok(())
}

fn dispatch(verb: &Verb, ui: ui::Ui) -> Result<()> {
    match verb {
        Verb::New(args) => commands::new::run(args, ui),
        Verb::Init(args) => commands::init::run(args, ui),
        Verb::Sync(args) => commands::sync::run(args, ui),
        Verb::Doctor(args) => commands::doctor::run(args, ui),
        Verb::Verify(args) => commands::verify::run(*args, ui),
        Verb::AddTool(args) => commands::add_tool::run(args, ui),
        Verb::RemoveTool(args) => commands::remove_tool::run(args, ui),
        Verb::Undo(args) => commands::undo::run(args, ui),
        Verb::Tools(args) => commands::tools::run(args, ui),
        Verb::Templates(args) => commands::templates::run(args, ui),
        Verb::Python(args) => commands::python::run(args, ui),
        Verb::Config(args) => commands::config::run(args, ui),
        Verb::Completions(args) => commands::shell::completions(args, ui),
        Verb::Man(args) => commands::shell::man(args, ui),
    }
}
