//! JSON with comments as a tree of values with their spans.

use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::super::EditError;
use super::super::brackets::{Brackets, Comments};
use super::super::endings::refuse_odd_endings;
use super::super::splice::{line_start, syntax, unsupported};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Text(String),
    /// Numbers as written, `true`, `false` and `null`.
    Word(String),
    Array(Vec<Node>),
    Object(Vec<Property>),
}

/// A value with its span in bytes. Two nodes are equal where their values are.
#[derive(Debug, Clone)]
pub struct Node {
    pub kind: Kind,
    pub span: Range<usize>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl Eq for Node {}

#[derive(Debug, Clone)]
pub struct Property {
    pub name: String,
    pub value: Node,
    /// From the name to the end of the value.
    pub span: Range<usize>,
}

impl PartialEq for Property {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.value == other.value
    }
}

impl Eq for Property {}

impl Node {
    pub fn properties(&self) -> Option<&[Property]> {
        if let Kind::Object(properties) = &self.kind { Some(properties) } else { None }
    }

    pub fn items(&self) -> Option<&[Node]> {
        if let Kind::Array(items) = &self.kind { Some(items) } else { None }
    }

    /// The index of the property of that name.
    ///
    /// # Errors
    /// [`EditError::Unsupported`] where the name stands there twice: readers differ in which they take.
    pub fn position(&self, name: &str) -> Result<Option<usize>, EditError> {
        let properties = self.properties().unwrap_or_default();
        let mut found = properties.iter().enumerate().filter(|(_, property)| property.name == name);
        let first = found.next().map(|(index, _)| index);
        if found.next().is_some() {
            return Err(unsupported(format!("the name `{name}` stands twice in one object")));
        }
        Ok(first)
    }

    /// The value at a path of names.
    pub fn at(&self, path: &[String]) -> Result<Option<&Node>, EditError> {
        let mut node = self;
        for name in path {
            let Some(index) = node.position(name)? else { return Ok(None) };
            let Some(property) = node.properties().and_then(|properties| properties.get(index)) else {
                return Ok(None);
            };
            node = &property.value;
        }
        Ok(Some(node))
    }

    pub fn at_mut(&mut self, path: &[String]) -> Option<&mut Node> {
        let Some((first, rest)) = path.split_first() else { return Some(self) };
        let Kind::Object(properties) = &mut self.kind else { return None };
        properties.iter_mut().find(|property| property.name == *first)?.value.at_mut(rest)
    }

    /// The list that an array or object is.
    pub fn brackets<'a>(&self, text: &'a str, unit: &'a str) -> Brackets<'a> {
        let items = match &self.kind {
            Kind::Array(items) => items.iter().map(|item| item.span.clone()).collect(),
            Kind::Object(properties) => properties.iter().map(|property| property.span.clone()).collect(),
            _ => Vec::new(),
        };
        let (open, close) = (self.span.start + 1, self.span.end - 1);
        Brackets { text, open, close, items, comments: Comments::Slashes, unit }
    }
}

/// Reads a text without byte order mark, as strictly as VS Code: comments and commas at the end are all it allows.
///
/// # Errors
/// [`EditError::Syntax`] where it is not that; [`EditError::Unsupported`] where the text holds no value.
pub fn parse(text: &str) -> Result<Node, EditError> {
    let options = ParseOptions {
        allow_comments: true,
        allow_loose_object_property_names: false,
        allow_trailing_commas: true,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    refuse_odd_endings(text, &[])?;
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| syntax(text, error.range().start, error.kind().to_string().to_lowercase()))?;
    if let Some(at) = odd_blank(text) {
        return Err(syntax(text, at, "a blank that JSON does not have"));
    }
    parsed.value.as_ref().map(node).ok_or_else(|| unsupported("the file holds no value"))
}

/// The first white space outside of texts and comments that is none in JSON.
fn odd_blank(text: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        at += if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' {
            text_len(rest)
        } else if first.is_whitespace() && !matches!(first, ' ' | '\t' | '\n' | '\r') {
            return Some(at);
        } else {
            first.len_utf8()
        };
    }
    None
}

/// The length of the text in quotes with which `rest` begins.
fn text_len(rest: &str) -> usize {
    let mut signs = rest.char_indices().skip(1);
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return at + 1,
            '\\' => drop(signs.next()),
            _ => {}
        }
    }
    rest.len()
}

fn node(value: &ast::Value<'_>) -> Node {
    let kind = match value {
        ast::Value::StringLit(text) => Kind::Text(text.value.to_string()),
        ast::Value::NumberLit(number) => Kind::Word(number.value.to_owned()),
        ast::Value::BooleanLit(word) => Kind::Word(word.value.to_string()),
        ast::Value::NullKeyword(_) => Kind::Word("null".to_owned()),
        ast::Value::Array(array) => Kind::Array(array.elements.iter().map(node).collect()),
        ast::Value::Object(object) => Kind::Object(object.properties.iter().map(property).collect()),
    };
    Node { kind, span: value.start()..value.end() }
}

fn property(property: &ast::ObjectProp<'_>) -> Property {
    let name = property.name.as_str().to_owned();
    Property { name, value: node(&property.value), span: property.start()..property.end() }
}

/// The indentation that the file uses for one step: that of the first list whose first item and closing bracket begin
/// lines of their own, else four blanks.
pub fn unit<'a>(text: &'a str, root: &Node) -> &'a str {
    step(text, root).unwrap_or("    ")
}

fn step<'a>(text: &'a str, node: &Node) -> Option<&'a str> {
    let (first, inner): (_, Vec<&Node>) = match &node.kind {
        Kind::Array(items) => (items.first()?.span.start, items.iter().collect()),
        Kind::Object(properties) => (properties.first()?.span.start, properties.iter().map(|it| &it.value).collect()),
        _ => return None,
    };
    let own_line = |at: usize| -> Option<&'a str> {
        let before = &text[line_start(text, at)..at];
        before.trim().is_empty().then_some(before)
    };
    let own = own_line(first).zip(own_line(node.span.end - 1));
    let own = own.and_then(|(item, close)| item.strip_prefix(close)).filter(|step| !step.is_empty());
    own.or_else(|| inner.into_iter().find_map(|value| step(text, value)))
}
