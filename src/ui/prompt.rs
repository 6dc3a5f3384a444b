//! Questions, only ever on a terminal; every one can be gone back from.

use std::io;

use anyhow::Result;
use console::{Key, Term};
use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, Error, Input, Select};

use super::style;

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    Given(T),
    /// The question before it, please.
    Back,
    /// Ctrl-C, or the terminal is gone.
    Stopped,
}

impl<T> Answer<T> {
    /// What was given, made into something else.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Given(value) => Answer::Given(make(value)),
            Self::Back => Answer::Back,
            Self::Stopped => Answer::Stopped,
        }
    }
}

/// What a text question takes for "the question before it".
pub const BACK: &str = "<";

/// Ask for a line of text. `check` says why a text cannot be; an empty answer takes `default`.
///
/// # Errors
/// The terminal cannot be used.
pub fn text(question: &str, default: &str, check: impl Fn(&str) -> Result<(), String>) -> Result<Answer<String>> {
    let theme = ColorfulTheme::default();
    let input = Input::<String>::with_theme(&theme)
        .with_prompt(question)
        .default(default.to_owned())
        .show_default(!default.is_empty())
        .allow_empty(true)
        .validate_with(|text: &String| if text == BACK { Ok(()) } else { check(text) })
        .report(true)
        .interact_text();
    match input {
        Ok(text) if text == BACK => Ok(Answer::Back),
        Ok(text) => Ok(Answer::Given(text)),
        Err(error) => stopped(error),
    }
}

/// Ask for one of `items`; Esc goes back.
///
/// # Errors
/// The terminal cannot be used.
pub fn choice(question: &str, items: &[String], default: usize) -> Result<Answer<usize>> {
    let theme = ColorfulTheme::default();
    let select = Select::with_theme(&theme).with_prompt(question).items(items).default(default).interact_opt();
    match select {
        Ok(Some(index)) => Ok(Answer::Given(index)),
        Ok(None) => Ok(Answer::Back),
        Err(error) => stopped(error),
    }
}

/// Ask yes or no.
///
/// # Errors
/// The terminal cannot be used.
pub fn yes(question: &str, default: bool) -> Result<Answer<bool>> {
    let theme = ColorfulTheme::default();
    match Confirm::with_theme(&theme).with_prompt(question).default(default).interact_opt() {
        Ok(Some(yes)) => Ok(Answer::Given(yes)),
        Ok(None) => Ok(Answer::Back),
        Err(error) => stopped(error),
    }
}

/// Ask for one of `keys`, each a letter and what it stands for: the key alone is the answer, Enter takes `default`, Esc goes
/// back.
///
/// # Errors
/// The terminal cannot be used.
pub fn key(question: &str, keys: &[(char, &str)], default: char) -> Result<Answer<char>> {
    let term = Term::stderr();
    let mark = |key: char| if key == default { key.to_ascii_uppercase() } else { key };
    let offered: Vec<String> = keys.iter().map(|(key, what)| format!("[{}] {what}", mark(*key))).collect();
    let asked = || -> io::Result<Answer<char>> {
        term.write_str(&format!("{} {} ", style::paint(style::BOLD, question), offered.join("  ")))?;
        let answer = loop {
            match term.read_key()? {
                Key::Enter => break Answer::Given(default),
                Key::Escape => break Answer::Back,
                Key::Char(typed) => {
                    let typed = typed.to_ascii_lowercase();
                    if keys.iter().any(|(key, _)| *key == typed) {
                        break Answer::Given(typed);
                    }
                }
                _ => {}
            }
        };
        let given = |key: &char| keys.iter().find(|(known, _)| known == key).map(|(_, what)| *what);
        let said = if let Answer::Given(key) = &answer { given(key) } else { None };
        term.write_line(&format!("-> {}", said.unwrap_or("nothing")))?;
        Ok(answer)
    };
    asked().or_else(|error| stopped(Error::IO(error)))
}

fn stopped<T>(error: Error) -> Result<Answer<T>> {
    let Error::IO(error) = error;
    // A closed terminal reads as the end of its input: nobody is there to answer.
    if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof | io::ErrorKind::NotConnected) {
        return Ok(Answer::Stopped);
    }
    Err(anyhow::Error::new(error).context("cannot ask on this terminal"))
}
