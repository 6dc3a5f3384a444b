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
