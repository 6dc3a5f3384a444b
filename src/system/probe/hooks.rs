//! Git's settings of a repository, its hooks and what they run.

use std::path::Path;

use super::{Subject, git};
use crate::domain::facts::{HookFile, Hooks, Runner, Text};
use crate::domain::git_config::Config;
use crate::domain::hook_file::{self, Author, HOOK_TYPES};
use crate::domain::hooks::CONFIG;
use crate::domain::tree::Root;
use crate::system::environment::venv;
use crate::system::regular;

/// The settings and the hooks; the latter are `None` outside of a repository.
pub fn probe(subject: &Subject) -> (Result<Config, String>, Result<Option<Hooks>, String>) {
    let settings = git().and_then(|git| {
        let config = git.config(subject.repository.as_ref()).map_err(|error| format!("{error:#}"))?;
        Ok((git, config))
    });
    let (git, config) = match settings {
        Ok(both) => both,
        Err(why) => return (Err(why.clone()), if subject.repository.is_none() { Ok(None) } else { Err(why) }),
    };
    let Some(repository) = &subject.repository else { return (Ok(config), Ok(None)) };
    let (folder, configured) = repository.hooks(&config, git.environment());
    let hooks = configuration(&repository.top).map(|configuration| {
        let files = HOOK_TYPES.iter().filter_map(|name| file(&folder, name)).collect();
        Some(Hooks { folder, configured: configured.cloned(), configuration, files })
    });
    (Ok(config), hooks)
}

fn configuration(top: &Path) -> Result<Option<Text>, String> {
    let place = super::texts::place(Root::Repository, CONFIG)?;
    regular::text(&top.join(CONFIG), place).map_err(|why| format!("cannot read {CONFIG}: {why}"))
}

fn file(folder: &Path, name: &str) -> Option<HookFile> {
    let path = folder.join(name);
    let bytes = regular::bytes(&path).ok()??;
    let content = String::from_utf8_lossy(&bytes);
    let author = hook_file::author(&content);
    let program = match &author {
        Author::PreCommit { python, .. } => python.clone(),
        Author::Prek { program } => program.clone(),
        Author::Other => None,
    };
    let runner = program.map(|program| {
        let path = Path::new(&program).to_owned();
        let has_module = matches!(author, Author::PreCommit { .. }).then(|| has_pre_commit(&path)).flatten();
        Runner { alive: venv::is_executable(&path), path, has_module }
    });
    Some(HookFile {
        name: name.to_owned(),
        executable: venv::is_executable(&path),
        carriage_return: content.lines().next().is_some() && content.split('\n').next()?.ends_with('\r'),
        calls_runner: author != Author::Other || hook_file::calls_runner(&content) || through_parent(folder, name),
        author,
        runner,
        path,
    })
}

/// Husky keeps stubs in `.husky/_`, which call the hooks above.
fn through_parent(folder: &Path, name: &str) -> bool {
    let above = folder.parent().filter(|_| folder.file_name().is_some_and(|name| name == "_"));
    let content = above.and_then(|above| regular::bytes(&above.join(name)).ok().flatten());
    content.is_some_and(|bytes| hook_file::calls_runner(&String::from_utf8_lossy(&bytes)))
}

/// Whether the module is in the environment of `python`; `None` where it could be somewhere else too.
fn has_pre_commit(python: &Path) -> Option<bool> {
    let environment = python.parent()?.parent()?;
    let library = environment.join(if cfg!(windows) { "Lib" } else { "lib" });
    let versions = regular::names(&library).unwrap_or_default();
    let folders = versions.iter().map(|(name, _)| library.join(name)).chain([library.clone()]);
    let found = folders
        .flat_map(|folder| ["site-packages", "dist-packages"].map(|name| folder.join(name)))
        .any(|site| site.join("pre_commit").is_dir());
    let config = regular::bytes(&environment.join("pyvenv.cfg")).ok().flatten();
    let alone = config.is_some_and(|config| !super::environment::sees_others(&String::from_utf8_lossy(&config)));
    (found || alone).then_some(found)
}
