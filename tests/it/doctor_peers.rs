//! What others say of the same faults, as the table in README.md shows it.
//!
//! `PYENVKIT_WRITE_CASES=1 cargo test --test it doctor_peers -- --ignored --nocapture` runs them and writes the table anew.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::faults::Said;
use crate::common::injected::{FAULTS, Fault, MORE, folder, inject};
use crate::common::world::finish;
use crate::common::{World, shared};

/// A program that examines Python projects or environments.
struct Peer {
    /// As a user types it.
    name: &'static str,
    /// What its environment is made of, its own distribution first; empty for what is there anyway.
    requirements: &'static str,
    /// `{python}` is the environment's Python.
    command: &'static [&'static str],
    /// A file without which there is nothing that it could look at.
    needs: Option<&'static str>,
}

const fn peer(name: &'static str, requirements: &'static str, command: &'static [&'static str]) -> Peer {
    Peer { name, requirements, command, needs: None }
}

const PEERS: &[Peer] = &[
    peer("pip check", "", &["{python}", "-m", "pip", "check"]),
    peer("uv pip check", "uv", &["uv", "pip", "check"]),
    Peer { needs: Some("uv.lock"), ..peer("uv lock --check", "uv", &["uv", "lock", "--check", "--offline"]) },
    peer("pipdeptree", "pipdeptree==4.2.15", &["pipdeptree", "--python", "{python}", "--warn", "fail"]),
    peer("pyfirstaid", "pyfirstaid==0.3.0", &["pyfirstaid", "--offline", "--no-color", "--python", "{python}"]),
    peer("xnv doctor", "xnv==0.1.2", &["xnv", "doctor"]),
    peer("validate-pyproject", "validate-pyproject==0.27", &["validate-pyproject", "pyproject.toml"]),
    peer("poetry check", "poetry", &["poetry", "check"]),
    peer("sp-repo-review", "sp-repo-review[cli]==2026.8.14", &["sp-repo-review", "."]),
    peer("pre-commit validate-config", "pre-commit==4.7.0", &["pre-commit", "validate-config"]),
    peer("ruff --select A005", "ruff==0.17.6", &["ruff", "check", "--no-cache", "--select", "A005", "."]),
    peer("zizmor", "zizmor==1.32.0", &["zizmor", "--offline", "--no-progress", "."]),
    peer("python -m site", "", &["{python}", "-m", "site"]),
];

impl Peer {
    fn environment(&self) -> Option<PathBuf> {
        match self.requirements {
            "" => None,
            "uv" => Some(shared::uv().parent().unwrap().into()),
            "poetry" => Some(shared::manager("poetry").parent().unwrap().into()),
            wanted => Some(shared::environment(self.command[0], wanted).join("bin")),
        }
    }

    /// The name with the version, as the table has it.
    fn titled(&self) -> String {
        let version = match self.requirements {
            "" => return self.name.to_owned(),
            "uv" => shared::UV,
            "poetry" => shared::version("poetry"),
            wanted => wanted.split_once("==").unwrap().1,
        };
        format!("{} ({version})", self.name)
    }

    /// Run it as somebody does who has activated the environment; `None` where it could not be started.
    fn run(&self, world: &World) -> Option<(String, Option<i32>, Duration)> {
        let project = folder(world);
        if self.needs.is_some_and(|needs| !project.join(needs).exists()) {
            return Some((String::new(), Some(0), Duration::ZERO));
        }
        let python = project.join(".venv/bin/python");
        let word = |word: &str| if word == "{python}" { python.clone() } else { PathBuf::from(word) };
        let program = match self.environment() {
            Some(environment) => environment.join(self.command[0]),
            None => word(self.command[0]),
        };
        let mut command = world.command(program);
        let path = std::env::join_paths([project.join(".venv/bin"), world.bin(), "/usr/bin".into(), "/bin".into()]);
        command.env("PATH", path.unwrap()).env("NO_COLOR", "1").env("COLUMNS", "300").current_dir(&project);
        if !command.get_envs().any(|(name, _)| name == "VIRTUAL_ENV") {
            command.env("VIRTUAL_ENV", project.join(".venv"));
        }
        command.args(self.command[1..].iter().map(|text| word(text))).stdin(Stdio::null());
        let start = Instant::now();
        let output = command.output().ok()?;
        let took = start.elapsed();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        Some((text, output.status.code(), took))
    }

    /// What it says of the project as it stands; `before` is what it said of the healthy one.
    fn verdict(&self, world: &World, fault: &Fault, before: &BTreeSet<String>) -> &'static str {
        let Some((text, code, _)) = self.run(world) else { return "crashed" };
        // Some say what is wrong and end with a traceback all the same.
        let (told, trace) = match text.split_once("Traceback (most recent call last)") {
            Some((told, trace)) => (told, Some(trace)),
            None => (&text[..], None),
        };
        let new: Vec<String> = lines(told, world).difference(before).cloned().collect();
        if !new.is_empty() {
            println!("  {}: {} says\n      {}", fault.name, self.name, new.join("\n      "));
        }
        // Python itself did not begin.
        let is_fatal = text.contains("Fatal Python error");
        if !is_fatal && new.iter().any(|line| fault.words.iter().any(|word| line.contains(word))) {
            "named"
        } else if is_fatal || trace.is_some() || code.is_none_or(|code| code == 126 || code == 127) {
            "crashed"
        } else {
            "silent"
        }
    }
}

/// The lines of a report without what differs from run to run and names the world.
fn lines(text: &str, world: &World) -> BTreeSet<String> {
    let root = world.root().to_str().unwrap();
    let mut plain = text.replace(root, "").to_lowercase();
    for name in ["moved", "copy", "original", "demo"] {
        plain = plain.replace(&format!("/work/{name}"), "/project");
    }
    plain.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// What doctor says of the project as it stands.
fn ours(world: &World, fault: &Fault) -> &'static str {
    let mut command = world.pyenvkit(["doctor", "--context", "developer", "--format", "json"]);
    command.current_dir(folder(world));
    let named = Said::read(finish(command)).no_crash().roots();
    if fault.ids.iter().all(|id| named.iter().any(|named| named == id)) { "named" } else { "silent" }
}

fn median(mut times: Vec<Duration>) -> String {
    times.sort();
    format!("{} ms", times[times.len() / 2].as_millis().max(1))
}

fn faults() -> impl Iterator<Item = &'static Fault> {
    FAULTS.iter().chain(MORE)
}

const START: &str =
    "<!-- peers: written by PYENVKIT_WRITE_CASES=1 cargo test --test it doctor_peers -- --ignored -->\n";
const END: &str = "<!-- end of peers -->\n";

/// The table in README.md as rows of cells.
fn standing() -> Vec<Vec<String>> {
    let readme = fs::read_to_string(shared::repository().join("README.md")).unwrap();
    let table = readme.split_once(START).unwrap().1.split_once(END).unwrap().0;
    let rows = table.lines().filter(|line| line.starts_with('|') && !line.starts_with("|-"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

fn titles() -> Vec<String> {
    let own = [String::new(), "pyenvkit doctor".to_owned()];
    own.into_iter().chain(PEERS.iter().map(Peer::titled)).collect()
}

/// Whether the table shows these faults and these versions, and that doctor names them all.
#[test]
fn the_table_has_every_fault_and_every_peer() {
    let table = standing();
    assert_eq!(table[0], titles());
    let names: Vec<&str> = table[1..].iter().map(|row| row[0].as_str()).collect();
    let wanted: Vec<&str> = faults().map(|fault| fault.name).chain(["*healthy*", "*time, healthy*"]).collect();
    assert_eq!(names, wanted);
    let unnamed: Vec<_> = table[1..=faults().count()].iter().filter(|row| row[1] != "named").collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}

#[test]
#[ignore = "full: runs a dozen other programs on every fault"]
fn what_others_say_is_as_the_table_shows() {
    let mut world = World::with_uv();
    inject(&mut world, &[]);
    let mut healthy = vec!["*healthy*".to_owned(), "silent".to_owned()];
    let mut times = vec!["*time, healthy*".to_owned()];
    world.project("demo").assert_healthy();
    let doctor = || {
        let mut command = world.pyenvkit(["doctor", "demo"]);
        let start = Instant::now();
        assert!(command.output().unwrap().status.success());
        start.elapsed()
    };
    times.push(median((0..5).map(|_| doctor()).collect()));
    let mut before = Vec::new();
    for peer in PEERS {
        // The first run writes caches and bytecode.
        peer.run(&world);
        let runs: Vec<_> = (0..3).map(|_| peer.run(&world).unwrap()).collect();
        healthy.push(if runs[0].1 == Some(0) { "silent" } else { "complains" }.to_owned());
        before.push(runs.iter().flat_map(|run| lines(&run.0, &world)).collect::<BTreeSet<_>>());
        println!("{} of the healthy project, {:?}:\n{}", peer.name, runs[0].1, runs[0].0);
        let took: Vec<Duration> = runs.into_iter().map(|run| run.2).collect();
        times.push(if peer.needs.is_some() { "-".to_owned() } else { median(took) });
    }
    let mut rows = Vec::new();
    for fault in faults() {
        inject(&mut world, &[fault]);
        let own = ours(&world, fault);
        let world = &world;
        let verdicts: Vec<&str> = thread::scope(|scope| {
            let judge = |(peer, before)| scope.spawn(move || Peer::verdict(peer, world, fault, before));
            let running: Vec<_> = PEERS.iter().zip(&before).map(judge).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        rows.push([fault.name, own].into_iter().chain(verdicts).map(str::to_owned).collect::<Vec<_>>());
    }
    rows.extend([healthy, times]);
    show(&rows);
    // How long it took is another number each time.
    let told = |rows: &[Vec<String>]| rows[..rows.len() - 1].to_vec();
    if std::env::var_os("PYENVKIT_WRITE_CASES").is_none() {
        let standing = standing();
        assert_eq!(told(&standing[1..]), told(&rows), "PYENVKIT_WRITE_CASES=1 writes the table of README.md anew");
    }
}

/// Print the table, and write it where that is wanted.
fn show(rows: &[Vec<String>]) {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut table = line(&titles());
    table += &format!("|{}\n", "---|".repeat(titles().len()));
    table.extend(rows.iter().map(|row| line(row)));
    println!("{table}");
    if std::env::var_os("PYENVKIT_WRITE_CASES").is_none() {
        return;
    }
    let path: &Path = &shared::repository().join("README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (before, rest) = readme.split_once(START).unwrap();
    let behind = rest.split_once(END).unwrap().1;
    let today = String::from_utf8(Command::new("date").arg("+%F").output().unwrap().stdout).unwrap();
    let dated = format!("As of {}, Python {}:\n\n", today.trim(), shared::python_minor());
    fs::write(path, format!("{before}{START}{dated}{table}{END}{behind}")).unwrap();
}
