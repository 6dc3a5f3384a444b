//! The hooks that run pre-commit or prek: written as `pre-commit install` writes them, without starting Python.
//!
//! Source: `pre_commit/commands/install_uninstall.py`.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::repository::canonical;
use super::{Git, Repository, run, words};
use crate::domain::editable::started;
use crate::domain::git_config::Setting;
use crate::domain::hook_file::{self, Author, Hook, Platform};
use crate::domain::plan::Invocation;

/// What to install.
#[derive(Debug, Clone, Copy)]
pub struct InstallHooks<'a> {
    pub repository: &'a Repository,
    /// The folder of the project, within the repository.
    pub project: &'a Path,
    /// Absolute, links not resolved: `<project>/.venv`.
    pub venv: &'a Path,
    /// The configuration's name: `.pre-commit-config.yaml`. It is that of the project if it has one, else the repository's.
    pub config: &'a str,
}

impl InstallHooks<'_> {
    /// The configuration.
    fn file(&self) -> PathBuf {
        let own = self.project.join(self.config);
        if own.is_file() { own } else { self.repository.top.join(self.config) }
    }
}

/// How that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hooked {
    /// These files run it now.
    Installed {
        hooks: Vec<PathBuf>,
        /// Hooks of somebody else that were there: kept under these names, and run first.
        legacy: Vec<PathBuf>,
    },
    /// `core.hooksPath` sends git elsewhere: pre-commit refuses then, and so do we.
    HooksPathSet { setting: Setting },
    /// Neither pre-commit nor prek is in the venv.
    NotInVenv,
}

/// One hook file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookState {
    /// There is no file, or git passes it by since it is not executable.
    Absent,
    PreCommit {
        /// Whether the file is of the kind that pre-commit writes since 2.10.
        current: bool,
        /// The interpreter that it starts, and whether that exists.
        python: Option<(PathBuf, Life)>,
        /// The configuration, relative to the top of the working tree.
        config: Option<String>,
        /// Whether another hook is kept beside it and run first.
        legacy: Option<PathBuf>,
    },
    Prek {
        program: Option<(PathBuf, Life)>,
    },
    /// Another hook manager's, or the user's own.
    Other,
}

/// Whether a program that a hook names can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    Alive,
    Dead,
}

impl Git {
    /// Install the hooks that the project's configuration names. Repeating it changes nothing.
    ///
    /// # Errors
    /// A file cannot be written, the project lies outside the repository, or the installed pre-commit is of a kind that
    /// we do not know and its own `install` failed.
    pub fn install_hooks(&self, install: &InstallHooks<'_>) -> anyhow::Result<Hooked> {
        let settings = self.config(Some(install.repository))?;
        let (folder, configured) = install.repository.hooks(&settings, &self.environment);
        if let Some(setting) = configured {
            return Ok(Hooked::HooksPathSet { setting: setting.clone() });
        }
        let file = install.file();
        let types = hook_file::hook_types(&std::fs::read_to_string(&file).unwrap_or_default());
        let hooks: Vec<PathBuf> = types.iter().map(|name| folder.join(name)).collect();
        if let Some(template) = template(install.venv) {
            let config = relative(install.repository, &file)?;
            let python = interpreter(install.venv);
            let contents = types.iter().map(|hook_type| {
                hook_file::render(&Hook {
                    template: &template,
                    python: python.as_os_str().as_encoded_bytes(),
                    config: config.as_os_str().as_encoded_bytes(),
                    hook_type,
                    platform: if cfg!(windows) { Platform::Windows } else { Platform::Unix },
                })
            });
            if let Some(contents) = contents.collect::<Option<Vec<_>>>() {
                for (path, content) in hooks.iter().zip(contents) {
                    write(path, &content)?;
                }
            } else {
                let own = Invocation::new(&python).args(["-m", "pre_commit", "install", "--config", install.config]);
                self.run_installer(own, &file)?;
            }
        } else if let Some(prek) = script(install.venv, "prek") {
            self.run_installer(Invocation::new(prek).args(["install", "--config", install.config]), &file)?;
        } else {
            return Ok(Hooked::NotInVenv);
        }
        let legacy =
            types.iter().map(|name| folder.join(format!("{name}.legacy"))).filter(|kept| kept.exists()).collect();
        Ok(Hooked::Installed { hooks, legacy })
    }

    /// Take away the hook files that run pre-commit or prek, and bring back the hooks that were kept beside them: what
    /// `pre-commit uninstall` does. Hooks of others stay. The files that are gone.
    ///
    /// # Errors
    /// git's settings cannot be read, or a file cannot be removed.
    pub fn remove_hooks(&self, repository: &Repository) -> anyhow::Result<Vec<PathBuf>> {
        let settings = self.config(Some(repository))?;
        let (folder, configured) = repository.hooks(&settings, &self.environment);
        // A folder of the user's own is not ours to clear.
        if configured.is_some() {
            return Ok(Vec::new());
        }
        let mut gone = Vec::new();
        for name in hook_file::HOOK_TYPES {
            let path = folder.join(name);
            let Ok(content) = std::fs::read(&path) else { continue };
            if matches!(hook_file::author(&String::from_utf8_lossy(&content)), Author::Other) {
                continue;
            }
            let kept = folder.join(format!("{name}.legacy"));
            if kept.exists() {
                fs_err::rename(kept, &path)?;
            } else {
                fs_err::remove_file(&path)?;
            }
            gone.push(path);
        }
        Ok(gone)
    }

    /// Run an installer of hooks beside the configuration, with the environment that git has of us.
    fn run_installer(&self, mut invocation: Invocation, config: &Path) -> anyhow::Result<()> {
        invocation.env = self.command().env;
        let output = run(&invocation.cwd(config.parent().unwrap_or(config)))?;
        if !output.success() {
            bail!("cannot install the hooks: {}", words(&output));
        }
        Ok(())
    }
}

/// What stands at `hooks_dir/hook_type`.
#[must_use]
pub fn hook_state(hooks_dir: &Path, hook_type: &str) -> HookState {
    let path = hooks_dir.join(hook_type);
    let Ok(content) = std::fs::read(&path) else { return HookState::Absent };
    if !is_executable(&path) {
        return HookState::Absent;
    }
    let alive = |program: String| {
        let program = PathBuf::from(program);
        let life = if is_executable(&program) { Life::Alive } else { Life::Dead };
        (program, life)
    };
    match hook_file::author(&String::from_utf8_lossy(&content)) {
        Author::PreCommit { current, python, config } => {
            let legacy = Some(hooks_dir.join(format!("{hook_type}.legacy"))).filter(|kept| kept.exists());
            HookState::PreCommit { current, python: python.map(alive), config, legacy }
        }
        Author::Prek { program } => HookState::Prek { program: program.map(alive) },
        Author::Other => HookState::Other,
    }
}

/// `file` as pre-commit names it: from the top of the working tree.
fn relative(repository: &Repository, file: &Path) -> anyhow::Result<PathBuf> {
    let folder = file.parent().unwrap_or(file);
    let folder = canonical(folder).with_context(|| format!("cannot resolve {}", folder.display()))?;
    let inner = folder
        .strip_prefix(&repository.top)
        .with_context(|| format!("{} is outside of the repository {}", folder.display(), repository.top.display()))?;
    Ok(inner.join(file.file_name().unwrap_or_default()))
}

/// The template of the pre-commit in a venv, with `\n` line ends.
fn template(venv: &Path) -> Option<String> {
    let within = Path::new("pre_commit").join("resources").join("hook-tmpl");
    let text = if cfg!(windows) {
        std::fs::read_to_string(venv.join("Lib").join("site-packages").join(within)).ok()
    } else {
        let versions = std::fs::read_dir(venv.join("lib")).ok()?;
        versions
            .flatten()
            .find_map(|version| std::fs::read_to_string(version.path().join("site-packages").join(&within)).ok())
    };
    text.map(|text| text.replace("\r\n", "\n"))
}

fn script(venv: &Path, name: &str) -> Option<PathBuf> {
    let path =
        if cfg!(windows) { venv.join("Scripts").join(format!("{name}.exe")) } else { venv.join("bin").join(name) };
    path.is_file().then_some(path)
}

/// What `sys.executable` is when the venv's own `pre-commit` runs: the interpreter that its first lines name.
fn interpreter(venv: &Path) -> PathBuf {
    if cfg!(windows) {
        return venv.join("Scripts").join("python.exe");
    }
    let bin = venv.join("bin");
    let script = std::fs::read_to_string(bin.join("pre-commit")).unwrap_or_default();
    let named = started(&script).map(PathBuf::from);
    let resolved = |folder: &Path| canonical(folder).ok();
    named
        .filter(|path| path.is_file() && path.parent().and_then(resolved).is_some_and(|at| Some(at) == resolved(&bin)))
        .unwrap_or_else(|| bin.join("python"))
}

/// Put a hook at `path`; a file of somebody else's becomes `<path>.legacy`.
fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs_err::create_dir_all(folder)?;
    let before = std::fs::read(path);
    let ours = |bytes: &Vec<u8>| matches!(hook_file::author(&String::from_utf8_lossy(bytes)), Author::PreCommit { .. });
    if before.as_ref().is_ok_and(|bytes| bytes == content) && is_executable(path) {
        return Ok(());
    }
    if path.symlink_metadata().is_ok() && !before.as_ref().is_ok_and(ours) {
        let mut legacy = path.as_os_str().to_owned();
        legacy.push(".legacy");
        fs_err::rename(path, PathBuf::from(legacy))?;
    }
    // Beside its target, so that a hook that runs at this moment is never seen half written.
    let temporary =
        folder.join(format!(".{}.{}", path.file_name().unwrap_or(OsStr::new("hook")).display(), std::process::id()));
    let written = (|| -> io::Result<()> {
        let mut file = fs_err::OpenOptions::new().write(true).create_new(true).open(&temporary)?;
        file.write_all(content)?;
        make_executable(&temporary)?;
        fs_err::rename(&temporary, path)
    })();
    written.inspect_err(|_| drop(std::fs::remove_file(&temporary))).context("cannot write the hook")
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs_err::metadata(path)?.permissions().mode();
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode | 0o111))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}
