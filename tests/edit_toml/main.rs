//! The laws of the TOML editor, on files of projects and on generated ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests may crash, and see the machine as it is"
)]

mod corpus;
mod generated;
mod laws;
