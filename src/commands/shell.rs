//! `completions` and `man`: what a shell and a manual reader need, made from the command tree.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use super::Cli;
use crate::error::Problem;
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub struct Man {
    /// Write a page for each verb into this folder instead
    #[arg(long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
}

/// Print the completions of a shell.
///
/// # Errors
/// stdout cannot be written.
pub fn completions(args: &Completions, ui: Ui) -> Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pyenvkit", &mut text);
    ui.data(&String::from_utf8(text).context("completions")?)
}

/// Print the manual page, or write all pages.
///
/// # Errors
/// stdout or the folder cannot be written.
pub fn man(args: &Man, ui: Ui) -> Result<()> {
    if let Some(folder) = &args.output {
        if !crate::system::surroundings::is_folder(folder) {
            return Err(Problem::usage(format!("{} is not a folder", folder.display())).into());
        }
        return clap_mangen::generate_to(Cli::command(), folder).context("cannot write the manual pages");
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).context("manual page")?;
    ui.data(&String::from_utf8(page).context("manual page")?)
}
