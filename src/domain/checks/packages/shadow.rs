//! PKG12: whether a module of the project has the name of one of Python's own.

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use crate::domain::facts::{Facts, Need};
use crate::domain::standard_library::is_standard_module;

pub const SHADOWS: Check = Check {
    id: "PKG12",
    family: Family::Packages,
    title: "a module has the name of one of Python's own",
    docs: Docs {
        what: "A file or package at the top of the project, or directly below `src`, has the name of a module of the \
               standard library: `random.py`, `email/__init__.py`.",
        why: "Python takes one for the other. In a program that is started in this folder, every `import random` gets the \
              project's file, also in packages that know nothing of it: they end with errors that make no sense, such as \
              \"module 'random' has no attribute 'Random'\". Elsewhere the project's file cannot be imported at all.",
        origin: "A script was named after what it is about.",
        remedy: "Give it another name: `git mv random.py random_demo.py`; and remove `__pycache__` beside it.",
    },
    needs: &[Need::Sources],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: shadows,
};

fn shadows(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let found = project.sources.get()?.iter().filter_map(|path| {
        let inner = path.strip_prefix("src/").unwrap_or(path);
        let (name, file) = match inner.strip_suffix("/__init__.py") {
            Some(package) => (package, path.trim_end_matches("/__init__.py")),
            None => (inner.strip_suffix(".py")?, path.as_str()),
        };
        is_standard_module(name).then(|| {
            let other = file.replace(name, &format!("{name}_own"));
            Finding::new(format!("{file} has the name of Python's own module {name}"))
                .because(format!("{name} is a module of the standard library"))
                .so(format!("import {name} gets one of the two, depending on where it is run, in all packages"))
                .remedy(format!("git mv {file} {other}"))
                .at(Location::file(project.folder.join(path)))
        })
    });
    Ok(found.collect())
}
