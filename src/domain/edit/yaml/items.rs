//! Items of a list under a key of a hook, such as `additional_dependencies`.

use super::super::brackets::{Brackets, Comments};
use super::super::splice::{Splice, line_end, unsupported};
use super::super::{EditError, Glue, requirement};
use super::hooks::{self, Emptied, Hook, ItemCut, REPOS, cut_item};
use super::list;
use super::tree::{Document, Kind, Node, parse};
use super::{Step, keys};
use crate::domain::piece::Item;

/// The place of an item.
#[derive(Debug, Clone, Copy)]
pub struct HookItem<'a> {
    pub repo: &'a str,
    pub id: &'a str,
    pub key: &'a str,
    pub item: &'a Item,
}

impl HookItem<'_> {
    fn hook(&self) -> Hook<'_> {
        Hook { repo: self.repo, rev: None, id: self.id, folder: None }
    }

    fn glue(&self) -> Glue {
        Glue::HookList { repo: self.repo.to_owned(), id: self.id.to_owned(), key: self.key.to_owned() }
    }
}

/// The scalar that a bare item is.
fn scalar_of(text: &str) -> Option<Node> {
    let root = parse(&format!("x:\n- {text}\n")).ok()?.root?;
    let [item] = root.pair("x")?.1.items()? else { return None };
    (root.pairs()?.len() == 1 && item.scalar().is_some()).then(|| item.clone())
}

/// Whether a scalar of the file is the item.
fn is(item: &Item, node: &Node) -> bool {
    let Some(value) = node.scalar() else { return false };
    match item {
        Item::Requirement(name) => requirement::name(value) == *name,
        Item::Value(written) => scalar_of(written).is_some_and(|wanted| wanted.scalar() == Some(value)),
    }
}

/// The hook's place, the list under its key, and the index of the item in it.
pub fn find<'a>(document: &'a Document, at: HookItem<'_>) -> Option<(&'a Node, usize)> {
    let hook = hooks::node(document, hooks::find(document, at.hook())?)?;
    let list = document.get(hook, at.key)?;
    let index = list.items()?.iter().position(|node| is(at.item, document.resolve(node)))?;
    Some((list, index))
}

/// The bare text of an item: as `wanted` where both are the same value in other quotes.
pub fn text_of(text: &str, list: &Node, index: usize, wanted: Option<&str>) -> String {
    let Some(node) = list.items().and_then(|items| items.get(index)) else { return String::new() };
    let same = |wanted: &&str| scalar_of(wanted).is_some_and(|wanted| wanted.scalar() == node.scalar());
    let raw = || text.get(node.start..node.end).unwrap_or_default().to_owned();
    wanted.filter(same).map_or_else(raw, str::to_owned)
}

/// The hook with the path to it, refused where an edit of it would change something else.
fn owned_hook<'a>(document: &'a Document, at: HookItem<'_>) -> Result<(&'a Node, (usize, usize)), EditError> {
    let missing = || unsupported(format!("there is no hook `{}` of `{}` to edit", at.id, at.repo));
    let place = hooks::find(document, at.hook()).ok_or_else(missing)?;
    let mut node = document.root.as_ref().ok_or_else(missing)?;
    for (key, index) in [(REPOS, place.0), ("hooks", place.1)] {
        document.must_not_be_shared(node)?;
        let list = node.pair(key).map(|(_, list)| list).ok_or_else(missing)?;
        document.must_not_be_shared(list)?;
        node = list.items().and_then(|items| items.get(index)).ok_or_else(missing)?;
    }
    document.must_not_be_shared(node)?;
    Ok((node, place))
}

fn hook_mut(root: &mut Node, at: (usize, usize)) -> Option<&mut Node> {
    root.value_mut(REPOS)?.items_mut()?.get_mut(at.0)?.value_mut("hooks")?.items_mut()?.get_mut(at.1)
}

fn brackets<'a>(text: &'a str, list: &Node) -> Brackets<'a> {
    let items = list.items().unwrap_or_default().iter().map(|item| item.start..item.end).collect();
    Brackets { text, open: list.start + 1, close: list.end - 1, items, comments: Comments::Hash, unit: "  " }
}

/// The item as it can stand between brackets: in double quotes where its own form cannot.
fn in_brackets(text: &str, value: &Node) -> String {
    let alone = parse(&format!("x: [{text}]\n")).ok().and_then(|document| document.root);
    let safe = alone
        .is_some_and(|root| root.pair("x").and_then(|(_, list)| list.items()) == Some(std::slice::from_ref(value)));
    if safe { text.to_owned() } else { serde_json::Value::from(value.scalar().unwrap_or_default()).to_string() }
}

/// Inserts an item, into the list under the hook's key or with a new list.
pub fn insert(text: &str, document: &Document, at: HookItem<'_>, body: &str) -> Result<Step, EditError> {
    if let Some((list, index)) = find(document, at) {
        return Ok(Step::Present(text_of(text, list, index, Some(body))));
    }
    let value = scalar_of(body).ok_or_else(|| unsupported(format!("`{body}` is not an item of a list")))?;
    let (hook, place) = owned_hook(document, at)?;
    let written = in_brackets(body, &value);
    let quoted = Node::new(Kind::Scalar {
        value: value.scalar().unwrap_or_default().to_owned(),
        plain: written == body && matches!(value.kind, Kind::Scalar { plain: true, .. }),
    });
    let mut expected = document.root.clone().unwrap_or_else(|| Node::new(Kind::Mapping(Vec::new())));
    let new_hook = hook_mut(&mut expected, place).ok_or_else(|| unsupported("the hook is not a mapping"))?;

    let Some((_, list)) = hook.pair(at.key) else {
        keys::must_be_block(text, document, hook)?;
        keys::push(new_hook, at.key, Node::new(Kind::Sequence(vec![quoted])));
        let indent = " ".repeat(keys::column(text, hook));
        let line = format!("{indent}{}: [{written}]\n", at.key);
        let splices = vec![Splice::insert(line_end(text, hook.end), line)];
        return Ok(Step::Edit { splices, expected, glue: vec![at.glue()] });
    };
    document.must_not_be_shared(list)?;
    let new_list = new_hook.value_mut(at.key).and_then(Node::items_mut);
    let new_list = new_list.ok_or_else(|| unsupported(format!("`{}` is not a list", at.key)))?;
    let splices = if list.flow {
        new_list.push(quoted);
        brackets(text, list).append(&written)
    } else {
        new_list.push(value);
        let (style, place) =
            list::style(text, &list::entries(text, list)?).ok_or_else(|| unsupported("an empty list"))?;
        vec![Splice::insert(place, format!("{}{}", "\n".repeat(style.blank), style.item(body)))]
    };
    Ok(Step::Edit { splices, expected, glue: Vec::new() })
}

/// Cuts an item whose text is known to be ours; with the last item of a list that we created, the list.
pub fn cut(text: &str, document: &Document, at: HookItem<'_>, glue: &[Glue]) -> Result<Step, EditError> {
    let gone = || unsupported(format!("the item is not a plain part of the hook `{}`", at.id));
    let (hook, place) = owned_hook(document, at)?;
    let (key, list) = hook.pair(at.key).ok_or_else(gone)?;
    document.must_not_be_shared(list)?;
    let items = list.items().ok_or_else(gone)?;
    let index = items.iter().position(|node| is(at.item, node)).ok_or_else(gone)?;
    let mut expected = document.root.clone().ok_or_else(gone)?;
    let new_hook = hook_mut(&mut expected, place).ok_or_else(gone)?;
    if items.len() == 1 && glue.contains(&at.glue()) {
        keys::remove(new_hook, at.key);
        let splices = vec![Splice::cut(keys::lines(text, key, list))];
        return Ok(Step::Edit { splices, expected, glue: Vec::new() });
    }
    let new_list = new_hook.value_mut(at.key).ok_or_else(gone)?;
    let splices = if list.flow {
        new_list.items_mut().ok_or_else(gone)?.remove(index);
        brackets(text, list).remove(index)
    } else {
        let span = list::lines_of(text, &list::entries(text, list)?, index);
        cut_item(text, ItemCut { key, list: new_list, index, span, emptied: Emptied::Brackets })?
    };
    Ok(Step::Edit { splices, expected, glue: Vec::new() })
}

/// Gives an item another text.
pub fn replace(document: &Document, at: HookItem<'_>, body: &str) -> Result<(Vec<Splice>, Node), EditError> {
    let gone = || unsupported(format!("the item is not a plain part of the hook `{}`", at.id));
    let (hook, place) = owned_hook(document, at)?;
    let (_, list) = hook.pair(at.key).ok_or_else(gone)?;
    document.must_not_be_shared(list)?;
    let items = list.items().ok_or_else(gone)?;
    let index = items.iter().position(|node| is(at.item, node)).ok_or_else(gone)?;
    let mut value = scalar_of(body).ok_or_else(gone)?;
    let written = if list.flow { in_brackets(body, &value) } else { body.to_owned() };
    if written != body
        && let Kind::Scalar { plain, .. } = &mut value.kind
    {
        *plain = false;
    }
    let mut expected = document.root.clone().ok_or_else(gone)?;
    let new_list = hook_mut(&mut expected, place).and_then(|hook| hook.value_mut(at.key)).and_then(Node::items_mut);
    *new_list.and_then(|items| items.get_mut(index)).ok_or_else(gone)? = value;
    Ok((vec![Splice { at: items[index].start..items[index].end, text: written }], expected))
}
