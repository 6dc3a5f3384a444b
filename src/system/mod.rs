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
#[cfg(test)]
mod tests;
pub mod undo;
