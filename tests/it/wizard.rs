//! `new` on a terminal.
#![cfg(unix)]

use crate::common::processes::assert_no_orphans;
use crate::common::{World, pty};

#[test]
fn with_a_path_one_screen_and_enter() {
    let world = World::with_uv();
    let mut session = world.pty(["new", "p"]);
    for value in ["p", "lib", "classic"] {
        session.exp_string(value).unwrap();
    }
    assert!(!world.work().join("p").exists(), "it began before it was told to");
    session.send("\r").unwrap();
    session.flush().unwrap();
    let rest = session.exp_eof().unwrap();
    pty::assert_cursor_visible(&rest);
    world.project("p").assert_ready();
}

#[test]
fn control_c_at_a_question_makes_nothing() {
    let world = World::with_uv();
    let before = world.snapshot();
    for args in [&["new", "p"][..], &["new"]] {
        let mut session = world.pty(args.iter().copied());
        session.exp_string("p").unwrap();
        session.send_control('c').unwrap();
        let rest = session.exp_eof().unwrap();
        pty::assert_cursor_visible(&rest);
        let status = session.process().wait().unwrap();
        assert!(format!("{status:?}").ends_with(", 130)"), "{status:?}");
        assert_no_orphans(&world);
        before.assert_same(&world.snapshot());
    }
}

/// A configuring flag, `--yes` or `CI` means: no question, even on a terminal.
#[test]
fn flags_and_ci_mean_no_question() {
    let mut world = World::new();
    for (name, args) in
        [("a", &["new", "a", "--no-venv", "--yes"][..]), ("b", &["new", "b", "--no-venv", "--template", "bare"])]
    {
        let mut session = world.pty(args.iter().copied());
        session.exp_eof().unwrap();
        assert!(world.project(name).has("pyproject.toml"), "{args:?}");
    }
    world.set("CI", "true");
    let mut session = world.pty(["new", "c"]);
    session.exp_eof().unwrap();
    assert!(world.project("c").has("pyproject.toml"));
}
