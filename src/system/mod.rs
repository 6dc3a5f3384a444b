//! All effects, and nothing but effects.

pub mod apply;
pub mod birth;
pub mod disk;
mod fault;
mod files;
pub mod interrupt;
mod journal;
mod lock;
mod prepare;
pub mod process;
pub mod recover;
mod rights;
mod shelf;
#[cfg(test)]
mod tests;
pub mod undo;
