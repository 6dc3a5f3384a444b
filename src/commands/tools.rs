//! `tools`: the tools that there are, by family, and how each stands in the project here.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use super::change::{Change, Sync};
use super::output::{self, Json};
use super::toolset::{Planner, Wish};
use crate::domain::catalog::Tool;
use crate::domain::ground::{Ground, Use, use_of};
use crate::domain::names::normalize;
use crate::domain::plan::Plan;
use crate::domain::toolset::Force;
use crate::system::disk::Disk;
use crate::system::environment::versions;
use crate::system::git::Git;
use crate::system::load::Catalog;
use crate::system::project::Project;
use crate::system::{settings, surroundings};
use crate::ui::{Ui, report, style};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    pub action: Option<Action>,
    #[command(flatten)]
    pub output: Json,
}

// What can be done with tools. (A doc comment here would be the help of the verb.)
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Show one: versions, options, and what it would touch here
    Show {
        name: String,
        #[command(flatten)]
        output: Json,
    },
}

/// How a tool stands in a project.
struct Here {
    /// Managed by us: in the lock file.
    managed: bool,
    found: Use,
    /// The version in the project's environment.
    installed: Option<String>,
}

impl Here {
    fn words(&self) -> String {
        let mut words = Vec::new();
        if self.managed {
            words.push("managed");
        } else if self.found.is_used() {
            words.push("used");
        }
        if self.found.configured {
            words.push("configured");
        }
        let mut text = words.join(", ");
        if let Some(version) = &self.installed {
            text += if text.is_empty() { "" } else { ", " };
            text += &format!("installed {version}");
        }
        text
    }

    fn as_json(&self) -> Value {
        json!({
            "managed": self.managed,
            "used": self.managed || self.found.is_used(),
            "declared": self.found.declared,
            "configured": self.found.configured,
            "hooked": self.found.hooked,
            "installed": self.installed,
        })
    }
}

/// # Errors
/// There is no such tool, a manifest is not valid, or a file of the project here cannot be read.
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    let catalog = Catalog::new(settings::folder());
    let environment = Git::find().map(|git| git.environment().clone()).unwrap_or_default();
    // Outside of a project there is nothing to say of one.
    let project = Project::find(&surroundings::folder()?, &environment).ok();
    if let Some(Action::Show { name, output }) = &args.action {
        let tool = catalog.tool(name)?;
        let here = project.as_ref().map(|project| here(project, std::slice::from_ref(&tool))).transpose()?;
        let here = here.and_then(|mut all| all.remove(name));
        let touches = match (&project, &here) {
            (Some(project), Some(here)) if !here.managed => touches(project, &catalog, name)?,
            _ => None,
        };
        if output.json {
            let mut shown = as_json(&tool, here.as_ref());
            shown["touches"] = touches.map_or(Value::Null, |plan| report::plan_json(&plan));
            return output::json(ui, &shown);
        }
        return ui.data(&as_text(&tool, here.as_ref(), touches.as_ref()));
    }
    let mut tools = catalog.tool_names().iter().map(|name| catalog.tool(name)).collect::<Result<Vec<_>>>()?;
    tools.sort_by_key(|tool| (tool.family, tool.order));
    let here = project.as_ref().map(|project| here(project, &tools)).transpose()?.unwrap_or_default();
    if args.output.json {
        let rows: Vec<Value> = tools.iter().map(|tool| as_json(tool, here.get(&tool.name))).collect();
        return output::json(ui, &rows);
    }
    let rows: Vec<Vec<String>> = tools
        .iter()
        .map(|tool| {
            let here = here.get(&tool.name).map(Here::words).unwrap_or_default();
            vec![tool.family.to_string(), tool.name.clone(), newest(tool), tool.summary.clone(), here]
        })
        .collect();
    ui.data(&output::table(&rows))
}

/// How each of these tools stands in a project, by name.
fn here(project: &Project, tools: &[Tool]) -> Result<BTreeMap<String, Here>> {
    let disk = Disk::new(&project.roots())?;
    let mut tree = project.tree(&disk);
    let installed = versions(&project.venv());
    let ground = Ground::read(&mut tree, BTreeMap::new())?;
    let mut all = BTreeMap::new();
    for tool in tools {
        let here = Here {
            managed: project.provenance.tools.iter().any(|wish| wish.tool == tool.name),
            found: use_of(tool, &ground, &mut tree)?,
            installed: installed.get(&normalize(&tool.name)).cloned(),
        };
        all.insert(tool.name.clone(), here);
    }
    Ok(all)
}

/// What adding a tool would change here; nothing where it would be refused.
fn touches(project: &Project, catalog: &Catalog, name: &str) -> Result<Option<Plan>> {
    let add = [name.to_owned()];
    let change = Change::default();
    let wish = Wish {
        add: &add,
        remove: &[],
        set: &[],
        group: None,
        force: Force::Spare,
        change: &change,
        sync: Sync { no_sync: true },
        record: None,
    };
    let planner = Planner::new(project, catalog, &wish)?;
    let disk = Disk::new(&project.roots())?;
    let mut tree = project.tree(&disk);
    Ok(planner.plan(&mut tree).ok().map(|_| Plan::of(&tree)))
}

fn newest(tool: &Tool) -> String {
    tool.releases.first().map(|release| release.version.clone()).unwrap_or_default()
}

fn as_json(tool: &Tool, here: Option<&Here>) -> Value {
    json!({
        "name": tool.name,
        "family": tool.family.to_string(),
        "summary": tool.summary,
        "homepage": tool.homepage,
        "releases": tool.releases.iter().map(|it| json!({"version": it.version, "python": it.python})).collect::<Vec<_>>(),
        "options": described(tool).iter().map(|(name, help, default)| json!({"name": name, "help": help, "default": default})).collect::<Vec<_>>(),
        "files": homes(tool),
        "here": here.map(Here::as_json),
    })
}

/// Name, help and default of each option, agreed settings among them.
fn described(tool: &Tool) -> Vec<(String, String, Value)> {
    let own = tool
        .options
        .iter()
        .map(|(name, it)| (name.clone(), it.help.clone(), serde_json::to_value(&it.default).unwrap_or_default()));
    let agreed = tool.agree.keys().map(|it| (it.name().to_owned(), it.help().to_owned(), Value::Null));

    own.chain(agreed).collect()
}

/// The files that the tool reads its settings from, each once.
fn homes(tool: &Tool) -> Vec<&str> {
    let mut files: Vec<&str> = tool.homes.iter().map(|home| home.file.as_str()).collect();
    files.dedup();
    files
}

fn as_text(tool: &Tool, here: Option<&Here>, touches: Option<&Plan>) -> String {
    let mut out = format!("{} {}\n{}\n\n", style::paint(style::BOLD, &tool.name), tool.summary, tool.homepage);
    let releases: Vec<String> =
        tool.releases.iter().map(|it| format!("{} (Python {} and newer)", it.version, it.python)).collect();
    if !releases.is_empty() {
        out += &format!("versions:  {}\n", releases.join(", "));
    }
    if !tool.homes.is_empty() {
        out += &format!("settings:  {}\n", homes(tool).join(", "));
    }
    if !tool.hooks.is_empty() {
        out += &format!("hooks:     {}\n", tool.hooks.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(", "));
    }
    if let Some(here) = here {
        let words = here.words();
        out += &format!("here:      {}\n", if words.is_empty() { "not used" } else { &words });
    }
    let options = described(tool);
    if !options.is_empty() {
        out += "options, for --set:\n";
        let rows: Vec<Vec<String>> = options
            .into_iter()
            .map(|(name, help, default)| {
                let default =
                    if default.is_null() { "as the project has it".to_owned() } else { format!("default {default}") };
                vec![format!("  {}.{name}", tool.name), help, default]
            })
            .collect();
        out += &output::table(&rows);
    }
    if let Some(plan) = touches.filter(|plan| !plan.is_empty()) {
        out += "add-tool would change here:\n";
        out += &report::plan_lines(plan);
    }
    out
}
