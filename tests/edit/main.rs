//! The laws of the editors of a user's files: on files of real projects, on generated ones, with Python as the judge.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests may crash, and see the machine as it is"
)]

mod case;
mod corpus;
mod files;
mod generated;
mod judge;
mod laws;
mod pieces;
#[path = "../it/common/shared.rs"]
#[allow(dead_code, reason = "the tests of the binary use the rest")]
mod shared;
mod tools;
