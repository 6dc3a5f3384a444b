//! All effects, and nothing but effects.

pub mod git;
pub mod interrupt;
pub mod load;
pub mod process;
pub mod settings;
