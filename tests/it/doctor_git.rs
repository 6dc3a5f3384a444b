//! Each fault of what git takes in: injected, seen, near to it silent, mended.
#![cfg(unix)]

use std::fs;

use crate::common::World;
use crate::common::world::make_executable;

#[test]
fn git02_an_environment_that_git_takes_in() {
    let world = World::with_uv();
    let project = world.healthy();
    let ignore = project.read(".gitignore");
    let without: String =
        ignore.lines().filter(|line| !line.contains("venv")).map(|line| format!("{line}\n")).collect();
    let own = project.path(".venv/.gitignore");
    fs::write(&own, "*\n").unwrap();
    fs::write(project.path(".gitignore"), &without).unwrap();
    project.assert_healthy();
    fs::remove_file(&own).unwrap();
    fs::write(project.path(".gitignore"), format!("{without}# .venv\n*.venv.txt\n")).unwrap();
    project.assert_fault("GIT02");
    fs::write(project.path(".git/info/exclude"), "/.venv*\n").unwrap();
    project.assert_healthy();
    fs::write(project.path(".git/info/exclude"), "").unwrap();
    world.git_config("core.excludesFile", "~/mine");
    project.assert_fault("GIT02");
    world.write("home/mine", ".venv\n");
    project.assert_healthy();
    world.write("home/mine", "");
    project.assert_mended_by("--fix");
    assert_eq!(project.git(["status", "--porcelain", "--ignored", ".venv"]).trim(), "!! .venv/");
}

#[test]
fn git02_what_python_compiles() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::write(project.path(".gitignore"), ".venv/\n*.py[cod]\n").unwrap();
    project.assert_healthy();
    fs::write(project.path(".gitignore"), ".venv/\n*.py\n").unwrap();
    project.assert_fault("GIT02");
    project.assert_mended_by("--fix");
    assert_eq!(project.read(".gitignore"), ".venv/\n*.py\n__pycache__/\n");
}

#[test]
fn git05_a_script_that_cannot_start() {
    let world = World::with_uv();
    let project = world.healthy();
    let path = project.path("scripts/run");
    fs::create_dir(project.path("scripts")).unwrap();
    fs::write(project.path(".gitattributes"), "*.png binary\n").unwrap();
    fs::write(&path, "#!/bin/sh\r\necho it ran\r\n").unwrap();
    // Nobody starts what may not be executed.
    project.assert_healthy();
    make_executable(&path);
    fs::write(project.path("scripts/other"), "#!/bin/sh\necho\r\n").unwrap();
    make_executable(&project.path("scripts/other"));
    project.assert_fault("GIT05");
    project.assert_mended_by("--fix=all");
    assert_eq!(project.read("scripts/run"), "#!/bin/sh\necho it ran\n");
    assert_eq!(project.read(".gitattributes"), "*.png binary\n/scripts/run text eol=lf\n");
    assert!(project.git(["check-attr", "eol", "scripts/run"]).trim_end().ends_with(": lf"));
}
