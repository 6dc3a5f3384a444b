//! Every kind of repository, and what git's own variables say of another one: each verb works on the project's alone.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::project::Project;
use crate::common::{Snapshot, World};

/// Two verbs that write, the one that takes back, and the environment with its hook.
#[track_caller]
fn every_verb_works(project: &Project<'_>) {
    project.pyenvkit("add-tool black --yes --no-sync").ok();
    assert!(project.read("pyproject.toml").contains("black"));
    project.pyenvkit("undo --yes").ok().says("taken back");
    assert_eq!(project.git(["status", "--porcelain"]), "");
    project.pyenvkit("sync").ok();
    // That the host's .gitignore knows no Python is a warning.
    project.pyenvkit("doctor").ok();
    assert_eq!(project.git(["status", "--porcelain"]), "");
}

fn is_own(path: &Path) -> bool {
    !path.starts_with(".git") && !path.starts_with(".venv")
}

/// `git commit` runs the hook, which was installed where this kind of repository has its hooks.
#[track_caller]
fn the_hook_runs(world: &World, project: &Project<'_>) {
    fs::write(project.path("new.toml"), "is not toml\n").unwrap();
    project.git(["add", "new.toml"]);
    let git = world.tool("git", ["-C", project.folder.to_str().unwrap(), "commit", "-q", "-m", "More"]).code(1);
    assert!(git.stderr.contains("check-toml") && git.stderr.contains("Failed"), "{}", git.text());
    project.git(["rm", "-q", "-f", "new.toml"]);
}

const WITH_HOOKS: &str = "--preset minimal --with pre-commit --hooks local --yes";

#[test]
fn a_linked_worktree() {
    let world = World::with_uv();
    let main = world.fresh_clone("main");
    world.git(&main, ["worktree", "add", "-q", "../linked"]);
    let (before, link) = (Snapshot::of(&main).filtered(is_own), fs::read(world.work().join("linked/.git")).unwrap());
    world.run(&format!("new linked {WITH_HOOKS}")).ok();
    let project = world.project("linked");
    assert_eq!(project.git(["log", "--format=%s"]).lines().count(), 2);
    every_verb_works(&project);
    the_hook_runs(&world, &project);
    assert_eq!(fs::read(project.path(".git")).unwrap(), link);
    before.assert_same(&Snapshot::of(&main).filtered(is_own));
    assert!(!main.join(".git/pyenvkit").exists(), "the lock is the worktree's own");
}

#[test]
fn a_submodule() {
    let world = World::with_uv();
    world.fresh_clone("library");
    let outer = world.fresh_clone("outer");
    world.git(&outer, ["-c", "protocol.file.allow=always", "submodule", "add", "-q", "../library", "inner"]);
    world.run(&format!("new outer/inner {WITH_HOOKS}")).ok();
    let project = world.project("outer/inner");
    every_verb_works(&project);
    the_hook_runs(&world, &project);
    assert!(outer.join(".git/modules/inner/hooks/pre-commit").is_file());
    let files: Vec<PathBuf> = fs::read_dir(&outer).unwrap().flatten().map(|entry| entry.file_name().into()).collect();
    assert_eq!(files.len(), 6, "something was written to the outer repository: {files:?}");
}

#[test]
fn a_project_in_another_repository() {
    let world = World::with_uv();
    let outer = world.fresh_clone("outer");
    world.run(&format!("new outer/inner {WITH_HOOKS}")).ok();
    world.git(&outer, ["add", "-A"]);
    world.git(&outer, ["commit", "-q", "-m", "A project"]);
    let project = world.project("outer/inner");
    every_verb_works(&project);
    the_hook_runs(&world, &project);
}

/// A host's new repository: nothing in it, not even a branch.
#[cfg(unix)]
#[test]
fn a_clone_of_nothing_yet() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let world = World::with_uv();
    world.git(&world.work(), ["init", "-q", "--bare", "host.git"]);
    world.git(&world.work(), ["clone", "-q", "host.git", "cloned"]);
    let project = world.project("cloned");
    fs::set_permissions(&project.folder, fs::Permissions::from_mode(0o750)).unwrap();
    let of = |project: &Project<'_>| fs::metadata(&project.folder).map(|it| (it.ino(), it.mode())).unwrap();
    let before = of(&project);
    project.pyenvkit(&format!("new . {WITH_HOOKS}")).ok();
    assert_eq!(of(&project), before);
    project.assert_ready();
    every_verb_works(&project);
    project.git(["push", "-q", "origin", "HEAD"]);
    assert_eq!(project.git(["ls-remote", "--heads", "origin"]).lines().count(), 1);
}

/// As in a hook of another repository.
#[test]
fn another_repositorys_variables() {
    let mut world = World::with_uv();
    let other = world.fresh_clone("other");
    world.run(&format!("new p {WITH_HOOKS}")).ok();
    let before = Snapshot::of(&other);
    let variables = [("GIT_DIR", ".git"), ("GIT_WORK_TREE", "."), ("GIT_INDEX_FILE", ".git/index")];
    for (name, value) in variables {
        world.set(name, other.join(value));
    }
    let verbs = ["add-tool black --yes", "undo --yes", "remove-tool pytest --yes", "undo --yes", "sync", "verify"];
    for verb in verbs {
        world.project("p").pyenvkit(verb).ok();
    }
    world.project("p").pyenvkit("doctor --strict").ok();
    before.assert_same(&Snapshot::of(&other));
    for (name, _) in variables {
        world.unset(name);
    }
    world.project("p").assert_ready();
}
