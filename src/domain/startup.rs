//! What Python does whenever it starts (<https://docs.python.org/3/library/site.html>): the lines of `.pth` files,
//! `sitecustomize.py`, and the finders of editable installs that such lines put to work.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

/// What lets an installer write an editable install as a folder in a `.pth` file, and leave everything else as it is.
pub const AS_A_PATH: [&str; 3] = ["--no-deps", "--config-settings", "editable_mode=compat"];

/// A line of a `.pth` file that does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'t> {
    /// A folder to look for modules in, relative to that of the file.
    Path(&'t str),
    /// A statement that is executed.
    Import(&'t str),
}

/// The lines of a `.pth` file that do something, each with the bytes that it stands at.
pub fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, Line<'_>)> {
    spans(text).filter_map(|(at, line)| {
        let line = line.trim_end();
        let line_at = at..at + line.len();
        match line {
            _ if line.is_empty() || line.starts_with('#') => None,
            _ if line.starts_with("import ") || line.starts_with("import\t") => Some((line_at, Line::Import(line))),
            _ => Some((line_at, Line::Path(line))),
        }
    })
}

fn spans(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |next, line| {
        let at = *next;
        *next += line.len();
        Some((at, line))
    })
}

/// The outermost packages of what a statement imports first: of `import a.b, c as d; d.run()` these are `a` and `c`. Empty
/// where it is not understood.
#[must_use]
pub fn imported(statement: &str) -> Vec<&str> {
    let Some(rest) = statement.strip_prefix("import").filter(|rest| rest.starts_with([' ', '\t'])) else {
        return Vec::new();
    };
    let first = rest.split([';', '#']).next().unwrap_or_default();
    let outermost = |part| {
        let words: Vec<&str> = str::split_whitespace(part).collect();
        match words[..] {
            [module] | [module, "as", _] => name(module),
            _ => None,
        }
    };
    first.split(',').map(outermost).collect::<Option<_>>().unwrap_or_default()
}

/// The outermost package of a dotted name.
fn name(module: &str) -> Option<&str> {
    let first = module.split('.').next()?;
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    is_name(first).then_some(first)
}

/// The same of a module's text, as far as nothing but imports stands there: what comes before them could make up for them.
#[must_use]
pub fn leading_imports(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut quoted: Option<&str> = None;
    for (at, line) in spans(text) {
        let line = line.trim_end();
        if let Some(quote) = quoted {
            quoted = quoted.filter(|_| !line.contains(quote));
            continue;
        }
        let quote = ["\"\"\"", "'''"].into_iter().find(|quote| line.starts_with(quote));
        let names = match (quote, line.strip_prefix("from ").and_then(|rest| rest.split_once(" import "))) {
            (Some(quote), _) => {
                quoted = Some(quote).filter(|quote| !line[quote.len()..].contains(quote));
                continue;
            }
            (None, _) if line.is_empty() || line.starts_with('#') => continue,
            (None, Some((module, what))) if !what.contains('(') && !what.ends_with('\\') => {
                name(module.trim()).into_iter().collect()
            }
            _ => imported(line),
        };
        if names.is_empty() {
            break;
        }
        found.extend(names.into_iter().map(|name| (at..at + line.len(), name)));
    }
    found
}

/// The modules that a finder of an editable install leads to folders or files elsewhere, as `MAPPING` of
/// `__editable___*_finder.py` says (setuptools, `command/editable_wheel.py`). Empty where it is not understood.
#[must_use]
pub fn mapping(text: &str) -> BTreeMap<String, PathBuf> {
    let line = text.lines().find(|line| line.starts_with("MAPPING"));
    let pairs = line.and_then(|line| line.split_once('{')).and_then(|(_, rest)| strings(rest.trim_end()));
    let mut pairs = pairs.unwrap_or_default().into_iter();
    let mut found = BTreeMap::new();
    while let (Some(module), Some(path)) = (pairs.next(), pairs.next()) {
        found.insert(module, PathBuf::from(path));
    }
    found
}

/// The strings of `'a': 'b', 'c': 'd'}`; `None` where there is anything else.
fn strings(mut text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    loop {
        text = text.trim_start_matches([' ', ':', ',']);
        if text == "}" {
            return Some(found);
        }
        let quote = text.chars().next().filter(|c| ['\'', '"'].contains(c))?;
        let mut string = String::new();
        let mut rest = text[1..].chars();
        loop {
            match rest.next()? {
                '\\' => string.push(rest.next().filter(|c| ['\\', '\'', '"'].contains(c))?),
                c if c == quote => break,
                c => string.push(c),
            }
        }
        found.push(string);
        text = rest.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_do_something() {
        let text = "# import no\n\n../src \r\nimport a\nimport\tb; b.c()\nimportant\n import d\n";
        let found: Vec<Line<'_>> = lines(text).map(|(_, line)| line).collect();
        let wanted = [
            Line::Path("../src"),
            Line::Import("import a"),
            Line::Import("import\tb; b.c()"),
            Line::Path("important"),
            Line::Path(" import d"),
        ];
        assert_eq!(found, wanted);
        assert!(
            lines(text).all(|(at, line)| matches!(line, Line::Path(it) | Line::Import(it) if text[at.clone()] == *it))
        );
    }

    #[test]
    fn what_a_statement_imports() {
        assert_eq!(imported("import a.b, c as d; d.run()"), ["a", "c"]);
        assert_eq!(imported("import sys # import x"), ["sys"]);
        assert_eq!(imported("import os;exec('import nosuch')"), ["os"]);
        for odd in ["import", "import (a)", "import a b", "import *", "import 3d", "imports a", "exec('')"] {
            assert_eq!(imported(odd), [""; 0], "{odd}");
        }
    }

    #[test]
    fn what_a_module_imports_before_anything_else() {
        let names = |text| -> Vec<&str> { leading_imports(text).into_iter().map(|(_, name)| name).collect() };
        let text = "#!/bin/python\n\"\"\"Doc.\nimport no\n\"\"\"\n'''more'''\nimport a\nfrom b.c import d\n\nimport e as f\nx = 1\nimport g\n";
        assert_eq!(names(text), ["a", "b", "e"]);
        assert_eq!(names("try:\n    import a\nexcept ImportError:\n    pass\n"), [""; 0]);
        assert_eq!(names("import a\nfrom . import b\nimport c\n"), ["a"]);
        assert_eq!(names("from a import (\n  b\n)\nimport c\n"), [""; 0]);
        assert_eq!(names("if x: import a\n"), [""; 0]);
    }

    #[test]
    fn where_a_finder_leads() {
        let of = |text: &str| mapping(text).into_iter().collect::<Vec<_>>();
        let pair = |name: &str, path: &str| (name.to_owned(), PathBuf::from(path));
        let text = "import sys\nMAPPING: dict[str, str] = {'a': '/x y/a', \"b\": \"/it's/b\", 'c': 'C:\\\\x'}\nNAMESPACES = {}\n";
        assert_eq!(of(text), [pair("a", "/x y/a"), pair("b", "/it's/b"), pair("c", "C:\\x")]);
        assert_eq!(of("MAPPING = {}\n"), []);
        for odd in ["", "MAPPING = load()\n", "MAPPING = {'a': 1}\n", "MAPPING = {'a': '/x\n", "MAPPING = {**x}\n"] {
            assert_eq!(of(odd), [], "{odd}");
        }
    }
}
