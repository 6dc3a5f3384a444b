//! TOL06: whether tools are told the Python that the project is for.

use anyhow::Result;

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fix, Fixable, Severity};
use super::{NEEDS, Used, View, unknown};
use crate::domain::facts::{Facts, NoAnswer};
use crate::domain::python::Minor;
use crate::domain::spec::allowed_pythons;
use crate::domain::target::PythonTarget;

pub const OTHER_TARGET: Check = Check {
    id: "TOL06",
    family: Family::Tools,
    title: "a tool is told another Python than requires-python",
    docs: Docs {
        what: "A tool is told by its own setting (`target-version`, `python_version`) which Python the code is for, and \
               `requires-python` begins with another one.",
        why: "Told a newer Python, it writes or lets pass what the oldest Python of the project cannot run. Told an older \
              one, it reports or avoids what is allowed.",
        origin: "`requires-python` was changed, and the tools' settings were not.",
        remedy: "Write the oldest Python of `requires-python` into the tool's setting; where the tool reads \
                 `requires-python` itself, leave the setting out.",
    },
    needs: NEEDS,
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: other_target,
};

fn other_target(facts: &Facts) -> Findings {
    let view = View::new(facts)?;
    let pyproject = view.project.pyproject.get()?.as_ref().and_then(|it| it.table.as_ref().ok());
    let stated = pyproject.and_then(|root| root.get("project")?.get("requires-python")?.as_str());
    let stated = stated.ok_or_else(|| NoAnswer::pointless("pyproject.toml has no requires-python"))?;
    let Some(oldest) = allowed_pythons(stated).ok().and_then(|allowed| allowed.first().copied()) else {
        return Ok(Vec::new());
    };
    let told = view.used.iter().filter_map(|used| Some((used, used.tool.python.as_ref()?)));
    let findings = told.map(|(used, target)| view.target(used, target, oldest)).collect::<Result<Vec<_>>>();
    Ok(findings.map_err(|error| unknown(&error))?.into_iter().flatten().map(|it| it.because_of(stated)).collect())
}

/// A finding whose cause is still to be told.
struct Told {
    finding: Finding,
    value: String,
}

impl Told {
    fn because_of(self, stated: &str) -> Finding {
        let Self { finding, value } = self;
        finding.because(format!("it is told {value}, and requires-python is \"{stated}\""))
    }
}

impl View<'_> {
    fn target(&self, used: &Used<'_>, target: &PythonTarget, oldest: Minor) -> Result<Option<Told>> {
        let Some(value) = self.value(used, &target.key)? else { return Ok(None) };
        // What it knows no older Python than is the oldest that it can be told.
        let wanted = target.oldest.map_or(oldest, |known| known.max(oldest));
        let Some(told) = target.decode(&value).filter(|told| *told != wanted) else { return Ok(None) };
        if wanted != oldest && told < wanted {
            return Ok(None);
        }
        let name = &used.tool.name;
        let right = target.encode(wanted);
        let consequence = if told > wanted {
            format!("{name} lets pass, or writes, what Python {oldest} cannot run")
        } else {
            format!("{name} goes by what Python {told} can do, which the project is not for")
        };
        let fix = used
            .home
            .and_then(|home| self.setting(home, &target.key, &right))
            .map(|edit| Fix::safe(format!("let {} of {name} be {right}", target.key)).edit(edit));
        let finding = Finding::new(format!("{name} is told Python {told}, and the project is for {oldest} and newer"))
            .so(consequence)
            .remedy(format!("write {} = {right} into the configuration of {name}", target.key))
            .fix(fix);
        let finding = Finding { location: self.location(used, &target.key), ..finding };
        Ok(Some(Told { finding, value: value.to_string() }))
    }
}
