//! PKG11: whether the environment has what the project declares and its lock file holds.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;
use pep508_rs::{MarkerEnvironment, Requirement, VersionOrUrl};

use super::super::tools::of_developers;
use super::super::{Check, DEVELOPER, Docs, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::requirements::{of_egg, unmet_names};
use super::{completed, installed, own_name};
use crate::domain::catalog::Tool;
use crate::domain::declared::{self, Declared, List};
use crate::domain::facts::{Environment, Facts, Manager, Need, NoAnswer, Packages, Project};
use crate::domain::groups::{Manifest, normalise};
use crate::domain::installed::{Distribution, Installed, reach};
use crate::domain::locked;
use crate::domain::needs::is_optional;
use crate::domain::tree::Tree;
use crate::domain::versions::fits;

pub const DEVIATING: Check = Check {
    id: "PKG11",
    family: Family::Packages,
    title: "the environment is not what the project declares",
    docs: Docs {
        what: "A package that the project requires, or that its development group names, is not installed, or in a \
               version that does not fit; or a package is installed in another version than the lock file holds. What \
               is installed beyond that is no fault, and neither are extras and groups that nobody installed.",
        why: "What runs here is not what runs elsewhere: a test passes on this machine and fails in CI, or the other \
              way round.",
        origin: "Somebody else changed the requirements or the lock file and the environment was not completed since, \
                 or a package was installed by hand.",
        remedy: "`pyenvkit sync`, or the command of the lock file's manager: `uv sync`, `poetry sync`, `pdm sync`, \
                 `pipenv sync --dev`.",
    },
    needs: &[Need::Environments, Need::Packages, Need::Pyproject, Need::Configuration, Need::Locks, Need::Tools],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::Asking,
    run: deviating,
};

/// More packages than these are not told one by one.
const TOLD: usize = 5;

fn deviating(facts: &Facts) -> Findings {
    let (project, environment, packages) = installed(facts)?;
    let markers = packages.markers.as_ref();
    let markers =
        markers.ok_or_else(|| NoAnswer::Unknown("the environment does not say which Python it has".into()))?;
    let Wished { declared, tools } = declared(facts, project)?;
    let there = There { tools, ..There::new(project, environment, packages)? };
    let mut all: BTreeMap<String, Deviation> = BTreeMap::new();
    for (place, requirement) in declared.iter().filter_map(|(place, text)| Some((place, text.parse().ok()?))) {
        if let Some(found) = there.judge(place, &requirement, markers) {
            all.entry(normalise(requirement.name.as_ref())).or_insert(found);
        }
    }
    let texts: Vec<String> = declared.into_iter().map(|(_, text)| text).collect();
    let wanted = reach(&texts, &there.installed, markers).reached;
    for (file, name, found) in there.beside_locks(project)? {
        if wanted.contains(&name) {
            all.entry(name).or_insert(Deviation { file: Some(file), ..found });
        }
    }
    Ok(finding(environment, packages, &all).into_iter().collect())
}

/// How a package differs.
struct Deviation {
    /// `pytest is not installed`.
    what: String,
    /// `pyproject.toml asks for pytest>=8`.
    cause: String,
    /// What has to be installed, where that does not stand in the project's requirements.
    also: Option<String>,
    /// The lock file that holds another version.
    file: Option<String>,
}

fn finding(environment: &Environment, packages: &Packages, all: &BTreeMap<String, Deviation>) -> Option<Finding> {
    let first = all.values().next()?;
    let shown = environment.shown();
    let message = match all.len() {
        1 => format!("{} in {shown}", first.what),
        many => format!("{many} packages in {shown} are not what the project declares"),
    };
    let told: Vec<String> = all
        .values()
        .take(TOLD)
        .map(|it| if all.len() == 1 { it.cause.clone() } else { format!("{}: {}", it.what, it.cause) })
        .collect();
    let rest = all.len().saturating_sub(TOLD);
    let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    let also = all.values().filter_map(|it| it.also.clone()).collect();
    let by_manager = all.values().find_map(|it| locked::install(it.file.as_deref()?));
    Some(
        Finding::new(message)
            .because(told.join("; ") + &more)
            .so("what is tested and run here is not what others test and run")
            .remedy(by_manager.unwrap_or("pyenvkit sync"))
            .at(Location::file(&packages.site))
            .caused_by(&["PKG10"])
            .fix(completed(environment, Fix::asking(format!("complete {shown}")), also)),
    )
}

/// What an environment of the project is sure to have.
struct Wished {
    /// Requirements with the file that they stand in.
    declared: Vec<(String, String)>,
    /// The tools among them, whose absence another check tells.
    tools: BTreeSet<String>,
}

/// What the project requires, and what its manager installs for developers without being asked.
fn declared(facts: &Facts, project: &Project) -> Result<Wished, NoAnswer> {
    project.configuration.get()?;
    let nothing = toml::Table::new();
    let table = match project.pyproject.get()? {
        Some(pyproject) => pyproject.table.as_ref().map_err(|_| NoAnswer::pointless("pyproject.toml is not TOML"))?,
        None => &nothing,
    };
    let unknown = |error: anyhow::Error| NoAnswer::Unknown(format!("{error:#}"));
    let all = declared::read(&mut Tree::new(project), table).map_err(unknown)?;
    let is_package = own_name(project)?.is_some();
    let is_sure = |it: &&Declared| match &it.list {
        List::Array { table, key, .. } => {
            match (table.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), key.as_str()) {
                (["project"], "dependencies") | (["tool", "uv"], "dev-dependencies") => true,
                (["tool", "pdm", "dev-dependencies"], _) => project.manager == Manager::Pdm,
                _ => false,
            }
        }
        List::Table { .. } => !is_optional(table, &it.list),
        List::Ini { section, .. } => section == "options",
        List::Lines { file } => !declared::develops(file) && !is_package,
    };
    let mut sure: Vec<(String, String)> = all
        .iter()
        .filter(is_sure)
        .flat_map(|it| it.requirements.iter().map(|text| (it.list.file().path.to_string(), text.clone())))
        .collect();
    let manifest = Manifest::parse(&table.to_string()).unwrap_or_default();
    let usual = declared::at(table, &["tool", "uv", "default-groups"]).and_then(toml::Value::as_array);
    let usual: Vec<String> = match usual {
        Some(groups) => groups.iter().filter_map(toml::Value::as_str).map(normalise).collect(),
        None => vec!["dev".to_owned()],
    };
    for group in manifest.group_names().iter().filter(|group| usual.contains(&normalise(group))) {
        let texts = manifest.group(group).unwrap_or_default();
        sure.extend(texts.into_iter().map(|text| ("pyproject.toml".to_owned(), text)));
    }
    let known: Vec<&Tool> = facts.machine.tools.get()?.iter().collect();
    let tools = of_developers(&all, &known).into_iter().map(|it| it.name.clone()).collect();
    Ok(Wished { declared: sure, tools })
}

/// What is installed, as far as it can be compared.
struct There<'f> {
    own: Option<String>,
    installed: Installed,
    /// What is there in a form that does not tell its version, or is another check's affair.
    besides: BTreeSet<String>,
    /// Whether what is not in the environment is nowhere.
    alone: bool,
    tools: BTreeSet<String>,
    packages: &'f Packages,
}

impl<'f> There<'f> {
    fn new(project: &Project, environment: &Environment, packages: &'f Packages) -> Result<Self, NoAnswer> {
        let mut besides: BTreeSet<String> =
            packages.eggs.iter().chain(&packages.unreadable).map(|it| of_egg(it)).collect();
        besides.extend(unmet_names(packages));
        let all = packages.distributions.iter().map(|found| (normalise(&found.name), found.clone()));
        Ok(Self {
            own: own_name(project)?,
            installed: all.collect(),
            besides,
            alone: !environment.conda && !environment.sees_others(),
            tools: BTreeSet::new(),
            packages,
        })
    }

    fn judge(&self, place: &str, requirement: &Requirement, markers: &MarkerEnvironment) -> Option<Deviation> {
        let name = normalise(requirement.name.as_ref());
        if self.besides.contains(&name)
            || self.own.as_ref() == Some(&name)
            || !requirement.evaluate_markers(markers, &[])
        {
            return None;
        }
        let cause = format!("{place} asks for {}", super::requirements::bare(requirement));
        let Some(found) = self.installed.get(&name) else {
            let what = format!("{name} is not installed");
            return (self.alone && !self.tools.contains(&name)).then_some(Deviation {
                what,
                cause,
                also: None,
                file: None,
            });
        };
        let Some(VersionOrUrl::VersionSpecifier(specifiers)) = &requirement.version_or_url else { return None };
        let is_fitting = found.version.parse().map_or(true, |version: Version| fits(&version, specifiers));
        // Where it comes from somewhere else than an index, somebody meant it.
        (!is_fitting && found.origin.is_none()).then(|| Deviation {
            what: format!("{} {} does not fit", found.name, found.version),
            cause,
            also: None,
            file: None,
        })
    }

    /// What the lock files hold in other versions: file, name, difference.
    fn beside_locks(&self, project: &Project) -> Result<Vec<(String, String, Deviation)>, NoAnswer> {
        let mut all = Vec::new();
        for lock in project.locks.get()?.values().filter_map(|text| text.as_ref().ok()) {
            let file = lock.place.path.name();
            if locked::install(file).is_none() {
                continue;
            }
            for (name, versions) in locked::versions(file, &lock.content) {
                if self.own.as_ref() == Some(&name) || self.besides.contains(&name) {
                    continue;
                }
                let Some(found) = self.installed.get(&name).filter(|found| self.is_single(found)) else { continue };
                if versions.iter().any(|version| is_same(version, &found.version)) {
                    continue;
                }
                let held = versions.join(" or ");
                let also = (versions.len() == 1).then(|| format!("{name}=={held}"));
                let what = format!("{} {} is installed", found.name, found.version);
                let difference = Deviation { what, cause: format!("{file} holds {held}"), also, file: None };
                all.push((file.to_owned(), name, difference));
            }
        }
        Ok(all)
    }

    /// Whether it came from an index and is there once.
    fn is_single(&self, found: &Distribution) -> bool {
        let name = normalise(&found.name);
        let same = self.packages.distributions.iter().filter(|other| normalise(&other.name) == name);
        found.origin.is_none() && same.count() == 1
    }
}

/// Whether an installed version is the locked one; where only one of them says how it was built, that is no difference.
fn is_same(locked: &str, installed: &str) -> bool {
    let (Ok(locked), Ok(installed)) = (locked.parse::<Version>(), installed.parse::<Version>()) else { return true };
    if locked.is_local() == installed.is_local() {
        locked == installed
    } else {
        locked.without_local() == installed.without_local()
    }
}
