//! What must hold for every file and every piece, through `reconcile` as the verbs use it.

use std::collections::BTreeMap;

use pyenvkit::domain::edit::splice::{Source, only_inserts_lines};
use pyenvkit::domain::edit::{EditError, find};
use pyenvkit::domain::piece::{Locator, Piece};
use pyenvkit::domain::reconcile::{Note, Owned, Refused, reconcile};
use pyenvkit::domain::tree::Tree;

use crate::case::Case;
use crate::files::Files;
use crate::pieces::Wish;

/// The result of holding files against the laws.
#[derive(Default)]
pub struct Outcome {
    pub edits: usize,
    /// Pieces whose place was taken.
    pub present: usize,
    /// Valid files that cannot be edited safely.
    pub refused: Vec<String>,
    /// Files that their own reader would refuse.
    pub malformed: Vec<String>,
    pub broken: Vec<String>,
    /// Edits for Python to judge.
    pub cases: Vec<Case>,
}

impl Outcome {
    fn broke(&mut self, law: &str, pieces: &[Piece], texts: &[&str]) {
        let named: Vec<String> = pieces.iter().map(|piece| format!("{:?}", piece.at)).collect();
        let texts: Vec<String> = texts.iter().map(|text| format!("{text}\n{text:?}")).collect();
        let named = format!("{law}\npieces: {}\n{}", named.join(", "), texts.join("\n--------\n"));
        self.broken.push(named);
    }
}

/// A file, and what of it is ours.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    pub text: Option<String>,
    pub owned: Owned,
    pub notes: Vec<Note>,
}

impl State {
    pub fn of_user(text: Option<&str>) -> Self {
        Self { text: text.map(str::to_owned), owned: Owned::default(), notes: Vec::new() }
    }

    /// The file with exactly these pieces of ours.
    pub fn with(&self, wanted: &[Piece]) -> Result<Self, EditError> {
        let Some(place) = wanted.iter().chain(&self.owned.pieces).map(|piece| piece.place.clone()).next() else {
            return Ok(Self { notes: Vec::new(), ..self.clone() });
        };
        let mut files = Files::default();
        files.0.extend(self.text.as_ref().map(|text| (place.clone(), text.clone().into_bytes())));
        let mut tree = Tree::new(&files);
        let outcome = match reconcile(&mut tree, &self.owned, wanted) {
            Ok(outcome) => outcome,
            Err(error) => {
                // What is no text is refused before an editor sees it.
                let no_text = |error: anyhow::Error| EditError::Unsupported { reason: error.to_string() };
                return Err(error.downcast::<Refused>().map_or_else(no_text, |refused| refused.error));
            }
        };
        Ok(Self { text: tree.text(&place).unwrap(), owned: outcome.owned, notes: outcome.notes })
    }

    /// The same where the user's hooks had the later version from the start: an entry's hooks share its `rev`, so it
    /// stays when ours goes.
    fn at_later_rev(&self, wish: &Wish) -> Self {
        let text = match (&wish.piece.at, &wish.later.at, &self.text) {
            (Locator::Hook { rev: Some(was), .. }, Locator::Hook { rev: Some(is), .. }, Some(text)) => {
                Some(text.replace(was, is))
            }
            _ => self.text.clone(),
        };
        Self { text, ..self.clone() }
    }

    fn shown(&self) -> &str {
        self.text.as_deref().unwrap_or("(no file)")
    }
}

/// Fails with how often which law is broken, and with the shortest text that breaks it.
pub fn assert_unbroken(mut broken: Vec<String>) {
    broken.sort_by_key(String::len);
    let mut laws: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for text in broken {
        let name = text.lines().next().unwrap_or_default().chars().take(60).collect();
        laws.entry(name).or_insert((0, text)).0 += 1;
    }
    let told: Vec<String> = laws.values().map(|(times, shortest)| format!("{times} times: {shortest}")).collect();
    assert!(told.is_empty(), "broken laws: {}\n\n{}", told.len(), told.join("\n\n"));
}

/// Whether an error says that an editor failed, and not that the file is of a shape that it does not edit.
fn is_ours(error: &EditError) -> bool {
    matches!(error, EditError::Unsupported { reason } if reason.contains("would") || reason.contains("overlap"))
}

/// Which pairs of pieces are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    All,
    /// Each piece with the one that follows it, in both orders.
    Neighbours,
}

/// Holds a file against all laws for these pieces: each alone, pairs of them, and all at once.
pub fn check(text: Option<&str>, wishes: &[Wish], pairs: Pairs) -> Outcome {
    let mut outcome = Outcome::default();
    let before = State::of_user(text);
    let alone: Vec<Option<State>> =
        wishes.iter().map(|wish| added(&before, std::slice::from_ref(&wish.piece), &mut outcome)).collect();
    let mut insertable = Vec::new();
    for (wish, state) in wishes.iter().zip(&alone) {
        let Some(state) = state else { continue };
        taken_away(&before, state, &mut outcome);
        later(&before, state, wish, &mut outcome);
        insertable.push(wish.piece.clone());
    }
    for (index, (a, first)) in wishes.iter().zip(&alone).enumerate() {
        for (other, (b, second)) in wishes.iter().zip(&alone).enumerate() {
            if let (Some(first), Some(second)) = (first, second)
                && index != other
                && (pairs == Pairs::All || index.abs_diff(other) == 1)
            {
                pair(&before, (a, first), (b, second), &mut outcome);
            }
        }
    }
    if insertable.len() > 1
        && let Some(all) = added(&before, &insertable, &mut outcome)
    {
        taken_away(&before, &all, &mut outcome);
        one_by_one(&before, &all, &mut outcome);
    }
    outcome
}

/// The file with these pieces; nothing where it is refused or something stands at the place.
fn added(before: &State, wanted: &[Piece], outcome: &mut Outcome) -> Option<State> {
    let made = match before.with(wanted) {
        Ok(made) => made,
        Err(error) => {
            match &error {
                EditError::Syntax { line, column, .. } => {
                    if !is_within(before.shown(), *line, *column) {
                        outcome.broke(&format!("an error names its place: {error}"), wanted, &[before.shown()]);
                    }
                    outcome.malformed.push(error.to_string());
                }
                EditError::Unsupported { .. } if is_ours(&error) => {
                    outcome.broke(&error.to_string(), wanted, &[before.shown()]);
                }
                EditError::Unsupported { .. } => outcome.refused.push(error.to_string()),
            }
            return None;
        }
    };
    if made.owned.pieces.len() < wanted.len() {
        outcome.present += 1;
        if made.owned.pieces.is_empty() && made.text != before.text {
            outcome.broke("what is present changes nothing", wanted, &[before.shown(), made.shown()]);
        }
        return None;
    }
    outcome.edits += 1;
    let text = made.text.clone().unwrap();
    let old = before.text.clone().unwrap_or_default();
    only_inserted(&old, &text, wanted, outcome);
    if !matches!(made.with(wanted), Ok(again) if again.text == made.text && again.notes.is_empty()) {
        outcome.broke("a second time changes nothing", wanted, &[&old, &text]);
    }
    match State::of_user(Some(&text)).with(wanted) {
        Ok(again) if again.text.as_ref() == Some(&text) && again.owned.pieces.is_empty() => {}
        other => {
            outcome.broke(
                &format!("without a record a second time changes nothing: {other:?}"),
                wanted,
                &[&old, &text],
            );
        }
    }
    let found = find(&text, &wanted.iter().map(|piece| &piece.at).collect::<Vec<_>>());
    if found.is_err() || found.is_ok_and(|found| found.iter().any(Option::is_none)) {
        outcome.broke("what was inserted is found", wanted, &[&old, &text]);
    }
    outcome.cases.push(Case::new(&old, &text, wanted));
    Some(made)
}

/// Whether a text has the line and, in it or right behind it, the column.
fn is_within(text: &str, line: usize, column: usize) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').split('\n');
    let line = line.checked_sub(1).and_then(|before| lines.nth(before));
    line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&column))
}

/// Nothing of the user's is changed or gone: lines of their own leave the others as they are, an item its line's parts.
fn only_inserted(old: &str, new: &str, wanted: &[Piece], outcome: &mut Outcome) {
    let is_line = |piece: &Piece| {
        !matches!(piece.at, Locator::TomlItem { .. } | Locator::IniItem { .. } | Locator::HookItem { .. })
            && !matches!(piece.at, Locator::JsonKey { .. } | Locator::JsonItem { .. })
    };
    let is_bracket = old.contains("[]") && wanted.iter().any(|piece| matches!(piece.at, Locator::Hook { .. }));
    if wanted.iter().all(is_line) && !is_bracket {
        if !only_inserts_lines(Source::new(old).text(), Source::new(new).text()) {
            outcome.broke("only whole lines are inserted", wanted, &[old, new]);
        }
        return;
    }
    let old_kept = if is_bracket { old.replace(" []", "") } else { old.to_owned() };
    let mut rest = new.chars();
    if !old_kept.chars().all(|c| rest.any(|other| other == c)) {
        outcome.broke("nothing is changed or gone", wanted, &[old, new]);
    }
}

fn taken_away(before: &State, with: &State, outcome: &mut Outcome) {
    match with.with(&[]) {
        Ok(back) if back.text == before.text && back.owned == Owned::default() && back.notes.is_empty() => {}
        Ok(back) => outcome.broke(
            &format!("adding and taking away is nothing: {:?} {:?}", back.notes, back.owned),
            &with.owned.pieces,
            &[before.shown(), with.shown(), back.shown()],
        ),
        Err(error) => {
            outcome.broke(&format!("cannot take away: {error}"), &with.owned.pieces, &[before.shown(), with.shown()]);
        }
    }
}

/// A later text takes the place of the former, and gives it back, and goes like it.
fn later(before: &State, with: &State, wish: &Wish, outcome: &mut Outcome) {
    let both = [wish.piece.clone(), wish.later.clone()];
    let newer = match with.with(&both[1..]) {
        Ok(newer) => newer,
        Err(error) => return outcome.broke(&format!("cannot replace: {error}"), &both, &[with.shown()]),
    };
    outcome.edits += 1;
    if !newer.notes.is_empty() || newer.owned.pieces != both[1..] {
        outcome.broke(&format!("our own text is replaced: {:?}", newer.notes), &both, &[with.shown(), newer.shown()]);
    }
    let standing = find(newer.text.as_deref().unwrap_or_default(), &[&wish.later.at]);
    let standing = standing.ok().and_then(|mut found| found.pop()).flatten().unwrap_or_default();
    let bare = |text: &str| -> String {
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        lines.flat_map(str::split_whitespace).collect::<String>().replace('\'', "\"")
    };
    if bare(&standing) != bare(&wish.later.text) {
        outcome.broke(&format!("the later text stands there: {standing:?}"), &both, &[with.shown(), newer.shown()]);
    }
    let (then, now) = (before.at_later_rev(wish), newer.at_later_rev(wish));
    if let Some(text) = &now.text {
        outcome.cases.push(Case::new(then.text.as_deref().unwrap_or_default(), text, &both[1..]));
    }
    taken_away(&then, &now, outcome);
    match newer.with(&both[..1]) {
        Ok(back) if back.text == with.text => {}
        other => outcome.broke(
            &format!("the former text comes back: {:?}", other.as_ref().map(State::shown)),
            &both,
            &[before.shown(), with.shown(), newer.shown()],
        ),
    }
}

/// Adding A, then B, then taking A away is adding B.
fn pair(before: &State, (a, first): (&Wish, &State), (b, second): (&Wish, &State), outcome: &mut Outcome) {
    let pieces = [a.piece.clone(), b.piece.clone()];
    let both = match first.with(&pieces) {
        Ok(both) => both,
        Err(error) => return outcome.broke(&format!("cannot add the second: {error}"), &pieces, &[first.shown()]),
    };
    outcome.edits += 1;
    let a_wrote_lines = first.shown().lines().count() > before.shown().lines().count();
    match both.with(&pieces[1..]) {
        Ok(left) if left.text == second.text || b.differs_in_indentation(a_wrote_lines, &left, second) => {
            taken_away(before, &left, outcome);
        }
        Ok(left) => outcome.broke(
            "adding A, then B, then taking A away is adding B",
            &pieces,
            &[before.shown(), first.shown(), both.shown(), left.shown(), second.shown()],
        ),
        Err(error) => outcome.broke(&format!("cannot take the first away: {error}"), &pieces, &[both.shown()]),
    }
}

impl Wish {
    /// JSON of several lines in one line behind such a value is indented as the last line of that: where A wrote that line,
    /// and only there.
    fn differs_in_indentation(&self, a_wrote_lines: bool, one: &State, other: &State) -> bool {
        let is_json = matches!(self.piece.at, Locator::JsonKey { .. } | Locator::JsonItem { .. });
        let words = |state: &State| state.shown().lines().map(|line| line.trim_start().to_owned()).collect::<Vec<_>>();
        a_wrote_lines && is_json && words(one) == words(other)
    }
}

/// All pieces go one after the other, in the order in which they came and in the other one.
fn one_by_one(before: &State, all: &State, outcome: &mut Outcome) {
    let mut reversed = all.owned.pieces.clone();
    reversed.reverse();
    for order in [all.owned.pieces.clone(), reversed] {
        let mut state = all.clone();
        for gone in 1..=order.len() {
            match state.with(&order[gone..]) {
                Ok(left) => state = left,
                Err(error) => {
                    outcome.broke(&format!("cannot take one away: {error}"), &order[gone - 1..gone], &[state.shown()]);
                    break;
                }
            }
        }
        if state.text != before.text {
            outcome.broke("taking away one by one is nothing", &order, &[before.shown(), all.shown(), state.shown()]);
        }
    }
}
