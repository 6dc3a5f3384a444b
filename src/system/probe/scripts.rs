//! Scripts that cannot start because of how their first line ends.

use super::texts::{place, read_all};
use crate::domain::facts::{EntryKind, Project, Texts};
use crate::domain::tree::Root;
use crate::system::environment::venv;
use crate::system::regular;

/// Where projects keep what is run by hand and by pipelines, beside their top folder.
const FOLDERS: &[&str] = &["bin", "ci", ".ci", "dev", "script", "scripts", "tools"];

/// The first line of a script is hardly longer.
const FIRST_LINE: u64 = 256;

/// Executable scripts at the top of the project and in its folders of scripts whose first line, which names the
/// interpreter, ends with a carriage return.
pub fn broken(project: &Project) -> Texts {
    let file = |kind: &EntryKind| *kind == EntryKind::File;
    let mut names: Vec<String> =
        project.entries.iter().filter(|(_, kind)| file(kind)).map(|(name, _)| name.clone()).collect();
    for folder in FOLDERS.iter().filter(|name| project.entries.get(**name) == Some(&EntryKind::Folder)) {
        let inner = regular::names(&project.folder.join(folder)).unwrap_or_default();
        names.extend(inner.into_iter().filter(|(_, kind)| file(kind)).map(|(name, _)| format!("{folder}/{name}")));
    }
    let is_broken = |name: &String| {
        let path = project.folder.join(name);
        let start = || regular::start(&path, FIRST_LINE).ok().flatten().unwrap_or_default();
        place(Root::Project, name).is_ok() && venv::is_executable(&path) && ends_with_return(&start())
    };
    read_all(project, Root::Project, names.into_iter().filter(is_broken))
}

fn ends_with_return(start: &[u8]) -> bool {
    let first = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    start.starts_with(b"#!") && first.len() < start.len() && first.ends_with(b"\r")
}
