//! Each fault of the Python that runs: injected, seen, near to it silent, mended.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::common::project::Project;
use crate::common::world::make_executable;
use crate::common::{World, shared};

fn require(project: &Project<'_>, range: &str) {
    let manifest = project.read("pyproject.toml");
    let line = manifest.lines().find(|line| line.starts_with("requires-python")).unwrap();
    let text = manifest.replace(line, &format!("requires-python = \"{range}\""));
    fs::write(project.path("pyproject.toml"), text).unwrap();
}

#[test]
fn int01_no_python_fits() {
    let world = World::with_uv();
    let project = world.healthy();
    let before = project.read("pyproject.toml");
    require(&project, ">=3.99");
    let said = project.doctor("--select INT01");
    assert_eq!(said.roots(), ["INT01"], "{}", said.outcome.text());
    project.pyenvkit("doctor --context ci --select INT").ok();
    // What uv looks after, uv fetches.
    fs::write(project.path("uv.lock"), "").unwrap();
    assert_eq!(project.doctor("--select INT01").roots(), [""; 0]);
    fs::remove_file(project.path("uv.lock")).unwrap();
    fs::write(project.path("pyproject.toml"), before).unwrap();
    project.assert_healthy();
}

#[test]
fn int02_a_pin_that_is_not_installed() {
    let world = World::with_uv();
    let project = world.healthy();
    let minor = shared::python_minor();
    let pin = |text: &str| fs::write(project.path(".python-version"), text).unwrap();
    for fine in [format!("{minor}\n"), "system\n".to_owned(), "# 3.99\nmy-env\n".to_owned()] {
        pin(&fine);
        project.assert_healthy();
    }
    pin("# our Python is\r\n3.99  # the newest\r\n");
    let finding = project.assert_fault("INT02");
    assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&2.into(), &1.into()));
    project.assert_mended_by("--fix=all");
    assert_eq!(project.read(".python-version"), format!("# our Python is\r\n{minor}  # the newest\r\n"));
}

#[test]
fn int03_a_pin_that_the_project_excludes() {
    let world = World::with_uv();
    let project = world.healthy();
    let minor = shared::python_minor();
    let pin = |text: &str| fs::write(project.path(".python-version"), text).unwrap();
    // That it is not here either follows from it.
    pin("cpython-3.2.5\n");
    let finding = project.assert_fault("INT03");
    assert!(finding["message"].as_str().unwrap().contains("3.2.5"), "{finding:#}");
    project.assert_mended_by("--fix=all");
    assert_eq!(project.read(".python-version"), format!("cpython-{minor}\n"));
}

#[test]
fn int04_a_python_past_its_end() {
    let mut world = World::with_uv();
    world.healthy().assert_healthy();
    // A day on which none of today's versions lives.
    world.set("SOURCE_DATE_EPOCH", "2200000000");
    let project = world.project("demo");
    let finding = project.assert_fault("INT04");
    assert!(finding["message"].as_str().unwrap().contains(".venv"), "{finding:#}");
    project.pyenvkit("doctor --context ci --strict").ok();
    world.set("SOURCE_DATE_EPOCH", "1800000000");
    world.project("demo").assert_healthy();
}

/// Let the environment's Python be the one in `bin`.
fn lead_to(project: &Project<'_>, bin: &Path) {
    for name in ["python", "python3", &format!("python{}", shared::python_minor())] {
        let path = project.path(".venv/bin").join(name);
        if path.read_link().is_ok_and(|target| target.is_absolute()) {
            fs::remove_file(&path).unwrap();
            symlink(bin.join(format!("python{}", shared::python_minor())), path).unwrap();
        }
    }
}

#[test]
fn int05_a_python_without_ensurepip() {
    let world = World::with_uv();
    let project = world.healthy();
    let library = world.installation();
    lead_to(&project, &world.opt());
    project.assert_healthy();
    fs::remove_file(library.join("ensurepip")).unwrap();
    let config = project.read(".venv/pyvenv.cfg");
    let without: String =
        config.lines().filter(|line| !line.starts_with("uv ")).map(|line| format!("{line}\n")).collect();
    fs::write(project.path(".venv/pyvenv.cfg"), &without).unwrap();
    let finding = project.assert_fault("INT05");
    assert!(finding["cause"].as_str().unwrap().contains("no ensurepip"), "{finding:#}");
    // uv needs none.
    fs::write(project.path(".venv/pyvenv.cfg"), format!("{without}uv = 0.9.0\n")).unwrap();
    project.assert_healthy();
}

#[test]
fn int06_a_python_that_takes_no_packages() {
    let mut world = World::with_uv();
    let library = world.installation();
    world.prepend_path(world.opt());
    fs::write(library.join("EXTERNALLY-MANAGED"), "[externally-managed]\n").unwrap();
    let project = world.healthy();
    project.assert_healthy();
    fs::remove_dir_all(project.path(".venv")).unwrap();
    let said = project.doctor("");
    // It follows from the environment that is missing.
    assert_eq!(said.roots(), ["VEN01"], "{}", said.outcome.text());
    assert!(said.findings().iter().any(|(id, _)| id == "INT06"), "{}", said.outcome.text());
    let alone = project.doctor("--select INT06");
    assert_eq!(alone.roots(), ["INT06"], "{}", alone.outcome.text());
    assert!(!alone.outcome.stdout.contains("break-system-packages"), "{}", alone.outcome.text());
    project.pyenvkit("doctor --context developer --select INT06 --fix --yes").ok();
    project.assert_healthy();
}

#[test]
fn int07_a_pip_of_another_python() {
    let mut world = World::with_uv();
    world.installation();
    world.prepend_path(world.opt());
    let project = world.healthy();
    project.assert_healthy();
    fs::remove_file(world.opt().join("pip")).unwrap();
    let finding = project.assert_fault("INT07");
    assert_eq!(finding["remedy"], "say python3 -m pip instead of pip");
    // A shim decides only when it runs.
    let shim = world.opt().join("pip");
    fs::write(&shim, "#!/usr/bin/env bash\nexec pyenv exec pip\n").unwrap();
    make_executable(&shim);
    project.assert_healthy();
}

#[test]
fn int08_and_int09_variables_that_change_every_python() {
    for (name, id) in [("PYTHONPATH", "INT08"), ("PYTHONHOME", "INT09")] {
        let mut world = World::with_uv();
        world.set(name, "/usr/local");
        world.healthy().assert_fault(id);
        world.set(name, "");
        world.project("demo").assert_healthy();
    }
}

#[test]
fn int10_condas_base_is_active() {
    let mut world = World::with_uv();
    world.set("CONDA_PREFIX", "/opt/conda").set("CONDA_DEFAULT_ENV", "base");
    world.healthy().assert_fault("INT10");
    world.set("CONDA_DEFAULT_ENV", "demo").set("CONDA_PREFIX", "/opt/conda/envs/demo");
    world.project("demo").assert_healthy();
}

#[test]
fn int11_packages_that_leak_in() {
    let world = World::with_uv();
    let project = world.healthy();
    let config = project.read(".venv/pyvenv.cfg");
    let line = config.lines().find(|line| line.starts_with("include-system-site-packages")).unwrap();
    // Packages of the user are none of an environment's affair.
    world.write(&format!("home/.local/lib/python{}/site-packages/x-1.dist-info/METADATA", shared::python_minor()), "");
    project.assert_healthy();
    fs::write(project.path(".venv/pyvenv.cfg"), config.replace(line, "Include-System-Site-Packages =  true")).unwrap();
    let finding = project.assert_fault("INT11");
    assert_eq!(finding["location"]["path"], ".venv/pyvenv.cfg");
    project.assert_mended_by("--fix=all");
    assert_eq!(project.read(".venv/pyvenv.cfg"), config.replace(line, "Include-System-Site-Packages =  false"));
}
