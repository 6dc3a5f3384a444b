//! What a project says of doctor in `[tool.pyenvkit.doctor]`.

use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use serde::Deserialize;
use toml::Spanned;

use super::Args;
use crate::domain::checks::{CHECKS, Check, Location, Selection, Unknown};
use crate::domain::facts::{OwnChecks, Text};
use crate::error::{Problem, did_you_mean};
use crate::system::probe;
use crate::ui::report::{self, At};

/// `[tool.pyenvkit.doctor]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Only these checks judge the project.
    select: Vec<Spanned<String>>,
    ignore: Vec<Spanned<String>>,
    pub checks: OwnChecks,
    /// The manifest that says so.
    #[serde(skip)]
    text: Option<Text>,
}

/// As much of a manifest as is read here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Manifest {
    tool: Tool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tool {
    pyenvkit: Own,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Own {
    doctor: Settings,
}

impl Settings {
    /// What the project in `folder` says; nothing where its manifest cannot be read, which is a check's affair.
    ///
    /// # Errors
    /// It says something that nobody understands.
    pub fn of(folder: Option<&Path>) -> Result<Self> {
        let Some(text) = folder.and_then(probe::settings) else { return Ok(Self::default()) };
        let mark = text.content.len() - text.content.trim_start_matches('\u{feff}').len();
        let read = toml::from_str::<Manifest>(&text.content[mark..]);
        let manifest = read.map_err(|error: toml::de::Error| {
            let at = error.span().unwrap_or_default();
            let message = error.message().lines().next().unwrap_or_default();
            let what = format!("[tool.pyenvkit.doctor] is not understood: {message}");
            Problem::usage(misplaced(&text, at.start + mark..at.end + mark, &what))
        })?;
        Ok(Self { text: Some(text), ..manifest.tool.pyenvkit.doctor })
    }

    /// What runs: as the command line says, else as the project says; ignored is what either names.
    ///
    /// # Errors
    /// Either names what is no check.
    pub fn selection(&self, args: &Args) -> Result<Selection> {
        let own = |words: &[Spanned<String>]| words.iter().map(|word| word.get_ref().clone()).collect::<Vec<_>>();
        let select = if args.select.is_empty() { own(&self.select) } else { args.select.clone() };
        let ignore: Vec<String> = own(&self.ignore).into_iter().chain(args.ignore.iter().cloned()).collect();
        Selection::new(&select, &ignore).map_err(|Unknown(word)| self.unknown(&word).into())
    }

    /// The error for a word that names no check, with its place where the project says it.
    fn unknown(&self, word: &str) -> Problem {
        let own = self.select.iter().chain(&self.ignore).find(|own| own.get_ref() == word);
        match (own, &self.text) {
            (Some(own), Some(text)) => {
                let mark = text.content.len() - text.content.trim_start_matches('\u{feff}').len();
                let at = own.span();
                let what = format!("there is no check {word:?}");
                Problem::usage(misplaced(text, at.start + mark..at.end + mark, &what)).hint(meant(word))
            }
            _ => unknown(word),
        }
    }
}

/// The error for a word that names no check.
pub fn unknown(word: &str) -> Problem {
    Problem::usage(format!("there is no check {word:?}")).hint(meant(word))
}

/// What was probably meant.
fn meant(word: &str) -> String {
    let upper = word.trim().to_ascii_uppercase();
    let letters = |id: &'static str| id.trim_end_matches(|c: char| c.is_ascii_digit());
    let names = CHECKS.iter().flat_map(|check: &Check| [check.id, letters(check.id)]);
    match did_you_mean(&upper, names) {
        Some(near) => format!("did you mean {near}? pyenvkit doctor --list names them all"),
        None => "pyenvkit doctor --list names them".to_owned(),
    }
}

/// What is wrong at a place of the manifest, with the line.
fn misplaced(text: &Text, span: Range<usize>, what: &str) -> String {
    let (line, column) = Location::within(text, span).position().unwrap_or((1, 1));
    let at = At { file: text.place.path.as_str(), line, column };
    report::source_error(&text.content, &at, what)
}
