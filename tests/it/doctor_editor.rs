//! Settings of editors that name what is not there: injected, seen, near to it silent, mended.
#![cfg(unix)]

use std::fs;

use crate::common::World;
use crate::common::project::Project;

const CODE: &str = ".vscode/settings.json";

fn write(project: &Project<'_>, path: &str, text: &str) {
    fs::create_dir_all(project.path(path).parent().unwrap()).unwrap();
    fs::write(project.path(path), text).unwrap();
}

#[test]
fn ide01_an_interpreter_that_is_not_there() {
    let world = World::with_uv();
    let project = world.healthy();
    let with = |python: &str| {
        let text = format!("{{\n  // mine\n  \"python.defaultInterpreterPath\": \"{python}\",\n  \"x\": 1,\n}}\n");
        write(&project, CODE, &text);
        text
    };
    let right = with("${workspaceFolder}/.venv/bin/python");
    project.assert_healthy();
    for fine in [".venv", "./.venv/bin/python", "python3", "${env:MINE}/bin/python", "C:\\\\x\\\\python.exe"] {
        with(fine);
        project.assert_healthy();
    }
    with("/home/somebody/else/bin/python");
    let finding = project.assert_fault("IDE01");
    assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&3.into(), &37.into()));
    project.pyenvkit("doctor --context ci --strict --select IDE").ok();
    project.assert_mended_by("--fix");
    assert_eq!(project.read(CODE), right);
    // Where the environment is gone, that is the fault.
    fs::rename(project.path(".venv"), project.path("../aside")).unwrap();
    project.assert_fault("VEN01");
}

#[test]
fn ide01_other_editors() {
    let world = World::with_uv();
    let project = world.healthy();
    for (path, fine, fault) in [
        (".idea/misc.xml", "<c project-jdk-name=\"Python 3.12 (x)\" />", "<c project-jdk-name=\"~/x/bin/python3\" />"),
        (
            "pyrightconfig.json",
            "{\"venvPath\": \".\", \"venv\": \".venv\"}",
            "{\"venvPath\": \".\", \"venv\": \"venv\"}",
        ),
        ("x.code-workspace", "{\"settings\": {}}", "{\"settings\": {\"python.pythonPath\": \"../gone/python\"}}"),
    ] {
        write(&project, path, fine);
        project.assert_healthy();
        write(&project, path, fault);
        project.assert_fault("IDE01");
        fs::remove_file(project.path(path)).unwrap();
    }
}
