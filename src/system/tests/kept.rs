//! What a transaction must not change: links, modes, owners, folders of others, what lies outside.

use fs_err as fs;

use super::{change, file, picture, place, project, roots};
use crate::domain::plan::{Change, Plan};
use crate::domain::progress::Silent;
use crate::domain::tree::{Entry, Source};
use crate::system::apply::{Transaction, transact};
use crate::system::disk::{Disk, Roots};
use crate::system::files::between;
use crate::system::undo;

#[test]
fn change_then_undo_leaves_what_was_there() {
    let project = project();
    let top = project.path();
    let before = picture(top);
    let ((), plan) = transact(&roots(top), &Silent, change).unwrap();
    assert_eq!(plan.changes.len(), 8);
    let after = picture(top);
    assert!(!top.join("ours").exists() && top.join("theirs").is_dir());
    assert_eq!(fs::read_to_string(top.join("linked.cfg")).unwrap(), "[flake8]\nmax-line-length = 100\n");
    assert_eq!(fs::read_to_string(top.join("docs/readme.md")).unwrap(), "new\n");
    assert!(undo::plan(&roots(top)).unwrap().unwrap().changes.len() == 8);

    fs::write(top.join("a/run.sh"), "mine\n").unwrap();
    let error = undo::undo(&roots(top), &Silent).unwrap_err().to_string();
    assert!(error.ends_with("cannot be undone: a/run.sh"), "{error}");
    fs::write(top.join("a/run.sh"), "#!/bin/sh\n").unwrap();
    assert_eq!(picture(top), after);

    assert_eq!(undo::undo(&roots(top), &Silent).unwrap().len(), 8);
    assert_eq!(picture(top), before);
    // The one before it is the last one now.
    undo::undo(&roots(top), &Silent).unwrap();
    assert!(!top.join("ours").exists());
    assert_eq!(undo::undo(&roots(top), &Silent).unwrap_err().to_string(), "there is nothing to undo");
}

#[test]
fn a_plan_without_changes_writes_nothing() {
    let project = project();
    let undo = project.path().join(".pyenvkit/local/undo");
    let count = fs::read_dir(&undo).unwrap().count();
    transact(&roots(project.path()), &Silent, |tree| tree.text(&place("pyproject.toml")).map(drop)).unwrap();
    assert_eq!(fs::read_dir(&undo).unwrap().count(), count);
}

#[test]
fn the_state_is_ignored_by_git() {
    let project = project();
    assert_eq!(fs::read_to_string(project.path().join(".pyenvkit/local/.gitignore")).unwrap(), "*\n");
}

#[test]
fn with_git_the_state_is_in_its_folder_and_hooks_are_those_of_all_working_trees() {
    let top = tempfile::tempdir().unwrap();
    let linked = top.path().join(".git/worktrees/side");
    fs::create_dir_all(&linked).unwrap();
    fs::write(linked.join("commondir"), "../..\n").unwrap();
    fs::create_dir(top.path().join("side")).unwrap();
    let roots = Roots { git_dir: Some(linked.clone()), ..roots(&top.path().join("side")) };
    let hook = crate::domain::tree::Place {
        root: crate::domain::tree::Root::GitDir,
        path: crate::domain::tree::RelPath::new("hooks/pre-commit").unwrap(),
    };
    transact(&roots, &Silent, |tree| tree.put(hook, Entry::File(file("x\n")))).unwrap();
    assert!(top.path().join(".git/hooks/pre-commit").is_file());
    assert!(linked.join("pyenvkit/undo/1").is_file());
    assert_eq!(fs::read_dir(top.path().join("side")).unwrap().count(), 0);
}

#[test]
fn a_file_named_twice_is_refused() {
    let project = project();
    let disk = Disk::new(&roots(project.path())).unwrap();
    let before = crate::domain::tree::File { bytes: b"old\n".to_vec(), executable: false };
    let edit = |path| Change::Edit { place: place(path), before: before.clone(), after: file("new\n") };
    let mut plan = Plan { changes: vec![edit("docs/readme.md"), edit("README.md")], ..Plan::default() };
    if cfg!(not(unix)) {
        plan.changes[1] = edit("DOCS/README.md");
    }
    assert!(matches!(disk.read(&place("README.md")).unwrap(), Entry::File(found) if found == before));
    let error = Transaction::begin(&roots(project.path()), &Silent).unwrap().apply(&plan).unwrap_err().to_string();
    assert_eq!(error, "docs/readme.md and README.md are the same file");
}

#[test]
fn what_is_gits_own_is_refused() {
    let project = project();
    for path in [".git/hooks/pre-commit", ".GIT/config", "sub/.git/config", ".git ./config"] {
        let result =
            transact(&roots(project.path()), &Silent, |tree| tree.put(place(path), Entry::File(file("evil\n"))));
        assert!(result.unwrap_err().to_string().contains("git's own"), "{path}");
    }
}

#[test]
fn a_vanished_folder_and_a_file_in_the_way_are_refused() {
    let project = project();
    let before = picture(project.path());
    let error = transact(&roots(project.path()), &Silent, |tree| {
        tree.put(place("pyproject.toml/x/y"), Entry::File(file("x\n")))?;
        tree.put_text(place("setup.cfg"), String::new())
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("is not a folder"), "{error}");
    assert_eq!(picture(project.path()), before);
}

#[test]
fn states_of_a_file_that_is_written_over() {
    for (before, after) in [("abcdef", "xyz"), ("abc", "xyzuvw"), ("abc", "xyz"), ("", "xyz"), ("abc", "")] {
        let longest = before.len().max(after.len());
        for written in 0..=after.len() {
            let mut found = after[..written].to_owned();
            found.push_str(before.get(written..).unwrap_or_default());
            assert!(between(found.as_bytes(), before.as_bytes(), after.as_bytes()), "{before} {after} {found}");
            assert!(found.len() <= longest);
        }
        assert!(between(after.as_bytes(), before.as_bytes(), after.as_bytes()));
        assert!(!between(b"xbQ", before.as_bytes(), after.as_bytes()));
        assert!(!between(b"abcdefg", before.as_bytes(), after.as_bytes()));
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use fs_err::os::unix::fs::symlink;

    use super::*;
    use crate::system::tests::{Ended, child, child_without_privileges, furnish, give_away};

    fn mode(path: std::path::PathBuf) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_read_only_file_is_refused_by_name() {
        let project = project();
        let path = project.path().join("pyproject.toml");
        fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
        let before = picture(project.path());
        let error = transact(&roots(project.path()), &Silent, change).unwrap_err().to_string();
        assert_eq!(error, "pyproject.toml is read-only; nothing was written");
        assert_eq!(picture(project.path()), before);
    }

    #[test]
    fn links_and_modes_stay() {
        let project = project();
        let top = project.path();
        fs::set_permissions(top.join("pyproject.toml"), std::fs::Permissions::from_mode(0o4640)).unwrap();
        let inode = fs::metadata(top.join("setup.cfg")).unwrap().ino();
        transact(&roots(top), &Silent, change).unwrap();
        assert_eq!(fs::metadata(top.join("setup.cfg")).unwrap().ino(), inode);
        assert_eq!(fs::metadata(top.join("linked.cfg")).unwrap().ino(), inode);
        assert_eq!(fs::read_link(top.join("README.md")).unwrap().to_str(), Some("docs/readme.md"));
        assert_eq!(mode(top.join("pyproject.toml")), 0o4640);
        undo::undo(&roots(top), &Silent).unwrap();
        assert_eq!(mode(top.join("pyproject.toml")), 0o4640);
        assert_eq!(fs::metadata(top.join("setup.cfg")).unwrap().ino(), inode);
    }

    #[test]
    fn the_owner_stays() {
        if !rustix::process::geteuid().is_root() {
            // Without the right to give files away, one of another owner is written in place: the same inode.
            return links_and_modes_stay();
        }
        let project = project();
        for name in ["pyproject.toml", "theirs/gone.txt"] {
            fs_err::os::unix::fs::chown(project.path().join(name), Some(1234), Some(2345)).unwrap();
        }
        transact(&roots(project.path()), &Silent, change).unwrap();
        let owner = |name| fs::metadata(project.path().join(name)).map(|found| (found.uid(), found.gid())).unwrap();
        assert_eq!(owner("pyproject.toml"), (1234, 2345));
        undo::undo(&roots(project.path()), &Silent).unwrap();
        assert_eq!(owner("pyproject.toml"), (1234, 2345));
        assert_eq!(owner("theirs/gone.txt"), (1234, 2345));
    }

    /// A folder that anybody may look into, with a project that belongs to nobody.
    fn nobodys_project() -> (tempfile::TempDir, std::path::PathBuf) {
        let top = tempfile::tempdir().unwrap();
        fs::set_permissions(top.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let folder = top.path().join("project");
        fs::create_dir(&folder).unwrap();
        furnish(&folder);
        give_away(&folder);
        (top, folder)
    }

    #[test]
    fn without_privileges_a_file_of_another_owner_is_written_in_place() {
        let (top, folder) = nobodys_project();
        let path = folder.join("pyproject.toml");
        fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            fs_err::os::unix::fs::chown(&path, Some(0), Some(0)).unwrap();
        }
        let before = fs::metadata(&path).unwrap();
        assert_eq!(child_without_privileges("change", top.path(), &folder), Ended::Well);
        let after = fs::metadata(&path).unwrap();
        assert_eq!((after.uid(), after.gid(), after.mode()), (before.uid(), before.gid(), before.mode()));
        assert_eq!(after.ino() == before.ino(), is_root);
        assert!(fs::read_to_string(&path).unwrap().ends_with("version = \"1\"\n"));
    }

    #[test]
    fn without_privileges_a_folder_that_cannot_be_written_is_refused() {
        let (top, folder) = nobodys_project();
        let before = picture(&folder);
        // One that the transaction meets after others were staged, and the top itself, where the state is writable.
        for closed in [folder.join("theirs"), folder.clone()] {
            let mode = mode(closed.clone());
            fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o555)).unwrap();
            let ended = child_without_privileges("change", top.path(), &folder);
            fs::set_permissions(&closed, std::fs::Permissions::from_mode(mode)).unwrap();
            let Ended::Badly(output) = ended else { panic!("{ended:?}") };
            assert!(output.contains("PermissionDenied") || output.contains("Permission denied"), "{output}");
            assert_eq!(picture(&folder), before);
        }
    }

    #[test]
    fn without_privileges_a_project_without_state_that_cannot_be_written_is_refused() {
        let (top, folder) = nobodys_project();
        fs::remove_dir_all(folder.join(".pyenvkit")).unwrap();
        fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
        let ended = child_without_privileges("change", top.path(), &folder);
        fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        let Ended::Badly(output) = ended else { panic!("{ended:?}") };
        assert!(output.contains("the project cannot be changed: its folder is not writable"), "{output}");
        assert!(!folder.join(".pyenvkit").exists());
    }

    #[test]
    fn new_files_follow_the_umask() {
        for (mask, plain, executable, folder) in
            [("077", 0o600, 0o700, 0o700), ("002", 0o664, 0o775, 0o775), ("022", 0o644, 0o755, 0o755)]
        {
            let project = project();
            let old = mode(project.path().join("pyproject.toml"));
            assert_eq!(child("umask", project.path(), None, mask), Ended::Well);
            assert_eq!(mode(project.path().join("a/b/new.txt")), plain, "umask {mask}");
            assert_eq!(mode(project.path().join("a/run.sh")), executable, "umask {mask}");
            assert_eq!(mode(project.path().join("a")), folder, "umask {mask}");
            assert_eq!(mode(project.path().join("pyproject.toml")), old, "umask {mask}");
        }
    }

    #[test]
    fn extended_attributes_stay_where_there_are_any() {
        let project = project();
        let path = project.path().join("pyproject.toml");
        let flags = rustix::fs::XattrFlags::empty();
        if rustix::fs::setxattr(&path, "user.note", b"mine", flags) == Err(rustix::io::Errno::NOTSUP) {
            return;
        }
        transact(&roots(project.path()), &Silent, change).unwrap();
        let mut value = [0; 16];
        let length = rustix::fs::getxattr(&path, "user.note", &mut value[..]).unwrap();
        assert_eq!(&value[..length], b"mine");
    }

    #[test]
    fn links_out_of_the_project_are_read_as_links_and_never_written() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("theirs.toml"), "theirs\n").unwrap();
        for (link, target, path) in [
            ("out.toml", outside.path().join("theirs.toml"), "out.toml"),
            ("out", outside.path().to_owned(), "out/theirs.toml"),
            ("out", outside.path().to_owned(), "out/new/file.toml"),
            ("dangling", "nowhere".into(), "dangling"),
            ("dangling", "nowhere".into(), "dangling/x"),
            ("circle", "circle".into(), "circle"),
        ] {
            let project = project();
            symlink(&target, project.path().join(link)).unwrap();
            let disk = Disk::new(&roots(project.path())).unwrap();
            assert!(matches!(disk.read(&place(path)).unwrap(), Entry::Link(_)), "{path}");
            let result =
                transact(&roots(project.path()), &Silent, |tree| tree.put(place(path), Entry::File(file("x\n"))));
            let error = result.unwrap_err().to_string();
            assert!(error.contains("which is not inside the project"), "{error}");
            assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
            assert_eq!(fs::read_to_string(outside.path().join("theirs.toml")).unwrap(), "theirs\n");
        }
    }

    #[test]
    fn a_fifo_is_not_waited_for() {
        let project = project();
        let path = project.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let disk = Disk::new(&roots(project.path())).unwrap();
        assert!(disk.read(&place("pipe")).unwrap_err().to_string().contains("not a regular file"));
    }

    #[test]
    fn a_moved_project_is_recovered_where_it_is() {
        let above = tempfile::tempdir().unwrap();
        let (old, new) = (above.path().join("old"), above.path().join("new"));
        fs::create_dir(&old).unwrap();
        crate::system::tests::furnish(&old);
        let before = picture(&old);
        assert_eq!(child("change", &old, Some(19), ""), Ended::Killed);
        assert_ne!(picture(&old), before);
        fs::rename(&old, &new).unwrap();
        crate::system::recover::recover(&roots(&new), &Silent).unwrap();
        assert_eq!(picture(&new), before);
    }

    #[test]
    fn a_mount_point_is_written_in_place() {
        use std::process::Command;
        if !rustix::process::geteuid().is_root() {
            return links_and_modes_stay();
        }
        let project = project();
        let (path, other) = (project.path().join("pyproject.toml"), project.path().join("theirs/real.toml"));
        fs::copy(&path, &other).unwrap();
        let mounted = Command::new("mount").arg("--bind").arg(&other).arg(&path).status().unwrap();
        assert!(mounted.success(), "cannot mount");
        let result = transact(&roots(project.path()), &Silent, change);
        let undone = undo::undo(&roots(project.path()), &Silent).map(|places| places.len());
        let redone = transact(&roots(project.path()), &Silent, change);
        assert!(Command::new("umount").arg(&path).status().unwrap().success());
        result.unwrap();
        assert_eq!(undone.unwrap(), 8);
        redone.unwrap();
        assert!(fs::read_to_string(&other).unwrap().ends_with("version = \"1\"\n"));
        assert_eq!(
            fs::read_dir(project.path())
                .unwrap()
                .filter(|entry| { entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp") })
                .count(),
            0
        );
    }
}
