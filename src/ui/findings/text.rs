//! Findings for people: a line for each category that is healthy, root causes first, what follows from them below.

use std::collections::BTreeMap;

use super::row::Row;
use super::{relative, severity, word};
use crate::domain::checks::{Check, Family, Finding, Outcome, Report, Safety, Severity, Status, Summary};
use crate::ui::harmless::line as clean;
use crate::ui::report::{At, source_line};
use crate::ui::style::{BOLD, DIM, ERROR, GOOD, HINT, WARNING, paint};
use crate::ui::wrap;

/// How much is told of what is not at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    Faults,
    /// A line for each category.
    Categories,
    /// Also why checks were skipped.
    Everything,
}

/// What was found in one project.
pub fn report(report: &Report, detail: Detail) -> String {
    let mut out = String::new();
    if let Some(why) = &report.refused {
        out += &format!("{} {}\n", paint(ERROR, "crash"), clean(why));
    }
    of_report(report, detail, &mut out);
    out
}

/// The same as one of several, under its name.
pub fn headed(one: &Report, row: &Row) -> String {
    format!("{}\n{}\n", paint(BOLD, row.name()), report(one, Detail::Everything))
}

fn of_report(report: &Report, detail: Detail, out: &mut String) {
    let mut families: BTreeMap<Family, Vec<&Outcome>> = BTreeMap::new();
    for outcome in &report.outcomes {
        families.entry(outcome.check.family).or_default().push(outcome);
    }
    let apart = if detail == Detail::Categories { fold(&mut families) } else { String::new() };
    for (family, outcomes) in families {
        let roots: Vec<_> = report.roots().filter(|(check, _)| check.family == family).collect();
        let faults = outcomes.iter().filter(|it| matches!(it.status, Status::Found(_) | Status::Crash(_))).count();
        if faults > 0 || detail != Detail::Faults {
            *out += &headline(family, &outcomes, report);
        }
        for (check, finding) in roots {
            of_finding(report, check, finding, out);
        }
        for outcome in outcomes {
            match &outcome.status {
                Status::Crash(why) => {
                    *out += &format!("  {} {} {}\n", paint(ERROR, "crash"), outcome.check.id, clean(why));
                }
                Status::Skip(why) if detail == Detail::Everything => {
                    let skip = format!("{} {}: {}", outcome.check.id, outcome.check.title, clean(why));
                    *out += &paint(DIM, format!("  skip {}", wrap::hanging(&skip, 7, wrap::columns())));
                    out.push('\n');
                }
                _ => {}
            }
        }
    }
    *out += &apart;
}

/// Take out the families of which nothing was judged for one reason, where that are most: a line says so of all.
fn fold(families: &mut BTreeMap<Family, Vec<&Outcome>>) -> String {
    let reason = |outcomes: &[&Outcome]| {
        let mut all =
            outcomes.iter().map(|it| if let Status::Skip(why) = &it.status { Some(why.clone()) } else { None });
        let first = all.next()??;
        all.all(|why| why.as_ref() == Some(&first)).then_some(first)
    };
    let reasons: Vec<String> = families.values().filter_map(|outcomes| reason(outcomes)).collect();
    let same = |why: &String| reasons.iter().filter(|other| *other == why).count();
    let Some(why) = reasons.iter().find(|why| same(why) * 2 > families.len()).cloned() else { return String::new() };
    let names: Vec<&str> = families
        .iter()
        .filter(|(_, outcomes)| reason(outcomes).as_ref() == Some(&why))
        .map(|(it, _)| it.title())
        .collect();
    let line = wrap::hanging(&format!("{} ({})", names.join(", "), clean(&why)), 6, wrap::columns());
    families.retain(|_, outcomes| reason(outcomes).as_ref() != Some(&why));
    format!("{} {line}\n", paint(DIM, format!("{:<5}", "skip")))
}

fn headline(family: Family, outcomes: &[&Outcome], report: &Report) -> String {
    let found = || report.findings().filter(|(check, _)| check.family == family);
    let worst = found().map(|(check, finding)| severity(check, finding)).max();
    let crashed = outcomes.iter().any(|it| matches!(it.status, Status::Crash(_)));
    let skipped: Vec<&str> = outcomes
        .iter()
        .filter_map(|it| if let Status::Skip(why) = &it.status { Some(why.as_str()) } else { None })
        .collect();
    let root = report.roots().any(|(check, _)| check.family == family);
    let (sign, style, more) = match worst {
        _ if crashed => ("crash", ERROR, String::new()),
        Some(Severity::Failure) => ("fail", ERROR, String::new()),
        Some(Severity::Warning) => ("warn", WARNING, String::new()),
        None if skipped.len() == outcomes.len() => {
            let same = skipped.iter().all(|why| *why == skipped[0]);
            ("skip", DIM, if same { format!(" ({})", clean(skipped[0])) } else { String::new() })
        }
        None => ("ok", GOOD, String::new()),
    };
    let below = if worst.is_some() && !root && !crashed { " (what follows from the above)" } else { "" };
    format!("{} {}{more}{below}\n", paint(style, format!("{sign:<5}")), family.title())
}

fn of_finding(report: &Report, check: &'static Check, finding: &Finding, out: &mut String) {
    let style = if severity(check, finding) == Severity::Failure { ERROR } else { WARNING };
    let columns = wrap::columns();
    let hanging = |text: &str, indent: usize| wrap::hanging(text, indent, columns);
    let message = hanging(&clean(&finding.message), check.id.len() + 3);
    *out += &format!("  {} {}\n", paint(style, check.id), paint(BOLD, message));
    if let Some(location) = &finding.location
        && let (Some((text, _)), Some((line, column))) = (&location.source, location.position())
    {
        let file = relative(location, report.project.as_deref());
        *out += &format!("        {}\n", paint(DIM, format!("{}:{line}:{column}", clean(&file))));
        // A line that is blank, or that nobody is to see, shows nothing.
        if text.lines().nth(line - 1).is_some_and(|line| !line.trim().is_empty()) {
            for drawn in source_line(text, &At { file: &file, line, column }, "").lines() {
                *out += &format!("        {}\n", drawn.trim_end());
            }
        }
    }
    if !finding.cause.is_empty() {
        *out += &format!("        {}\n", hanging(&format!("because {}", clean(&finding.cause)), 8));
    }
    if !finding.consequence.is_empty() {
        *out += &format!("        {}\n", hanging(&format!("so {}", clean(&finding.consequence)), 8));
    }
    let fix = match finding.fix.as_ref().map(|fix| fix.safety) {
        Some(Safety::Safe) => ", or pyenvkit doctor --fix",
        Some(Safety::Asks) => ", or pyenvkit doctor --fix=all",
        None => "",
    };
    // Whole, to be copied.
    *out += &format!("        {} {}{fix}\n", paint(HINT, "mend it:"), clean(&finding.remedy));
    for (check, finding) in report.consequences(&(check, finding)) {
        let sign = word(severity(check, finding));
        let message = hanging(&format!("{} {}", check.id, clean(&finding.message)), 12);
        *out += &format!("    {} {message}\n", paint(DIM, format!("-> {sign}")));
    }
}

/// How many findings there are.
pub fn closing(sum: Summary) -> String {
    let many = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    for (count, what) in [(sum.failures, "failure"), (sum.warnings, "warning"), (sum.crashes, "crashed check")] {
        if count > 0 {
            parts.push(many(count, what));
        }
    }
    if parts.is_empty() {
        parts.push("nothing is wrong".to_owned());
    }
    if sum.suppressed > 0 {
        parts.push(format!("{} ignored", sum.suppressed));
    }
    format!("{}\n", parts.join(", "))
}
