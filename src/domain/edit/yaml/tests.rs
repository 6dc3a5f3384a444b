#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests may crash, and see the machine as it is"
)]
use std::path::PathBuf;

use super::*;
use crate::domain::edit::splice::only_inserts_lines;
use crate::domain::piece::Item;
use crate::domain::tree::Place;
use proptest::prelude::*;

const FILE: &str = ".pre-commit-config.yaml";

fn piece(at: Locator, text: &str) -> Piece {
    Piece { place: Place::project(FILE).unwrap(), at, text: text.to_owned(), owners: ["test".to_owned()].into() }
}

fn hook(repo: &str, rev: Option<&str>, id: &str, rest: &str) -> Piece {
    let at = Locator::Hook { repo: repo.to_owned(), rev: rev.map(str::to_owned), id: id.to_owned(), folder: None };
    piece(at, &format!("id: {id}{rest}"))
}

fn key(name: &str, text: &str) -> Piece {
    piece(Locator::YamlKey { key: name.to_owned() }, text)
}

fn dependency(repo: &str, id: &str, text: &str) -> Piece {
    let item = Item::Requirement(crate::domain::edit::requirement::name(text));
    let key = "additional_dependencies".to_owned();
    piece(Locator::HookItem { repo: repo.to_owned(), id: id.to_owned(), key, item }, text)
}

fn refs(pieces: &[Piece]) -> Vec<&Piece> {
    pieces.iter().collect()
}

fn add(text: &str, pieces: &[Piece]) -> Result<Inserted, EditError> {
    insert(Some(text), &refs(pieces))
}

const RUFF: &str = "https://github.com/astral-sh/ruff-pre-commit";

/// The tools whose hooks the laws are tried with.
fn tools() -> Vec<Vec<Piece>> {
    vec![
        vec![hook("https://github.com/psf/black-pre-commit-mirror", Some("25.1.0"), "black", "")],
        vec![hook(
            "https://github.com/PyCQA/flake8",
            Some("7.3.0"),
            "flake8",
            "\nadditional_dependencies: [flake8-bugbear]",
        )],
        vec![hook("https://github.com/PyCQA/isort", Some("6.0.1"), "isort", "\nargs:\n- --profile\n- black")],
        vec![hook(
            "https://github.com/pre-commit/mirrors-mypy",
            Some("v1.16.0"),
            "mypy",
            "\n# strict\nargs: [--strict]",
        )],
        vec![
            hook(RUFF, Some("v0.12.0"), "ruff-check", "\nargs: [--fix]"),
            hook(RUFF, Some("v0.12.0"), "ruff-format", ""),
        ],
        vec![hook("local", None, "own-check", "\nname: own check\nentry: |\n  own\n\n  check\nlanguage: system")],
        vec![key("minimum_pre_commit_version", "minimum_pre_commit_version: \"3.2.0\"")],
    ]
}

/// The files of the laws: those of the repository and, where `PYENVKIT_CORPUS` names a folder, of `pre-commit/` in it.
fn corpus() -> Vec<(PathBuf, String)> {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/pre-commit")];
    folders.extend(std::env::var_os("PYENVKIT_CORPUS").map(|folder| PathBuf::from(folder).join("pre-commit")));
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .collect();
    files.sort();
    assert!(files.len() >= 12);
    files.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// The pieces that are not in the file already.
fn absent(text: &str, tool: &[Piece]) -> Vec<Piece> {
    let places: Vec<&Locator> = tool.iter().map(|piece| &piece.at).collect();
    let found = find(text, &places).unwrap();
    tool.iter().zip(found).filter(|(_, found)| found.is_none()).map(|(piece, _)| piece.clone()).collect()
}

fn is_filling(text: &str) -> bool {
    text.contains("repos: []")
}

#[test]
fn one_tool_added_and_removed_leaves_every_byte() {
    for (path, text) in corpus() {
        for tool in tools() {
            let tool = absent(&text, &tool);
            let made = add(&text, &tool).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(made.present.is_empty(), "{}", path.display());
            assert!(is_filling(&text) || only_inserts_lines(&text, &made.text), "{}:\n{}", path.display(), made.text);
            let again = add(&made.text, &tool).unwrap();
            assert_eq!(again.text, made.text, "{}", path.display());
            let present: Vec<_> = tool.iter().enumerate().map(|(n, piece)| (n, piece.text.clone())).collect();
            assert_eq!(again.present, present, "{}", path.display());
            let back = cut(&made.text, &refs(&tool), &made.glue).unwrap();
            assert_eq!(back, Cut { text: Some(text.clone()), ..Cut::default() }, "{}\n{}", path.display(), made.text);
        }
    }
}

#[test]
fn adding_two_tools_and_removing_one_is_adding_the_other() {
    for (path, text) in corpus() {
        for first in tools() {
            for second in tools().into_iter().filter(|second| *second != first) {
                let (first, second) = (absent(&text, &first), absent(&text, &second));
                let one = add(&text, &first).unwrap();
                let both = add(&one.text, &second).unwrap();
                let alone = add(&text, &second).unwrap();
                let mut glue = one.glue.clone();
                glue.extend(both.glue.clone());
                let left = cut(&both.text, &refs(&first), &glue).unwrap();
                assert_eq!(left.text.as_deref(), Some(&*alone.text), "{}\n{}", path.display(), both.text);
                let back = cut(&alone.text, &refs(&second), &left.glue).unwrap();
                assert_eq!(back.text.as_deref(), Some(&*text), "{}\n{}", path.display(), alone.text);
            }
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_written_and_goes_again() {
    let all: Vec<Piece> = tools().concat();
    let made = insert(None, &refs(&all)).unwrap();
    let head = "minimum_pre_commit_version: \"3.2.0\"\nrepos:\n  - repo: https://github.com/psf/black-pre-commit-mirror\n    \
                rev: 25.1.0\n    hooks:\n      - id: black\n  - repo: https://github.com/PyCQA/flake8\n    rev: 7.3.0\n    \
                hooks:\n      - id: flake8\n        additional_dependencies: [flake8-bugbear]\n";
    assert_eq!(&made.text[..head.len()], head);
    assert!(made.text.contains("    hooks:\n      - id: ruff-check\n        args: [--fix]\n      - id: ruff-format\n"));
    assert_eq!(made.glue[0], Glue::File);
    let gone = cut(&made.text, &refs(&all), &made.glue).unwrap();
    assert_eq!(gone, Cut::default());
    let kept = cut(&made.text, &refs(&all[1..]), &made.glue).unwrap();
    let alone = insert(None, &refs(&all[..1])).unwrap();
    assert_eq!((kept.text, kept.glue), (Some(alone.text), alone.glue));
}

#[test]
fn a_file_written_at_once_is_the_one_written_piece_by_piece() {
    let mut pieces: Vec<Piece> = tools().into_iter().flatten().collect();
    pieces.push(hook(&format!("{RUFF}.git"), Some("v0.12.0"), "ruff", ""));
    pieces.push(hook("https://example.com/odd: name", Some("1.0"), "odd", "\n# why\nargs: []\n"));
    pieces.push(key("fail_fast", "# stop early\nfail_fast: true"));
    for pieces in [pieces.clone(), pieces.into_iter().rev().collect()] {
        let at_once = insert(None, &refs(&pieces)).unwrap();
        let (mut text, mut glue) = (None, std::collections::BTreeSet::new());
        for piece in &pieces {
            let made = insert(text.as_deref(), &[piece]).unwrap();
            assert_eq!(made.present, []);
            text = Some(made.text);
            glue.extend(made.glue);
        }
        assert_eq!(Some(at_once.text), text);
        assert_eq!(at_once.glue.into_iter().collect::<std::collections::BTreeSet<_>>(), glue);
    }
}

#[test]
fn of_two_hooks_with_one_id_the_first_is_written() {
    let twice = [hook(RUFF, Some("1"), "ruff", ""), hook(RUFF, Some("2"), "ruff", "\nargs: [--fix]")];
    let made = insert(None, &refs(&twice)).unwrap();
    assert_eq!(made.present, [(1, "id: ruff".to_owned())]);
    assert!(!made.text.contains("--fix"), "{}", made.text);
}

#[test]
fn the_style_of_the_last_entry_is_copied() {
    let text = "repos:\n-   repo: a\n    rev: v1\n    hooks:\n    -   id: x\n\n-   repo: b\n    rev: v1\n    hooks:\n    -   id: y\n";
    let made = add(text, &[hook("c", Some("1.0"), "z", "\nargs: [q]")]).unwrap();
    let new = "\n-   repo: c\n    rev: \"1.0\"\n    hooks:\n    -   id: z\n        args: [q]\n";
    assert_eq!(made.text, format!("{text}{new}"));
}

#[test]
fn a_hook_goes_into_the_entry_of_its_repository() {
    let text =
        "repos:\n- repo: https://github.com/PyCQA/Flake8.git/\n  rev: v1\n  hooks:\n  - id: x\n    # its own\n# last\n";
    let made = add(text, &[hook("https://github.com/pycqa/flake8", Some("v2"), "y", "")]).unwrap();
    let expected = "repos:\n- repo: https://github.com/PyCQA/Flake8.git/\n  rev: v1\n  hooks:\n  - id: x\n    # its own\n  - id: y\n# last\n";
    assert_eq!((made.text.as_str(), made.glue.len()), (expected, 0));
}

#[test]
fn several_projects_share_entries_and_the_last_takes_them_away() {
    let of = |folder: Option<&str>| {
        let files = folder.map(|folder| format!("\nfiles: '^{folder}'")).unwrap_or_default();
        let mut piece = hook(RUFF, Some("v1"), "ruff-format", &files);
        if let Locator::Hook { folder: of, .. } = &mut piece.at {
            *of = folder.map(str::to_owned);
        }
        [piece]
    };
    let (one, two, all) = (of(Some("pkgs/one/")), of(Some("two/")), of(None));
    for (first, second) in [(&one, &two), (&two, &one), (&one, &all)] {
        let alone = insert(None, &refs(first)).unwrap();
        let both = add(&alone.text, second).unwrap();
        assert!(both.present.is_empty(), "{}", both.text);
        assert_eq!(both.text.matches("repo:").count(), 1, "{}", both.text);
        assert_eq!(cut(&both.text, &refs(second), &both.glue).unwrap().text.as_deref(), Some(&*alone.text));
        // Each project knows its own glue alone.
        let left = cut(&both.text, &refs(first), &alone.glue).unwrap().text.unwrap();
        assert_eq!(left, insert(None, &refs(second)).unwrap().text);
        assert_eq!(cut(&left, &refs(second), &both.glue).unwrap().text, None);
    }
    // One that is for all files serves each project.
    let there = insert(None, &refs(&all)).unwrap();
    assert_eq!(add(&there.text, &one).unwrap().present.len(), 1);
}

#[test]
fn a_hook_that_the_user_changed_is_kept() {
    let text = "repos:\n- repo: a\n  rev: v1\n  hooks:\n  -   id: x\n      args: [q]\n";
    let made = cut(text, &[&hook("a", None, "x", ""), &hook("a", None, "y", "")], &[]).unwrap();
    assert_eq!(made.text.as_deref(), Some(text));
    assert_eq!((made.edited, made.missing), (vec![(0, "id: x\nargs: [q]".to_owned())], vec![1]));
}

#[test]
fn an_entry_of_the_user_keeps_its_place_when_our_hook_was_its_last() {
    let text = "repos:\n- repo: a\n  rev: v1\n  hooks:\n  - id: x\n";
    let made = cut(text, &[&hook("a", None, "x", "")], &[]).unwrap();
    assert_eq!(made.text.as_deref(), Some("repos:\n- repo: a\n  rev: v1\n  hooks: []\n"));
    let glue = [Glue::HookRepo { repo: "a".to_owned() }];
    let made = cut(text, &[&hook("a", None, "x", "")], &glue).unwrap();
    assert_eq!((made.text.as_deref(), made.glue.len()), (Some("repos: []\n"), 0));
    let noted = text.replace("  rev", "  # mine\n  rev");
    let made = cut(&noted, &[&hook("a", None, "x", "")], &glue).unwrap();
    assert_eq!(made.text.as_deref(), Some("repos:\n- repo: a\n  # mine\n  rev: v1\n  hooks: []\n"));
}

#[test]
fn keys_go_before_the_repositories() {
    let own = key("fail_fast", "fail_fast: true");
    let made = |text: &str| add(text, std::slice::from_ref(&own)).unwrap().text;
    assert_eq!(made("# head\n---\nrepos: []\n"), "# head\n---\nfail_fast: true\nrepos: []\n");
    assert_eq!(made("a: 1\n\nrepos: []\n"), "a: 1\nfail_fast: true\n\nrepos: []\n");
    assert_eq!(made("a: 1"), "a: 1\nfail_fast: true");
    assert_eq!(made("---\n# x\n...\n"), "---\n# x\nfail_fast: true\n...\n");
}

#[test]
fn items_go_into_the_list_of_a_hook_in_its_style() {
    let base = |tail: &str| format!("repos:\n- repo: a\n  rev: v1\n  hooks:\n  - id: x\n{tail}");
    for (before, after) in [
        ("", "    additional_dependencies: [\"c[d]>=1,<2\"]\n"),
        ("    additional_dependencies: [b]\n", "    additional_dependencies: [b, \"c[d]>=1,<2\"]\n"),
        ("    additional_dependencies: []\n", "    additional_dependencies: [\"c[d]>=1,<2\"]\n"),
        ("    additional_dependencies:\n    - b\n", "    additional_dependencies:\n    - b\n    - c[d]>=1,<2\n"),
        (
            "    additional_dependencies: [\n      b,  # why\n    ]\n    verbose: true\n",
            "    additional_dependencies: [\n      b,  # why\n      \"c[d]>=1,<2\",\n    ]\n    verbose: true\n",
        ),
        (
            "    additional_dependencies: [\n      a,\n      b  # why\n    ]\n",
            "    additional_dependencies: [\n      a,\n      b,  # why\n      \"c[d]>=1,<2\"\n    ]\n",
        ),
    ] {
        let own = dependency("a", "x", "c[d]>=1,<2");
        let made = add(&base(before), std::slice::from_ref(&own)).unwrap();
        assert_eq!(made.text, base(after));
        let again = add(&made.text, std::slice::from_ref(&own)).unwrap();
        assert_eq!((again.text.as_str(), again.present), (made.text.as_str(), vec![(0, own.text.clone())]));
        let back = cut(&made.text, &[&own], &made.glue).unwrap();
        assert_eq!(back.text, Some(base(before)));
    }
}

#[test]
fn texts_are_replaced_in_place() {
    let text = "repos:\n- repo: a\n  rev: 'v1'  # c\n  hooks:\n  - id: x\n  - id: y";
    let old = hook("a", Some("v1"), "y", "");
    let new = hook("a", Some("v2"), "y", "\nargs: [q]");
    let made = replace(text, &[(&old, &new)]).unwrap();
    assert_eq!(made.text, "repos:\n- repo: a\n  rev: 'v2'  # c\n  hooks:\n  - id: x\n  - id: y\n    args: [q]");
    let made = replace(text, &[(&new, &old)]).unwrap();
    assert_eq!((made.text.as_str(), made.edited), (text, vec![(0, "id: y".to_owned())]));
}

#[test]
fn what_cannot_be_edited_by_lines_is_refused() {
    let own = hook("a", Some("v1"), "new", "");
    for (text, reason) in [
        ("{\"repos\": [{\"repo\": \"a\", \"rev\": \"v1\", \"hooks\": [{\"id\": \"x\"}]}]}\n", "brackets"),
        ("repos:\n- repo: a\n  rev: v1\n  hooks: [{id: x}]\n", "brackets"),
        ("repos: [ ]\n", "empty list"),
        ("repos: []\n---\nrepos: []\n", "several"),
        ("- repo: a\n", "top level"),
        ("a: 1\na: 2\nrepos: []\n", "repeats"),
        ("x: &h\n- id: x\nrepos:\n- repo: a\n  rev: v1\n  hooks: *h\n", "alias"),
        ("repos:\n- repo: a\n  rev: v1\n  hooks: &h\n  - id: x\n- repo: b\n  rev: v1\n  hooks: *h\n", "anchor"),
        ("repos:\n- repo: a\n  rev: v1\n  hooks:\n  - id: x\n    entry: |\n      y", "part of a text"),
    ] {
        let error = add(text, std::slice::from_ref(&own)).unwrap_err();
        assert!(matches!(&error, EditError::Unsupported { .. }), "{text}: {error}");
        assert!(error.to_string().contains(reason), "{text}: {error}");
    }
}

#[test]
fn syntax_errors_have_line_and_column() {
    for (text, line, column) in [("repos:\n  - a: [\n", 2, 8), ("repos:\n\t- x\n", 2, 2), ("a: *nowhere\n", 1, 4)] {
        let error = add(text, &[hook("a", None, "x", "")]).unwrap_err();
        let EditError::Syntax { line: l, column: c, message } = error else { panic!("{text}: {error}") };
        assert_eq!((l, c), (line, column), "{text}: {message}");
    }
}

fn cases() -> u32 {
    std::env::var("PYENVKIT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

/// Lines that a YAML file may have, in any order and with any ending.
fn nasty() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("repos:"),
        Just("repos: []"),
        Just("- repo: a"),
        Just("-   repo: local"),
        Just("  - repo: b"),
        Just("  rev: v1"),
        Just("    rev: v1"),
        Just("  hooks:"),
        Just("    hooks:"),
        Just("  - id: x"),
        Just("      - id: x"),
        Just("    -   id: x"),
        Just("# c"),
        Just("   # c"),
        Just("\t"),
        Just(""),
        Just("  "),
        Just("---"),
        Just("..."),
        Just("    entry: |+"),
        Just("    entry: >"),
        Just("      text"),
        Just("    args: [a, 'b',"),
        Just("    ]"),
        Just("\"ü\": &a [1]"),
        Just("k: *a"),
        Just("<<: *a"),
        Just("? x"),
        Just(": y"),
        Just("    additional_dependencies: [q]"),
        Just("\u{2028}: \u{85}"),
        Just("{a: b}"),
        Just("!!map"),
        Just("  \"id"),
    ];
    let ending = prop_oneof![4 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r"), 1 => Just("")];
    prop::collection::vec((line, ending), 0..14)
        .prop_map(|lines| lines.into_iter().map(|(l, e)| format!("{l}{e}")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn any_text_is_refused_or_edited_and_restored(text in prop_oneof![nasty(), ".{0,60}"], bom: bool) {
        let text = if bom { format!("\u{feff}{text}") } else { text };
        let mut all = tools();
        all.push(vec![dependency("a", "x", "types-q"), dependency("b", "x", "types-q")]);
        all.push(vec![hook("b", Some("v1"), "new", ""), hook("a", Some("v1"), "new", "")]);
        for tool in all {
            let Ok(made) = add(&text, &tool) else { continue };
            let new: Vec<&Piece> =
                tool.iter().enumerate().filter(|(n, _)| made.present.iter().all(|(p, _)| p != n)).map(|(_, p)| p).collect();
            let back = cut(&made.text, &new, &made.glue);
            prop_assert_eq!(back.map(|back| back.text), Ok(Some(text.clone())), "{}", made.text);
        }
    }
}

#[test]
fn every_single_value_has_its_keys_and_its_span() {
    let text = "\u{feff}on: [push]\njobs:\n  t:\n    matrix:\n    - 3.10 # why\n    - !!str 3.9\n    - \"x\"\n";
    let all = scalars(text).unwrap();
    let shown: Vec<_> = all.iter().map(|it| (it.path.join("."), &text[it.span.clone()], it.plain)).collect();
    let path = "jobs.t.matrix".to_owned();
    assert_eq!(
        shown,
        [
            ("on".to_owned(), "push", true),
            (path.clone(), "3.10", true),
            (path.clone(), "3.9", false),
            (path, "\"x\"", false)
        ]
    );
    assert!(scalars("a: [").is_err());
    assert_eq!(scalars("# nothing\n").unwrap(), []);
}
