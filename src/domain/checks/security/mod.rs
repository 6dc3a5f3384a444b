//! SEC: whether secrets leave the machine, and whether strangers can send packages to it.

mod index;
mod secrets;

pub use index::UNSAFE_INDEX;
pub use secrets::{SECRETS_TRACKED, is_private};
