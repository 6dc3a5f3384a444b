//! Files that nobody expects: huge, deep, or no text at all. Each is edited or refused, and a refusal writes nothing.

use std::time::{Duration, Instant};

use crate::common::World;

/// More than any of these files may cost, in a build that is not optimised.
const PATIENCE: Duration = Duration::from_secs(60);

const MANIFEST: &str = "[project]\nname = \"p\"\nversion = \"1\"\n";

fn files() -> Vec<(&'static str, &'static str, String)> {
    let lines = |line: &str| -> String { line.repeat(10_000) };
    vec![
        ("2 MB", "pyproject.toml", format!("{MANIFEST}description = \"{}\"\n", "x".repeat(2 << 20))),
        ("10,000 lines", "pyproject.toml", format!("{MANIFEST}{}", lines("# a comment\n"))),
        ("10,000 lines", "requirements-dev.txt", lines("# a comment\n")),
        ("10,000 lines", ".flake8", format!("[other]\n{}", lines("# a comment\n"))),
        ("10,000 lines", ".pre-commit-config.yaml", format!("repos: []\n{}", lines("# a comment\n"))),
        ("NUL", "pyproject.toml", format!("{MANIFEST}# \0\n")),
        ("NUL", "requirements-dev.txt", "idna\0\n".to_owned()),
        ("NUL", ".flake8", "[flake8]\nexclude = \0\n".to_owned()),
        ("NUL", ".pre-commit-config.yaml", "repos: [\0]\n".to_owned()),
        ("deep", "pyproject.toml", format!("{MANIFEST}[tool.x]\ny = {}{}\n", "[".repeat(5000), "]".repeat(5000))),
        ("deep", "pyproject.toml", format!("{MANIFEST}[tool.{}]\n", vec!["a"; 5000].join("."))),
        ("deep", ".pre-commit-config.yaml", format!("repos: {}{}\n", "[".repeat(5000), "]".repeat(5000))),
    ]
}

#[test]
fn what_nobody_expects_is_edited_or_refused_and_nothing_between() {
    for (what, name, text) in files() {
        let world = World::new();
        world.write("work/p/pyproject.toml", MANIFEST);
        world.write(&format!("work/p/{name}"), &text);
        let read = |name: &str| std::fs::read(world.work().join("p").join(name)).ok();
        let names =
            [".flake8", ".pre-commit-config.yaml", "pyproject.toml", "requirements-dev.txt", ".pyenvkit/lock.jsonl"];
        let before = names.map(read);
        let start = Instant::now();
        let added = world.args(["add-tool", "flake8", "pre-commit", "--yes", "--no-sync", "--directory", "p"]);
        assert!(start.elapsed() < PATIENCE, "{what} {name}: {:?}", start.elapsed());
        let code = added.status.code();
        assert!(matches!(code, Some(0..=2)), "{what} {name}: {}", added.text());
        if code != Some(0) {
            assert_eq!(names.map(read), before, "{what} {name}: {}", added.text());
        }
    }
}

/// pip and uv take a NUL in comments alone.
#[test]
fn nul_in_requirements_is_refused_with_its_place() {
    let world = World::new();
    world.write("work/p/pyproject.toml", MANIFEST);
    world.write("work/p/requirements-dev.txt", "# all\nidna\0\n");
    let refused = world.args(["add-tool", "flake8", "--yes", "--no-sync", "--directory", "p"]);
    assert_eq!(refused.status.code(), Some(1), "{}", refused.text());
    refused.says("requirements-dev.txt:2:5").says("NUL");
    assert_eq!(std::fs::read(world.work().join("p/requirements-dev.txt")).unwrap(), b"# all\nidna\0\n");
}
