use std::collections::BTreeSet;

use super::*;
use crate::domain::tree::{File, Root, Source};

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

    fn list(&self, _: Root, folder: &str) -> Result<Vec<String>> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let inside = self.0.iter().filter_map(|(name, _)| name.strip_prefix(&prefix));
        let names: BTreeSet<&str> = inside.map(|rest| rest.split('/').next().unwrap_or(rest)).collect();
        Ok(names.into_iter().map(str::to_owned).collect())
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
    assert_eq!((found.manager, found.backend.as_deref()), (Manager::Uv, Some("hatchling.build")));
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
    assert_eq!(found.backend.as_deref(), Some("setuptools.build_meta"));

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
