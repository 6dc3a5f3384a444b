//! Projects of every kind, each with environments of several kinds around it.

use std::os::unix::fs::symlink;

use super::*;
use crate::system::environment::editable::file_url;

/// A home, and a project in a repository in it.
struct World {
    root: tempfile::TempDir,
    manifest: toml::Table,
    variables: Vec<(String, String)>,
}

impl World {
    fn new(manifest: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let world = Self { manifest: manifest.parse().unwrap(), variables: Vec::new(), root };
        fs::create_dir_all(world.project()).unwrap();
        world
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().canonicalize().unwrap().join(path)
    }

    fn project(&self) -> PathBuf {
        self.path("repo/My.Prj")
    }

    fn set(&mut self, name: &str, path: &str) {
        self.variables.push((name.to_owned(), self.path(path).to_str().unwrap().to_owned()));
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// An environment as far as files tell; its site-packages.
    fn environment(&self, path: &str) -> PathBuf {
        let venv = self.path(path);
        let site = venv.join("lib/python3.12/site-packages");
        fs::create_dir_all(&site).unwrap();
        fs::create_dir_all(venv.join("bin")).unwrap();
        symlink("/bin/sh", venv.join("bin/python")).unwrap();
        fs::write(venv.join("pyvenv.cfg"), "home = /usr\nversion = 3.12.1\n").unwrap();
        site
    }

    /// The same of conda, which has no `pyvenv.cfg`.
    fn of_conda(&self, path: &str) {
        self.environment(path);
        fs::remove_file(self.path(path).join("pyvenv.cfg")).unwrap();
        self.write(&format!("{path}/conda-meta/python-3.12.1-h99_0.json"), "{}");
        symlink("python3.12", self.path(path).join("lib/python3.1")).unwrap();
    }

    fn located(&self) -> Located {
        let home = self.path("home").to_str().unwrap().to_owned();
        let all = self.variables.iter().cloned().chain([("HOME".to_owned(), home)]);
        let (folder, top) = (self.project(), self.path("repo"));
        let variables = all.collect();
        locate(&Search { folder: &folder, top: Some(&top), manifest: &self.manifest, variables: &variables })
    }

    /// Keeper and path below the world.
    fn found(&self) -> Option<(Keeper, String)> {
        let located = self.located();
        if located.keeper == Keeper::Nobody {
            assert_eq!(located.path, self.project().join(".venv"));
            return None;
        }
        let path = located.path.strip_prefix(self.path("")).unwrap().to_str().unwrap().to_owned();
        Some((located.keeper, path))
    }

    #[track_caller]
    fn assert(&self, keeper: Keeper, path: &str) {
        assert_eq!(self.found(), Some((keeper, path.to_owned())));
    }
}

#[test]
fn the_projects_own_come_first_in_their_order() {
    let mut world = World::new("");
    assert_eq!(world.found(), None);
    world.write("repo/My.Prj/venv/__init__.py", "# a package of that name");
    fs::create_dir_all(world.path("repo/My.Prj/.venv")).unwrap();
    assert_eq!(world.found(), None);
    world.environment("repo/My.Prj/env");
    world.assert(Keeper::Project, "repo/My.Prj/env");
    world.environment("repo/My.Prj/venv");
    world.assert(Keeper::Project, "repo/My.Prj/venv");
    world.environment("repo/My.Prj/mine");
    world.set("VIRTUAL_ENV", "repo/My.Prj/mine");
    world.assert(Keeper::Project, "repo/My.Prj/venv");
    world.write("repo/My.Prj/.venv/broken", "");
    world.assert(Keeper::Project, "repo/My.Prj/.venv");
}

#[test]
fn a_file_names_an_environment() {
    let mut world = World::new("");
    world.write("repo/My.Prj/.venv", "../../elsewhere/x\n");
    assert_eq!(world.found(), None);
    world.environment("elsewhere/x");
    assert_eq!(world.located().path.canonicalize().unwrap(), world.path("elsewhere/x"));
    world.write("repo/My.Prj/.venv", "~/envs/y");
    world.environment("home/envs/y");
    world.assert(Keeper::Project, "home/envs/y");
    world.write("repo/My.Prj/.venv", "z");
    world.environment("workon/z");
    assert_eq!(world.found(), None);
    world.set("WORKON_HOME", "workon");
    world.assert(Keeper::Project, "workon/z");
}

#[test]
fn the_active_one_counts_where_it_is_the_projects() {
    let mut world = World::new("");
    let site = world.environment("active");
    world.set("VIRTUAL_ENV", "active");
    assert_eq!(world.found(), None);
    world.write("active/lib/python3.12/site-packages/x.pth", "/usr\n");
    assert_eq!(world.found(), None);
    fs::write(site.join("x.pth"), world.project().join("src").to_str().unwrap()).unwrap();
    world.assert(Keeper::User, "active");
    fs::remove_file(site.join("x.pth")).unwrap();
    let origin = format!(r#"{{"dir_info":{{"editable":true}},"url":"{}"}}"#, file_url(&world.project()));
    world.write("active/lib/python3.12/site-packages/x-1.dist-info/direct_url.json", &origin);
    world.assert(Keeper::User, "active");
    world.environment("repo/My.Prj/mine");
    world.set("VIRTUAL_ENV", "repo/My.Prj/mine");
    world.assert(Keeper::User, "repo/My.Prj/mine");
}

#[test]
fn a_workspace_above_counts_where_the_project_is_in_it() {
    let world = World::new("");
    let site = world.environment("repo/.venv");
    assert_eq!(world.found(), None);
    fs::write(site.join("x.pth"), world.project().to_str().unwrap()).unwrap();
    world.assert(Keeper::Workspace, "repo/.venv");
    let member = World::new("");
    member.write("repo/pyproject.toml", "[tool.uv.workspace]\nmembers = [\"libs/*\"]\n");
    assert_eq!(member.found(), None);
    member.write("repo/pyproject.toml", "[tool.uv.workspace]\nmembers = [\"*\"]\n");
    member.assert(Keeper::Workspace, "repo/.venv");
    member.write("repo/pyproject.toml", "[tool.uv.workspace]\nmembers = [\"*\"]\nexclude = [\"My*\"]\n");
    assert_eq!(member.found(), None);
}

#[test]
fn of_poetrys_the_noted_one_counts_else_the_newest() {
    let mut world = World::new("[project]\nname = 'My.Weird_Name'\n[tool.poetry]\n");
    let base = format!("my-weird-name-{}", managers::short_hash(world.project().to_str().unwrap()));
    let usual = "home/.cache/pypoetry/virtualenvs";
    for minor in ["3.9", "3.12", "3.13"] {
        fs::create_dir_all(world.path(&format!("{usual}/{base}-py{minor}"))).unwrap();
    }
    assert_eq!(world.found(), None);
    world.environment(&format!("{usual}/{base}-py3.9"));
    world.environment(&format!("{usual}/{base}-py3.12"));
    world.environment(&format!("{usual}/other-py3.14"));
    world.assert(Keeper::Poetry, &format!("{usual}/{base}-py3.12"));
    world.write(&format!("{usual}/envs.toml"), &format!("[{base}]\nminor = \"3.9\"\npatch = \"3.9.1\"\n"));
    world.assert(Keeper::Poetry, &format!("{usual}/{base}-py3.9"));
    world.environment(&format!("global/{base}-py3.12"));
    let global = format!("cache-dir = {:?}\n[virtualenvs]\npath = \"{{cache-dir}}\"\n", world.path("global"));
    world.write("home/.config/pypoetry/config.toml", &global);
    world.assert(Keeper::Poetry, &format!("global/{base}-py3.12"));
    world.environment(&format!("local/{base}-py3.12"));
    world.write("repo/My.Prj/poetry.toml", &format!("[virtualenvs]\npath = {:?}\n", world.path("local")));
    world.assert(Keeper::Poetry, &format!("local/{base}-py3.12"));
    world.environment(&format!("variable/{base}-py3.12"));
    world.set("POETRY_VIRTUALENVS_PATH", "variable");
    world.assert(Keeper::Poetry, &format!("variable/{base}-py3.12"));
    world.manifest.remove("tool");
    assert_eq!(world.found(), None, "Poetry has left");
}

#[test]
fn pdm_notes_the_interpreter() {
    let world = World::new("");
    world.write("repo/My.Prj/.pdm-python", "/usr/bin/python3");
    assert_eq!(world.found(), None);
    world.environment("pdm/x");
    world.write("repo/My.Prj/.pdm-python", world.path("pdm/x/bin/python").to_str().unwrap());
    world.assert(Keeper::Pdm, "pdm/x");
}

#[test]
fn pipenv_goes_by_the_pipfile() {
    let mut world = World::new("");
    let hash = managers::short_hash(world.project().join("Pipfile").to_str().unwrap());
    let path = format!("home/.local/share/virtualenvs/My.Prj-{hash}");
    world.environment(&path);
    assert_eq!(world.found(), None);
    world.write("repo/My.Prj/Pipfile", "");
    world.assert(Keeper::Pipenv, &path);
    world.environment("data/virtualenvs/named");
    world.set("XDG_DATA_HOME", "data");
    world.variables.push(("PIPENV_CUSTOM_VENV_NAME".into(), "named".into()));
    world.assert(Keeper::Pipenv, "data/virtualenvs/named");
}

#[test]
fn condas_is_named_by_the_projects_file() {
    let world = World::new("");
    world.write("repo/My.Prj/environment.yml", "channels: [x]\nname: \"sci\" # ours\ndependencies:\n- python\n");
    assert_eq!(world.found(), None);
    world.of_conda("home/miniforge3/envs/sci");
    world.assert(Keeper::Conda, "home/miniforge3/envs/sci");
    assert_eq!(super::super::python_of(&world.path("home/miniforge3/envs/sci")).unwrap().1.to_string(), "3.12");
    assert!(super::super::venv::site_packages(&world.path("home/miniforge3/envs/sci"), None).is_some());
    world.of_conda("repo/My.Prj/.conda");
    world.assert(Keeper::Conda, "repo/My.Prj/.conda");
    let base = World::new("");
    base.write("repo/My.Prj/environment.yml", "name: base\n");
    base.of_conda("home/.conda/envs/base");
    assert_eq!(base.found(), None);
}

#[test]
fn hatchs_lies_in_its_data_or_where_settings_say() {
    let mut world = World::new("[project]\nname = 'My.Prj'\n[tool.hatch]\n");
    let id = managers::short_hash(world.project().to_str().unwrap());
    let usual = format!("home/.local/share/hatch/env/virtual/my-prj/{id}/my-prj");
    assert_eq!(world.found(), None);
    world.environment(&usual);
    world.assert(Keeper::Hatch, &usual);
    world.environment("repo/My.Prj/.hatch/my-prj");
    world.write("home/.config/hatch/config.toml", "[dirs.env]\nvirtual = \".hatch\"\n");
    world.assert(Keeper::Hatch, "repo/My.Prj/.hatch/my-prj");
    world.environment("repo/My.Prj/dev");
    world.write("repo/My.Prj/hatch.toml", "[envs.default]\npath = \"dev\"\n");
    world.assert(Keeper::Hatch, "repo/My.Prj/dev");
    world.manifest.clear();
    world.write("repo/My.Prj/hatch.toml", "[envs.lint]\n");
    assert_eq!(world.found(), None, "a project without a name is known by its hash alone");
    world.environment(&format!("repo/My.Prj/.hatch/{id}-unmanaged"));
    world.assert(Keeper::Hatch, &format!("repo/My.Prj/.hatch/{id}-unmanaged"));
}
