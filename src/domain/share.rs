//! Makes a report fit to be shown to strangers: without names, hosts, tokens, addresses and the paths of homes.
//!
//! What is known (who the user is, what the project is called) is replaced wherever it stands; what is not known is
//! recognised by its form. In doubt a word goes: a report that says less is better than one that says too much.

use std::path::{Path, PathBuf};

use super::checks::{Finding, Report, Status};
use super::redact::{is_secret, redact};

/// What is known to be private.
#[derive(Debug, Clone, Default)]
pub struct Private {
    pub home: Option<PathBuf>,
    /// Of people: logins, full names.
    pub people: Vec<String>,
    /// Of machines.
    pub hosts: Vec<String>,
    /// Of projects, and of the people that they name.
    pub projects: Vec<String>,
    /// Folders of projects.
    pub folders: Vec<PathBuf>,
}

/// Words that are a login or a project's name somewhere and say nothing of anybody.
const COMMON: &[&str] =
    &["root", "user", "runner", "admin", "python", "src", "app", "work", "home", "project", "test", "tests"];

/// Beginnings of tokens that their issuers mark.
const MARKED: &[&str] = &[
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "pypi-",
    "npm_",
    "sk-",
    "xox",
    "eyJ",
    "AKIA",
    "ASIA",
    "hf_",
];

/// Last labels of hosts' names that are no endings of files.
const DOMAINS: &[&str] = &[
    "com",
    "net",
    "org",
    "io",
    "dev",
    "edu",
    "gov",
    "eu",
    "de",
    "fr",
    "uk",
    "us",
    "ch",
    "nl",
    "co",
    "ai",
    "cloud",
    "local",
    "localdomain",
    "lan",
    "internal",
    "intranet",
    "corp",
    "home",
    "example",
    "test",
    "invalid",
    "arpa",
];

/// Path files that environments and well-known packages bring.
const PATH_FILES: &[&str] = &["_virtualenv", "distutils-precedence", "a1_coverage", "easy-install", "setuptools"];

/// A word that is shorter would be found in others' words.
const SHORTEST: usize = 3;

/// The shortest token that nothing marks.
const TOKEN: usize = 20;

/// The values of `name`, `author` and the like in the text of a manifest, which need not be valid: `name = "x"`,
/// `name = x`, `name="x"`, `"Ada Lovelace <ada@example.com>"`.
#[must_use]
pub fn names_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        for (at, _) in line.match_indices('=') {
            let key = line[..at].trim_end().rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').next();
            if key.is_some_and(|key| matches!(key, "name" | "author" | "maintainer")) {
                let value = line[at + 1..].trim();
                let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
                let value = quote.map_or(value, |quote| value[1..].split(quote).next().unwrap_or_default());
                found.push(value.trim().to_owned());
            }
        }
        let people = line.match_indices(" <").filter(|(at, _)| line[*at..].contains('@'));
        found.extend(people.filter_map(|(at, _)| Some(line[..at].rsplit(['"', '\'']).next()?.trim().to_owned())));
    }
    found
}

/// Replaces what is private.
#[derive(Debug)]
pub struct Share {
    /// Paths and what stands for them, the longest first.
    paths: Vec<(String, String)>,
    /// Words in lower case and what stands for them, the longest first.
    words: Vec<(String, &'static str)>,
}

impl Share {
    #[must_use]
    pub fn new(private: &Private) -> Self {
        let shown = |path: &Path| path.to_string_lossy().trim_end_matches(['/', '\\']).to_owned();
        let number = |at: usize| if private.folders.len() > 1 { format!(" {}", at + 1) } else { String::new() };
        let folders = private.folders.iter().enumerate();
        let mut paths: Vec<(String, String)> =
            folders.map(|(at, folder)| (shown(folder), format!("<project{}>", number(at)))).collect();
        paths.extend(private.home.iter().map(|home| (shown(home), "~".to_owned())));
        paths.retain(|(path, _)| path.len() > 1);
        paths.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        let kinds = [(&private.people, "<user>"), (&private.hosts, "<host>"), (&private.projects, "<name>")];
        let all = kinds.into_iter().flat_map(|(words, instead)| words.iter().map(move |word| (word, instead)));
        let mut words: Vec<(String, &'static str)> =
            all.map(|(word, instead)| (word.to_lowercase(), instead)).collect();
        words.retain(|(word, _)| word.chars().count() >= SHORTEST && !COMMON.contains(&word.as_str()));
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        Self { paths, words }
    }

    /// A report about the same faults, of which nothing tells whose they are. The lines of files are not quoted.
    pub fn report(&self, report: &mut Report) {
        report.project = report.project.take().map(|folder| self.path(&folder));
        report.refused = report.refused.take().map(|why| self.text(&why));
        for outcome in &mut report.outcomes {
            match &mut outcome.status {
                Status::Pass => {}
                Status::Skip(why) | Status::Crash(why) => *why = self.text(why),
                Status::Found(findings) => findings.iter_mut().for_each(|finding| self.finding(finding)),
            }
        }
    }

    fn finding(&self, finding: &mut Finding) {
        for text in [&mut finding.message, &mut finding.cause, &mut finding.consequence, &mut finding.remedy] {
            *text = self.text(text);
        }
        if let Some(location) = &mut finding.location {
            location.path = self.path(&location.path);
            location.conceal();
        }
        if let Some(fix) = &mut finding.fix {
            fix.label = self.text(&fix.label);
        }
    }

    fn path(&self, path: &Path) -> PathBuf {
        PathBuf::from(self.text(&path.to_string_lossy()))
    }

    /// `text` without what is private.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut text =
            self.paths.iter().fold(text.to_owned(), |text, (path, instead)| without_path(&text, path, instead));
        for homes in ["/home/", "/Users/", r"\Users\"] {
            text = without_homes(&text, homes);
        }
        text = assignments(&urls(&redact(&text)));
        text = map_words(&text, |c| c.is_alphanumeric() || "_-.@+".contains(c), of_form);
        text = map_words(
            &text,
            |c| c.is_ascii_alphanumeric() || "_-+=".contains(c),
            |word| is_token(word).then(|| "<token>".to_owned()),
        );
        self.words.iter().fold(text, |text, (word, instead)| without_word(&text, word, instead))
    }
}

/// `text` with `instead` for a path, where it ends as a whole name.
fn without_path(text: &str, path: &str, instead: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(path) {
        let after = &rest[at + path.len()..];
        let goes_on = after.starts_with(|c: char| c.is_alphanumeric() || "_-".contains(c));
        out += &rest[..at];
        out += if goes_on { path } else { instead };
        rest = after;
    }
    out + rest
}

/// Whose a folder is that stands where homes are.
fn without_homes(text: &str, homes: &str) -> String {
    let mut parts = text.split(homes);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| "/\\\"'`:;,)".contains(c) || c.is_control()).unwrap_or(part.len());
        // A name may have spaces; what follows it in a sentence goes with it, unless it is followed by a path.
        let end = if part[end..].starts_with(['/', '\\']) { end } else { part.find(' ').map_or(end, |at| at.min(end)) };
        out += homes;
        out += if end == 0 { "" } else { "<user>" };
        out += &part[end..];
    }
    out
}

/// URLs keep their scheme alone; one of a file keeps its path.
fn urls(text: &str) -> String {
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += "://";
        if part.starts_with('/') && out.ends_with("file://") {
            out += part;
            continue;
        }
        let end = part.find(|c: char| c.is_whitespace() || "\"'`<>,;)]}".contains(c)).unwrap_or(part.len());
        out += if end == 0 { "" } else { "<url>" };
        out += &part[end..];
    }
    out
}

/// The values of what is called a password, a token and the like.
fn assignments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['=', ':']) {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        let name = before.trim_end_matches(['"', '\'', '`', ' ']);
        let name = name.rsplit(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c)).next().unwrap_or_default();
        let opening = after.len() - after.trim_start_matches([' ', '=', '"', '\'', '`']).len();
        let value = &after[opening..];
        let end = value.find(|c: char| c.is_whitespace() || "\"'`,;)&".contains(c)).unwrap_or(value.len());
        out += &rest[..=at];
        rest = after;
        if names_a_secret(name) && end > 0 {
            out += &after[..opening];
            out += "<secret>";
            rest = &value[end..];
        }
    }
    out + rest
}

fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    is_secret(&name) && name != "key"
        || ["password", "passwd", "token", "secret", "api_key"].iter().any(|end| name.ends_with(end))
}

/// What stands for a word that is an address, the name of a host, or its number.
fn of_form(word: &str) -> Option<String> {
    let word = word.trim_end_matches('.');
    if let Some((name, host)) = word.split_once('@') {
        return (!name.is_empty() && (is_host(host) || name == "git")).then(|| "<email>".to_owned());
    }
    // Who made a path file calls it as what they work on, unless it comes with what everybody has.
    if let Some((name, rest)) = word.rsplit_once(".pth")
        && (rest.is_empty() || rest.starts_with('.'))
        && !name.is_empty()
        && !PATH_FILES.contains(&name)
    {
        return Some(format!("<name>.pth{rest}"));
    }
    is_host(word).then(|| "<host>".to_owned())
}

fn is_host(word: &str) -> bool {
    let labels: Vec<&str> = word.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let is_number = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    let ends = labels.last().is_some_and(|last| DOMAINS.contains(&last.to_ascii_lowercase().as_str()));
    is_number || labels.len() > 1 && ends && labels.iter().all(is_label)
}

fn is_token(word: &str) -> bool {
    if MARKED.iter().any(|start| word.starts_with(start)) && word.len() >= 12 {
        return true;
    }
    let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
    let mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
    let letters = has(char::is_ascii_alphabetic);
    word.len() >= TOKEN && has(char::is_ascii_digit) && letters && (mixed || word.len() >= 32)
}

/// Every run of characters of words, as `of` wants it; the others stay.
fn map_words(text: &str, is_part: impl Fn(char) -> bool, of: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(&is_part) {
        let length = rest[start..].find(|c| !is_part(c)).unwrap_or(rest.len() - start);
        let word = &rest[start..start + length];
        out += &rest[..start];
        out += of(word).as_deref().unwrap_or(word);
        rest = &rest[start + length..];
    }
    out + rest
}

/// `text` with `instead` for a word, however it is written: large or small, with `-` or `_`.
fn without_word(text: &str, word: &str, instead: &str) -> String {
    let plain = |c: char| if c == '-' || c == '.' { '_' } else { c.to_lowercase().next().unwrap_or(c) };
    let wanted: Vec<char> = word.chars().map(plain).collect();
    let chars: Vec<char> = text.chars().collect();
    let folded: Vec<char> = chars.iter().copied().map(plain).collect();
    let joins = |at: usize| chars.get(at).is_some_and(|c| c.is_alphanumeric());
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        let whole = (at == 0 || !joins(at - 1)) && !joins(at + wanted.len());
        if whole && folded[at..].starts_with(&wanted) {
            out += instead;
            at += wanted.len();
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share() -> Share {
        Share::new(&Private {
            home: Some("/srv/people/ada".into()),
            people: vec!["ada".into(), "Ada Lovelace".into()],
            hosts: vec!["difference-engine".into()],
            projects: vec!["secret-plan".into(), "py".into(), "python".into()],
            folders: vec!["/srv/people/ada/code/secret-plan".into()],
        })
    }

    #[test]
    fn what_is_private_goes() {
        for (text, expected) in [
            ("/srv/people/ada/code/secret-plan/.venv/bin/python", "<project>/.venv/bin/python"),
            ("/srv/people/ada/.gitconfig, as Ada Lovelace", "~/.gitconfig, as <user>"),
            (
                "/home/bob/x and /Users/Bob B/y and C:\\Users\\bob\\z",
                "/home/<user>/x and /Users/<user>/y and C:\\Users\\<user>\\z",
            ),
            ("in /home/bob it is", "in /home/<user> it is"),
            ("https://u:p@h.example/simple?x=1, git+ssh://git@h/x", "https://<url>, git+ssh://<url>"),
            ("PIP_INDEX_URL is \"http://index/simple\"", "PIP_INDEX_URL is \"http://<url>\""),
            ("git@code.example.com:team/x", "<email>:team/x"),
            ("ask bob.b@example.com.", "ask <email>"),
            ("trusted-host = index.corp, 10.0.0.12:8080", "trusted-host = <host>, <host>:8080"),
            ("on Difference_Engine", "on <host>"),
            ("secret_plan 1.0 is not installed (Secret-Plan)", "<name> 1.0 is not installed (<name>)"),
            ("ghp_abcdefghijkl0123", "<token>"),
            ("site-packages/__editable__.moonshot-1.0.pth leads", "site-packages/<name>.pth leads"),
            ("mv moonshot.pth moonshot.pth.old", "mv <name>.pth <name>.pth.old"),
            ("x Abcdefghij0123456789 y", "x <token> y"),
            ("password = \"hunter2\", API_TOKEN: abc", "password = \"<secret>\", API_TOKEN: <secret>"),
            ("UV_INDEX_TEAM_PASSWORD=hunter2", "UV_INDEX_TEAM_PASSWORD=<secret>"),
        ] {
            assert_eq!(share().text(text), expected, "{text}");
        }
    }

    #[test]
    fn a_manifest_names_its_people_and_itself() {
        let text = "[project]\nname = \"a-b\"\nauthors = [{name = 'Ada L', email = \"x@y.z\"}, \"Bob C <b@c.d>\"]\nname=c\nx = [";
        assert_eq!(names_in(text), ["a-b", "Ada L", "Bob C", "c"]);
    }

    #[test]
    fn what_helps_stays() {
        for text in [
            "ruff 0.14.10 needs Python >=3.11, but pyproject.toml says tool.black.line-length = 100",
            ".venv/lib/python3.11/site-packages/typing_extensions-4.15.0.dist-info/RECORD",
            "core.hooksPath is \".husky\" in .git/config (local configuration)",
            "the setting at tool.ruff.lint.per-file-ignores: E501",
            "pyenvkit sync && git config --local --unset core.hooksPath",
            "file:///opt/x",
            "adapter, canada, pypy",
            "distutils-precedence.pth, the .pth files",
        ] {
            assert_eq!(share().text(text), text);
        }
    }
}
