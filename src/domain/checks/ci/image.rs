//! CI02: whether an image runs the project with a Python that it can be installed with.

use std::collections::BTreeMap;
use std::ops::Range;

use pep440_rs::VersionSpecifiers;

use super::super::pyproject::Spanned;
use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use super::{own_texts, version};
use crate::domain::facts::{Facts, Need, Text};
use crate::domain::python::Minor;
use crate::domain::python_request::could_contain;

pub const OTHER_IMAGE: Check = Check {
    id: "CI02",
    family: Family::Ci,
    title: "an image has another Python than the project needs",
    docs: Docs {
        what: "The last Python image that a `Dockerfile` begins with has a version that `requires-python` does not \
               allow; or an environment is copied from a stage with one Python to a stage with another.",
        why: "`pip install .` refuses to install the project in the image. An environment that another Python made does \
              not start: its packages lie in a folder with that version's number.",
        origin: "The Python of the project was raised, and the image was not; or only one of the stages was.",
        remedy: "Write the tag of a Python that the project is for, the same in each stage: `FROM python:3.14-slim`.",
    },
    needs: &[Need::Ci, Need::Pyproject],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: other_image,
};

fn other_image(facts: &Facts) -> Findings {
    let document = Spanned::of(facts).ok();
    let written = document.as_ref().and_then(|document| document.text_of("requires-python")).map(|(text, _)| text);
    let requires = written.and_then(|text| text.parse::<VersionSpecifiers>().ok());
    let mut findings = Vec::new();
    for text in own_texts(facts)?.filter(|text| is_image(text.place.path.as_str())) {
        let stages = stages(&text.content);
        let last = stages.iter().rev().find_map(|stage| Some((stage, stage.python?)));
        if let (Some((stage, minor)), Some(requires), Some(written)) = (last, &requires, written)
            && !could_contain(requires, minor)
        {
            findings.push(
                Finding::new(format!("{} has Python {minor}, which requires-python does not allow", text.place.path))
                    .because(format!("requires-python is \"{written}\""))
                    .so("the project cannot be installed in the image")
                    .remedy(format!("let {} begin with an image of a Python that {written} allows", text.place.path))
                    .at(Location::within(text, stage.image.clone())),
            );
        }
        findings.extend(stages.iter().flat_map(|stage| copied(text, stage, &stages)));
    }
    Ok(findings)
}

/// Environments that are copied to a stage from one of another Python.
fn copied<'t>(text: &'t Text, stage: &'t Stage, stages: &'t [Stage]) -> impl Iterator<Item = Finding> + 't {
    stage.copies.iter().filter_map(move |copy| {
        let from = stages.iter().enumerate().find(|(index, it)| it.name == copy.from || index.to_string() == copy.from);
        let (there, here) = (from?.1.python?, stage.python?);
        (there != here).then(|| {
            Finding::new(format!("{} copies an environment of Python {there} to Python {here}", text.place.path))
                .because(format!("the stage {} has Python {there}, and this one Python {here}", copy.from))
                .so("the environment does not start, or does not find its packages")
                .remedy("let both stages begin with the same Python")
                .at(Location::within(text, copy.span.clone()))
        })
    })
}

/// A stage of an image.
struct Stage {
    name: String,
    /// The image that it begins with.
    image: Range<usize>,
    python: Option<Minor>,
    copies: Vec<Copy>,
}

/// An environment that is copied from another stage.
struct Copy {
    from: String,
    span: Range<usize>,
}

fn is_image(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("Dockerfile") || name.ends_with(".Dockerfile") || name.starts_with("Containerfile")
}

/// The stages of a Dockerfile, as far as its `ARG`s with defaults tell what they begin with.
fn stages(text: &str) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut defaults: BTreeMap<&str, &str> = BTreeMap::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut words = line.split_whitespace();
        let instruction = words.next().unwrap_or_default().to_ascii_uppercase();
        let is_option = |word: &&str| word.starts_with("--");
        match instruction.as_str() {
            "ARG" if stages.is_empty() => {
                let pairs = words.filter_map(|word| word.split_once('='));
                defaults.extend(pairs.map(|(name, value)| (name, value.trim_matches(['"', '\'']))));
            }
            "FROM" => {
                let words: Vec<&str> = words.filter(|word| !is_option(word)).collect();
                let Some(image) = words.first() else { continue };
                let begin = start + line.find(image).unwrap_or(0);
                let name = words.get(2).copied().unwrap_or_default().to_owned();
                // A stage can begin with another one.
                let python = match stages.iter().find(|stage| !stage.name.is_empty() && stage.name == *image) {
                    Some(base) => base.python,
                    None => expanded(image, &defaults).as_deref().and_then(python_of),
                };
                stages.push(Stage { name, image: begin..begin + image.len(), python, copies: Vec::new() });
            }
            "COPY" => {
                let from = line.split_whitespace().find_map(|word| word.strip_prefix("--from="));
                let is_environment = words.any(|word| word.contains("venv") || word.contains("site-packages"));
                if let (Some(from), Some(stage)) = (from.filter(|_| is_environment), stages.last_mut()) {
                    let span = start..start + line.trim_end().len();
                    stage.copies.push(Copy { from: from.to_owned(), span });
                }
            }
            _ => {}
        }
        start += line.len();
    }
    stages
}

/// `image` with the values of variables; `None` where one has no value.
fn expanded(image: &str, defaults: &BTreeMap<&str, &str>) -> Option<String> {
    let mut out = String::new();
    let mut rest = image;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, behind) = if let Some(braced) = after.strip_prefix('{') {
            braced.split_once('}')?
        } else {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            after.split_at(end)
        };
        let (name, own) = name.split_once(":-").map_or((name, None), |(name, own)| (name, Some(own)));
        out.push_str(defaults.get(name).copied().or(own)?);
        rest = behind;
    }
    Some(out + rest)
}

/// The Python of an official image (`python:3.12-slim`) or of one that names it in its tag (`uv:python3.12-alpine`).
fn python_of(image: &str) -> Option<Minor> {
    let image = image.split('@').next()?;
    let (path, tag) = image.rsplit_once(':')?;
    let stated = match path.rsplit('/').next()? {
        "python" => tag,
        "uv" => tag.strip_prefix("python")?,
        _ => return None,
    };
    version(stated.split('-').next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_python_of_each_stage_is_told() {
        let text = "# syntax=docker/dockerfile:1\nARG V=3.8\nFROM --platform=linux/amd64 python:${V}-slim AS build\nRUN x\n\
                    from docker.io/library/python:3.12.1-slim@sha256:00 as run\nCOPY --from=build /app/.venv /app/.venv\n\
                    FROM ghcr.io/astral-sh/uv:python3.13-alpine\nFROM build\nFROM debian:12\nFROM python:3\nFROM python:$W\n";
        let found = stages(text);
        let pythons: Vec<String> =
            found.iter().map(|it| it.python.map_or_else(|| "-".to_owned(), |it| it.to_string())).collect();
        assert_eq!(pythons, ["3.8", "3.12", "3.13", "3.8", "-", "-", "-"]);
        assert_eq!(&text[found[0].image.clone()], "python:${V}-slim");
        assert_eq!((found[1].copies.len(), found[1].copies[0].from.as_str()), (1, "build"));
    }
}
