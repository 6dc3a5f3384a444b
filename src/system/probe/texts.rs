//! The text files of a project that checks read.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use etcetera::BaseStrategy as _;

use crate::domain::declared;
use crate::domain::facts::{EntryKind, Ignored, Need, Project, Texts};
use crate::domain::git_config::Config;
use crate::domain::tree::{Place, RelPath, Root};
use crate::system::load::Catalog;
use crate::system::regular;
use crate::system::settings;

use super::{editors, scripts, sources};

/// Files that tools read their settings from, beside the homes that the tools' own folders name.
const CONFIGURATION: &[&str] = &[
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "tox.toml",
    ".editorconfig",
    "noxfile.py",
    "MANIFEST.in",
    "Pipfile",
    "hatch.toml",
    "pixi.toml",
    "Makefile",
    "justfile",
    "Justfile",
    "Taskfile.yml",
    "tasks.py",
    "package.json",
];

/// Where projects keep requirements files beside their top folder.
const REQUIREMENTS: &str = "requirements";

const LOCKS: &[&str] = &[
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "pylock.toml",
    ".python-version",
    "Pipfile",
    "environment.yml",
];

/// Pipelines at fixed names; workflows of GitHub and descriptions of images are listed.
const CI: &[&str] = &[
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".travis.yml",
    ".readthedocs.yaml",
    ".readthedocs.yml",
];

const WORKFLOWS: &str = ".github/workflows";

/// uv's lock file for all projects of a workspace stands above them.
fn workspace_lock(project: &Project) -> Option<String> {
    let top = &project.repository.as_ref()?.top;
    let above = project.folder.ancestors().skip(1).take_while(|folder| folder.starts_with(top));
    let lock = above.map(|folder| folder.join("uv.lock")).find(|path| path.is_file())?;
    let is_alone = !project.entries.contains_key("uv.lock");
    lock.strip_prefix(top).ok()?.to_str().filter(|_| is_alone).map(str::to_owned)
}

/// A place of this program's own naming.
///
/// # Errors
/// Never for a name that is a relative path.
pub fn place(root: Root, path: &str) -> Result<Place, String> {
    let path = RelPath::new(path).map_err(|error| error.to_string())?;
    Ok(Place { root, path })
}

/// Read what is needed.
pub fn probe(project: &mut Project, needs: &BTreeSet<Need>) {
    if needs.contains(&Need::Configuration) {
        let mut names: BTreeSet<String> = CONFIGURATION.iter().map(|name| (*name).to_owned()).collect();
        names.extend(homes().iter().cloned());
        names.extend(declared::requirements_files().iter().map(|place| place.path.to_string()));
        names.extend(requirements(project));
        let known = |name: &String| name.contains('/') || project.entries.contains_key(name);
        project.configuration = Ok(read_all(project, Root::Project, names.into_iter().filter(known))).into();
    }
    if needs.contains(&Need::Locks) {
        let known = LOCKS.iter().map(|name| (*name).to_owned()).filter(|name| project.entries.contains_key(name));
        let mut found = read_all(project, Root::Project, known);
        found.extend(read_all(project, Root::Repository, workspace_lock(project).into_iter()));
        project.locks = Ok(found).into();
    }
    if needs.contains(&Need::Editors) {
        project.editors = Ok(editors::probe(project)).into();
    }
    if needs.contains(&Need::Scripts) {
        project.scripts = Ok(scripts::broken(project)).into();
    }
    if needs.contains(&Need::Sources) || needs.contains(&Need::Tests) {
        let found = sources::probe(project);
        if needs.contains(&Need::Tests) {
            let tests = found.iter().filter(|path| sources::is_test(path)).cloned();
            project.tests = Ok(read_all(project, Root::Project, tests)).into();
        }
        if needs.contains(&Need::Sources) {
            project.sources = Ok(found).into();
        }
    }
    if needs.contains(&Need::Attributes) {
        let name = || std::iter::once(".gitattributes".to_owned());
        let mut found = read_all(project, Root::Repository, name());
        found.extend(read_all(project, Root::Project, name()));
        project.attributes = Ok(found).into();
    }
    if needs.contains(&Need::Ci) {
        let names = CI.iter().map(|name| (*name).to_owned());
        let mut found = read_all(project, Root::Repository, names.clone().chain(workflows(project)));
        found.extend(read_all(project, Root::Project, names.chain(images(project))));
        project.ci = Ok(found).into();
    }
}

/// Requirements files of any name, and environments of conda.
fn requirements(project: &Project) -> Vec<String> {
    let is_list = |name: &str| {
        let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
        match end {
            "txt" | "in" => stem.contains("requirements"),
            "yml" | "yaml" => stem.contains("environment"),
            _ => false,
        }
    };
    let mut names: Vec<String> = project.entries.keys().filter(|name| is_list(name)).cloned().collect();
    if project.entries.get(REQUIREMENTS) == Some(&EntryKind::Folder) {
        let inner = regular::names(&project.folder.join(REQUIREMENTS)).unwrap_or_default();
        let files = inner.into_iter().filter(|(_, kind)| *kind == EntryKind::File);
        names.extend(files.map(|(name, _)| format!("{REQUIREMENTS}/{name}")));
    }
    names
}

/// What git leaves out of the project's repository, whose settings are `config`.
pub fn ignored(project: &Project, config: Option<&Config>) -> Ignored {
    let file = ".gitignore";
    let mut texts = read_all(project, Root::Project, std::iter::once(file.to_owned()));
    texts.extend(read_all(project, Root::GitDir, std::iter::once("info/exclude".to_owned())));
    if let Some(repository) = &project.repository
        && let Ok(inner) = project.folder.strip_prefix(&repository.top)
    {
        let above = inner.ancestors().skip(1).map(|folder| folder.join(file).to_string_lossy().into_owned());
        texts.extend(read_all(project, Root::Repository, above));
    }
    let named = config.and_then(|config| config.text("core.excludesfile")).map(expanded);
    let usual = || Some(etcetera::choose_base_strategy().ok()?.config_dir().join("git/ignore"));
    let personal = named.or_else(usual).and_then(|path| regular::utf8(&path)).unwrap_or_default();
    Ignored { texts, personal }
}

/// A path of the user's, where `~` is the home folder.
pub fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), etcetera::home_dir()) {
        (Some(rest), Ok(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// Descriptions of images in the project's folder.
fn images(project: &Project) -> impl Iterator<Item = String> {
    let is_image = |name: &&String| {
        name.starts_with("Dockerfile") || name.ends_with(".Dockerfile") || name.starts_with("Containerfile")
    };
    project.entries.keys().filter(is_image).cloned()
}

/// The files that the known tools read their settings from; the same for every project.
fn homes() -> &'static [String] {
    static HOMES: OnceLock<Vec<String>> = OnceLock::new();
    HOMES.get_or_init(|| {
        let catalog = Catalog::new(settings::folder());
        let tools = catalog.tool_names().into_iter().filter_map(|name| catalog.tool(&name).ok());
        tools.flat_map(|tool| tool.homes).map(|home| home.file).filter(|file| file != "pyproject.toml").collect()
    })
}

fn workflows(project: &Project) -> Vec<String> {
    let Some(repository) = &project.repository else { return Vec::new() };
    let names = regular::names(&repository.top.join(WORKFLOWS)).unwrap_or_default();
    let is_yaml = |name: &str| name.rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "yml" | "yaml"));
    let files = names.into_iter().filter(|(name, kind)| *kind != EntryKind::Folder && is_yaml(name));
    files.map(|(name, _)| format!("{WORKFLOWS}/{name}")).collect()
}

/// Those of the named files that are there, by their written place (`repository:.gitignore`). At the top of a repository
/// the project's files are the repository's: they are read once, as the project's.
pub fn read_all(project: &Project, root: Root, names: impl Iterator<Item = String>) -> Texts {
    let repository = project.repository.as_ref();
    let folder = match root {
        Root::Repository => repository.filter(|it| it.top != project.folder).map(|it| &it.top),
        Root::GitDir => repository.map(|it| &it.common_dir),
        Root::Project | Root::Environment => Some(&project.folder),
    };
    let root = if folder.is_none() && root == Root::Repository { Root::Project } else { root };
    let folder = folder.or((root == Root::Project).then_some(&project.folder));
    let mut texts = Texts::new();
    for (name, folder) in names.zip(std::iter::repeat(folder)) {
        let (Some(folder), Ok(place)) = (folder, place(root, &name)) else { continue };
        let found = regular::text(&folder.join(&name), place.clone());
        if let Some(found) = found.map_err(|why| format!("cannot read {name}: {why}")).transpose() {
            texts.insert(place.into(), found);
        }
    }
    texts
}
