//! Every command in README.md is run, and says what README.md says that it says.

use std::fs;

use crate::common::kinds::KINDS;
use crate::common::world::finish;
use crate::common::{World, shared};

/// A command line of a `console` block and the lines under it.
struct Step {
    line: String,
    expected: Vec<String>,
}

/// The `console` blocks of the text, each a session of its own.
fn sessions(text: &str) -> Vec<Vec<Step>> {
    let mut sessions = Vec::new();
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let mut steps: Vec<Step> = Vec::new();
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step { line: command.to_owned(), expected: Vec::new() });
            } else if let Some(step) = steps.last_mut() {
                step.expected.push(line.trim_end().to_owned());
            }
        }
        sessions.push(steps);
    }
    sessions
}

/// Whether `line` is `pattern`, where `...` and each run of digits in the pattern stand for anything like them.
fn matches(pattern: &str, line: &str) -> bool {
    let plain = |text: &str| text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
    let squeeze = |text: String| text.replace("00", "0").replace("00", "0").replace("00", "0");
    let (pattern, line) = (squeeze(plain(pattern)), squeeze(plain(line)));
    match pattern.split_once("...") {
        Some((start, end)) => line.starts_with(start) && line.ends_with(end),
        None => pattern == line,
    }
}

/// The project that the sessions take as one that is there: its lines are of 100 columns.
fn somebodys_project(world: &World) {
    let folder = world.existing(&KINDS[1], "somebodys-project");
    let manifest = folder.join("pyproject.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(manifest, text + "\n[tool.black]\nline-length = 100\n").unwrap();
}

#[test]
fn every_command_runs_and_says_what_is_written() {
    let text = fs::read_to_string(shared::repository().join("README.md")).unwrap();
    let sessions = sessions(&text);
    assert!(!sessions.is_empty(), "README.md has no console block");
    for session in sessions {
        let mut world = World::with_uv();
        let mut folder = world.work();
        let binary = env!("CARGO_BIN_EXE_pyenvkit");
        crate::common::world::link(binary.as_ref(), &world.bin().join("pyenvkit"));
        somebodys_project(&world);
        for step in session {
            let line = step.line.replace("cargo run --release --", "pyenvkit");
            if line.starts_with("cargo ") || line.starts_with("git clone ") {
                // What builds or fetches this repository has been done, or the test would not run.
                continue;
            }
            if let Some(target) = line.strip_prefix("cd ") {
                folder = folder.join(target);
                continue;
            }
            if line.starts_with("source .venv/bin/activate") || line.starts_with(". .venv/bin/activate") {
                world.prepend_path(folder.join(".venv/bin"));
                continue;
            }
            let mut command = world.command("/bin/bash");
            command.current_dir(&folder).args(["-c", &line]);
            let outcome = finish(command).ok();
            let told = format!("{}\n{}", outcome.stdout, outcome.stderr);
            for wanted in step.expected.iter().filter(|line| !line.is_empty()) {
                let said = told.lines().any(|line| matches(wanted, line.trim_end()));
                assert!(said, "`{}` does not say {wanted:?}\n{told}", step.line);
            }
        }
    }
}

#[test]
fn every_flag_in_the_text_exists() {
    let text = fs::read_to_string(shared::repository().join("README.md")).unwrap();
    let world = World::new();
    let mut help = String::new();
    for line in [
        "--help",
        "new --help",
        "sync --help",
        "verify --help",
        "python list --help",
        "config --help",
        "add-tool --help",
        "init --help",
        "doctor --help",
    ] {
        help += &world.run(line).ok().stdout;
    }
    // Inline code, and the commands of the sessions; what other programs print is not ours to check.
    let prose: String = text.split("```").step_by(2).collect();
    let commands = text.lines().filter_map(|line| line.strip_prefix("$ ")).filter(|line| line.contains("pyenvkit"));
    // Inline code of another program has flags of its own.
    let is_ours = |code: &&str| {
        let first = code.split_whitespace().next().unwrap_or_default();
        first.starts_with('-') || ["pyenvkit", "cargo"].contains(&first) || help.contains(&format!("\n  {first} "))
    };
    for code in prose.split('`').skip(1).step_by(2).filter(is_ours).chain(commands) {
        for flag in code.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2) {
            let flag = flag.split('=').next().unwrap().trim_end_matches([',', '.', ')', ':']);
            // `cargo run --release` is cargo's.
            assert!(flag == "--release" || help.contains(flag), "README.md names {flag}, which no verb has");
        }
    }
}
