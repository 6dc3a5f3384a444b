//! The Pythons that Windows knows of: those of the registry (PEP 514), where the `py` launcher looks too; it is not started.

use std::path::PathBuf;

use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};

use super::Candidate;
use crate::domain::facts::Origin;

/// The registered ones. PEP 514: `Software\Python\<company>\<tag>\InstallPath`, whose value `ExecutablePath` is newer than
/// its default value, the folder. 32-bit installations on a 64-bit Windows are under `WOW6432Node`.
pub(super) fn registered(found: &mut Vec<Candidate>) {
    for root in [CURRENT_USER, LOCAL_MACHINE] {
        for path in [r"Software\Python", r"Software\WOW6432Node\Python"] {
            let Ok(companies) = root.open(path) else { continue };
            for company in children(&companies) {
                found.extend(children(&company).iter().filter_map(executable));
            }
        }
    }
}

fn children(key: &Key) -> Vec<Key> {
    let names: Vec<String> = key.keys().map(Iterator::collect).unwrap_or_default();
    // The launcher itself is registered as a company without versions.
    names.iter().filter(|name| *name != "PyLauncher").filter_map(|name| key.open(name).ok()).collect()
}

fn executable(tag: &Key) -> Option<Candidate> {
    let install = tag.open("InstallPath").ok()?;
    let path = install
        .get_string("ExecutablePath")
        .map(PathBuf::from)
        .or_else(|_| install.get_string("").map(|folder| PathBuf::from(folder).join("python.exe")))
        .ok()?;
    Some(Candidate { path, origin: Origin::Registry })
}
