//! Looking into folders, each once, and not into more of them than a project has.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::Result;

use crate::domain::names::is_identifier;
use crate::domain::tree::{Listed, Place, RelPath, Root, Tree};

/// As many folders as are looked into; a project with more top folders of data than that is told less of.
const MANY: usize = 400;
/// Deeper namespaces are nobody's.
pub const DEEPEST: usize = 5;

pub struct Folders<'t, 's> {
    tree: &'t mut Tree<'s>,
    known: BTreeMap<String, Rc<Vec<Listed>>>,
}

impl<'t, 's> Folders<'t, 's> {
    pub fn new(tree: &'t mut Tree<'s>) -> Self {
        Self { tree, known: BTreeMap::new() }
    }

    /// What a folder of the project holds; nothing where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn inside(&mut self, path: &str) -> Result<Rc<Vec<Listed>>> {
        if let Some(known) = self.known.get(path) {
            return Ok(Rc::clone(known));
        }
        let is_path = path.is_empty() || RelPath::new(path).is_ok();
        if self.known.len() >= MANY || !is_path {
            return Ok(Rc::default());
        }
        let inside = Rc::new(self.tree.list(Root::Project, path)?);
        self.known.insert(path.to_owned(), Rc::clone(&inside));
        Ok(inside)
    }

    /// Whether a folder has an `__init__.py`, or is a namespace (PEP 420) with packages in it.
    ///
    /// # Errors
    /// As [`Folders::inside`].
    pub fn is_package(&mut self, path: &str) -> Result<bool> {
        self.is_package_at(path, 0)
    }

    fn is_package_at(&mut self, path: &str, depth: usize) -> Result<bool> {
        let inside = self.inside(path)?;
        if inside.iter().any(|it| it.name == "__init__.py" || it.name == "__init__.pyi") {
            return Ok(true);
        }
        for folder in inside.iter().filter(|it| it.is_folder && depth < DEEPEST && is_identifier(&it.name)) {
            if self.is_package_at(&below(path, &folder.name), depth + 1)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a folder of packages is none itself (PEP 420), or only says that others share it (`pkgutil`,
    /// `pkg_resources`).
    ///
    /// # Errors
    /// As [`Folders::inside`].
    pub fn is_namespace(&mut self, path: &str) -> Result<bool> {
        let inside = self.inside(path)?;
        if !inside.iter().any(|it| it.name == "__init__.py") {
            return Ok(!inside.iter().any(|it| !it.is_folder && is_python(&it.name)));
        }
        let text = self.tree.text(&Place::project(below(path, "__init__.py"))?).ok().flatten().unwrap_or_default();
        Ok(text.contains("extend_path") || text.contains("declare_namespace"))
    }
}

pub fn is_python(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "py" | "pyi" | "pyx"))
}

pub fn below(base: &str, name: &str) -> String {
    if base.is_empty() { name.to_owned() } else { format!("{base}/{name}") }
}
