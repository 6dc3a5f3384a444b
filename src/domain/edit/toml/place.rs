//! Where new keys and new tables go in a TOML file.

use super::super::EditError;
use super::super::splice::{Splice, unsupported};
use super::layout::{Entry, Kind, Layout, end_of_content, starts_with, strip};

/// Where the keys of a table go.
pub enum Place<'l, 'a> {
    /// Under its header, or at the top of the file for the root.
    Section(usize),
    /// Behind the last of its dotted keys, with the names that they have in front (`black.`).
    Dotted { after: &'l Entry<'a>, section: usize, prefix: &'a str },
    /// Under a header to be written.
    New,
}

/// Where the keys of a table go.
///
/// # Errors
/// `Unsupported` where an inline table stands on the way.
pub fn of_table<'l, 'a>(layout: &'l Layout<'a>, table: &[&str]) -> Result<Place<'l, 'a>, EditError> {
    if let Some(index) = layout.section(table) {
        return Ok(Place::Section(index));
    }
    let mut dotted = None;
    for (index, section) in layout.sections.iter().enumerate().filter(|(_, s)| s.kind != Kind::ArrayElement) {
        let Some(rest) = strip(table, &section.path) else { continue };
        for entry in layout.entries(section) {
            if starts_with(rest, &entry.path) {
                return Err(unsupported(format!(
                    "{} is an inline table",
                    table[..table.len() - rest.len() + entry.path.len()].join(".")
                )));
            }
            if entry.path.len() > rest.len() && entry.path.iter().zip(rest).all(|(name, part)| name == part) {
                let prefix = &layout.text[entry.start()..entry.starts[rest.len()]];
                dotted = Some(Place::Dotted { after: entry, section: index, prefix });
            }
        }
    }
    Ok(dotted.unwrap_or(Place::New))
}

/// The offset behind the keys of a section.
pub fn behind_keys(layout: &Layout<'_>, index: usize) -> usize {
    let section = &layout.sections[index];
    match layout.entries(section).last() {
        Some(entry) => layout.behind_entry(entry),
        None if section.kind == Kind::Root => layout.section_end(index),
        None => super::super::splice::line_end(layout.text, section.header.end),
    }
}

/// A table to be written, with its keys.
pub struct Block {
    at: usize,
    path: Vec<String>,
    text: String,
}

/// The tables to be written, in their order.
#[derive(Default)]
pub struct Blocks(Vec<Block>);

impl Blocks {
    /// Adds a table with the lines of its keys: beside its relatives where there are some; a table that is no tool's
    /// before the tools where these end the file; else at the end.
    pub fn add(&mut self, layout: &Layout<'_>, table: &[&str], keys: &str) {
        let at = offset(layout, table);
        let path: Vec<String> = table.iter().map(|part| (*part).to_owned()).collect();
        let related = ancestors(table)
            .find_map(|shared| self.0.iter().rposition(|block| block.at == at && is_under(&block.path, shared)));
        let index = match related {
            Some(last) => last + 1,
            None if is_tool(&path) => self.0.len(),
            None => {
                let others = self.0.iter().rposition(|block| block.at == at && !is_tool(&block.path));
                let first_tool = self.0.iter().position(|block| block.at == at);
                others.map_or(first_tool.unwrap_or(self.0.len()), |last| last + 1)
            }
        };
        let names: Vec<String> = table.iter().map(|part| quoted(part)).collect();
        self.0.insert(index, Block { at, path, text: format!("[{}]\n{keys}", names.join(".")) });
    }

    /// The insertions: a blank line before each table, or behind it at the top of a file.
    pub fn splices(self, text: &str) -> Vec<Splice> {
        let top: Vec<String> = self.0.iter().filter(|block| block.at == 0).map(|block| block.text.clone()).collect();
        let below = self.0.iter().filter(|block| block.at > 0);
        let mut splices: Vec<Splice> =
            below.map(|block| Splice::insert(block.at, format!("\n{}", block.text))).collect();
        if !top.is_empty() {
            let end = if text.trim().is_empty() { "" } else { "\n" };
            splices.push(Splice::insert(0, format!("{}{end}", top.join("\n"))));
        }
        splices
    }
}

fn offset(layout: &Layout<'_>, table: &[&str]) -> usize {
    let related = ancestors(table).find_map(|shared| {
        layout.sections.iter().rposition(|section| {
            section.kind != Kind::Root
                && section.path.len() >= shared.len()
                && section.path.iter().zip(shared).all(|(name, part)| name == part)
        })
    });
    if let Some(index) = related {
        return layout.section_end(index);
    }
    let is_tools = |index: &usize| layout.sections[*index].path.first().is_some_and(|name| name == "tool");
    let tools = (0..layout.sections.len()).rev().take_while(is_tools).last();
    match tools {
        Some(first) if table.first() != Some(&"tool") => end_of_content(layout.text, layout.section_start(first)),
        _ => end_of_content(layout.text, layout.text.len()),
    }
}

/// The table itself and the tables above it, the nearest first; `tool` is above all tools and so no relation.
fn ancestors<'t, 's>(table: &'t [&'s str]) -> impl Iterator<Item = &'t [&'s str]> {
    (1..=table.len()).rev().map(|length| &table[..length]).filter(|shared| *shared != ["tool"])
}

fn is_under(path: &[String], shared: &[&str]) -> bool {
    path.len() >= shared.len() && path.iter().zip(shared).all(|(name, part)| name == part)
}

fn is_tool(path: &[String]) -> bool {
    path.first().is_some_and(|name| name == "tool")
}

/// A name as a key: bare where TOML allows it, else quoted.
pub fn quoted(name: &str) -> String {
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return name.to_owned();
    }
    let mut out = String::from('"');
    for c in name.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let digits = u32::from(c);
                out.extend(format!("\\u{digits:04x}").chars());
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
