//! When a conditional include holds.
//!
//! Source: git-config(1), section "Conditional includes"; gitignore(5) on patterns.

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
