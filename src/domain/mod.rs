//! What is wanted and how it becomes bytes: no I/O, no printing, no environment, no clock.

pub mod catalog;
pub mod edit;
pub mod facts;
pub mod piece;
pub mod plan;
pub mod progress;
pub mod python;
pub mod python_request;
pub mod tree;
