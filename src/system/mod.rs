//! All effects, and nothing but effects.

pub mod environment;
pub mod interrupt;
pub mod load;
pub mod process;
pub mod settings;
