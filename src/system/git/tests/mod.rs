//! Against every git on PATH, in a home of their own.

mod commits;
mod hooks;
mod repositories;
mod settings;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::domain::git_config::Identity;

const IDENTITY: &str = "[user]\n\tname = Jörg Ünal\n\temail = j@example.com\n";

/// A home and a place for projects that nobody else knows.
struct Bed {
    folder: tempfile::TempDir,
    environment: Environment,
}

impl Bed {
    /// With this text as `~/.gitconfig`.
    fn new(global: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("git täst ").tempdir().unwrap();
        let home = folder.path().join("home");
        fs_err::create_dir(&home).unwrap();
        fs_err::write(home.join(".gitconfig"), global).unwrap();
        let mut environment = Environment::default();
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("GIT_") || text.starts_with("XDG_") || text == "EMAIL" || text.starts_with("SSH_") {
                environment.overrides.insert(name, None);
            }
        }
        environment.overrides.insert("HOME".into(), Some(home.into()));
        environment.overrides.insert("GIT_CONFIG_NOSYSTEM".into(), Some("1".into()));
        Self { folder, environment }
    }

    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.environment.overrides.insert(name.into(), Some(value.into()));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        path
    }

    fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.write(name, text);
        make_executable(&path);
        path
    }

    /// Git under test, from PATH.
    fn git(&self) -> Git {
        Git::at(which::which("git").unwrap(), self.environment.clone())
    }

    /// What a user's own git says in `folder`.
    fn ask(&self, folder: &Path, args: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(args).current_dir(folder);
        for (name, value) in &self.environment.overrides {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        for name in STRAY {
            command.env_remove(name);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A repository at `name` without commits.
    fn repository(&self, name: &str) -> Repository {
        let path = self.path(name);
        fs_err::create_dir_all(&path).unwrap();
        self.ask(&path, &["init", "-q"]);
        Repository::at(&path).unwrap()
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn make_executable(_: &Path) {}

/// The gits of this machine, and one that behaves as 2.17 did where we could notice.
fn gits(bed: &Bed) -> Vec<Git> {
    let mut programs: Vec<PathBuf> = which::which_all("git").unwrap().collect();
    programs.dedup();
    if cfg!(unix) {
        let old = "#!/bin/bash\nargs=()\nfor arg in \"$@\"; do\n  case \"$arg\" in\n    --version) echo git version 2.17.1; exit ;;\n    \
                   --show-scope|--initial-branch*|--pathspec-from-file*) echo usage >&2; exit 129 ;;\n    \
                   init.defaultBranch=*) arg=init.defaultBranch=master ;;\n  esac\n  args+=(\"$arg\")\ndone\nexec git \"${args[@]}\"\n";
        programs.push(bed.script("old/git", old));
    }
    programs.into_iter().map(|program| Git::at(program, bed.environment.clone())).collect()
}

#[test]
fn versions_of_all_vendors_are_read() {
    for (text, version) in [
        ("git version 2.47.3\n", Some((2, 47, 3))),
        ("git version 2.39.3 (Apple Git-146)\n", Some((2, 39, 3))),
        ("git version 2.47.0.windows.2\n", Some((2, 47, 0))),
        ("git version 2.18.GIT\n", Some((2, 18, 0))),
        ("git version 2.17\n", Some((2, 17, 0))),
        ("hub version 1\n", None),
    ] {
        assert_eq!(parse_version(text), version, "{text}");
    }
}
