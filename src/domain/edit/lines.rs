//! Files that are lists of lines: `.gitignore` and its like, and requirements files.

use std::ops::Range;

use super::endings::refuse_lines_in_lines;
use super::requirement;
use super::splice::{Source, Splice, line_start, merge, unified, unsupported};
use super::{Cut, EditError, Inserted, Replaced};
use crate::domain::piece::{Glue, Locator, Piece};

/// A line, or the several that backslashes join to one.
struct Logical {
    /// With the line ending.
    span: Range<usize>,
    /// The normalised name where it is a requirement.
    name: Option<String>,
}

/// Inserts the lines that are not there yet: requirements in order where the file is sorted, else behind the last
/// requirement; other lines at the end.
///
/// # Errors
/// `Unsupported` for a requirement without hashes in a file that has them, which pip would refuse, and for lines that pip
/// ends elsewhere.
pub fn insert(raw: &str, pieces: &[&Piece]) -> Result<Inserted, EditError> {
    let source = Source::new(raw);
    let text = source.text();
    let lines = Lines::read(text);
    if pieces.iter().any(|piece| matches!(piece.at, Locator::RequirementLine { .. })) {
        refuse_lines_in_lines(text)?;
    }
    let mut result = Inserted::default();
    let mut places: Vec<(usize, String, String)> = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        if let Some(line) = lines.find(&piece.at) {
            result.present.push((index, content(text, line)));
        } else if pieces[..index].iter().any(|other| other.at == piece.at) {
            result.present.push((index, piece.text.clone()));
        } else {
            let (at, order) = match &piece.at {
                Locator::RequirementLine { name } => {
                    refuse_mixed_hashes(text, piece)?;
                    lines.place(&requirement::name(name))
                }
                _ => (end(text), String::new()),
            };
            refuse_joined(text, at)?;
            places.push((at, order, format!("{}\n", unified(&piece.text).trim_end())));
        }
    }
    places.sort_by(|left, right| (left.0, &left.1).cmp(&(right.0, &right.1)));
    result.text = source.finish(places.into_iter().map(|(at, _, line)| Splice::insert(at, line)).collect())?;
    Ok(result)
}

/// Cuts the lines that stand there as they are ours.
///
/// # Errors
/// See [`EditError`].
pub fn cut(raw: &str, pieces: &[&Piece], glue: &[Glue]) -> Result<Cut, EditError> {
    let source = Source::new(raw);
    let text = source.text();
    let lines = Lines::read(text);
    let mut result = Cut::default();
    let mut ranges = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        match lines.standing(piece) {
            None => result.missing.push(index),
            Some((_, Some(edited))) => result.edited.push((index, edited)),
            Some((line, None)) => ranges.push(line.span.clone()),
        }
    }
    merge(&mut ranges);
    let text = source.finish(ranges.into_iter().map(Splice::cut).collect())?;
    if !glue.contains(&Glue::File) {
        result.text = Some(text);
    } else if !Source::new(&text).text().trim().is_empty() {
        result.text = Some(text);
        result.glue.push(Glue::File);
    }
    Ok(result)
}

/// Replaces the lines that stand there as they are ours.
///
/// # Errors
/// See [`EditError`]; `Unsupported` also where an old and a new piece have different places.
pub fn replace(raw: &str, changes: &[(&Piece, &Piece)]) -> Result<Replaced, EditError> {
    let source = Source::new(raw);
    let text = source.text();
    let lines = Lines::read(text);
    let mut result = Replaced::default();
    let mut splices = Vec::new();
    for (index, (old, new)) in changes.iter().enumerate() {
        if old.at != new.at {
            return Err(unsupported(format!("`{}` is replaced at another place", old.text)));
        }
        match lines.standing(old) {
            None => result.missing.push(index),
            Some((_, Some(edited))) => result.edited.push((index, edited)),
            Some((line, None)) => {
                let span = line.span.clone();
                let written = text[span.clone()].trim_end_matches(['\r', '\n']).len();
                let at = span.start..span.start + written;
                splices.push(Splice { at, text: new.text.trim_end().to_owned() });
            }
        }
    }
    result.text = source.finish(splices)?;
    Ok(result)
}

/// The lines that stand at these places.
///
/// # Errors
/// None; the type is that of the other editors.
#[expect(clippy::unnecessary_wraps, reason = "all editors have the same four functions")]
pub fn find(raw: &str, at: &[&Locator]) -> Result<Vec<Option<String>>, EditError> {
    let text = Source::new(raw).text();
    let lines = Lines::read(text);
    let found = at.iter().map(|locator| lines.find(locator).map(|line| content(text, line)));
    Ok(found.collect())
}

/// The lines of a file in both readings.
struct Lines<'a> {
    text: &'a str,
    /// As they are written.
    written: Vec<Logical>,
    /// As pip reads them: a backslash at the end joins the next line.
    joined: Vec<Logical>,
}

impl<'a> Lines<'a> {
    fn read(text: &'a str) -> Self {
        Self { text, written: written_lines(text), joined: joined_lines(text) }
    }

    fn of(&self, at: &Locator) -> &[Logical] {
        if matches!(at, Locator::RequirementLine { .. }) { &self.joined } else { &self.written }
    }

    fn find(&self, at: &Locator) -> Option<&Logical> {
        let is_it: Box<dyn Fn(&Logical) -> bool> = match at {
            Locator::RequirementLine { name } => {
                let name = requirement::name(name);
                Box::new(move |line| line.name.as_ref() == Some(&name))
            }
            Locator::Line { line: wanted } => {
                Box::new(move |line| self.text[line.span.clone()].trim() == wanted.trim())
            }
            _ => return None,
        };
        self.of(at).iter().find(|line| is_it(line))
    }

    /// The line of a piece, and what stands there where it is not our text.
    fn standing(&self, piece: &Piece) -> Option<(&Logical, Option<String>)> {
        let ours = unified(&piece.text);
        let exact = self.of(&piece.at).iter().find(|line| content(self.text, line).trim() == ours.trim());
        let line = exact.or_else(|| self.find(&piece.at))?;
        Some((line, exact.is_none().then(|| content(self.text, line))))
    }

    /// Where a requirement goes, and what orders it among others that go there.
    fn place(&self, name: &str) -> (usize, String) {
        let requirements: Vec<(&str, &Logical)> =
            self.joined.iter().filter_map(|line| Some((line.name.as_deref()?, line))).collect();
        let Some((_, last)) = requirements.last() else {
            // Above the comments that end the file: once a line stands under them they are its own.
            let end = end(self.text);
            return (above_comments(self.text, end, 1), name.to_owned());
        };
        if !requirements.is_sorted_by_key(|(name, _)| *name) {
            return (behind(self.text, last), String::new());
        }
        match requirements.iter().position(|(other, _)| *other > name) {
            Some(0) => (above_comments(self.text, requirements[0].1.span.start, 1), name.to_owned()),
            Some(index) => (above_comments(self.text, requirements[index].1.span.start, 0), name.to_owned()),
            None => (behind(self.text, last), name.to_owned()),
        }
    }
}

fn content(text: &str, line: &Logical) -> String {
    let written = unified(&text[line.span.clone()]).into_owned();
    written.trim_end().to_owned()
}

fn written_lines(text: &str) -> Vec<Logical> {
    let mut start = 0;
    let spans = text.split_inclusive('\n').map(|line| {
        start += line.len();
        Logical { span: start - line.len()..start, name: None }
    });
    spans.collect()
}

fn joined_lines(text: &str) -> Vec<Logical> {
    let mut lines: Vec<Logical> = Vec::new();
    let mut joined = false;
    for Logical { span, .. } in written_lines(text) {
        let line = &text[span.clone()];
        // A comment line joins nothing, and ends what was joined to it.
        let comment = line.trim_start().starts_with('#');
        match lines.last_mut() {
            Some(last) if joined => last.span.end = span.end,
            _ => lines.push(Logical { span, name: requirement_name(line) }),
        }
        joined = !comment && is_continued(line);
    }
    lines
}

fn is_continued(line: &str) -> bool {
    line.trim_end_matches(['\r', '\n']).ends_with('\\')
}

/// Where a comment begins as pip sees it: at a `#` that begins the line or follows a blank.
fn comment_start(line: &str) -> usize {
    let begins = |at: &usize| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    line.match_indices('#').map(|(at, _)| at).find(begins).unwrap_or(line.len())
}

/// A line is not put behind one that would swallow it.
fn refuse_joined(text: &str, at: usize) -> Result<(), EditError> {
    let above = text[..at].lines().next_back().unwrap_or_default();
    if is_continued(above) && !above.trim_start().starts_with('#') {
        return Err(unsupported(format!("the line `{}` ends with a backslash", above.trim())));
    }
    Ok(())
}

/// The normalised name of a requirement line; options, comments, paths and bare URLs have none.
fn requirement_name(line: &str) -> Option<String> {
    let line = line.trim();
    if !line.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let ends = rest.is_empty() || rest.starts_with([' ', '\t', '[', '<', '>', '=', '!', '~', ';', '@', '(', '\\', '#']);
    ends.then(|| requirement::name(line))
}

fn refuse_mixed_hashes(text: &str, piece: &Piece) -> Result<(), EditError> {
    let options = text.lines().flat_map(|line| line[..comment_start(line)].split_whitespace());
    let mut options = options.map(|word| word.split('=').next().unwrap_or(word));
    if options.any(|option| matches!(option, "--hash" | "--require-hashes")) && !piece.text.contains("--hash") {
        return Err(unsupported(format!("the requirements have hashes and `{}` has none", piece.text)));
    }
    Ok(())
}

/// The start of the comments directly above a line, or of the line where the comments begin before `earliest`: what
/// stands at the top of a file is about the file.
fn above_comments(text: &str, line: usize, earliest: usize) -> usize {
    let mut start = line;
    while start > 0 {
        let above = line_start(text, start - usize::from(text[..start].ends_with('\n')));
        if !text[above..start].starts_with('#') {
            break;
        }
        start = above;
    }
    if start < earliest { line } else { start }
}

/// Behind a requirement and the indented comments under it, as `pip-compile` writes them.
fn behind(text: &str, line: &Logical) -> usize {
    let mut end = line.span.end;
    for below in text[end..].split_inclusive('\n') {
        if !(below.starts_with([' ', '\t']) && below.trim_start().starts_with('#')) {
            break;
        }
        end += below.len();
    }
    end
}

/// Behind the last line that is not blank.
fn end(text: &str) -> usize {
    let content = text.trim_end().len();
    if content == 0 { 0 } else { super::splice::line_end(text, content) }
}

#[cfg(test)]
mod tests;
