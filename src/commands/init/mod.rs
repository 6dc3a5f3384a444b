//! `init`: adopts a project that is there: finds out what it is, records it, proposes what is missing.

mod found;
mod places;
mod review;

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::change::{Change, Sync};
use super::here;
use super::toolset::{self, Record, Wish};
use crate::domain::render::Format;
use crate::domain::scope::Scope;
use crate::domain::spec::{Spec, Values};
use crate::domain::toolset::Force;
use crate::domain::tree::{Entry, Place, Tree};
use crate::error::Problem;
use crate::system::disk::Disk;
use crate::system::load::Catalog;
use crate::system::project::MARKERS;
use crate::system::{settings, surroundings};
use crate::ui::Ui;
use found::Found;
use places::Places;

#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The project's folder
    pub path: Option<PathBuf>,
    /// A tool to add as well; can be repeated. Without it a terminal is asked, and nobody else gets any
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    pub with: Vec<String>,
    #[command(flatten)]
    pub places: Places,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub sync: Sync,
}

/// # Errors
/// There is no project here, a file of it is not valid, or it cannot be changed.
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    if let Some(path) = &args.path {
        surroundings::enter(path)
            .map_err(|error| Problem::usage(format!("cannot work in {}", path.display())).because(error))?;
    }
    let here = here::find_or_start(args.change.purpose(), ui)?;
    let catalog = Catalog::new(settings::folder());
    let disk = Disk::new(&here.project.roots())?;
    let mut tree = here.project.tree(&disk);
    let mut found = Found::read(&here.project, &catalog, &mut tree)?;
    if !found.is_project(&tree)? {
        return Err(Problem::usage(format!("{} has no Python project in it", here.project.folder.display()))
            .hint("pyenvkit new makes one")
            .into());
    }
    args.places.put(&mut found.adopted.shape, &here.project.folder)?;
    if !args.change.is_preview() {
        found.show(&here.project.folder, ui);
    }
    let (mut values, mut with) = (found.adopted.shape.values.clone(), args.with.clone());
    if args.change.asks(ui) {
        values = review::correct(&found.adopted, &here.project.folder)?;
        if with.is_empty() {
            with = review::proposals(&found.missing)?;
        }
    }
    let record = Record { manifest: manifest(&mut tree, &catalog, &values)?, shown: found.as_json(&values), values };
    let wish = Wish {
        add: &with,
        remove: &[],
        set: &[],
        group: None,
        force: Force::Spare,
        change: &args.change,
        sync: args.sync,
        record: Some(&record),
    };
    toolset::run_in(&here, &wish, ui)
}

/// The template whose manifest a project without any gets.
const TEMPLATE: &str = "bare";

/// A manifest for loose files: no other verb would find the project without one.
fn manifest(tree: &mut Tree<'_>, catalog: &Catalog, values: &Values) -> Result<Option<(Place, String)>> {
    for name in MARKERS {
        if *tree.get(&Place::project(*name)?)? != Entry::Absent {
            return Ok(None);
        }
    }
    let spec = Spec { template: None, values: values.clone(), tools: Vec::new() };
    let mut scope = Scope::of_existing(&spec)?;
    scope.license_file = false;
    let name = "pyproject.toml";
    let template = catalog.template(TEMPLATE)?;
    let text = template.sources.get(name).with_context(|| format!("template {TEMPLATE} has no {name}"))?;
    Ok(Some((Place::project(name)?, scope.renderer().render(Format::of(name), name, text)?)))
}
