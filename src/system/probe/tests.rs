//! Every need is answered, and only what is needed is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may crash")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Subject, machine, project};
use crate::domain::facts::{Fact, Machine, Need, Project};

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A project with one file of each kind, in a repository of its own.
fn subject(folder: &Path) -> Subject {
    write(
        folder,
        &[
            ("pyproject.toml", "[project]\nname = \"x\"\n[tool.uv]\n"),
            ("setup.cfg", "[x]\n"),
            (".gitignore", ".venv/\n"),
            (".git/HEAD", "ref: refs/heads/main\n"),
            (".git/config", "[core]\n\thooksPath = .husky\n"),
            (".git/info/exclude", "x\n"),
            (".github/workflows/ci.yml", "on: push\n"),
            (
                ".vscode/settings.json",
                "{ \"python.defaultInterpreterPath\": \"${workspaceFolder}/.venv\", \"python.pythonPath\": \"/gone/x\" }\n",
            ),
            ("src/x/__init__.py", ""),
            ("tests/test_x.py", ""),
            ("top.py", ""),
            (".gitattributes", "*.png binary\n"),
            ("run.sh", "#!/bin/sh\r\n"),
            ("bin/b", "#!/bin/sh\r\n"),
            ("bin/fine", "#!/bin/sh\n\r\n"),
            ("bin/not-executable", "#!/bin/sh\r\n"),
            ("uv.lock", "version = 1\n"),
            (".venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.1\n"),
            (".venv/lib/python3.12/site-packages/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n"),
            (".venv/lib/python3.12/site-packages/a-1.dist-info/RECORD", "a.py,,\n"),
            (".venv/lib/python3.12/site-packages/b-1.dist-info/RECORD", ""),
            (".venv/lib/python3.12/site-packages/~ip/x", ""),
            (".venv/lib/python3.12/site-packages/x.pth", "/nowhere\nimport sys\n"),
        ],
    );
    for name in ["run.sh", "bin/b", "bin/fine"] {
        fs::set_permissions(folder.join(name), PermissionsExt::from_mode(0o755)).unwrap();
    }
    for name in [".git/objects", ".git/refs"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    Subject::around(folder).unwrap().unwrap()
}

fn asked(machine: &Machine, project: &Project) -> Vec<bool> {
    fn was<T>(fact: &Fact<T>) -> bool {
        match fact {
            Fact::NotAsked => false,
            Fact::Known(_) => true,
            Fact::Failed(why) => panic!("{why}"),
        }
    }
    vec![
        was(&machine.variables),
        was(&machine.path),
        was(&machine.pythons),
        was(&machine.git),
        was(&machine.volumes),
        was(&machine.certificates),
        was(&machine.installers),
        was(&machine.system),
        was(&machine.tools),
        was(&machine.backends),
        was(&project.pyproject),
        was(&project.configuration),
        was(&project.ignore),
        was(&project.ci),
        was(&project.editors),
        was(&project.scripts),
        was(&project.attributes),
        was(&project.sources),
        was(&project.tests),
        was(&project.locks),
        was(&project.environments),
        was(&project.packages),
        was(&project.records),
        was(&project.hooks),
        was(&project.git),
        was(&project.tracked),
    ]
}

#[test]
fn each_need_is_answered_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let subject = subject(folder.path());
    for (index, need) in Need::ALL.into_iter().enumerate() {
        let needs = BTreeSet::from([need]);
        let asked = asked(&machine(folder.path(), &needs), &project(&subject, &needs));
        assert!(asked[index], "{need:?} is not answered");
        // Packages are looked for in an environment, which is known then.
        let more = asked.iter().filter(|asked| **asked).count();
        assert!(more == 1 || more == 2 && matches!(need, Need::Packages | Need::Records), "{need:?}: {asked:?}");
    }
}

#[test]
fn everything_of_a_project_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let subject = subject(folder.path());
    let found = project(&subject, &BTreeSet::from(Need::ALL));
    let names = |texts: &crate::domain::facts::Texts| texts.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found.configuration.get().unwrap()), ["setup.cfg"]);
    assert_eq!(names(&found.ignore.get().unwrap().texts), [".gitignore", "git:info/exclude"]);
    assert_eq!(names(found.ci.get().unwrap()), [".github/workflows/ci.yml"]);
    let editors = found.editors.get().unwrap();
    assert_eq!(editors.iter().map(|it| it.exists).collect::<Vec<_>>(), [true, false]);
    assert_eq!(names(found.scripts.get().unwrap()), ["bin/b", "run.sh"]);
    let sources: Vec<&str> = found.sources.get().unwrap().iter().map(String::as_str).collect();
    assert_eq!(sources, ["src/x/__init__.py", "tests/test_x.py", "top.py"]);
    assert_eq!(names(found.tests.get().unwrap()), ["tests/test_x.py"]);
    assert_eq!(names(found.attributes.get().unwrap()), [".gitattributes"]);
    assert_eq!(names(found.locks.get().unwrap()), ["uv.lock"]);
    assert_eq!(found.manager, crate::domain::facts::Manager::Uv);
    let environment = found.environment().unwrap();
    assert_eq!((environment.shown().as_str(), environment.synced), (".venv", true));
    let packages = found.packages.get().unwrap().as_ref().unwrap();
    assert_eq!(packages.distributions.len(), 1);
    assert_eq!(packages.unreadable, ["b-1.dist-info"]);
    assert_eq!(packages.leftovers, ["~ip"]);
    assert_eq!(packages.path_files[0].missing, [(0..8, "/nowhere".into())]);
    assert_eq!(found.records.get().unwrap()["a-1.dist-info"][0].path, "a.py");
    let hooks = found.hooks.get().unwrap().as_ref().unwrap();
    assert_eq!(hooks.configured.as_ref().unwrap().value.as_deref(), Some(".husky"));
    assert!(hooks.configuration.is_none());
}
