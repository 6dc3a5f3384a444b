//! PKG08: whether what Python does whenever it starts in the environment can be done.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use super::{installed, own_name, pip};
use crate::domain::facts::{Altered, Environment, Facts, Need, NoAnswer, Packages, PathFile, Project};
use crate::domain::groups::normalise;
use crate::domain::installed::Distribution;
use crate::domain::startup::{self, Line};

pub const FAILING_START: Check = Check {
    id: "PKG08",
    family: Family::Packages,
    title: "what Python does whenever it starts fails",
    docs: Docs {
        what: "Whenever Python starts, it reads the `.pth` files of `site-packages`: a line that begins with `import` is \
               executed, each other line names a folder in which modules are looked for. Then it imports \
               `sitecustomize`. Found are lines that import a module which is not there, folders that are gone, and \
               files that are not UTF-8.",
        why: "A line that fails prints \"Error processing line 1 of ...\" at every start, and what it was to do is not \
              done: an editable install whose finder is missing cannot be imported. A folder that is gone is passed by \
              without a word. With a file that cannot be decoded Python does not start at all (\"Failed to import the \
              site module\").",
        origin: "A package was removed by hand and its `.pth` file stayed; a folder was moved; a file was written by an \
                 editor in another encoding.",
        remedy: "Install the package again that the file belongs to; otherwise delete the line, or the file where it has \
                 no other.",
    },
    needs: &[Need::Environments, Need::Packages, Need::Altered, Need::Pyproject, Need::Variables],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: failing_start,
};

const CUSTOMIZING: &str = "sitecustomize.py";

fn failing_start(facts: &Facts) -> Findings {
    let (project, environment, packages) = installed(facts)?;
    // Modules may come from there.
    let is_extended = facts.machine.variables.get()?.contains_key("PYTHONPATH");
    let unfound = packages.unfound.as_ref().filter(|_| !is_extended);
    let view = View { project, environment, packages, own: own_name(project)? };
    let mut findings = Vec::new();
    for file in &packages.path_files {
        if !file.is_utf8 && cfg!(unix) {
            findings.push(view.undecodable(file));
            continue;
        }
        for (at, line) in startup::lines(&file.text) {
            let Line::Import(statement) = line else { continue };
            let absent =
                startup::imported(statement).into_iter().find(|name| unfound.is_some_and(|it| it.contains(*name)));
            // Python 3.15 executes no line of a file that has a `.start` file beside it (PEP 829).
            if let Some(name) = absent.filter(|_| !view.has_start_file(file)) {
                findings.push(view.failing(&file.name, (&file.text, at), name)?);
            }
        }
        findings.extend(view.gone(file));
    }
    if let (Some(text), Some(unfound)) = (&packages.customizing, unfound)
        && let Some((at, name)) = startup::leading_imports(text).into_iter().find(|(_, name)| unfound.contains(*name))
    {
        findings.push(view.failing(CUSTOMIZING, (text, at), name)?);
    }
    Ok(findings)
}

struct View<'f> {
    project: &'f Project,
    environment: &'f Environment,
    packages: &'f Packages,
    /// The normalised name of the project itself.
    own: Option<String>,
}

impl View<'_> {
    /// A line that imports what is not there.
    fn failing(&self, name: &str, (text, at): (&Arc<str>, Range<usize>), module: &str) -> Result<Finding, NoAnswer> {
        let shown = self.environment.shown();
        let path = self.packages.site.join(name);
        let number = line_of(text, at.start);
        let is_recorded = self.was_installed(module)?;
        Ok(Finding::new(format!("{name} imports {module} at every start of Python, and there is no {module}"))
            .because(format!("line {number} of {} says so, and no folder that Python knows has it", path.display()))
            .so(format!("each Python that starts in {shown} prints an error, and what that line is for does not work"))
            .remedy(self.again(name).unwrap_or_else(|| without(&path, text, number)))
            .at(Location { path, source: Some((Arc::clone(text), at)) })
            .caused_by(if is_recorded { &["PKG05", "PKG07"] } else { &["PKG07"] }))
    }

    /// Folders that a file names and that are gone.
    fn gone(&self, file: &PathFile) -> Option<Finding> {
        // What an installer wrote is relative to the file where it can be missing, and that of a link is told elsewhere.
        let is_link = |of: &Distribution| of.is_editable() && file.is_of(&of.name);
        if file.leads_nowhere() && self.packages.distributions.iter().any(is_link) {
            return None;
        }
        let mut gone = file.missing.iter().filter(|(at, _)| Path::new(&file.text[at.clone()]).is_absolute());
        let (at, folder) = gone.next()?;
        let path = self.packages.site.join(&file.name);
        let number = line_of(&file.text, at.start);
        Some(
            Finding::new(format!("{} leads Python to a folder that is not there", file.name))
                .because(format!("line {number} of {} names {}", path.display(), folder.display()))
                .so("Python passes it by without a word: what was in that folder cannot be imported")
                .remedy(without(&path, &file.text, number))
                .at(Location { path, source: Some((Arc::clone(&file.text), at.clone())) })
                .severity(Severity::Warning)
                .caused_by(&["VEN04", "VEN05"]),
        )
    }

    fn undecodable(&self, file: &PathFile) -> Finding {
        let path = self.packages.site.join(&file.name);
        Finding::new(format!("{} cannot be read by Python: it is not UTF-8", file.name))
            .because(format!("{} has bytes that are no text in UTF-8", path.display()))
            .so(format!("no Python starts in {}: \"Failed to import the site module\"", self.environment.shown()))
            .remedy(self.again(&file.name).unwrap_or_else(|| format!("mv '{0}' '{0}.old'", path.display())))
            .at(Location::file(path))
    }

    /// What installs the package again that a file belongs to.
    fn again(&self, name: &str) -> Option<String> {
        let file = self.packages.path_files.iter().find(|file| file.name == name)?;
        let of = self.packages.distributions.iter().find(|found| file.is_of(&found.name))?;
        let editable = self.packages.editables.get(&of.info).map(|target| target.named.display());
        let arguments = match editable {
            _ if self.own.as_deref() == Some(&normalise(&of.name)) => "install --editable .".to_owned(),
            Some(folder) => format!("install --editable '{folder}'"),
            None => format!("install --force-reinstall --no-deps \"{}\"", of.as_requirement()),
        };
        Some(pip(self.environment, &arguments))
    }

    /// Whether an installed package had the module, which is told elsewhere.
    fn was_installed(&self, module: &str) -> Result<bool, NoAnswer> {
        let is_of = |file: &Altered| file.path.split(['/', '.']).next() == Some(module);
        Ok(self.project.altered.get()?.values().flatten().any(|file| file.found.is_none() && is_of(file)))
    }

    fn has_start_file(&self, file: &PathFile) -> bool {
        let name = file.name.strip_suffix(".pth").unwrap_or(&file.name);
        self.packages.start_files.iter().any(|other| other.strip_suffix(".start") == Some(name))
    }
}

/// How to live without a line of a file.
fn without(path: &Path, text: &str, number: usize) -> String {
    let path = path.display();
    if startup::lines(text).count() == 1 {
        format!("mv '{path}' '{path}.old'")
    } else {
        format!("delete line {number} of {path}")
    }
}

/// Counted from 1.
fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}
