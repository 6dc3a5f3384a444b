//! What a `setup.py` says without running it: keyword arguments of `setup()` that are literals.

use std::collections::BTreeMap;

/// Literal keyword arguments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keywords {
    texts: BTreeMap<String, String>,
    lists: BTreeMap<String, Vec<String>>,
    pairs: BTreeMap<String, Vec<(String, String)>>,
}

impl Keywords {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    pub fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.lists.get(name).into_iter().flatten().map(String::as_str)
    }

    /// The value of a key of a dictionary.
    pub fn entry(&self, name: &str, key: &str) -> Option<&str> {
        self.pairs.get(name)?.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}

/// Read `name="literal"`, `name=["a", "b"]` and `name={"a": "b"}` behind the last call of `setup(`. Anything else is passed
/// over: nothing is computed.
pub fn keywords(text: &str) -> Keywords {
    let mut found = Keywords::default();
    let Some(start) = text.rfind("setup(") else { return found };
    let mut reader = Reader { rest: &text[start + "setup(".len()..] };
    while let Some(token) = reader.token() {
        let Token::Word(name) = token else { continue };
        if !reader.rest.trim_start().starts_with('=') || reader.rest.trim_start().starts_with("==") {
            continue;
        }
        reader.token();
        match reader.peek() {
            Some(Token::Text(_)) => {
                let text = reader.texts();
                if !text.is_empty() && matches!(reader.peek(), None | Some(Token::Sign(',' | ')'))) {
                    found.texts.insert(name, text);
                }
            }
            Some(Token::Sign('[' | '(')) => {
                let items = reader.items();
                found.lists.insert(name, items);
            }
            Some(Token::Sign('{')) => {
                let items = reader.items();
                let pairs = items.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
                found.pairs.insert(name, pairs);
            }
            _ => {}
        }
    }
    found
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn peek(&self) -> Option<Token> {
        Reader { rest: self.rest }.token()
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix('#') {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
                None => break,
            }
        }
        let first = self.rest.chars().next()?;
        let word = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        let quote = self.rest[word..].starts_with(['"', '\'']);
        if word > 0 && !(quote && word <= 2) {
            let (name, rest) = self.rest.split_at(word);
            self.rest = rest;
            return Some(Token::Word(name.to_owned()));
        }
        if quote {
            // A prefix with `f` or `b` makes it no plain text.
            let plain = self.rest[..word].chars().all(|c| matches!(c, 'r' | 'R' | 'u' | 'U'));
            self.rest = &self.rest[word..];
            let text = self.text()?;
            return Some(if plain { Token::Text(text) } else { Token::Sign('?') });
        }
        self.rest = &self.rest[first.len_utf8()..];
        Some(Token::Sign(first))
    }

    /// A string literal, its quote first.
    fn text(&mut self) -> Option<String> {
        let quote = self.rest.chars().next()?;
        let triple: String = std::iter::repeat_n(quote, 3).collect();
        let mark = if self.rest.starts_with(&triple) { triple } else { quote.to_string() };
        let mut out = String::new();
        let mut rest = &self.rest[mark.len()..];
        while !rest.starts_with(&mark) {
            let character = rest.chars().next()?;
            rest = &rest[character.len_utf8()..];
            if character == '\\' {
                let next = rest.chars().next()?;
                rest = &rest[next.len_utf8()..];
                if next != '\n' {
                    out.push(if next == 'n' { '\n' } else { next });
                }
            } else {
                out.push(character);
            }
        }
        self.rest = &rest[mark.len()..];
        Some(out)
    }

    /// Literals beside each other are one.
    fn texts(&mut self) -> String {
        let mut out = String::new();
        while let Some(Token::Text(text)) = self.peek() {
            self.token();
            out += &text;
        }
        out
    }

    /// The texts in brackets of any kind, up to the closing one.
    fn items(&mut self) -> Vec<String> {
        let (mut depth, mut items) = (0_usize, Vec::new());
        while let Some(token) = self.peek() {
            match token {
                Token::Text(_) => {
                    let text = self.texts();
                    items.push(text);
                    continue;
                }
                Token::Sign('[' | '(' | '{') => depth += 1,
                Token::Sign(']' | ')' | '}') => depth -= 1,
                _ => {}
            }
            self.token();
            if depth == 0 {
                break;
            }
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_and_nothing_else() {
        let found = keywords(
            "from setuptools import setup\nNAME = 'x'\nsetup(\n    name='demo', # why\n    version=VERSION,\n    description=(\n        'no'),\n    \
             python_requires=\">=3\" \".8\",\n    packages=find_packages('src'),\n    package_dir={'': 'src'},\n    \
             classifiers=[\n        'A :: B',\n        'C',\n    ],\n    long_description=open('x').read(),\n    url=f'{x}',\n    author='Ada' + x,\n)\n",
        );
        assert_eq!(found.text("name"), Some("demo"));
        assert_eq!(found.text("python_requires"), Some(">=3.8"));
        assert_eq!(found.text("version"), None);
        assert_eq!(found.text("url"), None);
        assert_eq!(found.text("author"), None);
        assert_eq!(found.entry("package_dir", ""), Some("src"));
        assert_eq!(found.list("classifiers").collect::<Vec<_>>(), ["A :: B", "C"]);
    }

    #[test]
    fn torn_texts_end() {
        for text in ["setup(name='", "setup(name=[", "setup(", "setup(name={'a':", "x", "setup(a='\\"] {
            keywords(text);
        }
    }
}
