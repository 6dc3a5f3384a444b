//! Edits of JSON with comments, such as `.vscode/settings.json`: comments, tabs and commas at the end stay.

mod tree;

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::splice::{Source, Splice, indentation, line_start, unified, unsupported};
use super::{Cut, EditError, Inserted, Replaced, requirement};
use crate::domain::piece::{Glue, Item, Locator, Piece};

use tree::{Kind, Node, Property, parse, unit};

/// A text in a JSON file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The names that lead to it; arrays add none.
    pub path: Vec<String>,
    pub value: String,
    /// In bytes of the file, with the quotes.
    pub span: Range<usize>,
}

/// Every text in a JSON file, in its order.
///
/// # Errors
/// [`EditError::Syntax`] where the file is not JSON with comments.
pub fn texts(text: &str) -> Result<Vec<Text>, EditError> {
    let source = Source::new(text);
    let mut found = Vec::new();
    collect(&parse(source.text())?, &mut Vec::new(), text.len() - source.text().len(), &mut found);
    Ok(found)
}

/// `mark` is the length of the byte order mark, which the tree does not count.
fn collect(node: &Node, path: &mut Vec<String>, mark: usize, found: &mut Vec<Text>) {
    match &node.kind {
        Kind::Text(value) => {
            let span = node.span.start + mark..node.span.end + mark;
            found.push(Text { path: path.clone(), value: value.clone(), span });
        }
        Kind::Word(_) => {}
        Kind::Array(items) => items.iter().for_each(|item| collect(item, path, mark, found)),
        Kind::Object(properties) => {
            for property in properties {
                path.push(property.name.clone());
                collect(&property.value, path, mark, found);
                path.pop();
            }
        }
    }
}

/// Inserts pieces into a JSON file; `None` is a file that is not there. Objects and arrays on the way to a place are
/// made where they are missing.
///
/// # Errors
/// [`EditError::Syntax`] where the file is not JSON with comments; [`EditError::Unsupported`] where something else than
/// an object or an array is in the way, or the top level is not an object.
pub fn insert(text: Option<&str>, pieces: &[&Piece]) -> Result<Inserted, EditError> {
    let mut made = Inserted { text: text.unwrap_or("{\n}\n").to_owned(), ..Inserted::default() };
    if text.is_none() {
        made.glue.push(Glue::File);
    }
    for (index, piece) in pieces.iter().enumerate() {
        let body = unified(&piece.text);
        parse(&body).map_err(|error| unsupported(format!("`{body}` is not a JSON value: {error}")))?;
        if let Some(found) = text_at(&made.text, &piece.at, Some(&body))? {
            made.present.push((index, found));
            continue;
        }
        let (path, of_array) = match &piece.at {
            Locator::JsonKey { path } => (&path[..path.len().saturating_sub(1)], false),
            Locator::JsonItem { path, .. } => (path.as_slice(), true),
            _ => return Err(foreign()),
        };
        make_containers(&mut made, path, of_array)?;
        let name = if of_array { None } else { Some(piece_name(&piece.at)?) };
        append(&mut made, path, name, &body)?;
    }
    Ok(made)
}

fn piece_name(at: &Locator) -> Result<&str, EditError> {
    let Locator::JsonKey { path } = at else { return Err(foreign()) };
    path.last().map(String::as_str).ok_or_else(foreign)
}

/// Makes what is missing of a path: objects, and an array at its end.
fn make_containers(made: &mut Inserted, path: &[String], of_array: bool) -> Result<(), EditError> {
    for depth in 0..=path.len() {
        let (last, here) = (depth == path.len(), &path[..depth]);
        let wants_array = of_array && last;
        let source = Source::new(&made.text);
        let text = source.text();
        let root = parse(text)?;
        match root.at(here)? {
            Some(Node { kind: Kind::Array(_), .. }) if wants_array => {}
            Some(Node { kind: Kind::Object(_), .. }) if !wants_array => {}
            Some(_) => {
                let kind = if wants_array { "array" } else { "object" };
                return Err(unsupported(format!("`{}` is not an {kind}", here.join("."))));
            }
            None => {
                let (name, parent) = here.split_last().ok_or_else(foreign)?;
                let holder = root.at(parent)?.ok_or_else(foreign)?;
                let bare_root = parent.is_empty() && text.get(holder.span.clone()) == Some("{}");
                let in_line = !bare_root && !holder.brackets(text, "").goes_over_lines();
                let empty = match (wants_array, in_line) {
                    (true, true) => "[]",
                    (true, false) => "[\n]",
                    (false, true) => "{}",
                    (false, false) => "{\n}",
                };
                append(made, parent, Some(name), empty)?;
                made.glue.push(Glue::JsonContainer { path: here.to_vec() });
            }
        }
    }
    Ok(())
}

/// Adds a property, or an item without name, at the end of the container at `path`.
fn append(made: &mut Inserted, path: &[String], name: Option<&str>, body: &str) -> Result<(), EditError> {
    let source = Source::new(&made.text);
    let text = source.text();
    let root = parse(text)?;
    let container = root.at(path)?.ok_or_else(foreign)?;
    let value = parse(body)?;
    let unit = unit(text, &root);
    let is_root = path.is_empty() && text.get(container.span.clone()) == Some("{}");
    let body = stepped(body, unit);
    let item = name.map_or(body.clone(), |name| format!("{}: {body}", serde_json::Value::from(name)));
    let mut splices = container.brackets(text, unit).append(&item);
    let mut glue = Vec::new();
    if is_root {
        let outer = indentation(&text[line_start(text, container.span.start)..]);
        let inner = format!("\n{outer}{unit}");
        let item = item.replace('\n', &inner);
        splices = vec![Splice::insert(container.span.start + 1, format!("{inner}{item}\n{outer}"))];
        glue.push(Glue::JsonContainer { path: Vec::new() });
    }
    let mut expected = root.clone();
    match &mut expected.at_mut(path).ok_or_else(foreign)?.kind {
        Kind::Array(items) => items.push(value),
        Kind::Object(all) => {
            all.push(Property { name: name.unwrap_or_default().to_owned(), value, span: 0..0 });
        }
        _ => return Err(foreign()),
    }
    made.text = apply(source, splices, &expected)?;
    made.glue.extend(glue);
    Ok(())
}

/// The lines of a value with the four-blank steps of our own texts written as the file's steps.
fn stepped(body: &str, unit: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for (number, line) in body.trim().lines().enumerate() {
        let bare = line.trim_start_matches(' ');
        let blanks = line.len() - bare.len();
        if number > 0 {
            out.push('\n');
        }
        out.push_str(&unit.repeat(blanks / 4));
        out.push_str(&" ".repeat(blanks % 4));
        out.push_str(bare);
    }
    out
}

/// Cuts pieces that stand there as they were written, and the glue that nothing needs any more.
///
/// # Errors
/// As [`insert`].
pub fn cut(text: &str, pieces: &[&Piece], glue: &[Glue]) -> Result<Cut, EditError> {
    let mut made = Cut::default();
    let mut now = text.to_owned();
    for (index, piece) in pieces.iter().enumerate() {
        let Some(found) = text_at(&now, &piece.at, Some(&piece.text))? else {
            made.missing.push(index);
            continue;
        };
        if !same(&found, &piece.text) {
            made.edited.push((index, found));
            continue;
        }
        now = remove(&now, &piece.at, glue)?;
    }
    let source = Source::new(&now);
    let root = parse(source.text())?;
    let empty = root.properties().is_some_and(<[Property]>::is_empty);
    let bare = source.text().split_whitespace().collect::<String>() == "{}";
    if !(glue.contains(&Glue::File) && empty && bare) {
        for glue in glue {
            let needed = match glue {
                Glue::JsonContainer { path } if path.is_empty() => !empty,
                Glue::JsonContainer { path } => root.at(path)?.is_some(),
                Glue::File => true,
                _ => false,
            };
            made.glue.extend(needed.then(|| glue.clone()));
        }
        made.text = Some(now);
    }
    Ok(made)
}

/// Cuts what stands at a place, and the containers of ours that are empty then.
fn remove(text: &str, at: &Locator, glue: &[Glue]) -> Result<String, EditError> {
    let source = Source::new(text);
    let text = source.text();
    let root = parse(text)?;
    let (mut path, mut index) = place(&root, at)?.ok_or_else(foreign)?;
    while count(&root, &path)? == 1 && !path.is_empty() && glue.contains(&Glue::JsonContainer { path: path.clone() }) {
        let container = root.at(&path)?.ok_or_else(foreign)?;
        if has_comments(text, container, index) {
            break;
        }
        let name = path.pop().ok_or_else(foreign)?;
        index = root.at(&path)?.ok_or_else(foreign)?.position(&name)?.ok_or_else(foreign)?;
    }
    let container = root.at(&path)?.ok_or_else(foreign)?;
    let mut expected = root.clone();
    match &mut expected.at_mut(&path).ok_or_else(foreign)?.kind {
        Kind::Array(items) => drop(items.remove(index)),
        Kind::Object(properties) => drop(properties.remove(index)),
        _ => return Err(foreign()),
    }
    let ours = glue.contains(&Glue::JsonContainer { path: Vec::new() });
    let whole = path.is_empty() && ours && count(&root, &path)? == 1 && !has_comments(text, container, index);
    let splices = if whole {
        vec![Splice { at: container.span.start + 1..container.span.end, text: "}".to_owned() }]
    } else {
        container.brackets(text, unit(text, &root)).remove(index)
    };
    apply(source, splices, &expected)
}

/// Whether something else than the one item, its comma and white space stands in a container.
fn has_comments(text: &str, container: &Node, index: usize) -> bool {
    let brackets = container.brackets(text, "");
    let Some(item) = brackets.items.get(index) else { return true };
    let around = [&text[brackets.open..item.start], &text[item.end..brackets.close]];
    around.iter().any(|part| part.chars().any(|c| !c.is_whitespace() && c != ','))
}

fn count(root: &Node, path: &[String]) -> Result<usize, EditError> {
    Ok(match root.at(path)?.map(|node| &node.kind) {
        Some(Kind::Array(items)) => items.len(),
        Some(Kind::Object(properties)) => properties.len(),
        _ => 0,
    })
}

/// The path of the container and the index in it.
fn place(root: &Node, at: &Locator) -> Result<Option<(Vec<String>, usize)>, EditError> {
    match at {
        Locator::JsonKey { path } => {
            let (name, parent) = path.split_last().ok_or_else(foreign)?;
            let Some(object) = root.at(parent)? else { return Ok(None) };
            Ok(object.position(name)?.map(|index| (parent.to_vec(), index)))
        }
        Locator::JsonItem { path, item } => {
            let Some(items) = root.at(path)?.and_then(Node::items) else { return Ok(None) };
            Ok(items.iter().position(|node| is(item, node)).map(|index| (path.clone(), index)))
        }
        _ => Err(foreign()),
    }
}

fn is(wanted: &Item, node: &Node) -> bool {
    match wanted {
        Item::Requirement(name) => {
            matches!(&node.kind, Kind::Text(text) if requirement::name(text) == *name)
        }
        Item::Value(written) => parse(written).is_ok_and(|wanted| wanted == *node),
    }
}

/// Gives pieces another text in their place. A piece that does not stand there as `old` is left alone.
///
/// # Errors
/// As [`insert`].
pub fn replace(text: &str, changes: &[(&Piece, &Piece)]) -> Result<Replaced, EditError> {
    let mut made = Replaced { text: text.to_owned(), ..Replaced::default() };
    for (index, (old, new)) in changes.iter().enumerate() {
        let found = text_at(&made.text, &old.at, Some(&old.text))?;
        let Some(found) = found else {
            made.missing.push(index);
            continue;
        };
        if !same(&found, &old.text) {
            made.edited.push((index, found));
            continue;
        }
        let source = Source::new(&made.text);
        let text = source.text();
        let root = parse(text)?;
        let (path, index) = place(&root, &old.at)?.ok_or_else(foreign)?;
        let body = unified(&new.text);
        let value = parse(&body)?;
        let span = value_at(root.at(&path)?, index).ok_or_else(foreign)?.span.clone();
        let indent = indentation(&text[line_start(text, span.start)..]);
        let written = stepped(&body, unit(text, &root)).replace('\n', &format!("\n{indent}"));
        let mut expected = root.clone();
        match &mut expected.at_mut(&path).ok_or_else(foreign)?.kind {
            Kind::Array(items) => items[index] = value,
            Kind::Object(properties) => properties[index].value = value,
            _ => return Err(foreign()),
        }
        made.text = apply(source, vec![Splice { at: span, text: written }], &expected)?;
    }
    Ok(made)
}

fn value_at(container: Option<&Node>, index: usize) -> Option<&Node> {
    match &container?.kind {
        Kind::Array(items) => items.get(index),
        Kind::Object(properties) => properties.get(index).map(|property| &property.value),
        _ => None,
    }
}

/// What stands at each place, in the form of [`Piece::text`].
///
/// # Errors
/// As [`insert`].
pub fn find(text: &str, at: &[&Locator]) -> Result<Vec<Option<String>>, EditError> {
    at.iter().map(|at| text_at(text, at, None)).collect()
}

/// The text at a place without the indentation of its line; `wanted` where it is the same value without comments.
fn text_at(raw: &str, at: &Locator, wanted: Option<&str>) -> Result<Option<String>, EditError> {
    let source = Source::new(raw);
    let text = source.text();
    let root = parse(text)?;
    if root.properties().is_none() {
        return Err(unsupported("the top level of the file is not an object"));
    }
    let Some((path, index)) = place(&root, at)? else { return Ok(None) };
    let node = value_at(root.at(&path)?, index).ok_or_else(foreign)?;
    let indent = indentation(&text[line_start(text, node.span.start)..]);
    let written = unified(&text[node.span.clone()]).replace(&format!("\n{indent}"), "\n");
    let same_value = |wanted: &&str| {
        let letters = |text: &str| text.split_whitespace().collect::<String>();
        parse(wanted).is_ok_and(|wanted| wanted == *node) && letters(wanted) == letters(&written)
    };
    Ok(Some(wanted.filter(same_value).map_or(written, str::to_owned)))
}

fn same(found: &str, ours: &str) -> bool {
    unified(found).trim() == unified(ours).trim()
}

fn foreign() -> EditError {
    unsupported("the place is not one of this JSON file")
}

/// Applies a change and requires that the file's value is the expected one after it.
fn apply(source: Source<'_>, splices: Vec<Splice>, expected: &Node) -> Result<String, EditError> {
    let made = source.finish(splices)?;
    let differs = || unsupported("the change would alter other values of the file");
    let after = parse(Source::new(&made).text()).map_err(|_| differs())?;
    if after == *expected { Ok(made) } else { Err(differs()) }
}
