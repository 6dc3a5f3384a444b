//! TOL01 to TOL04: whether what one tool writes is what another one accepts. All of it is mended by one fix.

use anyhow::Result;
use toml::Value;

use super::super::{Check, Docs, EVERYWHERE, Edit, Family, Finding, Findings, Fix, Fixable, Severity};
use super::{NEEDS, Used, View, key_locator, unknown};
use crate::domain::agree::{Coded, Setting, Written, decode};
use crate::domain::catalog::{Expectation, Home, Rules};
use crate::domain::edit;
use crate::domain::facts::Facts;
use crate::domain::piece::{Item, Locator};
use crate::domain::settings_text;

const FORMATTER: &str = "formatter";
const IMPORT_SORTER: &str = "import-sorter";

pub const LINE_LENGTH: Check = Check {
    id: "TOL01",
    family: Family::Tools,
    title: "tools have different line lengths",
    docs: Docs {
        what: "Two tools that break lines have different limits for the length of a line, or one that reports long lines \
               has a lower limit than the one that breaks them: they are configured differently, or one of them was left \
               at its default. A linter's limit beyond the formatter's is no fault: it is for what cannot be broken.",
        why: "One tool reports or breaks lines that the other one has just written. No commit satisfies both.",
        origin: "The length was changed for one tool alone, or a tool was added without a configuration: the defaults \
                 of formatters and linters differ (88 and 79 columns).",
        remedy: "Write the formatter's length into the configuration of every tool.",
    },
    needs: NEEDS,
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: |facts| agreement(facts, "TOL01"),
};

pub const FIGHTING_RULES: Check = Check {
    id: "TOL02",
    family: Family::Tools,
    title: "a linter forbids what the formatter writes",
    docs: Docs {
        what: "Rules of a linter are in force that judge white space and line breaks otherwise than the formatter \
               writes them: E203, E701, E704 and W503 of pycodestyle, for example.",
        why: "Code that has just been formatted is reported, and mending it by hand is undone by the formatter.",
        origin: "The formatter was added later, or `ignore` was written, which replaces the linter's own list of \
                 rules that are off.",
        remedy: "Add the rules to `extend-ignore`.",
    },
    needs: NEEDS,
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: |facts| agreement(facts, "TOL02"),
};

pub const UNPROFILED: Check = Check {
    id: "TOL03",
    family: Family::Tools,
    title: "imports are sorted in another style than the formatter's",
    docs: Docs {
        what: "The tool that sorts imports is used beside a formatter without the setting that makes it write imports in \
               the formatter's style (a profile), or with settings that contradict it.",
        why: "It breaks long imports as the formatter does not, and each undoes the other's work: one of the two always \
              reports the file.",
        origin: "Its own default is another style, and it is not changed by the formatter being there.",
        remedy: "Write the profile into the configuration of the import sorter, and leave out what contradicts it.",
    },
    needs: NEEDS,
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: |facts| agreement(facts, "TOL03"),
};

pub const OWN_FIGHT: Check = Check {
    id: "TOL04",
    family: Family::Tools,
    title: "a tool's rules fight its own formatter",
    docs: Docs {
        what: "A tool that both formats and reports has rules in force that its own formatter does not keep, such as \
               the one for trailing commas (COM812).",
        why: "The fix of the rule and the formatter change the same lines to and fro.",
        origin: "A whole family of rules was selected (`COM`, or `ALL`).",
        remedy: "Add the rules to the tool's list of rules that are off.",
    },
    needs: NEEDS,
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::Safely,
    run: |facts| agreement(facts, "TOL04"),
};

/// Something that a tool says otherwise than it should.
struct Difference {
    check: &'static str,
    finding: Finding,
    edits: Vec<Edit>,
}

/// The differences that `check` is about; all share the fix that mends every one of them.
fn agreement(facts: &Facts, check: &str) -> Findings {
    let view = View::new(facts)?;
    let differences = view.differences().map_err(|error| unknown(&error))?;
    let edits: Vec<Edit> = differences.iter().flat_map(|difference| difference.edits.iter().cloned()).collect();
    let fix = edits.into_iter().fold(Fix::safe("let the tools agree with each other"), Fix::edit);
    let own = differences.into_iter().filter(|difference| difference.check == check);
    Ok(own.map(|difference| difference.finding.fix(fix.clone())).collect())
}

impl<'f> View<'f> {
    fn differences(&self) -> Result<Vec<Difference>> {
        let known: Vec<&Used<'f>> = self.used.iter().filter(|used| !self.is_told_by_arguments(used)).collect();
        let mut all = self.line_lengths(&known)?;
        for used in known {
            for fight in &used.tool.fights {
                let beside = fight.with.as_ref().is_none_or(|tool| self.uses(tool));
                let in_role = fight.role.as_ref().map_or(Ok(true), |role| self.has_role(used, role))?;
                let check = if fight.with.is_some() { "TOL02" } else { "TOL04" };
                if beside && in_role {
                    let other = fight.with.as_deref().unwrap_or("its own formatter");
                    all.extend(self.fight(used, &fight.rules, other)?.map(|it| Difference { check, ..it }));
                }
            }
            for expectation in used.tool.expects.iter().filter(|it| self.uses(&it.with)) {
                all.extend(self.expectation(used, expectation)?);
            }
        }
        Ok(all)
    }

    fn line_lengths(&self, known: &[&Used<'f>]) -> Result<Vec<Difference>> {
        let mut said = Vec::new();
        for used in known {
            if let Some(line) = self.line_length(used)? {
                said.push(line);
            }
        }
        let leads = |line: &&Line<'_, 'f>| line.formats && line.is_stated;
        let leader = said.iter().find(leads).or_else(|| said.iter().find(|line| line.formats));
        let Some(leader) = leader.or_else(|| said.iter().find(|line| line.is_stated)) else { return Ok(Vec::new()) };
        let others = said.iter().filter(|line| line.clashes(leader));
        Ok(others.map(|line| self.other_length(line, leader)).collect())
    }

    fn other_length(&self, line: &Line<'_, 'f>, leader: &Line<'_, 'f>) -> Difference {
        let (name, other) = (&line.used.tool.name, &leader.used.tool.name);
        let how = |line: &Line<'_, 'f>| if line.is_stated { "is told" } else { "goes by its default of" };
        let finding =
            Finding::new(format!("{name} has lines of {} columns, {other} of {}", line.columns, leader.columns))
                .because(format!("{name} {} {}, {other} {} {}", how(line), line.columns, how(leader), leader.columns))
                .so(format!("no code satisfies both {name} and {other}"))
                .remedy(format!("write {} = {} into the configuration of {name}", line.key, leader.columns));
        let edits = line.used.home.and_then(|home| self.setting(home, line.key, &leader.columns.into()));
        let finding = Finding { location: self.location(line.used, line.key), ..finding };
        Difference { check: "TOL01", finding, edits: edits.into_iter().collect() }
    }

    /// The line length that a tool goes by; `None` where it goes by none.
    fn line_length<'v>(&'v self, used: &'v Used<'f>) -> Result<Option<Line<'v, 'f>>> {
        let Some(written) = used.tool.agree.get(&Setting::LineLength) else { return Ok(None) };
        let (default, governing) = match written {
            Written::Key(_) => (None, &[][..]),
            Written::Coded(coded) if self.is_given(used, coded)? => (coded.default.as_ref(), &coded.rules[..]),
            Written::Coded(coded) => (None, &coded.rules[..]),
        };
        let formats = self.has_role(used, FORMATTER)?;
        let writes = formats || self.has_role(used, IMPORT_SORTER)?;
        let stated = self.value(used, written.key())?;
        let value = stated.as_ref().or(default).and_then(|value| decode(Setting::LineLength, written, value));
        let Some(columns) = value.and_then(|value| value.as_integer()) else { return Ok(None) };
        let line = Line { used, key: written.key(), columns, is_stated: stated.is_some(), formats, writes };
        let counts = formats || governing.is_empty() || !self.in_force(used, governing)?.is_empty();
        Ok(counts.then_some(line))
    }

    /// Whether a default is one here: the setting that it depends on stands, or is missed and will be told of.
    fn is_given(&self, used: &Used<'f>, coded: &Coded) -> Result<bool> {
        let Some(given) = &coded.given else { return Ok(true) };
        let is_missed = used.tool.expects.iter().any(|it| it.key == given.key && self.uses(&it.with));
        Ok(is_missed || self.value(used, &given.key)?.is_some_and(|found| says(&found, &given.value)))
    }

    /// Those of `codes` that a tool reports.
    fn in_force<'c>(&self, used: &Used<'f>, codes: &'c [String]) -> Result<Vec<&'c str>> {
        let Some(rules) = &used.tool.rules else { return Ok(Vec::new()) };
        let (selected, ignored) = self.chosen(used, rules)?;
        let on = |code: &&String| match (specific(code, &selected), specific(code, &ignored)) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(on), Some(off)) => on > off,
        };
        Ok(codes.iter().filter(on).map(String::as_str).collect())
    }

    /// The beginnings of codes that are selected, and those that are left out.
    fn chosen(&self, used: &Used<'f>, rules: &Rules) -> Result<(Vec<String>, Vec<String>)> {
        let list = |key: &str| Ok::<_, anyhow::Error>(self.value(used, key)?.map(|value| codes(&value)));
        let mut selected = list(&rules.select)?.unwrap_or_else(|| rules.selected.clone());
        selected.extend(list(&rules.extend_select)?.unwrap_or_default());
        let mut ignored = list(&rules.ignore)?.unwrap_or_else(|| rules.ignored.clone());
        ignored.extend(list(&rules.extend_ignore)?.unwrap_or_default());
        Ok((selected, ignored))
    }

    fn fight(&self, used: &Used<'f>, codes: &[String], other: &str) -> Result<Option<Difference>> {
        let (Some(rules), on) = (&used.tool.rules, self.in_force(used, codes)?) else { return Ok(None) };
        if on.is_empty() {
            return Ok(None);
        }
        let name = &used.tool.name;
        let key = if self.value(used, &rules.ignore)?.is_some() { &rules.ignore } else { &rules.extend_ignore };
        let finding = Finding::new(format!("{name} reports what {other} writes: {}", on.join(", ")))
            .because(format!("{} of {name} does not name {}", rules.extend_ignore, on.join(", ")))
            .so("code that has just been formatted is reported")
            .remedy(format!("add {} to {key} of {name}", on.join(", ")));
        let finding = Finding { location: self.location(used, key), ..finding };
        let edits = on.iter().filter_map(|code| item(used.home?, key, code)).collect();
        Ok(Some(Difference { check: "TOL02", finding, edits }))
    }

    fn expectation(&self, used: &Used<'f>, expected: &Expectation) -> Result<Option<Difference>> {
        let Expectation { with, key, value, same } = expected;
        let mut contradicting = Vec::new();
        let mut together = !same.is_empty();
        for (key, values) in same {
            match self.value(used, key)? {
                Some(found) if !values.iter().any(|value| says(&found, value)) => contradicting.push(key),
                Some(_) => {}
                None => together = false,
            }
        }
        let found = self.value(used, key)?;
        let fits = together || found.as_ref().is_some_and(|found| says(found, value));
        if fits && contradicting.is_empty() {
            return Ok(None);
        }
        let name = &used.tool.name;
        let shown: Vec<&str> = contradicting.iter().map(|key| key.as_str()).collect();
        let cause = if fits || !shown.is_empty() {
            format!("{} of {name} contradicts {key} = {value}", shown.join(", "))
        } else {
            format!("{key} of {name} is not {value}")
        };
        let finding = Finding::new(format!("{name} and {with} write imports in different styles"))
            .because(cause)
            .so("each undoes the other's work")
            .remedy(format!("write {key} = {value} into the configuration of {name}"));
        let finding = Finding { location: self.location(used, shown.first().unwrap_or(&key.as_str())), ..finding };
        let mut edits = Vec::new();
        if let Some(home) = used.home {
            let place = settings_text::place(home)?;
            let cuts = contradicting.iter().filter_map(|key| key_locator(home, key));
            edits.extend(cuts.map(|at| Edit::Cut { place: place.clone(), at }));
            if !fits {
                edits.extend(self.setting(home, key, value));
            }
        }
        Ok(Some(Difference { check: "TOL03", finding, edits }))
    }

    /// Let a key have a value. What else its user wrote on the same line stays.
    pub(super) fn setting(&self, home: &Home, key: &str, value: &Value) -> Option<Edit> {
        let place = settings_text::place(home).ok()?;
        let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
        let (at, text) = settings_text::pieces(home, table, &format!("{name} = {value}")).ok()?.into_iter().next()?;
        let standing = self.tree.clone().text(&place).ok().flatten();
        let standing = standing.and_then(|text| edit::find(&text, &[&at]).ok()?.pop()?);
        let behind = standing.as_deref().and_then(|text| text.split_once('#')).map(|(_, comment)| comment);
        let text = match behind.filter(|_| matches!(at, Locator::TomlKey { .. })) {
            Some(comment) => format!("{text} #{comment}"),
            None => text,
        };
        Some(Edit::Put { place, at, text })
    }
}

/// A line length that a tool goes by.
struct Line<'v, 'f> {
    used: &'v Used<'f>,
    key: &'v str,
    columns: i64,
    /// Whether it is written, and no default.
    is_stated: bool,
    formats: bool,
    /// Whether it breaks lines itself.
    writes: bool,
}

impl Line<'_, '_> {
    /// Whether both break lines, each elsewhere, or the one reports what the other leaves. A limit beyond that of who breaks
    /// the lines is never reached by them, and is there for what cannot be broken.
    fn clashes(&self, other: &Self) -> bool {
        match (self.writes, other.writes) {
            (true, true) => self.columns != other.columns,
            (true, false) => self.columns > other.columns,
            (false, true) => self.columns < other.columns,
            (false, false) => false,
        }
    }
}

/// How much of `code` the longest of `beginnings` names.
fn specific(code: &str, beginnings: &[String]) -> Option<usize> {
    let length = |start: &String| match start.as_str() {
        "ALL" => Some(0),
        start => code.starts_with(start).then_some(start.len()),
    };
    beginnings.iter().filter_map(length).max()
}

/// A list of codes; in INI with commas, white space and comments between them.
fn codes(value: &Value) -> Vec<String> {
    let split = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
        let words = lines.flat_map(|line| line.split([',', ' ', '\t']));
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    match value {
        Value::String(text) => split(text),
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Whether a value, in INI a string, is the wanted one.
fn says(found: &Value, wanted: &Value) -> bool {
    let bare = |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
    bare(found).eq_ignore_ascii_case(&bare(wanted))
}

/// Add a code to a list.
pub(super) fn item(home: &Home, key: &str, code: &str) -> Option<Edit> {
    let place = settings_text::place(home).ok()?;
    let (at, text) = match key_locator(home, key)? {
        Locator::TomlKey { table, key } => {
            let text = Value::from(code).to_string();
            (Locator::TomlItem { table, key, item: Item::Value(text.clone()) }, text)
        }
        Locator::IniKey { section, key } => {
            (Locator::IniItem { section, key, item: Item::Value(code.to_owned()) }, code.to_owned())
        }
        _ => return None,
    };
    Some(Edit::Put { place, at, text })
}
