//! INI files with the odd corners of `configparser`.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::files::Kind;

const HEADERS: &[&str] = &[
    "[flake8]",
    "[mypy]",
    "[options]",
    "[options.extras_require]",
    "[DEFAULT]",
    " [tool:pytest]",
    "[pytest]",
    "[coverage:run]",
    "[run] # behind",
    "[a]b]",
    "[ü: ö]",
    "[mypy-x.*]",
    "[flake8:local-plugins]",
    "[Flake8]",
    "[ flake8 ]",
    "[isort] ; behind",
    "\t[tox]",
    "[testenv:{py,x}-%(y)s]",
];

const NAMES: &[&str] = &[
    "x",
    "max-line-length",
    "MAX-LINE-LENGTH",
    "extend-ignore",
    "extend_ignore",
    "dev",
    "install_requires",
    "addopts",
    "ü",
    "İ",
    "a b",
    "testpaths",
    "addopts[x]",
    "%(x)s",
    "-r other.txt",
    "per-file-ignores",
    "\"quoted\" name",
    "\\",
];

const VALUES: &[&str] = &[
    "1",
    "",
    "E1, E2",
    "E1,E2",
    "E1,",
    "a = b : c",
    "%(x)s %% %",
    "x ; behind",
    "x # behind",
    "[x]",
    "foo>=1,<2",
    "\u{a0}",
    "# like a comment",
    "\"quoted\"",
    "%%(x)s %(",
    "${x} {posargs:-x}",
    "x;y#z",
    "=",
    ": x",
    "; like a comment",
    "x \\",
    "a\t=\tb",
    ",",
    ",E1",
    "E1 E2\tE3",
    "\u{2028}",
    "\u{3000}x",
];

const LINES: &[&str] = &[
    "    E1,",
    "    E2",
    "\tE3",
    "    foo>=1,<2",
    "    pytest-x ; python_version < '3'",
    "  [q]",
    "  k = v",
    "    # inside",
    "    ; inside",
    "    E4 # behind",
    "\u{a0}n",
    "\u{c}f",
    "\u{1f}s",
    "    %(x)s %",
    "    x==1 \\",
    "    -r other.txt",
    "    E5, E6 ; behind",
    "    ,",
    "\t \tE7",
    "                                        deep",
    "    [flake8]",
    "    max-line-length = 3",
    "    \u{85}x",
];

const BLANKS: &[&str] =
    &["", "", "  ", "\t", "# c", "; c", "  # c", "\u{a0}", "\u{c}", "\t; c", "#", "rem x = 1", "  \t  "];

fn key() -> impl Strategy<Value = String> {
    let indent = select(vec!["", "", "", "", "  "]);
    let delimiter = select(vec![" = ", "=", ": ", " : ", " =", ":", "= "]);
    (indent, select(NAMES), delimiter, select(VALUES), vec(prop_oneof![3 => select(LINES), 1 => select(BLANKS)], 0..4))
        .prop_map(|(indent, name, delimiter, value, lines)| {
            let lines: String = lines.iter().map(|line| format!("\n{line}")).collect();
            format!("{indent}{name}{delimiter}{value}{lines}")
        })
}

fn document() -> impl Strategy<Value = String> {
    let body = vec(prop_oneof![3 => key(), 2 => select(BLANKS).prop_map(str::to_owned)], 0..4);
    let section = (select(HEADERS), body).prop_map(|(header, body)| {
        let mut lines = vec![header.to_owned()];
        lines.extend(body);
        lines.join("\n")
    });
    let before = vec(select(BLANKS), 0..2).prop_map(|lines| lines.iter().map(|line| format!("{line}\n")).collect());
    (before, vec(section, 0..5))
        .prop_map(|(before, sections): (String, Vec<String>)| format!("{before}{}\n", sections.join("\n")))
}

/// Keys before the first section, lone words and what else makes `configparser` raise, beside what does not.
fn heap() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        2 => select(HEADERS).prop_map(str::to_owned),
        4 => key(),
        2 => select(LINES).prop_map(str::to_owned),
        2 => select(BLANKS).prop_map(str::to_owned),
        1 => select(vec!["bare", "= 1", "[]", "[open"]).prop_map(str::to_owned),
    ];
    vec(line, 0..8).prop_map(|lines| lines.join("\n"))
}

fn texts() -> impl Strategy<Value = String> {
    super::in_any_form(prop_oneof![4 => document(), 1 => heap()])
}

#[test]
fn ini_keeps_the_laws() {
    super::hold(Kind::Ini, texts(), 150);
}

#[test]
#[ignore = "full: 10,000 INI files"]
fn many_ini_files_keep_the_laws() {
    super::hold(Kind::Ini, texts(), super::MANY);
}
