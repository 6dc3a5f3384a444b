//! PYP02, PYP05 and PYP06: whether the `[project]` table says what it means.

use pep440_rs::{Operator, VersionSpecifiers};
use toml::de::DeValue;

use super::super::{Check, Docs, EVERYWHERE, Edit, Family, Finding, Findings, Fix, Fixable, Severity};
use super::Spanned;
use crate::domain::editable::KEYS;
use crate::domain::facts::{Facts, Need, NoAnswer};
use crate::domain::groups::is_package;
use crate::domain::piece::{Item, Locator};
use crate::error::did_you_mean;

/// The keys of `[project]` beside [`KEYS`], from which no metadata are written without a build
/// (<https://packaging.python.org/en/latest/specifications/pyproject-toml/>).
const OTHERS: &[&str] = &["dynamic", "import-names", "import-namespaces"];

const BUILD_SYSTEM: &[&str] = &["requires", "build-backend", "backend-path"];

pub const UNKNOWN_KEY: Check = Check {
    id: "PYP02",
    family: Family::Pyproject,
    title: "pyproject.toml has a key that nothing reads",
    docs: Docs {
        what: "A key of `[project]` or `[build-system]` is none of those that the standard names. Other keys belong \
               into a table of their tool below `[tool]`.",
        why: "What stands there has no effect, or the project cannot be built: build backends refuse what they do not \
              know.",
        origin: "A misspelt key (`licence`, `dependancies`), or a key of a tool in the wrong table: TOML counts every \
                 key below a header to that header.",
        remedy: "Correct the name of the key, or move it to the table that it belongs to.",
    },
    needs: &[Need::Pyproject],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: unknown_key,
};

fn unknown_key(facts: &Facts) -> Findings {
    let document = Spanned::of(facts)?;
    let mut findings = Vec::new();
    let project = [KEYS, OTHERS].concat();
    for (name, known) in [("project", project.as_slice()), ("build-system", BUILD_SYSTEM)] {
        let Some(table) = document.table(name) else { continue };
        for key in table.keys() {
            let written = key.get_ref().as_ref();
            if known.contains(&written) {
                continue;
            }
            let span = document.key(key.span());
            let meant = did_you_mean(written, known.iter().copied().filter(|known| !table.contains_key(*known)));
            let remedy = match meant {
                Some(meant) => format!("write {meant} in place of {written}"),
                None => format!("move {written} to the table that it belongs to, or remove it"),
            };
            let from = document.source(&span).to_owned();
            let fix = meant.filter(|_| from == written).map(|meant| {
                let edit =
                    Edit::Replace { place: document.text.place.clone(), span: span.clone(), from, to: meant.into() };
                Fix::asking(format!("write {meant} for {written} in [{name}]")).edit(edit)
            });
            findings.push(
                Finding::new(format!("[{name}] of pyproject.toml has an unknown key {written}"))
                    .because(match meant {
                        Some(meant) => format!("{written} is no key of [{name}]; {meant} is"),
                        None => format!("[{name}] has the keys {}", known.join(", ")),
                    })
                    .so("what stands there has no effect, or the project cannot be built")
                    .remedy(remedy)
                    .at(document.at(span))
                    .fix(fix),
            );
        }
    }
    Ok(findings)
}

pub const LICENCE_TWICE: Check = Check {
    id: "PYP05",
    family: Family::Pyproject,
    title: "the licence is said twice",
    docs: Docs {
        what: "`license` in `[project]` is a licence expression such as `\"MIT\"`, and `classifiers` has a \
               `License ::` line too.",
        why: "PEP 639 forbids the two together: newer build backends refuse to build the project, and the package \
              index refuses the upload.",
        origin: "The expression was added, as is right today, and the old classifier stayed.",
        remedy: "Remove the `License ::` lines from `classifiers`.",
    },
    needs: &[Need::Pyproject],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: licence_twice,
};

fn licence_twice(facts: &Facts) -> Findings {
    let document = Spanned::of(facts)?;
    let Some((expression, _)) = document.text_of("license") else { return Ok(Vec::new()) };
    let all: Vec<_> =
        document.texts_of("classifiers").into_iter().filter(|(text, _)| text.starts_with("License ::")).collect();
    let Some((first, span)) = all.first() else { return Ok(Vec::new()) };
    let mut fix = Fix::safe("remove the licence from the classifiers");
    for (_, span) in &all {
        let at = Locator::TomlItem {
            table: vec!["project".to_owned()],
            key: "classifiers".to_owned(),
            item: Item::Value(document.source(span).to_owned()),
        };
        fix = fix.edit(Edit::Cut { place: document.text.place.clone(), at });
    }
    Ok(vec![
        Finding::new("pyproject.toml says the licence twice")
            .because(format!("license is \"{expression}\", and classifiers has \"{first}\""))
            .so("build backends that know PEP 639 refuse to build the project")
            .remedy(format!("remove \"{first}\" from classifiers"))
            .at(document.at(span.clone()))
            .fix(fix),
    ])
}

pub const REQUIRES_PYTHON: Check = Check {
    id: "PYP06",
    family: Family::Pyproject,
    title: "requires-python is missing or has an upper bound",
    docs: Docs {
        what: "`[project]` has no `requires-python`, or the project is a package and has one that forbids versions of \
               Python that are still to come.",
        why: "Without it, the project is installed by Pythons that it cannot run with. With an upper bound, it cannot \
              be installed by the next Python although it may well work; and installers that look for a version that \
              fits find an old one without the bound.",
        origin: "The key was never written, or a tool wrote a bound such as `<4.0` by default.",
        remedy: "Name the oldest Python that the project is tested with, and no more: `requires-python = \">=3.11\"`.",
    },
    needs: &[Need::Pyproject, Need::Environments],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: requires_python,
};

fn requires_python(facts: &Facts) -> Findings {
    let document = Spanned::of(facts)?;
    let project = document.table("project").ok_or_else(|| NoAnswer::pointless("pyproject.toml has no [project]"))?;
    let place = &document.text.place;
    let Some(value) = project.get("requires-python") else {
        if document.texts_of("dynamic").iter().any(|(key, _)| *key == "requires-python") {
            return Ok(Vec::new());
        }
        let minor = facts.project()?.environments.get()?.first().and_then(crate::domain::facts::Environment::minor);
        let fix = minor.map(|minor| {
            let at = Locator::TomlKey { table: vec!["project".to_owned()], key: "requires-python".to_owned() };
            let text = format!("requires-python = \">={minor}\"");
            Fix::asking(format!("require Python {minor} or later")).edit(Edit::Put { place: place.clone(), at, text })
        });
        let minor = minor.map_or_else(|| "3.11".to_owned(), |minor| minor.to_string());
        let span = document.tables.get("project").map_or(0..0, toml::Spanned::span);
        return Ok(vec![
            Finding::new("pyproject.toml does not say which Python the project needs")
                .because("[project] has no requires-python")
                .so("it is installed by Pythons that it cannot run with")
                .remedy(format!("write requires-python = \">={minor}\" in [project]"))
                .at(document.at(document.span(span)))
                .fix(fix),
        ]);
    };
    // What is never installed elsewhere may well be for one Python alone.
    let is_package = super::pyproject(facts)?.table.as_ref().is_ok_and(is_package);
    let DeValue::String(text) = value.get_ref() else { return Ok(Vec::new()) };
    if !is_package {
        return Ok(Vec::new());
    }
    let Ok(specifiers) = text.parse::<VersionSpecifiers>() else { return Ok(Vec::new()) };
    let Some(open) = uncapped(&specifiers) else { return Ok(Vec::new()) };
    let span = document.span(value.span());
    let from = document.source(&span).to_owned();
    let fix = (!open.is_empty()).then(|| {
        let edit = Edit::Replace { place: place.clone(), span: span.clone(), from, to: format!("\"{open}\"") };
        Fix::asking(format!("let requires-python be {open}")).edit(edit)
    });
    Ok(vec![
        Finding::new("requires-python forbids Pythons that are still to come")
            .because(format!("requires-python is \"{text}\""))
            .so("the project cannot be installed with a newer Python, even where it would work")
            .remedy(format!("write requires-python = \"{}\"", if open.is_empty() { ">=3.11" } else { &open }))
            .at(document.at(span))
            .fix(fix),
    ])
}

/// The specifiers without their upper bounds; `None` if they have none.
fn uncapped(specifiers: &VersionSpecifiers) -> Option<String> {
    let mut capped = false;
    let mut open: Vec<String> = Vec::new();
    for specifier in specifiers.iter() {
        let version = specifier.version();
        match specifier.operator() {
            Operator::LessThan | Operator::LessThanEqual => capped = true,
            Operator::Equal | Operator::ExactEqual | Operator::EqualStar | Operator::TildeEqual => {
                capped = true;
                open.push(format!(">={version}"));
            }
            _ => open.push(specifier.to_string()),
        }
    }
    capped.then(|| open.join(","))
}
