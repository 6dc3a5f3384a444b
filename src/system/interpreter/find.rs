//! Where Pythons are: each source yields files that may be one, and starts no process.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::{Candidate, Roots};
use crate::domain::facts::Origin;

#[cfg(windows)]
#[path = "find_windows.rs"]
mod platform;

/// The names of an interpreter, the general ones first, then the newest; names are asked for one by one because that is
/// cheaper than to list `/usr/bin`.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let general = ["python3", "python"].map(str::to_owned);
    let exact = (6..=30).rev().map(|minor| format!("python3.{minor}"));
    let threaded = (13..=30).rev().map(|minor| format!("python3.{minor}t"));
    let pypy = (8..=15).rev().map(|minor| format!("pypy3.{minor}"));
    let all = general.into_iter().chain(exact).chain(threaded).chain(["pypy3".to_owned()]).chain(pypy);
    all.map(|name| program(&name)).collect()
});

/// `name` as the file of a program is called here.
pub(super) fn program(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// Whether `path`, links followed, is a file that may be executed.
pub(super) fn is_executable(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else { return false };
    #[cfg(unix)]
    let allowed = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    // The Microsoft Store puts empty files on PATH that open its window.
    #[cfg(not(unix))]
    let allowed = metadata.len() > 0 && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("exe"));
    metadata.is_file() && allowed && !opens_a_dialog(path)
}

/// Apple's `/usr/bin/python3` offers to install the developer tools, in a window, where they are missing.
fn opens_a_dialog(path: &Path) -> bool {
    const TOOLS: &[&str] = &["/Library/Developer/CommandLineTools/usr/bin/python3", "/Applications/Xcode.app"];
    cfg!(target_os = "macos")
        && path == Path::new("/usr/bin/python3")
        && !TOOLS.iter().any(|tool| Path::new(tool).exists())
}

/// The paths in `folder`, sorted; none if it cannot be read.
pub(super) fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let mut paths: Vec<PathBuf> =
        fs_err::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.into_iter()
}

/// The version that the names of `path` speak of, the file's own first: `python3.12`, `3.12.1`, `cpython-3.12.1-linux`,
/// `python@3.12`, `pypy3.10-7.3`, Windows' `Python312`. It decides the order of trying, never the choice.
pub(super) fn hint(path: &Path) -> Option<[u64; 3]> {
    let mut found: Option<[u64; 3]> = None;
    for name in path.components().rev().filter_map(|part| part.as_os_str().to_str()).take(6) {
        match (version_in(name), found) {
            (Some(version), None) => found = Some(version),
            // A folder may know the patch release that the file's name leaves out.
            (Some(version), Some(known)) if known[2] == 0 && version[..2] == known[..2] => found = Some(version),
            _ => {}
        }
    }
    found
}

/// The version that one part of a path speaks of.
fn version_in(name: &str) -> Option<[u64; 3]> {
    const PREFIXES: &[&str] = &["cpython-", "python@", "python", "pypy-", "pypy", "graalpy-", ""];
    let name = name.to_ascii_lowercase();
    let (prefix, rest) = PREFIXES.iter().find_map(|prefix| {
        let rest = name.strip_prefix(prefix)?;
        rest.starts_with(|first: char| first.is_ascii_digit()).then_some((*prefix, rest))
    })?;
    let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
    let rest = &rest[..end];
    let mut numbers = rest.split('.').map(|number| number.parse().ok());
    match (numbers.next()??, numbers.next().flatten(), numbers.next().flatten()) {
        (major @ 2..=3, Some(minor), patch) => Some([major, minor, patch.unwrap_or(0)]),
        // Windows' folders leave the dot out.
        (36..=399, None, _) if prefix == "python" => Some([3, rest.strip_prefix('3')?.parse().ok()?, 0]),
        _ => None,
    }
}

/// Those on PATH, lazily and in its order.
pub(super) fn on_path(roots: &Roots) -> impl Iterator<Item = Candidate> {
    roots.path_folders().flat_map(|folder| in_folder(&folder, Origin::Path))
}

/// The base of the active environment is found through this.
pub(super) fn active_environment(roots: &Roots) -> Option<PathBuf> {
    roots.folder("VIRTUAL_ENV").and_then(|folder| of_prefix(&folder))
}

/// The Python of an environment or an installation.
pub(super) fn of_prefix(folder: &Path) -> Option<PathBuf> {
    let places: &[&str] = if cfg!(windows) { &["Scripts", "bin", ""] } else { &["bin", ""] };
    let places = places.iter().map(|place| folder.join(place)).filter(|place| place.is_dir());
    places.flat_map(|place| NAMES.iter().map(move |name| place.join(name))).find(|path| is_executable(path))
}

/// Those that need not be on PATH, in no particular order.
pub(super) fn elsewhere(roots: &Roots) -> Vec<Candidate> {
    let mut found = Vec::new();
    pyenv(roots, &mut found);
    uv(roots, &mut found);
    homebrew(roots, &mut found);
    conda(roots, &mut found);
    system(roots, &mut found);
    #[cfg(windows)]
    platform::registered(&mut found);
    found
}

fn in_folder(folder: &Path, origin: Origin) -> Vec<Candidate> {
    if !folder.is_dir() {
        return Vec::new();
    }
    let existing = NAMES.iter().map(|name| folder.join(name)).filter(|path| is_executable(path));
    existing.map(|path| Candidate { path, origin }).collect()
}

fn prefixes(folders: impl Iterator<Item = PathBuf>, origin: Origin, found: &mut Vec<Candidate>) {
    found.extend(folders.filter_map(|folder| of_prefix(&folder)).map(|path| Candidate { path, origin }));
}

/// `versions/` of pyenv and pyenv-win; its links are environments, which settle to their base.
fn pyenv(roots: &Roots, found: &mut Vec<Candidate>) {
    if let Some(root) = roots.pyenv() {
        prefixes(entries(&root.join("versions")), Origin::Pyenv, found);
    }
}

/// The folder of `uv python install` (<https://docs.astral.sh/uv/reference/storage/>).
fn uv(roots: &Roots, found: &mut Vec<Candidate>) {
    let data = if cfg!(windows) {
        roots.folder("APPDATA").map(|folder| folder.join("uv").join("data"))
    } else {
        roots.folder("XDG_DATA_HOME").or_else(|| roots.in_home(".local/share")).map(|folder| folder.join("uv"))
    };
    let folder = roots.folder("UV_PYTHON_INSTALL_DIR").or_else(|| data.map(|data| data.join("python")));
    if let Some(folder) = folder {
        let installed = entries(&folder).filter(|path| !path.file_name().is_some_and(is_hidden));
        prefixes(installed, Origin::Uv, found);
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// `opt/python@3.12`: links that stay when a formula is upgraded.
fn homebrew(roots: &Roots, found: &mut Vec<Candidate>) {
    let usual = ["opt/homebrew", "usr/local", "home/linuxbrew/.linuxbrew"].map(|path| roots.in_system(path));
    for root in roots.folder("HOMEBREW_PREFIX").into_iter().chain(usual) {
        let formulas = entries(&root.join("opt"));
        let pythons = formulas.filter(|path| {
            path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with("python@") || name == "pypy3")
        });
        prefixes(pythons, Origin::Homebrew, found);
    }
}

/// The active environment, the usual installations with their environments, and those that conda has noted.
fn conda(roots: &Roots, found: &mut Vec<Candidate>) {
    const USUAL: &[&str] = &[
        "miniconda3",
        "anaconda3",
        "miniforge3",
        "mambaforge",
        "micromamba",
        ".conda",
        "opt/miniconda3",
        "opt/anaconda3",
    ];
    let at_home = USUAL.iter().filter_map(|name| roots.in_home(name));
    let shared = ["opt/conda", "opt/miniconda3", "opt/miniforge3"].map(|path| roots.in_system(path));
    let installations: Vec<PathBuf> =
        roots.folder("MAMBA_ROOT_PREFIX").into_iter().chain(at_home).chain(shared).collect();
    let noted = roots.in_home(".conda/environments.txt").and_then(|path| fs_err::read_to_string(path).ok());
    let mut folders: Vec<PathBuf> = roots.folder("CONDA_PREFIX").into_iter().collect();
    for installation in installations {
        folders.extend(entries(&installation.join("envs")));
        folders.push(installation);
    }
    folders.extend(noted.unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from));
    prefixes(folders.into_iter(), Origin::Conda, found);
}

/// `/usr/bin` with Debian's and deadsnakes' versions, `/usr/local/bin`, and the frameworks of python.org on macOS.
fn system(roots: &Roots, found: &mut Vec<Candidate>) {
    for folder in ["usr/local/bin", "usr/bin", "bin"] {
        found.extend(in_folder(&roots.in_system(folder), Origin::System));
    }
    let frameworks = entries(&roots.in_system("Library/Frameworks/Python.framework/Versions"));
    prefixes(frameworks, Origin::System, found);
    let deadsnakes = entries(&roots.in_system("etc/apt/sources.list.d"))
        .any(|path| path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.contains("deadsnakes")));
    if deadsnakes {
        let bin = roots.in_system("usr/bin");
        let own = super::canonical(&bin.join("python3"));
        let added = in_folder(&bin, Origin::Deadsnakes).into_iter();
        found.extend(
            added.filter(|candidate| hint(&candidate.path).is_some() && super::canonical(&candidate.path) != own),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hint_at_versions() {
        let hint = |path: &str| hint(Path::new(path));
        assert_eq!(hint("/usr/bin/python3.12"), Some([3, 12, 0]));
        assert_eq!(hint("/home/u/.pyenv/versions/3.12.1/bin/python3.12"), Some([3, 12, 1]));
        assert_eq!(hint("/d/uv/python/cpython-3.13.2-linux-x86_64-gnu/bin/python3"), Some([3, 13, 2]));
        assert_eq!(hint("/opt/homebrew/opt/python@3.11/bin/python3.11"), Some([3, 11, 0]));
        assert_eq!(hint("/v/pypy3.10-7.3.15/bin/pypy3"), Some([3, 10, 0]));
        assert_eq!(hint("/c/Programs/Python/Python312/python.exe"), Some([3, 12, 0]));
        assert_eq!(hint("/usr/bin/python3"), None);
        assert_eq!(hint("/srv/7/python"), None);
    }
}
