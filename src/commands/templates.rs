//! `templates`: the project templates that there are.

use anyhow::Result;
use serde_json::json;

use super::output::{self, Json};
use crate::system::load::Catalog;
use crate::system::settings;
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    pub action: Option<Action>,
    #[command(flatten)]
    pub output: Json,
}

// What can be done with templates. (A doc comment here would be the help of the verb.)
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Show the files of one
    Show {
        name: String,
        #[command(flatten)]
        output: Json,
    },
}

/// # Errors
/// There is no such template, or a manifest is not valid.
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    let catalog = Catalog::new(settings::folder());
    if let Some(Action::Show { name, output }) = &args.action {
        let template = catalog.template(name)?;
        let files: Vec<&String> = template.sources.keys().collect();
        if output.json {
            return output::json(ui, &json!({"name": name, "summary": template.summary, "files": files}));
        }
        let listed: String = files.iter().map(|file| format!("  {file}\n")).collect();
        return ui.data(&format!("{name}: {}\n{listed}", template.summary));
    }
    let mut templates =
        catalog.template_names().iter().map(|name| catalog.template(name)).collect::<Result<Vec<_>>>()?;
    templates.sort_by_key(|template| template.order);
    if args.output.json {
        let all: Vec<_> = templates.iter().map(|it| json!({"name": it.name, "summary": it.summary})).collect();
        return output::json(ui, &all);
    }
    let rows: Vec<Vec<String>> = templates.iter().map(|it| vec![it.name.clone(), it.summary.clone()]).collect();
    ui.data(&output::table(&rows))
}
