//! What is installed in an environment.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use crate::domain::facts::{EntryKind, Packages, PathFile};
use crate::domain::installed::{self as domain, Distribution, Record};
use crate::system::environment::installed;
use crate::system::regular;

/// So many distributions are worth a thread of their own.
const A_THREAD: usize = 64;

const INFO: &str = ".dist-info";

/// The content of a `site-packages`.
///
/// # Errors
/// It cannot be listed.
pub fn installed(site: &Path) -> Result<Packages, String> {
    let mut found = Packages { site: site.to_owned(), ..Packages::default() };
    let mut infos = Vec::new();
    for (name, kind) in listed(site)? {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        match (extension, kind) {
            _ if name.starts_with('~') => found.leftovers.push(name),
            ("dist-info", _) => infos.push(name),
            ("pth", _) => found.path_files.extend(path_file(site, &name)),
            ("egg-link" | "egg-info", _) => found.eggs.push(name),
            ("py", EntryKind::File | EntryKind::Link) => found.modules.push(stem.to_owned()),
            ("", EntryKind::Folder | EntryKind::Link) if name != "__pycache__" => found.modules.push(name),
            _ => {}
        }
    }
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

fn listed(site: &Path) -> Result<Vec<(String, EntryKind)>, String> {
    regular::names(site).map_err(|why| format!("cannot list {}: {why}", site.display()))
}

/// Work on parts of `names` beside each other, and give all results in their order.
fn in_threads<T: Send>(names: &[String], work: impl Fn(&[String]) -> Vec<T> + Sync) -> Vec<T> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let parts = (names.len() / A_THREAD + 1).min(processors);
    let size = names.len().div_ceil(parts).max(1);
    thread::scope(|scope| {
        let running: Vec<_> = names.chunks(size).map(|part| scope.spawn(|| work(part))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    })
}

fn path_file(site: &Path, name: &str) -> Option<PathFile> {
    let bytes = regular::bytes(&site.join(name)).ok()??;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_path = |line: &&String| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#') && !line.starts_with("import ") && !line.starts_with("import\t")
    };
    let folders = lines.iter().filter(is_path).map(|line| site.join(line.trim()));
    let missing = folders.filter(|folder| !folder.exists()).collect();
    Some(PathFile { name: name.to_owned(), lines, missing })
}
