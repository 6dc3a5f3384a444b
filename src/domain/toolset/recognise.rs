//! Tools that stand in a project exactly as we would have written them: they are ours to manage, record or no record.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::{Change, Remark, Request, change, standing};
use crate::domain::agree::agree;
use crate::domain::catalog::Tool;
use crate::domain::edit;
use crate::domain::ground::{Distribution, Ground, use_of};
use crate::domain::piece::{Glue, Piece};
use crate::domain::provenance::Provenance;
use crate::domain::reconcile::{Owned, reconcile};
use crate::domain::spec::{Spec, ToolUse};
use crate::domain::tree::{Place, Root, Tree};
use crate::domain::wanted::Wanted;

/// Let `provenance` manage, beside what it manages already, each tool in use of which everything that we would write
/// stands to the letter. Of one that lacks a piece, or has another text, nothing becomes ours. What was recognised is said.
///
/// # Errors
/// A file cannot be read.
pub fn recognise(tree: &Tree<'_>, provenance: &mut Provenance, request: &Request<'_>) -> Result<Vec<Remark>> {
    let mut base = tree.clone();
    reconcile(&mut base, &provenance.owned, &[])?;
    let ground = Ground::read(&mut base, BTreeMap::new())?;
    let mut candidates: Vec<&Tool> = Vec::new();
    for tool in request.tools.iter().filter(|tool| !provenance.tools.iter().any(|known| known.tool == tool.name)) {
        if use_of(tool, &ground, &mut base)?.is_used() {
            candidates.push(tool);
        }
    }
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    // A tool that is not as we would write it may change what we would write for the others.
    loop {
        let (tools, pieces) = wanted(&candidates, provenance, (request, &ground), &base)?;
        let mut fallen: BTreeSet<String> = candidates.iter().map(|tool| tool.name.clone()).collect();
        fallen.retain(|name| !pieces.iter().any(|piece| piece.owners.contains(name)));
        for piece in &pieces {
            if !stands(&base, piece)? {
                fallen.extend(piece.owners.iter().cloned());
            }
        }
        if fallen.is_empty() {
            let managed = managed(tree, provenance, tools, pieces)?;
            fallen = restless(tree, &managed, request)?;
            if fallen.is_empty() {
                *provenance = managed;
                return Ok(candidates.iter().map(|tool| Remark::Recognised { tool: tool.name.clone() }).collect());
            }
        }
        let before = candidates.len();
        candidates.retain(|tool| !fallen.contains(&tool.name));
        if candidates.len() == before || candidates.is_empty() {
            return Ok(Vec::new());
        }
    }
}

/// The record with these tools and their pieces; a file that holds nothing else is ours too.
fn managed(tree: &Tree<'_>, before: &Provenance, tools: Vec<ToolUse>, pieces: Vec<Piece>) -> Result<Provenance> {
    let mut managed = before.clone();
    let places: BTreeSet<Place> = pieces.iter().map(|piece| piece.place.clone()).collect();
    standing::equal(pieces).join(&mut managed.owned);
    let Owned { pieces, glue } = &mut managed.owned;
    for place in places {
        let Some(text) = tree.clone().text(&place)? else { continue };
        let own: Vec<&Piece> = pieces.iter().filter(|piece| piece.place == place).collect();
        let made = [Glue::File, Glue::YamlKey { key: "repos".to_owned() }];
        let all: Vec<Glue> =
            glue.iter().filter(|(of, _)| *of == place).map(|(_, glue)| glue.clone()).chain(made).collect();
        if edit::cut(&text, &own, &all).is_ok_and(|cut| cut.text.is_none()) {
            glue.extend(all.into_iter().map(|it| (place.clone(), it)));
        }
    }
    managed.tools.extend(tools);
    managed.tools.sort_by(|a, b| a.tool.cmp(&b.tool));
    Ok(managed)
}

/// Tools that would change if the record were that and nothing else was asked for: they are not as we write them.
fn restless(tree: &Tree<'_>, managed: &Provenance, request: &Request<'_>) -> Result<BTreeSet<String>> {
    let mut after = tree.clone();
    let nothing = Request { add: &[], remove: &[], installed: request.installed.clone(), group: None, ..*request };
    let owned = change(&mut after, managed, &nothing).map(|changed| changed.provenance.owned).unwrap_or_default();
    let owners = |pieces: Vec<&Piece>| pieces.iter().flat_map(|piece| piece.owners.iter().cloned()).collect();
    let fallen: BTreeSet<String> =
        owners(managed.owned.pieces.iter().filter(|piece| !owned.pieces.contains(piece)).collect());
    if !fallen.is_empty() {
        return Ok(fallen);
    }
    // Nothing of theirs is another, and yet the file is: nobody can tell whose fault that is.
    let mut restless = Vec::new();
    for piece in &managed.owned.pieces {
        if after.get(&piece.place)? != tree.clone().get(&piece.place)? {
            restless.push(piece);
        }
    }
    Ok(owners(restless))
}

/// What we would write for the candidates in a project without them.
fn wanted(
    candidates: &[&Tool],
    provenance: &Provenance,
    (request, ground): (&Request<'_>, &Ground),
    base: &Tree<'_>,
) -> Result<(Vec<ToolUse>, Vec<Piece>)> {
    let mut without = base.clone();
    let mut rest = ground.clone();
    let mut tools = Vec::new();
    for tool in candidates {
        standing::all(tool, ground, &mut without)?.cut(&mut without)?;
        rest = rest.without(tool);
        // The version that is written there, whatever is installed.
        let written = Distribution { name: &tool.name, tool, recorded: None, released: Vec::new() };
        tools.push(ToolUse { version: ground.as_written().version(&written), ..ToolUse::plain(&tool.name) });
    }
    let spec = Spec {
        template: None,
        values: request.project.values.clone(),
        tools: provenance.tools.iter().chain(&tools).cloned().collect(),
    };
    let mut in_use = Vec::new();
    for tool in request.tools {
        if spec.tools.iter().any(|wish| wish.tool == tool.name) || use_of(tool, ground, &mut without)?.is_used() {
            in_use.push(tool.clone());
        }
    }
    let mut scope = request.project.scope(&spec)?;
    let configured = Change::configured(&in_use, &mut without)?;
    scope.agree(&agree(&spec.tools, &configured, &mut without)?.0);
    scope.tools = in_use.iter().map(|tool| tool.name.clone()).collect();
    let wanted = Wanted { spec: &spec, tools: &in_use, ground: &rest, owned: &Owned::default(), is_group_named: false };
    let versions = wanted.versions(&scope)?;
    let mut pieces = wanted.pieces(&scope, &mut without)?;
    request.project.top.settle(&mut pieces);
    pieces.retain(|piece| {
        piece.place.root != Root::Environment && candidates.iter().any(|tool| piece.owners.contains(&tool.name))
    });
    for wish in &mut tools {
        wish.version = versions.get(&wish.tool).cloned();
    }
    Ok((tools, pieces))
}

/// Whether a piece stands in its file with the text that we would give it.
fn stands(tree: &Tree<'_>, piece: &Piece) -> Result<bool> {
    let Some(text) = tree.clone().text(&piece.place)? else { return Ok(false) };
    let same = edit::replace(&text, &[(piece, piece)]);
    Ok(same.is_ok_and(|same| same.edited.is_empty() && same.missing.is_empty()))
}
