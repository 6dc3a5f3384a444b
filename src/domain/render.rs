//! Renders templates: `<< value >>` and `<% if %>`, so that the braces of CI files and of Python stay free.

use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context as _, Result, anyhow};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As a TOML literal: a string in quotes, a list in brackets.
    Toml,
    /// As it is.
    Plain,
}

impl Format {
    /// The format of a file, by its name.
    #[must_use]
    pub fn of(path: &str) -> Self {
        if Path::new(path).extension().is_some_and(|it| it == "toml") { Self::Toml } else { Self::Plain }
    }
}

/// Made once for each format: making one takes longer than rendering most templates.
static TOML: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(|| {
    let mut environment = environment()?;
    environment.set_formatter(write_toml);
    Ok(environment)
});
static PLAIN: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(environment);

fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_syntax(
        SyntaxConfig::builder()
            .block_delimiters("<%", "%>")
            .variable_delimiters("<<", ">>")
            .comment_delimiters("<#", "#>")
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()?,
    );
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("plain", |value: Value| Value::from_safe_string(value.to_string()));
    Ok(environment)
}

/// Render `text`; `name` stands in errors, and `context` is asked only where the text has something to fill in.
///
/// # Errors
/// The template is not well formed, names an unknown value, or a value has no form in `format`.
pub fn render(format: Format, name: &str, text: &str, context: impl FnOnce() -> Value) -> Result<String> {
    if !text.contains("<<") && !text.contains("<%") && !text.contains("<#") {
        return Ok(text.to_owned());
    }
    let environment = match format {
        Format::Toml => &*TOML,
        Format::Plain => &*PLAIN,
    };
    let environment = environment.as_ref().map_err(|error| anyhow!("delimiters of templates: {error}"))?;
    environment.render_named_str(name, text, context()).with_context(|| format!("template {name}"))
}

/// The value of an expression such as `<< line_length >>` without its delimiters.
fn write_toml(out: &mut Output, _: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_safe() {
        return write!(out, "{value}").map_err(Error::from);
    }
    let literal = toml::Value::try_from(value)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, "no TOML for this value").with_source(error))?;
    write!(out, "{literal}").map_err(Error::from)
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;

    #[test]
    fn values_are_written_in_the_format_of_the_file() {
        let context = context! { name => "a\"b", list => vec!["x", "y"], n => 88 };
        let toml =
            render(Format::Toml, "t", "a = << name >>\nb = << list >>\nc = << n >>\nd = \"<<name|plain>>\"\n", || {
                context.clone()
            })
            .unwrap();
        assert_eq!(toml, "a = 'a\"b'\nb = [\"x\", \"y\"]\nc = 88\nd = \"a\"b\"\n");
        assert_eq!(render(Format::Plain, "t", "<< name >>|${{ x }}", || context).unwrap(), "a\"b|${{ x }}");
    }

    #[test]
    fn an_unknown_value_is_an_error_that_names_the_template() {
        let error = render(Format::Plain, "README.md", "<< nmae >>", || context! {}).unwrap_err();
        assert!(format!("{error:#}").contains("README.md"), "{error:#}");
    }

    #[test]
    fn blocks_leave_no_lines_behind() {
        let text = "a\n<% if on %>\nb\n<% endif %>\nc\n";
        assert_eq!(render(Format::Plain, "t", text, || context! { on => false }).unwrap(), "a\nc\n");
        assert_eq!(render(Format::Plain, "t", text, || context! { on => true }).unwrap(), "a\nb\nc\n");
    }
}
