//! The laws on generated files: a sample of each format, and 10,000 in the full run.

mod ini;
mod json;
mod lines;
mod toml;
mod yaml;

use std::time::{Duration, Instant};

use proptest::prelude::any;
use proptest::sample::{Index, select, subsequence};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;

use crate::files::Kind;
use crate::judge::verdicts;
use crate::laws::{Pairs, assert_unbroken, check};
use crate::pieces::{self, Wish};

/// How many of each format the full run tries.
const MANY: usize = 10_000;

/// How many valid files are judged at once; their edits are kept in memory until then.
const BATCH: usize = 500;

/// How many pieces are tried in a file, each with its neighbours.
const PIECES: usize = 3;

/// More than all edits of a file may take, in a build that is not optimised, on a machine that has other work.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a reader may take for the end of a line or of the text, for a blank, for a mark, or for nothing at all.
const ODD: &[&str] = &[
    "\0",
    "\t",
    "\r",
    "\r\r\n",
    "\u{b}",
    "\u{c}",
    "\u{1a}",
    "\u{1c}",
    "\u{1e}",
    "\u{1f}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{200f}",
    "\u{2028}",
    "\u{2029}",
    "\u{3000}",
    "\u{feff}",
    "\u{fffd}",
    "\u{1f600}",
    "e\u{301}",
];

/// What is done to one place of a text, few times to none.
#[derive(Debug, Clone)]
enum Odd {
    /// These characters are put there.
    Put(&'static str),
    /// The character that stands there is repeated: a long line, or a deep one.
    Repeat(usize),
}

impl Odd {
    fn any() -> impl Strategy<Value = Option<Self>> {
        proptest::prop_oneof![
            16 => proptest::strategy::Just(None),
            7 => select(ODD).prop_map(|odd| Some(Self::Put(odd))),
            1 => select(vec![100, 4_000]).prop_map(|times| Some(Self::Repeat(times))),
        ]
    }

    fn apply(&self, text: &str, place: Index) -> String {
        let (at, here) = match text.chars().count() {
            0 => (0, ' '),
            count => text.char_indices().nth(place.index(count)).unwrap_or_default(),
        };
        let put = match self {
            Self::Put(odd) => (*odd).to_owned(),
            Self::Repeat(times) => here.to_string().repeat(*times),
        };
        format!("{}{put}{}", &text[..at], &text[at..])
    }
}

/// Texts with line endings of both kinds, with and without a byte order mark and a last line ending, some with something
/// odd in them.
fn in_any_form(texts: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let endings = select(vec!["\n", "\n", "\n", "\r\n", "both"]);
    let odd = (Odd::any(), any::<Index>());
    (texts, endings, any::<bool>(), any::<bool>(), odd).prop_map(|(text, ending, bom, cropped, (odd, place))| {
        let text = text.replace("\r\n", "\n");
        let text = if cropped { text.trim_end_matches('\n') } else { &text };
        let mut other = false;
        let lines = text.split_inclusive('\n').map(|line| {
            other = !other;
            let crlf = ending == "\r\n" || ending == "both" && other;
            if crlf { line.replace('\n', "\r\n") } else { line.to_owned() }
        });
        let text: String = lines.collect();
        let text = odd.map_or_else(|| text.clone(), |odd| odd.apply(&text, place));
        format!("{}{text}", if bom { "\u{feff}" } else { "" })
    })
}

/// Holds `count` valid texts of a kind against the laws, with some of its pieces each.
fn hold(kind: Kind, texts: impl Strategy<Value = String>, count: usize) {
    let mut runner = TestRunner::deterministic();
    let chosen = subsequence(pieces::of(kind), PIECES);
    let mut broken = Vec::new();
    let (mut valid, mut tried, mut edits, mut refused, mut judged, mut unread) = (0, 0, 0, 0, 0, 0);
    while valid < count {
        let mut cases = Vec::new();
        for _ in 0..BATCH.min(count - valid) {
            tried += 1;
            assert!(tried < count * 30, "most of what is generated is not valid");
            let text = texts.new_tree(&mut runner).unwrap().current();
            let wishes: Vec<Wish> = chosen.new_tree(&mut runner).unwrap().current();
            let start = Instant::now();
            let outcome = check(Some(&text), &wishes, Pairs::Neighbours);
            if start.elapsed() > PATIENCE {
                broken.push(format!("it takes too long: {text:?}"));
            }
            broken.extend(outcome.broken);
            cases.extend(outcome.cases);
            if outcome.malformed.is_empty() {
                valid += 1;
                edits += outcome.edits;
                refused += outcome.refused.len();
            }
        }
        judged += cases.len();
        let (against, silent) = verdicts(&cases);
        broken.extend(against);
        unread += silent;
    }
    println!("{kind:?}: {valid} of {tried} valid, {edits} edits, {refused} refused; {judged} judged, {unread} unread");
    assert_unbroken(broken);
    assert!(edits > valid, "most of what is generated is not edited");
}
