//! The project's virtual environment.
