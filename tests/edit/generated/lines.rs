//! Requirements files and lists of patterns.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::files::Kind;

const REQUIREMENTS: &[&str] = &[
    "attrs",
    "Black==24.1",
    "black-ours-not>=1 # why",
    "foo_bar[x,y] ~= 1.0",
    "mypy; python_version < '3.9'",
    "pkg @ https://example.com/pkg.zip",
    "pkg@git+https://example.com/x@v1#egg=pkg",
    "https://example.com/a-1.0.zip",
    "./local",
    "../x[y]",
    "-e .",
    "-e git+https://example.com/x#egg=x",
    "--editable=.[dev]",
    "-r other.txt",
    "-c constraints.txt",
    "--index-url https://example.com/simple",
    "--no-binary :all:",
    "joined==1 \\\n    ; python_version > '3'",
    "hashed==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11",
    "hashed==1 --hash=sha256:00",
    "opt --config-settings=\"a=b\"",
    "    # via x",
    "# comment",
    "# comment \\",
    "  indented==1",
    "trailing==1   ",
    "${VAR}",
    "ü",
    "zope.interface",
    "",
    "",
    "\t",
    "\u{c}",
    "x \\",
    "hashed==1 --hash sha256:00",
    "hashed==1 \\\n    --hash sha256:00 # via y",
    "--require-hashes",
    "    --hash=sha256:22",
    "# --hash=sha256:00",
    "noted==1 # --hash=sha256:00",
    "--requirement=other.txt # c",
    "-rother.txt",
    "--extra-index-url=https://u:p@example.com/simple",
    "-f ./wheels",
    "--find-links https://example.com/x#y",
    "--pre",
    "\t-e\t.",
    "aaa",
    "AAA.bbb",
    "zzz",
    "x; python_version < '3.9' and sys_platform == \"win32\" # c",
    "x>=1,<2 ; extra == 'y'",
    "x ===1.0",
    "x (>=1)",
    "file:///tmp/x.whl",
    "x.whl",
    "git+ssh://git@example.com/x.git@v1#egg=x&subdirectory=y",
    "bzr+https://example.com/x",
    "joined \\\n\n",
    "joined \\\n# comment\nafter",
    "[x]",
    "== 1",
    "# \u{2028}x",
    "x\t==\t1",
    "_x",
    "x-",
    "# -*- coding: utf-8 -*-",
    "\\",
];

const PATTERNS: &[&str] = &[
    "*.pyc",
    "!keep.pyc",
    "/build/",
    "# comment",
    "\\# no comment",
    "trailing   ",
    "kept\\ ",
    "",
    "  ",
    "**/x",
    "ü",
    "a b",
    ".pytest_cache-ours",
    "#",
    "!",
    "\u{c}",
    "htmlcov ours/ ",
    "\tx",
    "x\\",
    "\\!ours",
    "!ours ",
    "[a-z]*",
    "a/**/b",
    ".pytest_cache-ours/",
    "./.pytest_cache-ours/",
    "/.pytest_cache-ours/",
    "htmlcov ours",
    "# -- ours --",
    "\u{feff}x",
];

fn list(lines: &'static [&'static str]) -> impl Strategy<Value = String> {
    super::in_any_form(
        vec(select(lines), 0..9).prop_map(|lines| lines.iter().map(|line| format!("{line}\n")).collect()),
    )
}

fn requirements() -> impl Strategy<Value = String> {
    list(REQUIREMENTS)
}

#[test]
fn requirements_keep_the_laws() {
    super::hold(Kind::Requirements, requirements(), 300);
}

#[test]
fn patterns_keep_the_laws() {
    super::hold(Kind::Lines, list(PATTERNS), 300);
}

#[test]
#[ignore = "full: 10,000 requirements files"]
fn many_requirements_files_keep_the_laws() {
    super::hold(Kind::Requirements, requirements(), super::MANY);
}

#[test]
#[ignore = "full: 10,000 lists of patterns"]
fn many_lists_of_patterns_keep_the_laws() {
    super::hold(Kind::Lines, list(PATTERNS), super::MANY);
}
