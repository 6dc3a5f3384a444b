//! New projects that are killed at any step, given up, begun twice, or put where something stands.

use std::path::{Path, PathBuf};

use fs_err as fs;

use super::{Abandoned, Birth, settle};
use crate::domain::plan::{Change, Plan};
use crate::domain::progress::Silent;
use crate::domain::tree::Entry;
use crate::system::fault::{self, Fault};
use crate::system::tests::{Ended, child, file, picture, place};

fn plan() -> Plan {
    let paths = ["pyproject.toml", "README.md", "src/demo/__init__.py", "src/demo/core.py", "tests/test_core.py"];
    let changes = paths.map(|path| Change::Create { place: place(path), file: file(path) });
    Plan { changes: changes.to_vec(), reads: paths.map(|path| (place(path), Entry::Absent)).into() }
}

fn begin(target: &Path) -> anyhow::Result<Birth> {
    Birth::begin(target, "spec", &Silent)
}

fn lanes(target: &Path) {
    if !target.join(".git").exists() {
        fs::create_dir(target.join(".git")).unwrap();
    }
    for name in [".venv/bin", "src/demo.egg-info", "src/demo/__pycache__"] {
        fs::create_dir_all(target.join(name)).unwrap();
        fs::write(target.join(name).join("x"), "x").unwrap();
    }
}

/// What a child does: a whole `new`.
pub fn make(target: &Path) {
    let mut birth = begin(target).unwrap();
    birth.write(&plan()).unwrap();
    lanes(birth.target());
    birth.finish().unwrap();
}

/// What a child does: a `new` that is interrupted while it installs.
pub fn give_up(target: &Path) {
    let mut birth = begin(target).unwrap();
    birth.write(&plan()).unwrap();
    lanes(birth.target());
    assert_eq!(birth.abandon().unwrap(), Abandoned::Removed);
}

fn is_whole(target: &Path) -> bool {
    plan().changes.iter().all(|change| target.join(change.place().path.as_str()).is_file())
}

/// The target at which a kill loop works, made anew for each step.
type Setting = fn(&Path) -> PathBuf;

fn missing(top: &Path) -> PathBuf {
    top.join("demo")
}

fn missing_parents(top: &Path) -> PathBuf {
    top.join("a/b/demo")
}

fn empty(top: &Path) -> PathBuf {
    fs::create_dir(top.join("demo")).unwrap();
    top.join("demo")
}

fn cloned(top: &Path) -> PathBuf {
    fs::create_dir_all(top.join("demo/.git")).unwrap();
    fs::write(top.join("demo/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(top.join("demo/LICENSE"), "theirs\n").unwrap();
    top.join("demo")
}

const SETTINGS: [Setting; 4] = [missing, missing_parents, empty, cloned];

#[test]
fn killed_at_any_step_the_same_command_succeeds() {
    for setting in SETTINGS {
        let mut refused = 0;
        for step in 0.. {
            let top = tempfile::tempdir().unwrap();
            let target = setting(top.path());
            let stood = target.exists();
            let ended = child("new", &target, Some(step), "");
            if !stood && target.exists() {
                assert!(is_whole(&target), "half made at step {step}");
            }
            if ended == Ended::Killed {
                // Either it was not committed, and runs through now, or it was, and is refused as a whole project.
                if child("new", &target, None, "") != Ended::Well {
                    let error = begin(&target).unwrap_err().to_string();
                    assert!(error.contains("is not empty"), "{error}");
                    refused += 1;
                }
            } else {
                assert_eq!(ended, Ended::Well);
            }
            assert!(is_whole(&target), "step {step}");
            settle(&target).unwrap();
            nothing_is_left_beside(&target, step);
            if ended == Ended::Well {
                assert!(
                    step > 6 && refused == 1,
                    "{step} steps, only the last one after the commit, but {refused} were"
                );
                break;
            }
        }
    }
}

fn nothing_is_left_beside(target: &Path, step: usize) {
    let beside = picture(target.parent().unwrap());
    let strays: Vec<_> =
        beside.keys().filter(|path| path.to_string_lossy().contains("pyenvkit") && !path.starts_with(".tmp")).collect();
    assert!(strays.is_empty(), "killed at step {step}: {strays:?}");
    assert!(!target.join(".pyenvkit/local").exists(), "killed at step {step}");
}

#[test]
fn killed_while_giving_up_the_same_command_succeeds() {
    for setting in SETTINGS {
        for step in 0.. {
            let top = tempfile::tempdir().unwrap();
            let target = setting(top.path());
            let before = picture(top.path());
            let ended = child("abandon", &target, Some(step), "");
            if ended == Ended::Well {
                assert_eq!(picture(top.path()), before);
                break;
            }
            assert_eq!(ended, Ended::Killed);
            let again = child("new", &target, None, "");
            assert_eq!(again, Ended::Well, "killed at step {step}");
            assert!(is_whole(&target));
            nothing_is_left_beside(&target, step);
        }
    }
}

#[test]
fn failing_at_any_step_and_given_up_leaves_nothing() {
    for setting in SETTINGS {
        for step in 0.. {
            let top = tempfile::tempdir().unwrap();
            let target = setting(top.path());
            let before = picture(top.path());
            fault::inject(Some((step, Fault::Full)));
            let begun = begin(&target);
            let Ok(mut birth) = begun else {
                fault::inject(None);
                // What the attempt left is cleared by the next one.
                assert_eq!(begin(&target).unwrap().abandon().unwrap(), Abandoned::Removed);
                assert_eq!(picture(top.path()), before, "step {step}");
                continue;
            };
            let written = birth.write(&plan());
            fault::inject(None);
            assert_eq!(birth.abandon().unwrap(), Abandoned::Removed);
            assert_eq!(picture(top.path()), before, "step {step}");
            if written.is_ok() {
                break;
            }
        }
    }
}

#[test]
fn a_dead_run_is_resumed_only_by_the_same_request_on_the_same_files() {
    for setting in SETTINGS {
        let top = tempfile::tempdir().unwrap();
        let target = setting(top.path());
        let mut birth = begin(&target).unwrap();
        birth.write(&plan()).unwrap();
        lanes(&target);
        drop(birth);
        let error = Birth::begin(&target, "another", &Silent).unwrap_err().to_string();
        assert!(error.contains("`pyenvkit sync`"), "{error}");
        fs::write(target.join("README.md"), "mine").unwrap();
        let error = begin(&target).unwrap_err().to_string();
        assert!(error.contains("has changed since") && error.contains("`pyenvkit sync`"), "{error}");
        fs::write(target.join("README.md"), "README.md").unwrap();
        let mut birth = begin(&target).unwrap();
        assert!(birth.is_resumed());
        birth.write(&plan()).unwrap();
        // It was made by another run: an interruption of this one leaves it, for a third.
        assert_eq!(birth.abandon().unwrap(), Abandoned::Kept);
        let birth = begin(&target).unwrap();
        assert!(birth.is_resumed());
        birth.finish().unwrap();
        nothing_is_left_beside(&target, 0);
        assert!(is_whole(&target));
    }
}

#[test]
fn what_somebody_touched_is_kept_when_given_up() {
    for setting in SETTINGS {
        for touched in ["README.md", "notes.txt", "src/demo/more.py"] {
            let top = tempfile::tempdir().unwrap();
            let target = setting(top.path());
            let mut birth = begin(&target).unwrap();
            birth.write(&plan()).unwrap();
            lanes(&target);
            fs::write(target.join(touched), "mine").unwrap();
            assert_eq!(birth.abandon().unwrap(), Abandoned::Kept);
            assert!(is_whole(&target));
            assert_eq!(fs::read_to_string(target.join(touched)).unwrap(), "mine");
            nothing_is_left_beside(&target, 0);
        }
    }
}

#[test]
fn a_living_run_is_not_disturbed_and_neighbours_do_not_meet() {
    for setting in SETTINGS {
        let top = tempfile::tempdir().unwrap();
        let target = setting(top.path());
        let mut birth = begin(&target).unwrap();
        let error = begin(&target).unwrap_err().to_string();
        assert!(error.starts_with("another `pyenvkit new` is making"), "{error}");
        birth.write(&plan()).unwrap();
        let error = begin(&target).unwrap_err().to_string();
        assert!(error.starts_with("another `pyenvkit new` is making"), "{error}");
        settle(&target).unwrap();
        make(&target.with_file_name("neighbour"));
        birth.finish().unwrap();
        assert!(is_whole(&target));
    }
}

#[test]
fn ten_at_once_make_one_project() {
    let top = tempfile::tempdir().unwrap();
    let target = top.path().join("demo");
    let made = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..10)
            .map(|_| {
                scope.spawn(|| {
                    let Ok(mut birth) = begin(&target) else { return 0 };
                    birth.write(&plan()).unwrap();
                    birth.finish().unwrap();
                    1
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum::<usize>()
    });
    assert_eq!(made, 1);
    assert!(is_whole(&target));
    nothing_is_left_beside(&target, 0);
}

#[test]
fn a_target_with_something_in_it_is_refused_and_left_alone() {
    let top = tempfile::tempdir().unwrap();
    fs::create_dir(top.path().join("full")).unwrap();
    fs::write(top.path().join("full/mine.py"), "mine").unwrap();
    fs::write(top.path().join("file"), "mine").unwrap();
    let before = picture(top.path());
    for (name, why) in [("full", "is not empty: mine.py"), ("file", "is a file"), ("file/demo", "is a file")] {
        let error = begin(&top.path().join(name)).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    assert_eq!(picture(top.path()), before);
}

#[test]
fn what_comes_to_stand_at_the_target_is_not_replaced() {
    let top = tempfile::tempdir().unwrap();
    let target = top.path().join("demo");
    let mut birth = begin(&target).unwrap();
    // Even an empty folder, which a plain rename would replace.
    fs::create_dir(&target).unwrap();
    assert!(birth.write(&plan()).is_err());
    assert_eq!(birth.abandon().unwrap(), Abandoned::Removed);
    assert_eq!(fs::read_dir(&target).unwrap().count(), 0);
    nothing_is_left_beside(&target, 0);
}

#[test]
fn odd_spellings_of_the_target() {
    let top = tempfile::tempdir().unwrap();
    fs::create_dir(top.path().join("real")).unwrap();
    let long = "n".repeat(250);
    for (given, meant) in [
        ("demo/", "demo"),
        ("./x/../y", "y"),
        ("real/../z", "z"),
        ("ümlaut and space\n", "ümlaut and space\n"),
        (long.as_str(), long.as_str()),
    ] {
        make(&top.path().join(given));
        assert!(is_whole(&top.path().join(meant)), "{given:?}");
    }
    let names = fs::read_dir(top.path()).unwrap().count();
    assert_eq!(names, 6, "nothing but the targets and `real`");
}

#[test]
fn a_folder_that_is_filled_keeps_what_it_is() {
    let top = tempfile::tempdir().unwrap();
    let target = cloned(top.path());
    let identity = super::Identity::of(&fs::metadata(&target).unwrap());
    make(&target.join("."));
    assert_eq!(super::Identity::of(&fs::metadata(&target).unwrap()), identity);
    assert_eq!(fs::read_to_string(target.join("LICENSE")).unwrap(), "theirs\n");
    assert!(!target.join(".pyenvkit").exists());
}

#[test]
fn places_outside_the_new_project_are_refused() {
    let top = tempfile::tempdir().unwrap();
    let mut birth = begin(&top.path().join("demo")).unwrap();
    let place = place(".git/hooks/pre-commit");
    let plan = Plan { changes: vec![Change::Create { place, file: file("evil") }], ..Plan::default() };
    assert!(birth.write(&plan).unwrap_err().to_string().contains("not a file of the project"));
    birth.abandon().unwrap();
    assert_eq!(fs::read_dir(top.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn links_above_the_target_are_followed_and_dangling_ones_refused() {
    use fs_err::os::unix::fs::symlink;
    let top = tempfile::tempdir().unwrap();
    fs::create_dir(top.path().join("real")).unwrap();
    symlink("real", top.path().join("link")).unwrap();
    symlink("nowhere", top.path().join("dangling")).unwrap();
    make(&top.path().join("link/demo"));
    assert!(is_whole(&top.path().join("real/demo")));
    // The physical parent of what the link points to.
    make(&top.path().join("link/../other"));
    assert!(is_whole(&top.path().join("other")));
    for name in ["dangling", "dangling/demo"] {
        let error = begin(&top.path().join(name)).unwrap_err().to_string();
        assert!(error.contains("a link that leads nowhere"), "{error}");
    }
    assert_eq!(fs::read_dir(top.path()).unwrap().count(), 4);
}

#[cfg(unix)]
#[test]
fn without_privileges_a_closed_folder_is_refused() {
    use crate::system::tests::{child_without_privileges, give_away};
    use std::os::unix::fs::PermissionsExt;

    let top = tempfile::tempdir().unwrap();
    fs::set_permissions(top.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let closed = top.path().join("closed");
    fs::create_dir_all(closed.join("empty")).unwrap();
    give_away(&closed);
    let before = picture(&closed);
    for folder in [closed.join("empty"), closed.clone()] {
        fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    }
    for name in ["demo", "a/demo", "empty", "empty/demo"] {
        let ended = child_without_privileges("new", top.path(), &closed.join(name));
        let Ended::Badly(output) = ended else { panic!("{ended:?}") };
        assert!(output.contains("PermissionDenied") || output.contains("ermission denied"), "{output}");
    }
    for folder in [closed.clone(), closed.join("empty")] {
        fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    assert_eq!(picture(&closed), before);
}
