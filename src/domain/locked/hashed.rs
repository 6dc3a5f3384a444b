//! Poetry, PDM and Pipenv write a hash of what they locked into the lock file: of a document of JSON, made in the way of
//! Python's `json.dumps`.
//!
//! Sources: `Locker._get_content_hash` of Poetry 1.8 to 2.5, `PyProject.content_hash` of PDM 2, `Pipfile.get_hash` of plette.

use sha2::{Digest as _, Sha256};
use toml::{Table, Value};

use super::Fit;
use crate::domain::declared::at;
use crate::domain::groups::normalise;
use crate::domain::hex::hex;
use crate::domain::python::Minor;

/// The first Poetry whose hash knows `[dependency-groups]`, and the first that reads `[project]`.
const GROUPS: Minor = Minor::new(2, 3);
const PROJECT: Minor = Minor::new(2, 0);

pub(super) fn poetry(text: &str, pyproject: &Table) -> Option<Fit> {
    let lock: Table = text.parse().ok()?;
    let held = at(&lock, &["metadata", "content-hash"])?.as_str()?;
    let first = text.lines().next().unwrap_or_default();
    let version = first.split_once("Poetry ").and_then(|(_, rest)| Minor::of_version(rest.split(' ').next()?));
    let known: &[Reads] = match version {
        None => &[Reads::Groups, Reads::Project, Reads::OwnTable],
        Some(version) if version.major > 2 => return None,
        Some(version) if version >= GROUPS => &[Reads::Groups],
        Some(version) if version >= PROJECT => &[Reads::Project],
        Some(_) => &[Reads::OwnTable],
    };
    let contents: Vec<Json<'_>> = known.iter().map(|reads| poetry_content(pyproject, *reads)).collect();
    verdict("pyproject.toml", held, &contents, (", ", ": "))
}

/// What a Poetry reads, each the former too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reads {
    /// `[tool.poetry]`.
    OwnTable,
    /// `[project]`.
    Project,
    /// `[dependency-groups]`.
    Groups,
}

/// What Poetry takes for relevant; where nothing of it stands in `[project]` or groups, its own table alone.
fn poetry_content(pyproject: &Table, reads: Reads) -> Json<'_> {
    let mut project = Vec::new();
    for key in ["requires-python", "dependencies", "optional-dependencies"] {
        if let Some(value) = at(pyproject, &["project", key]).filter(|_| reads >= Reads::Project) {
            project.push((key.to_owned(), Json::Toml(value)));
        }
    }
    let groups = pyproject.get("dependency-groups").filter(|_| reads == Reads::Groups);
    let groups = groups.filter(|groups| groups.as_table().is_some_and(|groups| !groups.is_empty()));
    let is_own = project.is_empty() && groups.is_none();
    let mut own = Vec::new();
    for key in ["dependencies", "source", "extras", "dev-dependencies", "group"] {
        match at(pyproject, &["tool", "poetry", key]) {
            Some(value) => own.push((key.to_owned(), Json::Toml(value))),
            None if is_own && key != "group" => own.push((key.to_owned(), Json::Null)),
            None => {}
        }
    }
    if is_own {
        return Json::Object(own);
    }
    let mut all = vec![("tool".to_owned(), Json::Object(vec![("poetry".to_owned(), Json::Object(own))]))];
    if !project.is_empty() {
        all.push(("project".to_owned(), Json::Object(project)));
    }
    all.extend(groups.map(|groups| ("dependency-groups".to_owned(), Json::Toml(groups))));
    Json::Object(all)
}

pub(super) fn pdm(text: &str, pyproject: &Table) -> Option<Fit> {
    let lock: Table = text.parse().ok()?;
    let held = at(&lock, &["metadata", "content_hash"])?.as_str()?.strip_prefix("sha256:")?;
    // Before that other things were hashed. A manifest of another manager is translated first.
    let format = at(&lock, &["metadata", "lock_version"])?.as_str()?;
    if !format.starts_with("4.5") || !pyproject.contains_key("project") {
        return None;
    }
    let or = |path: &[&str], otherwise: Json<'static>| at(pyproject, path).map_or(otherwise, Json::Toml);
    let mut groups: Vec<(String, Vec<Json<'_>>)> = Vec::new();
    for path in [&["dependency-groups"][..], &["tool", "pdm", "dev-dependencies"]] {
        for (name, list) in at(pyproject, path).and_then(Value::as_table).into_iter().flatten() {
            let items = list.as_array()?.iter().map(Json::Toml);
            let name = normalise(name);
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => known.extend(items),
                None => groups.push((name, items.collect())),
            }
        }
    }
    let groups = groups.into_iter().map(|(name, items)| (name, Json::Array(items))).collect();
    let content = Json::Object(vec![
        ("sources".to_owned(), or(&["tool", "pdm", "source"], Json::Array(Vec::new()))),
        ("dependencies".to_owned(), or(&["project", "dependencies"], Json::Array(Vec::new()))),
        ("dev-dependencies".to_owned(), Json::Object(groups)),
        ("optional-dependencies".to_owned(), or(&["project", "optional-dependencies"], Json::Object(Vec::new()))),
        ("requires-python".to_owned(), or(&["project", "requires-python"], Json::Text(""))),
        ("resolution".to_owned(), or(&["tool", "pdm", "resolution"], Json::Object(Vec::new()))),
    ]);
    verdict("pyproject.toml", held, &[content], (", ", ": "))
}

/// Sections of a `Pipfile` that are no list of packages of their own, or are hashed under another name.
const SECTIONS: &[&str] =
    &["source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv", "default", "develop"];

pub(super) fn pipenv(text: &str, pipfile: &Table) -> Option<Fit> {
    let lock: serde_json::Value = serde_json::from_str(text).ok()?;
    let held = lock.pointer("/_meta/hash/sha256")?.as_str()?;
    let or_empty = |key: &str| pipfile.get(key).map_or(Json::Object(Vec::new()), Json::Toml);
    // Without a source Pipenv puts in its own, or one that the user configured.
    let meta =
        vec![("sources".to_owned(), Json::Toml(pipfile.get("source")?)), ("requires".to_owned(), or_empty("requires"))];
    let mut all = vec![
        ("_meta".to_owned(), Json::Object(meta)),
        ("default".to_owned(), or_empty("packages")),
        ("develop".to_owned(), or_empty("dev-packages")),
    ];
    let others = pipfile.iter().filter(|(key, _)| !SECTIONS.contains(&key.as_str()));
    all.extend(others.map(|(key, value)| (key.clone(), Json::Toml(value))));
    verdict("Pipfile", held, &[Json::Object(all)], (",", ":"))
}

/// Whether one of the documents has the hash that the lock file holds.
fn verdict(manifest: &str, held: &str, contents: &[Json<'_>], separators: (&str, &str)) -> Option<Fit> {
    for content in contents {
        let mut text = String::new();
        content.dump(&mut text, separators)?;
        if hex(&Sha256::digest(text.as_bytes())) == held {
            return Some(Fit::Fits);
        }
    }
    Some(Fit::Stale(format!("the hash that it has of {manifest} is not that of the file as it is")))
}

/// A document for `json.dumps(.., sort_keys=True)`.
enum Json<'v> {
    Null,
    Text(&'v str),
    Toml(&'v Value),
    Array(Vec<Json<'v>>),
    Object(Vec<(String, Json<'v>)>),
}

impl Json<'_> {
    /// `None` where Python writes it in a way of its own: floating point, dates.
    fn dump(&self, out: &mut String, separators: (&str, &str)) -> Option<()> {
        match self {
            Self::Null => out.push_str("null"),
            Self::Text(text) => string(text, out),
            Self::Toml(Value::String(text)) => string(text, out),
            Self::Toml(Value::Integer(number)) => out.push_str(&number.to_string()),
            Self::Toml(Value::Boolean(is)) => out.push_str(if *is { "true" } else { "false" }),
            Self::Toml(Value::Float(_) | Value::Datetime(_)) => return None,
            Self::Toml(Value::Array(items)) => {
                return Json::Array(items.iter().map(Json::Toml).collect()).dump(out, separators);
            }
            Self::Toml(Value::Table(table)) => {
                let pairs = table.iter().map(|(key, value)| (key.clone(), Json::Toml(value)));
                return Json::Object(pairs.collect()).dump(out, separators);
            }
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { separators.0 } else { "" });
                    item.dump(out, separators)?;
                }
                out.push(']');
            }
            Self::Object(pairs) => {
                let mut pairs: Vec<_> = pairs.iter().collect();
                pairs.sort_by_key(|(key, _)| key);
                out.push('{');
                for (index, (key, value)) in pairs.into_iter().enumerate() {
                    out.push_str(if index > 0 { separators.0 } else { "" });
                    string(key, out);
                    out.push_str(separators.1);
                    value.dump(out, separators)?;
                }
                out.push('}');
            }
        }
        Some(())
    }
}

/// With `ensure_ascii`, which is Python's default.
fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            other => out.extend(other.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_written_as_python_writes_it() {
        let table: Table = "z = [1, true, {}]\na = 'ü\"\\\\\\u007f🐍'\nb = []\n"
            .replace('\'', "\"")
            .replace("ü\"", "ü\\\"")
            .parse()
            .unwrap();
        let mut text = String::new();
        Json::Toml(&Value::Table(table)).dump(&mut text, (", ", ": ")).unwrap();
        assert_eq!(text, r#"{"a": "\u00fc\"\\\u007f\ud83d\udc0d", "b": [], "z": [1, true, {}]}"#);
        assert_eq!(Json::Toml(&Value::Float(1.0)).dump(&mut String::new(), (",", ":")), None);
    }

    #[test]
    fn what_cannot_be_judged_is_not() {
        let table = |text: &str| text.parse::<Table>().unwrap();
        let manifest = table("[project]\nname = 'p'\n");
        assert_eq!(poetry("# Poetry 3.0\n[metadata]\ncontent-hash = 'x'\n", &manifest), None);
        assert_eq!(poetry("[metadata]\n", &manifest), None);
        assert_eq!(pdm("[metadata]\nlock_version = '9'\ncontent_hash = 'sha256:x'\n", &manifest), None);
        assert_eq!(pipenv(r#"{"_meta": {"hash": {"sha256": "x"}}}"#, &table("[packages]\n")), None);
        assert!(matches!(poetry("[metadata]\ncontent-hash = 'x'\n", &manifest), Some(Fit::Stale(_))));
    }
}
