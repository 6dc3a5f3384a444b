//! Rebuilds when a template is added: an embedded folder does not notice new files by itself.
#![allow(clippy::disallowed_macros, reason = "a build script speaks to cargo by printing")]

fn main() {
    println!("cargo::rerun-if-changed=templates");
}
