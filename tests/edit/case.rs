//! An edit for Python to judge.

use pyenvkit::domain::edit::splice::unified;
use pyenvkit::domain::piece::Piece;
use serde_json::{Value, json};

/// What stood in a file, what stands in it now, and what was wanted, as `judge.py` reads them.
pub struct Case(pub Value);

impl Case {
    pub fn new(old: &str, new: &str, wanted: &[Piece]) -> Self {
        let wanted: Vec<Value> =
            wanted.iter().map(|piece| json!({ "at": piece.at, "text": unified(&piece.text) })).collect();
        Self(json!({ "old": old, "new": new, "wanted": wanted }))
    }
}
