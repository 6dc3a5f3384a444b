//! What the files of a Python tell about it without running it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Candidate, Context, canonical, find};
use crate::domain::facts::{Origin, Python};
use crate::domain::python::Minor;

/// Every Python that can be found, none of them run: those on PATH in its order, then the others, newest first.
#[must_use]
pub fn by_files(context: &Context) -> Vec<Python> {
    let roots = &context.roots;
    let active = find::active_environment(roots).map(|path| Candidate { path, origin: Origin::Path });
    let mut elsewhere = find::elsewhere(roots);
    elsewhere.sort_by_cached_key(|candidate| std::cmp::Reverse(find::hint(&candidate.path)));
    let mut seen = BTreeSet::new();
    let all = find::on_path(roots).chain(active).chain(elsewhere).filter_map(|candidate| candidate.settle(context));
    all.filter(|settled| seen.insert(settled.key.clone()))
        .map(|settled| describe(settled.path, settled.key, settled.origin))
        .collect()
}

/// The Python at `real`, links resolved, that an environment names as its own.
#[must_use]
pub fn by_file(real: PathBuf) -> Python {
    describe(real.clone(), real, Origin::Named)
}

fn describe(path: PathBuf, real: PathBuf, origin: Origin) -> Python {
    let library = library(&real);
    let has = |name: &str| library.as_ref().is_some_and(|(stdlib, _)| stdlib.join(name).is_file());
    Python {
        minor: minor_by_files(&real),
        release: release(&real),
        has_venv: has("venv/__init__.py"),
        has_ensurepip: has("ensurepip/__init__.py"),
        externally_managed: has("EXTERNALLY-MANAGED"),
        stdlib: library.map(|(stdlib, _)| stdlib),
        path,
        real,
        origin,
    }
}

/// The whole version that one of the folders of `real` is named for: `3.12.1`, `cpython-3.12.1-linux-x86_64-gnu`.
fn release(real: &Path) -> Option<String> {
    let names = real.parent()?.iter().rev().filter_map(|part| part.to_str());
    let version = |name: &str| -> Option<String> {
        let version = name.strip_prefix("cpython-").unwrap_or(name).split('-').next()?;
        let numbers: Vec<&str> = version.split('.').collect();
        let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        (numbers.len() == 3 && numbers.iter().all(is_number)).then(|| version.to_owned())
    };
    names.take(3).find_map(version)
}

/// The feature version of the Python at `real`, links resolved: as its own name, its library or its folders tell.
#[must_use]
pub fn minor_by_files(real: &Path) -> Option<Minor> {
    let of_hint = |path: &Path| {
        let [major, minor, _] = find::hint(path)?;
        Some(Minor::new(u8::try_from(major).ok()?, u8::try_from(minor).ok()?))
    };
    let name = real.file_name().map(Path::new).and_then(of_hint);
    name.or_else(|| library(real).map(|(_, minor)| minor)).or_else(|| of_hint(real))
}

/// The folder with `os.py` and its version; the one that the file's name speaks of, else the only one.
fn library(real: &Path) -> Option<(PathBuf, Minor)> {
    let prefix = canonical(real).parent()?.parent()?.to_owned();
    let named = real.file_name().and_then(|name| find::hint(Path::new(name)));
    let mut found: Vec<(PathBuf, Minor)> = find::entries(&prefix.join("lib"))
        .filter(|folder| folder.join("os.py").is_file())
        .filter_map(|folder| {
            let name = folder.file_name()?.to_str()?;
            let rest = ["python", "pypy"].iter().find_map(|start| name.strip_prefix(start))?;
            let minor = Minor::of_version(rest.trim_end_matches('t'))?;
            Some((folder.clone(), minor))
        })
        .collect();
    if let Some([major, minor, _]) = named {
        found.retain(|(_, known)| (u64::from(known.major), u64::from(known.minor)) == (major, minor));
    }
    (found.len() == 1).then(|| found.remove(0))
}
