//! `new --verify` and `verify` run the project's own tools and show each result.

use std::fs;

use crate::common::World;

#[test]
fn a_new_project_verifies_and_a_broken_one_does_not() {
    let world = World::with_uv();
    world.hook_mirrors();
    let outcome = world.run("new p --preset classic --without pre-commit --yes --verify").ok();
    let told = format!("{}{}", outcome.stdout, outcome.stderr);
    for tool in ["black", "isort", "flake8", "pytest", "build"] {
        assert!(told.contains(tool), "{tool} is not shown\n{}", outcome.text());
    }
    let project = world.project("p");
    project.pyenvkit("verify").ok();
    assert_eq!(project.git(["status", "--porcelain"]), "", "verify left something behind");

    fs::write(project.path("src/p/ugly.py"), "import os\nx  =  1\n").unwrap();
    let outcome = project.pyenvkit("verify").code(1);
    let told = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(told.contains("black") && told.contains("flake8") && told.contains("F401"), "{}", outcome.text());
    fs::remove_file(project.path("src/p/ugly.py")).unwrap();

    fs::write(project.path("tests/test_bad.py"), "def test_bad() -> None:\n    assert False\n").unwrap();
    let outcome = project.pyenvkit("verify").code(1);
    assert!(format!("{}{}", outcome.stdout, outcome.stderr).contains("test_bad"), "{}", outcome.text());
}

#[test]
fn where_there_is_nothing_to_check_nothing_passed() {
    let world = World::with_uv();
    world.run("new p --template bare --preset minimal --yes").ok().says("activate\n  python\n");
    world.project("p").pyenvkit("verify").ok().says("nothing to check yet (").never_says("passed");
    world.run("add-tool black --yes --directory p").ok();
    world.project("p").pyenvkit("verify").ok().says("1 check passed, 1 had nothing to check yet");
}

#[test]
fn without_an_environment_it_names_sync() {
    let world = World::new();
    world.run("new p --yes --no-venv").ok();
    let outcome = world.project("p").pyenvkit("verify").one_error().says("sync");
    assert!(matches!(outcome.status.code(), Some(1 | 2)));
}
