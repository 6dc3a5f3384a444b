//! Which Python the settings of editors name.

use std::ops::Range;

use super::edit::json;

/// A path in the settings of an editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// As it is written, without quotes; of several settings that make one path together, that path.
    pub written: String,
    /// Where in the text it stands, without quotes.
    pub span: Range<usize>,
    /// The word of the editor for the folder that it works in.
    pub workspace: Option<&'static str>,
}

const WORKSPACE: &str = "${workspaceFolder}";

/// Keys, wherever they stand, whose value is an interpreter or an environment.
const KEYS: &[&str] = &["python.defaultInterpreterPath", "python.pythonPath", "pythonPath", "python_interpreter"];

/// The Pythons that the settings in the file `name` speak of; none where the file is not what its name says.
#[must_use]
pub fn pythons(name: &str, text: &str) -> Vec<Named> {
    let file = name.rsplit('/').next().unwrap_or(name);
    match (file, file.rsplit('.').next()) {
        (_, Some("xml")) => of_xml(text).into_iter().collect(),
        ("pyrightconfig.json", _) => environment(text).into_iter().collect(),
        (_, end) => {
            let texts = json::texts(text).unwrap_or_default();
            let is_launch = file == "launch.json";
            let speaks = |key: &String| KEYS.contains(&key.as_str()) || is_launch && key == "python";
            let named = texts.into_iter().filter(|it| it.path.last().is_some_and(speaks));
            // Two editors share the word; the others have paths from the folder.
            let workspace = (end != Some("sublime-project")).then_some(WORKSPACE);
            named.map(|it| Named { written: it.value, span: inner(&it.span), workspace }).collect()
        }
    }
}

/// `venv` in `venvPath`.
fn environment(text: &str) -> Option<Named> {
    let texts = json::texts(text).ok()?;
    let of = |name: &str| texts.iter().find(|it| it.path.as_slice() == [name]);
    let (folder, venv) = (of("venvPath")?, of("venv")?);
    let written = format!("{}/{}", folder.value.trim_end_matches('/'), venv.value);
    Some(Named { written, span: inner(&venv.span), workspace: None })
}

/// The name of the project's interpreter where that is its path.
fn of_xml(text: &str) -> Option<Named> {
    let key = "project-jdk-name=\"";
    let start = text.find(key)? + key.len();
    let length = text[start..].find('"')?;
    let name = &text[start..start + length];
    // Names are free: `Python 3.12 (demo)`; only a path that looks like one is one.
    let is_path = name.starts_with(['/', '~', '$']) && name.contains("/bin/python");
    is_path.then(|| Named { written: name.to_owned(), span: start..start + length, workspace: None })
}

fn inner(quoted: &Range<usize>) -> Range<usize> {
    quoted.start + 1..quoted.end - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_several_editors_are_read() {
        let shown = |name: &str, text: &str| {
            let found = pythons(name, text);
            found.into_iter().map(|it| (text[it.span].to_owned(), it.written)).collect::<Vec<_>>()
        };
        let one = |text: &str| (text.to_owned(), text.to_owned());
        let code = "{\n  // mine\n  \"python.defaultInterpreterPath\": \"x/y\",\n  \"other\": \"z\",\n}\n";
        assert_eq!(shown(".vscode/settings.json", code), [one("x/y")]);
        let launch = "{ \"configurations\": [{ \"type\": \"debugpy\", \"python\": \"a/b\" }] }";
        assert_eq!(shown(".vscode/launch.json", launch), [one("a/b")]);
        assert_eq!(shown(".vscode/settings.json", launch), []);
        let types = "{ \"venvPath\": \"./\", \"venv\": \".venv\" }";
        assert_eq!(shown("pyrightconfig.json", types), [(".venv".to_owned(), "./.venv".to_owned())]);
        let idea = "<component project-jdk-name=\"~/x/.venv/bin/python\" />";
        assert_eq!(shown(".idea/misc.xml", idea), [one("~/x/.venv/bin/python")]);
        assert_eq!(shown(".idea/misc.xml", "<c project-jdk-name=\"Python 3.12 (demo)\" />"), []);
        assert_eq!(shown(".vscode/settings.json", "{"), []);
    }
}
