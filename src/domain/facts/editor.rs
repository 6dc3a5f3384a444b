//! A Python that the settings of an editor name.

use std::ops::Range;
use std::path::PathBuf;

use super::Text;

/// An interpreter, or the folder of an environment, in an editor's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditorPython {
    /// The settings.
    pub text: Text,
    /// Where in them it stands.
    pub span: Range<usize>,
    /// As it is written: `${workspaceFolder}/.venv/bin/python`.
    pub written: String,
    /// What that comes to.
    pub path: PathBuf,
    pub exists: bool,
    /// The folder that the editor calls the workspace's, as its settings write it; `None` where they have no word for it.
    pub workspace: Option<&'static str>,
}
