//! Puts `templates/` into the form in which it is embedded, manifests as JSON, which is read much faster than TOML, and
//! says how the program is linked.
//!
//! People write and review TOML, which stays the one source; a user's own manifests are read as they are.
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a build script prints for cargo and writes for the compiler"
)]

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    stand_still();
    // An embedded folder does not notice new files by itself.
    println!("cargo::rerun-if-changed=templates");
    let out = Path::new(&env::var("OUT_DIR")?).join("templates");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    embed(Path::new("templates"), &out)
}

/// Links the program to a fixed address: the tables in it hold twenty thousand pointers, which need no correction at each
/// start then.
fn stand_still() {
    let is = |key: &str, value: &str| env::var(format!("CARGO_CFG_TARGET_{key}")).is_ok_and(|found| found == value);
    if is("OS", "linux") && is("ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

fn embed(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            embed(&from, &to)?;
        } else if is_manifest(&from) {
            let manifest: toml::Table =
                fs::read_to_string(&from)?.parse().map_err(|error| format!("{}: {error}", from.display()))?;
            fs::write(to.with_extension("json"), serde_json::to_vec(&manifest)?)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

/// Whether it is ours to read; what lies below `files` goes into projects.
fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "toml") && path.iter().all(|folder| folder != "files")
}
