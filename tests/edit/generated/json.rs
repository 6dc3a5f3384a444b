//! JSON with comments, commas at the end and all kinds of white space.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::files::Kind;

const BLANKS: &[&str] = &[
    "",
    "",
    "",
    " ",
    "\n",
    "\n\n",
    "\n\t",
    "\n  ",
    "\n    ",
    " // c\n",
    "/* d */",
    "/*\n*/ ",
    "\n  // own\n  ",
    "\n // }\n",
    "\t",
    "/**/",
    "//\n",
    "/* // */ ",
    "/* \" */",
    "// \"\n",
    " // , ]\n  ",
];

const NAMES: &[&str] = &[
    "a",
    "b/*",
    "recommendations",
    "[python]",
    "editor.codeActionsOnSave",
    "python.testing.pytestArgs",
    "\\u00fc",
    "é",
    "//",
    "a\\\"b",
    "\\u0000",
    "x\\\\",
    "[python][toml]",
    "source.fixAll",
    "",
];

const LEAVES: &[&str] = &[
    "1",
    "-1.5e3",
    "\"x\"",
    "\"// no\"",
    "\"\\\"]\"",
    "null",
    "true",
    "[]",
    "{}",
    "[ ]",
    "{\n}",
    "[\n\n]",
    "{ // c\n}",
    "[/**/]",
    "\"\u{2028}\"",
    "-0",
    "1E+2",
    "\",]}\"",
    "[1,[2,[3]]]",
    "{\"a\":{\"b\":{}}}",
    "\"/* no */\"",
    "[ // a\n  1, // b\n  2 // c\n]",
    "{\t\"a\"\t:\t1\t}",
];

fn container(inner: BoxedStrategy<String>, (open, close): (&'static str, &'static str)) -> BoxedStrategy<String> {
    let items = vec((select(BLANKS), inner, select(BLANKS)), 0..4);
    (items, select(vec!["", "", ","]), select(BLANKS))
        .prop_map(move |(items, comma, blank)| {
            let comma = if items.is_empty() { "" } else { comma };
            let items: Vec<String> =
                items.into_iter().map(|(before, item, behind)| format!("{before}{item}{behind}")).collect();
            format!("{open}{}{comma}{blank}{close}", items.join(","))
        })
        .boxed()
}

fn property(value: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let colon = select(vec![":", ": ", " :", ":\n  ", ": /* v */ "]);
    (select(NAMES), colon, value).prop_map(|(name, colon, value)| format!("\"{name}\"{colon}{value}")).boxed()
}

fn value() -> BoxedStrategy<String> {
    let leaf = select(LEAVES).prop_map(str::to_owned).boxed();
    leaf.prop_recursive(2, 12, 3, |inner| {
        prop_oneof![container(inner.clone().boxed(), ("[", "]")), container(property(inner.boxed()), ("{", "}")),]
            .boxed()
    })
    .boxed()
}

fn texts() -> impl Strategy<Value = String> {
    let around = select(vec!["", "", "\n", "// head\n", "/* head */ ", "\n\n"]);
    let text = (around.clone(), container(property(value()), ("{", "}")), around)
        .prop_map(|(before, object, behind)| format!("{before}{object}{behind}"));
    super::in_any_form(text)
}

#[test]
fn json_keeps_the_laws() {
    super::hold(Kind::Json, texts(), 150);
}

#[test]
#[ignore = "full: 10,000 JSON files"]
fn many_json_files_keep_the_laws() {
    super::hold(Kind::Json, texts(), super::MANY);
}
