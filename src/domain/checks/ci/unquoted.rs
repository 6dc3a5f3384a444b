//! CI03: whether a pipeline names a Python version in a way that keeps its last zero.

use super::super::{Check, Docs, EVERYWHERE, Edit, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::{texts, values};
use crate::domain::edit::yaml::Scalar;
use crate::domain::facts::{Facts, Need};

pub const UNQUOTED: Check = Check {
    id: "CI03",
    family: Family::Ci,
    title: "a Python version is a number",
    docs: Docs {
        what: "A pipeline names the version `3.10` without quotes. In YAML that is the number 3.1.",
        why: "The pipeline asks for Python 3.1, which nobody has, or takes another version than was meant.",
        origin: "Versions up to 3.9 happened to work without quotes.",
        remedy: "Write `\"3.10\"`.",
    },
    needs: &[Need::Ci],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: unquoted,
};

fn unquoted(facts: &Facts) -> Findings {
    let mut findings = Vec::new();
    for text in texts(facts)? {
        let name = text.place.path.as_str();
        for scalar in values(text).into_iter().filter(loses_a_zero) {
            let Scalar { value: from, span, .. } = scalar;
            let edit = Edit::Replace {
                place: text.place.clone(),
                span: span.clone(),
                to: format!("\"{from}\""),
                from: from.clone(),
            };
            findings.push(
                Finding::new(format!("{name} asks for Python {}, not {from}", from.trim_end_matches('0')))
                    .because(format!("{from} without quotes is a number in YAML, which has no last zero"))
                    .so(format!("the pipeline does not run with Python {from}"))
                    .remedy(format!("write \"{from}\""))
                    .at(Location::within(text, span))
                    .fix(Fix::safe(format!("put {from} of {name} in quotes")).edit(edit)),
            );
        }
    }
    Ok(findings)
}

/// Whether it is a version of Python that YAML reads as a number with fewer digits.
fn loses_a_zero(scalar: &Scalar) -> bool {
    let of_python = scalar.path.last().is_some_and(|key| key.to_ascii_lowercase().contains("python"));
    let minor = scalar.value.strip_prefix("3.").unwrap_or_default();
    let is_number = minor.len() == 2 && minor.ends_with('0') && minor.bytes().all(|byte| byte.is_ascii_digit());
    scalar.plain && of_python && is_number
}
