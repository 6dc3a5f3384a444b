//! What Python does when it starts, and links that only a running Python follows: injected, seen, near to it silent, mended.
#![cfg(unix)]

use std::fs;

use crate::common::World;
use crate::common::faults::site;
use crate::common::project::Project;

/// The error of a Python that starts in the environment.
fn start(project: &Project<'_>) -> String {
    project.script("python", ["-c", ""]).stderr
}

#[test]
fn pkg08_a_line_that_fails() {
    let world = World::with_uv();
    let project = world.healthy();
    let site = site(&project.folder);
    let file = site.join("mine.pth");
    // What is there in one of the places where Python looks.
    let code = world.write("code/elsewhere.py", "");
    let folder = code.parent().unwrap().display();
    fs::write(site.join("here.py"), "").unwrap();
    for fine in [
        "import here; here\n".to_owned(),
        "import sys, _thread as t, os.path; x = 'import nosuch'\n# import nosuch\n".to_owned(),
        "import sys; exec('import os')\n".to_owned(),
        format!("{folder}\nimport elsewhere\n"),
        " import nosuch\nno/such/folder\n".to_owned(),
    ] {
        fs::write(&file, &fine).unwrap();
        assert_eq!(start(&project), "", "{fine}");
        project.assert_healthy();
    }
    for fault in ["import nosuch\n", "\n# why\nimport sys, nosuch.inner; nosuch.inner.run()\n"] {
        fs::write(&file, fault).unwrap();
        assert!(start(&project).contains("No module named 'nosuch'"), "{fault}");
        let finding = project.assert_fault("PKG08");
        assert!(finding["message"].as_str().unwrap().starts_with("mine.pth imports nosuch"), "{finding:#}");
        assert_eq!(finding["location"]["line"], fault.matches('\n').count(), "{finding:#}");
    }
    // With a path from outside nobody knows.
    let mut command = world.pyenvkit("doctor --select PKG08 --context developer".split(' '));
    command.current_dir(&project.folder).env("PYTHONPATH", "/nonexistent");
    crate::common::world::finish(command).ok();
}

#[test]
fn pkg08_files_that_python_cannot_use() {
    let world = World::with_uv();
    let project = world.healthy();
    let site = site(&project.folder);
    fs::write(site.join("sitecustomize.py"), "\"\"\"Ours.\"\"\"\nimport os\nfrom nosuch import thing\n").unwrap();
    assert!(start(&project).contains("No module named 'nosuch'"));
    project.assert_fault("PKG08");
    let guarded = "import sys\ntry:\n    import nosuch\nexcept ImportError:\n    pass\n";
    fs::write(site.join("sitecustomize.py"), guarded).unwrap();
    project.assert_healthy();
    fs::write(site.join("mine.pth"), b"# caf\xe9\n").unwrap();
    assert!(start(&project).contains("UnicodeDecodeError"));
    let finding = project.assert_fault("PKG08");
    assert!(finding["message"].as_str().unwrap().contains("UTF-8"), "{finding:#}");
    fs::write(site.join("mine.pth"), "# café\n").unwrap();
    project.assert_healthy();
    fs::write(site.join("mine.pth"), format!("{}\n", world.root().join("gone").display())).unwrap();
    let finding = project.assert_fault("PKG08");
    assert_eq!(finding["severity"], "warn", "{finding:#}");
}

/// A package with its code beside its `pyproject.toml`, which setuptools does not link by a path.
fn helper(world: &World) -> std::path::PathBuf {
    world.write("helper/helper/__init__.py", "");
    world.write("helper/helper/py.typed", "");
    let manifest = world.write(
        "helper/pyproject.toml",
        "[project]\nname = \"helper\"\nversion = \"1\"\n[build-system]\nrequires = [\"setuptools\"]\n\
         build-backend = \"setuptools.build_meta\"\n[tool.setuptools]\npackages = [\"helper\"]\n",
    );
    manifest.parent().unwrap().to_path_buf()
}

/// Install the package in a folder as a link.
fn link(project: &Project<'_>, folder: &std::path::Path) {
    let words = ["-m", "pip", "--disable-pip-version-check", "install", "-q", "--editable"];
    project.script("python", words.map(std::ffi::OsStr::new).into_iter().chain([folder.as_os_str()])).ok();
}

#[test]
fn pkg08_a_finder_that_is_gone_is_told_below_its_package() {
    let world = World::with_uv();
    let project = world.healthy();
    link(&project, &helper(&world));
    project.assert_healthy();
    fs::remove_file(site(&project.folder).join("__editable___helper_1_finder.py")).unwrap();
    let said = project.doctor("");
    assert_eq!(said.roots(), ["PKG05"], "{}", said.outcome.text());
    let finding = project.doctor("--select PKG08").findings().remove(0).1;
    assert!(finding["remedy"].as_str().unwrap().contains("install --editable '"), "{finding:#}");
}

#[test]
fn pkg09_a_link_that_type_checkers_do_not_follow() {
    let world = World::with_uv();
    let project = world.healthy();
    let helper = helper(&world);
    link(&project, &helper);
    fs::write(project.path("src/demo/uses.py"), "import helper\n\nprint(helper)\n").unwrap();
    // Nobody checks types.
    project.assert_healthy();
    project.pyenvkit("add-tool mypy --yes").ok();
    project.git(["add", "-A"]);
    assert!(project.script("mypy", ["src"]).stdout.contains("\"helper\""));
    project.assert_fault("PKG09");
    // Who says where to look knows what is there.
    let manifest = project.read("pyproject.toml");
    fs::write(
        project.path("pyproject.toml"),
        manifest.replace("[tool.mypy]\n", "[tool.mypy]\nmypy_path = \"../helper\"\n"),
    )
    .unwrap();
    assert_eq!(project.doctor("--select PKG09").roots(), [""; 0]);
    fs::write(project.path("pyproject.toml"), manifest).unwrap();
    project.assert_mended_by("--fix=all");
    project.script("mypy", ["src"]).ok();
    project.script("python", ["-c", "import helper"]).ok();
}
