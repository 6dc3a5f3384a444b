//! CI: whether pipelines and images run the project with the Pythons that it is for.

mod image;
mod matrix;
mod unquoted;

pub use image::OTHER_IMAGE;
pub use matrix::OTHER_PYTHONS;
pub use unquoted::UNQUOTED;

use super::Finding;
use crate::domain::edit::yaml::{Scalar, scalars};
use crate::domain::facts::{Facts, NoAnswer, Text};
use crate::domain::python::Minor;
use crate::domain::tree::Root;

/// The texts of pipelines and images that were probed, of the whole repository or of the project alone.
fn texts(facts: &Facts) -> Result<impl Iterator<Item = &Text>, NoAnswer> {
    Ok(facts.project()?.ci.get()?.values().filter_map(|text| text.as_ref().ok()))
}

/// Those that are the project's own: at the top of a repository with several projects a pipeline is for any of them.
fn own_texts(facts: &Facts) -> Result<impl Iterator<Item = &Text>, NoAnswer> {
    Ok(texts(facts)?.filter(|text| text.place.root == Root::Project))
}

/// The single values of a pipeline; none for what is no YAML.
fn values(text: &Text) -> Vec<Scalar> {
    let is_yaml = text.place.path.as_str().rsplit_once('.').is_some_and(|(_, end)| matches!(end, "yml" | "yaml"));
    if is_yaml { scalars(&text.content).unwrap_or_default() } else { Vec::new() }
}

/// `3.12` or `3.12.1`, and nothing else: neither `3.x` nor `3.13t` nor `3.15-dev`.
fn version(text: &str) -> Option<Minor> {
    let numbers: Vec<&str> = text.split('.').collect();
    let plain = numbers.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    (plain && matches!(numbers.len(), 2 | 3)).then(|| Minor::of_version(text)).flatten()
}

/// `3.8`, `3.8 and 3.9`, `3.7, 3.8 and 3.9`.
fn listed(versions: &[Minor]) -> String {
    let shown: Vec<String> = versions.iter().map(ToString::to_string).collect();
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}

/// Findings of one kind, and nothing where there is none.
fn some(finding: Option<Finding>) -> impl Iterator<Item = Finding> {
    finding.into_iter()
}
