//! A manifest's settings, written as TOML, cut into pieces for the home that they go to: TOML as it is, INI or YAML.

use anyhow::{Context as _, Result, bail};
use toml_edit::{Document, Item as TomlItem};

use super::catalog::Home;
use super::declared;
use super::edit::splice::Source;
use super::edit::{self, EditError};
use super::piece::Locator;
use super::tree::{Place, RelPath, Tree};

/// The file of a home.
///
/// # Errors
/// Its path is not one of a project.
pub fn place(home: &Home) -> Result<Place> {
    Ok(Place { root: home.root.root(), path: RelPath::new(home.file.clone())? })
}

/// Whether the home's table or section stands in its file. A file that does not parse has none: whoever edits it says so.
///
/// # Errors
/// The file cannot be read.
pub fn has_table(home: &Home, tree: &mut Tree<'_>) -> Result<bool> {
    let place = place(home)?;
    if is_toml(home) {
        let path: Vec<&str> = home.table.split('.').filter(|part| !part.is_empty()).collect();
        return Ok(tree
            .toml(&place)?
            .is_some_and(|document| path.is_empty() || declared::at(&document, &path).is_some()));
    }
    let header = format!("[{}]", home.table);
    let section_prefix = format!("[{}{}", home.table, home.separator);
    Ok(tree.text(&place)?.is_some_and(|text| {
        text.lines().any(|line| {
            let line = line.trim_end();
            line == header || (home.separator != "." && line.starts_with(&section_prefix))
        })
    }))
}

/// What is wrong with the home's file, and its text; `None` where it is what its name says, or is not there.
///
/// # Errors
/// It cannot be read.
pub fn check(home: &Home, tree: &mut Tree<'_>) -> Result<Option<(String, EditError)>> {
    let place = place(home)?;
    let Some(text) = tree.text(&place)? else { return Ok(None) };
    let checked = match Format::of_home(home) {
        // The tree parses it once; what that lets pass is left to look for.
        Format::Toml if tree.toml(&place)?.is_some() => edit::toml::refuse_newer_syntax(Source::new(&text).text()),
        Format::Toml => edit::toml::find(&text, &[]).map(drop),
        Format::Yaml => edit::yaml::standing_hooks(&text).map(drop),
        Format::Ini => edit::ini::values(&text).map(drop),
    };
    Ok(checked.err().map(|error| (text, error)))
}

/// Whether a piece of the home's file stands in the home's table or below it.
#[must_use]
pub fn is_below(home: &Home, at: &Locator) -> bool {
    match at {
        Locator::TomlKey { table, .. } => {
            let own: Vec<&str> = home.table.split('.').filter(|part| !part.is_empty()).collect();
            own.iter().zip(table).all(|(own, part)| own == part) && own.len() <= table.len()
        }
        Locator::IniKey { section, .. } => {
            *section == home.table
                || home.separator != "." && section.starts_with(&format!("{}{}", home.table, home.separator))
        }
        Locator::YamlKey { .. } => true,
        _ => false,
    }
}

/// The value of a key, dotted below the home's table; in INI a string.
///
/// # Errors
/// The file cannot be read.
pub fn value(home: &Home, key: &str, tree: &mut Tree<'_>) -> Result<Option<toml::Value>> {
    let place = place(home)?;
    if is_toml(home) {
        let path: Vec<&str> = home.table.split('.').chain(key.split('.')).filter(|part| !part.is_empty()).collect();
        return Ok(tree.toml(&place)?.and_then(|document| declared::at(&document, &path).cloned()));
    }
    let (sub_table, key) = key.rsplit_once('.').unwrap_or(("", key));
    let section = section(home, sub_table);
    let Some(text) = tree.text(&place)? else { return Ok(None) };
    let values = edit::ini::values(&text).unwrap_or_default();
    let found = values.into_iter().find(|(at, name, _)| *at == section && name.eq_ignore_ascii_case(key));
    Ok(found.map(|(_, _, value)| value.into()))
}

/// The section of an INI home that a sub-table is written as.
fn section(home: &Home, sub_table: &str) -> String {
    if sub_table.is_empty() {
        home.table.clone()
    } else if home.table.is_empty() {
        sub_table.to_owned()
    } else {
        format!("{}{}{sub_table}", home.table, home.separator)
    }
}

fn is_toml(home: &Home) -> bool {
    Format::of_home(home) == Format::Toml
}

#[derive(PartialEq, Eq)]
enum Format {
    Toml,
    Ini,
    Yaml,
}

impl Format {
    fn of_home(home: &Home) -> Self {
        match std::path::Path::new(&home.file).extension().and_then(|extension| extension.to_str()) {
            Some("toml") => Self::Toml,
            Some("yaml" | "yml") => Self::Yaml,
            _ => Self::Ini,
        }
    }
}

/// The pieces of `text` (keys as TOML, with their comments) below `sub_table` of the home's table.
///
/// # Errors
/// The text is not TOML, or has a value that INI cannot express.
pub fn pieces(home: &Home, sub_table: &str, text: &str) -> Result<Vec<(Locator, String)>> {
    let document = Document::parse(text).context("settings")?;
    let mut pieces = Vec::new();
    let mut from = 0;
    for (key, item) in document.as_table() {
        let end = line_end(text, item.span().context("a setting without a span")?.end);
        let own = text[from..end].trim_matches('\n');
        from = end;
        pieces.push(match Format::of_home(home) {
            Format::Toml => {
                let table = format!("{}.{sub_table}", home.table);
                let table = table.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
                (Locator::TomlKey { table, key: key.to_owned() }, own.to_owned())
            }
            Format::Ini => {
                let section = section(home, sub_table);
                (Locator::IniKey { section, key: key.to_owned() }, ini_text(key, item, own)?)
            }
            Format::Yaml => (Locator::YamlKey { key: key.to_owned() }, yaml_text(key, item, own)?),
        });
    }
    Ok(pieces)
}

/// The offset behind the line that `at` lies in.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}

/// The comments on the lines before a key.
fn comments(toml: &str) -> Vec<String> {
    toml.lines().take_while(|line| line.trim_start().starts_with('#')).map(|line| line.trim().to_owned()).collect()
}

/// `key: value`, a list in flow style, strings in double quotes.
fn yaml_text(key: &str, item: &TomlItem, toml: &str) -> Result<String> {
    let value = item.as_value().with_context(|| format!("{key} is a table"))?;
    let flow = match value {
        toml_edit::Value::Array(array) => {
            let items: Vec<String> = array.iter().map(|item| yaml_scalar(key, item)).collect::<Result<_>>()?;
            format!("[{}]", items.join(", "))
        }
        other => yaml_scalar(key, other)?,
    };
    let mut lines = comments(toml);
    lines.push(format!("{key}: {flow}"));
    Ok(lines.join("\n"))
}

/// A string of YAML in double quotes is one of JSON; the other scalars are the same in both.
fn yaml_scalar(key: &str, value: &toml_edit::Value) -> Result<String> {
    match value {
        toml_edit::Value::String(text) => Ok(serde_json::Value::from(text.value().as_str()).to_string()),
        other => scalar(key, other),
    }
}

fn ini_text(key: &str, item: &TomlItem, toml: &str) -> Result<String> {
    let mut lines = comments(toml);
    let value = item.as_value().with_context(|| format!("{key} is a table"))?;
    match value {
        toml_edit::Value::Array(array) => {
            lines.push(format!("{key} ="));
            for item in array {
                lines.push(format!("    {}", scalar(key, item)?));
            }
        }
        other => lines.push(format!("{key} = {}", scalar(key, other)?)),
    }
    Ok(lines.join("\n"))
}

fn scalar(key: &str, value: &toml_edit::Value) -> Result<String> {
    Ok(match value {
        toml_edit::Value::String(text) => text.value().clone(),
        toml_edit::Value::Integer(number) => number.value().to_string(),
        toml_edit::Value::Float(number) => number.value().to_string(),
        toml_edit::Value::Boolean(on) => on.value().to_string(),
        _ => bail!("{key} has a value that only TOML can hold"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tree::Nothing;

    fn home(file: &str, table: &str, separator: &str) -> Home {
        let text = format!("file = {file:?}\ntable = {table:?}\nseparator = {separator:?}\n");
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn settings_are_cut_into_keys_with_their_comments() {
        let text = "# why\nfiles = [\"src\"] # here\nstrict = true\n";
        let pieces = pieces(&home("pyproject.toml", "tool.mypy", "."), "", text).unwrap();
        assert_eq!(pieces[0].1, "# why\nfiles = [\"src\"] # here");
        assert_eq!(pieces[1].1, "strict = true");
        assert_eq!(pieces[1].0, Locator::TomlKey { table: vec!["tool".into(), "mypy".into()], key: "strict".into() });
    }

    #[test]
    fn an_ini_home_gets_ini() {
        let text = "# why\nsource = [\"src\", \"lib\"]\nbranch = true\n";
        let pieces = pieces(&home("setup.cfg", "coverage", ":"), "run", text).unwrap();
        assert_eq!(pieces[0].1, "# why\nsource =\n    src\n    lib");
        assert_eq!(pieces[1].0, Locator::IniKey { section: "coverage:run".into(), key: "branch".into() });
        assert_eq!(pieces[1].1, "branch = true");
    }

    #[test]
    fn a_yaml_home_gets_flow_lists() {
        let text = "# why\nminimum = \"3.2.0\"\ntypes = [\"pre-commit\", 'a\"b']\n";
        let pieces = pieces(&home(".pre-commit-config.yaml", "", "."), "", text).unwrap();
        assert_eq!(pieces[0], (Locator::YamlKey { key: "minimum".into() }, "# why\nminimum: \"3.2.0\"".to_owned()));
        assert_eq!(pieces[1].1, r#"types: ["pre-commit", "a\"b"]"#);
    }

    #[test]
    fn a_home_exists_where_its_table_does() {
        let has = |home: Home, text: &str| {
            let mut tree = Tree::new(&Nothing);
            tree.put_text(place(&home).unwrap(), text.to_owned()).unwrap();
            has_table(&home, &mut tree).unwrap()
        };
        assert!(has(home("pyproject.toml", "tool.mypy", "."), "[tool.mypy.overrides]\n"));
        assert!(!has(home("pyproject.toml", "tool.mypy", "."), "[tool.black]\n"));
        assert!(has(home("setup.cfg", "tool:pytest", "."), "[a]\n[tool:pytest]\n"));
        assert!(has(home("setup.cfg", "coverage", ":"), "[coverage:run]\n"));
    }

    #[test]
    fn a_value_is_found_below_its_home() {
        let read = |home: Home, key: &str, text: &str| {
            let mut tree = Tree::new(&Nothing);
            tree.put_text(place(&home).unwrap(), text.to_owned()).unwrap();
            value(&home, key, &mut tree).unwrap().map(|value| value.to_string())
        };
        let toml = "[tool.ruff.format]\nquote-style='single'\n";
        assert_eq!(read(home("pyproject.toml", "tool.ruff", "."), "format.quote-style", toml).unwrap(), "\"single\"");
        let ini = "[coverage:run]\nBranch = yes\n";
        assert_eq!(read(home("setup.cfg", "coverage", ":"), "run.branch", ini).unwrap(), "\"yes\"");
        assert_eq!(read(home("ruff.toml", "", "."), "line-length", "line-length = 100").unwrap(), "100");
    }
}
