//! Each fault of `pyproject.toml`: injected, seen, near to it silent, mended.
#![cfg(unix)]

use std::fs;

use crate::common::World;
use crate::common::project::Project;

const MANIFEST: &str = "pyproject.toml";

/// Let `to` stand for `from`, which is there once.
#[track_caller]
fn change(project: &Project<'_>, from: &str, to: &str) {
    let text = project.read(MANIFEST);
    assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
    fs::write(project.path(MANIFEST), text.replace(from, to)).unwrap();
}

#[test]
fn pyp01_a_manifest_that_is_not_toml() {
    let world = World::with_uv();
    let project = world.healthy();
    let healthy = project.read(MANIFEST);
    fs::write(project.path(MANIFEST), format!("\u{feff}{healthy}\n[tool.mine]\nää = \"x\n")).unwrap();
    let finding = project.assert_fault("PYP01");
    let line = healthy.lines().count() + 3;
    assert!(finding["cause"].as_str().unwrap().starts_with(&format!("line {line}, column ")), "{finding:#}");
    let shown = project.pyenvkit("doctor --context developer");
    assert!(shown.stdout.contains("ää = \"x"), "{}", shown.text());
    // What only the newest TOML allows is not read by the Pythons that install the project.
    fs::write(project.path(MANIFEST), format!("{healthy}\n[tool.mine]\nx = {{\n  a = 1,\n}}\n")).unwrap();
    let finding = project.assert_fault("PYP01");
    assert!(finding["message"].as_str().unwrap().contains("TOML 1.1"), "{finding:#}");
    fs::write(project.path(MANIFEST), format!("{healthy}\n[tool.mine]\nx = [\n  {{ a = 1 }},\n]\n")).unwrap();
    project.assert_healthy();
}

#[test]
fn pyp02_a_key_that_nothing_reads() {
    let world = World::with_uv();
    let project = world.healthy();
    change(&project, "\nreadme", "\n# As it was.\nreadm");
    let finding = project.assert_fault("PYP02");
    assert!(finding["remedy"].as_str().unwrap().contains("write readme"), "{finding:#}");
    let line = project.read(MANIFEST).lines().position(|line| line.starts_with("readm ")).unwrap() + 1;
    assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&line.into(), &1.into()));
    let before = project.read(MANIFEST);
    project.assert_mended_by("--fix=all");
    assert_eq!(project.read(MANIFEST), before.replace("readm ", "readme "));
    // A table of a tool has keys of its own.
    let text = project.read(MANIFEST);
    fs::write(project.path(MANIFEST), text + "\n[tool.mine]\nreadm = \"x\"\n").unwrap();
    project.assert_healthy();
}

#[test]
fn pyp05_the_licence_is_said_twice() {
    let world = World::with_uv();
    let project = world.healthy();
    let text = project.read(MANIFEST);
    let (before, rest) = text.split_once("classifiers = [\n").unwrap();
    let (_, after) = rest.split_once("]\n").unwrap();
    let kept = format!("{before}{after}");
    assert!(!kept.contains("\nlicense"), "{kept}");
    let with = |lines: &str| kept.replacen("[project]\n", &format!("[project]\n{lines}"), 1);
    let classifiers =
        "classifiers = [\n    \"Typing :: Typed\",  # it is\n    'License :: OSI Approved :: MIT License',\n]\n";
    fs::write(project.path(MANIFEST), with(classifiers)).unwrap();
    project.assert_healthy();
    fs::write(project.path(MANIFEST), with(&format!("license = \"MIT\"\n{classifiers}"))).unwrap();
    project.assert_fault("PYP05");
    project.assert_mended_by("--fix");
    assert!(project.read(MANIFEST).contains("classifiers = [\n    \"Typing :: Typed\",  # it is\n]\n"));
}

#[test]
fn pyp06_requires_python() {
    let world = World::with_uv();
    let project = world.healthy();
    let text = project.read(MANIFEST);
    let line = text.lines().find(|line| line.starts_with("requires-python")).unwrap().to_owned();
    let value = line.split('"').nth(1).unwrap();
    change(&project, &line, &line.replace(value, &format!("{value},<4")));
    project.assert_fault("PYP06");
    project.assert_mended_by("--fix=all");
    assert_eq!(project.read(MANIFEST), text);
    change(&project, &format!("{line}\n"), "");
    project.assert_fault("PYP06");
    project.assert_mended_by("--fix=all");
    // What is no package is installed nowhere else.
    let (_, without) = text.split_once("\n\n").unwrap();
    fs::write(project.path(MANIFEST), without.replace(&line, &line.replace(value, &format!("{value},<4")))).unwrap();
    assert_eq!(project.doctor("--select PYP").roots(), [""; 0]);
    // One version that is known to be bad is no bound.
    fs::write(project.path(MANIFEST), text.replace(&line, &line.replace(value, &format!("{value},!=3.11.1")))).unwrap();
    project.assert_healthy();
}

#[test]
fn pyp03_a_backend_that_is_not_there() {
    let world = World::with_uv();
    let project = world.healthy();
    let healthy = project.read(MANIFEST);
    change(&project, "build-backend = \"hatchling.build\"", "build-backend = \"setuptools.build_meta\"");
    let finding = project.assert_fault("PYP03");
    assert_eq!(finding["location"]["line"], 3, "{finding:#}");
    fs::write(project.path(MANIFEST), healthy.replace("build-backend = \"hatchling.build\"\n", "")).unwrap();
    project.assert_fault("PYP03");
    fs::write(project.path(MANIFEST), healthy.replace("requires = [\"hatchling", "requirements = [\"hatchling"))
        .unwrap();
    let roots = project.doctor("").roots();
    assert_eq!(roots, ["PYP02", "PYP03"]);
    // Of the same first name, and another distribution's.
    let older = healthy.replace("hatchling.build", "pdm.pep517.api").replace("hatchling>=", "pdm-pep517>=");
    fs::write(project.path(MANIFEST), older).unwrap();
    assert_eq!(project.doctor("--select PYP").roots(), [""; 0]);
    // A backend of the project's own.
    let own = "requires = []\nbuild-backend = \"mine\"\nbackend-path = [\".\"]\n";
    let (_, after) = healthy.split_once("\n\n").unwrap();
    fs::write(project.path(MANIFEST), format!("[build-system]\n{own}\n{after}")).unwrap();
    project.assert_healthy();
    // Built with what is installed, which is not the backend.
    fs::write(project.path(MANIFEST), format!("{healthy}\n[tool.uv]\nno-build-isolation = true\n")).unwrap();
    let finding = project.assert_fault("PYP03");
    assert!(finding["cause"].as_str().unwrap().contains("no-build-isolation"), "{finding:#}");
}

#[test]
fn pyp04_a_package_that_is_not_found() {
    let world = World::with_uv();
    let project = world.healthy();
    let healthy = project.read(MANIFEST);
    fs::rename(project.path("src/demo"), project.path("src/other")).unwrap();
    let finding = project.assert_fault("PYP04");
    assert!(finding["cause"].as_str().unwrap().contains("src/demo/__init__.py"), "{finding:#}");
    assert!(!project.pyenvkit("sync").status.success(), "the backend found it");
    let told = "\n[tool.hatch.build.targets.wheel]\npackages = [\"src/other\"]\n";
    fs::write(project.path(MANIFEST), format!("{healthy}{told}")).unwrap();
    project.assert_healthy();
    // A namespace package one folder down, as hatchling takes it.
    fs::write(project.path(MANIFEST), &healthy).unwrap();
    fs::create_dir(project.path("space")).unwrap();
    fs::rename(project.path("src/other"), project.path("space/demo")).unwrap();
    assert_eq!(project.doctor("--select PYP").roots(), [""; 0]);
}

#[test]
fn pyp04_several_packages_beside_each_other() {
    let world = World::new();
    world.write(
        "work/p/pyproject.toml",
        "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n\n[project]\nname = \
         \"p\"\nversion = \"1\"\nrequires-python = \">=3.11\"\n",
    );
    for name in ["p", "tests", "docs"] {
        world.write(&format!("work/p/{name}/__init__.py"), "");
    }
    let project = world.project("p");
    assert_eq!(project.doctor("--select PYP").roots(), [""; 0]);
    world.write("work/p/q/__init__.py", "");
    assert_eq!(project.doctor("--select PYP").roots(), ["PYP04"]);
}
