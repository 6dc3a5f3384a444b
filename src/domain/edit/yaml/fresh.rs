//! A YAML file that is not there yet: what its pieces make of it is written at once, and read once.

use super::super::splice::unified;
use super::super::{EditError, Glue, Inserted};
use super::hooks::{self, Hook, Layout, REPOS};
use super::list::hanging;
use super::tree::{Kind, Node, parse};
use super::{differs, foreign, keys};
use crate::domain::piece::{Locator, Piece};

/// The entry of a repository: its first hook, and all its hooks as text and as values.
struct Entry<'p> {
    first: Hook<'p>,
    items: String,
    hooks: Vec<Node>,
}

/// The file that holds the pieces and nothing else, as inserting them one after the other would make it; `None` where
/// one depends on what another wrote: a place that is taken, or an item of a hook.
///
/// # Errors
/// [`EditError::Unsupported`] where a text is not that of its place.
pub fn insert(pieces: &[&Piece]) -> Result<Option<Inserted>, EditError> {
    let layout = Layout::default();
    let (mut text, mut pairs) = (String::new(), Vec::<(Node, Node)>::new());
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for piece in pieces {
        let body = unified(&piece.text);
        match &piece.at {
            Locator::YamlKey { key } => {
                if key == REPOS || pairs.iter().any(|(name, _)| name.scalar() == Some(key)) {
                    return Ok(None);
                }
                pairs.push(keys::wanted(key, &body)?);
                text += &hanging(&body, 0);
            }
            at @ Locator::Hook { repo, id, .. } => {
                let hook = super::hook(at).ok_or_else(foreign)?;
                let known = entries.iter().position(|entry| hooks::same_repository(entry.first.repo, repo));
                let index = known.unwrap_or(entries.len());
                if known.is_none() {
                    entries.push(Entry { first: hook, items: String::new(), hooks: Vec::new() });
                }
                let entry = &mut entries[index];
                if entry.hooks.iter().any(|node| hooks::has_id(node, id)) {
                    return Ok(None);
                }
                entry.hooks.push(hooks::wanted(hook, &body)?);
                entry.items += &layout.hooks().item(&body);
            }
            _ => return Ok(None),
        }
    }
    let mut glue = vec![Glue::File];
    if !entries.is_empty() {
        text += "repos:\n";
        glue.push(Glue::YamlKey { key: REPOS.to_owned() });
        let mut listed = Vec::new();
        for Entry { first, items, hooks } in entries {
            text += &layout.entry.item(&hooks::entry_text(first, &items));
            listed.push(hooks::entry_node(first, hooks));
            glue.push(Glue::HookRepo { repo: first.repo.to_owned() });
        }
        pairs.push((Node::text(REPOS), Node::new(Kind::Sequence(listed))));
    }
    let made = parse(&text).map_err(|_| differs())?;
    if made.root != Some(Node::new(Kind::Mapping(pairs))) {
        return Err(differs());
    }
    Ok(Some(Inserted { text, glue, present: Vec::new() }))
}
