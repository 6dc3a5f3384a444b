//! `sync`: makes or repeats the environment half of a project.

/// Arguments of `pyenvkit sync`.
#[derive(Debug, clap::Args)]
pub struct Args {}
/// # Errors
/// The environment cannot be made.
pub fn run(_args: &Args, _ui: crate::ui::Ui) -> anyhow::Result<()> {
    Ok(())
}
