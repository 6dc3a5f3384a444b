use std::collections::BTreeSet;

use super::*;
use crate::domain::tree::{Entry, File, Listed, Place, Root, Source};

/// Files in memory, and the folders that they lie in.
struct Files(Vec<(&'static str, &'static str)>);

impl Source for Files {
    fn read(&self, place: &Place) -> Result<Entry> {
        let path = place.path.as_str();
        if let Some((_, text)) = self.0.iter().find(|(name, _)| *name == path) {
            return Ok(Entry::File(File { bytes: text.as_bytes().to_vec(), executable: false }));
        }
        let folder = format!("{path}/");
        Ok(if self.0.iter().any(|(name, _)| name.starts_with(&folder)) { Entry::Folder } else { Entry::Absent })
    }

    fn list(&self, _: Root, folder: &str) -> Result<Vec<Listed>> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let inside = self.0.iter().filter_map(|(name, _)| name.strip_prefix(&prefix));
        let names: BTreeSet<Listed> = inside
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => Listed { name: name.to_owned(), is_folder: true },
                None => Listed { name: rest.to_owned(), is_folder: false },
            })
            .collect();
        Ok(names.into_iter().collect())
    }
}

fn adopted(files: &[(&'static str, &'static str)]) -> Adopted {
    let source = Files(files.to_vec());
    let mut tree = Tree::of_top(&source);
    adopt(&mut tree, &Folder { name: "folder", top: Top::Project, year: 2026 }).unwrap()
}

#[test]
fn a_project_table_is_believed() {
    let pyproject = "[project]\nname='My-Proj'\ndescription='does'\nlicense='MIT'\nrequires-python='>=3.12'\n\
        authors=[{name='Ada'}]\nurls={Source='https://github.com/ada/my-proj/'}\n[build-system]\nbuild-backend='hatchling.build'\n\
        [dependency-groups]\nDevelopment=[]\n[tool.uv]\n";
    let found = adopted(&[("pyproject.toml", pyproject), ("src/my_proj/__init__.py", ""), ("tests/test_x.py", "")]);
    let values = &found.shape.values;
    assert_eq!((values.name.as_str(), values.package.as_str()), ("My-Proj", "my_proj"));
    assert_eq!(
        (values.layout, &*found.shape.sources, &*found.shape.tests),
        (Layout::Src, &["src".into()][..], &["tests".into()][..])
    );
    assert_eq!(values.license.as_deref(), Some("MIT"));
    assert_eq!(values.url.as_deref(), Some("https://github.com/ada/my-proj"));
    assert_eq!(values.requires_python, ">=3.12");
    assert_eq!(values.group, "Development");
    assert_eq!((found.manager, found.build.to_string().as_str()), (Manager::Uv, "hatchling"));
    assert!(found.open.is_empty(), "{:?}", found.open);
}

#[test]
fn older_formats_are_read_too() {
    let poetry = "[tool.poetry]\nname='p'\nauthors=['Ada <a@b.c>']\n[tool.poetry.dependencies]\npython='^3.10'\n";
    let found = adopted(&[("pyproject.toml", poetry), ("p/__init__.py", "")]);
    assert_eq!(found.shape.values.requires_python, ">=3.10, <4");
    assert_eq!(found.shape.values.layout, Layout::Flat);
    assert_eq!(found.shape.sources, ["p"]);
    assert_eq!(found.shape.values.authors[0].email.as_deref(), Some("a@b.c"));
    assert_eq!(found.manager, Manager::Poetry);

    let setup_cfg = "[metadata]\nname = s\n[options]\npython_requires = >=3.9\n[options.packages.find]\nwhere = lib\n";
    let found = adopted(&[
        ("setup.cfg", setup_cfg),
        ("setup.py", "from setuptools import setup\nsetup()\n"),
        ("lib/s/__init__.py", ""),
    ]);
    assert_eq!((found.shape.values.name.as_str(), found.shape.values.requires_python.as_str()), ("s", ">=3.9"));
    assert_eq!(found.shape.sources, ["lib"]);
    assert_eq!(found.build, Build::Legacy);

    let setup_py = "setup(name='q', classifiers=['Programming Language :: Python :: 3.12', 'Programming Language :: Python :: 3.9'])";
    let found = adopted(&[("setup.py", setup_py), ("q.py", ""), ("requirements.txt", "x")]);
    assert_eq!(found.shape.values.requires_python, ">=3.9");
    assert_eq!((found.shape.values.layout, &*found.shape.sources), (Layout::Flat, &["q.py".into()][..]));
    assert_eq!(found.manager, Manager::Requirements);
}

#[test]
fn what_is_not_said_is_assumed_and_named() {
    let found = adopted(&[("pyproject.toml", "[tool.x]\n")]);
    assert_eq!(found.shape.values.name, "folder");
    assert_eq!(found.shape.values.layout, Layout::None);
    assert_eq!(found.open.len(), 2, "{:?}", found.open);
    let odd = adopted(&[("pyproject.toml", "[project]\nname='x'\nrequires-python='>=4'\n")]);
    assert_eq!(odd.shape.values.requires_python, ">=3.11");
}

/// Layout, packages and sources of a project with these files.
fn laid_out(files: &[(&'static str, &'static str)]) -> (Layout, String, String) {
    let found = adopted(files);
    (found.shape.values.layout, found.packages.join(" "), found.shape.sources.join(" "))
}

fn are(layout: Layout, packages: &str, sources: &str) -> (Layout, String, String) {
    (layout, packages.to_owned(), sources.to_owned())
}

#[test]
fn packages_are_found_where_the_build_looks_for_them() {
    let setup = "from setuptools import find_packages, setup\nsetup(name='demo', packages=find_packages(exclude=['t', 't.*']))\n";
    let files = [("setup.py", setup), ("demo/__init__.py", ""), ("more/__init__.py", ""), ("t/__init__.py", "")];
    assert_eq!(laid_out(&files), are(Layout::Flat, "demo more", "demo more"));

    let hatch = "[project]\nname='demo'\n[tool.hatch.build.targets.wheel]\nonly-include=['src']\nsources=['src']\n";
    let files = [("pyproject.toml", hatch), ("src/demo/__init__.py", ""), ("src/demod/__init__.py", "")];
    assert_eq!(laid_out(&files), are(Layout::Src, "demo demod", "src"));

    let poetry = "[tool.poetry]\nname='py-demo'\npackages=[{include='demo', from='python'}, {include='demo_ext', from='python'}]\n";
    let files = [
        ("pyproject.toml", poetry),
        ("python/demo/__init__.py", ""),
        ("python/demo_ext/__init__.py", ""),
        ("python/x/__init__.py", ""),
    ];
    assert_eq!(laid_out(&files), are(Layout::Src, "demo demo_ext", "python"));

    let moved = "[metadata]\nname = demo\n[options]\npackages = demo\npackage_dir =\n    demo = source/code\n";
    let files = [("setup.cfg", moved), ("source/code/__init__.py", "")];
    assert_eq!(laid_out(&files), are(Layout::Flat, "demo", "source/code"));

    let maturin = "[project]\nname='demo'\n[build-system]\nbuild-backend='maturin'\n[tool.maturin]\npython-source='python'\nmodule-name='demo._core'\n";
    let files = [("pyproject.toml", maturin), ("python/demo/__init__.py", ""), ("src/lib.rs", "")];
    assert_eq!(laid_out(&files), are(Layout::Src, "demo", "python"));
}

#[test]
fn without_a_word_the_projects_own_name_decides() {
    let pyproject = ("pyproject.toml", "[project]\nname='Demo-Kit'\n");
    let files = [pyproject, ("demo_kit/__init__.py", ""), ("helpers/__init__.py", ""), ("docs/__init__.py", "")];
    assert_eq!(laid_out(&files), are(Layout::Flat, "demo_kit", "demo_kit"));
    let files = [pyproject, ("lib/_kit/__init__.py", ""), ("lib/kit/__init__.py", "")];
    assert_eq!(laid_out(&files), are(Layout::Src, "kit _kit", "lib"));
    let files = [pyproject, ("a.py", ""), ("b.py", ""), ("tests/test_a.py", "")];
    assert_eq!(laid_out(&files), are(Layout::None, "", ""));
    assert_eq!(adopted(&files).shape.tests, ["tests"]);
    assert_eq!(laid_out(&[pyproject, ("kit.py", ""), ("setup.py", "")]), are(Layout::Flat, "kit", "kit.py"));
}

#[test]
fn a_namespace_is_looked_through() {
    let pyproject = ("pyproject.toml", "[project]\nname='big-cloud-store'\n");
    let files = [pyproject, ("big/cloud/store/__init__.py", ""), ("big/cloud/store_v2/__init__.py", "")];
    assert_eq!(laid_out(&files), are(Layout::Flat, "big.cloud.store", "big"));
    let shared = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";
    let files = [pyproject, ("src/big/__init__.py", shared), ("src/big/store/__init__.py", "")];
    assert_eq!(laid_out(&files), are(Layout::Src, "big.store", "src"));
}

#[test]
fn tests_are_found_by_name_and_by_what_is_in_them() {
    let of = |files: &[(&'static str, &'static str)]| adopted(files).shape.tests;
    let package = ("demo/__init__.py", "");
    assert_eq!(
        of(&[package, ("unit_tests/test_a.py", ""), ("t/conftest.py", ""), ("data/x.txt", "")]),
        ["t", "unit_tests"]
    );
    assert_eq!(of(&[package, ("demo/tests/test_a.py", "")]), ["demo/tests"]);
    assert_eq!(of(&[package, ("test/data.json", "")]), [""; 0]);
}

#[test]
fn what_its_own_tool_would_refuse_is_an_error_with_its_place() {
    for (name, text, line) in
        [("pyproject.toml", "[project]\nname =\n", 2), ("setup.cfg", "[a]\n[a]\n", 2), ("Pipfile", "[\n", 1)]
    {
        let source = Files(vec![(name, text)]);
        let error =
            adopt(&mut Tree::of_top(&source), &Folder { name: "x", top: Top::Project, year: 2026 }).unwrap_err();
        let refused = error.downcast_ref::<crate::domain::reconcile::Refused>().expect(name);
        assert_eq!(refused.place.path.as_str(), name);
        let crate::domain::edit::EditError::Syntax { line: found, .. } = refused.error else { panic!("{error}") };
        assert_eq!(found, line, "{name}");
    }
}

/// A project below a repository with a manifest of its own.
struct Repository<'f>(&'f Files, &'static str);
impl Source for Repository<'_> {
    fn read(&self, place: &Place) -> Result<Entry> {
        match (place.root, place.path.as_str()) {
            (Root::Repository, "pyproject.toml") => {
                Ok(Entry::File(File { bytes: self.1.as_bytes().to_vec(), executable: false }))
            }
            (Root::Repository, _) => Ok(Entry::Absent),
            _ => self.0.read(place),
        }
    }
}

#[test]
fn the_member_of_a_workspace_is_its_managers() {
    let source = Files(vec![("pyproject.toml", "[project]\nname='a'\n")]);
    let workspace = |text: &'static str| {
        let repository = Repository(&source, text);
        let folder = Folder { name: "a", top: Top::Below("libs/a".into()), year: 2026 };
        let found = adopt(&mut Tree::new(&repository), &folder).unwrap();
        (found.workspace, found.manager)
    };
    assert_eq!(workspace("[tool.uv.workspace]\nmembers=['libs/*']\n"), (Some(String::new()), Manager::Uv));
    assert_eq!(workspace("[tool.uv.workspace]\nmembers=['libs/*']\nexclude=['libs/a']\n"), (None, Manager::None));
    assert_eq!(workspace("[tool.uv.workspace]\nmembers=['*']\n"), (None, Manager::None));
}
