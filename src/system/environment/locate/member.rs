//! Whether a project is installed in an environment so that its own files run there.

use std::fs;
use std::path::Path;

use crate::system::environment::editable::file_url;
use crate::system::environment::{installed, venv};
use crate::system::regular;

/// Whether `project` is installed editable in `venv`: as its metadata say (PEP 610), or by a `.pth` file or `.egg-link`
/// that names its folder or the `src` in it.
pub(super) fn is_installed_in(project: &Path, venv: &Path) -> bool {
    let Some(site) = venv::site_packages(venv, None) else { return false };
    let Ok(entries) = fs::read_dir(site) else { return false };
    let url = file_url(project);
    let source = project.join("src");
    entries.flatten().map(|entry| entry.path()).any(|path| {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("dist-info") => installed::origin(&path).is_some_and(|origin| origin.is_editable_of(&url)),
            Some("pth" | "egg-link") => regular::utf8(&path).is_some_and(|text| {
                text.lines().map(|line| Path::new(line.trim())).any(|line| line == project || line == source)
            }),
            _ => false,
        }
    })
}
