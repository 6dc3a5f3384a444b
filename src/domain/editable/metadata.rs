//! Core metadata 2.4 from a static `[project]` table, in the form in which hatchling writes it.

use std::fmt::Write as _;

use pep508_rs::{Requirement, VersionOrUrl};
use toml::{Table, Value};

use super::{Material, Project, Refusal};
use crate::domain::groups::normalise;

/// The keys of `[project]` (PEP 621, PEP 639) that are understood here.
pub const KEYS: &[&str] = &[
    "name",
    "version",
    "description",
    "readme",
    "requires-python",
    "license",
    "license-files",
    "authors",
    "maintainers",
    "keywords",
    "classifiers",
    "dependencies",
    "optional-dependencies",
    "urls",
    "scripts",
    "gui-scripts",
    "entry-points",
];

/// The content type of a readme by its name, as PEP 621 says.
#[must_use]
pub fn content_type(path: &str) -> Option<&'static str> {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("md") => Some("text/markdown"),
        Some("rst") => Some("text/x-rst"),
        Some("txt") => Some("text/plain"),
        _ => None,
    }
}

/// The lines of a `METADATA` file.
struct Fields(String);

impl Fields {
    fn add(&mut self, field: &str, value: &str) -> Result<(), Refusal> {
        if value.contains(['\n', '\r']) {
            return Refusal::because(format!("the value of {field} has a line break"));
        }
        let _ = writeln!(self.0, "{field}: {value}");
        Ok(())
    }
}

pub fn render(project: &Project, table: &Table, material: &Material) -> Result<String, Refusal> {
    let mut fields = Fields(String::new());
    fields.add("Metadata-Version", "2.4")?;
    fields.add("Name", &project.name)?;
    fields.add("Version", &project.version)?;
    if let Some(summary) = string(table, "description")? {
        fields.add("Summary", summary)?;
    }
    for (label, url) in pairs(table, "urls")? {
        fields.add("Project-URL", &format!("{label}, {url}"))?;
    }
    people(&mut fields, table, "authors", "Author")?;
    people(&mut fields, table, "maintainers", "Maintainer")?;
    if let Some(license) = string(table, "license")? {
        // A list of identifiers that is not in the canonical spelling is the backend's to correct.
        match spdx::Expression::parse(license) {
            Ok(_) => fields.add("License-Expression", license)?,
            Err(_) => return Refusal::because("project.license is not an SPDX expression in canonical form"),
        }
    }
    for (name, _) in &material.licenses {
        fields.add("License-File", name)?;
    }
    let mut keywords = strings(table, "keywords")?;
    keywords.sort_unstable();
    if !keywords.is_empty() {
        fields.add("Keywords", &keywords.join(","))?;
    }
    for classifier in strings(table, "classifiers")? {
        fields.add("Classifier", classifier)?;
    }
    if let Some(range) = string(table, "requires-python")? {
        fields.add("Requires-Python", &sorted_specifiers(range))?;
    }
    requirements(&mut fields, table)?;
    if let Some(path) = &project.readme {
        fields.add("Description-Content-Type", content_type(path).unwrap_or("text/plain"))?;
        let text = material.readme.as_deref().unwrap_or_default();
        fields.0.push('\n');
        fields.0.push_str(&text.replace("\r\n", "\n"));
    }
    Ok(fields.0)
}

fn requirements(fields: &mut Fields, table: &Table) -> Result<(), Refusal> {
    let mut plain = Vec::new();
    for text in strings(table, "dependencies")? {
        plain.push(requirement(text, None)?);
    }
    plain.sort();
    for line in plain {
        fields.add("Requires-Dist", &line)?;
    }
    let Some(extras) = table.get("optional-dependencies") else { return Ok(()) };
    let Some(extras) = extras.as_table() else {
        return Refusal::because("project.optional-dependencies is not a table");
    };
    let mut named: Vec<(String, &String)> = extras.keys().map(|name| (normalise(name), name)).collect();
    named.sort();
    for (extra, key) in named {
        fields.add("Provides-Extra", &extra)?;
        let mut lines = Vec::new();
        for text in strings(extras, key)? {
            lines.push(requirement(text, Some(&extra))?);
        }
        lines.sort();
        for line in lines {
            fields.add("Requires-Dist", &line)?;
        }
    }
    Ok(())
}

/// A requirement in the spelling of the library `packaging`: normalised name, sorted specifiers, quotes as hatchling has them.
fn requirement(text: &str, extra: Option<&str>) -> Result<String, Refusal> {
    let refused = || Refusal(format!("{text:?} needs the build backend"));
    let parsed: Requirement = text.parse().map_err(|_| refused())?;
    if matches!(parsed.version_or_url, Some(VersionOrUrl::Url(_))) {
        return Err(refused());
    }
    let (head, marker) = match text.split_once(';') {
        Some((head, marker)) => (head, Some(tidy_marker(marker).ok_or_else(refused)?)),
        None => (text, None),
    };
    let start = head.find(['[', '(', '<', '>', '=', '!', '~', ' ']).unwrap_or(head.len());
    let (_, rest) = head.trim().split_at(start.min(head.trim().len()));
    let specifiers = rest.rsplit_once(']').map_or(rest, |(_, specifiers)| specifiers);
    let mut line = normalise(parsed.name.as_ref());
    if !parsed.extras.is_empty() {
        let mut extras: Vec<String> = parsed.extras.iter().map(|extra| normalise(extra.as_ref())).collect();
        extras.sort();
        let _ = write!(line, "[{}]", extras.join(","));
    }
    line.push_str(&sorted_specifiers(specifiers.trim().trim_start_matches('(').trim_end_matches(')')));
    match (marker, extra) {
        (None, None) => {}
        (Some(marker), None) => {
            let _ = write!(line, "; {marker}");
        }
        (None, Some(extra)) => {
            let _ = write!(line, "; extra == '{extra}'");
        }
        (Some(marker), Some(extra)) => {
            let marker = if marker.contains(" or ") { format!("({marker})") } else { marker };
            let _ = write!(line, "; {marker} and extra == '{extra}'");
        }
    }
    Ok(line)
}

/// A marker with one space between its words and single quotes; `None` where that could change its meaning.
fn tidy_marker(marker: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = marker.trim();
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '\'' | '"' => {
                let end = rest[1..].find(c)? + 1;
                let inner = &rest[1..end];
                if inner.contains('\'') {
                    return None;
                }
                let _ = write!(out, "'{inner}'");
                end + 1
            }
            '<' | '>' | '=' | '!' | '~' => {
                let end = rest.find(|c| !matches!(c, '<' | '>' | '=' | '!' | '~'))?;
                let _ = write!(out, " {} ", &rest[..end]);
                end
            }
            c if c.is_whitespace() => {
                out.push(' ');
                c.len_utf8()
            }
            c => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(out.replace("( ", "(").replace(" )", ")"))
}

/// A set of specifiers without spaces, sorted as text: how `packaging` prints it.
fn sorted_specifiers(text: &str) -> String {
    let mut parts: Vec<String> = text
        .split(',')
        .map(|part| part.split_whitespace().collect::<String>())
        .filter(|part| !part.is_empty())
        .collect();
    parts.sort();
    parts.join(",")
}

fn people(fields: &mut Fields, table: &Table, key: &str, field: &str) -> Result<(), Refusal> {
    let Some(list) = table.get(key) else { return Ok(()) };
    let wrong = || Refusal(format!("project.{key} is not a list of names and addresses"));
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    for person in list.as_array().ok_or_else(wrong)? {
        let person = person.as_table().ok_or_else(wrong)?;
        if person.keys().any(|key| key != "name" && key != "email") {
            return Err(wrong());
        }
        match (string(person, "name")?, string(person, "email")?) {
            (Some(name), Some(email)) => addresses.push(address(name, email)),
            (Some(name), None) => names.push(name.to_owned()),
            (None, Some(email)) => addresses.push(email.to_owned()),
            (None, None) => return Err(wrong()),
        }
    }
    if !names.is_empty() {
        fields.add(field, &names.join(", "))?;
    }
    if !addresses.is_empty() {
        fields.add(&format!("{field}-email"), &addresses.join(", "))?;
    }
    Ok(())
}

/// A name and an address as RFC 5322 writes them: a name with a special character is quoted.
fn address(name: &str, email: &str) -> String {
    if name.contains(['(', ')', '<', '>', '@', ',', ':', ';', '.', '"', '\\', '[', ']']) {
        format!("\"{}\" <{email}>", name.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        format!("{name} <{email}>")
    }
}

fn string<'t>(table: &'t Table, key: &str) -> Result<Option<&'t str>, Refusal> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Refusal::because(format!("project.{key} is not a string")),
    }
}

fn strings<'t>(table: &'t Table, key: &str) -> Result<Vec<&'t str>, Refusal> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let items: Option<Vec<&str>> = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    items.ok_or_else(|| Refusal(format!("{key} is not a list of strings")))
}

/// The keys and strings of a table, in the order of the file.
pub fn pairs<'t>(table: &'t Table, key: &str) -> Result<Vec<(&'t str, &'t str)>, Refusal> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let items: Option<Vec<(&str, &str)>> = value
        .as_table()
        .and_then(|table| table.iter().map(|(key, value)| value.as_str().map(|value| (key.as_str(), value))).collect());
    items.ok_or_else(|| Refusal(format!("{key} is not a table of strings")))
}
