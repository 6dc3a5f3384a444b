//! Where a project keeps its package and its tests.

use anyhow::Result;
use toml::Value;

use super::has_package;
use super::sources::Sources;
use crate::domain::catalog::Layout;
use crate::domain::names::normalize;
use crate::domain::tree::{Entry, Place, Root, Tree};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub layout: Layout,
    /// The import name.
    pub package: Option<String>,
    /// Folders of sources, from the top.
    pub sources: Vec<String>,
    /// Folders of tests.
    pub tests: Vec<String>,
}

/// Folders that hold Python files but no package of the project.
const OTHERS: &[&str] = &[
    "tests",
    "test",
    "docs",
    "doc",
    "examples",
    "example",
    "scripts",
    "tools",
    "benchmarks",
    "bench",
    "build",
    "dist",
    "tasks",
    "ci",
    "node_modules",
    "venv",
    "env",
    "notebooks",
    "samples",
    "site",
    "migrations",
    "requirements",
];

pub fn find(tree: &mut Tree<'_>, sources: &Sources, name: &str) -> Result<Found> {
    let tests: Vec<String> = ["tests", "test"]
        .iter()
        .filter(|folder| is_folder(tree, folder).unwrap_or(false))
        .map(|folder| (*folder).to_owned())
        .collect();
    let named = named_modules(sources);
    let wanted = normalize(name).replace('-', "_");
    for base in bases(sources) {
        let names = tree.list(Root::Project, &base)?;
        let prefix = if base.is_empty() { String::new() } else { format!("{base}/") };
        let mut packages = Vec::new();
        for candidate in &names {
            if base.is_empty() && (OTHERS.contains(&candidate.as_str()) || tests.contains(candidate)) {
                continue;
            }
            if is_identifier(candidate) && is_package(tree, &format!("{prefix}{candidate}"))? {
                packages.push(candidate.clone());
            }
        }
        let modules = names.iter().filter_map(|file| file.strip_suffix(".py")).filter(|it| is_identifier(it));
        let modules: Vec<String> = modules
            .filter(|it| !matches!(*it, "setup" | "conftest" | "noxfile" | "tasks" | "__init__"))
            .map(str::to_owned)
            .collect();
        let of = |all: &[String]| {
            let is = |wanted: &str| all.iter().find(|it| it.to_lowercase() == wanted.to_lowercase()).cloned();
            named.iter().find_map(|name| is(name)).or_else(|| is(&wanted))
        };
        let layout = if base.is_empty() { Layout::Flat } else { Layout::Src };
        let chosen = of(&packages).or_else(|| of(&modules)).or_else(|| packages.first().cloned());
        let chosen = chosen.or_else(|| (layout == Layout::Src).then(|| modules.first().cloned()).flatten());
        let Some(package) = chosen else { continue };
        let folders = match layout {
            Layout::Src => vec![base.clone()],
            _ if packages.is_empty() => vec![format!("{package}.py")],
            _ => packages,
        };
        return Ok(Found { layout, package: Some(package), sources: folders, tests });
    }
    let layout = Layout::None;
    debug_assert!(!has_package(layout), "nothing was found to import");
    Ok(Found { layout, package: named.into_iter().next(), sources: Vec::new(), tests })
}

/// The folders below which packages may lie, `""` for the top: those that the project names, then the usual ones.
fn bases(sources: &Sources) -> Vec<String> {
    let mut bases: Vec<String> = Vec::new();
    let of_array =
        |value: Option<&Value>| -> Option<String> { value?.as_array()?.first()?.as_str().map(str::to_owned) };
    let of_wheel = of_array(sources.tool(&["hatch", "build", "targets", "wheel", "packages"]));
    let poetry = sources.tool(&["poetry", "packages"]).and_then(|it| it.as_array()?.first()?.get("from")?.as_str());
    let named = [
        of_array(sources.tool(&["setuptools", "packages", "find", "where"])),
        sources.tool(&["setuptools", "package-dir", ""]).and_then(Value::as_str).map(str::to_owned),
        sources.ini("options.packages.find", "where").map(str::to_owned),
        sources.keywords().and_then(|it| it.entry("package_dir", "")).map(str::to_owned),
        sources.tool(&["uv", "build-backend", "module-root"]).and_then(Value::as_str).map(str::to_owned),
        sources.tool(&["maturin", "python-source"]).and_then(Value::as_str).map(str::to_owned),
        poetry.map(str::to_owned),
        of_wheel.and_then(|path| path.rsplit_once('/').map(|(base, _)| base.to_owned())),
    ];
    for base in named.into_iter().flatten().chain(["src".into(), String::new(), "lib".into(), "python".into()]) {
        let base = base.trim_matches('/').trim_start_matches("./").to_owned();
        let base = if base == "." { String::new() } else { base };
        if !base.contains("..") && !bases.contains(&base) {
            bases.push(base);
        }
    }
    bases
}

/// Import names that the build configuration gives.
fn named_modules(sources: &Sources) -> Vec<String> {
    let text = |path: &[&str]| sources.tool(path).and_then(Value::as_str);
    let first = |path: &[&str]| sources.tool(path).and_then(|it| it.as_array()?.first()?.as_str());
    let of_poetry =
        sources.tool(&["poetry", "packages"]).and_then(|it| it.as_array()?.first()?.get("include")?.as_str());
    let all = [
        text(&["flit", "module", "name"]),
        text(&["flit", "metadata", "module"]),
        text(&["uv", "build-backend", "module-name"]),
        text(&["maturin", "module-name"]),
        first(&["setuptools", "packages"]),
        first(&["setuptools", "py-modules"]),
        of_poetry,
        first(&["hatch", "build", "targets", "wheel", "packages"]).map(|path| path.rsplit('/').next().unwrap_or(path)),
    ];
    all.into_iter().flatten().map(|name| name.split('.').next().unwrap_or(name).to_owned()).collect()
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_') && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn is_folder(tree: &mut Tree<'_>, path: &str) -> Result<bool> {
    Ok(matches!(tree.get(&Place::project(path)?)?, Entry::Folder))
}

/// A folder with an `__init__.py`, or a namespace package with packages or modules in it.
fn is_package(tree: &mut Tree<'_>, path: &str) -> Result<bool> {
    if !is_folder(tree, path)? {
        return Ok(false);
    }
    let names = tree.list(Root::Project, path)?;
    if names.iter().any(|name| name == "__init__.py" || name == "__init__.pyi") {
        return Ok(true);
    }
    for name in names.iter().filter(|name| is_identifier(name)) {
        let inner = tree.list(Root::Project, &format!("{path}/{name}"))?;
        if inner.iter().any(|file| file == "__init__.py") {
            return Ok(true);
        }
    }
    Ok(false)
}
