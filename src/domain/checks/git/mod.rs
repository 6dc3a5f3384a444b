//! GIT: what of a project git takes in, and what it does to files.

mod ignored;
mod line_ends;

pub use ignored::NOT_IGNORED;
pub use line_ends::CARRIAGE_RETURN;

use crate::domain::facts::{Facts, NoAnswer, Project};

/// The project, where it is in a repository.
fn versioned(facts: &Facts) -> Result<&Project, NoAnswer> {
    let project = facts.project()?;
    if project.repository.is_none() {
        return Err(NoAnswer::pointless("not in a git repository"));
    }
    Ok(project)
}
