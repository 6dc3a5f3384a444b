//! Takes credentials out of text before anybody sees it.

/// What stands in place of a secret, as pip writes it.
const MASK: &str = "****";

/// Query parameters and header fields whose value is a secret, compared without case and with `-` as `_`.
const SECRET_NAMES: &[&str] = &[
    "token",
    "access_token",
    "auth",
    "auth_token",
    "api_key",
    "apikey",
    "key",
    "password",
    "passwd",
    "pwd",
    "secret",
    "client_secret",
    "sig",
    "signature",
    "x_amz_signature",
    "x_amz_credential",
    "x_amz_security_token",
    "x_goog_signature",
    "private_token",
    "job_token",
];

/// `text` without user names and passwords in URLs, secret query parameters and `Authorization` values.
///
/// The user name `git` alone, as in `git+ssh://git@host`, is no credential and stays.
#[must_use]
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(&headers(before));
        let end = after.find(|c: char| c.is_whitespace() || matches!(c, '"' | '`' | '<' | '>')).unwrap_or(after.len());
        out.push_str(&url(&after[..end]));
        rest = &after[end..];
    }
    out.push_str(&headers(rest));
    out
}

/// The part of a URL behind `://`, without its secrets.
fn url(text: &str) -> String {
    let path = text.find(['/', '?', '#']).unwrap_or(text.len());
    let host = match text[..path].rfind('@') {
        Some(at) => Some(at),
        // A password with a raw `/`, `?` or `#`: what stands before it is then no host with a port.
        None if looks_like_password(&text[..path]) => text.find('@'),
        None => None,
    };
    let (credentials, rest) = match host {
        Some(at) if &text[..at] != "git" => (true, &text[at..]),
        _ => (false, text),
    };
    let rest = match rest.split_once('?') {
        Some((path, query)) => format!("{path}?{}", parameters(query)),
        None => rest.to_owned(),
    };
    if credentials { format!("{MASK}{rest}") } else { rest }
}

fn looks_like_password(authority: &str) -> bool {
    let bracketed = authority.starts_with('[');
    authority.rsplit_once(':').is_some_and(|(_, port)| !bracketed && !port.chars().all(|c| c.is_ascii_digit()))
}

fn parameters(query: &str) -> String {
    let (query, fragment) = match query.split_once('#') {
        Some((query, fragment)) => (query, Some(fragment)),
        None => (query, None),
    };
    let shown: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}={MASK}"),
            _ => pair.to_owned(),
        })
        .collect();
    match fragment {
        Some(fragment) => format!("{}#{fragment}", shown.join("&")),
        None => shown.join("&"),
    }
}

pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    SECRET_NAMES.contains(&name.as_str())
}

/// Text outside URLs: what follows `Bearer` or `Basic` in an `Authorization` field goes.
fn headers(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find("authorization:") else { return text.to_owned() };
    let value = at + "authorization:".len();
    let end = text[value..].find(['\n', '\'', '"', ',']).map_or(text.len(), |length| value + length);
    format!("{} {MASK}{}", &text[..value], headers(&text[end..]))
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn credentials_of_urls_go() {
        assert_eq!(redact("Looking in indexes: https://me:se:cret@host.example/simple, x"), {
            "Looking in indexes: https://****@host.example/simple, x"
        });
        assert_eq!(redact("a https://token@h/x b http://u:p@ss@h:80/y"), "a https://****@h/x b http://****@h:80/y");
        assert_eq!(redact("\"https://u:pa/ss@h/simple\""), "\"https://****@h/simple\"");
        assert_eq!(redact("https://u:p%40@h"), "https://****@h");
    }

    #[test]
    fn what_is_no_credential_stays() {
        for text in [
            "https://host:8080/simple/a@1.0/",
            "git+ssh://git@host.example/x.git@v1",
            "file:///tmp/a@b",
            "mail me@example.com",
            "https://[::1]:80/x@y",
            "",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn secret_parameters_and_headers_go() {
        assert_eq!(redact("https://h/s?a=1&Access-Token=abc&b=2#f"), "https://h/s?a=1&Access-Token=****&b=2#f");
        assert_eq!(redact("header Authorization: Bearer abc"), "header Authorization: ****");
        assert_eq!(redact("x https://h/ authorization: Basic abc\ny"), "x https://h/ authorization: ****\ny");
    }
}
