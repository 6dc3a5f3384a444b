//! The user's own defaults: `PYENVKIT_*` variables over the user's file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use etcetera::BaseStrategy as _;

use super::files;
use super::load::Preset;
use crate::domain::edit;
use crate::domain::piece::{Locator, Piece};
use crate::domain::tree::Place;
use crate::error::{Problem, did_you_mean};

/// A setting: its name in the file (`hooks`), which is also its variable's (`PYENVKIT_HOOKS`), and what it means.
pub const KEYS: &[(&str, &str)] = &[
    ("template", "the project template"),
    ("preset", "the set of tools"),
    ("python", "the Python that environments are made with"),
    ("requires-python", "the Pythons that projects support"),
    ("license", "the SPDX expression of projects' licence"),
    ("author", "the author, as \"Ada Lovelace <ada@example.com>\""),
    ("host", "where repositories live, as \"github.com/ada\""),
    ("hooks", "how hooks get their tools: mirrors or local"),
    ("backend", "what installs packages: auto, pip or uv"),
];

/// The values that are set, by key, and the user's own presets.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    values: BTreeMap<&'static str, String>,
    pub presets: Vec<Preset>,
}

impl Settings {
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The variables over the file.
    ///
    /// # Errors
    /// The file is not valid or has an unknown key.
    pub fn load() -> Result<Self> {
        let mut settings = Self::default();
        if let Some(path) = file()
            && let Some(text) = read(&path)?
        {
            settings.read_file(&path, &text)?;
        }
        for (key, _) in KEYS {
            if let Some(value) = std::env::var_os(variable(key)) {
                let value =
                    value.into_string().map_err(|_| Problem::usage(format!("{} is not valid UTF-8", variable(key))))?;
                if !value.is_empty() {
                    settings.values.insert(key, value);
                }
            }
        }
        Ok(settings)
    }

    fn read_file(&mut self, path: &std::path::Path, text: &str) -> Result<()> {
        let table: toml::Table = text.trim_start_matches('\u{feff}').parse().map_err(|error: toml::de::Error| {
            Problem::usage(format!("{}: not valid TOML", path.display())).because(error)
        })?;
        for (name, value) in table {
            if name == "presets" {
                let presets = value.try_into().and_then(Preset::all);
                self.presets = presets.map_err(|error: toml::de::Error| {
                    Problem::usage(format!("{}: presets", path.display())).because(error)
                })?;
                continue;
            }
            let key = key(&name).with_context(|| path.display().to_string())?;
            let toml::Value::String(value) = value else {
                return Err(Problem::usage(format!("{}: {name} must be a string", path.display())).into());
            };
            self.values.insert(key, value);
        }
        Ok(())
    }
}

fn read(path: &std::path::Path) -> Result<Option<String>> {
    match fs_err::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::usage("cannot read the user's file").because(error).into()),
    }
}

/// `hooks` -> `PYENVKIT_HOOKS`.
fn variable(key: &str) -> String {
    format!("PYENVKIT_{}", key.to_uppercase().replace('-', "_"))
}

/// The key of that name.
///
/// # Errors
/// There is none.
pub fn key(name: &str) -> Result<&'static str> {
    KEYS.iter().map(|(key, _)| *key).find(|key| *key == name).ok_or_else(|| {
        let hint = did_you_mean(name, KEYS.iter().map(|(key, _)| *key)).map_or_else(
            || format!("the settings are: {}", KEYS.iter().map(|(key, _)| *key).collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near:?}?"),
        );
        Problem::usage(format!("there is no setting named {name:?}")).hint(hint).into()
    })
}

/// The folder of the user's file; none where the machine has no home for the user.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("PYENVKIT_CONFIG_DIR").filter(|it| !it.is_empty()) {
        return Some(folder.into());
    }
    Some(etcetera::choose_base_strategy().ok()?.config_dir().join("pyenvkit"))
}

/// The user's file.
#[must_use]
pub fn file() -> Option<PathBuf> {
    Some(folder()?.join("config.toml"))
}

/// Write a value into the user's file; all else in it stays as it is.
///
/// # Errors
/// The file is not valid, or cannot be written.
pub fn set(key: &'static str, value: &str) -> Result<()> {
    let path = file().context("this machine has no home folder to keep settings in")?;
    let old = read(&path)?;
    let at = Locator::TomlKey { table: Vec::new(), key: key.to_owned() };
    let place = Place::project("config.toml")?;
    let piece = |text: String| Piece { place: place.clone(), at: at.clone(), text, owners: BTreeSet::new() };
    let wanted = piece(format!("{key} = {}", toml::Value::from(value)));
    let context = || format!("cannot edit {}", path.display());
    let standing = match &old {
        Some(text) => edit::find(text, &[&at]).with_context(context)?.into_iter().next().flatten(),
        None => None,
    };
    let text = match (old.as_deref(), standing) {
        (Some(old), Some(standing)) => edit::replace(old, &[(&piece(standing), &wanted)]).with_context(context)?.text,
        (old, _) => edit::insert(old, &[&wanted]).with_context(context)?.text,
    };
    files::replace_whole(&path, text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}
