//! `init` finds out what a project is, records it, and adds nothing that nobody asked for.

use std::fs;

use crate::common::World;
use crate::common::kinds::KINDS;

#[test]
fn every_kind_of_project_is_adopted() {
    let world = World::new();
    for (kind, says) in KINDS.iter().zip([
        &["no package"][..],
        &["src (src)", "hatchling"],
        &["flat (demo)"],
        &["Poetry", "Python >=3.11, <4", "poetry-core"],
        &["demo in", "setuptools (setup.py or setup.cfg alone)", "lint       flake8: configured"],
        &["pip with requirements files", "Python >=3.11"],
        &["src (src)"],
        &["src (src)", "uv, in the workspace of the repository"],
    ]) {
        let project = world.existing(kind, kind.name);
        let folder = project.to_str().unwrap();
        let outcome = world.args(["init", folder, "--yes"]).ok();
        for words in says {
            assert!(outcome.text().contains(words), "{}: {words}\n{}", kind.name, outcome.text());
        }
        let changed = world.git(&world.work().join(kind.name), ["status", "--porcelain", "-uall"]);
        assert!(changed.lines().all(|line| line.contains(".pyenvkit/")), "{}: {changed}", kind.name);
        world.args(["init", folder, "--yes"]).ok().says("nothing has to be changed");
        world.args(["undo", "--yes", "--directory", folder]).ok();
        assert_eq!(world.git(&world.work().join(kind.name), ["status", "--porcelain"]), "", "{}", kind.name);
    }
}

#[test]
fn what_is_recorded_is_what_later_changes_go_by() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    world.args(["init", "p", "--yes", "--with", "coverage", "--no-sync"]).ok();
    let manifest = fs::read_to_string(project.join("pyproject.toml")).unwrap();
    assert!(manifest.contains("source_pkgs = [\"demo\"]"), "{manifest}");
    world.args(["remove-tool", "coverage", "--yes", "--directory", "p"]).ok();
    assert_eq!(world.git(&project, ["status", "--porcelain", "-uall"]).lines().count(), 2, "the record stays");
}

#[test]
fn loose_files_become_a_project_and_an_empty_folder_does_not() {
    let world = World::new();
    world.write("work/loose/hello.py", "print('hello')\n");
    world.args(["init", "loose", "--yes"]).ok();
    let manifest: toml::Table = fs::read_to_string(world.work().join("loose/pyproject.toml")).unwrap().parse().unwrap();
    assert_eq!(manifest["project"]["name"].as_str(), Some("loose"));
    fs::create_dir(world.work().join("nothing")).unwrap();
    let before = world.snapshot();
    world.args(["init", "nothing", "--yes"]).code(2).says("pyenvkit new").one_error();
    before.assert_same(&world.snapshot());
}

#[test]
fn a_wrong_name_is_said_before_anything_is_written() {
    let world = World::new();
    world.existing(&KINDS[1], "p");
    let before = world.snapshot();
    world.args(["init", "p", "--yes", "--with", "blakc"]).code(2).says("did you mean \"black\"").one_error();
    before.assert_same(&world.snapshot());
}

#[test]
fn a_preview_says_all_and_writes_nothing() {
    let world = World::new();
    world.existing(&KINDS[3], "p");
    let before = world.snapshot();
    let outcome = world.args(["init", "p", "--plan", "json"]).ok();
    let plan: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(plan["values"]["manager"], "Poetry");
    assert_eq!(plan["values"]["values"]["name"], "demo");
    before.assert_same(&world.snapshot());
}

#[cfg(unix)]
#[test]
fn a_terminal_is_asked_and_no_is_the_default() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    let mut pty = world.pty(["init", "p"]);
    pty.exp_string("record this?").unwrap();
    pty.send("\r").unwrap();
    pty.flush().unwrap();
    pty.exp_string("write this?").unwrap();
    pty.send("y").unwrap();
    pty.flush().unwrap();
    for tool in ["isort", "black", "flake8", "mypy", "pytest", "coverage", "pre-commit"] {
        pty.exp_string(&format!("add {tool}")).unwrap();
        pty.exp_string("(y/n)").unwrap();
        pty.send("\r").unwrap();
        pty.flush().unwrap();
    }
    pty.exp_eof().unwrap();
    let changed = world.git(&project, ["status", "--porcelain", "-uall"]);
    assert_eq!(changed.lines().count(), 2, "{changed}");
}

#[cfg(unix)]
#[test]
fn add_tool_shows_its_change_and_asks_once() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    for (answer, is_changed) in [("n", false), ("y", true)] {
        let mut pty = world.pty(["add-tool", "black", "--no-sync", "--directory", "p"]);
        pty.exp_string("black==").unwrap();
        pty.exp_string("change these files?").unwrap();
        pty.send(answer).unwrap();
        pty.flush().unwrap();
        pty.exp_eof().unwrap();
        assert_eq!(!world.git(&project, ["status", "--porcelain"]).is_empty(), is_changed);
    }
}
