//! Files of projects: where they lie, which editor they belong to, and the forms in which each is tried.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use pyenvkit::domain::tree::{Entry, File, Place, Source};

use crate::pieces;

/// The editors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Toml,
    Ini,
    Yaml,
    Json,
    Requirements,
    Lines,
}

impl Kind {
    /// The editor of a file: told by its name, as its own tool finds it, or in a corpus by the folder that it is in.
    pub fn of(path: &Path) -> Option<Self> {
        Self::of_name(path).or_else(|| Self::of_folder(path))
    }

    fn of_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let is_list = matches!(path.extension().and_then(OsStr::to_str), Some("txt" | "in"));
        Some(match name {
            "pyproject.toml" | "Pipfile" => Self::Toml,
            "setup.cfg" | "tox.ini" | "pytest.ini" | "mypy.ini" | ".flake8" | ".coveragerc" => Self::Ini,
            ".pre-commit-config.yaml" => Self::Yaml,
            ".gitignore" => Self::Lines,
            _ if name.starts_with("requirements") && is_list => Self::Requirements,
            _ => return None,
        })
    }

    fn of_folder(path: &Path) -> Option<Self> {
        let folder = path.parent()?.file_name()?.to_str()?;
        let extension = path.extension().and_then(OsStr::to_str);
        Some(match (folder, extension) {
            ("pyproject", Some("toml")) => Self::Toml,
            ("pre-commit", Some("yaml")) => Self::Yaml,
            ("ini", Some("cfg" | "ini") | None) => Self::Ini,
            ("json" | ".vscode", Some("json")) => Self::Json,
            ("requirements", Some("txt" | "in")) => Self::Requirements,
            ("lines", Some("gitignore")) => Self::Lines,
            _ => return None,
        })
    }
}

/// A file of a corpus.
pub struct Sample {
    /// Its path from the corpus.
    pub name: String,
    pub kind: Kind,
    pub text: String,
}

impl Sample {
    /// Where it stands in a project.
    pub fn place(&self) -> Place {
        let path = Path::new(&self.name);
        let own = path.file_name().and_then(OsStr::to_str).filter(|_| Kind::of_name(path).is_some());
        own.map_or_else(|| pieces::place(self.kind), |name| Place::project(name).unwrap())
    }
}

/// Every file below a folder that an editor knows, by path; links are not followed. One that is not UTF-8 is none of them.
pub fn below(folder: &Path) -> Vec<Sample> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = std::fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display()));
        for entry in entries.map(Result::unwrap) {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                folders.push(path);
            } else if let (true, Some(kind)) = (kind.is_file(), Kind::of(&path))
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.push(Sample { name, kind, text });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!found.is_empty(), "{} has no file that a tool reads", folder.display());
    found
}

/// The folder that `PYENVKIT_CORPUS` names.
pub fn given() -> Option<PathBuf> {
    std::env::var_os("PYENVKIT_CORPUS").map(PathBuf::from)
}

pub fn our_own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// A text as it is, with the other line endings, without its last one, and with a byte order mark.
pub fn forms(text: &str) -> Vec<String> {
    let bare = text.trim_start_matches('\u{feff}');
    let mut forms = vec![
        text.to_owned(),
        text.replace("\r\n", "\n").replace('\n', "\r\n"),
        text.trim_end().to_owned(),
        format!("\u{feff}{bare}"),
    ];
    forms.sort();
    forms.dedup();
    forms
}

/// Files in memory.
#[derive(Default, Clone)]
pub struct Files(pub BTreeMap<Place, Vec<u8>>);

impl Source for Files {
    fn read(&self, place: &Place) -> anyhow::Result<Entry> {
        let file = |bytes: &Vec<u8>| Entry::File(File { bytes: bytes.clone(), executable: false });
        Ok(self.0.get(place).map_or(Entry::Absent, file))
    }
}
