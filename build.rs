//! Rebuilds when a template is added: an embedded folder does not notice new files by itself.

fn main() {
    println!("cargo::rerun-if-changed=templates");
}
