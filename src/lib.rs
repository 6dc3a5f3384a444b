//! Sets up Python projects and keeps them healthy.

pub mod domain;
pub mod error;
pub mod system;
pub mod ui;
