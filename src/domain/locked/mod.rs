//! Lock files of other managers: the versions that they hold, and whether they still belong to what the project requires.
//!
//! A manager tells a stale lock file by what it wrote down of the manifest: uv the requirements, the others a hash. Where
//! the file is of a kind whose hash is not known, nothing is said.

mod hashed;
mod uv;

use std::collections::BTreeMap;

use super::names::normalize;

/// Whether a lock file belongs to the manifest as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    Fits,
    /// It does not, as this shows.
    Stale(String),
    /// It does not say.
    Unknown,
}

/// What a lock file is made from.
#[derive(Debug, Clone, Copy)]
pub struct Manifests<'m> {
    pub pyproject: &'m toml::Table,
    pub pipfile: Option<&'m toml::Table>,
}

/// Whether the lock file of that name and text belongs to the manifests.
#[must_use]
pub fn fit(file: &str, text: &str, manifests: Manifests<'_>) -> Fit {
    let result = match file {
        "uv.lock" => uv::fit(text, manifests.pyproject),
        "poetry.lock" => hashed::poetry(text, manifests.pyproject),
        "pdm.lock" => hashed::pdm(text, manifests.pyproject),
        "Pipfile.lock" => manifests.pipfile.and_then(|pipfile| hashed::pipenv(text, pipfile)),
        _ => None,
    };
    result.unwrap_or(Fit::Unknown)
}

/// What a person types so that the lock file of that name follows the manifest; its manager keeps what still fits.
#[must_use]
pub fn relock(file: &str) -> Option<&'static str> {
    Some(match file {
        "uv.lock" => "uv lock",
        "poetry.lock" => "poetry lock",
        "pdm.lock" => "pdm lock --update-reuse",
        "Pipfile.lock" => "pipenv lock",
        _ => return None,
    })
}

/// What a person types so that the environment has what the lock file of that name holds.
#[must_use]
pub fn install(file: &str) -> Option<&'static str> {
    Some(match file {
        "uv.lock" => "uv sync",
        "poetry.lock" => "poetry sync",
        "pdm.lock" => "pdm sync",
        "Pipfile.lock" => "pipenv sync --dev",
        _ => return None,
    })
}

/// The versions of each package of a lock file by normalised name, in its order; several where platforms differ. Lock
/// files are written by machines, one key a line.
#[must_use]
pub fn versions(file: &str, text: &str) -> BTreeMap<String, Vec<String>> {
    if file == "Pipfile.lock" {
        return of_pipenv(text).unwrap_or_default();
    }
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if file.rsplit_once('.').is_some_and(|(_, extension)| extension == "txt") {
        for line in text.lines().filter(|line| !line.starts_with(['#', '-', ' ', '\t'])) {
            let end = |c: char| c.is_whitespace() || matches!(c, ';' | '\\' | ',');
            if let Some((name, version)) = line.split_once("==") {
                let name = normalize(name.split('[').next().unwrap_or(name).trim());
                found.entry(name).or_default().push(version.split(end).next().unwrap_or_default().to_owned());
            }
        }
        return found;
    }
    let mut name: Option<&str> = None;
    for line in text.lines() {
        if line.starts_with('[') {
            name = None;
        } else if let Some(value) = quoted(line, "name") {
            name = Some(value);
        } else if let (Some(name), Some(version)) = (name, quoted(line, "version")) {
            found.entry(normalize(name)).or_default().push(version.to_owned());
        }
    }
    found
}

fn quoted<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim().strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])
}

fn of_pipenv(text: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for section in ["default", "develop"] {
        for (name, package) in document.get(section)?.as_object()? {
            if let Some(version) = package.get("version").and_then(serde_json::Value::as_str) {
                found.entry(normalize(name)).or_default().push(version.trim_start_matches('=').to_owned());
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_files_of_several_managers_are_read() {
        let uv = "version = 1\n[[package]]\nname = \"Foo_Bar\"\nversion = \"1.2\"\nsource = { registry = \"x\" }\n[package.metadata]\nrequires-dist = [{ name = \"a\" }]\n[[package]]\nname = \"foo-bar\"\nversion = \"1.3\"\n";
        assert_eq!(versions("uv.lock", uv), BTreeMap::from([("foo-bar".into(), vec!["1.2".into(), "1.3".into()])]));
        let pipenv = r#"{"default":{"a":{"version":"==1"}},"develop":{"b":{"version":"==2"}}}"#;
        assert_eq!(versions("Pipfile.lock", pipenv).len(), 2);
        let compiled =
            "# x==1\nFoo_Bar[x]==1.2 \\\n    --hash=sha256:0\n    # via y==3\nb==2 ; os_name == 'nt'\n-e .\n";
        let expected = [("b".to_owned(), vec!["2".to_owned()]), ("foo-bar".to_owned(), vec!["1.2".to_owned()])];
        assert_eq!(versions("requirements.txt", compiled), BTreeMap::from(expected));
    }
}
