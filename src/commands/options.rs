//! `--set`: options of tools, checked against their manifests.

use anyhow::Result;

use crate::domain::agree::Setting;
use crate::domain::catalog::Tool;
use crate::domain::spec::ToolUse;
use crate::error::Problem;
use crate::system::load;

/// The tools with what `--set` says of them.
///
/// `tool.option=value` is one tool's; `option=value` is the only tool's, or that of each tool that has such an agreed setting.
///
/// # Errors
/// There is no such tool or option, or the value is not one of it.
pub fn parse(set: &[String], tools: &[Tool]) -> Result<Vec<ToolUse>> {
    let mut uses: Vec<ToolUse> = tools.iter().map(|tool| ToolUse::plain(&tool.name)).collect();
    for text in set {
        let Some((key, value)) = text.split_once('=') else {
            return Err(Problem::usage(format!("--set {text:?} is not of the form tool.option=value")).into());
        };
        for (at, option) in meant(key, tools)? {
            let parsed = parse_value(&tools[at], option, value)
                .map_err(|(reason, help)| Problem::usage(format!("--set {text}: {reason}")).hint(help))?;
            uses[at].options.insert(option.to_owned(), parsed);
        }
    }
    Ok(uses)
}

/// The tools that a key speaks of, by index, each with the name of its option.
fn meant<'k>(key: &'k str, tools: &[Tool]) -> Result<Vec<(usize, &'k str)>> {
    let Some((name, option)) = key.split_once('.') else {
        let agreed = tools.iter().enumerate().filter(|(_, tool)| tool.agree.keys().any(|it| it.name() == key));
        let agreed: Vec<(usize, &str)> = agreed.map(|(at, _)| (at, key)).collect();
        if !agreed.is_empty() {
            return Ok(agreed);
        }
        return match tools {
            [only] => known(only, key).map(|()| vec![(0, key)]),
            _ => Err(Problem::usage(format!("--set {key}: which tool's option is that?"))
                .hint("write it as --set tool.option=value")
                .into()),
        };
    };
    let at = tools.iter().position(|tool| tool.name == name).ok_or_else(|| {
        let names: Vec<String> = tools.iter().map(|tool| tool.name.clone()).collect();
        load::unknown("tool in this project", name, &names, &format!("its tools are: {}", names.join(", ")))
    })?;
    known(&tools[at], option)?;
    Ok(vec![(at, option)])
}

fn known(tool: &Tool, option: &str) -> Result<()> {
    let names = names(tool);
    if names.iter().any(|name| name == option) {
        return Ok(());
    }
    let otherwise = if names.is_empty() {
        format!("{} has no options", tool.name)
    } else {
        format!("its options are: {}", names.join(", "))
    };
    Err(load::unknown(&format!("option of {}", tool.name), option, &names, &otherwise))
}

/// The names of a tool's options, agreed settings among them.
#[must_use]
pub fn names(tool: &Tool) -> Vec<String> {
    tool.options.keys().cloned().chain(tool.agree.keys().map(|it| it.name().to_owned())).collect()
}

fn parse_value(tool: &Tool, option: &str, text: &str) -> Result<toml::Value, (String, String)> {
    if let Some(spec) = tool.options.get(option) {
        return spec.parse(text).map_err(|reason| (reason, spec.help.clone()));
    }
    let setting = tool.agree.keys().find(|setting| setting.name() == option).copied().unwrap_or(Setting::LineLength);
    setting.parse(text).map_err(|reason| (reason, setting.help().to_owned()))
}
