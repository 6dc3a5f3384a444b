//! What a project has that is not ours, as far as it decides what ours is.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use pep440_rs::{Operator, Version, VersionSpecifiers};

use super::catalog::{Hook, Tool};
use super::declared::{self, Declared};
use super::edit::{splice, yaml};
use super::hooks;
use super::locked;
use super::names::normalize;
use super::settings_text;
use super::tree::{Entry, Place, RelPath, Root, Tree};

/// What was there before us, and beside us.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// Requirements of the user's, wherever they stand.
    pub declared: Vec<Declared>,
    /// Hooks of the user's pre-commit configuration that see the project.
    pub hooks: Vec<yaml::StandingHook>,
    /// Those that its repository has for other projects.
    hooks_of_others: Vec<yaml::StandingHook>,
    /// Versions by normalised name in the lock file of another manager.
    pub locked: BTreeMap<String, String>,
    /// Versions by normalised name in the project's environment.
    pub installed: BTreeMap<String, String>,
    /// Lines of the user's `.gitignore`, without the slashes around them.
    ignored: BTreeSet<String>,
}

/// The hooks of the project, and those of others in its repository.
fn all_hooks(tree: &mut Tree<'_>) -> Result<(Vec<yaml::StandingHook>, Vec<yaml::StandingHook>)> {
    let config = Place { root: Root::Repository, path: RelPath::new(hooks::CONFIG)? };
    let text = tree.text(&config)?;
    let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
    for hook in text.and_then(|text| yaml::standing_hooks(&text).ok()).unwrap_or_default() {
        let folder = hook.folder.as_deref();
        let is_here = folder.map_or(Ok(true), |folder| is_here(folder, tree))?;
        if is_here { here.push(hook) } else { elsewhere.push(hook) }
    }
    Ok((here, elsewhere))
}

/// Whether a folder of the repository has files of this project, and of no other that lies in it.
fn is_here(folder: &str, tree: &mut Tree<'_>) -> Result<bool> {
    if !tree.folder().is_empty() {
        return Ok(tree.folder().starts_with(folder));
    }
    for name in ["pyproject.toml", "setup.py", "setup.cfg"] {
        // What `files` says need not be a path.
        let Ok(path) = RelPath::new(format!("{folder}{name}")) else { return Ok(true) };
        if *tree.get(&Place { root: Root::Repository, path })? != Entry::Absent {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The lock files of other managers.
pub const LOCKS: &[&str] = &["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock"];

impl Ground {
    /// Read it from `base`, a tree without anything of ours.
    ///
    /// # Errors
    /// A file is there and cannot be read, or the pre-commit configuration is not YAML.
    pub fn read(base: &mut Tree<'_>, installed: BTreeMap<String, String>) -> Result<Self> {
        let pyproject = base.toml(&Place::project("pyproject.toml")?)?.unwrap_or_default();
        let mut ground = Self { declared: declared::read(base, &pyproject)?, installed, ..Self::default() };
        (ground.hooks, ground.hooks_of_others) = all_hooks(base)?;
        for root in [Root::Project, Root::Repository] {
            let place = Place { root, path: RelPath::new(".gitignore")? };
            if let Some(text) = base.text(&place)? {
                ground.ignored.extend(splice::unified(&text).lines().map(bare).map(str::to_owned));
            }
        }
        for name in LOCKS {
            if let Entry::File(file) = base.get(&Place::project(*name)?)? {
                let versions = locked::versions(name, &String::from_utf8_lossy(&file.bytes));
                ground.locked.extend(versions.into_iter().filter_map(|(name, mut all)| Some((name, all.pop()?))));
            }
        }
        for (place, _) in declared::compiled_files(base)? {
            let text = declared::lossy(base, &place)?.unwrap_or_default();
            let versions = locked::versions(place.path.name(), &text);
            ground.locked.extend(versions.into_iter().filter_map(|(name, mut all)| Some((name, all.pop()?))));
        }
        Ok(ground)
    }

    /// The hooks of a project's pre-commit configuration, without those that its repository has for another project; of
    /// one that is not YAML none: whoever has to edit it says so.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn hooks_of(tree: &mut Tree<'_>) -> Result<Vec<yaml::StandingHook>> {
        Ok(all_hooks(tree)?.0)
    }

    /// The same as far as people wrote it: what is locked and installed says nothing.
    #[must_use]
    pub fn as_written(&self) -> Self {
        Self { locked: BTreeMap::new(), installed: BTreeMap::new(), ..self.clone() }
    }

    /// The same without anything of `tool`.
    #[must_use]
    pub fn without(&self, tool: &Tool) -> Self {
        let mut rest = self.clone();
        let is_own = |name: &str| tool.requirements.iter().any(|it| normalize(&it.name) == name);
        rest.declared.retain(|declared| !is_own(&declared.name));
        rest.hooks.retain(|standing| {
            !tool.hooks.iter().any(|hook| standing.id == hook.id || hook.aliases.contains(&standing.id))
        });
        rest
    }

    /// The user's requirement of that name.
    #[must_use]
    pub fn declares(&self, name: &str) -> Option<&Declared> {
        let name = normalize(name);
        self.declared.iter().find(|declared| declared.name == name)
    }

    /// The user's hook that is the same, in whatever repository.
    #[must_use]
    pub fn hook(&self, hook: &Hook) -> Option<&yaml::StandingHook> {
        self.hooks.iter().find(|standing| standing.id == hook.id || hook.aliases.contains(&standing.id))
    }

    /// Whether another project of the repository has the hook, for its own files.
    #[must_use]
    pub fn is_hook_of_others(&self, hook: &Hook) -> bool {
        self.hooks_of_others.iter().any(|standing| standing.id == hook.id)
    }

    /// Whether other projects of the repository have hooks in this file: then it is not this project's to take away.
    #[must_use]
    pub fn is_shared(&self, place: &Place) -> bool {
        place.root == Root::Repository && place.path.as_str() == hooks::CONFIG && !self.hooks_of_others.is_empty()
    }

    #[must_use]
    pub fn ignores(&self, line: &str) -> bool {
        self.ignored.contains(bare(line))
    }

    /// The version of a distribution that the project has or wants, if anything says so.
    #[must_use]
    pub fn version(&self, wanted: &Distribution<'_>) -> Option<String> {
        let name = normalize(wanted.name);
        let of_user = self.declares(&name).and_then(Declared::specifiers);
        if let Some(pin) = of_user.as_ref().and_then(pinned) {
            return Some(pin);
        }
        let fits = |version: &&String| match &of_user {
            None => true,
            Some(specifiers) => version.parse::<Version>().is_ok_and(|version| specifiers.contains(&version)),
        };
        let known = [wanted.recorded, self.locked.get(&name), self.installed.get(&name)];
        let known = known.into_iter().flatten().find(fits).cloned();
        let of_hook = || wanted.tool.hooks.iter().find_map(|hook| self.tagged(hook, wanted));
        known.or_else(|| of_hook().filter(|version| fits(&version))).or_else(|| {
            let specifiers = of_user.as_ref()?;
            wanted.released.iter().find(|version| fits(version)).cloned().or_else(|| newest_named(specifiers))
        })
    }

    /// The version that the `rev` of the user's hook names.
    fn tagged(&self, hook: &Hook, wanted: &Distribution<'_>) -> Option<String> {
        if hook.distribution.as_deref().unwrap_or(&wanted.tool.name) != wanted.name {
            return None;
        }
        let standing = self.hook(hook)?;
        let tag = standing.rev.as_ref()?.trim_start_matches('v');
        tag.parse::<Version>().is_ok().then(|| tag.to_owned())
    }
}

/// A distribution of a tool, and what is known of its versions.
pub struct Distribution<'d> {
    pub name: &'d str,
    pub tool: &'d Tool,
    /// The version that we wrote when the tool was added.
    pub recorded: Option<&'d String>,
    /// The versions that the manifest has for the project's oldest Python and older ones, newest first.
    pub released: Vec<String>,
}

fn bare(line: &str) -> &str {
    line.trim().trim_matches('/')
}

/// The one version that specifiers allow.
fn pinned(specifiers: &VersionSpecifiers) -> Option<String> {
    let exact = |operator: &Operator| matches!(operator, Operator::Equal | Operator::ExactEqual);
    specifiers.iter().find(|it| exact(it.operator())).map(|it| it.version().to_string())
}

/// The newest version that specifiers name and allow.
fn newest_named(specifiers: &VersionSpecifiers) -> Option<String> {
    let named = specifiers.iter().map(pep440_rs::VersionSpecifier::version);
    named.filter(|version| specifiers.contains(version)).max().map(ToString::to_string)
}

/// Files that speak of tools beside those that are named after one.
const SPEAKING: &[&str] = &["pyproject.toml", "setup.cfg", "tox.ini", "Pipfile", declared::HATCH];

/// Those of `names` that a file of the project speaks of, or is named after. More than are in use, never fewer: what they
/// are to the project, their manifests tell.
///
/// # Errors
/// A file is there and cannot be read.
pub fn mentioned(tree: &mut Tree<'_>, names: &[String]) -> Result<Vec<String>> {
    let mut texts: Vec<String> = Vec::new();
    let mut places: Vec<Place> = declared::written(tree)?.into_iter().map(|it| it.file).collect();
    for name in SPEAKING {
        places.push(Place::project(*name)?);
    }
    places.push(Place { root: Root::Repository, path: RelPath::new(hooks::CONFIG)? });
    for place in &places {
        if let Some(text) = declared::lossy(tree, place)? {
            texts.push(text.to_ascii_lowercase());
        }
    }
    texts.push(
        tree.list(Root::Project, "")?
            .iter()
            .map(|it| {
                it.name.to_ascii_lowercase()
                    + "
"
            })
            .collect(),
    );
    // Names are written with `-` in some places and with `_` or nothing in others.
    let spoken = |name: &&String| {
        let bare = name.replace('-', "_");
        texts.iter().any(|text| text.contains(*name) || *name != &bare && text.contains(&bare))
    };
    Ok(names.iter().filter(spoken).cloned().collect())
}

/// How a tool stands in a project without us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Use {
    /// Its distribution is declared.
    pub declared: bool,
    /// Its configuration stands somewhere.
    pub configured: bool,
    /// One of its hooks is there.
    pub hooked: bool,
}

impl Use {
    #[must_use]
    pub fn is_used(self) -> bool {
        self.declared || self.configured || self.hooked
    }
}

/// How `tool` stands in a project whose files without ours are `base`.
///
/// # Errors
/// A file cannot be read.
pub fn use_of(tool: &Tool, ground: &Ground, base: &mut Tree<'_>) -> Result<Use> {
    let own = |distribution: &str| normalize(distribution) == normalize(&tool.name);
    let mut found = Use {
        declared: tool.requirements.iter().any(|it| ground.declares(&it.name).is_some())
            || ground.declares(&tool.name).is_some_and(|it| own(&it.name)),
        hooked: tool.hooks.iter().any(|hook| hook.distribution.is_none() && ground.hook(hook).is_some()),
        configured: false,
    };
    for home in &tool.homes {
        let place = settings_text::place(home)?;
        // A file with hooks of other projects alone says nothing of this one.
        let is_of_others = ground.is_shared(&place) && ground.hooks.is_empty();
        let is_own = home.own && !is_of_others && matches!(base.get(&place)?, Entry::File(_));
        if is_own || settings_text::has_table(home, base)? {
            found.configured = true;
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_one_version() {
        assert_eq!(pinned(&"==1.2".parse().unwrap()).as_deref(), Some("1.2"));
        assert_eq!(pinned(&"==1.*".parse().unwrap()), None);
        assert_eq!(newest_named(&">=7,<9".parse().unwrap()).as_deref(), Some("7"));
    }
}
