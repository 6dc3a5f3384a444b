//! A home, a working folder and an environment that the test alone decides, in paths with spaces and umlauts.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::{Index, Snapshot, shared};

/// Longer than anything that the binary does may take on a busy machine with two cores.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// What an installer of this machine needs to reach its package index; nothing else of the environment gets in.
const REACH: &[&str] = &[
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_CERT",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// One test's machine.
pub struct World {
    root: tempfile::TempDir,
    env: BTreeMap<OsString, OsString>,
    path: Vec<PathBuf>,
    marker: String,
}

impl World {
    /// A home with a git identity and a `pip.conf` that names the shared loopback index; PATH holds the tests' Python and
    /// git and the system's folders; uv is not there.
    pub fn new() -> Self {
        let world = Self::online();
        world.pip_conf(&format!("[global]\nindex-url = {}\n", Index::shared().url()));
        world
    }

    /// As [`World::new`], with uv on PATH.
    pub fn with_uv() -> Self {
        let mut world = Self::new();
        world.add_uv();
        world
    }

    /// As [`World::new`], but with the machine's own package index.
    pub fn online() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let root = tempfile::Builder::new().prefix("pk wörld ").tempdir().unwrap();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let marker = format!("pyenvkit-test-{}-{number}", std::process::id());
        let mut world = Self { root, env: BTreeMap::new(), path: Vec::new(), marker };
        for folder in ["home", "work", "tmp", "bin"] {
            fs::create_dir(world.root().join(folder)).unwrap();
        }
        let python = shared::python();
        for name in ["python3".to_owned(), format!("python{}", shared::python_minor())] {
            link(python, &world.bin().join(name));
        }
        // A pip of the same Python, or the system's would be the first.
        for name in ["pip", "pip3"] {
            world.program(name, &format!("#!{}\nfrom pip._internal.cli.main import main\nmain()\n", python.display()));
        }
        link(&shared::git(), &world.bin().join("git"));
        world.path = vec![world.bin(), PathBuf::from("/usr/bin"), PathBuf::from("/bin")];
        for name in REACH {
            if let Some(value) = std::env::var_os(name) {
                world.set(name, value);
            }
        }
        let (home, tmp) = (world.home(), world.root().join("tmp"));
        world.set("HOME", &home);
        world.set("TMPDIR", tmp);
        world.set("XDG_CONFIG_HOME", home.join(".config"));
        world.set("XDG_DATA_HOME", home.join(".local/share"));
        world.set("XDG_STATE_HOME", home.join(".local/state"));
        world.set("XDG_CACHE_HOME", shared::folder("test-cache"));
        world.set("LANG", "C.UTF-8");
        world.set("TERM", "xterm-256color");
        world.set("GIT_CONFIG_NOSYSTEM", "1");
        let marker = world.marker.clone();
        world.set("PYENVKIT_TEST_MARKER", marker);
        world.git_config("user.name", "Ada Lovelace");
        world.git_config("user.email", "ada@example.com");
        world
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// Where commands run and projects are made.
    pub fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// The first folder on PATH.
    pub fn bin(&self) -> PathBuf {
        self.root().join("bin")
    }

    /// Stands in the environment of everything that this world starts.
    pub fn marker(&self) -> &str {
        &self.marker
    }

    pub fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.env.insert(name.as_ref().into(), value.as_ref().into());
        self
    }

    pub fn unset(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.env.remove(name.as_ref());
        self
    }

    /// Put `folder` at the front of PATH.
    pub fn prepend_path(&mut self, folder: impl Into<PathBuf>) -> &mut Self {
        self.path.insert(0, folder.into());
        self
    }

    /// Leave nothing on PATH but these folders.
    pub fn only_path(&mut self, folders: impl IntoIterator<Item = PathBuf>) -> &mut Self {
        self.path = folders.into_iter().collect();
        self
    }

    pub fn add_uv(&mut self) -> &mut Self {
        link(&shared::uv(), &self.bin().join("uv"));
        self
    }

    /// An interpreter cache, pip cache and uv cache of this world's own.
    pub fn own_cache(&mut self) -> &mut Self {
        let cache = self.home().join(".cache");
        self.set("XDG_CACHE_HOME", cache)
    }

    /// Write the user's `pip.conf`.
    pub fn pip_conf(&self, text: &str) {
        self.write("home/.config/pip/pip.conf", text);
    }

    /// Set a value in the user's git configuration.
    pub fn git_config(&self, name: &str, value: &str) {
        let done = self.command(self.bin().join("git")).args(["config", "--global", name, value]).status().unwrap();
        assert!(done.success(), "git config {name}");
    }

    /// Forget the user's git identity; git may not make one up either.
    pub fn no_identity(&self) {
        self.write("home/.gitconfig", "[user]\n\tuseConfigOnly = true\n");
    }

    /// Write a file below the world's root, with its folders.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Write an executable file to the first folder on PATH, in place of what is there.
    pub fn program(&self, name: &str, text: &str) -> PathBuf {
        let path = self.bin().join(name);
        let _ = fs::remove_file(&path);
        self.write(&format!("bin/{name}"), text);
        make_executable(&path);
        path
    }

    /// `program` in this world's environment and working folder.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.env).env("PATH", std::env::join_paths(&self.path).unwrap());
        command.current_dir(self.work()).stdin(Stdio::null());
        command
    }

    /// The binary with `args`.
    pub fn pyenvkit<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_pyenvkit"));
        command.args(args);
        command
    }

    /// Run the binary with the words of `line`; [`World::args`] takes arguments with spaces.
    pub fn run(&self, line: &str) -> Outcome {
        self.args(line.split_whitespace())
    }

    /// Run the binary with `args` to its end.
    pub fn args<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Outcome {
        finish(self.pyenvkit(args))
    }

    /// Run any program of this world to its end.
    pub fn tool<A: AsRef<OsStr>>(&self, program: impl AsRef<OsStr>, args: impl IntoIterator<Item = A>) -> Outcome {
        let mut command = self.command(program);
        command.args(args);
        finish(command)
    }

    /// git in `folder`; what it prints.
    pub fn git<A: AsRef<OsStr>>(&self, folder: &Path, args: impl IntoIterator<Item = A>) -> String {
        let mut command = self.command(self.bin().join("git"));
        command.current_dir(folder).args(args);
        finish(command).ok().stdout.trim_end().to_owned()
    }

    /// Everything below the home, the working and the temporary folder.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.root())
    }
}

/// What a command left: its streams and how it ended.
pub struct Outcome {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Outcome {
    /// It must have ended with `code`.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "another exit code\n{}", self.text());
        self
    }

    /// It must have ended with 0.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.code(0)
    }

    /// stderr must hold `text`.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "stderr has no {text:?}\n{}", self.text());
        self
    }

    /// stdout must hold `text`.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "stdout has no {text:?}\n{}", self.text());
        self
    }

    /// Neither stream may hold `text`.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "{text:?} was printed\n{}", self.text());
        self
    }

    /// stderr must be one `error:` and at most one `hint:`, and no crash.
    #[track_caller]
    pub fn one_error(self) -> Self {
        let lines = |start: &str| self.stderr.lines().filter(|line| line.trim_start().starts_with(start)).count();
        assert_eq!(lines("error:"), 1, "not exactly one error\n{}", self.text());
        assert!(lines("hint:") <= 1, "more than one hint\n{}", self.text());
        self.never_says("panicked at")
    }

    pub fn text(&self) -> String {
        format!("{}\n--- stdout\n{}--- stderr\n{}---", self.status, self.stdout, self.stderr)
    }
}

/// Run `command` to its end. Its streams go to files, so that a child which it leaves behind cannot keep us waiting.
pub fn finish(mut command: Command) -> Outcome {
    let mut stdout = tempfile::tempfile().unwrap();
    let mut stderr = tempfile::tempfile().unwrap();
    command.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let start = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let ended = wait(&mut child, PATIENCE);
    if ended.is_none() {
        let _ = child.kill();
    }
    let took = start.elapsed();
    let status = child.wait().unwrap();
    let outcome = Outcome { status, stdout: text(&mut stdout), stderr: text(&mut stderr), took };
    assert!(ended.is_some(), "{command:?} did not end within {PATIENCE:?}\n{}", outcome.text());
    outcome
}

/// Wait until `child` ends, at most for `patience`.
pub fn wait(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn text(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

pub fn link(target: &Path, at: &Path) {
    let _ = fs::remove_file(at);
    #[cfg(unix)]
    std::os::unix::fs::symlink(target, at).unwrap();
    #[cfg(windows)]
    fs::copy(target, at).map(drop).unwrap();
}

pub fn make_executable(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    #[cfg(windows)]
    let _ = path;
}
