//! CI01: whether pipelines, classifiers and `requires-python` speak of the same Pythons.

use std::ops::Range;

use pep440_rs::VersionSpecifiers;

use super::super::pyproject::Spanned;
use super::super::{Check, Docs, EVERYWHERE, Edit, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::{listed, own_texts, some, values, version};
use crate::domain::facts::{Facts, Need, NoAnswer, Text};
use crate::domain::piece::{Item, Locator};
use crate::domain::python::Minor;
use crate::domain::python_request::could_contain;

const CLASSIFIER: &str = "Programming Language :: Python :: ";

pub const OTHER_PYTHONS: Check = Check {
    id: "CI01",
    family: Family::Ci,
    title: "pipeline, classifiers and requires-python name different Pythons",
    docs: Docs {
        what: "A pipeline tests the project with a Python that `requires-python` does not allow, or `classifiers` name \
               one; or the pipeline tests it with one that `classifiers`, which name others, leave out.",
        why: "The project cannot be installed with a Python that `requires-python` does not allow: that job fails, and \
              who goes by the classifiers is misled. One that is tested and not named is not found by who looks for it.",
        origin: "A Python was added or dropped in one of the places and not in the others.",
        remedy: "Name the same Pythons in the matrix of the pipeline and in `classifiers`, and let `requires-python` \
                 begin with the oldest of them.",
    },
    needs: &[Need::Ci, Need::Pyproject],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: other_pythons,
};

fn other_pythons(facts: &Facts) -> Findings {
    let document = Spanned::of(facts)?;
    let claims = Claims::of(&document).ok_or_else(|| NoAnswer::pointless("pyproject.toml has no requires-python"))?;
    let mut findings: Vec<Finding> = some(claims.classified_in_vain()).collect();
    for text in own_texts(facts)? {
        let tested = tested(text);
        findings.extend(claims.tested_in_vain(text, &tested));
        // A version that is still to come is tested before it is named.
        if !text.content.contains("allow-prereleases") {
            findings.extend(claims.unnamed(text, &tested));
        }
    }
    Ok(findings)
}

/// What `[project]` says of Pythons.
struct Claims<'d> {
    document: &'d Spanned<'d>,
    requires: VersionSpecifiers,
    written: String,
    /// The feature versions in the classifiers, with the spans of those.
    classified: Vec<(Minor, Range<usize>)>,
}

impl<'d> Claims<'d> {
    fn of(document: &'d Spanned<'d>) -> Option<Self> {
        let written = document.text_of("requires-python")?.0.to_owned();
        let minor = |text: &str| version(text.strip_prefix(CLASSIFIER)?);
        let classifiers = document.texts_of("classifiers").into_iter();
        let classified = classifiers.filter_map(|(text, span)| Some((minor(text)?, span))).collect();
        Some(Self { document, requires: written.parse().ok()?, written, classified })
    }

    fn allows(&self, minor: Minor) -> bool {
        could_contain(&self.requires, minor)
    }

    /// Classifiers that `requires-python` contradicts.
    fn classified_in_vain(&self) -> Option<Finding> {
        let outside: Vec<_> = self.classified.iter().filter(|(minor, _)| !self.allows(*minor)).collect();
        let (_, first) = outside.first()?;
        let versions = listed(&outside.iter().map(|(minor, _)| *minor).collect::<Vec<_>>());
        let fix =
            outside.iter().fold(Fix::asking(format!("remove the classifiers of {versions}")), |fix, (_, span)| {
                let at = classifier(self.document.source(span));
                fix.edit(Edit::Cut { place: self.document.text.place.clone(), at })
            });
        Some(
            Finding::new(format!("classifiers name Python {versions}, which requires-python does not allow"))
                .because(format!("requires-python is \"{}\"", self.written))
                .so(format!("the project cannot be installed with Python {versions}, whatever it says"))
                .remedy(format!("remove \"{CLASSIFIER}{versions}\" from classifiers, or widen requires-python"))
                .at(self.document.at(first.clone()))
                .fix(fix),
        )
    }

    /// Versions in a pipeline's matrix with which the project cannot be installed.
    fn tested_in_vain(&self, text: &Text, tested: &[Tested]) -> Option<Finding> {
        let outside: Vec<&Tested> = tested.iter().filter(|it| !self.allows(it.minor)).collect();
        let first = outside.first()?;
        let name = text.place.path.as_str();
        let versions = listed(&distinct(&outside));
        let cuts: Option<Vec<Range<usize>>> = outside.iter().map(|it| cut(&text.content, &it.span)).collect();
        let apart = |cuts: &Vec<Range<usize>>| cuts.windows(2).all(|two| two[0].end <= two[1].start);
        let fix = cuts.filter(apart).map(|cuts| {
            cuts.into_iter().fold(Fix::asking(format!("leave {versions} out of {name}")), |fix, span| {
                let from = text.content[span.clone()].to_owned();
                fix.edit(Edit::Replace { place: text.place.clone(), span, from, to: String::new() })
            })
        });
        Some(
            Finding::new(format!("{name} tests Python {versions}, which requires-python does not allow"))
                .because(format!("requires-python is \"{}\"", self.written))
                .so(format!("the project cannot be installed in the jobs of Python {versions}"))
                .remedy(format!("leave {versions} out of {name}, or widen requires-python"))
                .at(Location::within(text, first.span.clone()))
                .fix(fix),
        )
    }

    /// Versions in a pipeline's matrix that the classifiers leave out though they name others.
    fn unnamed(&self, text: &Text, tested: &[Tested]) -> Option<Finding> {
        if self.classified.is_empty() {
            return None;
        }
        let named = |minor: Minor| self.classified.iter().any(|(other, _)| *other == minor);
        let unnamed: Vec<&Tested> = tested.iter().filter(|it| self.allows(it.minor) && !named(it.minor)).collect();
        let first = unnamed.first()?;
        let (name, minors) = (text.place.path.as_str(), distinct(&unnamed));
        let versions = listed(&minors);
        let fix = minors.iter().fold(Fix::asking(format!("add the classifiers of {versions}")), |fix, minor| {
            let item = format!("\"{CLASSIFIER}{minor}\"");
            fix.edit(Edit::Put { place: self.document.text.place.clone(), at: classifier(&item), text: item })
        });
        Some(
            Finding::new(format!("{name} tests Python {versions}, which classifiers do not name"))
                .because(format!("classifiers name {}", listed(&self.minors())))
                .so(format!("who looks for packages for Python {versions} does not find this one"))
                .remedy(format!("add \"{CLASSIFIER}{}\" to classifiers", first.minor))
                .at(Location::within(text, first.span.clone()))
                .fix(fix),
        )
    }

    fn minors(&self) -> Vec<Minor> {
        self.classified.iter().map(|(minor, _)| *minor).collect()
    }
}

fn classifier(written: &str) -> Locator {
    let item = Item::Value(written.to_owned());
    Locator::TomlItem { table: vec!["project".to_owned()], key: "classifiers".to_owned(), item }
}

/// A version in a matrix.
struct Tested {
    minor: Minor,
    span: Range<usize>,
}

/// The versions of Python in a pipeline's matrices: what a single step asks for may be for something else than the project.
fn tested(text: &Text) -> Vec<Tested> {
    let of_matrix = |path: &[String]| {
        let Some((key, above)) = path.split_last() else { return false };
        let travis = above.is_empty() && text.place.path.as_str().starts_with(".travis");
        let in_matrix = above.iter().any(|key| key == "matrix") && above.iter().all(|key| key != "exclude");
        key.to_ascii_lowercase().contains("python") && (in_matrix || travis)
    };
    let all = values(text).into_iter().filter(|scalar| of_matrix(&scalar.path));
    all.filter_map(|scalar| Some(Tested { minor: version(&scalar.value)?, span: scalar.span })).collect()
}

fn distinct(tested: &[&Tested]) -> Vec<Minor> {
    let mut minors: Vec<Minor> = tested.iter().map(|it| it.minor).collect();
    minors.sort();
    minors.dedup();
    minors
}

/// What has to go with an item of a list: a comma, or the line that it stands on alone; `None` where it is no such item.
fn cut(text: &str, item: &Range<usize>) -> Option<Range<usize>> {
    let behind = &text[item.end..];
    let blank = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    if behind[blank..].starts_with(',') {
        let rest = &behind[blank + 1..];
        let after = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        return Some(item.start..item.end + blank + 1 + after);
    }
    let before = text[..item.start].trim_end();
    if before.ends_with(',') {
        return Some(before.len() - 1..item.end);
    }
    let line = text[..item.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[item.end..].find('\n').map_or(text.len(), |newline| item.end + newline + 1);
    let alone = text[line..item.start].trim() == "-" && !text[item.end..end].contains(['#', ':']);
    alone.then_some(line..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_goes_with_its_comma_or_its_line() {
        let without = |text: &str, item: &str| {
            let at = text.find(item).unwrap();
            cut(text, &(at..at + item.len())).map(|span| format!("{}{}", &text[..span.start], &text[span.end..]))
        };
        assert_eq!(without("[\"3.8\", \"3.9\"]", "\"3.8\"").unwrap(), "[\"3.9\"]");
        assert_eq!(without("[\"3.8\", \"3.9\"]", "\"3.9\"").unwrap(), "[\"3.8\"]");
        assert_eq!(without("a:\n- 3.8\n- 3.9\n", "3.8").unwrap(), "a:\n- 3.9\n");
        assert_eq!(without("[\"3.8\"]", "\"3.8\""), None);
        assert_eq!(without("python: 3.8\n", "3.8"), None);
    }
}
