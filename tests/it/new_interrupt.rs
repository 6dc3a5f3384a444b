//! Stopped at any moment: nothing half made, nobody left running, and the same command then succeeds.
#![cfg(unix)]

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::common::processes::{POLITE, assert_no_orphans, running, send};
use crate::common::world::wait;
use crate::common::{Behaviour, Index, World, pty};

/// How long one whole run takes now.
fn measure(world: &World, args: &[&str]) -> Duration {
    let start = Instant::now();
    world.args(args).ok();
    start.elapsed()
}

/// A signal, the exit code that it leads to (none where it cannot be caught), and when it is sent.
#[derive(Debug, Clone, Copy)]
struct Stop {
    signal: Signal,
    code: Option<i32>,
    delay: Duration,
}

/// Run `new NAME ...`, send `signal` after `delay`, judge what is left, then run it again, to the end.
fn stop_and_repeat(world: &World, name: &str, options: &[&str], stop: Stop) {
    let Stop { signal, code, delay } = stop;
    let args = [&["new", name, "--yes"], options].concat();
    let mut child = world.pyenvkit(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    if wait(&mut child, delay).is_none() {
        send(&child, signal);
    }
    let status = wait(&mut child, Duration::from_secs(30)).unwrap_or_else(|| {
        let _ = child.kill();
        panic!("{signal:?} after {delay:?}: it did not end")
    });
    let told =
        status.code().or_else(|| std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| 128 + signal));
    let expected = code.unwrap_or(137);
    assert!(told == Some(0) || told == Some(expected), "{signal:?} after {delay:?}: {status}");
    assert_no_orphans(world);
    let target = world.work().join(name);
    if target.exists() {
        assert!(target.join("pyproject.toml").is_file(), "{signal:?} after {delay:?}: half made");
    }
    // A run that was over keeps its project, even if it was killed before it could say so: taking its own folder beside the
    // target away is the commit. What was interrupted is begun again or finished.
    let is_over = target.exists() && !world.work().join(format!(".{name}.pyenvkit")).exists();
    if told != Some(0) && !is_over {
        world.args(&args).ok();
    }
    world.project(name).assert_nothing_left();
    assert_eq!(world.project(name).commits(), 1, "{signal:?} after {delay:?}");
    assert_eq!(world.project(name).git(["status", "--porcelain"]), "", "{signal:?} after {delay:?}");
}

fn many_points(options: &[&str], points: u32) {
    let world = World::with_uv();
    let whole = measure(&world, &[&["new", "whole", "--yes"], options].concat());
    let reference = world.project("whole").files();
    for point in 0..points {
        let delay = whole * point / points;
        let stop = match point as usize % 4 {
            3 => Stop { signal: Signal::KILL, code: None, delay },
            at => Stop { signal: POLITE[at].0, code: Some(POLITE[at].1), delay },
        };
        let name = format!("p{point}");
        stop_and_repeat(&world, &name, options, stop);
        let files: Vec<String> = world.project(&name).files().iter().map(|path| path.replace(&name, "whole")).collect();
        assert_eq!(files, reference, "other files after {stop:?}");
    }
    let left: Vec<_> = fs::read_dir(world.work()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with('.')), "left: {left:?}");
}

#[test]
fn while_writing_and_committing() {
    many_points(&["--no-venv"], 24);
}

#[test]
fn while_making_the_environment() {
    many_points(&["--preset", "minimal", "--no-install"], 8);
}

#[test]
fn while_installing_with_uv() {
    many_points(&["--preset", "minimal", "--backend", "uv"], 16);
}

#[test]
#[ignore = "full: half a minute a point"]
fn while_installing_with_pip() {
    many_points(&["--preset", "classic", "--backend", "pip"], 40);
}

/// The hooks of the repository around it are changed too: they are as before or as after, and for no folder that is gone.
#[test]
fn inside_another_repository() {
    let world = World::with_uv();
    let outer = world.fresh_clone("outer");
    let options = ["--preset", "minimal", "--with", "pre-commit", "--backend", "uv", "--yes"];
    let whole = measure(&world, &[&["new", "outer/whole"], &options[..]].concat());
    let config = || fs::read_to_string(outer.join(".pre-commit-config.yaml")).unwrap();
    let hooks = |name: &str| config().matches(&format!("files: '^{name}/'")).count();
    let before = config();
    for point in 0..12 {
        let (name, delay) = (format!("p{point}"), whole * point / 12);
        let (path, project) = (format!("outer/{name}"), world.project(format!("outer/{name}")));
        let args = [&["new", &path], &options[..]].concat();
        let mut child = world.pyenvkit(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        if wait(&mut child, delay).is_none() {
            send(&child, if point % 2 == 0 { Signal::TERM } else { Signal::KILL });
        }
        let status = wait(&mut child, Duration::from_secs(30)).expect("it did not end");
        assert_no_orphans(&world);
        if !project.has("") {
            assert_eq!(config(), before, "after {delay:?}");
        }
        if !status.success() && (!project.has("") || outer.join(format!(".{name}.pyenvkit")).exists()) {
            world.args(&args).ok();
        }
        project.assert_nothing_left();
        assert_eq!(hooks(&name), hooks("whole"), "after {delay:?}\n{}", config());
        project.script("pytest", ["-q"]).ok();
        project.pyenvkit("remove-tool pre-commit --yes --no-sync").ok();
        assert_eq!(config(), before, "after {delay:?}");
    }
}

#[test]
fn an_environment_is_complete_after_the_second_run() {
    let world = World::with_uv();
    let options = ["--preset", "minimal", "--backend", "uv"];
    let whole = measure(&world, &[&["new", "whole", "--yes"], &options[..]].concat());
    for (at, part) in [5, 7, 9].into_iter().enumerate() {
        let name = format!("p{at}");
        let stop = Stop { signal: Signal::KILL, code: None, delay: whole * part / 10 };
        stop_and_repeat(&world, &name, &options, stop);
        world.project(&name).assert_ready();
        world.project(&name).script("pytest", ["-q"]).ok();
    }
}

#[test]
fn a_parallel_run_is_alive_and_left_alone() {
    let world = World::with_uv();
    let start = |name: &str| {
        let args = ["new", name, "--preset", "minimal", "--yes"];
        world.pyenvkit(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut children: Vec<_> = ["one", "two", "three"].map(start).into();
    // The same target twice: one wins, the other refuses and touches nothing.
    children.extend(["same", "same"].map(start));
    let codes: Vec<_> = children
        .iter_mut()
        .map(|child| wait(child, Duration::from_secs(120)).expect("it did not end").code().unwrap())
        .collect();
    assert_eq!(&codes[..3], [0, 0, 0]);
    assert!(codes[3..].contains(&0) && codes[3..].iter().any(|code| *code != 0), "{codes:?}");
    for name in ["one", "two", "three", "same"] {
        world.project(name).assert_ready();
    }
}

/// Ctrl-C on a terminal goes to the whole foreground group and leaves the cursor visible. The index never answers, so
/// that the installer is at work when it comes.
#[test]
fn control_c_on_a_terminal() {
    let world = World::with_uv();
    let index = Index::start(Behaviour::Hang);
    let good = Index::shared().url();
    world.pip_conf(&format!("[global]\nindex-url = {}\n", index.url()));
    let mut session = world.pty(["new", "p", "--preset", "minimal", "--backend", "uv", "--yes"]);
    let deadline = Instant::now() + Duration::from_secs(60);
    while !running(&world).iter().any(|line| line.contains("pip install")) {
        assert!(Instant::now() < deadline, "the installer was not started: {:?}", running(&world));
        std::thread::sleep(Duration::from_millis(5));
    }
    session.send_control('c').unwrap();
    let output = session.exp_eof().unwrap();
    pty::assert_cursor_visible(&output);
    let status = session.process().wait().unwrap();
    assert!(format!("{status:?}").ends_with(", 130)"), "{status:?}\n{output}");
    assert_no_orphans(&world);
    world.pip_conf(&format!("[global]\nindex-url = {good}\n"));
    world.run("new p --preset minimal --backend uv --yes").ok();
    world.project("p").assert_ready();
}
