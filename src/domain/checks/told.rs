//! What is at fault once is told once, however many projects share it: the machine, a repository, an environment.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{Finding, Report, Status};

/// The faults of the reports until now, by their hashes: a run over many projects does not hold what was found in them.
#[derive(Debug, Default)]
pub struct Told {
    faults: HashSet<u64>,
}

/// The hash of what makes two findings one fault: the same check says the same of the same place. `shared` is what the
/// project calls things that another project may call otherwise.
fn fault(check: &str, finding: &Finding, shared: &[String]) -> u64 {
    let place = finding.location.as_ref();
    let place = place.map(|it| (&it.path, it.source.as_ref().map_or(0, |(_, span)| span.start)));
    let message = shared.iter().fold(finding.message.clone(), |text, name| text.replace(name.as_str(), "*"));
    let mut hasher = DefaultHasher::new();
    (check, place, message).hash(&mut hasher);
    hasher.finish()
}

impl Told {
    /// Take the faults out of `report` that were told before, and remember the others. A fault without a place is that of
    /// its project, unless `report` is the machine's: then no project has it.
    pub fn once(&mut self, report: &mut Report, shared: &[String]) {
        let of_machine = report.project.is_none();
        let mut new = Vec::new();
        for outcome in &mut report.outcomes {
            let check = outcome.check.id;
            let Status::Found(findings) = &mut outcome.status else { continue };
            findings.retain(|finding| {
                let fault = fault(check, finding, shared);
                let was_told = self.faults.contains(&fault);
                if !was_told && (of_machine || finding.location.is_some()) {
                    new.push(fault);
                }
                !was_told
            });
            if findings.is_empty() {
                outcome.status = Status::Skip("told elsewhere: the fault is not this project's alone".to_owned());
            }
        }
        // Only now: one report may say the same twice.
        self.faults.extend(new);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{CHECKS, Location, Outcome};
    use super::*;

    fn report(project: Option<&str>, findings: Vec<Finding>) -> Report {
        let outcomes = vec![Outcome { check: &CHECKS[0], status: Status::Found(findings) }];
        Report { project: project.map(PathBuf::from), outcomes, ..Report::default() }
    }

    #[test]
    fn what_is_shared_is_told_once_and_what_is_a_project_s_own_each_time() {
        let mut told = Told::default();
        let mut count = |mut report: Report, shared: &[&str]| {
            told.once(&mut report, &shared.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
            report.findings().count()
        };
        let plain = |text: &str| Finding::new(text);
        let placed = |text: &str| Finding::new(text).at(Location::file("/top/.venv"));
        assert_eq!(count(report(None, vec![plain("variable")]), &[]), 1);
        assert_eq!(count(report(Some("/a"), vec![plain("variable"), plain("own"), plain("own")]), &[]), 2);
        assert_eq!(count(report(Some("/b"), vec![plain("own")]), &[]), 1);
        assert_eq!(count(report(Some("/top"), vec![placed("the environment .venv is broken")]), &[".venv"]), 1);
        let other = placed("the environment /top/.venv is broken");
        assert_eq!(count(report(Some("/top/member"), vec![other]), &["/top/.venv"]), 0);
        assert_eq!(count(report(Some("/top/other"), vec![placed("another fault")]), &[]), 1);
    }
}
