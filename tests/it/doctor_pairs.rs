//! The faults that hurt most, two at a time: both are named, once each, and what follows from one of them stands below it.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use crate::common::faults::{Said, site};
use crate::common::project::Project;
use crate::common::world::{finish, link, make_executable};
use crate::common::{World, shared};

/// A fault of the project `demo` in a world.
struct Fault {
    name: &'static str,
    /// The checks that name it, each as often as it does.
    ids: &'static [&'static str],
    inject: fn(&mut World),
}

/// In the order in which they can be injected: what replaces a part of the project stands before what is wrong in it.
const FAULTS: &[Fault] = &[
    Fault { name: "a new environment", ids: &["PKG06", "PRC03"], inject: new_environment },
    Fault { name: "the project not installed", ids: &["PKG06"], inject: not_installed },
    Fault { name: "no pip", ids: &["VEN07"], inject: without_pip },
    Fault { name: "another environment active", ids: &["VEN06"], inject: another_active },
    Fault { name: "the hook missing", ids: &["PRC01"], inject: hook_missing },
    Fault { name: "hooks elsewhere", ids: &["PRC02"], inject: hooks_path },
    Fault { name: "an old rev", ids: &["PRC04"], inject: old_rev },
    Fault { name: "formatters that clash", ids: &["TOL01", "TOL01", "TOL02", "TOL03"], inject: clash },
    Fault { name: "an empty configuration", ids: &["TOL05"], inject: empty_configuration },
    Fault { name: "a stale lock", ids: &["PKG10"], inject: stale_lock },
    Fault { name: "a module like one of Python's", ids: &["PKG12"], inject: shadow },
    Fault { name: "a package twice", ids: &["PKG02"], inject: twice },
    Fault { name: "the environment moved", ids: &["VEN04"], inject: moved },
    Fault { name: "the environment copied", ids: &["VEN05"], inject: copied },
    Fault { name: "Python gone", ids: &["VEN02"], inject: dangling },
    Fault { name: "another minor version", ids: &["VEN03"], inject: other_minor },
];

/// Pairs of which the one leaves nothing of the other to be seen, and why.
const HIDDEN: &[(&str, &str, &str)] = &[
    ("hooks elsewhere", "the hook missing", "git looks for no hook where it is missing"),
    ("hooks elsewhere", "a new environment", "git does not run the hook that names the Python"),
    ("the hook missing", "a new environment", "there is no hook that could name a Python"),
    ("the environment copied", "the environment moved", "it is in one place only"),
    ("the environment moved", "the environment copied", "it is in one place only"),
    ("a stale lock", "no pip", "an environment that uv looks after needs none"),
    ("Python gone", "no pip", "the environment that is made anew has one"),
    ("Python gone", "another minor version", "what is gone has no version"),
    ("another minor version", "Python gone", "it is there again"),
];

#[test]
#[ignore = "full: more than a hundred pairs"]
fn two_faults_are_named_once_each() {
    let mut world = World::with_uv();
    let mut wrong = Vec::new();
    for (index, one) in FAULTS.iter().enumerate() {
        for other in &FAULTS[index + 1..] {
            if let Err(what) = judge(&mut world, &[one, other]) {
                wrong.push(format!("{} and {}: {what}", one.name, other.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} pairs:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_of_the_common_faults_is_named_once() {
    let mut world = World::with_uv();
    for fault in FAULTS {
        judge(&mut world, &[fault]).unwrap_or_else(|what| panic!("{}: {what}", fault.name));
    }
}

/// Inject the faults into one healthy project and look at it as a whole.
fn judge(world: &mut World, faults: &[&Fault]) -> Result<(), String> {
    for entry in fs::read_dir(world.work()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
    world.unset("VIRTUAL_ENV");
    world.healthy();
    for fault in faults {
        (fault.inject)(world);
    }
    let mut command = world.pyenvkit(["doctor", "--context", "developer", "--format", "json"]);
    command.current_dir(folder(world));
    let said = Said::read(finish(command)).no_crash();
    let named: Vec<String> = said.findings().into_iter().map(|(id, _)| id).collect();
    let hides =
        |name: &str| faults.iter().any(|by| HIDDEN.iter().any(|(one, other, _)| (*one, *other) == (by.name, name)));
    let wanted: BTreeSet<&str> = faults.iter().flat_map(|fault| fault.ids).copied().collect();
    for id in faults.iter().filter(|fault| !hides(fault.name)).flat_map(|fault| fault.ids) {
        let of_one = faults.iter().map(|fault| fault.ids.iter().filter(|it| *it == id).count()).max();
        let times = named.iter().filter(|it| it == id).count();
        if Some(times) != of_one {
            return Err(format!("{id} is told {times} times: {named:?}"));
        }
    }
    let spare: Vec<String> = said.roots().into_iter().filter(|id| !wanted.contains(id.as_str())).collect();
    if spare.is_empty() { Ok(()) } else { Err(format!("{spare:?} stand for themselves: {named:?}")) }
}

/// The folder that the project is in: some faults move it.
fn folder(world: &World) -> PathBuf {
    let is_project = |path: &PathBuf| path.join("pyproject.toml").is_file();
    ["moved", "copy", "demo"].iter().map(|name| world.work().join(name)).find(is_project).unwrap()
}

fn demo(world: &World) -> Project<'_> {
    let folder = folder(world);
    world.project(folder)
}

fn new_environment(world: &mut World) {
    let environment = demo(world).path(".venv");
    fs::remove_dir_all(&environment).unwrap();
    shared::run(Command::new(shared::python()).args(["-m", "venv"]).arg(environment));
}

/// Remove what begins so from the environment's packages.
fn remove_packages(project: &Project<'_>, beginnings: &[&str]) {
    for entry in fs::read_dir(site(&project.folder)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if beginnings.iter().any(|beginning| name.starts_with(beginning)) {
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        }
    }
}

fn not_installed(world: &mut World) {
    remove_packages(&demo(world), &["demo-", "_demo", "__editable__"]);
}

fn without_pip(world: &mut World) {
    let project = demo(world);
    remove_packages(&project, &["pip"]);
    for entry in fs::read_dir(project.path(".venv/bin")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("pip") {
            fs::remove_file(path).unwrap();
        }
    }
}

fn another_active(world: &mut World) {
    let other = world.write("other/pyvenv.cfg", "home = /usr/bin\n");
    world.set("VIRTUAL_ENV", other.parent().unwrap());
}

fn hook_missing(world: &mut World) {
    fs::remove_file(demo(world).path(".git/hooks/pre-commit")).unwrap();
}

fn hooks_path(world: &mut World) {
    demo(world).git(["config", "core.hooksPath", ".husky"]);
}

/// The first hook of a mirror whose tool the project declares with one version.
fn old_rev(world: &mut World) {
    let project = demo(world);
    let declared = project.tools();
    let tools = shared::tools_as_data();
    let mirrored = tools.iter().filter(|tool| declared.contains(&tool.name));
    let hook = mirrored.flat_map(|tool| tool.array("hooks")).find(|hook| hook.get("distribution").is_none()).unwrap();
    let text = |key: &str| hook[key].as_str().unwrap().to_owned();
    let config = project.path(".pre-commit-config.yaml");
    let rev = text("rev").replace("<< version >>", "0.1.0");
    let entry = format!("- repo: {}\n  rev: {rev}\n  hooks: [{{id: {}}}]\n", text("repo"), text("id"));
    fs::write(&config, format!("repos:\n{entry}")).unwrap();
    // A lock file holds the version for whoever has no environment.
    let name = tools.iter().find(|tool| tool.array("hooks").contains(hook)).unwrap().name.clone();
    fs::write(project.path("pylock.toml"), format!("[[packages]]\nname = \"{name}\"\nversion = \"9999\"\n")).unwrap();
}

fn clash(world: &mut World) {
    let project = demo(world);
    let manifest = project.read("pyproject.toml").replace("[tool.black]\n", "[tool.black]\nline-length = 100\n");
    let manifest = manifest.replace("profile = \"black\"", "multi_line_output = 0");
    fs::write(project.path("pyproject.toml"), manifest).unwrap();
    fs::write(project.path(".flake8"), "[flake8]\nignore = W605\nexclude = .venv\n").unwrap();
}

fn empty_configuration(world: &mut World) {
    fs::write(demo(world).path("pytest.ini"), "").unwrap();
}

/// A requirement is added by hand.
fn stale_lock(world: &mut World) {
    let project = demo(world);
    let lock = "version = 1\n[[package]]\nname = \"demo\"\nversion = \"0.1.0\"\nsource = { editable = \".\" }\n";
    fs::write(project.path("uv.lock"), lock).unwrap();
    let manifest = project.read("pyproject.toml").replace("dependencies = []", "dependencies = [\"colorama\"]");
    fs::write(project.path("pyproject.toml"), manifest).unwrap();
}

fn shadow(world: &mut World) {
    fs::write(demo(world).path("random.py"), "").unwrap();
}

fn twice(world: &mut World) {
    let site = site(&demo(world).folder);
    for version in ["2.0", "3.0"] {
        let info = format!("idna-{version}.dist-info");
        fs::create_dir(site.join(&info)).unwrap();
        fs::write(
            site.join(&info).join("METADATA"),
            format!("Metadata-Version: 2.1\nName: idna\nVersion: {version}\n"),
        )
        .unwrap();
        fs::write(site.join(&info).join("RECORD"), format!("{info}/METADATA,,\n{info}/RECORD,,\n")).unwrap();
    }
}

fn moved(world: &mut World) {
    fs::rename(folder(world), world.work().join("moved")).unwrap();
}

fn copied(world: &mut World) {
    shared::run(Command::new("cp").arg("-a").arg(folder(world)).arg(world.work().join("copy")));
    // In a folder that was moved before it is the copy that is looked at.
    let _ = fs::rename(world.work().join("moved"), world.work().join("original"));
}

/// Let the end of the environment's chain of links be `target`.
fn lead_python_to(project: &Project<'_>, target: &std::path::Path) {
    for name in ["python", "python3", &format!("python{}", shared::python_minor())] {
        let path = project.path(".venv/bin").join(name);
        if path.read_link().is_ok_and(|target| target.is_absolute()) {
            link(target, &path);
        }
    }
}

fn dangling(world: &mut World) {
    lead_python_to(&demo(world), std::path::Path::new("/opt/gone/bin/python3.11"));
}

fn other_minor(world: &mut World) {
    let other = world.write("opt/bin/python3.8", "#!/bin/sh\n");
    make_executable(&other);
    let project = demo(world);
    if project.path(".venv/bin/python").exists() {
        lead_python_to(&project, &other);
    } else {
        let path = project.path(".venv/bin/python3");
        fs::remove_file(&path).unwrap();
        symlink(other, path).unwrap();
    }
}
