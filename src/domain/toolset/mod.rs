//! A change of the tools of a project that is there: which join, which leave, and what that makes of its files.

mod recognise;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};

use super::agree::{Agreed, Configured, Disagreement, agree};
use super::catalog::Tool;
use super::declared::Declared;
use super::ground::{self, Ground, Use};
use super::piece::Piece;
use super::provenance::Provenance;
use super::reconcile::{Note, Owned, reconcile};
use super::roles::{self, Clash, Present};
use super::scaffold::Top;
use super::scope::Scope;
use super::spec::{Spec, ToolUse, Values};
use super::tree::{Root, Tree};
use super::wanted::Wanted;

pub use recognise::recognise;

/// What is asked of a project's tools.
pub struct Request<'r> {
    /// Every tool that is asked for, that we manage here, or that may be in use.
    pub tools: &'r [Tool],
    pub add: &'r [ToolUse],
    pub remove: &'r [String],
    pub project: &'r Shape,
    /// Versions by normalised name in the project's environment.
    pub installed: BTreeMap<String, String>,
    /// The group that the user named for requirements.
    pub group: Option<&'r str>,
    pub force: Force,
}

/// What the user said of the things that are refused without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Force {
    /// A second tool for a role is refused, the user's own configuration stays.
    #[default]
    Spare,
    /// A second tool for a role joins, the user's own configuration goes with its tool.
    Insist,
}

/// What a project is, whoever made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    pub values: Values,
    /// Folders of sources that are there, with `/` between their parts.
    pub sources: Vec<String>,
    /// Folders of tests that are there.
    pub tests: Vec<String>,
    /// Where the project lies in its repository.
    pub top: Top,
}

impl Shape {
    /// Let the folders be those that the values say, where they do.
    pub fn correct(&mut self) {
        if let Some(sources) = &self.values.sources {
            self.sources.clone_from(sources);
        }
        if let Some(tests) = &self.values.tests {
            self.tests.clone_from(tests);
        }
    }

    fn scope(&self, spec: &Spec) -> Result<Scope> {
        let mut scope = Scope::of_existing(spec)?;
        scope.sources.clone_from(&self.sources);
        scope.tests.clone_from(&self.tests);
        if let Top::Below(folder) = &self.top {
            scope.prefix = format!("{folder}/");
        }
        Ok(scope)
    }
}

/// What became of a change.
#[derive(Debug)]
pub struct Changed {
    pub provenance: Provenance,
    pub remarks: Vec<Remark>,
    /// The version that each tool of the project has now, by its name.
    pub versions: BTreeMap<String, String>,
}

/// What the user should know of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Remark {
    /// Something of a piece's place is the user's; see [`Note`].
    Note(Note),
    /// The requirement was there; it decides the version.
    Declared { tool: String, requirement: Declared },
    /// The tool was configured, or had a hook, and keeps that.
    Kept { tool: String, found: Use },
    /// The user's configurations disagree.
    Disagreement(Disagreement),
    /// What the tools go by follows the user's own configuration.
    Agreed(Agreed),
    /// A role that a tool of ours could have is another's.
    Yields { tool: String, role: String },
    /// It stands as we would have written it, and is managed from now on.
    Recognised { tool: String },
    /// It was to be removed, and nothing of it is here.
    NotHere { tool: String },
    /// What is left of a tool that was removed: it is the user's.
    Spared { tool: String, found: Use },
}

/// Two tools would have one role; nothing was changed.
#[derive(Debug)]
pub struct Refused(pub Clash);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Clash { role, newcomer, holder } = &self.0;
        write!(f, "{holder} is the {} of this project, and {newcomer} would be a second one", role.replace('-', " "))
    }
}

impl std::error::Error for Refused {}

/// Let the tree hold what the project is with its tools changed.
///
/// # Errors
/// Two tools would have one role ([`Refused`]), a file cannot be read or edited safely
/// ([`reconcile::Refused`](super::reconcile::Refused)).
pub fn change(tree: &mut Tree<'_>, before: &Provenance, request: &Request<'_>) -> Result<Changed> {
    // What the project is without us decides what we do: so the order in which tools came does not.
    let mut base = tree.clone();
    reconcile(&mut base, &before.owned, &[])?;
    let ground = Ground::read(&mut base, request.installed.clone())?;
    let mut change = Change { before, request, ground, remarks: Vec::new() };
    let spec = change.spec();
    let in_use = change.in_use(&spec, &mut base)?;
    change.refuse_clashes(&in_use, &mut base)?;
    let (pieces, versions) = change.pieces(&spec, &in_use, &mut base)?;
    let mut owned = before.owned.clone();
    change.remove(&mut owned, &mut base)?;
    let outcome = reconcile(tree, &owned, &pieces)?;
    tree.learn(base);
    change.spared(tree)?;
    change.remarks.extend(outcome.notes.into_iter().map(Remark::Note));
    let mut provenance = Provenance { owned: outcome.owned, ..before.clone() };
    provenance.tools = spec.tools;
    provenance.record_versions(&versions);
    provenance.write(tree)?;
    Ok(Changed { provenance, remarks: change.remarks, versions })
}

/// A file that is not what its name says is an error even where it only has to be read.
fn readable(tool: &Tool, base: &mut Tree<'_>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for home in &tool.homes {
        let place = super::settings_text::place(home)?;
        if !seen.insert(place.clone()) {
            continue;
        }
        if let Some((text, error)) = super::settings_text::check(home, base)? {
            return Err(super::reconcile::Refused { place, text, error, snippet: Vec::new() }.into());
        }
    }
    Ok(())
}

struct Change<'c> {
    before: &'c Provenance,
    request: &'c Request<'c>,
    ground: Ground,
    remarks: Vec<Remark>,
}

impl Change<'_> {
    /// The tools that we manage after the change, with what they cannot do without.
    fn spec(&self) -> Spec {
        let mut tools: Vec<ToolUse> = self.before.tools.clone();
        tools.retain(|wish| !self.request.remove.contains(&wish.tool));
        for wish in self.request.add {
            match tools.iter_mut().find(|known| known.tool == wish.tool) {
                Some(known) => known.options.extend(wish.options.clone()),
                None => tools.push(wish.clone()),
            }
        }
        tools.sort_by(|a, b| a.tool.cmp(&b.tool));
        let mut values = self.request.project.values.clone();
        if let Some(group) = self.request.group {
            group.clone_into(&mut values.group);
        }
        Spec { template: self.before.template.clone(), values, tools }
    }

    fn tool(&self, name: &str) -> Result<&Tool> {
        self.request.tools.iter().find(|tool| tool.name == name).with_context(|| format!("no tool named {name:?}"))
    }

    /// All tools that are in use where these are ours.
    fn in_use_of(&self, spec: &Spec, base: &mut Tree<'_>) -> Result<Vec<Tool>> {
        let mut in_use = Vec::new();
        for tool in self.request.tools {
            let is_ours = spec.tools.iter().any(|wish| wish.tool == tool.name);
            let goes = self.request.remove.contains(&tool.name) && self.request.force == Force::Insist;
            if is_ours || !goes && ground::use_of(tool, &self.ground, base)?.is_used() {
                in_use.push(tool.clone());
            }
        }
        Ok(in_use)
    }

    /// All tools that are in use after the change, whoever uses them.
    fn in_use(&mut self, spec: &Spec, base: &mut Tree<'_>) -> Result<Vec<Tool>> {
        for tool in self.request.tools {
            let found = ground::use_of(tool, &self.ground, base)?;
            if self.request.add.iter().any(|wish| wish.tool == tool.name) {
                if let Some(requirement) = tool.requirements.iter().find_map(|it| self.ground.declares(&it.name)) {
                    let requirement = requirement.clone();
                    self.remarks.push(Remark::Declared { tool: tool.name.clone(), requirement });
                }
                if found.configured || found.hooked {
                    self.remarks.push(Remark::Kept { tool: tool.name.clone(), found });
                }
                readable(tool, base)?;
            }
        }
        self.in_use_of(spec, base)
    }

    fn refuse_clashes(&self, in_use: &[Tool], base: &mut Tree<'_>) -> Result<()> {
        if self.request.force == Force::Insist {
            return Ok(());
        }
        let ours: Vec<String> = self.before.tools.iter().map(|wish| wish.tool.clone()).collect();
        let configured = Self::configured(in_use, base)?;
        let joins = |tool: &Tool| self.request.add.iter().any(|wish| wish.tool == tool.name);
        let mut present: Vec<&Tool> = in_use.iter().filter(|tool| !joins(tool) || ours.contains(&tool.name)).collect();
        for wish in self.request.add {
            let newcomer = self.tool(&wish.tool)?;
            let is_new = !ours.contains(&wish.tool) && !ground::use_of(newcomer, &self.ground, base)?.is_used();
            let there = Present { tools: &present, ours: &ours, ground: &self.ground, configured: &configured };
            if is_new && let Some(clash) = roles::clash(newcomer, &there, base)? {
                return Err(Refused(clash).into());
            }
            present.extend(in_use.iter().find(|tool| tool.name == wish.tool));
        }
        Ok(())
    }

    /// The tools whose configuration is the user's, formatters first: theirs is what the others go by.
    fn configured<'t>(in_use: &'t [Tool], base: &mut Tree<'_>) -> Result<Vec<Configured<'t>>> {
        let mut configured = Vec::new();
        let mut ranked: Vec<&Tool> = in_use.iter().filter(|tool| !tool.homes.is_empty()).collect();
        ranked.sort_by_key(|tool| (tool.roles.is_empty(), tool.order));
        for tool in ranked {
            for home in &tool.homes {
                if super::settings_text::has_table(home, base)? {
                    configured.push(Configured { tool, home });
                    break;
                }
            }
        }
        Ok(configured)
    }

    /// What we want, and the versions of our tools.
    fn pieces(
        &mut self,
        spec: &Spec,
        in_use: &[Tool],
        base: &mut Tree<'_>,
    ) -> Result<(Vec<Piece>, BTreeMap<String, String>)> {
        let configured = Self::configured(in_use, base)?;
        let (agreed, disagreements) = agree(&spec.tools, &configured, base)?;
        self.remarks.extend(disagreements.into_iter().map(Remark::Disagreement));
        if agreed != Agreed::default() && !self.request.add.is_empty() {
            self.remarks.push(Remark::Agreed(agreed.clone()));
        }
        let mut scope = self.request.project.scope(spec)?;
        scope.agree(&agreed);
        scope.tools = in_use.iter().map(|tool| tool.name.clone()).collect();
        let wanted = Wanted {
            spec,
            tools: in_use,
            ground: &self.ground,
            owned: &self.before.owned,
            is_group_named: self.request.group.is_some(),
        };
        for used in wanted.used(&scope)? {
            for role in used.tool.spare_roles.keys().filter(|role| !used.scope.roles.contains(*role)) {
                self.remarks.push(Remark::Yields { tool: used.tool.name.clone(), role: role.clone() });
            }
        }
        let versions = wanted.versions(&scope)?;
        let mut pieces = wanted.pieces(&scope, base)?;
        self.request.project.top.settle(&mut pieces);
        // What stands in the environment is written when that is made.
        pieces.retain(|piece| piece.place.root != Root::Environment);
        Ok((pieces, versions))
    }

    /// Let what stands of removed tools that no record knows go too, as far as it is what we would have written, or as far
    /// as the user insists.
    fn remove(&mut self, owned: &mut Owned, base: &mut Tree<'_>) -> Result<()> {
        for name in self.request.remove {
            let tool = self.tool(name)?;
            let was_ours = self.before.tools.iter().any(|wish| wish.tool == *name);
            let found = ground::use_of(tool, &self.ground, base)?;
            if !was_ours && !found.is_used() {
                self.remarks.push(Remark::NotHere { tool: name.clone() });
                continue;
            }
            if self.request.force == Force::Insist {
                standing::all(tool, &self.ground, base)?.with_comments().join(owned);
                continue;
            }
            if !was_ours {
                self.equal_to_ours(tool, base)?.join(owned);
            }
        }
        Ok(())
    }

    /// Say what is left of removed tools.
    fn spared(&mut self, tree: &Tree<'_>) -> Result<()> {
        let mut after = tree.clone();
        if self.request.remove.is_empty() {
            return Ok(());
        }
        let ground = Ground::read(&mut after, BTreeMap::new())?;
        for name in self.request.remove {
            let found = ground::use_of(self.tool(name)?, &ground, &mut after)?;
            if found.is_used() {
                self.remarks.push(Remark::Spared { tool: name.clone(), found });
            }
        }
        Ok(())
    }

    /// What stands of a tool and is, to the letter, what we would write for it.
    fn equal_to_ours(&self, tool: &Tool, base: &mut Tree<'_>) -> Result<standing::Standing> {
        let spec = Spec {
            template: None,
            values: self.request.project.values.clone(),
            tools: self.before.tools.iter().cloned().chain([ToolUse::plain(&tool.name)]).collect(),
        };
        let ground = self.ground.without(tool);
        let in_use = self.in_use_of(&spec, base)?;
        let mut without = base.clone();
        standing::all(tool, &self.ground, base)?.cut(&mut without)?;
        let mut scope = self.request.project.scope(&spec)?;
        scope.agree(&agree(&spec.tools, &Self::configured(&in_use, &mut without)?, &mut without)?.0);
        scope.tools = in_use.iter().map(|tool| tool.name.clone()).collect();
        let wanted =
            Wanted { spec: &spec, tools: &in_use, ground: &ground, owned: &self.before.owned, is_group_named: false };
        let mut pieces = wanted.pieces(&scope, &mut without)?;
        pieces.retain(|piece| piece.owners.contains(&tool.name));
        self.request.project.top.settle(&mut pieces);
        Ok(standing::equal(pieces))
    }
}
