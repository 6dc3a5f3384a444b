//! TOL: whether the project's tools agree with each other, and with what they are configured for.

mod agreement;
mod arguments;
mod declared;
mod formatters;
mod imports;
mod shadowed;
mod target;

pub use agreement::{FIGHTING_RULES, LINE_LENGTH, OWN_FIGHT, UNPROFILED};
pub use declared::{NOT_THERE, of_developers};
pub use formatters::TWO_FORMATTERS;
pub use imports::NOT_IMPORTED;
pub use shadowed::SHADOWED;
pub use target::OTHER_TARGET;

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Result, bail};

use super::{Location, Need};
use crate::domain::agree::Configured;
use crate::domain::catalog::{self, Home, Tool};
use crate::domain::edit;
use crate::domain::facts::{Facts, NoAnswer, Project, Text};
use crate::domain::ground::{self, Ground};
use crate::domain::hooks;
use crate::domain::piece::Locator;
use crate::domain::roles::{self, Present};
use crate::domain::settings_text;
use crate::domain::tree::{Entry, File, Place, Source, Tree};

/// What a [`View`] is made of.
const NEEDS: &[Need] = &[Need::Configuration, Need::Pyproject, Need::Hooks, Need::Tools];

/// The probed files are a tree that can be read and not written.
impl Source for Project {
    fn read(&self, place: &Place) -> Result<Entry> {
        let file = |text: &Text| Entry::File(File { bytes: text.content.as_bytes().to_vec(), executable: false });
        if place.path.as_str() == hooks::CONFIG
            && let Ok(Some(hooks)) = self.hooks.get()
        {
            return Ok(hooks.configuration.as_ref().map_or(Entry::Absent, file));
        }
        match self.text(place) {
            None => Ok(Entry::Absent),
            Some(Ok(text)) => Ok(file(text)),
            Some(Err(why)) => bail!("{why}"),
        }
    }
}

impl Project {
    /// A probed text of the project's settings.
    fn text(&self, place: &Place) -> Option<Result<&Text, &String>> {
        if let Ok(Some(pyproject)) = self.pyproject.get()
            && pyproject.text.place == *place
        {
            return Some(Ok(&pyproject.text));
        }
        self.configuration.get().ok()?.get(&String::from(place.clone())).map(Result::as_ref)
    }
}

/// The project's settings, which know where in its repository it lies.
fn tree_of(project: &Project) -> Tree<'_> {
    let mut tree = Tree::new(project);
    let top = project.repository.as_ref().map(|repository| project.folder.strip_prefix(&repository.top));
    match top {
        Some(Ok(below)) if !below.as_os_str().is_empty() => {
            let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            tree.settle_below(&parts.join("/"));
        }
        _ => tree.settle_at_top(),
    }
    tree
}

/// A tool that the project uses.
struct Used<'f> {
    tool: &'f Tool,
    /// Where its settings stand, else where they would.
    home: Option<&'f Home>,
    is_configured: bool,
    how: ground::Use,
}

/// The project's settings as its tools see them.
struct View<'f> {
    project: &'f Project,
    /// All tools that are known.
    tools: &'f [Tool],
    tree: Tree<'f>,
    ground: Ground,
    used: Vec<Used<'f>>,
}

fn unknown(error: &anyhow::Error) -> NoAnswer {
    NoAnswer::Unknown(format!("{error:#}"))
}

impl<'f> View<'f> {
    fn new(facts: &'f Facts) -> Result<Self, NoAnswer> {
        let project = facts.project()?;
        project.configuration.get()?;
        if let Err(asked @ NoAnswer::NotAsked(_)) = project.hooks.get() {
            return Err(asked);
        }
        if project.pyproject.get()?.as_ref().is_some_and(|it| it.table.is_err()) {
            return Err(NoAnswer::pointless("pyproject.toml is not TOML"));
        }
        Self::of(project, facts.machine.tools.get()?).map_err(|error| unknown(&error))
    }

    fn of(project: &'f Project, tools: &'f [Tool]) -> Result<Self> {
        let mut tree = tree_of(project);
        let ground = Ground::read(&mut tree, BTreeMap::new())?;
        let mut used = Vec::new();
        for tool in tools {
            let how = ground::use_of(tool, &ground, &mut tree)?;
            if how.is_used() {
                let standing = read_home(tool, &ground, &mut tree)?;
                let home = standing.or_else(|| tool.homes.iter().find(|home| home.default));
                used.push(Used { tool, home, is_configured: standing.is_some(), how });
            }
        }
        let mut view = Self { project, tools, tree, ground, used: Vec::new() };
        for used in used {
            if !view.is_idle(&used)? {
                view.used.push(used);
            }
        }
        Ok(view)
    }

    /// Whether a tool's settings leave it nothing to do.
    fn is_idle(&self, used: &Used<'f>) -> Result<bool> {
        for (key, item) in &used.tool.idle {
            let all = match self.value(used, key)? {
                Some(toml::Value::String(text)) => text.split([',', '\n']).any(|word| word.trim() == item),
                Some(toml::Value::Array(items)) => items.iter().any(|it| it.as_str() == Some(item)),
                _ => false,
            };
            if all {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn uses(&self, tool: &str) -> bool {
        self.used.iter().any(|used| used.tool.name == tool)
    }

    /// Whether a tool has a role here: its own, or one to spare that it was given.
    fn has_role(&self, used: &Used<'f>, role: &str) -> Result<bool> {
        if used.tool.roles.iter().any(|own| own == role) {
            return Ok(true);
        }
        let configured: Vec<Configured<'_>> = used
            .home
            .filter(|_| used.is_configured)
            .map(|home| Configured { tool: used.tool, home })
            .into_iter()
            .collect();
        let present = Present { tools: &[], ours: &[], ground: &self.ground, configured: &configured };
        roles::has_taken(used.tool, role, &present, &mut self.tree.clone())
    }

    /// What stands under a key of a tool, where it is configured.
    fn value(&self, used: &Used<'f>, key: &str) -> Result<Option<toml::Value>> {
        match used.home.filter(|_| used.is_configured) {
            Some(home) => settings_text::value(home, key, &mut self.tree.clone()),
            None => Ok(None),
        }
    }

    /// The key where it stands, else the table or the file in which it is missing; `None` where there is no such file.
    fn location(&self, used: &Used<'f>, key: &str) -> Option<Location> {
        let home = used.home?;
        let text = self.project.text(&settings_text::place(home).ok()?)?.ok()?;
        let header = text.content.find(&format!("[{}]", home.table)).unwrap_or(0);
        let span = key_locator(home, key).and_then(|at| standing_span(text, header, &at));
        Some(match span {
            Some(span) => Location::within(text, span),
            None if home.table.is_empty() || !used.is_configured => Location::file(&text.path),
            None => Location::within(text, header..header + home.table.len() + 2),
        })
    }
}

/// The names of the type checkers that run with the project's environment, and look for modules where that does.
pub fn checking_types(facts: &Facts) -> Result<Vec<String>, NoAnswer> {
    let view = View::new(facts)?;
    let mut found = Vec::new();
    for used in view.used.iter().filter(|used| used.tool.family == catalog::Family::Types) {
        let searched = match &used.tool.search_path {
            Some(key) => view.value(used, key).map_err(|error| unknown(&error))?,
            None => None,
        };
        if (used.how.declared || used.is_configured) && searched.is_none() {
            found.push(used.tool.name.clone());
        }
    }
    Ok(found)
}

/// The home that a tool reads: that of a plugin which the project has, else the first that is there, else that of a plugin
/// which it may have from elsewhere.
fn read_home<'f>(tool: &'f Tool, ground: &Ground, tree: &mut Tree<'_>) -> Result<Option<&'f Home>> {
    let mut plugins = Vec::new();
    for plugin in &tool.plugins {
        if settings_text::has_table(&plugin.home, tree)? {
            plugins.push(plugin);
        }
    }
    let declared = plugins.iter().find(|plugin| ground.declares(&plugin.name).is_some());
    if let Some(plugin) = declared {
        return Ok(Some(&plugin.home));
    }
    let standing = standing_homes(tool, tree)?.into_iter().next();
    Ok(standing.or_else(|| plugins.first().map(|plugin| &plugin.home)))
}

/// The homes of a tool that are there, in the order in which it looks for them.
fn standing_homes<'f>(tool: &'f Tool, tree: &mut Tree<'_>) -> Result<Vec<&'f Home>> {
    let mut found = Vec::new();
    for home in &tool.homes {
        let is_file = matches!(tree.get(&settings_text::place(home)?)?, Entry::File(_));
        if is_file && (home.own || settings_text::has_table(home, tree)?) {
            found.push(home);
        }
    }
    Ok(found)
}

/// Where a key, dotted below the home's table, stands.
fn key_locator(home: &Home, key: &str) -> Option<Locator> {
    let (table, key) = key.rsplit_once('.').unwrap_or(("", key));
    let pieces = settings_text::pieces(home, table, &format!("{key} = 0")).ok()?;
    pieces.into_iter().next().map(|(at, _)| at)
}

fn standing_span(text: &Text, from: usize, at: &Locator) -> Option<Range<usize>> {
    let standing = edit::find(&text.content, &[at]).ok()?.pop()??;
    let first = standing.lines().next()?;
    let start = from + text.content[from..].find(first)?;
    Some(start..start + first.len())
}
