//! Items put into and taken out of an array in the style that the array has.

use std::ops::Range;

use toml::de::{DeArray, DeValue};
use toml_parser::parser::EventKind;

use super::super::requirement;
use super::super::splice::{Splice, indentation, line_end, line_start};
use super::layout::Layout;

/// An item with the comma behind it.
#[derive(Debug)]
struct Slot {
    span: Range<usize>,
    comma: Option<usize>,
}

impl Slot {
    /// The end of the comma, or of the item where it has none.
    fn tail(&self) -> usize {
        self.comma.map_or(self.span.end, |comma| comma + 1)
    }
}

/// An array as it is written.
#[derive(Debug)]
pub struct Written<'a> {
    text: &'a str,
    open: usize,
    close: usize,
    slots: Vec<Slot>,
}

/// An item to insert.
pub struct NewItem {
    /// As it is to be written.
    pub text: String,
    /// Its value where it is a string.
    pub string: Option<String>,
}

/// How a list is sorted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Name,
    Text,
}

impl Order {
    fn key(self, string: &str) -> (String, String) {
        let name = if self == Self::Name { requirement::name(string) } else { String::new() };
        (name, string.to_lowercase())
    }

    /// The order that the strings of an array have; `None` where they are in no order.
    fn of(values: &DeArray<'_>) -> Option<Self> {
        let strings: Vec<&str> = values.iter().filter_map(|value| value.get_ref().as_str()).collect();
        [Self::Name, Self::Text].into_iter().find(|order| strings.is_sorted_by_key(|string| order.key(string)))
    }
}

impl<'a> Written<'a> {
    /// Reads the array that stands in `span`, brackets included.
    pub fn read(layout: &Layout<'a>, span: &Range<usize>) -> Self {
        let mut array = Self { text: layout.text, open: span.start, close: span.end - 1, slots: Vec::new() };
        let mut depth = 0_usize;
        let mut running = false;
        for event in layout.tokens(span) {
            let at = event.span().start()..event.span().end();
            let opens = matches!(event.kind(), EventKind::ArrayOpen | EventKind::InlineTableOpen);
            let closes = matches!(event.kind(), EventKind::ArrayClose | EventKind::InlineTableClose);
            if closes {
                depth = depth.saturating_sub(1);
            }
            match event.kind() {
                EventKind::Newline | EventKind::Comment => {}
                EventKind::ValueSep if depth == 1 => {
                    running = false;
                    if let Some(slot) = array.slots.last_mut() {
                        slot.comma = Some(at.start);
                    }
                }
                _ if depth == 0 => {}
                _ => match array.slots.last_mut() {
                    Some(slot) if running => slot.span.end = at.end,
                    _ => {
                        running = true;
                        array.slots.push(Slot { span: at.clone(), comma: None });
                    }
                },
            }
            if opens {
                depth += 1;
            }
        }
        array
    }

    /// The item of an index as it is written.
    pub fn item(&self, index: usize) -> Option<Range<usize>> {
        self.slots.get(index).map(|slot| slot.span.clone())
    }

    /// The splices that insert items: in order where the array is sorted, else behind its last item.
    ///
    /// `indent` is what an item on a line of its own gets where no other item shows it.
    pub fn insert(&self, values: &DeArray<'_>, items: &[NewItem], indent: &str) -> Vec<Splice> {
        let order = Order::of(values);
        let mut sorted: Vec<&NewItem> = items.iter().collect();
        if let Some(order) = order {
            sorted.sort_by_cached_key(|item| (item.string.is_none(), item.string.as_deref().map(|s| order.key(s))));
        }
        let mut groups: Vec<(usize, Vec<String>)> = Vec::new();
        for item in sorted {
            let slot = order.zip(item.string.as_deref()).map_or(self.slots.len(), |(order, string)| {
                let key = order.key(string);
                let greater = |value: &DeValue<'_>| value.as_str().is_some_and(|other| order.key(other) > key);
                values.iter().position(|value| greater(value.get_ref())).unwrap_or(self.slots.len())
            });
            let text = self.quoted_alike(item);
            match groups.iter_mut().find(|(index, _)| *index == slot) {
                Some((_, texts)) => texts.push(text),
                None => groups.push((slot, vec![text])),
            }
        }
        groups.into_iter().flat_map(|(slot, texts)| self.insert_at(slot, &texts, indent)).collect()
    }

    fn insert_at(&self, index: usize, texts: &[String], indent: &str) -> Vec<Splice> {
        match (self.slots.get(index), self.slots.last()) {
            (Some(next), _) => vec![self.insert_before(index, next, texts)],
            (None, Some(last)) => self.append(last, texts, indent),
            (None, None) => vec![self.fill(texts, indent)],
        }
    }

    fn insert_before(&self, index: usize, next: &Slot, texts: &[String]) -> Splice {
        let before = index.checked_sub(1).map_or(self.open + 1, |previous| self.slots[previous].tail());
        if self.begins_line(next.span.start) && self.text[before..next.span.start].contains('\n') {
            let indent = self.indent_at(next.span.start);
            let lines = joined(texts, indent, ",\n");
            return Splice::insert(line_end(self.text, before), lines);
        }
        let separator = self.separator();
        let inline = joined(texts, "", &format!(",{separator}"));
        Splice::insert(next.span.start, inline)
    }

    fn append(&self, last: &Slot, texts: &[String], indent: &str) -> Vec<Splice> {
        let tail = last.tail();
        if !self.text[tail..self.close].contains('\n') {
            let separator = self.separator();
            let inline = match last.comma {
                Some(_) => joined(texts, separator, ","),
                None => joined(texts, &format!(",{separator}"), ""),
            };
            return vec![Splice::insert(tail, inline)];
        }
        let shown = self.slots.iter().rev().find(|slot| self.begins_line(slot.span.start));
        let indent = shown.map_or(indent, |slot| self.indent_at(slot.span.start));
        let lines: Vec<String> = texts.iter().map(|text| format!("{indent}{text}")).collect();
        let at = line_end(self.text, tail);
        if last.comma.is_some() {
            return vec![Splice::insert(at, format!("{},\n", lines.join(",\n")))];
        }
        vec![Splice::insert(last.span.end, ","), Splice::insert(at, format!("{}\n", lines.join(",\n")))]
    }

    fn fill(&self, texts: &[String], indent: &str) -> Splice {
        let gap = &self.text[self.open + 1..self.close];
        if !gap.contains('\n') {
            return Splice::insert(self.open + 1, format!("{gap}{}", texts.join(", ")));
        }
        let comment = gap.lines().skip(1).find(|line| line.trim_start().starts_with('#'));
        let indent = comment.map_or(indent, indentation);
        let lines = joined(texts, indent, ",\n");
        // Above what stands there, as what comes before a first item goes.
        Splice::insert(line_end(self.text, self.open), lines)
    }

    /// The spans to cut so that the items of these indices (ascending) are gone, each span with the indices that it
    /// takes, and without the commas that only they needed.
    pub fn cut(&self, indices: &[usize]) -> Vec<(Range<usize>, Vec<usize>)> {
        let mut runs: Vec<Vec<usize>> = Vec::new();
        for &index in indices {
            match runs.last_mut() {
                Some(run) if run.last() == index.checked_sub(1).as_ref() && self.shares_line(index - 1, index) => {
                    run.push(index);
                }
                _ => runs.push(vec![index]),
            }
        }
        let nothing_left = indices.len() == self.slots.len();
        let mut cuts: Vec<(Range<usize>, Vec<usize>)> =
            runs.into_iter().map(|run| (self.cut_run(&run, nothing_left), run)).collect();
        cuts.extend(self.superfluous_comma(indices).map(|comma| (comma, Vec::new())));
        cuts
    }

    fn cut_run(&self, run: &[usize], nothing_left: bool) -> Range<usize> {
        let (first, last) = (run[0], run[run.len() - 1]);
        let (start, tail) = (self.slots[first].span.start, self.slots[last].tail());
        let end = line_end(self.text, tail);
        if self.begins_line(start) && end <= self.close {
            return line_start(self.text, start)..end;
        }
        if last + 1 < self.slots.len() && self.shares_line(last, last + 1) {
            return start..self.slots[last + 1].span.start;
        }
        match first.checked_sub(1).map(|previous| &self.slots[previous]) {
            Some(previous) if self.slots[last].comma.is_none() => previous.span.end..tail,
            Some(previous) => previous.tail()..tail,
            None if nothing_left => self.open + 1..tail,
            None => start..tail,
        }
    }

    /// The comma of the item that becomes the last, where the last one had none.
    fn superfluous_comma(&self, indices: &[usize]) -> Option<Range<usize>> {
        let last = self.slots.len().checked_sub(1)?;
        if !indices.contains(&last) || self.slots[last].comma.is_some() {
            return None;
        }
        let left = (0..last).rev().find(|index| !indices.contains(index))?;
        let comma = self.slots[left].comma?;
        Some(comma..comma + 1)
    }

    fn shares_line(&self, left: usize, right: usize) -> bool {
        !self.text[self.slots[left].tail()..self.slots[right].span.start].contains('\n')
    }

    fn begins_line(&self, at: usize) -> bool {
        self.text[line_start(self.text, at)..at].bytes().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    fn indent_at(&self, at: usize) -> &'a str {
        indentation(&self.text[line_start(self.text, at)..])
    }

    /// What stands between a comma and the next item on the same line.
    fn separator(&self) -> &'a str {
        let gap = self.slots.windows(2).find_map(|pair| {
            let gap = &self.text[pair[0].tail()..pair[1].span.start];
            (pair[0].comma.is_some() && gap.bytes().all(|byte| byte == b' ')).then_some(gap)
        });
        gap.unwrap_or(" ")
    }

    /// A string takes the quotes of the first string of the array for which the quotes were a choice.
    fn quoted_alike(&self, item: &NewItem) -> String {
        requote(&item.text, self.first_quote())
    }

    /// A new text for the item of an index, in its quotes where these were a choice, else as one that is added.
    pub fn quoted_as(&self, index: usize, text: &str) -> String {
        let own = self.slots.get(index).and_then(|slot| self.chosen_quote(slot));
        requote(text, own.or_else(|| self.first_quote()))
    }

    fn first_quote(&self) -> Option<char> {
        self.slots.iter().find_map(|slot| self.chosen_quote(slot))
    }

    fn chosen_quote(&self, slot: &Slot) -> Option<char> {
        let text = &self.text[slot.span.clone()];
        freely_quoted(text).and_then(|_| text.chars().next())
    }
}

/// The texts, each with this before and this behind it.
pub fn joined(texts: &[String], before: &str, behind: &str) -> String {
    texts.iter().flat_map(|text| [before, text, behind]).collect()
}

/// Items in the order that an array of them alone would have.
pub fn sorted(mut items: Vec<NewItem>) -> Vec<String> {
    items.sort_by_cached_key(|item| (item.string.is_none(), item.string.as_deref().map(|s| Order::Name.key(s))));
    items.into_iter().map(|item| item.text).collect()
}

/// A string in these quotes where that needs no escapes, else as it was.
fn requote(text: &str, quote: Option<char>) -> String {
    match (quote, freely_quoted(text)) {
        (Some(quote), Some(inner)) => format!("{quote}{inner}{quote}"),
        _ => text.to_owned(),
    }
}

/// What a string on one line has between its quotes where it could have either quotes.
fn freely_quoted(text: &str) -> Option<&str> {
    let inner = ['"', '\''].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))?;
    (!inner.contains(['"', '\'', '\\', '\n'])).then_some(inner)
}
