//! `python list`: every Python on this machine, and why one is not taken.

use anyhow::Result;

use super::output::{self, Json};
use crate::system::clock;
use crate::system::interpreter::{self, Seen, State};
use crate::system::surroundings;
use crate::ui::Ui;

/// What can be asked about Pythons.
#[derive(Debug, clap::Subcommand)]
pub enum Python {
    /// Show all of them: version, source, end of life, and why one is not taken
    List {
        #[command(flatten)]
        output: Json,
    },
}

/// # Errors
/// stdout cannot be written.
pub fn run(args: &Python, ui: Ui) -> Result<()> {
    let Python::List { output } = args;
    let seen = interpreter::list(&interpreter::Context::of_process(surroundings::folder()?));
    if output.json {
        return output::json(ui, &seen);
    }
    let today = clock::today();
    let rows: Vec<Vec<String>> = seen.iter().map(|seen| row(seen, &today)).collect();
    if rows.is_empty() {
        ui.say("no Python was found");
    }
    ui.data(&output::table(&rows))
}

fn row(seen: &Seen, today: &str) -> Vec<String> {
    let origins: Vec<String> = seen.origins.iter().map(ToString::to_string).collect();
    let life = match seen.end_of_life {
        Some(day) if day < today => format!("ended {day}"),
        Some(day) => format!("until {day}"),
        None => String::new(),
    };
    let remark = match &seen.state {
        State::Unusable { reason } => format!("not taken: {reason}"),
        State::Usable { .. } => String::new(),
    };
    let version = seen.version.clone().unwrap_or_else(|| "?".into());
    vec![version, origins.join(", "), life, seen.path.display().to_string(), remark]
}
