//! The laws of `tests/edit` on files that libFuzzer makes up: `just fuzz`.
//!
//! An input is the file itself, so that seeds are files and a finding can be read, kept and tried by hand.

#![allow(dead_code, reason = "the tests use the rest of what is shared with them")]

#[path = "../../tests/edit/case.rs"]
mod case;
#[path = "../../tests/edit/files.rs"]
mod files;
#[path = "../../tests/edit/laws.rs"]
mod laws;
#[path = "../../tests/edit/pieces.rs"]
mod pieces;

pub use files::Kind;
use laws::{Pairs, assert_unbroken, check};
use pieces::Wish;

/// How many pieces are tried in one file.
const PIECES: usize = 3;

/// Holds a file against the laws with some of the pieces of its kind, which follow from its length.
///
/// # Panics
/// A law is broken.
pub fn hold(kind: Kind, file: &[u8]) {
    let Ok(text) = std::str::from_utf8(file) else { return };
    let all = pieces::of(kind);
    let wishes: Vec<Wish> = (0..PIECES).map(|index| all[(text.len() + index) % all.len()].clone()).collect();
    assert_unbroken(check(Some(text), &wishes, Pairs::Neighbours).broken);
}
