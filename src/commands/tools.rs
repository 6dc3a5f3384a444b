//! `tools`: the tools that there are, by family.

use anyhow::Result;
use serde_json::json;

use super::output::{self, Json};
use crate::domain::catalog::Tool;
use crate::system::load::Catalog;
use crate::system::settings;
use crate::ui::{Ui, style};

/// Arguments of `pyenvkit tools`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    pub action: Option<Action>,
    #[command(flatten)]
    pub output: Json,
}

/// What can be done with tools.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Show one: versions, options, what it writes
    Show {
        name: String,
        #[command(flatten)]
        output: Json,
    },
}

/// # Errors
/// There is no such tool, or a manifest is not valid.
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    let catalog = Catalog::new(settings::folder());
    if let Some(Action::Show { name, output }) = &args.action {
        let tool = catalog.tool(name)?;
        return if output.json { output::json(ui, &as_json(&tool)) } else { ui.data(&as_text(&tool)) };
    }
    let mut tools = catalog.tool_names().iter().map(|name| catalog.tool(name)).collect::<Result<Vec<_>>>()?;
    tools.sort_by_key(|tool| (tool.family, tool.order));
    if args.output.json {
        return output::json(ui, &tools.iter().map(as_json).collect::<Vec<_>>());
    }
    let rows: Vec<Vec<String>> = tools
        .iter()
        .map(|tool| vec![tool.family.to_string(), tool.name.clone(), newest(tool), tool.summary.clone()])
        .collect();
    ui.data(&output::table(&rows))
}

fn newest(tool: &Tool) -> String {
    tool.releases.first().map(|release| release.version.clone()).unwrap_or_default()
}

fn as_json(tool: &Tool) -> serde_json::Value {
    json!({
        "name": tool.name,
        "family": tool.family.to_string(),
        "summary": tool.summary,
        "homepage": tool.homepage,
        "releases": tool.releases.iter().map(|it| json!({"version": it.version, "python": it.python})).collect::<Vec<_>>(),
        "options": tool.options.iter().map(|(name, it)| json!({"name": name, "help": it.help, "default": it.default})).collect::<Vec<_>>(),
        "files": homes(tool),
    })
}

/// The files that the tool reads its settings from, each once.
fn homes(tool: &Tool) -> Vec<&str> {
    let mut files: Vec<&str> = tool.homes.iter().map(|home| home.file.as_str()).collect();
    files.dedup();
    files
}

fn as_text(tool: &Tool) -> String {
    let mut out = format!("{} {}\n{}\n\n", style::paint(style::BOLD, &tool.name), tool.summary, tool.homepage);
    let releases: Vec<String> =
        tool.releases.iter().map(|it| format!("{} (Python {} and newer)", it.version, it.python)).collect();
    out += &format!("versions:  {}\n", releases.join(", "));
    if !tool.homes.is_empty() {
        out += &format!("settings:  {}\n", homes(tool).join(", "));
    }
    if !tool.hooks.is_empty() {
        out += &format!("hooks:     {}\n", tool.hooks.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(", "));
    }
    if !tool.options.is_empty() {
        out += "options, for --set:\n";
        let rows: Vec<Vec<String>> = tool
            .options
            .iter()
            .map(|(name, it)| {
                vec![format!("  {}.{name}", tool.name), it.help.clone(), format!("default {}", it.default)]
            })
            .collect();
        out += &output::table(&rows);
    }
    out
}
