//! The faults that hurt most, two at a time: both are named, once each, and what follows from one of them stands below it.
#![cfg(unix)]

use std::collections::BTreeSet;

use crate::common::World;
use crate::common::faults::Said;
use crate::common::injected::{FAULTS, Fault, folder, inject};
use crate::common::world::finish;

/// Pairs of which the one leaves nothing of the other to be seen, and why.
const HIDDEN: &[(&str, &str, &str)] = &[
    ("hooks elsewhere", "the hook missing", "git looks for no hook where it is missing"),
    ("hooks elsewhere", "a new environment", "git does not run the hook that names the Python"),
    ("the hook missing", "a new environment", "there is no hook that could name a Python"),
    ("the environment copied", "the environment moved", "it is in one place only"),
    ("the environment moved", "the environment copied", "it is in one place only"),
    ("a stale lock", "no pip", "an environment that uv looks after needs none"),
    ("Python gone", "no pip", "the environment that is made anew has one"),
    ("Python gone", "another minor version", "what is gone has no version"),
    ("another minor version", "Python gone", "it is there again"),
];

#[test]
#[ignore = "full: more than a hundred pairs"]
fn two_faults_are_named_once_each() {
    let mut world = World::with_uv();
    let mut wrong = Vec::new();
    for (index, one) in FAULTS.iter().enumerate() {
        for other in &FAULTS[index + 1..] {
            if let Err(what) = judge(&mut world, &[one, other]) {
                wrong.push(format!("{} and {}: {what}", one.name, other.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} pairs:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_of_the_common_faults_is_named_once() {
    let mut world = World::with_uv();
    for fault in FAULTS {
        judge(&mut world, &[fault]).unwrap_or_else(|what| panic!("{}: {what}", fault.name));
    }
}

/// Inject the faults into one healthy project and look at it as a whole.
fn judge(world: &mut World, faults: &[&Fault]) -> Result<(), String> {
    inject(world, faults);
    let mut command = world.pyenvkit(["doctor", "--context", "developer", "--format", "json"]);
    command.current_dir(folder(world));
    let said = Said::read(finish(command)).no_crash();
    let named: Vec<String> = said.findings().into_iter().map(|(id, _)| id).collect();
    let hides =
        |name: &str| faults.iter().any(|by| HIDDEN.iter().any(|(one, other, _)| (*one, *other) == (by.name, name)));
    let wanted: BTreeSet<&str> = faults.iter().flat_map(|fault| fault.ids).copied().collect();
    for id in faults.iter().filter(|fault| !hides(fault.name)).flat_map(|fault| fault.ids) {
        let of_one = faults.iter().map(|fault| fault.ids.iter().filter(|it| *it == id).count()).max();
        let times = named.iter().filter(|it| it == id).count();
        if Some(times) != of_one {
            return Err(format!("{id} is told {times} times: {named:?}"));
        }
    }
    let spare: Vec<String> = said.roots().into_iter().filter(|id| !wanted.contains(id.as_str())).collect();
    if spare.is_empty() { Ok(()) } else { Err(format!("{spare:?} stand for themselves: {named:?}")) }
}
