//! What the tests of transactions and of new projects share: pictures of folders, and children that kill themselves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests may crash, and see the machine as it is"
)]

mod concurrent;
mod crash;
mod kept;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use fs_err as fs;
use tempfile::TempDir;

use super::apply::transact;
use super::disk::Roots;
use super::fault::{self, Fault};
use super::{birth, recover, undo};
use crate::domain::progress::Silent;
use crate::domain::tree::{Entry, File, Place, Tree};

/// Everything under `folder` but the state: kind, permission bits, number of names, content.
pub fn picture(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    look_into(folder, folder, &mut found);
    found
}

fn look_into(top: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(top).unwrap().to_owned();
        if name == Path::new(".pyenvkit/local") {
            continue;
        }
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mode = super::rights::mode(&metadata);
        if metadata.is_dir() {
            found.insert(name, format!("folder {mode:o}"));
            look_into(top, &path, found);
        } else if metadata.is_symlink() {
            found.insert(name, format!("link to {}", fs::read_link(&path).unwrap().display()));
        } else {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            found.insert(name, format!("file {mode:o} {} {text}", links(&metadata)));
        }
    }
}

fn links(metadata: &std::fs::Metadata) -> u64 {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::nlink(metadata);
    #[cfg(not(unix))]
    {
        let _ = metadata;
        1
    }
}

pub fn place(path: &str) -> Place {
    Place::project(path).unwrap()
}

pub fn file(text: &str) -> File {
    File { bytes: text.as_bytes().to_vec(), executable: false }
}

pub fn roots(folder: &Path) -> Roots {
    Roots {
        project: folder.to_owned(),
        repository: folder.to_owned(),
        git_dir: None,
        environment: folder.join(".venv"),
    }
}

/// A project with one file of each kind that has to be treated in its own way.
pub fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    folder
}

pub fn furnish(top: &Path) {
    fs::write(top.join("pyproject.toml"), "[project]\nname = \"x\"\n").unwrap();
    fs::write(top.join("setup.cfg"), "[flake8]\nmax-line-length = 88\nextend-ignore = E203\n").unwrap();
    fs::hard_link(top.join("setup.cfg"), top.join("linked.cfg")).unwrap();
    fs::create_dir(top.join("docs")).unwrap();
    fs::write(top.join("docs/readme.md"), "old\n").unwrap();
    #[cfg(unix)]
    fs_err::os::unix::fs::symlink("docs/readme.md", top.join("README.md")).unwrap();
    #[cfg(not(unix))]
    fs::write(top.join("README.md"), "old\n").unwrap();
    fs::create_dir(top.join("theirs")).unwrap();
    fs::write(top.join("theirs/gone.txt"), "gone\n").unwrap();
    // A folder that a transaction of ours made goes when it becomes empty; one of theirs stays.
    transact(&roots(top), &Silent, |tree| tree.put(place("ours/deep/gone.txt"), Entry::File(file("gone\n")))).unwrap();
}

/// One change of each kind.
pub fn change(tree: &mut Tree<'_>) -> anyhow::Result<()> {
    tree.put_text(place("pyproject.toml"), "[project]\nname = \"x\"\nversion = \"1\"\n".to_owned())?;
    tree.put_text(place("setup.cfg"), "[flake8]\nmax-line-length = 100\n".to_owned())?;
    tree.put_text(place("README.md"), "new\n".to_owned())?;
    tree.put(place("theirs/gone.txt"), Entry::Absent)?;
    tree.put(place("ours/deep/gone.txt"), Entry::Absent)?;
    tree.put(place("a/b/new.txt"), Entry::File(file("new\n")))?;
    tree.put(place("a/run.sh"), Entry::File(File { executable: cfg!(unix), ..file("#!/bin/sh\n") }))?;
    tree.put(place(".pyenvkit/lock"), Entry::File(file("provenance\n")))
}

const FOLDER: &str = "PYENVKIT_TEST_FOLDER";
const WORK: &str = "PYENVKIT_TEST_WORK";
const KILL_AT: &str = "PYENVKIT_TEST_KILL_AT";
const SETTING: &str = "PYENVKIT_TEST_SETTING";

/// How a child ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    Killed,
    Well,
    /// With its output.
    Badly(String),
}

/// Let a process of its own do `work` in `folder`, and kill itself at a step.
pub fn child(work: &str, folder: &Path, kill_at: Option<usize>, setting: &str) -> Ended {
    let command = Command::new(std::env::current_exe().unwrap());
    run_child(command, (work, folder), kill_at, setting)
}

/// Let a process without privileges do `work` in `folder`, which lies in `top`; both become its own.
#[cfg(unix)]
pub fn child_without_privileges(work: &str, top: &Path, folder: &Path) -> Ended {
    use std::os::unix::process::CommandExt;

    if !rustix::process::geteuid().is_root() {
        return child(work, folder, None, "");
    }
    // The test itself may lie where only root can look. A copy could still be open for writing in a child that
    // another test is just starting, and then it cannot be executed; so it is a copy only across file systems.
    let program = top.join("program");
    let myself = std::env::current_exe().unwrap();
    if fs::hard_link(&myself, &program).is_err() {
        fs::copy(&myself, &program).unwrap();
    }
    let mut command = Command::new(&program);
    command.uid(NOBODY).gid(NOBODY).current_dir(top);
    let ended = run_child(command, (work, folder), None, "");
    fs::remove_file(program).unwrap();
    ended
}

#[cfg(unix)]
pub const NOBODY: u32 = 65534;

/// Give all that is in `folder` to the user of [`child_without_privileges`].
#[cfg(unix)]
pub fn give_away(folder: &Path) {
    if rustix::process::geteuid().is_root() {
        let paths: Vec<_> = picture(folder).into_keys().chain([".pyenvkit/local".into()]).collect();
        for path in paths.iter().map(|path| folder.join(path)).chain([folder.to_owned()]) {
            let _ = fs_err::os::unix::fs::lchown(&path, Some(NOBODY), Some(NOBODY));
        }
        for entry in fs::read_dir(folder.join(".pyenvkit/local")).into_iter().flatten() {
            let _ = fs_err::os::unix::fs::lchown(entry.unwrap().path(), Some(NOBODY), Some(NOBODY));
        }
    }
}

fn run_child(mut command: Command, (work, folder): (&str, &Path), kill_at: Option<usize>, setting: &str) -> Ended {
    command.args(["system::tests::child_body", "--exact", "--ignored", "--nocapture"]);
    command.env(FOLDER, folder).env(WORK, work).env(SETTING, setting).env_remove(KILL_AT);
    if let Some(step) = kill_at {
        command.env(KILL_AT, step.to_string());
    }
    let output = loop {
        match command.output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            output => break output.unwrap(),
        }
    };
    if output.status.success() {
        return Ended::Well;
    }
    // A failed test exits with a code; only a signal (on Windows an abort) leaves none of ours.
    if output.status.code() == Some(101) {
        return Ended::Badly(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ended::Killed
}

#[test]
#[ignore = "what the children of the other tests run"]
fn child_body() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { panic!("run by other tests only") };
    let setting = std::env::var(SETTING).unwrap();
    let kill_at = std::env::var(KILL_AT).ok().map(|step| (step.parse().unwrap(), Fault::Kill));
    fault::inject(kill_at);
    match std::env::var(WORK).unwrap().as_str() {
        "change" => drop(transact(&roots(&folder), &Silent, change).unwrap()),
        "recover" => drop(recover::recover(&roots(&folder), &Silent).unwrap()),
        "undo" => drop(undo::undo(&roots(&folder), &Silent).unwrap()),
        "new" => birth::tests::make(&folder),
        "abandon" => birth::tests::give_up(&folder),
        #[cfg(unix)]
        "umask" => {
            let mask = u32::from_str_radix(&setting, 8).unwrap();
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask));
            transact(&roots(&folder), &Silent, change).unwrap();
        }
        #[cfg(unix)]
        "limit" => {
            use rustix::process::{Resource, Rlimit, setrlimit};
            let bytes = Some(setting.parse().unwrap());
            setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: bytes }).unwrap();
            transact(&roots(&folder), &Silent, change).unwrap();
        }
        other => panic!("no work is called {other}"),
    }
}
