//! PKG10: whether lock files belong to what the project requires.

use super::super::{Action, Check, Docs, EVERYWHERE, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use crate::domain::facts::{Facts, Need, NoAnswer, Text};
use crate::domain::locked::{self, Fit, Manifests};

pub const STALE_LOCK: Check = Check {
    id: "PKG10",
    family: Family::Packages,
    title: "the lock file does not belong to the manifest",
    docs: Docs {
        what: "`uv.lock`, `poetry.lock`, `pdm.lock` or `Pipfile.lock` was made for other requirements than those in \
               `pyproject.toml` or `Pipfile`. Each lock file notes what it was made for: the requirements, or a hash \
               of them.",
        why: "Whoever installs from the lock file does not get what the project asks for, or gets an error: CI usually \
              runs with `--locked` or `--frozen`, and fails.",
        origin: "A requirement was added or changed by hand, or two branches were merged, and the lock file was not \
                 made again.",
        remedy: "`uv lock`, `poetry lock`, `pdm lock --update-reuse` or `pipenv lock`, and commit the lock file.",
    },
    needs: &[Need::Locks, Need::Pyproject],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: stale_lock,
};

fn stale_lock(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let locks = project.locks.get()?;
    let pyproject = match project.pyproject.get()? {
        Some(pyproject) => pyproject.table.as_ref().ok(),
        None => None,
    };
    let nothing = toml::Table::new();
    let pipfile = locks.get("Pipfile").and_then(|text| text.as_ref().ok()?.content.parse().ok());
    let manifests = Manifests { pyproject: pyproject.unwrap_or(&nothing), pipfile: pipfile.as_ref() };
    let known = || locks.values().filter_map(|text| text.as_ref().ok()).filter(|text| command(text).is_some());
    if known().next().is_none() {
        return Err(NoAnswer::pointless("there is no lock file"));
    }
    let stale = known().filter_map(|text| match locked::fit(text.place.path.name(), &text.content, manifests) {
        Fit::Stale(why) => Some(finding(text, why)),
        Fit::Fits | Fit::Unknown => None,
    });
    Ok(stale.collect())
}

fn command(lock: &Text) -> Option<&'static str> {
    locked::relock(lock.place.path.name())
}

fn finding(lock: &Text, why: String) -> Finding {
    let name = lock.place.path.name();
    let manifest = if name == "Pipfile.lock" { "Pipfile" } else { "pyproject.toml" };
    let command = command(lock).unwrap_or_default();
    Finding::new(format!("{name} does not belong to {manifest} as it is"))
        .because(why)
        .so("what is installed from it is not what the project asks for, and an installation that insists on it fails")
        .remedy(command)
        .at(Location::file(&lock.path))
        .fix(Fix::asking(format!("make {name} again: {command}")).action(Action::Relock { lock: lock.place.clone() }))
}
