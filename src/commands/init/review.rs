//! What `init` asks on a terminal: whether the values are right, and which tools are wanted.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum as _;

use super::places;
use crate::commands::new::draft::check_setting;
use crate::domain::adopt::Adopted;
use crate::domain::catalog::{Layout, Tool};
use crate::domain::names::{is_group, is_identifier};
use crate::domain::spec::{Author, HookStyle, Values, allowed_pythons};
use crate::error::Problem;
use crate::system::interrupt::Interrupted;
use crate::ui::prompt::{self, Answer};

/// A value that can be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Package,
    Layout,
    Sources,
    Tests,
    Pythons,
    Description,
    License,
    Authors,
    Url,
    Group,
    Hooks,
}

const FIELDS: &[(Field, &str)] = &[
    (Field::Package, "package"),
    (Field::Layout, "layout"),
    (Field::Sources, "sources"),
    (Field::Tests, "tests"),
    (Field::Pythons, "pythons"),
    (Field::Description, "description"),
    (Field::License, "licence"),
    (Field::Authors, "authors"),
    (Field::Url, "page"),
    (Field::Group, "tools go to"),
    (Field::Hooks, "hooks"),
];

/// The values of a project as its owner has them: one screen with what was inferred. Enter takes it, a line corrects it,
/// the last line cancels.
///
/// # Errors
/// The terminal cannot be used, or the answer was to stop.
pub fn correct(adopted: &Adopted, folder: &Path) -> Result<Values> {
    let found = &adopted.shape;
    let mut values = found.values.clone();
    values.sources.get_or_insert_with(|| found.sources.clone());
    values.tests.get_or_insert_with(|| found.tests.clone());
    // What a file says of its Pythons would overrule a correction at the next look.
    let may_change = |field: Field| field != Field::Pythons || adopted.are_pythons_assumed;
    let fields: Vec<_> = FIELDS.iter().filter(|(field, _)| may_change(*field)).collect();
    loop {
        let mut items = vec!["that is right".to_owned()];
        items.extend(fields.iter().map(|(field, label)| format!("{label:<12} {}", shown(*field, &values))));
        items.push("cancel".to_owned());
        let cancelled = || Problem::failed("cancelled; nothing was changed").into();
        match prompt::choice("record this?", &items, 0)? {
            Answer::Given(0) => {
                // What the files show needs no record.
                values.sources = values.sources.filter(|it| found.values.sources.is_some() || *it != found.sources);
                values.tests = values.tests.filter(|it| found.values.tests.is_some() || *it != found.tests);
                return Ok(values);
            }
            Answer::Given(index) => match fields.get(index - 1) {
                Some((field, label)) => {
                    if ask((*field, label), folder, &mut values)? == Answer::Stopped {
                        return Err(Interrupted.into());
                    }
                }
                None => return Err(cancelled()),
            },
            Answer::Back => return Err(cancelled()),
            Answer::Stopped => return Err(Interrupted.into()),
        }
    }
}

/// The tools that are said yes to, each asked for with no as the default.
///
/// # Errors
/// The terminal cannot be used, or the answer was to stop.
pub fn proposals(missing: &[Tool]) -> Result<Vec<String>> {
    let mut with = Vec::new();
    for tool in missing {
        match prompt::yes(&format!("add {} ({})?", tool.name, tool.summary), false)? {
            Answer::Given(true) => with.push(tool.name.clone()),
            Answer::Given(false) => {}
            Answer::Back => break,
            Answer::Stopped => return Err(Interrupted.into()),
        }
    }
    Ok(with)
}

/// The value as it is typed.
fn text(field: Field, values: &Values) -> String {
    match field {
        Field::Package => values.package.clone(),
        Field::Layout => layout_name(values.layout),
        Field::Sources => values.sources.clone().unwrap_or_default().join(", "),
        Field::Tests => values.tests.clone().unwrap_or_default().join(", "),
        Field::Pythons => values.requires_python.clone(),
        Field::Description => values.description.clone(),
        Field::License => values.license.clone().unwrap_or_default(),
        Field::Authors => values.authors.iter().map(Author::display).collect::<Vec<_>>().join("; "),
        Field::Url => values.url.clone().unwrap_or_default(),
        Field::Group => values.group.clone(),
        Field::Hooks => match values.hooks {
            HookStyle::Mirrors => "mirrors".to_owned(),
            HookStyle::Local => "local".to_owned(),
        },
    }
}

fn layout_name(layout: Layout) -> String {
    layout.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn shown(field: Field, values: &Values) -> String {
    let text = text(field, values);
    if text.is_empty() { "(none)".to_owned() } else { text }
}

/// Ask for one value; `-` is none.
fn ask((field, label): (Field, &str), folder: &Path, values: &mut Values) -> Result<Answer<()>> {
    let question = match field {
        Field::Layout => "layout: src, flat or none".to_owned(),
        Field::Sources | Field::Tests => format!("folders of {label}, with commas; - for none"),
        Field::Pythons => "pythons, such as >=3.11".to_owned(),
        Field::License => "licence, as SPDX; - for none".to_owned(),
        Field::Authors => "authors (Ada Lovelace <ada@example.com>; Bob); - for none".to_owned(),
        Field::Url => "page of the repository; - for none".to_owned(),
        Field::Hooks => "hooks: mirrors or local".to_owned(),
        _ => label.to_owned(),
    };
    let answer = prompt::text(&question, &text(field, values), |text| check(field, folder, text))?;
    Ok(answer.map(|text| put(field, if text == "-" { "" } else { text.trim() }, values)))
}

fn check(field: Field, folder: &Path, text: &str) -> Result<(), String> {
    let text = if text == "-" { "" } else { text.trim() };
    let needed = || if text.is_empty() { Err("it cannot be empty".to_owned()) } else { Ok(()) };
    let said = |result: Result<()>| result.map_err(|error| error.to_string());
    match field {
        Field::Layout => Layout::from_str(text, true).map(drop).map_err(|_| "it is src, flat or none".to_owned()),
        Field::Sources | Field::Tests => places::split(text).iter().try_for_each(|path| places::check(folder, path)),
        Field::Pythons => said(allowed_pythons(text).map(drop)),
        Field::License if !text.is_empty() => said(check_setting("license", text)),
        Field::Hooks => said(check_setting("hooks", text)),
        Field::Authors => said(authors(text).map(drop)),
        Field::Url if !text.is_empty() && !text.starts_with("http") => Err("it begins with https://".to_owned()),
        Field::Package if !text.split('.').all(is_identifier) => {
            Err(format!("{text:?} is not a name that Python could import"))
        }
        Field::Group if !text.is_empty() && !is_group(text) => {
            Err(format!("{text:?} cannot be the name of a dependency group"))
        }
        Field::Package | Field::Group => needed(),
        Field::Description | Field::License | Field::Url => Ok(()),
    }
}

fn authors(text: &str) -> Result<Vec<Author>> {
    text.split(';').map(str::trim).filter(|author| !author.is_empty()).map(Author::parse).collect()
}

fn put(field: Field, text: &str, values: &mut Values) {
    let optional = || (!text.is_empty()).then(|| text.to_owned());
    match field {
        Field::Package => text.clone_into(&mut values.package),
        Field::Layout => {
            values.layout = Layout::from_str(text, true).unwrap_or(values.layout);
            values.sources = Some(places::usual_sources(values.layout, values));
        }
        Field::Sources => values.sources = Some(places::split(text)),
        Field::Tests => values.tests = Some(places::split(text)),
        Field::Pythons => text.clone_into(&mut values.requires_python),
        Field::Description => text.clone_into(&mut values.description),
        Field::License => values.license = optional(),
        Field::Authors => values.authors = authors(text).unwrap_or_default(),
        Field::Url => values.url = optional(),
        Field::Group => text.clone_into(&mut values.group),
        Field::Hooks => values.hooks = if text == "local" { HookStyle::Local } else { HookStyle::Mirrors },
    }
}
