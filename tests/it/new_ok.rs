//! `pyenvkit new` where nothing goes wrong.

use std::fs;

use crate::common::{World, shared};

const TEMPLATES: [&str; 3] = ["lib", "cli", "bare"];
const CLASSIC: [&str; 6] = ["black", "flake8", "isort", "pre-commit", "pytest", "pytest-cov"];
const MODERN: [&str; 5] = ["mypy", "pre-commit", "pytest", "pytest-cov", "ruff"];

#[test]
fn one_command_makes_a_library_that_passes_its_own_tests() {
    let world = World::with_uv();
    let done = world.run("new myproj --yes").ok();
    let project = world.project("myproj");
    project.assert_ready();
    assert_eq!(project.tools(), CLASSIC);
    for path in ["src/myproj/__init__.py", "src/myproj/py.typed", "README.md", ".gitignore", ".gitattributes"] {
        assert!(project.has(path), "{path} is missing");
    }
    for (script, args) in
        [("pytest", vec!["-q"]), ("black", vec!["--check", "."]), ("flake8", vec![]), ("isort", vec!["--check", "."])]
    {
        project.script(script, args).ok();
    }
    project.script("python", ["-c", "import myproj"]).ok();
    let prompt = project.read(".venv/pyvenv.cfg");
    assert!(prompt.contains("prompt") && prompt.contains("myproj"), "no prompt in {prompt}");
    // What was resolved, what was made, and what to type next.
    for part in ["lib", "classic", "myproj", "cd myproj"] {
        assert!(done.stderr.contains(part), "{part:?} is not told\n{}", done.text());
    }
}

#[test]
fn pip_and_uv_make_the_same_environment() {
    let world = World::with_uv();
    world.run("new with-pip --name twin --preset modern --yes --backend pip").ok();
    world.run("new with-uv --name twin --preset modern --yes --backend uv").ok();
    let (pip, uv) = (world.project("with-pip"), world.project("with-uv"));
    assert_eq!(pip.installed(), uv.installed());
    assert!(pip.installed().contains(&"pip".to_owned()) && pip.installed().contains(&"twin".to_owned()));
    for project in [&pip, &uv] {
        project.assert_ready();
        for script in ["pip", "ruff", "mypy", "pytest", "coverage", "pre-commit"] {
            project.script(script, ["--version"]).ok();
        }
        let version = project.script("pip", ["--version"]).ok().stdout;
        assert!(version.contains(".venv"), "pip is not the environment's own: {version}");
    }
    assert_eq!(pip.files(), uv.files());
}

#[test]
fn every_template_and_preset_is_written_and_committed() {
    let world = World::new();
    for template in TEMPLATES {
        for (preset, tools) in [("classic", &CLASSIC[..]), ("modern", &MODERN[..]), ("minimal", &["pytest"][..])] {
            let name = format!("{template}-{preset}");
            world.run(&format!("new {name} --template {template} --preset {preset} --yes --no-venv")).ok();
            let project = world.project(&name);
            assert_eq!(project.tools(), tools, "{name}");
            assert_eq!(project.commits(), 1, "{name}");
            assert_eq!(project.git(["status", "--porcelain"]), "", "{name}");
            assert!(!project.has(".venv"), "{name}");
            let has_package = project.has(&format!("src/{}/__init__.py", name.replace('-', "_")));
            assert_eq!(has_package, template != "bare", "{name}");
            assert_eq!(project.has(".pre-commit-config.yaml"), preset != "minimal", "{name}");
            assert_eq!(project.has(".flake8"), preset == "classic", "{name}");
            project.assert_nothing_left();
        }
    }
}

#[test]
fn a_command_runs_as_script_and_as_module() {
    let world = World::with_uv();
    world.run("new greeter --template cli --preset minimal --yes").ok();
    let project = world.project("greeter");
    project.assert_ready();
    let script = project.script("greeter", ["--help"]).ok().stdout;
    let module = project.script("python", ["-m", "greeter", "--help"]).ok().stdout;
    assert!(script.contains("usage") && module.contains("usage"), "{script}\n{module}");
    project.script("pytest", ["-q"]).ok();
}

#[test]
fn flags_decide() {
    let world = World::new();
    world
        .args([
            "new",
            "folder",
            "--name",
            "Space.Station",
            "--package",
            "station",
            "--description",
            "Counts \"quotes\" and \\ and ümlauts",
            "--license",
            "MIT",
            "--author",
            "Grace Hopper <grace@example.com>",
            "--requires-python",
            ">=3.12",
            "--host",
            "github.com/grace",
            "--no-venv",
            "--yes",
        ])
        .ok();
    let project = world.project("folder");
    let manifest = project.manifest();
    let table = manifest["project"].as_table().unwrap();
    assert_eq!(table["name"].as_str(), Some("Space.Station"));
    assert_eq!(table["description"].as_str(), Some("Counts \"quotes\" and \\ and ümlauts"));
    assert_eq!(table["license"].as_str(), Some("MIT"));
    assert_eq!(table["requires-python"].as_str(), Some(">=3.12"));
    let author = &table["authors"].as_array().unwrap()[0];
    assert_eq!(author["name"].as_str(), Some("Grace Hopper"));
    assert_eq!(author["email"].as_str(), Some("grace@example.com"));
    assert!(table["urls"].to_string().contains("https://github.com/grace/"), "{}", table["urls"]);
    assert!(project.has("src/station/__init__.py"));
    let license = project.read("LICENSE");
    assert!(license.contains("Grace Hopper") && license.contains("MIT"), "{license}");
}

#[test]
fn nothing_is_invented() {
    let world = World::new();
    world.no_identity();
    world.run("new plain --yes --no-venv").ok();
    let project = world.project("plain");
    let manifest = project.manifest();
    let table = manifest["project"].as_table().unwrap();
    for key in ["license", "license-files", "authors", "urls", "classifiers"] {
        let value = table.get(key).map(ToString::to_string).unwrap_or_default();
        assert!(!table.contains_key(key) || key == "classifiers" && !value.contains("License"), "{key} = {value}");
    }
    assert!(!project.has("LICENSE"));
    let everything: String = project.files().iter().map(|path| project.read(path)).collect();
    for invented in ["example.com", "Your Name", "you@", "Ada Lovelace"] {
        assert!(!everything.contains(invented), "{invented} was invented");
    }
}

/// One author after another is taken away; the next source in line must show.
#[test]
fn flag_over_variable_over_file_over_git() {
    let mut world = World::new();
    world.run("config set author Filed<filed@example.com>").ok();
    world.set("PYENVKIT_AUTHOR", "Varied <varied@example.com>");
    let author = |world: &World, name: &str, line: &str| {
        world.run(&format!("new {name} --yes --no-venv --no-git {line}")).ok();
        let manifest = world.project(name).manifest();
        manifest["project"]["authors"].as_array().unwrap()[0]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(author(&world, "one", "--author=Flagged<flagged@example.com>"), "Flagged");
    assert_eq!(author(&world, "two", ""), "Varied");
    world.unset("PYENVKIT_AUTHOR");
    assert_eq!(author(&world, "three", ""), "Filed");
    fs::remove_file(world.run("config path").ok().stdout.trim()).unwrap();
    assert_eq!(author(&world, "four", ""), "Ada Lovelace");
}

#[test]
fn with_and_without_change_a_preset() {
    let world = World::new();
    world.run("new p --preset minimal --with mypy --with ruff --yes --no-venv --no-git").ok();
    assert_eq!(world.project("p").tools(), ["mypy", "pytest", "ruff"]);
    world.run("new q --without isort --without flake8 --yes --no-venv --no-git").ok();
    let project = world.project("q");
    assert_eq!(project.tools(), ["black", "pre-commit", "pytest", "pytest-cov"]);
    assert!(!project.has(".flake8"));
    assert!(!project.read(".pre-commit-config.yaml").contains("isort"));
}

#[test]
fn hooks_are_mirrors_or_local_and_agree_with_the_requirements() {
    let world = World::new();
    for preset in ["classic", "modern"] {
        for style in ["mirrors", "local"] {
            let name = format!("{preset}-{style}");
            world.run(&format!("new {name} --preset {preset} --hooks {style} --yes --no-venv --no-git")).ok();
            let project = world.project(&name);
            let hooks = project.read(".pre-commit-config.yaml");
            assert_eq!(hooks.contains("https://"), style == "mirrors", "{hooks}");
            assert_eq!(hooks.contains("repo: local"), style == "local", "{hooks}");
            let manifest = project.manifest();
            let groups = manifest["dependency-groups"].as_table().unwrap();
            for item in groups.values().flat_map(|group| group.as_array().unwrap()).filter_map(toml::Value::as_str) {
                if let Some((tool, version)) = item.split_once("==") {
                    assert!(hooks.contains(version), "{tool} {version} is not the hook's\n{hooks}");
                }
            }
        }
    }
}

/// pytest 9 reads `[tool.pytest]`; the pytest that Python 3.9 gets does not.
#[test]
fn the_pytest_table_follows_the_pytest_that_the_project_allows() {
    let world = World::new();
    let pytest_table = |name: &str, floor: &str| {
        world.args(["new", name, "--yes", "--no-venv", "--no-git", "--requires-python", floor]).ok();
        let manifest = world.project(name).manifest();
        manifest["tool"]["pytest"].as_table().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(pytest_table("old", ">=3.9"), ["ini_options"]);
    let new = pytest_table("new", ">=3.11");
    assert!(!new.is_empty() && !new.contains(&"ini_options".to_owned()), "{new:?}");
}

#[test]
fn an_empty_folder_and_a_fresh_clone_are_filled_in_place() {
    let world = World::new();
    let folder = world.fresh_clone("cloned");
    let before = identity(&folder);
    let mut command = world.pyenvkit(["new", ".", "--yes", "--no-venv"]);
    command.current_dir(&folder);
    crate::common::world::finish(command).ok();
    assert_eq!(identity(&folder), before, "the folder was replaced");
    let project = world.project("cloned");
    assert_eq!(project.read("README.md"), "# As the host made it\n");
    assert_eq!(project.read("LICENSE"), "All rights reserved.\n");
    assert!(project.read(".gitignore").starts_with("*.bak\n"), "the host's lines were lost");
    assert!(project.has("pyproject.toml") && project.has("src/cloned/__init__.py"));
    assert_eq!(project.git(["log", "--format=%s"]).lines().last(), Some("Initial commit"));

    let empty = world.work().join("empty");
    fs::create_dir(&empty).unwrap();
    set_mode(&empty, 0o750);
    let before = identity(&empty);
    world.run("new empty --yes --no-venv").ok();
    assert_eq!(identity(&empty), before);
    assert_eq!(world.project("empty").commits(), 1);
}

#[cfg(unix)]
fn identity(folder: &std::path::Path) -> (u64, u32) {
    use std::os::unix::fs::MetadataExt;
    let meta = fs::metadata(folder).unwrap();
    (meta.ino(), meta.mode())
}

#[cfg(unix)]
fn set_mode(folder: &std::path::Path, mode: u32) {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn an_interpreter_may_be_named_in_every_way() {
    let world = World::with_uv();
    let minor = shared::python_minor();
    let path = world.bin().join("python3");
    for (at, name) in
        [minor, &format!(">={minor}"), &format!("python{minor}"), path.to_str().unwrap()].iter().enumerate()
    {
        let project = format!("p{at}");
        world
            .args(["new", &project, "--preset", "minimal", "--template", "bare", "--yes", "--no-git", "--python", name])
            .ok();
        let version = world.project(&project).script("python", ["--version"]).ok().stdout;
        assert!(version.starts_with(&format!("Python {minor}.")), "{name}: {version}");
    }
}

#[test]
fn parts_can_be_left_out() {
    let world = World::with_uv();
    world.run("new a --yes --no-git --no-install").ok();
    assert!(world.project("a").has(".venv") && !world.project("a").has(".git"));
    assert!(!world.project("a").has(".venv/bin/black"));
    world.run("new b --yes --no-commit --no-venv").ok();
    assert!(world.project("b").has(".git") && world.project("b").commits() == 0);
    world.run("new c --yes --no-hooks --no-venv").ok();
    assert!(!world.project("c").has(".git/hooks/pre-commit") && world.project("c").commits() == 1);
}

#[test]
fn quiet_is_quiet_and_stdout_is_empty() {
    let world = World::new();
    let quiet = world.run("new a --yes --no-venv --quiet").ok();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let plain = world.run("new b --yes --no-venv").ok();
    assert!(!plain.stderr.contains('\u{1b}') && !plain.stderr.contains('\r'), "{:?}", plain.stderr);
}
