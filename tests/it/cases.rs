//! `tests/cases/<verb>/<case>/{in,cmd,out}`: a folder before, a command, the folder after.
//!
//! `cmd` holds one command line a line, without the program's name; a line may begin with its expected exit code and a
//! colon (`2: new p --template nothing`). `in` and `out` may be missing: an empty folder, and nothing changed. With
//! `PYENVKIT_WRITE_CASES=1` the folder after is written to `out`, to be looked at before it is committed.
//!
//! A `.gitignore` or `.gitattributes` of a case would be obeyed in this repository too, so `in` and `out` hold them as
//! `@gitignore` and `@gitattributes`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::common::world::finish;
use crate::common::{Snapshot, World, shared};

/// A path as a project has it, from how a case stores it.
fn meant(stored: &str) -> String {
    format!("/{stored}").replace("/@git", "/.git")[1..].to_owned()
}

/// The other way round.
fn stored(meant: &str) -> String {
    format!("/{meant}").replace("/.git", "/@git")[1..].to_owned()
}

/// Relative path as the project has it to content, without what belongs to git, the environment and caches.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let skip = [".git/", ".venv/", ".pytest_cache/", ".mypy_cache/", ".ruff_cache/"];
    let paths = Snapshot::of(folder).paths().into_iter();
    paths
        .filter(|path| folder.join(path).is_file())
        .filter(|path| !skip.iter().any(|part| format!("/{path}").contains(&format!("/{part}"))))
        .map(|path| (meant(&path), String::from_utf8_lossy(&fs::read(folder.join(&path)).unwrap()).into_owned()))
        .collect()
}

/// Copy what [`files`] sees, each path renamed.
fn copy(from: &Path, to: &Path, rename: fn(&str) -> String) {
    for path in files(from).into_keys() {
        let source = [from.join(&path), from.join(stored(&path))].into_iter().find(|source| source.exists()).unwrap();
        let target = to.join(rename(&path));
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(source, target).unwrap();
    }
}

fn run_case(case: &Path) -> Result<(), String> {
    let mut world = World::with_uv();
    // The year in a licence is an input like any other.
    world.set("SOURCE_DATE_EPOCH", "1767225600");
    let folder = world.work().join("case");
    fs::create_dir(&folder).unwrap();
    copy(&case.join("in"), &folder, meant);
    let before = files(&folder);
    for line in fs::read_to_string(case.join("cmd")).map_err(|error| error.to_string())?.lines() {
        let (code, line) = match line.split_once(": ") {
            Some((code, rest)) if code.bytes().all(|byte| byte.is_ascii_digit()) => (code.parse().unwrap(), rest),
            _ => (0, line),
        };
        let mut command = world.pyenvkit(line.split_whitespace());
        command.current_dir(&folder);
        let outcome = finish(command);
        if outcome.status.code() != Some(code) {
            return Err(format!("{line}\n{}", outcome.text()));
        }
    }
    let after = files(&folder);
    let out = case.join("out");
    if std::env::var_os("PYENVKIT_WRITE_CASES").is_some() {
        let _ = fs::remove_dir_all(&out);
        copy(&folder, &out, stored);
    }
    let wanted = if out.exists() { files(&out) } else { before };
    let mut differences = String::new();
    for path in wanted.keys().chain(after.keys().filter(|path| !wanted.contains_key(*path))) {
        let (wanted, after) = (wanted.get(path), after.get(path));
        if wanted != after {
            let text = |side: Option<&String>| side.cloned().unwrap_or_else(|| "(no file)\n".to_owned());
            let diff = similar::TextDiff::from_lines(text(wanted), text(after)).unified_diff().to_string();
            differences += &format!("{path}\n{diff}\n");
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(differences) }
}

#[test]
fn every_case_ends_as_its_folder_says() {
    let mut failed = Vec::new();
    let mut count = 0;
    for verb in fs::read_dir(shared::repository().join("tests/cases")).unwrap().flatten() {
        for case in fs::read_dir(verb.path()).unwrap().flatten() {
            count += 1;
            if let Err(difference) = run_case(&case.path()) {
                failed.push(format!("{}\n{difference}", case.path().display()));
            }
        }
    }
    assert!(count > 0, "there are no cases");
    assert!(failed.is_empty(), "{} of {count} cases failed\n{}", failed.len(), failed.join("\n\n"));
}
