//! Which environment belongs to a project: one order, and files only.
//!
//! 1. `.venv` in the project: a folder, or a file that names one (uv, Hatch).
//! 2. `venv` in the project.
//! 3. The active one (`VIRTUAL_ENV`, `CONDA_PREFIX`), if it lies in the project or the project is installed editable in it.
//! 4. The one that `.pdm-python` names (PDM).
//! 5. Poetry's, in its cache, by name and hash of the project's path.
//! 6. Pipenv's, in `WORKON_HOME`, by name and hash of the `Pipfile`'s path.
//! 7. Hatch's default environment, in its data folder, by name and hash of the project's path.
//! 8. conda's, by the name in `environment.yml`.
//!
//! Where none of them is there, `.venv` is the one to be made.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::editable::{base64, file_url};
use super::installed;
use super::variables::Variables;
use super::venv;
use crate::domain::groups::normalise;

/// An environment, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    pub path: PathBuf,
    pub kind: Kind,
}

/// Whose an environment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In the project.
    InProject,
    /// The one that is active.
    Active,
    Pdm,
    Poetry,
    Pipenv,
    Hatch,
    Conda,
    /// Not there yet.
    Missing,
}

/// The environment of the project in `folder` whose distribution is called `name`.
#[must_use]
pub fn locate(folder: &Path, name: &str, variables: &Variables) -> Located {
    let canonical = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let place = Place { folder, canonical, name, variables };
    let found = ways().into_iter().find_map(|(kind, way)| Some(Located { path: way(&place)?, kind }));
    found.unwrap_or_else(|| Located { path: folder.join(".venv"), kind: Kind::Missing })
}

type Way<'p> = fn(&Place<'p>) -> Option<PathBuf>;

/// The ways to find one, in their order.
fn ways<'p>() -> [(Kind, Way<'p>); 7] {
    [
        (Kind::InProject, Place::inside),
        (Kind::Active, Place::active),
        (Kind::Pdm, Place::pdm),
        (Kind::Poetry, Place::poetry),
        (Kind::Pipenv, Place::pipenv),
        (Kind::Hatch, Place::hatch),
        (Kind::Conda, Place::conda),
    ]
}

struct Place<'p> {
    folder: &'p Path,
    canonical: PathBuf,
    name: &'p str,
    variables: &'p Variables,
}

impl Place<'_> {
    fn inside(&self) -> Option<PathBuf> {
        let dotted = self.folder.join(".venv");
        if let Some(named) = pointer(&dotted) {
            return Some(self.folder.join(named)).filter(|path| is_environment(path));
        }
        // What is called `.venv` is meant to be the environment even where it is broken.
        Some(dotted)
            .filter(|path| path.is_dir())
            .or_else(|| Some(self.folder.join("venv")).filter(|path| is_environment(path)))
    }

    fn active(&self) -> Option<PathBuf> {
        let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(|name| self.variables.get(name));
        active.map(PathBuf::from).find(|path| {
            let there = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            is_environment(path) && (there.starts_with(&self.canonical) || self.is_installed_in(path))
        })
    }

    fn is_installed_in(&self, path: &Path) -> bool {
        let Some(site) = venv::site_packages(path, None) else { return false };
        let name = normalise(self.name).replace('-', "_");
        let Ok(entries) = fs::read_dir(site) else { return false };
        entries.flatten().any(|entry| {
            let file = entry.file_name().to_string_lossy().to_lowercase();
            file.ends_with(".dist-info")
                && file.starts_with(&format!("{name}-"))
                && installed::is_editable_of(&entry.path(), &file_url(&self.canonical))
        })
    }

    /// `.pdm-python` holds the path of an interpreter.
    fn pdm(&self) -> Option<PathBuf> {
        let text = fs::read_to_string(self.folder.join(".pdm-python")).ok()?;
        let environment = Path::new(text.trim()).parent()?.parent()?.to_owned();
        is_environment(&environment).then_some(environment)
    }

    /// `<name>-<hash>-py3.11` (Poetry: `EnvManager.generate_env_name`).
    fn poetry(&self) -> Option<PathBuf> {
        let folders = [
            self.variables.get("POETRY_VIRTUALENVS_PATH").map(PathBuf::from),
            self.variables.get("POETRY_CACHE_DIR").map(|cache| PathBuf::from(cache).join("virtualenvs")),
            self.cache("pypoetry").map(|cache| cache.join("virtualenvs")),
        ];
        let name: String = normalise(self.name).chars().map(plain).take(42).collect();
        let start = format!("{name}-{}-py", &hash(&self.canonical)[..8]);
        folders.into_iter().flatten().find_map(|folder| newest(&folder, &start))
    }

    /// `<folder>-<hash>` (Pipenv: `Project.virtualenv_name`).
    fn pipenv(&self) -> Option<PathBuf> {
        let pipfile = self.canonical.join("Pipfile");
        if !pipfile.is_file() {
            return None;
        }
        let home = self.variables.get("WORKON_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(self.data()?.join("virtualenvs")))?;
        let folder = self.canonical.file_name()?.to_string_lossy().into_owned();
        let name: String = folder.chars().map(|c| if "()[]&".contains(c) { '_' } else { plain(c) }).take(42).collect();
        let path = home.join(format!("{name}-{}", &hash(&pipfile)[..8]));
        is_environment(&path).then_some(path)
    }

    /// `env/virtual/<name>/<hash>/<name>` (Hatch: `VirtualEnvironment.__init__`).
    fn hatch(&self) -> Option<PathBuf> {
        let data = self.variables.get("HATCH_DATA_DIR").map(PathBuf::from);
        let data = data.or_else(|| Some(self.data()?.join("hatch")))?;
        let name = normalise(self.name);
        let path = data.join("env").join("virtual").join(&name).join(&hash(&self.canonical)[..8]).join(&name);
        is_environment(&path).then_some(path)
    }

    /// The environment of that name among those that conda keeps a list of.
    fn conda(&self) -> Option<PathBuf> {
        let mut file = ["environment.yml", "environment.yaml"].iter().map(|name| self.folder.join(name));
        let text = file.find_map(|path| fs::read_to_string(path).ok())?;
        let name =
            text.lines().find_map(|line| line.strip_prefix("name:"))?.trim().trim_matches(['"', '\'']).to_owned();
        let known = fs::read_to_string(self.variables.home()?.join(".conda").join("environments.txt")).ok()?;
        let named = |path: &PathBuf| path.file_name().is_some_and(|it| it == name.as_str());
        known
            .lines()
            .map(|line| PathBuf::from(line.trim()))
            .find(|path| named(path) && path.join("conda-meta").is_dir())
    }

    fn cache(&self, name: &str) -> Option<PathBuf> {
        let home = self.variables.home()?;
        Some(if cfg!(target_os = "macos") {
            home.join("Library").join("Caches").join(name)
        } else if cfg!(windows) {
            PathBuf::from(self.variables.get("LOCALAPPDATA")?).join(name).join("Cache")
        } else {
            let own = self.variables.get("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
            own.unwrap_or_else(|| home.join(".cache")).join(name)
        })
    }

    fn data(&self) -> Option<PathBuf> {
        let home = self.variables.home()?;
        Some(if cfg!(target_os = "macos") {
            home.join("Library").join("Application Support")
        } else if cfg!(windows) {
            PathBuf::from(self.variables.get("LOCALAPPDATA")?)
        } else {
            let own = self.variables.get("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
            own.unwrap_or_else(|| home.join(".local").join("share"))
        })
    }
}

/// URL-safe base 64 of the SHA-256 of a path.
fn hash(path: &Path) -> String {
    base64(&Sha256::digest(path.as_os_str().as_encoded_bytes()))
}

/// A virtual environment (PEP 405) or one of conda.
fn is_environment(path: &Path) -> bool {
    path.join("pyvenv.cfg").is_file() || path.join("conda-meta").is_dir()
}

/// What a `.venv` that is a small file names.
fn pointer(path: &Path) -> Option<PathBuf> {
    fs::metadata(path).ok().filter(|data| data.is_file() && data.len() < 4096)?;
    Some(PathBuf::from(fs::read_to_string(path).ok()?.trim()))
}

/// A character of a name as Poetry and Pipenv leave it in a path.
fn plain(character: char) -> char {
    if " $`!*@\"\\\r\n\t".contains(character) { '_' } else { character }
}

/// The environment in `folder` whose name starts so; of several, the one with the newest Python.
fn newest(folder: &Path, start: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let ours = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let minor: u32 = name.strip_prefix(start)?.split('.').nth(1)?.parse().ok()?;
        is_environment(&entry.path()).then(|| (minor, entry.path()))
    });
    ours.max().map(|(_, path)| path)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn environment(path: &Path) {
        fs::create_dir_all(path).unwrap();
        fs::write(path.join("pyvenv.cfg"), "").unwrap();
    }

    struct Machine {
        folder: tempfile::TempDir,
    }

    impl Machine {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join("my proj")).unwrap();
            Self { folder }
        }

        fn project(&self) -> PathBuf {
            fs::canonicalize(self.folder.path().join("my proj")).unwrap()
        }

        fn locate(&self, more: &[(&str, PathBuf)]) -> Located {
            let home = self.folder.path().to_str().unwrap().to_owned();
            let all = std::iter::once(("HOME", home))
                .chain(more.iter().map(|(name, path)| (*name, path.to_str().unwrap().to_owned())));
            locate(&self.project(), "My.Proj", &all.collect())
        }
    }

    #[test]
    fn what_lies_in_the_project_comes_first() {
        let machine = Machine::new();
        assert_eq!(machine.locate(&[]).kind, Kind::Missing);
        let active = machine.project().join("envs").join("a");
        environment(&active);
        assert_eq!(machine.locate(&[("VIRTUAL_ENV", active.clone())]).path, active);
        let elsewhere = machine.folder.path().join("elsewhere");
        environment(&elsewhere);
        assert_eq!(machine.locate(&[("VIRTUAL_ENV", elsewhere.clone())]).kind, Kind::Missing);
        environment(&machine.project().join("venv"));
        assert_eq!(machine.locate(&[("VIRTUAL_ENV", active)]).path, machine.project().join("venv"));
        fs::write(machine.project().join(".venv"), elsewhere.to_str().unwrap()).unwrap();
        assert_eq!(machine.locate(&[]), Located { path: elsewhere, kind: Kind::InProject });
    }

    #[test]
    fn an_active_one_with_the_project_in_it_is_its_own() {
        let machine = Machine::new();
        let active = machine.folder.path().join("elsewhere");
        environment(&active);
        let info = active.join("lib/python3.11/site-packages/my_proj-1.0.dist-info");
        fs::create_dir_all(&info).unwrap();
        let url = file_url(&machine.project());
        fs::write(info.join("direct_url.json"), format!("{{\"url\":\"{url}\",\"dir_info\":{{\"editable\":true}}}}"))
            .unwrap();
        assert_eq!(machine.locate(&[("VIRTUAL_ENV", active)]).kind, Kind::Active);
    }

    #[test]
    fn names_are_hashed_as_the_managers_do() {
        // The first eight characters of `base64.urlsafe_b64encode(sha256(path).digest())`.
        let folder = Path::new("/home/ada/My Proj");
        assert_eq!(&hash(folder)[..8], "GA8-o6Y4");
        assert_eq!(&hash(&folder.join("Pipfile"))[..8], "eQZCHxbm");
    }

    #[test]
    fn conda_names_its_environments_in_a_list() {
        let machine = Machine::new();
        fs::write(machine.project().join("environment.yml"), "name: science\n").unwrap();
        let path = machine.folder.path().join("envs/science");
        fs::create_dir_all(path.join("conda-meta")).unwrap();
        fs::create_dir_all(machine.folder.path().join(".conda")).unwrap();
        fs::write(machine.folder.path().join(".conda/environments.txt"), format!("/x\n{}\n", path.display())).unwrap();
        assert_eq!(machine.locate(&[]), Located { path, kind: Kind::Conda });
    }
}
