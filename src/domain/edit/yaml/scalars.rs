//! Every single value of a YAML text, with the keys that lead to it.

use std::ops::Range;

use super::super::EditError;
use super::super::splice::Source;
use super::tree::{Kind, Node, parse};

/// A single value of a YAML text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The keys that lead to it; lists add none.
    pub path: Vec<String>,
    pub value: String,
    /// Whether it stands without quotes, so that YAML decides what it is. A value with a tag says so itself.
    pub plain: bool,
    /// In bytes of the text.
    pub span: Range<usize>,
}

/// The single values of a text in its order; those of an alias once, where they are written.
///
/// # Errors
/// The text is not YAML of one document.
pub fn scalars(text: &str) -> Result<Vec<Scalar>, EditError> {
    let source = Source::new(text);
    let document = parse(source.text())?;
    let mut walk = Walk { mark: text.len() - source.text().len(), path: Vec::new(), found: Vec::new() };
    document.root.iter().for_each(|root| walk.node(root));
    Ok(walk.found)
}

struct Walk {
    /// The length of the byte order mark, which the tree does not count.
    mark: usize,
    path: Vec<String>,
    found: Vec<Scalar>,
}

impl Walk {
    fn node(&mut self, node: &Node) {
        match &node.kind {
            Kind::Scalar { value, plain } => self.found.push(Scalar {
                path: self.path.clone(),
                value: value.clone(),
                plain: *plain && node.tag.is_none(),
                span: node.start + self.mark..node.end + self.mark,
            }),
            Kind::Sequence(items) => items.iter().for_each(|item| self.node(item)),
            Kind::Mapping(pairs) => {
                for (key, value) in pairs {
                    self.path.push(key.scalar().unwrap_or_default().to_owned());
                    self.node(value);
                    self.path.pop();
                }
            }
            Kind::Alias(_) => {}
        }
    }
}
