//! Tools and project templates as data: what a `tool.toml` and a `template.toml` may say.
//!
//! The verbs are few and closed; a tool that needs more gets a new typed verb here, never a mini language. Text in
//! `text`, hook and file values may hold `<< expression >>`, which the format of the file it goes into decides how to write.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::agree::{Setting, Written};
use super::python::Minor;
use super::target::PythonTarget;
use super::tree::Root;

/// `templates/tools/<name>/tool.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tool {
    /// The folder's name; filled in by the loader.
    #[serde(skip)]
    pub name: String,
    /// The texts below the folder's `files/`, by their path there; filled in by the loader.
    #[serde(skip)]
    pub sources: BTreeMap<String, String>,
    /// One line, lower case, no full stop: `formats Python code`.
    pub summary: String,
    pub family: Family,
    pub homepage: String,
    /// Rank in files, hooks and checks: what rewrites code comes before what judges it.
    pub order: u32,
    /// Of each role a project has one tool at most (`formatter`, `import-sorter`).
    #[serde(default)]
    pub roles: Vec<String>,
    /// Roles that the tool takes only where no other tool has them. Of a tool that the user set up, one of these says that
    /// it has the role: a key that stands below its table (`format`), or an item of a list there (`lint.select=I`).
    #[serde(default)]
    pub spare_roles: BTreeMap<String, Vec<String>>,
    /// The versions that we write, newest first; the first whose floor the project's oldest Python reaches is taken.
    /// Requirement and hook both read it, so that they cannot differ.
    #[serde(default)]
    pub releases: Vec<Release>,
    #[serde(default)]
    pub requirements: Vec<Requirement>,
    /// Where the tool looks for its configuration, in its own order: the first that exists is used.
    #[serde(default)]
    pub homes: Vec<Home>,
    /// Where else a plugin lets it look, instead of all these homes.
    #[serde(default)]
    pub plugins: Vec<Plugin>,
    /// Settings by which it leaves out all files, each as the item of a list.
    #[serde(default)]
    pub idle: BTreeMap<String, String>,
    /// What stands in that configuration.
    #[serde(default)]
    pub settings: Vec<Settings>,
    #[serde(default)]
    pub hooks: Vec<Hook>,
    #[serde(default)]
    pub files: Vec<ToolFile>,
    /// Lines for `.gitignore`.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Options of `--set name=value`.
    #[serde(default)]
    pub options: BTreeMap<String, OptionSpec>,
    /// Settings that several tools must agree on, with this tool's own key, dotted below its table
    /// (`lint.pycodestyle.max-line-length`). The texts of all tools have the agreed values; each agreed setting is also an
    /// option of the tool.
    #[serde(default)]
    pub agree: BTreeMap<Setting, Written>,
    /// How it is told the oldest Python that the code is for, for a tool that is.
    #[serde(default)]
    pub python: Option<PythonTarget>,
    /// The key, dotted below the tool's table, of the list of folders from which tests can import.
    #[serde(default)]
    pub import_path: Option<String>,
    /// The key, dotted below the tool's table, of the folders in which it looks for modules beside the environment's.
    #[serde(default)]
    pub search_path: Option<String>,
    /// How its rules are chosen, for a tool that has rules with codes.
    #[serde(default)]
    pub rules: Option<Rules>,
    /// Rules that judge what another tool, or another part of this one, writes.
    #[serde(default)]
    pub fights: Vec<Fight>,
    /// Settings without which this tool and another one undo each other's work.
    #[serde(default)]
    pub expects: Vec<Expectation>,
    /// Tools that this one cannot do without.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Shows that it runs: an argument vector, its first word a console script of the environment.
    pub prove: Vec<String>,
    /// What `verify` runs, in the project, with the environment's scripts.
    #[serde(default)]
    pub verify: Vec<Check>,
}

/// A drawer of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    Format,
    Lint,
    Types,
    Test,
    Hooks,
    Docs,
    Package,
    Deploy,
    Ci,
    Ide,
    Serverless,
}

impl Family {
    /// Names that people give to groups of requirements for tools of this family, beside one for all of development.
    #[must_use]
    pub fn groups(self) -> &'static [&'static str] {
        match self {
            Self::Format | Self::Lint => &["lint", "linting", "style", "format", "qa", "checks", "check"],
            Self::Types => &["typing", "types", "type", "lint", "checks", "check"],
            Self::Test => &["test", "tests", "testing"],
            Self::Docs => &["docs", "doc", "documentation"],
            Self::Package => &["build", "release", "publish"],
            Self::Hooks | Self::Deploy | Self::Ci | Self::Ide | Self::Serverless => &[],
        }
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Format => "format",
            Self::Lint => "lint",
            Self::Types => "types",
            Self::Test => "test",
            Self::Hooks => "hooks",
            Self::Docs => "docs",
            Self::Package => "package",
            Self::Deploy => "deploy",
            Self::Ci => "ci",
            Self::Ide => "ide",
            Self::Serverless => "serverless",
        })
    }
}

/// A version of the tool and the oldest Python that runs it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub version: String,
    pub python: Minor,
    /// Versions of companions that go with this one, by distribution name.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
}

/// One requirement in a dependency group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requirement {
    /// The distribution's name. Its version is the release's, or the one under the release's `with`.
    pub name: String,
    #[serde(default)]
    pub extras: Vec<String>,
    pub bound: Bound,
    #[serde(default)]
    pub when: When,
}

/// How a requirement names its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// `==`: the result depends on the version (formatters, linters), and a hook names the same one.
    Exact,
    /// `>=`.
    Lower,
}

/// A file and the table or section in it that a tool reads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Home {
    pub file: String,
    /// The table (TOML: dotted, `tool.black`) or section (INI: `tool:pytest`) of the tool's own settings; empty for the top of a TOML file.
    pub table: String,
    /// Between `table` and a sub-table's name: `.` in TOML; in INI as the tool wants it (`coverage:` + `run`: table `coverage`, separator `:`).
    #[serde(default = "dot")]
    pub separator: String,
    /// Whose folder the file is in.
    #[serde(default)]
    pub root: FileRoot,
    /// Written when no home exists. Exactly one that holds has it.
    #[serde(default)]
    pub default: bool,
    /// The file is the tool's own: if it exists it is the home even without the table.
    #[serde(default)]
    pub own: bool,
    #[serde(default)]
    pub when: When,
}

fn dot() -> String {
    ".".into()
}

/// A plugin that reads the tool's configuration from a file of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Plugin {
    /// The distribution's name.
    pub name: String,
    pub home: Home,
}

/// Lines of the tool's configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The sub-table below the home's table; empty for the table itself.
    #[serde(default)]
    pub table: String,
    /// Keys with their comments, as TOML. For an INI home each is written in INI: a list one item a line, a boolean as `true`.
    /// For a YAML home each is a top-level key, a list in flow style.
    pub text: String,
    #[serde(default)]
    pub when: When,
}

/// The keys, dotted below the tool's table, that choose rules by the beginnings of their codes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rules {
    pub select: String,
    pub extend_select: String,
    pub ignore: String,
    pub extend_ignore: String,
    /// What is selected where `select` is not written.
    pub selected: Vec<String>,
    /// What is left out where `ignore` is not written.
    #[serde(default)]
    pub ignored: Vec<String>,
}

/// Rules that must not be in force beside something else; both conditions must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fight {
    /// Another tool that is used in the project.
    #[serde(default)]
    pub with: Option<String>,
    /// A role that this tool has in the project.
    #[serde(default)]
    pub role: Option<String>,
    pub rules: Vec<String>,
}

/// A setting that must stand beside another tool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The other tool.
    pub with: String,
    /// Dotted below the tool's table.
    pub key: String,
    pub value: toml::Value,
    /// Settings that together come to the same, each with the values that do. One that stands with another value spoils it.
    #[serde(default)]
    pub same: BTreeMap<String, Vec<toml::Value>>,
}

/// A pre-commit hook.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hook {
    pub id: String,
    /// Other ids that the same hook has or had: one that stands under such an id is not doubled.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The distribution that has the hook, where it is not the tool itself; its version is under the release's `with`.
    #[serde(default)]
    pub distribution: Option<String>,
    /// The mirror's URL.
    pub repo: String,
    /// The mirror's tag of a version, `v<< version >>`; `version` is that of the distribution that has the hook.
    pub rev: String,
    /// Tools whose distributions the hook needs beside it, where the project has them.
    #[serde(default)]
    pub additional: Vec<String>,
    /// Keys of the mirror's hook beyond its id, as YAML text.
    #[serde(default)]
    pub mirror: String,
    /// Keys of the local hook (`repo: local`, `language: python`), as YAML text, beyond id, name, language and
    /// `additional_dependencies`, which follow from the rest.
    pub local: String,
    #[serde(default)]
    pub when: When,
}

/// A whole file that the tool brings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ToolFile {
    /// Where it goes.
    pub path: String,
    /// The file below the tool's `files/`; rendered.
    pub source: String,
    #[serde(default)]
    pub root: FileRoot,
    #[serde(default)]
    pub when: When,
}

/// Whose folder a tool's file goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileRoot {
    #[default]
    Project,
    /// What a repository has once (hooks, CI), also for a project in a subfolder.
    Repository,
    /// The virtual environment: not committed, written whenever the environment is made.
    Environment,
}

impl FileRoot {
    /// The root of places with files of that kind.
    #[must_use]
    pub fn root(self) -> Root {
        match self {
            Self::Project => Root::Project,
            Self::Repository => Root::Repository,
            Self::Environment => Root::Environment,
        }
    }
}

/// An option of a tool.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OptionSpec {
    pub help: String,
    /// Its value where none is given; its TOML type is the option's type. `false`, `0`, `""` and `[]` count as off in `when`.
    pub default: toml::Value,
    /// The only values allowed, where they are few.
    #[serde(default)]
    pub choices: Vec<toml::Value>,
    /// The smallest and the largest number allowed.
    #[serde(default)]
    pub range: Option<(i64, i64)>,
}

impl OptionSpec {
    /// `text` as a value of the option's type.
    ///
    /// # Errors
    /// It is of another type, out of range, or not one of the choices.
    pub fn parse(&self, text: &str) -> Result<toml::Value, String> {
        let value = match &self.default {
            toml::Value::Boolean(_) => {
                text.parse().map(toml::Value::Boolean).map_err(|_| format!("{text:?} is not true or false"))?
            }
            toml::Value::Integer(_) => {
                text.parse().map(toml::Value::Integer).map_err(|_| format!("{text:?} is not a whole number"))?
            }
            toml::Value::Array(_) => {
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect::<Vec<_>>().into()
            }
            _ => toml::Value::from(text),
        };
        if let (Some((least, most)), Some(number)) = (self.range, value.as_integer())
            && !(least..=most).contains(&number)
        {
            return Err(format!("{number} is not between {least} and {most}"));
        }
        if !self.choices.is_empty() && !self.choices.contains(&value) {
            let choices: Vec<String> = self.choices.iter().map(ToString::to_string).collect();
            return Err(format!("{value} is not one of {}", choices.join(", ")));
        }
        Ok(value)
    }
}

/// One command of `verify`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Check {
    /// An argument vector; its first word is a console script of the environment.
    pub run: Vec<String>,
    /// How the tool says that it found nothing to check. That is shown as what it is: neither passed nor failed.
    #[serde(default)]
    pub nothing: Option<Nothing>,
    #[serde(default)]
    pub when: When,
}

/// The end of a check that had nothing to check; both must hold, since a status alone can have other causes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {
    /// The exit status.
    pub exit: i32,
    /// Words of the output.
    pub says: String,
}

/// A condition; everything that it names must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct When {
    /// A specifier (PEP 440) that the project's oldest Python must satisfy: `>=3.10`.
    pub python: Option<String>,
    /// A specifier that the version of this tool must satisfy.
    pub version: Option<String>,
    /// The project's layout: `src`, `flat`, `none`.
    pub layout: Option<String>,
    /// Another tool that must be used in the project.
    pub with: Option<String>,
    /// Another tool that must not be used in the project.
    pub without: Option<String>,
    /// The code host: `github`, `gitlab`, `bitbucket`.
    pub host: Option<String>,
    /// An option of this tool that must be on.
    pub option: Option<String>,
    /// A role that this tool must have in the project.
    pub role: Option<String>,
}

/// `templates/projects/<name>/template.toml`. The files below `files/` are rendered; `{package}` and `{name}` in their
/// paths are replaced; an empty file stays empty.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Template {
    #[serde(skip)]
    pub name: String,
    /// The texts below the folder's `files/`, by their path there; filled in by the loader.
    #[serde(skip)]
    pub sources: BTreeMap<String, String>,
    /// One line, lower case, no full stop.
    pub summary: String,
    pub order: u32,
    pub layout: Layout,
    /// Conditions of files, by their path below `files/`; a file that is not named is always written.
    #[serde(default)]
    pub when: BTreeMap<String, FileWhen>,
}

/// When a template's file is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileWhen {
    /// A tool that must be used in the project.
    pub with: Option<String>,
    /// A value that must be known: `license`.
    pub known: Option<String>,
}

/// Where a project keeps its package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// `src/<package>/`
    Src,
    /// `<package>/`
    Flat,
    /// No package: nothing to install but the requirements.
    None,
}
