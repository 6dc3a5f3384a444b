//! The project that a verb works on: the one that the current folder lies in.

use anyhow::Result;

use crate::system::git::{Environment, Git};
use crate::system::project::Project;
use crate::system::{recover, surroundings};
use crate::ui::Ui;
use crate::ui::progress::Lanes;

/// A project and the git that knows its surroundings.
pub struct Here {
    pub project: Project,
    pub git: Option<Git>,
}

/// What a verb is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Read only; an interrupted change is reported.
    Look,
    /// Write; an interrupted change is taken back first, so that nothing is planned on files that are half changed.
    Change,
}

/// Find it, whole or with a word on what an interrupted change left half done.
///
/// # Errors
/// There is no project here, its `pyproject.toml` cannot be read, or what was interrupted cannot be taken back.
pub fn find(purpose: Purpose, ui: Ui) -> Result<Here> {
    find_by(Project::find, purpose, ui)
}

/// As [`find`], or the current folder where nothing says that it is a project yet.
///
/// # Errors
/// As [`find`], but for the first.
pub fn find_or_start(purpose: Purpose, ui: Ui) -> Result<Here> {
    find_by(Project::find_or_here, purpose, ui)
}

type Way = fn(&std::path::Path, &Environment) -> Result<Project>;

fn find_by(way: Way, purpose: Purpose, ui: Ui) -> Result<Here> {
    let git = Git::find();
    let environment = git.as_ref().map(|git| git.environment().clone()).unwrap_or_default();
    let folder = surroundings::folder()?;
    let mut project = way(&folder, &environment)?;
    let half_done = recover::unfinished(&project.roots())?;
    if !half_done.is_empty() && purpose == Purpose::Change {
        recover::recover(&project.roots(), &Lanes::new(ui))?;
        project = way(&folder, &environment)?;
    } else if !half_done.is_empty() {
        let names: Vec<String> = half_done.iter().map(ToString::to_string).collect();
        ui.warn(format!(
            "a change was interrupted, and these files may be half changed: {}; pyenvkit undo or any other change takes it back",
            names.join(", ")
        ));
    }
    Ok(Here { project, git })
}
