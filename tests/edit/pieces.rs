//! Pieces as tools want them, each with the text that it has in a later version, for every kind of file.

use pyenvkit::domain::edit::requirement;
use pyenvkit::domain::piece::{Item, Locator, Piece};
use pyenvkit::domain::tree::Place;

use crate::files::Kind;

/// A piece, and the same piece at a later version.
#[derive(Debug, Clone)]
pub struct Wish {
    pub piece: Piece,
    pub later: Piece,
}

fn wish(kind: Kind, at: Locator, text: &str, later: &str) -> Wish {
    let piece = Piece { place: place(kind), at: at.clone(), text: text.to_owned(), owners: ["test".to_owned()].into() };
    let mut later = Piece { text: later.to_owned(), at, ..piece.clone() };
    if let Locator::Hook { rev: Some(rev), .. } = &mut later.at {
        *rev = rev.replace("1.", "2.");
    }
    Wish { piece, later }
}

/// The file that the pieces of a kind are in.
pub fn place(kind: Kind) -> Place {
    let name = match kind {
        Kind::Toml => "pyproject.toml",
        Kind::Ini => "setup.cfg",
        Kind::Yaml => ".pre-commit-config.yaml",
        Kind::Json => ".vscode/settings.json",
        Kind::Requirements => "requirements.txt",
        Kind::Lines => ".gitignore",
    };
    Place::project(name).unwrap()
}

pub fn of(kind: Kind) -> Vec<Wish> {
    match kind {
        Kind::Toml => toml(),
        Kind::Ini => ini(),
        Kind::Yaml => yaml(),
        Kind::Json => json(),
        Kind::Requirements => requirements(),
        Kind::Lines => lines(),
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|part| (*part).to_owned()).collect()
}

fn toml() -> Vec<Wish> {
    let key = |table: &[&str], key: &str, text: &str, later: &str| {
        wish(Kind::Toml, Locator::TomlKey { table: owned(table), key: key.to_owned() }, text, later)
    };
    let item = |table: &[&str], key: &str, item: Item, (text, later): (&str, &str)| {
        wish(Kind::Toml, Locator::TomlItem { table: owned(table), key: key.to_owned(), item }, text, later)
    };
    let requirement = |table: &[&str], key: &str, text: &str, later: &str| {
        let name = Item::Requirement(requirement::name(text.trim_matches('"')));
        item(table, key, name, (text, later))
    };
    let value = |table: &[&str], key: &str, text: &str| item(table, key, Item::Value(text.to_owned()), (text, text));
    let groups = &["dependency-groups"][..];
    let extras = &["project", "optional-dependencies"][..];
    vec![
        key(&["tool", "black"], "line-length", "line-length = 97", "# wider\nline-length = 101 # agreed"),
        key(
            &["tool", "black"],
            "target-version",
            "# agreed\ntarget-version = [\n    \"py311\",\n    \"py312\",\n]  # both\n",
            "# agreed\ntarget-version = [\"py312\"]\n",
        ),
        key(&["tool", "ruff"], "extend-exclude", "extend-exclude = [\"gen\"]", "extend-exclude = [\n    \"gen\",\n]"),
        key(&["tool", "ruff", "lint"], "select", "select = [\"E\", \"F\"]", "select = []"),
        value(&["tool", "ruff", "lint"], "extend-select", "\"PYI\""),
        key(&["tool", "pytest", "ini_options"], "addopts", "addopts = \"-ra\"", "addopts = '''\n-ra\n  [x]\n'''"),
        key(&["tool", "coverage", "run"], "branch", "branch = true", "branch = false"),
        key(
            &["tool", "coverage", "report"],
            "exclude_also",
            "exclude_also = ['''\na\n  b''']",
            "exclude_also = [\"a\"]",
        ),
        key(&["tool", "x y", "\"q\""], "a.b", "\"a.b\" = {c = 1}", "\"a.b\" = {c = 2}"),
        requirement(groups, "dev", "\"black==26.10.1\"", "\"black==27\""),
        requirement(groups, "dev", "\"pytest>=9\"", "\"pytest>=10; python_version > '3'\""),
        value(groups, "dev", "{ include-group = \"lint\" }"),
        requirement(groups, "lint", "\"zz_last\"", "\"zz_last>1\""),
        requirement(extras, "dev", "\"aaa>=1; python_version < '3.12'\"", "\"aaa>=2\""),
        requirement(extras, "dev", "\"mypy\"", "\"mypy[x]\""),
        requirement(&["project"], "dependencies", "\"click>=8\"", "\"click>=9\""),
        requirement(&["build-system"], "requires", "\"setuptools>=80\"", "\"setuptools>=81\""),
        key(
            &["tool", "poetry", "group", "dev", "dependencies"],
            "pytest",
            "pytest = \"^9\"",
            "pytest = {version = \"^10\", optional = true}",
        ),
        key(&["dev-packages"], "pytest", "pytest = \"*\"", "pytest = \">=9\""),
        requirement(&["tool", "hatch", "envs", "default"], "dependencies", "\"pytest>=9\"", "\"pytest>=10\""),
        requirement(&["tool", "pdm", "dev-dependencies"], "dev", "\"pytest>=9\"", "\"pytest>=10\""),
    ]
}

fn ini() -> Vec<Wish> {
    let key = |section: &str, text: &str, later: &str| {
        let line = text.lines().find(|line| !line.starts_with(['#', ';'])).unwrap();
        let key = line.split(['=', ':']).next().unwrap().trim().to_owned();
        wish(Kind::Ini, Locator::IniKey { section: section.to_owned(), key }, text, later)
    };
    let item = |section: &str, key: &str, text: &str, later: &str| {
        let item = if text.contains("==") || text.contains(">=") {
            Item::Requirement(requirement::name(text))
        } else {
            Item::Value(text.to_owned())
        };
        wish(Kind::Ini, Locator::IniItem { section: section.to_owned(), key: key.to_owned(), item }, text, later)
    };
    vec![
        key("flake8", "max-line-length = 97", "max-line-length = 100"),
        key(
            "flake8",
            "# why\nextend-exclude =\n    .venv\n    build",
            "# why\nextend-exclude =\n    .venv\n    build\n    dist",
        ),
        item("flake8", "extend-ignore", "E203", "E203"),
        item("flake8", "extend-ignore", "E701", "E701"),
        key("tool:pytest", "addopts = -ra --x=%(y)s", "addopts = -ra"),
        key("pytest", "testpaths =\n    tests", "testpaths = tests"),
        key("coverage:run", "branch = true", "branch = false"),
        key("run", "source_pkgs = p", "source_pkgs =\n    p\n    q"),
        key("mypy", "strict = true", "strict = false"),
        item("options.extras_require", "dev", "pytest>=9", "pytest>=10"),
        item("options.extras_require", "dev", "black==26.10.1", "black==27"),
        item("options", "install_requires", "click>=8", "click>=9; python_version > '3'"),
    ]
}

fn yaml() -> Vec<Wish> {
    let hook = |repo: &str, rev: Option<&str>, text: &str, later: &str| {
        let id = text.lines().next().unwrap().trim_start_matches("id: ").to_owned();
        let (repo, rev) = (repo.to_owned(), rev.map(str::to_owned));
        wish(Kind::Yaml, Locator::Hook { repo, rev, id, folder: None }, text, later)
    };
    let general = "https://github.com/pre-commit/pre-commit-hooks";
    let ruff = "https://github.com/astral-sh/ruff-pre-commit";
    let own = "id: own-check\nname: own check\nentry: |\n  own\n\n  check\nlanguage: system";
    let key =
        |key: &str, text: &str, later: &str| wish(Kind::Yaml, Locator::YamlKey { key: key.to_owned() }, text, later);
    vec![
        hook("https://github.com/psf/black-pre-commit-mirror", Some("26.1.0"), "id: black-mirror", "id: black-mirror"),
        hook(
            "https://github.com/PyCQA/flake8",
            Some("7.1.0"),
            "id: flake8-own\nadditional_dependencies: [flake8-bugbear]",
            "id: flake8-own\nadditional_dependencies: [flake8-bugbear, x]\nfiles: '^a/'",
        ),
        hook(general, Some("v5.1.0"), "id: check-nothing", "id: check-nothing\nargs: [--x]"),
        hook(general, Some("v5.1.0"), "id: check-all\nargs:\n- --profile\n- black", "id: check-all"),
        hook(
            "https://github.com/pre-commit/mirrors-mypy",
            Some("v1.16.0"),
            "id: mypy-own\n# strict\nargs: [--strict]",
            "id: mypy-own\n# not strict\nargs: []",
        ),
        hook(ruff, Some("v0.1.0"), "id: ruff-own\nargs: [--fix]", "id: ruff-own"),
        hook(ruff, Some("v0.1.0"), "id: ruff-format-own", "id: ruff-format-own"),
        hook("local", None, own, &own.replace("own\n\n", "other\n\n")),
        hook("meta", None, "id: check-useless-excludes", "id: check-useless-excludes\nfiles: x"),
        key("minimum_pre_commit_version", "minimum_pre_commit_version: \"3.2.0\"", "minimum_pre_commit_version: '4'"),
        key(
            "default_install_hook_types",
            "# all\ndefault_install_hook_types: [\"pre-commit\"]",
            "# all\ndefault_install_hook_types:\n- pre-commit\n- pre-push",
        ),
    ]
}

fn json() -> Vec<Wish> {
    let key =
        |path: &[&str], text: &str, later: &str| wish(Kind::Json, Locator::JsonKey { path: owned(path) }, text, later);
    let item = |path: &[&str], text: &str| {
        wish(Kind::Json, Locator::JsonItem { path: owned(path), item: Item::Value(text.to_owned()) }, text, text)
    };
    vec![
        key(&["python.testing.pytestEnabled"], "true", "false"),
        key(&["python.testing.pytestArgs"], "[\n    \"tests\"\n]", "[\"tests\"]"),
        key(&["[python]", "editor.defaultFormatter"], "\"charliermarsh.ruff\"", "\"ms-python.black\""),
        key(&["[python]", "editor.codeActionsOnSave", "source.fixAll"], "\"explicit\"", "true"),
        item(&["recommendations"], "\"ms-python.mypy\""),
        item(&["recommendations"], "\"charliermarsh.ruff-x\""),
        key(&["ü \"x\""], "{\n    \"a\": [\n        1\n    ]\n}", "{}"),
    ]
}

fn requirements() -> Vec<Wish> {
    let line = |text: &str, later: &str| {
        wish(Kind::Requirements, Locator::RequirementLine { name: requirement::name(text) }, text, later)
    };
    vec![
        line("pytest-ours>=9", "pytest-ours>=10"),
        line("Black_Ours==26.10.1", "Black_Ours==27"),
        line("aaa[x]>=1; python_version < '3.12'", "aaa>=2"),
        line("zzz @ https://example.com/zzz.zip", "zzz"),
    ]
}

fn lines() -> Vec<Wish> {
    let line = |text: &str| wish(Kind::Lines, Locator::Line { line: text.to_owned() }, text, text);
    vec![line(".pytest_cache-ours/"), line("!ours"), line("htmlcov ours/"), line("\\#ours")]
}
