//! Each fault of what is installed: injected, seen, near to it silent, mended.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::common::World;
use crate::common::faults::site;
use crate::common::project::Project;

/// A distribution's `.dist-info` folder.
fn info(project: &Project<'_>, name: &str) -> PathBuf {
    let entries = fs::read_dir(site(&project.folder)).unwrap().flatten().map(|entry| entry.path());
    let is_of = |path: &PathBuf| {
        let file = path.file_name().unwrap().to_str().unwrap();
        file.starts_with(&format!("{name}-")) && file.ends_with(".dist-info")
    };
    entries.into_iter().find(is_of).unwrap_or_else(|| panic!("{name} is not installed"))
}

/// A distribution that has nothing but metadata.
fn put(project: &Project<'_>, name: &str, version: &str, requires: &[&str]) -> PathBuf {
    let folder = format!("{name}-{version}.dist-info");
    let path = site(&project.folder).join(&folder);
    fs::create_dir_all(&path).unwrap();
    let requires: String = requires.iter().map(|text| format!("Requires-Dist: {text}\n")).collect();
    fs::write(path.join("METADATA"), format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"))
        .unwrap();
    fs::write(path.join("RECORD"), format!("{folder}/METADATA,,\n{folder}/RECORD,,\n")).unwrap();
    path
}

fn pip(project: &Project<'_>, line: &str) {
    let words = ["-m", "pip", "--disable-pip-version-check"].into_iter().chain(line.split_whitespace());
    project.script("python", words).ok();
}

/// The packages that `pip check` complains of, and those that doctor does.
fn complaints(project: &Project<'_>) -> (BTreeSet<String>, BTreeSet<String>) {
    let said = project.script("python", ["-m", "pip", "check"]);
    let theirs = said.stdout.lines().filter_map(|line| {
        let line = line.trim_end_matches('.');
        let missing = line.strip_suffix(", which is not installed").and_then(|line| line.rsplit(' ').next());
        missing.or_else(|| line.split_once("but you have ").and_then(|(_, found)| found.split(' ').next()))
    });
    let theirs = theirs.map(|name| name.to_lowercase().replace(['_', '.'], "-")).collect();
    let ours = project.doctor("--select PKG01").findings().into_iter().map(|(_, finding)| {
        let message = finding["message"].as_str().unwrap().to_lowercase().replace(['_', '.'], "-");
        message.split(' ').next().unwrap().to_owned()
    });
    (ours.collect(), theirs)
}

#[test]
fn pkg01_a_requirement_that_is_missing() {
    let world = World::with_uv();
    let project = world.healthy();
    pip(&project, "uninstall -qy pluggy");
    let finding = project.assert_fault("PKG01");
    assert!(finding["message"].as_str().unwrap().starts_with("pluggy is not installed"), "{finding:#}");
    project.assert_mended_by("--fix=all");
}

#[test]
fn pkg01_agrees_with_pip_check() {
    let world = World::with_uv();
    let project = world.healthy();
    assert_eq!(complaints(&project), (BTreeSet::new(), BTreeSet::new()));
    put(&project, "stale", "1.0", &[]);
    put(&project, "early", "2.0rc1", &[]);
    put(
        &project,
        "fine",
        "1.0",
        &[
            "stale (>=0.9)",
            "Early>=2.0a1",
            "early",
            "gone; python_version < '3'",
            "gone; extra == 'more'",
            "gone; sys_platform == 'win32' and implementation_name == 'cpython'",
            "stale[never]",
            "stale @ https://example.org/stale.whl",
        ],
    );
    assert_eq!(complaints(&project), (BTreeSet::new(), BTreeSet::new()));
    project.assert_healthy();
    put(
        &project,
        "broken",
        "1.0",
        &[
            "Stale>=1.5,<2",
            "early>=2",
            "no_such.thing>=1; python_version >= '3.8'",
            "other-missing; platform_system != 'Windows' and extra != 'x'",
            "pytest<1",
        ],
    );
    let (ours, theirs) = complaints(&project);
    assert_eq!(ours.len(), 5, "{ours:?}");
    assert_eq!(ours, theirs);
}

#[test]
fn pkg02_a_package_that_is_there_twice() {
    let world = World::with_uv();
    let project = world.healthy();
    let fake = site(&project.folder).join("pluggy-0.1.dist-info");
    fs::create_dir(&fake).unwrap();
    fs::write(fake.join("METADATA"), "Metadata-Version: 2.1\nName: pluggy\nVersion: 0.1\n").unwrap();
    project.assert_fault("PKG02");
    let real = info(&project, "pluggy");
    project.assert_mended_by("--fix=all");
    assert!(!fake.exists() && (real == fake || real.exists()));
    project.script("python", ["-m", "pip", "check"]).ok();
    // Two packages with names that begin alike are two packages.
    put(&project, "pluggy_more", "1.0", &[]);
    project.assert_healthy();
}

#[test]
fn pkg03_leftovers() {
    let world = World::with_uv();
    let project = world.healthy();
    let site = site(&project.folder);
    fs::create_dir(site.join("~ip")).unwrap();
    fs::create_dir(site.join("~luggy-1.0.dist-info")).unwrap();
    project.assert_fault("PKG03");
    project.assert_mended_by("--fix");
    fs::write(site.join("a~"), "the backup of an editor\n").unwrap();
    project.assert_healthy();
}

#[test]
fn pkg04_metadata_that_are_gone() {
    let world = World::with_uv();
    for file in ["METADATA", "RECORD"] {
        let _ = fs::remove_dir_all(world.work().join("demo"));
        let project = world.healthy();
        let info = info(&project, "pluggy");
        // What need not be there.
        let _ = fs::remove_file(info.join("REQUESTED"));
        fs::remove_file(info.join(file)).unwrap();
        let finding = project.assert_fault("PKG04");
        assert!(finding["message"].as_str().unwrap().contains(file), "{finding:#}");
        project.assert_mended_by("--fix=all");
        assert!(info.join(file).exists());
    }
}

#[test]
fn pkg05_files_that_are_gone_or_changed() {
    let world = World::with_uv();
    let project = world.healthy();
    let module = site(&project.folder).join("pluggy/_hooks.py");
    let was = fs::read(&module).unwrap();
    fs::write(&module, [&was[..], b"print('debugging')\n"].concat()).unwrap();
    let finding = project.assert_fault("PKG05");
    assert_eq!(finding["severity"], "warn", "{finding:#}");
    fs::remove_file(&module).unwrap();
    let finding = project.assert_fault("PKG05");
    assert_eq!(finding["severity"], "fail", "{finding:#}");
    project.assert_mended_by("--fix=all");
    assert_eq!(fs::read(&module).unwrap(), was);
    // What was compiled comes back by itself, and what nobody recorded is nobody's.
    let _ = fs::remove_dir_all(site(&project.folder).join("pluggy/__pycache__"));
    let record = info(&project, "pluggy").join("RECORD");
    fs::write(&record, fs::read_to_string(&record).unwrap() + "pluggy/__pycache__,,\n").unwrap();
    fs::write(site(&project.folder).join("pluggy/mine.py"), "").unwrap();
    project.assert_healthy();
}

#[test]
fn pkg06_the_project_is_not_installed() {
    let world = World::with_uv();
    let project = world.healthy();
    pip(&project, "uninstall -qy demo");
    project.assert_fault("PKG06");
    project.assert_mended_by("--fix");
    project.script("python", ["-c", "import demo"]).ok();
    // A link that somebody made by hand will do.
    pip(&project, "uninstall -qy demo");
    fs::write(site(&project.folder).join("mine.pth"), format!("{}\n", project.path("src").display())).unwrap();
    assert_eq!(project.doctor("--select PKG06").roots(), [""; 0]);
}

#[test]
fn pkg07_an_editable_install_that_leads_elsewhere() {
    let world = World::with_uv();
    for target in ["other", "gone"] {
        let _ = fs::remove_dir_all(world.work().join("demo"));
        let project = world.healthy();
        let other = world.root().join(target);
        if target == "other" {
            fs::create_dir_all(other.join("src")).unwrap();
        }
        let origin = info(&project, "demo").join("direct_url.json");
        let text = fs::read_to_string(&origin).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value["url"] = format!("file://{}", other.display()).into();
        fs::write(&origin, value.to_string()).unwrap();
        project.assert_fault("PKG07");
        project.assert_mended_by("--fix");
        project.script("python", ["-c", "import demo"]).ok();
    }
    // Another package may well be edited elsewhere.
    let project = world.project("demo");
    let own = put(&project, "neighbour", "1.0", &[]);
    let url = format!("file://{}", world.root().join("other").display());
    fs::write(own.join("direct_url.json"), format!("{{\"url\": \"{url}\", \"dir_info\": {{\"editable\": true}}}}"))
        .unwrap();
    project.assert_healthy();
    fs::remove_dir_all(world.root().join("other")).unwrap();
    let finding = project.assert_fault("PKG07");
    assert!(finding["remedy"].as_str().unwrap().contains("uninstall neighbour"), "{finding:#}");
}

#[test]
fn pkg11_an_environment_without_what_is_declared() {
    let world = World::with_uv();
    let project = world.healthy();
    let manifest = project.read("pyproject.toml");
    fs::write(project.path("pyproject.toml"), manifest.replace("dependencies = []", "dependencies = [\"colorama\"]"))
        .unwrap();
    let finding = project.assert_fault("PKG11");
    assert!(finding["message"].as_str().unwrap().starts_with("colorama is not installed"), "{finding:#}");
    project.assert_mended_by("--fix=all");
    fs::write(project.path("pyproject.toml"), &manifest).unwrap();
    // A version that nobody asks for, a group and an extra that nobody installed, and what is only elsewhere needed.
    let text = manifest.replacen("[dependency-groups]\n", "[dependency-groups]\ndocs = [\"sphinx\"]\n", 1);
    let more = "dependencies = [\"gone; python_version < '3'\", \"demo[more]\"]\n\
        optional-dependencies = { more = [\"numpy\"] }\n";
    let text = text.replacen("dependencies = []\n", more, 1);
    assert!(text.contains("numpy") && text.contains("sphinx"), "{text}");
    fs::write(project.path("pyproject.toml"), &text).unwrap();
    put(&project, "spare", "1.0", &[]);
    assert_eq!(project.doctor("--select PKG11,PYP").roots(), [""; 0]);
    fs::write(project.path("pyproject.toml"), text.replace("dev = [", "dev = [\"spare>=2\", ")).unwrap();
    let finding = project.doctor("--select PKG11").findings().remove(0).1;
    assert!(finding["message"].as_str().unwrap().starts_with("spare 1.0 does not fit"), "{finding:#}");
}

#[test]
fn pkg12_a_module_with_the_name_of_one_of_pythons_own() {
    let world = World::with_uv();
    let project = world.healthy();
    // In a package, a name is the package's; a folder without a package's file gives way; not every Python has `parser`.
    for fine in ["src/demo/random.py", "email/notes.txt", "parser.py", "test/__init__.py", "random_demo.py"] {
        fs::create_dir_all(project.path(fine).parent().unwrap()).unwrap();
        fs::write(project.path(fine), "").unwrap();
    }
    project.assert_healthy();
    for fault in ["random.py", "src/types.py", "email/__init__.py"] {
        fs::write(project.path(fault), "").unwrap();
        let finding = project.assert_fault("PKG12");
        assert!(finding["remedy"].as_str().unwrap().starts_with("git mv "), "{finding:#}");
        fs::remove_file(project.path(fault)).unwrap();
    }
}
