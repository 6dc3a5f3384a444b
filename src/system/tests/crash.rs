//! A transaction that is killed, or runs out of disk, at any step leaves all or nothing.

use std::path::Path;

use fs_err as fs;

use super::{Ended, change, child, picture, project, roots};
use crate::domain::progress::Silent;
use crate::domain::tree::Place;
use crate::system::apply::transact;
use crate::system::fault::{self, Fault};
use crate::system::recover::{recover, unfinished};
use crate::system::undo::undo;

#[test]
fn killed_at_any_step_and_again_while_recovering() {
    let (mut befores, mut afters) = (0, 0);
    for step in 0.. {
        let project = project();
        let top = project.path();
        let before = picture(top);
        let ended = child("change", top, Some(step), "");
        if ended == Ended::Well {
            assert!(step > 20, "a transaction has more than {step} steps");
            break;
        }
        assert_eq!(ended, Ended::Killed);
        // The recovery is killed too, at each of its steps until it gets through.
        for again in 0.. {
            match child("recover", top, Some(again), "") {
                Ended::Killed => {}
                ended => {
                    assert_eq!(ended, Ended::Well);
                    break;
                }
            }
        }
        let found = picture(top);
        if found == before {
            befores += 1;
            transact(&roots(top), &Silent, change).unwrap();
        } else {
            afters += 1;
        }
        let whole = super::project();
        transact(&roots(whole.path()), &Silent, change).unwrap();
        assert_eq!(picture(top), picture(whole.path()), "killed at step {step}");
    }
    assert!(befores > 20 && afters == 0, "{befores} rolled back, {afters} carried out");
}

#[test]
fn failing_at_any_step_takes_everything_back_at_once() {
    for step in 0.. {
        let project = project();
        let top = project.path();
        let before = picture(top);
        fault::inject(Some((step, Fault::Full)));
        let result = transact(&roots(top), &Silent, change);
        let passed = fault::count();
        fault::inject(None);
        if result.is_ok() {
            assert!(passed <= step, "step {step} of {passed} failed unnoticed");
            break;
        }
        assert_eq!(picture(top), before, "failed at step {step}");
        assert_eq!(unfinished(&roots(top)).unwrap(), Vec::<Place>::new());
    }
}

#[test]
fn undo_killed_at_any_step_is_done_or_not_done() {
    let (mut done, mut not_done) = (0, 0);
    for step in 0.. {
        let project = project();
        let top = project.path();
        let before = picture(top);
        transact(&roots(top), &Silent, change).unwrap();
        let after = picture(top);
        let ended = child("undo", top, Some(step), "");
        if ended == Ended::Well {
            assert_eq!(picture(top), before);
            break;
        }
        assert_eq!(ended, Ended::Killed);
        recover(&roots(top), &Silent).unwrap();
        let found = picture(top);
        assert!(found == before || found == after, "killed at step {step}: {found:#?}");
        if found == before {
            done += 1;
        } else {
            not_done += 1;
            undo(&roots(top), &Silent).unwrap();
            assert_eq!(picture(top), before);
        }
    }
    assert!(done > 0 && not_done > 0);
}

#[test]
fn foreign_content_at_recovery_is_kept_and_named() {
    // The last step before the commit: everything is renamed.
    let steps = {
        let project = project();
        fault::inject(None);
        transact(&roots(project.path()), &Silent, change).unwrap();
        fault::count()
    };
    let project = project();
    let top = project.path();
    let mut wanted = picture(top);
    assert_eq!(child("change", top, Some(steps - 1), ""), Ended::Killed);
    assert_eq!(unfinished(&roots(top)).unwrap().len(), 8);
    fs::write(top.join("pyproject.toml"), "mine\n").unwrap();
    fs::write(top.join("a/mine.txt"), "mine\n").unwrap();
    let report = recover(&roots(top), &Silent).unwrap();
    assert_eq!(report.kept, [super::place("pyproject.toml")]);
    assert_eq!(report.restored.len(), 7);
    let mut found = picture(top);
    assert!(found.remove(Path::new("pyproject.toml")).unwrap().ends_with("mine\n"));
    assert!(found.remove(Path::new("a/mine.txt")).unwrap().ends_with("mine\n"));
    found.remove(Path::new("a"));
    wanted.remove(Path::new("pyproject.toml"));
    assert_eq!(found, wanted);
    assert_eq!(unfinished(&roots(top)).unwrap(), Vec::<Place>::new());
}

#[test]
fn a_journal_of_another_version_is_not_touched() {
    let project = project();
    let journal = project.path().join(".pyenvkit/local/journal");
    fs::write(&journal, "pyenvkit journal 9 3 abc\n{}").unwrap();
    let error = transact(&roots(project.path()), &Silent, change).unwrap_err().to_string();
    assert!(error.contains("another version"), "{error}");
    assert!(journal.exists());
}

#[cfg(target_os = "linux")]
mod full_disk {
    use std::process::Command;

    use super::*;
    use crate::system::tests::furnish;

    struct Mounted(tempfile::TempDir);

    impl Drop for Mounted {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
        }
    }

    fn mount(size: &str) -> Mounted {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size},mode=0755");
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path()).output();
        let output = output.expect("the program `mount` is needed for this test");
        assert!(output.status.success(), "cannot mount: {}", String::from_utf8_lossy(&output.stderr));
        Mounted(folder)
    }

    #[test]
    fn a_full_disk_takes_everything_back() {
        if !rustix::process::geteuid().is_root() {
            return a_file_size_limit_takes_everything_back();
        }
        let mounted = mount("256k");
        let (mut failed, mut done) = (0, 0);
        for free in 0..24 {
            let top = mounted.0.path().join(free.to_string());
            fs::create_dir(&top).unwrap();
            furnish(&top);
            let before = picture(&top);
            let filler = mounted.0.path().join("filler");
            let pages = fill(&filler);
            fs::OpenOptions::new().write(true).open(&filler).unwrap().set_len((pages - free) * 4096).unwrap();
            let result = transact(&roots(&top), &Silent, change);
            fs::remove_file(&filler).unwrap();
            match result {
                Ok(_) => done += 1,
                Err(error) => {
                    failed += 1;
                    assert_eq!(picture(&top), before, "{error:#}");
                    assert_eq!(unfinished(&roots(&top)).unwrap(), Vec::<Place>::new());
                }
            }
            fs::remove_dir_all(&top).unwrap();
        }
        assert!(failed > 3 && done > 3, "{failed} failed, {done} done");
    }

    /// Write pages until the disk is full; how many there were room for.
    fn fill(filler: &Path) -> u64 {
        use std::io::Write;
        let mut file = fs::File::create(filler).unwrap();
        let mut pages = 0;
        while file.write_all(&[b'x'; 4096]).is_ok() {
            pages += 1;
        }
        pages
    }

    #[test]
    fn a_file_size_limit_takes_everything_back() {
        for bytes in [1, 10, 40, 200, 1000] {
            let project = project();
            let before = picture(project.path());
            let ended = child("limit", project.path(), None, &bytes.to_string());
            assert_ne!(ended, Ended::Well, "{bytes} bytes are not enough for a journal");
            recover(&roots(project.path()), &Silent).unwrap();
            assert_eq!(picture(project.path()), before);
        }
    }
}
