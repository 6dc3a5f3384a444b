//! TOL08: whether two tools do the same work.

use std::collections::BTreeSet;

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Severity};
use super::{NEEDS, Used, View, unknown};
use crate::domain::facts::{Facts, NoAnswer};

pub const TWO_FORMATTERS: Check = Check {
    id: "TOL08",
    family: Family::Tools,
    title: "two tools format the same code",
    docs: Docs {
        what: "Two tools of the project rewrite the same code: two formatters, or two that sort imports.",
        why: "Where they are not of one mind, each undoes the other's work, and no commit satisfies both.",
        origin: "A second tool was added to try it, and the first one stayed; or a linter that can format too was told to.",
        remedy: "Decide for one of them, and remove the other: `pyenvkit remove-tool NAME`.",
    },
    needs: NEEDS,
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: two_formatters,
};

fn two_formatters(facts: &Facts) -> Findings {
    let view = View::new(facts)?;
    // What is only configured, nobody runs.
    let running: Vec<&Used<'_>> = view.used.iter().filter(|used| used.how.declared || used.how.hooked).collect();
    let own = running.iter().flat_map(|used| used.tool.roles.iter().chain(used.tool.spare_roles.keys()));
    let roles: BTreeSet<&String> = own.collect();
    roles.into_iter().filter_map(|role| shared(&view, &running, role).transpose()).collect()
}

fn shared(view: &View<'_>, running: &[&Used<'_>], role: &str) -> Result<Option<Finding>, NoAnswer> {
    let mut holders = Vec::new();
    for used in running {
        if view.has_role(used, role).map_err(|error| unknown(&error))? {
            holders.push(*used);
        }
    }
    let names: Vec<&str> = holders.iter().map(|used| used.tool.name.as_str()).collect();
    let [first, second, ..] = names.as_slice() else { return Ok(None) };
    let finding = Finding::new(format!("{} are each the project's {}", names.join(" and "), role.replace('-', " ")))
        .because(format!("{first} and {second} both run in the project"))
        .so("where they are not of one mind, each undoes the other's work")
        .remedy(format!("pyenvkit remove-tool {first}, or pyenvkit remove-tool {second}"));
    let place = holders.iter().rev().find_map(|used| view.location(used, ""));
    Ok(Some(Finding { location: place, ..finding }))
}
