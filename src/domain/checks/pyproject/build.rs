//! PYP03 and PYP04: whether the project can be built, and has something in it then.

use std::collections::BTreeSet;

use toml::de::DeValue;

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use super::Spanned;
use crate::domain::backends::Backend;
use crate::domain::declared::at;
use crate::domain::edit::requirement;
use crate::domain::facts::{Facts, Need, NoAnswer, Project};
use crate::domain::groups::is_package;
use crate::domain::names::normalize;
use crate::domain::wildcard::matches_path;

/// What installers take where no backend is named (PEP 517).
const LEGACY: &str = "setuptools";

pub const NO_BACKEND: Check = Check {
    id: "PYP03",
    family: Family::Pyproject,
    title: "what builds the project is not there when it is built",
    docs: Docs {
        what: "`[build-system]` does not list what it says that the project is built with: it has no `requires`, or that \
               list is without the distribution of `build-backend`; or the project is built with what is installed in \
               its environment (`no-build-isolation`), and the backend is not. In which version it is installed is not \
               judged then: installers do not compare it with `requires` either, and other versions may do as well.",
        why: "The project is built in an environment that has what `requires` lists and nothing else. Without the backend \
              it can be neither built nor installed, not even with `pip install --editable .`.",
        origin: "The backend was changed in one of the two keys, or the table was copied in part.",
        remedy: "Name the backend's distribution in `requires`, as its documentation says.",
    },
    needs: &[Need::Pyproject, Need::Backends, Need::Environments, Need::Packages],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: no_backend,
};

fn no_backend(facts: &Facts) -> Findings {
    let document = Spanned::of(facts)?;
    let table = document.table("build-system");
    let table = table.ok_or_else(|| NoAnswer::pointless("pyproject.toml has no [build-system]"))?;
    let header = document.tables.get("build-system").map_or(0..0, toml::Spanned::span);
    let fault = |message: String, cause: String, at: Location| {
        Finding::new(message).because(cause).so("the project can be neither built nor installed").at(at)
    };
    let Some(requires) = table.get("requires") else {
        return Ok(vec![
            fault(
                "[build-system] does not say what the project is built with".to_owned(),
                "it has no requires, which PEP 518 demands".to_owned(),
                document.at(document.span(header)),
            )
            .remedy("write requires in [build-system], with the distribution of the build backend"),
        ]);
    };
    let DeValue::Array(items) = requires.get_ref() else { return Ok(Vec::new()) };
    let required: Vec<&str> = items.iter().filter_map(|item| item.get_ref().as_str()).collect();
    // A backend of the project's own needs nothing.
    if table.contains_key("backend-path") {
        return Ok(Vec::new());
    }
    let backends = facts.machine.backends.get()?;
    let named = table.get("build-backend").and_then(|value| Some((value.get_ref().as_str()?, value.span())));
    let Some((module, span)) = named else {
        // Whoever lists another backend means to be built with it.
        let listed: Vec<&Backend> = required.iter().filter_map(|text| backends.of_requirement(text)).collect();
        let meant = listed.first().filter(|_| listed.iter().all(|backend| backend.module != LEGACY));
        return Ok(meant
            .map(|meant| {
                let message = format!("{} is listed, and the project is not built with it", meant.distribution);
                let cause = format!("there is no build-backend, and {LEGACY} is taken then");
                fault(message, cause, document.at(document.span(header)))
                    .remedy("write build-backend in [build-system], as the documentation of the backend says")
            })
            .into_iter()
            .collect());
    };
    let Some(backend) = backends.of_module(module) else { return Ok(Vec::new()) };
    let name = &backend.distribution;
    if !required.iter().any(|text| requirement::name(text) == *name) {
        return Ok(vec![
            fault(
                format!("the project is built with {name}, which requires does not list"),
                format!("build-backend is \"{module}\", which {name} has"),
                document.at(document.span(span)),
            )
            .remedy(format!("write requires = [\"{name}\"] in [build-system]")),
        ]);
    }
    let absent = absent_without_isolation(facts, backend)?;
    Ok(absent
        .map(|shown| {
            let message = format!("the project is built with {name}, which its environment does not have");
            let cause = format!("no-build-isolation is set, and {shown} has no {name}");
            fault(message, cause, document.at(document.span(requires.span())))
                .remedy(format!("{shown}/bin/python -m pip install {}", required.join(" ")))
                .caused_by(&["VEN01", "VEN02", "PKG04"])
        })
        .into_iter()
        .collect())
}

/// The environment that lacks the backend though the project is built with what is installed in it.
fn absent_without_isolation(facts: &Facts, backend: &Backend) -> Result<Option<String>, NoAnswer> {
    let project = facts.project()?;
    let root = super::pyproject(facts)?.table.as_ref().ok();
    let isolated = root.and_then(|root| at(root, &["tool", "uv", "no-build-isolation"])?.as_bool()) != Some(true);
    let (Some(environment), Some(packages)) = (project.environments.get()?.first(), project.packages.get()?.as_ref())
    else {
        return Ok(None);
    };
    let has = |name: &str| normalize(name) == backend.distribution;
    let mut names = packages.distributions.iter().map(|found| found.name.as_str());
    let is_there = names.any(has) || packages.modules.contains(&backend.module);
    Ok((!isolated && !is_there).then(|| environment.shown()))
}

pub const NO_PACKAGE: Check = Check {
    id: "PYP04",
    family: Family::Pyproject,
    title: "the build backend does not find the package",
    docs: Docs {
        what: "The build backend looks for the project's package under the project's name, in its folder or below `src`, \
               and nothing is there; or it takes a single package, and there are several.",
        why: "The project cannot be built or installed, or is installed without its code.",
        origin: "The folder of the package has another name than the project (`-` becomes `_`), lies in another folder, or \
                 has no `__init__.py`; or a second folder of code was added beside the first.",
        remedy: "Give the folder the project's name, move it below `src`, or tell the backend where it is: its \
                 documentation says how.",
    },
    needs: &[Need::Pyproject, Need::Backends, Need::Sources],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: no_package,
};

fn no_package(facts: &Facts) -> Findings {
    let document = Spanned::of(facts)?;
    let project = facts.project()?;
    let manifest = super::pyproject(facts)?;
    let root = manifest.table.as_ref().map_err(|_| NoAnswer::pointless("pyproject.toml is not TOML"))?;
    if !is_package(root) {
        return Err(NoAnswer::pointless("the project is none to be installed"));
    }
    let module = at(root, &["build-system", "build-backend"]).and_then(toml::Value::as_str).unwrap_or(LEGACY);
    let backend = facts.machine.backends.get()?.of_module(module);
    let backend = backend.ok_or_else(|| NoAnswer::pointless("where the build backend looks is not known"))?;
    let says = |key: &String| at(root, &key.split('.').collect::<Vec<_>>()).is_some();
    let own_rules =
        backend.settings.iter().any(says) || backend.files.iter().any(|it| project.entries.contains_key(it));
    let Some((name, span)) = document.text_of("name") else { return Ok(Vec::new()) };
    let sources = project.sources.get()?;
    // Where there is no code yet, there is nothing to be found.
    if own_rules || sources.is_empty() {
        return Ok(Vec::new());
    }
    let at = document.at(span);
    Ok(absent(backend, name, sources)
        .or_else(|| several(backend, project, sources))
        .map(|it| it.at(at))
        .into_iter()
        .collect())
}

/// The package of the project's name is in none of the backend's places.
fn absent(backend: &Backend, name: &str, sources: &BTreeSet<String>) -> Option<Finding> {
    let module = normalize(name).replace('-', "_");
    let stands = |place: &String| {
        let pattern = place.replace("{}", &module);
        sources.iter().any(|path| matches_path(&pattern, &path.to_lowercase()))
    };
    // Stubs have names of their own.
    if backend.finds.is_empty() || module.ends_with("_stubs") || backend.finds.iter().any(stands) {
        return None;
    }
    let places: Vec<String> = backend.finds.iter().map(|place| place.replace("{}", &module)).collect();
    Some(
        Finding::new(format!("{} finds no package of the name {module}", backend.distribution))
            .because(format!("there is none of {}", places.join(", ")))
            .so("the project cannot be built or installed")
            .remedy(format!("name the package's folder {module}, or tell {} where it is", backend.distribution)),
    )
}

/// Several packages at the top of a project whose backend takes one.
fn several(backend: &Backend, project: &Project, sources: &BTreeSet<String>) -> Option<Finding> {
    if backend.passes_by.is_empty() {
        return None;
    }
    let is_package = |path: &&str| {
        let known = |other: &String| path.eq_ignore_ascii_case(other) || path.starts_with(&format!("{other}."));
        !path.contains('/') && !backend.passes_by.iter().any(known)
    };
    let folders = sources.iter().filter_map(|path| path.strip_suffix("/__init__.py")).filter(is_package);
    let found: Vec<&str> = folders.filter(|name| project.entries.contains_key(*name)).collect();
    (found.len() > 1).then(|| {
        Finding::new(format!("{} finds several packages and takes none", backend.distribution))
            .because(format!("there are {}", found.join(", ")))
            .so("the project cannot be built or installed")
            .remedy(format!("move the package below src, or tell {} which of them it is", backend.distribution))
    })
}
