//! PKG01: whether everything that is installed has what it requires. The verdict is that of `pip check`.

use std::collections::BTreeMap;
use std::path::Path;

use pep440_rs::Version;
use pep508_rs::{MarkerEnvironment, Requirement, VersionOrUrl};

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::{completed, installed, pip};
use crate::domain::facts::{Environment, Facts, Need, NoAnswer, Packages};
use crate::domain::groups::normalise;
use crate::domain::installed::{Distribution, of_info};
use crate::domain::versions::fits;

pub const UNSATISFIED: Check = Check {
    id: "PKG01",
    family: Family::Packages,
    title: "an installed package lacks what it requires",
    docs: Docs {
        what: "A package in the environment says that it needs another one, and that one is not installed, or is \
               installed in a version that does not fit; or what it says is nothing that pip can read. The answer is the \
               same as that of `pip check`.",
        why: "The package fails when it is imported, or, which is worse, later and only in some places: the other \
              package does not have what it expects.",
        origin: "A package was installed or uninstalled by hand: pip does not look back at what was there before. Or \
                 it was installed with `--no-deps`.",
        remedy: "Install the version that is asked for: `pip install \"NAME>=1.2\"`. Where two packages contradict \
                 each other, upgrade the older of them.",
    },
    needs: &[Need::Environments, Need::Packages],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: unsatisfied,
};

fn unsatisfied(facts: &Facts) -> Findings {
    let (_, environment, packages) = installed(facts)?;
    let markers = packages.markers.as_ref();
    let markers =
        markers.ok_or_else(|| NoAnswer::Unknown("the environment does not say which Python it has".into()))?;
    let mut unmet: BTreeMap<String, Vec<Unmet<'_>>> = BTreeMap::new();
    for one in check(packages, markers) {
        // What is missing here can be among the packages of its base.
        if one.found.is_some() || !environment.sees_others() {
            unmet.entry(normalise(one.requirement.name.as_ref())).or_default().push(one);
        }
    }
    let illegible = packages.distributions.iter().filter_map(|found| Some((found, illegible(found)?)));
    let illegible = illegible.map(|(found, what)| told_illegible(environment, found, &what));
    Ok(unmet.values().map(|all| finding(environment, all)).chain(illegible).collect())
}

/// A requirement of something installed that nothing installed satisfies.
struct Unmet<'p> {
    by: &'p Distribution,
    requirement: Requirement,
    /// What is installed in its place.
    found: Option<There<'p>>,
}

/// Something installed under the name that is asked for.
#[derive(Debug, Clone, Copy)]
struct There<'p> {
    name: &'p str,
    version: &'p str,
}

/// As pip does (`pip/_internal/operations/check.py`): no extra counts as asked for, and pre-releases do. Of a package that
/// is there twice, either copy will do.
fn check<'p>(packages: &'p Packages, markers: &MarkerEnvironment) -> Vec<Unmet<'p>> {
    let mut by_name: BTreeMap<String, Vec<There<'_>>> = BTreeMap::new();
    // The name of its folder tells what is there even where nothing else does.
    let bare = packages.unreadable.iter().filter_map(|folder| of_info(Path::new(folder)));
    let whole = packages.distributions.iter().map(|found| (found.name.as_str(), found.version.as_str()));
    for (name, version) in whole.chain(bare) {
        by_name.entry(normalise(name)).or_default().push(There { name, version });
    }
    let eggs: Vec<String> = packages.eggs.iter().map(|name| of_egg(name)).collect();
    let mut unmet = Vec::new();
    for by in packages.distributions.iter().filter(|by| illegible(by).is_none()) {
        let parsed = by.requires.iter().filter_map(|text| parse(text));
        for requirement in parsed.filter(|requirement| requirement.evaluate_markers(markers, &[])) {
            let name = normalise(requirement.name.as_ref());
            match by_name.get(&name) {
                Some(there) if there.iter().any(|found| suits(found.version, &requirement)) => {}
                Some(there) => unmet.push(Unmet { by, requirement, found: there.first().copied() }),
                None if eggs.contains(&name) => {}
                None => unmet.push(Unmet { by, requirement, found: None }),
            }
        }
    }
    unmet
}

/// What pip cannot read of a distribution (`packaging`, "requirements.py" and "version.py"): it stops there, and knows
/// nothing of what else it requires.
fn illegible(found: &Distribution) -> Option<String> {
    if found.version.parse::<Version>().is_err() {
        return Some(format!("Version: {}", found.version));
    }
    let is_wrong = |text: &&String| parse(text).is_none() && !is_beyond_us(text);
    found.requires.iter().find(is_wrong).map(|text| format!("Requires-Dist: {text}"))
}

/// A requirement as pip reads it: a comma may end its list of specifiers.
fn parse(text: &str) -> Option<Requirement> {
    let again = || {
        let (wanted, marker) = text.split_at(text.find(';').unwrap_or(text.len()));
        let wanted = wanted.trim_end();
        let (list, close) = wanted.strip_suffix(')').map_or((wanted, ""), |inner| (inner.trim_end(), ")"));
        format!("{}{close} {marker}", list.strip_suffix(',')?).parse().ok()
    };
    text.parse().ok().or_else(again)
}

/// Whether pip may know more of requirements than we do: URLs, arbitrary equality, new markers.
fn is_beyond_us(text: &str) -> bool {
    ["@", "===", "extras", "dependency_groups"].iter().any(|part| text.contains(part))
}

fn told_illegible(environment: &Environment, found: &Distribution, what: &str) -> Finding {
    let name = &found.name;
    Finding::new(format!("pip cannot read what {name} {} requires", found.version))
        .because(format!("its METADATA says \"{what}\", which is not allowed (PEP 440, PEP 508)"))
        .so(format!("nobody can tell whether {name} has what it needs, and pip refuses to install it once more"))
        .remedy(pip(environment, &format!("install --upgrade {name}")))
        .at(Location::file(found.info.join("METADATA")))
}

/// The names of what installed packages lack.
pub(super) fn unmet_names(packages: &Packages) -> Vec<String> {
    let Some(markers) = &packages.markers else { return Vec::new() };
    check(packages, markers).iter().map(|one| normalise(one.requirement.name.as_ref())).collect()
}

fn suits(version: &str, requirement: &Requirement) -> bool {
    match &requirement.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(specifiers)) => {
            version.parse::<Version>().is_ok_and(|version| fits(&version, specifiers))
        }
        // pip does not compare where a package came from.
        Some(VersionOrUrl::Url(_)) | None => true,
    }
}

/// The normalised name in that of an `.egg-info` or `.egg-link`: `Foo_Bar-1.0-py3.11.egg-info`.
pub(super) fn of_egg(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    normalise(stem.split('-').next().unwrap_or(stem))
}

/// One finding for everything that is asked of one package.
fn finding(environment: &Environment, all: &[Unmet<'_>]) -> Finding {
    let shown = environment.shown();
    let mut asked: Vec<String> = Vec::new();
    let mut who: Vec<String> = Vec::new();
    for one in all {
        for (list, text) in [
            (&mut asked, bare(&one.requirement)),
            (&mut who, format!("{} {} requires {}", one.by.name, one.by.version, bare(&one.requirement))),
        ] {
            if !list.contains(&text) {
                list.push(text);
            }
        }
    }
    let first = &all[0];
    let name = first.requirement.name.to_string();
    let users: Vec<&str> = all.iter().map(|one| one.by.name.as_str()).collect();
    let (message, consequence, label) = match first.found {
        Some(found) => (
            format!("{} {} is installed in {shown}, which does not suit {}", found.name, found.version, users[0]),
            format!("{} may fail, or work wrongly, where it uses {name}", users[0]),
            format!("install a version of {name} that suits {}", users.join(", ")),
        ),
        None => (
            format!("{name} is not installed in {shown}, and {} needs it", users[0]),
            format!("{} fails when it imports {name}", users[0]),
            format!("install {name}"),
        ),
    };
    let quoted: Vec<String> = asked.iter().map(|text| format!("\"{text}\"")).collect();
    let by = first.by.info.join("METADATA");
    Finding::new(message)
        .because(who.join("; "))
        .so(consequence)
        .remedy(pip(environment, &format!("install {}", quoted.join(" "))))
        .at(Location::file(by))
        .fix(completed(environment, Fix::asking(label), asked))
}

/// A requirement without its marker.
pub(super) fn bare(requirement: &Requirement) -> String {
    let mut text = requirement.name.to_string();
    if !requirement.extras.is_empty() {
        let extras: Vec<String> = requirement.extras.iter().map(ToString::to_string).collect();
        text += &format!("[{}]", extras.join(","));
    }
    match &requirement.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(specifiers)) => {
            let parts: Vec<String> = specifiers.iter().map(ToString::to_string).collect();
            text + &parts.join(",")
        }
        Some(VersionOrUrl::Url(url)) => format!("{text} @ {url}"),
        None => text,
    }
}
