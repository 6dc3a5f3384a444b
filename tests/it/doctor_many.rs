//! Many projects in one run: each found, each in one row, what they share told once.

use std::fs;

use serde_json::Value;

use crate::common::World;
use crate::common::faults::Said;

const MANIFEST: &str = "[project]\nname = \"NAME\"\nversion = \"1\"\n";

/// A project without an environment, in the working folder; where there is nothing else to be said of it.
fn bare(world: &World, path: &str) {
    let name = path.rsplit('/').next().unwrap();
    world.write(&format!("work/{path}/pyproject.toml"), MANIFEST.replace("NAME", name));
}

/// The projects of a document, in its order, with their status.
fn rows(document: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("the machine").to_owned();
    let reports = document["reports"].as_array().unwrap().iter();
    let name = |path: String| path.rsplit("/work/").next().unwrap().to_owned();
    reports.map(|report| (name(text(&report["project"])), text(&report["status"]))).collect()
}

#[test]
fn every_project_below_a_folder_has_one_row_and_the_worst_comes_first() {
    let world = World::with_uv();
    world.healthy();
    bare(&world, "team/a");
    bare(&world, "team/deep/b");
    bare(&world, "team/.cache/hidden");
    world.write("work/team/c/pyproject.toml", "[project\n");
    world.write("work/team/d/pyproject.toml", "[tool.pyenvkit.doctor]\nignore = 3\n");
    let line = "doctor --recursive . --context developer --select VEN01";
    let said = Said::read(world.run(&format!("{line} --format json")).code(1));
    let expected =
        [("team/d", "crash"), ("team/a", "fail"), ("team/c", "fail"), ("team/deep/b", "fail"), ("demo", "pass")];
    let found = rows(&said.document);
    assert_eq!(found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect::<Vec<_>>(), expected);
    let projects = &said.document["projects"];
    assert_eq!((&projects["examined"], &projects["failed"], &projects["healthy"]), (&5.into(), &4.into(), &1.into()));
    let text = world.run(line).code(1);
    let lines: Vec<&str> = text.stdout.lines().collect();
    assert!(lines[0].starts_with("crash  team/d") && lines[0].contains("not understood"), "{}", text.text());
    assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["fail", "team/a", "VEN01"]);
    assert_eq!(lines[4].split_whitespace().collect::<Vec<_>>(), ["ok", "demo"]);
    assert_eq!(lines[5], "5 projects: 4 with failures, 0 with warnings, 1 healthy");
    let quiet = world.run(&format!("{line} -q")).code(1);
    assert!(!quiet.stdout.contains("demo"), "{}", quiet.text());
    world.run(&format!("{line} -v")).code(1).prints("mend it:");
    let sarif: Value = serde_json::from_str(&world.run(&format!("{line} --format sarif")).code(1).stdout).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 3);
    assert_eq!(run["results"][1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "team/c");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let github = world.run(&format!("{line} --format github")).code(1).stdout;
    assert_eq!(github.lines().count(), 4, "{github}");
    assert!(github.starts_with("::error title=not judged::team/d"), "{github}");
}

#[test]
fn what_git_ignores_and_environments_are_not_examined() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::write(project.path(".git/info/exclude"), "/scratch/\n").unwrap();
    for path in ["demo/scratch/x", "demo/.venv/src/x", "demo/node_modules/x", "demo/member"] {
        bare(&world, path);
    }
    let said = Said::read(world.run("doctor --recursive demo --format json --select VEN01 --context developer"));
    let mut found: Vec<String> = rows(&said.document).into_iter().map(|(name, _)| name).collect();
    found.sort();
    assert_eq!(found, ["demo", "demo/member"]);
    fs::create_dir(world.work().join("empty")).unwrap();
    world.run("doctor --recursive empty").code(2).one_error().says("empty");
    world.run("doctor --recursive gone").code(2).one_error().says("gone");
    world.run("doctor --recursive --explain VEN01").code(2);
}

#[test]
fn what_several_projects_share_is_told_once() {
    let mut world = World::with_uv();
    let project = world.healthy();
    // One repository, one environment and one machine for three projects.
    for member in ["packages/a", "packages/b"] {
        bare(&world, &format!("demo/{member}"));
    }
    let manifest = project.read("pyproject.toml");
    let workspace = format!("{manifest}\n[tool.uv.workspace]\nmembers = [\"packages/*\"]\n");
    fs::write(project.path("pyproject.toml"), workspace).unwrap();
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    fs::remove_dir_all(project.path(".venv/bin")).unwrap();
    world.set("VIRTUAL_ENV", world.work().join("gone"));
    let said = Said::read(world.run("doctor --recursive . --format json --context developer").code(1));
    let mut seen = std::collections::BTreeSet::new();
    for (id, finding) in said.findings() {
        if id.starts_with("PRC") || id == "VEN02" {
            assert!(seen.insert(id.clone()), "{id} is told twice: {finding:#}");
        }
    }
    assert!(seen.contains("PRC01"), "{}", said.outcome.text());
}

#[test]
fn nothing_is_started_unless_it_is_allowed() {
    let world = World::with_uv();
    let project = world.healthy();
    // Only git itself understands this condition.
    project.git(["config", "includeIf.hasconfig:remote.*.url:https://**.path", "/nowhere"]);
    let mark = world.root().join("started");
    let git = fs::read_link(world.bin().join("git")).unwrap();
    world.program("git", &format!("#!/bin/sh\ntouch '{}'\nexec '{}' \"$@\"\n", mark.display(), git.display()));
    let line = "doctor --recursive . --context developer --format json";
    Said::read(world.run(line)).no_crash();
    assert!(!mark.exists(), "git was started");
    Said::read(world.run(&format!("{line} --start-programs"))).no_crash();
    assert!(mark.exists(), "git was not started");
}

#[test]
fn several_projects_are_mended_in_one_run() {
    let world = World::with_uv();
    let project = world.healthy();
    bare(&world, "other");
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    let line = "doctor --recursive . --context developer --select PRC01,VEN01";
    world.run(&format!("{line} --fix --dry-run")).code(1);
    assert!(!project.has(".git/hooks/pre-commit"));
    world.run(&format!("{line} --fix --yes")).ok().prints("2 projects: 0 with failures, 0 with warnings, 2 healthy");
    assert!(project.has(".git/hooks/pre-commit") && world.project("other").has(".venv"));
}

/// Only git knows what it tracks, and a run over many projects starts no git unless it is allowed to.
#[test]
fn what_git_tracks_is_judged_only_where_git_may_be_started() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::write(project.path(".env"), "API_TOKEN=q8Zf0aLm2Kx7\n").unwrap();
    project.git(["add", "--force", ".env", ".venv/pyvenv.cfg"]);
    let line = "doctor --recursive . --context developer --select GIT01,SEC01";
    let skipped = Said::read(world.run(&format!("{line} --format json")).ok()).no_crash();
    assert_eq!(skipped.roots(), [""; 0]);
    assert_eq!(skipped.document["summary"]["skipped"], 2, "{}", skipped.outcome.text());
    world.run(&format!("{line} -v")).ok().prints("GIT01").prints("--start-programs");
    let judged = Said::read(world.run(&format!("{line} --format json --start-programs")).code(1)).no_crash();
    assert_eq!(judged.roots(), ["GIT01", "SEC01"]);
    // One project is no walk over strangers' folders.
    assert_eq!(project.doctor("--select GIT01,SEC01").roots(), ["GIT01", "SEC01"]);
}
