//! What a `setup.py` says without running it: the arguments of `setup()` that are literals, or names of literals.

mod tokens;
mod value;

use std::collections::BTreeMap;

use tokens::{Token, tokens};
use value::{Reader, Value};

/// Literal arguments by their names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arguments(BTreeMap<String, Value>);

/// Arguments of `find_packages()`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Find {
    pub base: Option<String>,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
}

impl Arguments {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.text()
    }

    pub fn list(&self, name: &str) -> Vec<&str> {
        self.0.get(name).map(texts).unwrap_or_default()
    }

    /// The value of a key of a dictionary.
    pub fn entry(&self, name: &str, key: &str) -> Option<&str> {
        let Value::Pairs(pairs) = self.0.get(name)? else { return None };
        pairs.iter().filter_map(text_pair).find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// The texts of a dictionary.
    pub fn pairs(&self, name: &str) -> Vec<(String, String)> {
        let Some(Value::Pairs(pairs)) = self.0.get(name) else { return Vec::new() };
        pairs.iter().filter_map(text_pair).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    /// How packages are looked for, where `packages` says so.
    pub fn find(&self) -> Option<Find> {
        let Value::Call(name, positional, keywords) = self.0.get("packages")? else { return None };
        if !matches!(name.as_str(), "find_packages" | "find_namespace_packages" | "find" | "find_namespace") {
            return None;
        }
        let argument = |at: usize, name: &str| {
            let named = keywords.iter().find(|(known, _)| known == name).map(|(_, value)| value);
            named.or_else(|| positional.get(at))
        };
        let list = |at: usize, name: &str| -> Vec<String> {
            argument(at, name).map(texts).unwrap_or_default().into_iter().map(str::to_owned).collect()
        };
        let base = argument(0, "where").and_then(Value::text).map(str::to_owned);
        Some(Find { base, exclude: list(1, "exclude"), include: list(2, "include") })
    }
}

fn text_pair((key, value): &(Value, Value)) -> Option<(&str, &str)> {
    Some((key.text()?, value.text()?))
}

fn texts(value: &Value) -> Vec<&str> {
    let Value::List(items) = value else { return Vec::new() };
    items.iter().filter_map(Value::text).collect()
}

/// Read the arguments of the last call of `setup()`. Anything that would have to be run is passed over.
pub fn arguments(text: &str) -> Arguments {
    let tokens = tokens(text);
    let mut names: BTreeMap<String, Value> = BTreeMap::new();
    let mut found = Arguments::default();
    let mut at = 0;
    while at < tokens.len() {
        let begins = at == 0 || matches!(tokens[at - 1], Token::Sign('\n' | ':' | ';'));
        match &tokens[at..] {
            [Token::Word(name), Token::Sign('('), ..] if name == "setup" && !is_definition(&tokens, at) => {
                let mut reader = Reader::new(&tokens, at + 2, &names);
                let (_, keywords) = reader.arguments();
                at = reader.at;
                if !keywords.is_empty() {
                    found = Arguments(keywords.into_iter().filter(|(_, value)| *value != Value::Unknown).collect());
                }
            }
            [Token::Word(name), Token::Sign('='), rest @ ..] if begins && rest.first() != Some(&Token::Sign('=')) => {
                let mut reader = Reader::new(&tokens, at + 2, &names);
                let value = reader.value();
                // The value is gone through once more: setup() may be called in it.
                at += 2;
                if value.is_handy() {
                    names.entry(name.clone()).or_insert(value);
                }
            }
            _ => at += 1,
        }
    }
    found
}

fn is_definition(tokens: &[Token], at: usize) -> bool {
    at > 0 && matches!(&tokens[at - 1], Token::Word(word) if word == "def")
}

#[cfg(test)]
mod tests;
