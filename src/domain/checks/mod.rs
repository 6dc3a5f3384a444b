//! The checks of doctor: what each finds, why that matters, and what mends it.
//!
//! A check is a pure function from [`Facts`] to [`Finding`]s. To add one: write the function with its [`Check`] beside it
//! in the file of its family, and name it in [`CHECKS`].

mod ci;
mod docs;
mod editor;
mod examine;
mod finding;
mod git;
mod hooks;
mod interpreter;
mod machine;
mod own;
mod packages;
mod pyproject;
mod repair;
mod security;
mod select;
mod told;
mod tools;
mod venv;

pub use docs::explain;
pub use examine::{Outcome, Report, Status, Summary, Verdict, Weight, examine};
pub use finding::{Action, Edit, Finding, Fix, Location, Rebuild, Safety};
pub use repair::apply;
pub use security::is_private;
pub use select::{Selection, Unknown};
pub use told::Told;

use super::facts::{Context, Facts, Need, NoAnswer};

/// Every check, by family and number. An id never changes its meaning.
pub static CHECKS: &[Check] = &[
    interpreter::NONE_FITS,
    interpreter::PIN_NOT_INSTALLED,
    interpreter::PIN_NOT_ALLOWED,
    interpreter::END_OF_LIFE,
    interpreter::WITHOUT_ENSUREPIP,
    interpreter::EXTERNALLY_MANAGED,
    interpreter::OTHER_PIP,
    interpreter::SEARCH_PATH,
    interpreter::HOME,
    interpreter::CONDA_BASE,
    interpreter::LEAKING,
    venv::MISSING,
    venv::DANGLING,
    venv::OTHER_VERSION,
    venv::MOVED,
    venv::COPIED,
    venv::ANOTHER_ACTIVE,
    venv::WITHOUT_PIP,
    venv::NOT_EXECUTABLE,
    venv::SEVERAL,
    venv::UNWRITABLE,
    venv::OTHER_ABI,
    packages::UNSATISFIED,
    packages::DUPLICATE,
    packages::LEFTOVERS,
    packages::WITHOUT_METADATA,
    packages::ALTERED,
    packages::NOT_INSTALLED,
    packages::DEAD_TARGET,
    packages::FAILING_START,
    packages::UNSEEN_LINK,
    packages::STALE_LOCK,
    packages::DEVIATING,
    packages::SHADOWS,
    pyproject::NOT_TOML,
    pyproject::UNKNOWN_KEY,
    pyproject::NO_BACKEND,
    pyproject::NO_PACKAGE,
    pyproject::LICENCE_TWICE,
    pyproject::REQUIRES_PYTHON,
    tools::LINE_LENGTH,
    tools::FIGHTING_RULES,
    tools::UNPROFILED,
    tools::OWN_FIGHT,
    tools::SHADOWED,
    tools::OTHER_TARGET,
    tools::NOT_THERE,
    tools::TWO_FORMATTERS,
    tools::NOT_IMPORTED,
    hooks::NOT_INSTALLED,
    hooks::HOOKS_PATH,
    hooks::DEAD_PYTHON,
    hooks::OTHER_REVISION,
    hooks::UNTYPED,
    hooks::TYPES_MISSING,
    hooks::NOT_RUN,
    git::ENVIRONMENT_TRACKED,
    git::NOT_IGNORED,
    git::NO_IDENTITY,
    git::DUBIOUS,
    git::CARRIAGE_RETURN,
    git::CUT_OFF,
    ci::OTHER_PYTHONS,
    ci::OTHER_IMAGE,
    ci::UNQUOTED,
    editor::ABSENT_INTERPRETER,
    security::SECRETS_TRACKED,
    security::UNSAFE_INDEX,
    machine::BROKEN_NETWORK,
    machine::SURROUNDINGS,
    own::OWN,
];

/// What a check says.
pub type Findings = Result<Vec<Finding>, NoAnswer>;

/// One check.
#[derive(Debug)]
pub struct Check {
    /// Three letters of the family and a number: `VEN05`.
    pub id: &'static str,
    pub family: Family,
    /// The fault, as the title of its page: `the environment was copied`.
    pub title: &'static str,
    pub docs: Docs,
    /// What it looks at; nothing else is probed for it.
    pub needs: &'static [Need],
    /// How bad its findings are, unless one says otherwise.
    pub severity: Severity,
    /// Where its fault is one.
    pub contexts: &'static [Context],
    pub fixable: Fixable,
    pub run: fn(&Facts) -> Findings,
}

/// What `doctor --explain` says of a check, in sentences.
#[derive(Debug, Clone, Copy)]
pub struct Docs {
    /// What is found, and by what it is recognised.
    pub what: &'static str,
    /// What goes wrong because of it.
    pub why: &'static str,
    /// How a project gets into this state.
    pub origin: &'static str,
    /// How to mend it by hand.
    pub remedy: &'static str,
}

/// A fault is one wherever doctor runs.
pub const EVERYWHERE: &[Context] = &[Context::Developer, Context::Ci, Context::Container];

/// A fault is one only where somebody works on the project.
pub const DEVELOPER: &[Context] = &[Context::Developer];

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It works, but not as its user thinks.
    Warning,
    /// Something does not work, or does something else than it says.
    Failure,
}

/// Whether `--fix` can mend what a check finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixable {
    /// `--fix`.
    Safely,
    /// `--fix=all`.
    Asking,
    /// It says what to type.
    ByHand,
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    Interpreter,
    Environment,
    Packages,
    Pyproject,
    Tools,
    Hooks,
    Git,
    Ci,
    Editor,
    Security,
    Machine,
    Own,
}

impl Family {
    /// The title of its category.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Interpreter => "Interpreter",
            Self::Environment => "Virtual environment",
            Self::Packages => "Packages",
            Self::Pyproject => "pyproject.toml",
            Self::Tools => "Tools agree with each other",
            Self::Hooks => "pre-commit",
            Self::Git => "Git",
            Self::Ci => "Continuous integration",
            Self::Editor => "Editor",
            Self::Security => "Security",
            Self::Machine => "Machine",
            Self::Own => "The project's own checks",
        }
    }
}

/// The check with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id.eq_ignore_ascii_case(id))
}
