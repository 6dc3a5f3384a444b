//! A copy of what a manager reads to lock: its manifest, and where that needs more, the small files around it.

use std::path::{Component, Path, PathBuf};

use fs_err as fs;
use toml::Value;

use super::Why;
use crate::domain::declared;
use crate::domain::tree::{Entry, Place, Root, Tree};
use crate::system::environment::manager::Manager;
use crate::system::project::Project;

/// Files that managers and build backends read beside those that a manifest names.
const FIXED: &[&str] = &[
    "pyproject.toml",
    "Pipfile",
    "Pipfile.lock",
    "uv.lock",
    "uv.toml",
    "poetry.lock",
    "poetry.toml",
    "pdm.lock",
    "pylock.toml",
    "pdm.toml",
    ".python-version",
    "setup.cfg",
    "setup.py",
];

/// A file that is larger has no part in what a project requires.
const LARGE: u64 = 1 << 20;

/// More files, or more bytes in all, are not copied.
const MANY: usize = 20_000;
const MUCH: u64 = 256 << 20;

/// The copy; gone when it is dropped.
pub(super) struct Copy {
    _folder: tempfile::TempDir,
    inside: PathBuf,
}

impl Copy {
    /// Where the manager is to run.
    pub fn folder(&self) -> &Path {
        &self.inside
    }

    /// Copy what `manager` reads in `locked`, the folder of the lock file, as the tree wants it.
    ///
    /// # Errors
    /// It needs files outside of the repository, or too many; or a file cannot be read or written.
    pub fn make(tree: &mut Tree<'_>, project: &Project, locked: &Path, manager: Manager) -> Result<Self, Why> {
        let whole = whole(tree, project, locked, manager)?;
        Self::of(tree, project, locked, whole.as_deref())
    }

    /// Copy all of the project's own files, as the tree wants them.
    ///
    /// # Errors
    /// As [`Copy::make`].
    pub fn all(tree: &mut Tree<'_>, project: &Project) -> Result<Self, Why> {
        Self::of(tree, project, &project.folder, Some(&[]))
    }

    fn of(tree: &mut Tree<'_>, project: &Project, locked: &Path, whole: Option<&[PathBuf]>) -> Result<Self, Why> {
        let top = project.repository.as_ref().map_or(project.folder.as_path(), |it| it.top.as_path());
        let folder = tempfile::tempdir()?;
        let base = match whole {
            Some(paths) if paths.iter().all(|path| path.starts_with(locked)) => locked,
            Some(paths) if paths.iter().all(|path| path.starts_with(top)) => top,
            Some(_) => return Err(Why::Other("it requires packages outside of the repository".to_owned())),
            None => locked,
        };
        let at = |path: &Path| path.strip_prefix(base).ok().map(|path| folder.path().join(path));
        if whole.is_none() {
            for name in named(tree)? {
                let Ok(place) = Place::project(name) else { continue };
                if let Entry::File(file) = tree.get(&place)? {
                    write(&folder.path().join(place.path.as_str()), &file.bytes)?;
                }
            }
        } else {
            Walk { base, into: folder.path(), files: 0, bytes: 0 }.folder(base)?;
            for (place, _, after) in tree.changes() {
                let root = match place.root {
                    Root::Project => project.folder.as_path(),
                    Root::Repository => top,
                    Root::GitDir | Root::Environment => continue,
                };
                if let (Some(path), Entry::File(file)) = (at(&root.join(place.path.as_str())), after) {
                    write(&path, &file.bytes)?;
                }
            }
        }
        let inside = at(locked).unwrap_or_else(|| folder.path().to_owned());
        Ok(Self { _folder: folder, inside })
    }
}

/// What a manifest names, and the files that are always read.
fn named(tree: &mut Tree<'_>) -> anyhow::Result<Vec<String>> {
    let pyproject = tree.toml(&Place::project("pyproject.toml")?)?.unwrap_or_default();
    let mut names: Vec<String> = FIXED.iter().map(|&name| name.to_owned()).collect();
    for path in [["project", "readme"], ["project", "license"]] {
        let value = declared::at(&pyproject, &path);
        names.extend(value.and_then(|it| it.as_str().or_else(|| it.get("file")?.as_str())).map(str::to_owned));
    }
    match declared::at(&pyproject, &["tool", "poetry", "readme"]) {
        Some(Value::String(name)) => names.push(name.clone()),
        Some(Value::Array(all)) => names.extend(all.iter().filter_map(Value::as_str).map(str::to_owned)),
        _ => {}
    }
    Ok(names)
}

/// Whether more than the manifest is needed: metadata that a build computes, a workspace, requirements that are folders.
/// Then the folders that must be there.
fn whole(
    tree: &mut Tree<'_>,
    project: &Project,
    locked: &Path,
    manager: Manager,
) -> anyhow::Result<Option<Vec<PathBuf>>> {
    if locked != project.folder {
        return Ok(Some(vec![project.folder.clone()]));
    }
    let pyproject = tree.toml(&Place::project("pyproject.toml")?)?.unwrap_or_default();
    let pipfile = match manager {
        Manager::Pipenv => tree.toml(&Place::project("Pipfile")?)?.unwrap_or_default(),
        _ => std::sync::Arc::default(),
    };
    let tables: [&[&str]; 4] = [&["project"], &["tool", "uv"], &["tool", "poetry"], &["tool", "pdm"]];
    let mut paths = Vec::new();
    for value in tables.iter().filter_map(|path| declared::at(&pyproject, path)).chain(pipfile.values()) {
        folders(value, &mut paths);
    }
    let is_computed = declared::at(&pyproject, &["project", "dynamic"])
        .and_then(Value::as_array)
        .is_some_and(|dynamic| !dynamic.is_empty());
    let is_workspace = declared::at(&pyproject, &["tool", "uv", "workspace"]).is_some();
    let is_needed = !paths.is_empty() || manager == Manager::Uv && (is_computed || is_workspace);
    let absolute = |path: String| plain(&locked.join(path));
    Ok(is_needed.then(|| paths.into_iter().map(absolute).collect()))
}

/// The folders that requirements name: `path = "../x"`, `x @ file:///...`.
fn folders(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                match value.as_str() {
                    Some(path) if key == "path" => found.push(path.to_owned()),
                    _ => folders(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| folders(item, found)),
        Value::String(text) => {
            if let Some((_, path)) = text.split_once("file://") {
                // PDM's own way to say "here".
                found.push(path.trim_start_matches("/${PROJECT_ROOT}/").to_owned());
            }
        }
        _ => {}
    }
}

/// A path without `.` and `..`, as text: the folder need not be there.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

struct Walk<'w> {
    base: &'w Path,
    into: &'w Path,
    files: usize,
    bytes: u64,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path) -> Result<(), Why> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (name, path) = (entry.file_name(), entry.path());
            let data = entry.metadata()?;
            let is_hidden = name.as_encoded_bytes().starts_with(b".") && name != ".python-version";
            if is_hidden || name == "node_modules" || name == "__pycache__" {
                continue;
            }
            if data.is_dir() && !path.join("pyvenv.cfg").exists() && !path.join("conda-meta").exists() {
                self.folder(&path)?;
            }
            if data.is_file() && data.len() <= LARGE {
                self.files += 1;
                self.bytes += data.len();
                if self.files > MANY || self.bytes > MUCH {
                    return Err(Why::Other(format!("{} has too many files to be copied", self.base.display())));
                }
                let relative = path.strip_prefix(self.base).unwrap_or(&path);
                write(&self.into.join(relative), &fs::read(&path)?)?;
            }
        }
        Ok(())
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_requirements_name_are_found() {
        let text = "dependencies = ['a @ file:///${PROJECT_ROOT}/a', 'b @ https://x/b.zip']\n\
            [sources]\nc = { path = '../c', editable = true }\n[group.dev]\nd = [{ path = 'd' }]\n";
        let mut found = Vec::new();
        folders(&Value::Table(text.parse().unwrap()), &mut found);
        found.sort();
        assert_eq!(found, ["../c", "a", "d"]);
        assert_eq!(plain(Path::new("/p/x/../c/./d")), Path::new("/p/c/d"));
    }
}
