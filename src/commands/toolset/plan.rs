//! From what the user asks for to a plan: which tools matter here, what the project is, what its files become.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::Wish;
use crate::commands::new::draft::proposed_name;
use crate::commands::options;
use crate::domain::adopt::{Adopted, Folder, Top, adopt};
use crate::domain::catalog::{Family, Tool};
use crate::domain::edit::EditError;
use crate::domain::ground;
use crate::domain::hooks;
use crate::domain::names::is_group;
use crate::domain::provenance::{LOCK, Provenance};
use crate::domain::reconcile;
use crate::domain::spec::{ToolUse, Values};
use crate::domain::toolset::{Changed, Refused, Request, Shape, change, recognise};
use crate::domain::tree::{Place, Tree};
use crate::error::Problem;
use crate::system::environment::versions;
use crate::system::git::Git;
use crate::system::load::{Catalog, unknown};
use crate::system::project::{self, Project};
use crate::system::{clock, surroundings};
use crate::ui::{Ui, report};

/// Plans a change as often as it has to be planned.
pub struct Planner<'p> {
    pub project: &'p Project,
    catalog: &'p Catalog,
    pub(super) wish: &'p Wish<'p>,
    /// The tools that are named.
    named: Vec<Tool>,
    add: Vec<ToolUse>,
}

impl<'p> Planner<'p> {
    /// # Errors
    /// A tool or an option is not known.
    pub fn new(project: &'p Project, catalog: &'p Catalog, wish: &'p Wish<'p>) -> Result<Self> {
        let names = catalog.tool_names();
        let mut named: Vec<Tool> = Vec::new();
        for name in wish.add.iter().chain(wish.remove) {
            if !names.contains(name) {
                return Err(unknown("tool", name, &names, "pyenvkit tools lists them"));
            }
            if !named.iter().any(|tool| tool.name == *name) {
                named.push(catalog.tool(name)?);
            }
        }
        if let Some(group) = wish.group.filter(|group| !is_group(group)) {
            return Err(Problem::usage(format!("{group:?} cannot be the name of a dependency group"))
                .hint("letters and digits, with -, _ and . between them")
                .into());
        }
        let add = if wish.add.is_empty() { Vec::new() } else { options::parse(wish.set, &named)? };
        Ok(Self { project, catalog, wish, named, add })
    }

    /// The tools that are to be added.
    #[must_use]
    pub fn added(&self) -> &[Tool] {
        if self.wish.add.is_empty() { &[] } else { &self.named }
    }

    /// Let the tree hold the project as it is to be.
    ///
    /// # Errors
    /// The change is refused, with what would allow it; or a file is not what its name says.
    pub fn plan(&self, tree: &mut Tree<'_>) -> Result<Changed> {
        let mut before = tree.text(&Place::project(LOCK)?)?.map(|text| Provenance::parse(&text)).unwrap_or_default();
        if let Some(record) = self.wish.record {
            before.values = Some(record.values.clone());
            if let Some((place, text)) = &record.manifest {
                tree.put_text(place.clone(), text.clone())?;
            }
        }
        let shape = shape(self.project, &before, tree)?;
        let tools = self.tools(&before, tree)?;
        let request = Request {
            tools: &tools,
            add: &self.add,
            remove: self.wish.remove,
            project: &shape,
            installed: versions(&self.project.venv()),
            group: self.wish.group,
            force: self.wish.force,
        };
        let mut remarks = Vec::new();
        if self.wish.record.is_some() {
            remarks = recognise(tree, &mut before, &request).map_err(explained)?;
            before.write(tree)?;
            if self.add.is_empty() {
                return Ok(Changed { provenance: before, remarks, versions: BTreeMap::new() });
            }
        }
        let mut changed = change(tree, &before, &request).map_err(explained)?;
        changed.remarks.splice(0..0, remarks);
        Ok(changed)
    }

    /// Every tool that may matter: those named, those that we manage here, and those that the project's files speak of.
    fn tools(&self, before: &Provenance, tree: &mut Tree<'_>) -> Result<Vec<Tool>> {
        let names = self.catalog.tool_names();
        let mut wanted: BTreeSet<String> = ground::mentioned(tree, &names)?.into_iter().collect();
        wanted.extend(before.tools.iter().map(|wish| wish.tool.clone()).filter(|name| names.contains(name)));
        let mut tools = self.named.clone();
        for name in wanted {
            if !tools.iter().any(|tool| tool.name == name) {
                tools.push(self.catalog.tool(&name)?);
            }
        }
        tools.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
        Ok(tools)
    }

    /// What follows the files, as commands that do the same by hand.
    #[must_use]
    pub fn steps(&self, changed: &Changed) -> Vec<String> {
        if self.wish.sync.no_sync || self.wish.add.is_empty() {
            return Vec::new();
        }
        let mut steps = vec!["pyenvkit sync".to_owned()];
        let added = self.added().iter().filter(|tool| changed.versions.contains_key(&tool.name));
        steps.extend(added.filter(|tool| !tool.prove.is_empty()).map(|tool| tool.prove.join(" ")));
        steps
    }

    /// A hook file that calls a hook manager which has left would stop every commit.
    ///
    /// # Errors
    /// A hook cannot be removed.
    pub fn take_hooks_away(&self, git: Option<&Git>, ui: Ui) -> Result<()> {
        let leaves =
            self.named.iter().any(|tool| self.wish.remove.contains(&tool.name) && tool.family == Family::Hooks);
        let (true, Some(git), Some(repository)) = (leaves, git, &self.project.repository) else { return Ok(()) };
        if surroundings::is_file(&repository.top.join(hooks::CONFIG)) {
            return Ok(());
        }
        for hook in git.remove_hooks(repository)? {
            ui.say(format!("git hook removed: {}", hook.display()));
        }
        Ok(())
    }
}

/// What a project is: as it was recorded, or as it says of itself, with what only its files can tell.
///
/// # Errors
/// A file cannot be read, or its own tool would refuse it.
pub fn shape(project: &Project, before: &Provenance, tree: &mut Tree<'_>) -> Result<Shape> {
    Ok(adopted(project, before, tree)?.shape)
}

/// As [`shape`], with all that was found beside it.
///
/// # Errors
/// As [`shape`].
pub fn adopted(project: &Project, before: &Provenance, tree: &mut Tree<'_>) -> Result<Adopted> {
    let top = top(project)?;
    let name = proposed_name(&project.folder.file_name().unwrap_or_default().to_string_lossy());
    let folder = Folder { name: if name.is_empty() { "project" } else { &name }, top, year: clock::year() };
    let mut adopted = adopt(tree, &folder).map_err(explained)?;
    if let Some(values) = &before.values {
        let of_files = std::mem::replace(&mut adopted.shape.values, values.clone());
        // The Pythons that it supports are what its files say today, where they say it.
        if !adopted.are_pythons_assumed {
            adopted.shape.values = Values { requires_python: of_files.requires_python, ..values.clone() };
        }
        adopted.shape.correct();
    }
    Ok(adopted)
}

/// Where a project lies in its repository.
///
/// # Errors
/// Its path is not UTF-8.
pub fn top(project: &Project) -> Result<Top> {
    Ok(match &project.repository {
        Some(repository) => project::below(&project.folder, &repository.top)?.map_or(Top::Project, Top::Below),
        None => Top::Project,
    })
}

/// A refusal of the domain in a user's words, with the way out.
fn explained(error: anyhow::Error) -> anyhow::Error {
    if let Some(Refused(clash)) = error.downcast_ref::<Refused>() {
        let hint = format!("pyenvkit remove-tool {} first, or insist with --force", clash.holder);
        return Problem::usage(error.to_string()).hint(hint).into();
    }
    match error.downcast::<reconcile::Refused>() {
        Ok(refused) => refusal(&refused),
        Err(error) => error,
    }
}

fn refusal(refused: &reconcile::Refused) -> anyhow::Error {
    match &refused.error {
        EditError::Syntax { line, column, message } => {
            let at = report::At { file: &refused.place.to_string(), line: *line, column: *column };
            Problem::usage(report::source_error(&refused.text, &at, message)).hint("nothing was changed").into()
        }
        EditError::Unsupported { reason } => {
            let snippet: String =
                refused.snippet.iter().flat_map(|text| text.lines()).map(|line| format!("\n  {line}")).collect();
            Problem::failed(format!(
                "{} cannot be edited safely: {reason}; nothing was changed. To be put there by hand:{snippet}",
                refused.place
            ))
            .into()
        }
    }
}
