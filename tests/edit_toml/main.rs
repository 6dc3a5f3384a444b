//! The laws of the TOML editor, on files of projects and on generated ones.

mod corpus;
mod generated;
mod laws;
