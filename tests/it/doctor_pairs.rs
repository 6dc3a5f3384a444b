//! The faults that hurt most, two at a time: both are named, once each, and what follows from one of them stands below it.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;

use crate::common::faults::Said;
use crate::common::injected::{FAULTS, Fault, folder, inject};
use crate::common::world::{finish, link};
use crate::common::{World, shared};

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

/// Faults of the machine. What makes an environment cannot be changed once it is broken, and what has none cannot be broken:
/// the first is injected before the others, the second after them.
const OF_MACHINE: &[(Fault, Turn)] = &[
    (Fault { name: "no ensurepip", ids: &["INT05"], words: &["ensurepip"], inject: without_ensurepip }, Turn::First),
    (Fault { name: "conda's base", ids: &["INT10"], words: &["conda"], inject: condas_base }, Turn::First),
    (
        Fault {
            name: "the system's Python alone",
            ids: &["VEN01", "INT06"],
            words: &["externally", "pep 668"],
            inject: systems_python_alone,
        },
        Turn::Last,
    ),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    First,
    Last,
}

/// As [`HIDDEN`]; without an environment, nothing is wrong in it.
const HIDDEN_OF_MACHINE: &[(&str, &str)] = &[
    ("a new environment", "no ensurepip"),
    ("a stale lock", "no ensurepip"),
    ("Python gone", "no ensurepip"),
    ("another minor version", "no ensurepip"),
    ("another environment active", "conda's base"),
    ("the system's Python alone", "a new environment"),
    ("the system's Python alone", "the project not installed"),
    ("the system's Python alone", "no pip"),
    ("the system's Python alone", "a package twice"),
    ("the system's Python alone", "the environment moved"),
    ("the system's Python alone", "the environment copied"),
    ("the system's Python alone", "Python gone"),
    ("the system's Python alone", "another minor version"),
    ("the system's Python alone", "no ensurepip"),
    ("the system's Python alone", "another environment active"),
];

#[test]
#[ignore = "full: fifty pairs"]
fn faults_of_the_machine_are_named_beside_the_others() {
    let mut wrong = Vec::new();
    for (index, (one, turn)) in OF_MACHINE.iter().enumerate() {
        let others = FAULTS.iter().chain(OF_MACHINE[index + 1..].iter().map(|(other, _)| other));
        let pairs = others.map(|other| if *turn == Turn::First { vec![one, other] } else { vec![other, one] });
        for pair in std::iter::once(vec![one]).chain(pairs) {
            // What they set belongs to a world of its own.
            if let Err(what) = judge(&mut World::with_uv(), &pair) {
                let names: Vec<&str> = pair.iter().map(|fault| fault.name).collect();
                wrong.push(format!("{}: {what}", names.join(" and ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} pairs:\n{}", wrong.len(), wrong.join("\n"));
}

/// Another installation of Python, which has made the project's environment.
fn without_ensurepip(world: &mut World) {
    fs::remove_file(world.installation().join("ensurepip")).unwrap();
    let environment = folder(world).join(".venv");
    let python = format!("python{}", shared::python_minor());
    for name in ["python", "python3", &python] {
        let path = environment.join("bin").join(name);
        if path.read_link().is_ok_and(|target| target.is_absolute()) {
            link(&world.opt().join(&python), &path);
        }
    }
    let config = fs::read_to_string(environment.join("pyvenv.cfg")).unwrap();
    let lines = config.lines().filter(|line| !line.starts_with("uv ")).map(|line| format!("{line}\n"));
    fs::write(environment.join("pyvenv.cfg"), lines.collect::<String>()).unwrap();
}

fn condas_base(world: &mut World) {
    world.set("CONDA_PREFIX", "/opt/conda").set("CONDA_DEFAULT_ENV", "base");
}

fn systems_python_alone(world: &mut World) {
    let library = world.opt().with_file_name("lib").join(format!("python{}", shared::python_minor()));
    if !library.exists() {
        world.installation();
    }
    fs::write(library.join("EXTERNALLY-MANAGED"), "[externally-managed]\n").unwrap();
    world.prepend_path(world.opt());
    fs::remove_dir_all(folder(world).join(".venv")).unwrap();
}

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
    let hidden = || HIDDEN.iter().map(|(by, what, _)| (*by, *what)).chain(HIDDEN_OF_MACHINE.iter().copied());
    let hides = |name: &str| faults.iter().any(|by| hidden().any(|pair| pair == (by.name, name)));
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
