//! The laws on generated files: a sample of each format, and 10,000 in the full run.

mod ini;
mod json;
mod lines;
mod toml;
mod yaml;

use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use pyenvkit::domain::edit::{EditError, find};

use crate::files::Kind;
use crate::judge::verdicts;
use crate::laws::{Pairs, assert_unbroken, check};
use crate::pieces::{self, Wish};

/// How many of each format the full run tries.
const MANY: usize = 10_000;

/// How many valid files are judged at once; their edits are kept in memory until then.
const BATCH: usize = 500;

/// Texts with line endings of both kinds, with and without a byte order mark and a last line ending.
fn in_any_form(texts: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let endings = proptest::sample::select(vec!["\n", "\n", "\n", "\r\n", "both"]);
    (texts, endings, any::<bool>(), any::<bool>()).prop_map(|(text, ending, bom, cropped)| {
        let text = text.replace("\r\n", "\n");
        let text = if cropped { text.trim_end_matches('\n') } else { &text };
        let mut odd = false;
        let lines = text.split_inclusive('\n').map(|line| {
            odd = !odd;
            let crlf = ending == "\r\n" || ending == "both" && odd;
            if crlf { line.replace('\n', "\r\n") } else { line.to_owned() }
        });
        format!("{}{}", if bom { "\u{feff}" } else { "" }, lines.collect::<String>())
    })
}

/// Holds `count` valid texts of a kind against the laws, with some of its pieces each.
fn hold(kind: Kind, texts: impl Strategy<Value = String>, count: usize) {
    let mut runner = TestRunner::deterministic();
    let chosen = proptest::sample::subsequence(pieces::of(kind), 4);
    let mut broken = Vec::new();
    let (mut valid, mut tried, mut edits, mut judged, mut unread) = (0, 0, 0, 0, 0);
    while valid < count {
        let mut cases = Vec::new();
        for _ in 0..BATCH.min(count - valid) {
            tried += 1;
            assert!(tried < count * 30, "most of what is generated is not valid");
            let text = texts.new_tree(&mut runner).unwrap().current();
            let wishes: Vec<Wish> = chosen.new_tree(&mut runner).unwrap().current();
            if matches!(find(&text, &[&wishes[0].piece.at]), Err(EditError::Syntax { .. })) {
                continue;
            }
            valid += 1;
            let outcome = check(Some(&text), &wishes, Pairs::All);
            edits += outcome.edits;
            broken.extend(outcome.broken);
            cases.extend(outcome.cases);
        }
        let (against, silent) = verdicts(&cases);
        broken.extend(against);
        judged += cases.len();
        unread += silent;
    }
    println!(
        "{kind:?}: {valid} of {tried} valid, {edits} edits; {judged} judged, of {unread} Python reads no original"
    );
    assert_unbroken(broken);
    assert!(edits > valid, "most of what is generated is not edited");
}
