//! The text files of a project that checks read.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::domain::declared;
use crate::domain::facts::{EntryKind, Need, Project, Texts};
use crate::domain::tree::{Place, RelPath, Root};
use crate::system::load::Catalog;
use crate::system::regular;
use crate::system::settings;

/// Files that tools read their settings from, beside the homes that the tools' own folders name.
const CONFIGURATION: &[&str] =
    &["setup.cfg", "setup.py", "tox.ini", ".editorconfig", "noxfile.py", "MANIFEST.in", "Pipfile"];

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

const EDITORS: &[&str] = &[".vscode/settings.json", ".vscode/launch.json", ".idea/misc.xml", "pyrightconfig.json"];

/// Pipelines at fixed names; workflows of GitHub are listed.
const CI: &[&str] = &[".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", ".travis.yml", "Dockerfile"];

const WORKFLOWS: &str = ".github/workflows";

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
        names.extend(declared::requirements_files().unwrap_or_default().iter().map(|place| place.path.to_string()));
        let known = |name: &String| name.contains('/') || project.entries.contains_key(name);
        project.configuration = Ok(read_all(project, Root::Project, names.into_iter().filter(known))).into();
    }
    if needs.contains(&Need::Locks) {
        let known = LOCKS.iter().map(|name| (*name).to_owned()).filter(|name| project.entries.contains_key(name));
        project.locks = Ok(read_all(project, Root::Project, known)).into();
    }
    if needs.contains(&Need::Editors) {
        let names = EDITORS.iter().map(|name| (*name).to_owned());
        let mut found = read_all(project, Root::Project, names.clone());
        found.extend(read_all(project, Root::Repository, names));
        project.editors = Ok(found).into();
    }
    if needs.contains(&Need::Ignore) {
        let name = || [".gitignore".to_owned()].into_iter();
        let mut found = read_all(project, Root::Repository, name());
        found.extend(read_all(project, Root::Project, name()));
        found.extend(read_all(project, Root::GitDir, ["info/exclude".to_owned()].into_iter()));
        project.ignore = Ok(found).into();
    }
    if needs.contains(&Need::Ci) {
        let names = CI.iter().map(|name| (*name).to_owned());
        let mut found = read_all(project, Root::Repository, names.clone().chain(workflows(project)));
        found.extend(read_all(project, Root::Project, names));
        project.ci = Ok(found).into();
    }
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
fn read_all(project: &Project, root: Root, names: impl Iterator<Item = String>) -> Texts {
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
