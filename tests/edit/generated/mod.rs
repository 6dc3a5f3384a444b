//! The laws on generated files. `PYENVKIT_CASES` sets how many of each format.

mod toml;

use pyenvkit::domain::edit::{EditError, find};

use crate::files::Kind;
use crate::judge::verdicts;
use crate::laws::{assert_unbroken, check};
use crate::pieces::{self, Wish};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;

/// Holds generated texts of a kind against the laws, with some of its pieces each.
fn hold(kind: Kind, texts: impl Strategy<Value = String>) {
    hold_many(kind, texts, cases());
}

fn cases() -> usize {
    std::env::var("PYENVKIT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

fn hold_many(kind: Kind, texts: impl Strategy<Value = String>, count: usize) {
    let mut runner = TestRunner::deterministic();
    let all = pieces::of(kind);
    let chosen = proptest::sample::subsequence(all, 4);
    let (mut broken, mut judged) = (Vec::new(), Vec::new());
    let (mut valid, mut edits, mut tried) = (0, 0, 0);
    while valid < count {
        tried += 1;
        assert!(tried < count * 50, "most of what is generated is not valid");
        let text = texts.new_tree(&mut runner).unwrap().current();
        let wishes: Vec<Wish> = chosen.new_tree(&mut runner).unwrap().current();
        if matches!(find(&text, &[&wishes[0].piece.at]), Err(EditError::Syntax { .. })) {
            continue;
        }
        valid += 1;
        let outcome = check(Some(&text), &wishes);
        edits += outcome.edits;
        broken.extend(outcome.broken);
        judged.extend(outcome.cases);
    }
    let (against, silent) = verdicts(&judged);
    println!("{kind:?}: {valid} of {tried} valid, {edits} edits, {} judged, {silent} of them unreadable", judged.len());
    assert!(edits > valid, "most of what is generated is not edited");
    broken.extend(against);
    assert_unbroken(broken);
}
