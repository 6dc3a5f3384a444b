//! PRC04 and PRC05: whether the hooks see the same versions and packages as the project.

use std::collections::BTreeMap;

use pep440_rs::Version;
use pep508_rs::Requirement;

use super::super::{
    Check, DEVELOPER, Docs, EVERYWHERE, Edit, Family, Finding, Findings, Fix, Fixable, Location, Severity,
};
use super::hooks;
use crate::domain::catalog::{Family as ToolFamily, Hook, Tool};
use crate::domain::edit::yaml::{StandingHook, standing_hooks};
use crate::domain::facts::{Facts, Need, NoAnswer, Packages, Pyproject, Text, Texts};
use crate::domain::groups::{Manifest, normalise};
use crate::domain::installed::Distribution;
use crate::domain::locked;
use crate::domain::piece::{Item, Locator};

pub const OTHER_REVISION: Check = Check {
    id: "PRC04",
    family: Family::Hooks,
    title: "a hook runs another version of a tool than the lock file or the environment",
    docs: Docs {
        what: "The `rev` of a hook's repository stands for one version of a tool, and the lock file holds another \
               version of the same tool; or, where it is not locked, another one is installed in the environment.",
        why: "The hook and the command line judge the same file differently: what one of them formatted, the other \
              changes back, and CI fails on what passed here.",
        origin: "One of the two was updated alone: `pre-commit autoupdate`, or an update of the lock file or of the \
                 environment.",
        remedy: "Write the version of the lock file or of the environment as `rev`, or update that.",
    },
    needs: &[Need::Hooks, Need::Packages, Need::Locks, Need::Tools],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: other_revision,
};

fn other_revision(facts: &Facts) -> Findings {
    let (_, text) = hooks(facts)?;
    let project = facts.project()?;
    let installed = project.packages.get()?.as_ref();
    let known = Known::new(project.locks.get()?, installed);
    if installed.is_none() && known.locked.is_empty() {
        return Err(NoAnswer::pointless("there is neither an environment nor a lock file to compare with"));
    }
    let tools = facts.machine.tools.get()?;
    let mut findings: Vec<Finding> = Vec::new();
    for standing in standing(text)? {
        let Some(difference) = difference(&standing, tools, &known) else { continue };
        let Difference { name, hook, version, holder } = difference;
        let span = standing.rev_span.clone();
        let from = text.content.get(span.clone()).unwrap_or_default().to_owned();
        let rev = hook.rev_of(version);
        let edit = Edit::Replace { place: text.place.clone(), span: span.clone(), to: quoted_like(&from, &rev), from };
        let finding = Finding::new(format!("the hook runs {name} {}, {holder} has {version}", hook.version))
            .because(format!("rev of {} is {}", standing.repo, standing.rev.unwrap_or_default()))
            .so("the hook and the command line disagree about the same file")
            .remedy(format!("write rev: {rev}"))
            .at(Location::within(text, span))
            .fix(Fix::asking(format!("let the hook run {name} {version}")).edit(edit));
        // A repository with several hooks has one rev.
        if !findings.iter().any(|other| other.location == finding.location) {
            findings.push(finding);
        }
    }
    Ok(findings)
}

/// The versions that a project has of its tools.
struct Known<'f> {
    /// The lock file's name, and its versions by normalised name.
    locked: Vec<(&'f str, BTreeMap<String, Vec<String>>)>,
    installed: Option<&'f Packages>,
}

impl<'f> Known<'f> {
    fn new(locks: &'f Texts, installed: Option<&'f Packages>) -> Self {
        let texts = locks.values().filter_map(|text| text.as_ref().ok());
        let versions = texts.map(|text| {
            let file = text.place.path.name();
            (file, locked::versions(file, &text.content))
        });
        Self { locked: versions.filter(|(_, versions)| !versions.is_empty()).collect(), installed }
    }

    /// The versions of a distribution and who has them. A lock file counts for everybody, an environment for one.
    fn of(&self, name: &str) -> Option<(&'f str, Vec<&str>)> {
        let held = self.locked.iter().find_map(|(file, versions)| Some((*file, versions.get(&normalise(name))?)));
        match held {
            Some((file, versions)) => Some((file, versions.iter().map(String::as_str).collect())),
            None => Some(("the environment", vec![named(self.installed?, name)?.version.as_str()])),
        }
    }
}

/// A hook's `rev`, taken apart by the pattern of its tool.
struct Revision<'t> {
    before: &'t str,
    version: String,
    after: &'t str,
}

impl Revision<'_> {
    /// The `rev` that stands for another version.
    fn rev_of(&self, version: &str) -> String {
        format!("{}{version}{}", self.before, self.after)
    }
}

struct Difference<'t> {
    name: &'t str,
    hook: Revision<'t>,
    /// What the project has instead.
    version: &'t str,
    /// Where it has that.
    holder: &'t str,
}

fn difference<'t>(standing: &StandingHook, tools: &'t [Tool], known: &'t Known<'_>) -> Option<Difference<'t>> {
    let (tool, hook) = of_tool(standing, tools)?;
    let own = tool.requirements.first().map_or(tool.name.as_str(), |requirement| requirement.name.as_str());
    let name = hook.distribution.as_deref().unwrap_or(own);
    let (holder, versions) = known.of(name)?;
    let (before, rest) = hook.rev.split_once("<<")?;
    let (_, after) = rest.split_once(">>")?;
    let written = standing.rev.as_deref()?.strip_prefix(before)?.strip_suffix(after)?;
    let version = written.parse::<Version>().ok()?;
    let others = versions.iter().map(|it| it.parse::<Version>()).collect::<Result<Vec<_>, _>>().ok()?;
    (!others.contains(&version)).then(|| Difference {
        name,
        hook: Revision { before, version: written.to_owned(), after },
        version: versions.last().copied().unwrap_or_default(),
        holder,
    })
}

/// The tool that a hook of a mirror runs.
fn of_tool<'t>(standing: &StandingHook, tools: &'t [Tool]) -> Option<(&'t Tool, &'t Hook)> {
    let url = |url: &str| url.trim_end_matches('/').trim_end_matches(".git").to_lowercase();
    tools.iter().find_map(|tool| {
        let hook = tool.hooks.iter().find(|hook| hook.id == standing.id && url(&hook.repo) == url(&standing.repo))?;
        Some((tool, hook))
    })
}

/// `text` in the quotes that `like` stands in.
fn quoted_like(like: &str, text: &str) -> String {
    match like.chars().next() {
        Some(mark @ ('"' | '\'')) => format!("{mark}{text}{mark}"),
        _ => text.to_owned(),
    }
}

fn named<'p>(packages: &'p Packages, name: &str) -> Option<&'p Distribution> {
    packages.distributions.iter().find(|found| normalise(&found.name) == normalise(name))
}

fn standing(text: &Text) -> Result<Vec<StandingHook>, NoAnswer> {
    standing_hooks(&text.content).map_err(|error| NoAnswer::Unknown(format!("{}: {error}", text.place)))
}

pub const UNTYPED: Check = Check {
    id: "PRC05",
    family: Family::Hooks,
    title: "the type checker's hook does not see the project's dependencies",
    docs: Docs {
        what: "A type checker runs as a hook in an environment of its own, and `additional_dependencies` lacks \
               packages that the project depends on and that bring their types.",
        why: "There the checker takes everything from those packages for `Any`: it misses faults that the same checker \
              finds on the command line, or reports imports that cannot be found.",
        origin: "The dependency was added to `pyproject.toml` alone; the hook's list is a second place.",
        remedy: "Add the package to `additional_dependencies` of the hook.",
    },
    needs: &[Need::Hooks, Need::Packages, Need::Records, Need::Pyproject, Need::Tools],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::Asking,
    run: untyped,
};

fn untyped(facts: &Facts) -> Findings {
    let (_, text) = hooks(facts)?;
    let project = facts.project()?;
    let (Some(packages), Some(pyproject)) = (project.packages.get()?, project.pyproject.get()?) else {
        return Ok(Vec::new());
    };
    let records = project.records.get()?;
    let has_types = |found: &&Distribution| {
        let info = found.info.file_name().unwrap_or_default().to_string_lossy();
        records.get(info.as_ref()).is_some_and(|files| files.iter().any(|file| file.path.ends_with("/py.typed")))
    };
    let depends = dependencies(pyproject);
    let typed: Vec<&Distribution> = depends.iter().filter_map(|name| named(packages, name)).filter(has_types).collect();
    let tools = facts.machine.tools.get()?;
    let mut findings = Vec::new();
    for standing in standing(text)?.iter().filter(|hook| is_type_checker(hook, tools)) {
        let sees: Vec<String> = standing.additional.iter().filter_map(|item| name_of(item)).collect();
        let missing: Vec<&&Distribution> = typed
            .iter()
            .filter(|found| {
                let name = normalise(&found.name);
                !sees.contains(&name) && !sees.contains(&format!("types-{name}"))
            })
            .collect();
        if missing.is_empty() {
            continue;
        }
        let names: Vec<&str> = missing.iter().map(|found| found.name.as_str()).collect();
        let mut fix = Fix::asking(format!("let the hook {} see {}", standing.id, names.join(", ")));
        for found in &missing {
            let at = Locator::HookItem {
                repo: standing.repo.clone(),
                id: standing.id.clone(),
                key: "additional_dependencies".to_owned(),
                item: Item::Requirement(normalise(&found.name)),
            };
            let wanted = format!("{}=={}", found.name, found.version);
            fix = fix.edit(Edit::Put { place: text.place.clone(), at, text: wanted });
        }
        findings.push(
            Finding::new(format!("the hook {} does not see the types of {}", standing.id, names.join(", ")))
                .because("it runs in an environment of its own, and additional_dependencies does not name them")
                .so("it finds other faults than the same checker on the command line")
                .remedy(format!("add {} to additional_dependencies", names.join(", ")))
                .at(Location::within(text, standing.span.clone()))
                .fix(fix),
        );
    }
    Ok(findings)
}

/// A hook of a type checker that pre-commit gives an environment of its own.
fn is_type_checker(standing: &StandingHook, tools: &[Tool]) -> bool {
    let checkers = tools.iter().filter(|tool| tool.family == ToolFamily::Types);
    let known = checkers.flat_map(|tool| &tool.hooks).any(|hook| hook.id == standing.id);
    let isolated = match standing.repo.as_str() {
        "local" => standing.language.as_deref() == Some("python"),
        _ => standing.language.as_deref().is_none_or(|language| language == "python"),
    };
    known && isolated
}

/// The normalised names of what the project itself requires.
fn dependencies(pyproject: &Pyproject) -> Vec<String> {
    let manifest = Manifest::parse(&pyproject.text.content).unwrap_or_default();
    manifest.dependencies().unwrap_or_default().iter().filter_map(|text| name_of(text)).collect()
}

fn name_of(requirement: &str) -> Option<String> {
    let parsed: Requirement = requirement.parse().ok()?;
    Some(normalise(parsed.name.as_ref()))
}
