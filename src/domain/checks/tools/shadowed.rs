//! TOL05: whether settings stand where their tool does not look for them any more.

use super::super::{Check, Docs, EVERYWHERE, Edit, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::{NEEDS, View, standing_homes, unknown};
use crate::domain::catalog::{Home, Tool};
use crate::domain::edit;
use crate::domain::facts::Facts;
use crate::domain::piece::Locator;
use crate::domain::settings_text;
use crate::domain::tree::Tree;

pub const SHADOWED: Check = Check {
    id: "TOL05",
    family: Family::Tools,
    title: "settings are overridden by another file",
    docs: Docs {
        what: "A tool has settings in two files. It reads the first of them that is there and nothing of the other: \
               an empty configuration file of the tool's own is enough to switch off its table in `pyproject.toml`.",
        why: "The settings that one reads and edits have no effect, and nothing says so.",
        origin: "Settings were moved to `pyproject.toml` and the old file was left behind, or came with a merge.",
        remedy: "Move what is still wanted into one of the two files and remove the other.",
    },
    needs: NEEDS,
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: shadowed,
};

fn shadowed(facts: &Facts) -> Findings {
    let view = View::new(facts)?;
    let mut findings = Vec::new();
    for used in &view.used {
        let mut tree = view.tree.clone();
        let homes = standing_homes(used.tool, &mut tree).map_err(|error| unknown(&error))?;
        let Some((winner, others)) = homes.split_first() else { continue };
        if let Some(loser) = others.iter().find(|home| home.file != winner.file) {
            findings.extend(finding(&view, used.tool, winner, loser));
        }
    }
    Ok(findings)
}

fn finding(view: &View<'_>, tool: &Tool, winner: &Home, loser: &Home) -> Option<Finding> {
    let place = settings_text::place(winner).ok()?;
    let text = view.project.text(&settings_text::place(loser).ok()?)?.ok()?;
    let header = format!("[{}]", loser.table);
    let location = match text.content.find(&header).filter(|_| !loser.table.is_empty()) {
        Some(at) => Location::within(text, at..at + header.len()),
        None => Location::file(&text.path),
    };
    let shown = if loser.table.is_empty() { loser.file.clone() } else { format!("{header} of {}", loser.file) };
    let fix = is_empty(winner, &mut view.tree.clone()).then(|| {
        Fix::asking(format!("remove the empty {}", winner.file)).edit(Edit::Cut { place, at: Locator::Whole })
    });
    Some(
        Finding::new(format!("{} does not read {shown}", tool.name))
            .because(format!("{} is there, and {} looks no further", winner.file, tool.name))
            .so(format!("what {} says of {} has no effect", loser.file, tool.name))
            .remedy(format!("move what is wanted from {} to {} and remove the former", winner.file, loser.file))
            .at(location)
            .fix(fix),
    )
}

/// Whether a file that is the tool's own says nothing.
fn is_empty(home: &Home, tree: &mut Tree<'_>) -> bool {
    let Ok(Some(text)) = settings_text::place(home).and_then(|place| tree.text(&place)) else { return false };
    let nothing = match text.parse::<toml::Table>() {
        Ok(table) => table.values().all(|value| value.as_table().is_some_and(toml::Table::is_empty)),
        Err(_) => edit::ini::values(&text).is_ok_and(|values| values.is_empty()),
    };
    home.own && nothing
}
