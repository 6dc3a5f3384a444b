//! What stands of a tool in a project, as pieces, whoever wrote it.

use std::collections::BTreeSet;

use anyhow::Result;
use toml::Value;

use crate::domain::catalog::{Home, Tool};
use crate::domain::declared;
use crate::domain::edit;
use crate::domain::ground::Ground;
use crate::domain::hooks;
use crate::domain::names::normalize;
use crate::domain::piece::{Glue, Locator, Piece};
use crate::domain::reconcile::{Owned, reconcile};
use crate::domain::settings_text;
use crate::domain::tree::{Entry, Place, RelPath, Root, Tree};

/// Pieces, and what goes with the last of them.
#[derive(Debug, Default)]
pub struct Standing {
    pieces: Vec<Piece>,
    glue: BTreeSet<(Place, Glue)>,
}

impl Standing {
    /// Own these too.
    pub fn join(self, owned: &mut Owned) {
        for piece in self.pieces {
            if !owned.pieces.iter().any(|known| known.place == piece.place && known.at.bare() == piece.at.bare()) {
                owned.pieces.push(piece);
            }
        }
        owned.glue.extend(self.glue);
    }

    /// With the user's comments at them.
    pub fn with_comments(mut self) -> Self {
        self.glue.extend(self.pieces.iter().map(|piece| (piece.place.clone(), Glue::Comments)));
        self
    }

    /// Take them out of a tree.
    pub fn cut(self, tree: &mut Tree<'_>) -> Result<()> {
        reconcile(tree, &Owned { pieces: self.pieces, glue: self.glue }, &[]).map(drop)
    }

    fn add(&mut self, tool: &Tool, (place, at): (Place, Locator), text: String) {
        self.pieces.push(Piece { place, at, text, owners: BTreeSet::from([tool.name.clone()]) });
    }
}

/// The pieces that we would write, with the headers and entries that hold nothing without them.
pub fn equal(pieces: Vec<Piece>) -> Standing {
    let mut glue = BTreeSet::new();
    for piece in &pieces {
        let made = match &piece.at {
            Locator::TomlKey { table, .. } => Glue::TomlTable { table: table.clone() },
            Locator::IniKey { section, .. } => Glue::IniSection { section: section.clone() },
            Locator::Hook { repo, .. } => Glue::HookRepo { repo: repo.clone() },
            _ => continue,
        };
        if !matches!(&piece.at, Locator::TomlKey { table, .. } if declared::List::of(&piece.place, &piece.at).is_some() && !table.is_empty())
        {
            glue.insert((piece.place.clone(), made));
        }
    }
    Standing { pieces, glue }
}

/// Everything that stands of a tool.
///
/// # Errors
/// A file cannot be read, or is not valid.
pub fn all(tool: &Tool, ground: &Ground, base: &mut Tree<'_>) -> Result<Standing> {
    let mut found = Standing::default();
    let names: Vec<String> =
        tool.requirements.iter().map(|it| normalize(&it.name)).chain([normalize(&tool.name)]).collect();
    for declared in ground.declared.iter().filter(|declared| names.contains(&declared.name)) {
        let (place, at) = (declared.list.file().clone(), declared.list.locator(&declared.name));
        if let Some(text) = text_at(base, &place, &at)? {
            found.add(tool, (place, at), text);
        }
    }
    for hook in tool.hooks.iter().filter_map(|hook| ground.hook(hook)) {
        let place = Place { root: Root::Repository, path: RelPath::new(hooks::CONFIG)? };
        let at = Locator::Hook {
            repo: hook.repo.clone(),
            rev: hook.rev.clone(),
            id: hook.id.clone(),
            folder: hook.folder.clone(),
        };
        if let Some(text) = text_at(base, &place, &at)? {
            found.glue.insert((place.clone(), Glue::HookRepo { repo: hook.repo.clone() }));
            found.add(tool, (place, at), text);
        }
    }
    for home in &tool.homes {
        if !ground.is_shared(&settings_text::place(home)?) {
            of_home(tool, home, base, &mut found)?;
        }
    }
    // A file that goes as a whole needs no cutting in it.
    let whole: Vec<Place> =
        found.pieces.iter().filter(|it| it.at == Locator::Whole).map(|it| it.place.clone()).collect();
    found.pieces.retain(|piece| piece.at == Locator::Whole || !whole.contains(&piece.place));
    found.glue.retain(|(place, _)| !whole.contains(place));
    Ok(found)
}

fn of_home(tool: &Tool, home: &Home, base: &mut Tree<'_>, found: &mut Standing) -> Result<()> {
    let place = settings_text::place(home)?;
    if home.own {
        if matches!(base.get(&place)?, Entry::File(_))
            && let Some(text) = base.text(&place)?
        {
            found.add(tool, (place, Locator::Whole), text);
        }
        return Ok(());
    }
    if !settings_text::has_table(home, base)? {
        return Ok(());
    }
    let mut keys = Vec::new();
    if let Some(document) = base.toml(&place)? {
        let path: Vec<String> = home.table.split('.').map(str::to_owned).collect();
        let table = declared::at(&document, &path.iter().map(String::as_str).collect::<Vec<_>>());
        if let Some(Value::Table(table)) = table {
            leaves(&path, table, &mut keys, &mut |table| {
                found.glue.insert((place.clone(), Glue::TomlTable { table: table.to_vec() }));
            });
        }
    } else if let Some(text) = base.text(&place)? {
        for (section, key, _) in edit::ini::values(&text).unwrap_or_default() {
            let at = Locator::IniKey { section: section.clone(), key };
            if settings_text::is_below(home, &at) {
                found.glue.insert((place.clone(), Glue::IniSection { section }));
                keys.push(at);
            }
        }
    }
    for at in keys {
        if let Some(text) = text_at(base, &place, &at)? {
            found.add(tool, (place.clone(), at), text);
        }
    }
    Ok(())
}

/// The keys of a table and of the tables in it, innermost tables first.
fn leaves(path: &[String], table: &toml::Table, keys: &mut Vec<Locator>, header: &mut dyn FnMut(&[String])) {
    header(path);
    for (key, value) in table {
        match value {
            Value::Table(inner) if !inner.is_empty() => {
                let path: Vec<String> = path.iter().cloned().chain([key.clone()]).collect();
                leaves(&path, inner, keys, header);
            }
            _ => keys.push(Locator::TomlKey { table: path.to_vec(), key: key.clone() }),
        }
    }
}

fn text_at(tree: &mut Tree<'_>, place: &Place, at: &Locator) -> Result<Option<String>> {
    let Some(text) = tree.text(place)? else { return Ok(None) };
    // What cannot be read is not taken away; whoever edits the file says so.
    Ok(edit::find(&text, &[at]).ok().and_then(|mut found| found.pop()).flatten())
}
