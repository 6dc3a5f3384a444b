//! Faults to inject into the healthy project, for everybody who looks for them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use super::faults::site;
use super::project::Project;
use super::world::{link, make_executable};
use super::{World, shared};

/// A fault of the project `demo` in a world.
pub struct Fault {
    pub name: &'static str,
    /// The checks that name it, each as often as it does.
    pub ids: &'static [&'static str],
    /// Words of which a report that names it has one, in lower case.
    pub words: &'static [&'static str],
    pub inject: fn(&mut World),
}

/// In the order in which they can be injected: what replaces a part of the project stands before what is wrong in it.
pub const FAULTS: &[Fault] = &[
    Fault {
        name: "a new environment",
        ids: &["PKG06", "PRC03"],
        words: &["demo", "not installed", "pre_commit", "pre-commit"],
        inject: new_environment,
    },
    Fault {
        name: "the project not installed",
        ids: &["PKG06"],
        words: &["demo", "not installed"],
        inject: not_installed,
    },
    Fault { name: "no pip", ids: &["VEN07"], words: &["pip"], inject: without_pip },
    Fault {
        name: "another environment active",
        ids: &["VEN06"],
        words: &["virtual_env", "active", "activated"],
        inject: another_active,
    },
    Fault { name: "the hook missing", ids: &["PRC01"], words: &["hook"], inject: hook_missing },
    Fault { name: "hooks elsewhere", ids: &["PRC02"], words: &["hook"], inject: hooks_path },
    Fault { name: "an old rev", ids: &["PRC04"], words: &["0.1.0", "rev"], inject: old_rev },
    Fault {
        name: "formatters that clash",
        ids: &["TOL01", "TOL01", "TOL02", "TOL03"],
        words: &["line", "e203", "profile"],
        inject: clash,
    },
    Fault { name: "an empty configuration", ids: &["TOL05"], words: &["pytest.ini"], inject: empty_configuration },
    Fault { name: "a stale lock", ids: &["PKG10"], words: &["lock"], inject: stale_lock },
    Fault { name: "a module like one of Python's", ids: &["PKG12"], words: &["random"], inject: shadow },
    Fault { name: "a package twice", ids: &["PKG02"], words: &["idna"], inject: twice },
    Fault {
        name: "the environment moved",
        ids: &["VEN04"],
        words: &["moved", "shebang", "activate", "virtual_env", "broken"],
        inject: moved,
    },
    Fault {
        name: "the environment copied",
        ids: &["VEN05"],
        words: &["copied", "shebang", "activate", "virtual_env", "different python"],
        inject: copied,
    },
    Fault { name: "Python gone", ids: &["VEN02"], words: &["python", "interpreter"], inject: dangling },
    Fault { name: "another minor version", ids: &["VEN03"], words: &["3.8", "does not start"], inject: other_minor },
];

/// More that goes wrong, each by itself.
pub const MORE: &[Fault] = &[
    Fault { name: "a requirement missing", ids: &["PKG01"], words: &["pluggy"], inject: requirement_missing },
    Fault { name: "a module of a package gone", ids: &["PKG05"], words: &["pluggy"], inject: module_gone },
    Fault { name: "not TOML", ids: &["PYP01"], words: &["toml", "line"], inject: not_toml },
    Fault { name: "a key misspelt", ids: &["PYP02"], words: &["licence"], inject: misspelt },
    Fault { name: "the licence twice", ids: &["PYP05"], words: &["license", "licence"], inject: licence_twice },
    Fault { name: "a version that is a number", ids: &["CI03"], words: &["3.1", "quot"], inject: unquoted },
    Fault { name: "the environment in git", ids: &["GIT01"], words: &["venv"], inject: environment_tracked },
    Fault { name: "an index without TLS", ids: &["SEC02"], words: &["http:", "index"], inject: plain_index },
    Fault { name: "PYTHONHOME set", ids: &["INT09"], words: &["pythonhome"], inject: python_home },
];

/// A healthy project in an empty working folder, and these faults in it.
pub fn inject(world: &mut World, faults: &[&Fault]) {
    for entry in fs::read_dir(world.work()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
    for name in ["VIRTUAL_ENV", "PYTHONHOME", "PIP_EXTRA_INDEX_URL"] {
        world.unset(name);
    }
    world.healthy();
    for fault in faults {
        (fault.inject)(world);
    }
}

/// The folder that the project is in: some faults move it.
pub fn folder(world: &World) -> PathBuf {
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

fn requirement_missing(world: &mut World) {
    remove_packages(&demo(world), &["pluggy"]);
}

fn module_gone(world: &mut World) {
    fs::remove_file(site(&demo(world).folder).join("pluggy/_manager.py")).unwrap();
}

/// Change the manifest.
fn manifest(world: &World, from: &str, to: &str) {
    let project = demo(world);
    let text = project.read("pyproject.toml");
    assert!(text.contains(from), "{text}");
    fs::write(project.path("pyproject.toml"), text.replacen(from, to, 1)).unwrap();
}

fn not_toml(world: &mut World) {
    manifest(world, "[project]\n", "[project\n");
}

fn misspelt(world: &mut World) {
    manifest(world, "[project]\n", "[project]\nlicence = \"MIT\"\n");
}

fn licence_twice(world: &mut World) {
    let classifier = "classifiers = [\n  \"License :: OSI Approved :: MIT License\",\n";
    manifest(world, "classifiers = [\n", &format!("license = \"MIT\"\n{classifier}"));
}

fn unquoted(world: &mut World) {
    let project = demo(world);
    fs::create_dir_all(project.path(".github/workflows")).unwrap();
    let text = "on: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    strategy:\n      matrix:\n        \
                python-version: [3.20]\n    steps:\n      - run: pytest\n";
    fs::write(project.path(".github/workflows/ci.yml"), text).unwrap();
}

fn environment_tracked(world: &mut World) {
    demo(world).git(["add", "--force", ".venv/pyvenv.cfg", ".venv/bin/activate"]);
}

fn plain_index(world: &mut World) {
    world.set("PIP_EXTRA_INDEX_URL", "http://index.example/simple");
}

fn python_home(world: &mut World) {
    world.set("PYTHONHOME", "/usr/local");
}
