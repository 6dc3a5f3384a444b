#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests may crash, and see the machine as it is"
)]
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::*;
use crate::domain::edit::splice::only_inserts_lines;
use crate::domain::tree::Place;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn piece(at: Locator, text: &str) -> Piece {
    Piece { place: Place::project("setup.cfg").unwrap(), at, text: text.to_owned(), owners: ["test".to_owned()].into() }
}

fn key(section: &str, text: &str) -> Piece {
    let key = text.split(['=', ':']).next().unwrap().trim().to_owned();
    piece(Locator::IniKey { section: section.to_owned(), key }, text)
}

fn item(section: &str, key: &str, text: &str) -> Piece {
    let item = Item::Value(text.to_owned());
    piece(Locator::IniItem { section: section.to_owned(), key: key.to_owned(), item }, text)
}

fn requirement(section: &str, key: &str, text: &str) -> Piece {
    let item = Item::Requirement(crate::domain::edit::requirement::name(text));
    piece(Locator::IniItem { section: section.to_owned(), key: key.to_owned(), item }, text)
}

fn refs(pieces: &[Piece]) -> Vec<&Piece> {
    pieces.iter().collect()
}

fn add(text: &str, pieces: &[Piece]) -> Result<Inserted, EditError> {
    insert(Some(text), &refs(pieces))
}

/// The tools that the laws are tried with. A list that two of them fill comes first in both, since a key that the first
/// created keeps its place when the second alone needs it.
fn tools() -> Vec<Vec<Piece>> {
    vec![
        vec![item("flake8", "extend-ignore", "E203"), key("flake8", "max-line-length = 100")],
        vec![item("flake8", "extend-ignore", "E701"), item("flake8", "exclude", "build")],
        vec![key("mypy", "strict = true"), key("mypy", "plugins =\n    a,\n    b")],
        vec![key("tool:pytest", "addopts = -ra\n  -q"), item("tool:pytest", "testpaths", "tests")],
        vec![requirement("options", "install_requires", "Foo_Bar[x]>=1")],
        vec![key("DEFAULT", "home: here")],
    ]
}

fn corpus() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/ini");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 12);
    files.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

fn absent(text: &str, tool: &[Piece]) -> Vec<Piece> {
    let places: Vec<&Locator> = tool.iter().map(|piece| &piece.at).collect();
    let found = find(text, &places).unwrap();
    tool.iter().zip(found).filter(|(_, found)| found.is_none()).map(|(piece, _)| piece.clone()).collect()
}

#[test]
fn one_tool_added_and_removed_leaves_every_byte() {
    for (path, text) in corpus() {
        for tool in tools() {
            let tool = absent(&text, &tool);
            let made = add(&text, &tool).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let in_line = tool.iter().any(|piece| matches!(piece.at, Locator::IniItem { .. }));
            assert!(in_line || only_inserts_lines(&text, &made.text), "{}:\n{}", path.display(), made.text);
            let again = add(&made.text, &tool).unwrap();
            assert_eq!((&again.text, again.present.len()), (&made.text, tool.len()), "{}", path.display());
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
            }
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_written_and_goes_again() {
    let all = tools().concat();
    let made = insert(None, &refs(&all)).unwrap();
    assert!(made.text.starts_with(
        "[flake8]\nextend-ignore =\n    E203\n    E701\nmax-line-length = 100\nexclude =\n    build\n\n[mypy]\n"
    ));
    assert_eq!(cut(&made.text, &refs(&all), &made.glue), Ok(Cut::default()));
    for first in tools() {
        for second in tools().into_iter().filter(|second| *second != first) {
            let one = insert(None, &refs(&first)).unwrap();
            let both = add(&one.text, &second).unwrap();
            let mut glue = one.glue;
            glue.extend(both.glue);
            let alone = insert(None, &refs(&second)).unwrap();
            assert_eq!(cut(&both.text, &refs(&first), &glue).unwrap().text, Some(alone.text), "{}", both.text);
        }
    }
}

#[test]
fn keys_go_behind_the_content_of_their_section() {
    let own = [key("a", "new = 1\n  2")];
    for (before, after) in [
        ("[a]\nx = 1\n\n# of b\n[b]\n", "[a]\nx = 1\nnew = 1\n  2\n\n# of b\n[b]\n"),
        ("[a]\nx =\n  1\n\n  2\n# y = 2\n\n[b]\n", "[a]\nx =\n  1\n\n  2\n# y = 2\nnew = 1\n  2\n\n[b]\n"),
        ("[a]\n  x = 1\n  [b]\n", "[a]\n  x = 1\n  new = 1\n    2\n  [b]\n"),
        ("[a]\n[b]\n", "[a]\nnew = 1\n  2\n[b]\n"),
        ("[a]\nx = 1", "[a]\nx = 1\nnew = 1\n  2"),
        ("[b]", "[b]\n\n[a]\nnew = 1\n  2"),
        ("[A]\r\nx:1\r\n", "[A]\r\nx:1\r\n\r\n[a]\r\nnew = 1\r\n  2\r\n"),
    ] {
        let made = add(before, &own).unwrap();
        assert_eq!(made.text, after);
        assert_eq!(cut(after, &refs(&own), &made.glue).unwrap().text.as_deref(), Some(before));
    }
}

#[test]
fn items_follow_the_style_of_their_list() {
    let own = [item("a", "x", "N1")];
    for (before, after) in [
        ("x = E1, E2\n", "x = E1, E2, N1\n"),
        ("x = E1,E2\n", "x = E1,E2,N1\n"),
        ("x = E1,\n", "x = E1, N1,\n"),
        ("x = E1\n", "x = E1\n    N1\n"),
        ("x =\n", "x =\n    N1\n"),
        ("x =\n  E1\n  # two\n  E2\n", "x =\n  E1\n  # two\n  E2\n  N1\n"),
        ("x =\n  E1,\n  E2\n", "x =\n  E1,\n  E2,\n  N1\n"),
        ("x =\n  E1,\n  E2,\n", "x =\n  E1,\n  E2,\n  N1,\n"),
        ("y = 1\n", "y = 1\nx =\n    N1\n"),
    ] {
        let (before, after) = (format!("[a]\n{before}[b]\n"), format!("[a]\n{after}[b]\n"));
        let made = add(&before, &own).unwrap();
        assert_eq!(made.text, after);
        assert_eq!(add(&after, &own).unwrap().present, [(0, "N1".to_owned())]);
        assert_eq!(cut(&after, &refs(&own), &made.glue).unwrap().text, Some(before));
    }
}

#[test]
fn a_key_that_the_user_changed_is_kept() {
    let text = "[a]\nX = 2\n";
    let made = cut(text, &[&key("a", "x = 1"), &key("a", "y = 1")], &[]).unwrap();
    assert_eq!((made.text.as_deref(), made.edited, made.missing), (Some(text), vec![(0, "X = 2".to_owned())], vec![1]));
}

#[test]
fn a_section_of_ours_stays_while_a_comment_of_the_user_is_in_it() {
    let glue = [Glue::IniSection { section: "a".to_owned() }];
    let made = cut("[b]\n\n[a]\n# mine\nx = 1\n", &[&key("a", "x = 1")], &glue).unwrap();
    assert_eq!((made.text.as_deref(), made.glue), (Some("[b]\n\n[a]\n# mine\n"), glue.to_vec()));
}

#[test]
fn texts_are_replaced_in_place() {
    let text = "[a]\n  x = 1\n   2\n  l = p,q\n";
    let made =
        replace(text, &[(&key("a", "x = 1\n 2"), &key("a", "x = 3")), (&item("a", "l", "p"), &item("a", "l", "r"))]);
    assert_eq!(made.unwrap().text, "[a]\n  x = 3\n  l = r,q\n");
    let made = replace(text, &[(&key("a", "x = 1"), &key("a", "x = 3"))]).unwrap();
    assert_eq!((made.text.as_str(), made.edited), (text, vec![(0, "x = 1\n 2".to_owned())]));
}

#[test]
fn what_configparser_refuses_is_a_syntax_error() {
    for (text, line) in [
        ("x = 1\n", 1),
        ("[a]\nx\n", 2),
        ("[a]\n[b]\n[a]\n", 3),
        ("[a]\nx = 1\nX: 2\n", 3),
        ("[a]\n= 1\n", 2),
        ("[DEFAULT]\nx = 1\n[DEFAULT]\nx = 1\n", 4),
    ] {
        let error = add(text, &[key("a", "new = 1")]).unwrap_err();
        assert!(matches!(error, EditError::Syntax { line: l, .. } if l == line), "{text}: {error}");
    }
}

fn cases() -> u32 {
    std::env::var("PYENVKIT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(400)
}

/// Lines that an INI file may have, in any order.
fn nasty() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => prop::sample::select(vec!["[flake8]", "[mypy]", "[options]", "[DEFAULT]", " [tool:pytest]", "[a]b]", "[]", "[x] # c"]),
        8 => prop::sample::select(vec![
            "x = 1", "y: 2", "  z = 3", "extend-ignore = E1, E2", "extend-ignore =", "testpaths = a", "install_requires =",
            "plugins=p", "KEY = a = b : c", "ü=ß", "İ = 1", "= 1", "bare",
        ]),
        6 => prop::sample::select(vec!["  E1,", "  E2", "\tE3", "    foo>=1,<2", "  [q]", "  k = v", "\u{1f}s", "\u{a0}n", "\u{c}f"]),
        4 => prop::sample::select(vec!["", "  ", "# c", "; c", "  # c", "\t; c", "\u{a0}"]),
    ];
    let ending = prop_oneof![6 => Just("\n"), 1 => Just("\r\n")];
    prop::collection::vec((line, ending), 0..10)
        .prop_map(|lines| lines.into_iter().map(|(l, e)| format!("{l}{e}")).collect())
}

const READER: &str = "
import configparser, io, json, sys
out = []
for text in json.load(sys.stdin):
    parser = configparser.RawConfigParser()
    try:
        parser.read_file(io.TextIOWrapper(io.BytesIO(text.encode()), encoding='utf-8'))
        sections = {name: dict(parser._sections[name]) for name in parser.sections()}
        out.append([dict(parser.defaults()), sections])
    except configparser.Error:
        out.append(None)
json.dump(out, sys.stdout)
";

/// What Python's `configparser` reads in each text: the defaults and the sections, or nothing where it raises.
fn read_by_python(texts: &[String]) -> Vec<serde_json::Value> {
    let mut python = Command::new("python3")
        .args(["-I", "-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = serde_json::to_vec(texts).unwrap();
    python.stdin.take().unwrap().write_all(&input).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn read_by_us(text: &str) -> serde_json::Value {
    let Ok(ini) = parse::parse(text) else { return serde_json::Value::Null };
    let mut defaults = serde_json::json!({});
    let mut sections = serde_json::json!({});
    for (name, keys) in ini.values() {
        let keys: serde_json::Map<_, _> = keys.into_iter().map(|(key, value)| (key, value.into())).collect();
        if name == "DEFAULT" {
            defaults = keys.into();
        } else {
            sections[name] = keys.into();
        }
    }
    serde_json::json!([defaults, sections])
}

#[test]
fn random_files_before_and_after_edits_read_as_in_python() {
    let mut runner = TestRunner::deterministic();
    let mut texts: Vec<String> = (0..cases()).map(|_| nasty().new_tree(&mut runner).unwrap().current()).collect();
    texts.extend(corpus().into_iter().map(|(_, text)| text.trim_start_matches('\u{feff}').to_owned()));
    let edited: Vec<String> = texts
        .iter()
        .flat_map(|text| tools().into_iter().filter_map(|tool| add(text, &tool).ok()))
        .map(|made| made.text)
        .collect();
    assert!(edited.len() > texts.len() / 2);
    texts.extend(edited);
    for (text, python) in texts.iter().zip(read_by_python(&texts)) {
        assert_eq!(read_by_us(text), python, "{text:?}");
    }
}

/// pytest reads a line as several where `str.splitlines` does; NUL can stand in no value that a tool could use.
#[test]
fn what_readers_disagree_on_is_refused() {
    let tool = [key("flake8", "max-line-length = 97")];
    for text in ["[a]\nx = 1\u{2028}[b]\n", "[a]\nx =\n\u{c}[b]\n"] {
        let refused = add(text, &tool);
        assert!(matches!(refused, Err(EditError::Unsupported { .. })), "{text:?}: {refused:?}");
    }
    let refused = add("[a]\n# \0\nü = \0\n", &tool);
    assert!(matches!(refused, Err(EditError::Syntax { line: 3, column: 5, .. })), "{refused:?}");
    assert!(add("[a]\n# \0\nx = 1\u{2028}\n\u{c}\n[b]\n", &tool).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn any_text_is_refused_or_edited_and_restored(text in prop_oneof![4 => nasty(), 1 => ".{0,60}"], bom: bool, cropped: bool) {
        let mut text = if bom { format!("\u{feff}{text}") } else { text };
        if cropped && text.ends_with('\n') {
            text.pop();
        }
        for tool in tools() {
            let Ok(made) = add(&text, &tool) else { continue };
            let new: Vec<&Piece> =
                tool.iter().enumerate().filter(|(n, _)| made.present.iter().all(|(p, _)| p != n)).map(|(_, p)| p).collect();
            let back = cut(&made.text, &new, &made.glue);
            prop_assert_eq!(back.map(|back| back.text), Ok(Some(text.clone())), "{}", made.text);
        }
    }
}

#[test]
fn the_comments_of_a_piece_come_and_go_with_it() {
    let text = "# why\nextend-ignore =\n    E203\n    E701";
    let at = Locator::IniKey { section: "flake8".into(), key: "extend-ignore".into() };
    let place = Place::project(".flake8").unwrap();
    let piece = Piece { place, at, text: text.into(), owners: ["x".to_owned()].into() };
    for (before, glue) in [(None, true), (Some("[flake8]\nmax-line-length = 88\n# mine\n"), false)] {
        let made = insert(before, &[&piece]).unwrap();
        assert!(made.text.contains("# why\nextend-ignore ="), "{}", made.text);
        let changed = Piece { text: text.replace("E701", "E702"), ..piece.clone() };
        let replaced = replace(&made.text, &[(&piece, &changed)]).unwrap();
        assert_eq!(replaced.text, made.text.replace("E701", "E702"));
        let cut = cut(&made.text, &[&piece], &made.glue).unwrap();
        assert_eq!((cut.text.as_deref(), cut.edited), (before.filter(|_| !glue), vec![]));
    }
}
