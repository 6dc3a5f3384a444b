//! IDE: whether editors work with a Python that is there.

use super::{Check, DEVELOPER, Docs, Edit, Family, Finding, Findings, Fix, Fixable, Location, Severity};
use crate::domain::facts::{EditorPython, Environment, Facts, Need, Project};
use crate::domain::tree::Root;

pub const ABSENT_INTERPRETER: Check = Check {
    id: "IDE01",
    family: Family::Editor,
    title: "an editor is told to use a Python that is not there",
    docs: Docs {
        what: "The settings of an editor name an interpreter or an environment, and nothing is at that path: \
               `python.defaultInterpreterPath` in `.vscode/settings.json`, for example.",
        why: "The editor takes some other Python: it underlines imports that work, offers nothing of the installed \
              packages, and runs and debugs the project with packages that are not its own.",
        origin: "The environment was made again at another place, or settings with the path of somebody else's machine \
                 came with the repository.",
        remedy: "Write the path of the project's environment: `${workspaceFolder}/.venv/bin/python`.",
    },
    needs: &[Need::Editors, Need::Environments],
    severity: Severity::Warning,
    contexts: DEVELOPER,
    fixable: Fixable::Safely,
    run: absent_interpreter,
};

fn absent_interpreter(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let environment = project.environments.get()?.first().filter(|it| it.has_python());
    Ok(project.editors.get()?.iter().filter(|it| !it.exists).map(|it| absent(project, environment, it)).collect())
}

fn absent(project: &Project, environment: Option<&Environment>, named: &EditorPython) -> Finding {
    let file = named.text.place.path.as_str();
    let better = environment.and_then(|environment| {
        let name = environment.name.as_ref().filter(|_| named.text.place.root == Root::Project)?;
        let program = environment.python.path.strip_prefix(&environment.folder).ok()?;
        Some(format!("{}/{name}/{}", named.workspace?, program.display()))
    });
    let fix = better.as_ref().map(|better| {
        Fix::safe(format!("let {file} name {better}")).edit(Edit::Replace {
            place: named.text.place.clone(),
            span: named.span.clone(),
            from: named.text.content.get(named.span.clone()).unwrap_or_default().to_owned(),
            to: better.clone(),
        })
    });
    let remedy = match (&better, environment) {
        (Some(better), _) => format!("write \"{better}\" in {file}"),
        (None, Some(environment)) => format!("let {file} name {}", environment.shown()),
        (None, None) => "pyenvkit sync".to_owned(),
    };
    // Where the project's own environment is gone or broken, the setting is right.
    let of_project = named.path.starts_with(&project.folder) && environment.is_none();
    Finding::new(format!("{file} names a Python that is not there"))
        .because(format!("nothing is at {}", named.path.display()))
        .so("the editor takes some other Python, without the packages of the project")
        .remedy(remedy)
        .at(Location::within(&named.text, named.span.clone()))
        .caused_by(if of_project { &["VEN01", "VEN02", "VEN08"] } else { &[] })
        .fix(fix)
}
