//! All effects, and nothing but effects.
#![allow(clippy::disallowed_methods, reason = "this is where effects belong; clippy.toml lists them")]

pub mod git;
pub mod environment;
pub mod interpreter;
pub mod interrupt;
pub mod load;
pub mod process;
pub mod settings;
pub mod apply;
pub mod disk;
mod fault;
mod files;
pub mod interrupt;
mod journal;
mod lock;
mod prepare;
pub mod process;
pub mod recover;
pub mod undo;
