//! What templates and manifests may name, and the conditions that they may set.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use minijinja::Value;
use minijinja::value::Serde;
use pep440_rs::{Version, VersionSpecifiers};
use serde::Serialize;

use super::agree::{Agreed, LINE_LENGTH, Quotes, regex_of_paths};
use super::catalog::{Layout, Tool, When};
use super::names::{Names, normalize};
use super::python::Minor;
use super::render::{Format, render};
use super::spec::{Author, HookStyle, Spec, ToolUse, allowed_pythons};

/// What templates and manifests may name, flattened for the renderer.
#[derive(Debug, Clone, Serialize)]
pub struct Scope {
    pub name: String,
    pub package: String,
    /// Whether the import name is the one that follows from the distribution's, which build backends look for.
    pub package_follows: bool,
    pub class_name: String,
    pub env_name: String,
    pub command: String,
    pub description: String,
    pub license: Option<String>,
    pub license_file: bool,
    pub authors: Vec<Author>,
    pub holder: String,
    pub year: i16,
    pub url: Option<String>,
    pub requires_python: String,
    pub python_min: Minor,
    pub pythons: Vec<Minor>,
    pub target_versions: Vec<String>,
    pub line_length: u32,
    pub quotes: Quotes,
    /// Paths that no tool looks into, beside those that each leaves out anyway.
    pub excludes: Vec<String>,
    /// The same as one regular expression.
    pub excludes_regex: String,
    pub layout: Layout,
    pub sources: Vec<String>,
    pub tests: Vec<String>,
    pub hooks: HookStyle,
    /// The project's folder as seen from the top of its repository, with a `/` at its end; empty at the top.
    pub prefix: String,
    pub tools: Vec<String>,
    /// The roles that the tool has in the project whose manifest is being rendered.
    pub roles: BTreeSet<String>,
    /// The version of the tool whose manifest is being rendered; empty in project templates.
    pub version: String,
    /// The options of that tool, defaults included.
    pub options: BTreeMap<String, toml::Value>,
}

impl Scope {
    /// The scope of a new project.
    ///
    /// # Errors
    /// The names or the Python requirement of the spec are not valid.
    pub fn new(spec: &Spec) -> Result<Self> {
        let names = Names::new(&spec.values.name, Some(&spec.values.package), &[])?;
        Self::named(spec, names)
    }

    /// The scope of a project that is there, whatever its name.
    ///
    /// # Errors
    /// The Python requirement of the spec is not valid.
    pub fn of_existing(spec: &Spec) -> Result<Self> {
        Self::named(spec, Names::of_existing(&spec.values.name, &spec.values.package))
    }

    fn named(spec: &Spec, names: Names) -> Result<Self> {
        let values = &spec.values;
        let pythons = allowed_pythons(&values.requires_python)?;
        let python_min = *pythons.first().context("no Python is allowed")?;
        let has_package = values.layout != Layout::None;
        Ok(Self {
            name: values.name.clone(),
            package_follows: names.package == normalize(&values.name).replace('-', "_"),
            package: names.package,
            class_name: names.class,
            env_name: names.variable,
            command: names.command,
            description: values.description.clone(),
            license: values.license.clone(),
            license_file: values.license.is_some(),
            holder: values.authors.iter().map(Author::display_name).collect::<Vec<_>>().join(", "),
            authors: values.authors.clone(),
            year: values.year,
            url: values.url.clone(),
            requires_python: values.requires_python.clone(),
            python_min,
            target_versions: pythons.iter().map(|python| format!("py{}{}", python.major, python.minor)).collect(),
            pythons,
            line_length: LINE_LENGTH,
            quotes: Quotes::default(),
            excludes: Vec::new(),
            excludes_regex: String::new(),
            layout: values.layout,
            sources: match values.layout {
                Layout::Src => vec!["src".into()],
                Layout::Flat => vec![values.package.clone()],
                Layout::None => Vec::new(),
            },
            tests: if has_package { vec!["tests".into()] } else { Vec::new() },
            hooks: values.hooks,
            prefix: String::new(),
            tools: spec.tools.iter().map(|tool| tool.tool.clone()).collect(),
            roles: BTreeSet::new(),
            version: String::new(),
            options: BTreeMap::new(),
        })
    }

    /// Let all tools go by what was agreed.
    pub fn agree(&mut self, agreed: &Agreed) {
        self.line_length = agreed.line_length;
        self.quotes = agreed.quotes;
        self.excludes.clone_from(&agreed.excludes);
        self.excludes_regex = regex_of_paths(&agreed.excludes);
    }

    /// The same scope for one tool: its version and its options.
    pub(super) fn of(&self, tool: &Tool, version: &str, wish: &ToolUse) -> Self {
        let mut scope = self.clone();
        version.clone_into(&mut scope.version);
        scope.options = tool.options.iter().map(|(name, option)| (name.clone(), option.default.clone())).collect();
        scope.options.extend(wish.options.clone());
        scope
    }

    /// What renders texts in this scope.
    #[must_use]
    pub fn renderer(&self) -> Renderer<'_> {
        Renderer { scope: self, context: OnceCell::new() }
    }
}

/// Renders texts in one scope, which is put into the renderer's own form once and only if a text fills something in.
pub struct Renderer<'s> {
    scope: &'s Scope,
    context: OnceCell<Value>,
}

impl Renderer<'_> {
    /// # Errors
    /// As [`render`].
    pub fn render(&self, format: Format, name: &str, text: &str) -> Result<String> {
        render(format, name, text, || self.context.get_or_init(|| Value::from(Serde(self.scope))).clone())
    }
}

/// Whether everything that `when` names holds.
///
/// # Errors
/// A specifier in it is not one of PEP 440.
pub fn holds(when: &When, scope: &Scope) -> Result<bool> {
    let satisfies = |specifiers: &str, version: &str| -> Result<bool> {
        let specifiers: VersionSpecifiers = specifiers.parse().with_context(|| format!("condition {specifiers:?}"))?;
        let version: Version = version.parse().map_err(|error| anyhow::anyhow!("version {version:?}: {error}"))?;
        Ok(specifiers.contains(&version))
    };
    let uses = |tool: &String| scope.tools.contains(tool);
    let layout = match scope.layout {
        Layout::Src => "src",
        Layout::Flat => "flat",
        Layout::None => "none",
    };
    Ok(when.python.as_ref().map_or(Ok(true), |it| satisfies(it, &scope.python_min.to_string()))?
        && when.version.as_ref().map_or(Ok(true), |it| satisfies(it, &scope.version))?
        && when.layout.as_ref().is_none_or(|it| it == layout)
        && when.with.as_ref().is_none_or(uses)
        && !when.without.as_ref().is_some_and(uses)
        && when.host.as_ref().is_none_or(|it| scope.url.as_ref().is_some_and(|url| url.contains(it.as_str())))
        && when.role.as_ref().is_none_or(|it| scope.roles.contains(it))
        && when.option.as_ref().is_none_or(|it| scope.options.get(it).is_some_and(is_on)))
}

/// Whether an option's value switches something on.
fn is_on(value: &toml::Value) -> bool {
    match value {
        toml::Value::Boolean(on) => *on,
        toml::Value::Integer(number) => *number != 0,
        toml::Value::String(text) => !text.is_empty(),
        toml::Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}
