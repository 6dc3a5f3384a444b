//! Pre-commit configurations with the odd corners of YAML.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::files::Kind;

const REPOS: &[&str] = &[
    "local",
    "meta",
    "https://github.com/PyCQA/flake8",
    "https://github.com/pycqa/flake8.git",
    "'https://github.com/astral-sh/ruff-pre-commit'",
    "\"https://github.com/pre-commit/pre-commit-hooks/\" # general",
    "git@example.com:x/y",
];

const REVS: &[&str] = &["v1.0", "'7.1.0'", "\"1\"", "1.10 # pinned", "&rev v2", ">-\n      folded\n      text"];

/// Keys of a hook, for lines that are indented by what is put for `@`.
const EXTRAS: &[&str] = &[
    "args: [--fix]",
    "args: [a, 'b', # c\n@  \"d\",\n@]",
    "args:\n@- a\n@-   b # c",
    "args:\n@  - a\n\n@  # inside\n@  - b",
    "args: []",
    "additional_dependencies: [x]",
    "additional_dependencies:\n@- x==1",
    "exclude: |\n@  (?x)^(\n@    # ü\n@    a|b\n@  )$",
    "exclude: |+\n@  a\n\n",
    "exclude: >-\n@  a\n@  b",
    "exclude: |2\n@    a",
    "files: \"a\n@   b\"",
    "files: a\n@   b",
    "# comment\n@language: system",
    "\"name\": 'it''s'",
    "? stages\n@: [pre-push]",
    "<<: *common",
    "verbose: true # yes",
    "name: &name own",
    "entry: *name",
    "types: {a: b}",
    "log_file: !!str x",
    "pass_filenames:",
    "args:\n@- >-\n@  folded\n\n@- |2\n@    literal\n@- - deep\n@  - er",
    "args: ['--x=\"y\"', \"\\u00e9]\", --z=a, # ,\n@\n@]",
    "args: &args [a]\n@files: &args b",
    "env: {a: &x 1, b: *x, ? c : , 'd': [e, {f: g}]}",
    "description: \"a\\\n@  b\n\n@  c\"",
    "entry:   \ttabs\t# c",
    "? [a, b]\n@: c",
    "? |\n@  key\n@: - value",
    "entry: 'it''s'\n@# below\n\n@# and below",
    "stages: !!seq [manual]",
    "name: -",
    "name: a - [b] {c} #d",
];

const TOP: &[&str] = &[
    "fail_fast: true",
    "default_language_version:\n  python: python3",
    "x-common: &common\n  language: system\n  # inside\n",
    "exclude: |\n  a\n\n  b\n",
    "exclude: >\n  a\n    b\n",
    "ci: {autofix: false}",
    "ci:\n  skip: [a]\n# below",
    "default_stages:\n- pre-commit\n",
    "minimum_pre_commit_version: '3'",
    "\"quoted key\": 1",
    "? complex\n: value # c",
    "files: ''",
    "x-long: {a: [b, {c: d}],\n  e: f}",
    "exclude: |-\n  - repo: local\n  # no comment\n\n",
    "null: ~",
];

const GAPS: &[&str] =
    &["", "", "", "\n", "\n\n", "# comment\n", "\n# comment\n\n", "    # deep\n", "  \n", "  # shallow\n"];

/// How the lists of a file are written.
#[derive(Debug, Clone)]
struct Style {
    entry: usize,
    dash: usize,
    hooks: usize,
}

fn hook(style: &Style, id: usize, extras: &[&str]) -> String {
    let column = style.entry + style.dash + style.hooks;
    let deep = " ".repeat(column + style.dash);
    let mut out = format!("{}-{}id: hook-{id}\n", " ".repeat(column), " ".repeat(style.dash - 1));
    for extra in extras {
        out.push_str(&format!("{deep}{}\n", extra.replace('@', &deep).trim_end_matches(' ')));
    }
    out
}

fn entry() -> impl Strategy<Value = (String, String, Vec<Vec<&'static str>>, String, u8)> {
    let hooks = vec(subsequence(EXTRAS, 0..3), 0..3);
    (select(REPOS), select(REVS), hooks, select(GAPS), 0..12_u8)
        .prop_map(|(repo, rev, hooks, gap, odd)| (repo.to_owned(), rev.to_owned(), hooks, gap.to_owned(), odd))
}

fn document() -> impl Strategy<Value = String> {
    let style = (select(vec![0, 2, 4]), select(vec![2, 2, 4]), select(vec![0, 2]))
        .prop_map(|(entry, dash, hooks)| Style { entry, dash, hooks });
    let repos =
        select(vec!["repos:\n", "repos:\n", "repos: # all\n", "\"repos\":\n", "repos:\n\n# first\n", "repos: &all\n"]);
    let top = |most| (subsequence(TOP, 0..most), select(GAPS));
    let frame = select(vec![
        "",
        "",
        "",
        "---\n",
        "# head\n",
        "%YAML 1.2\n---\n",
        "--- # head\n",
        "# -*- coding: utf-8 -*-\n\n---\n\n",
    ]);
    let end = select(vec!["", "", "", "...\n", "# end\n", "\n\n", "...\n# end\n", "  # deep end", "\t\n"]);
    (style, frame, top(2), repos, vec(entry(), 0..4), top(3), end).prop_map(
        |(style, frame, (above, above_gap), repos, entries, (below, below_gap), end)| {
            let mut out = frame.to_owned();
            for line in above {
                out.push_str(&format!("{}\n{above_gap}", line.trim_end()));
            }
            out.push_str(if entries.is_empty() && style.hooks == 0 { "repos: []\n" } else { repos });
            for (index, (repo, rev, hooks, gap, odd)) in entries.iter().enumerate() {
                let deep = " ".repeat(style.entry + style.dash);
                let dash = format!("{}-{}", " ".repeat(style.entry), " ".repeat(style.dash - 1));
                if *odd == 0 {
                    out.push_str(&format!("{dash}{{repo: local, hooks: [{{id: flow}}]}}\n"));
                    continue;
                }
                out.push_str(&format!("{dash}repo: {repo}\n"));
                if !repo.starts_with(['l', 'm']) {
                    out.push_str(&format!("{deep}rev: {rev}\n"));
                }
                out.push_str(&format!("{deep}hooks:{}\n", if hooks.is_empty() && *odd > 5 { " []" } else { "" }));
                for (number, extras) in hooks.iter().enumerate() {
                    out.push_str(&hook(&style, 10 * index + number, extras));
                }
                out.push_str(gap);
            }
            for line in below {
                out.push_str(&format!("{}\n{below_gap}", line.trim_end()));
            }
            out + end
        },
    )
}

/// Configurations in brackets, in part or as a whole, and what is no single document.
const WHOLE: &[&str] = &[
    "{}\n",
    "{repos: []}\n",
    "repos: [\n]\n",
    "{repos: [{repo: local, hooks: [{id: a}]}]}\n",
    "{ \"repos\": [\n  {\"repo\": \"meta\", \"hooks\": [{\"id\": \"x\"}]}\n] }\n",
    "repos: [{repo: local, hooks: [{id: a}, {id: b}]}, # c\n]\n",
    "repos:\n- {repo: local,\n   hooks: [\n    {id: a}, # c\n  ]}\n",
    "repos:\n- repo: local\n  hooks: [{id: a}]\n",
    "repos:\n-\n  repo: local\n  hooks:\n  -\n    id: a\n",
    "repos: &r\n- &l\n  repo: local\n  hooks: &h\n  - &i\n    id: a\nx: [*r, *l, *h, *i]\n",
    "repos:\n- repo: local\n  hooks:\n  - id: a\n---\nrepos: []\n",
    "---\n---\nrepos: []\n",
    "repos: ~\n",
    "repos: null # none\n",
    "repos:\n",
    "repos: !!seq []\n",
    "- repo: local\n  hooks: []\n",
    "text\n",
    "'repos': []\n",
    "? repos\n: - repo: local\n    hooks: []\n",
    "repos:\n- repo: local\n  hooks: &again\n  - id: a\n- repo: meta\n  hooks: *again\n",
    "<<: &base {fail_fast: true}\nrepos: []\n",
    "# only\n\n# comments\n",
    "--- >\n repos: []\n",
    "?\n  repos\n:\n- repo: local\n  hooks: []\n",
    "? fail_fast\n: true\nrepos:\n- repo: local\n  hooks:\n  - id: a\n",
    "&r repos:\n- &l repo: local\n  !!str hooks:\n  - id: a\n",
    "!!str fail_fast: true\nrepos: []\n",
];

fn texts() -> impl Strategy<Value = String> {
    super::in_any_form(prop_oneof![9 => document(), 1 => select(WHOLE).prop_map(str::to_owned)])
}

#[test]
fn yaml_keeps_the_laws() {
    super::hold(Kind::Yaml, texts(), 60);
}

#[test]
#[ignore = "full: 10,000 YAML files"]
fn many_yaml_files_keep_the_laws() {
    super::hold(Kind::Yaml, texts(), super::MANY);
}
