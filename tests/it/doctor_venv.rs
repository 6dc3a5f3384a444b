//! Each fault of a virtual environment: injected, seen, near to it silent, mended.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;

use crate::common::faults::{Said, site};
use crate::common::project::Project;
use crate::common::world::{finish, make_executable};
use crate::common::{World, shared};

fn remove(path: &Path) {
    if path.is_dir() && !path.is_symlink() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
}

/// Let the end of the environment's chain of links be `target`.
fn lead_python_to(project: &Project<'_>, target: &Path) {
    for name in ["python", "python3", &format!("python{}", shared::python_minor())] {
        let path = project.path(".venv/bin").join(name);
        if path.read_link().is_ok_and(|target| target.is_absolute()) {
            remove(&path);
            symlink(target, path).unwrap();
        }
    }
}

#[test]
fn the_healthy_project_is_silent() {
    let world = World::with_uv();
    let project = world.healthy();
    project.assert_healthy();
    let outcome = project.pyenvkit("doctor --context developer").ok();
    assert_eq!(outcome.stderr, "");
    assert!(
        outcome.stdout.lines().all(|line| line.starts_with("ok ") || line == "nothing is wrong"),
        "{}",
        outcome.text()
    );
}

#[test]
fn ven01_a_missing_environment() {
    let world = World::with_uv();
    let project = world.healthy();
    remove(&project.path(".venv"));
    project.assert_fault("VEN01");
    project.pyenvkit("doctor --context ci").ok();
    fs::write(project.path("poetry.lock"), "").unwrap();
    assert_eq!(project.doctor("--select VEN").roots(), [""; 0]);
    remove(&project.path("poetry.lock"));
    project.assert_mended_by("--fix");
}

#[test]
fn ven02_a_python_that_is_gone() {
    let world = World::with_uv();
    let project = world.healthy();
    let living = world.root().join("living");
    symlink(shared::python(), &living).unwrap();
    lead_python_to(&project, &living);
    assert_eq!(project.doctor("--select VEN02").roots(), [""; 0]);
    fs::remove_file(living).unwrap();
    let finding = project.assert_fault("VEN02");
    assert!(finding["cause"].as_str().unwrap().contains("living"), "{finding:#}");
    let before = packages(&project);
    project.assert_mended_by("--fix=all");
    assert_eq!(packages(&project), before);
    assert!(project.has(".pyenvkit/local/backup/venv.1/bin"));
    assert_eq!(project.git(["status", "--porcelain"]), "");
}

#[test]
fn ven02_a_home_that_is_gone() {
    let world = World::with_uv();
    let project = world.healthy();
    let config = project.read(".venv/pyvenv.cfg");
    let home = config.lines().find(|line| line.starts_with("home")).unwrap();
    fs::write(project.path(".venv/pyvenv.cfg"), config.replace(home, "home = /opt/gone/bin")).unwrap();
    let finding = project.assert_fault("VEN02");
    assert!(finding["cause"].as_str().unwrap().contains("/opt/gone/bin"), "{finding:#}");
}

/// What is installed, by the names of the metadata folders.
fn packages(project: &Project<'_>) -> Vec<String> {
    let names =
        fs::read_dir(site(&project.folder)).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".dist-info")).collect();
    names.sort();
    names
}

#[test]
fn ven03_a_python_of_another_version() {
    let world = World::with_uv();
    let project = world.healthy();
    let other = world.write("opt/bin/python3.8", "#!/bin/sh\n");
    make_executable(&other);
    lead_python_to(&project, &other);
    let finding = project.assert_fault("VEN03");
    assert!(finding["message"].as_str().unwrap().contains("Python 3.8"), "{finding:#}");
    project.assert_mended_by("--fix=all");
}

#[test]
fn ven04_an_environment_that_was_moved() {
    let world = World::with_uv();
    let healthy = world.healthy();
    // One script of somebody else does not mean that the environment moved.
    fs::write(healthy.path(".venv/bin/foreign"), "#!/opt/gone/.venv/bin/python3\n").unwrap();
    make_executable(&healthy.path(".venv/bin/foreign"));
    healthy.assert_healthy();
    // Nor is a link to the project's folder another folder.
    symlink(&healthy.folder, world.work().join("link")).unwrap();
    world.project("link").assert_healthy();
    fs::rename(&healthy.folder, world.work().join("moved")).unwrap();
    let project = world.project("moved");
    let finding = project.assert_fault("VEN04");
    assert!(finding["message"].as_str().unwrap().contains("/demo/.venv"), "{finding:#}");
    project.assert_mended_by("--fix=all");
}

#[test]
fn ven05_an_environment_that_was_copied() {
    let world = World::with_uv();
    let healthy = world.healthy();
    shared::run(std::process::Command::new("cp").arg("-a").arg(&healthy.folder).arg(world.work().join("copy")));
    let project = world.project("copy");
    project.assert_fault("VEN05");
    healthy.assert_healthy();
    project.assert_mended_by("--fix=all");
    project.script("python", ["-m", "pip", "check"]).ok();
    healthy.assert_healthy();
}

#[test]
fn ven06_another_environment_is_active() {
    let mut world = World::with_uv();
    let other = world.write("other/pyvenv.cfg", "home = /usr/bin\n");
    world.set("VIRTUAL_ENV", other.parent().unwrap());
    let project = world.healthy();
    project.assert_fault("VEN06");
    let same = world.root().join("same");
    symlink(project.path(".venv"), &same).unwrap();
    world.set("VIRTUAL_ENV", same);
    world.project("demo").assert_healthy();
}

#[test]
fn ven07_an_environment_without_pip() {
    let world = World::with_uv();
    for parts in [&["bin", "package", "metadata"][..], &["bin"], &["package"]] {
        let _ = fs::remove_dir_all(world.work().join("demo"));
        let project = world.healthy();
        let site = site(&project.folder);
        let named = |folder: &Path, start: &str| {
            let entries = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
            entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(start)).collect::<Vec<_>>()
        };
        for part in parts {
            let gone = match *part {
                "bin" => named(&project.path(".venv/bin"), "pip"),
                "package" => vec![site.join("pip")],
                _ => named(&site, "pip-"),
            };
            for path in &gone {
                remove(path);
            }
        }
        project.assert_fault("VEN07");
        project.assert_mended_by("--fix");
        project.script("pip", ["--version"]).ok();
    }
    // uv leaves pip out where it looks after the project.
    let _ = fs::remove_dir_all(world.work().join("demo"));
    let project = world.healthy();
    remove(&project.path(".venv/bin/pip"));
    fs::write(project.path(".venv/pyvenv.cfg"), project.read(".venv/pyvenv.cfg") + "uv = 0.13.9\n").unwrap();
    fs::write(project.path("uv.lock"), "version = 1\n").unwrap();
    project.assert_healthy();
}

#[test]
fn ven08_programs_that_cannot_be_executed() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::write(project.path(".venv/bin/notes.txt"), "not a program\n").unwrap();
    project.assert_healthy();
    for name in ["pip", "pytest"] {
        fs::set_permissions(project.path(".venv/bin").join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    let finding = project.assert_fault("VEN08");
    assert!(finding["cause"].as_str().unwrap().ends_with("pip, pytest"), "{finding:#}");
    project.assert_mended_by("--fix");
    project.script("pytest", ["--version"]).ok();
    project.pyenvkit("undo --yes").ok();
    project.assert_fault("VEN08");
}

#[test]
fn ven09_several_environments() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::create_dir_all(project.path(".tox/py")).unwrap();
    fs::write(project.path(".tox/py/pyvenv.cfg"), "home = /usr/bin\n").unwrap();
    project.assert_healthy();
    fs::create_dir(project.path("venv")).unwrap();
    fs::write(project.path("venv/pyvenv.cfg"), "home = /usr/bin\n").unwrap();
    let finding = project.assert_fault("VEN09");
    assert_eq!(finding["remedy"], "rm -r venv");
}

#[test]
fn ven10_an_environment_of_another_user() {
    let world = World::with_uv();
    let project = world.healthy();
    let venv = project.path(".venv");
    if !rustix::process::geteuid().is_root() {
        fs::set_permissions(venv.join("bin"), fs::Permissions::from_mode(0o555)).unwrap();
        project.assert_fault("VEN10");
        fs::set_permissions(venv.join("bin"), fs::Permissions::from_mode(0o755)).unwrap();
        return;
    }
    // The superuser may write everything, whoever owns it.
    std::os::unix::fs::chown(&venv, Some(65_534), None).unwrap();
    project.assert_healthy();
    std::os::unix::fs::chown(&venv, Some(0), None).unwrap();
    fs::set_permissions(world.root(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = world.pyenvkit(["doctor", "--context", "developer", "--format", "json", "--select", "VEN"]);
    command.current_dir(&project.folder).uid(65_534).gid(65_534);
    let said = Said::read(finish(command)).no_crash();
    assert_eq!(said.roots(), ["VEN10"], "{}", said.outcome.text());
}

#[test]
fn ven11_modules_for_another_python() {
    let world = World::with_uv();
    let project = world.healthy();
    let site = site(&project.folder);
    let info = packages(&project).into_iter().find(|name| name.starts_with("packaging-")).unwrap();
    let record = site.join(info).join("RECORD");
    let healthy = fs::read_to_string(&record).unwrap();
    let let_it_have = |tags: &[&str]| {
        let lines: String = tags.iter().map(|tag| format!("packaging/_fast.{tag}.so,,\n")).collect();
        fs::write(&record, format!("{healthy}{lines}")).unwrap();
        for tag in tags {
            fs::write(site.join(format!("packaging/_fast.{tag}.so")), "").unwrap();
        }
    };
    let ours = format!("cpython-{}-x86_64-linux-gnu", shared::python_minor().replace('.', ""));
    let_it_have(&["cpython-36m-x86_64-linux-gnu", &ours]);
    project.assert_healthy();
    let_it_have(&["cpython-36m-x86_64-linux-gnu"]);
    let finding = project.assert_fault("VEN11");
    assert!(finding["message"].as_str().unwrap().starts_with("packaging "), "{finding:#}");
    project.assert_mended_by("--fix=all");
}
