//! What a check found, and what mends it, as plain data.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::Severity;
use crate::domain::facts::Text;
use crate::domain::piece::Locator;
use crate::domain::python::Minor;
use crate::domain::tree::Place;

/// One fault, for a reader who is new to Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, without a full stop: `the environment .venv was copied from /home/me/old`.
    pub message: String,
    /// What it was seen by: `.venv/bin/activate names /home/me/old/.venv`.
    pub cause: String,
    /// What goes wrong because of it.
    pub consequence: String,
    /// The command to type, or what to do, exactly.
    pub remedy: String,
    pub location: Option<Location>,
    /// Where it is not that of the check.
    pub severity: Option<Severity>,
    /// Checks whose fault, where it is found too, is the cause of this one.
    pub caused_by: &'static [&'static str],
    pub fix: Option<Fix>,
}

impl Finding {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            cause: String::new(),
            consequence: String::new(),
            remedy: String::new(),
            location: None,
            severity: None,
            caused_by: &[],
            fix: None,
        }
    }

    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self
    }

    #[must_use]
    pub fn so(mut self, consequence: impl Into<String>) -> Self {
        self.consequence = consequence.into();
        self
    }

    #[must_use]
    pub fn remedy(mut self, command: impl Into<String>) -> Self {
        self.remedy = command.into();
        self
    }

    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    #[must_use]
    pub fn caused_by(mut self, checks: &'static [&'static str]) -> Self {
        self.caused_by = checks;
        self
    }

    #[must_use]
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }
}

/// Where a fault is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Absolute.
    pub path: PathBuf,
    /// The text and the bytes of it that are at fault, where the file is a text that a person wrote.
    pub source: Option<(Arc<str>, Range<usize>)>,
}

impl Location {
    /// A file or folder as a whole.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), source: None }
    }

    /// A part of a text.
    #[must_use]
    pub fn within(text: &Text, span: Range<usize>) -> Self {
        Self { path: text.path.clone(), source: Some((Arc::clone(&text.content), span)) }
    }

    /// Keep the lines and columns, and forget what stands there.
    pub fn conceal(&mut self) {
        if let Some((text, span)) = &mut self.source {
            let before = text.get(..span.start).unwrap_or(text).chars().count();
            let within = text.get(span.clone()).unwrap_or_default().chars().count();
            *text = text.chars().map(|c| if c == '\n' { c } else { ' ' }).collect::<String>().into();
            *span = before..before + within;
        }
    }

    /// Line and column of the start, from 1, in characters.
    #[must_use]
    pub fn position(&self) -> Option<(usize, usize)> {
        self.source.as_ref().map(|(text, span)| position(text, span.start))
    }

    /// Line and column of the end.
    #[must_use]
    pub fn end(&self) -> Option<(usize, usize)> {
        self.source.as_ref().map(|(text, span)| position(text, span.end))
    }
}

fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// How a fault is mended: edits of files, all or none of them, then actions. Findings with the same fix share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub safety: Safety,
    /// What it does, for the plan: `make the environment again with Python 3.11`.
    pub label: String,
    pub edits: Vec<Edit>,
    pub actions: Vec<Action>,
}

impl Fix {
    /// One that nobody can regret.
    pub fn safe(label: impl Into<String>) -> Self {
        Self { safety: Safety::Safe, label: label.into(), edits: Vec::new(), actions: Vec::new() }
    }

    /// One that is done only when asked for.
    pub fn asking(label: impl Into<String>) -> Self {
        Self { safety: Safety::Asks, ..Self::safe(label) }
    }

    #[must_use]
    pub fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }
}

/// Whether a fix can lose something that its user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// `--fix`.
    Safe,
    /// `--fix=all`.
    Asks,
}

/// A change of one file. All edits of a run are one transaction, which `undo` takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Let `text` stand at a structural place, in place of what stands there.
    Put { place: Place, at: Locator, text: String },
    /// Cut what stands at a structural place.
    Cut { place: Place, at: Locator },
    /// Write `to` for `from` at a span of the text as it was probed; for what no locator names.
    Replace { place: Place, span: Range<usize>, from: String, to: String },
    /// Give a file the right to be executed.
    MakeExecutable { place: Place },
    /// Let every line end with a line feed alone.
    UnixLineEnds { place: Place },
}

impl Edit {
    /// The file.
    #[must_use]
    pub fn place(&self) -> &Place {
        match self {
            Self::Put { place, .. }
            | Self::Cut { place, .. }
            | Self::Replace { place, .. }
            | Self::MakeExecutable { place }
            | Self::UnixLineEnds { place } => place,
        }
    }
}

/// What is done after the edits. Actions of all fixes are done once each, in the order in which they stand here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Move a file or folder of an environment to the project's backups, so that something else can stand there.
    SetAside { path: PathBuf },
    /// Let git track nothing below a folder any more; what is there stays.
    Untrack { path: PathBuf },
    /// Set the environment aside and make it again: same place, same Python, the same packages.
    Rebuild(Rebuild),
    /// Complete the environment: what the project declares, the project itself, pip, and `also`.
    Sync { also: Vec<String> },
    /// Install the package in a folder again, as a link that names the folder in a `.pth` file (`pip install --editable`).
    Link { folder: PathBuf },
    /// Let a lock file's manager make it again, keeping what still fits.
    Relock { lock: Place },
    /// Install the hooks that the configuration names.
    InstallHooks,
}

/// How an environment is made again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rebuild {
    pub environment: PathBuf,
    /// The feature version; `None` where nothing tells it, then as the project wants it.
    pub python: Option<Minor>,
    /// What the old one had, as requirements.
    pub packages: Vec<String>,
}
