//! `verify`: the project's own formatter, linters, type checker, tests, hooks and build.

use std::path::Path;

use anyhow::Result;

use crate::ui::Ui;

/// Arguments of `pyenvkit verify`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// # Errors
/// A check failed.
pub fn project(_folder: &Path, _ui: Ui) -> Result<()> {
    Ok(())
}
/// # Errors
/// A check failed.
pub fn run(_args: &Args, _ui: Ui) -> Result<()> {
    Ok(())
}
