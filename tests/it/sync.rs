//! `pyenvkit sync` finishes or repeats the environment half.

use std::fs;

use crate::common::{Behaviour, Index, World};

#[test]
fn a_fresh_clone_becomes_ready() {
    for backend in ["pip", "uv"] {
        let world = World::with_uv();
        world.run("new origin --name p --yes --no-venv").ok();
        world.git(&world.work(), ["clone", "-q", "origin", "p"]);
        let project = world.project("p");
        project.pyenvkit(&format!("sync --backend {backend}")).ok();
        project.assert_ready();
        assert!(project.has(".git/hooks/pre-commit"));
        project.script("pytest", ["-q"]).ok();
        let installed = project.installed();
        project.pyenvkit(&format!("sync --backend {backend}")).ok();
        assert_eq!(project.installed(), installed);
    }
}

#[test]
fn what_others_installed_stays_unless_exact() {
    let world = World::with_uv();
    world.run("new p --preset minimal --yes").ok();
    let project = world.project("p");
    project.script("python", ["-m", "pip", "install", "-q", "wheel"]).ok();
    project.pyenvkit("sync").ok();
    assert!(project.installed().contains(&"wheel".to_owned()));
    project.pyenvkit("sync --exact").ok();
    assert!(!project.installed().contains(&"wheel".to_owned()));
    project.assert_ready();
}

#[test]
fn a_broken_environment_is_made_again() {
    let world = World::with_uv();
    world.run("new p --preset minimal --yes").ok();
    let project = world.project("p");
    fs::remove_file(project.path(".venv/bin/python")).unwrap();
    let _ = fs::remove_file(project.path(".venv/bin/python3"));
    project.pyenvkit("sync").ok();
    project.assert_ready();
}

#[test]
fn a_failed_sync_names_itself_and_keeps_the_files() {
    let world = World::with_uv();
    world.run("new p --preset minimal --yes --no-venv").ok();
    let index = Index::start(Behaviour::Empty);
    world.pip_conf(&format!("[global]\nindex-url = {}\nretries = 0\n", index.url()));
    let project = world.project("p");
    let files = project.files();
    project.pyenvkit("sync").code(1).says("sync");
    assert_eq!(project.files(), files);
    assert_eq!(project.git(["status", "--porcelain"]), "");
}

#[test]
fn outside_a_project_it_says_so() {
    let world = World::new();
    let before = world.snapshot();
    world.run("sync").code(2).one_error().says("pyproject.toml");
    before.assert_same(&world.snapshot());
}
