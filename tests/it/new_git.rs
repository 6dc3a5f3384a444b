//! The repository of a new project.

use std::fs;

use crate::common::World;

#[test]
fn the_branch_is_gits_own_else_main() {
    let world = World::new();
    world.run("new a --yes --no-venv").ok();
    assert_eq!(world.project("a").git(["symbolic-ref", "--short", "HEAD"]), "main");
    world.git_config("init.defaultBranch", "trunk");
    world.run("new b --yes --no-venv").ok();
    assert_eq!(world.project("b").git(["symbolic-ref", "--short", "HEAD"]), "trunk");
}

#[test]
fn the_first_commit_has_everything_but_the_environment() {
    let world = World::with_uv();
    world.run("new p --preset minimal --yes").ok();
    let project = world.project("p");
    let mut listed: Vec<String> = project.git(["ls-files"]).lines().map(str::to_owned).collect();
    let mut files = project.files();
    listed.sort();
    files.sort();
    assert_eq!(listed, files);
    assert!(listed.iter().any(|path| path == "pyproject.toml") && !listed.iter().any(|path| path.starts_with(".venv")));
    assert_eq!(project.git(["log", "-1", "--format=%an <%ae>"]), "Ada Lovelace <ada@example.com>");
    assert_eq!(project.git(["fsck", "--strict"]), "");
}

#[test]
fn inside_another_repository_there_is_no_nested_one() {
    let world = World::new();
    let outer = world.fresh_clone("outer");
    world.run("new outer/inner --yes --no-venv").ok();
    assert!(!world.project("outer/inner").has(".git"));
    // The hooks belong to the repository's root.
    assert!(
        outer.join(".pre-commit-config.yaml").is_file() && !world.project("outer/inner").has(".pre-commit-config.yaml")
    );
    assert_eq!(
        world.git(&outer, ["log", "--format=%s"]),
        "Initial commit",
        "something was committed to the outer repository"
    );

    // An empty folder of it is filled.
    fs::create_dir(outer.join("filled")).unwrap();
    world.run("new outer/filled --yes --no-venv").ok();
    let project = world.project("outer/filled");
    assert!(project.has("src/filled/__init__.py") && !project.has(".git") && !project.has(".pre-commit-config.yaml"));
    let hooks = fs::read_to_string(outer.join(".pre-commit-config.yaml")).unwrap();
    assert!(hooks.contains("files: '^inner/'") && hooks.contains("files: '^filled/'"), "{hooks}");

    world.run("new outer/nested --yes --no-venv --git").ok();
    assert!(world.project("outer/nested").has(".git"));
    assert_eq!(world.project("outer/nested").commits(), 1);
}

/// A repository's hooks are listed once for each of its projects, and what one of them takes away is its own.
#[test]
fn each_project_of_a_repository_has_hooks_for_its_own_files() {
    let world = World::new();
    let mono = world.work().join("mono");
    fs::create_dir(&mono).unwrap();
    world.git(&mono, ["init", "-q"]);
    let config = || fs::read_to_string(mono.join(".pre-commit-config.yaml")).unwrap();
    let count = |text: &str| config().matches(text).count();
    world.run("new mono/one --yes --no-venv").ok();
    let of_one = config();
    let hooks = count("files: '^one/'");
    world.run("new mono/two --yes --no-venv").ok();
    assert_eq!((count("files: '^one/'"), count("files: '^two/'")), (hooks, hooks), "{}", config());
    assert_eq!((count("id: black"), count("psf/black")), (2, 1), "the entry of a repository is shared");

    let of_both = config();
    world.run("add-tool mypy --yes --no-sync --directory mono/two").ok();
    world.run("add-tool mypy --yes --no-sync --directory mono/two").ok().says("nothing has to be changed");
    world.run("remove-tool mypy --yes --no-sync --directory mono/two").ok();
    assert_eq!(config(), of_both);
    world.run("remove-tool pre-commit isort black flake8 --yes --no-sync --directory mono/two").ok();
    assert_eq!(config(), of_one);

    // A project at the top has hooks for all files, whatever those below it have.
    world.write("work/mono/pyproject.toml", "[project]\nname = \"top\"\nversion = \"1\"\n");
    world.run("add-tool black pre-commit --yes --no-sync --directory mono").ok();
    assert_eq!((count("id: black"), count("files: '^one/'")), (2, hooks), "{}", config());
    world.run("remove-tool black pre-commit --yes --no-sync --directory mono").ok();
    assert_eq!(config(), of_one);

    // What stands around the hooks goes with the last of them, whoever made it.
    world.run("add-tool black pre-commit --yes --no-sync --directory mono/two").ok();
    world.run("remove-tool pre-commit isort black flake8 --yes --no-sync --directory mono/one").ok();
    assert_eq!((count("id: black"), count("files: '^one/'")), (1, 0), "{}", config());
    let of_two = config();
    world.run("add-tool black --yes --no-sync --directory mono/one").ok();
    world.run("remove-tool black pre-commit --force --yes --no-sync --directory mono/one").ok();
    assert_eq!(config(), of_two, "what another project has went by force");
    world.run("remove-tool black pre-commit --yes --no-sync --directory mono/two").ok();
    assert!(!mono.join(".pre-commit-config.yaml").exists(), "{}", config());
}

#[test]
fn the_users_git_templates_are_honoured() {
    let world = World::new();
    world.write("home/template/info/exclude", "# the user's own\n");
    world.git_config("init.templateDir", world.home().join("template").to_str().unwrap());
    world.run("new p --yes --no-venv").ok();
    assert!(world.project("p").read(".git/info/exclude").contains("the user's own"));
}

/// The hook is written without starting pre-commit; it must be what that pre-commit would have written.
#[test]
fn the_hook_is_what_pre_commit_writes() {
    let world = World::with_uv();
    world.run("new p --yes").ok();
    let project = world.project("p");
    let ours = project.read(".git/hooks/pre-commit");
    fs::remove_file(project.path(".git/hooks/pre-commit")).unwrap();
    project.script("pre-commit", ["install"]).ok();
    assert_eq!(ours, project.read(".git/hooks/pre-commit"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(project.path(".git/hooks/pre-commit")).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111);
    }
}

/// A bad file is stopped by the hook, from the index alone.
#[test]
fn local_hooks_work() {
    let world = World::with_uv();
    world.run("new p --hooks local --preset minimal --with pre-commit --with black --yes").ok();
    let project = world.project("p");
    fs::write(project.path("src/p/ugly.py"), "x  =  [ 1,2 ]\n").unwrap();
    project.git(["add", "-A"]);
    let mut command = world.command(world.bin().join("git"));
    command.current_dir(&project.folder).args(["commit", "-q", "-m", "Ugly"]);
    let stopped = crate::common::world::finish(command).code(1);
    assert!(stopped.stderr.contains("black") && stopped.stderr.contains("Failed"), "{}", stopped.text());
    assert_eq!(project.read("src/p/ugly.py"), "x = [1, 2]\n");
    project.git(["add", "-A"]);
    project.git(["commit", "-q", "-m", "Formatted"]);
    assert_eq!(project.commits(), 2);
}

#[test]
#[ignore = "full: an environment for each hook"]
fn mirrored_hooks_work() {
    let world = World::with_uv();
    world.hook_mirrors();
    for preset in ["classic", "modern"] {
        world.run(&format!("new {preset}-p --hooks mirrors --preset {preset} --yes")).ok();
        world.project(format!("{preset}-p")).script("pre-commit", ["run", "--all-files"]).ok();
    }
}

#[test]
fn ignored_by_the_user_is_still_committed() {
    let world = World::new();
    world.write("home/ignore", "*.toml\nsrc/\n");
    world.git_config("core.excludesFile", world.home().join("ignore").to_str().unwrap());
    world.run("new p --yes --no-venv").ok();
    assert!(world.project("p").git(["ls-files"]).contains("pyproject.toml"));
}
