//! `pylock.toml` by `pip lock`, which does not write down what it was called with: that is told from what it holds.
//!
//! What was locked is a constraint of the new lock, so nothing is upgraded. Where something is missing from the new lock
//! file that the old one had, the former manifest is locked too: only if that misses nothing, it was told right.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::copy::Copy;
use super::{Change, Lock, PATIENCE, Refresh, Why, keep_versions, obey, told};
use crate::domain::declared::{Declared, List, at};
use crate::domain::locked;
use crate::domain::plan::Invocation;
use crate::domain::tree::Tree;
use crate::system::environment::manager::as_pip_does;
use crate::system::environment::{find_beside, has_pip, python_of};

/// What was locked, beside the copied project.
const CONSTRAINTS: &str = ".pyenvkit-constraints.txt";

/// One lock file being refreshed.
pub(super) struct Job<'j> {
    lock: &'j Lock,
    old: &'j str,
    change: &'j Change<'j>,
    refresh: &'j Refresh<'j>,
    /// What was locked, as far as it shows, as arguments, each with its list where it is one.
    inputs: Vec<(Option<List>, Vec<String>)>,
    /// A list that changes and of which nothing was there to show whether it was locked.
    open: Option<String>,
}

impl<'j> Job<'j> {
    pub fn new(lock: &'j Lock, old: &'j str, change: &'j Change<'j>, refresh: &'j Refresh<'j>) -> Self {
        let names = names(old);
        let table: toml::Table = old.parse().unwrap_or_default();
        let mut inputs = Vec::new();
        let packages = table.get("packages").and_then(toml::Value::as_array).into_iter().flatten();
        let own = packages.filter_map(|package| package.get("directory")).find(|it| {
            it.get("path").and_then(toml::Value::as_str).is_some_and(|path| path.trim_end_matches('/') == ".")
        });
        if let Some(own) = own {
            let is_editable = own.get("editable").and_then(toml::Value::as_bool) == Some(true);
            let how = if is_editable { vec!["--editable".to_owned(), ".".to_owned()] } else { vec![".".to_owned()] };
            inputs.push((None, how));
        }
        let mut open = None;
        for list in lists(change) {
            let Some(argument) = argument(&list, own.is_some()) else { continue };
            let declared: Vec<&Declared> = change.before.iter().filter(|it| it.list == list).collect();
            if declared.is_empty() {
                open = Some(argument[1].clone());
                inputs.push((Some(list), argument));
            } else if declared.iter().all(|it| names.contains(&it.name)) {
                inputs.push((Some(list), argument));
            }
        }
        Self { lock, old, change, refresh, inputs, open }
    }

    /// What a user types.
    pub fn command(&self) -> String {
        let words: Vec<&str> = self.inputs.iter().flat_map(|(_, words)| words).map(String::as_str).collect();
        format!("pip lock {} --output {}", words.join(" "), self.lock.place.path.name())
    }

    /// Whether something changed of what is locked.
    pub fn is_concerned(&self) -> bool {
        let changed = self.change.lists();
        let holds = |list: &List| self.inputs.iter().any(|(input, _)| input.as_ref() == Some(list));
        let is_own = |list: &List| matches!(list, List::Array { table, .. } if *table == ["project"]);
        let has_own = self.inputs.iter().any(|(list, _)| list.is_none());
        changed.iter().any(|list| holds(list) || has_own && is_own(list)) || self.inputs.is_empty()
    }

    /// The lock file that pip writes for the tree's manifest.
    pub fn run(&self, tree: &mut Tree<'_>) -> Result<Vec<u8>, Why> {
        if let Some(open) = &self.open {
            return Err(Why::Other(format!("nothing shows whether it is to hold {open}")));
        }
        if self.inputs.is_empty() {
            return Err(Why::Other("it does not show what it was made from".to_owned()));
        }
        if !self.refresh.online {
            return Err(Why::Other("pip cannot lock without the network".to_owned()));
        }
        told(self.refresh, self.lock, || {
            let new = self.lock(tree)?;
            let text = String::from_utf8_lossy(&new);
            keep_versions(self.lock.place.path.name(), (self.old, &text))?;
            let old = names(self.old);
            if !old.is_subset(&names(&text)) {
                let before = match self.change.tree {
                    Some(before) => names(&String::from_utf8_lossy(&self.lock(&mut before.clone())?)),
                    None => BTreeSet::new(),
                };
                if before != old {
                    return Err(Why::Other("it does not show what it was made from".to_owned()));
                }
            }
            Ok(new)
        })
    }

    fn lock(&self, tree: &mut Tree<'_>) -> Result<Vec<u8>, Why> {
        let copy = Copy::all(tree, self.refresh.project)?;
        let name = self.lock.place.path.name();
        let versions = locked::versions(name, self.old);
        let lines = versions.iter().filter_map(|(name, all)| Some(format!("{name}=={}\n", all.first()?)));
        fs_err::write(copy.folder().join(CONSTRAINTS), lines.collect::<String>())?;
        let words = self.inputs.iter().flat_map(|(_, words)| words);
        let pip = self.pip().ok_or_else(|| Why::Other("pip is not installed".to_owned()))?;
        let invocation = pip.arg("lock").args(words).args(["--constraint", CONSTRAINTS, "--output", name]);
        obey(self.refresh, "pip", &invocation.cwd(copy.folder()).timeout(PATIENCE))?;
        Ok(fs_err::read(copy.folder().join(name))?)
    }

    /// pip for the project's Python: what it locks holds for that one alone.
    fn pip(&self) -> Option<Invocation> {
        let (venv, variables) = (self.refresh.project.environment.path.as_path(), self.refresh.variables);
        let python: Option<PathBuf> = python_of(venv).map(|(python, _)| python);
        let of = |program: PathBuf| as_pip_does(&program, variables).set("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        match python {
            Some(python) if has_pip(venv) => Some(of(python).args(["-m", "pip"])),
            Some(python) => Some(of(find_beside("pip", None, variables)?).arg("--python").arg(python)),
            None => Some(of(find_beside("pip", None, variables)?)),
        }
    }
}

/// The normalised names of all that a lock file holds.
fn names(text: &str) -> BTreeSet<String> {
    let table: toml::Table = text.parse().unwrap_or_default();
    let packages = table.get("packages").and_then(toml::Value::as_array).into_iter().flatten();
    let names = packages.filter_map(|package| at(package.as_table()?, &["name"])?.as_str());
    names.map(crate::domain::names::normalize).collect()
}

/// Every list that declares something, before or after.
fn lists(change: &Change<'_>) -> Vec<List> {
    let mut all: Vec<List> = Vec::new();
    for declared in change.before.iter().chain(&change.after) {
        if !all.contains(&declared.list) {
            all.push(declared.list.clone());
        }
    }
    all
}

/// How pip is given a list; requirements files stand for themselves only where the project is not locked.
fn argument(list: &List, has_own: bool) -> Option<Vec<String>> {
    match list {
        List::Array { table, key, .. } if *table == ["dependency-groups"] => {
            Some(vec!["--group".to_owned(), key.clone()])
        }
        List::Lines { file } if !has_own => Some(vec!["--requirement".to_owned(), file.to_string()]),
        _ => None,
    }
}
