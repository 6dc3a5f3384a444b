//! The programs of an environment, and the environments that they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::domain::editable::started;
use crate::domain::facts::{EntryKind, Named, Script, Standing, Starts};
use crate::domain::hook_file::unquote;
use crate::system::environment::venv;
use crate::system::regular;

/// First lines with a path in them are not longer: a path has 4096 bytes at most.
const FIRST_LINES: u64 = 4608;

/// The scripts of the environment at `folder`, and what other environments they name.
pub fn scan(folder: &Path) -> (BTreeMap<String, Script>, Vec<Named>) {
    let bin = venv::bin(folder);
    let mut scripts = BTreeMap::new();
    let mut naming: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for (name, kind) in regular::names(&bin).unwrap_or_default() {
        if !matches!(kind, EntryKind::File | EntryKind::Link) {
            continue;
        }
        let path = bin.join(&name);
        let is_link = kind == EntryKind::Link;
        let starts = if is_link { Starts::Nothing } else { starts(&path) };
        if let Starts::Python(python) = &starts
            && let Some(environment) = python.parent().and_then(Path::parent)
        {
            naming.entry(environment.to_owned()).or_default().push(name.clone());
        }
        scripts.insert(name, Script { starts, executable: venv::is_executable(&path), is_link });
    }
    if let Some(environment) = stated(&bin.join("activate")) {
        naming.entry(environment).or_default().push("activate".to_owned());
    }
    let here = folder.canonicalize().ok();
    let mut named: Vec<Named> = naming
        .into_iter()
        .filter(|(other, _)| other != folder && other.canonicalize().ok() != here)
        .map(|(folder, mut by)| {
            by.sort();
            Named { standing: standing(&folder), folder, by }
        })
        .collect();
    // What most files name is what the others follow from.
    named.sort_by_key(|named| std::cmp::Reverse(named.by.len()));
    (scripts, named)
}

fn starts(path: &Path) -> Starts {
    let Ok(Some(bytes)) = regular::start(path, FIRST_LINES) else { return Starts::Nothing };
    if bytes.starts_with(b"\x7fELF") || bytes.starts_with(b"\xcf\xfa\xed\xfe") || bytes.starts_with(b"\xca\xfe\xba\xbe")
    {
        return Starts::Binary;
    }
    match started(&String::from_utf8_lossy(&bytes)) {
        None => Starts::Nothing,
        Some(program) => {
            let program = Path::new(program);
            let name = program.file_name().unwrap_or_default().to_string_lossy();
            let is_python = ["python", "pypy", "graalpy"].iter().any(|start| name.starts_with(start));
            if is_python && program.is_absolute() { Starts::Python(program.to_owned()) } else { Starts::Other }
        }
    }
}

const VARIABLE: &str = "VIRTUAL_ENV=";

/// The folder that `activate` sets `VIRTUAL_ENV` to, where that is written down and not worked out.
fn stated(activate: &Path) -> Option<PathBuf> {
    let bytes = regular::bytes(activate).ok()??;
    let text = String::from_utf8_lossy(&bytes);
    let is_assignment = |at: usize| matches!(text[..at].rsplit('\n').next().map(str::trim), Some("" | "export"));
    let assignments = text.match_indices(VARIABLE).filter(|(at, _)| is_assignment(*at));
    // The value may go over several lines.
    let values = assignments.map(|(at, name)| &text[at + name.len()..]);
    let mut words = values.map(|value| (value, unquote(value))).filter(|(value, (_, rest))| {
        let written = &value[..value.len() - rest.len()];
        !written.contains(['$', '`'])
    });
    let folder = PathBuf::from(words.next()?.1.0);
    folder.is_absolute().then_some(folder)
}

fn standing(folder: &Path) -> Standing {
    if folder.join("pyvenv.cfg").is_file() || folder.join("conda-meta").is_dir() {
        Standing::Environment
    } else if folder.exists() {
        Standing::Other
    } else {
        Standing::Gone
    }
}
