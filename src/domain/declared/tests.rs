use std::collections::BTreeMap;

use super::*;
use crate::domain::catalog::Bound;
use crate::domain::tree::{File, Source};

/// Files in memory.
struct Files(BTreeMap<&'static str, &'static str>);

impl Source for Files {
    fn read(&self, place: &Place) -> Result<Entry> {
        Ok(self
            .0
            .get(place.path.as_str())
            .map_or(Entry::Absent, |text| Entry::File(File { bytes: text.as_bytes().to_vec(), executable: false })))
    }
}

fn home_of(files: &[(&'static str, &'static str)]) -> (String, String) {
    let wanted = Wanted { group: "dev", is_named: false, kin: &["test", "tests"] };
    home_for(files, &wanted)
}

fn home_for(files: &[(&'static str, &'static str)], wanted: &Wanted<'_>) -> (String, String) {
    let source = Files(files.iter().copied().collect());
    let mut tree = Tree::new(&source);
    let pyproject = files.iter().find(|(name, _)| *name == "pyproject.toml").map_or("", |(_, text)| text);
    let list = home(&mut tree, &pyproject.parse().unwrap(), wanted).unwrap();
    let wish = Wish { name: "pytest", extras: &[], bound: Bound::Lower, version: "9.2.0" };
    (list.file().to_string() + " " + &list.toml_path().join("."), list.text(&wish))
}

/// Files, where a requirement goes, and what is written there.
type Row = (&'static [(&'static str, &'static str)], &'static str, &'static str);

const ROWS: &[Row] = &[
    (&[], "pyproject.toml dependency-groups.dev", "\"pytest>=9.2.0\""),
    (
        &[("pyproject.toml", "[dependency-groups]\nDev=[]\ntest=[]")],
        "pyproject.toml dependency-groups.Dev",
        "\"pytest>=9.2.0\"",
    ),
    (
        &[("pyproject.toml", "[dependency-groups]\ntest=[]")],
        "pyproject.toml dependency-groups.test",
        "\"pytest>=9.2.0\"",
    ),
    (
        &[("pyproject.toml", "[dependency-groups]\ndocs=[]")],
        "pyproject.toml dependency-groups.dev",
        "\"pytest>=9.2.0\"",
    ),
    (
        &[("pyproject.toml", "[tool.poetry]\nname='x'")],
        "pyproject.toml tool.poetry.group.dev.dependencies",
        "pytest = \">=9.2.0\"",
    ),
    (
        &[("pyproject.toml", "[tool.poetry.dev-dependencies]\nx='1'")],
        "pyproject.toml tool.poetry.dev-dependencies",
        "pytest = \">=9.2.0\"",
    ),
    (
        &[("pyproject.toml", "[tool.pdm.dev-dependencies]\nlint=[]")],
        "pyproject.toml tool.pdm.dev-dependencies.dev",
        "\"pytest>=9.2.0\"",
    ),
    (
        &[("pyproject.toml", "[tool.hatch.envs.default]\ndependencies=[]")],
        "pyproject.toml tool.hatch.envs.default.dependencies",
        "\"pytest>=9.2.0\"",
    ),
    (
        &[
            ("pyproject.toml", "[tool.hatch.envs.default]\ndependencies=[]"),
            ("hatch.toml", "[envs.default]\nextra-dependencies=[]"),
        ],
        "hatch.toml envs.default.extra-dependencies",
        "\"pytest>=9.2.0\"",
    ),
    (
        &[("pyproject.toml", "[tool.hatch.envs.default]\ndependencies=[]"), ("hatch.toml", "[version]\npath='x'")],
        "pyproject.toml tool.hatch.envs.default.dependencies",
        "\"pytest>=9.2.0\"",
    ),
    (
        &[("pyproject.toml", "[tool.uv]\ndev-dependencies=[]")],
        "pyproject.toml tool.uv.dev-dependencies",
        "\"pytest>=9.2.0\"",
    ),
    (
        &[("pyproject.toml", "[project.optional-dependencies]\nfast=[]\ntests=[]")],
        "pyproject.toml project.optional-dependencies.tests",
        "\"pytest>=9.2.0\"",
    ),
    (
        &[("pyproject.toml", "[project.optional-dependencies]\nfast=[]")],
        "pyproject.toml dependency-groups.dev",
        "\"pytest>=9.2.0\"",
    ),
    (&[("setup.cfg", "[options.extras_require]\ndev =\n    black\n")], "setup.cfg ", "pytest>=9.2.0"),
    (&[("Pipfile", "[packages]\n")], "Pipfile dev-packages", "pytest = \">=9.2.0\""),
    (&[("requirements/test.txt", "x\n"), ("setup.py", "")], "requirements/test.txt ", "pytest>=9.2.0"),
    (&[("requirements.txt", "x\n"), ("setup.py", "")], "requirements-dev.txt ", "pytest>=9.2.0"),
    (
        &[("requirements.txt", "x\n"), ("pyproject.toml", "[project]\nname='x'")],
        "pyproject.toml dependency-groups.dev",
        "\"pytest>=9.2.0\"",
    ),
];

#[test]
fn a_requirement_goes_where_the_project_keeps_its_own() {
    for (files, place, text) in ROWS {
        assert_eq!(home_of(files), ((*place).to_owned(), (*text).to_owned()), "{files:?}");
    }
}

#[test]
fn a_group_that_was_named_is_made() {
    let wanted = Wanted { group: "checks", is_named: true, kin: &[] };
    let files = [("pyproject.toml", "[dependency-groups]\ndev=[]")];
    assert_eq!(home_for(&files, &wanted).0, "pyproject.toml dependency-groups.checks");
    let poetry = [("pyproject.toml", "[tool.poetry.group.dev.dependencies]\nx='1'")];
    assert_eq!(home_for(&poetry, &wanted).0, "pyproject.toml tool.poetry.group.checks.dependencies");
}

#[test]
fn everything_that_is_declared_is_read() {
    let pyproject = "[project]\ndependencies=['Foo_Bar>=1']\noptional-dependencies={dev=['a==1']}\n\
        [dependency-groups]\ntest=['b<2',{include-group='x'}]\n\
        [tool.poetry.group.qa.dependencies]\npython='^3'\nc='^1.2'\nd={version='~1',extras=['x']}\n";
    let files = Files(BTreeMap::from([
        ("setup.cfg", "[options]\ninstall_requires =\n    e>=2\n    # no\n    f\n[options.extras_require]\ntest = g\n"),
        ("requirements-dev.txt", "-r requirements.txt\n# x\nh==3 # why\ni @ https://example.com/i.zip\n\n"),
        ("Pipfile", "[dev-packages]\nj = \"*\"\n"),
    ]));
    let mut tree = Tree::new(&files);
    let all = read(&mut tree, &pyproject.parse().unwrap()).unwrap();
    let shown: Vec<String> = all
        .iter()
        .map(|it| {
            format!("{} {} {}", it.name, it.specifiers().map(|it| it.to_string()).unwrap_or_default(), it.develops)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "foo-bar >=1 false",
            "b <2 true",
            "a ==1 true",
            "c >=1.2, <2 true",
            "d >=1, <2 true",
            "h ==3 true",
            "i  true",
            "j  true",
            "e >=2 false",
            "f  false",
            "g  true",
        ]
    );
}
