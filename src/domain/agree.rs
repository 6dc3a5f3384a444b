//! What several tools must agree on: one line length, one kind of quotes, one list of excluded paths.
//!
//! A fold: an option that the user gave, else what the user's own configuration of any tool says, else `.editorconfig`,
//! else the default. A tool's manifest says where its own configuration has such a setting and in which writing.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::catalog::{Home, Tool};
use super::settings_text;
use super::spec::ToolUse;
use super::tree::{Place, Tree};

/// A setting that tools agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Columns of a line.
    LineLength,
    /// The quotes of strings.
    Quotes,
    /// Paths that no tool looks into.
    Exclude,
}

impl Setting {
    /// As users and manifests write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LineLength => "line-length",
            Self::Quotes => "quotes",
            Self::Exclude => "exclude",
        }
    }

    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::LineLength => "columns of a line, for all tools",
            Self::Quotes => "quotes of strings, for all tools: double, single, or preserve",
            Self::Exclude => "paths that no tool looks into, beside those that each leaves out anyway",
        }
    }

    /// # Errors
    /// The text is no value of it.
    pub fn parse(self, text: &str) -> Result<toml::Value, String> {
        match self {
            Self::LineLength => match text.parse::<u16>() {
                Ok(columns) if columns > 0 => Ok(toml::Value::Integer(columns.into())),
                _ => Err(format!("{text:?} is not a number of columns")),
            },
            Self::Quotes if Quotes::parse(text).is_some() => Ok(text.into()),
            Self::Quotes => Err(format!("{text:?} is not one of double, single, preserve")),
            Self::Exclude => Ok(text.split(',').map(str::trim).filter(|it| !it.is_empty()).collect::<Vec<_>>().into()),
        }
    }
}

/// Which quotes a formatter writes around strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quotes {
    #[default]
    Double,
    Single,
    /// Those that are there.
    Preserve,
}

impl Quotes {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "double" => Self::Double,
            "single" => Self::Single,
            "preserve" => Self::Preserve,
            _ => return None,
        })
    }
}

/// Where a tool has an agreed setting, and how it writes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Written {
    /// The key, dotted below the tool's table; its value is the setting's own.
    Key(String),
    Coded(Box<Coded>),
}

/// A setting that is not written as it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Coded {
    pub key: String,
    #[serde(default)]
    pub codec: Codec,
    /// The tool's value for each of ours, where they differ.
    #[serde(default)]
    pub values: BTreeMap<String, toml::Value>,
    /// What the tool goes by where nothing is written.
    #[serde(default)]
    pub default: Option<toml::Value>,
    /// The default is one only beside this setting of the tool.
    #[serde(default)]
    pub given: Option<Given>,
    /// The tool goes by the setting only while one of these rules is in force, or while it formats.
    #[serde(default)]
    pub rules: Vec<String>,
}

/// A setting on which another one depends.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub key: String,
    pub value: toml::Value,
}

/// The writing of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Codec {
    /// Items of a list; in INI with commas or line breaks between them.
    #[default]
    List,
    /// One regular expression that matches paths from the top of the project.
    Regex,
}

impl Written {
    /// The key, dotted below the tool's table.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Key(key) => key,
            Self::Coded(coded) => &coded.key,
        }
    }

    fn codec(&self) -> Codec {
        match self {
            Self::Key(_) => Codec::List,
            Self::Coded(coded) => coded.codec,
        }
    }

    /// Our word for a tool's value.
    fn word(&self, value: &toml::Value) -> Option<String> {
        match self {
            Self::Key(_) => value.as_str().map(str::to_owned),
            Self::Coded(coded) => coded
                .values
                .iter()
                .find(|(_, theirs)| *theirs == value || Some(theirs.to_string().as_str()) == value.as_str())
                .map(|(ours, _)| ours.clone()),
        }
    }
}

/// What all tools of a project go by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agreed {
    pub line_length: u32,
    pub quotes: Quotes,
    pub excludes: Vec<String>,
}

/// What tools do unless somebody says otherwise.
pub const LINE_LENGTH: u32 = 88;

impl Default for Agreed {
    fn default() -> Self {
        Self { line_length: LINE_LENGTH, quotes: Quotes::Double, excludes: Vec::new() }
    }
}

/// The user's own configurations disagree, with each other or with what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    pub setting: Setting,
    /// What counts.
    pub taken: String,
    /// Who says what: the file and the value, in the order in which they were looked at.
    pub said: Vec<(Place, String)>,
}

/// The configuration of a tool that is the user's.
pub struct Configured<'c> {
    pub tool: &'c Tool,
    pub home: &'c Home,
}

/// Fold everything that is said into one agreement.
///
/// # Errors
/// A file cannot be read.
pub fn agree(
    options: &[ToolUse],
    configured: &[Configured<'_>],
    tree: &mut Tree<'_>,
) -> Result<(Agreed, Vec<Disagreement>)> {
    let mut agreed = Agreed::default();
    let mut disagreements = Vec::new();
    for setting in [Setting::LineLength, Setting::Quotes, Setting::Exclude] {
        let given = options.iter().rev().find_map(|wish| wish.options.get(setting.name()).cloned());
        let mut said: Vec<(Place, toml::Value)> = Vec::new();
        for Configured { tool, home } in configured {
            let Some(written) = tool.agree.get(&setting) else { continue };
            let Some(value) = settings_text::value(home, written.key(), tree)? else { continue };
            if let Some(value) = decode(setting, written, &value) {
                said.push((settings_text::place(home)?, value));
            }
        }
        let taken = given.as_ref().or_else(|| said.first().map(|(_, value)| value));
        if let Some(taken) = taken.filter(|taken| said.iter().any(|(_, value)| value != *taken)) {
            let said = said.iter().map(|(place, value)| (place.clone(), value.to_string())).collect();
            disagreements.push(Disagreement { setting, taken: taken.to_string(), said });
        }
        let standing = match said.into_iter().next() {
            Some((_, value)) => Some(value),
            None if setting == Setting::LineLength => editorconfig(tree)?,
            None => None,
        };
        if let Some(value) = given.or(standing) {
            agreed.take(setting, &value);
        }
    }
    Ok((agreed, disagreements))
}

impl Agreed {
    fn take(&mut self, setting: Setting, value: &toml::Value) {
        match setting {
            Setting::LineLength => {
                self.line_length = value.as_integer().and_then(|it| u32::try_from(it).ok()).unwrap_or(LINE_LENGTH);
            }
            Setting::Quotes => self.quotes = value.as_str().and_then(Quotes::parse).unwrap_or_default(),
            Setting::Exclude => {
                let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
                self.excludes = items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
            }
        }
    }
}

/// A tool's value as the setting's own; `None` where it cannot be told.
#[must_use]
pub fn decode(setting: Setting, written: &Written, value: &toml::Value) -> Option<toml::Value> {
    match setting {
        Setting::LineLength => {
            let columns = value.as_integer().or_else(|| value.as_str()?.trim().parse().ok())?;
            (columns > 0 && columns <= i64::from(u16::MAX)).then_some(toml::Value::Integer(columns))
        }
        Setting::Quotes => written.word(value).map(Into::into),
        Setting::Exclude => match (written.codec(), value) {
            (Codec::Regex, value) => paths_of_regex(value.as_str()?).map(Into::into),
            (Codec::List, toml::Value::String(text)) => {
                let items = text.split([',', '\n']).map(str::trim).filter(|item| !item.is_empty());
                Some(items.map(str::to_owned).collect::<Vec<_>>().into())
            }
            (Codec::List, list @ toml::Value::Array(_)) => Some(list.clone()),
            _ => None,
        },
    }
}

/// A regular expression for paths below the top, in the one form that `paths_of_regex` reads back.
#[must_use]
pub fn regex_of_paths(paths: &[String]) -> String {
    let escaped: Vec<String> = paths.iter().map(|path| escape(path.trim_matches('/'))).collect();
    format!("^/({})", escaped.join("|"))
}

/// `text` as a regular expression that matches it.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if !character.is_alphanumeric() && !"/_-".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// The plain names in a regular expression of alternatives; `None` where it is more than that.
fn paths_of_regex(pattern: &str) -> Option<Vec<String>> {
    let bare: String = pattern.split_whitespace().collect();
    let bare = bare.trim_start_matches("(?x)").trim_start_matches('^').trim_start_matches('/');
    let bare = bare.trim_end_matches('$').trim_end_matches('/');
    let bare = bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(bare);
    bare.split('|')
        .map(|part| {
            let part = part.trim_start_matches('^').trim_matches('/');
            let mut plain = String::new();
            let mut characters = part.chars();
            while let Some(character) = characters.next() {
                match character {
                    '\\' => plain.push(characters.next().filter(|next| !next.is_alphanumeric())?),
                    '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
                    other => plain.push(other),
                }
            }
            (!plain.is_empty()).then_some(plain)
        })
        .collect()
}

/// `max_line_length` for Python files in `.editorconfig` (its specification 0.17: later sections win).
fn editorconfig(tree: &mut Tree<'_>) -> Result<Option<toml::Value>> {
    let Some(text) = tree.text(&Place::project(".editorconfig")?).unwrap_or_default() else { return Ok(None) };
    let (mut applies, mut found) = (false, None);
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            applies = section == "*" || section.contains("py") && section.starts_with('*');
        } else if let Some((key, value)) = line.split_once(['=', ':'])
            && applies
            && key.trim().eq_ignore_ascii_case("max_line_length")
        {
            found = value.trim().parse::<u16>().ok().filter(|columns| *columns > 0);
        }
    }
    Ok(found.map(|columns| toml::Value::Integer(columns.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_of_paths_is_read_back() {
        let paths = vec!["vendor".to_owned(), "docs/conf.py".to_owned()];
        assert_eq!(regex_of_paths(&paths), r"^/(vendor|docs/conf\.py)");
        assert_eq!(paths_of_regex(&regex_of_paths(&paths)), Some(paths));
        assert_eq!(paths_of_regex("\n  vendor\n| build\n"), Some(vec!["vendor".into(), "build".into()]));
        assert_eq!(paths_of_regex(r"migrations/.*\.py"), None);
    }

    #[test]
    fn settings_are_parsed_as_what_they_are() {
        assert_eq!(Setting::LineLength.parse("100"), Ok(toml::Value::Integer(100)));
        assert!(Setting::LineLength.parse("wide").is_err());
        assert!(Setting::Quotes.parse("triple").is_err());
        assert_eq!(Setting::Exclude.parse("a, b,").unwrap().as_array().unwrap().len(), 2);
    }
}
