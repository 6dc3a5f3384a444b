//! The user's folders, where managers keep settings and environments.

use std::path::PathBuf;

use crate::system::environment::variables::Variables;

/// Where an application's files go, as the library `platformdirs` says, which all the managers use.
pub(super) struct Folders<'v> {
    pub variables: &'v Variables,
}

impl Folders<'_> {
    /// The folder that a variable names.
    pub fn named(&self, variable: &str) -> Option<PathBuf> {
        self.expand(self.variables.text(variable)?)
    }

    /// A path of the user's home.
    pub fn home(&self, path: &str) -> Option<PathBuf> {
        Some(self.variables.home()?.join(path))
    }

    /// A path as its author wrote it: `~` is the home.
    pub fn expand(&self, text: &str) -> Option<PathBuf> {
        match text.strip_prefix('~') {
            Some("") => self.variables.home(),
            Some(rest) => self.home(rest.strip_prefix(['/', '\\'])?),
            None => Some(PathBuf::from(text)),
        }
    }

    pub fn cache(&self, app: &str) -> Option<PathBuf> {
        let folder = if cfg!(windows) {
            return Some(self.named("LOCALAPPDATA")?.join(app).join("Cache"));
        } else if cfg!(target_os = "macos") {
            self.home("Library/Caches")
        } else {
            self.named("XDG_CACHE_HOME").or_else(|| self.home(".cache"))
        };
        Some(folder?.join(app))
    }

    pub fn data(&self, app: &str) -> Option<PathBuf> {
        let folder = if cfg!(windows) {
            self.named("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            self.home("Library/Application Support")
        } else {
            self.named("XDG_DATA_HOME").or_else(|| self.home(".local/share"))
        };
        Some(folder?.join(app))
    }

    /// Of Poetry, the roaming folder of Windows.
    pub fn config(&self, app: &str) -> Option<PathBuf> {
        let folder = if cfg!(windows) {
            self.named(if app == "pypoetry" { "APPDATA" } else { "LOCALAPPDATA" })
        } else if cfg!(target_os = "macos") {
            self.home("Library/Application Support")
        } else {
            self.named("XDG_CONFIG_HOME").or_else(|| self.home(".config"))
        };
        Some(folder?.join(app))
    }

    /// Where Pipenv and virtualenvwrapper keep environments (`pipenv/utils/shell.py`).
    pub fn workon_home(&self) -> Option<PathBuf> {
        let usual = || {
            if cfg!(windows) {
                return self.home(".virtualenvs");
            }
            let data = self.named("XDG_DATA_HOME").or_else(|| self.home(".local/share"))?;
            Some(data.join("virtualenvs"))
        };
        self.named("WORKON_HOME").or_else(usual)
    }
}
