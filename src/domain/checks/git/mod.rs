//! GIT: what of a project git takes in, in whose name, what it does to files, and whether it works at all.

mod history;
mod ignored;
mod line_ends;
mod people;
mod tracked;

pub use history::CUT_OFF;
pub use ignored::NOT_IGNORED;
pub use line_ends::CARRIAGE_RETURN;
pub use people::{DUBIOUS, NO_IDENTITY};
pub use tracked::ENVIRONMENT_TRACKED;

use crate::domain::facts::{Facts, NoAnswer, Project, Repository};

/// The project, where it is in a repository.
fn versioned(facts: &Facts) -> Result<&Project, NoAnswer> {
    let project = facts.project()?;
    repository(project).map(|_| project)
}

fn repository(project: &Project) -> Result<&Repository, NoAnswer> {
    project.repository.as_ref().ok_or_else(|| NoAnswer::pointless("not in a git repository"))
}
