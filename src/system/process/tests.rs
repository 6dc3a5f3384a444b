//! Real children: their output, their end, and that nothing of them stays.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests may crash, and see the machine as it is"
)]

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::{Failure, Stream, run, run_foreground};
use crate::domain::plan::Invocation;
use crate::system::interrupt;

const ISOLATED: &str = "PYENVKIT_TEST_ISOLATED";

fn sh(script: &str) -> Invocation {
    Invocation::new("sh").arg("-c").arg(script)
}

/// A silent child is stopped if it does nothing; one that speaks or works is not.
#[cfg(target_os = "linux")]
#[test]
fn silence_is_no_reason_to_stop_who_works() {
    let impatient = |script: &str| sh(script).silence(Duration::from_millis(500));
    let start = Instant::now();
    let idle = run(&impatient("sleep 300 & sleep 300"), &mut |_, _| {});
    assert!(matches!(idle, Err(Failure::Silent { .. })), "{idle:?}");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let speaks = impatient("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo $i; sleep 0.1; done");
    assert!(run(&speaks, &mut |_, _| {}).unwrap().success());
    // Work that a child of it does, for several times as long as the limit: 150 ticks of 10 ms. Also a machine with much
    // else to do gives it one of them within the limit.
    let script = "sh -c 'while read -r line < /proc/$$/stat; do set -- ${line##*)}; [ $((${12} + ${13})) -lt 150 ] || exit 0; done'";
    assert!(run(&impatient(script), &mut |_, _| {}).unwrap().success());
}

fn lines_of(invocation: &Invocation) -> (Result<super::Output, Failure>, Vec<(Stream, String)>) {
    let mut lines = Vec::new();
    let result = run(invocation, &mut |stream, line| lines.push((stream, line.to_owned())));
    (result, lines)
}

fn pid(line: &str) -> Pid {
    Pid::from_raw(line.trim().parse().unwrap()).unwrap()
}

/// Whether the process is gone within five seconds; one that nobody reaps counts as gone.
fn vanishes(pid: Pid) -> bool {
    let end = Instant::now() + Duration::from_secs(5);
    loop {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        if test_kill_process(pid).is_err() || state.contains(") Z ") {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
        std::thread::yield_now();
    }
}

/// Run one test of this module once more in a process of its own, because signals concern the whole process; also the
/// number that its child has written to the file `pid`.
fn isolated(test: &str) -> (Output, Pid) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .current_dir(folder.path())
        .args(["--exact", &format!("system::process::tests::{test}"), "--nocapture", "--test-threads=1"])
        .env(ISOLATED, "1")
        .output()
        .unwrap();
    let number = std::fs::read_to_string(folder.path().join("pid")).unwrap();
    (output, pid(&number))
}

fn is_isolated() -> bool {
    std::env::var_os(ISOLATED).is_some()
}

#[track_caller]
fn passes(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
fn output_status_and_lines_arrive() {
    let (result, lines) = lines_of(&sh("echo one; echo two >&2; printf three; exit 3"));
    let output = result.unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(!output.success());
    assert_eq!(output.stdout, b"one\nthree");
    assert_eq!(output.stderr_tail(5), "two");
    assert!(lines.contains(&(Stream::Stdout, "three".to_owned())));
    assert!(lines.contains(&(Stream::Stderr, "two".to_owned())));
}

#[test]
fn big_output_on_both_streams_does_not_dead_lock() {
    let (result, _) = lines_of(&sh("head -c 4000000 /dev/zero >&2; head -c 3000000 /dev/zero"));
    let output = result.unwrap();
    assert_eq!((output.stdout.len(), output.stderr.len()), (3_000_000, 4_000_000));
}

#[test]
fn environment_folder_and_input_are_as_told() {
    let folder = tempfile::tempdir().unwrap();
    let invocation = sh("pwd -P; echo \"$ADDED-$HOME-\"; cat").cwd(folder.path()).set("ADDED", "ä b").unset("HOME");
    let output = lines_of(&invocation).0.unwrap();
    let folder = folder.path().canonicalize().unwrap();
    assert_eq!(output.stdout_text(), format!("{}\nä b--\n", folder.display()));
}

#[test]
fn a_missing_program_and_a_missing_folder_are_told_apart() {
    let error = |invocation| anyhow::Error::from(lines_of(&invocation).0.unwrap_err());
    let program = format!("{:#}", error(Invocation::new("no-such-program-here")));
    assert!(program.starts_with("cannot run no-such-program-here: "), "{program}");
    let folder = format!("{:#}", error(sh("true").cwd("no-such-folder")));
    assert!(folder.contains("no-such-folder is not a folder"), "{folder}");
}

#[test]
fn a_time_out_stops_grandchildren_too() {
    let (result, lines) = lines_of(&sh("sleep 300 & echo $!; wait").timeout(Duration::from_millis(200)));
    assert!(matches!(result, Err(Failure::TimedOut { .. })), "{result:?}");
    assert!(vanishes(pid(&lines[0].1)));
}

#[test]
fn who_ignores_the_request_to_end_is_killed() {
    let start = Instant::now();
    let stubborn = sh("trap '' TERM; echo $$; while :; do sleep 300; done").timeout(Duration::from_millis(200));
    let (result, lines) = lines_of(&stubborn);
    assert!(matches!(result, Err(Failure::TimedOut { .. })), "{result:?}");
    assert!(vanishes(pid(&lines[0].1)));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_background_grandchild_that_holds_the_pipe_does_not_block_and_is_left_alone() {
    let start = Instant::now();
    let (result, lines) = lines_of(&sh("sleep 300 & echo $!"));
    let grandchild = pid(&lines[0].1);
    assert!(result.unwrap().success());
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(test_kill_process(grandchild).is_ok());
    kill_process(grandchild, Signal::KILL).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_leads_a_session_and_thus_has_no_terminal_to_ask_on() {
    let output = run(&sh("echo $$; cut -d' ' -f6 /proc/$$/stat"), &mut |_, _| {}).unwrap().stdout_text();
    let (own, session) = output.trim().split_once('\n').unwrap();
    assert_eq!(own, session);
}

#[test]
fn a_child_in_the_foreground_keeps_our_group_and_its_time_limit() {
    assert_eq!(run_foreground(&sh("exit 4"), &mut |_, _| {}).unwrap().status.code(), Some(4));
    let slow = sh("exec sleep 300").timeout(Duration::from_millis(100));
    assert!(matches!(run_foreground(&slow, &mut |_, _| {}), Err(Failure::TimedOut { .. })));
}

#[test]
fn a_signal_stops_the_child_and_is_told_apart() {
    if !is_isolated() {
        let (output, grandchild) = isolated("a_signal_stops_the_child_and_is_told_apart");
        passes(&output);
        assert!(vanishes(grandchild));
        return;
    }
    interrupt::install().unwrap();
    let (result, lines) = lines_of(&sh("sleep 300 & echo $! > pid; echo said; kill -TERM $PPID; wait"));
    assert!(matches!(result, Err(Failure::Interrupted)), "{result:?}");
    assert_eq!(lines, [(Stream::Stdout, "said".to_owned())]);
    assert!(interrupt::check().is_err());
    assert_eq!(interrupt::exit_code(), 143);
    assert!(matches!(run(&sh("exit 0"), &mut |_, _| {}), Err(Failure::Interrupted)));
}

#[test]
fn a_deferred_signal_takes_effect_afterwards() {
    if !is_isolated() {
        return passes(&isolated("a_deferred_signal_takes_effect_afterwards").0);
    }
    interrupt::install().unwrap();
    let deferred = interrupt::defer();
    let output = run(&sh("echo $$ > pid; kill -HUP $PPID; echo done"), &mut |_, _| {}).unwrap();
    assert_eq!(output.stdout, b"done\n");
    while !interrupt::is_set() {
        std::thread::yield_now();
    }
    assert!(interrupt::check().is_ok());
    drop(deferred);
    assert!(interrupt::check().is_err());
    assert_eq!(interrupt::exit_code(), 129);
}

#[test]
fn a_second_signal_ends_us_and_the_child_at_once() {
    if !is_isolated() {
        let (output, child) = isolated("a_second_signal_ends_us_and_the_child_at_once");
        assert_eq!(output.status.signal(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(vanishes(child));
        return;
    }
    interrupt::install().unwrap();
    // Asked to end, it insists on living and interrupts us once more, late enough to be another wish.
    let script =
        "trap 'sleep 0.4; kill -INT $PPID' TERM; echo $$ > pid; kill -INT $PPID; while :; do sleep 300 & wait; done";
    let _ = run(&sh(script), &mut |_, _| {});
    // Reached only where the signal is still under way.
    std::thread::park_timeout(Duration::from_secs(20));
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_dies_with_us_even_when_we_are_killed() {
    if !is_isolated() {
        let (output, child) = isolated("a_child_dies_with_us_even_when_we_are_killed");
        assert_eq!(output.status.signal(), Some(9));
        assert!(vanishes(child));
        return;
    }
    let _ = run(&sh("echo $$ > pid; kill -KILL $PPID; exec sleep 300"), &mut |_, _| {});
}

#[test]
fn a_signal_that_our_parent_ignores_stays_ignored() {
    if !is_isolated() {
        // `trap ''` is what nohup does: the children inherit it.
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new("sh")
            .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "system::process::tests::a_signal_that_our_parent_ignores_stays_ignored"])
            .current_dir(folder.path())
            .env(ISOLATED, "1")
            .output()
            .unwrap();
        return passes(&output);
    }
    interrupt::install().unwrap();
    // The second signal comes after the first, so that a noticed first one would be seen by then.
    run(&sh("kill -HUP $PPID"), &mut |_, _| {}).unwrap();
    let stopped = run(&sh("kill -TERM $PPID; sleep 300"), &mut |_, _| {});
    assert!(matches!(stopped, Err(Failure::Interrupted)));
    assert_eq!(interrupt::exit_code(), 143);
}
