//! Python as the judge: what its parsers read before and after an edit must differ by the edit alone.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::case::Case;
use crate::shared::{once, python};

/// What the judge needs beside the standard library: `PyYAML` for pre-commit, iniconfig for pytest, pip for pip.
const JUDGES: &[&str] = &["PyYAML==6.0.3", "iniconfig==2.3.0", "pip==25.3"];

fn environment() -> &'static Path {
    static ENVIRONMENT: OnceLock<PathBuf> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        once("test-judges", &JUDGES.join(" "), |folder| {
            let made = Command::new(python()).args(["-m", "venv"]).arg(folder).status().unwrap();
            assert!(made.success(), "python -m venv failed");
            let pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check"];
            let made = Command::new(folder.join("bin/python")).args(pip).args(JUDGES).status().unwrap();
            assert!(made.success(), "pip install failed");
        })
    })
}

/// What Python says against the edits, and how many it could not judge since it does not read the file as it was.
pub fn verdicts(cases: &[Case]) -> (Vec<String>, usize) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edit/judge.py");
    let mut python = Command::new(environment().join("bin/python"))
        .arg("-I")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            for Case(case) in cases {
                writeln!(stdin, "{case}").unwrap();
            }
        });
        python.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "the judge crashed");
    let answers: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len());
    let mut against = Vec::new();
    let mut silent = 0;
    for (Case(case), answer) in cases.iter().zip(answers) {
        match answer {
            Value::String(answer) => against.push(format!("{answer}\n{case:#}")),
            Value::Bool(false) => silent += 1,
            _ => {}
        }
    }
    (against, silent)
}
