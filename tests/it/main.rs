//! The real binary with real Python, pip, uv, git and pre-commit; one file a subject.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "tests prepare and judge effects, and fail by panicking"
)]

mod cases;
mod cli;
mod common;
mod config;
mod doctor_ci;
mod doctor_cli;
mod doctor_editor;
mod doctor_forms;
mod doctor_git;
mod doctor_hooks;
mod doctor_hosts;
mod doctor_interpreter;
mod doctor_kinds;
mod doctor_machine;
mod doctor_many;
mod doctor_own;
mod doctor_packages;
mod doctor_pairs;
mod doctor_peers;
mod doctor_products;
mod doctor_prompt;
mod doctor_pyproject;
mod doctor_security;
mod doctor_settings;
mod doctor_start;
mod doctor_tools;
mod doctor_venv;
mod doctor_verdict;
mod environments;
mod foreign_locks;
mod full;
mod hostile;
mod house;
mod init;
mod new_degrade;
mod new_git;
mod new_interrupt;
mod new_neutral;
mod new_ok;
mod new_refuse;
mod plan;
mod python_list;
mod readme;
mod repositories;
mod sync;
mod sync_kinds;
mod tools_change;
mod verify;
mod wizard;
mod world;
