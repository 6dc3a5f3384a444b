//! `pyenvkit python list`: every interpreter with version, source and end of life, and why one was not taken.

use std::fs;

use crate::common::{World, fakes, shared};

#[test]
fn good_ones_and_broken_ones_are_listed() {
    let mut world = World::new();
    world.own_cache();
    world.program("python3.14", fakes::CRASHES);
    world.program("python3.13", fakes::PRINTS_GARBAGE);
    world.program("python3.12", fakes::BROKEN_SHIM);
    let listed = world.run("python list").ok();
    let ours = listed.stdout.lines().find(|line| line.contains(world.bin().join("python3").to_str().unwrap()));
    let ours = ours.unwrap_or_else(|| panic!("the tests' Python is not listed\n{}", listed.text()));
    assert!(ours.contains(shared::python_minor()), "{ours}");
    for broken in ["python3.14", "python3.13", "python3.12"] {
        assert!(listed.stdout.contains(broken), "{broken} is not listed\n{}", listed.text());
    }
    assert!(listed.stdout.contains("127"), "the shim's exit code is not told\n{}", listed.text());
}

#[test]
fn json_for_machines() {
    let world = World::new();
    let printed = world.run("python list --json").ok().stdout;
    let list: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let entries = list.as_array().unwrap();
    let ours = entries.iter().find(|entry| {
        let executable = entry["executable"].as_str().or_else(|| entry["path"].as_str()).unwrap_or("");
        fs::canonicalize(executable).is_ok_and(|path| path == shared::python())
    });
    let ours = ours.unwrap_or_else(|| panic!("not listed: {printed}"));
    assert!(ours["version"].as_str().unwrap().starts_with(shared::python_minor()));
}

#[test]
fn an_interpreter_is_asked_once() {
    let mut world = World::new();
    world.own_cache();
    let log = world.root().join("tmp/asked");
    let text = format!("#!/bin/sh\necho x >> '{}'\nexec '{}' \"$@\"\n", log.display(), shared::python().display());
    world.program("python3", &text);
    world.run("python list").ok();
    let asked = fs::read_to_string(&log).unwrap();
    assert!(!asked.is_empty());
    world.run("python list").ok();
    assert_eq!(fs::read_to_string(&log).unwrap(), asked, "it was run again");
    // Another file under the same name is another interpreter.
    world.program("python3", &format!("{text}# changed\n"));
    world.run("python list").ok();
    assert_ne!(fs::read_to_string(&log).unwrap(), asked, "it was not run again though it changed");
}

#[test]
fn a_hanging_one_does_not_hold_up_the_others() {
    let mut world = World::new();
    world.own_cache();
    for name in ["python3.12", "python3.13", "python3.14", "python"] {
        world.program(name, fakes::HANGS);
    }
    let listed = world.run("python list").ok();
    assert!(listed.took.as_secs() < 60, "it took {:?}", listed.took);
    assert!(listed.stdout.contains(shared::python_minor()));
    #[cfg(unix)]
    crate::common::processes::assert_no_orphans(&world);
}
