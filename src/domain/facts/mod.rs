//! What probes found out about the machine and about a project: types only.
//!
//! A probe answers one [`Need`] with one [`Fact`]. A check names its needs, and only what some check needs is probed;
//! whoever asks for more gets a [`NoAnswer`], which ends that check and no other.

mod editor;
mod environment;
mod hooks;
mod interpreter;
mod machine;
mod own;
mod packages;
mod project;

use std::fmt;

pub use editor::EditorPython;
pub use environment::{Access, Environment, Named, Program, Script, Standing, Starts};
pub use hooks::{HookFile, Hooks, Runner};
pub use interpreter::{Interpreter, Origin};
pub use machine::{Certificates, Installers, Machine, NamedBy, Python, SearchFolder, Started, Volume};
pub use own::{OwnCheck, OwnChecks, OwnSeverity, Ran};
pub use packages::{Altered, Packages, PathFile, Target};
pub use project::{EntryKind, Foreign, Ignored, Manager, Project, Pyproject, Repository, Syntax, Text, Texts, Tracked};

/// One thing that can be probed; each is a field of [`Machine`] or [`Project`] of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// [`Machine::variables`].
    Variables,
    /// [`Machine::path`].
    Path,
    /// [`Machine::pythons`].
    Pythons,
    /// [`Machine::git`].
    MachineGit,
    /// [`Machine::volumes`].
    Volumes,
    /// [`Machine::certificates`].
    Certificates,
    /// [`Machine::installers`].
    Installers,
    /// [`Machine::system`].
    System,
    /// [`Machine::tools`].
    Tools,
    /// [`Machine::backends`].
    Backends,
    /// [`Project::pyproject`].
    Pyproject,
    /// [`Project::configuration`].
    Configuration,
    /// [`Project::ignore`].
    Ignore,
    /// [`Project::ci`].
    Ci,
    /// [`Project::editors`].
    Editors,
    /// [`Project::scripts`].
    Scripts,
    /// [`Project::attributes`].
    Attributes,
    /// [`Project::sources`].
    Sources,
    /// [`Project::tests`].
    Tests,
    /// [`Project::locks`].
    Locks,
    /// [`Project::environments`].
    Environments,
    /// [`Project::packages`].
    Packages,
    /// [`Project::records`].
    Records,
    /// [`Project::altered`].
    Altered,
    /// [`Project::hooks`].
    Hooks,
    /// [`Project::git`].
    Git,
    /// [`Project::tracked`].
    Tracked,
    /// [`Project::own`]; who asks for them runs them, no probe does.
    Own,
}

impl Need {
    /// All that are probed.
    pub const ALL: [Self; 26] = [
        Self::Variables,
        Self::Path,
        Self::Pythons,
        Self::MachineGit,
        Self::Volumes,
        Self::Certificates,
        Self::Installers,
        Self::System,
        Self::Tools,
        Self::Backends,
        Self::Pyproject,
        Self::Configuration,
        Self::Ignore,
        Self::Ci,
        Self::Editors,
        Self::Scripts,
        Self::Attributes,
        Self::Sources,
        Self::Tests,
        Self::Locks,
        Self::Environments,
        Self::Packages,
        Self::Records,
        Self::Hooks,
        Self::Git,
        Self::Tracked,
    ];
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fact<T> {
    /// No selected check said that it needs this.
    #[default]
    NotAsked,
    Known(T),
    /// It could not be found out, for this reason.
    Failed(String),
}

impl<T> Fact<T> {
    /// The value.
    ///
    /// # Errors
    /// It was not probed, or could not be found out.
    pub fn get(&self) -> Result<&T, NoAnswer> {
        match self {
            Self::Known(value) => Ok(value),
            Self::NotAsked => Err(NoAnswer::NotAsked(std::any::type_name::<T>())),
            Self::Failed(why) => Err(NoAnswer::Unknown(why.clone())),
        }
    }
}

impl<T> From<Result<T, String>> for Fact<T> {
    fn from(result: Result<T, String>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(why) => Self::Failed(why),
        }
    }
}

/// Why a check says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// It asked for a fact (this Rust type) that it had not named among its needs: an error in the check.
    NotAsked(&'static str),
    /// What it needs could not be found out, for this reason.
    Unknown(String),
    /// There is nothing here that it could judge, for this reason.
    Pointless(String),
}

impl NoAnswer {
    /// There is nothing here that the check could judge.
    pub fn pointless(reason: impl Into<String>) -> Self {
        Self::Pointless(reason.into())
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked(kind) => write!(f, "it asked for a fact that it does not need: {kind}"),
            Self::Unknown(why) | Self::Pointless(why) => f.write_str(why),
        }
    }
}

/// Where doctor runs, since what is a fault on a developer's machine need not be one elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    Developer,
    /// A run of continuous integration.
    Ci,
    /// In a container without a repository: an image that runs the project.
    Container,
}

impl Context {
    /// As a reader knows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Developer => "a developer's machine",
            Self::Ci => "continuous integration",
            Self::Container => "a container",
        }
    }
}

/// Everything that checks may look at.
#[derive(Debug, Clone)]
pub struct Facts {
    pub context: Context,
    pub machine: std::sync::Arc<Machine>,
    /// `None` outside of any project.
    pub project: Option<Project>,
}

impl Facts {
    /// The project.
    ///
    /// # Errors
    /// We are in none.
    pub fn project(&self) -> Result<&Project, NoAnswer> {
        self.project.as_ref().ok_or_else(|| NoAnswer::pointless("not in a project"))
    }
}
