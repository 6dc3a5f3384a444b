//! From a [`Spec`] and the catalogue to the pieces that its tools want, on the ground that a project gives them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};

use super::catalog::{Family, Home, Release, Tool};
use super::declared::{self, List, Wish};
use super::ground::{Distribution, Ground};
use super::hooks;
use super::names::normalize;
use super::piece::{Item, Locator, Piece};
use super::python::Minor;
use super::reconcile::Owned;
use super::render::Format;
use super::roles;
use super::scope::{Scope, holds};
use super::settings_text;
use super::spec::Spec;
use super::tree::{Place, RelPath, Tree};

/// What the pieces follow from.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    pub spec: &'w Spec,
    /// All tools that are in use in the project, those of the spec among them.
    pub tools: &'w [Tool],
    pub ground: &'w Ground,
    /// What we own already: it stays where it is.
    pub owned: &'w Owned,
    /// Whether the user named the group for requirements.
    pub is_group_named: bool,
}

/// A tool of the spec with what it may speak of.
pub struct Used<'w> {
    pub tool: &'w Tool,
    pub scope: Scope,
}

impl<'w> Wanted<'w> {
    /// The tools of the spec in their order, each with its scope.
    ///
    /// # Errors
    /// One is not known, or its manifest names no version.
    pub fn used(&self, project: &Scope) -> Result<Vec<Used<'w>>> {
        let in_use: Vec<&Tool> = self.tools.iter().collect();
        let mut used = Vec::new();
        for wish in &self.spec.tools {
            let tool = self.tool(&wish.tool)?;
            let version = self.version(tool, &tool.name, project.python_min)?;
            let scope = Scope { roles: roles::held(tool, &in_use), ..project.of(tool, &version, wish) };
            used.push(Used { tool, scope });
        }
        used.sort_by_key(|used| used.tool.order);
        Ok(used)
    }

    /// The version of each tool of the spec, by name.
    ///
    /// # Errors
    /// As [`Wanted::used`].
    pub fn versions(&self, project: &Scope) -> Result<BTreeMap<String, String>> {
        let used = self.used(project)?.into_iter();
        Ok(used.map(|used| (used.tool.name.clone(), used.scope.version)).collect())
    }

    fn tool(&self, name: &str) -> Result<&'w Tool> {
        self.tools.iter().find(|tool| tool.name == name).with_context(|| format!("no tool named {name:?}"))
    }

    /// The version of a distribution that comes with `tool`: what the project has or wants, else the manifest's.
    ///
    /// # Errors
    /// Nothing names one.
    pub fn version(&self, tool: &Tool, distribution: &str, oldest: Minor) -> Result<String> {
        let recorded =
            self.spec.tools.iter().find(|wish| wish.tool == tool.name).and_then(|wish| wish.version.as_ref());
        let of_release = |release: &Release| -> String {
            let companion = release.with.iter().find(|(name, _)| normalize(name) == normalize(distribution));
            companion.map_or_else(|| release.version.clone(), |(_, version)| version.clone())
        };
        let fitting: Vec<&Release> = tool.releases.iter().filter(|release| release.python <= oldest).collect();
        let is_own = normalize(distribution) == normalize(&tool.name);
        let wanted = Distribution {
            name: distribution,
            tool,
            recorded: recorded.filter(|_| is_own),
            released: fitting.iter().copied().map(of_release).collect(),
        };
        if let Some(version) = self.ground.version(&wanted) {
            return Ok(version);
        }
        // A companion goes with the version of its tool that the project has.
        let of_recorded = fitting.iter().find(|release| recorded == Some(&release.version)).map(|it| of_release(it));
        of_recorded
            .or_else(|| wanted.released.first().cloned())
            // A project that still names a Python older than all of ours is worked on with a newer one.
            .or_else(|| tool.releases.last().map(of_release))
            .with_context(|| format!("the manifest of {} names no version", tool.name))
    }

    /// All pieces of the spec's tools, in the order in which they are to be written. `base` is the project without ours.
    ///
    /// # Errors
    /// A manifest does not render, or has no home for its settings.
    pub fn pieces(&self, project: &Scope, base: &mut Tree<'_>) -> Result<Vec<Piece>> {
        let used = self.used(project)?;
        let (mut all, mut lists) = (Vec::new(), BTreeMap::new());
        for one in &used {
            let tool = one.tool;
            let context = || format!("tool {}", tool.name);
            all.extend(self.requirements(one, base, &mut lists).with_context(context)?);
            all.extend(self.settings(one, base).with_context(context)?);
            all.extend(files(one).with_context(context)?);
            for line in tool.ignore.iter().filter(|line| !self.ground.ignores(line)) {
                all.push(piece(
                    tool,
                    Place::project(".gitignore")?,
                    Locator::Line { line: line.clone() },
                    line.clone(),
                ));
            }
        }
        all.extend(hooks::pieces(self, &used, base)?);
        Ok(merge(all))
    }

    /// `lists` are those that were found for tools of a family.
    fn requirements(
        &self,
        Used { tool, scope }: &Used<'_>,
        base: &mut Tree<'_>,
        lists: &mut BTreeMap<Family, List>,
    ) -> Result<Vec<Piece>> {
        let mut all = Vec::new();
        for wanted in &tool.requirements {
            if !holds(&wanted.when, scope)? || self.ground.declares(&wanted.name).is_some() {
                continue;
            }
            let list = match (self.list_of_ours(&wanted.name), lists.entry(tool.family)) {
                (Some(list), _) => list,
                (None, Entry::Occupied(known)) => known.get().clone(),
                (None, Entry::Vacant(unknown)) => unknown.insert(self.list_for(tool.family, base)?).clone(),
            };
            let version = self.version(tool, &wanted.name, scope.python_min)?;
            let wish = Wish { name: &wanted.name, extras: &wanted.extras, bound: wanted.bound, version: &version };
            all.push(piece(tool, list.file().clone(), list.locator(&wanted.name), list.text(&wish)));
        }
        Ok(all)
    }

    /// The list in which our requirement of that name stands.
    fn list_of_ours(&self, name: &str) -> Option<List> {
        let name = normalize(name);
        self.owned.pieces.iter().find_map(|piece| {
            let list = List::of(&piece.place, &piece.at)?;
            let is_it = match &piece.at {
                Locator::TomlItem { item, .. } | Locator::IniItem { item, .. } => {
                    *item == Item::Requirement(name.clone())
                }
                Locator::TomlKey { key, .. } => normalize(key) == name,
                Locator::RequirementLine { name: known } => *known == name,
                _ => false,
            };
            is_it.then_some(list)
        })
    }

    fn list_for(&self, family: Family, base: &mut Tree<'_>) -> Result<List> {
        let wanted =
            declared::Wanted { group: &self.spec.values.group, is_named: self.is_group_named, kin: family.groups() };
        let pyproject = base.toml(&Place::project("pyproject.toml")?)?.unwrap_or_default();
        declared::home(base, &pyproject, &wanted)
    }

    fn settings(&self, Used { tool, scope }: &Used<'_>, base: &mut Tree<'_>) -> Result<Vec<Piece>> {
        let mut all = Vec::new();
        if tool.settings.is_empty() {
            return Ok(all);
        }
        let home = match self.home_of_ours(tool) {
            Some(home) => home,
            None => match home(tool, scope, base)? {
                // The user's own configuration decides; what is not in it the user did not want.
                (_, Standing::OfUser) => return Ok(all),
                (home, Standing::Free) => home,
            },
        };
        let (place, renderer) = (settings_text::place(home)?, scope.renderer());
        for settings in &tool.settings {
            if !holds(&settings.when, scope)? {
                continue;
            }
            let text = renderer.render(Format::Toml, "settings", &settings.text)?;
            for (at, text) in settings_text::pieces(home, &settings.table, &text)? {
                all.push(piece(tool, place.clone(), at, text));
            }
        }
        Ok(all)
    }

    /// The home that our own settings of a tool stand in.
    pub(super) fn home_of_ours<'t>(&self, tool: &'t Tool) -> Option<&'t Home> {
        tool.homes.iter().find(|home| {
            let Ok(place) = settings_text::place(home) else { return false };
            self.owned.pieces.iter().any(|piece| {
                piece.place == place && piece.owners.contains(&tool.name) && settings_text::is_below(home, &piece.at)
            })
        })
    }
}

/// Whether a home of a tool is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The user's own configuration stands there.
    OfUser,
    /// Nothing stands there yet.
    Free,
}

/// The first place of the tool's own order of discovery that exists, else its default.
///
/// # Errors
/// A file cannot be read, or the manifest has no default home.
pub fn home<'t>(tool: &'t Tool, scope: &Scope, base: &mut Tree<'_>) -> Result<(&'t Home, Standing)> {
    let mut default = None;
    for home in &tool.homes {
        if !holds(&home.when, scope)? {
            continue;
        }
        let exists = base.text(&settings_text::place(home)?)?.is_some();
        if exists && (home.own || settings_text::has_table(home, base)?) {
            return Ok((home, Standing::OfUser));
        }
        if home.default {
            default = Some(home);
        }
    }
    let default = default.with_context(|| format!("{} has no default home for its settings", tool.name))?;
    Ok((default, Standing::Free))
}

fn files(Used { tool, scope }: &Used<'_>) -> Result<Vec<Piece>> {
    let (mut all, renderer) = (Vec::new(), scope.renderer());
    for file in &tool.files {
        if !holds(&file.when, scope)? {
            continue;
        }
        let Some(source) = tool.sources.get(&file.source) else { bail!("files/{} is missing", file.source) };
        let text = renderer.render(Format::of(&file.path), &file.path, source)?;
        let place = Place { root: file.root.root(), path: RelPath::new(file.path.clone())? };
        all.push(piece(tool, place, Locator::Whole, text));
    }
    Ok(all)
}

pub(super) fn piece(tool: &Tool, place: Place, at: Locator, text: String) -> Piece {
    Piece { place, at, text, owners: BTreeSet::from([tool.name.clone()]) }
}

/// One piece for each place that several tools want; the first one's text stands, all own it.
fn merge(all: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::with_capacity(all.len());
    for piece in all {
        match merged.iter_mut().find(|known| known.place == piece.place && known.at == piece.at) {
            Some(known) => known.owners.extend(piece.owners),
            None => merged.push(piece),
        }
    }
    merged
}
