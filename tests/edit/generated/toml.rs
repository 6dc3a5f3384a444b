//! TOML files with the odd corners of the format.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::files::Kind;

const HEADERS: &[&str] = &[
    "[tool.black]",
    "[tool.ruff]",
    "[ tool . ruff . \"lint\" ]  # lint",
    "[tool.ruff.format]",
    "[tool.coverage]",
    "[tool.coverage.run]",
    "  [tool.coverage.html]",
    "[tool.pytest.ini_options]",
    "[tool]",
    "[tool.'x y']",
    "[[tool.mypy.overrides]]",
    "[[ tool . mypy . \"overrides\" ]] # again",
    "[tool.mypy.overrides.below]",
    "[tool.ruff.lint.per-file-ignores]",
    "[tool.poetry.group.dev.dependencies]",
    "[tool.hatch.envs.default]",
    "[dev-packages]",
    "[\"ü\".\"\"]",
    "[[tool.ruff]]",
    "[project]",
    "  [project.optional-dependencies]",
    "[dependency-groups]",
    "[build-system]",
    "[other.table]",
];

const KEYS: &[&str] = &[
    "dev",
    "lint",
    "dependencies",
    "requires",
    "a",
    "\"b c\"",
    "'d'",
    "lint.ignore",
    "black.fast",
    "run . parallel",
    "optional-dependencies.dev",
    "coverage.run.x",
    "line-length",
    "select",
    "addopts",
    "pytest",
    "\"\"",
    "'ü.ü'",
    "1234",
    "\"\\u00e9\"",
    "ini_options.markers",
];

const SCALARS: &[&str] = &[
    "1",
    "true",
    "\"x # y\"",
    "'[tool.black]'",
    "\"\"\"\n[tool.ruff]\n# no comment\n  dev = [\n\"\"\"",
    "'''\n''' # c",
    "{}",
    "{ a = 1, line-length = [ 1 ] }",
    "1979-05-27 07:32:00",
    "[[1, 2], [\n3]]",
    "[{ a = 1 }, { a = 2 }]",
    "{ 'x y'.z = [ {}, ], \"]\" = '}' }",
    "0xdead_beef",
    "-inf",
    "nan",
    "07:32:00.5",
    "\"\\u00e9\\n\\\"\"",
    "\"\"\"a\\\n\n   b\\\"\"\"\"\"\"",
    "\"\"\"\"quoted\"\"\"\"\"",
    "''''x'''''",
    "'''\n\t[dependency-groups]\n\n'''",
];

fn array() -> impl Strategy<Value = String> {
    let item = select(vec![
        "'attrs'",
        "\"Black_x\"",
        "\"mypy>=1\"",
        "'pytest-cov'",
        "\"zeta\"",
        "{ include-group = \"x\" }",
        "[\n]",
    ]);
    let separator = select(vec![", ", ",", ",\n    ", ", # c, d\n\t", "\n  , ", ",\n\n  # own\n  ", ",  "]);
    let open = select(vec!["", " ", "\n", "\n    ", " # first\n  ", "\n  # own\n  "]);
    let close = select(vec!["", " ", ",", ", ", "\n", ",\n", " # last\n  ", ", # last\n", ",\n  # own\n", "\n,\n"]);
    (open, proptest::collection::vec((item, separator), 0..5), close).prop_map(|(open, items, close)| {
        let count = items.len();
        let items = items
            .into_iter()
            .enumerate()
            .map(|(index, (item, separator))| format!("{item}{}", if index + 1 < count { separator } else { "" }));
        let close = if count == 0 { close.replace(',', "") } else { close.to_owned() };
        format!("[{open}{}{close}]", items.collect::<String>())
    })
}

fn lines() -> impl Strategy<Value = String> {
    let between = select(vec!["", "", "", "\n", "\n\n", "# comment\n", "\n# above\n", "# below\n\n", "  \t\n"]);
    let indent = select(vec!["", "", "  ", "\t"]);
    let value = prop_oneof![select(SCALARS).prop_map(str::to_owned), array(), array()];
    let behind = select(vec!["", "", "  # behind", "\t", "# ü = [", "\t#\ttab"]);
    let entry = (indent, value, behind, between)
        .prop_map(|(indent, value, behind, between)| (indent.to_owned(), format!("{value}{behind}\n{between}")));
    (subsequence(KEYS, 0..5), proptest::collection::vec(entry, 5), between_headers()).prop_map(
        |(keys, entries, between)| {
            let lines = keys.iter().zip(entries).map(|(key, (indent, rest))| format!("{indent}{key} = {rest}"));
            lines.collect::<String>() + between
        },
    )
}

fn between_headers() -> impl Strategy<Value = &'static str> {
    select(vec!["", "\n", "\n\n", "# attached\n", "\n# attached\n", "\n# not attached\n\n"])
}

fn document() -> impl Strategy<Value = String> {
    let headers = subsequence(HEADERS, 0..7).prop_shuffle();
    let ending = select(vec!["", "", "\n", "\n\n", "# end\n", "\n# end\n  \n"]);
    let top = prop_oneof![Just(String::new()), lines()];
    (headers, proptest::collection::vec(lines(), 8), top, ending).prop_map(|(headers, bodies, top, ending)| {
        let tables = headers.iter().zip(bodies).map(|(header, body)| format!("{header}\n{body}"));
        format!("{top}{}{ending}", tables.collect::<String>())
    })
}

fn texts() -> impl Strategy<Value = String> {
    super::in_any_form(document())
}

#[test]
fn toml_keeps_the_laws() {
    super::hold(Kind::Toml, texts(), 100);
}

#[test]
#[ignore = "full: 10,000 TOML files"]
fn many_toml_files_keep_the_laws() {
    super::hold(Kind::Toml, texts(), super::MANY);
}
