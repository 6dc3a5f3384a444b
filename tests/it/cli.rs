//! The command line itself.

use std::process::Stdio;

use crate::common::World;

#[test]
fn version_and_help_are_data() {
    let world = World::new();
    world.run("--version").ok().prints(&format!("pyenvkit {}", env!("CARGO_PKG_VERSION")));
    let help = world.run("--help").ok();
    // Where the list breaks a line does not matter.
    let listed = help.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for verb in [
        "new",
        "init",
        "sync",
        "doctor",
        "verify",
        "add-tool",
        "remove-tool",
        "undo",
        "tools",
        "templates",
        "python",
        "config",
        "completions",
        "man",
    ] {
        assert!(help.stdout.lines().any(|line| line.trim_start().starts_with(verb)), "{verb} is not in the help");
        let own = world.args([verb, "--help"]).ok().prints("Usage:").stdout;
        assert!(listed.contains(own.lines().next().unwrap()), "{verb} describes itself in two ways: {own}");
    }
    assert_eq!(help.stderr, "");
    world.run("new -h").ok().prints("--template");
}

#[test]
fn every_flag_of_the_issue_is_there() {
    let world = World::new();
    let help = world.run("new --help").ok().stdout;
    for flag in [
        "--template",
        "--preset",
        "--with",
        "--without",
        "--name",
        "--package",
        "--description",
        "--license",
        "--author",
        "--host",
        "--requires-python",
        "--python",
        "--backend",
        "--hooks",
        "--git",
        "--no-git",
        "--no-commit",
        "--no-hooks",
        "--no-venv",
        "--no-install",
        "--yes",
        "--dry-run",
        "--diff",
        "--plan",
        "--verify",
        "--offline",
        "--quiet",
        "--verbose",
        "--color",
        "--directory",
    ] {
        assert!(help.contains(flag), "{flag} is not in the help");
    }
}

#[test]
fn completions_for_every_shell() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = world.args(["completions", shell]).ok().stdout;
        assert!(
            script.contains("pyenvkit") && script.contains("template") && script.contains("requires-python"),
            "{shell}"
        );
    }
    let file = world.write("work/completion.bash", world.run("completions bash").ok().stdout);
    world.tool("/bin/bash", ["-n", file.to_str().unwrap()]).ok();
    world.run("completions tcsh").code(2);
}

#[test]
fn the_manual_is_roff() {
    let world = World::new();
    let page = world.run("man").ok().stdout;
    assert!(page.contains(".TH pyenvkit") && page.contains(".SH"), "{}", &page[..page.len().min(300)]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let world = World::new();
    for args in [&["man"][..], &["--help"], &["completions", "bash"], &["new", "p", "--yes", "--diff"]] {
        let mut child = world.pyenvkit(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{args:?}");
        assert_ne!(output.status.code(), Some(101), "{args:?}");
    }
}

#[test]
fn wrong_usage_is_2_and_is_guessed() {
    let world = World::new();
    world.run("verfy").code(2).says("'verify'");
    world.run("new p --tempalte lib").code(2).says("--template");
    world.run("python lits").code(2).says("list");
    world.run("new a b").code(2);
    world.run("").code(2);
}

#[test]
fn colour_follows_the_flags_and_the_conventions() {
    let mut world = World::new();
    let coloured = |world: &World, line: &str| world.run(line).stderr.contains('\u{1b}');
    assert!(!coloured(&world, "new p --template libb --yes"));
    assert!(coloured(&world, "new p --template libb --yes --color always"));
    world.set("CLICOLOR_FORCE", "1");
    assert!(coloured(&world, "new p --template libb --yes"));
    world.set("NO_COLOR", "1").unset("CLICOLOR_FORCE");
    assert!(!coloured(&world, "new p --template libb --yes"));
    assert!(!coloured(&world, "new p --template libb --yes --color never"));
}

#[test]
fn directory_is_where_it_runs() {
    let world = World::new();
    std::fs::create_dir(world.work().join("elsewhere")).unwrap();
    world.run("new p --yes --no-venv --directory elsewhere").ok();
    assert!(world.work().join("elsewhere/p/pyproject.toml").is_file());
    assert!(!world.work().join("p").exists());
    world.run("new p --yes --no-venv --directory nowhere").code(2).one_error();
}
