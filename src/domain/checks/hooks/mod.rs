//! PRC: whether what pre-commit is configured to check before each commit is checked.

mod installed;
mod path;
mod versions;

pub use installed::{DEAD_PYTHON, NOT_INSTALLED, NOT_RUN, TYPES_MISSING};
pub use path::HOOKS_PATH;
pub use versions::{OTHER_REVISION, UNTYPED};

use super::{Action, Fix};
use crate::domain::facts::{Environment, Facts, HookFile, Hooks, NoAnswer, Project, Text};
use crate::domain::hook_file;
use crate::domain::tree::{Place, RelPath, Root};

/// The hooks and their configuration, where both are there.
fn hooks(facts: &Facts) -> Result<(&Hooks, &Text), NoAnswer> {
    let hooks = facts.project()?.hooks.get()?.as_ref();
    let hooks = hooks.ok_or_else(|| NoAnswer::pointless("not in a git repository"))?;
    let text = hooks.configuration.as_ref().ok_or_else(|| NoAnswer::pointless("pre-commit is not configured"))?;
    Ok((hooks, text))
}

/// The hook types that the configuration wants, each with its file if that calls pre-commit.
fn wanted<'h>(hooks: &'h Hooks, text: &Text) -> Vec<(String, Option<&'h HookFile>)> {
    let types = hook_file::hook_types(&text.content).into_iter();
    types.map(|name| (name.clone(), hooks.file(&name).filter(|file| file.calls_runner))).collect()
}

/// Install the hooks, and pre-commit first where it is missing.
fn install(project: &Project) -> Result<Fix, NoAnswer> {
    let ready = project
        .packages
        .get()?
        .as_ref()
        .is_some_and(|packages| packages.modules.iter().any(|module| module == "pre_commit" || module == "prek"));
    let alive = project.environments.get()?.first().is_some_and(Environment::has_python);
    let fix = Fix::safe("install the hooks of the repository");
    Ok(if ready && alive {
        fix.action(Action::InstallHooks)
    } else {
        fix.action(Action::Sync { also: Vec::new() }).action(Action::InstallHooks)
    })
}

/// A file of the hooks' folder, as edits name it; `None` where git looks for hooks elsewhere.
fn place(hooks: &Hooks, file: &HookFile) -> Option<Place> {
    if hooks.configured.is_some() {
        return None;
    }
    Some(Place { root: Root::GitDir, path: RelPath::new(format!("hooks/{}", file.name)).ok()? })
}
