//! What went wrong, what to do about it, and the exit code.

use std::fmt;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The work failed, or something was found.
    Failed = 1,
    /// Wrong usage, or the work could not begin.
    Usage = 2,
}

/// An error for the user: a message, at most one hint, an exit code. Causes follow it in the chain.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    message: String,
    hint: Option<String>,
    source: Option<anyhow::Error>,
}

impl Problem {
    /// The work cannot begin as asked: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { code: Code::Usage, message: message.into(), hint: None, source: None }
    }

    /// The work failed: exit code 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { code: Code::Failed, message: message.into(), hint: None, source: None }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(AsRef::as_ref)
    }
}

/// Something was found, and told as data: exit code 1 and no further word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found;

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something was found")
    }
}

impl std::error::Error for Found {}

/// The hint of the outermost error that has one.
#[must_use]
pub fn hint(error: &anyhow::Error) -> Option<&str> {
    error.chain().filter_map(|cause| cause.downcast_ref::<Problem>()).find_map(|problem| problem.hint.as_deref())
}

/// The exit code of an error that is not an interruption.
#[must_use]
pub fn code(error: &anyhow::Error) -> Code {
    error.chain().find_map(|cause| cause.downcast_ref::<Problem>()).map_or(Code::Failed, |problem| problem.code)
}

/// The name nearest to `wrong`, if one is near enough to be what was meant.
#[must_use]
pub fn did_you_mean<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    names
        .into_iter()
        .map(|name| (similar::TextDiff::from_chars(wrong, name).ratio(), name))
        .filter(|(ratio, _)| *ratio > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_meant() {
        assert_eq!(did_you_mean("flak8", ["black", "flake8", "isort"]), Some("flake8"));
        assert_eq!(did_you_mean("zzz", ["black", "flake8"]), None);
    }

    #[test]
    fn hint_and_code_are_found_through_context() {
        let error = anyhow::Error::new(Problem::usage("no").hint("yes")).context("while trying");
        assert_eq!(hint(&error), Some("yes"));
        assert_eq!(code(&error), Code::Usage);
    }
}
