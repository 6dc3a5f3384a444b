//! The settings that hold for a repository: read from git's files where they say all, else asked from git in one process.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::repository::{canonical, truth};
use super::{Environment, Git, Repository, run, words};
use crate::domain::git_config::{self, Config, Identity, Scope, Setting, Surroundings};
use crate::system::regular;

/// How deep git follows includes.
const MAX_DEPTH: usize = 10;

impl Git {
    /// The settings that hold in `repository`, or outside of any. Those of the installation may lack sections that nothing
    /// here depends on (aliases, credentials, filters).
    ///
    /// # Errors
    /// The files need git to be understood, and git could not read them: its words.
    pub fn config(&self, repository: Option<&Repository>) -> anyhow::Result<Config> {
        let mut reader = Reader::new(&self.environment);
        if let Some(repository) = repository {
            reader = reader.inside(&repository.git_dir);
        }
        reader.system(Some(self.program()));
        reader.global();
        if let Some(repository) = repository {
            reader.local(repository);
        }
        reader.command();
        if let Some(trap) = reader.trap {
            bail!("cannot read git's configuration: {} is not a regular file", trap.display());
        }
        if !reader.is_complete {
            return self.ask(repository);
        }
        if !reader.knows_system {
            let Some(mut settings) = self.system_settings() else { return self.ask(repository) };
            settings.append(&mut reader.config.settings);
            reader.config.settings = settings;
        }
        Ok(reader.config)
    }

    /// The settings of the installation as git tells them, asked once; `None` if it could not.
    fn system_settings(&self) -> Option<Vec<Setting>> {
        let asked = self.system.get_or_init(|| {
            let settings = self.ask(None).ok()?.settings;
            Some(settings.into_iter().filter(|setting| setting.scope == Scope::System).collect())
        });
        asked.clone()
    }

    /// One process; all that git says.
    pub(super) fn ask(&self, repository: Option<&Repository>) -> anyhow::Result<Config> {
        // Outside of a repository the folder must be one that is in none.
        let folder = repository.map_or(Path::new(if cfg!(windows) { "C:\\" } else { "/" }), |found| &found.top);
        let list = |options: &[&str]| {
            run(&self.bare().cwd(folder).args(["config", "--list", "-z"]).args(options.iter().copied()))
        };
        let output = list(&["--show-scope", "--show-origin"])?;
        if output.success() {
            return Ok(git_config::parse_list(&output.stdout_text(), None));
        }
        // Before 2.26 git had no --show-scope, and said so with its usage.
        if output.status.code() != Some(129) {
            bail!("cannot read git's configuration: {}", words(&output));
        }
        let output = list(&["--show-origin"])?;
        if !output.success() {
            bail!("cannot read git's configuration: {}", words(&output));
        }
        let globals = global_files(&self.environment);
        let scope_of = |origin: &str| {
            let path = Path::new(origin);
            if origin == "command line" {
                Scope::Command
            } else if globals.iter().any(|global| global == path) {
                Scope::Global
            } else if repository.is_some_and(|found| found.top.join(path).starts_with(&found.common_dir)) {
                Scope::Local
            } else if path.starts_with(self.environment.home().unwrap_or_default()) {
                Scope::Global
            } else {
                Scope::System
            }
        };
        Ok(git_config::parse_list(&output.stdout_text(), Some(&scope_of)))
    }
}

/// Whom a commit in a project at `target` would name as its author, whether or not its repository exists yet. `git` is
/// asked only where the files leave it open, and left out if there is none.
#[must_use]
pub fn identity(target: &Path, environment: &Environment, git: Option<&Git>) -> Identity {
    let repository = Repository::enclosing(target, environment);
    let future = std::path::absolute(target).unwrap_or_else(|_| target.to_owned()).join(".git");
    let mut reader = Reader::new(environment).inside(repository.as_ref().map_or(&future, |found| &found.git_dir));
    reader.global();
    if let Some(repository) = &repository {
        reader.local(repository);
    }
    reader.command();
    let variable = |name: &str| environment.text(name);
    let found = git_config::author(&reader.config, &variable);
    // The system's file is the weakest: it matters only where the others are silent.
    if reader.is_complete && found.name.is_some() && found.email.is_some() {
        return found;
    }
    let config = git.and_then(|git| git.config(repository.as_ref()).ok()).unwrap_or(reader.config);
    git_config::author(&config, &variable)
}

/// The user's files, from the weakest.
fn global_files(environment: &Environment) -> Vec<PathBuf> {
    if let Some(file) = environment.get("GIT_CONFIG_GLOBAL") {
        return vec![PathBuf::from(file)];
    }
    let home = environment.home();
    let shared = environment.get("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let shared = shared.or_else(|| home.as_ref().map(|home| home.join(".config")));
    let shared = shared.map(|folder| folder.join("git").join("config"));
    shared.into_iter().chain(home.map(|home| home.join(".gitconfig"))).collect()
}

/// Reads git's files one after the other, and notices what only git can judge.
struct Reader<'a> {
    environment: &'a Environment,
    config: Config,
    is_complete: bool,
    /// A file that git would wait for, so that it must not be asked.
    trap: Option<PathBuf>,
    knows_system: bool,
    git_dirs: Vec<String>,
    home: Option<String>,
}

impl<'a> Reader<'a> {
    fn new(environment: &'a Environment) -> Self {
        let home = environment.home().map(|home| slashed(&home));
        Self {
            environment,
            config: Config::default(),
            is_complete: true,
            trap: None,
            knows_system: true,
            git_dirs: Vec::new(),
            home,
        }
    }

    /// Judge conditional includes as for a repository with this git folder, which need not exist.
    fn inside(mut self, git_dir: &Path) -> Self {
        self.git_dirs.push(slashed(git_dir));
        let resolved = git_dir.parent().and_then(|folder| canonical(folder).ok());
        if let (Some(folder), Some(name)) = (resolved, git_dir.file_name()) {
            self.git_dirs.push(slashed(&folder.join(name)));
        }
        self
    }

    /// The file of the installation. Where it is was decided when git was built: only the common cases are known.
    fn system(&mut self, program: Option<&Path>) {
        if self.environment.text("GIT_CONFIG_NOSYSTEM").is_some_and(|value| truth(&value)) {
            return;
        }
        if let Some(file) = self.environment.get("GIT_CONFIG_SYSTEM") {
            return self.file(&PathBuf::from(file), Scope::System, 0);
        }
        let usual = Path::new("/etc/gitconfig");
        let prefix = |program: &Path| program.parent().and_then(Path::parent).map(Path::to_owned);
        let resolved = program.and_then(|program| canonical(program).ok());
        let prefixes: Vec<PathBuf> = program.into_iter().chain(resolved.as_deref()).filter_map(prefix).collect();
        if !cfg!(target_os = "linux") || prefixes.is_empty() {
            self.knows_system = false;
        } else if prefixes.iter().all(|prefix| prefix == Path::new("/usr")) {
            self.file(usual, Scope::System, 0);
        } else {
            let own = prefixes.iter().map(|prefix| prefix.join("etc").join("gitconfig"));
            self.knows_system = !own.chain([usual.to_owned()]).any(|file| file.exists() && !is_irrelevant(&file));
        }
    }

    fn global(&mut self) {
        for file in global_files(self.environment) {
            self.file(&file, Scope::Global, 0);
        }
    }

    fn local(&mut self, repository: &Repository) {
        self.file(&repository.common_dir.join("config"), Scope::Local, 0);
        if self.config.flag("extensions.worktreeconfig") == Some(true) {
            self.file(&repository.git_dir.join("config.worktree"), Scope::Worktree, 0);
        }
    }

    /// `GIT_CONFIG_COUNT`, `GIT_CONFIG_KEY_<n>` and `GIT_CONFIG_VALUE_<n>`; what `git -c` leaves is git's own affair.
    fn command(&mut self) {
        self.is_complete &= self.environment.get("GIT_CONFIG_PARAMETERS").is_none_or(|value| value.is_empty());
        let Some(count) = self.environment.text("GIT_CONFIG_COUNT").filter(|count| !count.is_empty()) else { return };
        let Ok(count) = count.trim().parse::<u16>() else {
            self.is_complete = false;
            return;
        };
        for number in 0..count {
            let key = self.environment.text(&format!("GIT_CONFIG_KEY_{number}"));
            let value = self.environment.text(&format!("GIT_CONFIG_VALUE_{number}"));
            let (Some(key), Some(value)) = (key.as_deref().and_then(normal), value) else {
                self.is_complete = false;
                return;
            };
            self.is_complete &= !key.starts_with("include");
            let origin = "command line".to_owned();
            self.config.settings.push(Setting { scope: Scope::Command, origin, name: key, value: Some(value) });
        }
    }

    fn file(&mut self, file: &Path, scope: Scope, depth: usize) {
        let text = match regular::bytes(file) {
            Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            Ok(None) => return,
            // The usual way to say that there is none.
            Err(_) if file == Path::new("/dev/null") => return,
            Err(_) => {
                self.is_complete = false;
                if regular::is_special(file) {
                    self.trap.get_or_insert_with(|| file.to_owned());
                }
                return;
            }
        };
        let (Ok(pairs), true) = (git_config::parse(&text), depth <= MAX_DEPTH) else {
            self.is_complete = false;
            return;
        };
        let origin = file.display().to_string();
        for (name, value) in pairs {
            let holds = self.includes(&name, file);
            let target = value.clone().filter(|_| holds != Some(false));
            self.config.settings.push(Setting { scope, origin: origin.clone(), name, value });
            let Some(target) = target else { continue };
            let known = self.config.settings.len();
            match self.resolve(&target, file) {
                Some(target) => self.file(&target, scope, depth + 1),
                None => self.is_complete = false,
            }
            if holds.is_none() {
                // Only git can judge that, and then reads the file: all that may be known of it is that it is no trap.
                self.config.settings.truncate(known);
                self.is_complete = false;
            }
        }
    }

    /// Whether a setting of `file` includes another; `None` where only git can judge that.
    fn includes(&self, name: &str, file: &Path) -> Option<bool> {
        if name == "include.path" {
            return Some(true);
        }
        let condition = name.strip_prefix("includeif.").and_then(|rest| rest.strip_suffix(".path"));
        let Some(condition) = condition else { return Some(false) };
        let resolved = canonical(file).unwrap_or_else(|_| file.to_owned());
        let folder = resolved.parent().map(slashed).unwrap_or_default();
        let around = Surroundings { git_dirs: &self.git_dirs, home: self.home.as_deref(), folder: &folder };
        git_config::condition_holds(condition, &around)
    }

    fn resolve(&self, target: &str, file: &Path) -> Option<PathBuf> {
        if target.starts_with("%(") {
            return None;
        }
        match target.strip_prefix('~') {
            Some(rest) => self.environment.home().zip(rest.strip_prefix('/')).map(|(home, rest)| home.join(rest)),
            None => file.parent().map(|folder| folder.join(target)),
        }
    }
}

/// Whether a file has only settings of kinds that no decision here depends on, so that it need not be known whether this
/// git reads it.
fn is_irrelevant(file: &Path) -> bool {
    const SECTIONS: [&str; 8] = ["alias.", "color.", "credential.", "diff.", "filter.", "http.", "lfs.", "safe."];
    let text = std::fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    text.is_ok_and(|text| {
        git_config::parse(&text)
            .is_ok_and(|pairs| pairs.iter().all(|(name, _)| SECTIONS.iter().any(|section| name.starts_with(section))))
    })
}

/// `Core.hooksPath` with section and key in lower case and the subsection as it is.
fn normal(key: &str) -> Option<String> {
    let (section, rest) = key.split_once('.')?;
    let section = section.to_ascii_lowercase();
    Some(match rest.rsplit_once('.') {
        Some((subsection, key)) => format!("{section}.{subsection}.{}", key.to_ascii_lowercase()),
        None => format!("{section}.{}", rest.to_ascii_lowercase()),
    })
}

fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
