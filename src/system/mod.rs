//! All effects, and nothing but effects.
#![allow(clippy::disallowed_methods, reason = "this is where effects belong; clippy.toml lists them")]

pub mod apply;
pub mod aside;
pub mod birth;
pub mod clock;
pub mod disk;
pub mod environment;
mod fault;
mod files;
pub mod foreign_lock;
pub mod git;
pub mod interpreter;
pub mod interrupt;
mod journal;
pub mod load;
mod lock;
pub mod own_checks;
pub mod parallel;
mod prepare;
pub mod probe;
pub mod process;
pub mod project;
pub mod projects;
pub mod recover;
mod regular;
mod rights;
pub mod settings;
mod shelf;
pub mod spool;
pub mod surroundings;
#[cfg(test)]
mod tests;
pub mod undo;
