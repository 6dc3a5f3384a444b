//! The harness itself: if it is wrong, the other tests say nothing.

use std::fs;

use crate::common::{Behaviour, Index, World, fakes, shared};

#[test]
fn nothing_of_the_outer_environment_gets_in() {
    let world = World::new();
    let seen = world.tool("/usr/bin/env", [""; 0]).ok();
    for line in seen.stdout.lines() {
        let name = line.split('=').next().unwrap();
        assert!(!name.starts_with("UV_") && !name.starts_with("PYTHON") && !name.starts_with("VIRTUAL_ENV"), "{line}");
    }
    assert!(seen.stdout.contains(&format!("HOME={}", world.home().display())));
    assert!(world.root().to_str().unwrap().contains(' '), "the path should have a space");
}

#[test]
fn a_world_has_python_and_git_but_no_uv() {
    let world = World::new();
    world.tool(world.bin().join("python3"), ["-c", "import venv, ensurepip"]).ok();
    world.tool(world.bin().join("git"), ["--version"]).ok().prints("git version");
    assert!(!world.bin().join("uv").exists());
    assert!(World::with_uv().bin().join("uv").exists());
}

#[test]
fn the_index_serves_what_pip_and_uv_install() {
    let world = World::with_uv();
    let python = world.bin().join("python3");
    world.tool(&python, ["-m", "pip", "download", "-q", "--no-deps", "-d", "got", "pip"]).ok();
    assert!(fs::read_dir(world.work().join("got")).unwrap().count() == 1);
    let url = Index::shared().url();
    world.tool(world.bin().join("uv"), ["venv", "-q", "-p", python.to_str().unwrap(), "env"]).ok();
    world.tool(world.bin().join("uv"), ["pip", "install", "-q", "-p", "env", "--index-url", &url, "pip"]).ok();
    assert!(Index::shared().asked().iter().any(|path| path.starts_with("/simple/pip")));
}

#[test]
fn bad_indexes_are_bad() {
    let world = World::new();
    let python = world.bin().join("python3");
    let guarded = Index::start(Behaviour::Guarded { wheels: shared::wheels(), user: "ada", password: "s3cret" });
    let download = |url: &str| {
        let options = [
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--no-cache-dir",
            "--retries=0",
            "--no-input",
            "-d",
            "got",
            "-i",
        ];
        world.tool(&python, options.into_iter().chain([url, "pip"]))
    };
    download(&guarded.url_with("ada", "s3cret")).ok();
    download(&guarded.url_with("ada", "wrong")).code(1);
    download(&Index::start(Behaviour::Empty).url()).code(1);
    download(&Index::start(Behaviour::Broken).url()).code(1);
}

#[test]
fn snapshots_see_every_change() {
    let world = World::new();
    let file = world.write("work/a file", "one");
    let before = world.snapshot();
    before.assert_same(&world.snapshot());
    fs::write(&file, "two").unwrap();
    assert_ne!(before, world.snapshot());
}

#[test]
fn fakes_misbehave_as_they_say() {
    let world = World::new();
    world.old_git();
    world.tool(world.bin().join("git"), ["init", "-b", "main", "x"]).code(129);
    world.tool(world.bin().join("git"), ["init", "x"]).ok();
    assert_eq!(fs::read_to_string(world.work().join("x/.git/HEAD")).unwrap(), "ref: refs/heads/master\n");
    world.old_python("python2.6", (2, 6));
    let code = "import sys; print(sys.version_info[:2])";
    world.tool(world.bin().join("python2.6"), ["-I", "-c", code]).ok().prints("(2, 6)");
    let crash = world.program("crash", fakes::CRASHES);
    assert_eq!(world.tool(crash, [""; 0]).status.code(), None);
    let garbage = world.program("garbage", fakes::PRINTS_GARBAGE);
    world.tool(garbage, [""; 0]).ok();
    let shim = world.program("python3.1", fakes::BROKEN_SHIM);
    world.tool(shim, [""; 0]).code(127);
}

#[cfg(unix)]
#[test]
fn orphans_are_found() {
    use crate::common::processes;
    let world = World::new();
    let mut child = world.command("/bin/sleep").arg("600").spawn().unwrap();
    // A child that another test is starting looks like its parent until it has become its program.
    let started = std::time::Instant::now();
    while processes::running(&world) != ["/bin/sleep 600 "] {
        assert!(started.elapsed().as_secs() < 10, "{:?}", processes::running(&world));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    processes::assert_no_orphans(&world);
}
