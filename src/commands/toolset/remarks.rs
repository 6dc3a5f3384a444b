//! What a change says beside its files: what was there already, what decides, what is spared.

use super::Planner;
use crate::domain::reconcile::Note;
use crate::domain::toolset::{Changed, Remark};
use crate::ui::Ui;

/// Say it, each thing once.
pub fn say(changed: &Changed, planner: &Planner<'_>, ui: Ui) {
    let mut said: Vec<String> = Vec::new();
    for remark in &changed.remarks {
        let (is_warning, line) = words(remark, planner);
        if said.contains(&line) {
            continue;
        }
        if is_warning {
            ui.warn(&line);
        } else {
            ui.say(&line);
        }
        said.push(line);
    }
}

fn words(remark: &Remark, planner: &Planner<'_>) -> (bool, String) {
    match remark {
        Remark::Note(Note::Kept { piece, found }) => {
            let found = found.lines().find(|line| !line.trim_start().starts_with('#')).unwrap_or_default();
            (false, format!("{} has {:?} already; it is kept", piece.place, found.trim()))
        }
        Remark::Note(Note::Edited { piece, found }) => {
            let first = found.lines().next().unwrap_or_default();
            (true, format!("{}: {:?} was edited since; it is kept and yours from now on", piece.place, first.trim()))
        }
        Remark::Declared { tool, requirement } => {
            let version = requirement.specifiers().map_or_else(String::new, |it| format!(" ({it})"));
            (false, format!("{tool} is required in {} already{version}; that stands", requirement.list.file()))
        }
        Remark::Kept { tool, found } => {
            let what = match (found.configured, found.hooked) {
                (true, true) => "its configuration and its hook stay",
                (true, false) => "its configuration stays",
                _ => "its hook stays",
            };
            (false, format!("{tool} is in use here: {what} as you have it"))
        }
        Remark::Disagreement(disagreement) => {
            let said: Vec<String> =
                disagreement.said.iter().map(|(place, value)| format!("{place} says {value}")).collect();
            let (setting, taken) = (disagreement.setting.name(), &disagreement.taken);
            (
                true,
                format!(
                    "your tools do not agree on {setting}: {}; {taken} is taken, your own lines stay",
                    said.join(", ")
                ),
            )
        }
        Remark::Agreed(agreed) => {
            let mut parts = vec![format!("lines of {} columns", agreed.line_length)];
            if !agreed.excludes.is_empty() {
                parts.push(format!("without {}", agreed.excludes.join(", ")));
            }
            (false, format!("as the project has it: {}", parts.join(", ")))
        }
        Remark::Yields { tool, role } => {
            (false, format!("{tool} is not the {} here: another tool is", role.replace('-', " ")))
        }
        Remark::Recognised { tool } => {
            (false, format!("{tool} stands as pyenvkit writes it; pyenvkit manages it from now on"))
        }
        Remark::NotHere { tool } => (true, format!("{tool} is not in {}", planner.project.folder.display())),
        Remark::Spared { tool, .. } => {
            (true, format!("what is left of {tool} is your own; --force takes that away too"))
        }
    }
}
