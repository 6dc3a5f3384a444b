//! The laws on files: nasty small ones of our own, and those of a folder that `PYENVKIT_CORPUS` names (`just corpus`).

use std::collections::BTreeMap;
use std::path::Path;

use crate::case::Case;
use crate::files::{Kind, below, forms, given, our_own};
use crate::judge::verdicts;
use crate::laws::{Outcome, Pairs, assert_unbroken, check};
use crate::pieces;

/// How many edits are judged at once; they are kept in memory until then.
const BATCH: usize = 5_000;

/// What came of the files of a kind.
#[derive(Default)]
struct Row {
    files: usize,
    edits: usize,
    present: usize,
    refused: usize,
    broken: usize,
}

/// What came of all files.
#[derive(Default)]
pub struct Table {
    rows: BTreeMap<String, Row>,
    /// How often each reason was given, and for which file first.
    reasons: BTreeMap<String, (usize, String)>,
    broken: Vec<String>,
    judged: usize,
    unread: usize,
}

impl Table {
    /// Adds what came of a file; the edits of its cases are to be judged.
    pub fn add(&mut self, kind: &str, name: &str, outcomes: Vec<Outcome>) -> Vec<Case> {
        let row = self.rows.entry(kind.to_owned()).or_default();
        let mut cases = Vec::new();
        row.files += 1;
        for outcome in outcomes {
            row.edits += outcome.edits;
            row.present += outcome.present;
            row.refused += outcome.refused.len() + outcome.malformed.len();
            row.broken += outcome.broken.len();
            for reason in outcome.refused.into_iter().chain(outcome.malformed) {
                self.reasons.entry(reason).or_insert((0, name.to_owned())).0 += 1;
            }
            self.broken.extend(outcome.broken.into_iter().map(|law| format!("{law}\nin {name}")));
            cases.extend(outcome.cases);
        }
        cases
    }

    pub fn judge(&mut self, cases: &mut Vec<Case>) {
        let (against, unread) = verdicts(cases);
        self.broken.extend(against);
        self.unread += unread;
        self.judged += cases.len();
        cases.clear();
    }

    /// Prints it, and fails where a law is broken.
    pub fn conclude(self) {
        println!("{:<14} {:>6} {:>8} {:>8} {:>8} {:>12}", "", "files", "edits", "present", "refused", "broken laws");
        for (kind, Row { files, edits, present, refused, broken }) in &self.rows {
            println!("{kind:<14} {files:>6} {edits:>8} {present:>8} {refused:>8} {broken:>12}");
        }
        for (reason, (times, name)) in &self.reasons {
            println!("refused {times} times, first in {name}: {reason}");
        }
        println!("{} edits judged by Python, {} of them in files that it does not read", self.judged, self.unread);
        assert_unbroken(self.broken);
    }
}

/// Holds every file below a folder, in all its forms, against the laws.
fn hold(folder: &Path, pairs: Pairs) {
    let (mut table, mut cases) = (Table::default(), Vec::new());
    let mut wishes: BTreeMap<Kind, _> = BTreeMap::new();
    for sample in below(folder) {
        let wishes = wishes.entry(sample.kind).or_insert_with(|| pieces::of(sample.kind));
        let outcomes = forms(&sample.text).iter().map(|text| check(Some(text), wishes, pairs)).collect();
        cases.extend(table.add(&format!("{:?}", sample.kind), &sample.name, outcomes));
        if cases.len() > BATCH {
            table.judge(&mut cases);
        }
    }
    table.judge(&mut cases);
    table.conclude();
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
