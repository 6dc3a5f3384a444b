//! pip's settings in the words of uv, or the reason why uv cannot be given them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml::Table;

use super::config::{PipSettings, absolute, is_true};
use super::variables::Variables;

/// What uv is told beside the requirements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UvSettings {
    pub env: Vec<(OsString, OsString)>,
    pub args: Vec<OsString>,
    /// What was left out of the user's own configuration of uv, and why.
    pub warnings: Vec<String>,
}

/// pip's settings that have no meaning for what uv does.
const WITHOUT_EFFECT: &[&str] = &[
    "cache-dir",
    "no-cache-dir",
    "no-proxy-env",
    "resume-retries",
    "check-build-dependencies",
    "ignore-requires-python",
];

/// Keys of uv's own configuration, and the variables, that say where packages come from.
const INDEX: &[&str] = &["index", "index-url", "default-index"];
const EXTRA: &[&str] = &["index", "extra-index-url"];

/// Keys of `[pip]` in uv's configuration that would lead an installation elsewhere or change what it does.
const REDIRECTING: &[&str] = &["target", "prefix", "python", "system", "break-system-packages", "no-deps", "strict"];

impl UvSettings {
    /// `folder` is where uv runs and where relative paths start.
    ///
    /// # Errors
    /// The sentence that says which setting of pip uv cannot be given.
    pub fn of(pip: &PipSettings, variables: &Variables, folder: &Path) -> Result<Self, String> {
        let own = OwnConfig::read(variables, folder);
        let mut settings = Self::default();
        if let Some(key) = own.redirecting() {
            settings.args.push("--no-config".into());
            let warning = format!("uv's configuration sets pip.{key}, which would lead elsewhere; it is left out");
            settings.warnings.push(warning);
        }
        for (key, setting) in pip.carried() {
            settings.give(key, pip, &Given { variables, own: &own, folder }).map_err(|reason| {
                let origin = &setting.origin;
                format!("pip's setting {key} ({origin}) {reason}")
            })?;
        }
        settings.certificates(variables);
        Ok(settings)
    }

    #[expect(clippy::too_many_lines, reason = "one row for each setting of pip")]
    fn give(&mut self, key: &str, pip: &PipSettings, given: &Given<'_>) -> Result<(), String> {
        let value = pip.get(key).unwrap_or_default();
        match key {
            // Where pip has been told an index, both backends take packages from it.
            "index-url" if !given.has(&[], INDEX) => {
                self.set("UV_DEFAULT_INDEX", value);
            }
            "extra-index-url" if !given.has(&["UV_INDEX", "UV_EXTRA_INDEX_URL"], EXTRA) => {
                self.set("UV_EXTRA_INDEX_URL", pip.list(key).collect::<Vec<_>>().join(" "));
                // pip takes the best version of all indexes; uv's default is the first index that has the package.
                if !given.has(&["UV_INDEX_STRATEGY"], &["index-strategy"]) {
                    self.set("UV_INDEX_STRATEGY", "unsafe-best-match");
                }
            }
            "find-links" if !given.has(&["UV_FIND_LINKS"], &["find-links"]) => {
                // uv stops at a folder that is not there; pip goes on without it.
                let words = pip.list(key).map(|word| absolute(word, given.folder));
                let links: Vec<String> = words.filter(|link| reachable(link)).collect();
                if !links.is_empty() {
                    self.set("UV_FIND_LINKS", links.join(","));
                }
            }
            "no-index" if is_true(value) && !given.has(&["UV_NO_INDEX"], &["no-index"]) => {
                self.args.push("--no-index".into());
            }
            "trusted-host" if !given.has(&["UV_INSECURE_HOST"], &["allow-insecure-host"]) => {
                self.set("UV_INSECURE_HOST", pip.list(key).collect::<Vec<_>>().join(" "));
            }
            "cert" => self.set("SSL_CERT_FILE", absolute(value, given.folder)),
            "client-cert" => self.set("SSL_CLIENT_CERT", absolute(value, given.folder)),
            "proxy" => {
                let url = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
                for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
                    self.set(name, &url);
                }
            }
            "constraint" | "build-constraint" => {
                let flag = if key == "constraint" { "--constraints" } else { "--build-constraints" };
                for file in pip.list(key) {
                    self.args.extend([flag.into(), absolute(file, given.folder).into()]);
                }
            }
            "timeout" if !given.has(&["UV_HTTP_TIMEOUT", "UV_REQUEST_TIMEOUT"], &[]) => {
                let seconds = value.parse::<f64>().map_err(|_| "is not a number".to_owned())?;
                self.set("UV_HTTP_TIMEOUT", format!("{}", seconds.ceil().max(1.0)));
            }
            "retries" if !given.has(&["UV_HTTP_RETRIES"], &[]) => self.set("UV_HTTP_RETRIES", value),
            "no-binary" | "only-binary" => {
                for package in value.split([',', ' ', '\n']).filter(|package| !package.is_empty()) {
                    self.args.extend([format!("--{key}").into(), package.into()]);
                }
            }
            "pre" if is_true(value) && !given.has(&["UV_PRERELEASE"], &["prerelease"]) => {
                self.set("UV_PRERELEASE", "allow");
            }
            "require-hashes" if is_true(value) => self.args.push("--require-hashes".into()),
            "no-build-isolation" if is_true(value) => self.args.push("--no-build-isolation".into()),
            "uploaded-prior-to" if !given.has(&["UV_EXCLUDE_NEWER"], &["exclude-newer"]) => {
                self.set("UV_EXCLUDE_NEWER", value);
            }
            "keyring-provider" => match value {
                "subprocess" => self.set("UV_KEYRING_PROVIDER", value),
                "disabled" | "auto" => {}
                _ => return Err(format!("= {value} has no counterpart in uv")),
            },
            "use-feature" if pip.list(key).all(|feature| matches!(feature, "fast-deps" | "truststore")) => {}
            "prefer-binary" | "no-index" | "pre" | "require-hashes" | "no-build-isolation" if !is_true(value) => {}
            known if WITHOUT_EFFECT.contains(&known) => {}
            // Refused above only because the user told uv something else, which stands.
            "index-url" | "extra-index-url" | "find-links" | "no-index" | "trusted-host" | "timeout" | "retries"
            | "pre" | "uploaded-prior-to" => {}
            _ => return Err("has no counterpart in uv".to_owned()),
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: impl AsRef<str>) {
        self.env.push((name.into(), value.as_ref().into()));
    }

    /// pip also honours what `requests` and curl do; uv knows `SSL_CERT_FILE` alone.
    fn certificates(&mut self, variables: &Variables) {
        let told = self.env.iter().any(|(name, _)| name == "SSL_CERT_FILE") || variables.get("SSL_CERT_FILE").is_some();
        let other = variables.get("REQUESTS_CA_BUNDLE").or_else(|| variables.get("CURL_CA_BUNDLE"));
        if let (false, Some(bundle)) = (told, other.filter(|bundle| Path::new(bundle).is_file())) {
            self.env.push(("SSL_CERT_FILE".into(), bundle.to_owned()));
        }
    }
}

fn reachable(link: &str) -> bool {
    match link.strip_prefix("file://") {
        Some(path) => Path::new(path).exists() || cfg!(windows),
        None => link.contains("://") || Path::new(link).exists(),
    }
}

/// What decides whether the user already told uv something.
struct Given<'a> {
    variables: &'a Variables,
    own: &'a OwnConfig,
    folder: &'a Path,
}

impl Given<'_> {
    fn has(&self, variables: &[&str], keys: &[&str]) -> bool {
        variables.iter().any(|name| self.variables.get(name).is_some()) || self.own.has(keys)
    }
}

/// The tables of uv's own configuration that apply, nearest first.
struct OwnConfig(Vec<Table>);

impl OwnConfig {
    fn read(variables: &Variables, folder: &Path) -> Self {
        if variables.text("UV_NO_CONFIG").is_some_and(is_true) {
            return Self(Vec::new());
        }
        if let Some(file) = variables.get("UV_CONFIG_FILE") {
            return Self(table(&folder.join(file)).into_iter().collect());
        }
        let nearest = folder.ancestors().find_map(|folder| {
            table(&folder.join("uv.toml")).or_else(|| {
                let manifest = table(&folder.join("pyproject.toml"))?;
                manifest.get("tool")?.get("uv")?.as_table().cloned()
            })
        });
        let (user, system) = own_files(variables);
        let others = user.iter().chain(&system).filter_map(|path| table(path));
        Self(nearest.into_iter().chain(others).collect())
    }

    fn has(&self, keys: &[&str]) -> bool {
        let pip = |table: &Table, key: &str| table.get("pip").is_some_and(|pip| pip.get(key).is_some());
        self.0.iter().any(|table| keys.iter().any(|key| table.contains_key(*key) || pip(table, key)))
    }

    fn redirecting(&self) -> Option<&'static str> {
        let pip = |table: &Table, key: &str| table.get("pip").is_some_and(|pip| pip.get(key).is_some());
        REDIRECTING.iter().copied().find(|key| self.0.iter().any(|table| pip(table, key)))
    }
}

/// uv's configuration files outside of projects, weakest first, whether they exist or not.
pub fn files(variables: &Variables) -> Vec<PathBuf> {
    if variables.text("UV_NO_CONFIG").is_some_and(is_true) {
        return Vec::new();
    }
    if let Some(file) = variables.get("UV_CONFIG_FILE") {
        return vec![file.into()];
    }
    let (user, system) = own_files(variables);
    system.into_iter().rev().chain(user).collect()
}

fn own_files(variables: &Variables) -> (Option<PathBuf>, Vec<PathBuf>) {
    let home = variables.home();
    if cfg!(windows) {
        let user = variables.get("APPDATA").map(|data| PathBuf::from(data).join("uv").join("uv.toml"));
        let system = variables.get("PROGRAMDATA").map(|data| PathBuf::from(data).join("uv").join("uv.toml"));
        return (user, system.into_iter().collect());
    }
    let config = variables.get("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| home.map(|home| home.join(".config")));
    let listed = variables.get("XDG_CONFIG_DIRS").unwrap_or("/etc/xdg".as_ref());
    let mut system: Vec<PathBuf> = std::env::split_paths(listed).map(|folder| folder.join("uv/uv.toml")).collect();
    system.push("/etc/uv/uv.toml".into());
    (config.map(|config| config.join("uv/uv.toml")), system)
}

fn table(path: &Path) -> Option<Table> {
    std::fs::read_to_string(path).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<UvSettings, String> {
        let quiet = [("PIP_CONFIG_FILE", "/dev/null"), ("HOME", "/nonexistent"), ("XDG_CONFIG_DIRS", "/nonexistent")];
        let variables: Variables = quiet.iter().chain(pairs).copied().collect();
        UvSettings::of(&PipSettings::read(&variables, &[]), &variables, Path::new("/"))
    }

    fn value<'s>(settings: &'s UvSettings, name: &str) -> Option<&'s str> {
        settings.env.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.to_str())
    }

    #[cfg(unix)]
    #[test]
    fn pip_settings_are_translated() {
        let settings = of(&[
            ("PIP_INDEX_URL", "https://u:p@i/simple"),
            ("PIP_EXTRA_INDEX_URL", "https://a https://b"),
            ("PIP_FIND_LINKS", "/no/such/folder https://links"),
            ("PIP_PROXY", "proxy:3128"),
            ("PIP_CERT", "/c.pem"),
            ("PIP_DEFAULT_TIMEOUT", "2.5"),
            ("PIP_NO_BINARY", "a,b"),
            ("PIP_PRE", "1"),
            ("PIP_USER", "1"),
        ])
        .unwrap();
        assert_eq!(value(&settings, "UV_DEFAULT_INDEX"), Some("https://u:p@i/simple"));
        assert_eq!(value(&settings, "UV_EXTRA_INDEX_URL"), Some("https://a https://b"));
        assert_eq!(value(&settings, "UV_INDEX_STRATEGY"), Some("unsafe-best-match"));
        assert_eq!(value(&settings, "HTTPS_PROXY"), Some("http://proxy:3128"));
        assert_eq!(value(&settings, "SSL_CERT_FILE"), Some("/c.pem"));
        assert_eq!(value(&settings, "UV_HTTP_TIMEOUT"), Some("3"));
        assert_eq!(value(&settings, "UV_PRERELEASE"), Some("allow"));
        assert_eq!(settings.args, ["--no-binary", "a", "--no-binary", "b"]);
        assert_eq!(value(&settings, "UV_FIND_LINKS"), Some("https://links"));
    }

    #[cfg(unix)]
    #[test]
    fn pips_index_is_that_of_both() {
        let settings = of(&[("PIP_INDEX_URL", "https://pip"), ("UV_INDEX_URL", "https://uv")]).unwrap();
        assert_eq!(value(&settings, "UV_DEFAULT_INDEX"), Some("https://pip"));
        let settings = of(&[("UV_INDEX_URL", "https://uv")]).unwrap();
        assert_eq!(value(&settings, "UV_DEFAULT_INDEX"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_setting_without_counterpart_is_named() {
        for (name, value) in
            [("PIP_KEYRING_PROVIDER", "import"), ("PIP_USE_FEATURE", "x"), ("PIP_PREFER_BINARY", "1"), ("PIP_NEW", "1")]
        {
            assert!(of(&[(name, value)]).unwrap_err().contains(name), "{name}");
        }
        assert!(of(&[("PIP_PREFER_BINARY", "0"), ("PIP_USE_FEATURE", "fast-deps")]).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn configuration_of_uv_that_redirects_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pyproject.toml"), "[tool.uv.pip]\ntarget = 'x'\n").unwrap();
        let variables: Variables = [("PIP_CONFIG_FILE", "/dev/null")].into_iter().collect();
        let settings = UvSettings::of(&PipSettings::read(&variables, &[]), &variables, folder.path()).unwrap();
        assert_eq!(settings.args, ["--no-config"]);
        assert_eq!(settings.warnings.len(), 1);
    }
}
