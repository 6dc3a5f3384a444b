//! All effects, and nothing but effects.

pub mod interrupt;
pub mod process;
