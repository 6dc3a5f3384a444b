//! Surroundings that must change nothing.

use std::fs;

use crate::common::world::finish;
use crate::common::{Behaviour, Index, Snapshot, World, shared};

/// Variables and files that lead installers astray; nothing may land where they point, nothing may be missing.
#[test]
fn installers_variables_do_not_lead_astray() {
    for backend in ["pip", "uv"] {
        let mut world = World::with_uv();
        let astray = world.root().join("astray");
        for folder in ["venv", "target", "prefix", "root", "user", "uv-project", "modules"] {
            fs::create_dir_all(astray.join(folder)).unwrap();
        }
        for module in ["venv", "ensurepip", "pip", "site", "json"] {
            world.write(&format!("astray/modules/{module}.py"), "raise SystemExit('the wrong module')\n");
        }
        let at = |folder: &str| astray.join(folder).into_os_string();
        world.set("VIRTUAL_ENV", at("venv")).set("CONDA_PREFIX", at("venv"));
        world.set("PIP_TARGET", at("target")).set("PIP_PREFIX", at("prefix")).set("PIP_ROOT", at("root"));
        world.set("PIP_USER", "1").set("PIP_REQUIRE_VIRTUALENV", "1").set("PYTHONUSERBASE", at("user"));
        world.set("PIP_DRY_RUN", "1").set("PIP_NO_DEPS", "1").set("PIP_PYTHON", "/nowhere/python");
        world.set("UV_PROJECT_ENVIRONMENT", at("uv-project")).set("UV_SYSTEM_PYTHON", "1").set("UV_PYTHON", "2.7");
        world.set("UV_INDEX_URL", "http://index.invalid/simple").set("UV_DEFAULT_INDEX", "http://index.invalid/simple");
        world.set("PYTHONHOME", "/nowhere").set("PYTHONPATH", at("modules")).set("PYTHONSTARTUP", at("modules"));
        world.set("PYTHONSAFEPATH", "").set("PYTHONDONTWRITEBYTECODE", "1").set("PYTHONINSPECT", "1");
        let conf = format!(
            "[global]\nindex-url = {}\ntarget = {astray}/target\nuser = true\nrequire-virtualenv = true\n[install]\nprefix = {astray}/prefix\nno-deps = true\n",
            Index::shared().url(),
            astray = astray.display()
        );
        world.pip_conf(&conf);
        let before = Snapshot::of(&astray);
        let home = Snapshot::of(&world.home());
        world.run(&format!("new p --preset minimal --yes --backend {backend}")).ok();
        before.assert_same(&Snapshot::of(&astray));
        home.assert_same(&Snapshot::of(&world.home()));
        for name in [
            "PYTHONHOME",
            "PYTHONPATH",
            "PYTHONINSPECT",
            "PIP_TARGET",
            "PIP_PREFIX",
            "PIP_ROOT",
            "PIP_USER",
            "PIP_PYTHON",
            "PIP_DRY_RUN",
        ] {
            world.unset(name);
        }
        world.pip_conf("");
        let project = world.project("p");
        project.assert_ready();
        project.script("pytest", ["-q"]).ok();
    }
}

#[test]
fn gits_variables_do_not_lead_astray() {
    let mut world = World::new();
    let other = world.fresh_clone("other");
    let before = Snapshot::of(&other);
    world
        .set("GIT_DIR", other.join(".git"))
        .set("GIT_WORK_TREE", &other)
        .set("GIT_INDEX_FILE", other.join(".git/index"));
    world.set("GIT_OBJECT_DIRECTORY", other.join(".git/objects")).set("GIT_PREFIX", "x/");
    world.set("GIT_COMMON_DIR", other.join(".git")).set("GIT_NAMESPACE", "elsewhere");
    world.set("GIT_CEILING_DIRECTORIES", "/").set("GIT_TEMPLATE_DIR", "/nowhere").set("GIT_EDITOR", "false");
    world.run("new p --yes --no-venv").ok();
    before.assert_same(&Snapshot::of(&other));
    for name in
        ["DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "PREFIX", "COMMON_DIR", "NAMESPACE", "TEMPLATE_DIR"]
    {
        world.unset(format!("GIT_{name}"));
    }
    let project = world.project("p");
    assert_eq!(project.commits(), 1);
    assert_eq!(project.git(["status", "--porcelain"]), "");
}

#[test]
fn colours_pagers_and_translations_change_nothing() {
    let mut world = World::with_uv();
    for (name, value) in [
        ("color.ui", "always"),
        ("core.pager", "sleep 3600"),
        ("core.fsmonitor", "false"),
        ("status.short", "true"),
        ("log.showSignature", "true"),
        ("core.quotePath", "true"),
        ("core.autocrlf", "true"),
        ("core.excludesFile", "~/ignore-all"),
    ] {
        world.git_config(name, value);
    }
    world.write("home/ignore-all", "*\n");
    world.set("GIT_PAGER", "sleep 3600").set("PAGER", "sleep 3600").set("LANGUAGE", "de").set("LC_ALL", "POSIX");
    world.set("FORCE_COLOR", "1").set("PY_COLORS", "1").set("PYTHONIOENCODING", "ascii").set("PYTHONUTF8", "0");
    world.args(["new", "p", "--yes", "--description", "Zählt 漢字"]).ok();
    let project = world.project("p");
    assert_eq!(project.commits(), 1);
    assert!(project.git(["ls-files"]).contains("pyproject.toml"), "the user's global ignore file hid the project");
    assert_eq!(project.manifest()["project"]["description"].as_str(), Some("Zählt 漢字"));
}

#[test]
fn a_home_that_is_missing_is_no_hindrance() {
    for home in [None, Some("/nowhere"), Some("relative")] {
        let mut world = World::with_uv();
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
            world.unset(name);
        }
        if let Some(home) = home {
            world.set("HOME", home);
        }
        world.set("PIP_INDEX_URL", Index::shared().url());
        for who in ["AUTHOR", "COMMITTER"] {
            world.set(format!("GIT_{who}_NAME"), "Ada").set(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        world.run("new p --preset minimal --yes").ok();
        world.project("p").assert_ready();
        world.run("add-tool black --yes --directory p").ok();
        world.run("undo --yes --directory p").ok();
        let made: Vec<_> = fs::read_dir(world.work()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(made, ["p"], "{home:?}");
    }
}

#[cfg(unix)]
#[test]
fn modes_follow_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    for (mask, file, folder) in
        [("077", 0o600, 0o700), ("002", 0o664, 0o775), ("000", 0o666, 0o777), ("027", 0o640, 0o750)]
    {
        let name = format!("mask{mask}");
        let script = format!("umask {mask}; exec \"$0\" new {name} --yes --no-venv");
        finish_sh(&world, &script);
        let mode = |path: &str| fs::metadata(world.project(&name).path(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("pyproject.toml"), file, "umask {mask}");
        assert_eq!(mode("src"), folder, "umask {mask}");
        assert_eq!(mode(""), folder, "umask {mask}");
    }
}

#[cfg(unix)]
fn finish_sh(world: &World, script: &str) {
    let mut command = world.command("/bin/sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_pyenvkit")]);
    finish(command).ok();
}

#[test]
fn an_old_git_is_enough() {
    let world = World::with_uv();
    world.old_git();
    world.run("new p --preset minimal --with pre-commit --hooks local --yes").ok();
    let project = world.project("p");
    project.assert_ready();
    assert_eq!(project.read(".git/HEAD"), "ref: refs/heads/main\n");
    assert!(project.has(".git/hooks/pre-commit"));
    for verb in ["add-tool black --yes", "undo --yes", "sync", "doctor --strict", "verify"] {
        project.pyenvkit(verb).ok();
    }
    project.assert_ready();
    // Nothing is known of `core.hooksPath` by its scope: it is still seen.
    world.git_config("core.hooksPath", world.home().to_str().unwrap());
    world.run("new q --preset minimal --with pre-commit --hooks local --yes").ok().says("core.hooksPath");
}

#[test]
fn odd_paths_are_paths() {
    let world = World::with_uv();
    for (at, name) in
        ["it's a \"quote\"", "$HOME `id` ;&|", "ümläut ñ 漢字", "new\nline", "-dash", "%41 #x ?y", "back\\slash"]
            .iter()
            .enumerate()
    {
        let folder = world.work().join(format!("{at}")).join(name);
        fs::create_dir_all(&folder).unwrap();
        let mut command = world.pyenvkit(["new", "p", "--preset", "minimal", "--yes"]);
        command.current_dir(&folder);
        finish(command).ok();
        let project = world.project(folder.join("p"));
        project.assert_ready();
        project.script("python", ["-c", "import p"]).ok();
        project.script("pytest", ["-q"]).ok();
        for verb in ["add-tool black --yes", "undo --yes", "sync", "doctor --strict"] {
            project.pyenvkit(verb).ok();
        }
        project.assert_ready();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_not_utf8_works_or_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::with_uv();
    let folder = world.work().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&folder).unwrap();
    let mut command = world.pyenvkit(["new", "p", "--preset", "minimal", "--yes"]);
    command.current_dir(&folder);
    let outcome = finish(command);
    match outcome.status.code() {
        Some(0) => world.project(folder.join("p")).assert_ready(),
        Some(1 | 2) => {
            let outcome = outcome.one_error();
            assert!(outcome.status.code() == Some(1) || fs::read_dir(&folder).unwrap().next().is_none());
        }
        _ => panic!("{}", outcome.text()),
    }
}

#[test]
fn credentials_never_show() {
    let password = "s3cr3t-w0rd";
    for backend in ["pip", "uv"] {
        for good in [true, false] {
            let mut world = World::with_uv();
            world.own_cache();
            let given = if good { password } else { "wr0ng-w0rd" };
            let index = Index::start(Behaviour::Guarded { wheels: shared::wheels(), user: "ada", password });
            world.pip_conf(&format!("[global]\nindex-url = {}\nretries = 0\n", index.url_with("ada", given)));
            let outcome = world.run(&format!("new p --preset minimal --yes -v --backend {backend}"));
            assert_eq!(outcome.status.code(), Some(i32::from(!good)), "{}", outcome.text());
            let outcome = outcome.never_says(given);
            assert!(!index.asked().is_empty(), "the index was not asked\n{}", outcome.text());
            let leaked = leaks(&world.work(), given);
            assert!(leaked.is_empty(), "{leaked:?}");
            let leaked = leaks(&world.home().join(".cache/pyenvkit"), given);
            assert!(leaked.is_empty(), "{leaked:?}");
            world.set("PIP_INDEX_URL", index.url_with("ada", given));
            world.project("p").pyenvkit("sync -v").never_says(given);
        }
    }
}

/// The files below `folder` that hold `secret`.
fn leaks(folder: &std::path::Path, secret: &str) -> Vec<String> {
    let paths = Snapshot::of(folder).paths();
    let holds = |path: &String| {
        let bytes = fs::read(folder.join(path)).unwrap_or_default();
        bytes.windows(secret.len()).any(|part| part == secret.as_bytes())
    };
    paths.into_iter().filter(holds).collect()
}

/// uv has no counterpart of pip's per-file configuration settings; then pip installs, and says why.
#[test]
fn what_uv_cannot_be_told_makes_it_pip() {
    let world = World::with_uv();
    let index = Index::shared().url();
    world.pip_conf(&format!("[global]\nindex-url = {index}\nconfig-settings = editable_mode=compat\n"));
    let outcome = world.run("new p --preset minimal --yes");
    assert!(outcome.stderr.contains("config-settings") && outcome.stderr.contains("pip"), "{}", outcome.text());
}

#[test]
fn constraints_of_pip_hold_for_uv_too() {
    let world = World::with_uv();
    let file = world.write("home/constraints.txt", "pytest<1\n");
    let index = Index::shared().url();
    world.pip_conf(&format!("[global]\nindex-url = {index}\n[install]\nconstraint = {}\n", file.display()));
    // No such pytest is served: it must fail with both, not succeed by ignoring the constraint.
    for backend in ["pip", "uv"] {
        world.run(&format!("new {backend}-p --preset minimal --yes --backend {backend}")).code(1).says("sync");
    }
}
