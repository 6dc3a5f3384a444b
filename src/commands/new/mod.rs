//! `new`: from nothing to a tested, committed, ready project.
//!
//! The flags fill a draft, questions fill its gaps (on a terminal only), the draft becomes a spec, the spec a tree, the
//! tree a plan. Then the files are born as a whole, and two lanes run beside each other: git and the environment.

mod ask;
pub mod draft;
mod lanes;
mod summary;
mod target;

use std::path::PathBuf;

use anyhow::Result;
use pep440_rs::VersionSpecifiers;
use serde_json::json;

use self::ask::{Decision, Questions};
use self::draft::{Draft, Resolved, Sources};
use self::target::Target;
use super::change::{Change, Preview, Sync};
use crate::domain::facts::Interpreter;
use crate::domain::plan::Plan;
use crate::domain::python::{Minor, OLDEST};
use crate::domain::python_request::Request;
use crate::domain::reconcile::reconcile;
use crate::domain::scaffold::{Scaffold, Scaffolded, scaffold};
use crate::domain::tree::Tree;
use crate::error::Problem;
use crate::system::clock;
use crate::system::git::{self, Git, Repository};
use crate::system::interpreter::{self, Chosen};
use crate::system::interrupt::Interrupted;
use crate::system::load::Catalog;
use crate::system::settings::{self, Settings};
use crate::ui::Ui;

#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Where to make the project; its last part is the project's name. Without it, a terminal is asked for everything
    pub path: Option<PathBuf>,

    /// The project template (pyenvkit templates lists them)
    #[arg(short, long, value_name = "NAME", help_heading = "What is made")]
    pub template: Option<String>,
    /// The set of tools: classic, modern, minimal, or one of your own
    #[arg(short, long, value_name = "NAME", help_heading = "What is made")]
    pub preset: Option<String>,
    /// A tool beside those of the preset; can be repeated
    #[arg(long, value_name = "TOOL", value_delimiter = ',', help_heading = "What is made")]
    pub with: Vec<String>,
    /// A tool of the preset to leave out; can be repeated
    #[arg(long, value_name = "TOOL", value_delimiter = ',', help_heading = "What is made")]
    pub without: Vec<String>,
    /// An option of a tool, such as coverage.fail-under=90; can be repeated
    #[arg(long, value_name = "TOOL.OPTION=VALUE", help_heading = "What is made")]
    pub set: Vec<String>,
    /// Where hooks get their tools: mirrors or local
    #[arg(long, value_name = "STYLE", help_heading = "What is made")]
    pub hooks: Option<String>,

    /// The distribution's name, if it differs from the folder's
    #[arg(long, help_heading = "Values")]
    pub name: Option<String>,
    /// The import name, if it does not follow from the name
    #[arg(long, value_name = "NAME", help_heading = "Values")]
    pub package: Option<String>,
    /// One line that says what the project is
    #[arg(long, value_name = "TEXT", help_heading = "Values")]
    pub description: Option<String>,
    /// The licence, as an SPDX expression
    #[arg(long, value_name = "SPDX", help_heading = "Values")]
    pub license: Option<String>,
    /// An author, as "Ada Lovelace <ada@example.com>"; can be repeated
    #[arg(long, value_name = "AUTHOR", help_heading = "Values")]
    pub author: Vec<String>,
    /// Where its repository will live, as github.com/ada
    #[arg(long, value_name = "HOST/OWNER", help_heading = "Values")]
    pub host: Option<String>,
    /// The Pythons that the project supports
    #[arg(long, value_name = "SPECIFIERS", help_heading = "Values")]
    pub requires_python: Option<String>,

    /// The Python of its environment: 3.14, >=3.12, a path, python3.13
    #[arg(long, value_name = "PYTHON", help_heading = "Environment and git")]
    pub python: Option<String>,
    /// What installs packages: auto, pip or uv
    #[arg(long, value_name = "BACKEND", help_heading = "Environment and git")]
    pub backend: Option<String>,
    /// Make a repository even inside another one
    #[arg(long, overrides_with = "no_git", help_heading = "Environment and git")]
    pub git: bool,
    /// Leave git alone
    #[arg(long, help_heading = "Environment and git")]
    pub no_git: bool,
    /// Commit nothing
    #[arg(long, help_heading = "Environment and git")]
    pub no_commit: bool,
    /// Install no hooks
    #[arg(long, help_heading = "Environment and git")]
    pub no_hooks: bool,
    /// Make no virtual environment
    #[arg(long, help_heading = "Environment and git")]
    pub no_venv: bool,
    /// Make the virtual environment, but install nothing into it
    #[arg(long, help_heading = "Environment and git")]
    pub no_install: bool,
    /// Run the new project's own checks at the end
    #[arg(long, help_heading = "Environment and git")]
    pub verify: bool,

    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub sync: Sync,
}

impl Args {
    /// Whether a flag says what is to be made: then nothing is asked.
    fn configures(&self) -> bool {
        let texts =
            [&self.template, &self.preset, &self.hooks, &self.name, &self.package, &self.description, &self.license];
        let more = [&self.host, &self.requires_python, &self.python, &self.backend];
        let lists = [&self.with, &self.without, &self.set, &self.author];
        texts.into_iter().chain(more).any(Option::is_some)
            || lists.into_iter().any(|list| !list.is_empty())
            || [self.git, self.no_git, self.no_commit, self.no_hooks, self.no_venv, self.no_install, self.verify]
                .contains(&true)
    }

    fn wants_environment(&self) -> bool {
        !self.no_venv && !self.sync.no_sync
    }
}

/// A `--python` text as a request.
///
/// # Errors
/// It is none.
pub fn request(text: &str) -> Result<Request> {
    text.parse().map_err(|error: crate::domain::python_request::RequestError| {
        Problem::usage(error.to_string()).hint("pyenvkit python list shows what is there").into()
    })
}

/// # Errors
/// A value is not valid, the target cannot be used, or a part of the work failed.
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    let settings = Settings::load()?;
    let catalog = Catalog::new(settings::folder());
    let asks = ui.interactive && !args.change.yes && !args.change.is_preview() && !args.configures();
    let path = match &args.path {
        Some(path) => target::absolute(path)?,
        // The wizard asks for the name, and the name is the path.
        None if asks => PathBuf::new(),
        None => {
            return Err(Problem::usage("new needs to know where: there is no PATH, and nobody to ask")
                .hint("pyenvkit new myproj")
                .into());
        }
    };
    let git = if args.no_git { None } else { Git::find() };
    let environment = git.as_ref().map(|git| git.environment().clone()).unwrap_or_default();
    let author = identity(&target::existing_parent(&path), &environment, git.as_ref());
    let mut draft = Draft::merge(args, path, &settings, author);
    let wants_python = args.wants_environment();
    let given = Given { catalog: &catalog, settings: &settings, environment: &environment, wants_python };
    if asks {
        if args.path.is_some() {
            Target::look(&draft.path, &environment)?;
        }
        ask_for(&mut draft, args, &given, ui)?;
    }
    let target = Target::look(&draft.path, &environment)?;
    draft.path.clone_from(&target.folder);
    let (resolved, chosen) = resolve(&draft, &given)?;
    let outer = if args.no_git { None } else { target.outer(args.git) };
    let (plan, scaffolded) = planned(&resolved, &target, outer)?;
    let wish = lanes::Wish {
        args,
        draft: &draft,
        resolved: &resolved,
        interpreter: chosen.as_ref().map(|chosen| &chosen.interpreter),
        target: &target,
        outer,
        git: git.as_ref(),
        plan: &plan,
        around: &scaffolded.around,
    };
    if args.change.is_preview() {
        return args.change.show(ui, &preview(&wish));
    }
    if !asks {
        summary::values(ui, &wish, chosen.as_ref());
    }
    summary::kept(ui, &scaffolded);
    lanes::run(&wish, ui)
}

/// The files of the project, and of the repository around it.
fn planned(resolved: &Resolved, target: &Target, outer: Option<&Repository>) -> Result<(Plan, Scaffolded)> {
    let source = target.source(outer)?;
    let mut tree = Tree::new(source.as_ref());
    reconcile(&mut tree, &target.written_around(outer)?, &[])?;
    let wish = Scaffold {
        spec: &resolved.spec,
        template: &resolved.template,
        tools: &resolved.tools,
        licence: resolved.spec.values.license.as_deref().and_then(Catalog::licence),
        top: target.top(outer)?,
    };
    let scaffolded = scaffold(&wish, &mut tree)?;
    Ok((Plan::of(&tree), scaffolded))
}

/// One screen where the path is given, else the wizard.
fn ask_for(draft: &mut Draft, args: &Args, given: &Given<'_>, ui: Ui) -> Result<()> {
    let judge = |draft: &Draft| {
        let path = target::absolute(&draft.path)?;
        Target::look(&path, given.environment)?;
        resolve(&Draft { path, ..draft.clone() }, given)
    };
    let questions = Questions { sources: &given.sources(None), judge: &judge };
    let decision =
        if args.path.is_some() { ask::review(draft, &questions)? } else { ask::wizard(draft, &questions, ui)? };
    match decision {
        Decision::Create => draft.path = target::absolute(&draft.path)?,
        Decision::Cancel => return Err(Problem::failed("cancelled; nothing was made").into()),
        Decision::Stopped => return Err(Interrupted.into()),
    }
    Ok(())
}

/// Git's `user.name` and `user.email` as an author.
fn identity(path: &std::path::Path, environment: &git::Environment, git: Option<&Git>) -> Option<String> {
    let found = git::identity(path, environment, git);
    match (found.name, found.email) {
        (Some(name), Some(email)) => Some(format!("{name} <{email}>")),
        (name, email) => name.or(email),
    }
}

struct Given<'g> {
    catalog: &'g Catalog,
    settings: &'g Settings,
    /// What git would see of the process's variables.
    environment: &'g git::Environment,
    wants_python: bool,
}

impl Given<'_> {
    /// `asked` is the version of the interpreter that was asked for, where it is known.
    fn sources(&self, asked: Option<Minor>) -> Sources<'_> {
        Sources { catalog: self.catalog, settings: self.settings, year: clock::year(), asked }
    }
}

/// The draft as a spec, and the interpreter that fits it.
///
/// An interpreter that was asked for by name may be older than what new projects support: then it sets the floor.
fn resolve(draft: &Draft, given: &Given<'_>) -> Result<(Resolved, Option<Chosen>)> {
    // Names and tools are checked before any Python is looked for: the cheap refusals come first.
    let resolved = draft.resolve(&given.sources(None))?;
    let asked = draft.python.as_deref().map(request).transpose()?;
    if !given.wants_python {
        return Ok((resolved, None));
    }
    let context = interpreter::Context::of_process(target::existing_parent(&draft.path));
    let choose = |request: &Request, requires: &str| -> Result<Chosen> {
        let specifiers: VersionSpecifiers = requires.parse()?;
        interpreter::choose(request, &specifiers, &context)
            .map_err(|missing| Problem::usage(missing.to_string()).hint(missing.hint).into())
    };
    match (asked, &draft.requires_python) {
        (Some(asked), None) => {
            let chosen = choose(&asked, &format!(">={OLDEST}"))?;
            let minor = chosen.interpreter.minor;
            Ok((draft.resolve(&given.sources(Some(minor)))?, Some(chosen)))
        }
        (asked, _) => {
            let chosen = choose(&asked.unwrap_or(Request::Any), &resolved.spec.values.requires_python)?;
            Ok((resolved, Some(chosen)))
        }
    }
}

fn preview<'p>(wish: &lanes::Wish<'p>) -> Preview<'p> {
    let values = &wish.resolved.spec.values;
    Preview {
        plan: wish.plan,
        target: wish.draft.path.clone(),
        then: wish.steps(),
        values: json!({
            "template": wish.resolved.spec.template,
            "preset": wish.draft.preset,
            "tools": wish.resolved.spec.tools.iter().map(|tool| &tool.tool).collect::<Vec<_>>(),
            "name": values.name,
            "package": values.package,
            "description": values.description,
            "license": values.license,
            "authors": values.authors,
            "url": values.url,
            "requires-python": values.requires_python,
            "hooks": values.hooks,
            "backend": wish.draft.backend,
            "python": wish.interpreter.map(|it: &Interpreter| json!({"path": it.executable.display().to_string(), "version": it.version})),
        }),
    }
}
