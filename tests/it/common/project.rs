//! A generated project, looked at from outside.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Outcome, Snapshot, World};

/// A project in a world.
pub struct Project<'w> {
    world: &'w World,
    pub folder: PathBuf,
}

impl World {
    /// The project `name` in the working folder.
    pub fn project(&self, name: impl AsRef<Path>) -> Project<'_> {
        Project { world: self, folder: self.work().join(name) }
    }
}

impl Project<'_> {
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    #[track_caller]
    pub fn has(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    #[track_caller]
    pub fn manifest(&self) -> toml::Table {
        self.read("pyproject.toml").parse().unwrap()
    }

    /// The names of all requirements in all dependency groups.
    #[track_caller]
    pub fn tools(&self) -> Vec<String> {
        let manifest = self.manifest();
        let groups = manifest.get("dependency-groups").and_then(toml::Value::as_table).into_iter().flatten();
        let items = groups.flat_map(|(_, items)| items.as_array().unwrap()).filter_map(toml::Value::as_str);
        let mut names: Vec<String> = items
            .map(|item| item.split(['=', '>', '<', '~', '!', '[', ' ', ';']).next().unwrap().to_lowercase())
            .collect();
        names.sort();
        names
    }

    /// A console script of the environment, run in the project.
    pub fn script<A: AsRef<std::ffi::OsStr>>(&self, name: &str, args: impl IntoIterator<Item = A>) -> Outcome {
        let mut command = self.world.command(self.path(".venv/bin").join(name));
        command.current_dir(&self.folder).args(args);
        super::world::finish(command)
    }

    /// The binary, run in the project.
    pub fn pyenvkit(&self, line: &str) -> Outcome {
        let mut command = self.world.pyenvkit(line.split_whitespace());
        command.current_dir(&self.folder);
        super::world::finish(command)
    }

    /// The names of the installed distributions, sorted.
    pub fn installed(&self) -> Vec<String> {
        let listed =
            self.script("python", ["-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"]).ok();
        let mut names: Vec<String> = listed
            .stdout
            .lines()
            .map(|line| line.split(['=', ' ']).next().unwrap().to_lowercase().replace('_', "-"))
            .collect();
        names.sort();
        names
    }

    pub fn git<A: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = A>) -> String {
        self.world.git(&self.folder, args)
    }

    /// How many commits there are.
    pub fn commits(&self) -> usize {
        let mut command = self.world.command(self.world.bin().join("git"));
        command.current_dir(&self.folder).args(["rev-list", "--all", "--count"]);
        super::world::finish(command).stdout.trim().parse().unwrap_or(0)
    }

    /// The files that are the project's own: neither the environment's nor git's nor a cache's.
    pub fn files(&self) -> Vec<String> {
        let own = |path: &Path| !path.starts_with(".venv") && !path.starts_with(".git");
        let cache = |path: &Path| path.components().any(|part| part.as_os_str().to_string_lossy().ends_with("cache__"));
        let all = Snapshot::of(&self.folder).filtered(|path| own(path) && !cache(path));
        all.paths().into_iter().filter(|path| self.path(path).is_file()).collect()
    }

    /// It is whole: a manifest, one commit with everything in it, an environment whose scripts run.
    #[track_caller]
    pub fn assert_ready(&self) {
        assert!(self.has("pyproject.toml"), "no pyproject.toml");
        assert_eq!(self.commits(), 1, "not one commit");
        assert_eq!(self.git(["status", "--porcelain"]), "", "the tree is not clean");
        self.script("python", ["-m", "pip", "check"]).ok();
        self.assert_nothing_left();
    }

    /// Nothing of an unfinished run stands beside it.
    #[track_caller]
    pub fn assert_nothing_left(&self) {
        let name = self.folder.file_name().unwrap().to_string_lossy().into_owned();
        let sibling = self.folder.with_file_name(format!(".{name}.pyenvkit"));
        assert!(!sibling.exists(), "{} was left", sibling.display());
    }
}
