//! Literals of Python, read from tokens without computing anything but what is written beside each other.

use std::collections::BTreeMap;

use super::tokens::Token;

/// A literal, or a call with literals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    List(Vec<Value>),
    /// A dictionary, or the keyword arguments of `dict()`.
    Pairs(Vec<(Value, Value)>),
    /// A call of a function, by the last part of its name, with its positional and its keyword arguments.
    Call(String, Vec<Value>, Vec<(String, Value)>),
    /// Anything else: it would have to be run.
    Unknown,
}

/// Deeper brackets are nobody's `setup.py`.
const DEEPEST: usize = 40;

/// A longer text, or a larger value, is nobody's name: doubling by names would have no end.
const LONGEST: usize = 10_000;
const LARGEST: usize = 1_000;

impl Value {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a name may stand for it.
    pub fn is_handy(&self) -> bool {
        *self != Self::Unknown && self.size() <= LARGEST
    }

    fn size(&self) -> usize {
        1 + match self {
            Self::Text(_) | Self::Unknown => 0,
            Self::List(items) => items.iter().map(Self::size).sum(),
            Self::Pairs(pairs) => pairs.iter().map(|(key, value)| key.size() + value.size()).sum(),
            Self::Call(_, positional, keywords) => {
                positional.iter().chain(keywords.iter().map(|(_, value)| value)).map(Self::size).sum()
            }
        }
    }
}

/// Reads values from tokens; names stand for the literals that were assigned to them.
pub struct Reader<'t> {
    tokens: &'t [Token],
    pub at: usize,
    names: &'t BTreeMap<String, Value>,
    depth: usize,
}

impl<'t> Reader<'t> {
    pub fn new(tokens: &'t [Token], at: usize, names: &'t BTreeMap<String, Value>) -> Self {
        Self { tokens, at, names, depth: 0 }
    }

    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, sign: char) -> bool {
        let is_it = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(is_it);
        is_it
    }

    /// One expression, up to the comma, the bracket or the line end that ends it.
    pub fn value(&mut self) -> Value {
        if self.depth > DEEPEST {
            self.skip();
            return Value::Unknown;
        }
        self.depth += 1;
        let mut value = self.primary();
        loop {
            value = match self.peek() {
                Some(Token::Sign('+')) => {
                    self.at += 1;
                    joined(value, self.primary())
                }
                Some(Token::Sign('.')) if matches!(value, Value::Text(_)) => {
                    self.at += 1;
                    self.method(value)
                }
                None | Some(Token::Sign(',' | ')' | ']' | '}' | ':' | '=' | '\n')) => break,
                Some(_) => {
                    self.skip();
                    value = Value::Unknown;
                    break;
                }
            };
        }
        self.depth -= 1;
        value
    }

    fn primary(&mut self) -> Value {
        let Some(token) = self.peek() else { return Value::Unknown };
        self.at += 1;
        match token {
            Token::Text(text) => {
                let mut text = text.clone();
                let mut is_plain = true;
                loop {
                    match self.peek() {
                        Some(Token::Text(more)) => text += more,
                        Some(Token::Computed) => is_plain = false,
                        _ => break,
                    }
                    self.at += 1;
                }
                if is_plain { Value::Text(text) } else { Value::Unknown }
            }
            Token::Sign('(') => match self.items(')') {
                (mut items, false) if items.len() == 1 => items.remove(0),
                (items, _) => Value::List(items),
            },
            Token::Sign('[') => Value::List(self.items(']').0),
            Token::Sign('{') => self.braces(),
            Token::Word(name) => self.name(name),
            _ => Value::Unknown,
        }
    }

    /// A name, a path of names, or a call of it.
    fn name(&mut self, first: &'t str) -> Value {
        let mut last = first;
        let mut is_path = false;
        while let [Token::Sign('.'), Token::Word(next), ..] = &self.tokens[self.at..] {
            (last, is_path) = (next, true);
            self.at += 2;
        }
        if self.takes('(') {
            let (positional, keywords) = self.arguments();
            if last == "dict" && positional.is_empty() {
                let pairs = keywords.into_iter().map(|(name, value)| (Value::Text(name), value));
                return Value::Pairs(pairs.collect());
            }
            return Value::Call(last.to_owned(), positional, keywords);
        }
        if is_path { Value::Unknown } else { self.names.get(first).cloned().unwrap_or(Value::Unknown) }
    }

    /// The positional and the keyword arguments of a call whose parenthesis was read.
    pub fn arguments(&mut self) -> (Vec<Value>, Vec<(String, Value)>) {
        let (mut positional, mut keywords) = (Vec::new(), Vec::new());
        while self.peek().is_some() && !self.takes(')') {
            let before = self.at;
            match &self.tokens[self.at..] {
                [Token::Sign('*'), Token::Sign('*'), ..] => {
                    self.at += 2;
                    if let Value::Pairs(pairs) = self.value() {
                        keywords.extend(pairs.into_iter().filter_map(|(key, value)| match key {
                            Value::Text(key) => Some((key, value)),
                            _ => None,
                        }));
                    }
                }
                [Token::Word(name), Token::Sign('='), rest @ ..] if rest.first() != Some(&Token::Sign('=')) => {
                    self.at += 2;
                    let value = self.value();
                    keywords.push((name.clone(), value));
                }
                _ => positional.push(self.value()),
            }
            self.at += usize::from(!self.takes(',') && self.at == before);
        }
        (positional, keywords)
    }

    /// Values up to the closing bracket, and whether a comma came before that.
    fn items(&mut self, end: char) -> (Vec<Value>, bool) {
        let (mut items, mut comma) = (Vec::new(), false);
        while self.peek().is_some() && !self.takes(end) {
            let before = self.at;
            items.push(self.value());
            comma = self.takes(',');
            self.at += usize::from(self.at == before);
        }
        (items, comma)
    }

    /// A dictionary or a set whose brace was read.
    fn braces(&mut self) -> Value {
        let (mut pairs, mut items) = (Vec::new(), Vec::new());
        while self.peek().is_some() && !self.takes('}') {
            let before = self.at;
            let key = self.value();
            if self.takes(':') {
                let value = self.value();
                pairs.push((key, value));
            } else {
                items.push(key);
            }
            self.at += usize::from(!self.takes(',') && self.at == before);
        }
        if pairs.is_empty() && !items.is_empty() { Value::List(items) } else { Value::Pairs(pairs) }
    }

    /// A method of a text that only cuts it: `strip`, `splitlines`, `split`.
    fn method(&mut self, of: Value) -> Value {
        let (Some(Token::Word(name)), Value::Text(text)) = (self.peek(), of) else { return Value::Unknown };
        self.at += 1;
        if !self.takes('(') {
            return Value::Unknown;
        }
        self.arguments();
        let lines = |text: &str| text.lines().map(|line| Value::Text(line.to_owned())).collect();
        match name.as_str() {
            "strip" => Value::Text(text.trim().to_owned()),
            "splitlines" => Value::List(lines(&text)),
            "split" if text.contains('\n') => Value::List(lines(&text)),
            "split" => Value::List(text.split_whitespace().map(|word| Value::Text(word.to_owned())).collect()),
            _ => Value::Unknown,
        }
    }

    /// Go on to the comma or the bracket that ends this expression.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            match token {
                Token::Sign(')' | ']' | '}' | ',' | '\n') if depth == 0 => break,
                Token::Sign('(' | '[' | '{') => depth += 1,
                Token::Sign(')' | ']' | '}') => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }
}

/// Two values with a `+` between them; what is known of the sum of lists is their known items.
fn joined(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) if left.len() + right.len() <= LONGEST => Value::Text(left + &right),
        (Value::List(mut left), Value::List(right)) => {
            left.extend(right);
            Value::List(left)
        }
        (known @ (Value::List(_) | Value::Call(..)), Value::Unknown | Value::List(_))
        | (Value::Unknown | Value::List(_), known @ Value::Call(..)) => known,
        _ => Value::Unknown,
    }
}
