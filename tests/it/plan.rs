//! `--dry-run`, `--diff` and `--plan json` show what would be done and never do it.

use crate::common::World;

#[test]
fn previews_never_write() {
    let mut world = World::with_uv();
    world.own_cache();
    world.fresh_clone("cloned");
    // Also inside another repository, in a folder that is there and in one that is not.
    std::fs::create_dir(world.fresh_clone("outer").join("there")).unwrap();
    let before = world.snapshot();
    for target in ["fresh", "cloned", "outer/inner", "outer/there"] {
        for preview in
            [&["--dry-run"][..], &["--diff"], &["--plan", "json"], &["--dry-run", "--verify"], &["--dry-run", "--git"]]
        {
            world.args([&["new", target, "--yes"][..], preview].concat()).ok();
            // The cache of interpreters is no file of the user's.
            let keep = |path: &std::path::Path| !path.starts_with("home/.cache");
            Snapshots { before: &before, keep }.assert_same(&world);
        }
    }
}

struct Snapshots<'s, F> {
    before: &'s crate::common::Snapshot,
    keep: F,
}

impl<F: Fn(&std::path::Path) -> bool + Copy> Snapshots<'_, F> {
    #[track_caller]
    fn assert_same(&self, world: &World) {
        self.before.clone().filtered(self.keep).assert_same(&world.snapshot().filtered(self.keep));
    }
}

#[test]
fn the_plan_for_machines_is_what_is_applied() {
    let world = World::new();
    let printed = world.run("new p --yes --no-venv --no-git --plan json").ok().stdout;
    let plan: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let changes = plan.get("changes").unwrap_or(&plan).as_array().unwrap().clone();
    world.run("new p --yes --no-venv --no-git").ok();
    let project = world.project("p");
    let mut planned = Vec::new();
    for change in &changes {
        assert_eq!(change["change"], "create");
        let path = change["path"].as_str().unwrap();
        assert_eq!(change["after"].as_str().unwrap(), project.read(path), "{path}");
        planned.push(path.to_owned());
    }
    planned.sort();
    let mut made = project.files();
    made.sort();
    assert_eq!(planned, made);
}

#[test]
fn the_diff_shows_contents_and_the_dry_run_names() {
    let world = World::new();
    let diff = world.run("new p --yes --no-venv --diff").ok();
    assert!(diff.stdout.contains("+++ b/pyproject.toml") && diff.stdout.contains("+name = \"p\""), "{}", diff.text());
    let names = world.run("new p --yes --no-venv --dry-run").ok();
    assert!(names.stdout.contains("pyproject.toml"), "{}", names.text());
    assert!(!names.stdout.contains("name = \"p\""), "{}", names.text());
}

#[test]
fn a_plan_has_no_credentials() {
    let world = World::with_uv();
    world.pip_conf("[global]\nindex-url = http://ada:s3cret@127.0.0.1:9/simple/\n");
    for preview in ["--dry-run", "--diff", "--plan=json"] {
        world.args(["new", "p", "--yes", "-v", preview]).ok().never_says("s3cret");
    }
}
