//! The laws on files: nasty small ones of our own, and those of a folder that `PYENVKIT_CORPUS` names.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use crate::files::{below, forms, given, our_own};
use crate::judge::verdicts;
use crate::laws::{Outcome, Pairs, assert_unbroken, check};
use crate::pieces;

/// Holds every file below a folder, in all its forms, against the laws.
fn hold(folder: &Path, pairs: Pairs) {
    let mut counts = BTreeMap::new();
    let (mut broken, mut cases) = (Vec::new(), Vec::new());
    for sample in below(folder) {
        let wishes = pieces::of(sample.kind);
        let (files, edits, present, refused) = counts.entry(sample.kind).or_insert((0, 0, 0, 0));
        *files += 1;
        let start = Instant::now();
        let mut reasons = BTreeMap::new();
        for text in forms(&sample.text) {
            let outcome: Outcome = check(Some(&text), &wishes, pairs);
            *edits += outcome.edits;
            *present += outcome.present;
            *refused += outcome.refused.len();
            for reason in outcome.refused.into_iter().chain(outcome.malformed) {
                *reasons.entry(reason).or_insert(0) += 1;
            }
            broken.extend(outcome.broken.into_iter().map(|law| format!("{law}\nin {}", sample.name)));
            cases.extend(outcome.cases);
        }
        for (reason, times) in reasons {
            println!("refused {times} times: {}: {reason}", sample.name);
        }
        let slow = start.elapsed().as_secs();
        if slow > 10 {
            println!("{}: {slow} s", sample.name);
        }
    }
    for (kind, (files, edits, present, refused)) in counts {
        println!("{kind:?}: {files} files, {edits} edits, {present} present, {refused} refused");
    }
    let (against, silent) = verdicts(&cases);
    println!("{} judged, {silent} of them files that Python does not read", cases.len());
    broken.extend(against);
    assert_unbroken(broken);
}

#[test]
fn our_own_files_keep_the_laws() {
    hold(&our_own(), Pairs::Neighbours);
}

#[test]
#[ignore = "full: all pairs of pieces in all files"]
fn our_own_files_keep_the_laws_for_all_pairs() {
    hold(&our_own(), Pairs::All);
}

#[test]
fn the_files_of_a_given_folder_keep_the_laws() {
    if let Some(folder) = given() {
        hold(&folder, Pairs::All);
    }
}
