//! GIT05: whether scripts have line ends with which they can start.

use super::super::{Check, Docs, EVERYWHERE, Edit, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use super::versioned;
use crate::domain::facts::{Facts, Need, Project, Text};
use crate::domain::piece::Locator;
use crate::domain::tree::{Place, RelPath, Root};

const FILE: &str = ".gitattributes";

pub const CARRIAGE_RETURN: Check = Check {
    id: "GIT05",
    family: Family::Git,
    title: "a script has the line ends of Windows",
    docs: Docs {
        what: "The first line of a script that may be executed, `#!/usr/bin/env python` for example, ends with a \
               carriage return.",
        why: "On Linux and macOS the carriage return counts as part of the interpreter's name, and there is none of that \
              name: the script ends with \"No such file or directory\", though it is there.",
        origin: "It was edited or checked out on Windows, and no `.gitattributes` tells git which line ends it has.",
        remedy: "`sed -i 's/\\r$//' SCRIPT`, and a line `SCRIPT text eol=lf` in `.gitattributes`.",
    },
    needs: &[Need::Scripts, Need::Attributes],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::Asking,
    run: carriage_return,
};

fn carriage_return(facts: &Facts) -> Findings {
    let project = versioned(facts)?;
    let scripts = project.scripts.get()?.values().filter_map(|text| text.as_ref().ok());
    scripts.map(|script| Ok(finding(script, keeps_line_feeds(project)?))).collect()
}

/// Whether git is told to check out some files with line feeds: then this one was changed by hand.
fn keeps_line_feeds(project: &Project) -> Result<bool, crate::domain::facts::NoAnswer> {
    let texts = project.attributes.get()?.values().filter_map(|text| text.as_ref().ok());
    Ok(texts.flat_map(|text| text.content.lines()).any(|line| line.contains("eol=lf")))
}

fn finding(script: &Text, is_told: bool) -> Finding {
    let name = script.place.path.as_str();
    let line = format!("/{name} text eol=lf");
    let first = script.content.split('\n').next().unwrap_or_default();
    let mut fix = Fix::asking(format!("give {name} the line ends of Unix"))
        .edit(Edit::UnixLineEnds { place: script.place.clone() });
    // White space would end the pattern.
    if let (false, false, Ok(path)) = (is_told, name.contains([' ', '"']), RelPath::new(FILE)) {
        let place = Place { root: Root::Project, path };
        fix = fix.edit(Edit::Put { place, at: Locator::Line { line: line.clone() }, text: line });
    }
    Finding::new(format!("{name} cannot be started: its lines end as on Windows"))
        .because(format!("the first line is \"{}\\r\"", first.trim_end()))
        .so("it ends with \"No such file or directory\" on Linux and macOS")
        .remedy(format!("sed -i 's/\\r$//' '{name}'"))
        .at(Location::within(script, 0..first.trim_end().len()))
        .fix(fix)
}
