//! Top-level keys of a YAML mapping.

use std::ops::Range;

use super::super::splice::{Splice, indentation, line_end, line_start, matching_above, position, unsupported};
use super::super::{EditError, Glue};
use super::Step;
use super::hooks::REPOS;
use super::list::{behind_comments, dedented, hanging};
use super::tree::{Document, Kind, Node, parse_events};

/// Refuses a mapping in brackets, one that is shared, one whose keys stand below their question marks, and what is no
/// mapping.
pub fn must_be_block(text: &str, document: &Document, node: &Node) -> Result<(), EditError> {
    document.must_not_be_shared(node)?;
    let Some(pairs) = node.pairs() else {
        return Err(unsupported("the place to edit is not a mapping"));
    };
    if node.flow {
        return Err(unsupported("the mapping to edit is written in brackets"));
    }
    if let Some((key, _)) = pairs.iter().find(|(key, _)| text[line_start(text, key.start)..key.start].contains('\t')) {
        let (line, _) = position(text, key.start);
        return Err(unsupported(format!("the key in line {line} is indented with a tab")));
    }
    let is_alone = |key: &Node| text[line_start(text, key.start)..key.start].trim().is_empty();
    if let Some((key, _)) = pairs.iter().find(|(key, _)| is_alone(key) && colon(text, key).is_none()) {
        let (line, _) = position(text, key.start);
        return Err(unsupported(format!(
            "the key in line {line} stands in another line than its question mark or colon"
        )));
    }
    Ok(())
}

/// Where the colon of a key stands, if it is in the key's line.
pub fn colon(text: &str, key: &Node) -> Option<usize> {
    let rest = &text[key.end..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    rest[blanks..].starts_with(':').then_some(key.end + blanks)
}

/// The column of a key, in bytes: behind blanks and dashes, where its anchor, tag or question mark begins, if it has one.
pub fn column(text: &str, key: &Node) -> usize {
    let before = &text[line_start(text, key.start)..key.start];
    let mut rest = before;
    while let Some(behind) = rest.strip_prefix(' ').or_else(|| rest.strip_prefix('-').filter(|it| it.starts_with(' ')))
    {
        rest = behind;
    }
    before.len() - rest.len()
}

/// Where a new last key of the root goes: behind the last value and the comments that belong to it.
pub fn end(text: &str, root: &Node) -> usize {
    match root.pairs().and_then(|pairs| pairs.last()) {
        Some((key, value)) => behind_comments(text, line_end(text, value.end.max(key.end)), column(text, key)),
        None => text.match_indices("...").map(|(at, _)| at).find(|at| is_document_end(text, *at)).unwrap_or(text.len()),
    }
}

fn is_document_end(text: &str, at: usize) -> bool {
    line_start(text, at) == at && text[at..line_end(text, at)].trim_end() == "..."
}

/// The whole lines of a key and its value.
pub fn lines(text: &str, key: &Node, value: &Node) -> Range<usize> {
    line_start(text, key.start)..line_end(text, value.end.max(key.end))
}

/// The same with the comment lines above them where these are those of a piece.
pub fn lines_of_piece(text: &str, (key, value): (&Node, &Node), piece: &str) -> Range<usize> {
    let lines = lines(text, key, value);
    let comments: Vec<&str> = piece.lines().take_while(|line| line.trim_start().starts_with('#')).collect();
    matching_above(text, lines.start, &comments)..lines.end
}

/// The text of a key and its value at column 0, with the comment lines above them where these are those of a piece.
pub fn text_of(text: &str, (key, value): (&Node, &Node), piece: &str) -> String {
    let column = column(text, key);
    let lines = lines_of_piece(text, (key, value), piece);
    dedented(text, lines.start + indentation(&text[lines.clone()]).len().min(column)..lines.end, column)
}

pub fn push(mapping: &mut Node, key: &str, value: Node) {
    if let Kind::Mapping(pairs) = &mut mapping.kind {
        pairs.push((Node::text(key), value));
    }
}

pub fn remove(mapping: &mut Node, key: &str) {
    if let Kind::Mapping(pairs) = &mut mapping.kind {
        pairs.retain(|(name, _)| name.scalar() != Some(key));
    }
}

/// The key and its value as the text of a piece has them.
pub fn wanted(key: &str, body: &str) -> Result<(Node, Node), EditError> {
    let made = parse_events(body)?.root.and_then(|made| match made.kind {
        Kind::Mapping(mut pairs) if pairs.len() == 1 && pairs[0].0.scalar() == Some(key) => pairs.pop(),
        _ => None,
    });
    made.ok_or_else(|| unsupported(format!("the text for the key `{key}` is not that key")))
}

/// Inserts a top-level key: before `repos` where there is one, else at the end.
pub fn insert(text: &str, document: &Document, key: &str, body: &str) -> Result<Step, EditError> {
    let root = document.root.clone().unwrap_or_else(|| Node::new(Kind::Mapping(Vec::new())));
    must_be_block(text, document, &root)?;
    if let Some((name, value)) = root.pair(key) {
        return Ok(Step::Present(text_of(text, (name, value), body)));
    }
    let made = wanted(key, body)?;
    let pairs = root.pairs().unwrap_or_default();
    let index = pairs.iter().position(|(name, _)| name.scalar() == Some(REPOS)).unwrap_or(pairs.len());
    let at = match (pairs.get(index), index.checked_sub(1).and_then(|before| pairs.get(before))) {
        (Some((name, _)), None) => line_start(text, name.start),
        (Some(_), Some((name, value))) => {
            behind_comments(text, line_end(text, value.end.max(name.end)), column(text, name))
        }
        (None, _) => end(text, &root),
    };
    let indent = pairs.first().map_or(0, |(name, _)| column(text, name));
    let lines = format!("{}{}", " ".repeat(indent), hanging(body, indent));
    let mut expected = root;
    if let Kind::Mapping(pairs) = &mut expected.kind {
        pairs.insert(index, made);
    }
    Ok(Step::Edit { splices: vec![Splice::insert(at, lines)], expected, glue: Vec::new() })
}

/// Cuts a top-level key whose text is known to be ours.
pub fn cut(text: &str, document: &Document, key: &str, body: &str) -> Result<Step, EditError> {
    let gone = || unsupported(format!("the key `{key}` is not there"));
    let mut expected = document.root.clone().ok_or_else(gone)?;
    must_be_block(text, document, &expected)?;
    let (name, value) = expected.pair(key).ok_or_else(gone)?;
    let splices = vec![Splice::cut(lines_of_piece(text, (name, value), body))];
    remove(&mut expected, key);
    Ok(Step::Edit { splices, expected, glue: Vec::<Glue>::new() })
}
