//! `doctor --fix` on a terminal: one key says what is done.
#![cfg(unix)]

use std::fs;

use crate::common::project::Project;
use crate::common::{World, pty};

/// A healthy project with a failure and a warning that can be mended safely, apart from each other.
fn broken(world: &World) -> Project<'_> {
    let project = world.healthy();
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    let site = crate::common::faults::site(&project.folder);
    fs::create_dir(site.join("~ip")).unwrap();
    let ids: Vec<_> =
        project.doctor("").findings().into_iter().map(|(id, found)| (id, found["severity"].clone())).collect();
    assert_eq!(ids, [("PKG03".to_owned(), "warn".into()), ("PRC01".to_owned(), "fail".into())]);
    project
}

/// What is left after `doctor --fix` and these answers to its questions, by the ids of checks.
fn after(answers: &[(&str, &str)]) -> (Vec<String>, String) {
    let world = World::with_uv();
    let project = broken(&world);
    let mut session = world.pty(["doctor", "demo", "--fix", "--context", "developer"]);
    for (question, keys) in answers {
        pty::answer(&mut session, question, keys);
    }
    let rest = session.exp_eof().unwrap();
    pty::assert_cursor_visible(&rest);
    (project.doctor("").roots(), rest)
}

#[test]
fn one_key_is_enough() {
    let question = "what shall be done?";
    assert_eq!(after(&[(question, "a")]).0, [""; 0]);
    assert_eq!(after(&[(question, "e")]).0, ["PKG03"]);
    assert_eq!(after(&[(question, "xzn")]).0, ["PKG03", "PRC01"]);
    // Enter and Esc are no yes.
    assert_eq!(after(&[(question, "\r")]).0, ["PKG03", "PRC01"]);
    let (left, rest) = after(&[(question, "\u{1b}")]);
    assert_eq!(left, ["PKG03", "PRC01"]);
    assert!(rest.contains("nothing was changed"), "{rest}");
}

#[test]
fn one_by_one_asks_for_each() {
    let question = "what shall be done?";
    assert_eq!(after(&[(question, "o"), ("?", "n"), ("?", "y")]).0, ["PKG03"]);
    assert_eq!(after(&[(question, "o"), ("?", "y"), ("?", "\r")]).0, ["PRC01"]);
    assert_eq!(after(&[(question, "\u{3}")]).0, ["PKG03", "PRC01"]);
}
