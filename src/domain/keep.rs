//! Where texts wait until it is known in which order they are printed; `system` keeps them, `ui` prints them, neither knows the
//! other.

use anyhow::Result;

/// What finds a text again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The text itself.
    Here(String),
    /// So many bytes from here.
    There { at: u64, length: usize },
}

/// Keeps texts.
pub trait Keep {
    /// Keep a text.
    fn put(&mut self, text: String) -> Kept;

    /// The text again.
    ///
    /// # Errors
    /// It cannot be read any more.
    fn get(&mut self, kept: Kept) -> Result<String>;
}
