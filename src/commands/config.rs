//! `config`: the user's defaults, read and written in the user's own file.

use anyhow::{Context as _, Result};

use crate::error::Problem;
use crate::system::settings::{self, KEYS, Settings};
use crate::ui::Ui;

/// What can be done with the user's file.
#[derive(Debug, clap::Subcommand)]
pub enum Config {
    /// Print a setting, or all that are set
    Get {
        /// The setting
        key: Option<String>,
    },
    /// Write a setting
    Set {
        /// The setting
        key: String,
        /// Its value
        value: String,
    },
    /// Print where the file is
    Path,
}

/// # Errors
/// There is no such setting, or the file cannot be read or written.
pub fn run(args: &Config, ui: Ui) -> Result<()> {
    match args {
        Config::Path => {
            let path = settings::file().context("this machine has no home folder to keep settings in")?;
            ui.data(&format!("{}\n", path.display()))
        }
        Config::Get { key: None } => {
            let settings = Settings::load()?;
            let set = KEYS.iter().filter_map(|(key, _)| Some(format!("{key} = {}\n", settings.get(key)?)));
            ui.data(&set.collect::<String>())
        }
        Config::Get { key: Some(key) } => {
            let key = settings::key(key)?;
            match Settings::load()?.get(key) {
                Some(value) => ui.data(&format!("{value}\n")),
                None => Err(Problem::failed(format!("{key} is not set"))
                    .hint(format!("pyenvkit config set {key} VALUE"))
                    .into()),
            }
        }
        Config::Set { key, value } => {
            let key = settings::key(key)?;
            super::new::draft::check_setting(key, value)?;
            settings::set(key, value)
        }
    }
}
