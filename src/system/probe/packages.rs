//! What is installed in an environment.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use super::startup;
use crate::domain::facts::{Altered, EntryKind, Environment, Packages, Target};
use crate::domain::installed::{self as domain, Distribution, Record};
use crate::system::environment::installed;
use crate::system::regular;

/// So many distributions are worth a thread of their own.
const A_THREAD: usize = 64;

const INFO: &str = ".dist-info";

/// The content of the environment's `site-packages`; `None` where it has none.
///
/// # Errors
/// It cannot be listed.
pub fn installed(environment: &Environment) -> Option<Result<Packages, String>> {
    let site = environment.site.as_deref()?;
    Some(content(site).map(|found| {
        let found = Packages { markers: markers(environment), ..found };
        Packages { unfound: startup::unfound(environment, &found), ..found }
    }))
}

fn content(site: &Path) -> Result<Packages, String> {
    let mut found = Packages { site: site.to_owned(), ..Packages::default() };
    let mut infos = Vec::new();
    for (name, kind) in listed(site)? {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        match (extension, kind) {
            _ if name.starts_with('~') => found.leftovers.push(name),
            ("dist-info", _) => infos.push(name),
            ("pth", _) => found.path_files.extend(startup::path_file(site, &name)),
            ("start", _) => found.start_files.push(name),
            ("egg-link" | "egg-info", _) => found.eggs.push(name),
            ("py", EntryKind::File | EntryKind::Link) => {
                found.finders.extend(startup::finder(site, stem).map(|modules| (name.clone(), modules)));
                found.modules.push(stem.to_owned());
            }
            ("so" | "pyd" | "pyc", EntryKind::File | EntryKind::Link) => {
                found.modules.push(stem.split('.').next().unwrap_or(stem).to_owned());
            }
            ("", EntryKind::Folder | EntryKind::Link) if name != "__pycache__" => found.modules.push(name),
            _ => {}
        }
    }
    found.customizing = startup::customizing(site);
    infos.sort();
    let read = |names: &[String]| -> Vec<Result<Distribution, String>> {
        names.iter().map(|name| installed::distribution(site.join(name)).ok_or_else(|| name.clone())).collect()
    };
    let all: Vec<_> = in_threads(&infos, read);
    for one in all {
        match one {
            Ok(distribution) => found.distributions.push(distribution),
            Err(name) => found.unreadable.push(name),
        }
    }
    for distribution in found.distributions.iter().filter(|distribution| distribution.is_editable()) {
        if let Some(named) = distribution.origin.as_ref().and_then(domain::DirectUrl::folder) {
            let real = named.canonicalize().ok().filter(|folder| folder.is_dir());
            found.editables.insert(distribution.info.clone(), Target { named, real });
        }
    }
    for list in [&mut found.leftovers, &mut found.eggs, &mut found.modules] {
        list.sort();
    }
    found.path_files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// The files of each distribution, by the name of its `.dist-info`; without those whose `RECORD` is gone.
///
/// # Errors
/// The folder cannot be listed.
pub fn records(site: &Path) -> Result<BTreeMap<String, Vec<Record>>, String> {
    let infos: Vec<String> =
        listed(site)?.into_iter().map(|(name, _)| name).filter(|name| name.ends_with(INFO)).collect();
    let read = |names: &[String]| -> Vec<(String, Vec<Record>)> {
        let record = |name: &String| regular::bytes(&site.join(name).join("RECORD")).ok().flatten();
        let parsed = names.iter().filter_map(|name| Some((name.clone(), record(name)?)));
        parsed.map(|(name, bytes)| (name, domain::records(&String::from_utf8_lossy(&bytes)))).collect()
    };
    Ok(in_threads(&infos, read).into_iter().collect())
}

/// The files of each distribution that are gone or of another size than `RECORD` says. What is compiled may be gone.
///
/// # Errors
/// The folder cannot be listed.
pub fn altered(site: &Path) -> Result<BTreeMap<String, Vec<Altered>>, String> {
    let all: Vec<(String, Vec<Record>)> = records(site)?.into_iter().collect();
    let base = regular::Base::open(site).map_err(|error| regular::reason(&error))?;
    let read = |part: &[(String, Vec<Record>)]| -> Vec<(String, Vec<Altered>)> {
        let of_one = |files: &[Record]| files.iter().filter_map(|file| change(&base, file)).collect();
        part.iter().map(|(name, files)| (name.clone(), of_one(files))).collect()
    };
    Ok(in_threads(&all, read).into_iter().collect())
}

fn change(base: &regular::Base, file: &Record) -> Option<Altered> {
    if file.is_compiled() {
        return None;
    }
    let found = match base.length(&file.path) {
        Ok(length) => Some(length),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        // What cannot be looked at is another check's affair.
        Err(_) => return None,
    };
    let same = found.is_some_and(|found| file.size.is_none_or(|size| size == found));
    (!same).then(|| Altered { path: file.path.clone(), found, recorded: file.size })
}

/// The values of environment markers in an environment, as its files tell.
fn markers(environment: &Environment) -> Option<pep508_rs::MarkerEnvironment> {
    // What is installed was chosen for the Python that the environment was made with.
    let minor = environment.minor().or(environment.python.minor)?;
    let stated = ["version", "version_info"].iter().find_map(|key| environment.config.get(*key));
    let full = stated.map(|text| text.split('.').take(3).collect::<Vec<_>>().join("."));
    let full = full.filter(|text| crate::domain::python::Minor::of_version(text) == Some(minor));
    let implementation = environment.config.get("implementation").map_or("cpython".into(), |name| name.to_lowercase());
    installed::markers_of(&full.unwrap_or_else(|| format!("{minor}.0")), minor, &implementation)
}

fn listed(site: &Path) -> Result<Vec<(String, EntryKind)>, String> {
    regular::names(site).map_err(|why| format!("cannot list {}: {why}", site.display()))
}

/// Work on parts of `names` beside each other, and give all results in their order.
fn in_threads<N: Sync, T: Send>(names: &[N], work: impl Fn(&[N]) -> Vec<T> + Sync) -> Vec<T> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let parts = (names.len() / A_THREAD + 1).min(processors);
    let size = names.len().div_ceil(parts).max(1);
    thread::scope(|scope| {
        let running: Vec<_> = names.chunks(size).map(|part| scope.spawn(|| work(part))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    })
}
