//! PYP01: whether `pyproject.toml` can be read at all.

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use super::pyproject;
use crate::domain::edit::{EditError, toml};
use crate::domain::facts::{Facts, Need};

pub const NOT_TOML: Check = Check {
    id: "PYP01",
    family: Family::Pyproject,
    title: "pyproject.toml is not TOML",
    docs: Docs {
        what: "`pyproject.toml` breaks the grammar of TOML, or uses what only TOML 1.1 has.",
        why: "Nothing of the file counts then: the project cannot be installed, and tools stop or run with their \
              defaults. TOML 1.1 is not read by the `tomllib` of Python 3.11 to 3.14, so installers refuse it too.",
        origin: "A missing quote or bracket, a key or table that stands twice, or the marks of a merge conflict. Of \
                 TOML 1.1: an inline table over several lines or with a comma at its end.",
        remedy: "Correct the line that is named. An inline table goes on one line, or becomes a table with a header.",
    },
    needs: &[Need::Pyproject],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: not_toml,
};

fn not_toml(facts: &Facts) -> Findings {
    let pyproject = pyproject(facts)?;
    let text = &pyproject.text;
    let (message, reason, span) = match &pyproject.table {
        Err(syntax) => ("pyproject.toml is not TOML", syntax.message.clone(), syntax.span.clone()),
        Ok(_) => match toml::find(&text.content, &[]) {
            Err(EditError::Syntax { line, column, message }) => {
                let at = offset(&text.content, line, column);
                ("pyproject.toml is TOML 1.1, which few programs read", message, at..at)
            }
            _ => return Ok(Vec::new()),
        },
    };
    let at = Location::within(text, span);
    let (line, column) = at.position().unwrap_or((1, 1));
    Ok(vec![
        Finding::new(message)
            .because(format!("line {line}, column {column}: {}", reason.lines().next().unwrap_or_default()))
            .so("the project cannot be installed, and tools do not see their settings")
            .remedy(format!("correct line {line} of pyproject.toml"))
            .at(at),
    ])
}

/// The byte at which a column, in characters, of a line begins; both count from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let lines: Vec<&str> = text[mark..].split_inclusive('\n').collect();
    let before: usize = lines.iter().take(line - 1).map(|line| line.len()).sum();
    let within: usize = lines.get(line - 1).map_or(0, |line| line.chars().take(column - 1).map(char::len_utf8).sum());
    mark + before + within
}
