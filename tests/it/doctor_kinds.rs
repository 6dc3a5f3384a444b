//! Environments of every Python on hand and of every kind: healthy ones are silent, and what is broken in them is seen.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::faults::site;
use crate::common::world::{link, make_executable};
use crate::common::{World, shared};

/// How an environment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Venv,
    Virtualenv,
    Uv,
    Conda,
}

type Inject = fn(&Path);

/// What goes wrong in the environment of a project, and the check that tells.
const FAULTS: &[(&str, &[Kind], Inject)] = &[
    ("VEN02", ALL, |at| lead_python_to(at, Path::new("/opt/gone/bin/python3"))),
    ("VEN03", ALL, other_version),
    ("VEN04", ALL, |_| {}),
    ("VEN07", MADE_BY_PYTHONS, without_pip),
    ("VEN08", ALL, not_executable),
    ("INT11", MADE_BY_PYTHONS, |at| {
        rewrite(&at.join("pyvenv.cfg"), |text| text.replace("packages = false", "packages = true"));
    }),
    ("PKG03", ALL, |at| fs::create_dir(packages(at).join("~ip")).unwrap()),
    ("PKG04", ALL, |at| fs::remove_file(info(at).join("METADATA")).unwrap()),
    ("PKG05", ALL, |at| fs::remove_file(packages(at).join("pip/_internal/exceptions.py")).unwrap()),
    ("PKG08", ALL, |at| fs::write(packages(at).join("mine.pth"), "import nosuch\n").unwrap()),
];

const ALL: &[Kind] = &[Kind::Venv, Kind::Virtualenv, Kind::Uv, Kind::Conda];
/// Conda's have neither `pyvenv.cfg` nor need pip.
const MADE_BY_PYTHONS: &[Kind] = &[Kind::Venv, Kind::Virtualenv, Kind::Uv];

#[test]
#[ignore = "full: makes four environments with every Python on hand"]
fn every_kind_of_environment_of_every_python() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (minor, python) in shared::pythons() {
        if minor.starts_with("2.") || ["3.6", "3.7"].contains(&minor.as_str()) {
            continue;
        }
        for kind in ALL {
            let world = World::with_uv();
            let model = model(&world, *kind, &python);
            let project = world.project("p");
            let roots = |project: &crate::common::project::Project<'_>| {
                // That is true of old Pythons, whatever else is.
                let mut roots = project.doctor("").roots();
                roots.retain(|id| id != "INT04");
                roots
            };
            let mut judge = |fault: &str, found: Vec<String>, wanted: &[&str]| {
                seen += 1;
                if found != wanted {
                    wrong.push(format!("{minor}, {kind:?}, {fault}: {found:?}"));
                }
            };
            copy(&model, &project.folder);
            judge("healthy", roots(&project), &[]);
            for (id, _, inject) in FAULTS.iter().filter(|(_, kinds, _)| kinds.contains(kind)) {
                let _ = fs::remove_dir_all(&project.folder);
                copy(&model, &project.folder);
                inject(&project.path(".venv"));
                if *id == "VEN04" {
                    let moved = world.project("moved");
                    fs::rename(&project.folder, &moved.folder).unwrap();
                    judge(id, roots(&moved), &[id]);
                    fs::remove_dir_all(&moved.folder).unwrap();
                } else {
                    judge(id, roots(&project), &[id]);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(seen > 100, "only {seen} were looked at");
}

/// A project with its environment, made at `p` and moved away.
fn model(world: &World, kind: Kind, python: &Path) -> PathBuf {
    let folder = world.work().join("p");
    fs::create_dir(&folder).unwrap();
    let manifest = "[project]\nname = \"p\"\nversion = \"1\"\nrequires-python = \">=3.8\"\n";
    fs::write(folder.join("pyproject.toml"), manifest).unwrap();
    let at = folder.join(".venv");
    match kind {
        Kind::Venv => shared::run(Command::new(python).args(["-m", "venv"]).arg(&at)),
        Kind::Virtualenv => shared::run(Command::new(virtualenv()).args(["-q", "-p"]).arg(python).arg(&at)),
        Kind::Uv => {
            let mut command = world.command(shared::uv());
            shared::run(command.args(["venv", "-q", "--python"]).arg(python).arg(&at));
            let mut command = world.command(shared::uv());
            command.args(["pip", "install", "-q", "--no-config", "--no-index", "--python"]).arg(at.join("bin/python"));
            shared::run(command.arg(bundled(python)));
        }
        Kind::Conda => conda(python, &at),
    }
    let model = world.work().join("model");
    fs::rename(&folder, &model).unwrap();
    model
}

/// The wheel of pip that comes with a Python.
fn bundled(python: &Path) -> PathBuf {
    let code = "import ensurepip, pathlib, sys, sysconfig\n\
        folder = sysconfig.get_config_var('WHEEL_PKG_DIR') or pathlib.Path(ensurepip.__file__).parent / '_bundled'\n\
        sys.stdout.write(str(next(pathlib.Path(folder).glob('pip-*.whl'))))\n";
    let output = Command::new(python).args(["-I", "-c", code]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().into()
}

/// An environment as conda lays it out: a whole installation of Python, and its list of packages.
fn conda(python: &Path, at: &Path) {
    shared::run(Command::new(python).args(["-m", "venv", "--copies"]).arg(at));
    fs::remove_file(at.join("pyvenv.cfg")).unwrap();
    fs::create_dir(at.join("conda-meta")).unwrap();
    fs::write(at.join("conda-meta/history"), "").unwrap();
    let code = "import sys, sysconfig; sys.stdout.write(sysconfig.get_path('stdlib'))";
    let output = Command::new(python).args(["-I", "-c", code]).output().unwrap();
    let library = site(at.parent().unwrap()).parent().unwrap().to_path_buf();
    for entry in fs::read_dir(String::from_utf8(output.stdout).unwrap()).unwrap() {
        let from = entry.unwrap().path();
        let to = library.join(from.file_name().unwrap());
        if !to.exists() {
            link(&from, &to);
        }
    }
    let name = library.file_name().unwrap().to_str().unwrap().to_owned();
    let bin = at.join("bin");
    if fs::symlink_metadata(bin.join(&name)).is_ok_and(|found| found.is_symlink()) {
        fs::remove_file(bin.join(&name)).unwrap();
    }
    if !bin.join(&name).exists() {
        fs::copy(bin.join("python"), bin.join(&name)).unwrap();
    }
    for other in ["python", "python3"] {
        link(Path::new(&name), &bin.join(other));
    }
    for entry in fs::read_dir(&bin).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().to_lowercase().starts_with("activate") {
            fs::remove_file(path).unwrap();
        }
    }
}

fn virtualenv() -> PathBuf {
    let environment = shared::once("test-virtualenv", "virtualenv==20.35.4", |folder| {
        shared::run(Command::new(shared::python()).args(["-m", "venv"]).arg(folder));
        let mut pip = Command::new(folder.join("bin/python"));
        shared::run(pip.args(["-I", "-m", "pip", "-q", "install", "virtualenv==20.35.4"]));
    });
    environment.join("bin/virtualenv")
}

/// A copy whose files are those of the model: nothing may be written into them.
fn copy(model: &Path, to: &Path) {
    shared::run(Command::new("cp").arg("-al").arg(model).arg(to));
}

fn packages(at: &Path) -> PathBuf {
    site(at.parent().unwrap())
}

/// The `.dist-info` of pip.
fn info(at: &Path) -> PathBuf {
    let found = fs::read_dir(packages(at)).unwrap().map(|entry| entry.unwrap().path());
    let is_pip = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("pip-") && name.ends_with(".dist-info")
    };
    found.into_iter().find(is_pip).unwrap()
}

/// Write a file anew, and leave the model's as it is.
fn rewrite(path: &Path, change: impl Fn(&str) -> String) {
    let text = change(&fs::read_to_string(path).unwrap());
    fs::remove_file(path).unwrap();
    fs::write(path, text).unwrap();
}

/// Let what the names of Python in `bin` end at be `target`.
fn lead_python_to(at: &Path, target: &Path) {
    for entry in fs::read_dir(at.join("bin")).unwrap() {
        let path = entry.unwrap().path();
        let is_python = path.file_name().unwrap().to_str().unwrap().starts_with("python");
        if is_python && path.read_link().map_or(true, |target| target.is_absolute()) {
            link(target, &path);
        }
    }
}

fn other_version(at: &Path) {
    let other = at.parent().unwrap().with_file_name("opt").join("bin/python3.6");
    fs::create_dir_all(other.parent().unwrap()).unwrap();
    fs::write(&other, "#!/bin/sh\n").unwrap();
    make_executable(&other);
    lead_python_to(at, &other);
}

fn without_pip(at: &Path) {
    for folder in [packages(at), at.join("bin")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_str().unwrap().starts_with("pip") {
                if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
            }
        }
    }
}

fn not_executable(at: &Path) {
    rewrite(&at.join("bin/pip"), str::to_owned);
}
