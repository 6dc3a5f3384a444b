//! What `new` asks on a terminal: one screen with the resolved values, or the whole wizard.

use anyhow::Result;

use super::draft::{self, Draft, Resolved, Sources};
use crate::domain::names::Names;
use crate::system::interpreter::Chosen;
use crate::system::load::Catalog;
use crate::ui::Ui;
use crate::ui::prompt::{self, Answer};

/// How the questions ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Create,
    Cancel,
    /// Ctrl-C.
    Stopped,
}

/// A draft that can be made, with the interpreter for it where one is wanted.
type Judged = (Resolved, Option<Chosen>);

/// What the questions are asked with.
pub struct Questions<'q> {
    pub sources: &'q Sources<'q>,
    /// Holds a draft against this machine: its folder, its interpreter.
    pub judge: &'q dyn Fn(&Draft) -> Result<Judged>,
}

/// One value that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Description,
    Template,
    Python,
    Preset,
    License,
    Author,
    Host,
}

const FIELDS: &[Field] = &[
    Field::Name,
    Field::Description,
    Field::Template,
    Field::Python,
    Field::Preset,
    Field::License,
    Field::Author,
    Field::Host,
];

const NONE: &str = "(none)";

impl Field {
    fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::Template => "template",
            Self::Python => "python",
            Self::Preset => "tools",
            Self::License => "licence",
            Self::Author => "author",
            Self::Host => "host",
        }
    }

    fn shown(self, draft: &Draft) -> String {
        let or_none = |text: &str| if text.is_empty() { NONE.to_owned() } else { text.to_owned() };
        match self {
            Self::Name => draft.distribution().unwrap_or_default(),
            Self::Description => or_none(&draft.description),
            Self::Template => draft.template.clone(),
            Self::Python => draft.python.clone().unwrap_or_else(|| "the best that is found".into()),
            Self::Preset => draft.preset.clone(),
            Self::License => or_none(draft.license.as_deref().unwrap_or_default()),
            Self::Author => or_none(&draft.authors.join(", ")),
            Self::Host => or_none(draft.host.as_deref().unwrap_or_default()),
        }
    }
}

/// Ask for everything in turn, then show it all.
///
/// # Errors
/// The terminal cannot be used, or the templates cannot be read.
pub fn wizard(draft: &mut Draft, questions: &Questions<'_>, ui: Ui) -> Result<Decision> {
    ui.say(format!("A new Python project. Enter takes what is proposed; {} (in a list: Esc) goes back.", prompt::BACK));
    let mut at = 0;
    while let Some(field) = FIELDS.get(at) {
        match ask(*field, draft, questions.sources)? {
            Answer::Given(()) => at += 1,
            Answer::Back => at = at.saturating_sub(1),
            Answer::Stopped => return Ok(Decision::Stopped),
        }
    }
    review(draft, questions)
}

/// One screen with the resolved values: Enter creates, a value can be edited, the last line cancels.
///
/// # Errors
/// As [`wizard`].
pub fn review(draft: &mut Draft, questions: &Questions<'_>) -> Result<Decision> {
    loop {
        let judged = (questions.judge)(draft);
        let mut items = vec![match &judged {
            Ok((resolved, _)) => format!("create {} in {}", resolved.spec.values.name, draft.path.display()),
            Err(error) => format!("(not yet: {})", one_line(&error.to_string())),
        }];
        items.extend(FIELDS.iter().map(|field| {
            let python = || python(judged.as_ref().ok()?);
            let shown = if *field == Field::Python { python() } else { None };
            format!("{:<12} {}", field.label(), shown.unwrap_or_else(|| field.shown(draft)))
        }));
        items.push("cancel".into());
        let last = items.len() - 1;
        match prompt::choice("Create it so?", &items, 0)? {
            Answer::Given(0) => {
                if judged.is_ok() {
                    return Ok(Decision::Create);
                }
            }
            Answer::Given(index) if index == last => return Ok(Decision::Cancel),
            Answer::Given(index) => {
                if ask(FIELDS[index - 1], draft, questions.sources)? == Answer::Stopped {
                    return Ok(Decision::Stopped);
                }
            }
            Answer::Back => return Ok(Decision::Cancel),
            Answer::Stopped => return Ok(Decision::Stopped),
        }
    }
}

/// The interpreter that was chosen, and what the project supports.
fn python((resolved, chosen): &Judged) -> Option<String> {
    let Chosen { interpreter, .. } = chosen.as_ref()?;
    let supported = &resolved.spec.values.requires_python;
    Some(format!("{} at {}; supported: {supported}", interpreter.version, interpreter.executable.display()))
}

/// An error as one line: a list that is redrawn has no room for more.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Ask for one field and put the answer into the draft.
fn ask(field: Field, draft: &mut Draft, sources: &Sources<'_>) -> Result<Answer<()>> {
    match field {
        Field::Name => {
            let default = draft.distribution().map(|name| draft::proposed_name(&name)).unwrap_or_default();
            let follows = draft.path.as_os_str().is_empty();
            let answer = prompt::text("Name", &default, |text| {
                Names::new(text, None, &[]).map(drop).map_err(|bad| format!("{}; {}", bad.message, bad.hint))
            })?;
            Ok(answer.map(|name| {
                if follows || draft.path.file_name().is_some_and(|last| last.to_str() == draft.name.as_deref()) {
                    draft.path = name.clone().into();
                }
                draft.name = Some(name);
            }))
        }
        Field::Description => {
            let answer = prompt::text("Description, one line", &draft.description, |_| Ok(()))?;
            Ok(answer.map(|text| draft.description = text))
        }
        Field::Template => {
            let mut templates = sources
                .catalog
                .template_names()
                .iter()
                .map(|name| sources.catalog.template(name))
                .collect::<Result<Vec<_>>>()?;
            templates.sort_by_key(|template| template.order);
            let items: Vec<String> = templates.iter().map(|it| format!("{:<8} {}", it.name, it.summary)).collect();
            let now = templates.iter().position(|it| it.name == draft.template).unwrap_or(0);
            Ok(prompt::choice("Template", &items, now)?.map(|index| {
                draft.template.clone_from(&templates[index].name);
            }))
        }
        Field::Python => {
            let now = draft.python.clone().unwrap_or_default();
            let answer = prompt::text("Python, as 3.14, >=3.12 or a path (empty: the best found)", &now, |text| {
                if text.is_empty() { Ok(()) } else { super::request(text).map(drop).map_err(|error| error.to_string()) }
            })?;
            Ok(answer.map(|text| draft.python = (!text.is_empty()).then_some(text)))
        }
        Field::Preset => {
            let presets = Catalog::presets(&sources.settings.presets)?;
            let items: Vec<String> = presets.iter().map(|it| format!("{:<8} {}", it.name, it.summary)).collect();
            let now = presets.iter().position(|it| it.name == draft.preset).unwrap_or(0);
            Ok(prompt::choice("Tools", &items, now)?.map(|index| draft.preset.clone_from(&presets[index].name)))
        }
        Field::License => optional("Licence, as SPDX (- for none)", "license", &mut draft.license),
        Field::Author => {
            let mut author = (!draft.authors.is_empty()).then(|| draft.authors.join(", "));
            let answer = optional("Author <e-mail> (- for none)", "author", &mut author)?;
            draft.authors = author.into_iter().collect();
            Ok(answer)
        }
        Field::Host => optional("Where repositories live, as github.com/ada (- for none)", "host", &mut draft.host),
    }
}

/// A text that may also be none, written as `-`.
fn optional(question: &str, key: &str, value: &mut Option<String>) -> Result<Answer<()>> {
    let answer = prompt::text(question, value.as_deref().unwrap_or_default(), |text| {
        if text.is_empty() || text == "-" {
            return Ok(());
        }
        draft::check_setting(key, text).map_err(|error| error.to_string())
    })?;
    Ok(answer.map(|text| *value = (!text.is_empty() && text != "-").then_some(text)))
}
