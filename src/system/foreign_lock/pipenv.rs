//! Pipenv locks everything anew. So it does that a second time with what was locked before written into the copy's
//! `Pipfile` as exact versions, as far as it is still needed, and what still comes out in another version is refused.

use std::collections::BTreeMap;
use std::path::Path;

use fs_err as fs;
use serde::Serialize as _;
use serde_json::Value;

use super::Why;
use super::copy::Copy;
use super::managed::Job;
use crate::domain::names::normalize;

const PIPFILE: &str = "Pipfile";
const LOCK: &str = "Pipfile.lock";

/// The sections of a `Pipfile` and what they are called in its lock file.
const SECTIONS: &[(&str, &str)] = &[("packages", "default"), ("dev-packages", "develop")];

pub(super) fn lock(job: &Job<'_>, copy: &Copy, program: &Path) -> Result<Vec<u8>, Why> {
    let (pipfile, file) = (copy.folder().join(PIPFILE), copy.folder().join(LOCK));
    let invocation = job.invocation(copy, program).arg("lock");
    job.follow(&invocation)?;
    let anew = fs::read_to_string(&file)?;
    if upgraded(job.old, &anew)?.is_empty() {
        return Ok(anew.into_bytes());
    }
    let manifest: toml::Table = fs::read_to_string(&pipfile)?.parse().map_err(anyhow::Error::new)?;
    let (old, new) = (document(job.old)?, document(&anew)?);
    fs::write(&pipfile, pinned(&manifest, &old, &new).to_string())?;
    job.follow(&invocation)?;
    let mut kept = document(&fs::read_to_string(&file)?)?;
    disown(&mut kept, &manifest);
    // The hash is that of the manifest as it is.
    if let (Some(hash), Some(place)) = (new.pointer("/_meta/hash"), kept.pointer_mut("/_meta/hash")) {
        place.clone_from(hash);
    }
    let text = written(&kept)?;
    match upgraded(job.old, &text)?.first() {
        None => Ok(text.into_bytes()),
        Some(name) => Err(Why::Other(format!("pipenv would change the version of {name} too"))),
    }
}

fn document(text: &str) -> Result<Value, Why> {
    serde_json::from_str(text).map_err(|error| Why::Other(format!("{LOCK}: {error}")))
}

/// As Pipenv writes it.
fn written(document: &Value) -> Result<String, Why> {
    let mut bytes = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, format);
    document.serialize(&mut writer).map_err(anyhow::Error::new)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned() + "\n")
}

/// Versions with their operator (`==1.2`) by section and normalised name.
fn versions(document: &Value) -> BTreeMap<(&'static str, String), String> {
    let mut all = BTreeMap::new();
    for (_, section) in SECTIONS {
        for (name, package) in document.get(section).and_then(Value::as_object).into_iter().flatten() {
            if let Some(version) = package.get("version").and_then(Value::as_str) {
                all.insert((*section, normalize(name)), version.to_owned());
            }
        }
    }
    all
}

/// The packages whose version differs between two lock files.
fn upgraded(old: &str, new: &str) -> Result<Vec<String>, Why> {
    let (old, new) = (document(old)?, document(new)?);
    let new = versions(&new);
    let differs = |(key, version): &(&(&str, String), &String)| new.get(*key).is_some_and(|now| now != *version);
    Ok(versions(&old).iter().filter(differs).map(|((_, name), _)| name.clone()).collect())
}

/// The manifest with the locked versions in it, of all that is still needed.
fn pinned(manifest: &toml::Table, old: &Value, new: &Value) -> toml::Table {
    let mut manifest = manifest.clone();
    let needed = versions(new);
    let locked = versions(old);
    for (section, in_lock) in SECTIONS {
        let entry = manifest.entry(*section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        let Some(table) = entry.as_table_mut() else { continue };
        for ((_, name), version) in locked.iter().filter(|(key, _)| key.0 == *in_lock && needed.contains_key(*key)) {
            match table.iter_mut().find(|(known, _)| normalize(known) == *name) {
                Some((_, toml::Value::Table(options))) => {
                    options.insert("version".to_owned(), version.clone().into());
                }
                Some((_, value)) => *value = version.clone().into(),
                None => {
                    table.insert(name.clone(), version.clone().into());
                }
            }
        }
    }
    manifest
}

/// Take the index, which stands with required packages alone, from those that `manifest` does not require.
fn disown(lock: &mut Value, manifest: &toml::Table) {
    for (section, in_lock) in SECTIONS {
        let required = manifest.get(*section).and_then(toml::Value::as_table);
        let is_required = |name: &str| required.is_some_and(|table| table.keys().any(|key| normalize(key) == name));
        for (name, package) in lock.get_mut(in_lock).and_then(Value::as_object_mut).into_iter().flatten() {
            if !is_required(&normalize(name))
                && let Some(package) = package.as_object_mut()
            {
                package.shift_remove("index");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str =
        r#"{"default":{"a":{"version":"==1"},"b":{"version":"==2"}},"develop":{"B_b":{"version":"==3"}}}"#;

    #[test]
    fn locked_versions_become_requirements() {
        let manifest: toml::Table =
            "[packages]\nA = {version='*', extras=['x']}\n[dev-packages]\nc='*'\n".parse().unwrap();
        let old = document(OLD).unwrap_or_default();
        let pins = pinned(&manifest, &old, &old);
        assert_eq!(pins["packages"]["A"]["version"].as_str(), Some("==1"));
        assert_eq!(pins["packages"]["b"].as_str(), Some("==2"));
        assert_eq!(pins["dev-packages"]["b-b"].as_str(), Some("==3"));
        assert_eq!(pins["dev-packages"]["c"].as_str(), Some("*"));
        let new = document(r#"{"default":{"a":{"version":"==9"}}}"#).unwrap_or_default();
        assert!(pinned(&manifest, &old, &new)["packages"].get("b").is_none(), "what nobody needs does not come back");
    }

    #[test]
    fn another_version_is_seen_and_a_new_package_is_none() {
        let new = OLD.replace("==2", "==2.1").replace("\"a\":{\"version\":\"==1\"}", "\"n\":{\"version\":\"==9\"}");
        assert!(matches!(upgraded(OLD, &new), Ok(names) if names == ["b"]));
    }
}
