//! Where the managers keep the environments of a project that are not in its folder. Each was compared with what the
//! manager itself says: Poetry 2.5, PDM 2.29, Pipenv 2026, Hatch 1.18.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use toml::{Table, Value};

use super::folders::Folders;
use super::{Keeper, Located, Search, is_alive};
use crate::domain::declared::at;
use crate::domain::names::normalize;
use crate::domain::python::Minor;
use crate::system::environment::editable::base64;
use crate::system::regular;

/// Only the first so many signs of a name are part of a folder's name (Poetry, Pipenv).
const LONGEST_NAME: usize = 42;

/// `{name}-{hash}-py3.12` in Poetry's cache, or where `virtualenvs.path` says (`poetry/utils/env/env_manager.py`). Of
/// several the one that `poetry env use` noted, else that of the newest Python.
pub(super) fn poetry(search: &Search<'_>, folders: &Folders<'_>) -> Option<Located> {
    let backend = backend(search.manifest);
    let rules = at(search.manifest, &["tool", "poetry"]).is_some()
        || backend.starts_with("poetry.")
        || search.folder.join("poetry.lock").is_file();
    if !rules {
        return None;
    }
    let homes = poetry_environments(search, folders)?;
    let name = at(search.manifest, &["project", "name"]).or_else(|| at(search.manifest, &["tool", "poetry", "name"]));
    // A project that is no package need not have a name.
    let name = name.and_then(Value::as_str).map_or_else(|| "non-package-mode".to_owned(), normalize);
    let name: String = replaced(&name, " $`!*@\"\\\r\n\t");
    let path = if cfg!(windows) { text(search.folder).to_lowercase() } else { text(search.folder) };
    let base = format!("{name}-{}", short_hash(&path));
    let noted = toml_of(&homes.join("envs.toml"));
    let noted =
        at(&noted, &[&base, "minor"]).and_then(Value::as_str).map(|minor| homes.join(format!("{base}-py{minor}")));
    let newest = || {
        let mut found: Vec<(Minor, PathBuf)> = fs::read_dir(&homes)
            .ok()?
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let minor = name.strip_prefix(&base)?.strip_prefix("-py")?.to_owned();
                Some((Minor::try_from(minor).ok()?, entry.path()))
            })
            .filter(|(_, path)| is_alive(path))
            .collect();
        found.sort();
        found.pop().map(|(_, path)| path)
    };
    let path = noted.filter(|path| is_alive(path)).or_else(newest)?;
    Some(Located { path, keeper: Keeper::Poetry, why: "Poetry made it for this project".to_owned() })
}

/// Variables before `poetry.toml` before the user's file.
fn poetry_environments(search: &Search<'_>, folders: &Folders<'_>) -> Option<PathBuf> {
    let config = folders.named("POETRY_CONFIG_DIR").or_else(|| folders.config("pypoetry"));
    let files = [Some(search.folder.join("poetry.toml")), config.map(|folder| folder.join("config.toml"))];
    let files: Vec<Table> = files.into_iter().flatten().map(|path| toml_of(&path)).collect();
    let setting = |path: &[&str]| files.iter().find_map(|file| at(file, path)?.as_str()?.to_owned().into());
    let cache = folders
        .named("POETRY_CACHE_DIR")
        .or_else(|| folders.expand(&setting(&["cache-dir"])?))
        .or_else(|| folders.cache("pypoetry"));
    let chosen = setting(&["virtualenvs", "path"]).map(|path: String| {
        let cache = cache.as_deref().map(text).unwrap_or_default();
        path.replace("{cache-dir}", &cache)
    });
    folders
        .named("POETRY_VIRTUALENVS_PATH")
        .or_else(|| folders.expand(&chosen?))
        .or_else(|| Some(cache?.join("virtualenvs")))
}

/// The environment of the interpreter in `.pdm-python`, where PDM notes it (`pdm/project/core.py`).
pub(super) fn pdm(search: &Search<'_>, _: &Folders<'_>) -> Option<Located> {
    let noted = regular::utf8(&search.folder.join(".pdm-python"))?;
    let path = Path::new(noted.trim()).parent()?.parent().filter(|path| is_alive(path))?.to_owned();
    Some(Located { path, keeper: Keeper::Pdm, why: "PDM noted it in .pdm-python".to_owned() })
}

/// `{folder}-{hash}` in `WORKON_HOME` (`pipenv/utils/venv_locator.py`).
pub(super) fn pipenv(search: &Search<'_>, folders: &Folders<'_>) -> Option<Located> {
    let file = search.folder.join("Pipfile");
    if !file.is_file() {
        return None;
    }
    let python = search.variables.text("PIPENV_PYTHON").map(Path::new).and_then(Path::file_name);
    let python = python.map(|python| format!("-{}", python.to_string_lossy())).unwrap_or_default();
    let name = replaced(&text(Path::new(search.folder.file_name()?)), " &$`!*@\"()[]\\\r\n\t");
    let usual = || format!("{name}-{}{python}", short_hash(&text(&file)));
    let name = search.variables.text("PIPENV_CUSTOM_VENV_NAME").map_or_else(usual, str::to_owned);
    let path = folders.workon_home()?.join(name);
    is_alive(&path).then(|| Located { path, keeper: Keeper::Pipenv, why: "Pipenv made it for this project".to_owned() })
}

/// `.conda` in the project, or the environment that `environment.yml` names, wherever conda keeps such. Never its own.
pub(super) fn conda(search: &Search<'_>, folders: &Folders<'_>) -> Option<Located> {
    let located = |path: PathBuf, why: &str| Located { path, keeper: Keeper::Conda, why: why.to_owned() };
    let own = search.folder.join(".conda");
    if is_alive(&own) {
        return Some(located(own, "it is .conda in the project"));
    }
    let name = ["environment.yml", "environment.yaml"].iter().find_map(|file| {
        let text = regular::utf8(&search.folder.join(file))?;
        let name = text.lines().find_map(|line| line.strip_prefix("name:"))?;
        let name = name.split(" #").next().unwrap_or(name).trim().trim_matches(['"', '\'']).to_owned();
        (!name.is_empty() && name != "base" && !name.contains(['/', '\\', '.'])).then_some(name)
    })?;
    let path = conda_environments(folders, &name).into_iter().find(|path| is_alive(path))?;
    Some(located(path, "environment.yml names it"))
}

fn conda_environments(folders: &Folders<'_>, name: &str) -> Vec<PathBuf> {
    const USUAL: &[&str] =
        &["miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", "opt/miniconda3", "opt/anaconda3"];
    let variable = folders.variables.get("CONDA_ENVS_DIRS").or_else(|| folders.variables.get("CONDA_ENVS_PATH"));
    let mut homes: Vec<PathBuf> = variable.map(std::env::split_paths).into_iter().flatten().collect();
    let program = folders.named("CONDA_EXE").and_then(|path| Some(path.parent()?.parent()?.to_owned()));
    let usual = USUAL.iter().filter_map(|folder| folders.home(folder));
    let installations = program.into_iter().chain(folders.named("MAMBA_ROOT_PREFIX")).chain(usual);
    homes.extend(installations.map(|folder| folder.join("envs")));
    homes.extend(folders.home(".conda/envs"));
    homes.extend(["/opt/conda/envs", "/opt/miniconda3/envs", "/opt/miniforge3/envs"].map(PathBuf::from));
    let noted = folders.home(".conda/environments.txt").and_then(|path| regular::utf8(&path));
    let noted = noted.unwrap_or_default();
    let noted = noted.lines().map(|line| PathBuf::from(line.trim())).filter(|path| path.ends_with(name));
    homes.into_iter().map(|home| home.join(name)).chain(noted).collect()
}

/// `env/virtual/{name}/{hash}/{name}` in Hatch's data folder, or where its settings say (`hatch/env/virtual.py`).
pub(super) fn hatch(search: &Search<'_>, folders: &Folders<'_>) -> Option<Located> {
    let own = toml_of(&search.folder.join("hatch.toml"));
    let rules = !own.is_empty()
        || at(search.manifest, &["tool", "hatch"]).is_some()
        || backend(search.manifest).starts_with("hatchling");
    if !rules {
        return None;
    }
    let chosen = search.variables.text("HATCH_ENV_TYPE_VIRTUAL_PATH").or_else(|| {
        let path = at(&own, &["envs", "default", "path"]);
        path.or_else(|| at(search.manifest, &["tool", "hatch", "envs", "default", "path"]))?.as_str()
    });
    let path = match chosen {
        Some(path) => search.folder.join(path),
        None => hatch_environment(search, folders)?,
    };
    is_alive(&path).then(|| Located { path, keeper: Keeper::Hatch, why: "Hatch made it for this project".to_owned() })
}

fn hatch_environment(search: &Search<'_>, folders: &Folders<'_>) -> Option<PathBuf> {
    let file = folders.named("HATCH_CONFIG").or_else(|| Some(folders.config("hatch")?.join("config.toml")));
    let config = file.map(|file| toml_of(&file)).unwrap_or_default();
    let setting = |path: &[&str]| folders.expand(at(&config, path)?.as_str()?);
    let data = folders.named("HATCH_DATA_DIR").or_else(|| setting(&["dirs", "data"])).or_else(|| folders.data("hatch"));
    let home = match setting(&["dirs", "env", "virtual"]) {
        Some(home) => search.folder.join(home),
        None => data?.join("env").join("virtual"),
    };
    let ignores_case = cfg!(windows) || cfg!(target_os = "macos");
    let path = if ignores_case { text(search.folder).to_lowercase() } else { text(search.folder) };
    let id = short_hash(&path);
    let name = match at(search.manifest, &["project"]) {
        Some(project) => normalize(project.get("name")?.as_str()?),
        None => format!("{id}-unmanaged"),
    };
    let is_flat = home.starts_with(search.folder) || folders.home(".virtualenvs").is_some_and(|flat| flat == home);
    Some(if is_flat { home.join(name) } else { home.join(&name).join(id).join(&name) })
}

fn backend(manifest: &Table) -> &str {
    at(manifest, &["build-system", "build-backend"]).and_then(Value::as_str).unwrap_or_default()
}

/// A settings file; empty where it is not there or not TOML.
fn toml_of(path: &Path) -> Table {
    regular::utf8(path).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// A path as Python's `str` has it.
fn text(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.strip_prefix(r"\\?\").unwrap_or(&text).to_owned()
}

fn replaced(name: &str, dangerous: &str) -> String {
    name.chars().map(|c| if dangerous.contains(c) { '_' } else { c }).take(LONGEST_NAME).collect()
}

/// The first eight signs of the SHA-256 in the URL's base64, which three managers use.
pub(super) fn short_hash(text: &str) -> String {
    let mut hash = base64(&Sha256::digest(text));
    hash.truncate(8);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_and_names_are_those_of_the_managers() {
        assert_eq!(short_hash("/tmp/nm x/My.Prj ü"), "jGHjLAK-");
        assert_eq!(short_hash("/tmp/nm x/My.Prj ü/Pipfile"), "H0HW-14M");
        assert_eq!(replaced("My.Prj ü", " &$`!*@\"()[]\\\r\n\t"), "My.Prj_ü");
        assert_eq!(replaced(&"x".repeat(50), "").len(), 42);
    }
}
