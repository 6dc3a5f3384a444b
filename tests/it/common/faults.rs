//! A healthy project to break, and what doctor says of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::project::Project;
use super::{Outcome, World, shared};

impl World {
    /// The project `demo`, as `new` makes it: environment, hooks, a first commit. It is made once and copied.
    pub fn healthy(&self) -> Project<'_> {
        let model = model();
        let folder = self.work().join("demo");
        shared::run(Command::new("cp").arg("-a").arg(model.join("demo")).arg(&folder));
        let old = fs::read_to_string(model.join("root")).unwrap();
        Moved::new(&old, self.root()).apply(&folder);
        self.project("demo")
    }
}

/// The healthy project, made by this build of the binary, and the path of the world that it was made in.
fn model() -> PathBuf {
    let binary = fs::metadata(env!("CARGO_BIN_EXE_pyenvkit")).unwrap();
    let world = World::with_uv();
    let length = world.root().as_os_str().len();
    let stamp = format!("{} {:?} {length}", binary.len(), binary.modified().unwrap());
    shared::once("test-healthy", &stamp, |folder| {
        world.run("new demo --yes").ok();
        shared::run(Command::new("cp").arg("-a").arg(world.work().join("demo")).arg(folder));
        fs::write(folder.join("root"), world.root().to_str().unwrap()).unwrap();
    })
}

/// The path of a world in files, changed to that of another. Both are of one length, so that sizes stay as RECORD has them.
struct Moved {
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Moved {
    fn new(old: &str, new: &Path) -> Self {
        let new = new.to_str().unwrap();
        assert_eq!(old.len(), new.len(), "worlds have paths of one length");
        let encoded = |text: &str| -> Vec<u8> {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
            let part = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
            text.bytes().map(part).collect::<String>().into_bytes()
        };
        Self { pairs: vec![(old.into(), new.into()), (encoded(old), encoded(new))] }
    }

    fn apply(&self, project: &Path) {
        let mut folders = vec![project.join(".venv/bin"), project.join(".git/hooks"), project.join(".venv")];
        let site = site(project);
        folders.extend(
            fs::read_dir(&site)
                .unwrap()
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.extension().is_some_and(|extension| extension == "dist-info")),
        );
        folders.push(site);
        for path in folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path()) {
            if let Ok(target) = fs::read_link(&path) {
                let target = self.changed(target.as_os_str().as_encoded_bytes());
                if let Some(target) = target {
                    super::world::link(Path::new(std::str::from_utf8(&target).unwrap()), &path);
                }
            } else if path.is_file()
                && let Some(bytes) = self.changed(&fs::read(&path).unwrap())
            {
                fs::write(&path, bytes).unwrap();
            }
        }
    }

    fn changed(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut out = bytes.to_vec();
        for (old, new) in &self.pairs {
            let mut at = 0;
            while let Some(found) = out[at..].windows(old.len()).position(|part| part == old) {
                out[at + found..at + found + old.len()].copy_from_slice(new);
                at += found + old.len();
            }
        }
        (out != bytes).then_some(out)
    }
}

/// The `site-packages` of the project's environment.
pub fn site(project: &Path) -> PathBuf {
    let mut found = fs::read_dir(project.join(".venv/lib")).unwrap().flatten();
    found.next().unwrap().path().join("site-packages")
}

/// What doctor said.
pub struct Said {
    pub outcome: Outcome,
    pub document: Value,
}

impl Said {
    pub fn read(outcome: Outcome) -> Self {
        let document =
            serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}\n{}", outcome.text()));
        Self { outcome, document }
    }

    /// Every finding with the id of its check.
    pub fn findings(&self) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        for check in self.checks() {
            for finding in check["findings"].as_array().into_iter().flatten() {
                all.push((check["id"].as_str().unwrap().to_owned(), finding.clone()));
            }
        }
        all
    }

    fn checks(&self) -> Vec<Value> {
        let reports = self.document["reports"].as_array().unwrap();
        reports.iter().flat_map(|report| report["checks"].as_array().unwrap()).cloned().collect()
    }

    /// The ids of the findings that no other finding explains.
    pub fn roots(&self) -> Vec<String> {
        let findings = self.findings();
        let found: BTreeSet<&str> = findings.iter().map(|(id, _)| id.as_str()).collect();
        let explained = |finding: &Value| {
            finding["caused_by"].as_array().unwrap().iter().any(|cause| found.contains(cause.as_str().unwrap()))
        };
        findings.iter().filter(|(_, finding)| !explained(finding)).map(|(id, _)| id.clone()).collect()
    }

    /// No check may have crashed.
    #[track_caller]
    pub fn no_crash(self) -> Self {
        let crashed: Vec<Value> = self.checks().into_iter().filter(|check| check["status"] == "crash").collect();
        assert!(crashed.is_empty(), "{crashed:#?}");
        self
    }
}

impl Project<'_> {
    /// What doctor says of it.
    #[track_caller]
    pub fn doctor(&self, more: &str) -> Said {
        Said::read(self.pyenvkit(&format!("doctor --context developer --format json {more}"))).no_crash()
    }

    /// Doctor must find exactly this fault, whether it looks for everything or for this alone, and tell of it in full.
    #[track_caller]
    pub fn assert_fault(&self, id: &str) -> Value {
        let said = self.doctor("");
        assert_eq!(said.roots(), [id], "{}", said.outcome.text());
        let (_, finding) = said.findings().into_iter().find(|(found, _)| found == id).unwrap();
        for part in ["message", "cause", "consequence", "remedy"] {
            assert!(!finding[part].as_str().unwrap().is_empty(), "{id} has no {part}: {finding:#}");
        }
        assert_eq!(said.outcome.status.code(), Some(i32::from(finding["severity"] == "fail")), "{finding:#}");
        // With only its own facts probed.
        let alone = self.doctor(&format!("--select {id}"));
        assert_eq!(alone.roots(), [id], "alone: {}", alone.outcome.text());
        finding
    }

    /// Doctor must find nothing.
    #[track_caller]
    pub fn assert_healthy(&self) {
        let said = self.doctor("--strict");
        assert_eq!(said.roots(), [""; 0], "{}", said.outcome.text());
        assert_eq!(said.outcome.status.code(), Some(0), "{}", said.outcome.text());
    }

    /// `doctor --fix...` must leave nothing to be found, and the same once more nothing to do.
    #[track_caller]
    pub fn assert_mended_by(&self, fix: &str) {
        let before = super::Snapshot::of(&self.folder);
        self.pyenvkit(&format!("doctor --context developer {fix} --dry-run")).prints(" ");
        before.assert_same(&super::Snapshot::of(&self.folder));
        self.pyenvkit(&format!("doctor --context developer {fix} --yes --strict")).ok();
        self.assert_healthy();
        self.pyenvkit(&format!("doctor --context developer {fix} --yes")).ok().says("nothing was changed");
    }
}
