//! TOL09: whether tests can import the package that they test.

use toml::Value;

use super::super::packages::own_name;
use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::{Used, View, agreement::item, unknown};
use crate::domain::facts::{Facts, Need, NoAnswer, PathFile, Project, Text};
use crate::domain::groups::normalise;

const SOURCES: &str = "src";

pub const NOT_IMPORTED: Check = Check {
    id: "TOL09",
    family: Family::Tools,
    title: "tests cannot import the package",
    docs: Docs {
        what: "The project keeps its package below `src`, its tests import it, and nothing lets Python find it there: \
               `pyproject.toml` does not say how the project is built, so that installers leave it out, and the tool that \
               runs the tests is not told to look there.",
        why: "Every test ends with \"No module named ...\".",
        origin: "The package was moved below `src`, or the project began without a `[build-system]`.",
        remedy: "Tell the test runner: `pythonpath = [\"src\"]`; or add a `[build-system]`, so that the project is \
                 installed.",
    },
    needs: &[
        Need::Configuration,
        Need::Pyproject,
        Need::Hooks,
        Need::Tools,
        Need::Sources,
        Need::Tests,
        Need::Packages,
        Need::Environments,
    ],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: not_imported,
};

fn not_imported(facts: &Facts) -> Findings {
    let view = View::new(facts)?;
    let project = view.project;
    if own_name(project)?.is_some() {
        return Err(NoAnswer::pointless("the project is installed"));
    }
    let tests: Vec<&Text> = project.tests.get()?.values().filter_map(|text| text.as_ref().ok()).collect();
    // Some tests look after the path themselves.
    if is_found(project)? || tests.iter().any(|text| text.content.contains("sys.path")) || set_elsewhere(project)? {
        return Ok(Vec::new());
    }
    let packages: Vec<String> = project.sources.get()?.iter().filter_map(|path| module(path)).collect();
    let Some((text, package, line)) = tests.iter().find_map(|text| importing(text, &packages)) else {
        return Ok(Vec::new());
    };
    for used in &view.used {
        let Some(key) = &used.tool.import_path else { continue };
        let value = view.value(used, key).map_err(|error| unknown(&error))?;
        if value.as_ref().is_some_and(says) {
            continue;
        }
        let name = &used.tool.name;
        return Ok(vec![
            Finding::new(format!("tests cannot import {package}"))
                .because(format!("it is below {SOURCES}, nothing installs the project, and {name} does not look there"))
                .so(format!("every test ends with \"No module named {package}\""))
                .remedy(format!("write {key} = [\"{SOURCES}\"] into the configuration of {name}"))
                .at(Location::within(text, line))
                .fix(telling(&view, used, key, value.as_ref())),
        ]);
    }
    Ok(Vec::new())
}

/// Whether a value of the test runner's key says that modules are below `src`.
fn says(value: &Value) -> bool {
    let names = |text: &str| text.split([',', '\n', ' ']).any(|part| part.trim().trim_end_matches('/') == SOURCES);
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).any(names),
        Value::String(text) => names(text),
        _ => false,
    }
}

/// What lets `used`, whose key has this value, find the package.
fn telling(view: &View<'_>, used: &Used<'_>, key: &str, value: Option<&Value>) -> Option<Fix> {
    let home = used.home?;
    let edit = match value {
        None => view.setting(home, key, &Value::Array(vec![SOURCES.into()])),
        Some(_) => item(home, key, SOURCES),
    };
    Some(Fix::safe(format!("let {} look below {SOURCES}", used.tool.name)).edit(edit?))
}

/// Whether the environment finds what is below `src`, or there is none to judge.
fn is_found(project: &Project) -> Result<bool, NoAnswer> {
    let Some(packages) = project.packages.get()? else { return Ok(true) };
    let sources = project.folder.join(SOURCES);
    let leads_here = |file: &PathFile| file.leads_to(&sources) || file.name.starts_with("__editable__");
    let root = project.pyproject.get()?.as_ref().and_then(|it| it.table.as_ref().ok());
    let name = root.and_then(|root| root.get("project")?.get("name")?.as_str()).map(normalise);
    let own = |other: &str| name.as_deref() == Some(normalise(other).as_str());
    Ok(packages.path_files.iter().any(leads_here)
        || packages.distributions.iter().any(|found| own(&found.name))
        || packages.eggs.iter().any(|egg| egg.split(['-', '.']).next().is_some_and(own)))
}

/// Whether something else than the test runner's settings sets the path.
fn set_elsewhere(project: &Project) -> Result<bool, NoAnswer> {
    let mut texts = project.configuration.get()?.values().filter_map(|text| text.as_ref().ok());
    let manifest = project.pyproject.get()?.as_ref().is_some_and(|it| it.text.content.contains("PYTHONPATH"));
    Ok(manifest || texts.any(|text| text.content.contains("PYTHONPATH")))
}

/// The top-level module of a file below `src`.
fn module(path: &str) -> Option<String> {
    let inner = path.strip_prefix("src/")?;
    let name = inner.split('/').next()?;
    Some(name.strip_suffix(".py").unwrap_or(name).to_owned()).filter(|name| name != "__init__")
}

/// The first line of a test that imports one of `packages`.
fn importing<'t>(text: &'t Text, packages: &[String]) -> Option<(&'t Text, String, std::ops::Range<usize>)> {
    let mut start = 0;
    for line in text.content.split_inclusive('\n') {
        let mut words = line.split([' ', '.', ',', '\n', '\r', ';']).filter(|word| !word.is_empty());
        let imports = !line.starts_with([' ', '\t']) && matches!(words.next(), Some("import" | "from"));
        let found = words.next().filter(|_| imports).and_then(|name| packages.iter().find(|package| *package == name));
        if let Some(package) = found.filter(|_| !line.starts_with("from .")) {
            return Some((text, package.clone(), start..start + line.trim_end().len()));
        }
        start += line.len();
    }
    None
}
