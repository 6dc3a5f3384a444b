//! What `pyenvkit new` cannot finish: the project stays, what is missing is said, and one command completes it.

use std::fs;
use std::path::PathBuf;

use crate::common::{Behaviour, Index, Outcome, Snapshot, World, fakes, index, shared};

/// It must have failed in the installation only, named `sync`, and `sync` must finish once `mend` has mended the world.
#[track_caller]
fn completed_by_sync(world: &mut World, line: &str, mend: impl FnOnce(&mut World)) -> Outcome {
    let outcome = world.run(line).code(1).says("sync").never_says("panicked at");
    let project = world.project("p");
    assert_eq!(project.commits(), 1, "the commit is missing\n{}", outcome.text());
    assert!(project.has("pyproject.toml") && project.has("src/p/__init__.py"));
    project.assert_nothing_left();
    mend(world);
    let project = world.project("p");
    project.pyenvkit("sync").ok();
    project.assert_ready();
    project.script("pytest", ["-q"]).ok();
    outcome
}

fn good_index(world: &mut World) {
    world.pip_conf(&format!("[global]\nindex-url = {}\n", Index::shared().url()));
}

#[test]
fn an_index_without_the_package() {
    for backend in ["pip", "uv"] {
        let mut world = World::with_uv();
        let index = Index::start(Behaviour::Empty);
        world.pip_conf(&format!("[global]\nindex-url = {}\nretries = 0\n", index.url()));
        completed_by_sync(&mut world, &format!("new p --preset minimal --yes --backend {backend}"), good_index);
        assert!(!index.asked().is_empty(), "{backend} did not ask the index of pip.conf");
    }
}

#[test]
fn an_index_that_breaks() {
    let mut world = World::with_uv();
    let index = Index::start(Behaviour::Broken);
    world.pip_conf(&format!("[global]\nindex-url = {}\nretries = 0\n", index.url()));
    completed_by_sync(&mut world, "new p --preset minimal --yes --backend pip", good_index);
}

#[test]
fn an_index_that_never_answers() {
    let mut world = World::new();
    let index = Index::start(Behaviour::Hang);
    world.pip_conf(&format!("[global]\nindex-url = {}\nretries = 0\ntimeout = 1\n", index.url()));
    completed_by_sync(&mut world, "new p --preset minimal --yes", good_index);
}

#[test]
fn a_dead_proxy() {
    for backend in ["pip", "uv"] {
        let mut world = World::with_uv();
        let proxy = format!("http://127.0.0.1:{}", index::dead_port());
        // Not loopback: that is reached without a proxy.
        world.pip_conf(&format!("[global]\nindex-url = http://index.invalid/simple/\nproxy = {proxy}\nretries = 0\n"));
        completed_by_sync(&mut world, &format!("new p --preset minimal --yes --backend {backend}"), good_index);
    }
}

#[test]
fn a_project_that_cannot_be_built() {
    let mut world = World::with_uv();
    let some: PathBuf = world.root().join("wheels");
    fs::create_dir(&some).unwrap();
    for wheel in fs::read_dir(shared::wheels()).unwrap().flatten() {
        let name = wheel.file_name().into_string().unwrap();
        if !name.starts_with("hatchling") && !name.starts_with("setuptools") {
            std::os::unix::fs::symlink(wheel.path(), some.join(name)).unwrap();
        }
    }
    let index = Index::start(Behaviour::Serve(some));
    world.pip_conf(&format!("[global]\nindex-url = {}\nretries = 0\n", index.url()));
    world.run("new p --preset minimal --yes --no-venv").ok();
    let project = world.project("p");
    // What the build is told here is for the build backend alone to understand.
    let manifest = format!("{}\n[tool.hatch.build]\nskip-excluded-dirs = true\n", project.read("pyproject.toml"));
    fs::write(project.path("pyproject.toml"), manifest).unwrap();
    project.git(["commit", "-q", "-a", "--amend", "--no-edit"]);
    project.pyenvkit("sync").code(1).says("building p failed").says("sync").never_says("panicked at");
    good_index(&mut world);
    let project = world.project("p");
    project.pyenvkit("sync").ok();
    project.assert_ready();
    project.script("pytest", ["-q"]).ok();
}

#[test]
fn no_network_on_purpose() {
    let mut world = World::with_uv();
    world.own_cache();
    let index = Index::start(Behaviour::Serve(shared::wheels()));
    world.pip_conf(&format!("[global]\nindex-url = {}\n", index.url()));
    let line = "new p --preset minimal --yes --offline --backend uv";
    completed_by_sync(&mut world, line, |_| assert_eq!(index.asked(), [""; 0]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_while_installing() {
    use crate::common::mounts::Mount;
    let world = World::with_uv();
    let disk = world.work().join("disk");
    let Some(_mount) = Mount::memory(&disk, "size=3m") else { return };
    let outcome = world.run("new disk/p --preset modern --yes").code(1).says("sync").never_says("panicked at");
    let project = world.project("disk/p");
    assert!(project.has("pyproject.toml"), "{}", outcome.text());
    assert_eq!(project.commits(), 1, "{}", outcome.text());
    project.assert_nothing_left();
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_from_the_start() {
    use crate::common::mounts::Mount;
    let world = World::with_uv();
    let disk = world.work().join("disk");
    let Some(_mount) = Mount::memory(&disk, "size=16k") else { return };
    let outcome = world.run("new disk/p --yes");
    assert!(matches!(outcome.status.code(), Some(1 | 2)), "{}", outcome.text());
    assert!(!disk.join("p").exists(), "something half made was left\n{}", outcome.text());
    assert_eq!(fs::read_dir(&disk).unwrap().count(), 0, "something was left beside the target");
}

/// A PATH without git: what else `/usr/bin` has is linked into a folder of its own.
fn without_git(world: &mut World) {
    fs::remove_file(world.bin().join("git")).unwrap();
    let tools = world.root().join("tools");
    fs::create_dir(&tools).unwrap();
    for name in ["sh", "bash", "env", "cat", "ldd", "uname"] {
        crate::common::world::link(&PathBuf::from("/usr/bin").join(name), &tools.join(name));
    }
    let bin = world.bin();
    world.only_path([bin, tools]);
}

#[test]
fn no_git_is_a_warning() {
    let mut world = World::with_uv();
    without_git(&mut world);
    world.run("new p --preset minimal --yes").ok().says("git");
    let project = world.project("p");
    assert!(!project.has(".git") && project.has(".venv/bin/pytest"));
}

#[test]
fn no_identity_is_a_warning() {
    let world = World::new();
    world.no_identity();
    world.run("new p --yes --no-venv").ok().says("user.email");
    let project = world.project("p");
    assert!(project.has(".git"));
    assert_eq!(project.commits(), 0);
    project.assert_nothing_left();
}

#[test]
fn signing_that_cannot_run_is_a_warning_and_never_an_unsigned_commit() {
    let world = World::new();
    world.git_config("commit.gpgSign", "true");
    world.git_config("gpg.program", "/nowhere/gpg");
    let outcome = world.run("new p --yes --no-venv").ok();
    assert!(outcome.stderr.contains("sign") || outcome.stderr.contains("gpg"), "{}", outcome.text());
    assert_eq!(world.project("p").commits(), 0, "an unsigned commit was made");
}

/// As with a full disk: the rest is made, and what is missing is no success.
#[test]
fn a_git_that_fails_is_a_failure() {
    let world = World::with_uv();
    let real = shared::git();
    for (verb, command) in
        [("init", "git init && git add --all && git commit"), ("commit", "git add --all && git commit")]
    {
        let fails = format!("*' {verb} '*) echo 'fatal: No space left on device' >&2; exit 128;;");
        world.program("git", &format!("#!/bin/sh\ncase \" $* \" in {fails} esac\nexec '{}' \"$@\"\n", real.display()));
        let line = format!("new {verb} --name p --preset minimal --yes");
        world.run(&line).code(1).one_error().says("No space left").says(command).never_says("sync completes");
        let project = world.project(verb);
        project.assert_nothing_left();
        project.script("pytest", ["-q"]).ok();
        crate::common::world::link(&real, &world.bin().join("git"));
        let mut completes = world.command("sh");
        completes.current_dir(&project.folder).args(["-c", &format!("{command} -qm Start")]);
        crate::common::world::finish(completes).ok();
        project.assert_ready();
    }
}

#[test]
fn a_global_hooks_path_is_a_warning() {
    let world = World::with_uv();
    let hooks = world.home().join("hooks");
    fs::create_dir(&hooks).unwrap();
    world.git_config("core.hooksPath", hooks.to_str().unwrap());
    world.run("new p --yes").ok().says("core.hooksPath");
    assert_eq!(fs::read_dir(&hooks).unwrap().count(), 0, "something was put into the user's own hooks");
}

/// Debian splits `ensurepip` out of Python; environments are made without it.
#[cfg(unix)]
#[test]
fn a_python_without_ensurepip_is_enough() {
    let world = World::new();
    fs::remove_file(world.installation().join("ensurepip")).unwrap();
    let python = world.opt().join("python3");
    let python = python.to_str().unwrap();
    world.args(["new", "p", "--preset", "minimal", "--yes", "--backend", "pip", "--python", python]).ok();
    world.project("p").assert_ready();
}

/// One without `venv` at all can make no environment, and it is said which package brings it.
#[cfg(unix)]
#[test]
fn a_python_without_venv_names_the_package() {
    let world = World::with_uv();
    fs::remove_file(world.installation().join("venv")).unwrap();
    let python = world.opt().join("python3");
    let python = python.to_str().unwrap();
    let outcome = world.args(["new", "p", "--preset", "minimal", "--yes", "--backend", "pip", "--python", python]);
    let outcome = outcome.code(1).one_error().says("has no module venv").says("pyenvkit sync completes");
    assert_eq!(world.project("p").commits(), 1, "{}", outcome.text());
    // uv needs none.
    world.project("p").pyenvkit("sync --backend uv").ok();
    world.project("p").assert_ready();
}

/// Nothing is installed into it, and its environments are nobody's but ours.
#[cfg(unix)]
#[test]
fn a_python_that_takes_no_packages() {
    for backend in ["pip", "uv"] {
        let world = World::with_uv();
        let library = world.installation();
        fs::write(library.join("EXTERNALLY-MANAGED"), "[externally-managed]\n").unwrap();
        let before = Snapshot::of(&library);
        let python = world.opt().join("python3");
        let python = python.to_str().unwrap();
        world.args(["new", "p", "--preset", "minimal", "--yes", "--backend", backend, "--python", python]).ok();
        world.project("p").assert_ready();
        before.assert_same(&Snapshot::of(&library));
    }
}

/// A program that waits for a passphrase which nobody can type.
#[test]
#[ignore = "full: a minute of patience"]
fn signing_that_waits_for_ever_is_given_up() {
    let world = World::new();
    let gpg = world.program("gpg-that-waits", fakes::HANGS);
    world.git_config("commit.gpgSign", "true");
    world.git_config("gpg.program", gpg.to_str().unwrap());
    world.run("new p --yes --no-venv").ok().says("signing failed");
    let project = world.project("p");
    assert_eq!(project.commits(), 0, "an unsigned commit was made");
    project.assert_nothing_left();
    #[cfg(unix)]
    crate::common::processes::assert_no_orphans(&world);
}
