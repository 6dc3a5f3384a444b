//! The page of a check: what `doctor --explain` prints and the reference is made of.

use super::{Check, Fixable, Severity};

/// The page of a check, as Markdown.
#[must_use]
pub fn explain(check: &Check) -> String {
    let Check { id, title, docs, .. } = check;
    let severity = match check.severity {
        Severity::Failure => "failure",
        Severity::Warning => "warning",
    };
    let fix = match check.fixable {
        Fixable::Safely => "`pyenvkit doctor --fix` mends it.",
        Fixable::Asking => "`pyenvkit doctor --fix=all` mends it.",
        Fixable::ByHand => "pyenvkit does not mend it by itself.",
    };
    let places: Vec<&str> = check.contexts.iter().map(|context| context.name()).collect();
    format!(
        "# {id}: {title}\n\n{what}\n\n## Why it matters\n\n{why}\n\n## How it comes about\n\n{origin}\n\n\
         ## How to mend it\n\n{remedy}\n\n{fix}\n\n## How to ignore it\n\n\
         ```toml\n[tool.pyenvkit.doctor]\nignore = [\"{id}\"]\n```\n\n\
         Family: {family}. Severity: {severity}. Looked for on: {places}.\n",
        what = docs.what,
        why = docs.why,
        origin = docs.origin,
        remedy = docs.remedy,
        family = check.family.title(),
        places = places.join(", "),
    )
}
