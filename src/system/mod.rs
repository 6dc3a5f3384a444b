//! All effects, and nothing but effects.

pub mod interpreter;
pub mod interrupt;
pub mod process;
