//! `doctor --fix`: shows what it will do, edits files as one transaction, then repairs what is no file of the project.

use anyhow::Result;
use serde_json::json;

use super::steps::Steps;
use super::{Args, Examined, HowMuch};
use crate::commands::change::{Change, Preview};
use crate::domain::checks::{self, Edit, Fix, Safety};
use crate::domain::plan::Plan;
use crate::domain::tree::Tree;
use crate::system::apply::transact;
use crate::system::disk::{Disk, Roots};
use crate::system::interrupt::Interrupted;
use crate::system::probe::Subject;
use crate::system::{project, recover};
use crate::ui::progress::Lanes;
use crate::ui::{Ui, prompt, report};

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
    fixes: Vec<&'e Fix>,
}

impl<'e> Job<'e> {
    fn new(examined: &'e Examined, subject: &'e Subject, how_much: HowMuch) -> Self {
        let limit = if how_much == HowMuch::All { Safety::Asks } else { Safety::Safe };
        let mut fixes: Vec<&Fix> = Vec::new();
        let all = examined.report.findings().filter_map(|(_, finding)| finding.fix.as_ref());
        for fix in all.filter(|fix| fix.safety <= limit) {
            if !fixes.contains(&fix) {
                fixes.push(fix);
            }
        }
        let mut roots = project::roots(&subject.folder, subject.repository.as_ref());
        if let Some(environment) = &examined.environment {
            roots.environment.clone_from(environment);
        }
        Self { subject, roots, fixes }
    }

    fn edits(&self) -> impl Iterator<Item = &'e Edit> {
        self.fixes.iter().flat_map(|fix| &fix.edits)
    }

    fn run(&self, args: &Args, ui: Ui) -> Result<Done> {
        if !args.change.is_preview() && !recover::unfinished(&self.roots)?.is_empty() {
            // Nothing is planned on files that are half changed.
            recover::recover(&self.roots, &Lanes::new(ui))?;
        }
        let plan = self.plan()?;
        let steps = Steps::of(&self.fixes);
        let labels: Vec<&str> = self.fixes.iter().map(|fix| fix.label.as_str()).collect();
        if args.change.is_preview() {
            let values = json!({ "fixes": labels });
            let target = self.subject.folder.clone();
            args.change.show(ui, &Preview { plan: &plan, target, then: steps.shown(), values })?;
            return Ok(Done::Nothing);
        }
        if !self.agreed(&plan, &args.change, ui)? {
            return Ok(Done::Nothing);
        }
        if !plan.is_empty() {
            transact(&self.roots, &Lanes::new(ui), |tree| checks::apply(tree, self.edits()))?;
        }
        steps.carry_out(self.subject, &args.change, ui)?;
        Ok(Done::Something)
    }

    /// What the edits change.
    fn plan(&self) -> Result<Plan> {
        let disk = Disk::new(&self.roots)?;
        let mut tree = Tree::new(&disk);
        checks::apply(&mut tree, self.edits())?;
        Ok(Plan::of(&tree))
    }

    /// Show what will be done, and ask where somebody is there to answer; nothing is done without a yes.
    fn agreed(&self, plan: &Plan, change: &Change, ui: Ui) -> Result<bool> {
        ui.say(format!("in {}", self.subject.folder.display()));
        for fix in &self.fixes {
            ui.say(format!("  * {}", fix.label));
        }
        for line in report::plan_lines(plan).lines() {
            ui.say(line);
        }
        if !change.asks(ui) {
            return Ok(true);
        }
        match prompt::yes("do this?", false)? {
            prompt::Answer::Given(answer) => Ok(answer),
            prompt::Answer::Back => Ok(false),
            prompt::Answer::Stopped => Err(Interrupted.into()),
        }
    }
}
