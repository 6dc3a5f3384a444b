//! The virtual environments of a project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{bin, installers};
use crate::domain::facts::{Access, EntryKind, Environment, Program};
use crate::domain::python::Minor;
use crate::domain::tree::Root;
use crate::system::environment::{Search, locate, venv};
use crate::system::interpreter;
use crate::system::regular;

/// More links in a row than this are a circle.
const LINKS: usize = 40;

/// Every environment of the project: first the one that belongs to it by the order of [`locate`], then others directly in
/// its folder. `entries` is what stands there.
pub fn all(search: &Search<'_>, entries: &BTreeMap<String, EntryKind>) -> Vec<Environment> {
    let named = ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(|name| search.variables.get(name));
    let active: Vec<PathBuf> = named.map(PathBuf::from).collect();
    let may = |kind: &EntryKind| matches!(kind, EntryKind::Folder | EntryKind::Link);
    let inner = entries.iter().filter(|(_, kind)| may(kind)).map(|(name, _)| search.folder.join(name));
    let located = locate(search).path;
    let mut found: Vec<Environment> = Vec::new();
    for folder in std::iter::once(located.clone()).chain(inner) {
        let real = folder.canonicalize().ok();
        let same = |other: &Path| other == folder || real.is_some() && other.canonicalize().ok() == real;
        if found.iter().any(|known| same(&known.folder)) {
            continue;
        }
        let Some(mut environment) = environment(&folder) else { continue };
        environment.name = folder.strip_prefix(search.folder).ok().and_then(Path::to_str).map(str::to_owned);
        environment.synced = same(&located) && !environment.conda;
        environment.active = active.iter().any(|other| same(other));
        found.push(environment);
    }
    found
}

/// The environment at `folder`, if one is there.
fn environment(folder: &Path) -> Option<Environment> {
    let bytes = regular::bytes(&folder.join("pyvenv.cfg")).ok().flatten();
    let conda = bytes.is_none() && folder.join("conda-meta").is_dir();
    if bytes.is_none() && !conda {
        return None;
    }
    let config = config(&String::from_utf8_lossy(&bytes.unwrap_or_default()));
    let settings = super::texts::place(Root::Environment, "pyvenv.cfg").ok();
    let settings = settings.and_then(|place| regular::text(&folder.join("pyvenv.cfg"), place).ok()?);
    let (scripts, named) = bin::scan(folder);
    let mut environment = Environment {
        folder: folder.to_owned(),
        conda,
        ignores_itself: ignores_itself(folder),
        home_is_gone: config.get("home").is_some_and(|home| Path::new(home).is_absolute() && is_gone(Path::new(home))),
        python: program(folder),
        libraries: libraries(folder),
        scripts,
        named,
        config,
        settings,
        ..Environment::default()
    };
    environment.base = environment.python.real.clone().map(interpreter::by_file);
    environment.user_site = environment.minor().and_then(user_site);
    let version = environment.minor().map(|minor| minor.to_string());
    environment.site = venv::site_packages(folder, version.as_deref());
    environment.access = access(folder, environment.site.as_deref());
    environment.pip_config = installers::of_environment(folder);
    environment.certificates = installers::certificates_in(environment.pip_config.as_slice());
    Some(environment)
}

fn ignores_itself(folder: &Path) -> bool {
    let text = regular::utf8(&folder.join(".gitignore")).unwrap_or_default();
    text.lines().any(|line| line.trim() == "*")
}

/// `pyvenv.cfg`: keys in lower case.
fn config(text: &str) -> BTreeMap<String, String> {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim().to_owned())).collect()
}

/// Whether the environment of a `pyvenv.cfg` also has the packages of its base.
pub fn sees_others(text: &str) -> bool {
    config(text).get("include-system-site-packages").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// The folder of `pip install --user` (PEP 370), where something is installed there.
fn user_site(minor: Minor) -> Option<PathBuf> {
    let stated = std::env::var_os("PYTHONUSERBASE").filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = stated.or_else(|| Some(etcetera::home_dir().ok()?.join(".local")))?;
    let site = base.join("lib").join(format!("python{minor}")).join("site-packages");
    let installed = regular::names(&site).unwrap_or_default();
    installed.iter().any(|(name, _)| name.ends_with(".dist-info")).then_some(site)
}

fn program(folder: &Path) -> Program {
    let usual = venv::python(folder);
    let other = usual.with_file_name("python3");
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    let path = if !is_there(&usual) && is_there(&other) { other } else { usual };
    let target = is_there(&path).then(|| last_target(&path));
    let real = match path.canonicalize() {
        Ok(real) => Some(real).filter(|real| real.is_file()),
        Err(_) => target.clone().filter(|_| !is_gone(&path)),
    };
    let minor = real.as_deref().and_then(interpreter::minor_by_files);
    Program { path, target, real, minor }
}

/// Whether nothing is there; what this user may not look at is not gone.
fn is_gone(path: &Path) -> bool {
    std::fs::metadata(path).is_err_and(|error| error.kind() != std::io::ErrorKind::PermissionDenied)
}

/// Where a chain of links ends, whether or not something is there.
fn last_target(path: &Path) -> PathBuf {
    let mut current = path.to_owned();
    for _ in 0..LINKS {
        match std::fs::read_link(&current) {
            Ok(target) => current = current.parent().unwrap_or(path).join(target),
            Err(_) => break,
        }
    }
    current
}

/// The versions of `lib/pythonX.Y` folders.
fn libraries(folder: &Path) -> Vec<Minor> {
    let names = regular::names(&folder.join("lib")).unwrap_or_default();
    let version = |name: &str| {
        let rest = ["python", "pypy", "graalpy"].iter().find_map(|start| name.strip_prefix(start))?;
        Minor::of_version(rest.trim_end_matches('t'))
    };
    let mut found: Vec<Minor> = names.iter().filter_map(|(name, _)| version(name)).collect();
    found.sort();
    found
}

#[cfg(unix)]
fn access(folder: &Path, site: Option<&Path>) -> Access {
    use std::os::unix::fs::MetadataExt as _;
    let ours = rustix::process::geteuid();
    let folders = [Some(folder.to_owned()), Some(venv::bin(folder)), site.map(Path::to_owned)];
    let writable =
        |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok();
    let unwritable = folders.into_iter().flatten().filter(|path| path.is_dir() && !writable(path)).map(|path| {
        let inner = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        if inner.is_empty() { ".".to_owned() } else { inner }
    });
    let owner = std::fs::metadata(folder).ok().map(|found| found.uid());
    let foreign_owner = owner.filter(|owner| !ours.is_root() && *owner != ours.as_raw());
    Access { unwritable: unwritable.collect(), foreign_owner }
}

#[cfg(not(unix))]
fn access(_: &Path, _: Option<&Path>) -> Access {
    Access::default()
}
