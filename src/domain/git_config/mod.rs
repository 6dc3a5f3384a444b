//! Git's configuration: its file format, and which of several settings holds.
//!
//! Source: git-config(1), section "Syntax".

mod condition;
mod identity;

pub use condition::{Surroundings, condition_holds};
pub use identity::{Identity, author};

/// Where a value was set, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    System,
    Global,
    Local,
    Worktree,
    /// `GIT_CONFIG_COUNT`, `GIT_CONFIG_PARAMETERS` or `git -c`.
    Command,
}

impl Scope {
    /// As git names it: `global`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Global => "global",
            Self::Local => "local",
            Self::Worktree => "worktree",
            Self::Command => "command",
        }
    }
}

/// One value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub scope: Scope,
    /// The file that sets it, or how git names another place (`command line`).
    pub origin: String,
    /// Section and key in lower case, the subsection as written: `branch.Main.remote`.
    pub name: String,
    /// `None` for a key without `=`, which means true.
    pub value: Option<String>,
}

/// All settings in the order in which git reads them: the last one wins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    pub settings: Vec<Setting>,
}

impl Config {
    /// The setting that holds for `name` (`core.hookspath`; section and key in lower case).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|setting| setting.name == name)
    }

    /// The text that holds for `name`.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.value.as_deref()
    }

    /// The truth of `name`; `None` if unset or no boolean.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        let Some(value) = &self.get(name)?.value else { return Some(true) };
        match value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" | "" => Some(false),
            number => number.parse::<i64>().ok().map(|number| number != 0),
        }
    }
}

/// A name and a value of one file.
pub type Pair = (String, Option<String>);

/// Read the text of one configuration file.
///
/// # Errors
/// The number of the first line (from 1) that git would not accept.
pub fn parse(text: &str) -> Result<Vec<Pair>, usize> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { rest: text, line: 1 };
    let mut section = None;
    let mut pairs = Vec::new();
    loop {
        reader.skip_blank();
        match reader.rest.chars().next() {
            None => return Ok(pairs),
            Some('[') => section = Some(reader.section()?),
            Some(first) if first.is_ascii_alphabetic() => {
                let section = section.as_deref().ok_or(reader.line)?;
                let key = reader.key();
                let value = reader.value()?;
                pairs.push((format!("{section}.{key}"), value));
            }
            Some(_) => return Err(reader.line),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        if next == '\r' && self.rest.starts_with('\n') {
            return self.next();
        }
        if next == '\n' {
            self.line += 1;
        }
        Some(next)
    }

    fn skip_blank(&mut self) {
        while let Some(next) = self.rest.chars().next() {
            match next {
                '#' | ';' => while self.next().is_some_and(|skipped| skipped != '\n') {},
                space if space.is_ascii_whitespace() => {
                    self.next();
                }
                _ => break,
            }
        }
    }

    /// `[section]`, `[section "Sub"]` or the old `[section.sub]`.
    fn section(&mut self) -> Result<String, usize> {
        let line = self.line;
        self.next();
        let mut name = String::new();
        loop {
            match self.next().ok_or(line)? {
                ']' => return Ok(name),
                ' ' | '\t' => break,
                part if part.is_ascii_alphanumeric() || part == '-' || part == '.' => {
                    name.push(part.to_ascii_lowercase());
                }
                _ => return Err(line),
            }
        }
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        if self.next() != Some('"') {
            return Err(line);
        }
        name.push('.');
        loop {
            match self.next().ok_or(line)? {
                '"' => break,
                '\n' => return Err(line),
                '\\' => name.push(self.next().filter(|escaped| *escaped != '\n').ok_or(line)?),
                part => name.push(part),
            }
        }
        if self.next() == Some(']') { Ok(name) } else { Err(line) }
    }

    fn key(&mut self) -> String {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(self.rest.len());
        let key = self.rest[..end].to_ascii_lowercase();
        self.rest = &self.rest[end..];
        key
    }

    fn value(&mut self) -> Result<Option<String>, usize> {
        let line = self.line;
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        match self.next() {
            None | Some('\n') => return Ok(None),
            Some('#' | ';') => {
                while self.next().is_some_and(|skipped| skipped != '\n') {}
                return Ok(None);
            }
            Some('=') => {}
            Some(_) => return Err(line),
        }
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        let (mut value, mut kept, mut quoted) = (String::new(), 0, false);
        loop {
            match self.next() {
                None | Some('\n') if quoted => return Err(line),
                None | Some('\n') => break,
                Some('"') => {
                    quoted = !quoted;
                    kept = value.len();
                }
                Some('\\') => {
                    match self.next() {
                        Some('\n') => {}
                        Some('n') => value.push('\n'),
                        Some('t') => value.push('\t'),
                        Some('b') => value.push('\u{8}'),
                        Some(same @ ('"' | '\\')) => value.push(same),
                        _ => return Err(line),
                    }
                    kept = value.len();
                }
                Some('#' | ';') if !quoted => {
                    while self.next().is_some_and(|skipped| skipped != '\n') {}
                    break;
                }
                Some(part) => {
                    value.push(part);
                    if quoted || !part.is_ascii_whitespace() {
                        kept = value.len();
                    }
                }
            }
        }
        value.truncate(kept);
        Ok(Some(value))
    }
}

/// Read what `git config --list --show-scope --show-origin -z` prints: `scope NUL origin NUL name LF value NUL`. Without
/// scopes (git before 2.26) `scope_of` tells the scope of an origin.
#[must_use]
pub fn parse_list(output: &str, scope_of: Option<&dyn Fn(&str) -> Scope>) -> Config {
    let mut fields = output.split('\0');
    let mut settings = Vec::new();
    loop {
        let stated = if scope_of.is_none() { fields.next() } else { None };
        let (Some(origin), Some(entry)) = (fields.next(), fields.next()) else { break };
        let origin = origin.strip_prefix("file:").unwrap_or(origin).trim_end_matches(':');
        let scope = match (stated, scope_of) {
            (Some("system"), _) => Scope::System,
            (Some("global"), _) => Scope::Global,
            (Some("local"), _) => Scope::Local,
            (Some("worktree"), _) => Scope::Worktree,
            (_, Some(scope_of)) => scope_of(origin),
            _ => Scope::Command,
        };
        let (name, value) = match entry.split_once('\n') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (entry, None),
        };
        settings.push(Setting { scope, origin: origin.to_owned(), name: name.to_owned(), value });
    }
    Config { settings }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<Pair> {
        parse(text).unwrap()
    }

    fn pair(name: &str, value: Option<&str>) -> Pair {
        (name.to_owned(), value.map(str::to_owned))
    }

    #[test]
    fn values_are_unquoted_unescaped_and_trimmed() {
        let text = "\u{feff}# c\n[User]\n\tName = Jörg \"  M. \" ; c\n  email=a@b.c\r\n[a \"B \\\"x\"] k = 1\\\n2\n[c.D]\nflag\nempty =\n";
        assert_eq!(
            pairs(text),
            [
                pair("user.name", Some("Jörg   M. ")),
                pair("user.email", Some("a@b.c")),
                pair("a.B \"x.k", Some("12")),
                pair("c.d.flag", None),
                pair("c.d.empty", Some("")),
            ]
        );
    }

    #[test]
    fn what_git_refuses_is_refused_with_its_line() {
        for (text, line) in
            [("k = 1\n", 1), ("[a]\n[b\n", 2), ("[a]\nk = \"x\n", 2), ("[a]\n\n= 1\n", 3), ("[a]\nk = \\x\n", 2)]
        {
            assert_eq!(parse(text), Err(line), "{text:?}");
        }
    }

    #[test]
    fn lists_are_read_with_and_without_scopes() {
        let with = "global\0file:/h/.gitconfig\0user.name\nA\nB\0command\0command line:\0a.b\0";
        let config = parse_list(with, None);
        assert_eq!(config.text("user.name"), Some("A\nB"));
        assert_eq!(
            config.get("user.name").map(|s| (s.scope, s.origin.as_str())),
            Some((Scope::Global, "/h/.gitconfig"))
        );
        assert_eq!((config.flag("a.b"), config.get("a.b").map(|s| s.scope)), (Some(true), Some(Scope::Command)));
        let without = parse_list("file:.git/config\0a.b\nc\0", Some(&|_| Scope::Local));
        assert_eq!(without.get("a.b").map(|s| s.scope), Some(Scope::Local));
    }
}
