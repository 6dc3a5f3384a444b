//! The two installers: which one is used, and the command lines that they are given.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::config::PipSettings;
use super::uv_settings::UvSettings;
use super::variables::{Changes, Variables};
use super::venv;
use crate::domain::facts::Interpreter;
use crate::domain::plan::Invocation;
use crate::domain::startup::AS_A_PATH;

/// An installation that takes longer is stopped: a large scientific stack over a slow line is done by then.
const LONGEST_INSTALL: Duration = Duration::from_secs(45 * 60);

/// An installer that says and does nothing for this long has hung: downloads end with the index's own time-out before.
const LONGEST_SILENCE: Duration = Duration::from_secs(3 * 60);

/// Making an environment without pip takes milliseconds; a cold network drive may need this long.
const LONGEST_VENV: Duration = Duration::from_secs(3 * 60);

/// What the user wants to install with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// uv where it is found and can be given pip's settings, else pip.
    #[default]
    Auto,
    Pip,
    Uv,
}

/// Whether the network may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    #[default]
    Allowed,
    Forbidden,
}

/// An installer that is ready to be told what to do.
#[derive(Debug, Clone)]
pub enum Backend {
    Pip(Pip),
    Uv(Uv),
}

/// pip, run by the environment's own interpreter.
#[derive(Debug, Clone)]
pub struct Pip {
    env: Changes,
    network: Network,
    has_links: bool,
    silence: Duration,
}

/// uv, told everything that pip would know.
#[derive(Debug, Clone)]
pub struct Uv {
    program: PathBuf,
    settings: UvSettings,
    env: Changes,
    network: Network,
    silence: Duration,
}

/// What an installation is made of.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Requirements, each as its author wrote it.
    pub requirements: Vec<String>,
    /// `.` or `.[extra]`: the project, editable and built by its backend.
    pub editable: Option<String>,
    /// Requirements files.
    pub files: Vec<PathBuf>,
    /// Folders of packages that become links, and nothing but that.
    pub links: Vec<PathBuf>,
}

impl Wanted {
    /// As pip and uv both take them.
    fn arguments(&self) -> impl Iterator<Item = OsString> + '_ {
        let editable = self.editable.iter().flat_map(|editable| ["--editable".into(), OsString::from(editable)]);
        let files = self.files.iter().flat_map(|file| ["--requirement".into(), OsString::from(file)]);
        let settings = AS_A_PATH.iter().filter(|_| !self.links.is_empty()).map(OsString::from);
        let links = self.links.iter().flat_map(|folder| ["--editable".into(), folder.into()]);
        settings.chain(links).chain(editable).chain(files).chain(self.requirements.iter().map(OsString::from))
    }
}

impl Backend {
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pip(_) => "pip",
            Self::Uv(_) => "uv",
        }
    }
}

/// The `uv` to use: the variable `UV`, PATH, and the folders that its installers choose.
#[must_use]
pub fn find_uv(variables: &Variables) -> Option<PathBuf> {
    let file = if cfg!(windows) { "uv.exe" } else { "uv" };
    let named = variables.get("UV").map(PathBuf::from).filter(|path| path.is_absolute());
    let on_path = variables.get("PATH").into_iter().flat_map(std::env::split_paths).map(|folder| folder.join(file));
    let home = variables.home();
    let folders = [
        variables.get("XDG_BIN_HOME").map(PathBuf::from),
        home.as_ref().map(|home| home.join(".local").join("bin")),
        variables.get("CARGO_HOME").map(|home| PathBuf::from(home).join("bin")),
        home.map(|home| home.join(".cargo").join("bin")),
    ];
    let fixed = folders.into_iter().flatten().map(|folder| folder.join(file));
    // A shim of pyenv starts a shell and fails where no version is chosen; the real program is elsewhere or not at all.
    let is_shim = |path: &Path| path.parent().is_some_and(|folder| folder.ends_with("shims"));
    named.into_iter().chain(on_path).chain(fixed).find(|path| venv::is_executable(path) && !is_shim(path))
}

impl Pip {
    #[must_use]
    pub fn new(settings: &PipSettings, variables: &Variables, network: Network, folder: &Path) -> Self {
        let mut env = variables.scrubbed();
        env.extend(settings.as_variables(folder).into_iter().map(|(name, value)| (name, Some(value))));
        for (name, value) in [
            ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
            ("PIP_NO_INPUT", "1"),
            ("PIP_NO_COLOR", "1"),
            ("PIP_PROGRESS_BAR", "off"),
            ("PIP_NO_WARN_SCRIPT_LOCATION", "1"),
            ("PIP_NO_PYTHON_VERSION_WARNING", "1"),
            ("PIP_ROOT_USER_ACTION", "ignore"),
        ] {
            env.push((name.into(), Some(value.into())));
        }
        if settings.get("retries") == Some("0") {
            // Without a second try pip does not say that it could not reach the index.
            env.push(("PIP_RETRIES".into(), Some("1".into())));
        }
        let has_links = settings.list("find-links").next().is_some();
        Self { env, network, has_links, silence: patience(settings.get("timeout")) }
    }

    /// Whether it can install anything at all: without the network it needs folders with packages (`find-links`),
    /// since its cache answers only together with the index.
    #[must_use]
    pub fn has_source(&self) -> bool {
        self.network == Network::Allowed || self.has_links
    }

    /// Make an environment without pip with the standard library's `venv`.
    #[must_use]
    pub fn make(&self, interpreter: &Interpreter, at: &Path, prompt: &str) -> Invocation {
        let mut invocation = Invocation::new(&interpreter.executable)
            .args(["-I", "-m", "venv", "--without-pip"])
            .arg(format!("--prompt={prompt}"))
            .arg(at)
            .timeout(LONGEST_VENV);
        invocation.env.clone_from(&self.env);
        invocation
    }

    /// The ways to run a pip with the interpreter of the environment `at`, best first.
    #[must_use]
    pub fn drivers(interpreter: &Interpreter, at: &Path, site: &Path) -> Vec<Driver> {
        let mut drivers = Vec::new();
        let python = venv::python(at);
        let inside = |args: Vec<OsString>| Driver { program: python.clone(), args };
        if site.join("pip").join("__main__.py").is_file() {
            drivers.push(inside(["-I", "-X", "utf8", "-m", "pip"].map(OsString::from).to_vec()));
        }
        // `__pip-runner__.py` is what `pip --python` itself starts: the outside pip, in this interpreter, alone.
        for base in base_sites(interpreter) {
            let runner = base.join("pip").join("__pip-runner__.py");
            if runner.is_file() {
                let args = ["-I", "-B", "-X", "utf8"].map(OsString::from).into_iter().chain([runner.into()]);
                drivers.push(inside(args.collect()));
                break;
            }
        }
        if let Some(wheel) = bundled_wheel(interpreter) {
            let args = ["-I", "-X", "utf8"].map(OsString::from).into_iter().chain([wheel.join("pip").into()]);
            drivers.push(inside(args.collect()));
        }
        if interpreter.pip.is_some() {
            let mut args = ["-I", "-X", "utf8", "-m", "pip", "--python"].map(OsString::from).to_vec();
            args.push(python.clone().into());
            drivers.push(Driver { program: interpreter.executable.clone(), args });
        }
        drivers
    }

    #[must_use]
    pub fn install(&self, driver: &Driver, wanted: &Wanted, folder: &Path) -> Invocation {
        let mut invocation = self.start(driver, folder).args(["install", "--no-compile"]);
        if self.network == Network::Forbidden {
            invocation = invocation.arg("--no-index");
        }
        invocation.args(wanted.arguments())
    }

    #[must_use]
    pub fn uninstall(&self, driver: &Driver, names: &[String], folder: &Path) -> Invocation {
        self.start(driver, folder).args(["uninstall", "--yes"]).args(names)
    }

    fn start(&self, driver: &Driver, folder: &Path) -> Invocation {
        let mut invocation = Invocation::new(&driver.program)
            .args(&driver.args)
            .cwd(folder)
            .timeout(LONGEST_INSTALL)
            .silence(self.silence);
        invocation.env.clone_from(&self.env);
        invocation
    }
}

/// The variable that tells uv how long to wait for an index, in seconds.
const TIMEOUT: &str = "UV_HTTP_TIMEOUT";

/// How long an installer may be silent: longer than it was told to wait for an index, in seconds.
fn patience(timeout: Option<&str>) -> Duration {
    let told = timeout.and_then(|seconds| seconds.parse().ok()).and_then(|it| Duration::try_from_secs_f64(it).ok());
    told.unwrap_or_default().saturating_mul(2).max(LONGEST_SILENCE)
}

/// The beginning of a command line that is pip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Driver {
    program: PathBuf,
    args: Vec<OsString>,
}

/// The folders in which an installation of Python has its own pip.
fn base_sites(interpreter: &Interpreter) -> Vec<PathBuf> {
    let minor = interpreter.minor;
    let mut sites = vec![interpreter.stdlib.join("site-packages")];
    if cfg!(unix) {
        sites.push(interpreter.prefix.join(format!("local/lib/python{minor}/dist-packages")));
        sites.push(interpreter.prefix.join("lib/python3/dist-packages"));
        sites.push(interpreter.prefix.join(format!("lib/python{minor}/site-packages")));
        sites.push(interpreter.prefix.join(format!("local/lib/python{minor}/site-packages")));
    }
    sites
}

/// The wheel of pip that comes with `ensurepip`; distributions keep it in folders of their own. It is a program too:
/// Python runs the `pip` in it without unpacking.
#[must_use]
pub fn bundled_wheel(interpreter: &Interpreter) -> Option<PathBuf> {
    let folders = [
        interpreter.stdlib.join("ensurepip").join("_bundled"),
        interpreter.prefix.join("share/python-wheels"),
        PathBuf::from("/usr/share/python-wheels"),
        PathBuf::from("/usr/share/python-pip-wheels"),
    ];
    folders.iter().find_map(|folder| {
        let mut wheels: Vec<PathBuf> = fs::read_dir(folder)
            .ok()?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                name.starts_with("pip-") && path.extension().is_some_and(|extension| extension == "whl")
            })
            .collect();
        wheels.sort();
        wheels.pop()
    })
}

impl Uv {
    #[must_use]
    pub fn new(program: PathBuf, settings: UvSettings, variables: &Variables, network: Network) -> Self {
        let mut env = variables.scrubbed();
        env.extend(settings.env.iter().map(|(name, value)| (name.clone(), Some(value.clone()))));
        env.push(("UV_PYTHON_DOWNLOADS".into(), Some("never".into())));
        env.push(("UV_NO_PROGRESS".into(), Some("1".into())));
        let given = settings.env.iter().find(|(name, _)| name == TIMEOUT).and_then(|(_, value)| value.to_str());
        let silence = patience(given.or_else(|| variables.text(TIMEOUT)));
        Self { program, settings, env, network, silence }
    }

    /// Sentences about what of the user's configuration is left out.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.settings.warnings
    }

    /// Make an environment; uv needs neither `venv` nor `ensurepip` for that.
    #[must_use]
    pub fn make(&self, interpreter: &Interpreter, at: &Path, prompt: &str) -> Invocation {
        let mut invocation = Invocation::new(&self.program)
            .args(["venv", "--no-project", "--no-config", "--allow-existing", "--offline", "--python"])
            .arg(&interpreter.executable)
            .arg(format!("--prompt={prompt}"))
            .arg(at)
            .timeout(LONGEST_VENV);
        invocation.env.clone_from(&self.env);
        invocation
    }

    #[must_use]
    pub fn install(&self, at: &Path, wanted: &Wanted, folder: &Path) -> Invocation {
        let mut invocation = self.start("install", at, folder).args(&self.settings.args);
        if self.network == Network::Forbidden {
            invocation = invocation.arg("--offline");
        }
        invocation.args(wanted.arguments())
    }

    #[must_use]
    pub fn uninstall(&self, at: &Path, names: &[String], folder: &Path) -> Invocation {
        self.start("uninstall", at, folder).args(names)
    }

    fn start(&self, verb: &str, at: &Path, folder: &Path) -> Invocation {
        let mut invocation = Invocation::new(&self.program)
            .args(["pip", verb, "--python"])
            .arg(venv::python(at))
            .cwd(folder)
            .timeout(LONGEST_INSTALL)
            .silence(self.silence);
        invocation.env.clone_from(&self.env);
        invocation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installer_may_be_silent_for_longer_than_it_waits_for_its_index() {
        assert_eq!(patience(None), LONGEST_SILENCE);
        assert_eq!(patience(Some("15")), LONGEST_SILENCE);
        assert_eq!(patience(Some("600")), Duration::from_secs(1200));
        for odd in ["", "never", "-1", "nan", "1e300"] {
            assert_eq!(patience(Some(odd)), LONGEST_SILENCE, "{odd}");
        }
    }
}
