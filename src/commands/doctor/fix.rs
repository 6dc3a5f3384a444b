//! `doctor --fix`: shows what it will do, edits files as one transaction, then repairs what is no file of the project.

use anyhow::Result;
use serde_json::json;

use super::steps::Steps;
use super::{Args, Examined, HowMuch};
use crate::commands::change::Preview;
use crate::domain::checks::{self, Edit, Fix, Safety, Severity};
use crate::domain::plan::Plan;
use crate::domain::tree::Tree;
use crate::system::apply::transact;
use crate::system::disk::{Disk, Roots};
use crate::system::interrupt::Interrupted;
use crate::system::probe::Subject;
use crate::system::{project, recover};
use crate::ui::progress::Lanes;
use crate::ui::{Ui, harmless, prompt, report};

/// Whether a second look is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Nothing,
    Something,
}

/// Mend what can be mended in each project.
///
/// # Errors
/// A fix failed. Files are as before or as they should be; an environment is as before or the new one.
pub fn run(examined: &[Examined], how_much: HowMuch, args: &Args, ui: Ui) -> Result<Done> {
    let mut done = Done::Nothing;
    for one in examined {
        let Some(subject) = &one.subject else { continue };
        let job = Job::new(one, subject, how_much);
        if job.fixes.is_empty() {
            continue;
        }
        if job.run(args, ui)? == Done::Something {
            done = Done::Something;
        }
    }
    if done == Done::Nothing && !args.change.is_preview() {
        ui.say("nothing was changed");
    }
    Ok(done)
}

/// What is mended in one project.
struct Job<'e> {
    subject: &'e Subject,
    roots: Roots,
    /// Each once, in the order of the catalogue.
    fixes: Vec<Mending<'e>>,
}

/// A fix, and the worst that it mends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mending<'e> {
    fix: &'e Fix,
    severity: Severity,
}

impl<'e> Job<'e> {
    fn new(examined: &'e Examined, subject: &'e Subject, how_much: HowMuch) -> Self {
        let limit = if how_much == HowMuch::All { Safety::Asks } else { Safety::Safe };
        let mut fixes: Vec<Mending<'e>> = Vec::new();
        for (check, finding) in examined.report.findings() {
            let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safety <= limit) else { continue };
            let severity = finding.severity.unwrap_or(check.severity);
            match fixes.iter_mut().find(|known| known.fix == fix) {
                Some(known) => known.severity = known.severity.max(severity),
                None => fixes.push(Mending { fix, severity }),
            }
        }
        let mut roots = project::roots(&subject.folder, subject.repository.as_ref());
        if let Some(environment) = &examined.environment {
            roots.environment.clone_from(environment);
        }
        Self { subject, roots, fixes }
    }

    fn edits(&self) -> impl Iterator<Item = &'e Edit> {
        self.fixes.iter().flat_map(|mending| &mending.fix.edits)
    }

    fn steps(&self) -> Steps {
        Steps::of(&self.fixes.iter().map(|mending| mending.fix).collect::<Vec<_>>())
    }

    fn run(mut self, args: &Args, ui: Ui) -> Result<Done> {
        if !args.change.is_preview() && !recover::unfinished(&self.roots)?.is_empty() {
            // Nothing is planned on files that are half changed.
            recover::recover(&self.roots, &Lanes::new(ui))?;
        }
        if args.change.is_preview() {
            let labels: Vec<&str> = self.fixes.iter().map(|mending| mending.fix.label.as_str()).collect();
            let (plan, values) = (self.plan()?, json!({ "fixes": labels }));
            let target = self.subject.folder.clone();
            args.change.show(ui, &Preview { plan: &plan, target, then: self.steps().shown(), values })?;
            return Ok(Done::Nothing);
        }
        self.show(ui)?;
        if args.change.asks(ui) {
            self.choose(ui)?;
        }
        if self.fixes.is_empty() {
            return Ok(Done::Nothing);
        }
        if !self.plan()?.is_empty() {
            transact(&self.roots, &Lanes::new(ui), |tree| checks::apply(tree, self.edits()))?;
        }
        self.steps().carry_out(self.subject, &args.change, ui)?;
        Ok(Done::Something)
    }

    /// What the edits change.
    fn plan(&self) -> Result<Plan> {
        let disk = Disk::new(&self.roots)?;
        let mut tree = Tree::new(&disk);
        checks::apply(&mut tree, self.edits())?;
        Ok(Plan::of(&tree))
    }

    /// Say what will be done.
    fn show(&self, ui: Ui) -> Result<()> {
        ui.say(format!("in {}", harmless::line(&self.subject.folder.display().to_string())));
        for Mending { fix, severity } in &self.fixes {
            let word = if *severity == Severity::Failure { "failure" } else { "warning" };
            ui.say(format!("  * {} ({word})", harmless::line(&fix.label)));
        }
        self.show_details(ui)
    }

    /// Say what changes for it, files and what follows them.
    fn show_details(&self, ui: Ui) -> Result<()> {
        for line in report::plan_lines(&self.plan()?).lines() {
            ui.say(line);
        }
        for step in self.steps().shown() {
            ui.say(format!("  $ {}", harmless::line(&step)));
        }
        Ok(())
    }

    /// Leave only what is agreed to by somebody who is there to answer; nothing is done without a yes.
    fn choose(&mut self, ui: Ui) -> Result<()> {
        let several = self.fixes.len() > 1;
        let failures = self.fixes.iter().filter(|mending| mending.severity == Severity::Failure).count();
        let some = failures > 0 && failures < self.fixes.len();
        let mut keys = vec![('a', "all"), ('e', "only errors"), ('o', "one by one"), ('n', "nothing")];
        keys.retain(|(key, _)| some || *key != 'e');
        let key = if several {
            answered(prompt::key("what shall be done?", &keys, 'n')?)?
        } else {
            answered(prompt::yes("do this?", false)?)?.map(|yes| if yes { 'a' } else { 'n' })
        };
        match key {
            Some('a') => {}
            Some('e') => {
                self.fixes.retain(|mending| mending.severity == Severity::Failure);
                self.show_details(ui)?;
            }
            Some('o') => self.choose_each(ui)?,
            _ => self.fixes.clear(),
        }
        Ok(())
    }

    fn choose_each(&mut self, ui: Ui) -> Result<()> {
        let mut kept = Vec::new();
        for mending in std::mem::take(&mut self.fixes) {
            let one = Self { subject: self.subject, roots: self.roots.clone(), fixes: vec![mending] };
            one.show_details(ui)?;
            match answered(prompt::yes(&harmless::line(&mending.fix.label), false)?)? {
                Some(true) => kept.push(mending),
                Some(false) => {}
                // What comes after is not wanted either.
                None => break,
            }
        }
        self.fixes = kept;
        Ok(())
    }
}

/// What was answered; `None` where the question was left.
fn answered<T>(answer: prompt::Answer<T>) -> Result<Option<T>> {
    match answer {
        prompt::Answer::Given(answer) => Ok(Some(answer)),
        prompt::Answer::Back => Ok(None),
        prompt::Answer::Stopped => Err(Interrupted.into()),
    }
}
