//! Signals, and the processes that should have ended.
#![cfg(unix)]

use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::World;

/// The signals that ask the binary to stop, with the exit code that belongs to each.
pub const POLITE: &[(Signal, i32)] = &[(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)];

/// Send `signal` to the child alone, as `kill` does, not to its group.
pub fn send(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id()).unwrap();
    let _ = kill_process(Pid::from_raw(id).unwrap(), signal);
}

/// The command lines of all processes that this world started and that still run.
pub fn running(world: &World) -> Vec<String> {
    let wanted = format!("PYENVKIT_TEST_MARKER={}\0", world.marker());
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(environment) = fs::read(entry.path().join("environ")) else { continue };
        if environment.windows(wanted.len()).any(|part| part == wanted.as_bytes()) {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push(String::from_utf8_lossy(&line).replace('\0', " "));
        }
    }
    found
}

/// Nothing that this world started may still run; what was killed has five seconds to be gone.
#[track_caller]
pub fn assert_no_orphans(world: &World) {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let left = running(world);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "still running: {left:#?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
