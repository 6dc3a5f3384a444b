//! uv writes the requirements that it locked into the lock file, at the package that is the project.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::VersionSpecifiers;
use pep508_rs::{Requirement, VersionOrUrl};
use toml::{Table, Value};

use super::Fit;
use crate::domain::declared::at;
use crate::domain::groups::{Manifest, normalise};

/// Keys of a locked requirement that comes from elsewhere than an index: its manifest entry is overruled by
/// `[tool.uv.sources]`.
const SOURCES: &[&str] = &["git", "url", "path", "editable", "directory", "virtual", "index"];

/// Requirements by the list that they stand in and their name: the bounds that are asked for, in any order. `None` where a
/// source overrules them.
type Lists = BTreeMap<(String, String), Option<BTreeSet<String>>>;

/// Markers are not compared: uv simplifies them.
pub(super) fn fit(text: &str, pyproject: &Table) -> Option<Fit> {
    let lock: Table = text.parse().ok()?;
    let name = normalise(at(pyproject, &["project", "name"])?.as_str()?);
    let is_local = |package: &Value| {
        let source = package.get("source").and_then(Value::as_table);
        source.is_some_and(|source| ["virtual", "editable", "directory"].iter().any(|kind| source.contains_key(*kind)))
    };
    let of_name = |package: &&Value| package.get("name").and_then(Value::as_str) == Some(&name) && is_local(package);
    let packages = lock.get("package")?.as_array()?;
    let own = packages.iter().find(of_name)?;
    let dynamic = at(pyproject, &["project", "dynamic"]).and_then(Value::as_array);
    let dynamic: Vec<&str> = dynamic.into_iter().flatten().filter_map(Value::as_str).collect();
    let (wanted, locked) = (wanted(pyproject, &dynamic)?, locked(own, &dynamic)?);
    if let Some(difference) = difference(&wanted, &locked) {
        return Some(Fit::Stale(difference));
    }
    Some(python(&lock, pyproject).map_or(Fit::Fits, Fit::Stale))
}

/// The oldest Python, where both say nothing but that.
fn python(lock: &Table, pyproject: &Table) -> Option<String> {
    let (locked, wanted) =
        (lock.get("requires-python")?.as_str()?, at(pyproject, &["project", "requires-python"])?.as_str()?);
    if at(lock, &["manifest", "members"]).is_some() {
        return None;
    }
    let parse = |text: &str| text.strip_prefix(">=").and_then(|text| text.trim().parse::<pep440_rs::Version>().ok());
    (parse(locked)? != parse(wanted)?).then(|| format!("it was made for Python {locked}, the project wants {wanted}"))
}

fn difference(wanted: &Lists, locked: &Lists) -> Option<String> {
    let shown = |(list, name): &(String, String), bounds: &Option<BTreeSet<String>>| {
        let bounds: Vec<&str> = bounds.iter().flatten().map(String::as_str).filter(|bound| !bound.is_empty()).collect();
        let place = if list.is_empty() { String::new() } else { format!(" of {list}") };
        format!("{name}{}{place}", bounds.join(" and "))
    };
    for (key, bounds) in wanted {
        match locked.get(key) {
            None => return Some(format!("it does not know {}", shown(key, bounds))),
            Some(Some(held)) if bounds.as_ref().is_some_and(|bounds| bounds != held) => {
                let (asks, held) = (shown(key, bounds), shown(key, &Some(held.clone())));
                return Some(format!("it was made for {held}, the project asks for {asks}"));
            }
            Some(_) => {}
        }
    }
    let spare = locked.iter().find(|(key, _)| !wanted.contains_key(*key));
    spare.map(|(key, bounds)| format!("it was made with {}, which the project does not ask for", shown(key, bounds)))
}

/// What the manifest asks for.
fn wanted(pyproject: &Table, dynamic: &[&str]) -> Option<Lists> {
    let manifest = Manifest::parse(&pyproject.to_string()).ok()?;
    let mut lists = Lists::new();
    if !dynamic.contains(&"dependencies") {
        for text in manifest.dependencies().ok()? {
            add(&mut lists, "", &text)?;
        }
    }
    let extras = at(pyproject, &["project", "optional-dependencies"]).and_then(Value::as_table);
    for extra in extras.into_iter().flat_map(Table::keys).filter(|_| !dynamic.contains(&"optional-dependencies")) {
        for text in manifest.extra(extra).ok()? {
            add(&mut lists, "extras", &text)?;
        }
    }
    for group in manifest.group_names() {
        for text in manifest.group(&group).ok()? {
            add(&mut lists, &group_list(&group), &text)?;
        }
    }
    let older = at(pyproject, &["tool", "uv", "dev-dependencies"]).and_then(Value::as_array);
    for text in older.into_iter().flatten().filter_map(Value::as_str) {
        add(&mut lists, &group_list("dev"), text)?;
    }
    Some(lists)
}

fn group_list(group: &str) -> String {
    format!("the group {}", normalise(group))
}

fn add(lists: &mut Lists, list: &str, text: &str) -> Option<()> {
    let requirement: Requirement = text.parse().ok()?;
    let key = (list.to_owned(), normalise(requirement.name.as_ref()));
    match requirement.version_or_url {
        Some(VersionOrUrl::Url(_)) => {
            lists.insert(key, None);
        }
        Some(VersionOrUrl::VersionSpecifier(specifiers)) => bound(lists, key, &specifiers),
        None => bound(lists, key, &VersionSpecifiers::empty()),
    }
    Some(())
}

fn bound(lists: &mut Lists, key: (String, String), specifiers: &VersionSpecifiers) {
    let mut parts: Vec<String> = specifiers.iter().map(|it| it.to_string().replace(' ', "")).collect();
    parts.sort();
    if let Some(bounds) = lists.entry(key).or_insert_with(|| Some(BTreeSet::new())) {
        bounds.insert(parts.join(","));
    }
}

/// What the lock file was made for.
fn locked(own: &Value, dynamic: &[&str]) -> Option<Lists> {
    let mut lists = Lists::new();
    let metadata = own.get("metadata");
    // A package that requires nothing has none; neither had one that an early uv locked.
    if metadata.is_none() && (own.get("dependencies").is_some() || own.get("dev-dependencies").is_some()) {
        return None;
    }
    let items = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    for item in items(metadata.and_then(|it| it.get("requires-dist"))) {
        let is_extra = item.get("marker").and_then(Value::as_str).is_some_and(|marker| marker.contains("extra =="));
        let (list, key) = if is_extra { ("extras", "optional-dependencies") } else { ("", "dependencies") };
        if !dynamic.contains(&key) {
            take(&mut lists, list, &item)?;
        }
    }
    let groups = metadata.and_then(|it| it.get("requires-dev")).and_then(Value::as_table);
    for (group, list) in groups.into_iter().flatten() {
        for item in items(Some(list)) {
            take(&mut lists, &group_list(group), &item)?;
        }
    }
    Some(lists)
}

fn take(lists: &mut Lists, list: &str, item: &Value) -> Option<()> {
    let key = (list.to_owned(), item.get("name")?.as_str()?.to_owned());
    if SOURCES.iter().any(|source| item.get(source).is_some()) {
        lists.insert(key, None);
        return Some(());
    }
    let specifiers = item.get("specifier").and_then(Value::as_str).unwrap_or_default().parse().ok()?;
    bound(lists, key, &specifiers);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[project]\nname = 'P'\nversion = '1'\nrequires-python = '>=3.11'\n\
        dependencies = ['Iniconfig != 2.0.1, >=2', \"Foo_Bar[x]; sys_platform=='win32'\"]\n\
        optional-dependencies = { more = ['pluggy~=1.0'] }\n\
        [dependency-groups]\nlint = ['packaging']\ndev = [{ include-group = 'lint' }, 'pathspec==1.*', 'p[more]']\nempty = []\n";

    /// As uv 0.13 writes it.
    const LOCK: &str = r#"version = 1
requires-python = ">=3.11"
[[package]]
name = "iniconfig"
version = "2.1"
source = { registry = "x" }
[[package]]
name = "p"
version = "1"
source = { virtual = "." }
[package.metadata]
requires-dist = [
    { name = "foo-bar", extras = ["x"], marker = "sys_platform == 'win32'", editable = "../foo" },
    { name = "iniconfig", specifier = ">=2,!=2.0.1" },
    { name = "pluggy", marker = "extra == 'more'", specifier = "~=1.0" },
]
provides-extras = ["more"]
[package.metadata.requires-dev]
dev = [
    { name = "p", extras = ["more"] },
    { name = "packaging" },
    { name = "pathspec", specifier = "==1.*" },
]
empty = []
lint = [{ name = "packaging" }]
"#;

    fn of(manifest: &str) -> Option<Fit> {
        fit(LOCK, &manifest.parse().unwrap())
    }

    #[test]
    fn what_was_locked_is_compared_with_what_is_asked_for() {
        assert_eq!(of(MANIFEST), Some(Fit::Fits));
        let stale = |from: &str, to: &str| match of(&MANIFEST.replace(from, to)) {
            Some(Fit::Stale(why)) => why,
            other => panic!("{from} -> {to}: {other:?}"),
        };
        assert_eq!(stale("dependencies = ['I", "dependencies = ['new>1', 'I"), "it does not know new>1");
        assert_eq!(
            stale("'packaging'", ""),
            "it was made with packaging of the group dev, which the project does not ask for"
        );
        assert_eq!(
            stale("~=1.0", "~=1.1"),
            "it was made for pluggy~=1.0 of extras, the project asks for pluggy~=1.1 of extras"
        );
        assert!(stale(">=3.11", ">=3.12").contains("Python >=3.11"));
        // What the manifest does not say itself, or what cannot be understood, says nothing.
        assert_eq!(
            of(&MANIFEST
                .replace("version = '1'", "version = '1'\ndynamic = ['optional-dependencies']")
                .replace("optional-dependencies = {", "x = {")),
            Some(Fit::Fits)
        );
        assert_eq!(of(&MANIFEST.replace("'pathspec==1.*'", "'not a requirement!'")), None);
        assert_eq!(of("[tool.uv.workspace]\nmembers = []\n"), None);
        assert_eq!(fit("version = 1\n<<<<<<< ours\n", &MANIFEST.parse().unwrap()), None);
    }
}
