//! Each fault of pre-commit's hooks: injected, seen, near to it silent, mended.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::common::project::Project;
use crate::common::world::make_executable;
use crate::common::{World, shared};

const HOOK: &str = ".git/hooks/pre-commit";
const CONFIG: &str = ".pre-commit-config.yaml";

fn write_hook(project: &Project<'_>, path: &str, text: &str) {
    let path = project.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    make_executable(&path);
}

/// Make the environment again as a beginner does: without the project's packages.
fn bare_environment(project: &Project<'_>) {
    fs::remove_dir_all(project.path(".venv")).unwrap();
    shared::run(Command::new(shared::python()).args(["-m", "venv"]).arg(project.path(".venv")));
}

#[test]
fn prc01_hooks_that_are_not_installed() {
    let world = World::with_uv();
    let project = world.healthy();
    write_hook(&project, HOOK, "#!/bin/sh\nexec .venv/bin/pre-commit run\n");
    project.assert_healthy();
    write_hook(&project, HOOK, "#!/bin/sh\n# not pre-commit\nexit 0\n");
    project.assert_fault("PRC01");
    fs::remove_file(project.path(HOOK)).unwrap();
    project.assert_fault("PRC01");
    project.pyenvkit("doctor --context ci").ok();
    project.assert_mended_by("--fix");
    assert!(project.read(HOOK).contains("pre_commit"));
}

#[test]
fn prc02_git_looks_for_hooks_elsewhere() {
    let world = World::with_uv();
    let project = world.healthy();
    project.git(["config", "core.hooksPath", ".husky"]);
    let finding = project.assert_fault("PRC02");
    assert!(finding["remedy"].as_str().unwrap().starts_with("git config --local --unset"), "{finding:#}");
    write_hook(&project, ".husky/pre-commit", "#!/bin/sh\npre-commit run\n");
    project.assert_healthy();
    fs::remove_dir_all(project.path(".husky")).unwrap();
    project.git(["config", "--unset", "core.hooksPath"]);
    project.assert_healthy();
    world.git_config("core.hooksPath", "/opt/company/hooks");
    let finding = project.assert_fault("PRC02");
    assert!(finding["cause"].as_str().unwrap().contains(".gitconfig"), "{finding:#}");
    assert!(finding["fix"].is_null(), "a setting for all repositories is not ours to unset");
}

#[test]
fn prc03_a_hook_whose_python_has_no_pre_commit() {
    let world = World::with_uv();
    let project = world.healthy();
    bare_environment(&project);
    // Nothing at all is in it, the project no more than pre-commit.
    let said = project.doctor("");
    assert_eq!(said.roots(), ["PKG06", "PRC03"], "{}", said.outcome.text());
    let (_, finding) = said.findings().into_iter().find(|(id, _)| id == "PRC03").unwrap();
    assert!(finding["message"].as_str().unwrap().contains("has no pre-commit"), "{finding:#}");
    project.assert_mended_by("--fix");
    fs::write(project.path(CONFIG), "repos: []\n").unwrap();
    project.git(["commit", "-qam", "The hook runs again"]);
}

#[test]
fn prc03_a_hook_whose_python_is_gone() {
    let world = World::with_uv();
    let project = world.healthy();
    let hook = project.read(HOOK);
    let line = hook.lines().find(|line| line.starts_with("INSTALL_PYTHON=")).unwrap();
    fs::write(project.path(HOOK), hook.replace(line, "INSTALL_PYTHON=/opt/gone/bin/python")).unwrap();
    project.assert_fault("PRC03");
    // The hook itself falls back to PATH.
    let runner = world.program("pre-commit", "#!/bin/sh\nexit 0\n");
    project.assert_healthy();
    fs::remove_file(runner).unwrap();
    project.assert_mended_by("--fix");
}

/// A tool of the healthy project with a hook in a mirror, its distribution, and the version in the environment.
fn mirrored(project: &Project<'_>) -> (String, String, String, String) {
    let site = crate::common::faults::site(&project.folder);
    let infos: Vec<String> =
        fs::read_dir(site).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap()).collect();
    for tool in shared::tools_as_data() {
        for hook in tool.array("hooks").iter().filter(|hook| hook.get("distribution").is_none()) {
            let start = format!("{}-", tool.name.replace('-', "_"));
            let info = infos.iter().find(|name| name.starts_with(&start) && name.ends_with(".dist-info"));
            let text = |key: &str| hook[key].as_str().unwrap().to_owned();
            if let Some(info) = info {
                let version = info.strip_prefix(&start).unwrap().strip_suffix(".dist-info").unwrap().to_owned();
                return (text("repo"), text("rev"), text("id"), version);
            }
        }
    }
    panic!("the healthy project has no tool with a mirror");
}

#[test]
fn prc04_another_version_in_the_hook() {
    let world = World::with_uv();
    let project = world.healthy();
    let (repo, pattern, id, version) = mirrored(&project);
    let write = |version: &str| {
        let rev = pattern.replace("<< version >>", version);
        fs::write(
            project.path(CONFIG),
            format!("repos:\n- repo: {repo}.git\n  rev: '{rev}'  # pinned\n  hooks: [{{id: {id}}}]\n"),
        )
        .unwrap();
    };
    write(&version);
    project.assert_healthy();
    write("0.1.0");
    let finding = project.assert_fault("PRC04");
    assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&3.into(), &8.into()));
    project.assert_mended_by("--fix=all");
    assert!(project.read(CONFIG).contains(&format!("{version}'  # pinned\n")), "{}", project.read(CONFIG));
}

#[test]
fn prc04_another_version_in_the_lock_file() {
    let world = World::with_uv();
    let project = world.healthy();
    let (repo, pattern, id, _) = mirrored(&project);
    let name = shared::tools_as_data()
        .into_iter()
        .find(|tool| tool.array("hooks").iter().any(|hook| hook["id"].as_str() == Some(&id)))
        .unwrap()
        .name;
    let write = |version: &str| {
        let rev = pattern.replace("<< version >>", version);
        fs::write(project.path(CONFIG), format!("repos:\n- repo: {repo}\n  rev: {rev}\n  hooks: [{{id: {id}}}]\n"))
            .unwrap();
    };
    let lock = |versions: &[&str]| {
        let packages = versions.iter().map(|it| format!("[[package]]\nname = \"{name}\"\nversion = \"{it}\"\n"));
        fs::write(project.path("uv.lock"), format!("version = 1\n{}", packages.collect::<String>())).unwrap();
    };
    // A fresh checkout has no environment.
    fs::remove_dir_all(project.path(".venv")).unwrap();
    let found = || project.doctor("--select PRC04");
    write("0.1.0");
    assert_eq!(found().roots(), [""; 0]);
    lock(&["0.1.0", "0.2.0"]);
    assert_eq!(found().roots(), [""; 0]);
    lock(&["0.2.0"]);
    let finding = found().findings().remove(0).1;
    assert_eq!(finding["message"], format!("the hook runs {name} 0.1.0, uv.lock has 0.2.0"));
    project.pyenvkit("doctor --context developer --select PRC04 --fix=all --yes").ok();
    assert_eq!(found().roots(), [""; 0]);
}

#[test]
fn prc05_types_that_the_hook_does_not_see() {
    let world = World::with_uv();
    let project = world.healthy();
    let checker =
        shared::tools_as_data().into_iter().find(|tool| tool.table["family"].as_str() == Some("types")).unwrap();
    let hook = &checker.array("hooks")[0];
    let (repo, id) = (hook["repo"].as_str().unwrap(), hook["id"].as_str().unwrap());
    let config = |additional: &str| {
        let text = format!("repos:\n- repo: {repo}\n  rev: v1.0.0\n  hooks:\n  - id: {id}\n{additional}");
        fs::write(project.path(CONFIG), text).unwrap();
    };
    let manifest = project.read("pyproject.toml");
    let with = |dependency: &str| {
        let line = manifest.lines().find(|line| line.starts_with("dependencies")).unwrap_or_default().to_owned();
        let new = format!("dependencies = [\"{dependency}\"]");
        let text = if line.is_empty() {
            manifest.replacen("[project]\n", &format!("[project]\n{new}\n"), 1)
        } else {
            manifest.replace(&line, &new)
        };
        fs::write(project.path("pyproject.toml"), text).unwrap();
    };
    config("");
    project.assert_healthy();
    with("platformdirs");
    project.assert_fault("PRC05");
    config("    additional_dependencies: [platformdirs>=4]\n");
    project.assert_healthy();
    // One that brings no types is no loss.
    config("");
    with("nodeenv");
    project.assert_healthy();
    with("platformdirs");
    project.assert_mended_by("--fix=all");
    assert!(project.read(CONFIG).contains("platformdirs=="), "{}", project.read(CONFIG));
}

#[test]
fn prc06_a_type_of_hook_that_is_not_installed() {
    let world = World::with_uv();
    let project = world.healthy();
    let text = project.read(CONFIG);
    let line = text.lines().find(|line| line.starts_with("default_install_hook_types")).unwrap().to_owned();
    fs::write(project.path(CONFIG), text.replace(&line, "default_install_hook_types: [pre-commit, pre-push]")).unwrap();
    let finding = project.assert_fault("PRC06");
    assert!(finding["message"].as_str().unwrap().ends_with("pre-push"), "{finding:#}");
    project.assert_mended_by("--fix");
    assert!(project.has(".git/hooks/pre-push"));
}

#[test]
fn prc07_a_hook_that_git_cannot_run() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::set_permissions(project.path(HOOK), fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(project.path(".git/hooks/post-commit"), "not executable, and not asked for\n").unwrap();
    project.assert_fault("PRC07");
    project.assert_mended_by("--fix");
    project.pyenvkit("undo --yes").ok();
    project.assert_fault("PRC07");
    make_executable(&project.path(HOOK));
    let text = project.read(HOOK);
    fs::write(project.path(HOOK), text.replace('\n', "\r\n")).unwrap();
    project.assert_fault("PRC07");
    project.assert_mended_by("--fix");
    assert_eq!(project.read(HOOK), text);
}
