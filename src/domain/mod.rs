//! What is wanted and how it becomes bytes: no I/O, no printing, no environment, no clock.

pub mod catalog;
pub mod declared;
pub mod edit;
pub mod editable;
pub mod facts;
pub mod git_config;
pub mod groups;
pub mod hook_file;
pub mod hooks;
pub mod names;
pub mod piece;
pub mod plan;
pub mod progress;
pub mod provenance;
pub mod python;
pub mod python_request;
pub mod reconcile;
pub mod redact;
pub mod render;
pub mod scaffold;
pub mod settings_text;
pub mod spec;
pub mod tree;
pub mod wanted;
