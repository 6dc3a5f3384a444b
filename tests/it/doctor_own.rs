//! Checks that a project declares for itself.

use std::fs;

use crate::common::World;
use crate::common::faults::Said;
use crate::common::project::Project;

fn declare(project: &Project<'_>, tables: &str) {
    let manifest = project.read("pyproject.toml");
    let manifest = manifest.split("\n[tool.pyenvkit.doctor").next().unwrap();
    let tables: String = tables.replace("[checks.", "[tool.pyenvkit.doctor.checks.");
    fs::write(project.path("pyproject.toml"), format!("{manifest}\n{tables}")).unwrap();
}

#[test]
fn they_run_only_where_somebody_asks_for_it() {
    let world = World::with_uv();
    let project = world.healthy();
    project.pyenvkit("doctor --context developer --run-project-checks").ok().prints("nothing is wrong");
    declare(&project, "[checks.marks]\ncommand = [\"python\", \"-c\", \"open('ran', 'w')\"]\n");
    project.assert_healthy();
    world.run("doctor --recursive . --context developer").ok();
    world.run("doctor --recursive . --context developer --start-programs").ok();
    assert!(!project.has("ran"));
    let said = project.doctor("-v --select OWN");
    assert!(said.outcome.stdout.contains("--run-project-checks runs 1"), "{}", said.outcome.text());
    project.pyenvkit("doctor --context developer --run-project-checks --strict").ok();
    assert!(project.has("ran"));
    fs::remove_file(project.path("ran")).unwrap();
    world.run("doctor --recursive . --context developer --run-project-checks").ok();
    assert!(project.has("ran"));
}

#[test]
fn what_is_expected_is_compared_and_what_differs_is_told() {
    let world = World::with_uv();
    let project = world.healthy();
    declare(
        &project,
        "[checks.fine]\ncommand = [\"python\", \"-c\", \"print('No changes'); exit(3)\"]\nexit-code = 3\noutput = \"No changes\"\n\
         [checks.code]\ncommand = [\"python\", \"-c\", \"import sys; sys.exit('it is late')\"]\nhint = \"make it early\"\n\
         [checks.words]\ncommand = [\"python\", \"-c\", \"print('x http://me:hunter2@host/')\"]\noutput = \"y\"\nseverity = \"warning\"\n\
         [checks.slow]\ncommand = [\"python\", \"-c\", \"import time; time.sleep(600)\"]\ntimeout = 1\n\
         [checks.gone]\ncommand = [\"no-such-program\"]\n\
         [checks.\"in $HOME; no shell\"]\ncommand = [\"python\", \"-c\", \"import sys; exit(sys.argv[1] != '$HOME; false')\", \"$HOME; false\"]\n",
    );
    let said = Said::read(project.pyenvkit("doctor --context developer --format json --run-project-checks").code(1));
    let findings: Vec<_> = said
        .findings()
        .into_iter()
        .map(|(id, finding)| {
            assert_eq!(id, "OWN01");
            let text = |part: &str| finding[part].as_str().unwrap().to_owned();
            (text("message"), text("cause"), text("severity"), text("remedy"), finding["location"]["line"].is_u64())
        })
        .collect();
    let about =
        |name: &str| findings.iter().find(|finding| finding.0 == format!("the project's check {name} fails")).unwrap();
    assert_eq!(findings.len(), 4, "{findings:#?}");
    assert!(about("code").1.ends_with("ended with 1, not with 0: it is late"), "{findings:#?}");
    assert_eq!((about("code").3.as_str(), about("code").4), ("make it early", true));
    assert!(about("words").1.contains("does not print \"y\": x http://****@host/"), "{findings:#?}");
    assert_eq!(about("words").2, "warn");
    assert!(about("slow").1.contains("did not end within 1 s"), "{findings:#?}");
    assert!(about("gone").1.contains("cannot run no-such-program"), "{findings:#?}");
}

#[test]
fn a_table_that_is_no_check_is_refused() {
    let world = World::with_uv();
    let project = world.healthy();
    for table in
        ["", "command = \"a string\"\n", "command = [\"x\"]\nexit_code = 1\n", "command = [\"x\"]\ntimeout = -1\n"]
    {
        declare(&project, &format!("[checks.x]\n{table}"));
        project.pyenvkit("doctor").code(2).one_error().says("[tool.pyenvkit.doctor]");
    }
}
