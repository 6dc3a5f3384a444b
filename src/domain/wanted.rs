//! From a [`Spec`] and the catalogue to the pieces that its tools want.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use pep440_rs::{Version, VersionSpecifiers};
use serde::Serialize;

use super::catalog::{Bound, Home, Layout, Release, Tool, When};
use super::hooks;
use super::names::{Names, normalize};
use super::piece::{Item, Locator, Piece};
use super::python::Minor;
use super::render::{Format, render};
use super::settings_text;
use super::spec::{Author, HookStyle, Spec, ToolUse, allowed_pythons};
use super::tree::{Place, RelPath, Tree};

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
    pub layout: Layout,
    pub sources: Vec<String>,
    pub tests: Vec<String>,
    pub hooks: HookStyle,
    /// The project's folder as seen from the top of its repository, with a `/` at its end; empty at the top.
    pub prefix: String,
    pub tools: Vec<String>,
    /// The version of the tool whose manifest is being rendered; empty in project templates.
    pub version: String,
    /// The options of that tool, defaults included.
    pub options: std::collections::BTreeMap<String, toml::Value>,
}

impl Scope {
    /// # Errors
    /// The names or the Python requirement of the spec are not valid.
    pub fn new(spec: &Spec) -> Result<Self> {
        let values = &spec.values;
        let names = Names::new(&values.name, Some(&values.package), &[])?;
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
            line_length: 88,
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
            version: String::new(),
            options: std::collections::BTreeMap::new(),
        })
    }

    /// The same scope for one tool: its version and its options.
    fn of(&self, tool: &Tool, version: &str, wish: &ToolUse) -> Self {
        let mut scope = self.clone();
        version.clone_into(&mut scope.version);
        scope.options = tool.options.iter().map(|(name, option)| (name.clone(), option.default.clone())).collect();
        scope.options.extend(wish.options.clone());
        scope
    }

    /// Render `text` in this scope.
    ///
    /// # Errors
    /// As [`render`].
    pub fn render(&self, format: Format, name: &str, text: &str) -> Result<String> {
        render(format, name, text, || minijinja::Value::from(minijinja::value::Serde(self)))
    }
}

/// The scope of one tool of the spec: its version and its options are known in it.
///
/// # Errors
/// The spec is not valid, or no version of the tool runs on the project's oldest Python.
pub fn scope_of(spec: &Spec, tool: &Tool) -> Result<Scope> {
    let project = Scope::new(spec)?;
    let version = release(tool, project.python_min)?.version.clone();
    let plain = ToolUse { tool: tool.name.clone(), options: std::collections::BTreeMap::new() };
    Ok(project.of(tool, &version, spec.tools.iter().find(|wish| wish.tool == tool.name).unwrap_or(&plain)))
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

/// The newest release of `tool` that runs on the project's oldest Python.
///
/// # Errors
/// There is none.
pub fn release(tool: &Tool, oldest: Minor) -> Result<&Release> {
    tool.releases
        .iter()
        .find(|release| release.python <= oldest)
        .with_context(|| format!("no version of {} runs on Python {oldest}", tool.name))
}

/// All pieces of the spec's tools, in the order in which they are to be written.
///
/// # Errors
/// A manifest does not render, or has no home for its settings.
pub fn pieces(spec: &Spec, tools: &[Tool], tree: &mut Tree<'_>) -> Result<Vec<Piece>> {
    pieces_in(&Scope::new(spec)?, spec, tools, tree)
}

/// As [`pieces`], in a scope that knows more of the project than its spec says.
///
/// # Errors
/// As [`pieces`].
pub fn pieces_in(project: &Scope, spec: &Spec, tools: &[Tool], tree: &mut Tree<'_>) -> Result<Vec<Piece>> {
    let mut used: Vec<(&ToolUse, &Tool, Scope)> = Vec::new();
    for wish in &spec.tools {
        let tool = tools
            .iter()
            .find(|tool| tool.name == wish.tool)
            .with_context(|| format!("no tool named {:?}", wish.tool))?;
        let version = release(tool, project.python_min)?.version.clone();
        used.push((wish, tool, project.of(tool, &version, wish)));
    }
    used.sort_by_key(|(_, tool, _)| tool.order);
    let mut all = Vec::new();
    for (_, tool, scope) in &used {
        let context = || format!("tool {}", tool.name);
        requirements(spec, tool, scope, &mut all).with_context(context)?;
        settings(tool, scope, tree, &mut all).with_context(context)?;
        files(tool, scope, &mut all).with_context(context)?;
        for line in &tool.ignore {
            all.push(piece(tool, Place::project(".gitignore")?, Locator::Line { line: line.clone() }, line.clone()));
        }
    }
    hooks::pieces(&used, &mut all)?;
    Ok(merge(all))
}

/// `name==version` or `name>=version`, as `bound` says.
pub(super) fn requirement(name: &str, extras: &[String], bound: Bound, version: &str) -> String {
    let extras = if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) };
    let sign = match bound {
        Bound::Exact => "==",
        Bound::Lower => ">=",
    };
    format!("{name}{extras}{sign}{version}")
}

/// The version of a distribution that comes with a tool: the tool's own, or a companion's.
pub(super) fn version_of<'t>(tool: &'t Tool, scope: &'t Scope, distribution: &str) -> Result<&'t str> {
    let release = release(tool, scope.python_min)?;
    Ok(release
        .with
        .iter()
        .find(|(name, _)| normalize(name) == normalize(distribution))
        .map_or(&release.version, |(_, version)| version))
}

fn requirements(spec: &Spec, tool: &Tool, scope: &Scope, all: &mut Vec<Piece>) -> Result<()> {
    for wanted in &tool.requirements {
        if !holds(&wanted.when, scope)? {
            continue;
        }
        let version = version_of(tool, scope, &wanted.name)?;
        let at = Locator::TomlItem {
            table: vec!["dependency-groups".into()],
            key: spec.values.group.clone(),
            item: Item::Requirement(normalize(&wanted.name)),
        };
        let text = toml::Value::from(requirement(&wanted.name, &wanted.extras, wanted.bound, version)).to_string();
        all.push(piece(tool, Place::project("pyproject.toml")?, at, text));
    }
    Ok(())
}

fn settings(tool: &Tool, scope: &Scope, tree: &mut Tree<'_>, all: &mut Vec<Piece>) -> Result<()> {
    if tool.settings.is_empty() {
        return Ok(());
    }
    let home = home(tool, scope, tree)?;
    let place = place_of(home)?;
    for settings in &tool.settings {
        if !holds(&settings.when, scope)? {
            continue;
        }
        let text = scope.render(Format::Toml, "settings", &settings.text)?;
        for (at, text) in settings_text::pieces(home, &settings.table, &text)? {
            all.push(piece(tool, place.clone(), at, text));
        }
    }
    Ok(())
}

/// The first place of the tool's own order of discovery that exists, else its default.
fn home<'t>(tool: &'t Tool, scope: &Scope, tree: &mut Tree<'_>) -> Result<&'t Home> {
    let mut default = None;
    for home in &tool.homes {
        if !holds(&home.when, scope)? {
            continue;
        }
        let text = tree.text(&place_of(home)?)?;
        if text.is_some_and(|text| home.own || settings_text::has_table(home, &text)) {
            return Ok(home);
        }
        if home.default {
            default = Some(home);
        }
    }
    default.with_context(|| format!("{} has no default home for its settings", tool.name))
}

fn place_of(home: &Home) -> Result<Place> {
    Ok(Place { root: home.root.root(), path: RelPath::new(home.file.clone())? })
}

fn files(tool: &Tool, scope: &Scope, all: &mut Vec<Piece>) -> Result<()> {
    for file in &tool.files {
        if !holds(&file.when, scope)? {
            continue;
        }
        let Some(source) = tool.sources.get(&file.source) else { bail!("files/{} is missing", file.source) };
        let text = scope.render(Format::of(&file.path), &file.path, source)?;
        let place = Place { root: file.root.root(), path: RelPath::new(file.path.clone())? };
        all.push(piece(tool, place, Locator::Whole, text));
    }
    Ok(())
}

pub(super) fn piece(tool: &Tool, place: Place, at: Locator, text: String) -> Piece {
    Piece { place, at, text, owners: BTreeSet::from([tool.name.clone()]) }
}

/// One piece for each place that several tools want; the first one's text stands, all own it.
fn merge(all: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::with_capacity(all.len());
    for piece in all {
        match merged.iter_mut().find(|known| known.place == piece.place && known.at == piece.at) {
            Some(known) => known.owners.extend(piece.owners),
            None => merged.push(piece),
        }
    }
    merged
}
