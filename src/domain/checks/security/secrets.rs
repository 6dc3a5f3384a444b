//! SEC01: whether files with passwords are in git.

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use crate::domain::facts::{Facts, Need, NoAnswer};

pub const SECRETS_TRACKED: Check = Check {
    id: "SEC01",
    family: Family::Security,
    title: "git tracks a file with passwords",
    docs: Docs {
        what: "Git tracks a `.env` or `.pypirc` of the project, and there are passwords or tokens in it.",
        why: "Whoever can read the repository, now or at any later time, can read them, and they stay in its history \
              when the file is removed. Programs look for them in public repositories within minutes.",
        origin: "`git add .` before `.gitignore` named the file.",
        remedy: "Make the passwords and tokens invalid first: they are known. Then `git rm --cached .env`, write \
                 `.env` into `.gitignore`, and commit a `.env.example` without values instead.",
    },
    needs: &[Need::Tracked],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: secrets_tracked,
};

fn secrets_tracked(facts: &Facts) -> Findings {
    let project = facts.project()?;
    let tracked = project.tracked.get()?.as_ref();
    let tracked = tracked.ok_or_else(|| NoAnswer::pointless("not in a git repository"))?;
    let mut findings = Vec::new();
    for (file, text) in &tracked.private {
        let is_upload = file.ends_with(".pypirc");
        let mut keys = text.lines().filter_map(|line| secret(line, is_upload));
        let Some(key) = keys.next() else { continue };
        let more = match keys.count() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        // The line itself is the secret, so it is not shown.
        findings.push(
            Finding::new(format!("git tracks {file}, which holds passwords"))
                .because(format!("{file} is in git's index and gives {key}{more} a value"))
                .so("whoever can read the repository can read them, also after the file was removed")
                .remedy(format!("make them invalid, then git rm --cached {file} and write it into .gitignore"))
                .at(Location::file(project.folder.join(file))),
        );
    }
    Ok(findings)
}

/// Endings of names that say that a file is to be copied and filled in, or is for tests.
const TEMPLATES: &[&str] = &["example", "sample", "template", "tmpl", "dist", "test", "testing", "defaults", "schema"];

/// Whether a file is one that passwords are kept in, by its path.
#[must_use]
pub fn is_private(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let variant = name.strip_prefix(".env.");
    name == ".env"
        || name == ".pypirc"
        || variant.is_some_and(|rest| !rest.split('.').any(|part| TEMPLATES.contains(&part)))
}

const SECRET: &[&str] =
    &["SECRET", "PASSWORD", "PASSWD", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY", "CREDENTIAL"];

/// Beginnings of values that stand for one.
const PLACEHOLDERS: &[&str] = &[
    "<",
    "$",
    "{",
    "*",
    "xxx",
    "...",
    "change",
    "your",
    "my",
    "example",
    "dummy",
    "test",
    "fake",
    "insert",
    "replace",
    "todo",
    "none",
    "null",
    "local",
    "dev",
    "default",
    "secret",
    "password",
    "placeholder",
    "insecure",
    "/",
    "./",
    "~",
];

/// The name that a line gives a secret value to; a value that may be anything else is none.
fn secret(line: &str, is_upload: bool) -> Option<&str> {
    let line = line.trim();
    let (key, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let (key, value) = (key.trim(), value.trim().trim_matches(['"', '\'']));
    let upper = key.to_ascii_uppercase();
    if line.starts_with(['#', ';']) || value.len() < 8 || value.contains(char::is_whitespace) {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    if PLACEHOLDERS.iter().any(|start| lower.starts_with(start)) || lower.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let names_one = if is_upload { upper == "PASSWORD" } else { SECRET.iter().any(|word| upper.contains(word)) };
    // What is a link or a path is where something is, not what it is.
    (names_one && !value.contains("://")).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_private_by_their_names() {
        assert!([".env", "a/.env", ".env.local", ".pypirc", ".env.production"].iter().all(|it| is_private(it)));
        assert!(
            !["env", ".env.example", ".env.test", "a.env", ".envrc", ".env.local.sample"]
                .iter()
                .any(|it| is_private(it))
        );
    }

    #[test]
    fn only_what_looks_like_a_secret_is_one() {
        for line in ["API_KEY=q8Zf0aLm2", "export db_password = 'hunter2hunter2'", "GITHUB_TOKEN=ghp_abcdefgh"] {
            assert!(secret(line, false).is_some(), "{line}");
        }
        for line in [
            "# API_KEY=q8Zf0aLm2",
            "DEBUG=1",
            "TOKEN_SECONDS=86400000",
            "API_KEY=",
            "API_KEY=<your key>",
            "API_KEY=changeme-please",
            "SECRET_KEY=${SECRET_KEY}",
            "SECRETS_FILE=/run/secrets/x",
            "TOKEN_URL=https://example.org/token",
        ] {
            assert_eq!(secret(line, false), None, "{line}");
        }
        assert_eq!(secret("password = pypi-AgEIcHlwaS5", true), Some("password"));
        assert_eq!(secret("username = __token__", true), None);
    }
}
