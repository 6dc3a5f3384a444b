//! Each fault of the machine: injected, seen, near to it silent, and seen outside of any project.
#![cfg(unix)]

use std::fs;

use crate::common::World;
use crate::common::faults::Said;

#[test]
fn mac01_certificates_and_proxies_that_cannot_be_used() {
    let mut world = World::with_uv();
    let project = world.healthy();
    let root = world.root().to_owned();
    world.write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    world.write("empty.pem", "");
    drop(project);
    world.set("SSL_CERT_FILE", root.join("ca.pem"));
    world.project("demo").assert_healthy();
    world.set("SSL_CERT_FILE", root.join("gone.pem"));
    let finding = world.project("demo").assert_fault("MAC01");
    assert!(finding["cause"].as_str().unwrap().ends_with("it is not there"), "{finding:#}");
    world.set("SSL_CERT_FILE", root.join("empty.pem"));
    world.project("demo").assert_fault("MAC01");
    world.unset("SSL_CERT_FILE");
    world.set("HTTPS_PROXY", "http://me:hunter2@proxy.example:port");
    let finding = world.project("demo").assert_fault("MAC01");
    assert!(!finding.to_string().contains("hunter2"), "{finding:#}");
    // It is the machine's fault, wherever one looks.
    fs::create_dir(world.work().join("nothing")).unwrap();
    let said = Said::read(world.run("doctor nothing --context developer --format json").code(1)).no_crash();
    assert_eq!(said.roots(), ["MAC01"]);
    world.set("HTTPS_PROXY", "proxy.example:3128");
    world.project("demo").assert_healthy();
}

#[test]
fn mac01_certificates_and_proxies_in_files_of_pip() {
    let world = World::with_uv();
    let project = world.healthy();
    let good = world.write("home/ca.pem", "-----BEGIN CERTIFICATE-----\n");
    let config = fs::read_to_string(world.home().join(".config/pip/pip.conf")).unwrap();
    for near in ["cert = ~/ca.pem", &format!("cert = {}", good.display()), "cert = below/here.pem", "proxy = p:80"] {
        world.pip_conf(&format!("{config}{near}\n"));
        project.assert_healthy();
    }
    world.pip_conf(&format!("{config}cert = ~/gone.pem\n"));
    let finding = project.assert_fault("MAC01");
    assert!(finding["cause"].as_str().unwrap().ends_with("home/gone.pem, and it is not there"), "{finding:#}");
    world.pip_conf(&format!("{config}proxy = http://me:hunter2@proxy.example:port\n"));
    let finding = project.assert_fault("MAC01");
    assert!(!finding.to_string().contains("hunter2"), "{finding:#}");
    world.pip_conf(&config);
    fs::write(project.path(".venv/pip.conf"), "[install]\ncert = /nowhere/ca.pem\n").unwrap();
    assert_eq!(project.assert_fault("MAC01")["location"]["path"], ".venv/pip.conf");
}

#[test]
fn mac02_a_locale_of_another_encoding() {
    let mut world = World::with_uv();
    world.healthy();
    world.set("LC_ALL", "de_DE.ISO-8859-1");
    world.project("demo").assert_fault("MAC02");
    world.set("LC_ALL", "C");
    world.project("demo").assert_healthy();
}

#[cfg(target_os = "linux")]
#[test]
fn mac02_a_full_disk_and_programs_that_may_not_run() {
    use crate::common::mounts::Mount;
    let mut world = World::with_uv();
    world.healthy();
    let folder = world.root().join("small");
    world.set("TMPDIR", &folder);
    let Some(small) = Mount::memory(&folder, "size=8m") else { return };
    let finding = world.project("demo").assert_fault("MAC02");
    assert!(finding["message"].as_str().unwrap().contains("temporary files is full"), "{finding:#}");
    drop(small);
    let Some(_fixed) = Mount::memory(&folder, "size=200m,noexec") else { return };
    let finding = world.project("demo").assert_fault("MAC02");
    assert!(finding["cause"].as_str().unwrap().contains("noexec"), "{finding:#}");
}
