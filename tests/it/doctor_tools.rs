//! Each fault of tools that disagree: injected, seen, near to it silent, mended.
#![cfg(unix)]

use std::fs;

use crate::common::World;
use crate::common::project::Project;

fn write(project: &Project<'_>, path: &str, text: &str) {
    fs::write(project.path(path), text).unwrap();
}

#[test]
fn tol01_line_lengths_that_differ() {
    let world = World::with_uv();
    let project = world.healthy();
    let other = project.read(".flake8").replace("max-line-length = 88", "max-line-length = 79");
    write(&project, ".flake8", &other);
    let finding = project.assert_fault("TOL01");
    assert_eq!(finding["location"]["line"], 2, "{finding:#}");
    // A limit that no rule in force goes by is none.
    write(&project, ".flake8", &other.replace("E203", "E203\n    E501"));
    project.assert_healthy();
    write(&project, ".flake8", &other);
    project.assert_mended_by("--fix");
    assert!(project.read(".flake8").contains("max-line-length = 88\n"), "{}", project.read(".flake8"));
}

#[test]
fn tol01_02_03_a_clash_of_three_has_one_fix() {
    let world = World::with_uv();
    let project = world.healthy();
    let manifest = project.read("pyproject.toml");
    let manifest = manifest.replace("[tool.black]\n", "[tool.black]\nline-length = 100\n");
    write(&project, "pyproject.toml", &manifest.replace("profile = \"black\"", "multi_line_output = 0 # mine\n"));
    write(&project, ".flake8", "[flake8]\nignore = W605\n# mine\nexclude = .venv\n");
    let said = project.doctor("");
    let mut roots = said.roots();
    roots.dedup();
    assert_eq!(roots, ["TOL01", "TOL02", "TOL03"], "{}", said.outcome.text());
    let fixes: Vec<_> = said.findings().into_iter().map(|(_, finding)| finding["fix"]["label"].clone()).collect();
    assert!(fixes.iter().all(|fix| *fix == fixes[0]), "{fixes:?}");
    project.assert_mended_by("--fix");
    assert!(project.read(".flake8").contains("# mine\nexclude = .venv\n"), "{}", project.read(".flake8"));
    project.pyenvkit("undo --yes").ok();
    assert_eq!(project.read(".flake8"), "[flake8]\nignore = W605\n# mine\nexclude = .venv\n");
}

#[test]
fn tol02_rules_that_fight_the_formatter() {
    let world = World::with_uv();
    let project = world.healthy();
    let text = project.read(".flake8");
    let without: String = text.lines().filter(|line| !line.contains("E203")).map(|line| format!("{line}\n")).collect();
    let without = format!("{without}ignore = W605\n");
    write(&project, ".flake8", &without);
    let finding = project.assert_fault("TOL02");
    assert!(finding["message"].as_str().unwrap().contains("W503"), "{finding:#}");
    // Where nothing of that kind is selected, nothing has to be left out.
    write(&project, ".flake8", &format!("{without}select = F, E5\n"));
    project.assert_healthy();
    write(&project, ".flake8", &without);
    project.assert_mended_by("--fix");
}

#[test]
fn tol03_imports_in_another_style() {
    let world = World::with_uv();
    let project = world.healthy();
    let manifest = project.read("pyproject.toml");
    let with = |text: &str| write(&project, "pyproject.toml", &manifest.replace("profile = \"black\"", text));
    with("multi_line_output = 3\ninclude_trailing_comma = true");
    project.assert_healthy();
    with("profile = \"black\"\nmulti_line_output = 5");
    project.assert_fault("TOL03");
    with("force_single_line = true");
    project.assert_fault("TOL03");
    project.assert_mended_by("--fix");
    assert!(project.read("pyproject.toml").contains("force_single_line = true"));
}

#[test]
fn tol04_rules_that_fight_their_own_formatter() {
    let world = World::with_uv();
    world.run("new demo --yes --preset modern --no-sync").ok();
    let project = world.project("demo");
    let said = |project: &Project<'_>| project.doctor("--select TOL").roots();
    assert_eq!(said(&project), [""; 0]);
    let manifest = project.read("pyproject.toml");
    let with = |text: &str| write(&project, "pyproject.toml", &manifest.replace("extend-select = [", text));
    with("extend-select = [\n  \"COM\",");
    assert_eq!(said(&project), ["TOL04"]);
    with("ignore = [\"COM812\"]\nextend-select = [\n  \"COM\",");
    assert_eq!(said(&project), [""; 0]);
    with("ignore = [\n  \"D203\", # the other one\n]\nextend-select = [\n  \"COM\",");
    assert_eq!(said(&project), ["TOL04"]);
    project.pyenvkit("doctor --context developer --select TOL --fix --yes").ok();
    assert_eq!(said(&project), [""; 0]);
    let text = project.read("pyproject.toml");
    assert!(text.contains("  \"COM812\",\n  \"D203\", # the other one\n"), "{text}");
}

#[test]
fn tol05_a_file_that_overrides_another() {
    let world = World::with_uv();
    let project = world.healthy();
    write(&project, "tox.ini", "[testenv]\ncommands = pytest\n");
    project.assert_healthy();
    write(&project, "pytest.ini", "[pytest]\naddopts = -q\n");
    let finding = project.assert_fault("TOL05");
    assert!(finding["fix"].is_null(), "settings are not ours to throw away: {finding:#}");
    write(&project, "pytest.ini", "");
    project.assert_fault("TOL05");
    project.assert_mended_by("--fix=all");
    assert!(!project.has("pytest.ini"));
    project.pyenvkit("undo --yes").ok();
    assert!(project.has("pytest.ini"));
}
