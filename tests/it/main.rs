//! The real binary with real Python, pip, uv, git and pre-commit; one file a subject.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests prepare and judge effects, and fail by panicking"
)]

mod common;
mod house;
mod world;
