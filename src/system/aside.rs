//! Moves what is to be replaced out of the way, and back if nothing came to replace it. Nothing is removed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{disk, files};

/// What was set aside.
#[derive(Debug)]
pub struct Aside {
    from: PathBuf,
    /// Where it is now.
    pub to: PathBuf,
}

/// Move `path` to the backups of the project at `project`, in `.pyenvkit/local/backup`, which git ignores.
///
/// # Errors
/// Nothing stands at `path`, it is not in the project, or it cannot be moved.
pub fn set_aside(project: &Path, path: &Path) -> Result<Aside> {
    let inner = path.strip_prefix(project).with_context(|| format!("{} is not in the project", path.display()))?;
    if files::look(path)?.is_none() {
        bail!("{} is not there any more", path.display());
    }
    let local = disk::local_state(project);
    disk::make_local(&local)?;
    let folder = local.join("backup");
    fs_err::create_dir_all(&folder)?;
    let name = inner.to_string_lossy().trim_start_matches('.').replace(['/', '\\'], "-");
    for number in 1_u32.. {
        let to = folder.join(format!("{name}.{number}"));
        if files::look(&to)?.is_none() {
            files::rename_new(path, &to).with_context(|| format!("cannot set {} aside", path.display()))?;
            return Ok(Aside { from: path.to_owned(), to });
        }
    }
    bail!("there are too many backups in {}", folder.display())
}

impl Aside {
    /// Move it back. What was made in its place meanwhile is removed: it did not get finished.
    ///
    /// # Errors
    /// It cannot be moved.
    pub fn bring_back(&self) -> Result<()> {
        if files::look(&self.from)?.is_some() {
            files::remove_all(&self.from)?;
        }
        files::rename_new(&self.to, &self.from)
            .with_context(|| format!("cannot move {} back to {}", self.to.display(), self.from.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_aside_is_numbered_ignored_and_comes_back() {
        let project = tempfile::tempdir().unwrap();
        let venv = project.path().join(".venv");
        for number in 1..3 {
            fs_err::create_dir(&venv).unwrap();
            fs_err::write(venv.join("mark"), number.to_string()).unwrap();
            let aside = set_aside(project.path(), &venv).unwrap();
            assert!(!venv.exists() && aside.to.ends_with(format!("venv.{number}")), "{}", aside.to.display());
        }
        assert!(project.path().join(".pyenvkit/local/.gitignore").is_file());
        fs_err::create_dir(&venv).unwrap();
        let aside = set_aside(project.path(), &venv).unwrap();
        fs_err::create_dir(&venv).unwrap();
        fs_err::write(venv.join("half"), "").unwrap();
        aside.bring_back().unwrap();
        assert!(venv.is_dir() && !venv.join("half").exists());
        assert!(set_aside(project.path(), &project.path().join("nothing")).is_err());
        assert!(set_aside(project.path(), Path::new("/")).is_err());
    }
}
