//! Programs that misbehave in known ways.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::world::make_executable;
use super::{World, shared};

/// An interpreter that dies at once.
pub const CRASHES: &str = "#!/bin/sh\nkill -SEGV $$\n";
/// One that never ends.
pub const HANGS: &str = "#!/bin/sh\nexec sleep 3600\n";
/// One that answers everything with noise.
pub const PRINTS_GARBAGE: &str = "#!/bin/sh\nprintf 'hello \\377\\376 {\"version\": 3\\n'\n";
/// A pyenv shim of a version that is not selected.
pub const BROKEN_SHIM: &str = "#!/bin/sh\necho \"pyenv: $0: command not found\" >&2\nexit 127\n";

impl World {
    /// A Python that says it is `version` and can do nothing else; for versions that nobody has any more.
    pub fn old_python(&self, name: &str, version: (u8, u8)) {
        let real = shared::python().display();
        let (major, minor) = version;
        self.program(
            name,
            &format!(
                "#!/bin/sh\nexec '{real}' -c '\nimport sys\n\
                 sys.version_info = ({major}, {minor}, 0, \"final\", 0)\n\
                 import platform\nplatform.python_version = lambda: \"{major}.{minor}.0\"\n\
                 words = sys.argv[1:]\ncode = words[words.index(\"-c\") + 1] if \"-c\" in words else \"\"\n\
                 sys.argv = [\"-c\"]\nexec(code)\n' \"$@\"\n"
            ),
        );
    }

    /// Another installation of the tests' Python, of links and a copy of its program, with a pip; its library is returned.
    #[cfg(unix)]
    pub fn installation(&self) -> PathBuf {
        let minor = shared::python_minor();
        let real = shared::python();
        let old = real.parent().unwrap().parent().unwrap().join(format!("lib/python{minor}"));
        let library = self.root().join(format!("opt/lib/python{minor}"));
        fs::create_dir_all(&library).unwrap();
        for entry in fs::read_dir(old).unwrap().flatten() {
            symlink(entry.path(), library.join(entry.file_name())).unwrap();
        }
        let bin = self.opt();
        fs::create_dir_all(&bin).unwrap();
        let program = bin.join(format!("python{minor}"));
        fs::copy(real, &program).unwrap();
        symlink(&program, bin.join("python3")).unwrap();
        for pip in ["pip", "pip3"] {
            // A path with a blank stands in the second line.
            let text = format!("#!/bin/sh\n'''exec' \"{}\" \"$0\" \"$@\"\n' '''\n", program.display());
            fs::write(bin.join(pip), text).unwrap();
            make_executable(&bin.join(pip));
        }
        library
    }

    /// The programs of that installation.
    pub fn opt(&self) -> PathBuf {
        self.root().join("opt/bin")
    }

    /// git as it was at 2.17: without the options and variables that came later.
    pub fn old_git(&self) {
        let real = shared::git();
        self.program(
            "git",
            &format!(
                "#!/bin/sh\n\
                 unset GIT_CONFIG_COUNT GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_DEFAULT_HASH\n\
                 for word in \"$@\"; do\n\
                 case $word in\n\
                 --version|version) echo 'git version 2.17.1'; exit 0;;\n\
                 -b) case \" $* \" in *' init '*) echo 'error: unknown switch `b'\"'\"'' >&2; exit 129;; esac;;\n\
                 --initial-branch*|--show-scope|--pathspec-from-file*|--path-format*|--show-object-format*|--no-advice|--config-env*|--object-format*|--fixed-value|--trailer*)\n\
                 echo \"error: unknown option $word\" >&2; exit 129;;\n\
                 switch|restore|maintenance|sparse-checkout) echo \"git: '$word' is not a git command.\" >&2; exit 1;;\n\
                 esac\n\
                 done\n\
                 exec '{}' -c init.defaultBranch=master \"$@\"\n",
                real.display()
            ),
        );
    }
}
