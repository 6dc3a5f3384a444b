//! Every tool of the catalogue on files of projects: what is planned for it is read by its reader, has no rival, is planned
//! once, and goes without a trace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pyenvkit::domain::adopt::{Folder, adopt};
use pyenvkit::domain::catalog::Tool;
use pyenvkit::domain::ground::{self, Ground};
use pyenvkit::domain::piece::{Locator, Piece};
use pyenvkit::domain::provenance::{LOCK, Provenance};
use pyenvkit::domain::scaffold::Top;
use pyenvkit::domain::spec::ToolUse;
use pyenvkit::domain::toolset::{Force, Request, change};
use pyenvkit::domain::tree::{Entry, Place, Tree};
use pyenvkit::system::load::Catalog;

use crate::case::Case;
use crate::corpus::Table;
use crate::files::{Files, below, given, our_own};
use crate::laws::Outcome;

fn catalogue() -> Vec<Tool> {
    let catalog = Catalog::new(None);
    let mut tools: Vec<Tool> = catalog.tool_names().iter().map(|name| catalog.tool(name).unwrap()).collect();
    tools.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
    tools
}

/// The project with a tool added, or taken away.
fn changed(files: &Files, tools: &[Tool], add: &[&str], remove: &[&str]) -> anyhow::Result<(Files, Provenance)> {
    let mut tree = Tree::of_top(files);
    let record = tree.text(&Place::project(LOCK)?)?;
    let before = record.map(|text| Provenance::parse(&text)).unwrap_or_default();
    let found = adopt(&mut tree, &Folder { name: "project", top: Top::Project, year: 2026 })?;
    let request = Request {
        tools,
        add: &add.iter().map(|name| ToolUse::plain(name)).collect::<Vec<_>>(),
        remove: &remove.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(),
        project: &found.shape,
        installed: BTreeMap::new(),
        group: None,
        force: Force::Spare,
    };
    let done = change(&mut tree, &before, &request)?;
    let mut after = files.clone();
    for (place, _, entry) in tree.changes() {
        match entry {
            Entry::File(file) => drop(after.0.insert(place.clone(), file.bytes.clone())),
            _ => drop(after.0.remove(place)),
        }
    }
    Ok((after, done.provenance))
}

/// The tools that a project uses.
fn in_use(files: &Files, tools: &[Tool]) -> BTreeSet<String> {
    let mut tree = Tree::of_top(files);
    let ground = Ground::read(&mut tree, BTreeMap::new()).unwrap();
    let used = tools.iter().filter(|tool| ground::use_of(tool, &ground, &mut tree).unwrap().is_used());
    used.map(|tool| tool.name.clone()).collect()
}

/// Holds a project against the laws for one tool.
fn check(before: &Files, tool: &Tool, tools: &[Tool]) -> Outcome {
    let mut outcome = Outcome::default();
    let (after, provenance) = match changed(before, tools, &[&tool.name], &[]) {
        Ok(changed) => changed,
        Err(error) => {
            outcome.refused.push(format!("{error:#}"));
            return outcome;
        }
    };
    outcome.edits += 1;
    outcome.present += usize::from(provenance.owned.pieces.is_empty());
    let text =
        |files: &Files, place: &Place| String::from_utf8(files.0.get(place).cloned().unwrap_or_default()).unwrap();
    for (place, pieces) in by_place(&provenance.owned.pieces) {
        if pieces.iter().all(|piece| piece.at != Locator::Whole) {
            outcome.cases.push(Case::new(&text(before, place), &text(&after, place), &pieces));
        }
    }
    let mut say = |law: &str| outcome.broken.push(format!("{law}: {}\n{}", tool.name, shown(&after)));
    for rival in in_use(before, tools).iter().filter(|name| **name != tool.name) {
        let rival = tools.iter().find(|it| it.name == *rival).unwrap();
        if rival.roles.iter().any(|role| tool.roles.contains(role)) {
            say("a tool has no rival");
        }
    }
    match changed(&after, tools, &[&tool.name], &[]) {
        Ok((again, _)) if again.0 == after.0 => {}
        Ok((again, _)) => say(&format!("what is planned is planned once, not also\n{}", shown(&again))),
        Err(error) => say(&format!("what is planned is planned once: {error:#}")),
    }
    match changed(&after, tools, &[], &[&tool.name]) {
        Ok((back, _)) if back.0 == before.0 => {}
        Ok((back, _)) => say(&format!("a tool goes without a trace, not leaving\n{}", shown(&back))),
        Err(error) => say(&format!("a tool goes without a trace: {error:#}")),
    }
    outcome
}

fn by_place(pieces: &[Piece]) -> BTreeMap<&Place, Vec<Piece>> {
    let mut by: BTreeMap<&Place, Vec<Piece>> = BTreeMap::new();
    for piece in pieces {
        by.entry(&piece.place).or_default().push(piece.clone());
    }
    by
}

fn shown(files: &Files) -> String {
    files.0.iter().map(|(place, bytes)| format!("{place}\n{}\n", String::from_utf8_lossy(bytes))).collect()
}

/// Holds a project of every file below a folder, which has that file alone, against the laws.
fn hold(folder: &Path) {
    let tools = catalogue();
    let (mut table, mut cases) = (Table::default(), Vec::new());
    for sample in below(folder) {
        let mut files = Files::default();
        files.0.insert(sample.place(), sample.text.clone().into_bytes());
        for tool in &tools {
            cases.extend(table.add(&tool.name, &sample.name, vec![check(&files, tool, &tools)]));
        }
    }
    table.judge(&mut cases);
    table.conclude();
}

#[test]
fn every_tool_is_planned_for_our_own_files() {
    hold(&our_own());
}

#[test]
fn every_tool_is_planned_for_the_files_of_a_given_folder() {
    if let Some(folder) = given() {
        hold(&folder);
    }
}
