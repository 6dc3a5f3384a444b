//! Whom a commit names as its author.

use super::Config;

/// Who a commit would name as its author; each part is absent if git would have to invent it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    pub name: Option<String>,
    pub email: Option<String>,
}

/// The author as git would name it: `GIT_AUTHOR_*`, `author.*`, `user.*`, then `EMAIL` unless `user.useConfigOnly`.
/// `variable` reads the environment. Source: git-commit(1), "Commit information".
#[must_use]
pub fn author(config: &Config, variable: &dyn Fn(&str) -> Option<String>) -> Identity {
    let setting = |name: &str| config.text(name).map(clean).filter(|text| !text.is_empty());
    let variable = |name: &str| variable(name).map(|text| clean(&text)).filter(|text| !text.is_empty());
    let outside = || if config.flag("user.useconfigonly") == Some(true) { None } else { variable("EMAIL") };
    Identity {
        name: variable("GIT_AUTHOR_NAME").or_else(|| setting("author.name")).or_else(|| setting("user.name")),
        email: variable("GIT_AUTHOR_EMAIL")
            .or_else(|| setting("author.email"))
            .or_else(|| setting("user.email"))
            .or_else(outside),
    }
}

/// Git drops angle brackets and line ends anywhere, and white space and some punctuation at the ends.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '<' | '>' | '\n'))
        .collect::<String>()
        .trim_matches(|c: char| c <= ' ' || matches!(c, '.' | ',' | ':' | ';' | '"' | '\\' | '\''))
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{Scope, Setting};
    use super::*;

    #[test]
    fn the_author_is_whom_git_would_name() {
        let set = |name: &str, value: &str| Setting {
            scope: Scope::Global,
            origin: String::new(),
            name: name.to_owned(),
            value: Some(value.to_owned()),
        };
        let mail = |name: &str| (name == "EMAIL").then(|| "<e@x>".to_owned());
        let mut config = Config { settings: vec![set("user.name", " J. <M>, ")] };
        let author_of = |config: &Config| author(config, &mail);
        assert_eq!(author_of(&config), Identity { name: Some("J. M".into()), email: Some("e@x".into()) });
        config.settings.push(set("user.useconfigonly", "true"));
        assert_eq!(author_of(&config).email, None);
        config.settings.push(set("author.email", "a@x"));
        assert_eq!(author_of(&config).email, Some("a@x".into()));
    }
}
