//! Each fault of security: injected, seen, near to it silent.
#![cfg(unix)]

use std::fs;

use crate::common::World;

#[test]
fn sec01_passwords_in_git() {
    let world = World::with_uv();
    let project = world.healthy();
    let secret = "q8Zf0aLm2Kx7";
    fs::create_dir_all(project.path("deploy")).unwrap();
    fs::write(project.path("deploy/.env"), format!("DEBUG=1\nexport API_TOKEN='{secret}'\n")).unwrap();
    fs::write(project.path("deploy/.env.example"), "API_TOKEN=abcdefgh12\n").unwrap();
    // As long as it is only there, it is where it belongs.
    project.assert_healthy();
    project.git(["add", "--force", "deploy/.env.example"]);
    project.assert_healthy();
    project.git(["add", "--force", "deploy/.env"]);
    let finding = project.assert_fault("SEC01");
    assert!(finding["cause"].as_str().unwrap().contains("API_TOKEN"), "{finding:#}");
    for form in ["text", "json", "sarif", "github"] {
        let said = project.pyenvkit(&format!("doctor --context developer --format {form}")).code(1);
        assert!(!said.stdout.contains(secret), "{}", said.text());
    }
    fs::write(project.path("deploy/.env"), "DEBUG=1\nAPI_TOKEN=\n").unwrap();
    project.assert_healthy();
    fs::write(project.path(".pypirc"), "[pypi]\nusername = __token__\npassword = pypi-AgEIcHlwaS5vcmc\n").unwrap();
    project.git(["add", "--force", ".pypirc"]);
    project.assert_fault("SEC01");
}

#[test]
fn sec02_packages_from_strangers() {
    let mut world = World::with_uv();
    let project = world.healthy();
    // An index of this machine is nobody else's.
    fs::write(project.path("requirements.txt"), "--index-url http://localhost:8080/simple\n").unwrap();
    project.assert_healthy();
    fs::write(project.path("requirements.txt"), "--extra-index-url https://me:hunter2@packages.example/simple\n")
        .unwrap();
    let finding = project.assert_fault("SEC02");
    assert!(finding["message"].as_str().unwrap().contains("@packages.example/simple"), "{finding:#}");
    let text = project.pyenvkit("doctor --context developer").ok();
    assert!(!text.stdout.contains("hunter2"), "{}", text.text());
    fs::write(project.path("requirements.txt"), "").unwrap();
    let config = fs::read_to_string(world.home().join(".config/pip/pip.conf")).unwrap();
    world.pip_conf(&format!("{config}extra-index-url = http://index.example/simple\ntrusted-host = index.example\n"));
    let finding = project.assert_fault("SEC02");
    assert!(finding["location"]["path"].as_str().unwrap().ends_with("pip/pip.conf"), "{finding:#}");
    world.pip_conf(&config);
    world.set("PIP_TRUSTED_HOST", "127.0.0.1 localhost");
    world.project("demo").assert_healthy();
    world.set("PIP_TRUSTED_HOST", "pypi.example");
    world.project("demo").assert_fault("SEC02");
}

#[test]
fn sec02_every_file_of_pip_counts_as_for_pip() {
    let mut world = World::with_uv();
    let project = world.healthy();
    let extra = |host: &str| format!("[global]\nextra-index-url = https://{host}.example/simple\n");
    let own = project.path(".venv/pip.conf");
    let path_of = |finding: &serde_json::Value| finding["location"]["path"].as_str().unwrap().to_owned();
    // The environment's own counts for whoever installs into it.
    fs::write(&own, extra("venv")).unwrap();
    assert_eq!(path_of(&project.assert_fault("SEC02")), ".venv/pip.conf");
    fs::write(&own, "[global]\ntimeout = 9\n[list]\nformat = columns\n").unwrap();
    project.assert_healthy();
    // What a stronger file overrules does not hold, and pip reads the new place of the user's file after the old one.
    world.write("home/.pip/pip.conf", extra("old"));
    assert!(path_of(&project.assert_fault("SEC02")).ends_with("home/.pip/pip.conf"));
    let config = fs::read_to_string(world.home().join(".config/pip/pip.conf")).unwrap();
    world.pip_conf(&format!("{config}extra-index-url =\n"));
    project.assert_healthy();
    world.pip_conf(&format!("{config}extra-index-url = https://new.example/simple\n"));
    let finding = project.assert_fault("SEC02");
    assert!(path_of(&finding).ends_with(".config/pip/pip.conf"), "{finding:#}");
    // The machine's, the weakest.
    world.pip_conf(&config);
    fs::remove_file(world.home().join(".pip/pip.conf")).unwrap();
    let shared = world.write("etc/pip/pip.conf", extra("site"));
    let folder = project.folder.clone();
    drop(project);
    world.set("XDG_CONFIG_DIRS", shared.parent().unwrap().parent().unwrap());
    assert!(path_of(&world.project(&folder).assert_fault("SEC02")).ends_with("etc/pip/pip.conf"));
    // A variable can forbid them all, or name one that the user's own gives way to.
    fs::write(&own, extra("venv")).unwrap();
    world.set("PIP_CONFIG_FILE", "/dev/null");
    world.project(&folder).assert_healthy();
    fs::remove_file(&own).unwrap();
    fs::remove_file(shared).unwrap();
    world.pip_conf(&extra("user"));
    let named = world.write("named.conf", "[global]\nindex-url = http://named.example/simple\n");
    world.set("PIP_CONFIG_FILE", named);
    assert!(path_of(&world.project(&folder).assert_fault("SEC02")).ends_with("named.conf"));
}
