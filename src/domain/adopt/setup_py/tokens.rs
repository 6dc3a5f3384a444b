//! Python source as tokens, as far as literals need it. What is torn ends, and nothing is an error.

/// Words (names, numbers), string literals without prefix that computes, and single signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    Word(String),
    Text(String),
    /// A string that is computed (`f""`) or no text (`b""`).
    Computed,
    Sign(char),
}

/// All tokens of a text; comments and white space are none, but a line end outside of brackets is a sign.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut all = Vec::new();
    let (mut rest, mut depth) = (text, 0_usize);
    while let Some(first) = rest.chars().next() {
        if first == '\n' {
            if depth == 0 && all.last() != Some(&Token::Sign('\n')) {
                all.push(Token::Sign('\n'));
            }
            rest = &rest[1..];
        } else if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
        } else if let Some(behind) = rest.strip_prefix("\\\n").or_else(|| rest.strip_prefix("\\\r\n")) {
            rest = behind;
        } else if first == '#' {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else {
            let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            let is_string = word <= 2 && rest[word..].starts_with(['"', '\'']);
            if is_string {
                let plain = rest[..word].chars().all(|c| matches!(c, 'r' | 'R' | 'u' | 'U'));
                let (literal, behind) = string(&rest[word..]);
                all.push(if plain { Token::Text(literal) } else { Token::Computed });
                rest = behind;
            } else if word > 0 {
                all.push(Token::Word(rest[..word].to_owned()));
                rest = &rest[word..];
            } else {
                match first {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                all.push(Token::Sign(first));
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    all
}

/// A string literal that begins with its quote, and what is behind it.
fn string(text: &str) -> (String, &str) {
    let quote = text.chars().next().unwrap_or('"');
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let mark = if text.starts_with(&triple) { triple } else { quote.to_string() };
    let mut out = String::new();
    let mut rest = &text[mark.len()..];
    while let Some(character) = rest.chars().next().filter(|_| !rest.starts_with(&mark)) {
        rest = &rest[character.len_utf8()..];
        if character != '\\' {
            out.push(character);
            continue;
        }
        let escaped = rest.chars().next();
        rest = &rest[escaped.map_or(0, char::len_utf8)..];
        match escaped {
            None | Some('\n') => {}
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some(other) => out.push(other),
        }
    }
    (out, rest.strip_prefix(mark.as_str()).unwrap_or(rest))
}
