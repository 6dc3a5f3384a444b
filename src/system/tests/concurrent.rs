//! Many writers, and writers that do not ask.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "tests may crash, and see the machine as it is"
)]

use fs_err as fs;

use super::{change, file, place, project, roots};
use crate::domain::plan::Plan;
use crate::domain::progress::Silent;
use crate::domain::tree::{Entry, Tree};
use crate::system::apply::{Transaction, transact};
use crate::system::disk::Disk;

#[test]
fn twenty_at_once_are_all_in() {
    let project = project();
    let roots = roots(project.path());
    std::thread::scope(|scope| {
        for number in 0..20 {
            let roots = &roots;
            scope.spawn(move || {
                transact(roots, &Silent, |tree| {
                    let mut text = tree.text(&place("pyproject.toml"))?.unwrap();
                    text.push_str(&format!("tool-{number:02} = true\n"));
                    tree.put_text(place("pyproject.toml"), text)?;
                    tree.put(place(&format!("tools/{number}.cfg")), Entry::File(file("x\n")))
                })
                .unwrap();
            });
        }
    });
    let text = fs::read_to_string(project.path().join("pyproject.toml")).unwrap();
    for number in 0..20 {
        assert!(text.contains(&format!("tool-{number:02} = true\n")), "{text}");
        assert!(project.path().join(format!("tools/{number}.cfg")).exists());
    }
    assert_eq!(text.lines().count(), 22);
    assert_eq!(fs::read_dir(project.path().join(".pyenvkit/local/undo")).unwrap().count(), 10);
}

#[test]
fn a_file_that_changed_after_planning_is_noticed() {
    let project = project();
    let roots = roots(project.path());
    let disk = Disk::new(&roots).unwrap();
    let mut tree = Tree::new(&disk);
    tree.text(&place("docs/readme.md")).unwrap();
    tree.get(&place("absent.cfg")).unwrap();
    tree.put_text(place("pyproject.toml"), "new\n".to_owned()).unwrap();
    let plan = Plan::of(&tree);
    // Read only, of the same length, and not even changed by the plan.
    fs::write(project.path().join("docs/readme.md"), "odd\n").unwrap();
    let error = Transaction::begin(&roots, &Silent).unwrap().apply(&plan).unwrap_err().to_string();
    assert!(error.starts_with("README.md changed") || error.starts_with("docs/readme.md changed"), "{error}");
    fs::write(project.path().join("docs/readme.md"), "old\n").unwrap();
    fs::write(project.path().join("absent.cfg"), "here\n").unwrap();
    let error = Transaction::begin(&roots, &Silent).unwrap().apply(&plan).unwrap_err().to_string();
    assert!(error.starts_with("absent.cfg changed"), "{error}");
    fs::remove_file(project.path().join("absent.cfg")).unwrap();
    Transaction::begin(&roots, &Silent).unwrap().apply(&plan).unwrap();
    assert_eq!(fs::read_to_string(project.path().join("pyproject.toml")).unwrap(), "new\n");
}

#[test]
fn a_closure_that_fails_writes_nothing_and_frees_the_lock() {
    let project = project();
    let before = super::picture(project.path());
    let error = transact(&roots(project.path()), &Silent, |tree| {
        change(tree)?;
        anyhow::bail!("no")
    });
    let error: anyhow::Result<((), Plan)> = error;
    assert_eq!(error.unwrap_err().to_string(), "no");
    assert_eq!(super::picture(project.path()), before);
    transact(&roots(project.path()), &Silent, change).unwrap();
}
