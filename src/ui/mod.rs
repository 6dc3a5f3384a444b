//! All of the terminal: what is printed, drawn and asked. stdout is data, stderr is talk.
#![allow(clippy::disallowed_macros, reason = "this is where printing belongs; clippy.toml lists it")]

pub mod findings;
pub mod harmless;
pub mod progress;
pub mod prompt;
pub mod report;
pub mod style;
pub mod wrap;

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::{Context as _, Result};

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

/// The terminal, or what stands in for it.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    pub verbosity: Verbosity,
    /// Whether questions may be asked: stdin and stderr are terminals and nobody said otherwise.
    pub interactive: bool,
    /// Whether bars may move.
    pub animated: bool,
}

impl Ui {
    /// What the terminal allows; `ci` is whether the `CI` variable is set.
    #[must_use]
    pub fn new(verbosity: Verbosity, ci: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        let dumb = !console::Term::stderr().features().is_attended();
        Self {
            verbosity,
            interactive: terminal && io::stdin().is_terminal() && !ci,
            animated: terminal && !dumb && !ci && verbosity != Verbosity::Quiet,
        }
    }

    /// A line of talk, unless quiet.
    pub fn say(self, line: impl AsRef<str>) {
        if self.verbosity >= Verbosity::Normal {
            say(line.as_ref());
        }
    }

    /// Several lines of talk that a question is about.
    #[expect(clippy::unused_self, reason = "what may be said is the terminal's to decide")]
    pub fn talk(self, lines: &str) {
        write(lines);
    }

    /// A line of talk for `-v`.
    pub fn detail(self, line: impl AsRef<str>) {
        if self.verbosity >= Verbosity::Verbose {
            say(line.as_ref());
        }
    }

    /// Something the user should know, also when quiet.
    #[expect(clippy::unused_self, reason = "what may be said is the terminal's to decide")]
    pub fn warn(self, line: impl AsRef<str>) {
        say(&format!("{} {}", style::paint(style::WARNING, "warning:"), line.as_ref()));
    }

    /// What went wrong in a part of the work, also when quiet.
    #[expect(clippy::unused_self, reason = "what may be said is the terminal's to decide")]
    pub fn fail(self, line: impl AsRef<str>) {
        say(line.as_ref());
    }

    /// Data, on stdout. A reader that has gone (`| head`) is no error.
    ///
    /// # Errors
    /// stdout cannot be written for another reason.
    pub fn data(self, text: &str) -> Result<()> {
        self.data_of(|print| print(text))
    }

    /// Data that comes in parts, on stdout, each printed as it comes. A reader that has gone (`| head`) is no error.
    ///
    /// # Errors
    /// stdout cannot be written for another reason, or a part cannot be made.
    #[expect(clippy::unused_self, reason = "what may be said is the terminal's to decide")]
    pub fn data_of(self, parts: impl FnOnce(&mut Print<'_>) -> Result<()>) -> Result<()> {
        let mut out = anstream::stdout().lock();
        let mut print = |text: &str| out.write_all(text.as_bytes()).context("cannot write to stdout");
        let done = parts(&mut print).and_then(|()| out.flush().context("cannot write to stdout"));
        let is_gone = |error: &anyhow::Error| {
            error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        };
        match done {
            Err(error) if is_gone(&error) => Ok(()),
            other => other,
        }
    }
}

/// Prints one part of a text.
pub type Print<'p> = dyn FnMut(&str) -> Result<()> + 'p;

fn say(line: &str) {
    write(&format!("{line}\n"));
}

/// Text on stderr, in one piece. That nobody reads it any more is no reason to fail.
fn write(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// An error with its causes and its hint, as the last thing said.
pub fn print_error(error: &anyhow::Error) {
    let mut said = String::new();
    for (depth, cause) in error.chain().enumerate() {
        let text = harmless::lines(&cause.to_string());
        if said.contains(&text) {
            continue; // a context that repeats its cause says nothing new
        }
        if depth == 0 {
            say(&format!("{} {text}", style::paint(style::ERROR, "error:")));
        } else {
            say(&format!("  {} {text}", style::paint(style::DIM, "because:")));
        }
        said.push_str(&text);
    }
    if let Some(hint) = crate::error::hint(error) {
        say(&format!("{} {}", style::paint(style::HINT, " hint:"), harmless::lines(hint)));
    }
}
