//! The hook files that pre-commit and prek write into a repository: recognised, and rendered as pre-commit renders them.
//!
//! Source: `pre_commit/commands/install_uninstall.py` and `pre_commit/resources/hook-tmpl` of pre-commit 2 to 4. The
//! template itself is always read from the pre-commit that the project has installed.

use serde::Deserialize;

const TEMPLATE_START: &str = "# start templated\n";
const TEMPLATE_END: &str = "# end templated\n";

/// The hook types that pre-commit can install.
pub const HOOK_TYPES: [&str; 10] = [
    "commit-msg",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "prepare-commit-msg",
];

/// The identifiers in the scripts of pre-commit, the newest first.
const PRE_COMMIT_IDS: [&str; 6] = [
    "138fd403232d2ddd5efb44317e38bf03",
    "4d9958c90bc262f47553e2c073f14cfe",
    "d8ee923c46731b42cd95cc869add4062",
    "49fd668cb42069aa1b6048464be5d395",
    "79f09a650522a87b0da915d0d983b2de",
    "e358c9dae00eac5d06b38dfdb1e33a8c",
];

const PREK_ID: &str = "182c10f181da4464a3eec51b83331688";

/// What a hook file is rendered from.
#[derive(Debug, Clone, Copy)]
pub struct Hook<'a> {
    /// The text of `pre_commit/resources/hook-tmpl`.
    pub template: &'a str,
    /// The interpreter that has pre-commit, as bytes of its path.
    pub python: &'a [u8],
    /// The configuration file, relative to the top of the working tree.
    pub config: &'a [u8],
    /// One of [`HOOK_TYPES`].
    #[expect(clippy::struct_field_names, reason = "that is what pre-commit calls it")]
    pub hook_type: &'a str,
    pub platform: Platform,
}

/// Whose shell runs the hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    Unix,
    /// The file gets a first line `#!/bin/sh`, since `bash` may not be on PATH.
    Windows,
}

/// The bytes that `pre-commit install` writes; `None` if the template has not the shape that pre-commit 2 to 4 gave it.
#[must_use]
pub fn render(hook: &Hook<'_>) -> Option<Vec<u8>> {
    let (before, rest) = hook.template.split_once(TEMPLATE_START)?;
    let (_, after) = rest.split_once(TEMPLATE_END)?;
    let mut bytes = Vec::with_capacity(hook.template.len() + 256);
    if hook.platform == Platform::Windows {
        bytes.extend_from_slice(b"#!/bin/sh\n");
    }
    bytes.extend_from_slice(before.as_bytes());
    bytes.extend_from_slice(TEMPLATE_START.as_bytes());
    bytes.extend_from_slice(b"INSTALL_PYTHON=");
    bytes.extend(quote(hook.python));
    bytes.extend_from_slice(b"\nARGS=(hook-impl ");
    bytes.extend(quote(&[b"--config=", hook.config].concat()));
    bytes.push(b' ');
    bytes.extend(quote(format!("--hook-type={}", hook.hook_type).as_bytes()));
    bytes.extend_from_slice(b")\n");
    bytes.extend_from_slice(TEMPLATE_END.as_bytes());
    bytes.extend_from_slice(after.as_bytes());
    Some(bytes)
}

/// A word for a POSIX shell, quoted as Python's `shlex.quote` does.
fn quote(word: &[u8]) -> Vec<u8> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(byte);
    if !word.is_empty() && word.iter().all(plain) {
        return word.to_vec();
    }
    let mut quoted = vec![b'\''];
    for byte in word {
        match byte {
            b'\'' => quoted.extend_from_slice(b"'\"'\"'"),
            other => quoted.push(*other),
        }
    }
    quoted.push(b'\'');
    quoted
}

/// The value of a shell word at the start of `text` that has nothing to expand, such as `quote` writes, and what
/// follows it.
#[must_use]
pub fn unquote(text: &str) -> (String, &str) {
    let mut word = String::new();
    let mut mark = None;
    for (at, part) in text.char_indices() {
        match (mark, part) {
            (None, '\'' | '"') => mark = Some(part),
            (Some(open), close) if open == close => mark = None,
            (None, end) if end.is_whitespace() || end == ')' => return (word, &text[at..]),
            _ => word.push(part),
        }
    }
    (word, "")
}

/// Who wrote a hook file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    PreCommit {
        /// Whether it is the script of pre-commit 2.10 and later.
        current: bool,
        /// `INSTALL_PYTHON`, if the script names one.
        python: Option<String>,
        /// `--config`, if the script names one.
        config: Option<String>,
    },
    Prek {
        /// The path of `prek` in the script.
        program: Option<String>,
    },
    /// A sample of git's, a script of the user's, another hook manager.
    Other,
}

/// What follows an assignment at the start of a line; a quoted value may go over several.
fn assigned<'c>(content: &'c str, name: &str) -> Option<&'c str> {
    let mut found = content.match_indices(name);
    found
        .find(|(at, _)| content[..*at].is_empty() || content[..*at].ends_with('\n'))
        .map(|(at, _)| &content[at + name.len()..])
}

/// Recognise the writer of a hook by its content, by the same marks as pre-commit itself uses.
#[must_use]
pub fn author(content: &str) -> Author {
    if let Some(at) = PRE_COMMIT_IDS.iter().position(|id| content.contains(id)) {
        let python = assigned(content, "INSTALL_PYTHON=");
        let config = content.lines().find_map(|line| line.strip_prefix("ARGS=(")).and_then(|words| {
            let mut rest = words;
            while !rest.is_empty() && !rest.starts_with(')') {
                let (word, after) = unquote(rest.trim_start());
                if let Some(config) = word.strip_prefix("--config=") {
                    return Some(config.to_owned());
                }
                rest = after;
            }
            None
        });
        let python = python.map(|word| unquote(word).0).filter(|python| !python.is_empty());
        return Author::PreCommit { current: at == 0, python, config };
    }
    if content.contains(PREK_ID) || content.contains("File generated by prek") {
        let program = assigned(content, "PREK=");
        return Author::Prek { program: program.map(|word| unquote(word).0) };
    }
    Author::Other
}

/// Whether a hook that is not pre-commit's or prek's own calls one of them: one is named outside of comments.
#[must_use]
pub fn calls_runner(content: &str) -> bool {
    let word = |c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_');
    let code = content.lines().filter(|line| !line.trim_start().starts_with('#'));
    code.flat_map(|line| line.split(word)).any(|it| matches!(it, "pre-commit" | "pre_commit" | "prek"))
}

/// The hook types that `pre-commit install` installs for a `.pre-commit-config.yaml` with this text:
/// `default_install_hook_types`, or `pre-commit` alone where that is absent or not valid.
#[must_use]
pub fn hook_types(config: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct File {
        default_install_hook_types: Option<Vec<String>>,
    }
    serde_saphyr::from_str::<File>(config)
        .ok()
        .and_then(|file| file.default_install_hook_types)
        .filter(|types| types.iter().all(|name| HOOK_TYPES.contains(&name.as_str())))
        .unwrap_or_else(|| vec!["pre-commit".to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str =
        "#!x\n# ID: 138fd403232d2ddd5efb44317e38bf03\n# start templated\nOLD\n# end templated\nrest\n";

    #[test]
    fn rendering_replaces_the_marked_part() {
        let hook = Hook {
            template: TEMPLATE,
            python: "/a b\nc/it's/python".as_bytes(),
            config: b"sub/.pre-commit-config.yaml",
            hook_type: "pre-push",
            platform: Platform::Windows,
        };
        let text = String::from_utf8(render(&hook).unwrap()).unwrap();
        assert_eq!(
            text,
            "#!/bin/sh\n#!x\n# ID: 138fd403232d2ddd5efb44317e38bf03\n# start templated\n\
             INSTALL_PYTHON='/a b\nc/it'\"'\"'s/python'\n\
             ARGS=(hook-impl --config=sub/.pre-commit-config.yaml --hook-type=pre-push)\n# end templated\nrest\n"
        );
        assert_eq!(
            author(&text),
            Author::PreCommit {
                current: true,
                python: Some("/a b\nc/it's/python".into()),
                config: Some("sub/.pre-commit-config.yaml".into()),
            }
        );
        assert_eq!(render(&Hook { template: "#!x\n", ..hook }), None);
    }

    #[test]
    fn words_are_quoted_like_shlex() {
        for (word, quoted) in [("", "''"), ("a-b/c.d", "a-b/c.d"), ("ü", "'ü'"), ("a b", "'a b'"), ("$x", "'$x'")] {
            assert_eq!(quote(word.as_bytes()), quoted.as_bytes(), "{word}");
        }
    }

    #[test]
    fn writers_are_recognised() {
        assert_eq!(author("#!/bin/sh\nexit 0\n"), Author::Other);
        let prek = "#!/bin/sh\n# File generated by prek: x\nPREK=\"/v/bin/prek\"\n";
        assert_eq!(author(prek), Author::Prek { program: Some("/v/bin/prek".into()) });
        let old = "# ID: d8ee923c46731b42cd95cc869add4062\n";
        assert_eq!(author(old), Author::PreCommit { current: false, python: None, config: None });
    }

    #[test]
    fn a_call_of_a_runner_is_seen_but_no_comment() {
        assert!(calls_runner("#!/bin/sh\nexec pre-commit run --hook-stage pre-push\n"));
        assert!(calls_runner("python3 -m pre_commit run\n"));
        assert!(!calls_runner("#!/bin/sh\n# rename this file to \"pre-commit\".\n.git/hooks/my-pre-commit-x\n"));
    }

    #[test]
    fn hook_types_come_from_the_configuration() {
        assert_eq!(hook_types("repos: []\n"), ["pre-commit"]);
        let two = "default_install_hook_types: [pre-commit, commit-msg]\nrepos: []\n";
        assert_eq!(hook_types(two), ["pre-commit", "commit-msg"]);
        assert_eq!(hook_types("default_install_hook_types: [lunch]\n"), ["pre-commit"]);
        assert_eq!(hook_types(": ["), ["pre-commit"]);
    }
}
