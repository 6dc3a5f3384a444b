//! The user's own defaults.

use crate::common::World;

#[test]
fn what_is_set_is_got() {
    let world = World::new();
    let path = world.run("config path").ok().stdout;
    assert!(
        path.trim_end().ends_with("pyenvkit/config.toml") && path.contains(world.home().to_str().unwrap()),
        "{path}"
    );
    assert!(!std::path::Path::new(path.trim_end()).exists(), "asking for the path made the file");
    world.run("config get license").code(1);
    world.run("config set license MIT").ok();
    world.run("config set preset modern").ok();
    assert_eq!(world.run("config get license").ok().stdout, "MIT\n");
    world.run("config set license Apache-2.0").ok();
    assert_eq!(world.run("config get license").ok().stdout, "Apache-2.0\n");
    let all = world.run("config get").ok().stdout;
    assert!(all.contains("Apache-2.0") && all.contains("modern"), "{all}");
    world.run("new p --yes --no-venv --no-git").ok();
    assert_eq!(world.project("p").manifest()["project"]["license"].as_str(), Some("Apache-2.0"));
    assert!(world.project("p").tools().contains(&"ruff".to_owned()));
}

#[test]
fn a_file_written_by_hand_is_kept() {
    let world = World::new();
    let file = world.write(
        "home/.config/pyenvkit/config.toml",
        "# mine\nlicense = 'MIT' # yes\n\n[presets.own]\ntools = [\"pytest\", \"ruff\"]\n",
    );
    world.run("config set template cli").ok();
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("# mine\nlicense = 'MIT' # yes\n") && text.contains("[presets.own]"), "{text}");
    assert_eq!(world.run("config get template").ok().stdout, "cli\n");
    world.run("new p --preset own --yes --no-venv --no-git").ok();
    assert_eq!(world.project("p").tools(), ["pytest", "ruff"]);
}

#[test]
fn what_is_wrong_is_said() {
    let world = World::new();
    world.run("config set licence MIT").code(2).one_error().says("\"license\"");
    world.run("config set hooks global").code(2).one_error();
    world.run("config set license my-own").code(2).one_error();
    world.write("home/.config/pyenvkit/config.toml", "license = \n");
    world.run("new p --yes --no-venv").code(2).one_error().says("config.toml");
    assert!(!world.work().join("p").exists());
}
