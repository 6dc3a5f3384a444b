//! What must hold for every file and every piece.

use pyenvkit::domain::edit::splice::{Source, only_inserts_lines};
use pyenvkit::domain::edit::{EditError, Inserted, cut, find, insert};
use pyenvkit::domain::piece::{Glue, Item, Locator, Piece};
use pyenvkit::domain::tree::Place;

pub fn key(table: &[&str], key: &str, text: &str) -> Piece {
    let table = table.iter().map(|part| (*part).to_owned()).collect();
    piece(Locator::TomlKey { table, key: key.to_owned() }, text)
}

pub fn requirement(table: &[&str], key: &str, name: &str, text: &str) -> Piece {
    let table = table.iter().map(|part| (*part).to_owned()).collect();
    piece(Locator::TomlItem { table, key: key.to_owned(), item: Item::Requirement(name.to_owned()) }, text)
}

fn value(table: &[&str], key: &str, text: &str) -> Piece {
    let table = table.iter().map(|part| (*part).to_owned()).collect();
    piece(Locator::TomlItem { table, key: key.to_owned(), item: Item::Value(text.to_owned()) }, text)
}

fn piece(at: Locator, text: &str) -> Piece {
    Piece {
        place: Place::project("pyproject.toml").unwrap(),
        at,
        text: text.to_owned(),
        owners: ["test".to_owned()].into(),
    }
}

/// Pieces as tools want them.
pub fn pieces() -> Vec<Piece> {
    let groups = &["dependency-groups"][..];
    let extras = &["project", "optional-dependencies"][..];
    vec![
        key(&["tool", "black"], "line-length", "line-length = 97"),
        key(
            &["tool", "black"],
            "target-version",
            "# agreed\ntarget-version = [\n    \"py311\",\n    \"py312\",\n]  # both\n",
        ),
        key(&["tool", "ruff"], "extend-exclude", "extend-exclude = [\"gen\"]"),
        key(&["tool", "ruff", "lint"], "select", "select = [\"E\", \"F\"]"),
        value(&["tool", "ruff", "lint"], "extend-select", "\"PYI\""),
        key(&["tool", "pytest", "ini_options"], "addopts", "addopts = \"-ra\""),
        key(&["tool", "coverage", "run"], "branch", "branch = true"),
        key(&["tool", "coverage", "report"], "exclude_also", "exclude_also = ['''\na\n  b''']"),
        key(&["tool", "x y", "\"q\""], "a.b", "\"a.b\" = {c = 1}"),
        requirement(groups, "dev", "black", "\"black==26.10.1\""),
        requirement(groups, "dev", "pytest", "\"pytest>=9\""),
        value(groups, "dev", "{ include-group = \"lint\" }"),
        requirement(groups, "lint", "zz-last", "\"zz_last\""),
        requirement(extras, "dev", "aaa", "\"aaa>=1; python_version < '3.12'\""),
        requirement(extras, "dev", "mypy", "\"mypy\""),
        requirement(&["project"], "dependencies", "click", "\"click>=8\""),
        requirement(&["build-system"], "requires", "setuptools", "\"setuptools>=80\""),
    ]
}

/// The result of holding a file against the laws: how many insertions were made, and what failed.
#[derive(Default, Debug)]
pub struct Outcome {
    pub inserted: usize,
    pub present: usize,
    pub refused: Vec<String>,
    pub broken: Vec<String>,
}

impl Outcome {
    fn broke(&mut self, law: &str, pieces: &[&Piece], texts: &[&str]) {
        let named: Vec<String> = pieces.iter().map(|piece| format!("{:?}", piece.at)).collect();
        self.broken.push(format!("{law}\npieces: {named:?}\n{}", texts.join("\n--------\n")));
    }
}

/// Holds a file against all laws for these pieces, for all pairs of them and for all of them at once.
pub fn check(text: &str, pieces: &[Piece]) -> Outcome {
    let mut outcome = Outcome::default();
    let mut alone = Vec::new();
    for piece in pieces {
        alone.push(check_one(text, &[piece], &mut outcome));
    }
    for (a, first) in pieces.iter().zip(&alone) {
        for (b, second) in pieces.iter().zip(&alone) {
            if let (Some(first), Some(second)) = (first, second)
                && a.at != b.at
            {
                check_pair((a, first), (b, second), &mut outcome);
            }
        }
    }
    let insertable: Vec<&Piece> =
        pieces.iter().zip(&alone).filter(|(_, made)| made.is_some()).map(|(p, _)| p).collect();
    check_one(text, &insertable, &mut outcome);
    outcome
}

/// What inserting makes of the file, where it inserts.
fn check_one(text: &str, pieces: &[&Piece], outcome: &mut Outcome) -> Option<Inserted> {
    let made = match insert(Some(text), pieces) {
        Ok(made) => made,
        Err(EditError::Unsupported { reason }) => {
            let internal = ["would", "overlap"].iter().any(|word| reason.contains(word));
            if internal {
                outcome.broke(&reason, pieces, &[text]);
            } else {
                outcome.refused.push(format!("{:?}: {reason}", pieces[0].at));
            }
            return None;
        }
        Err(error) => {
            outcome.broke(&error.to_string(), pieces, &[text]);
            return None;
        }
    };
    if made.present.len() == pieces.len() {
        outcome.present += 1;
        if made.text != text {
            outcome.broke("what is present changes nothing", pieces, &[text, &made.text]);
        }
        return None;
    }
    outcome.inserted += 1;
    let only_keys = pieces.iter().all(|piece| matches!(piece.at, Locator::TomlKey { .. }));
    let (before, after) = (Source::new(text), Source::new(&made.text));
    if only_keys && !only_inserts_lines(before.text(), after.text()) {
        outcome.broke("inserting keys inserts lines", pieces, &[text, &made.text]);
    }
    match insert(Some(&made.text), pieces) {
        Ok(again) if again.text == made.text && again.present.len() == pieces.len() => {}
        other => outcome.broke(&format!("a second insertion changes nothing: {other:?}"), pieces, &[text, &made.text]),
    }
    let added: Vec<&Piece> = without_present(pieces, &made);
    match cut(&made.text, &added, &made.glue) {
        Ok(back) if back.text.as_deref() == Some(text) && back.edited.is_empty() && back.glue.is_empty() => {}
        Ok(back) => outcome.broke(
            &format!("inserting and cutting is nothing: {:?} {:?}", back.edited, back.glue),
            &added,
            &[text, &made.text, &back.text.unwrap_or_default()],
        ),
        Err(error) => outcome.broke(&format!("cannot cut: {error}"), &added, &[text, &made.text]),
    }
    let found = find(&made.text, &added.iter().map(|piece| &piece.at).collect::<Vec<_>>());
    if found.is_err() || found.is_ok_and(|found| found.iter().any(Option::is_none)) {
        outcome.broke("what was inserted is found", pieces, &[text, &made.text]);
    }
    Some(made)
}

fn without_present<'p>(pieces: &[&'p Piece], made: &Inserted) -> Vec<&'p Piece> {
    let is_new = |index: &usize| made.present.iter().all(|(other, _)| other != index);
    (0..pieces.len()).filter(is_new).map(|index| pieces[index]).collect()
}

/// Inserting A, then B, then cutting A is inserting B.
fn check_pair((a, first): (&Piece, &Inserted), (b, second): (&Piece, &Inserted), outcome: &mut Outcome) {
    let both = match insert(Some(&first.text), &[b]) {
        Ok(both) => both,
        Err(error) => return outcome.broke(&format!("cannot insert the second: {error}"), &[a, b], &[&first.text]),
    };
    // The piece that stays may need the line ending too.
    let stays = |one: &&Glue| **one != Glue::LastNewline || !second.glue.contains(*one);
    let glue: Vec<Glue> = first.glue.iter().chain(&both.glue).filter(stays).cloned().collect();
    match cut(&both.text, &[a], &glue) {
        Ok(left) if left.text.as_deref() == Some(&second.text) => {}
        Ok(left) => outcome.broke(
            "inserting A, then B, then cutting A is inserting B",
            &[a, b],
            &[&first.text, &both.text, &left.text.unwrap_or_default(), &second.text],
        ),
        Err(error) => outcome.broke(&format!("cannot cut the first: {error}"), &[a, b], &[&both.text]),
    }
}
