//! GIT06: whether the history tells the version that is derived from it.

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use super::repository;
use crate::domain::declared;
use crate::domain::facts::{Facts, Need, NoAnswer};

pub const CUT_OFF: Check = Check {
    id: "GIT06",
    family: Family::Git,
    title: "the version is derived from a history that was cut off",
    docs: Docs {
        what: "The project takes its version from git's tags, and the repository was cloned without its history and \
               its tags.",
        why: "The build invents a version such as `0.1.dev1`: what is installed or published has the wrong version, \
              or the build fails.",
        origin: "`git clone --depth 1`; continuous integration clones like that unless told otherwise.",
        remedy: "`git fetch --unshallow --tags`. In GitHub's workflows: `fetch-depth: 0` for `actions/checkout`.",
    },
    needs: &[Need::Pyproject, Need::Variables],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: cut_off,
};

/// Where `pyproject.toml` says that the version comes from tags: the path of a key, and the value that it must have; any
/// if there is none.
const FROM_TAGS: &[(&[&str], Option<&str>)] = &[
    (&["tool", "setuptools_scm"], None),
    (&["tool", "setuptools-git-versioning"], None),
    (&["tool", "versioningit"], None),
    (&["tool", "hatch", "version", "source"], Some("vcs")),
    (&["tool", "pdm", "version", "source"], Some("scm")),
];

fn cut_off(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let repository = repository(project)?;
    let manifest = project.pyproject.get()?.as_ref();
    let manifest = manifest.ok_or_else(|| NoAnswer::pointless("there is no pyproject.toml"))?;
    let table = manifest.table.as_ref().map_err(|_| NoAnswer::pointless("pyproject.toml is not TOML"))?;
    let is_dynamic = declared::at(table, &["project", "dynamic"])
        .and_then(toml::Value::as_array)
        .is_some_and(|keys| keys.iter().any(|key| key.as_str() == Some("version")));
    let source = FROM_TAGS.iter().find(|(path, wanted)| {
        declared::at(table, path).is_some_and(|value| wanted.is_none_or(|wanted| value.as_str() == Some(wanted)))
    });
    let Some((path, _)) = source.filter(|_| is_dynamic) else {
        return Err(NoAnswer::pointless("the version is not derived from tags"));
    };
    let stated = facts.machine.variables.get()?.keys().any(|name| name.contains("PRETEND_VERSION"));
    // Of a clone without depth, the tag of its only commit comes along.
    if !repository.is_shallow || repository.has_tags || stated {
        return Ok(Vec::new());
    }
    Ok(vec![
        Finding::new("the version of the project cannot be derived: the history was cut off")
            .because(format!(
                "pyproject.toml takes the version from tags ({}), and {} has none, only the newest commits",
                path.join("."),
                repository.top.display()
            ))
            .so("what is built has an invented version, or is not built at all")
            .remedy("git fetch --unshallow --tags")
            .at(Location::file(&manifest.text.path)),
    ])
}
