//! The places where a project says what it is, from the newest standard to the oldest habit.

use anyhow::Result;
use toml::{Table, Value};

use super::setup_py::{self, Keywords};
use crate::domain::declared::at;
use crate::domain::edit::ini;
use crate::domain::spec::Author;
use crate::domain::tree::{Place, Tree};

/// Everything that is read, parsed once.
pub struct Sources {
    /// Empty where there is none.
    pub pyproject: Table,
    setup_cfg: Vec<(String, String, String)>,
    setup_py: Option<Keywords>,
    pipfile: Table,
}

impl Sources {
    pub fn read(tree: &mut Tree<'_>) -> Result<Self> {
        let pyproject = tree.toml(&Place::project("pyproject.toml")?)?.map(|it| (*it).clone()).unwrap_or_default();
        let setup_cfg = tree.text(&Place::project("setup.cfg")?).unwrap_or_default();
        let setup_py = tree.text(&Place::project("setup.py")?).unwrap_or_default();
        Ok(Self {
            pyproject,
            setup_cfg: setup_cfg.and_then(|text| ini::values(&text).ok()).unwrap_or_default(),
            setup_py: setup_py.map(|text| setup_py::keywords(&text)),
            pipfile: tree.toml(&Place::project("Pipfile")?)?.map(|it| (*it).clone()).unwrap_or_default(),
        })
    }

    /// A value of `[project]`.
    fn project(&self, key: &str) -> Option<&Value> {
        at(&self.pyproject, &["project", key])
    }

    pub fn tool(&self, path: &[&str]) -> Option<&Value> {
        let path: Vec<&str> = ["tool"].iter().chain(path).copied().collect();
        at(&self.pyproject, &path)
    }

    pub fn ini(&self, section: &str, key: &str) -> Option<&str> {
        let found = self.setup_cfg.iter().find(|(at, name, _)| at == section && name == key)?;
        Some(found.2.trim()).filter(|value| !value.is_empty())
    }

    pub fn keyword(&self, name: &str) -> Option<&str> {
        self.setup_py.as_ref()?.text(name)
    }

    pub fn keywords(&self) -> Option<&Keywords> {
        self.setup_py.as_ref()
    }

    /// A plain text that every format has under the same key.
    pub fn text(&self, key: &str) -> Option<String> {
        let of_toml = self.project(key).or_else(|| self.tool(&["poetry", key])).and_then(Value::as_str);
        let found = of_toml.or_else(|| self.ini("metadata", key)).or_else(|| self.keyword(key))?;
        let line = found.lines().map(str::trim).find(|line| !line.is_empty())?;
        (!line.starts_with("attr:") && !line.starts_with("file:")).then(|| line.to_owned())
    }

    pub fn name(&self) -> Option<String> {
        let of_flit =
            || self.tool(&["flit", "metadata", "dist-name"]).or_else(|| self.tool(&["flit", "metadata", "module"]));
        self.text("name").or_else(|| of_flit()?.as_str().map(str::to_owned))
    }

    /// An SPDX expression; a table of the old form or a free text is none.
    pub fn license(&self) -> Option<String> {
        let said =
            self.project("license").and_then(|it| it.as_str().or_else(|| it.get("text")?.as_str())).map(str::to_owned);
        let said = said.or_else(|| self.text("license"))?;
        (said.lines().count() == 1 && spdx::Expression::parse(&said).is_ok()).then_some(said)
    }

    pub fn authors(&self) -> Vec<Author> {
        if let Some(Value::Array(people)) = self.project("authors") {
            let text = |person: &Value, key: &str| person.get(key).and_then(Value::as_str).map(str::to_owned);
            let people = people.iter().map(|it| Author { name: text(it, "name"), email: text(it, "email") });
            return people.filter(|author| author.name.is_some() || author.email.is_some()).collect();
        }
        if let Some(Value::Array(people)) = self.tool(&["poetry", "authors"]) {
            return people.iter().filter_map(Value::as_str).filter_map(super::author).collect();
        }
        let of = |key: &str| self.ini("metadata", key).or_else(|| self.keyword(key)).map(str::to_owned);
        let author = Author { name: of("author"), email: of("author_email") };
        if author.name.is_some() || author.email.is_some() { vec![author] } else { Vec::new() }
    }

    /// The page of the repository, else of the project.
    pub fn url(&self) -> Option<String> {
        let urls = self.project("urls").or_else(|| self.tool(&["poetry", "urls"])).and_then(Value::as_table);
        let labelled = |words: &[&str]| {
            urls?
                .iter()
                .find(|(label, _)| words.contains(&label.to_lowercase().as_str()))
                .and_then(|(_, it)| it.as_str())
        };
        labelled(&["repository", "source", "source code", "github", "gitlab", "code"])
            .or_else(|| self.tool(&["poetry", "repository"])?.as_str())
            .or_else(|| labelled(&["homepage", "home"]))
            .or_else(|| self.tool(&["poetry", "homepage"])?.as_str())
            .or_else(|| self.ini("metadata", "url"))
            .or_else(|| self.keyword("url"))
            .filter(|url| url.starts_with("http") && !url.contains(char::is_whitespace))
            .map(|url| url.trim_end_matches('/').to_owned())
    }

    /// As PEP 440 writes it.
    pub fn requires_python(&self) -> Option<String> {
        let poetry = || {
            let text = self.tool(&["poetry", "dependencies", "python"])?.as_str()?;
            crate::domain::declared::poetry_specifiers(text).map(|it| it.to_string())
        };
        let flit = || self.tool(&["flit", "metadata", "requires-python"])?.as_str().map(str::to_owned);
        let pipenv = || {
            let version = at(&self.pipfile, &["requires", "python_version"])?.as_str()?;
            Some(format!("=={version}.*"))
        };
        self.project("requires-python")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(poetry)
            .or_else(flit)
            .or_else(|| self.ini("options", "python_requires").map(str::to_owned))
            .or_else(|| self.keyword("python_requires").map(str::to_owned))
            .or_else(pipenv)
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The oldest Python that the trove classifiers name.
    pub fn oldest_classifier(&self) -> Option<String> {
        let mut all: Vec<String> = Vec::new();
        for list in [self.project("classifiers"), self.tool(&["poetry", "classifiers"])].into_iter().flatten() {
            all.extend(list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        }
        all.extend(self.ini("metadata", "classifiers").into_iter().flat_map(str::lines).map(str::to_owned));
        all.extend(self.setup_py.iter().flat_map(|it| it.list("classifiers")).map(str::to_owned));
        let minors =
            all.iter().filter_map(|it| super::minor_of(it.trim().strip_prefix("Programming Language :: Python :: ")?));
        let key = |minor: &String| minor.split('.').filter_map(|part| part.parse::<u8>().ok()).collect::<Vec<_>>();
        minors.min_by_key(key)
    }

    pub fn backend(&self) -> Option<String> {
        at(&self.pyproject, &["build-system", "build-backend"])?.as_str().map(str::to_owned)
    }

    /// Whether only the old files of setuptools say how it is built.
    pub fn is_setuptools(&self) -> bool {
        self.pyproject.contains_key("build-system") || self.setup_py.is_some() || self.ini("metadata", "name").is_some()
    }
}
