//! Roles that only one tool of a project can have: two formatters undo each other's work.
//!
//! A tool has its own roles wherever it is used. Spare roles it takes only where they are free: a linter that could also
//! format does not, beside a formatter.

use std::collections::BTreeSet;

use anyhow::Result;

use super::agree::Configured;
use super::catalog::Tool;
use super::ground::Ground;
use super::settings_text;
use super::tree::Tree;

/// What a project has before a tool joins it.
pub struct Present<'p> {
    /// All tools that are in use.
    pub tools: &'p [&'p Tool],
    /// The names of those that we manage.
    pub ours: &'p [String],
    pub ground: &'p Ground,
    pub configured: &'p [Configured<'p>],
}

/// Two tools want the same role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    pub role: String,
    /// The tool that was asked for.
    pub newcomer: String,
    /// The tool that has the role.
    pub holder: String,
}

/// The roles of `tool` beside `others`, which are in use too.
#[must_use]
pub fn held<'t>(tool: &'t Tool, others: &[&Tool]) -> BTreeSet<String> {
    let taken = |role: &String| others.iter().any(|other| other.name != tool.name && other.roles.contains(role));
    let spare: Vec<&'t String> = tool.spare_roles.keys().filter(|role| !taken(role)).collect();
    // Of two that could, the first in rank does.
    let first = |role: &str| {
        let rivals = others.iter().filter(|other| other.spare_roles.contains_key(role));
        rivals.map(|other| (other.order, &other.name)).all(|rival| rival >= (tool.order, &tool.name))
    };
    tool.roles.iter().chain(spare.into_iter().filter(|role| first(role))).cloned().collect()
}

/// The first role that `newcomer` would share with one of `present`, all of whom were there before.
///
/// A tool of ours that only has the role to spare would give it up, and so change what it does: that too is a clash.
///
/// # Errors
/// A file cannot be read.
pub fn clash(newcomer: &Tool, present: &Present<'_>, tree: &mut Tree<'_>) -> Result<Option<Clash>> {
    for role in &newcomer.roles {
        for other in present.tools.iter().filter(|other| other.name != newcomer.name) {
            let holds = other.roles.contains(role)
                || other.spare_roles.contains_key(role)
                    && if present.ours.contains(&other.name) {
                        held(other, present.tools).contains(role)
                    } else {
                        has_taken(other, role, present, tree)?
                    };
            if holds {
                return Ok(Some(Clash {
                    role: role.clone(),
                    newcomer: newcomer.name.clone(),
                    holder: other.name.clone(),
                }));
            }
        }
    }
    Ok(None)
}

/// Whether a tool that the user set up has taken a spare role.
///
/// # Errors
/// A file cannot be read.
pub fn has_taken(tool: &Tool, role: &str, present: &Present<'_>, tree: &mut Tree<'_>) -> Result<bool> {
    let of_role = |hook: &&super::catalog::Hook| hook.when.role.as_deref() == Some(role);
    if tool.hooks.iter().filter(of_role).any(|hook| present.ground.hook(hook).is_some()) {
        return Ok(true);
    }
    let Some(of_user) = present.configured.iter().find(|it| it.tool.name == tool.name) else { return Ok(false) };
    for evidence in tool.spare_roles.get(role).map(Vec::as_slice).unwrap_or_default() {
        let (key, item) = evidence.split_once('=').unwrap_or((evidence, ""));
        let found = settings_text::value(of_user.home, key, tree)?;
        let says = match found {
            Some(_) if item.is_empty() => true,
            Some(toml::Value::Array(items)) => items.iter().any(|it| it.as_str() == Some(item)),
            _ => false,
        };
        if says {
            return Ok(true);
        }
    }
    Ok(false)
}
