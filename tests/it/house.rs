//! The rules of the house that the compiler and clippy cannot see.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{World, shared};

/// Backends and the hook manager, which Rust code may name though a tool folder of that name may exist.
const BACKENDS: &[&str] = &["pip", "uv", "pre-commit", "git"];

/// A Rust file below `src/` without its tests, taken apart.
struct Source {
    path: String,
    /// The code without comments, each literal replaced by `""`.
    code: String,
    literals: Vec<String>,
    /// Lines up to the tests.
    lines: usize,
    opens_with_a_sentence: bool,
}

fn sources() -> Vec<Source> {
    let root = shared::repository();
    let mut sources = Vec::new();
    for path in tracked() {
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        if !is_rust || !path.starts_with("src") || path.ends_with("tests.rs") || path.iter().any(|part| part == "tests")
        {
            continue;
        }
        let whole = fs::read_to_string(root.join(&path)).unwrap();
        let text = whole.split("#[cfg(test)]\nmod ").next().unwrap();
        let (code, literals) = take_apart(text);
        sources.push(Source {
            path: path.to_str().unwrap().replace('\\', "/"),
            code,
            literals,
            lines: text.lines().count(),
            opens_with_a_sentence: text.starts_with("//! "),
        });
    }
    assert!(sources.len() > 10, "the sources were not found");
    sources
}

/// What git has or would have, relative to the repository.
pub fn tracked() -> Vec<PathBuf> {
    let root = shared::repository();
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "git ls-files");
    let names = String::from_utf8(output.stdout).unwrap();
    names.split_terminator('\0').map(PathBuf::from).filter(|path| root.join(path).is_file()).collect()
}

/// Code without comments and literals, and the literals.
fn take_apart(text: &str) -> (String, Vec<String>) {
    let (mut code, mut literals) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("/*") {
            rest = &rest[rest.find("*/").map_or(rest.len(), |end| end + 2)..];
        } else if let Some((literal, after)) = literal(rest) {
            // A literal such as b"" or r"" keeps its prefix out of the code.
            literals.push(literal.to_owned());
            code.push_str("\"\"");
            rest = after;
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    (code, literals)
}

/// The string or character literal that `rest` begins with, and what follows it.
fn literal(rest: &str) -> Option<(&str, &str)> {
    if let Some(raw) = rest.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if let Some(body) = raw[hashes..].strip_prefix('"') {
            let close = format!("\"{}", &raw[..hashes]);
            let end = body.find(&close)?;
            return Some((&body[..end], &body[end + close.len()..]));
        }
        return None;
    }
    if let Some(body) = rest.strip_prefix('"') {
        let mut escaped = false;
        for (at, byte) in body.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => return Some((&body[..at], &body[at + 1..])),
                _ => {}
            }
        }
        return None;
    }
    let body = rest.strip_prefix('\'')?;
    let length = body.chars().next().map_or(0, char::len_utf8);
    if body.starts_with('\\') {
        let end = body[2..].find('\'')? + 2;
        return Some((&body[..end], &body[end + 1..]));
    }
    // Otherwise it is a lifetime.
    body[length..].strip_prefix('\'').map(|after| (&body[..length], after))
}

/// Whether `word` stands in `text` as a word of its own.
fn has_word(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(joins) && !text[at + word.len()..].chars().next().is_some_and(joins)
    })
}

/// The uses of `forbidden` paths in the sources below `folder`, group imports resolved one level deep.
fn uses(folder: &str, forbidden: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with(folder)) {
        let code: String = source.code.split_whitespace().collect::<Vec<_>>().join(" ");
        for path in forbidden {
            let (parent, last) = path.rsplit_once("::").unwrap_or(("", path));
            let opening = format!("{parent}::{{");
            let groups = code.split(&opening).skip(1).map(|rest| rest.split(';').next().unwrap_or(""));
            if has_word(&code, path) || (!parent.is_empty() && groups.into_iter().any(|group| has_word(group, last))) {
                found.push(format!("{}: {path}", source.path));
            }
        }
    }
    found
}

#[test]
fn the_lexer_sees_what_it_should() {
    let (code, literals) = take_apart("fn f<'a>(x: &'a str) { g('\\n', \"a \\\" // b\", r#\"c\"d\"#) } // \"no\"\n");
    assert_eq!(code, "fn f<'a>(x: &'a str) { g(\"\", \"\", \"\") } \n");
    assert_eq!(literals, ["\\n", "a \\\" // b", "c\"d"]);
    assert!(has_word("use std::fs;", "std::fs") && !has_word("use std::fsx;", "std::fs"));
}

#[test]
fn domain_has_no_effects() {
    let forbidden = [
        "std::fs",
        "std::env",
        "std::process",
        "std::net",
        "std::time::SystemTime",
        "std::time::Instant",
        "fs_err",
        "crate::system",
        "crate::ui",
        "crate::commands",
        "anstream",
        "console",
        "dialoguer",
        "indicatif",
    ];
    assert_eq!(uses("src/domain", &forbidden), [""; 0]);
}

#[test]
fn ui_and_system_do_not_know_each_other() {
    assert_eq!(uses("src/ui", &["crate::system", "crate::commands", "std::fs", "fs_err", "std::process"]), [""; 0]);
    assert_eq!(uses("src/system", &["crate::ui", "crate::commands", "anstream", "dialoguer", "indicatif"]), [""; 0]);
}

#[test]
fn only_ui_speaks_to_the_terminal() {
    let streams = ["stdout()", "stderr()", "stdin()"];
    // The handler of signals shows the cursor that a prompt had hidden, when nobody else can any more.
    let may = |source: &Source| source.path.starts_with("src/ui") || source.path == "src/system/interrupt.rs";
    let others = sources().into_iter().filter(|source| !may(source));
    let speak = |source: &Source| streams.iter().any(|stream| source.code.contains(&format!("io::{stream}")));
    assert_eq!(others.filter(speak).map(|source| source.path).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn rust_code_names_no_tool() {
    let mut named = Vec::new();
    for tool in shared::tools_as_data() {
        if BACKENDS.contains(&tool.name.as_str()) {
            continue;
        }
        for source in &sources() {
            for literal in source.literals.iter().filter(|literal| has_word(literal, &tool.name)) {
                named.push(format!("{}: {literal:?} names {}", source.path, tool.name));
            }
        }
    }
    assert!(named.is_empty(), "a tool belongs into its folder:\n{}", named.join("\n"));
}

#[test]
fn every_file_is_one_subject() {
    let sources = sources();
    for source in &sources {
        assert!(source.lines <= 600, "{} has {} lines", source.path, source.lines);
        assert!(
            source.opens_with_a_sentence || source.lines == 1,
            "{} does not open with a sentence of what it is",
            source.path
        );
    }
    let long: Vec<_> = sources.iter().filter(|source| source.lines > 300).map(|source| &source.path).collect();
    assert!(long.len() * 5 <= sources.len(), "too many files over 300 lines: {long:?}");
}

#[test]
fn nothing_is_written_that_does_not_belong() {
    // Put together here, so that this file does not contain them.
    let hosts =
        [["py", "pi.org"], ["pythonhos", "ted.org"], ["crates", ".io/"], ["npm", "js.org"], ["deb.deb", "ian.org"]];
    let marks = [["TO", "DO"], ["FIX", "ME"], ["\u{2014}", ""], ["/wo", "rk/wt"], ["/ro", "ot/"]];
    let mut found = Vec::new();
    for path in tracked().iter().filter(|path| !path.ends_with("Cargo.lock") && !path.starts_with("tests/cases")) {
        let Ok(text) = fs::read_to_string(shared::repository().join(path)) else { continue };
        for word in hosts.iter().chain(&marks).map(|halves| halves.concat()) {
            // An absolute path begins here; `$folder` before it would make it another one.
            let begins = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '}');
            if text.match_indices(&word).any(|(at, _)| !word.starts_with('/') || begins(at)) {
                found.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The checks as a table, as README.md has them.
fn table_of_checks() -> String {
    let listed = World::new().run("doctor --list --format json").ok().stdout;
    let checks: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    let mut table = "| check | finds that | severity | mended by |\n|---|---|---|---|\n".to_owned();
    let mut family = String::new();
    for check in &checks {
        let of = |key: &str| check[key].as_str().unwrap().to_owned();
        if family != of("family") {
            family = of("family");
            table += &format!("| **{family}** | | | |\n");
        }
        let fix = of("fix");
        let fix = if fix.starts_with('-') { format!("`{fix}`") } else { fix };
        table += &format!("| {} | {} | {} | {fix} |\n", of("id"), of("title"), of("severity"));
    }
    table
}

#[test]
fn the_readme_has_every_check() {
    let path = shared::repository().join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- checks: ").unwrap();
    let (comment, rest) = rest.split_once("-->\n").unwrap();
    let (table, after) = rest.split_once("<!-- /checks -->").unwrap();
    let made = table_of_checks();
    if std::env::var_os("PYENVKIT_WRITE_CASES").is_some() {
        fs::write(&path, format!("{before}<!-- checks: {comment}-->\n{made}<!-- /checks -->{after}")).unwrap();
    } else {
        assert_eq!(table, made, "PYENVKIT_WRITE_CASES=1 cargo test --test it house writes the table anew");
    }
}

#[test]
fn every_tool_and_template_has_one_folder() {
    for drawer in ["templates/tools", "templates/projects"] {
        let Ok(folders) = fs::read_dir(shared::repository().join(drawer)) else { continue };
        for folder in folders.flatten() {
            let data = if drawer.ends_with("tools") { "tool.toml" } else { "template.toml" };
            assert!(Path::new(&folder.path()).join(data).is_file(), "{} has no {data}", folder.path().display());
        }
    }
}
