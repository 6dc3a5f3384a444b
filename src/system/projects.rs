//! Finds the projects below a folder: what git ignores, environments and the folders of tools are not entered.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::git::{Environment, Repository};
use super::project::MARKERS;
use super::{interrupt, regular};
use crate::domain::facts::EntryKind;

/// Folders that hold what others wrote, whether or not git ignores them.
const FOREIGN: &[&str] = &["__pycache__", "node_modules", "site-packages"];

/// Deeper than this nobody keeps projects, and a tree that never ends is left.
const DEPTH: usize = 64;

/// The folders of projects in `root` and below it, links resolved, in the order of their paths: also the projects within
/// projects, such as the members of a workspace. Links are not followed, and hidden folders are not entered.
///
/// # Errors
/// `root` is no folder, or somebody interrupted.
pub fn below(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let root = fs_err::canonicalize(root)?;
    fs_err::read_dir(&root)?;
    let mut found = Vec::new();
    enter(&root, &above(&root), 0, &mut found)?;
    Ok(found)
}

/// The rules of one folder's `.gitignore`, and of the folders above it.
#[derive(Clone, Default)]
struct Rules {
    /// From the top of the repository downwards.
    levels: Vec<Arc<Gitignore>>,
}

impl Rules {
    /// Those of the repository that begins at `top`.
    fn of_repository(top: &Path) -> Self {
        let exclude = Repository::at(top).map(|repository| repository.common_dir.join("info/exclude"));
        Self::default().and(top, exclude.as_deref())
    }

    /// These and what `file` says of the paths below `folder`.
    fn and(mut self, folder: &Path, file: Option<&Path>) -> Self {
        let text = file.and_then(|file| regular::bytes(file).ok().flatten());
        let Some(text) = text else { return self };
        let mut builder = GitignoreBuilder::new(folder);
        for line in String::from_utf8_lossy(&text).trim_start_matches('\u{feff}').lines() {
            // A line that is no pattern rules nothing, for git neither.
            let _ = builder.add_line(None, line);
        }
        self.levels.extend(builder.build().ok().map(Arc::new));
        self
    }

    /// Whether git ignores the folder at `path`: the nearest rule decides.
    fn ignore(&self, path: &Path) -> bool {
        let verdicts = self.levels.iter().rev().map(|level| level.matched(path, true));
        let mut decided = verdicts.filter(|verdict| !verdict.is_none());
        matches!(decided.next(), Some(Match::Ignore(_)))
    }
}

/// The rules that come from above `root`, where it lies in a repository.
fn above(root: &Path) -> Rules {
    let Some(repository) = Repository::enclosing(root, &Environment::default()) else { return Rules::default() };
    if repository.top == root {
        return Rules::default();
    }
    let mut folders: Vec<&Path> =
        root.ancestors().skip(1).take_while(|folder| folder.starts_with(&repository.top)).collect();
    folders.reverse();
    let rules = Rules::of_repository(&repository.top);
    folders.into_iter().fold(rules, |rules, folder| rules.and(folder, Some(&folder.join(".gitignore"))))
}

/// Collect the projects in `folder` and below it.
fn enter(folder: &Path, rules: &Rules, depth: usize, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    interrupt::check()?;
    // What may not be listed has nothing that anybody could examine.
    let mut names = regular::names(folder).unwrap_or_default();
    let has = |wanted: &str| names.iter().any(|(name, _)| name == wanted);
    if depth > 0 && (has("pyvenv.cfg") || has("conda-meta")) {
        return Ok(());
    }
    let rules = if has(".git") { Rules::of_repository(folder) } else { rules.clone() };
    let rules = if has(".gitignore") { rules.and(folder, Some(&folder.join(".gitignore"))) } else { rules };
    if MARKERS.iter().any(|marker| has(marker) && folder.join(marker).is_file()) {
        found.push(folder.to_owned());
    }
    names.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, kind) in names {
        let path = folder.join(&name);
        let foreign = name.starts_with('.') || FOREIGN.contains(&name.as_str());
        if kind == EntryKind::Folder && !foreign && depth < DEPTH && !rules.ignore(&path) {
            enter(&path, &rules, depth + 1, found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may crash")]

    use std::fs;
    use std::path::Path;

    use super::*;

    fn write(root: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn found(root: &Path) -> Vec<String> {
        let top = root.canonicalize().unwrap();
        let name = |path: PathBuf| path.strip_prefix(&top).unwrap().to_str().unwrap().to_owned();
        below(root).unwrap().into_iter().map(name).collect()
    }

    fn repository(folder: &Path) {
        write(folder, &[(".git/HEAD", "ref: refs/heads/main\n"), (".git/info/exclude", "private/\n")]);
        for name in ["objects", "refs"] {
            fs::create_dir_all(folder.join(".git").join(name)).unwrap();
        }
    }

    #[test]
    fn projects_and_their_members_are_found_and_what_is_foreign_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(
            root,
            &[
                ("pyproject.toml", ""),
                ("packages/b/pyproject.toml", ""),
                ("packages/a/setup.py", ""),
                ("old/setup.cfg", ""),
                ("env/pyvenv.cfg", ""),
                ("env/lib/x/pyproject.toml", ""),
                (".venv/src/x/pyproject.toml", ""),
                ("web/node_modules/x/setup.py", ""),
                ("none/README.md", ""),
            ],
        );
        assert_eq!(found(root), ["", "old", "packages/a", "packages/b"]);
    }

    #[test]
    fn what_git_ignores_is_not_entered() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        repository(root);
        write(
            root,
            &[
                (".gitignore", "/scratch/\n*.bak\n!keep.bak\n"),
                ("scratch/a/pyproject.toml", ""),
                ("sub/scratch/pyproject.toml", ""),
                ("one.bak/pyproject.toml", ""),
                ("keep.bak/pyproject.toml", ""),
                ("private/pyproject.toml", ""),
                ("sub/.gitignore", "inner\n"),
                ("sub/inner/pyproject.toml", ""),
                ("inner/pyproject.toml", ""),
                ("nested/private/pyproject.toml", ""),
            ],
        );
        assert_eq!(found(root), ["inner", "keep.bak", "sub/scratch"]);
        // The rules of a repository are not those of one that lies in it.
        write(root, &[("nested/.git/HEAD", "ref: refs/heads/main\n")]);
        assert_eq!(found(root), ["inner", "keep.bak", "nested/private", "sub/scratch"]);
        // The rules from above hold where the walk begins below; a folder that was named is entered.
        assert_eq!(found(&root.join("sub")), ["scratch"]);
        assert_eq!(found(&root.join("scratch")), ["a"]);
    }

    #[test]
    #[cfg(unix)]
    fn links_and_what_is_no_text_lead_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, &[("a/pyproject.toml", "")]);
        std::os::unix::fs::symlink(root, root.join("a/loop")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, root.join(".gitignore"), rustix::fs::FileType::Fifo, 0o600.into(), 0)
            .unwrap();
        assert_eq!(found(root), ["a"]);
        assert!(below(&root.join("gone")).is_err());
        assert!(below(&root.join("a/pyproject.toml")).is_err());
    }
}
