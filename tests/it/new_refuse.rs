//! What `pyenvkit new` refuses: one clear error, a hint, exit code 2, and nothing written.

use std::fs;
use std::time::Duration;

use crate::common::{Outcome, World, fakes};

/// Run and require a refusal that wrote nothing.
#[track_caller]
fn refused<'a>(world: &World, args: impl IntoIterator<Item = &'a str>) -> Outcome {
    let args: Vec<&str> = args.into_iter().collect();
    let before = world.snapshot();
    let outcome = world.args(&args).code(2).one_error();
    before.assert_same(&world.snapshot());
    outcome
}

#[test]
fn names_that_cannot_be() {
    let world = World::new();
    let long = "x".repeat(300);
    let names = [
        // PEP 508
        "-dash",
        "_under",
        ".dot",
        "end-",
        "end.",
        "a b",
        "a!b",
        "a@b",
        "müller",
        "\u{1f40d}",
        "a\nb",
        "",
        " ",
        // keywords and the standard library
        "class",
        "import",
        "match-",
        "json",
        "asyncio",
        "typing",
        // tools of the project
        "black",
        "pytest",
        "flake8",
        "pre-commit",
        "Pre_Commit",
        "isort",
        "pip",
        // Windows devices
        "con",
        "NUL",
        "com1",
        "aux",
        &long,
    ];
    for name in names {
        let option = format!("--name={name}");
        let outcome = refused(&world, ["new", "target", &option, "--yes", "--no-venv"]);
        let shown: String = name.chars().take(20).collect();
        let debug = format!("{shown:?}");
        let named = outcome.stderr.contains(&shown) || outcome.stderr.contains(debug.trim_matches('"'));
        assert!(named, "the error does not name {name:?}\n{}", outcome.text());
    }
}

#[test]
fn folders_whose_names_cannot_be_names() {
    let world = World::new();
    for name in ["class", "json", "black", "con", "a b", "\u{1f40d}"] {
        refused(&world, ["new", name, "--yes", "--no-venv"]);
    }
    refused(&world, ["new", "--yes", "--no-venv", "--", "-dash"]);
}

#[test]
fn packages_that_cannot_be_imported() {
    let world = World::new();
    for package in ["True", "1st", "a-b", "class", "a b", "json", "ü!", ""] {
        let option = format!("--package={package}");
        refused(&world, ["new", "target", &option, "--yes", "--no-venv"]);
    }
}

#[test]
fn values_that_mean_nothing() {
    let world = World::new();
    for option in [
        "--requires-python=three",
        "--requires-python=>=4",
        "--license=my own",
        "--author=<nobody",
        "--host=not a host",
        "--hooks=global",
        "--backend=conda",
        "--set=coverage.fail-under=101",
        "--set=coverage.fail-under=-1",
        "--set=black.line-length=-5",
        "--set=flake8.line-length=0",
    ] {
        let before = world.snapshot();
        let outcome = world.args(["new", "target", option, "--yes"]).code(2);
        assert!(outcome.stderr.contains("error:"), "{}", outcome.text());
        before.assert_same(&world.snapshot());
    }
}

/// The hint names what can be typed: the tool, not what it installs.
#[test]
fn a_name_that_a_tool_installs() {
    let world = World::new();
    let dry = |name: &str| refused(&world, ["new", "target", "--name", name, "--no-venv"]);
    dry("pytest-cov").says("--without coverage");
    dry("pip").says("hint: choose another name\n");
}

#[test]
fn a_folder_whose_name_is_too_long() {
    let world = World::new();
    let name = "n".repeat(300);
    for args in [&["new", &name, "--no-venv"][..], &["new", &name, "--name", "fine", "--no-venv"]] {
        let outcome = refused(&world, args.iter().copied()).says("300 bytes").says("hint: choose a shorter name");
        assert!(!outcome.stderr.contains(&name), "it repeats the whole name");
    }
}

#[test]
fn pythons_that_no_project_is_made_for() {
    let world = World::new();
    for specifiers in ["<3", ">=3.5", "", "!=3.9"] {
        let option = format!("--requires-python={specifiers}");
        refused(&world, ["new", "p", &option, "--no-venv"]).says("hint: give --requires-python");
        let set = ["config", "set", "requires-python", specifiers];
        if !specifiers.is_empty() {
            refused(&world, set);
        }
    }
}

#[test]
fn targets_that_are_taken() {
    let world = World::new();
    world.write("work/file", "mine");
    world.write("work/full/notes.txt", "mine");
    world.write("work/readme-and-more/README.md", "mine");
    world.write("work/readme-and-more/setup.py", "mine");
    for target in ["file", "full", "readme-and-more", "file/below"] {
        refused(&world, ["new", target, "--name=fine", "--yes", "--no-venv"]);
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", world.work().join("dangling")).unwrap();
        refused(&world, ["new", "dangling", "--yes", "--no-venv"]).says("dangling");
    }
    refused(&world, ["new", "full", "--name=fine", "--yes", "--no-venv"]).says("notes.txt");
}

#[cfg(target_os = "linux")]
#[test]
fn a_target_that_cannot_be_written() {
    use crate::common::mounts::Mount;
    let world = World::new();
    let Some(mount) = Mount::memory(&world.work().join("disk"), "size=1m") else { return };
    fs::create_dir(world.work().join("disk/there")).unwrap();
    mount.make_read_only();
    refused(&world, ["new", "disk/fresh", "--yes", "--no-venv"]).says("hint: choose a folder that you may write to");
    refused(&world, ["new", "disk/there", "--yes", "--no-venv"]);
}

#[test]
fn what_does_not_exist_is_guessed() {
    let world = World::new();
    refused(&world, ["new", "p", "--template=libb", "--yes"]).says("\"lib\"");
    refused(&world, ["new", "p", "--with=flak8", "--yes"]).says("\"flake8\"");
    refused(&world, ["new", "p", "--without=blakc", "--yes"]).says("\"black\"");
    refused(&world, ["new", "p", "--preset=clasic", "--yes"]).says("\"classic\"");
    // The default first, then as they grow smaller, then the user's own as the user's file has them.
    world.write("home/.config/pyenvkit/config.toml", "[presets.zero]\ntools = []\n[presets.all]\ntools = ['black']\n");
    refused(&world, ["new", "p", "--preset=no-such", "--yes"])
        .says("the presets are: classic, modern, minimal, zero, all");
}

#[test]
fn interpreters_that_are_none() {
    let world = World::new();
    world.program("python3.40", fakes::CRASHES);
    world.program("python3.41", fakes::PRINTS_GARBAGE);
    world.program("python3.42", fakes::BROKEN_SHIM);
    world.old_python("python3.6", (3, 6));
    world.old_python("python2.7", (2, 7));
    for name in ["python3.40", "python3.41", "python3.42", "python3.6", "python2.7", "3.99", "9", ">=3.99"] {
        refused(&world, ["new", "p", "--yes", "--python", name]).says(name.trim_start_matches("python"));
        let path = world.bin().join(name);
        if path.exists() {
            refused(&world, ["new", "p", "--yes", "--python", path.to_str().unwrap()]);
        }
    }
    refused(&world, ["new", "p", "--yes", "--python", "not-there/python"]);
    // Nothing on this machine is new enough.
    refused(&world, ["new", "p", "--yes", "--requires-python", ">=3.15"]);
}

#[test]
fn an_interpreter_that_hangs_is_given_up() {
    let world = World::new();
    let path = world.program("python3.43", fakes::HANGS);
    let outcome = refused(&world, ["new", "p", "--yes", "--python", path.to_str().unwrap()]);
    assert!(outcome.took < Duration::from_secs(60), "it took {:?}", outcome.took);
    #[cfg(unix)]
    crate::common::processes::assert_no_orphans(&world);
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let world = World::new();
    refused(&world, ["new"]).says("PATH");
}
