//! The full products, for `just full`: every template, preset, hook style and Python, held against every gate.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::common::{World, shared};

/// The distinct products of one template: without pre-commit the hook styles are the same.
fn products() -> Vec<(&'static str, &'static str)> {
    let mut products = vec![("minimal", "mirrors")];
    products.extend(["classic", "modern"].iter().flat_map(|preset| ["mirrors", "local"].map(|hooks| (*preset, hooks))));
    products
}

/// Generate with `options`, one folder for each product, in a world that is kept until the gates have run.
fn generate(world: &World, template: &str, options: &[&str]) -> Vec<PathBuf> {
    let make = |(preset, hooks): (&str, &str)| {
        let name = format!("{template}-{preset}-{hooks}");
        let flags =
            ["--template", template, "--preset", preset, "--hooks", hooks, "--license", "MIT", "--no-venv", "--yes"];
        let more = ["--host", "github.com/ada", "--description", "Counts what there is to count"];
        world.args([&["new", &name][..], &flags, &more, options].concat()).ok();
        world.project(&name).folder
    };
    products().into_iter().map(make).collect()
}

/// What the gates need of the environment is the machine's own: they bring their tools from the package index.
fn gates(projects: &[PathBuf], python: &str) {
    let python = shared::pythons().into_iter().find(|(minor, _)| minor == python).map(|(_, path)| path);
    let python = python.expect("this Python is not on the machine; `just pythons` brings 3.13 to 3.15");
    let output = Command::new(shared::python())
        .arg(shared::repository().join("tests/gates/gates.py"))
        .args(projects)
        .arg("--python")
        .arg(python)
        .arg("--cache")
        .arg(shared::folder("test-gates-cache"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    println!("{told}");
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

macro_rules! full {
    ($($name:ident: $template:literal on $python:literal, $options:expr;)*) => {
        $(#[test]
        #[ignore = "full"]
        fn $name() {
            let world = World::with_uv();
            gates(&generate(&world, $template, &$options), $python);
        })*
    };
}

full! {
    libraries_on_3_11: "lib" on "3.11", [];
    commands_on_3_11: "cli" on "3.11", [];
    bare_projects_on_3_11: "bare" on "3.11", [];
    libraries_on_3_15: "lib" on "3.15", [];
    commands_on_3_15: "cli" on "3.15", [];
    bare_projects_on_3_15: "bare" on "3.15", [];
    libraries_on_3_9: "lib" on "3.9", ["--requires-python", ">=3.9"];
}

/// `new` itself makes a ready project with every Python on hand that is not too old, with both backends.
#[test]
#[ignore = "full"]
fn every_python_on_hand_makes_a_ready_project() {
    let mut tried = 0;
    for (minor, python) in shared::pythons() {
        if minor.starts_with("2.") || ["3.6", "3.7"].contains(&minor.as_str()) {
            continue;
        }
        for backend in ["pip", "uv"] {
            let mut world = World::online();
            world.add_uv();
            let path = python.to_str().unwrap();
            world.args(["new", "p", "--yes", "--python", path, "--backend", backend]).ok();
            let project = world.project("p");
            project.assert_ready();
            project.script("pytest", ["-q"]).ok();
            let version = project.script("python", ["-V"]).ok().stdout;
            assert!(version.contains(&minor), "{version} is not {minor}");
            tried += 1;
        }
    }
    assert!(tried >= 4, "only {tried} were tried");
}
