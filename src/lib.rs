//! Sets up Python projects and keeps them healthy.

pub mod domain;
pub mod system;
