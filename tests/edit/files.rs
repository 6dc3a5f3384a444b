//! Files of projects: where they lie, which editor they belong to, and the forms in which each is tried.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pyenvkit::domain::tree::{Entry, File, Place, Source};

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
    /// The editor of a file, told by its name.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let is_ini = ["flake8", "coveragerc", "pytest.ini", "tox.ini", "mypy.ini"].iter().any(|it| name.ends_with(it));
        let extension = path.extension().and_then(|extension| extension.to_str());
        Some(match extension {
            _ if is_ini => Self::Ini,
            _ if name == "Pipfile" => Self::Toml,
            _ if name.ends_with("gitignore") => Self::Lines,
            Some("toml") => Self::Toml,
            Some("yaml" | "yml") => Self::Yaml,
            Some("cfg" | "ini") => Self::Ini,
            Some("json" | "jsonc") => Self::Json,
            Some("txt" | "in") => Self::Requirements,
            _ => return None,
        })
    }
}

/// A file of a corpus.
pub struct Sample {
    pub name: String,
    pub kind: Kind,
    pub text: String,
}

/// Every file below a folder that an editor knows, by path. One that is not UTF-8 is none of them.
pub fn below(folder: &Path) -> Vec<Sample> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = std::fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display()));
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let (Some(kind), Ok(text)) = (Kind::of(&path), std::fs::read_to_string(&path)) {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.push(Sample { name, kind, text });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(!found.is_empty(), "{} has no files", folder.display());
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
