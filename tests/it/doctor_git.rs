//! Each fault of git: injected, seen, near to it silent, mended; and nothing of a hostile repository is run.
#![cfg(unix)]

use std::fs;
use std::time::{Duration, Instant};

use crate::common::World;
use crate::common::project::Project;
use crate::common::world::make_executable;

fn tool(project: &Project<'_>, text: &str) {
    let manifest = project.read("pyproject.toml");
    let line = manifest.lines().find(|line| line.starts_with("version")).unwrap();
    let text = manifest.replace(line, "dynamic = [\"version\"]") + text;
    fs::write(project.path("pyproject.toml"), text).unwrap();
}

#[test]
fn git01_an_environment_that_was_committed() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::write(project.path(".venv/.gitignore"), "*\n").unwrap();
    project.git(["add", "--force", ".venv/.gitignore"]);
    project.assert_healthy();
    let ignore = project.read(".gitignore");
    let without: String =
        ignore.lines().filter(|line| !line.contains("venv")).map(|line| format!("{line}\n")).collect();
    fs::write(project.path(".gitignore"), without).unwrap();
    project.git(["add", "--force", ".venv/pyvenv.cfg", ".venv/bin/activate"]);
    project.git(["rm", "--quiet", "--force", ".venv/.gitignore"]);
    // That it is not ignored either goes with it.
    let finding = project.assert_fault("GIT01");
    assert_eq!(finding["cause"], ".venv/bin/activate and 1 more files are in git's index");
    project.pyenvkit("doctor --context developer --fix=all --yes").ok();
    project.assert_healthy();
    assert!(project.has(".venv/bin/activate"), "what git forgets stays");
    assert!(project.read(".gitignore").contains(".venv/\n"));
    assert_eq!(project.git(["ls-files", ".venv"]), "");
}

#[test]
fn git03_nobody_commits() {
    let world = World::with_uv();
    let project = world.healthy();
    world.no_identity();
    project.assert_fault("GIT03");
    project.git(["config", "user.name", "Me"]);
    let finding = project.assert_fault("GIT03");
    assert_eq!(finding["cause"], "user.email is not set");
    project.git(["config", "user.email", "me@example.org"]);
    project.assert_healthy();
}

#[test]
fn git04_a_repository_of_another_user() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not tested: only root can give a folder to another user");
        return;
    }
    let mut world = World::with_uv();
    let project = world.healthy();
    let own = |uid: u32| {
        for path in ["", ".git"] {
            std::os::unix::fs::chown(project.path(path), Some(uid), None).unwrap();
        }
    };
    own(12_345);
    let finding = project.assert_fault("GIT04");
    assert!(finding["cause"].as_str().unwrap().ends_with("belongs to user 12345"), "{finding:#}");
    // The repository cannot vouch for itself.
    let config = project.read(".git/config");
    fs::write(project.path(".git/config"), format!("{config}[safe]\n\tdirectory = *\n")).unwrap();
    project.assert_fault("GIT04");
    fs::write(project.path(".git/config"), config).unwrap();
    world.git_config("safe.directory", project.folder.canonicalize().unwrap().to_str().unwrap());
    project.assert_healthy();
    world.git_config("safe.directory", "");
    project.assert_fault("GIT04");
    own(0);
    project.assert_healthy();
    own(12_345);
    // Whoever used sudo is the owner.
    world.set("SUDO_UID", "12345");
    world.project("demo").assert_healthy();
}

#[test]
fn git06_a_version_from_a_history_that_was_cut_off() {
    let world = World::with_uv();
    let project = world.healthy();
    tool(&project, "\n[tool.setuptools_scm]\n");
    let select = "--select GIT06";
    assert_eq!(project.doctor(select).roots(), [""; 0]);
    let head = project.git(["rev-parse", "HEAD"]);
    fs::write(project.path(".git/shallow"), &head).unwrap();
    assert_eq!(project.doctor(select).roots(), ["GIT06"]);
    project.pyenvkit("doctor --context ci --select GIT06").ok();
    // The tag of the only commit came along.
    project.git(["tag", "v1"]);
    assert_eq!(project.doctor(select).roots(), [""; 0]);
    project.git(["pack-refs", "--all"]);
    assert_eq!(project.doctor(select).roots(), [""; 0]);
    project.git(["tag", "-d", "v1"]);
    assert_eq!(project.doctor(select).roots(), ["GIT06"]);
    let manifest = project.read("pyproject.toml").replace("setuptools_scm", "other");
    fs::write(project.path("pyproject.toml"), manifest).unwrap();
    assert_eq!(project.doctor(select).roots(), [""; 0]);
}

#[test]
fn a_configuration_that_is_no_file_is_not_read_by_git() {
    let world = World::with_uv();
    let project = world.healthy();
    let fifo = project.path("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let config = project.read(".git/config");
    let include = |condition: &str| format!("{config}[{condition}]\n\tpath = ../pipe\n");
    for text in [include("include"), include("includeIf \"onbranch:main\""), include("includeIf \"gitdir:**\"")] {
        fs::write(project.path(".git/config"), text).unwrap();
        let start = Instant::now();
        let said = project.doctor("");
        assert!(start.elapsed() < Duration::from_secs(20), "git was asked");
        assert!(said.outcome.stdout.contains("is not a regular file"), "{}", said.outcome.text());
    }
    fs::write(project.path(".git/config"), &config).unwrap();
    for hostile in [".git/config", ".git/index"] {
        let path = project.path(hostile);
        let before = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::rename(&fifo, &path).unwrap();
        let start = Instant::now();
        let said = project.doctor("");
        assert!(start.elapsed() < Duration::from_secs(20), "git was asked");
        assert!(said.outcome.stdout.contains("is not a regular file"), "{}", said.outcome.text());
        fs::rename(&path, &fifo).unwrap();
        fs::write(&path, before).unwrap();
    }
}

#[test]
fn nothing_that_a_repository_names_is_run_to_see_what_git_tracks() {
    let world = World::with_uv();
    let project = world.healthy();
    let mark = world.root().join("executed");
    let trap = world.program("trap", &format!("#!/bin/sh\ntouch '{}'\n", mark.display()));
    let command = format!("'{}'", trap.display());
    for hook in ["post-index-change", "fsmonitor-watchman"] {
        fs::copy(&trap, project.path(&format!(".git/hooks/{hook}"))).unwrap();
    }
    fs::write(project.path(".gitattributes"), "* filter=evil diff=evil\n").unwrap();
    for (name, value) in [
        ("core.fsmonitor", command.as_str()),
        ("core.pager", &command),
        ("pager.ls-files", &command),
        ("core.sshCommand", &command),
        ("core.editor", &command),
        ("core.alternateRefsCommand", &command),
        ("core.gitProxy", &command),
        ("filter.evil.clean", &command),
        ("filter.evil.smudge", &command),
        ("filter.evil.process", &command),
        ("diff.evil.textconv", &command),
        ("alias.ls-files", &format!("!{command}")),
        ("protocol.ext.allow", "always"),
        ("remote.origin.url", &format!("ext::{command}")),
        ("remote.origin.promisor", "true"),
        ("extensions.partialClone", "origin"),
        ("index.sparse", "true"),
    ] {
        project.git(["config", name, value]);
    }
    fs::remove_file(&mark).unwrap_or_default();
    let said = project.doctor("--select GIT01,SEC01");
    let judged = said.document["reports"][0]["checks"].as_array().unwrap();
    assert!(judged.iter().all(|check| check["status"] == "pass"), "{}", said.outcome.text());
    assert!(!mark.exists(), "something of the repository was executed");
    // Whoever asks git without care runs it.
    project.git(["ls-files"]);
    assert!(mark.exists(), "the traps are none");
}

#[test]
fn objects_that_are_missing_are_not_fetched_to_see_what_git_tracks() {
    let world = World::with_uv();
    world.write("work/evil/pyproject.toml", "[project]\nname = \"evil\"\nversion = \"1\"\n");
    world.write("work/evil/away/file", "another");
    world.write("work/evil/here/file", "");
    let project = world.project("evil");
    for line in [
        "init --quiet",
        "add .",
        "commit --quiet -m x",
        "sparse-checkout init --cone --sparse-index",
        "sparse-checkout set here",
    ] {
        project.git(line.split(' '));
    }
    // The index names a folder whose content is to be fetched by a program.
    let tree = project.git(["rev-parse", "HEAD:away"]);
    let (start, rest) = tree.trim().split_at(2);
    fs::remove_file(project.path(".git/objects").join(start).join(rest)).unwrap();
    let mark = world.root().join("executed");
    // In a remote's address a blank ends a word.
    let trap = std::env::temp_dir().join(format!("trap-{}", world.marker()));
    fs::write(&trap, format!("#!/bin/sh\ntouch '{}'\n", mark.display())).unwrap();
    make_executable(&trap);
    for (name, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.url", &format!("ext::{}", trap.display())),
        ("remote.origin.promisor", "true"),
        ("protocol.ext.allow", "always"),
    ] {
        project.git(["config", name, value]);
    }
    project.doctor("--select GIT01,SEC01");
    assert!(!mark.exists(), "git fetched what the repository lacks");
    // Whoever asks git without care runs it.
    let said = world.tool(world.bin().join("git"), ["-C", project.folder.to_str().unwrap(), "ls-files"]);
    assert!(mark.exists(), "the trap is none: {}", said.text());
    fs::remove_file(trap).unwrap();
}

#[test]
fn git02_an_environment_that_git_takes_in() {
    let world = World::with_uv();
    let project = world.healthy();
    let ignore = project.read(".gitignore");
    let without: String =
        ignore.lines().filter(|line| !line.contains("venv")).map(|line| format!("{line}\n")).collect();
    let own = project.path(".venv/.gitignore");
    fs::write(&own, "*\n").unwrap();
    fs::write(project.path(".gitignore"), &without).unwrap();
    project.assert_healthy();
    fs::remove_file(&own).unwrap();
    fs::write(project.path(".gitignore"), format!("{without}# .venv\n*.venv.txt\n")).unwrap();
    project.assert_fault("GIT02");
    fs::write(project.path(".git/info/exclude"), "/.venv*\n").unwrap();
    project.assert_healthy();
    fs::write(project.path(".git/info/exclude"), "").unwrap();
    world.git_config("core.excludesFile", "~/mine");
    project.assert_fault("GIT02");
    world.write("home/mine", ".venv\n");
    project.assert_healthy();
    world.write("home/mine", "");
    project.assert_mended_by("--fix");
    assert_eq!(project.git(["status", "--porcelain", "--ignored", ".venv"]).trim(), "!! .venv/");
}

#[test]
fn git02_what_python_compiles() {
    let world = World::with_uv();
    let project = world.healthy();
    fs::write(project.path(".gitignore"), ".venv/\n*.py[cod]\n").unwrap();
    project.assert_healthy();
    fs::write(project.path(".gitignore"), ".venv/\n*.py\n").unwrap();
    project.assert_fault("GIT02");
    project.assert_mended_by("--fix");
    assert_eq!(project.read(".gitignore"), ".venv/\n*.py\n__pycache__/\n");
}

#[test]
fn git05_a_script_that_cannot_start() {
    let world = World::with_uv();
    let project = world.healthy();
    let path = project.path("scripts/run");
    fs::create_dir(project.path("scripts")).unwrap();
    fs::write(project.path(".gitattributes"), "*.png binary\n").unwrap();
    fs::write(&path, "#!/bin/sh\r\necho it ran\r\n").unwrap();
    // Nobody starts what may not be executed.
    project.assert_healthy();
    make_executable(&path);
    fs::write(project.path("scripts/other"), "#!/bin/sh\necho\r\n").unwrap();
    make_executable(&project.path("scripts/other"));
    project.assert_fault("GIT05");
    project.assert_mended_by("--fix=all");
    assert_eq!(project.read("scripts/run"), "#!/bin/sh\necho it ran\n");
    assert_eq!(project.read(".gitattributes"), "*.png binary\n/scripts/run text eol=lf\n");
    assert!(project.git(["check-attr", "eol", "scripts/run"]).trim_end().ends_with(": lf"));
}
