//! PRC02: whether git looks for hooks where pre-commit puts them.

use super::super::{Check, DEVELOPER, Docs, Family, Finding, Findings, Fixable, Location, Severity};
use super::{hooks, wanted};
use crate::domain::facts::{Facts, Need};
use crate::domain::git_config::Scope;

pub const HOOKS_PATH: Check = Check {
    id: "PRC02",
    family: Family::Hooks,
    title: "git looks for hooks elsewhere",
    docs: Docs {
        what: "The setting `core.hooksPath` names another folder than the repository's own, and no hook in there \
               calls pre-commit.",
        why: "Git runs hooks from that folder alone: what pre-commit is configured to check is not checked, and \
              `pre-commit install` refuses to work.",
        origin: "Another hook manager, or a guide for the whole company, set it: for this repository, or in the \
                 user's own configuration for all of them.",
        remedy: "`git config --unset core.hooksPath` in the scope that sets it, then `pyenvkit sync`. Where the \
                 folder is wanted, call `pre-commit run --hook-stage pre-commit` from its hook instead.",
    },
    needs: &[Need::Hooks],
    severity: Severity::Failure,
    contexts: DEVELOPER,
    fixable: Fixable::ByHand,
    run: hooks_path,
};

fn hooks_path(facts: &Facts) -> Findings {
    let (hooks, text) = hooks(facts)?;
    let Some(setting) = &hooks.configured else { return Ok(Vec::new()) };
    if wanted(hooks, text).iter().any(|(_, file)| file.is_some()) {
        return Ok(Vec::new());
    }
    let value = setting.value.as_deref().unwrap_or_default();
    let scope = setting.scope.name();
    let (reach, remedy) = match setting.scope {
        Scope::Local | Scope::Worktree => {
            ("this repository", format!("git config --{scope} --unset core.hooksPath && pyenvkit sync"))
        }
        Scope::Global | Scope::System => (
            "every repository of yours",
            format!("git config --{scope} --unset core.hooksPath && pyenvkit sync, or call pre-commit from {value}"),
        ),
        Scope::Command => ("this process", "unset GIT_CONFIG_COUNT".to_owned()),
    };
    let place = match setting.scope {
        Scope::Command => None,
        _ => Some(Location::file(&setting.origin)),
    };
    let mut finding = Finding::new("git does not run the hooks of pre-commit: it looks for hooks elsewhere")
        .because(format!("core.hooksPath is {value:?} in {} ({scope} configuration, so for {reach})", setting.origin))
        .so("no commit is checked, and pre-commit refuses to install its hooks")
        .remedy(remedy);
    finding.location = place;
    Ok(vec![finding])
}
