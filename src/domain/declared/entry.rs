//! An entry of a table of requirements by names, as requirements (PEP 508).
//!
//! Sources: Poetry's "Dependency specification"; Pipenv's "Pipfile & Pipfile.lock" and "Specifiers".

use toml::{Table, Value};

use super::lists::Table as Dialect;
use super::versions;
use crate::domain::names::normalize;

/// Stands for the folder of the project in a URL, as PDM writes it.
pub const PROJECT_ROOT: &str = "${PROJECT_ROOT}";

/// The version constraint of an entry, as it is written.
pub fn constraint(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.get("version").and_then(Value::as_str).unwrap_or_default().to_owned(),
    }
}

/// The requirements that an entry stands for: several where it has alternatives, none where it is optional or the project
/// itself. What specifiers cannot say (`1 || 2`) is any version.
pub fn requirements(name: &str, value: &Value, dialect: Dialect) -> Vec<String> {
    let name = normalize(name);
    match value {
        Value::String(text) => vec![format!("{name}{}", specifiers(text, dialect))],
        Value::Table(table) => one(&name, table, dialect).into_iter().collect(),
        Value::Array(all) => all.iter().filter_map(|it| one(&name, it.as_table()?, dialect)).collect(),
        _ => vec![name],
    }
}

fn specifiers(text: &str, dialect: Dialect) -> String {
    let found = match dialect {
        Dialect::Poetry => versions::poetry(text),
        Dialect::Pipenv => text.parse().ok(),
    };
    found.map(|specifiers| specifiers.to_string()).unwrap_or_default()
}

fn one(name: &str, table: &Table, dialect: Dialect) -> Option<String> {
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    if table.get("optional").and_then(Value::as_bool) == Some(true) || matches!(text("path"), Some("." | "./")) {
        return None;
    }
    let extras = table.get("extras").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let extras = extras.collect::<Vec<_>>().join(",");
    let extras = if extras.is_empty() { extras } else { format!("[{extras}]") };
    let version = || specifiers(text("version").unwrap_or_default(), dialect);
    let from = url(table).map_or_else(version, |url| format!(" @ {url}"));
    let markers = markers(table, dialect).join(" and ");
    let markers = if markers.is_empty() { markers } else { format!(" ; {markers}") };
    Some(format!("{name}{extras}{from}{markers}"))
}

/// Where an entry is fetched from, if not from an index.
fn url(table: &Table) -> Option<String> {
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    let below = || text("subdirectory").map(|folder| format!("#subdirectory={folder}")).unwrap_or_default();
    if let Some(repository) = text("git") {
        let revision = ["rev", "ref", "tag", "branch"].iter().find_map(|key| text(key));
        let revision = revision.map(|revision| format!("@{revision}")).unwrap_or_default();
        let repository = repository.strip_prefix("git+").unwrap_or(repository);
        // The short form of ssh is no URL.
        let repository = match repository.split_once(':') {
            Some((host, path)) if !path.starts_with("//") => format!("ssh://{host}/{path}"),
            _ => repository.to_owned(),
        };
        return Some(format!("git+{repository}{revision}{}", below()));
    }
    if let Some(url) = text("url").or_else(|| text("file")).filter(|url| url.contains("://")) {
        return Some(format!("{url}{}", below()));
    }
    let path = text("path").or_else(|| text("file"))?.replace('\\', "/").replace(' ', "%20");
    Some(if path.starts_with('/') { format!("file://{path}") } else { format!("file://{PROJECT_ROOT}/{path}") })
}

fn markers(table: &Table, dialect: Dialect) -> Vec<String> {
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    let mut all: Vec<String> = text("markers").map(|markers| format!("({markers})")).into_iter().collect();
    match dialect {
        Dialect::Poetry => {
            all.extend(text("platform").map(|platform| format!("sys_platform == '{platform}'")));
            let specifiers = text("python").and_then(versions::poetry);
            all.extend(specifiers.iter().flat_map(|all| all.iter()).map(|specifier| {
                let written = specifier.to_string();
                let digits = written.find(|sign: char| sign.is_ascii_digit()).unwrap_or(0);
                format!("python_full_version {} '{}'", &written[..digits].trim(), &written[digits..])
            }));
        }
        // Any marker of PEP 508 is a key: `sys_platform = "== 'win32'"`.
        Dialect::Pipenv => {
            let keys = table.iter().filter(|(key, _)| key.starts_with("python_") || NAMES.contains(&key.as_str()));
            all.extend(keys.filter_map(|(key, value)| Some(format!("{key} {}", value.as_str()?))));
        }
    }
    all
}

/// Markers of PEP 508 beside those of Python's version.
const NAMES: &[&str] = &[
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "implementation_name",
    "implementation_version",
];

#[cfg(test)]
mod tests {
    use pep508_rs::{Requirement, VerbatimUrl};

    use super::*;

    #[test]
    fn entries_are_requirements() {
        use Dialect::{Pipenv, Poetry};
        for (entry, dialect, expected) in [
            ("'^1.2'", Poetry, &["n-n>=1.2, <2"][..]),
            ("'*'", Poetry, &["n-n"]),
            ("'1 || 2'", Poetry, &["n-n"]),
            (
                "{version='~1', extras=['x','y'], markers=\"os_name == 'nt' or os_name == 'x'\", python='>=3.8,<3.9', platform='win32'}",
                Poetry,
                &[
                    "n-n[x,y]>=1, <2 ; (os_name == 'nt' or os_name == 'x') and sys_platform == 'win32' and python_full_version >= '3.8' and python_full_version < '3.9'",
                ],
            ),
            (
                "[{version='1', python='3.8.*'}, {version='2', python='^3.9'}]",
                Poetry,
                &[
                    "n-n==1 ; python_full_version == '3.8.*'",
                    "n-n==2 ; python_full_version >= '3.9' and python_full_version < '4'",
                ],
            ),
            ("{version='1', optional=true}", Poetry, &[]),
            (
                "{git='https://x/y.git', tag='v1', subdirectory='z'}",
                Poetry,
                &["n-n @ git+https://x/y.git@v1#subdirectory=z"],
            ),
            ("{git='git@x.org:a/b.git'}", Poetry, &["n-n @ git+ssh://git@x.org/a/b.git"]),
            ("{url='https://x/y.whl'}", Poetry, &["n-n @ https://x/y.whl"]),
            ("{path='../a b', develop=true}", Poetry, &["n-n @ file://${PROJECT_ROOT}/../a%20b"]),
            (
                "{version='>=1', extras=['x'], sys_platform=\"== 'linux'\"}",
                Pipenv,
                &["n-n[x]>=1 ; sys_platform == 'linux'"],
            ),
            ("{git='https://x/y.git', ref='main', editable=true}", Pipenv, &["n-n @ git+https://x/y.git@main"]),
            ("{path='.', editable=true}", Pipenv, &[]),
            ("'*'", Pipenv, &["n-n"]),
        ] {
            let table: Table = format!("n_N = {entry}").parse().unwrap();
            let found = requirements("n_N", &table["n_N"], dialect);
            assert_eq!(found, expected, "{entry}");
            for text in found {
                let text = text.replace(PROJECT_ROOT, "/p");
                text.parse::<Requirement<VerbatimUrl>>().unwrap_or_else(|error| panic!("{text}: {error}"));
            }
        }
    }
}
