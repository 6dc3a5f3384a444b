//! What comes of choosing an interpreter.

use std::fmt;
use std::path::PathBuf;

use crate::domain::facts::{Interpreter, Origin};

/// The interpreter to work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub interpreter: Interpreter,
    pub origin: Origin,
    /// Completes "it was chosen because it is": `the first on PATH that fits`.
    pub why: String,
}

/// A candidate that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub path: PathBuf,
    pub origin: Origin,
    pub reason: String,
}

/// No interpreter fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFound {
    /// What was asked for: `Python 3.14 that satisfies >=3.11`.
    pub wanted: String,
    /// In the order in which they were considered.
    pub refused: Vec<Refused>,
    /// How to get one.
    pub hint: String,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found no {}", self.wanted)?;
        for Refused { path, reason, .. } in &self.refused {
            write!(f, "\n  {}: {reason}", path.display())?;
        }
        Ok(())
    }
}

impl std::error::Error for NotFound {}
