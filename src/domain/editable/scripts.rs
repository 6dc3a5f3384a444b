//! Console scripts: what is declared, and the launchers that pip and uv write for them on Unix.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::Refusal;
use super::metadata::pairs;

/// The longest first line that Linux (before 5.1) and macOS run: 127 bytes with `#!` and the line break, as `distlib` has it.
const LONGEST_SHEBANG: usize = 127;

/// The command name and `module:object` of each console and GUI script, in the order of the file.
pub fn declared(table: &Table) -> Result<Vec<(String, String)>, Refusal> {
    let mut all = pairs(table, "scripts")?;
    all.extend(pairs(table, "gui-scripts")?);
    let word = |text: &str| {
        !text.is_empty()
            && text.split('.').all(|part| {
                !part.is_empty()
                    && !part.starts_with(|c: char| c.is_ascii_digit())
                    && part.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
            })
    };
    let file = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    all.into_iter()
        .map(|(name, target)| match target.split_once(':') {
            Some((module, object)) if file(name) && !name.starts_with('.') && word(module) && word(object) => {
                Ok((name.to_owned(), target.to_owned()))
            }
            _ => Refusal::because(format!("the script {name} = {target:?} is not of the form module:object")),
        })
        .collect()
}

/// The content of `entry_points.txt`, empty where there are none.
pub fn entry_points(table: &Table) -> Result<String, Refusal> {
    let mut sections: Vec<(&str, Vec<(&str, &str)>)> =
        vec![("console_scripts", pairs(table, "scripts")?), ("gui_scripts", pairs(table, "gui-scripts")?)];
    let mut groups = Vec::new();
    if let Some(points) = table.get("entry-points") {
        let Some(points) = points.as_table() else {
            return Refusal::because("project.entry-points is not a table");
        };
        for (group, value) in points {
            if !value.is_table() || value.as_table().is_some_and(|table| table.values().any(Value::is_table)) {
                return Refusal::because(format!("project.entry-points.{group} is not a table of strings"));
            }
            groups.push((group.as_str(), pairs(points, group)?));
        }
    }
    groups.sort();
    sections.extend(groups);
    let mut text = String::new();
    for (section, items) in sections.into_iter().filter(|(_, items)| !items.is_empty()) {
        let break_before = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{break_before}[{section}]");
        for (name, target) in items {
            let _ = writeln!(text, "{name} = {target}");
        }
    }
    Ok(text)
}

/// The launcher of a script, as pip writes it: `python` is the absolute path of the environment's interpreter.
#[must_use]
pub fn script(python: &[u8], target: &str) -> Vec<u8> {
    let (module, object) = target.split_once(':').unwrap_or((target, "main"));
    let import = object.split('.').next().unwrap_or(object);
    let mut out = shebang(python);
    out.extend_from_slice(
        format!(
            "# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom {module} import {import}\n\
             if __name__ == '__main__':\n    \
             sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n    \
             sys.exit({object}())\n"
        )
        .as_bytes(),
    );
    out
}

/// The first line or lines that start `python`: `#!` where the kernel understands it, else text that is a command to
/// `/bin/sh` and a string to Python. Ends with a line break.
#[must_use]
pub fn shebang(python: &[u8]) -> Vec<u8> {
    let direct = !python.iter().any(u8::is_ascii_whitespace) && python.len() + 3 <= LONGEST_SHEBANG;
    if direct && std::str::from_utf8(python).is_ok() {
        return [b"#!", python, b"\n"].concat();
    }
    let name = python.rsplit(|byte| *byte == b'/').next().unwrap_or(b"python");
    let command = match std::str::from_utf8(python) {
        // Inside a Python string a backslash and inside a shell word nothing else than a quote has a meaning.
        Ok(text) if !text.contains(['\\', '\r']) => format!("'{}'", text.replace('\'', "'\"'\"'")).into_bytes(),
        _ => [b"\"$(dirname -- \"$(realpath -- \"$0\")\")\"/'".as_slice(), name, b"'"].concat(),
    };
    [b"#!/bin/sh\n'''exec' ".as_slice(), &command, b" \"$0\" \"$@\"\n' '''\n"].concat()
}

/// The program that the first lines of a script start, whichever form they have; `None` where they are none.
///
/// The forms are those of [`shebang`], and that of older launchers, which put the path between double quotes as it is.
#[must_use]
pub fn started(text: &str) -> Option<&str> {
    let mut lines = text.lines();
    let first = lines.next()?.strip_prefix("#!")?.trim();
    // A path that is too long for the kernel, or has blanks in it, stands in a second line.
    let Some(rest) = lines.next().and_then(|line| line.strip_prefix("'''exec' ")) else {
        return first.split_whitespace().next();
    };
    match rest.chars().next() {
        Some(mark @ ('"' | '\'')) => rest[1..].split(mark).next(),
        _ => rest.split(' ').next(),
    }
}

/// Whether the launchers that pip writes for `python` do not run: it puts the path between double quotes as it is.
#[must_use]
pub fn needs_repair(python: &[u8]) -> bool {
    let through_shell = python.iter().any(u8::is_ascii_whitespace) || python.len() + 3 > LONGEST_SHEBANG;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || b" /._+-,=@:%".contains(byte);
    (through_shell && !python.iter().all(plain)) || std::str::from_utf8(python).is_err()
}
