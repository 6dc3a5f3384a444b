//! The Pythons that the settings of editors name, and whether they are there.

use std::path::{Path, PathBuf};

use super::texts::{expanded, read_all};
use crate::domain::editor_settings::{self, Named};
use crate::domain::facts::{EditorPython, Project, Text};
use crate::domain::tree::Root;

const SETTINGS: &[&str] =
    &[".vscode/settings.json", ".vscode/launch.json", ".zed/settings.json", ".idea/misc.xml", "pyrightconfig.json"];

/// What every editor's settings in the project's and the repository's folder name.
pub fn probe(project: &Project) -> Vec<EditorPython> {
    let listed = |name: &&String| name.ends_with(".code-workspace") || name.ends_with(".sublime-project");
    let fixed = || SETTINGS.iter().map(|name| (*name).to_owned());
    let mut texts = read_all(project, Root::Repository, fixed());
    texts.extend(read_all(project, Root::Project, fixed().chain(project.entries.keys().filter(listed).cloned())));
    let texts = texts.into_values().flatten();
    texts.flat_map(|text| pythons(project, &text)).collect()
}

fn pythons(project: &Project, text: &Text) -> Vec<EditorPython> {
    let top = project.repository.as_ref().filter(|_| text.place.root == Root::Repository).map(|it| &it.top);
    let folder = top.unwrap_or(&project.folder);
    let found = editor_settings::pythons(text.place.path.as_str(), &text.content).into_iter();
    let told = found.filter_map(|named| {
        let path = resolved(&named, folder)?;
        let exists = path.exists();
        let Named { written, span, workspace } = named;
        Some(EditorPython { text: text.clone(), span, written, exists, path, workspace })
    });
    told.collect()
}

/// What a path in settings comes to; `None` for a command that is looked up on PATH, for what only the editor can fill in,
/// and for a path of another system.
fn resolved(named: &Named, folder: &Path) -> Option<PathBuf> {
    let home = etcetera::home_dir().ok()?;
    let mut path = named.written.clone();
    for word in ["${workspaceFolder}", "${workspaceRoot}", "$PROJECT_DIR$", "$project_path", "${project_path}"] {
        path = path.replace(word, folder.to_str()?);
    }
    path = path.replace("${userHome}", home.to_str()?).replace("$USER_HOME$", home.to_str()?);
    let elsewhere = cfg!(unix) && (path.contains('\\') || path.get(1..2) == Some(":"));
    if path.contains('$') || elsewhere || !path.contains(['/', '\\']) && !path.starts_with('.') {
        return None;
    }
    Some(folder.join(expanded(&path)))
}
