//! Loads tools, templates, presets and licence texts: embedded in the binary, or a user's own folders.
//!
//! Only what is named is parsed. Manifests are TOML; `build.rs` embeds ours as JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use include_dir::{Dir, DirEntry, include_dir};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::backends::Backends;
use crate::domain::catalog::{Template, Tool};
use crate::error::{Problem, did_you_mean};

static EMBEDDED: Dir<'_> = include_dir!("$OUT_DIR/templates");

/// A named set of tools.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// The key of its table.
    #[serde(skip)]
    pub name: String,
    #[serde(default)]
    pub summary: String,
    pub tools: Vec<String>,
}

impl Preset {
    /// The presets of a table, in its order.
    ///
    /// # Errors
    /// A value is not a preset.
    pub fn all(table: toml::Table) -> Result<Vec<Self>, toml::de::Error> {
        table.into_iter().map(|(name, value)| Ok(Self { name, ..value.try_into()? })).collect()
    }
}

/// A kind of folder: where it is embedded, where a user keeps own ones, and the name of the file that describes one.
struct Kind {
    embedded: &'static str,
    user: &'static str,
    manifest: &'static str,
}

const TOOLS: Kind = Kind { embedded: "tools", user: "tools", manifest: "tool" };
const TEMPLATES: Kind = Kind { embedded: "projects", user: "templates", manifest: "template" };

/// Everything that can be named. Folders of the user come before embedded ones of the same name.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// `<configuration folder>/tools` and `<configuration folder>/templates` are looked at if present.
    user: Option<PathBuf>,
}

impl Catalog {
    #[must_use]
    pub fn new(configuration_folder: Option<PathBuf>) -> Self {
        Self { user: configuration_folder }
    }

    /// The names of all tools, sorted.
    #[must_use]
    pub fn tool_names(&self) -> Vec<String> {
        self.names(&TOOLS)
    }

    /// The names of all project templates, sorted.
    #[must_use]
    pub fn template_names(&self) -> Vec<String> {
        self.names(&TEMPLATES)
    }

    fn names(&self, kind: &Kind) -> Vec<String> {
        let mut names: Vec<String> = embedded_folder(kind.embedded)
            .into_iter()
            .flat_map(Dir::dirs)
            .filter_map(|folder| Some(folder.path().file_name()?.to_str()?.to_owned()))
            .collect();
        if let Some(entries) = self.user.as_ref().and_then(|folder| fs_err::read_dir(folder.join(kind.user)).ok()) {
            names.extend(entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()));
        }
        names.sort();
        names.dedup();
        names
    }

    /// A tool by name.
    ///
    /// # Errors
    /// There is none of that name, or its manifest is not valid.
    pub fn tool(&self, name: &str) -> Result<Tool> {
        let (mut tool, sources): (Tool, _) = self
            .folder(&TOOLS, name)?
            .ok_or_else(|| unknown("tool", name, &self.tool_names(), "pyenvkit tools lists them"))?;
        name.clone_into(&mut tool.name);
        tool.sources = sources;
        Ok(tool)
    }

    /// A project template by name.
    ///
    /// # Errors
    /// There is none of that name, or its manifest is not valid.
    pub fn template(&self, name: &str) -> Result<Template> {
        let (mut template, sources): (Template, _) = self
            .folder(&TEMPLATES, name)?
            .ok_or_else(|| unknown("template", name, &self.template_names(), "pyenvkit templates lists them"))?;
        name.clone_into(&mut template.name);
        template.sources = sources;
        Ok(template)
    }

    /// The manifest in a folder, and the texts below its `files/`.
    fn folder<T: DeserializeOwned>(&self, kind: &Kind, name: &str) -> Result<Option<(T, BTreeMap<String, String>)>> {
        let Kind { embedded, user, manifest } = kind;
        if name.is_empty() || name.contains(['/', '\\', '.']) {
            return Ok(None);
        }
        let mut sources = BTreeMap::new();
        if let Some(folder) = self.user.as_ref().map(|it| it.join(user).join(name))
            && let file = folder.join(format!("{manifest}.toml"))
            && file.is_file()
        {
            let text = fs_err::read_to_string(file)?;
            let described = toml::from_str(&text).with_context(|| format!("{manifest}.toml of {name}"))?;
            read_sources(&folder.join("files"), "", &mut sources)?;
            return Ok(Some((described, sources)));
        }
        let Some(folder) = embedded_folder(&format!("{embedded}/{name}")) else { return Ok(None) };
        let described = embedded_manifest(folder, manifest).with_context(|| format!("{manifest}.toml of {name}"))?;
        if let Some(files) = inner(folder, "files").and_then(DirEntry::as_dir) {
            embedded_sources(files, files.path(), &mut sources);
        }
        Ok(Some((described, sources)))
    }

    /// The embedded presets, the default first, with the user's own in their place or behind them.
    ///
    /// # Errors
    /// The embedded file is damaged.
    pub fn presets(own: &[Preset]) -> Result<Vec<Preset>> {
        let table = embedded_manifest(&EMBEDDED, "presets").context("presets.toml")?;
        let mut presets = Preset::all(table).context("presets.toml")?;
        for preset in own {
            match presets.iter_mut().find(|known| known.name == preset.name) {
                Some(known) => known.clone_from(preset),
                None => presets.push(preset.clone()),
            }
        }
        Ok(presets)
    }

    /// The build backends that we know.
    ///
    /// # Errors
    /// The embedded file is damaged.
    pub fn backends() -> Result<Backends> {
        embedded_manifest(&EMBEDDED, "backends").context("backends.toml")
    }

    /// The template of a licence's text, if it is one of those that we have.
    #[must_use]
    pub fn licence(spdx: &str) -> Option<&'static str> {
        embedded_file(embedded_folder("licenses")?, &format!("{spdx}.txt"))
    }
}

/// The error for a name that nothing has, with the name that was probably meant.
#[must_use]
pub fn unknown(kind: &str, name: &str, names: &[String], otherwise: &str) -> anyhow::Error {
    let hint = did_you_mean(name, names.iter().map(String::as_str))
        .map_or_else(|| otherwise.to_owned(), |near| format!("did you mean {near:?}?"));
    Problem::usage(format!("there is no {kind} named {name:?}")).hint(hint).into()
}

/// An embedded folder by its path. `Dir::get_dir` compares the path with that of everything there is; this goes straight
/// there.
fn embedded_folder(path: &str) -> Option<&'static Dir<'static>> {
    path.split('/').try_fold(&EMBEDDED, |folder, name| inner(folder, name)?.as_dir())
}

fn embedded_file(folder: &'static Dir<'static>, name: &str) -> Option<&'static str> {
    inner(folder, name)?.as_file()?.contents_utf8()
}

fn embedded_manifest<T: DeserializeOwned>(folder: &'static Dir<'static>, name: &str) -> serde_json::Result<T> {
    serde_json::from_str(embedded_file(folder, &format!("{name}.json")).unwrap_or_default())
}

fn inner(folder: &'static Dir<'static>, name: &str) -> Option<&'static DirEntry<'static>> {
    folder.entries().iter().find(|entry| entry.path().file_name().is_some_and(|found| found == name))
}

fn embedded_sources(folder: &Dir<'_>, top: &Path, sources: &mut BTreeMap<String, String>) {
    for file in folder.files() {
        if let (Ok(path), Some(text)) = (file.path().strip_prefix(top), file.contents_utf8()) {
            sources.insert(path.to_string_lossy().replace('\\', "/"), text.to_owned());
        }
    }
    for inner in folder.dirs() {
        embedded_sources(inner, top, sources);
    }
}

fn read_sources(folder: &Path, prefix: &str, sources: &mut BTreeMap<String, String>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_sources(&entry.path(), &format!("{name}/"), sources)?;
        } else {
            sources.insert(name, fs_err::read_to_string(entry.path())?);
        }
    }
    Ok(())
}
