//! pip's configuration files, read as pip reads them: which settings hold where several files speak.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One setting of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub section: String,
    pub key: String,
    pub value: String,
}

/// One setting that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<'f> {
    /// The file that it stands in.
    pub file: &'f Path,
    /// `global`, or the command that it is for.
    pub section: String,
    /// The option's long name, as [`canonical`] gives it.
    pub key: String,
    pub value: String,
}

/// What holds of `files`, weakest first: within a section a later file wins, also with an empty value, which unsets.
#[must_use]
pub fn effective(files: &[(PathBuf, String)]) -> Vec<Setting<'_>> {
    let mut held: BTreeMap<(String, String), Setting<'_>> = BTreeMap::new();
    for (file, text) in files {
        for Entry { section, key, value } in parse(text).0 {
            let key = canonical(&key);
            held.insert((section.clone(), key.clone()), Setting { file, section, key, value });
        }
    }
    held.into_values().filter(|setting| !setting.value.trim().is_empty()).collect()
}

/// The long name of an option: lower case, dashes, one name of several.
#[must_use]
pub fn canonical(key: &str) -> String {
    let key = key.to_lowercase().replace('_', "-");
    match key.trim_start_matches("--") {
        "pypi-url" => "index-url".to_owned(),
        "default-timeout" => "timeout".to_owned(),
        key => key.to_owned(),
    }
}

/// What Python's `RawConfigParser` makes of `text`, and the number of the first line that it would refuse.
#[must_use]
pub fn parse(text: &str) -> (Vec<Entry>, Option<usize>) {
    let mut entries: Vec<Entry> = Vec::new();
    let mut section: Option<String> = None;
    let mut indent_of_key = 0;
    let mut open = false;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.starts_with(['#', ';']) {
            continue;
        }
        if trimmed.is_empty() {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if open && indent > indent_of_key {
            if let Some(entry) = entries.last_mut() {
                entry.value.push('\n');
                entry.value.push_str(trimmed);
            }
            continue;
        }
        indent_of_key = indent;
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            section = Some(name.0.to_owned());
            open = false;
            continue;
        }
        let pair = trimmed.find(['=', ':']).map(|at| (trimmed[..at].trim(), trimmed[at + 1..].trim()));
        match (&section, pair) {
            (Some(section), Some((key, value))) if !key.is_empty() => {
                entries.push(Entry { section: section.clone(), key: key.to_owned(), value: value.to_owned() });
                open = true;
            }
            _ => return (entries, Some(index + 1)),
        }
    }
    (entries, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_parsed_as_configparser_does() {
        let text =
            "# c\n[global]\nIndex-Url : https://a\nfind-links =\n    /x\n\n  # no\n    /y\n[install]\nuser=true\n";
        let (entries, problem) = parse(text);
        let plain: Vec<(&str, &str, &str)> =
            entries.iter().map(|e| (e.section.as_str(), e.key.as_str(), e.value.as_str())).collect();
        assert_eq!(
            plain,
            [("global", "Index-Url", "https://a"), ("global", "find-links", "\n/x\n/y"), ("install", "user", "true")]
        );
        assert_eq!(problem, None);
        assert_eq!(parse("x = 1\n").1, Some(1));
    }

    #[test]
    fn a_later_file_wins_within_its_section() {
        let files = [
            ("/a", "[global]\nindex-url = https://one\nproxy = p\n[install]\ncert = /a.pem\n"),
            ("/b", "[global]\nindex_url = https://two\nproxy =\n[download]\ncert = /b.pem\n"),
        ];
        let files = files.map(|(path, text)| (PathBuf::from(path), text.to_owned()));
        let held = effective(&files);
        let plain: Vec<(&str, &str, &str, &str)> = held
            .iter()
            .map(|it| (it.file.to_str().unwrap_or_default(), it.section.as_str(), it.key.as_str(), it.value.as_str()))
            .collect();
        assert_eq!(
            plain,
            [
                ("/b", "download", "cert", "/b.pem"),
                ("/b", "global", "index-url", "https://two"),
                ("/a", "install", "cert", "/a.pem"),
            ]
        );
    }
}
