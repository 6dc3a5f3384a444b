//! From the Python of a virtual environment to the one that it was made from.

use std::path::{Path, PathBuf};

use super::find;

/// Environments may be made from environments; more than this many is a circle.
const DEPTH: usize = 8;

/// The interpreter outside all environments that `python` stands for; `None` if it is in no environment or its base is
/// gone (<https://docs.python.org/3/library/venv.html>, `pyvenv.cfg`).
pub(super) fn base_of(python: &Path) -> Option<PathBuf> {
    let mut base = None;
    let mut current = python.to_owned();
    for _ in 0..DEPTH {
        match parent_of(&current) {
            Some(next) => {
                base = Some(next.clone());
                current = next;
            }
            None => break,
        }
    }
    base
}

/// The interpreter that the environment of `python` names in its `pyvenv.cfg`.
fn parent_of(python: &Path) -> Option<PathBuf> {
    let folder = python.parent()?;
    let text = [folder.parent(), Some(folder)]
        .into_iter()
        .flatten()
        .find_map(|place| fs_err::read_to_string(place.join("pyvenv.cfg")).ok())?;
    let value = |name: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    // `home` first: it keeps the links that outlive an upgrade, where `executable` is resolved.
    let home = value("home").map(PathBuf::from);
    let version = value("version").or_else(|| value("version_info")).unwrap_or_default();
    let mut numbers = version.split('.');
    let exact = match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => format!("python{major}.{minor}"),
        _ => "python3".to_owned(),
    };
    let beside_home = [exact.as_str(), "python3", "python"]
        .into_iter()
        .filter_map(|name| home.as_ref().map(|home| home.join(find::program(name))));
    let named = ["executable", "base-executable"].into_iter().filter_map(|name| value(name).map(PathBuf::from));
    beside_home.chain(named).find(|path| find::is_executable(path) && path != python)
}
