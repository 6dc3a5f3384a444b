//! The machine: variables, PATH, Pythons, git's settings, room on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::installers;
use crate::domain::editable::started;
use crate::domain::facts::{Fact, Machine, Need, SearchFolder, Started, Volume};
use crate::domain::git_config::Config;
use crate::system::environment::venv;
use crate::system::load::Catalog;
use crate::system::regular;
use crate::system::{clock, interpreter, settings};

/// Variables that change what Python, installers and git do.
const VARIABLES: &[&str] = &[
    "VIRTUAL_ENV",
    "PATH",
    "HOME",
    "EMAIL",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TZ",
    "CI",
    "SOURCE_DATE_EPOCH",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "PYENV_VERSION",
    "PYENV_ROOT",
];

/// Beginnings of more such names.
const PREFIXES: &[&str] = &[
    "PYTHON",
    "PIP_",
    "UV_",
    "CONDA_",
    "GIT_",
    "POETRY_",
    "PDM_",
    "PIPENV_",
    "HATCH_",
    "SUDO_UID",
    "SETUPTOOLS_SCM_PRETEND_VERSION",
];

/// Probe what is needed of the machine, for work in `folder`.
#[must_use]
pub fn machine(folder: &Path, needs: &BTreeSet<Need>) -> Machine {
    let wants = |need: Need| needs.contains(&need);
    let mut machine = Machine { today: clock::today(), home: etcetera::home_dir().ok(), ..Machine::default() };
    if wants(Need::Variables) {
        machine.variables = Fact::Known(variables());
    }
    if wants(Need::Path) {
        machine.path = Fact::Known(path());
    }
    if wants(Need::Pythons) {
        machine.pythons = Fact::Known(interpreter::by_files(&interpreter::Context::of_process(folder)));
    }
    if wants(Need::MachineGit) {
        machine.git = git().into();
    }
    if wants(Need::Volumes) {
        machine.volumes = volumes(machine.home.as_deref());
    }
    if wants(Need::Certificates) {
        machine.certificates = Fact::Known(installers::certificates());
    }
    if wants(Need::Installers) {
        machine.installers = Fact::Known(installers::of_machine());
    }
    if wants(Need::System) {
        let release =
            ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|file| regular::bytes(Path::new(file)).ok()?);
        machine.system = Fact::Known(String::from_utf8_lossy(&release.unwrap_or_default()).into_owned());
    }
    if wants(Need::Tools) {
        let catalog = Catalog::new(settings::folder());
        let tools = catalog.tool_names().iter().map(|name| catalog.tool(name)).collect::<anyhow::Result<Vec<_>>>();
        machine.tools = tools.map_err(|error| format!("{error:#}")).into();
    }
    if wants(Need::Backends) {
        machine.backends = Catalog::backends().map_err(|error| format!("{error:#}")).into();
    }
    machine
}

fn variables() -> BTreeMap<String, String> {
    let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
    let all = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
    let matters = |name: &str| VARIABLES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    all.filter(|(name, value)| matters(name) && !value.is_empty()).collect()
}

/// The names of Pythons and pips on PATH, newest last.
fn names(stem: &str) -> Vec<String> {
    let minors = crate::domain::python::END_OF_LIFE.iter().map(|(minor, _)| format!("{stem}{minor}"));
    [stem.to_owned(), format!("{stem}3")].into_iter().chain(minors).collect()
}

fn path() -> Vec<SearchFolder> {
    let (pythons, pips) = (names("python"), names("pip"));
    let program = |folder: &Path, name: &str| {
        let path = if cfg!(windows) { folder.join(format!("{name}.exe")) } else { folder.join(name) };
        venv::is_executable(&path).then_some(path)
    };
    let value = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&value).filter(|folder| folder.is_absolute());
    let all = folders.map(|folder| {
        let found = |names: &[String]| -> BTreeMap<String, PathBuf> {
            names.iter().filter_map(|name| Some((name.clone(), program(&folder, name)?))).collect()
        };
        let pips = found(&pips).into_iter().map(|(name, path)| (name, python_of(&path)));
        SearchFolder {
            pythons: found(&pythons).into_iter().map(|(name, path)| (name, started_by(path))).collect(),
            pips: pips.collect(),
            has_hook_runner: ["pre-commit", "prek"].iter().any(|name| program(&folder, name).is_some()),
            folder,
        }
    });
    all.collect()
}

/// The Python that a script starts by its full path.
fn python_of(script: &Path) -> Option<Started> {
    let bytes = regular::start(script, 4608).ok()??;
    let text = String::from_utf8_lossy(&bytes);
    let program = Path::new(started(&text)?);
    let name = program.file_name()?.to_str()?;
    let is_python = program.is_absolute() && ["python", "pypy"].iter().any(|start| name.starts_with(start));
    is_python.then(|| started_by(program.to_owned()))
}

fn started_by(path: PathBuf) -> Started {
    let environment = path.parent().and_then(Path::parent);
    let config = environment.and_then(|folder| regular::utf8(&folder.join("pyvenv.cfg")));
    let identity = match environment {
        _ if interpreter::is_foreign(&path) => None,
        Some(folder) if config.is_some() => folder.canonicalize().ok(),
        _ => path.canonicalize().ok(),
    };
    let made_by_uv = config.is_some_and(|text| text.lines().any(|line| line.trim_start().starts_with("uv ")));
    Started { path, identity, made_by_uv }
}

fn git() -> Result<Config, String> {
    super::git()?.config(None).map_err(|error| format!("{error:#}"))
}

#[cfg(unix)]
fn volumes(home: Option<&Path>) -> Fact<Vec<Volume>> {
    let wanted = [("temporary files", Some(std::env::temp_dir())), ("your files", home.map(Path::to_owned))];
    let mut found = Vec::new();
    for (purpose, folder) in wanted {
        let Some(folder) = folder else { continue };
        // One that is not there holds nothing, and Python takes another for temporary files.
        let Ok(room) = rustix::fs::statvfs(&folder) else { continue };
        let no_execution = room.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC);
        let has_names = room.f_files == 0 || room.f_favail > 0;
        let free = if has_names { room.f_bavail * room.f_frsize } else { 0 };
        found.push(Volume { purpose, folder, free, no_execution });
    }
    Fact::Known(found)
}

#[cfg(not(unix))]
fn volumes(_: Option<&Path>) -> Fact<Vec<Volume>> {
    Fact::Failed("the room on disk is not known here".to_owned())
}
