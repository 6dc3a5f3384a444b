//! What every test of the binary stands on: a world of its own, a package index, real tools, and ways to look at what happened.

pub mod fakes;
pub mod faults;
pub mod gits;
pub mod index;
#[cfg(unix)]
pub mod injected;
pub mod kinds;
pub mod mounts;
pub mod processes;
pub mod project;
pub mod pty;
pub mod shared;
pub mod snapshot;
pub mod world;

pub use index::{Behaviour, Index};
pub use snapshot::Snapshot;
pub use world::{Outcome, World};
