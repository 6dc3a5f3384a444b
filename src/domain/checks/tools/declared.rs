//! TOL07: whether what is configured is declared, and what is declared is installed.

use anyhow::Result;

use super::super::{Action, Check, Docs, EVERYWHERE, Edit, Family, Finding, Findings, Fix, Fixable, Severity};
use super::{Used, View, unknown};
use crate::domain::catalog::{self, Requirement};
use crate::domain::declared::{self, Declared, List, Wanted, Wish};
use crate::domain::edit::ini;
use crate::domain::facts::{Context, Environment, Facts, Need, NoAnswer, Packages};
use crate::domain::names::normalize;
use crate::domain::python::DEFAULT_FLOOR;
use crate::domain::spec::allowed_pythons;
use crate::domain::tree::Root;

pub const NOT_THERE: Check = Check {
    id: "TOL07",
    family: Family::Tools,
    title: "a tool is configured and not declared, or declared and not installed",
    docs: Docs {
        what: "The project has settings of a tool and names that tool nowhere: in no list of requirements, no hook, no \
               pipeline. Or its requirements for developers name a tool, and the environment does not have it.",
        why: "Who clones the project does not get the tool, or gets another version of it than everybody else; a tool \
              that is not installed is not run.",
        origin: "The tool was installed by hand, or was given up and its settings stayed. A requirement was added, and the \
                 environment was not brought up to date.",
        remedy: "Declare the tool in the group of requirements for developers (`pyenvkit add-tool NAME`) or remove its \
                 settings; bring the environment up to date with `pyenvkit sync`.",
    },
    needs: &[
        Need::Configuration,
        Need::Pyproject,
        Need::Hooks,
        Need::Tools,
        Need::Ci,
        Need::Locks,
        Need::Environments,
        Need::Packages,
    ],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: not_there,
};

fn not_there(facts: &Facts) -> Findings {
    let view = View::new(facts)?;
    let project = view.project;
    let environment = project.environments.get()?.first();
    let packages = project.packages.get()?.as_ref();
    let mut findings = Vec::new();
    // In a repository with several projects, a tool can be declared for all of them at its top. What is not in a repository
    // may be a release, which leaves out the files that name its tools.
    let is_top = project.repository.as_ref().is_some_and(|repository| repository.top == project.folder);
    for used in view.used.iter().filter(|_| is_top) {
        if !(used.how.declared || used.how.hooked || named_elsewhere(&view, used)? || required(used, packages)) {
            findings.push(undeclared(&view, used, packages).map_err(|error| unknown(&error))?);
        }
    }
    if let (Context::Developer, Some(environment), Some(packages)) = (facts.context, environment, packages) {
        findings.extend(uninstalled(&view, environment, packages));
    }
    Ok(findings)
}

/// Whether something else than the tool's own settings speaks of it: a lock file, a pipeline, another tool's environments.
fn named_elsewhere(view: &View<'_>, used: &Used<'_>) -> Result<bool, NoAnswer> {
    // What brings no distribution, or runs from everywhere, is declared nowhere.
    if used.tool.requirements.is_empty() || used.tool.family == catalog::Family::Hooks {
        return Ok(true);
    }
    let mut texts: Vec<String> = Vec::new();
    for found in [view.project.ci.get()?, view.project.locks.get()?] {
        texts.extend(found.values().filter_map(|text| Some(text.as_ref().ok()?.content.to_string())));
    }
    let homes: Vec<&catalog::Home> = view.tools.iter().flat_map(|tool| &tool.homes).collect();
    for text in view.project.configuration.get()?.values().filter_map(|text| text.as_ref().ok()) {
        let name = text.place.path.as_str();
        if homes.iter().any(|home| home.own && home.file == name) {
            continue;
        }
        let is_home = |section: &str| {
            homes.iter().any(|home| {
                home.file == name
                    && (section == home.table || section.starts_with(&format!("{}{}", home.table, home.separator)))
            })
        };
        match ini::values(&text.content) {
            Ok(values) if homes.iter().any(|home| home.file == name) => {
                texts.extend(values.into_iter().filter(|(section, ..)| !is_home(section)).map(|(_, _, value)| value));
            }
            _ => texts.push(text.content.to_string()),
        }
    }
    texts.extend(others_tables(view));
    let spoken = |name: &str| {
        let (bare, lower) = (name.replace('-', "_"), name.to_lowercase());
        texts.iter().any(|text| has_word(&text.to_lowercase(), &lower) || has_word(text, &bare))
    };
    Ok(used.tool.requirements.iter().any(|it| spoken(&it.name)))
}

/// The tables of `pyproject.toml` that are of no tool that is known, written again.
fn others_tables(view: &View<'_>) -> Option<String> {
    let manifest = view.project.pyproject.get().ok()?.as_ref()?.table.as_ref().ok()?;
    let mut rest = manifest.clone();
    if let Some(toml::Value::Table(tools)) = rest.get_mut("tool") {
        let homes = view.tools.iter().flat_map(|tool| &tool.homes);
        for table in homes.filter_map(|home| home.table.strip_prefix("tool.")) {
            tools.remove(table.split('.').next().unwrap_or(table));
        }
    }
    toml::to_string(&rest).ok()
}

/// Whether something that is installed brings the tool.
fn required(used: &Used<'_>, packages: Option<&Packages>) -> bool {
    let names = |text: &str| {
        let name = crate::domain::edit::requirement::name(text);
        used.tool.requirements.iter().any(|it| normalize(&it.name) == name)
    };
    packages.is_some_and(|packages| {
        packages
            .distributions
            .iter()
            .flat_map(|found| &found.requires)
            .any(|text| !text.contains("extra ==") && names(text))
    })
}

fn undeclared(view: &View<'_>, used: &Used<'_>, packages: Option<&Packages>) -> Result<Finding> {
    let name = &used.tool.name;
    let home = used.home.map_or_else(String::new, |home| home.file.clone());
    let installed = installed(packages, name);
    let cause = match &installed {
        Some(version) => format!("{home} has settings of {name}, and {name} {version} was installed by hand"),
        None => format!("{home} has settings of {name}, and nothing names it"),
    };
    let finding = Finding::new(format!("{name} is configured and declared nowhere"))
        .because(cause)
        .so(format!("who clones the project does not get {name}"))
        .remedy(format!("pyenvkit add-tool {name}, or remove its settings from {home}"))
        .fix(declaration(view, used, installed)?);
    Ok(Finding { location: view.location(used, ""), ..finding })
}

fn installed(packages: Option<&Packages>, name: &str) -> Option<String> {
    let mut found = packages?.distributions.iter();
    found.find(|it| normalize(&it.name) == normalize(name)).map(|it| it.version.clone())
}

/// Declare the tool for developers, where the project declares others.
fn declaration(view: &View<'_>, used: &Used<'_>, installed: Option<String>) -> Result<Option<Fix>> {
    let Ok(Some(pyproject)) = view.project.pyproject.get() else { return Ok(None) };
    let Ok(root) = &pyproject.table else { return Ok(None) };
    let stated = root.get("project").and_then(|project| project.get("requires-python")?.as_str());
    let floor = stated.and_then(|text| allowed_pythons(text).ok()?.first().copied()).unwrap_or(DEFAULT_FLOOR);
    let Some(release) = used.tool.releases.iter().find(|release| release.python <= floor) else { return Ok(None) };
    let own = |it: &&Requirement| normalize(&it.name) == normalize(&used.tool.name);
    let Some(requirement) = used.tool.requirements.iter().find(own) else { return Ok(None) };
    let version = installed.unwrap_or_else(|| release.version.clone());
    let wish = Wish { name: &requirement.name, extras: &[], bound: requirement.bound, version: &version };
    let mut tree = view.tree.clone();
    let group = declared::development_group(&mut tree, root)?;
    let wanted = Wanted { group: &group, is_named: false, kin: used.tool.family.groups() };
    let list = declared::home(&mut tree, root, &wanted)?;
    let edit = Edit::Put { place: list.file().clone(), at: list.locator(&requirement.name), text: list.text(&wish) };
    let fix = Fix::asking(format!("declare {} in {}", wish.requirement(), list.file())).edit(edit);
    Ok(Some(fix.action(Action::Sync { also: Vec::new() })))
}

/// Tools that the project's list for developers names and its environment does not have.
fn uninstalled(view: &View<'_>, environment: &Environment, packages: &Packages) -> Option<Finding> {
    let is_there = |name: &str| {
        packages.distributions.iter().any(|found| normalize(&found.name) == name)
            || packages
                .unreadable
                .iter()
                .chain(&packages.eggs)
                .any(|folder| normalize(folder.split('-').next().unwrap_or(folder)) == name)
    };
    let used: Vec<&catalog::Tool> = view.used.iter().map(|used| used.tool).collect();
    let absent: Vec<&Declared> =
        of_developers(&view.ground.declared, &used).into_iter().filter(|it| !is_there(&it.name)).collect();
    let first = absent.first()?;
    let (names, shown) = (absent.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", "), environment.shown());
    let text = view.project.text(first.list.file())?.ok()?;
    let at = text.content.find(&first.text).map(|at| super::Location::within(text, at..at + first.text.len()));
    let finding = Finding::new(format!("{shown} does not have {names}"))
        .because(format!("{} names {names}, and {} has none of that name", first.list.file(), packages.site.display()))
        .so("it is not run, or another one from somewhere else is")
        .remedy("pyenvkit sync")
        // An environment that nothing of the project was installed to lacks more than tools.
        .caused_by(&["VEN02", "VEN03", "PKG06"])
        .fix(
            environment
                .synced
                .then(|| Fix::safe(format!("install {names} into {shown}")).action(Action::Sync { also: Vec::new() })),
        );
    Some(Finding { location: at, ..finding })
}

/// The tools that every developer has: whether they are there is told here, and of other packages elsewhere.
pub fn of_developers<'d>(declared: &'d [Declared], tools: &[&catalog::Tool]) -> Vec<&'d Declared> {
    let is_tool = |name: &str| tools.iter().any(|tool| tool.requirements.iter().any(|it| normalize(&it.name) == name));
    let all = declared.iter().filter(|it| it.develops && for_all(&it.list) && !it.text.contains(';'));
    all.filter(|it| is_tool(&it.name)).collect()
}

/// Whether a list is the one for all of development: others are installed where somebody asks for them.
fn for_all(list: &List) -> bool {
    matches!(list, List::Lines { .. }) || declared::is_for_all(list) && list.file().root == Root::Project
}

/// Whether `word` stands in `text` as a word of its own.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(joins) && !text[at + word.len()..].starts_with(joins))
}
