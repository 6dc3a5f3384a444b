//! Where a project keeps its packages and its tests.

use anyhow::Result;

use super::folders::{DEEPEST, Folders, below, is_python};
use super::said::Said;
use crate::domain::catalog::Layout;
use crate::domain::names::is_identifier;
use crate::domain::names::normalize;
use crate::domain::tree::{Listed, Tree};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub layout: Layout,
    /// Import names, the project's main one first; one in a namespace is dotted.
    pub packages: Vec<String>,
    /// Folders (or single modules) of sources, from the top.
    pub sources: Vec<String>,
    /// Folders of tests.
    pub tests: Vec<String>,
}

/// Folders that hold Python files but no package of the project: those that setuptools' own search leaves out
/// (`FlatLayoutPackageFinder.DEFAULT_EXCLUDE`), and others that projects have.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "ci", "bin", "debian", "doc", "docs", "documentation", "manpages", "news", "newsfragments", "changelog", "example",
    "examples", "scripts", "tools", "util", "utils", "python", "build", "benchmark", "benchmarks", "bench", "exercise",
    "exercises", "htmlcov", "tasks", "fabfile", "site_scons", "dist", "node_modules", "venv", "env", "notebooks", "samples",
    "site", "migrations", "requirements", "docs_src", "src", "lib", "vendor", "packaging", "hooks", "assets", "static",
];

/// Modules that are there for tools (setuptools' `FlatLayoutModuleFinder.DEFAULT_EXCLUDE`).
#[rustfmt::skip]
const OTHER_MODULES: &[&str] = &[
    "setup", "conftest", "test", "tests", "example", "examples", "build", "toxfile", "noxfile", "pavement", "dodo", "tasks",
    "fabfile", "conanfile", "conan", "versioneer", "__init__", "__main__", "manage",
];

/// What a folder could have for the project.
struct Candidates {
    packages: Vec<String>,
    modules: Vec<String>,
}

/// What decides.
struct Project<'p> {
    said: &'p Said,
    /// The distribution's name, normalised.
    name: String,
}

/// Look for the packages of a project called `name`.
///
/// # Errors
/// A folder cannot be read.
pub fn find(tree: &mut Tree<'_>, said: &Said, name: &str) -> Result<Found> {
    let folders = &mut Folders::new(tree);
    let project = Project { said, name: normalize(name) };
    let usual = ["src", "", "lib", "python"].map(str::to_owned);
    let mut bases = said.bases.clone();
    bases.extend(usual.into_iter().filter(|base| !said.bases.contains(base)));
    for base in bases {
        let candidates = candidates(folders, &base, said)?;
        if let Some(chosen) = project.choose(&candidates, &base) {
            return project.settle(folders, chosen, &base);
        }
    }
    let tests = tests(folders, &[])?;
    Ok(Found { layout: Layout::None, packages: Vec::new(), sources: Vec::new(), tests })
}

fn candidates(folders: &mut Folders<'_, '_>, base: &str, said: &Said) -> Result<Candidates> {
    let is_named = |name: &str| said.names.iter().any(|known| first_part(known) == name);
    let mut found = Candidates { packages: Vec::new(), modules: Vec::new() };
    for Listed { name, is_folder } in folders.inside(base)?.iter() {
        if *is_folder {
            let is_other = base.is_empty() && (OTHERS.contains(&name.as_str()) || is_for_tests(name));
            if is_identifier(name) && (is_named(name) || !is_other) && folders.is_package(&below(base, name))? {
                found.packages.push(name.clone());
            }
        } else if let Some(module) = name.strip_suffix(".py")
            && is_identifier(module)
            && (is_named(module) || !OTHER_MODULES.contains(&module) && !module.starts_with("test_"))
        {
            found.modules.push(module.to_owned());
        }
    }
    Ok(found)
}

impl Project<'_> {
    /// The packages and modules of a folder that are the project's, the main one first: those that it names, those that it
    /// looks for, the one of its own name, or all.
    fn choose(&self, Candidates { packages, modules }: &Candidates, base: &str) -> Option<Vec<String>> {
        let is_there = |name: &str| {
            let is_moved = self.said.moved.iter().any(|(package, _)| package == name);
            is_moved || packages.iter().chain(modules).any(|it| it == name)
        };
        let mut named: Vec<String> = Vec::new();
        for name in self.said.names.iter().map(|name| first_part(name)).filter(|name| is_there(name)) {
            if !named.iter().any(|known| known == name) {
                named.push(name.to_owned());
            }
        }
        if !named.is_empty() {
            return Some(self.main_first(&named));
        }
        let allowed: Vec<String> = packages.iter().filter(|package| self.said.allows(package)).cloned().collect();
        if self.said.searches() && !allowed.is_empty() {
            return Some(self.main_first(&allowed));
        }
        let all = if packages.is_empty() { modules } else { packages };
        if base.is_empty() {
            let module = || modules.iter().find(|name| normalize(name) == self.name);
            if let Some(own) = self.own(packages).or_else(module) {
                return Some(vec![own.clone()]);
            }
            // One file is a module; several are scripts that lie side by side.
            if packages.is_empty() && modules.len() != 1 {
                return None;
            }
        }
        (!all.is_empty()).then(|| self.main_first(all))
    }

    /// The one that the distribution's name names, or begins with.
    fn own<'n>(&self, names: &'n [String]) -> Option<&'n String> {
        let begins = |name: &&String| self.name.starts_with(&format!("{}-", normalize(name)));
        names.iter().find(|name| normalize(name) == self.name).or_else(|| names.iter().find(begins))
    }

    fn main_first(&self, names: &[String]) -> Vec<String> {
        let public = || names.iter().find(|name| !name.starts_with('_')).or(names.first());
        let main = self.own(names).or_else(public);
        main.into_iter().chain(names.iter().filter(|name| Some(*name) != main)).cloned().collect()
    }

    /// What follows from the chosen names.
    fn settle(&self, folders: &mut Folders<'_, '_>, mut packages: Vec<String>, base: &str) -> Result<Found> {
        let mut paths: Vec<String> = Vec::new();
        for name in &packages {
            let moved = self.said.moved.iter().find(|(package, _)| package == name);
            let path = moved.map_or_else(|| below(base, name), |(_, folder)| folder.clone());
            paths.push(if folders.inside(&path)?.is_empty() { format!("{path}.py") } else { path });
        }
        if let (Some(main), Some(path)) = (packages.first_mut(), paths.first().filter(|path| !is_python(path))) {
            let inner = self.said.names.iter().find(|name| name.starts_with(&format!("{main}.")));
            let only = inner.filter(|_| self.said.names.len() == 1).cloned();
            let whole = match only {
                Some(whole) => Some(whole),
                None => self.inner(folders, path)?.map(|inner| format!("{main}.{inner}")),
            };
            *main = whole.unwrap_or_else(|| std::mem::take(main));
        }
        let tests = tests(folders, &paths)?;
        let in_base = self.said.moved.is_empty() && !base.is_empty();
        let is_src = in_base || paths.first().is_some_and(|path| path.starts_with("src/"));
        Ok(Found {
            layout: if is_src { Layout::Src } else { Layout::Flat },
            packages,
            sources: if in_base { vec![base.to_owned()] } else { paths },
            tests,
        })
    }

    /// The dotted rest of the package that lies in a namespace: the folders down to the first that is a package itself.
    fn inner(&self, folders: &mut Folders<'_, '_>, path: &str) -> Result<Option<String>> {
        let (mut path, mut parts) = (path.to_owned(), Vec::new());
        while parts.len() < DEEPEST && folders.is_namespace(&path)? {
            let mut packages = Vec::new();
            for Listed { name, .. } in
                folders.inside(&path)?.iter().filter(|it| it.is_folder && is_identifier(&it.name))
            {
                if !is_for_tests(name) && folders.is_package(&below(&path, name))? {
                    packages.push(name.clone());
                }
            }
            // Of several that share a namespace, the one that the distribution's name goes on with.
            let goes_on = |name: &&String| {
                let part = normalize(name);
                self.name.split('-').any(|it| it == part) || self.name.ends_with(&format!("-{part}"))
            };
            let only = || packages.first().filter(|_| packages.len() == 1);
            let Some(next) = packages.iter().find(goes_on).or_else(only) else { break };
            path = below(&path, next);
            parts.push(next.clone());
        }
        Ok((!parts.is_empty()).then(|| parts.join(".")))
    }
}

/// Folders of tests: at the top by their name or by what is in them, else in the packages.
fn tests(folders: &mut Folders<'_, '_>, sources: &[String]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for Listed { name, .. } in folders.inside("")?.iter().filter(|it| it.is_folder && is_identifier(&it.name)) {
        let is_source = sources.iter().any(|source| source.split('/').next() == Some(name));
        if !is_source && !OTHERS.contains(&name.as_str()) && holds_tests(folders, name)? {
            found.push(name.clone());
        }
    }
    found.sort_by_key(|name| (name != "tests" && name != "test", name.clone()));
    if found.is_empty() {
        for source in sources.iter().filter(|source| !is_python(source)) {
            for path in ["tests", "test"].map(|name| below(source, name)) {
                if holds_tests(folders, &path)? {
                    found.push(path);
                }
            }
        }
    }
    Ok(found)
}

fn holds_tests(folders: &mut Folders<'_, '_>, path: &str) -> Result<bool> {
    let inside = folders.inside(path)?;
    Ok(if is_for_tests(path.rsplit('/').next().unwrap_or(path)) {
        inside.iter().any(|it| it.is_folder && is_identifier(&it.name) || is_python(&it.name))
    } else {
        inside.iter().any(|it| it.name == "conftest.py" || it.name.starts_with("test_") && is_python(&it.name))
    })
}

/// Whether a folder of that name is for tests: `tests`, `unit_tests`, `test`.
fn is_for_tests(name: &str) -> bool {
    matches!(name, "tests" | "test") || name.ends_with("_tests") || name.ends_with("_test") || name == "testing"
}

fn first_part(dotted: &str) -> &str {
    dotted.split('.').next().unwrap_or(dotted)
}
