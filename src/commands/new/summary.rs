//! What `new` says: the values before, what was made and what to type next after.

use std::path::Path;
use std::time::Duration;

use super::lanes::{Done, Times, Wish};
use crate::domain::catalog::Family;
use crate::domain::reconcile::Note;
use crate::domain::scaffold::Scaffolded;
use crate::domain::spec::Author;
use crate::system::interpreter::Chosen;
use crate::system::surroundings;
use crate::ui::{Ui, style};

/// The resolved values, where nobody was asked.
pub fn values(ui: Ui, wish: &Wish<'_>, chosen: Option<&Chosen>) {
    let values = &wish.resolved.spec.values;
    let tools: Vec<&str> = wish.resolved.tools.iter().map(|tool| tool.name.as_str()).collect();
    let mut rows = vec![
        ("template", wish.resolved.template.name.clone()),
        ("preset", wish.draft.preset.clone()),
        ("tools", if tools.is_empty() { "none".into() } else { tools.join(", ") }),
        ("requires", format!("Python {}", values.requires_python)),
    ];
    if values.package != values.name {
        rows.push(("package", values.package.clone()));
    }
    if let Some(license) = &values.license {
        rows.push(("licence", license.clone()));
    }
    if !values.authors.is_empty() {
        rows.push(("author", values.authors.iter().map(Author::display).collect::<Vec<_>>().join(", ")));
    }
    if let Some(url) = &values.url {
        rows.push(("url", url.clone()));
    }
    if let Some(chosen) = chosen {
        let interpreter = &chosen.interpreter;
        rows.push((
            "python",
            format!("{} at {} ({})", interpreter.version, interpreter.executable.display(), chosen.why),
        ));
    }
    ui.say(format!("{} in {}", style::paint(style::BOLD, &values.name), wish.draft.path.display()));
    for (label, value) in rows {
        ui.say(format!("  {label:<10}{value}"));
    }
}

/// What stood there and was kept.
pub fn kept(ui: Ui, scaffolded: &Scaffolded) {
    for place in &scaffolded.kept {
        ui.say(format!("  kept      {place}, which was there"));
    }
    for note in &scaffolded.notes {
        let (Note::Kept { piece, found } | Note::Edited { piece, found }) = note;
        ui.warn(format!("{}: {found:?} stays; {} would have written {:?}", piece.place, owners(piece), piece.text));
    }
}

fn owners(piece: &crate::domain::piece::Piece) -> String {
    piece.owners.iter().map(String::as_str).collect::<Vec<_>>().join(" and ")
}

/// What was made, how long each part took, and what to type next.
pub fn end(ui: Ui, wish: &Wish<'_>, times: &Times, done: &Done) {
    let mut parts = vec![format!("files {}", shown(times.files))];
    parts.extend(times.git.map(|time| format!("git {}", shown(time))));
    parts.extend(times.environment.map(|time| format!("environment {}", shown(time))));
    ui.say(format!("made {} ({})", wish.resolved.spec.values.name, parts.join(", ")));
    // The wizard makes its folder in the one where the user stands.
    let typed = wish.args.path.as_deref().or_else(|| wish.draft.path.file_name().map(Path::new));
    let mut next = vec![format!("cd {}", shell_word(typed.unwrap_or(&wish.draft.path)))];
    if done.ready {
        next.push(activate(surroundings::shell().as_deref()).to_owned());
        let has_tests = wish.resolved.template.sources.keys().any(|path| path.starts_with("tests/"));
        let tests = wish.resolved.tools.iter().find(|tool| has_tests && tool.family == Family::Test);
        next.push(tests.and_then(|tool| tool.prove.first()).map_or_else(|| "python".into(), Clone::clone));
    } else {
        next.push("pyenvkit sync".into());
    }
    next.retain(|line| line != "cd .");
    ui.say("next:");
    for line in next {
        ui.say(format!("  {line}"));
    }
}

fn shown(time: Duration) -> String {
    if time.as_secs() >= 1 { format!("{:.1} s", time.as_secs_f64()) } else { format!("{} ms", time.as_millis()) }
}

/// The command that activates the environment in `shell`, by the scripts that venv writes.
fn activate(shell: Option<&str>) -> &'static str {
    match shell {
        _ if cfg!(windows) => r".venv\Scripts\activate",
        Some("fish") => "source .venv/bin/activate.fish",
        Some("csh" | "tcsh") => "source .venv/bin/activate.csh",
        // `source` is not in every `sh`.
        Some("sh" | "dash" | "ash" | "ksh") => ". .venv/bin/activate",
        _ => "source .venv/bin/activate",
    }
}

/// The path as a shell takes it: in quotes where it must be.
fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "/._-+:\\".contains(character);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
