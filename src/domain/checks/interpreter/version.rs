//! INT01 to INT04: whether the Python that the project asks for is there, allowed and alive.

use std::ops::Range;

use pep440_rs::{Version, VersionSpecifiers};

use super::super::{Check, Context, DEVELOPER, Docs, EVERYWHERE, Edit, Family};
use super::super::{Finding, Findings, Fix, Fixable, Location, Severity};
use crate::domain::declared;
use crate::domain::facts::{Environment, Facts, Manager, Need, NoAnswer, Project, Python, Text};
use crate::domain::python::{self, Minor};
use crate::domain::python_request::{Request, Wanted, contains, could_contain, python_version_file};

const PIN: &str = ".python-version";

pub const NONE_FITS: Check = Check {
    id: "INT01",
    family: Family::Interpreter,
    title: "no Python satisfies requires-python",
    docs: Docs {
        what: "`requires-python` in `pyproject.toml` says with which versions of Python the project works, and none of \
               the Pythons on this machine is one of them.",
        why: "The project cannot be installed: pip says \"requires a different Python\", and no environment for it \
              can be made.",
        origin: "The project moved on to a newer Python, or the machine's Pythons were removed.",
        remedy: "Install a version that fits: `uv python install 3.14`, `pyenv install 3.14`, or the package of your \
                 system. `pyenvkit python list` shows what there is.",
    },
    needs: &[Need::Pyproject, Need::Pythons, Need::Environments],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: none_fits,
};

fn none_fits(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let (text, requires) = requires_python(project)?;
    gets_its_own(project)?;
    let known: Option<Vec<Minor>> = facts.machine.pythons.get()?.iter().map(|python| python.minor).collect();
    // A Python whose version its files do not tell may be the one.
    let Some(mut known) = known else { return Ok(Vec::new()) };
    known.extend(environment(project)?.and_then(Environment::minor));
    if known.iter().any(|minor| could_contain(&requires, *minor)) {
        return Ok(Vec::new());
    }
    known.sort_unstable();
    known.dedup();
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    let all = if names.is_empty() { "there is none".to_owned() } else { format!("there are {}", names.join(", ")) };
    let newest = python::END_OF_LIFE.iter().rev().map(|(minor, _)| *minor).find(|it| could_contain(&requires, *it));
    let remedy = match newest {
        Some(minor) => format!("uv python install {minor} (or pyenv install {minor})"),
        None => "correct requires-python in pyproject.toml: no Python that was released satisfies it".to_owned(),
    };
    Ok(vec![
        Finding::new(format!("no Python on this machine satisfies requires-python = \"{requires}\""))
            .because(format!("of Pythons {all}"))
            .so("the project cannot be installed, and no environment for it can be made")
            .remedy(remedy)
            .at(Location::file(&text.path)),
    ])
}

pub const PIN_NOT_INSTALLED: Check = Check {
    id: "INT02",
    family: Family::Interpreter,
    title: "the pinned Python is not installed",
    docs: Docs {
        what: "`.python-version` names a version of Python that is not on this machine.",
        why: "pyenv refuses to run `python` in this folder at all, and other tools take another version than the one \
              that was meant.",
        origin: "Somebody else pinned the version that they have, or that version was removed here.",
        remedy: "Install it: `pyenv install X.Y` or `uv python install X.Y`. Or write a version that is there into \
                 `.python-version`.",
    },
    needs: &[Need::Locks, Need::Pyproject, Need::Pythons, Need::Environments],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::Asking,
    run: pin_not_installed,
};

fn pin_not_installed(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let pin = Pin::of(project)?;
    gets_its_own(project)?;
    if environment(project)?.is_some_and(|it| it.has_python() && it.minor() == Some(pin.minor)) {
        return Ok(Vec::new());
    }
    let pythons = facts.machine.pythons.get()?;
    // A Python whose version its files do not tell may be the one.
    let may_be = |python: &Python| match (python.minor, &python.release) {
        (Some(minor), _) if minor != pin.minor => false,
        (Some(_), Some(release)) if pin.version.release().len() > 2 => *release == pin.word,
        _ => true,
    };
    if pythons.iter().any(may_be) {
        return Ok(Vec::new());
    }
    Ok(vec![
        Finding::new(format!("Python {}, which {PIN} names, is not installed", pin.word))
            .because(format!("none of the {} Pythons on this machine is that version", pythons.len()))
            .so("pyenv refuses to run python here, and other tools take another version")
            .remedy(format!("pyenv install {0} (or uv python install {0})", pin.word))
            .at(Location::within(pin.text, pin.span.clone()))
            .caused_by(&["INT03"])
            .fix(pin.another(facts)?),
    ])
}

pub const PIN_NOT_ALLOWED: Check = Check {
    id: "INT03",
    family: Family::Interpreter,
    title: "the pinned Python is outside of requires-python",
    docs: Docs {
        what: "`.python-version` names a version of Python that `requires-python` in `pyproject.toml` excludes.",
        why: "The two contradict each other: an environment that is made with the pinned version cannot install the \
              project.",
        origin: "One of the two was raised and the other was forgotten.",
        remedy: "Write a version that `requires-python` allows into `.python-version`, or widen `requires-python`.",
    },
    needs: &[Need::Locks, Need::Pyproject, Need::Pythons, Need::Environments],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: pin_not_allowed,
};

fn pin_not_allowed(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let pin = Pin::of(project)?;
    let (_, requires) = requires_python(project)?;
    let allowed = if pin.version.release().len() > 2 {
        contains(&requires, &pin.version)
    } else {
        could_contain(&requires, pin.minor)
    };
    if allowed {
        return Ok(Vec::new());
    }
    Ok(vec![
        Finding::new(format!("{PIN} names Python {}, which requires-python excludes", pin.word))
            .because(format!("requires-python in pyproject.toml is \"{requires}\""))
            .so("an environment of the pinned version cannot install the project")
            .remedy(format!("write a version that satisfies {requires} into {PIN}"))
            .at(Location::within(pin.text, pin.span.clone()))
            .fix(pin.another(facts)?),
    ])
}

pub const END_OF_LIFE: Check = Check {
    id: "INT04",
    family: Family::Interpreter,
    title: "the Python is past its end of life",
    docs: Docs {
        what: "The project's environment has a version of Python that is not maintained any more; where there is no \
               environment, `.python-version` names one.",
        why: "Holes in its security are not mended any more, and new versions of packages do not support it: pip \
              installs older and older ones without a word.",
        origin: "Each version of Python lives for five years.",
        remedy: "Make the environment again with a newer version: move it away, then `pyenvkit sync --python 3.14`.",
    },
    needs: &[Need::Environments, Need::Locks],
    severity: Severity::Warning,
    contexts: &[Context::Developer, Context::Container],
    fixable: Fixable::ByHand,
    run: end_of_life,
};

fn end_of_life(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let newest = python::NEWEST;
    let (minor, subject, place, remedy) = if let Some(environment) = environment(project)? {
        let minor = environment.minor().or(environment.python.minor);
        let Some(minor) = minor else { return Ok(Vec::new()) };
        let shown = environment.shown();
        let remedy = format!("mv {shown} {shown}.old && pyenvkit sync --python {newest}");
        (minor, format!("the environment {shown}"), Location::file(&environment.folder), remedy)
    } else {
        let pin = Pin::of(project)?;
        let remedy = format!("write {newest} into {PIN}");
        (pin.minor, PIN.to_owned(), Location::within(pin.text, pin.span), remedy)
    };
    let Some(day) = python::end_of_life(minor).filter(|day| *day < facts.machine.today.as_str()) else {
        return Ok(Vec::new());
    };
    Ok(vec![
        Finding::new(format!("Python {minor} of {subject} is past its end of life"))
            .because(format!("its life ended on {day}"))
            .so("holes in its security stay open, and new versions of packages do not install")
            .remedy(remedy)
            .at(place),
    ])
}

/// What `.python-version` asks for first.
struct Pin<'t> {
    text: &'t Text,
    word: String,
    span: Range<usize>,
    version: Version,
    minor: Minor,
}

impl<'t> Pin<'t> {
    /// # Errors
    /// There is no such file, or it asks for something else than a released version of CPython.
    fn of(project: &'t Project) -> Result<Self, NoAnswer> {
        let text = project.locks.get()?.get(PIN).and_then(|text| text.as_ref().ok());
        let text = text.ok_or_else(|| NoAnswer::pointless(format!("there is no {PIN}")))?;
        let word = python_version_file(&text.content).first().map(|word| (*word).to_owned());
        let pin = word.and_then(|word| {
            let Ok(Request::Version(Wanted { implementation, version: Some(version), free_threaded: false })) =
                word.parse()
            else {
                return None;
            };
            let of_python = implementation.is_none_or(|name| name == "cpython") && !version.any_prerelease();
            let &[major, minor, ..] = version.release() else { return None };
            let minor = Minor::new(u8::try_from(major).ok()?, u8::try_from(minor).ok()?);
            let number = word.find(|first: char| first.is_ascii_digit())?;
            let start = position(&text.content, &word)? + number;
            let word = word.get(number..)?.to_owned();
            of_python.then_some(Self { text, span: start..start + word.len(), word, version, minor })
        });
        pin.ok_or_else(|| NoAnswer::pointless(format!("{PIN} names no version")))
    }

    /// Pin a Python that is here: that of the environment, else the newest, where the project allows it.
    fn another(&self, facts: &Facts) -> Result<Option<Fix>, NoAnswer> {
        let project = facts.project()?;
        let requires = requires_python(project).ok().map(|(_, requires)| requires);
        let fits = |minor: &Minor| {
            let alive = python::end_of_life(*minor).is_some_and(|day| day >= facts.machine.today.as_str());
            *minor != self.minor && alive && requires.as_ref().is_none_or(|requires| could_contain(requires, *minor))
        };
        let own = environment(project)?.filter(|it| it.has_python()).and_then(Environment::minor).filter(fits);
        let newest = || facts.machine.pythons.get().ok()?.iter().filter_map(|python| python.minor).filter(fits).max();
        let Some(minor) = own.or_else(newest) else { return Ok(None) };
        Ok(Some(Fix::asking(format!("pin Python {minor}, which is installed, in {PIN}")).edit(Edit::Replace {
            place: self.text.place.clone(),
            span: self.span.clone(),
            from: self.word.clone(),
            to: minor.to_string(),
        })))
    }
}

/// Where a word stands outside of comments.
fn position(text: &str, word: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(at) = line.split('#').next().and_then(|bare| bare.find(word)) {
            return Some(start + at);
        }
        start += line.len();
    }
    None
}

/// `project.requires-python`, with the file that says so.
fn requires_python(project: &Project) -> Result<(&Text, VersionSpecifiers), NoAnswer> {
    let manifest = project.pyproject.get()?.as_ref();
    let found = manifest.and_then(|manifest| {
        let value = declared::at(manifest.table.as_ref().ok()?, &["project", "requires-python"])?;
        Some((&manifest.text, value.as_str()?.parse().ok()?))
    });
    found.ok_or_else(|| NoAnswer::pointless("requires-python is not stated"))
}

/// The environment that is worked with, if there is one.
fn environment(project: &Project) -> Result<Option<&Environment>, NoAnswer> {
    Ok(project.environments.get()?.first())
}

/// # Errors
/// The project's manager fetches the Python that it needs.
fn gets_its_own(project: &Project) -> Result<(), NoAnswer> {
    match project.manager {
        Manager::Uv | Manager::Hatch | Manager::Conda => {
            Err(NoAnswer::pointless(format!("{} fetches the Python that it needs", project.manager.name())))
        }
        _ => Ok(()),
    }
}
