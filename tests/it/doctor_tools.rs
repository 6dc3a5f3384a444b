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

/// What doctor says of the tools of a project that is nothing but a manifest with these tables, and a `setup.cfg`.
fn of_tables(world: &World, tables: &str, setup_cfg: &str) -> Vec<String> {
    let head = "[project]\nname = \"p\"\nversion = \"1\"\nrequires-python = \">=3.11\"\n";
    world.write("work/p/pyproject.toml", format!("{head}{tables}"));
    world.write("work/p/setup.cfg", setup_cfg);
    world.project("p").doctor("--select TOL01,TOL02,TOL03,TOL04").roots()
}

#[test]
fn tol01_limits_that_nobody_reaches_are_none() {
    let world = World::with_uv();
    let group = |names: &str| format!("[dependency-groups]\ndev = [{names}]\n");
    let flake8 = |limit: u32| format!("[flake8]\nmax-line-length = {limit}\nextend-ignore = E203, E701\n");
    let black = group("\"black\", \"flake8\"");
    // A linter's limit beyond the formatter's is for what cannot be broken.
    assert_eq!(of_tables(&world, &black, &flake8(120)), [""; 0]);
    assert_eq!(of_tables(&world, &black, &flake8(87)), ["TOL01"]);
    // Without its profile the sorter breaks lines at 79 columns.
    let isort = group("\"isort\", \"flake8\"");
    assert_eq!(of_tables(&world, &isort, &flake8(79)), [""; 0]);
    assert_eq!(of_tables(&world, &format!("{isort}[tool.isort]\nprofile = \"black\"\n"), &flake8(79)), ["TOL01"]);
    assert_eq!(of_tables(&world, &format!("{isort}[tool.isort]\nline_length = 100\n"), &flake8(117)), [""; 0]);
}

#[test]
fn tools_that_are_told_to_do_nothing_disagree_with_nobody() {
    let world = World::with_uv();
    let group = "[dependency-groups]\ndev = [\"black\"]\n[tool.black]\nline-length = 79\n[tool.isort]\n";
    assert_eq!(of_tables(&world, group, ""), ["TOL01", "TOL03"]);
    assert_eq!(of_tables(&world, &format!("{group}skip_glob = [\"*\"]\n"), ""), [""; 0]);
    assert_eq!(of_tables(&world, &format!("{group}skip_glob = [\"*.pyi\"]\n"), ""), ["TOL01", "TOL03"]);
}

/// Nobody can tell from files how a tool runs that is told so where it is started.
#[test]
fn what_a_command_line_says_is_not_judged_by_files() {
    let world = World::with_uv();
    let hook = |repo: &str, id: &str, args: &str| {
        format!("- repo: https://github.com/{repo}\n  rev: 1.0\n  hooks:\n  - id: {id}\n    args: [{args}]\n")
    };
    let hooks = |black: &str, isort: &str, flake8: &str| {
        let three = hook("psf/black", "black", black) + &hook("PyCQA/isort", "isort", isort);
        world.write(
            "work/p/.pre-commit-config.yaml",
            format!("repos:\n{three}{}", hook("PyCQA/flake8", "flake8", flake8)),
        );
        world.project("p").doctor("--select TOL01,TOL02,TOL03").roots()
    };
    assert_eq!(of_tables(&world, "", ""), [""; 0]);
    assert_eq!(hooks("--check", "--filter-files", "-q"), ["TOL01", "TOL02", "TOL03"]);
    let told = "\"--max-line-length=100\", \"--extend-ignore=E203,E701\"";
    assert_eq!(hooks("--line-length=100", "--profile, black", told), [""; 0]);
    assert_eq!(hooks("-l, \"100\"", "\"--settings-path=x\"", "\"--config=other.cfg\""), [""; 0]);
    assert_eq!(hooks("", "--profile, black", ""), ["TOL01", "TOL02"]);
    // The same in a file of tasks.
    world.write("work/p/noxfile.py", "session.run('flake8', '--max-line-length', '88', '--extend-ignore=E203,E701')\n");
    assert_eq!(hooks("", "", ""), ["TOL03"]);
}

#[test]
fn a_plugin_reads_the_settings_that_its_tool_does_not() {
    let world = World::with_uv();
    let tools = |plugin: &str| format!("[dependency-groups]\ndev = [\"black\", \"flake8\"{plugin}]\n");
    let table = "[tool.flake8]\nmax-line-length = 88\nextend-ignore = [\"E203\", \"E701\"]\n";
    let with = tools(", \"Flake8-pyproject\"");
    assert_eq!(of_tables(&world, &tools(""), ""), ["TOL01", "TOL02"]);
    assert_eq!(of_tables(&world, &format!("{with}{table}"), ""), [""; 0]);
    // Nobody knows whether the plugin comes from elsewhere; what is known to be read wins.
    assert_eq!(of_tables(&world, &format!("{}{table}", tools("")), ""), [""; 0]);
    let other = "[flake8]\nmax-line-length = 79\nextend-ignore = E203, E701\n";
    assert_eq!(of_tables(&world, &format!("{}{table}", tools("")), other), ["TOL01"]);
    assert_eq!(of_tables(&world, &format!("{with}{table}"), other), [""; 0]);
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

#[test]
fn tol06_a_tool_that_is_told_another_python() {
    let world = World::with_uv();
    let project = world.healthy();
    let manifest = project.read("pyproject.toml");
    let with = |text: &str| write(&project, "pyproject.toml", &manifest.replace("target-version = [\"py311\"]", text));
    with("target-version = [\"py313\", 'py311']");
    project.assert_healthy();
    with("target-version = [\"py312\", \"py313\"] # mine");
    let finding = project.assert_fault("TOL06");
    assert!(finding["consequence"].as_str().unwrap().contains("Python 3.11 cannot run"), "{finding:#}");
    project.assert_mended_by("--fix");
    assert!(project.read("pyproject.toml").contains("target-version = [\"py311\"] # mine\n"));
    with("target-version = [\"py38\"]");
    project.assert_fault("TOL06");
}

#[test]
fn tol06_what_a_tool_cannot_be_told() {
    let world = World::with_uv();
    world.run("new demo --yes --preset modern --no-sync --python 3.11").ok();
    let project = world.project("demo");
    let manifest = project.read("pyproject.toml");
    let old = manifest.replace("requires-python = \">=3.11\"", "requires-python = \">=3.8\"");
    let said = |text: String| {
        write(&project, "pyproject.toml", &text);
        project.doctor("--select TOL06").roots()
    };
    assert_eq!(said(manifest.clone()), [""; 0]);
    assert_eq!(said(old.clone()), ["TOL06"]);
    let oldest = old.replace("python_version = \"3.11\"", "python_version = \"3.10\"");
    assert_eq!(said(oldest.clone()), [""; 0]);
    assert_eq!(said(oldest.replace("[tool.ruff]\n", "[tool.ruff]\ntarget-version = \"py39\"\n")), ["TOL06"]);
}

#[test]
fn tol07_what_is_configured_and_declared_nowhere() {
    let world = World::with_uv();
    let project = world.healthy();
    // Neither a list of requirements nor a hook nor an installed package speaks of it.
    write(&project, "mypy.ini", "[mypy]\nstrict = true\n");
    let finding = project.assert_fault("TOL07");
    assert!(finding["message"].as_str().unwrap().starts_with("mypy is configured"), "{finding:#}");
    // Somebody else runs it.
    write(&project, "noxfile.py", "session.install('mypy')\n");
    project.assert_healthy();
    fs::remove_file(project.path("noxfile.py")).unwrap();
    fs::create_dir(project.path("requirements")).unwrap();
    write(&project, "requirements/types.txt", "mypy==1\n");
    project.assert_healthy();
    fs::remove_dir_all(project.path("requirements")).unwrap();
    write(&project, "tox.ini", "[testenv:types]\ndeps = mypy\n");
    project.assert_healthy();
    write(&project, "tox.ini", "[mypy]\nplugins = mypy_x\n");
    project.assert_fault("TOL07");
    fs::remove_file(project.path("tox.ini")).unwrap();
    project.assert_mended_by("--fix=all");
    assert!(project.tools().contains(&"mypy".to_owned()));
    assert!(project.installed().contains(&"mypy".to_owned()));
}

#[test]
fn tol07_what_is_declared_and_not_installed() {
    let world = World::with_uv();
    let project = world.healthy();
    project.script("python", ["-m", "pip", "uninstall", "-qy", "isort"]).ok();
    let finding = project.assert_fault("TOL07");
    assert_eq!(finding["message"], ".venv does not have isort");
    project.pyenvkit("doctor --context ci --strict --select TOL07").ok();
    project.assert_mended_by("--fix");
    assert!(project.installed().contains(&"isort".to_owned()));
}

#[test]
fn tol08_two_that_format() {
    let world = World::with_uv();
    let project = world.healthy();
    let manifest = project.read("pyproject.toml");
    let with = |group: &str, table: &str| {
        let text = manifest.replace("[dependency-groups]\n", &format!("[dependency-groups]\n{group}"));
        write(&project, "pyproject.toml", &format!("{text}{table}"));
        project.doctor("--select TOL08").roots()
    };
    let ruff = "lint = [\"ruff\"]\n";
    assert_eq!(with(ruff, "\n[tool.ruff.lint]\nextend-select = [\"B\"]\n"), [""; 0]);
    assert_eq!(with(ruff, "\n[tool.ruff.format]\ndocstring-code-format = true\n"), ["TOL08"]);
    assert_eq!(with(ruff, "\n[tool.ruff.lint]\nextend-select = [\"I\"]\n"), ["TOL08"]);
    // Settings that were left behind format nothing.
    assert_eq!(with("", "\n[tool.ruff.format]\ndocstring-code-format = true\n"), [""; 0]);
}

#[test]
fn tol09_tests_that_cannot_import() {
    let world = World::with_uv();
    let project = world.healthy();
    let manifest = project.read("pyproject.toml");
    let (_, without) = manifest.split_once("\n\n").unwrap();
    project.script("python", ["-m", "pip", "uninstall", "-qy", "demo"]).ok();
    write(&project, "pyproject.toml", without);
    // What is not installed has no version.
    write(&project, "src/demo/__init__.py", "from demo.greeting import greet\n\n__all__ = [\"greet\"]\n");
    project.assert_fault("TOL09");
    assert!(!project.script("pytest", ["-q"]).status.success());
    write(&project, "tests/conftest.py", "import sys\n\nsys.path.insert(0, \"src\")\n");
    project.assert_healthy();
    fs::remove_file(project.path("tests/conftest.py")).unwrap();
    project.assert_mended_by("--fix");
    project.script("pytest", ["-q"]).ok();
    assert!(project.read("pyproject.toml").contains("pythonpath = [\"src\"]\n"));
}
