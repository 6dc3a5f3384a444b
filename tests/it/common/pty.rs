//! The binary on a terminal.
#![cfg(unix)]

use rexpect::session::{PtySession, spawn_command};

use super::World;

/// How long the other side of a terminal may take to say the next thing, in milliseconds.
const PATIENCE: u64 = 60_000;

/// What switches the cursor off and on again.
pub const HIDE: &str = "\x1b[?25l";
pub const SHOW: &str = "\x1b[?25h";

impl World {
    /// The binary with `args` on a terminal of its own.
    pub fn pty<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> PtySession {
        let mut command = self.pyenvkit(args);
        // The terminal becomes stdin; what `command` set for it would hide that.
        command.stdin(std::process::Stdio::inherit());
        spawn_command(command, Some(PATIENCE)).unwrap()
    }
}

/// Wait until the other side has said `words`, then type `keys`.
#[track_caller]
pub fn answer(session: &mut PtySession, words: &str, keys: &str) {
    session.exp_string(words).unwrap();
    session.send(keys).unwrap();
    session.flush().unwrap();
}

/// The cursor must be visible after `output`: shown at least as late as it was last hidden.
#[track_caller]
pub fn assert_cursor_visible(output: &str) {
    if let Some(hidden) = output.rfind(HIDE) {
        assert!(output.rfind(SHOW).is_some_and(|shown| shown > hidden), "the cursor was left hidden: {output:?}");
    }
}
