//! What a project says in `[tool.pyenvkit.doctor]`: which checks judge it, and what it may not silence.
#![cfg(unix)]

use std::fs;

use crate::common::World;
use crate::common::faults::Said;
use crate::common::project::Project;

/// Write the table; with its text the number of the line that it begins at.
fn say(project: &Project<'_>, table: &str) -> usize {
    let manifest = project.read("pyproject.toml");
    let manifest = manifest.split("\n[tool.pyenvkit.doctor").next().unwrap().to_owned();
    fs::write(project.path("pyproject.toml"), format!("{manifest}\n[tool.pyenvkit.doctor]\n{table}")).unwrap();
    manifest.lines().count() + 2
}

#[test]
fn a_project_chooses_what_it_is_judged_by() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    fs::write(project.path("pytest.ini"), "").unwrap();
    assert_eq!(project.doctor("").roots(), ["TOL05", "PRC01"]);
    say(&project, "select = [\"tol\"]\n");
    assert_eq!(project.doctor("").roots(), ["TOL05"]);
    // The command line has the last word on what runs; what is ignored adds up.
    assert_eq!(project.doctor("--select PRC").roots(), ["PRC01"]);
    project.pyenvkit("doctor --context developer --ignore TOL05").ok().prints("nothing is wrong, 1 ignored");
    say(&project, "select = [\"TOL\", \"PRC\"]\nignore = [\"TOL05\"]\n");
    let said = project.doctor("");
    assert_eq!((said.roots(), &said.document["summary"]["suppressed"]), (vec!["PRC01".to_owned()], &1.into()));
}

/// What is wrong with the machine is wrong wherever one looks: a project that selects checks says nothing about that.
#[test]
fn a_selection_of_a_project_does_not_hide_the_machine() {
    let mut world = World::with_uv();
    let project = world.healthy();
    say(&project, "select = [\"PYP\"]\n");
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    // The environment's own configuration is the project's affair, the user's is the machine's.
    fs::write(project.path(".venv/pip.conf"), "[global]\nextra-index-url = https://own.example/simple\n").unwrap();
    // Nobody commits as far as the machine knows, but the repository knows better.
    world.no_identity();
    project.git(["config", "user.name", "Me"]);
    project.git(["config", "user.email", "me@example.org"]);
    project.assert_healthy();
    drop(project);
    world.set("PYTHONHOME", "/usr/local").set("PIP_TRUSTED_HOST", "index.example");
    let said = world.project("demo").doctor("");
    assert_eq!(said.roots(), ["INT09", "SEC02"], "{}", said.outcome.text());
    // Who asks for something on the command line gets that alone, and what is ignored by name is ignored.
    assert_eq!(world.project("demo").doctor("--select PRC").roots(), ["PRC01"]);
    say(&world.project("demo"), "select = [\"PYP\"]\nignore = [\"SEC02\", \"INT09\"]\n");
    let said = world.project("demo").doctor("");
    assert_eq!((said.roots(), &said.document["summary"]["suppressed"]), (Vec::new(), &2.into()));
    // Beside other projects the machine has a row of its own.
    let said = Said::read(world.run("doctor --recursive . --context developer --format json").code(1)).no_crash();
    assert_eq!(said.roots(), ["INT09", "SEC02"], "{}", said.outcome.text());
}

#[test]
fn what_no_check_is_called_is_shown_where_it_stands() {
    let world = World::with_uv();
    let project = world.healthy();
    let rows = [
        (
            "select = [\"PYP\"]\nignore = [\n  \"PRC01\",\n  \"VEN99\",\n]\n",
            (4, 3),
            "there is no check \"VEN99\"",
            "VEN0",
        ),
        ("select = [\"TLO\"]\n", (1, 11), "there is no check \"TLO\"", "did you mean TOL"),
        ("ignore = [\"VNE05\"]\n", (1, 11), "there is no check \"VNE05\"", "did you mean VEN05?"),
        ("ignore = [\"\"]\n", (1, 11), "there is no check \"\"", "doctor --list"),
        ("ignore = 3\n", (1, 10), "[tool.pyenvkit.doctor] is not understood: invalid type: integer", ""),
        (
            "ignored = []\n",
            (1, 1),
            "is not understood: unknown field `ignored`, expected one of `select`, `ignore`",
            "",
        ),
    ];
    for (table, (line, column), what, hint) in rows {
        let first = say(&project, table);
        let place = format!("pyproject.toml:{}:{column}: ", first + line);
        let source = table.lines().nth(line - 1).unwrap();
        let said = project.pyenvkit("doctor").code(2).one_error().says(&place).says(what).says(source);
        assert!(hint.is_empty() && !said.stderr.contains("hint:") || said.stderr.contains(hint), "{}", said.text());
        let row = world.run("doctor --recursive .").code(1).stdout;
        assert!(row.lines().next().unwrap().starts_with("crash  demo") && row.contains(&place), "{row}");
    }
    world.run("doctor --select VNE05").code(2).one_error().says("did you mean VEN05?");
}
