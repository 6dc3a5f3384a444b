//! Edits of INI files as Python's `configparser` reads them (`setup.cfg`, `tox.ini`, `.flake8`), line by line.

mod list;
mod parse;

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::endings::{refuse_lines_in_lines, refuse_nul};
use super::splice::{Source, Splice, indentation, line_start, matching_above, position, unified, unsupported};
use super::{Cut, EditError, Inserted, Replaced};
use crate::domain::piece::{Glue, Item, Locator, Piece};

use list::List;
use parse::{Ini, Key, Values, is_comment};

/// A change and what the file must say after it.
struct Change {
    splices: Vec<Splice>,
    expected: Values,
    /// The list whose items are compared instead of its text.
    list: Option<(String, String)>,
    glue: Vec<Glue>,
}

enum Step {
    Present(String),
    Edit(Change),
}

/// All values as section, key and value, as `configparser` gives them: the lines of a value stripped, joined by `\n`.
///
/// # Errors
/// As [`insert`].
pub fn values(text: &str) -> Result<Vec<(String, String, String)>, EditError> {
    let ini = parse::parse(Source::new(text).text())?;
    let of_section = |(section, keys): (String, Vec<(String, String)>)| {
        keys.into_iter().map(move |(key, value)| (section.clone(), key, value))
    };
    Ok(ini.values().into_iter().flat_map(of_section).collect())
}

/// Inserts pieces into an INI file; `None` is a file that is not there.
///
/// # Errors
/// [`EditError::Syntax`] where `configparser` would refuse the file, [`EditError::Unsupported`] where the change cannot
/// be made by whole lines without changing other values.
pub fn insert(text: Option<&str>, pieces: &[&Piece]) -> Result<Inserted, EditError> {
    let mut made = Inserted { text: text.unwrap_or_default().to_owned(), ..Inserted::default() };
    if text.is_none() {
        made.glue.push(Glue::File);
    }
    refuse_disputed(Source::new(&made.text).text())?;
    for (index, piece) in pieces.iter().enumerate() {
        let source = Source::new(&made.text);
        let ini = parse::parse(source.text())?;
        match insert_one(source.text(), &ini, piece)? {
            Step::Present(found) => made.present.push((index, found)),
            Step::Edit(change) => {
                made.text = apply(source, change.splices, &change.expected, change.list.as_ref())?;
                made.glue.extend(change.glue);
            }
        }
    }
    Ok(made)
}

/// Refuses what `configparser` reads, but iniconfig (pytest) in another way, or no tool could use.
fn refuse_disputed(text: &str) -> Result<(), EditError> {
    let ini = parse::parse(text)?;
    let comment_start = |line: &str| if is_comment(line) { 0 } else { line.len() };
    refuse_nul(text, comment_start)?;
    refuse_lines_in_lines(text)?;
    for section in &ini.sections {
        let behind = text[section.header.clone()].rsplit(']').next().unwrap_or_default().trim();
        if !behind.is_empty() && !is_comment(behind) {
            let (line, _) = position(text, section.header.start);
            return Err(unsupported(format!("line {line} goes on behind the section's bracket")));
        }
    }
    Ok(())
}

fn insert_one(text: &str, ini: &Ini, piece: &Piece) -> Result<Step, EditError> {
    let body = unified(&piece.text);
    let body = body.trim_end_matches('\n');
    match &piece.at {
        Locator::IniKey { section, key } => {
            if let Some(found) = ini.key(section, key) {
                return Ok(Step::Present(text_of(text, found)));
            }
            Ok(Step::Edit(new_key(text, ini, NewKey { section, key, body })?))
        }
        Locator::IniItem { section, key, item } => {
            if body.is_empty() || body.contains('\n') {
                return Err(unsupported(format!("`{body}` is not one line of a list")));
            }
            let Some(found) = ini.key(section, key) else {
                let body = format!("{key} =\n    {body}");
                let mut change = new_key(text, ini, NewKey { section, key, body: &body })?;
                change.glue.push(Glue::IniList { section: section.clone(), key: key.clone() });
                return Ok(Step::Edit(change));
            };
            let list = List::new(text, found);
            if let Some((_, span)) = list.find(item) {
                return Ok(Step::Present(text[span].to_owned()));
            }
            let mut expected = ini.values();
            if let Some(value) = value_mut(&mut expected, section, key) {
                value.push('\n');
                value.push_str(body);
            }
            let list_at = Some((section.clone(), key.to_lowercase()));
            Ok(Step::Edit(Change { splices: list.append(body), expected, list: list_at, glue: Vec::new() }))
        }
        _ => Err(foreign()),
    }
}

/// A key that the file does not have; `body` is its whole text.
#[derive(Clone, Copy)]
struct NewKey<'a> {
    section: &'a str,
    key: &'a str,
    body: &'a str,
}

/// A key at the end of its section, or with a new section at the end of the file.
fn new_key(text: &str, ini: &Ini, new: NewKey<'_>) -> Result<Change, EditError> {
    let NewKey { section, key, body } = new;
    let alone = parse::parse(&format!("[x]\n{body}\n")).ok();
    let value = alone.as_ref().and_then(|alone| match alone.sections.as_slice() {
        [only] if only.keys.len() == 1 => only.keys.first().filter(|made| made.name == key.to_lowercase()),
        _ => None,
    });
    let value = value.ok_or_else(|| unsupported(format!("the text for the key `{key}` is not that key")))?;
    let value = (value.name.clone(), value.value.join("\n"));
    let mut expected = ini.values();
    match expected.iter_mut().find(|(name, _)| name == section) {
        Some((_, keys)) => keys.push(value),
        None => expected.push((section.to_owned(), vec![value])),
    }
    let Some(found) = ini.sections.iter().rev().find(|found| found.name == section) else {
        let blank = if text.is_empty() { "" } else { "\n" };
        let lines = format!("{blank}[{section}]\n{body}\n");
        let glue = vec![Glue::IniSection { section: section.to_owned() }];
        let splices = vec![Splice::insert(text.len(), lines)];
        return Ok(Change { splices, expected, list: None, glue });
    };
    let beside = found.keys.last().map_or(found.header.clone(), |key| key.lines.clone());
    let indent = indentation(&text[beside]);
    let lines: String =
        body.split('\n').map(|line| format!("{}{line}\n", if line.is_empty() { "" } else { indent })).collect();
    let at = behind_comments(text, found.end());
    refuse_deeper_line(text, at, indent)?;
    let splices = vec![Splice::insert(at, lines)];
    Ok(Change { splices, expected, list: None, glue: Vec::new() })
}

/// A line of another section that is indented more than a new key above it would be read as part of its value.
fn refuse_deeper_line(text: &str, at: usize, indent: &str) -> Result<(), EditError> {
    let mut below = text[at..].split_inclusive('\n').filter(|line| !is_comment(line));
    let next = below.find(|line| !line.trim_matches(parse::is_space).is_empty());
    match next {
        Some(line) if line.chars().take_while(|c| parse::is_space(*c)).count() > indent.chars().count() => {
            let next = line.trim().to_owned();
            Err(unsupported(format!("`{next}` is indented: it continues whatever key stands above it")))
        }
        _ => Ok(()),
    }
}

/// Skips comments directly below a section's content, unless they stand directly above the next section.
fn behind_comments(text: &str, end: usize) -> usize {
    let length: usize = text[end..].split_inclusive('\n').take_while(|line| is_comment(line)).map(str::len).sum();
    let next = text[end + length..].lines().next().unwrap_or_default();
    if next.trim().is_empty() { end + length } else { end }
}

/// Cuts pieces that stand there as they were written, and the glue that nothing needs any more.
///
/// # Errors
/// As [`insert`].
pub fn cut(text: &str, pieces: &[&Piece], glue: &[Glue]) -> Result<Cut, EditError> {
    let mut made = Cut::default();
    let mut now = text.to_owned();
    for (index, piece) in pieces.iter().enumerate() {
        let source = Source::new(&now);
        let ini = parse::parse(source.text())?;
        match text_of_piece(source.text(), &ini, piece)? {
            None => made.missing.push(index),
            Some(found) if found.trim_end() != unified(&piece.text).trim_end() => made.edited.push((index, found)),
            Some(_) => {
                let change = cut_one(source.text(), &ini, piece, glue)?;
                now = apply(source, change.splices, &change.expected, change.list.as_ref())?;
            }
        }
    }
    let ini = parse::parse(Source::new(&now).text())?;
    if !(glue.contains(&Glue::File) && Source::new(&now).text().trim().is_empty()) {
        made.glue = glue.iter().filter(|glue| is_needed(&ini, glue)).cloned().collect();
        made.text = Some(now);
    }
    Ok(made)
}

fn cut_one(text: &str, ini: &Ini, piece: &Piece, glue: &[Glue]) -> Result<Change, EditError> {
    let (section, key, item) = parts(&piece.at)?;
    let found = ini.key(section, key).ok_or_else(foreign)?;
    let mut expected = ini.values();
    if let Some(item) = item {
        let list = List::new(text, found);
        let place = list.find(item).ok_or_else(foreign)?;
        let gone = list::tokens(&text[place.1.clone()]);
        let value = value_mut(&mut expected, section, key).ok_or_else(foreign)?;
        let mut left = list::tokens(value);
        let start = left.windows(gone.len().max(1)).position(|window| window == gone).ok_or_else(foreign)?;
        left.drain(start..start + gone.len());
        let ours = glue.iter().any(|glue| {
            matches!(glue, Glue::IniList { section: s, key: k } if s == section && k.to_lowercase() == found.name)
        });
        if !(left.is_empty() && ours) {
            *value = left.join("\n");
            let list_at = Some((section.to_owned(), found.name.clone()));
            return Ok(Change { splices: list.remove(place)?, expected, list: list_at, glue: Vec::new() });
        }
    }
    let holder = ini.sections.iter().position(|s| s.keys.contains(found)).ok_or_else(foreign)?;
    let (_, keys) = expected.iter_mut().find(|(name, _)| name == section).ok_or_else(foreign)?;
    keys.retain(|(name, _)| *name != found.name);
    let empty = keys.is_empty();
    let ours = glue.contains(&Glue::IniSection { section: section.to_owned() });
    let mut lines = with_comments(text, found, &unified(&piece.text));
    let insists = glue.contains(&Glue::Comments);
    if empty && ours && (insists || !has_comments(text, ini, holder, &lines)) {
        expected.retain(|(name, _)| name != section);
        let header = ini.sections[holder].header.start;
        lines = if insists {
            whole_section(text, comments_above(text, header)..comments_below(text, lines.end))
        } else {
            whole_section(text, header..lines.end)
        };
    }
    Ok(Change { splices: vec![Splice::cut(lines)], expected, list: None, glue: Vec::new() })
}

/// The start of the lines of comments directly above the line at `line`.
fn comments_above(text: &str, line: usize) -> usize {
    let lines = text[..line].split_inclusive('\n').rev().take_while(|line| is_comment(line));
    line - lines.map(str::len).sum::<usize>()
}

/// The end of the lines of comments directly below the line that ends at `end`, but for those directly above a header.
fn comments_below(text: &str, end: usize) -> usize {
    let below: usize = text[end..].split_inclusive('\n').take_while(|line| is_comment(line)).map(str::len).sum();
    if text[end + below..].starts_with('[') { end } else { end + below }
}

/// The lines of a section, and the blank line before them (at the start of the file the one behind them).
fn whole_section(text: &str, Range { mut start, mut end }: Range<usize>) -> Range<usize> {
    if start == 0 {
        let next = text[end..].split_inclusive('\n').next().unwrap_or_default();
        if next.trim().is_empty() {
            end += next.len();
        }
    } else {
        let above = line_start(text, start - 1);
        if text[above..start].trim().is_empty() {
            start = above;
        }
    }
    start..end
}

/// Whether the user wrote comments into the section around the lines of its only key.
fn has_comments(text: &str, ini: &Ini, section: usize, lines: &Range<usize>) -> bool {
    let header = &ini.sections[section].header;
    let next = ini.sections.get(section + 1).map_or(text.len(), |next| next.header.start);
    let under = text[lines.end..next].split_inclusive('\n').take_while(|line| !line.trim().is_empty());
    let above = text[header.end..lines.start].lines();
    above.chain(under.take(1)).any(is_comment)
}

/// Gives pieces another text in their place. A piece that does not stand there as `old` is left alone.
///
/// # Errors
/// As [`insert`].
pub fn replace(text: &str, changes: &[(&Piece, &Piece)]) -> Result<Replaced, EditError> {
    let mut made = Replaced { text: text.to_owned(), ..Replaced::default() };
    for (index, (old, new)) in changes.iter().enumerate() {
        let source = Source::new(&made.text);
        let ini = parse::parse(source.text())?;
        match text_of_piece(source.text(), &ini, old)? {
            Some(found) if found.trim_end() == unified(&old.text).trim_end() => {
                let change = replace_one(source.text(), &ini, old, unified(&new.text).trim_end_matches('\n'))?;
                made.text = apply(source, change.splices, &change.expected, change.list.as_ref())?;
            }
            Some(found) => made.edited.push((index, found)),
            None => made.missing.push(index),
        }
    }
    Ok(made)
}

fn replace_one(text: &str, ini: &Ini, old: &Piece, body: &str) -> Result<Change, EditError> {
    let (section, key, item) = parts(&old.at)?;
    let found = ini.key(section, key).ok_or_else(foreign)?;
    let mut expected = ini.values();
    let value = value_mut(&mut expected, section, key).ok_or_else(foreign)?;
    if let Some(item) = item {
        let (number, span) = List::new(text, found).find(item).ok_or_else(foreign)?;
        let new = format!("{}{body}{}", &text[..span.start], &text[span.end..]);
        let line = parse::parse(&new).ok().and_then(|new| new.key(section, key).cloned());
        let same_lines = line.filter(|line| line.value.len() == found.value.len() && number < line.value.len());
        *value = same_lines.ok_or_else(foreign)?.value.join("\n");
        let list = Some((section.to_owned(), found.name.clone()));
        return Ok(Change {
            splices: vec![Splice { at: span, text: body.to_owned() }],
            expected,
            list,
            glue: Vec::new(),
        });
    }
    let alone = parse::parse(&format!("[x]\n{body}\n"))?;
    let made =
        alone.key("x", key).ok_or_else(|| unsupported(format!("the text for the key `{key}` is not that key")))?;
    *value = made.value.join("\n");
    let indent = indentation(&text[found.lines.clone()]);
    let lines: String = body.split('\n').map(|line| format!("{indent}{line}\n")).collect();
    let splices = vec![Splice { at: with_comments(text, found, &unified(&old.text)), text: lines }];
    Ok(Change { splices, expected, list: None, glue: Vec::new() })
}

/// What stands at each place, in the form of [`Piece::text`].
///
/// # Errors
/// As [`insert`].
pub fn find(text: &str, at: &[&Locator]) -> Result<Vec<Option<String>>, EditError> {
    let source = Source::new(text);
    let ini = parse::parse(source.text())?;
    at.iter().map(|at| text_at(source.text(), &ini, at)).collect()
}

fn text_at(text: &str, ini: &Ini, at: &Locator) -> Result<Option<String>, EditError> {
    let (section, key, item) = parts(at)?;
    let Some(found) = ini.key(section, key) else { return Ok(None) };
    let Some(item) = item else { return Ok(Some(text_of(text, found))) };
    Ok(List::new(text, found).find(item).map(|(_, span)| text[span].to_owned()))
}

/// What stands at a piece's place, with the comment lines above it where they are the piece's.
fn text_of_piece(text: &str, ini: &Ini, piece: &Piece) -> Result<Option<String>, EditError> {
    let (section, key, item) = parts(&piece.at)?;
    match (ini.key(section, key), item) {
        (Some(found), None) => {
            let lines = with_comments(text, found, &unified(&piece.text));
            Ok(Some(bare(&text[lines])))
        }
        _ => text_at(text, ini, &piece.at),
    }
}

/// The lines of a key, with the comment lines above it where they are those of `piece`.
fn with_comments(text: &str, key: &Key, piece: &str) -> Range<usize> {
    let comments: Vec<&str> = piece.lines().take_while(|line| is_comment(line)).collect();
    matching_above(text, key.lines.start, &comments)..key.lines.end
}

fn parts(at: &Locator) -> Result<(&str, &str, Option<&Item>), EditError> {
    match at {
        Locator::IniKey { section, key } => Ok((section, key, None)),
        Locator::IniItem { section, key, item } => Ok((section, key, Some(item))),
        _ => Err(foreign()),
    }
}

fn foreign() -> EditError {
    unsupported("the place is not one of an INI file")
}

fn text_of(text: &str, key: &Key) -> String {
    bare(&text[key.lines.clone()])
}

/// Lines without the indentation of the first one.
fn bare(lines: &str) -> String {
    let lines = unified(lines).into_owned();
    let indent = indentation(&lines);
    let bare: Vec<&str> = lines.lines().map(|line| line.strip_prefix(indent).unwrap_or(line)).collect();
    bare.join("\n").trim_end().to_owned()
}

fn value_mut<'a>(values: &'a mut Values, section: &str, key: &str) -> Option<&'a mut String> {
    let key = key.to_lowercase();
    let (_, keys) = values.iter_mut().find(|(name, _)| name == section)?;
    keys.iter_mut().find(|(name, _)| *name == key).map(|(_, value)| value)
}

fn is_needed(ini: &Ini, glue: &Glue) -> bool {
    match glue {
        Glue::IniSection { section } => ini.section(section).is_some(),
        Glue::IniList { section, key } => ini.key(section, key).is_some(),
        Glue::File => true,
        _ => false,
    }
}

/// Applies a change and requires that the file says what is expected after it.
fn apply(
    source: Source<'_>,
    splices: Vec<Splice>,
    expected: &Values,
    list: Option<&(String, String)>,
) -> Result<String, EditError> {
    let made = source.finish(splices)?;
    let differs = || unsupported("the change would alter other values of the file");
    let after = parse::parse(Source::new(&made).text()).map_err(|_| differs())?.values();
    let compared = |values: &Values| {
        let mut values = values.clone();
        if let Some((section, key)) = list
            && let Some(value) = value_mut(&mut values, section, key)
        {
            *value = list::tokens(value).join("\n");
        }
        values
    };
    if compared(&after) != compared(expected) {
        return Err(differs());
    }
    Ok(made)
}
