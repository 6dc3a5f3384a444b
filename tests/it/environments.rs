//! The environment that belongs to a project, wherever it is: `sync` fills that one and makes no other.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::world::{finish, link};
use crate::common::{Outcome, World, shared};

const MANIFEST: &str = "[project]\nname = \"p\"\nversion = \"1\"\nrequires-python = \">=3.8\"\n\
    [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n\
    [dependency-groups]\ndev = [\"iniconfig\"]\n";

/// A project with one requirement.
fn project(world: &World) -> PathBuf {
    world.write("work/p/p.py", "");
    world.write("work/p/pyproject.toml", MANIFEST);
    world.work().join("p").canonicalize().unwrap()
}

fn environment(world: &World, at: &Path) {
    world.tool(shared::python(), ["-m".as_ref(), "venv".as_ref(), "--without-pip".as_ref(), at.as_os_str()]).ok();
}

fn sync(world: &World) -> Outcome {
    world.run("sync --directory p")
}

/// Whether the one requirement and the project are in the environment.
#[track_caller]
fn assert_complete(environment: &Path) {
    let site = environment.join(format!("lib/python{}/site-packages", shared::python_minor()));
    assert!(site.join("iniconfig").is_dir(), "{} has not what is wanted", site.display());
    assert!(site.join("p-1.dist-info").is_dir(), "{} has not the project", site.display());
}

#[test]
fn the_one_in_the_project_is_taken_whatever_it_is_called() {
    for name in ["venv", "env"] {
        let world = World::with_uv();
        let project = project(&world);
        environment(&world, &project.join(name));
        sync(&world).ok();
        assert_complete(&project.join(name));
        assert!(!project.join(".venv").exists());
        sync(&world).ok().says("nothing had to be done");
    }
}

#[test]
fn a_file_names_the_one_elsewhere() {
    let world = World::with_uv();
    let project = project(&world);
    let elsewhere = world.home().join("envs/x");
    environment(&world, &elsewhere);
    fs::write(project.join(".venv"), "~/envs/x\n").unwrap();
    sync(&world).ok().says("the file .venv names it");
    assert_complete(&elsewhere);
    assert!(!elsewhere.join("pip.conf").exists(), "the settings of another's environment are its own");
    fs::write(project.join(".venv"), "/nonexistent/x\n").unwrap();
    sync(&world).code(1).one_error().says("it is not a folder");
}

#[test]
fn an_active_one_of_somebody_else_is_left_alone() {
    let mut world = World::with_uv();
    let project = project(&world);
    let active = world.home().join("active");
    environment(&world, &active);
    world.set("VIRTUAL_ENV", &active);
    sync(&world).ok();
    assert_complete(&project.join(".venv"));
    fs::remove_dir_all(project.join(".venv")).unwrap();
    let site = active.join(format!("lib/python{}/site-packages", shared::python_minor()));
    assert!(!site.join("iniconfig").exists());
    fs::write(site.join("p.pth"), project.to_str().unwrap()).unwrap();
    sync(&world).ok().says("VIRTUAL_ENV names it");
    assert_complete(&active);
    assert!(!project.join(".venv").exists());
}

#[test]
fn one_with_another_python_is_kept_without_a_word() {
    let world = World::with_uv();
    let other = shared::pythons().into_iter().rfind(|(minor, _)| minor != shared::python_minor());
    let Some((minor, python)) = other else {
        println!("there is no other Python on this machine");
        return;
    };
    let project = project(&world);
    let venv = project.join(".venv");
    world.tool(python, ["-m".as_ref(), "venv".as_ref(), "--without-pip".as_ref(), venv.as_os_str()]).ok();
    sync(&world).ok().never_says("it is kept");
    assert!(venv.join(format!("lib/python{minor}/site-packages/iniconfig")).is_dir());
    world.run(&format!("sync --directory p --python {}", shared::python_minor())).ok().says("it is kept");
}

#[test]
#[ignore = "full: brings the managers from the package index"]
fn each_managers_own_environment_is_found() {
    let mut world = World::with_uv();
    for name in ["poetry", "pdm", "pipenv", "hatch"] {
        link(&shared::manager(name), &world.bin().join(name));
    }
    world.own_cache();
    world.set("PDM_VENV_IN_PROJECT", "0").set("PDM_CHECK_UPDATE", "0");
    let rows: [(&str, &str, &[&str], &[&str]); 4] = [
        ("poetry", "[tool.poetry]\n", &["env", "use", "python3"], &["env", "info", "--path"]),
        ("pdm", "", &["venv", "create", "--with-pip"], &["venv", "--path", "p"]),
        ("pipenv", "", &["--python", "python3"], &["--venv"]),
        ("hatch", "[tool.hatch.envs.default]\nskip-install = true\n", &["env", "create"], &["env", "find"]),
    ];
    for (manager, more, make, find) in rows {
        let project = world.work().join(format!("{manager} My.Prj ü"));
        fs::create_dir_all(&project).unwrap();
        fs::write(project.join("my_weird_name.py"), "").unwrap();
        fs::write(project.join("pyproject.toml"), format!("{MANIFEST}{more}").replace("\"p\"", "\"My.Weird_Name\""))
            .unwrap();
        if manager == "pipenv" {
            fs::write(project.join("Pipfile"), "").unwrap();
        }
        let run = |args: &[&str]| {
            let mut command = world.command(world.bin().join(manager));
            command.current_dir(&project).args(args);
            finish(command)
        };
        run(make).ok();
        let expected = if manager == "pdm" {
            let listed = run(&["venv", "list"]).ok().stdout;
            let path = listed.lines().find_map(|line| line.split_once(": ")).unwrap().1.trim().to_owned();
            fs::write(project.join(".pdm-python"), format!("{path}/bin/python")).unwrap();
            path
        } else {
            run(find).ok().stdout.trim().to_owned()
        };
        let mut command = world.pyenvkit(["sync"]);
        command.current_dir(&project);
        finish(command).ok().says(&expected);
        let site = Path::new(&expected).join(format!("lib/python{}/site-packages", shared::python_minor()));
        assert!(site.join("iniconfig").is_dir(), "{manager}");
        assert!(!project.join(".venv").exists(), "{manager}");
    }
}

/// Where Hatch has a file of its own, its environments are what that says.
#[test]
#[ignore = "full: brings Hatch from the package index"]
fn hatchs_own_file_rules() {
    let mut world = World::with_uv();
    link(&shared::manager("hatch"), &world.bin().join("hatch"));
    world.own_cache();
    let project = world.work().join("p");
    // Groups would rule over both.
    let (manifest, _) = MANIFEST.split_once("[dependency-groups]").unwrap();
    let pyproject = format!("{manifest}[tool.hatch.envs.default]\ndependencies = [\"unseen\"]\n");
    let own = "[envs.default]\r\nskip-install = true\r\ndependencies = [\r\n  \"iniconfig\", # why\r\n]\r\n";
    world.write("work/p/pyproject.toml", &pyproject);
    world.write("work/p/hatch.toml", own);
    let required = || {
        let mut command = world.command(world.bin().join("hatch"));
        command.current_dir(&project).args(["env", "show", "--json"]);
        let shown: serde_json::Value = serde_json::from_str(&finish(command).ok().stdout).unwrap();
        let names = shown["default"]["dependencies"].as_array().unwrap();
        names.iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    world.run("add-tool mypy --yes --no-sync --directory p").ok();
    let with = required();
    assert!(with.len() == 2 && with[0] == "iniconfig" && with[1].starts_with("mypy=="), "{with:?}");
    world.run("add-tool mypy --yes --no-sync --directory p").ok().says("nothing has to be changed");
    world.run("remove-tool mypy --yes --directory p").ok();
    assert_eq!(fs::read_to_string(project.join("hatch.toml")).unwrap(), own);
    assert_eq!(fs::read_to_string(project.join("pyproject.toml")).unwrap(), pyproject);
    assert_eq!(required(), ["iniconfig"]);
}
