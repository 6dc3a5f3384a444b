//! Each fault of pipelines and images: injected, seen, near to it silent, mended.
#![cfg(unix)]

use std::fs;

use crate::common::World;
use crate::common::project::Project;

const WORKFLOW: &str = ".github/workflows/test.yml";

fn write(project: &Project<'_>, path: &str, text: &str) {
    fs::create_dir_all(project.path(path).parent().unwrap()).unwrap();
    fs::write(project.path(path), text).unwrap();
}

fn workflow(versions: &str) -> String {
    format!(
        "on: push\njobs:\n  lint:\n    steps:\n    - uses: setup\n      with:\n        python-version: \"3.8\"\n  test:\n    \
         strategy:\n      matrix:\n        python-version: {versions}\n"
    )
}

#[test]
fn ci01_pythons_that_nobody_can_install_with() {
    let world = World::with_uv();
    let project = world.healthy();
    write(&project, WORKFLOW, &workflow("[\"3.11\", '3.12', \"3.x\", pypy3.9]"));
    project.assert_healthy();
    write(&project, WORKFLOW, &workflow("[\"3.9\", \"3.10\", \"3.11\"] # all"));
    let finding = project.assert_fault("CI01");
    assert!(finding["message"].as_str().unwrap().contains("3.9 and 3.10"), "{finding:#}");
    assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&11.into(), &26.into()));
    project.assert_mended_by("--fix=all");
    assert_eq!(project.read(WORKFLOW), workflow("[\"3.11\"] # all"));
    write(&project, WORKFLOW, &workflow("\n        - \"3.10\"\n        - \"3.11\""));
    project.assert_fault("CI01");
    project.assert_mended_by("--fix=all");
    assert_eq!(project.read(WORKFLOW), workflow("\n        - \"3.11\""));
}

#[test]
fn ci01_classifiers_that_say_something_else() {
    let world = World::with_uv();
    let project = world.healthy();
    let manifest = project.read("pyproject.toml");
    let classifier = |minor: &str| format!("  \"Programming Language :: Python :: {minor}\",\n");
    write(
        &project,
        "pyproject.toml",
        &manifest.replace(&classifier("3.11"), &(classifier("3.8") + &classifier("3.11"))),
    );
    project.assert_fault("CI01");
    project.assert_mended_by("--fix=all");
    assert_eq!(project.read("pyproject.toml"), manifest);
    write(&project, "pyproject.toml", &manifest.replace(&classifier("3.12"), ""));
    project.assert_healthy();
    write(&project, WORKFLOW, &(workflow("[\"3.11\", \"3.12\"]") + "      # allow-prereleases\n"));
    project.assert_healthy();
    write(&project, WORKFLOW, &workflow("[\"3.11\", \"3.12\"]"));
    let finding = project.assert_fault("CI01");
    assert!(finding["message"].as_str().unwrap().contains("tests Python 3.12, which classifiers"), "{finding:#}");
    project.assert_mended_by("--fix=all");
    assert!(project.read("pyproject.toml").contains(&classifier("3.12")));
}

#[test]
fn ci02_an_image_with_another_python() {
    let world = World::with_uv();
    let project = world.healthy();
    let healthy = "ARG V=3.12\nFROM python:3.8-slim AS tool\nFROM python:${V}-slim AS build\nRUN pip install .\n\
                   FROM python:3.12-slim\nCOPY --from=build /app/.venv /app/.venv\nCOPY --from=tool /bin/x /bin/x\n";
    write(&project, "Dockerfile", healthy);
    project.assert_healthy();
    write(&project, "Dockerfile", &healthy.replace("V=3.12", "V=3.11"));
    let finding = project.assert_fault("CI02");
    assert!(finding["message"].as_str().unwrap().contains("Python 3.11 to Python 3.12"), "{finding:#}");
    assert_eq!(finding["location"]["line"], 6, "{finding:#}");
    write(&project, "Dockerfile", "FROM docker.io/python:3.9\nRUN pip install .\n");
    let finding = project.assert_fault("CI02");
    assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&1.into(), &6.into()));
}

#[test]
fn ci03_a_version_that_is_a_number() {
    let world = World::with_uv();
    let project = world.healthy();
    let fine = "jobs:\n  t:\n    x: 3.20\n    python-version: ['3.20', 3.11]\n    python:\n    - \"3.20\" # 3.20\n    run: 3.20\n";
    write(&project, WORKFLOW, fine);
    project.assert_healthy();
    write(&project, WORKFLOW, &fine.replace("'3.20', 3.11", "3.9, 3.20"));
    let finding = project.assert_fault("CI03");
    assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&4.into(), &27.into()));
    write(&project, WORKFLOW, &fine.replace("- \"3.20\" # 3.20", "- 3.9\n    # old\n    - 3.20 # 3.20"));
    project.assert_fault("CI03");
    project.assert_mended_by("--fix");
    let text = project.read(WORKFLOW);
    assert!(text.contains("- 3.9\n    # old\n    - \"3.20\" # 3.20\n"), "{text}");
}
