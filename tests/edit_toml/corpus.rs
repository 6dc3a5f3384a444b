//! The laws on files: nasty small ones of our own, and those of a folder that `PYENVKIT_CORPUS` names.

use std::path::{Path, PathBuf};

use crate::laws::{check, pieces};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

fn hold(folder: &Path) {
    let files = files(folder);
    assert!(!files.is_empty(), "{} has no files", folder.display());
    let (mut inserted, mut present, mut refused, mut broken) = (0, 0, Vec::new(), Vec::new());
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for text in [text.clone(), text.replace("\r\n", "\n").replace('\n', "\r\n"), text.trim_end().to_owned()] {
            let outcome = check(&text, &pieces());
            inserted += outcome.inserted;
            present += outcome.present;
            refused.extend(outcome.refused.into_iter().map(|reason| format!("{name}: {reason}")));
            broken.extend(outcome.broken.into_iter().map(|law| format!("{name}: {law}")));
        }
    }
    println!("{} files, {inserted} insertions, {present} present, {} refused", files.len(), refused.len());
    for reason in &refused {
        println!("refused: {reason}");
    }
    assert!(
        broken.is_empty(),
        "{} broken, the first ones:\n{}",
        broken.len(),
        broken[..broken.len().min(3)].join("\n\n")
    );
}

#[test]
fn our_own_files_keep_the_laws() {
    hold(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/pyproject"));
}

#[test]
fn the_files_of_a_given_folder_keep_the_laws() {
    if let Some(folder) = std::env::var_os("PYENVKIT_CORPUS") {
        hold(Path::new(&folder));
    }
}
