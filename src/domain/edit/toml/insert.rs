//! Keys and items put into a TOML file.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::{DeArray, DeValue};

use super::super::splice::{Source, Splice, indentation, line_start, unsupported};
use super::super::{EditError, Inserted};
use super::array::{NewItem, Written, joined, sorted};
use super::layout::{Layout, parse_values};
use super::place::{Blocks, Place, behind_keys, of_table, quoted};
use super::value::{Change, Found, lookup};
use super::wanted::{STEP, Style, Wanted, document};
use crate::domain::piece::{Glue, Piece};

/// Inserts the pieces that are not there yet.
///
/// # Errors
/// See [`EditError`].
pub fn insert(raw: &str, pieces: &[&Piece]) -> Result<Inserted, EditError> {
    let source = Source::new(raw);
    let layout = Layout::parse(source.text())?;
    let documents: Vec<Cow<'_, str>> = pieces.iter().map(|piece| document(piece)).collect();
    let wanted = pieces.iter().zip(&documents).map(|(piece, text)| Wanted::read(piece, text));
    let wanted: Vec<Wanted<'_>> = wanted.collect::<Result<_, _>>()?;

    let mut additions = Additions { layout: &layout, tables: Vec::new(), arrays: Vec::new(), present: Vec::new() };
    let mut change = Change::default();
    let mut seen = BTreeSet::new();
    for (index, piece) in wanted.iter().enumerate() {
        if !seen.insert((&piece.path, piece.item)) {
            additions.present.push((index, pieces[index].text.clone()));
        } else if additions.add(index, piece)? {
            match piece.item {
                Some(_) => change.item(&piece.path, piece.value()),
                None => change.key(&piece.path, piece.value()),
            }
        }
    }
    let (splices, glue) = additions.splices()?;
    let present = additions.present;
    if splices.is_empty() {
        return Ok(Inserted { text: raw.to_owned(), glue, present });
    }
    let text = source.finish(splices)?;
    if !change.explains(&parse_result(&text)?, &layout.values) {
        return Err(unsupported("inserting would change other values of the file"));
    }
    Ok(Inserted { text, glue, present })
}

/// The values of a text that we made.
///
/// # Errors
/// `Unsupported` where it does not parse.
pub fn parse_result(text: &str) -> Result<toml::de::DeTable<'_>, EditError> {
    parse_values(Source::new(text).text())
        .map_err(|error| unsupported(format!("the edited file would be invalid: {error}")))
}

/// A key to be written.
enum NewEntry<'w, 'p> {
    Key(&'w Wanted<'p>),
    Array(&'p str, Vec<&'w Wanted<'p>>),
}

/// New items for an array that is there.
struct NewItems<'w, 'p, 'l, 'a> {
    span: Range<usize>,
    values: &'l DeArray<'a>,
    items: Vec<&'w Wanted<'p>>,
}

struct Additions<'w, 'p, 'l, 'a> {
    layout: &'l Layout<'a>,
    tables: Vec<(&'w [&'p str], Vec<NewEntry<'w, 'p>>)>,
    arrays: Vec<NewItems<'w, 'p, 'l, 'a>>,
    present: Vec<(usize, String)>,
}

impl<'w, 'p> Additions<'w, 'p, '_, '_> {
    /// Notes a piece; `false` where something stands at its place.
    fn add(&mut self, index: usize, piece: &'w Wanted<'p>) -> Result<bool, EditError> {
        let found = lookup(&self.layout.values, &piece.path)?;
        match (piece.item, found) {
            (None, Found::Nothing) => self.entries(piece).push(NewEntry::Key(piece)),
            (None, Found::Value(..)) => {
                let text = super::key_text(self.layout, &piece.path, &piece.comments_above()).unwrap_or_default();
                self.present.push((index, text));
                return Ok(false);
            }
            (Some(_), Found::Nothing) => {
                let key = piece.path[piece.path.len() - 1];
                let entries = self.entries(piece);
                let array = entries.iter_mut().find_map(|entry| match entry {
                    NewEntry::Array(name, items) if *name == key => Some(items),
                    _ => None,
                });
                match array {
                    Some(items) => items.push(piece),
                    None => entries.push(NewEntry::Array(key, vec![piece])),
                }
            }
            (Some(_), Found::Value(value, span)) => return self.add_item(index, piece, (value, span)),
        }
        Ok(true)
    }

    fn entries(&mut self, piece: &'w Wanted<'p>) -> &mut Vec<NewEntry<'w, 'p>> {
        let table = &piece.path[..piece.path.len() - 1];
        let index = self.tables.iter().position(|(path, _)| *path == table).unwrap_or_else(|| {
            self.tables.push((table, Vec::new()));
            self.tables.len() - 1
        });
        &mut self.tables[index].1
    }
}

impl<'w, 'p, 'l, 'a> Additions<'w, 'p, 'l, 'a> {
    fn add_item(
        &mut self,
        index: usize,
        piece: &'w Wanted<'p>,
        (value, span): (&'l DeValue<'a>, Range<usize>),
    ) -> Result<bool, EditError> {
        let array = match value {
            DeValue::Array(array) if !self.layout.is_array_of_tables(&piece.path) => array,
            _ => return Err(unsupported(format!("{} is not an array", piece.path.join(".")))),
        };
        if let Some(at) = piece.item.and_then(|item| super::wanted::position(item, array)) {
            let item = Written::read(self.layout, &span).item(at).unwrap_or_default();
            self.present.push((index, self.layout.text[item].replace("\r\n", "\n")));
            return Ok(false);
        }
        match self.arrays.iter_mut().find(|new| new.span == span) {
            Some(new) => new.items.push(piece),
            None => self.arrays.push(NewItems { span, values: array, items: vec![piece] }),
        }
        Ok(true)
    }

    fn splices(&self) -> Result<(Vec<Splice>, Vec<Glue>), EditError> {
        let mut splices = Vec::new();
        let mut glue = Vec::new();
        let mut blocks = Blocks::default();
        let step = step(self.layout);
        for new in &self.arrays {
            let base = indentation(&self.layout.text[line_start(self.layout.text, new.span.start)..]);
            let items: Vec<NewItem> = new.items.iter().map(|piece| new_item(piece)).collect();
            splices.extend(Written::read(self.layout, &new.span).insert(new.values, &items, &format!("{base}{step}")));
        }
        for (table, entries) in &self.tables {
            let owned = || table.iter().map(|part| (*part).to_owned()).collect();
            for entry in entries {
                if let NewEntry::Array(key, _) = entry {
                    glue.push(Glue::TomlArray { table: owned(), key: (*key).to_owned() });
                }
            }
            let lines = |indent: &str, prefix: &str| -> String {
                entries.iter().map(|entry| entry.lines(&Style { indent, prefix, step })).collect()
            };
            match of_table(self.layout, table)? {
                Place::Section(index) => {
                    let at = behind_keys(self.layout, index);
                    splices.push(Splice::insert(at, lines(self.layout.indent(index), "")));
                }
                Place::Dotted { after, section, prefix } => {
                    let at = self.layout.behind_entry(after);
                    splices.push(Splice::insert(at, lines(self.layout.indent(section), prefix)));
                }
                Place::New => {
                    glue.push(Glue::TomlTable { table: owned() });
                    blocks.add(self.layout, table, &lines("", ""));
                }
            }
        }
        splices.extend(blocks.splices(self.layout.text));
        Ok((splices, glue))
    }
}

impl NewEntry<'_, '_> {
    fn lines(&self, style: &Style<'_>) -> String {
        let Style { indent, prefix, step } = style;
        match self {
            Self::Key(piece) => piece.lines(style),
            Self::Array(key, pieces) => {
                let texts = sorted(pieces.iter().map(|piece| new_item(piece)).collect());
                let items = joined(&texts, &format!("{indent}{step}"), ",\n");
                format!("{indent}{prefix}{} = [\n{items}{indent}]\n", quoted(key))
            }
        }
    }
}

fn new_item(piece: &Wanted<'_>) -> NewItem {
    NewItem { text: piece.value_text().to_owned(), string: piece.value().as_str().map(str::to_owned) }
}

/// What a line of an array is indented by in this file: two or four spaces or a tab, four where nothing shows it.
pub fn step<'a>(layout: &Layout<'a>) -> &'a str {
    layout
        .first_lines_of_arrays()
        .find_map(|(array, line)| {
            let base = indentation(&layout.text[line_start(layout.text, array)..]);
            let step = indentation(&layout.text[line..]).strip_prefix(base);
            step.filter(|step| matches!(*step, "  " | "    " | "\t"))
        })
        .unwrap_or(STEP)
}
