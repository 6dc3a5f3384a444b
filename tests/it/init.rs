//! `init` finds out what a project is, records it, and adds nothing that nobody asked for.

use std::fs;

use crate::common::World;
use crate::common::kinds::KINDS;
#[cfg(unix)]
use crate::common::pty;

#[test]
fn every_kind_of_project_is_adopted() {
    let world = World::new();
    for (kind, says) in KINDS.iter().zip([
        &["no package"][..],
        &["src (src)", "hatchling"],
        &["flat (demo)"],
        &["Poetry", "Python >=3.11, <4", "poetry-core"],
        &["demo in", "setuptools (setup.py or setup.cfg alone)", "lint       flake8: configured"],
        &["pip with requirements files", "Python >=3.11"],
        &["src (src)"],
        &["src (src)", "uv, in the workspace of the repository"],
    ]) {
        let project = world.existing(kind, kind.name);
        let folder = project.to_str().unwrap();
        let outcome = world.args(["init", folder, "--yes"]).ok();
        for words in says {
            assert!(outcome.text().contains(words), "{}: {words}\n{}", kind.name, outcome.text());
        }
        let changed = world.git(&world.work().join(kind.name), ["status", "--porcelain", "-uall"]);
        assert!(changed.lines().all(|line| line.contains(".pyenvkit/")), "{}: {changed}", kind.name);
        world.args(["init", folder, "--yes"]).ok().says("nothing has to be changed");
        world.args(["undo", "--yes", "--directory", folder]).ok();
        assert_eq!(world.git(&world.work().join(kind.name), ["status", "--porcelain"]), "", "{}", kind.name);
    }
}

#[test]
fn what_is_recorded_is_what_later_changes_go_by() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    world.args(["init", "p", "--yes", "--with", "coverage", "--no-sync"]).ok();
    let manifest = fs::read_to_string(project.join("pyproject.toml")).unwrap();
    assert!(manifest.contains("source_pkgs = [\"demo\"]"), "{manifest}");
    world.args(["remove-tool", "coverage", "--yes", "--directory", "p"]).ok();
    assert_eq!(world.git(&project, ["status", "--porcelain", "-uall"]).lines().count(), 2, "the record stays");
}

#[test]
fn loose_files_become_a_project_and_an_empty_folder_does_not() {
    let world = World::new();
    world.write("work/loose/hello.py", "print('hello')\n");
    world.args(["init", "loose", "--yes"]).ok();
    let manifest: toml::Table = fs::read_to_string(world.work().join("loose/pyproject.toml")).unwrap().parse().unwrap();
    assert_eq!(manifest["project"]["name"].as_str(), Some("loose"));
    fs::create_dir(world.work().join("nothing")).unwrap();
    let before = world.snapshot();
    world.args(["init", "nothing", "--yes"]).code(2).says("pyenvkit new").one_error();
    before.assert_same(&world.snapshot());
}

#[test]
fn a_wrong_name_is_said_before_anything_is_written() {
    let world = World::new();
    world.existing(&KINDS[1], "p");
    let before = world.snapshot();
    world.args(["init", "p", "--yes", "--with", "blakc"]).code(2).says("did you mean \"black\"").one_error();
    before.assert_same(&world.snapshot());
}

#[test]
fn a_preview_says_all_and_writes_nothing() {
    let world = World::new();
    world.existing(&KINDS[3], "p");
    let before = world.snapshot();
    let outcome = world.args(["init", "p", "--plan", "json"]).ok();
    let plan: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(plan["values"]["manager"], "Poetry");
    assert_eq!(plan["values"]["values"]["name"], "demo");
    before.assert_same(&world.snapshot());
}

/// A path in a project, and the text of the file.
type File = (&'static str, &'static str);

/// Kinds of projects beside those of [`KINDS`]: their files, and what is said of them.
const OTHERS: &[(&str, &[File], &[&str])] = &[
    (
        "pdm",
        &[
            (
                "pyproject.toml",
                "[project]\nname = \"demo\"\ndynamic = [\"version\"]\nrequires-python = \"==3.11.*\"\n[tool.pdm]\ndistribution = true\n\
                 [tool.pdm.dev-dependencies]\nDevel = [\"black\"]\n[build-system]\nrequires = [\"pdm-backend\"]\nbuild-backend = \"pdm.backend\"\n",
            ),
            ("src/demo/__init__.py", ""),
        ],
        &["PDM", "pdm-backend", "==3.11.*", "black: required in pyproject.toml"],
    ),
    (
        "hatch",
        &[
            (
                "pyproject.toml",
                "[project]\nname = \"demo-kit\"\nversion = \"1\"\n[tool.hatch.envs.default]\ndependencies = [\"mypy\"]\n\
                 [tool.hatch.build.targets.wheel]\npackages = [\"code/kit\"]\n[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n",
            ),
            ("code/kit/__init__.py", ""),
            (".python-version", "3.13\n"),
        ],
        &["Hatch", "kit", "src (code)", "Python >=3.13"],
    ),
    (
        "flit",
        &[
            (
                "pyproject.toml",
                "[build-system]\nrequires = [\"flit_core\"]\nbuild-backend = \"flit_core.buildapi\"\n\
                 [tool.flit.metadata]\nmodule = \"demo\"\nrequires-python = \">=2.7\"\n",
            ),
            ("demo.py", ""),
        ],
        &["demo in", "flit", "flat (demo.py)", "Python >=2.7"],
    ),
    (
        "requirements-alone",
        &[("requirements.txt", "flask\n"), ("app.py", ""), ("jobs.py", ""), ("test/test_app.py", "")],
        &["no package", "pip with requirements files", "tests      test"],
    ),
    (
        "pipfile",
        &[("Pipfile", "[packages]\n\n[requires]\npython_version = \"3.12\"\n"), ("app.py", "")],
        &["Pipenv", "Python ==3.12.*"],
    ),
];

#[test]
fn other_kinds_of_projects_are_adopted_too() {
    let world = World::new();
    for (name, files, says) in OTHERS {
        for (path, text) in *files {
            world.write(&format!("work/{name}/{path}"), text);
        }
        let before = world.snapshot();
        let outcome = world.args(["init", name, "--yes"]).ok();
        for words in *says {
            assert!(outcome.text().contains(words), "{name}: {words}\n{}", outcome.text());
        }
        let folder = world.work().join(name);
        for (path, text) in *files {
            assert_eq!(fs::read_to_string(folder.join(path)).unwrap(), *text, "{name}: {path}");
        }
        world.args(["init", name, "--yes"]).ok().says("nothing has to be changed");
        world.args(["undo", "--yes", "--directory", name]).ok();
        fs::remove_dir_all(folder.join(".pyenvkit")).unwrap();
        before.assert_same(&world.snapshot());
    }
}

#[test]
fn a_malformed_file_is_said_before_anything_is_written() {
    let world = World::new();
    let before = world.snapshot();
    world.write("work/torn/setup.cfg", "[metadata]\nname = torn\n[metadata]\n");
    world.args(["init", "torn", "--yes"]).code(2).says("setup.cfg:3:1").one_error();
    fs::remove_dir_all(world.work().join("torn")).unwrap();
    before.assert_same(&world.snapshot());
}

#[test]
fn record_and_tools_are_one_change() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    world.args(["init", "p", "--yes", "--with", "black,mypy", "--no-sync"]).ok();
    assert!(fs::read_to_string(project.join("pyproject.toml")).unwrap().contains("[tool.mypy]"));
    world.args(["undo", "--yes", "--directory", "p"]).ok();
    assert_eq!(world.git(&project, ["status", "--porcelain", "-uall"]), "");
}

#[test]
fn what_stands_as_we_write_it_is_ours_and_nothing_else() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    let tools = "black,isort,flake8,mypy,pytest,coverage,pre-commit";
    world.args(["init", "p", "--yes", "--with", tools, "--no-sync"]).ok();
    let lock = project.join(".pyenvkit/lock.jsonl");
    let made = |lock: &str| -> Vec<String> {
        let lines = lock.lines().filter(|line| line.starts_with("{\"tool\"") || line.starts_with("{\"values\""));
        lines.map(str::to_owned).collect()
    };
    let first = fs::read_to_string(&lock).unwrap();
    fs::remove_file(&lock).unwrap();
    let manifest = project.join("pyproject.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    world.args(["init", "p", "--yes"]).ok().says("pyenvkit manages it from now on");
    assert_eq!(made(&fs::read_to_string(&lock).unwrap()), made(&first));
    assert_eq!(fs::read_to_string(&manifest).unwrap(), text);
    // Whoever manages a tool leaves it alone when another one comes or goes.
    world.args(["add-tool", "black", "--yes", "--no-sync", "--directory", "p"]).ok().says("nothing has to be changed");
    world.args(["remove-tool", "mypy", "--yes", "--directory", "p"]).ok();
    assert_eq!(fs::read_to_string(&manifest).unwrap().matches("mypy").count(), 0);

    fs::remove_file(&lock).unwrap();
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap().replace("profile = \"black\"", "profile = \"google\""))
        .unwrap();
    world.args(["init", "p", "--yes"]).ok();
    let names = made(&fs::read_to_string(&lock).unwrap());
    assert!(
        names.iter().any(|line| line.contains("\"black\"")) && !names.iter().any(|line| line.contains("\"isort\"")),
        "{names:?}"
    );
}

/// Run the binary on a terminal and give each answer to its question, to the end.
#[cfg(unix)]
fn converse(world: &World, args: &[&str], answers: &[(&str, &str)]) {
    let mut session = world.pty(args.iter().copied());
    for (question, keys) in answers {
        pty::answer(&mut session, question, keys);
    }
    pty::assert_cursor_visible(&session.exp_eof().unwrap());
}

#[cfg(unix)]
#[test]
fn a_terminal_is_asked_and_no_is_the_default() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    let proposals =
        ["isort", "black", "flake8", "mypy", "pytest", "coverage", "pre-commit"].map(|it| format!("add {it}"));
    let mut answers = vec![("record this?", "\r")];
    answers.extend(proposals.iter().flat_map(|question| [(question.as_str(), ""), ("(y/n)", "\r")]));
    answers.push(("change these files?", "y"));
    converse(&world, &["init", "p"], &answers);
    let changed = world.git(&project, ["status", "--porcelain", "-uall"]);
    assert_eq!(changed.lines().count(), 2, "{changed}");
}

/// The key that goes one line down.
#[cfg(unix)]
const DOWN: &str = "\u{1b}[B";

#[cfg(unix)]
#[test]
fn a_corrected_value_is_recorded_and_obeyed_where_no_file_says_otherwise() {
    let world = World::new();
    world.write("work/p/app.py", "");
    let answers = [
        ("record this?", format!("{}\r", DOWN.repeat(5))),
        ("pythons, such as", format!("{}>=3.13\r", "\u{8}".repeat(10))),
        ("record this?", String::new()),
        (">=3.13", "\r".to_owned()),
        ("change these files?", "y".to_owned()),
    ];
    let answers = answers.each_ref().map(|(question, keys)| (*question, keys.as_str()));
    converse(&world, &["init", "p", "--with", "mypy", "--no-sync"], &answers);
    let text = |path: &str| fs::read_to_string(world.work().join("p").join(path)).unwrap();
    assert!(text(".pyenvkit/lock.jsonl").contains("\"requires-python\":\">=3.13\""));
    let manifest = text("pyproject.toml");
    assert!(
        manifest.contains("requires-python = \">=3.13\"") && manifest.contains("python_version = \"3.13\""),
        "{manifest}"
    );
}

#[test]
fn folders_are_as_the_flags_say_from_then_on() {
    let world = World::new();
    for path in [
        "engine/run.py",
        "engine/__init__.py",
        "plugins/a.py",
        "checks/test_a.py",
        "demo/__init__.py",
        "more/test_b.py",
    ] {
        world.write(&format!("work/p/{path}"), "");
    }
    world.write("work/p/pyproject.toml", "[project]\nname = \"demo\"\nversion = \"1\"\n");
    let manifest = || fs::read_to_string(world.work().join("p/pyproject.toml")).unwrap();
    let lock = || fs::read_to_string(world.work().join("p/.pyenvkit/lock.jsonl")).unwrap();
    world.args(["init", "p", "--yes", "--layout", "flat", "--sources", "demo", "--tests", "checks,more"]).ok();
    assert!(!lock().contains("sources") && !lock().contains("tests"), "the files say it: {}", lock());
    let flags = ["init", "p", "--yes", "--sources", "engine/,plugins", "--tests", "checks/"];
    world.args(flags).ok().says("flat (engine, plugins)").says("tests      checks");
    world.args(["add-tool", "mypy", "pytest", "--yes", "--no-sync", "--directory", "p"]).ok();
    assert!(manifest().contains("files = [\"engine\", \"plugins\", \"checks\"]"), "{}", manifest());
    assert!(manifest().contains("testpaths = [\"checks\"]"), "{}", manifest());
    let shown = world.args(["init", "p", "--plan", "json"]).ok().stdout;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["values"]["sources"], serde_json::json!(["engine", "plugins"]));
    world.args(["init", "p", "--yes", "--layout", "none"]).ok().says("no package");
    assert!(lock().contains("\"layout\":\"none\",\"sources\":[]"), "{}", lock());
    let before = world.snapshot();
    for (flag, value, says) in [
        ("--sources", "engin", "there is no folder engin"),
        ("--tests", "../x", "../x"),
        ("--layout", "src", "there is no folder src"),
        ("--layout", "flatt", "flatt"),
    ] {
        world.args(["init", "p", "--yes", flag, value]).code(2).says(says);
    }
    before.assert_same(&world.snapshot());
}

#[cfg(unix)]
#[test]
fn folders_are_corrected_on_the_screen() {
    let world = World::new();
    world.existing(&KINDS[1], "p");
    fs::create_dir(world.work().join("p/checks")).unwrap();
    let answers = [
        ("record this?", format!("{}\r", DOWN.repeat(4))),
        ("folders of tests", format!("{}nothing\r", "\u{8}".repeat(20))),
        ("there is no folder nothing", format!("{}checks\r", "\u{8}".repeat(20))),
        ("record this?", String::new()),
        ("checks", "\r".to_owned()),
        ("change these files?", "y".to_owned()),
    ];
    let answers = answers.each_ref().map(|(question, keys)| (*question, keys.as_str()));
    converse(&world, &["init", "p", "--with", "pytest", "--no-sync"], &answers);
    let text = |path: &str| fs::read_to_string(world.work().join("p").join(path)).unwrap();
    assert!(text("pyproject.toml").contains("testpaths = [\"checks\"]"), "{}", text("pyproject.toml"));
    let lock = text(".pyenvkit/lock.jsonl");
    assert!(lock.contains("\"tests\":[\"checks\"]") && !lock.contains("\"sources\""), "{lock}");
}

#[cfg(unix)]
#[test]
fn add_tool_shows_its_change_and_asks_once() {
    let world = World::new();
    let project = world.existing(&KINDS[1], "p");
    for (answer, is_changed) in [("n", false), ("y", true)] {
        let args = ["add-tool", "black", "--no-sync", "--directory", "p"];
        // What only machines read is named, and not shown.
        let record = ".pyenvkit/lock.jsonl (pyenvkit's own record)";
        converse(&world, &args, &[("black==", ""), (record, ""), ("change these files?", answer)]);
        assert_eq!(!world.git(&project, ["status", "--porcelain"]).is_empty(), is_changed);
    }
}
