//! Where the project's own Python files are.

use std::collections::BTreeSet;
use std::path::Path;

use crate::domain::facts::{EntryKind, Project};
use crate::system::regular;

const SUFFIX: &str = ".py";

/// A package has such a file; one of several folders below it is looked for in at most so many.
const PACKAGE: &str = "__init__.py";
const MOST_FOLDERS: usize = 200;

/// The Python files at the top of the project and in the folders there, and of the folders in these: below `src` all of
/// their Python files, elsewhere the one that makes a package. Neither hidden folders nor environments are looked into.
pub fn probe(project: &Project) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, kind) in &project.entries {
        match kind {
            EntryKind::File | EntryKind::Link if name.ends_with(SUFFIX) => drop(found.insert(name.clone())),
            EntryKind::Folder if is_source(name) && !project.folder.join(name).join("pyvenv.cfg").exists() => {
                in_folder(&project.folder, name, &mut found);
            }
            _ => {}
        }
    }
    found
}

fn is_source(name: &str) -> bool {
    !name.starts_with('.') && !matches!(name, "node_modules" | "build" | "dist" | "__pycache__" | "site-packages")
}

/// Whether one of these files is a test, or what tests share.
pub fn is_test(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    name == "conftest.py"
        || matches!(folder, "test" | "tests") && (name.starts_with("test") || name.ends_with("_test.py"))
}

fn in_folder(top: &Path, folder: &str, found: &mut BTreeSet<String>) {
    let mut folders = 0;
    for (name, kind) in regular::names(&top.join(folder)).unwrap_or_default() {
        let path = format!("{folder}/{name}");
        match kind {
            EntryKind::File | EntryKind::Link if name.ends_with(SUFFIX) => drop(found.insert(path)),
            EntryKind::Folder if is_source(&name) && folders < MOST_FOLDERS => {
                folders += 1;
                if folder == "src" {
                    let inner = regular::names(&top.join(&path)).unwrap_or_default();
                    let files = inner.into_iter().filter(|(name, _)| name.ends_with(SUFFIX));
                    found.extend(files.map(|(name, _)| format!("{path}/{name}")));
                } else if top.join(&path).join(PACKAGE).is_file() {
                    found.insert(format!("{path}/{PACKAGE}"));
                }
            }
            _ => {}
        }
    }
}
