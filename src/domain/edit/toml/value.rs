//! TOML values: found by path, compared, and held against an intended change.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::super::EditError;
use super::super::splice::{unified, unsupported};

/// What stands at a path.
pub enum Found<'v, 'a> {
    Nothing,
    /// A value with its span; a table that headers opened has no useful one.
    Value(&'v DeValue<'a>, Range<usize>),
}

/// Looks up a path in the values of a text.
///
/// # Errors
/// [`EditError::Unsupported`] where something other than a table stands on the way.
pub fn lookup<'v, 'a>(values: &'v DeTable<'a>, path: &[&str]) -> Result<Found<'v, 'a>, EditError> {
    let mut table = values;
    for (index, part) in path.iter().enumerate() {
        let Some(value) = table.get(*part) else { return Ok(Found::Nothing) };
        if index + 1 == path.len() {
            return Ok(Found::Value(value.get_ref(), value.span()));
        }
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return Err(unsupported(format!("{} is not a table", path[..=index].join(".")))),
        }
    }
    Ok(Found::Nothing)
}

/// Whether two values are the same, but for the line endings inside of strings.
pub fn same(left: &DeValue<'_>, right: &DeValue<'_>) -> bool {
    match (left, right) {
        (DeValue::String(left), DeValue::String(right)) => left == right || unified(left) == unified(right),
        (DeValue::Integer(left), DeValue::Integer(right)) => {
            left.radix() == right.radix() && left.as_str() == right.as_str()
        }
        (DeValue::Float(left), DeValue::Float(right)) => left.as_str() == right.as_str(),
        (DeValue::Boolean(left), DeValue::Boolean(right)) => left == right,
        (DeValue::Datetime(left), DeValue::Datetime(right)) => left == right,
        (DeValue::Array(left), DeValue::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(l, r)| same(l.get_ref(), r.get_ref()))
        }
        (DeValue::Table(left), DeValue::Table(right)) => {
            let alike =
                |other: Option<&toml::Spanned<DeValue<'_>>>, value| other.is_some_and(|o| same(value, o.get_ref()));
            left.len() == right.len()
                && left.iter().all(|(key, value)| alike(right.get(key.get_ref().as_ref()), value.get_ref()))
        }
        _ => false,
    }
}

/// An intended change: what the one side has at a path that the other has not.
#[derive(Default)]
pub struct Change<'c> {
    inner: BTreeMap<String, Change<'c>>,
    value: Option<&'c DeValue<'c>>,
    items: Vec<&'c DeValue<'c>>,
    swaps: Vec<(&'c DeValue<'c>, &'c DeValue<'c>)>,
}

impl<'c> Change<'c> {
    /// The node for a path. That it exists allows the table or array there to be missing where it is empty.
    pub fn at(&mut self, path: &[&str]) -> &mut Self {
        path.iter().fold(self, |node, part| node.inner.entry((*part).to_owned()).or_default())
    }

    /// A key that only the larger side has.
    pub fn key(&mut self, path: &[&str], value: &'c DeValue<'c>) {
        self.at(path).value = Some(value);
    }

    /// An item that only the larger side has.
    pub fn item(&mut self, path: &[&str], value: &'c DeValue<'c>) {
        self.at(path).items.push(value);
    }

    /// A key, or an item of the array there, that is `old` on the one side and `new` on the other.
    pub fn swap(&mut self, path: &[&str], old: &'c DeValue<'c>, new: &'c DeValue<'c>) {
        self.at(path).swaps.push((old, new));
    }

    /// Whether `larger` is `smaller` with this change and nothing else.
    pub fn explains(&self, larger: &DeTable<'_>, smaller: &DeTable<'_>) -> bool {
        self.tables(larger, Some(smaller))
    }

    fn tables(&self, larger: &DeTable<'_>, smaller: Option<&DeTable<'_>>) -> bool {
        let nothing_lost = smaller.is_none_or(|table| table.iter().all(|(key, _)| larger.contains_key(key)));
        let all_there = self.inner.iter().all(|(key, change)| change.is_bare() || larger.contains_key(key.as_str()));
        nothing_lost
            && all_there
            && larger.iter().all(|(key, value)| {
                let other = smaller.and_then(|table| table.get(key)).map(toml::Spanned::get_ref);
                match (self.inner.get(key.get_ref().as_ref()), other) {
                    (None, None) => false,
                    (None, Some(other)) => same(value.get_ref(), other),
                    (Some(change), other) => change.values(value.get_ref(), other),
                }
            })
    }

    fn is_bare(&self) -> bool {
        self.value.is_none() && self.items.is_empty() && self.inner.values().all(Self::is_bare)
    }

    fn values(&self, larger: &DeValue<'_>, smaller: Option<&DeValue<'_>>) -> bool {
        if let Some(value) = self.value {
            return smaller.is_none() && same(larger, value);
        }
        if let (Some(smaller), false) = (smaller, self.swaps.is_empty()) {
            return self.swapped(larger, smaller);
        }
        match (larger, smaller) {
            (DeValue::Table(larger), None) => self.tables(larger, None),
            (DeValue::Table(larger), Some(DeValue::Table(smaller))) => self.tables(larger, Some(smaller)),
            (DeValue::Array(larger), None) => self.arrays(larger.iter().map(toml::Spanned::get_ref), &[]),
            (DeValue::Array(larger), Some(DeValue::Array(smaller))) => {
                let smaller: Vec<_> = smaller.iter().map(toml::Spanned::get_ref).collect();
                self.arrays(larger.iter().map(toml::Spanned::get_ref), &smaller)
            }
            _ => false,
        }
    }

    fn arrays<'v, 'a: 'v>(&self, larger: impl Iterator<Item = &'v DeValue<'a>>, smaller: &[&DeValue<'_>]) -> bool {
        let mut wanted = self.items.clone();
        let mut rest = smaller.iter().peekable();
        for item in larger {
            if rest.next_if(|other| same(item, other)).is_some() {
                continue;
            }
            let Some(index) = wanted.iter().position(|wanted| same(item, wanted)) else { return false };
            wanted.swap_remove(index);
        }
        wanted.is_empty() && rest.next().is_none()
    }

    fn swapped(&self, old: &DeValue<'_>, new: &DeValue<'_>) -> bool {
        let is_swap = |old: &DeValue<'_>, new: &DeValue<'_>| {
            self.swaps.iter().any(|(before, after)| same(old, before) && same(new, after))
        };
        if is_swap(old, new) {
            return true;
        }
        let (DeValue::Array(old), DeValue::Array(new)) = (old, new) else { return false };
        old.len() == new.len()
            && old
                .iter()
                .zip(new.iter())
                .all(|(old, new)| same(old.get_ref(), new.get_ref()) || is_swap(old.get_ref(), new.get_ref()))
    }
}
