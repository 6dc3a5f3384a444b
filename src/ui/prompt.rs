//! Questions, only ever on a terminal; every one can be gone back from.

use std::io;

use anyhow::Result;
use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, Error, Input, Select};

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    Given(T),
    /// The question before it, please.
    Back,
    /// Ctrl-C, or the terminal is gone.
    Stopped,
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

fn stopped<T>(error: Error) -> Result<Answer<T>> {
    let Error::IO(error) = error;
    // A closed terminal reads as the end of its input: nobody is there to answer.
    if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof | io::ErrorKind::NotConnected) {
        return Ok(Answer::Stopped);
    }
    Err(anyhow::Error::new(error).context("cannot ask on this terminal"))
}
