//! What `new` makes is healthy: every template with every preset, where it was made and in a fresh clone.
#![cfg(unix)]

use std::fs;

use crate::common::faults::Said;
use crate::common::world::finish;
use crate::common::{World, shared};

fn templates() -> Vec<String> {
    let folders = fs::read_dir(shared::repository().join("templates/projects")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
}

fn presets() -> Vec<String> {
    let text = fs::read_to_string(shared::repository().join("templates/presets.toml")).unwrap();
    text.parse::<toml::Table>().unwrap().keys().cloned().collect()
}

#[test]
#[ignore = "full: makes every product with its environment"]
fn every_product_is_healthy_and_so_is_a_fresh_clone_of_it() {
    let world = World::with_uv();
    let mut products = 0;
    for (template, preset) in templates().iter().flat_map(|it| presets().into_iter().map(move |preset| (it, preset))) {
        let name = format!("{template}-{preset}");
        world.run(&format!("new {name} --template {template} --preset {preset} --yes")).ok();
        let project = world.project(&name);
        project.assert_healthy();
        let clone = world.work().join("clones").join(&name);
        world.git(&world.work(), ["clone", "-q", project.folder.to_str().unwrap(), clone.to_str().unwrap()]);
        let mut command = world.pyenvkit(["doctor", "--strict", "--format", "json"]);
        command.env("CI", "1").current_dir(&clone);
        let said = Said::read(finish(command).ok()).no_crash();
        assert_eq!(said.roots(), [""; 0], "{name}: {}", said.outcome.text());
        // For who works there only the environment is missing, and the hook with it.
        let roots = world.project(&clone).doctor("").roots();
        let missing: Vec<&str> = roots.iter().map(String::as_str).collect();
        assert!(matches!(missing[..], ["VEN01"] | ["VEN01", "PRC01"]), "{name}: {missing:?}");
        products += 1;
    }
    assert!(products >= 9, "only {products} products");
    // Beside each other they are as healthy as each by itself.
    world.run("doctor --recursive . --context ci --strict").ok().prints("healthy");
}
