//! Keys and items of a TOML file given a new text where they stand.

use super::super::splice::{Source, Splice, unsupported};
use super::super::{EditError, Replaced};
use super::array::Written;
use super::insert::{parse_result, step};
use super::layout::{Entry, Layout};
use super::standing::{Standing, matching_comments, standing};
use super::value::Change;
use super::wanted::{Style, Wanted, document};
use crate::domain::piece::Piece;

/// Replaces the pieces that stand there as they are ours.
///
/// # Errors
/// See [`EditError`]; `Unsupported` also where an old and a new piece have different places.
pub fn replace(raw: &str, changes: &[(&Piece, &Piece)]) -> Result<Replaced, EditError> {
    let source = Source::new(raw);
    let layout = Layout::parse(source.text())?;
    let documents: Vec<_> = changes.iter().map(|(old, new)| (document(old), document(new))).collect();
    let mut wanted = Vec::with_capacity(changes.len());
    for ((old, new), (old_text, new_text)) in changes.iter().zip(&documents) {
        let (old, new) = (Wanted::read(old, old_text)?, Wanted::read(new, new_text)?);
        if (&old.path, old.item) != (&new.path, new.item) {
            return Err(unsupported(format!("{} is replaced at another place", old.path.join("."))));
        }
        wanted.push((old, new));
    }
    let mut result = Replaced::default();
    let mut splices = Vec::new();
    let mut change = Change::default();
    for (index, (old, new)) in wanted.iter().enumerate() {
        let splice = match standing(&layout, old) {
            Standing::Missing => {
                result.missing.push(index);
                continue;
            }
            Standing::Edited(text) => {
                result.edited.push((index, text));
                continue;
            }
            Standing::Key(entry) => replaced_key(&layout, entry, old, new),
            Standing::Item(span, at) => {
                let written = Written::read(&layout, &span);
                Splice { at: written.item(at).unwrap_or_default(), text: written.quoted_as(at, new.value_text()) }
            }
        };
        change.swap(&old.path, old.value(), new.value());
        splices.push(splice);
    }
    result.text = source.finish(splices)?;
    if !change.explains(&layout.values, &parse_result(&result.text)?) {
        return Err(unsupported("replacing would change other values of the file"));
    }
    Ok(result)
}

fn replaced_key(layout: &Layout<'_>, entry: &Entry<'_>, old: &Wanted<'_>, new: &Wanted<'_>) -> Splice {
    let line = layout.entry_line(entry);
    let prefix = &layout.text[entry.start()..entry.starts[entry.starts.len() - 1]];
    let mut text = new.lines(&Style { indent: &layout.text[line..entry.start()], prefix, step: step(layout) });
    text.truncate(text.trim_end_matches('\n').len());
    Splice { at: matching_comments(layout, entry, &old.comments_above())..entry.end(), text }
}
