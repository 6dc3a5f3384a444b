//! The machine: variables, PATH, Pythons, git's settings, room on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::domain::editable::started;
use crate::domain::facts::{Fact, Machine, Need, SearchFolder, Volume};
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
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TZ",
    "CI",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
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
const PREFIXES: &[&str] = &["PYTHON", "PIP_", "UV_", "CONDA_", "GIT_", "POETRY_", "PDM_", "PIPENV_", "HATCH_"];

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
        machine.volumes = volumes(machine.home.as_deref()).into();
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
            pythons: found(&pythons),
            pips: pips.collect(),
            has_hook_runner: ["pre-commit", "prek"].iter().any(|name| program(&folder, name).is_some()),
            folder,
        }
    });
    all.collect()
}

fn python_of(script: &Path) -> Option<PathBuf> {
    let bytes = regular::start(script, 4608).ok()??;
    started(&String::from_utf8_lossy(&bytes)).map(PathBuf::from)
}

fn git() -> Result<Config, String> {
    super::git()?.config(None).map_err(|error| format!("{error:#}"))
}

#[cfg(unix)]
fn volumes(home: Option<&Path>) -> Result<Vec<Volume>, String> {
    let wanted = [("temporary files", Some(std::env::temp_dir())), ("your files", home.map(Path::to_owned))];
    let mut found = Vec::new();
    for (purpose, folder) in wanted {
        let Some(folder) = folder else { continue };
        let room = rustix::fs::statvfs(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let no_execution = room.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC);
        found.push(Volume { purpose, folder, free: room.f_bavail * room.f_frsize, no_execution });
    }
    Ok(found)
}

#[cfg(not(unix))]
fn volumes(_: Option<&Path>) -> Result<Vec<Volume>, String> {
    Err("the room on disk is not known here".to_owned())
}
