//! What `new` was told, from every source: flags over `PYENVKIT_*` over the user's file over git over built-in values.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum as _;

use super::Args;
use crate::commands::environment::backend;
use crate::domain::catalog::{Template, Tool};
use crate::domain::names::{Names, Taken, normalize};
use crate::domain::python::{DEFAULT_FLOOR, Minor, OLDEST};
use crate::domain::spec::{Author, HookStyle, Spec, Values, allowed_pythons};
use crate::error::Problem;
use crate::system::environment::Choice;
use crate::system::load::{self, Catalog};
use crate::system::settings::Settings;

/// The values of a project that is to be made, as text, before they are checked against each other. The wizard edits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The target folder as it was given.
    pub path: PathBuf,
    pub template: String,
    pub preset: String,
    pub with: Vec<String>,
    pub without: Vec<String>,
    pub name: Option<String>,
    pub package: Option<String>,
    pub description: String,
    pub license: Option<String>,
    pub authors: Vec<String>,
    pub host: Option<String>,
    pub requires_python: Option<String>,
    /// Which interpreter, in the words of `--python`.
    pub python: Option<String>,
    pub hooks: String,
    pub backend: String,
    /// `tool.option=value`.
    pub set: Vec<String>,
}

impl Draft {
    /// Merge the flags with what is set elsewhere.
    ///
    /// `identity` is git's `user.name` and `user.email` in the form of an author, if there is one.
    #[must_use]
    pub fn merge(args: &Args, path: PathBuf, settings: &Settings, identity: Option<String>) -> Self {
        let or = |flag: &Option<String>, key: &str| flag.clone().or_else(|| settings.get(key).map(str::to_owned));
        let authors = if args.author.is_empty() {
            settings.get("author").map(str::to_owned).or(identity).into_iter().collect()
        } else {
            args.author.clone()
        };
        Self {
            path,
            template: or(&args.template, "template").unwrap_or_else(|| "lib".into()),
            preset: or(&args.preset, "preset").unwrap_or_else(|| "classic".into()),
            with: args.with.clone(),
            without: args.without.clone(),
            name: args.name.clone(),
            package: args.package.clone(),
            description: args.description.clone().unwrap_or_default(),
            license: or(&args.license, "license").filter(|license| !license.is_empty()),
            authors,
            host: or(&args.host, "host").filter(|host| !host.is_empty()),
            requires_python: or(&args.requires_python, "requires-python"),
            python: or(&args.python, "python"),
            hooks: or(&args.hooks, "hooks").unwrap_or_else(|| "mirrors".into()),
            backend: or(&args.backend, "backend").unwrap_or_else(|| "auto".into()),
            set: args.set.clone(),
        }
    }

    /// The distribution's name: as given, else the folder's.
    ///
    /// # Errors
    /// The path ends in nothing that could be a name.
    pub fn distribution(&self) -> Result<String> {
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        let last = self.path.file_name().with_context(|| format!("{} has no name", self.path.display()))?;
        last.to_str().map(str::to_owned).ok_or_else(|| {
            Problem::usage(format!("the folder's name {} is not valid UTF-8", last.display()))
                .hint("give the project's name with --name")
                .into()
        })
    }

    /// Check everything against everything.
    ///
    /// # Errors
    /// A value is not valid, or names what does not exist; each as a usage problem with a hint.
    pub fn resolve(&self, sources: &Sources<'_>) -> Result<Resolved> {
        let template = sources.catalog.template(&self.template)?;
        let tools = self.tools(sources)?;
        let of_tools = tools.iter().flat_map(|tool| {
            tool.requirements.iter().map(|it| Taken { distribution: &it.name, tool: Some(&tool.name) })
        });
        let everywhere = Taken { distribution: "pip", tool: None };
        let taken: Vec<Taken<'_>> = of_tools.chain([everywhere]).collect();
        let names = Names::new(&self.distribution()?, self.package.as_deref(), &taken)
            .map_err(|bad| Problem::usage(bad.message).hint(bad.hint))?;
        let requires_python = match &self.requires_python {
            Some(text) => text.clone(),
            None => format!(">={}", sources.floor()),
        };
        supported(&requires_python)
            .map_err(|error| Problem::usage(error.to_string()).hint("give --requires-python, such as \">=3.11\""))?;
        let uses = super::super::options::parse(&self.set, &tools)?;
        let spec = Spec {
            template: Some(self.template.clone()),
            values: Values {
                url: self.host.as_deref().map(|host| url(host, &names.distribution)).transpose()?,
                name: names.distribution,
                package: names.package,
                description: one_line(&self.description)?,
                license: self.license.as_deref().map(spdx).transpose()?,
                authors: self.authors.iter().map(|text| author(text)).collect::<Result<_>>()?,
                requires_python,
                hooks: hook_style(&self.hooks)?,
                layout: template.layout,
                sources: None,
                tests: None,
                group: "dev".into(),
                year: sources.year,
            },
            tools: uses,
        };
        Ok(Resolved { spec, template, tools, backend: backend(&self.backend)? })
    }

    /// The preset's tools, with and without what was asked, in the order of their ranks.
    fn tools(&self, sources: &Sources<'_>) -> Result<Vec<Tool>> {
        let presets = Catalog::presets(&sources.settings.presets)?;
        let Some(preset) = presets.iter().find(|it| it.name == self.preset) else {
            let names: Vec<String> = presets.iter().map(|it| it.name.clone()).collect();
            let otherwise = format!("the presets are: {}", names.join(", "));
            return Err(load::unknown("preset", &self.preset, &names, &otherwise));
        };
        let mut names: Vec<String> = preset.tools.clone();
        for added in &self.with {
            sources.catalog.tool(added)?;
            if !names.contains(added) {
                names.push(added.clone());
            }
        }
        for removed in &self.without {
            sources.catalog.tool(removed)?;
            if self.with.contains(removed) {
                return Err(Problem::usage(format!("{removed} is asked for and left out at once")).into());
            }
            names.retain(|name| name != removed);
        }
        let mut tools = names.iter().map(|name| sources.catalog.tool(name)).collect::<Result<Vec<_>>>()?;
        for needed in tools.iter().flat_map(|tool| tool.needs.clone()).collect::<Vec<_>>() {
            if !tools.iter().any(|tool| tool.name == needed) {
                if self.without.contains(&needed) {
                    return Err(Problem::usage(format!("{needed} is left out, but another tool needs it")).into());
                }
                tools.push(sources.catalog.tool(&needed)?);
            }
        }
        tools.sort_by_key(|tool| tool.order);
        one_of_each_role(&tools)?;
        Ok(tools)
    }
}

/// What a draft is resolved against.
pub struct Sources<'s> {
    pub catalog: &'s Catalog,
    pub settings: &'s Settings,
    /// The current year.
    pub year: i16,
    /// The version of the interpreter that was asked for, where it is known.
    pub asked: Option<Minor>,
}

impl Sources<'_> {
    /// The oldest Python that is supported unless the user says otherwise: the usual one, or an older one that was asked for.
    fn floor(&self) -> Minor {
        self.asked.map_or(DEFAULT_FLOOR, |asked| asked.min(DEFAULT_FLOOR))
    }
}

/// A draft that passed every check.
#[derive(Debug, Clone)]
pub struct Resolved {
    pub spec: Spec,
    pub template: Template,
    pub tools: Vec<Tool>,
    pub backend: Choice,
}

fn one_of_each_role(tools: &[Tool]) -> Result<()> {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for tool in tools {
        for role in &tool.roles {
            if let Some(first) = taken.insert(role, &tool.name) {
                return Err(Problem::usage(format!("{first} and {} are both a {role}", tool.name))
                    .hint(format!("leave one out: --without {first}"))
                    .into());
            }
        }
    }
    Ok(())
}

/// Check that everything that is generated runs on all of the Pythons that the project is to support.
fn supported(requires_python: &str) -> Result<()> {
    match allowed_pythons(requires_python)?.first() {
        Some(oldest) if *oldest < OLDEST => {
            bail!("{requires_python:?} allows Python {oldest}, and new projects are for {OLDEST} or newer")
        }
        _ => Ok(()),
    }
}

fn author(text: &str) -> Result<Author> {
    Author::parse(text).map_err(|error| {
        Problem::usage(error.to_string()).hint("write it as --author \"Ada Lovelace <ada@example.com>\"").into()
    })
}

fn one_line(text: &str) -> Result<String> {
    if text.contains(['\n', '\r']) {
        return Err(Problem::usage("the description has more than one line")
            .hint("keep it to one line; the README has room for more")
            .into());
    }
    Ok(text.trim().to_owned())
}

fn hook_style(text: &str) -> Result<HookStyle> {
    HookStyle::from_str(text, false)
        .map_err(|_| Problem::usage(format!("hooks cannot be {text:?}")).hint("use mirrors or local").into())
}

/// An SPDX expression in its canonical writing (PEP 639).
fn spdx(text: &str) -> Result<String> {
    let bad = |reason: String| {
        Problem::usage(format!("{text:?} is not an SPDX licence expression: {reason}"))
            .hint("use an identifier such as MIT, Apache-2.0 or BSD-3-Clause")
    };
    let canonical = spdx::Expression::canonicalize(text)
        .map_err(|error| bad(error.reason.to_string()))?
        .unwrap_or_else(|| text.to_owned());
    spdx::Expression::parse(&canonical).map_err(|error| bad(error.reason.to_string()))?;
    Ok(canonical)
}

/// The repository's page below a host such as `github.com/ada`.
fn url(host: &str, name: &str) -> Result<String> {
    let bare = host.trim_end_matches('/');
    let bare = bare.strip_prefix("https://").unwrap_or(bare);
    let plain =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | '/' | ':' | '~');
    if bare.is_empty() || !bare.contains('/') || !bare.chars().all(plain) || bare.contains("//") {
        bail!(
            Problem::usage(format!("{host:?} is not where repositories live"))
                .hint("write it as --host github.com/ada")
        );
    }
    Ok(format!("https://{bare}/{name}"))
}

/// Check a value before it is written to the user's file.
///
/// # Errors
/// The value could not be used.
pub fn check_setting(key: &str, value: &str) -> Result<()> {
    match key {
        "author" => author(value).map(drop),
        "hooks" => hook_style(value).map(drop),
        "license" => spdx(value).map(drop),
        "host" => url(value, "x").map(drop),
        "backend" => backend(value).map(drop),
        "requires-python" => supported(value).map_err(|error| Problem::usage(error.to_string()).into()),
        _ if value.trim().is_empty() => Err(Problem::usage(format!("{key} cannot be empty")).into()),
        _ => Ok(()),
    }
}

/// A name that the project could have, from its folder's, for the wizard to propose.
#[must_use]
pub fn proposed_name(folder: &str) -> String {
    let cleaned: String = folder
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .collect();
    normalize(cleaned.trim_matches(['-', '_', '.']))
}
