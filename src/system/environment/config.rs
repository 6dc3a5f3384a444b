//! pip's effective settings, read as pip reads them but without starting Python.
//!
//! Files and their order are those of pip's "Configuration" documentation; within the files `[global]` comes before
//! `[install]`, later files win over earlier ones, and `PIP_*` variables win over all files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::variables::Variables;
use crate::domain::pip_config;

/// One setting and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub value: String,
    /// A file or a variable.
    pub origin: String,
}

/// pip's settings for `pip install`, by the long name of the option without its dashes.
#[derive(Debug, Clone, Default)]
pub struct PipSettings {
    values: BTreeMap<String, Setting>,
    /// Files that could not be understood, one sentence each.
    pub problems: Vec<String>,
}

/// Where an installation goes, what it leaves out, or what it prints: decided here alone, so never handed on.
const OURS: &[&str] = &[
    "target",
    "user",
    "no-user",
    "prefix",
    "root",
    "home",
    "python",
    "require-virtualenv",
    "require-venv",
    "isolated",
    "src",
    "source",
    "source-dir",
    "source-directory",
    "log",
    "log-file",
    "local-log",
    "report",
    "dry-run",
    "no-deps",
    "no-dependencies",
    "only-deps",
    "only-dependencies",
    "ignore-installed",
    "force-reinstall",
    "upgrade",
    "upgrade-strategy",
    "platform",
    "python-version",
    "abi",
    "implementation",
    "requirement",
    "editable",
    "group",
    "requirements-from-script",
    "debug",
    "quiet",
    "verbose",
    "no-color",
    "progress-bar",
    "no-input",
    "exists-action",
    "compile",
    "no-compile",
    "no-clean",
    "yes",
    "break-system-packages",
    "root-user-action",
    "json",
    "help",
    "version",
    "disable-pip-version-check",
    "no-python-version-warning",
    "no-warn-script-location",
    "no-warn-conflicts",
    "build",
    "build-dir",
    "build-directory",
    "use-pep517",
    "config-file",
    "path",
    "exclude",
];

impl PipSettings {
    /// `prefixes` are the `sys.prefix` folders whose own file counts, weakest first.
    #[must_use]
    pub fn read(variables: &Variables, prefixes: &[&Path]) -> Self {
        let mut settings = Self::default();
        let mut texts = Vec::new();
        for path in files(variables, prefixes) {
            let Ok(bytes) = std::fs::read(&path) else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some(line) = pip_config::parse(&text).1 {
                let path = path.display();
                settings.problems.push(format!("{path}:{line}: not understood, the rest of the file is left out"));
            }
            texts.push((path, text));
        }
        let held = pip_config::effective(&texts);
        for section in ["global", "install"] {
            for setting in held.iter().filter(|setting| setting.section == section) {
                settings.set(&setting.key, &setting.value, setting.file.display().to_string());
            }
        }
        for (name, value) in variables.iter() {
            let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
            if let Some(key) = name.strip_prefix("PIP_").filter(|key| *key != "CONFIG_FILE") {
                settings.set(key, value, name.to_owned());
            }
        }
        settings
    }

    fn set(&mut self, key: &str, value: &str, origin: String) {
        let key = pip_config::canonical(key);
        if !value.trim().is_empty() {
            self.values.insert(key, Setting { value: value.trim().to_owned(), origin });
        }
    }

    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|setting| setting.value.as_str())
    }

    /// The values of an option that may be given several times: pip splits them at white space.
    pub fn list(&self, key: &str) -> impl Iterator<Item = &str> {
        self.get(key).unwrap_or_default().split_whitespace()
    }

    /// The settings that concern an installation's sources and builds: all but those that are decided here.
    pub fn carried(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.values.iter().map(|(key, setting)| (key.as_str(), setting)).filter(|(key, _)| !OURS.contains(key))
    }

    /// The same settings as variables for pip, which is told to read no file. Relative paths are made absolute, since
    /// pip runs in the project's folder.
    #[must_use]
    pub fn as_variables(&self, folder: &Path) -> Vec<(OsString, OsString)> {
        let nothing = if cfg!(windows) { "nul" } else { "/dev/null" };
        let mut variables: Vec<(OsString, OsString)> = vec![("PIP_CONFIG_FILE".into(), nothing.into())];
        for (key, setting) in self.carried() {
            let name = format!("PIP_{}", key.to_uppercase().replace('-', "_"));
            let value = match key {
                "find-links" | "constraint" | "build-constraint" => {
                    let words: Vec<String> = self.list(key).map(|word| absolute(word, folder)).collect();
                    words.join(" ")
                }
                "cert" | "client-cert" | "cache-dir" => absolute(&setting.value, folder),
                _ => setting.value.clone(),
            };
            variables.push((name.into(), value.into()));
        }
        variables
    }
}

/// `word` as an absolute path if it names something in `folder`; URLs and everything else stay.
#[must_use]
pub fn absolute(word: &str, folder: &Path) -> String {
    let path = folder.join(word);
    let relative = !word.contains("://") && Path::new(word).is_relative() && path.exists();
    match path.to_str() {
        Some(path) if relative && !path.contains(char::is_whitespace) => path.to_owned(),
        _ => word.to_owned(),
    }
}

/// How pip's `strtobool` reads a flag; numbers above one count, as for options that may be repeated.
#[must_use]
pub fn is_true(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "y" | "yes" | "t" | "true" | "on")
        || value.parse::<u32>().is_ok_and(|n| n > 0)
}

/// What a configuration file of pip is called.
pub const FILE: &str = if cfg!(windows) { "pip.ini" } else { "pip.conf" };

/// pip's configuration files, weakest first, whether they exist or not; none where `PIP_CONFIG_FILE` forbids them all.
/// `prefixes` are the `sys.prefix` folders whose own file counts.
#[must_use]
pub fn files(variables: &Variables, prefixes: &[&Path]) -> Vec<PathBuf> {
    let own = variables.get("PIP_CONFIG_FILE").map(PathBuf::from);
    if own.as_deref().is_some_and(|path| path == Path::new(if cfg!(windows) { "nul" } else { "/dev/null" })) {
        return Vec::new();
    }
    let mut files: Vec<PathBuf> = site_folders(variables).into_iter().map(|folder| folder.join(FILE)).collect();
    if !own.as_deref().is_some_and(Path::exists) {
        files.extend(user_folders(variables).into_iter().map(|folder| folder.join(FILE)));
    }
    files.extend(prefixes.iter().map(|prefix| prefix.join(FILE)));
    files.extend(own);
    files
}

fn site_folders(variables: &Variables) -> Vec<PathBuf> {
    if cfg!(windows) {
        let data = variables.get("PROGRAMDATA").map_or_else(|| PathBuf::from("C:\\ProgramData"), PathBuf::from);
        return vec![data.join("pip")];
    }
    if cfg!(target_os = "macos") {
        return vec![PathBuf::from("/Library/Application Support/pip")];
    }
    let listed = variables.get("XDG_CONFIG_DIRS").unwrap_or("/etc/xdg".as_ref());
    let mut folders: Vec<PathBuf> = std::env::split_paths(listed).map(|folder| folder.join("pip")).collect();
    folders.push(PathBuf::from("/etc"));
    folders
}

fn user_folders(variables: &Variables) -> Vec<PathBuf> {
    let Some(home) = variables.home() else { return Vec::new() };
    if cfg!(windows) {
        let roaming = variables.get("APPDATA").map_or_else(|| home.join("AppData").join("Roaming"), PathBuf::from);
        return vec![home.join("pip"), roaming.join("pip")];
    }
    let config = if cfg!(target_os = "macos") {
        let support = home.join("Library/Application Support/pip");
        if support.is_dir() { support } else { home.join(".config/pip") }
    } else {
        variables.get("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from).join("pip")
    };
    vec![home.join(".pip"), config]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn later_files_sections_and_variables_win() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
        };
        at("xdg/pip/pip.conf", "[global]\nindex-url = https://site\nretries = 1\n[install]\ntimeout = 7\n");
        at("home/.pip/pip.conf", "[global]\nindex_url = https://old\nno-binary = x\n");
        at("home/.config/pip/pip.conf", "[global]\nindex-url = https://user\ntimeout = 9\n[download]\npre = 1\n");
        at("prefix/pip.conf", "[install]\ntarget = /elsewhere\n[global]\nretries = 5\n");
        at("own.conf", "[global]\nproxy = http://p\n");
        let home = folder.path().join("home");
        let base = [
            ("HOME", home.as_os_str().to_owned()),
            ("XDG_CONFIG_DIRS", folder.path().join("xdg").into_os_string()),
            ("PIP_NO_BINARY", "".into()),
            ("PIP_DEFAULT_TIMEOUT", "180".into()),
        ];
        let prefix = folder.path().join("prefix");
        let settings = PipSettings::read(&base.clone().into_iter().collect(), &[&prefix]);
        assert_eq!(settings.get("index-url"), Some("https://user"));
        assert_eq!(settings.get("timeout"), Some("180"));
        assert_eq!(settings.get("retries"), Some("5"));
        assert_eq!(settings.get("no-binary"), Some("x"));
        assert_eq!(settings.get("pre"), None);
        assert!(settings.carried().all(|(key, _)| key != "target"));

        let with = |file: &Path| {
            let extra = [("PIP_CONFIG_FILE", file.as_os_str().to_owned())];
            PipSettings::read(&base.clone().into_iter().chain(extra).collect(), &[&prefix])
        };
        let own = with(&folder.path().join("own.conf"));
        assert_eq!((own.get("index-url"), own.get("proxy")), (Some("https://site"), Some("http://p")));
        assert_eq!(with(Path::new("/dev/null")).get("index-url"), None);
    }

    #[test]
    fn settings_become_variables_without_those_that_redirect() {
        let variables: Variables =
            [("PIP_TARGET", "/x"), ("PIP_EXTRA_INDEX_URL", "https://a https://b"), ("PIP_CONFIG_FILE", "/dev/null")]
                .into_iter()
                .collect();
        let given = PipSettings::read(&variables, &[]).as_variables(Path::new("/"));
        let given: Vec<&str> = given.iter().filter_map(|(name, _)| name.to_str()).collect();
        assert_eq!(given, ["PIP_CONFIG_FILE", "PIP_EXTRA_INDEX_URL"]);
    }

    #[test]
    fn flags() {
        assert!(["1", "true", "Yes", "on", "2"].into_iter().all(is_true));
        assert!(["0", "false", "no", ""].into_iter().all(|value| !is_true(value)));
    }
}
