//! YAML as a tree whose nodes know their spans: read strictly, never written.

use std::collections::{BTreeSet, HashMap};

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle, Tag};

use super::super::EditError;
use super::super::endings::refuse_odd_endings;
use super::super::splice::{position, unsupported};

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `plain` tells `1` from `"1"`.
    Scalar {
        value: String,
        plain: bool,
    },
    Alias(usize),
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

/// A node with its span in bytes. Two nodes are equal where their values are, wherever they stand.
#[derive(Debug, Clone)]
pub struct Node {
    pub kind: Kind,
    /// Number of the anchor, 0 without.
    pub anchor: usize,
    pub tag: Option<String>,
    /// Where the content begins, behind dash, anchor and tag.
    pub start: usize,
    /// Where the content ends; of a block scalar with its last line, without the line ending.
    pub end: usize,
    /// Whether a collection is written in brackets.
    pub flow: bool,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.anchor == other.anchor && self.tag == other.tag
    }
}

impl Eq for Node {}

impl Node {
    /// A node that stands nowhere yet.
    pub fn new(kind: Kind) -> Self {
        Self { kind, anchor: 0, tag: None, start: 0, end: 0, flow: false }
    }

    pub fn text(value: &str) -> Self {
        Self::new(Kind::Scalar { value: value.to_owned(), plain: true })
    }

    pub fn scalar(&self) -> Option<&str> {
        if let Kind::Scalar { value, .. } = &self.kind { Some(value) } else { None }
    }

    /// Whether nothing is written at all, as behind `repos:`.
    pub fn is_missing(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { plain: true, .. }) && self.start == self.end && self.anchor == 0
    }

    pub fn items(&self) -> Option<&[Node]> {
        if let Kind::Sequence(items) = &self.kind { Some(items) } else { None }
    }

    pub fn pairs(&self) -> Option<&[(Node, Node)]> {
        if let Kind::Mapping(pairs) = &self.kind { Some(pairs) } else { None }
    }

    /// The value that ends it.
    pub fn last(&self) -> &Node {
        match &self.kind {
            Kind::Sequence(items) => items.last().map_or(self, Node::last),
            Kind::Mapping(pairs) => pairs.last().map_or(self, |(_, value)| value.last()),
            _ => self,
        }
    }

    /// Whether a block scalar in it counts the blank lines behind it (`|+`), so that more of them would change its value.
    pub fn keeps_blank_lines(&self, text: &str) -> bool {
        match &self.kind {
            Kind::Sequence(items) => items.iter().any(|item| item.keeps_blank_lines(text)),
            Kind::Mapping(pairs) => pairs.iter().any(|(_, value)| value.keeps_blank_lines(text)),
            Kind::Scalar { plain: false, .. } => {
                let above = text.get(..self.start).unwrap_or_default().trim_end();
                let header = above.lines().next_back().and_then(|line| line.split(" #").next()).unwrap_or_default();
                let header = header.split_whitespace().next_back().unwrap_or_default();
                header.starts_with(['|', '>']) && header.contains('+')
            }
            _ => false,
        }
    }

    /// The pair of a mapping whose key is the text `key`.
    pub fn pair(&self, key: &str) -> Option<&(Node, Node)> {
        self.pairs()?.iter().find(|(name, _)| name.scalar() == Some(key))
    }

    /// The value of `key`, for changing.
    pub fn value_mut(&mut self, key: &str) -> Option<&mut Node> {
        let Kind::Mapping(pairs) = &mut self.kind else { return None };
        pairs.iter_mut().find(|(name, _)| name.scalar() == Some(key)).map(|(_, value)| value)
    }

    pub fn items_mut(&mut self) -> Option<&mut Vec<Node>> {
        if let Kind::Sequence(items) = &mut self.kind { Some(items) } else { None }
    }
}

/// A YAML text of one document.
#[derive(Debug, Clone)]
pub struct Document {
    /// `None` where the text holds nothing but comments.
    pub root: Option<Node>,
    anchored: HashMap<usize, Node>,
    aliased: BTreeSet<usize>,
}

impl Document {
    /// The node that an alias stands for, or the node itself.
    pub fn resolve<'a>(&'a self, node: &'a Node) -> &'a Node {
        let Kind::Alias(id) = node.kind else { return node };
        self.anchored.get(&id).unwrap_or(node)
    }

    /// The value of a key with aliases resolved and merge keys (`<<`, YAML 1.1) looked into.
    pub fn get<'a>(&'a self, node: &'a Node, key: &str) -> Option<&'a Node> {
        let node = self.resolve(node);
        if let Some((_, value)) = node.pair(key) {
            return Some(self.resolve(value));
        }
        let merged = self.resolve(&node.pair("<<")?.1);
        let sources = merged.items().unwrap_or(std::slice::from_ref(merged));
        sources.iter().find_map(|source| {
            let source = self.resolve(source);
            source.pair(key).map(|(_, value)| self.resolve(value))
        })
    }

    /// Why an insertion failed: below a block scalar that ends the file without a line ending, one would be part of it.
    pub fn explained(&self, text: &str, error: EditError) -> EditError {
        let is_open = |node: &Node| node.end == text.len() && matches!(&node.kind, Kind::Scalar { plain: false, .. });
        if self.root.as_ref().map(Node::last).is_some_and(is_open) {
            return unsupported(
                "the last line of the file has no line ending, and one there is part of a text's value",
            );
        }
        error
    }

    /// Refuses to edit below a node whose anchor is used elsewhere: the other places would change with it.
    pub fn must_not_be_shared(&self, node: &Node) -> Result<(), EditError> {
        if matches!(node.kind, Kind::Alias(_)) {
            return Err(unsupported("the place to edit is an alias of another one"));
        }
        if node.anchor != 0 && self.aliased.contains(&node.anchor) {
            return Err(unsupported("the place to edit has an anchor that is used elsewhere in the file"));
        }
        Ok(())
    }
}

/// Reads a text without byte order mark, as strictly as YAML is read anywhere.
///
/// # Errors
/// [`EditError::Syntax`] where it is not YAML; [`EditError::Unsupported`] for several documents and repeated keys.
pub fn parse(text: &str) -> Result<Document, EditError> {
    refuse_endings(text)?;
    let document = parse_events(text)?;
    strict(text)?;
    Ok(document)
}

/// Reads a text that [`check`] has seen or, before it is used, will see.
///
/// # Errors
/// As [`parse`], in fewer cases.
pub fn parse_events(text: &str) -> Result<Document, EditError> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.block_scalar_eof_without_line_feed = true;
    let mut builder = Builder { text, last: 0, document: None, aliased: BTreeSet::new(), anchored: HashMap::new() };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| scan_error(&error))?;
        builder.take(event, span)?;
    }
    let (root, aliased, anchored) = builder.finish()?;
    Ok(Document { root, anchored, aliased })
}

/// Refuses what the events alone let pass.
///
/// # Errors
/// As [`parse`].
pub fn check(text: &str) -> Result<(), EditError> {
    strict(text)?;
    refuse_endings(text)
}

/// YAML 1.1, which `PyYAML` reads, ends lines at these too; YAML 1.2 does not.
fn refuse_endings(text: &str) -> Result<(), EditError> {
    refuse_odd_endings(text, &['\u{85}', '\u{2028}', '\u{2029}'])
}

fn scan_error(error: &ScanError) -> EditError {
    EditError::Syntax { line: error.marker().line(), column: error.marker().col() + 1, message: error.info() }
}

/// Reads once more with a stricter reader.
fn strict(text: &str) -> Result<(), EditError> {
    let options = serde_saphyr::options! { with_snippet: false };
    match serde_saphyr::from_str_with_options::<serde::de::IgnoredAny>(text, options) {
        Ok(_) => Ok(()),
        // A text of comments alone has no value.
        Err(_) if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) => Ok(()),
        Err(error) => {
            let (line, column) = error.location().map_or((1, 1), |at| {
                (usize::try_from(at.line()).unwrap_or(1), usize::try_from(at.column()).unwrap_or(1))
            });
            let message = error.without_snippet().to_string();
            Err(EditError::Syntax { line: line.max(1), column: column.max(1), message })
        }
    }
}

enum Open {
    Sequence { node: Node, items: Vec<Node> },
    Mapping { node: Node, pairs: Vec<(Node, Node)>, key: Option<Node> },
}

/// The top node, the lines that aliases stand for, and the anchored nodes.
type Built = (Option<Node>, BTreeSet<usize>, HashMap<usize, Node>);

struct Builder<'a> {
    text: &'a str,
    /// Where the last thing with a span ended: the place of what is not written.
    last: usize,
    document: Option<(Option<Node>, Vec<Open>)>,
    aliased: BTreeSet<usize>,
    anchored: HashMap<usize, Node>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), EditError> {
        let range = span.byte_range().unwrap_or(0..0);
        match event {
            Event::DocumentStart(..) => {
                if self.document.is_some() {
                    return Err(unsupported("the file holds several YAML documents"));
                }
                self.document = Some((None, Vec::new()));
                self.last = range.end;
            }
            Event::Alias(id) => {
                self.aliased.insert(id);
                self.last = range.end;
                self.put(Node { start: range.start, end: range.end, ..Node::new(Kind::Alias(id)) })?;
            }
            Event::Scalar(value, style, anchor, tag) => {
                let end = self.scalar_end(&value, style, &range);
                let written = end > range.start || anchor != 0 || tag.is_some();
                let start = if written { range.start } else { end };
                let kind = Kind::Scalar { value: value.into_owned(), plain: style == ScalarStyle::Plain };
                self.last = self.last.max(end);
                self.put(Node { kind, anchor, tag: tag_of(tag), start, end: end.max(start), flow: false })?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                let node = Self::collection(style, anchor, tag, range.start);
                self.open(Open::Sequence { node, items: Vec::new() });
            }
            Event::MappingStart(style, anchor, tag) => {
                let node = Self::collection(style, anchor, tag, range.start);
                self.open(Open::Mapping { node, pairs: Vec::new(), key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end)?,
            _ => {}
        }
        Ok(())
    }

    fn collection(style: StructureStyle, anchor: usize, tag: Option<std::borrow::Cow<'_, Tag>>, start: usize) -> Node {
        let flow = style == StructureStyle::Flow;
        Node { anchor, tag: tag_of(tag), start, flow, ..Node::new(Kind::Sequence(Vec::new())) }
    }

    fn open(&mut self, open: Open) {
        if let Some((_, stack)) = &mut self.document {
            stack.push(open);
        }
    }

    fn close(&mut self, end: usize) -> Result<(), EditError> {
        let Some(open) = self.document.as_mut().and_then(|(_, stack)| stack.pop()) else {
            return Err(unsupported("the YAML events do not match"));
        };
        let mut node = match open {
            Open::Sequence { node, items } => Node { kind: Kind::Sequence(items), ..node },
            Open::Mapping { node, pairs, .. } => {
                self.refuse_repeated_keys(&pairs)?;
                Node { kind: Kind::Mapping(pairs), ..node }
            }
        };
        if node.flow {
            self.last = end;
        }
        node.end = self.last.max(node.start);
        self.put(node)
    }

    fn refuse_repeated_keys(&self, pairs: &[(Node, Node)]) -> Result<(), EditError> {
        let mut seen = BTreeSet::new();
        for (key, _) in pairs {
            let Some(name) = key.scalar() else { continue };
            if name != "<<" && !seen.insert(name) {
                let (line, _) = position(self.text, key.start);
                return Err(unsupported(format!("line {line} repeats the key `{name}`")));
            }
        }
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<(), EditError> {
        if node.anchor != 0 {
            self.anchored.insert(node.anchor, node.clone());
        }
        let Some((root, stack)) = &mut self.document else {
            return Err(unsupported("the YAML events do not match"));
        };
        match stack.last_mut() {
            None => *root = Some(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { pairs, key, .. }) => match key.take() {
                None => *key = Some(node),
                Some(name) => pairs.push((name, node)),
            },
        }
        Ok(())
    }

    /// The end of a scalar: of a block scalar the end of its last line that counts, since its span runs on into the
    /// indentation of what follows.
    fn scalar_end(&self, value: &str, style: ScalarStyle, range: &std::ops::Range<usize>) -> usize {
        if range.is_empty() {
            return self.last.max(range.start.min(self.last));
        }
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return range.end;
        }
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let trimmed = raw.trim_end();
        if trimmed.is_empty() {
            return self.last;
        }
        // Only `|+` and `>+` keep the blank lines behind them; then they are part of the value.
        let kept = value.len() - value.trim_end_matches('\n').len();
        let mut end = range.start + trimmed.len();
        for _ in 1..kept {
            let Some(line) = self.text[end..].find('\n') else { break };
            let next = end + line + 1;
            end = next + self.text[next..].find(['\r', '\n']).unwrap_or(0);
        }
        end
    }

    fn finish(self) -> Result<Built, EditError> {
        let root = self.document.and_then(|(root, _)| root).filter(|root| !root.is_missing());
        if root.as_ref().is_some_and(|root| root.pairs().is_none()) {
            return Err(unsupported("the top level of the file is not a mapping"));
        }
        Ok((root, self.aliased, self.anchored))
    }
}

fn tag_of(tag: Option<std::borrow::Cow<'_, Tag>>) -> Option<String> {
    tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()))
}
