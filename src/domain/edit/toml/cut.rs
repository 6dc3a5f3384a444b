//! Keys and items taken out of a TOML file.

use std::borrow::Cow;
use std::ops::Range;

use toml::de::DeValue;

use super::super::splice::{Source, Splice, line_end, line_start, merge, unsupported};
use super::super::{Cut, EditError};
use super::array::Written;
use super::insert::parse_result;
use super::layout::{Layout, comments_above, comments_below};
use super::standing::{Standing, matching_comments, standing};
use super::value::{Change, Found, lookup};
use super::wanted::{Wanted, document};
use crate::domain::piece::{Glue, Piece};

/// Cuts the pieces that stand there as they are ours, and the glue that nothing stands in any more.
///
/// # Errors
/// See [`EditError`].
pub fn cut(raw: &str, pieces: &[&Piece], glue: &[Glue]) -> Result<Cut, EditError> {
    let source = Source::new(raw);
    let layout = Layout::parse(source.text())?;
    let documents: Vec<Cow<'_, str>> = pieces.iter().map(|piece| document(piece)).collect();
    let wanted = pieces.iter().zip(&documents).map(|(piece, text)| Wanted::read(piece, text));
    let wanted: Vec<Wanted<'_>> = wanted.collect::<Result<_, _>>()?;

    let mut work = Cutting { layout: &layout, glue, ranges: Vec::new(), arrays: Vec::new(), result: Cut::default() };
    let mut taken = vec![false; wanted.len()];
    for (index, piece) in wanted.iter().enumerate() {
        match standing(&layout, piece) {
            Standing::Missing => work.result.missing.push(index),
            Standing::Edited(text) => work.result.edited.push((index, text)),
            Standing::Key(entry) => {
                taken[index] = true;
                let start = matching_comments(&layout, entry, &piece.comments_above());
                work.ranges.push(start..layout.behind_entry(entry));
            }
            Standing::Item(span, at) => {
                taken[index] = true;
                work.note_item(span, at, index);
            }
        }
    }
    work.cut_arrays(&mut taken);
    work.cut_tables();
    let taken = wanted.iter().zip(taken).filter_map(|(piece, taken)| taken.then_some(piece));
    work.finish(&source, &change(taken, glue))
}

/// What is gone: the pieces, and of the glue what is empty.
fn change<'w>(taken: impl Iterator<Item = &'w Wanted<'w>>, glue: &[Glue]) -> Change<'w> {
    let mut change = Change::default();
    for piece in taken {
        match piece.item {
            Some(_) => change.item(&piece.path, piece.value()),
            None => change.key(&piece.path, piece.value()),
        }
    }
    for one in glue {
        match one {
            Glue::TomlTable { table } => {
                change.at(&strs(table));
            }
            Glue::TomlArray { table, key } => {
                change.at(&strs(table)).at(&[key]);
            }
            _ => {}
        }
    }
    change
}

/// An array by its span, with the indices of its items to cut and of their pieces.
type ItemsOf = (Range<usize>, Vec<(usize, usize)>);

struct Cutting<'l, 'a> {
    layout: &'l Layout<'a>,
    glue: &'l [Glue],
    ranges: Vec<Range<usize>>,
    arrays: Vec<ItemsOf>,
    result: Cut,
}

impl Cutting<'_, '_> {
    fn finish(mut self, source: &Source<'_>, change: &Change<'_>) -> Result<Cut, EditError> {
        merge(&mut self.ranges);
        let text = source.finish(self.ranges.into_iter().map(Splice::cut).collect())?;
        if !change.explains(&self.layout.values, &parse_result(&text)?) {
            return Err(unsupported("cutting would change other values of the file"));
        }
        if !self.glue.contains(&Glue::File) {
            self.result.text = Some(text);
        } else if !Source::new(&text).text().trim().is_empty() {
            self.result.text = Some(text);
            self.result.glue.push(Glue::File);
        }
        self.result.edited.sort();
        Ok(self.result)
    }

    fn note_item(&mut self, span: Range<usize>, at: usize, piece: usize) {
        match self.arrays.iter_mut().find(|(array, _)| *array == span) {
            Some((_, items)) => items.push((at, piece)),
            None => self.arrays.push((span, vec![(at, piece)])),
        }
    }

    fn cut_arrays(&mut self, taken: &mut [bool]) {
        let mut ours: Vec<Range<usize>> = Vec::new();
        for one in self.glue {
            let Glue::TomlArray { table, key } = one else { continue };
            let mut path = strs(table);
            path.push(key);
            let Some((_, entry)) = self.layout.entry(&path) else { continue };
            let gone = self.arrays.iter().find(|(span, _)| *span == entry.value).map_or(0, |(_, items)| items.len());
            if self.item_count(&path) == Some(gone)
                && self.layout.comments(&(entry.value.start..entry.end())).is_empty()
            {
                ours.push(entry.value.clone());
                self.ranges.push(self.layout.entry_line(entry)..self.layout.behind_entry(entry));
            } else {
                self.result.glue.push(one.clone());
            }
        }
        for (span, mut items) in std::mem::take(&mut self.arrays) {
            if ours.contains(&span) {
                continue;
            }
            items.sort_unstable();
            let written = Written::read(self.layout, &span);
            let cuts = loop {
                let indices: Vec<usize> = items.iter().map(|(at, _)| *at).collect();
                let cuts = written.cut(&indices);
                let commented = cuts.iter().find(|(range, _)| !self.may_go(range));
                let Some((_, kept)) = commented else { break cuts };
                for (at, piece) in items.iter().filter(|(at, _)| kept.contains(at)) {
                    let text = written.item(*at).map(|item| self.layout.text[item].replace("\r\n", "\n"));
                    self.result.edited.push((*piece, text.unwrap_or_default()));
                    taken[*piece] = false;
                }
                items.retain(|(at, _)| !kept.contains(at));
                if items.is_empty() {
                    break Vec::new();
                }
            };
            self.ranges.extend(cuts.into_iter().map(|(range, _)| range));
        }
    }

    /// Whether no comment of the user's goes with a span of an array, or it does with the whole line of an item.
    fn may_go(&self, span: &Range<usize>) -> bool {
        let text = self.layout.text;
        let is_line = line_start(text, span.start) == span.start && text[span.clone()].ends_with('\n');
        self.layout.comments(span).is_empty() || is_line && self.insists()
    }

    fn insists(&self) -> bool {
        self.glue.contains(&Glue::Comments)
    }

    fn item_count(&self, path: &[&str]) -> Option<usize> {
        match lookup(&self.layout.values, path) {
            Ok(Found::Value(DeValue::Array(array), _)) => Some(array.len()),
            _ => None,
        }
    }

    /// Cuts the headers of ours that have no keys and no comments of the user any more, with one blank line each.
    fn cut_tables(&mut self) {
        let mut headers: Vec<(usize, &Glue)> = self
            .glue
            .iter()
            .filter_map(|one| match one {
                Glue::TomlTable { table } => self.layout.section(&strs(table)).map(|index| (index, one)),
                _ => None,
            })
            .collect();
        headers.sort_unstable();
        let text = self.layout.text;
        let mut top = 0;
        for (index, one) in headers {
            let section = &self.layout.sections[index];
            let line = line_start(text, section.header.start);
            let is_cut = |at: usize| self.ranges.iter().any(|range| range.contains(&at));
            let region = section.header.end..self.layout.section_end(index).max(section.header.end);
            let is_comment = |at: &usize| !is_cut(*at);
            let comments = self.layout.comment_starts(&region);
            let keys = self.layout.entries(section).last().map(|entry| self.layout.behind_entry(entry));
            let insists = keys.is_some() && self.insists();
            let has_comments = || comments.iter().any(is_comment) || comments_above(text, line) != line;
            if self.layout.entries(section).iter().any(|entry| !is_cut(entry.start())) || !insists && has_comments() {
                self.result.glue.push(one.clone());
                continue;
            }
            let mut range = line..keys.unwrap_or_else(|| line_end(text, section.header.end));
            if insists {
                // Comments directly above the next header are that one's.
                let below = comments_below(text, range.end).min(self.layout.section_start(index + 1));
                range = comments_above(text, line)..below.max(range.end);
            }
            let line = range.start;
            if line == top {
                let next = line_end(text, range.end);
                if text[range.end..next].trim().is_empty() && !text[next..].trim().is_empty() {
                    range.end = next;
                }
                top = range.end;
            } else {
                let above = line_start(text, line - 1);
                if text[above..line].trim().is_empty() {
                    range.start = above;
                }
            }
            self.ranges.push(range);
        }
    }
}

fn strs(parts: &[String]) -> Vec<&str> {
    parts.iter().map(String::as_str).collect()
}
