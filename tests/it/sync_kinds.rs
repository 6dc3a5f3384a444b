//! `sync` in projects of every kind: what a project declares is in its environment, wherever it says so.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::world::finish;
use crate::common::{Index, Outcome, World, shared};

/// A package of one module, as each kind of project has it.
const MODULE: (&str, &str) = ("demo.py", "");

/// Name, files, and what must be installed, with the project itself where it is a package.
type Row = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const ROWS: &[Row] = &[
    (
        "extras",
        &[
            MODULE,
            (
                "pyproject.toml",
                "[project]\nname='demo'\nversion='1'\ndependencies=['pluggy']\noptional-dependencies={dev=['demo[more]','wheel'],more=['mccabe'],fast=['colorama']}\n\
                 [build-system]\nrequires=['hatchling']\nbuild-backend='hatchling.build'\n",
            ),
        ],
        &["demo", "pluggy", "wheel", "mccabe"],
    ),
    (
        "setup.py",
        &[
            MODULE,
            (
                "setup.py",
                "from setuptools import setup\nsetup(name='demo', version='1', py_modules=['demo'], install_requires=['pluggy'])\n",
            ),
            ("requirements-dev.txt", "-r requirements/lint.txt\n-c limits.txt\nwheel # why\n"),
            ("requirements/lint.txt", "mccabe>0.1 ; python_version > '3'\n"),
            ("limits.txt", "wheel<9\n"),
        ],
        &["demo", "pluggy", "wheel", "mccabe"],
    ),
    (
        "setup.cfg",
        &[
            MODULE,
            ("setup.py", "from setuptools import setup\nsetup()\n"),
            (
                "setup.cfg",
                "[metadata]\nname = demo\nversion = 1\n[options]\npy_modules = demo\ninstall_requires =\n    pluggy\n\
                 [options.extras_require]\ndev =\n    wheel\n    demo[more]\nmore =\n    mccabe\n",
            ),
        ],
        &["demo", "pluggy", "wheel", "mccabe"],
    ),
    (
        "setup.cfg alone",
        &[("setup.cfg", "[metadata]\nname = demo\n[options]\ninstall_requires = pluggy\n")],
        &["pluggy"],
    ),
    (
        "requirements",
        &[("setup.cfg", "[flake8]\n"), ("requirements.txt", "pluggy\n"), ("dev-requirements.txt", "wheel")],
        &["pluggy", "wheel"],
    ),
    (
        "poetry",
        &[
            MODULE,
            (
                "pyproject.toml",
                "[tool.poetry]\nname='demo'\nversion='1'\ndescription=''\nauthors=[]\n[tool.poetry.dependencies]\npython='^3.8'\npluggy='^1.0'\n\
                 [tool.poetry.group.dev.dependencies]\nwheel={version='*', markers=\"python_version > '3'\"}\ncolorama={version='*', python='<3'}\n\
                 [tool.poetry.group.docs]\noptional=true\n[tool.poetry.group.docs.dependencies]\nmccabe='*'\n\
                 [build-system]\nrequires=['poetry-core']\nbuild-backend='poetry.core.masonry.api'\n",
            ),
        ],
        &["demo", "pluggy", "wheel"],
    ),
    (
        "poetry without a package",
        &[(
            "pyproject.toml",
            "[tool.poetry]\npackage-mode=false\n[tool.poetry.dependencies]\npython='>=3.8'\npluggy='1 || 2'\n[tool.poetry.dev-dependencies]\nwheel='~0'\n\
             [build-system]\nrequires=['poetry-core']\nbuild-backend='poetry.core.masonry.api'\n",
        )],
        &["pluggy", "wheel"],
    ),
    (
        "pdm",
        &[
            MODULE,
            (
                "lib/pyproject.toml",
                "[project]\nname='lib'\nversion='1'\n[build-system]\nrequires=['hatchling']\nbuild-backend='hatchling.build'\n",
            ),
            ("lib/lib.py", ""),
            (
                "pyproject.toml",
                "[project]\nname='demo'\nversion='1'\ndependencies=['pluggy']\n[tool.pdm]\ndistribution=false\n\
                 [tool.pdm.dev-dependencies]\ntest=['wheel','lib @ file:///${PROJECT_ROOT}/lib']\n[build-system]\nrequires=['no-such']\n",
            ),
        ],
        &["pluggy", "wheel", "lib"],
    ),
    (
        "uv",
        &[(
            "pyproject.toml",
            "[project]\nname='demo'\nversion='1'\ndependencies=['pluggy']\n[tool.uv]\npackage=false\ndev-dependencies=['wheel']\n[build-system]\nrequires=['no-such']\n",
        )],
        &["pluggy", "wheel"],
    ),
    (
        "hatch",
        &[
            MODULE,
            (
                "pyproject.toml",
                "[project]\nname='demo'\nversion='1'\noptional-dependencies={cli=['pluggy']}\n[tool.hatch.envs.default]\nfeatures=['cli']\ndependencies=['wheel']\n\
                 [build-system]\nrequires=['hatchling']\nbuild-backend='hatchling.build'\n",
            ),
        ],
        &["demo", "pluggy", "wheel"],
    ),
    (
        "pipenv",
        &[
            ("setup.cfg", "[flake8]\n"),
            (
                "Pipfile",
                "[packages]\npluggy='*'\n[dev-packages]\nwheel={version='>=0.1', sys_platform=\"!= 'win32'\"}\ncolorama={version='*', sys_platform=\"== 'win32'\"}\n",
            ),
        ],
        &["pluggy", "wheel"],
    ),
    ("tables of tools alone", &[("pyproject.toml", "[tool.black]\nline-length=99\n")], &[]),
];

/// What an environment may hold beside what is asked for: `wheel` requires the last.
const ALWAYS: &[&str] = &["pip", "setuptools", "packaging"];

fn project(world: &World, name: &str, files: &[(&str, &str)]) -> PathBuf {
    for (path, text) in files {
        world.write(&format!("work/{name}/{path}"), text);
    }
    world.work().join(name)
}

fn sync(world: &World, project: &PathBuf, more: &str) -> Outcome {
    let mut command = world.pyenvkit(["sync"].into_iter().chain(more.split_whitespace()));
    command.current_dir(project);
    finish(command)
}

/// The names of the distributions in the project's `.venv`, beside those that are always there.
fn installed(project: &Path) -> Vec<String> {
    let site = project.join(format!(".venv/lib/python{}/site-packages", shared::python_minor()));
    let mut names: Vec<String> = fs::read_dir(site)
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            Some(name.strip_suffix(".dist-info")?.split('-').next()?.to_lowercase().replace('_', "-"))
        })
        .filter(|name| !ALWAYS.contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

#[test]
fn what_a_project_declares_is_installed() {
    for backend in ["pip", "uv"] {
        let world = World::with_uv();
        for (name, files, expected) in ROWS {
            let project = project(&world, name, files);
            sync(&world, &project, &format!("--backend {backend}")).ok();
            let mut expected: Vec<String> = expected.iter().map(|&name| name.to_owned()).collect();
            expected.sort();
            assert_eq!(installed(&project), expected, "{name} with {backend}");
            sync(&world, &project, &format!("--backend {backend}")).ok().says("nothing had to be done");
        }
    }
}

#[test]
fn a_changed_requirements_file_is_followed_also_where_it_asks_for_paths() {
    for backend in ["pip", "uv"] {
        let world = World::with_uv();
        let files = [
            ("setup.cfg", "[flake8]\n"),
            ("requirements.txt", "-e ./lib\n"),
            (
                "lib/pyproject.toml",
                "[project]\nname='lib'\nversion='1'\n[build-system]\nrequires=['hatchling']\nbuild-backend='hatchling.build'\n",
            ),
            ("lib/lib.py", ""),
        ];
        let project = project(&world, "p", &files);
        let args = format!("--backend {backend}");
        sync(&world, &project, &args).ok();
        assert_eq!(installed(&project), ["lib"], "{backend}");
        sync(&world, &project, &args).ok().says("nothing had to be done");
        fs::write(project.join("requirements.txt"), "-r more.txt\n").unwrap();
        fs::write(project.join("more.txt"), "wheel\n").unwrap();
        sync(&world, &project, &args).ok();
        assert_eq!(installed(&project), ["lib", "wheel"], "{backend}");
        fs::write(project.join("requirements.txt"), "-r gone.txt\n").unwrap();
        sync(&world, &project, &args).code(1).one_error().says("requirements.txt: -r gone.txt");
    }
}

#[test]
fn hashes_in_requirements_files_hold_for_these_alone() {
    let world = World::with_uv();
    let wheel = shared::wheels().join("iniconfig-2.3.1-py3-none-any.whl");
    let hash =
        world.tool(shared::python(), ["-m".as_ref(), "pip".as_ref(), "hash".as_ref(), wheel.as_os_str()]).ok().stdout;
    let hash = hash.lines().find_map(|line| line.strip_prefix("--hash=")).unwrap().to_owned();
    for backend in ["pip", "uv"] {
        let good = format!("iniconfig==2.3.1 \\\n    --hash={hash}\n");
        let files = [
            (
                "setup.py",
                "from setuptools import setup\nsetup(name='demo', version='1', py_modules=['demo'], install_requires=['pluggy'])\n",
            ),
            MODULE,
            ("requirements-dev.txt", good.as_str()),
        ];
        let project = project(&world, backend, &files);
        let args = format!("--backend {backend}");
        sync(&world, &project, &args).ok();
        assert_eq!(installed(&project), ["demo", "iniconfig", "pluggy"], "{backend}");
        fs::remove_dir_all(project.join(".venv")).unwrap();
        let end = good.trim_end().len();
        fs::write(project.join("requirements-dev.txt"), format!("{}{}\n", &good[..end - 4], "0000")).unwrap();
        sync(&world, &project, &args).code(1).one_error();
        assert!(!installed(&project).contains(&"iniconfig".to_owned()), "{backend}");
    }
}

#[test]
fn a_member_of_a_workspace_uses_the_workspaces_environment() {
    let mut world = World::with_uv();
    world.set("UV_DEFAULT_INDEX", Index::shared().url());
    world.git(&world.work(), ["init", "-q", "w"]);
    let member = |name: &str, more: &str| {
        let text = format!(
            "[project]\nname='{name}'\nversion='1'\nrequires-python='>=3.11'\n{more}[build-system]\nrequires=['hatchling']\nbuild-backend='hatchling.build'\n"
        );
        world.write(&format!("work/w/libs/{name}/pyproject.toml"), text);
        world.write(&format!("work/w/libs/{name}/{name}.py"), "");
    };
    world.write("work/w/pyproject.toml", "[tool.uv.workspace]\nmembers = [\"libs/*\"]\n");
    member("a", "dependencies=['b']\n[tool.uv.sources]\nb={workspace=true}\n[dependency-groups]\ndev=['wheel']\n");
    member("b", "dependencies=['pluggy']\n");
    world.tool("uv", ["lock", "-q", "--project", "w"]).ok();
    world.tool("uv", ["venv", "-q", "w/.venv"]).ok();
    let top = world.work().join("w");
    sync(&world, &top.join("libs/a"), "").ok().says("it is that of the workspace");
    assert_eq!(installed(&top), ["a", "b", "pluggy", "wheel"]);
    sync(&world, &top.join("libs/a"), "").ok().says("nothing had to be done");
    assert!(!top.join("libs/a/.venv").exists());
    assert_eq!(
        world.git(&top, ["status", "--porcelain"]).matches("??").count(),
        3,
        "nothing but what was written here"
    );
}
