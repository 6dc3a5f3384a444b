//! SIGINT, SIGTERM and SIGHUP (Ctrl-C and closing on Windows): noticed once, asked for everywhere.
//!
//! The handler only records the signal; whoever waits for a child stops it and returns [`Interrupted`], so that the
//! stack unwinds through every clean-up before the process ends with 128 + the signal's number.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

static SET: AtomicBool = AtomicBool::new(false);

/// The work was stopped by a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Whether a signal has come.
#[must_use]
pub fn is_set() -> bool {
    SET.load(Ordering::SeqCst)
}

/// # Errors
/// A signal has come.
pub fn check() -> Result<(), Interrupted> {
    if is_set() { Err(Interrupted) } else { Ok(()) }
}
