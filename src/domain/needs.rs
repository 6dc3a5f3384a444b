//! What the environment of a project is to have beside its dependency groups, wherever the project says so.

use std::path::PathBuf;

use anyhow::Result;
use toml::Value;

use super::declared::{self, Documents, List, Written, at};
use super::edit::requirement;
use super::groups;
use super::tree::{Entry, Place, Tree};

/// Requirements of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// PEP 508; [`declared::PROJECT_ROOT`] in a URL is the project's folder.
    pub requirements: Vec<String>,
    /// Extras of the project.
    pub extras: Vec<String>,
    /// Requirements files, to be read by an installer: they have options, hashes, and other files in them.
    pub files: Vec<Place>,
    /// Folders of packages that are there as links, and are to be installed again as links that name the folder.
    pub links: Vec<PathBuf>,
}

/// What a project declares for its developers, and, where nothing installs the project itself, what that requires.
///
/// # Errors
/// A file is there and cannot be read.
pub fn read(tree: &mut Tree<'_>, pyproject: &toml::Table) -> Result<Needs> {
    let is_package = groups::is_package(pyproject) || matches!(tree.get(&Place::project("setup.py")?)?, Entry::File(_));
    let is_standard = pyproject.contains_key("project");
    let mut needs = Needs::default();
    for declared in declared::read(tree, pyproject)? {
        let is_wanted = declared.develops || !is_standard && !is_package;
        if !is_wanted || declared.list.is_standard() || is_optional(pyproject, &declared.list) {
            continue;
        }
        match declared.list {
            // Read as a whole: it has options and other files in it.
            List::Lines { .. } => {}
            List::Array { table, key, .. } if is_extra(&table) => push(&mut needs.extras, key),
            _ => declared.requirements.into_iter().for_each(|text| push(&mut needs.requirements, text)),
        }
    }
    for Written { file, develops, compiled } in declared::written(tree)? {
        if !develops && (is_standard || is_package) {
            continue;
        }
        // What is compiled is what developers have, where it has all of what it is compiled from.
        let compiled = match compiled {
            Some(compiled) if has_all(tree, &compiled, &file)? => Some(compiled),
            _ => None,
        };
        push(&mut needs.files, compiled.unwrap_or(file));
    }
    for (file, compiled) in declared::compiled_files(tree)? {
        let is_wanted = declared::develops(&file) || !is_standard && !is_package;
        if is_wanted && !compiled.sources.iter().any(declared::is_requirements_file) {
            push(&mut needs.files, file);
        }
    }
    let documents = Documents::read(tree, pyproject)?;
    let features = documents.hatch(&["envs", "default", "features"]).and_then(Value::as_array);
    for feature in features.into_iter().flatten().filter_map(Value::as_str) {
        push(&mut needs.extras, feature.to_owned());
    }
    Ok(needs)
}

fn has_all(tree: &mut Tree<'_>, compiled: &Place, source: &Place) -> Result<bool> {
    let mut names = |place: &Place| -> Result<Vec<String>> {
        let text = declared::lossy(tree, place)?.unwrap_or_default();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '-']));
        Ok(lines.map(requirement::name).filter(|name| !name.is_empty()).collect())
    };
    let there = names(compiled)?;
    Ok(names(source)?.iter().all(|name| there.contains(name)))
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn is_extra(table: &[String]) -> bool {
    table.iter().eq(["project", "optional-dependencies"])
}

/// Whether Poetry installs a group only where it is asked to.
#[must_use]
pub fn is_optional(pyproject: &toml::Table, list: &List) -> bool {
    let List::Table { table, .. } = list else { return false };
    let group: Vec<&str> = table.iter().map(String::as_str).take(4).collect();
    group.len() == 4
        && at(pyproject, &group).and_then(|group| group.get("optional")).and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::tree::{File, Source};

    struct Files(BTreeMap<&'static str, &'static str>);

    impl Source for Files {
        fn read(&self, place: &Place) -> Result<Entry> {
            let file = |text: &&str| Entry::File(File { bytes: text.as_bytes().to_vec(), executable: false });
            Ok(self.0.get(place.path.as_str()).map_or(Entry::Absent, file))
        }
    }

    /// Requirements, extras, files.
    fn needs(files: &[(&'static str, &'static str)]) -> [String; 3] {
        let files = Files(files.iter().copied().collect());
        let pyproject = files.0.get("pyproject.toml").map_or("", |text| text).parse().unwrap();
        let needs = read(&mut Tree::new(&files), &pyproject).unwrap();
        let files: Vec<String> = needs.files.iter().map(ToString::to_string).collect();
        [needs.requirements.join(" "), needs.extras.join(" "), files.join(" ")]
    }

    #[test]
    fn a_package_brings_its_own_requirements() {
        let poetry = "[tool.poetry.dependencies]\npython='^3'\na='^1'\n[tool.poetry.group.x]\noptional=true\n\
            [tool.poetry.group.x.dependencies]\nb='1'\n[tool.poetry.group.dev.dependencies]\nc='1'\n";
        assert_eq!(needs(&[("pyproject.toml", poetry)])[0], "a>=1, <2 c==1");
        assert_eq!(needs(&[("pyproject.toml", poetry), ("setup.py", "")])[0], "c==1");
        let built =
            "[build-system]\nrequires=[]\n[tool.poetry]\npackage-mode=false\n[tool.poetry.dependencies]\na='1'\n";
        assert_eq!(needs(&[("pyproject.toml", built)])[0], "a==1");
    }

    #[test]
    fn of_a_file_and_what_it_is_compiled_from_one_is_taken() {
        let head = "# This file is autogenerated by pip-compile with Python 3.11\n#\n#    pip-compile requirements-dev.in\n#\n";
        let compiled: &'static str = format!("{head}Foo_Bar==1\nb==2\n").leak();
        let of = |text: &'static str| {
            needs(&[("setup.cfg", ""), ("requirements-dev.in", text), ("requirements-dev.txt", compiled)])[2].clone()
        };
        assert_eq!(of("-c x.txt\nfoo.bar>=1 # why\n"), "requirements-dev.txt");
        assert_eq!(of("foo-bar\nc\n"), "requirements-dev.in");
        assert_eq!(needs(&[("setup.cfg", ""), ("requirements-dev.txt", compiled)])[2], "requirements-dev.txt");
    }

    #[test]
    fn extras_groups_and_files_are_told_apart() {
        let text = "[project]\nname='p'\ndependencies=['a']\noptional-dependencies={dev=['b'],fast=['c']}\n\
            [dependency-groups]\ndev=['d']\n[tool.pdm.dev-dependencies]\nx=['e']\n[tool.hatch.envs.default]\nfeatures=['fast']\n";
        assert_eq!(needs(&[("pyproject.toml", text)]), ["e", "dev fast", ""]);
        let old: [(&str, &str); 4] = [
            ("setup.cfg", "[options]\ninstall_requires =\n  a\n[options.extras_require]\ntest =\n  b\n"),
            ("requirements.txt", "c\n"),
            ("requirements-dev.txt", "-r requirements.txt\nd\n"),
            ("Pipfile", "[packages]\ne='*'\n[dev-packages]\nf='*'\n"),
        ];
        assert_eq!(needs(&old), ["e f a b", "", "requirements-dev.txt requirements.txt"]);
        let setup = [&old[..], &[("setup.py", "")]].concat();
        assert_eq!(needs(&setup), ["f b", "", "requirements-dev.txt"]);
    }
}
