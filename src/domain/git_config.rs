//! Git's configuration as text: its file format, the conditions of its includes, and what follows for names of people.
//!
//! Source: git-config(1), sections "Syntax", "Includes" and "Conditional includes".

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

/// What a condition of `includeIf` is judged by; all paths absolute, with `/`.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The git folder, `.git` included, in its plain and its resolved form; empty outside any repository.
    pub git_dirs: &'a [String],
    pub home: Option<&'a str>,
    /// The folder of the file that contains the condition.
    pub folder: &'a str,
}

/// Whether the condition of an `[includeIf "condition"]` holds; `None` for the kinds that only git can judge
/// (`onbranch:`, `hasconfig:`).
#[must_use]
pub fn condition_holds(condition: &str, around: &Surroundings<'_>) -> Option<bool> {
    let (kind, pattern) = condition.split_once(':')?;
    let fold = match kind {
        "gitdir" => false,
        "gitdir/i" => true,
        "onbranch" | "hasconfig" => return None,
        // Git ignores a condition that it does not know.
        _ => return Some(false),
    };
    let mut pattern = match pattern {
        home if home.starts_with("~/") => {
            let Some(folder) = around.home else { return Some(false) };
            format!("{folder}{}", &home[1..])
        }
        beside if beside.starts_with("./") => format!("{}{}", around.folder, &beside[1..]),
        absolute if absolute.starts_with('/') || absolute.get(1..3) == Some(":/") => absolute.to_owned(),
        anywhere => format!("**/{anywhere}"),
    };
    if pattern.ends_with('/') {
        pattern.push_str("**");
    }
    if fold {
        pattern = pattern.to_lowercase();
    }
    Some(around.git_dirs.iter().any(|path| {
        let path = if fold { path.to_lowercase() } else { path.clone() };
        matches(pattern.as_bytes(), path.as_bytes())
    }))
}

/// Git's own globbing of paths: `*` and `?` stop at `/`, `**` between slashes matches any number of folders.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', b'/', rest @ ..] => {
            matches(rest, path) || (0..path.len()).any(|i| path[i] == b'/' && matches(rest, &path[i + 1..]))
        }
        [b'*', b'*'] => true,
        [b'*', rest @ ..] => {
            let end = path.iter().position(|byte| *byte == b'/').unwrap_or(path.len());
            (0..=end).any(|skipped| matches(rest, &path[skipped..]))
        }
        [b'?', rest @ ..] => path.first().is_some_and(|byte| *byte != b'/') && matches(rest, &path[1..]),
        [b'[', ..] => match class(pattern, path.first().copied()) {
            Some((true, rest)) => matches(rest, &path[1..]),
            _ => false,
        },
        [b'\\', escaped, rest @ ..] => path.first() == Some(escaped) && matches(rest, &path[1..]),
        [literal, rest @ ..] => path.first() == Some(literal) && matches(rest, &path[1..]),
    }
}

/// Judge `[a-z]` or `[!a-z]` at the start of `pattern` against `byte`, and return what follows it.
fn class(pattern: &[u8], byte: Option<u8>) -> Option<(bool, &[u8])> {
    let byte = byte?;
    let negated = matches!(pattern.get(1), Some(b'!' | b'^'));
    let start = if negated { 2 } else { 1 };
    let end = start + 1 + pattern.get(start + 1..)?.iter().position(|end| *end == b']')?;
    let (mut at, mut found) = (start, false);
    while at < end {
        if at + 2 < end && pattern[at + 1] == b'-' {
            found |= (pattern[at]..=pattern[at + 2]).contains(&byte);
            at += 3;
        } else {
            found |= pattern[at] == byte;
            at += 1;
        }
    }
    Some((found != negated && byte != b'/', &pattern[end + 1..]))
}

/// Who a commit would name as its author; each part is absent if git would have to invent it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    pub name: Option<String>,
    pub email: Option<String>,
}

/// The author as git would name it: `GIT_AUTHOR_*`, `author.*`, `user.*`, then `EMAIL` unless `user.useConfigOnly`.
/// `variable` reads the environment. Source: git-commit(1), "Commit information".
#[must_use]
pub fn author(config: &Config, variable: &dyn Fn(&str) -> Option<String>) -> Identity {
    let setting = |name: &str| config.text(name).map(clean).filter(|text| !text.is_empty());
    let variable = |name: &str| variable(name).map(|text| clean(&text)).filter(|text| !text.is_empty());
    let outside = || if config.flag("user.useconfigonly") == Some(true) { None } else { variable("EMAIL") };
    Identity {
        name: variable("GIT_AUTHOR_NAME").or_else(|| setting("author.name")).or_else(|| setting("user.name")),
        email: variable("GIT_AUTHOR_EMAIL")
            .or_else(|| setting("author.email"))
            .or_else(|| setting("user.email"))
            .or_else(outside),
    }
}

/// Git drops angle brackets and line ends anywhere, and white space and some punctuation at the ends.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '<' | '>' | '\n'))
        .collect::<String>()
        .trim_matches(|c: char| c <= ' ' || matches!(c, '.' | ',' | ':' | ';' | '"' | '\\' | '\''))
        .to_owned()
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

    #[test]
    fn conditions_hold_as_the_manual_says() {
        let git_dirs = ["/home/me/Work/client/app/.git".to_owned()];
        let around = Surroundings { git_dirs: &git_dirs, home: Some("/home/me"), folder: "/home/me" };
        for (condition, holds) in [
            ("gitdir:~/Work/", Some(true)),
            ("gitdir:~/work/", Some(false)),
            ("gitdir/i:~/work/", Some(true)),
            ("gitdir:client/", Some(true)),
            ("gitdir:client", Some(false)),
            ("gitdir:./Work/**/.git", Some(true)),
            ("gitdir:/home/*/Work/", Some(true)),
            ("gitdir:/home/*/client/", Some(false)),
            ("gitdir:/home/m[a-f]/Work/", Some(true)),
            ("gitdir:/home/m[!a-f]/Work/", Some(false)),
            ("gitdir:/home/me/Wor?/", Some(true)),
            ("onbranch:main", None),
            ("weather:rain", Some(false)),
        ] {
            assert_eq!(condition_holds(condition, &around), holds, "{condition}");
        }
    }

    #[test]
    fn the_author_is_whom_git_would_name() {
        let set = |name: &str, value: &str| Setting {
            scope: Scope::Global,
            origin: String::new(),
            name: name.to_owned(),
            value: Some(value.to_owned()),
        };
        let mail = |name: &str| (name == "EMAIL").then(|| "<e@x>".to_owned());
        let mut config = Config { settings: vec![set("user.name", " J. <M>, ")] };
        let author_of = |config: &Config| author(config, &mail);
        assert_eq!(author_of(&config), Identity { name: Some("J. M".into()), email: Some("e@x".into()) });
        config.settings.push(set("user.useconfigonly", "true"));
        assert_eq!(author_of(&config).email, None);
        config.settings.push(set("author.email", "a@x"));
        assert_eq!(author_of(&config).email, Some("a@x".into()));
    }
}
