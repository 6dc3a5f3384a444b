//! Whether a piece stands in a TOML file as it is ours.

use std::ops::Range;

use toml::de::DeValue;

use super::super::splice::matching_above;
use super::array::Written;
use super::layout::{Entry, Layout};
use super::value::{Found, lookup, same};
use super::wanted::Wanted;

/// Where a piece stands.
pub enum Standing<'l, 'a> {
    Missing,
    /// With another value than ours, or with comments of the user.
    Edited(String),
    Key(&'l Entry<'a>),
    /// In the array of this span, with this index.
    Item(Range<usize>, usize),
}

/// Looks a piece up.
pub fn standing<'l, 'a>(layout: &'l Layout<'a>, piece: &Wanted<'_>) -> Standing<'l, 'a> {
    let Ok(Found::Value(value, span)) = lookup(&layout.values, &piece.path) else { return Standing::Missing };
    if piece.item.is_some() {
        let DeValue::Array(array) = value else { return Standing::Missing };
        let at = piece.position(array).filter(|_| !layout.is_array_of_tables(&piece.path));
        let Some(at) = at else { return Standing::Missing };
        let item = array.get(at).is_some_and(|item| same(item.get_ref(), piece.value()));
        if item {
            return Standing::Item(span, at);
        }
        let written = Written::read(layout, &span).item(at).unwrap_or_default();
        return Standing::Edited(layout.text[written].replace("\r\n", "\n"));
    }
    match layout.entry(&piece.path) {
        Some((_, entry)) if same(value, piece.value()) && has_our_comments(layout, entry, piece) => {
            Standing::Key(entry)
        }
        _ => Standing::Edited(super::key_text(layout, &piece.path, &piece.comments_above()).unwrap_or_default()),
    }
}

/// A comment that is not ours makes a key the user's.
fn has_our_comments(layout: &Layout<'_>, entry: &Entry<'_>, piece: &Wanted<'_>) -> bool {
    let inside = layout.comments(&entry.value);
    let behind = entry.comment.clone().map(|span| layout.text[span].trim_end());
    (inside.is_empty() || inside == piece.comments_inside()) && (behind.is_none() || behind == piece.comment_behind())
}

/// The start of a key's lines, with the comment lines above it where they are these.
pub fn matching_comments(layout: &Layout<'_>, entry: &Entry<'_>, comments: &[&str]) -> usize {
    matching_above(layout.text, layout.entry_line(entry), comments)
}
