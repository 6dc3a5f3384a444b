//! Doctor where a team runs it: as a hook of pre-commit and as an action of GitHub.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::common::world::{Outcome, finish};
use crate::common::{World, shared};

/// A repository at `name` in the working folder that holds these files of our own.
fn published(world: &World, name: &str, files: &[PathBuf]) -> PathBuf {
    let folder = world.work().join(name);
    for path in files {
        let at = folder.join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::copy(shared::repository().join(path), at).unwrap();
    }
    world.git(&folder, ["init", "-q"]);
    world.git(&folder, ["add", "-A", "-f"]);
    world.git(&folder, ["commit", "-q", "--no-verify", "-m", "Published"]);
    folder
}

fn pre_commit(world: &World, folder: &Path, args: &[&str]) -> Outcome {
    let mut command = world.command(shared::pre_commit());
    command.current_dir(folder).args(args);
    finish(command)
}

/// The hook itself is as published; only where its program comes from is another place, as its user may decide.
#[test]
fn the_hook_runs_doctor_and_fails_where_doctor_does() {
    let mut world = World::with_uv();
    world.own_cache();
    crate::common::world::link(env!("CARGO_BIN_EXE_pyenvkit").as_ref(), &world.bin().join("pyenvkit"));
    let manifest = shared::repository().join(".pre-commit-hooks.yaml");
    pre_commit(&world, &world.work(), &["validate-manifest", manifest.to_str().unwrap()]).ok();
    let source = published(&world, "source", &[".pre-commit-hooks.yaml".into()]);
    let revision = world.git(&source, ["rev-parse", "HEAD"]);
    let project = world.healthy();
    let config = world.write(
        "work/hooks.yaml",
        format!(
            "repos:\n- repo: {}\n  rev: {revision}\n  hooks:\n  - id: pyenvkit-doctor\n    language: system\n",
            source.display()
        ),
    );
    let run = ["run", "--all-files", "--config", config.to_str().unwrap()];
    pre_commit(&world, &project.folder, &run).ok().prints("Passed");
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    pre_commit(&world, &project.folder, &run).code(1).prints("PRC01");
}

#[test]
#[ignore = "full: pre-commit builds the release of this repository"]
fn pre_commit_tries_this_repository() {
    let mut world = World::with_uv();
    world.own_cache();
    let source = published(&world, "source", &super::house::tracked());
    let home = std::env::home_dir().unwrap();
    let real = |name: &str, below: &str| std::env::var_os(name).map_or_else(|| home.join(below), PathBuf::from);
    let (cargo, rustup) = (real("CARGO_HOME", ".cargo"), real("RUSTUP_HOME", ".rustup"));
    world.prepend_path(which::which("cargo").unwrap().parent().unwrap());
    world.set("CARGO_HOME", cargo).set("RUSTUP_HOME", rustup).set("CARGO_TARGET_DIR", shared::folder("test-hook"));
    let project = world.healthy();
    let run = ["try-repo", source.to_str().unwrap(), "pyenvkit-doctor", "--all-files", "--verbose"];
    let mut command = world.command(shared::pre_commit());
    command.current_dir(&project.folder).args(run);
    // A build takes longer than anything that the binary does.
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("nothing is wrong"), "{text}\n{output:?}");
}

/// Runs the steps of `action.yml` as a runner does.
struct Runner<'w> {
    world: &'w World,
    action: Value,
    folder: PathBuf,
}

impl<'w> Runner<'w> {
    fn new(world: &'w World) -> Self {
        let text = fs::read_to_string(shared::repository().join("action.yml")).unwrap();
        let action = serde_saphyr::from_str(&text).unwrap();
        // The build: what it would install is there.
        let log = world.root().join("cargo.log");
        world.program(
            "cargo",
            &format!(
                "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\nfor root; do :; done\nmkdir -p \"$root/bin\"\ncp '{}' \"$root/bin/pyenvkit\"\n",
                log.display(),
                env!("CARGO_BIN_EXE_pyenvkit")
            ),
        );
        let folder = world.root().join("runner");
        fs::create_dir(&folder).unwrap();
        Self { world, action, folder }
    }

    /// A value with its expressions; only those that `action.yml` has are known.
    fn evaluate(&self, text: &str, inputs: &[(&str, &str)]) -> String {
        let Some(expression) = text.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")) else {
            assert!(!text.contains("${{"), "{text:?} is not one expression");
            return text.to_owned();
        };
        if expression == "github.action_path" {
            return "/the action".to_owned();
        }
        let name = expression.strip_prefix("inputs.").unwrap_or_else(|| panic!("{expression}"));
        let given = inputs.iter().find(|(input, _)| *input == name).map(|(_, value)| (*value).to_owned());
        given.unwrap_or_else(|| self.action["inputs"][name]["default"].as_str().unwrap().to_owned())
    }

    /// The last step that ran, and the outputs.
    fn run(&self, inputs: &[(&str, &str)]) -> (Outcome, String) {
        let outputs = self.folder.join("outputs");
        fs::write(&outputs, "").unwrap();
        let mut last = None;
        for step in self.action["runs"]["steps"].as_array().unwrap() {
            if let Some(condition) = step["if"].as_str() {
                assert_eq!(condition, "inputs.program == ''");
                if !self.evaluate("${{ inputs.program }}", inputs).is_empty() {
                    continue;
                }
            }
            let script = step["run"].as_str().unwrap();
            assert!(!script.contains("${{"), "an input could be read as a command: {script}");
            assert_eq!(step["shell"], "bash");
            let file = self.folder.join("step.sh");
            fs::write(&file, script).unwrap();
            let mut command = self.world.command("/bin/bash");
            command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&file);
            command.env("RUNNER_TEMP", &self.folder).env("GITHUB_OUTPUT", &outputs).env("CI", "true");
            for (name, value) in step["env"].as_object().unwrap() {
                command.env(name, self.evaluate(value.as_str().unwrap(), inputs));
            }
            let outcome = finish(command);
            let failed = !outcome.status.success();
            last = Some(outcome);
            if failed {
                break;
            }
        }
        (last.unwrap(), fs::read_to_string(outputs).unwrap())
    }
}

#[test]
fn the_action_builds_doctor_and_examines_what_it_is_told() {
    let world = World::with_uv();
    let project = world.healthy();
    world.write("work/team/other one/pyproject.toml", "[project\n");
    let runner = Runner::new(&world);
    let (outcome, outputs) = runner.run(&[]);
    let outcome = outcome.code(1).prints("::error file=team/other one/pyproject.toml,line=1");
    assert!(!outcome.stdout.contains("demo") && outputs.is_empty(), "{}", outcome.text());
    let built = fs::read_to_string(world.root().join("cargo.log")).unwrap();
    let expected = ["install", "--quiet", "--locked", "--path", "/the action", "--root"];
    assert_eq!(built.lines().take(6).collect::<Vec<_>>(), expected);
    // Nothing is built where a program is given; two folders, one with a space.
    fs::remove_file(world.root().join("cargo.log")).unwrap();
    let program = env!("CARGO_BIN_EXE_pyenvkit");
    let both =
        [("paths", "demo\nteam/other one\n"), ("program", program), ("format", "sarif"), ("report", "a b.sarif")];
    let (outcome, outputs) = runner.run(&both);
    outcome.code(1);
    assert_eq!(outputs, "report=a b.sarif\n");
    let sarif = fs::read_to_string(world.work().join("a b.sarif")).unwrap();
    shared::validate("tests/schemas/sarif-2.1.0-rtm.5.json", &[&sarif]);
    assert!(sarif.contains("PYP01") && !world.root().join("cargo.log").exists());
    // One project, not recursively, and choices; a hostile input is only a name that is not there.
    let one = |more: &[(&'static str, &'static str)]| {
        let inputs = [("program", program), ("recursive", "false"), ("format", "text")];
        runner.run(&[&inputs[..], more].concat()).0
    };
    one(&[("paths", "team/other one"), ("select", "VEN,PRC"), ("ignore", "VEN01")]).ok();
    one(&[("paths", "team/other one"), ("select", "PYP01")]).code(1);
    one(&[("paths", "demo"), ("strict", "true")]).ok();
    one(&[("paths", "$(touch hacked); --list"), ("select", "`touch hacked`")]).code(2);
    assert!(!world.work().join("hacked").exists());
    assert!(project.has(".venv"));
}

#[test]
fn the_action_is_one() {
    let action = shared::repository().join("action.yml");
    shared::run(
        std::process::Command::new(shared::validator("check-jsonschema"))
            .args(["--builtin-schema", "vendor.github-actions"])
            .arg(action),
    );
    // A workflow that uses it, with what it takes and with what it does not.
    let world = World::new();
    let folder = published(&world, "user", &["action.yml".into()]);
    let lint = |with: &str| {
        let workflow = format!(
            "on: push\njobs:\n  doctor:\n    runs-on: ubuntu-latest\n    steps:\n      - id: doctor\n        uses: ./\n        with:\n          {with}\n      - run: cat \"$REPORT\"\n        env:\n          REPORT: ${{{{ steps.doctor.outputs.report }}}}\n"
        );
        let path = world.write("work/user/.github/workflows/doctor.yml", workflow);
        let mut command = world.command(shared::validator("actionlint"));
        command.current_dir(&folder).arg(path);
        finish(command)
    };
    lint("report: doctor.sarif").ok();
    lint("no-such-input: x").code(1).prints("no-such-input");
}
