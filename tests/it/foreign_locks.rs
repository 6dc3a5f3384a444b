//! Lock files of other managers follow a change of the tools, and nothing else in them moves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::faults::Said;
use crate::common::world::{finish, link};
use crate::common::{Behaviour, Index, Outcome, World, shared};

/// A manager, its lock file, and how it is asked.
struct Manager {
    /// What it is called here.
    name: &'static str,
    program: &'static str,
    lock: &'static str,
    /// The project's manifest; `INDEX` stands for the URL of the index.
    manifest: (&'static str, &'static str),
    /// Another file.
    beside: (&'static str, &'static str),
    locks: &'static [&'static str],
    /// Fails where the lock file does not fit the manifest.
    checks: &'static [&'static str],
}

const PROJECT: &str =
    "[project]\nname = \"p\"\nversion = \"1\"\nrequires-python = \">=3.11\"\ndependencies = [\"kept\"]\n";

const MANAGERS: &[Manager] = &[
    Manager {
        name: "uv",
        program: "uv",
        lock: "uv.lock",
        manifest: ("pyproject.toml", "PROJECT[[tool.uv.index]]\nurl = \"INDEX\"\ndefault = true\n"),
        beside: NOTHING,
        locks: &["lock"],
        checks: &["lock", "--check"],
    },
    Manager {
        name: "poetry",
        program: "poetry",
        lock: "poetry.lock",
        manifest: (
            "pyproject.toml",
            "[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = \"^3.11\"\nkept = \"*\"\n\
             [[tool.poetry.source]]\nname = \"here\"\nurl = \"INDEX\"\n",
        ),
        beside: NOTHING,
        locks: &["lock"],
        checks: &["check", "--lock"],
    },
    Manager {
        name: "pdm",
        program: "pdm",
        lock: "pdm.lock",
        manifest: (
            "pyproject.toml",
            "PROJECT[tool.pdm]\ndistribution = false\n[[tool.pdm.source]]\nname = \"pypi\"\nurl = \"INDEX\"\n",
        ),
        beside: NOTHING,
        locks: &["lock"],
        checks: &["lock", "--check"],
    },
    Manager {
        name: "pipenv",
        program: "pipenv",
        lock: "Pipfile.lock",
        manifest: (
            "Pipfile",
            "[[source]]\nname = \"pypi\"\nurl = \"INDEX\"\nverify_ssl = false\n\n[packages]\nkept = \"*\"\n\n[dev-packages]\n",
        ),
        beside: ("setup.cfg", "[flake8]\n"),
        locks: &["lock"],
        checks: &["verify"],
    },
    Manager {
        name: "pip-compile",
        program: "pip-compile",
        lock: "requirements-dev.txt",
        manifest: ("requirements-dev.in", "# why\nkept\n"),
        beside: ("setup.cfg", "[flake8]\n"),
        locks: &["--quiet", "--strip-extras", "--generate-hashes", "requirements-dev.in"],
        checks: &["--quiet", "--strip-extras", "--generate-hashes", "requirements-dev.in"],
    },
    Manager {
        name: "uv pip compile",
        program: "uv",
        lock: "requirements/tests.txt",
        manifest: ("requirements/for-tests.in", "kept\r\n"),
        beside: ("pyproject.toml", "[tool.uv]\nindex = [{ url = \"INDEX\", default = true }]\n"),
        locks: &["pip", "compile", "-q", "--universal", "requirements/for-tests.in", "-o", "requirements/tests.txt"],
        checks: &["pip", "compile", "-q", "--universal", "requirements/for-tests.in", "-o", "requirements/tests.txt"],
    },
    Manager {
        name: "uv export",
        program: "uv",
        lock: "pylock.toml",
        manifest: ("pyproject.toml", "PROJECT[[tool.uv.index]]\nurl = \"INDEX\"\ndefault = true\n"),
        beside: NOTHING,
        locks: &["export", "-q", "--format", "pylock.toml", "-o", "pylock.toml"],
        checks: &["export", "-q", "--format", "pylock.toml", "-o", "pylock.toml"],
    },
    Manager {
        name: "pip lock",
        program: "pip",
        lock: "pylock.toml",
        manifest: ("pyproject.toml", "PROJECT[dependency-groups]\ndev = [\"kept\"]\ndocs = [\"mccabe\"]\n"),
        beside: NOTHING,
        locks: &["lock", "-q", "--group", "dev", "-o", "pylock.toml"],
        checks: &["--version"],
    },
];

const NOTHING: (&str, &str) = ("README.md", "");

/// A project that is locked by a manager, on an index that has got newer versions since.
struct Locked<'m> {
    world: World,
    manager: &'m Manager,
    project: PathBuf,
}

impl<'m> Locked<'m> {
    fn new(manager: &'m Manager) -> Self {
        let mut world = World::with_uv();
        world.own_cache();
        if manager.program != "uv" {
            let _ = fs::remove_file(world.bin().join(manager.program));
            link(&shared::manager(manager.program), &world.bin().join(manager.program));
        }
        let wheels = world.root().join("wheels");
        fs::create_dir(&wheels).unwrap();
        for wheel in fs::read_dir(shared::wheels()).unwrap() {
            let wheel = wheel.unwrap();
            fs::hard_link(wheel.path(), wheels.join(wheel.file_name())).unwrap();
        }
        publish(&wheels, "1.0");
        let index = Index::start(Behaviour::Serve(wheels.clone()));
        world.pip_conf(&format!("[global]\nindex-url = {}\n", index.url()));
        for (file, text) in [manager.manifest, manager.beside] {
            let text = text.replace("PROJECT", PROJECT).replace("INDEX", &index.url());
            world.write(&format!("work/p/{file}"), text);
        }
        let project = world.work().join("p");
        let locked = Self { world, manager, project };
        locked.manager(locked.manager.locks).ok();
        assert!(locked.lock().contains("1.0"), "{}", locked.lock());
        publish(&wheels, "2.999");
        // What it heard of the index is forgotten.
        fs::remove_dir_all(locked.world.home().join(".cache")).unwrap();
        locked
    }

    fn manager(&self, args: &[&str]) -> Outcome {
        let mut command = self.world.command(self.world.bin().join(self.manager.program));
        command.current_dir(&self.project).args(args).env("PIPENV_VENV_IN_PROJECT", "1").env("PDM_USE_VENV", "0");
        finish(command)
    }

    #[track_caller]
    fn pyenvkit(&self, line: &str) -> Outcome {
        self.world.run(&format!("{line} --yes --directory p"))
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.project.join(self.manager.lock)).unwrap()
    }

    /// The lock file knows the tool, holds the old versions, and fits.
    #[track_caller]
    fn assert_follows(&self) {
        let lock = self.lock();
        assert!(lock.contains("black"), "{lock}");
        assert!(lock.contains("kept") && !lock.contains("2.999"), "something was upgraded: {lock}");
        self.manager(self.manager.checks).ok();
        assert_eq!(self.lock(), lock);
    }
}

/// Put `kept`, which requires `inner`, into a folder of wheels, and the hashes of all beside them.
fn publish(wheels: &Path, version: &str) {
    let code = "import pathlib, sys, zipfile\n\
        for name, needs in [('kept', 'Requires-Dist: inner\\n'), ('inner', '')]:\n\
        \x20   info = f'{name}-{sys.argv[2]}.dist-info'\n\
        \x20   metadata = f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {sys.argv[2]}\\n{needs}'\n\
        \x20   wheel = pathlib.Path(sys.argv[1]) / f'{name}-{sys.argv[2]}-py3-none-any.whl'\n\
        \x20   with zipfile.ZipFile(wheel, 'w') as archive:\n\
        \x20       archive.writestr(f'{name}.py', '')\n\
        \x20       archive.writestr(f'{info}/METADATA', metadata)\n\
        \x20       archive.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n\
        \x20       archive.writestr(f'{info}/RECORD', f'{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n')\n\
        \x20   wheel.with_name(wheel.name + '.metadata').write_text(metadata)\n\
        import hashlib\n\
        for wheel in pathlib.Path(sys.argv[1]).glob('*.whl'):\n\
        \x20   wheel.with_name(wheel.name + '.sha256').write_text(hashlib.sha256(wheel.read_bytes()).hexdigest())\n";
    shared::run(Command::new(shared::python()).args(["-I", "-c", code]).arg(wheels).arg(version));
}

fn follows(name: &str) {
    let manager = MANAGERS.iter().find(|manager| manager.name == name).unwrap();
    let locked = Locked::new(manager);
    let before = locked.lock();
    let manifest = fs::read(locked.project.join(manager.manifest.0)).unwrap();
    locked.pyenvkit("add-tool black --no-sync").ok();
    assert_ne!(fs::read(locked.project.join(manager.manifest.0)).unwrap(), manifest);
    locked.assert_follows();
    locked.pyenvkit("add-tool black --no-sync").ok().says("nothing has to be changed");
    locked.pyenvkit("undo").ok();
    assert_eq!(locked.lock(), before);
    locked.pyenvkit("add-tool black --no-sync").ok();
    locked.pyenvkit("remove-tool black --no-sync").ok();
    assert!(!locked.lock().contains("black"), "{}", locked.lock());
    assert!(!locked.lock().contains("2.999"), "{}", locked.lock());
    locked.manager(manager.checks).ok();
    assert_eq!(fs::read(locked.project.join(manager.manifest.0)).unwrap(), manifest);
    let left: Vec<String> = fs::read_dir(locked.world.root().join("tmp"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "copies were left: {left:?}");
}

/// The versions in the project's environment by name.
fn installed(project: &Path) -> Vec<String> {
    let site = project.join(format!(".venv/lib/python{}/site-packages", shared::python_minor()));
    let names = fs::read_dir(site).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".dist-info")?.to_owned())).collect();
    names.sort();
    names
}

fn installs(name: &str) {
    let manager = MANAGERS.iter().find(|manager| manager.name == name).unwrap();
    let locked = Locked::new(manager);
    let before = locked.lock();
    locked.pyenvkit("sync").ok().never_says("warning");
    let first = installed(&locked.project);
    assert!(first.contains(&"kept-1.0".to_owned()) && first.contains(&"inner-1.0".to_owned()), "{first:?}");
    assert_eq!(locked.lock(), before);
    locked.pyenvkit("sync").ok().says("nothing had to be done");
    // What others installed stays, whoever installs.
    let python = locked.project.join(".venv/bin/python");
    locked.world.tool(&python, ["-m", "pip", "install", "-q", "mccabe"]).ok();
    locked.pyenvkit("add-tool black").ok().says("✓ black");
    let now = installed(&locked.project);
    assert!(now.contains(&"kept-1.0".to_owned()) && now.iter().any(|it| it.starts_with("black-")), "{now:?}");
    assert!(now.iter().any(|it| it.starts_with("mccabe-")), "{now:?}");
    let lock = locked.lock();
    locked.pyenvkit("sync").ok().says("nothing had to be done");
    assert_eq!(locked.lock(), lock);
    // Without its manager the lock file is not followed, and that is said once.
    fs::remove_file(locked.world.bin().join(name)).unwrap();
    fs::remove_dir_all(locked.project.join(".venv")).unwrap();
    let file = manager.lock;
    locked.pyenvkit("sync").ok().says(&format!("{name} is not installed, so what {file} says is not followed"));
    assert!(installed(&locked.project).contains(&"kept-2.999".to_owned()));
    locked.pyenvkit("sync").ok().says("nothing had to be done").never_says("warning");
}

/// Doctor sees that the lock file does not belong to the manifest, that the environment is not what is locked, and lets
/// the manager mend both.
fn is_judged(name: &str) {
    let manager = MANAGERS.iter().find(|manager| manager.name == name).unwrap();
    let locked = Locked::new(manager);
    let roots = || {
        let line = "doctor p --context developer --format json --select PKG10,PKG11";
        Said::read(locked.world.run(line)).no_crash().roots()
    };
    // Some make an environment only to lock.
    let _ = fs::remove_dir_all(locked.project.join(".venv"));
    let manifest = locked.project.join(manager.manifest.0);
    let text = fs::read_to_string(&manifest).unwrap();
    assert_eq!(roots(), [""; 0]);
    fs::write(&manifest, format!("# no requirement\n\n{text}\n[scripts]\nkept = '1.5'\n")).unwrap();
    assert_eq!(roots(), [""; 0]);
    let more =
        text.replace("[\"kept\"]", "[\"kept\", \"mccabe\"]").replace("kept = \"*\"", "kept = \"*\"\nmccabe = \"*\"");
    fs::write(&manifest, &more).unwrap();
    assert_eq!(roots(), ["PKG10"]);
    let before = locked.lock();
    locked.world.run("doctor p --fix=all --yes --context developer --select PKG10").ok();
    let lock = locked.lock();
    assert!(lock.contains("mccabe") && !lock.contains("2.999"), "{lock}");
    locked.manager(manager.checks).ok();
    locked.pyenvkit("undo").ok();
    assert_eq!((locked.lock(), roots()), (before, vec!["PKG10".to_owned()]));
    locked.world.run("doctor p --fix=all --yes --context developer --select PKG10").ok();
    locked.pyenvkit("sync").ok();
    assert_eq!(roots(), [""; 0]);
    let python = locked.project.join(".venv/bin/python");
    // What nobody asks for is nobody's affair.
    locked.world.tool(&python, ["-m", "pip", "install", "-q", "kept==2.999", "pathspec"]).ok();
    assert_eq!(roots(), ["PKG11"]);
    locked.world.run("doctor p --fix=all --yes --context developer --select PKG11").ok();
    assert!(installed(&locked.project).contains(&"kept-1.0".to_owned()));
    assert_eq!(roots(), [""; 0]);
}

#[test]
fn uvs_is_judged() {
    is_judged("uv");
}

#[test]
#[ignore = "full: brings Poetry from the package index"]
fn poetrys_is_judged() {
    is_judged("poetry");
}

#[test]
#[ignore = "full: brings PDM from the package index"]
fn pdms_is_judged() {
    is_judged("pdm");
}

#[test]
#[ignore = "full: brings Pipenv from the package index"]
fn pipenvs_is_judged() {
    is_judged("pipenv");
}

#[test]
fn uvs_follows() {
    follows("uv");
}

#[test]
fn uv_installs_what_is_locked() {
    installs("uv");
}

#[test]
fn what_uv_compiled_follows() {
    follows("uv pip compile");
}

#[test]
fn what_uv_exported_follows() {
    follows("uv export");
}

#[test]
#[ignore = "full: brings pip-tools from the package index"]
fn what_pip_compile_made_follows() {
    follows("pip-compile");
}

#[test]
#[ignore = "full: brings a newer pip from the package index"]
fn what_pip_locked_follows() {
    follows("pip lock");
}

/// What is not known is not run, and what does not show is not guessed.
#[test]
fn what_cannot_be_compiled_again_is_named_with_its_command() {
    let mut world = World::with_uv();
    world.own_cache();
    for (name, files, lock, command) in [
        (
            "make",
            &[("setup.cfg", ""), ("requirements-dev.in", "kept\n")][..],
            (
                "requirements-dev.txt",
                "# This file is autogenerated by pip-compile with Python 3.11\n#\n#    make pins\n#\nkept==1\n",
            ),
            "make pins",
        ),
        (
            "option",
            &[("setup.cfg", ""), ("dev.in", "kept\n")],
            (
                "requirements-dev.txt",
                "# This file was autogenerated by uv via the following command:\n#    uv pip compile -p ./x dev.in -o requirements-dev.txt\nkept==1\n",
            ),
            "uv pip compile -p ./x dev.in -o requirements-dev.txt",
        ),
        (
            "new",
            &[("pyproject.toml", "[project]\nname = \"p\"\nversion = \"1\"\n")],
            (
                "pylock.toml",
                "lock-version = \"1.0\"\ncreated-by = \"pip\"\n[[packages]]\nname = \"p\"\ndirectory = { path = \".\" }\n",
            ),
            "pip lock . --group dev --output pylock.toml",
        ),
    ] {
        for (file, text) in files.iter().chain([&lock]) {
            world.write(&format!("work/{name}/{file}"), text);
        }
        let outcome = world.run(&format!("add-tool mypy --yes --no-sync --directory {name}"));
        outcome.code(1).one_error().says(lock.0).says(command);
        let folder = world.work().join(name);
        assert_eq!(fs::read_to_string(folder.join(lock.0)).unwrap(), lock.1);
        let source = fs::read_to_string(folder.join(files[files.len() - 1].0)).unwrap();
        assert!(source.contains("mypy=="), "{source}");
    }
}

#[test]
#[ignore = "full: brings Poetry from the package index"]
fn poetry_installs_what_is_locked() {
    installs("poetry");
}

#[test]
#[ignore = "full: brings PDM from the package index"]
fn pdm_installs_what_is_locked() {
    installs("pdm");
}

#[test]
#[ignore = "full: brings Pipenv from the package index"]
fn pipenv_installs_what_is_locked() {
    installs("pipenv");
}

#[test]
fn a_lock_file_that_does_not_fit_is_said_and_the_environment_is_completed() {
    let mut world = World::with_uv();
    world.set("UV_DEFAULT_INDEX", Index::shared().url());
    world.write("work/p/pyproject.toml", PROJECT.replace("kept", "iniconfig"));
    world.tool("uv", ["lock", "-q", "--project", "p"]).ok();
    world.write("work/p/pyproject.toml", PROJECT.replace("kept", "pluggy"));
    world.run("sync --directory p").ok().says("uv cannot install from uv.lock");
    assert!(installed(&world.work().join("p")).iter().any(|name| name.starts_with("pluggy-")));
}

#[test]
#[ignore = "full: brings Poetry from the package index"]
fn poetrys_follows() {
    follows("poetry");
}

#[test]
#[ignore = "full: brings PDM from the package index"]
fn pdms_follows() {
    follows("pdm");
}

#[test]
#[ignore = "full: brings Pipenv from the package index"]
fn pipenvs_follows() {
    follows("pipenv");
}

/// A member of a workspace, whose lock file is the workspace's, with versions that a build computes.
#[test]
fn a_workspaces_lock_file_follows_its_member() {
    let mut world = World::with_uv();
    world.set("UV_DEFAULT_INDEX", Index::shared().url());
    world.git(&world.work(), ["init", "-q", "w"]);
    world.write(
        "work/w/pyproject.toml",
        "[project]\nname = \"w\"\nversion = \"1\"\nrequires-python = \">=3.11\"\n[tool.uv.workspace]\nmembers = [\"packages/*\"]\n",
    );
    world.write(
        "work/w/packages/a/pyproject.toml",
        "[project]\nname = \"a\"\ndynamic = [\"version\"]\nrequires-python = \">=3.11\"\n[tool.hatch.version]\npath = \"a.py\"\n\
         [build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n",
    );
    world.write("work/w/packages/a/a.py", "__version__ = \"7\"\n");
    world.tool("uv", ["lock", "-q", "--project", "w"]).ok();
    let lock = || fs::read_to_string(world.work().join("w/uv.lock")).unwrap();
    let before = lock();
    world.run("add-tool black --yes --no-sync --directory w/packages/a").ok();
    assert!(lock().contains("name = \"black\""));
    world.tool("uv", ["lock", "-q", "--check", "--project", "w"]).ok();
    world.run("undo --yes --directory w/packages/a").ok();
    assert_eq!(lock(), before);
    // Doctor finds it above the project.
    let roots = || {
        let said = world.run("doctor w/packages/a --context developer --format json --select PKG10");
        Said::read(said).no_crash().roots()
    };
    assert_eq!(roots(), [""; 0]);
    let manifest = world.work().join("w/packages/a/pyproject.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("dynamic", "dependencies = [\"iniconfig\"]\ndynamic")).unwrap();
    assert_eq!(roots(), ["PKG10"]);
    world.run("doctor w/packages/a --context developer --select PKG10 --fix=all --yes").ok();
    world.tool("uv", ["lock", "-q", "--check", "--project", "w"]).ok();
}

#[test]
fn one_that_fails_is_named_and_stays() {
    let mut world = World::with_uv();
    world.set("UV_DEFAULT_INDEX", Index::shared().url());
    world.write("work/p/pyproject.toml", PROJECT.replace("kept", "iniconfig"));
    world.tool("uv", ["lock", "-q", "--project", "p"]).ok();
    let before = fs::read(world.work().join("p/uv.lock")).unwrap();
    world.set("UV_DEFAULT_INDEX", Index::start(Behaviour::Empty).url());
    world.own_cache();
    world.run("add-tool black --yes --no-sync --directory p").code(1).one_error().says("uv.lock").says("uv lock");
    assert_eq!(fs::read(world.work().join("p/uv.lock")).unwrap(), before);
    assert!(fs::read_to_string(world.work().join("p/pyproject.toml")).unwrap().contains("black"));
}
