//! What a run of `new` leaves behind for the next one, should it die: what it makes, and how that looked.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use fs_err as fs;
use serde::{Deserialize, Serialize};

use crate::domain::plan::{Change, Plan};
use crate::system::files::{self, Identity};
use crate::system::journal::sha256;

/// The format; a state of another one is not understood and its project left alone.
const VERSION: u32 = 1;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    version: u32,
    /// Hash of what was asked for.
    pub spec: String,
    /// The project's folder, known before it gets its name.
    pub folder: Option<Identity>,
    /// Path in the project and SHA-256 of each file that was written.
    pub files: BTreeMap<String, String>,
    /// How many folders above the target were made for it.
    pub parents: usize,
    /// The names that stood in a folder that was filled.
    pub stood: Vec<String>,
}

impl State {
    pub fn new(spec: &str) -> Self {
        Self { version: VERSION, spec: spec.to_owned(), ..Self::default() }
    }

    /// The state in a file, or `None` where there is none that is whole: then nothing was put at the target.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        match fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok().filter(|state: &Self| state.version == VERSION)),
            Err(error) if files::absent(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        Ok(fs::write(path, serde_json::to_vec(self)?)?)
    }

    /// Record the files that `plan` leaves.
    pub fn record(&mut self, plan: &Plan) {
        for change in &plan.changes {
            if let Change::Create { place, file } | Change::Edit { place, after: file, .. } = change {
                self.files.insert(place.path.as_str().to_owned(), sha256(&file.bytes));
            }
        }
    }

    /// Whether each file that was written is still as it was written.
    pub fn is_intact(&self, project: &Path) -> bool {
        self.files.iter().all(|(path, sum)| has_sum(&project.join(path), sum))
    }

    /// Whether nobody but us changed or added anything: the files are intact, and what else is there is a virtual
    /// environment, git's, left by a tool, or stood there before.
    pub fn is_untouched(&self, project: &Path) -> Result<bool> {
        if !self.is_intact(project) {
            return Ok(false);
        }
        self.only_ours(project, "")
    }

    fn only_ours(&self, folder: &Path, prefix: &str) -> Result<bool> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { return Ok(false) };
            let path = format!("{prefix}{name}");
            let stood = prefix.is_empty() && (is_lane(name) || self.stood.iter().any(|stood| stood == name));
            if stood || is_generated(name) || self.files.contains_key(&path) || path == ".pyenvkit/local" {
                continue;
            }
            if !entry.file_type()?.is_dir() || !self.only_ours(&entry.path(), &format!("{path}/"))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Remove what installing and git put beside the files into a folder that was filled.
    pub fn remove_generated(&self, project: &Path) -> Result<()> {
        self.remove_generated_in(project, "")
    }

    fn remove_generated_in(&self, folder: &Path, prefix: &str) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if prefix.is_empty() && self.stood.iter().any(|stood| stood == name) || !entry.file_type()?.is_dir() {
                continue;
            }
            if prefix.is_empty() && is_lane(name) || is_generated(name) {
                files::remove_all(&entry.path())?;
            } else {
                self.remove_generated_in(&entry.path(), &format!("{prefix}{name}/"))?;
            }
        }
        Ok(())
    }
}

/// What the environment's and git's half of `new` make in the project.
fn is_lane(name: &str) -> bool {
    matches!(name, ".venv" | ".git")
}

/// What Python and the tools write by themselves.
fn is_generated(name: &str) -> bool {
    matches!(name, "__pycache__" | ".pytest_cache" | ".mypy_cache" | ".ruff_cache") || name.ends_with(".egg-info")
}

fn has_sum(path: &Path, sum: &str) -> bool {
    matches!(files::read(path), Ok(Some(file)) if sha256(&file.bytes) == sum)
}
