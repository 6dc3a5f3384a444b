//! Why an environment could not be completed: sorted from what pip and uv print, in one sentence each.

use std::fmt;

/// The kinds of failure that ask for different answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Network,
    Proxy,
    Certificate,
    /// The index refuses the credentials, or wants some.
    Unauthorised,
    /// The index has no such package, or none for this Python; the name as it was asked for.
    NoSuchPackage(String),
    /// Requirements contradict each other.
    Conflict,
    /// The build of this package failed.
    Build(String),
    DiskFull,
    Permission,
    Interrupted,
    TimedOut,
    /// Nothing may be downloaded and what is needed is not at hand.
    Offline,
    /// The environment itself cannot be made with this Python.
    NoEnvironment,
    /// The place of the environment is taken by something that is not ours.
    Foreign,
    /// `pyproject.toml` or the request is wrong.
    Manifest,
    /// It ended well and yet something that was asked for is not there.
    NotInstalled,
    Other,
}

/// An environment that is not complete. The project's files are untouched; the same request again completes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncError {
    pub kind: Kind,
    /// One sentence, lower case, without a full stop and without credentials.
    pub message: String,
    /// What to do about it, if there is something better than trying again.
    pub hint: Option<String>,
    /// The last lines that the child printed, without credentials, for `-v`.
    pub tail: Vec<String>,
}

impl SyncError {
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, tail: Vec::new() }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn tail(mut self, tail: Vec<String>) -> Self {
        self.tail = tail;
        self
    }
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SyncError {}

/// What pip and uv print in each case; the first row that has a match decides.
const SIGNS: &[(Kind, &[&str])] = &[
    (
        Kind::DiskFull,
        &["no space left on device", "os error 28", "enospc", "disk quota exceeded", "not enough space on the disk"],
    ),
    (
        Kind::Proxy,
        &[
            "cannot connect to proxy",
            "proxyerror",
            "unable to connect to proxy",
            "tunnel error",
            "proxy connect",
            "unsuccessful tunnel",
            "proxy authentication required",
        ],
    ),
    (
        Kind::Certificate,
        &[
            "certificate_verify_failed",
            "certificate verify failed",
            "invalid peer certificate",
            "unknownissuer",
            "sslerror",
            "ssl: ",
            "could not find a suitable tls ca certificate bundle",
            "invalid certificate",
        ],
    ),
    (
        Kind::Unauthorised,
        &["401 client error", "403 client error", "401 unauthorized", "403 forbidden", "(401 ", "(403 ", "user for "],
    ),
    (
        Kind::Network,
        &[
            "newconnectionerror",
            "failed to establish a new connection",
            "connection refused",
            "name or service not known",
            "temporary failure in name resolution",
            "network is unreachable",
            "dns error",
            "tcp connect error",
            "connecttimeouterror",
            "readtimeouterror",
            "connection broken",
            "remotedisconnected",
            "connection reset by peer",
            "error sending request",
            "failed to fetch",
            "client error (connect)",
            "request failed after",
            "nodename nor servname",
            "getaddrinfo failed",
            "operation timed out",
            "error decoding response body",
        ],
    ),
];

/// Sort a failed run by its output lines; `backend` is `pip` or `uv`, `offline` whether downloads were forbidden.
#[must_use]
pub fn classify(backend: &str, lines: &[String]) -> SyncError {
    let lower: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    let kind = if lower
        .iter()
        .any(|line| line.contains("network connectivity is disabled") || line.contains("network was disabled"))
    {
        Kind::Offline
    } else {
        let sign =
            SIGNS.iter().find(|(_, signs)| lower.iter().any(|line| signs.iter().any(|sign| line.contains(sign))));
        sign.map_or_else(|| by_structure(lines, &lower), |(kind, _)| kind.clone())
    };
    let message = sentence(&kind, backend, lines);
    let tail = lines.iter().rev().filter(|line| !line.trim().is_empty()).take(30).cloned().collect::<Vec<_>>();
    SyncError { message, hint: hint(&kind), kind, tail: tail.into_iter().rev().collect() }
}

fn by_structure(lines: &[String], lower: &[String]) -> Kind {
    let has = |text: &str| lower.iter().any(|line| line.contains(text));
    if let Some(name) = lines.iter().find_map(|line| built(line)) {
        return Kind::Build(name);
    }
    // `exit code` lines belong to the build that pip ran for the last package it spoke of.
    if has("subprocess-exited-with-error") || has("metadata-generation-failed") || has("failed-wheel-build-for-install")
    {
        let marks = ["Collecting ", "Processing ", "Obtaining "];
        let named = |line: &String| marks.iter().find_map(|mark| word_after(line, mark));
        let last = lines.iter().rev().find_map(named);
        // A folder or a URL: its last part says enough.
        let last = last.as_deref().map(|name| name.trim_end_matches('/').rsplit('/').next().unwrap_or(name).to_owned());
        return Kind::Build(last.unwrap_or_else(|| "a package".into()));
    }
    if has("resolutionimpossible") || has("conflicting dependencies") {
        return Kind::Conflict;
    }
    if let Some(name) = missing(lines) {
        return Kind::NoSuchPackage(name);
    }
    if has("no solution found when resolving") {
        return Kind::Conflict;
    }
    if has("permission denied") || has("operation not permitted") || has("read-only file system") {
        return Kind::Permission;
    }
    Kind::Other
}

/// The package that failed to build, by the line that says so.
fn built(line: &str) -> Option<String> {
    word_after(line, "Failed to build ")
        .or_else(|| word_after(line, "Failed building wheel for "))
        .or_else(|| word_after(line, "Failed building editable for "))
        .or_else(|| word_after(line, "Failed to build installable wheels for some pyproject.toml based projects ("))
}

/// The package that the index does not have, or not in the wanted version. uv wraps its explanation over lines.
fn missing(lines: &[String]) -> Option<String> {
    let text = lines
        .iter()
        .map(|line| line.trim_start_matches([' ', '╰', '─', '▶', '│', '×']).trim_end())
        .collect::<Vec<_>>()
        .join(" ");
    let pip =
        |mark: &str| text.split_once(mark).and_then(|(_, rest)| rest.split([' ', '(', ';']).next()).map(str::to_owned);
    let before = |mark: &str| {
        text.split_once(mark).and_then(|(start, _)| start.rsplit("Because ").next()).and_then(|words| {
            words.rsplit(" and ").next().and_then(|words| words.split_whitespace().last()).map(str::to_owned)
        })
    };
    let only = || {
        let (_, rest) = text.split_once("Because only ")?.1.split_once(" available and you require ")?;
        rest.split(", we can").next().map(str::to_owned)
    };
    pip("No matching distribution found for ")
        .or_else(only)
        .or_else(|| before(" was not found in the "))
        .or_else(|| pip("there are no versions of "))
        .or_else(|| pip("there is no version of "))
        .or_else(|| {
            text.contains("only the following versions of").then(|| pip("only the following versions of ")).flatten()
        })
        .or_else(|| text.contains(" has no wheels ").then(|| before(" has no wheels ")).flatten())
        .filter(|name| !name.is_empty())
}

fn word_after(line: &str, mark: &str) -> Option<String> {
    let rest = line.split_once(mark)?.1;
    let word = rest.split_whitespace().next()?.trim_matches(|c: char| matches!(c, '`' | '\'' | '"' | ',' | ')' | ':'));
    let word = word.split("==").next().unwrap_or(word);
    (!word.is_empty()).then(|| word.to_owned())
}

fn sentence(kind: &Kind, backend: &str, lines: &[String]) -> String {
    match kind {
        Kind::Network => "the package index cannot be reached".into(),
        Kind::Proxy => "the proxy cannot be reached or refuses".into(),
        Kind::Certificate => "the package index's certificate is not trusted".into(),
        Kind::Unauthorised => "the package index refuses access".into(),
        Kind::NoSuchPackage(name) => format!("the package index has no {name} that fits this Python"),
        Kind::Conflict => "the requirements contradict each other".into(),
        Kind::Build(name) => format!("building {name} failed"),
        Kind::DiskFull => "the disk is full".into(),
        Kind::Permission => format!("{backend} may not write into the environment"),
        Kind::Offline => "something that is needed is not in the cache, and downloads are off".into(),
        _ => {
            let last = lines.iter().rposition(|line| line.to_lowercase().contains("error"));
            let Some(line) = last.or(lines.len().checked_sub(1)) else {
                return format!("{backend} failed without a word");
            };
            let cause = lines.get(line + 1).and_then(|next| next.trim().strip_prefix("cause: "));
            let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("{backend} failed: {}{cause}", lines[line].trim().trim_start_matches("error: "))
        }
    }
}

fn hint(kind: &Kind) -> Option<String> {
    Some(match kind {
        Kind::Proxy => "look at HTTPS_PROXY, ALL_PROXY and pip's setting proxy".into(),
        Kind::Certificate => "point SSL_CERT_FILE or pip's setting cert at the certificates of your network".into(),
        Kind::Unauthorised => "look at the credentials of the index".into(),
        Kind::DiskFull => "free some space".into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        classify("pip", &text.lines().map(str::to_owned).collect::<Vec<_>>()).kind
    }

    #[test]
    fn what_pip_prints() {
        let retry = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<x>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/black/\nERROR: No matching distribution found for black";
        assert_eq!(kind(retry), Kind::Network);
        let proxy = "WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.', NewConnectionError('x'))'";
        assert_eq!(kind(proxy), Kind::Proxy);
        assert_eq!(
            kind(
                "ERROR: Could not find a version that satisfies the requirement nope>=3 (from versions: none)\nERROR: No matching distribution found for nope>=3"
            ),
            Kind::NoSuchPackage("nope>=3".into())
        );
        assert_eq!(
            kind("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"),
            Kind::DiskFull
        );
        assert_eq!(kind("  ERROR: Failed building wheel for thing"), Kind::Build("thing".into()));
        assert_eq!(kind("Collecting thing==1\n  error: subprocess-exited-with-error"), Kind::Build("thing".into()));
        assert_eq!(kind("ERROR: ResolutionImpossible: for help visit"), Kind::Conflict);
        assert_eq!(kind("boom"), Kind::Other);
    }

    #[test]
    fn what_uv_prints() {
        let none = "  × No solution found when resolving dependencies:\n  ╰─▶ Because nope was not found in the package registry and you require\n      nope, we can conclude that your requirements are unsatisfiable.";
        assert_eq!(kind(none), Kind::NoSuchPackage("nope".into()));
        assert_eq!(
            kind("  × Failed to build `thing @ file:///x`\n  ├─▶ The build backend returned an error"),
            Kind::Build("thing".into())
        );
        assert_eq!(
            kind(
                "error: Request failed after 3 retries\n  Caused by: Failed to fetch: `http://127.0.0.1:9/`\n  Caused by: tcp connect error"
            ),
            Kind::Network
        );
    }
}
