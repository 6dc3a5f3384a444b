//! pyenv's shims, and the `.python-version` files that steer them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Context, find};
use crate::domain::python_request::python_version_file;

/// The words of the nearest `.python-version`, from the folder of the context upwards, and its path.
pub(super) fn python_version(context: &Context) -> Option<(PathBuf, Vec<String>)> {
    context.folder.ancestors().find_map(|folder| {
        let path = folder.join(".python-version");
        let words = read_words(&path)?;
        (!words.is_empty()).then_some((path, words))
    })
}

fn read_words(path: &Path) -> Option<Vec<String>> {
    let text = fs_err::read_to_string(path).ok()?;
    Some(python_version_file(&text).into_iter().map(str::to_owned).collect())
}

/// The program behind `path`, if it is one of pyenv's shims, else `path`; `None` for a shim without an active version.
///
/// A shim takes a tenth of a second to find this out, and exits with 127 where there is nothing behind it.
pub(super) fn resolve(path: PathBuf, context: &Context) -> Option<PathBuf> {
    let Some(root) = context.roots.pyenv() else { return Some(path) };
    if !is_foreign(&path) || !path.starts_with(&root) {
        return Some(path);
    }
    let name = path.file_name()?;
    let versions = root.join("versions");
    selected(&root, context).iter().find_map(|version| program_of(&versions, version, name))
}

/// Whether `path` is in a version manager's folder of shims: what it stands for depends on where it is run.
#[must_use]
pub fn is_foreign(path: &Path) -> bool {
    path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "shims")
}

/// pyenv's order: its variable, the nearest file, the global file.
fn selected(root: &Path, context: &Context) -> Vec<String> {
    let variable = context.roots.variable("PYENV_VERSION").and_then(OsStr::to_str);
    variable
        .map(|value| value.split(':').map(str::to_owned).collect())
        .or_else(|| python_version(context).map(|(_, words)| words))
        .or_else(|| read_words(&root.join("version")))
        .unwrap_or_default()
}

/// `name` in the version that is named exactly, else in the newest whose name begins with it (`3.12` for `3.12.1`).
fn program_of(versions: &Path, wanted: &str, name: &OsStr) -> Option<PathBuf> {
    let program = |folder: PathBuf| {
        let path = if cfg!(windows) { folder.join(name) } else { folder.join("bin").join(name) };
        find::is_executable(&path).then_some(path)
    };
    let prefix = format!("{wanted}.");
    program(versions.join(wanted)).or_else(|| {
        let mut folders: Vec<PathBuf> = find::entries(versions)
            .filter(|folder| folder.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(&prefix)))
            .collect();
        folders.sort_by_key(|folder| std::cmp::Reverse(find::hint(folder)));
        folders.into_iter().find_map(program)
    })
}
