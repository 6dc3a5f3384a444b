//! What doctor takes, prints and ends with, whatever it finds.

use std::fs;

use crate::common::World;
use crate::common::faults::Said;

#[test]
fn every_check_is_listed_and_explained() {
    let world = World::new();
    let listed = world.run("doctor --list").ok().stdout;
    let ids: Vec<&str> = listed.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert!(ids.contains(&"VEN01") && ids.contains(&"PRC07"), "{listed}");
    for id in &ids {
        let page = world.run(&format!("doctor --explain {}", id.to_lowercase())).ok().stdout;
        assert!(page.starts_with(&format!("# {id}: ")), "{page}");
        for heading in ["## Why it matters", "## How it comes about", "## How to mend it", "## How to ignore it"] {
            assert!(page.contains(heading), "{id} has no {heading}");
        }
    }
    assert_eq!(
        world.run("doctor --list --select PRC").ok().stdout.lines().count(),
        ids.iter().filter(|id| id.starts_with("PRC")).count()
    );
    world.run("doctor --explain VEN99").code(2).one_error().says("VEN0");
    world.run("doctor --select nothing").code(2).one_error();
    world.run("doctor --explain ven").code(2).one_error().says("--list --select VEN");
    world.run("doctor nowhere").code(2).one_error().says("nowhere is not there");
    world.run("doctor --recursive bin/git --directory ..").code(2).one_error().says("is not a folder");
}

#[test]
fn outside_of_a_project_nothing_is_wrong_with_it() {
    let world = World::new();
    let before = world.snapshot();
    let said = Said::read(world.run("doctor --format json").ok()).no_crash();
    assert!(said.document["reports"][0]["project"].is_null());
    before.assert_same(&world.snapshot());
    // What has nothing to look at takes one line.
    let text = world.run("doctor").ok().prints("skip  Virtual environment, Packages, ").stdout;
    assert_eq!(text.matches("not in a project").count(), 1, "{text}");
}

/// On a terminal lines end between words, and what is to be copied stays whole.
#[test]
fn a_narrow_terminal_breaks_no_word() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::write(project.path("pyproject.toml"), "[project]\nname = \"demo\"\nversion = \"1\"\nlicence = \"MIT\"\n")
        .unwrap();
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    let mut command = world.command("/bin/sh");
    let line =
        format!("stty rows 24 cols 40 && exec '{}' doctor demo --context developer", env!("CARGO_BIN_EXE_pyenvkit"));
    command.args(["-c", &line]).stdin(std::process::Stdio::inherit());
    let mut session = rexpect::session::spawn_command(command, Some(60_000)).unwrap();
    let told = console::strip_ansi_codes(&session.exp_eof().unwrap()).replace('\r', "");
    assert!(told.contains("PRC01") && told.contains("mend it:"), "{told}");
    for line in told.lines().filter(|line| !line.contains("mend it:") && line.trim().contains(' ')) {
        let words_behind_the_first = line.trim().split(' ').skip(1).count();
        assert!(line.chars().count() <= 40 || words_behind_the_first == 1, "{line:?}\n{told}");
    }
    // Elsewhere a line is a line.
    let piped = project.pyenvkit("doctor --context developer").code(1).stdout;
    assert!(piped.lines().any(|line| line.chars().count() > 80), "{piped}");
}

#[test]
fn every_form_is_made_of_the_same_findings() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    let json = project.doctor("");
    let message = json.findings()[0].1["message"].as_str().unwrap().to_owned();
    let text = project.pyenvkit("doctor --context developer").code(1).prints("PRC01").prints(&message);
    assert_eq!(text.stderr, "");
    let sarif: serde_json::Value =
        serde_json::from_str(&project.pyenvkit("doctor --context developer --format sarif").code(1).stdout).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"PRC01".into(), &"error".into()));
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], ".pre-commit-config.yaml");
    let github = project.pyenvkit("doctor --context developer --format github").code(1).stdout;
    assert!(github.starts_with("::error file=.pre-commit-config.yaml,title=PRC01%3A "), "{github}");
    assert_eq!(github.lines().count(), 1);
}

#[test]
fn what_the_project_ignores_is_counted_and_not_told() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    let manifest = project.read("pyproject.toml");
    fs::write(project.path("pyproject.toml"), format!("{manifest}\n[tool.pyenvkit.doctor]\nignore = [\"PRC01\"]\n"))
        .unwrap();
    project.pyenvkit("doctor --context developer").ok().prints("nothing is wrong, 1 ignored");
    fs::write(project.path("pyproject.toml"), format!("{manifest}\n[tool.pyenvkit.doctor]\nignore = 3\n")).unwrap();
    project.pyenvkit("doctor").code(2).one_error();
}

#[test]
fn several_projects_are_examined_in_one_run() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::create_dir(world.work().join("other")).unwrap();
    world.write(
        "work/other/pyproject.toml",
        "[project]\nname = \"other\"\nversion = \"1\"\nrequires-python = \">=3.11\"\n",
    );
    let said = Said::read(world.run("doctor demo other --context developer --format json").code(1));
    assert_eq!(said.roots(), ["VEN01"]);
    assert_eq!(said.document["reports"].as_array().unwrap().len(), 2);
    assert!(project.has(".venv"));
}

#[test]
fn a_project_that_cannot_be_read_is_examined_all_the_same() {
    let world = World::with_uv();
    let project = world.healthy();
    // Not TOML: what doctor needs of other files it reads.
    fs::write(project.path("pyproject.toml"), "[project\n").unwrap();
    project.assert_fault("PYP01");
    for hostile in
        ["pyproject.toml", ".pre-commit-config.yaml", ".venv/pyvenv.cfg", ".venv/bin/activate", ".git/hooks/pre-push"]
    {
        let path = project.path(hostile);
        let before = fs::read(&path).unwrap_or_default();
        let _ = fs::remove_file(&path);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        project.doctor("");
        fs::remove_file(&path).unwrap();
        fs::File::create(&path).unwrap().set_len(2 << 30).unwrap();
        project.doctor("");
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&path, &path).unwrap();
        project.doctor("");
        fs::remove_file(&path).unwrap();
        fs::write(&path, before).unwrap();
    }
}

#[test]
fn nothing_of_what_is_looked_at_is_executed() {
    let mut world = World::with_uv();
    let project = world.healthy();
    let mark = world.root().join("executed");
    let trap = format!("#!/bin/sh\ntouch '{}'\n", mark.display());
    for name in ["python", "python3", "pip", "pre-commit"] {
        let path = project.path(".venv/bin").join(name);
        fs::remove_file(&path).unwrap();
        fs::write(&path, &trap).unwrap();
        crate::common::world::make_executable(&path);
    }
    project.git(["config", "core.fsmonitor", &format!("touch '{}'", mark.display())]);
    world.set("PYTHONHOME", "/usr/local");
    world.project("demo").doctor("");
    assert!(!mark.exists(), "something of the project was executed");
}
