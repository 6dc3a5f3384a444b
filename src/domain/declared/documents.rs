//! The TOML documents that say what a project's developers need: `pyproject.toml`, and Hatch's own file beside it.

use std::sync::Arc;

use anyhow::Result;
use toml::{Table, Value};

use super::{List, at};
use crate::domain::tree::{Place, Tree};

/// Hatch's own file.
pub const HATCH: &str = "hatch.toml";

/// Both, parsed.
#[derive(Debug, Clone)]
pub struct Documents<'d> {
    pub pyproject: &'d Table,
    /// Empty where there is none, and where it is not TOML.
    hatch: Arc<Table>,
}

impl<'d> Documents<'d> {
    /// # Errors
    /// A file is there and cannot be read.
    pub fn read(tree: &mut Tree<'_>, pyproject: &'d Table) -> Result<Self> {
        Ok(Self { pyproject, hatch: tree.toml(&Place::project(HATCH)?)?.unwrap_or_default() })
    }

    /// What stands where a list is.
    pub(super) fn value(&self, list: &List) -> Option<&Value> {
        let root = if list.file().path.as_str() == HATCH { &self.hatch } else { self.pyproject };
        at(root, &list.toml_path())
    }

    /// A setting of Hatch.
    #[must_use]
    pub fn hatch(&self, path: &[&str]) -> Option<&Value> {
        hatch(self.pyproject, &self.hatch, path)
    }

    /// Whether Hatch's own file rules over a table.
    pub(super) fn is_in_own_file(&self, table: &str) -> bool {
        self.hatch.contains_key(table)
    }
}

/// A setting of Hatch. What stands at the top of its own file stands for all of the same name in `[tool.hatch]`
/// (hatchling, `ProjectMetadata.hatch`).
#[must_use]
pub fn hatch<'t>(pyproject: &'t Table, own: &'t Table, path: &[&str]) -> Option<&'t Value> {
    if own.contains_key(*path.first()?) {
        return at(own, path);
    }
    let path: Vec<&str> = ["tool", "hatch"].iter().chain(path).copied().collect();
    at(pyproject, &path)
}
