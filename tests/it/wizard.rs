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

/// Every question in turn, each kind of going back, and an answer that the review cannot take until it is changed.
#[test]
fn the_wizard_asks_for_everything_and_goes_back() {
    let mut world = World::with_uv();
    world.set("SHELL", "/usr/bin/fish");
    world.write("work/taken/notes.txt", "mine");
    let mut session = world.pty(["new"]);
    let mut answer = |question: &str, keys: &str| pty::answer(&mut session, question, keys);
    answer("Name", "two words\r");
    answer("cannot be the name", "\x15taken\r");
    answer("Description", "<\r");
    answer("Name", "\r");
    answer("Description", "A thing\r");
    answer("Template", "\x1b[B\r");
    answer("Python", "<\r");
    answer("Template", "\r");
    answer("Python", "not-a-python\r");
    answer("Tools", "\x1b");
    answer("Python", "\r");
    answer("Tools", "");
    for preset in ["classic", "modern"] {
        answer(preset, "");
    }
    answer("minimal", "\r");
    answer("Licence", "no such licence\r");
    answer("not an SPDX", "\x15MIT\r");
    answer("Author", "Bob <bob@example.com>\r");
    answer("Where", "github.com/bob\r");
    // Enter does nothing while something is wrong; the name, then the Python, are mended.
    answer("(not yet: ", "\r");
    answer("(not yet: ", "\x1b[B\r");
    answer("Name", "fine\r");
    answer("not-a-python", "\x1b[B\x1b[B\x1b[B\x1b[B\r");
    answer("Python", "\x15>=3.11\r");
    answer("create fine in fine", "\r");
    let rest = session.exp_eof().unwrap();
    pty::assert_cursor_visible(&rest);
    for next in ["  cd fine", "  source .venv/bin/activate.fish"] {
        assert!(rest.contains(next), "{next}\n{rest}");
    }
    let project = world.project("fine");
    assert!(project.has(".venv/bin/activate.fish"));
    project.assert_ready();
    let manifest = project.read("pyproject.toml");
    for part in ["A thing", "[project.scripts]", "license = \"MIT\"", "bob@example.com", "https://github.com/bob/fine"]
    {
        assert!(manifest.contains(part), "{part}\n{manifest}");
    }
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
