//! Removes what a dead `new` left where its project needs it no more.

use std::path::Path;

use anyhow::Result;
use fs_err as fs;

use super::state::State;
use super::{Birth, Stage, Way, place};
use crate::system::disk;
use crate::system::files::{self, Identity};
use crate::system::lock::Lock;
use crate::system::shelf::Shelf;

/// Remove what a dead `new` left beside or in a project that is complete now; for `sync`. What a living run holds, and
/// what belongs to another folder of that name, stays.
///
/// # Errors
/// Something cannot be read or removed.
pub fn settle(project: &Path) -> Result<()> {
    let target = place::resolve(project)?;
    let identity = files::look(&target)?.as_ref().map(Identity::of);
    let local = disk::local_state(&target);
    let beside = place::sibling(&target).map(|home| (home, Way::Made));
    for (home, way) in beside.into_iter().chain([(local, Way::Filled)]) {
        if files::look(&home)?.is_none() {
            continue;
        }
        let Some(lock) = Lock::try_acquire(&home.join("lock"))? else { continue };
        let state = State::read(&home.join("state"))?;
        let dead = match (&state, way) {
            (Some(state), _) => state.folder == identity,
            // It died before the project had its name, or after the commit.
            (None, Way::Made) => true,
            // Without git that is where a project keeps its state for good.
            (None, Way::Filled) => {
                let shelf = Shelf::new(&home);
                target.join(".git").exists() && shelf.committed()?.is_empty() && !shelf.current().exists()
            }
        };
        if dead {
            let (target, state) = (target.clone(), state.unwrap_or_default());
            let birth = Birth { target, home, way, state, stage: Stage::Resumed, lock };
            birth.clear_tree()?;
            birth.finish()?;
        }
    }
    Ok(())
}

/// Remove the folder of an attempt that failed before it began, unless somebody else has it by now.
pub(super) fn discard(home: &Path) {
    let lock = Lock::try_acquire(&home.join("lock"));
    if matches!(lock, Ok(None)) || home.join("state").exists() {
        return;
    }
    for name in [".gitignore", "lock"] {
        let _ = files::remove(&home.join(name));
    }
    let _ = fs::remove_dir(home);
}
