//! Settings that a tool is given where it is started, by its hook or by a line of a task file: what files say of it does not
//! hold there, so that nobody can tell whether it agrees with others.

use super::declared::has_word;
use super::{Used, View};
use crate::domain::agree::{Setting, Written};
use crate::domain::catalog::Tool;

/// Options with one letter that set nothing.
const HARMLESS: &[&str] = &["-q", "-v", "-vv"];

/// Shorter names of options are too common to be taken for a part of a setting's.
const SHORTEST: usize = 4;

impl View<'_> {
    /// Whether somebody starts the tool with arguments that say what its configuration could say.
    pub(super) fn is_told_by_arguments(&self, used: &Used<'_>) -> bool {
        let keys = keys(used.tool);
        let hooks = used.tool.hooks.iter().filter_map(|hook| self.ground.hook(hook));
        let file = used.home.map_or("", |home| home.file.as_str());
        let by_hook = hooks.flat_map(|hook| &hook.arguments).any(|argument| says(argument, &keys, file));
        by_hook || self.lines().any(|line| starts_with_settings(line, &used.tool.name, &keys, file))
    }

    /// The lines of all files that can start a tool.
    fn lines(&self) -> impl Iterator<Item = &str> {
        let manifest = self.project.pyproject.get().ok().and_then(Option::as_ref).map(|it| &it.text);
        let others = self.project.configuration.get().ok().into_iter().flat_map(|texts| texts.values().flatten());
        manifest.into_iter().chain(others).flat_map(|text| text.content.lines())
    }
}

/// The settings by which tools are compared, as the options of command lines are called.
fn keys(tool: &Tool) -> Vec<String> {
    let length = tool.agree.get(&Setting::LineLength).map(Written::key);
    let rules = tool.rules.iter().flat_map(|it| [&it.select, &it.extend_select, &it.ignore, &it.extend_ignore]);
    let expected = tool.expects.iter().flat_map(|it| it.same.keys().chain([&it.key]));
    let all = length.into_iter().chain(rules.chain(expected).map(String::as_str));
    all.map(|key| key.rsplit('.').next().unwrap_or(key).replace('_', "-")).collect()
}

/// Whether an argument is one of these settings, or leads to another configuration than `file`.
fn says(argument: &str, keys: &[String], file: &str) -> bool {
    match argument.strip_prefix("--") {
        Some(long) => {
            let (name, value) = long.split_once(['=', ' ']).unwrap_or((long, ""));
            let name = name.replace('_', "-");
            let is_one = |key: &String| key.starts_with(&name) || key.ends_with(&name);
            let elsewhere = name.contains("config") || name.contains("settings");
            elsewhere && (file.is_empty() || !value.ends_with(file))
                || name.len() >= SHORTEST && keys.iter().any(is_one)
        }
        None => argument.len() > 1 && argument.starts_with('-') && !HARMLESS.contains(&argument),
    }
}

/// Whether a line names the tool and such an argument. One letter alone can be any program's.
fn starts_with_settings(line: &str, tool: &str, keys: &[String], file: &str) -> bool {
    let is_quote = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']' | '(' | ')');
    line.contains("--")
        && has_word(line, tool)
        && line.split(is_quote).any(|word| word.starts_with("--") && says(word, keys, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_among_arguments_are_seen() {
        let keys = ["line-length", "profile", "multi-line-output"].map(str::to_owned);
        for settings in
            ["--line-length=100", "--line_length", "-l", "--profile", "--multi-line=3", "--config=other.toml"]
        {
            assert!(says(settings, &keys, "setup.cfg"), "{settings}");
        }
        for others in ["--fix", "--filter-files", "-q", "src", "--config=setup.cfg", "--", "-"] {
            assert!(!says(others, &keys, "setup.cfg"), "{others}");
        }
        let starts = |line: &str| starts_with_settings(line, "isort", &keys, "");
        assert!(starts("session.run('isort', '--profile', 'black')"));
        assert!(!starts("myisort --profile black") && !starts("isort --check ."));
    }
}
