//! The places where a project says what it is, from the newest standard to the oldest habit.

use std::sync::Arc;

use anyhow::Result;
use toml::{Table, Value};

use super::setup_py::{self, Arguments};
use crate::domain::declared::{HATCH, at, hatch, lossy};
use crate::domain::edit::{EditError, ini, toml as toml_text};
use crate::domain::reconcile::Refused;
use crate::domain::tree::{Place, Tree};

/// Everything that is read, parsed once.
pub struct Sources {
    /// Empty where there is none.
    pub pyproject: Arc<Table>,
    pub pipfile: Arc<Table>,
    hatch: Arc<Table>,
    setup_cfg: Vec<(String, String, String)>,
    setup_py: Option<Arguments>,
}

/// A larger `setup.py` is a program, and says nothing by literals.
const LONGEST_SETUP_PY: usize = 500_000;

impl Sources {
    /// # Errors
    /// A file cannot be read, or its own tool would refuse it ([`Refused`]).
    pub fn read(tree: &mut Tree<'_>) -> Result<Self> {
        let setup_cfg = Place::project("setup.cfg")?;
        let sections = match lossy(tree, &setup_cfg)? {
            Some(text) => ini::values(&text).map_err(|error| refused(setup_cfg, text, error))?,
            None => Vec::new(),
        };
        let setup_py = lossy(tree, &Place::project("setup.py")?)?.filter(|text| text.len() <= LONGEST_SETUP_PY);
        Ok(Self {
            pyproject: document(tree, "pyproject.toml")?,
            pipfile: document(tree, "Pipfile")?,
            hatch: document(tree, HATCH)?,
            setup_cfg: sections,
            setup_py: setup_py.map(|text| setup_py::arguments(&text)),
        })
    }

    /// A value of `[project]`.
    pub fn project(&self, key: &str) -> Option<&Value> {
        at(&self.pyproject, &["project", key])
    }

    pub fn tool(&self, path: &[&str]) -> Option<&Value> {
        if let ["hatch", path @ ..] = path {
            return hatch(&self.pyproject, &self.hatch, path);
        }
        let path: Vec<&str> = ["tool"].iter().chain(path).copied().collect();
        at(&self.pyproject, &path)
    }

    /// A value of `setup.cfg`; setuptools takes `-` in keys for `_`.
    pub fn ini(&self, section: &str, key: &str) -> Option<&str> {
        let is_it = |(of, name, _): &&(String, String, String)| of == section && name.replace('-', "_") == key;
        let found = self.setup_cfg.iter().find(is_it)?;
        Some(found.2.trim()).filter(|value| !value.is_empty())
    }

    pub fn keyword(&self, name: &str) -> Option<&str> {
        self.setup_py.as_ref()?.text(name)
    }

    pub fn arguments(&self) -> Option<&Arguments> {
        self.setup_py.as_ref()
    }

    /// Whether the build computes a value of `[project]`.
    pub fn is_dynamic(&self, key: &str) -> bool {
        let dynamic = self.project("dynamic").and_then(Value::as_array).into_iter().flatten();
        dynamic.filter_map(Value::as_str).any(|name| name == key)
    }

    /// A plain text that every format has under the same key: its first line.
    pub fn text(&self, key: &str) -> Option<String> {
        let of_toml = self.project(key).or_else(|| self.tool(&["poetry", key])).and_then(Value::as_str);
        // `summary` is what setup.cfg called the description once.
        let of_ini = || {
            let found = self.ini("metadata", key);
            found.or_else(|| if key == "description" { self.ini("metadata", "summary") } else { None })
        };
        let found = of_toml.or_else(of_ini).or_else(|| self.keyword(key))?;
        let line = found.lines().map(str::trim).find(|line| !line.is_empty())?;
        (!line.starts_with("attr:") && !line.starts_with("file:")).then(|| line.to_owned())
    }

    pub fn name(&self) -> Option<String> {
        let of_flit =
            || self.tool(&["flit", "metadata", "dist-name"]).or_else(|| self.tool(&["flit", "metadata", "module"]));
        self.text("name").or_else(|| of_flit()?.as_str().map(str::to_owned))
    }

    /// The trove classifiers, wherever they stand.
    pub fn classifiers(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let of_flit = self.tool(&["flit", "metadata", "classifiers"]);
        for list in [self.project("classifiers"), self.tool(&["poetry", "classifiers"]), of_flit].into_iter().flatten()
        {
            all.extend(list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        }
        for key in ["classifiers", "classifier"] {
            all.extend(self.ini("metadata", key).into_iter().flat_map(str::lines).map(|line| line.trim().to_owned()));
        }
        let of_setup_py = self.setup_py.iter().flat_map(|it| it.list("classifiers"));
        all.extend(of_setup_py.map(|line| line.trim().to_owned()));
        all
    }

    /// The backend that `pyproject.toml` names (PEP 517).
    pub fn backend(&self) -> Option<&str> {
        at(&self.pyproject, &["build-system", "build-backend"])?.as_str()
    }

    /// Whether only the old files of setuptools say how it is built.
    pub fn is_setuptools(&self) -> bool {
        self.pyproject.contains_key("build-system") || self.setup_py.is_some() || self.ini("metadata", "name").is_some()
    }
}

/// A TOML file; empty where there is none.
fn document(tree: &mut Tree<'_>, name: &str) -> Result<Arc<Table>> {
    let place = Place::project(name)?;
    if let Some(table) = tree.toml(&place)? {
        return Ok(table);
    }
    let Some(text) = tree.text(&place)? else { return Ok(Arc::default()) };
    match toml_text::find(&text, &[]) {
        Err(error) => Err(refused(place, text, error)),
        // What a newer TOML allows is for whoever edits the file to say.
        Ok(_) => Ok(Arc::default()),
    }
}

fn refused(place: Place, text: String, error: EditError) -> anyhow::Error {
    anyhow::Error::new(Refused { place, text, error, snippet: Vec::new() })
}
