//! SEC02: whether packages come from where they are meant to come from.

use std::path::{Path, PathBuf};

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use crate::domain::declared;
use crate::domain::facts::{Facts, Need, Project, Text};
use crate::domain::pip_config::{self, Setting};
use crate::domain::redact::redact;

pub const UNSAFE_INDEX: Check = Check {
    id: "SEC02",
    family: Family::Security,
    title: "packages may come from a stranger",
    docs: Docs {
        what: "pip or another installer is told to ask an index over plain `http://`, not to check the certificate of \
               a host (`trusted-host`), or to ask an extra index beside the first (`extra-index-url`).",
        why: "Installing a package runs its code. Without TLS, whoever is between you and the index decides what that \
              code is. Of two indexes pip takes the higher version of a name from either: who uploads the name of \
              your private package to the public index is installed instead of it.",
        origin: "A private index was set up without a certificate, or beside PyPI, by a variable, a `pip.conf` (the \
                 machine's, yours, or the environment's own), a requirements file or `pyproject.toml`.",
        remedy: "Use `https://`, and name the certificate of a private index with `PIP_CERT` or `cert` of `pip.conf`. \
                 Let one index serve both kinds of packages and name it in `index-url`, or say for each package which \
                 index it comes from, as uv (`tool.uv.sources`) can.",
    },
    needs: &[Need::Variables, Need::Installers, Need::Environments, Need::Configuration, Need::Pyproject],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: unsafe_index,
};

fn unsafe_index(facts: &Facts) -> Findings {
    let mut all = Vec::new();
    for (name, value) in facts.machine.variables.get()? {
        let Some((installer, setting)) = name.split_once('_') else { continue };
        let option = setting.to_ascii_lowercase().replace('_', "-");
        match installer {
            "PIP" => all.extend(Said::of_option(&option, value, Who::Pip).map(|it| it.by(name, None))),
            "UV" => all.extend(Said::of_option(&option, value, Who::Other).map(|it| it.by(name, None))),
            _ => {}
        }
    }
    let installers = facts.machine.installers.get()?;
    all.extend(of_pip(&installers.pip));
    for (path, text) in &installers.uv {
        all.extend(of_toml(text).into_iter().map(|it| it.by_file(path)));
    }
    if let Some(project) = &facts.project {
        of_project(project, &mut all)?;
    }
    Ok(findings(&all))
}

/// Whose option it is: only pip takes packages from any of several indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Pip,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Unchecked,
    Extra,
}

/// What one place says of an index.
struct Said {
    kind: Kind,
    /// A URL without its secrets, or a host.
    what: String,
    host: String,
    by: String,
    at: Option<Location>,
}

impl Said {
    fn new(kind: Kind, value: &str) -> Self {
        Self { kind, what: redact(value), host: host(value).to_owned(), by: String::new(), at: None }
    }

    fn by_file(self, path: &Path) -> Self {
        self.by(&path.display().to_string(), Some(Location::file(path)))
    }

    fn by(mut self, by: &str, at: Option<Location>) -> Self {
        by.clone_into(&mut self.by);
        self.at = at;
        self
    }

    /// What an option says, by its long name without dashes before it; its value may have several words.
    fn of_option(option: &str, value: &str, who: Who) -> impl Iterator<Item = Self> {
        let words = value.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
        let kind = move |word: &str| match option_kind(option)? {
            Value::Host => Some(Kind::Unchecked),
            _ if is_plain(word) => Some(Kind::Plain),
            Value::Extra if who == Who::Pip && word.contains("://") => Some(Kind::Extra),
            Value::Extra | Value::Url => None,
        };
        let said: Vec<Self> = words.filter_map(|word| Some(Self::new(kind(word)?, word))).collect();
        said.into_iter().filter(|said| !is_loopback(&said.host))
    }
}

/// What the value of an option is.
enum Value {
    Url,
    Extra,
    Host,
}

fn option_kind(option: &str) -> Option<Value> {
    match option {
        "index-url" | "i" | "default-index" | "index" | "find-links" | "f" | "url" => Some(Value::Url),
        "extra-index-url" => Some(Value::Extra),
        "trusted-host" | "insecure-host" | "allow-insecure-host" => Some(Value::Host),
        _ => None,
    }
}

fn is_plain(url: &str) -> bool {
    // uv's variables may give an index a name: `name=http://...`.
    url.split_once("://").is_some_and(|(scheme, _)| scheme == "http" || scheme.ends_with("=http"))
}

/// The host of a URL, or of `host:port`.
fn host(value: &str) -> &str {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "::1"
}

/// Files of pip, weakest first: what a later one overrules does not hold.
fn of_pip(files: &[(PathBuf, String)]) -> Vec<Said> {
    let held = pip_config::effective(files);
    let of_one = |it: &Setting<'_>| {
        let file = it.file.to_owned();
        Said::of_option(&it.key, &it.value, Who::Pip).map(move |said| said.by_file(&file)).collect::<Vec<_>>()
    };
    held.iter().flat_map(of_one).collect()
}

/// `uv.toml`, and the tables of others that have the same keys.
fn of_toml(text: &str) -> Vec<Said> {
    text.parse::<toml::Table>().map(|table| of_table(&table)).unwrap_or_default()
}

fn of_table(table: &toml::Table) -> Vec<Said> {
    let mut said = Vec::new();
    for (key, value) in table {
        let texts: Vec<&str> = match value {
            toml::Value::String(text) => vec![text],
            toml::Value::Array(items) => items.iter().filter_map(toml::Value::as_str).collect(),
            _ => Vec::new(),
        };
        said.extend(texts.into_iter().flat_map(|text| Said::of_option(key, text, Who::Other)));
        let tables = value.as_array().into_iter().flatten().filter_map(toml::Value::as_table);
        for source in tables.filter(|_| key == "index" || key == "source") {
            let Some(url) = source.get("url").and_then(toml::Value::as_str) else { continue };
            said.extend(Said::of_option("url", url, Who::Other));
            if source.get("verify_ssl").and_then(toml::Value::as_bool) == Some(false) && !is_loopback(host(url)) {
                said.push(Said::new(Kind::Unchecked, host(url)));
            }
        }
    }
    said
}

fn of_project(project: &Project, all: &mut Vec<Said>) -> Result<(), crate::domain::facts::NoAnswer> {
    let environment = project.environments.get()?.first();
    all.extend(of_pip(environment.and_then(|it| it.pip_config.as_ref()).map_or(&[], std::slice::from_ref)));
    if let Some(manifest) = project.pyproject.get()?
        && let Ok(table) = &manifest.table
    {
        let tools = table.get("tool").and_then(toml::Value::as_table);
        for (name, tool) in tools.into_iter().flatten() {
            let said = tool.as_table().map(of_table).unwrap_or_default();
            let by = format!("[tool.{name}] of pyproject.toml");
            all.extend(said.into_iter().map(|it| with_place(it, &by, &manifest.text)));
        }
    }
    let requirements = declared::requirements_files();
    for text in project.configuration.get()?.values().filter_map(|text| text.as_ref().ok()) {
        let name = text.place.path.to_string();
        let said = if requirements.contains(&text.place) {
            text.content.lines().flat_map(of_line).collect()
        } else if name == "Pipfile" {
            of_toml(&text.content)
        } else {
            Vec::new()
        };
        all.extend(said.into_iter().map(|it| with_place(it, &name, text)));
    }
    Ok(())
}

/// A line of a requirements file: `--extra-index-url https://...`, `-i=...`.
fn of_line(line: &str) -> Vec<Said> {
    let Some(options) = line.trim().strip_prefix('-') else { return Vec::new() };
    let mut words = options.trim_start_matches('-').splitn(2, ['=', ' ', '\t']);
    let (Some(option), Some(value)) = (words.next(), words.next()) else { return Vec::new() };
    let value = value.split(" #").next().unwrap_or_default();
    Said::of_option(option, value, Who::Pip).collect()
}

/// Where a text says it; not shown where the line has a password in it.
fn with_place(said: Said, by: &str, text: &Text) -> Said {
    let place = match text.content.find(&said.what) {
        Some(at) => Location::within(text, at..at + said.what.len()),
        None => Location::file(&text.path),
    };
    said.by(by, Some(place))
}

/// One finding for each place and kind; that a host without TLS is trusted says nothing new.
fn findings(all: &[Said]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for said in all {
        let is_known = said.kind == Kind::Unchecked
            && all.iter().any(|other| other.kind == Kind::Plain && other.by == said.by && other.host == said.host);
        if is_known {
            continue;
        }
        let (what, by) = (&said.what, &said.by);
        let finding = match said.kind {
            Kind::Plain => Finding::new(format!("packages come over plain http: {by} names {what}"))
                .so("whoever is between you and the index decides which code is installed")
                .remedy(format!("name it with https:// in {by}")),
            Kind::Unchecked => {
                Finding::new(format!("the certificate of {what} is not checked: {by} trusts it blindly"))
                    .so("whoever is between you and the index decides which code is installed")
                    .remedy(format!("remove the host from {by}, and name its certificate with PIP_CERT instead"))
            }
            Kind::Extra => Finding::new(format!("packages may come from either of two indexes: {by} adds {what}"))
                .so("who uploads the name of a private package to the other index is installed instead of it")
                .remedy(format!("name one index that serves both in {by}, as index-url")),
        };
        let mut finding = finding.because(format!("{by} says so"));
        finding.location.clone_from(&said.at);
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(said: Vec<Said>) -> Vec<(Kind, String)> {
        said.into_iter().map(|said| (said.kind, said.what)).collect()
    }

    #[test]
    fn options_of_every_form_are_read() {
        assert_eq!(kinds(of_line("-i http://a.example/simple")), [(Kind::Plain, "http://a.example/simple".into())]);
        assert_eq!(
            kinds(of_line("--extra-index-url=https://u:p@b.example/simple  # c")),
            [(Kind::Extra, "https://****@b.example/simple".into())]
        );
        assert_eq!(kinds(of_line("--trusted-host c.example:80")), [(Kind::Unchecked, "c.example:80".into())]);
        let conf =
            "[global]\nextra-index-url =\n    https://a.example/\n    http://b.example/\ntrusted_host = localhost\n";
        let conf = [(PathBuf::from("/etc/pip.conf"), conf.to_owned())];
        assert_eq!(
            kinds(of_pip(&conf)),
            [(Kind::Extra, "https://a.example/".into()), (Kind::Plain, "http://b.example/".into())]
        );
        let uv = "extra-index-url = [\"https://a.example\"]\nallow-insecure-host = [\"h\"]\n[[index]]\nurl = \"http://x.example\"\n";
        assert_eq!(kinds(of_toml(uv)), [(Kind::Unchecked, "h".into()), (Kind::Plain, "http://x.example".into())]);
    }

    #[test]
    fn what_is_safe_or_at_home_is_not_told() {
        for line in ["-i https://a.example", "-i http://127.0.0.1:8080/simple", "-i http://[::1]/", "-e .", "requests"]
        {
            assert_eq!(kinds(of_line(line)), [], "{line}");
        }
    }
}
