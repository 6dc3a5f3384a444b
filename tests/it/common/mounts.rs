//! Small file systems of one test's own.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted file system; unmounted when dropped.
pub struct Mount(PathBuf);

impl Mount {
    /// A file system in memory at `folder` with mount options such as `size=8m`. None where this user may not mount,
    /// which the test must then say.
    pub fn memory(folder: &Path, options: &str) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder);
        let done = command.output().is_ok_and(|output| output.status.success());
        if !done {
            eprintln!("not tested: mounting {} is not allowed here", folder.display());
        }
        done.then(|| Self(folder.to_path_buf()))
    }

    /// From now on nothing can be written.
    pub fn make_read_only(&self) {
        super::shared::run(Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0));
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
