//! `init`: adopts a project that is there: finds out what it is, records it, proposes what is missing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use super::change::{Answer, Change, Preview, Sync};
use super::here;
use super::new::draft::proposed_name;
use super::toolset::{self, Wish};
use crate::domain::adopt::{Adopted, Folder, adopt};
use crate::domain::catalog::{Family, Layout, Tool};
use crate::domain::ground::{Ground, Use, use_of};
use crate::domain::plan::Plan;
use crate::domain::provenance::{LOCK, Provenance};
use crate::domain::spec::Values;
use crate::domain::toolset::Force;
use crate::domain::tree::{Entry, Place, Root, Tree};
use crate::error::Problem;
use crate::system::apply::transact;
use crate::system::disk::Disk;
use crate::system::interrupt::Interrupted;
use crate::system::load::Catalog;
use crate::system::project::{MARKERS, Project};
use crate::system::{clock, settings, surroundings};
use crate::ui::progress::Lanes;
use crate::ui::{Ui, prompt};

#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The project's folder
    pub path: Option<PathBuf>,
    /// A tool to add as well; can be repeated. Without it a terminal is asked, and nobody else gets any
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    pub with: Vec<String>,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub sync: Sync,
}

/// What was found out.
struct Found {
    adopted: Adopted,
    /// Tools that are in use, with how.
    used: Vec<(Tool, Use)>,
    /// Tools that would compete with nothing.
    missing: Vec<Tool>,
}

/// # Errors
/// There is no project here, a file of it is not valid, or it cannot be changed.
pub fn run(args: &Args, ui: Ui) -> Result<()> {
    if let Some(path) = &args.path {
        surroundings::enter(path)
            .map_err(|error| Problem::usage(format!("cannot work in {}", path.display())).because(error))?;
    }
    let project = here::find_or_start(args.change.purpose(), ui)?.project;
    let catalog = Catalog::new(settings::folder());
    let disk = Disk::new(&project.roots())?;
    let mut tree = project.tree(&disk);
    let mut found = find_out(&project, &catalog, &mut tree)?;
    if !is_project(&tree, &found)? {
        return Err(Problem::usage(format!("{} has no Python project in it", project.folder.display()))
            .hint("pyenvkit new makes one")
            .into());
    }
    // A name that nothing has is said before anything is written.
    for name in &args.with {
        catalog.tool(name)?;
    }
    let asks = args.change.asks(ui);
    if !args.change.is_preview() {
        show(&found, &project, ui);
    }
    if asks {
        correct(&mut found.adopted.shape.values)?;
    }
    record(&mut tree, &found)?;
    let plan = Plan::of(&tree);
    if args.change.is_preview() {
        let preview =
            Preview { plan: &plan, target: project.folder.clone(), then: Vec::new(), values: as_json(&found) };
        return args.change.show(ui, &preview);
    }
    write(args, &project, (&plan, &found), ui)?;
    let with = wanted(args, &found, asks)?;
    if with.is_empty() {
        return Ok(());
    }
    let wish = Wish {
        add: &with,
        remove: &[],
        set: &[],
        group: None,
        force: Force::Spare,
        change: &args.change,
        sync: args.sync,
    };
    toolset::run(&wish, ui)
}

fn find_out(project: &Project, catalog: &Catalog, tree: &mut Tree<'_>) -> Result<Found> {
    let top = toolset::top(project)?;
    let name = project.folder.file_name().unwrap_or_default().to_string_lossy();
    let mut adopted = adopt(tree, &Folder { name: &proposed_name(&name), top, year: clock::year() })?;
    if let Some(values) = &project.provenance.values {
        adopted.shape.values = values.clone();
    }
    let ground = Ground::read(tree, BTreeMap::new())?;
    let (mut used, mut unused) = (Vec::new(), Vec::new());
    for name in catalog.tool_names() {
        let tool = catalog.tool(&name)?;
        let found = use_of(&tool, &ground, tree)?;
        if found.is_used() {
            used.push((tool, found));
        } else {
            unused.push(tool);
        }
    }
    unused.sort_by_key(|tool| (tool.family, !tool.spare_roles.is_empty(), tool.order));
    let mut missing: Vec<Tool> = Vec::new();
    for tool in unused {
        let mut others = used.iter().map(|(tool, _)| tool).chain(&missing);
        // A package manager is nobody's to choose here.
        if tool.family != Family::Package && !others.any(|other| competes(&tool, other)) {
            missing.push(tool);
        }
    }
    used.sort_by_key(|(tool, _)| (tool.family, tool.order));
    Ok(Found { adopted, used, missing })
}

/// Whether two tools do the same for a project: a role of both, or a family of which one is enough.
fn competes(tool: &Tool, other: &Tool) -> bool {
    let roles = |of: &Tool| of.roles.iter().chain(of.spare_roles.keys()).cloned().collect::<Vec<_>>();
    let shared = roles(other).iter().any(|role| roles(tool).contains(role));
    let one_is_enough = matches!(tool.family, Family::Lint | Family::Types | Family::Hooks | Family::Docs);
    shared || one_is_enough && tool.family == other.family
}

/// A marker, or code: a folder with neither is no project.
fn is_project(tree: &Tree<'_>, found: &Found) -> Result<bool> {
    let names = tree.list(Root::Project, "")?;
    let is_code = |name: &str| std::path::Path::new(name).extension().is_some_and(|it| it == "py");
    Ok(names
        .iter()
        .map(|it| it.name.as_str())
        .any(|name| MARKERS.contains(&name) || is_code(name) || name.starts_with("requirements"))
        || found.adopted.shape.values.layout != Layout::None)
}

fn show(found: &Found, project: &Project, ui: Ui) {
    let Adopted { shape, packages, build, manager, workspace, open } = &found.adopted;
    let values = &shape.values;
    let manager = match workspace.as_deref() {
        None => manager.to_string(),
        Some("") => format!("{manager}, in the workspace of the repository"),
        Some(folder) => format!("{manager}, in the workspace {folder}"),
    };
    ui.say(format!("{} in {}", values.name, project.folder.display()));
    let layout = match values.layout {
        Layout::Src => "src",
        Layout::Flat => "flat",
        Layout::None => "no package",
    };
    let none = || "none".to_owned();
    for (label, value) in [
        ("package", if packages.is_empty() { none() } else { packages.join(", ") }),
        ("layout", format!("{layout}{}", listed(&shape.sources))),
        ("tests", if shape.tests.is_empty() { none() } else { shape.tests.join(", ") }),
        ("requires", format!("Python {}", values.requires_python)),
        ("built by", build.to_string()),
        ("managed by", manager),
    ] {
        ui.say(format!("  {label:<10} {value}"));
    }
    for (tool, how) in &found.used {
        let words = [("required", how.declared), ("configured", how.configured), ("hooked", how.hooked)];
        let words: Vec<&str> = words.into_iter().filter(|(_, is)| *is).map(|(word, _)| word).collect();
        ui.say(format!("  {:<10} {}: {}", tool.family.to_string(), tool.name, words.join(", ")));
    }
    for line in open {
        ui.warn(format!("the project does not say {line}"));
    }
}

fn listed(folders: &[String]) -> String {
    if folders.is_empty() { String::new() } else { format!(" ({})", folders.join(", ")) }
}

fn as_json(found: &Found) -> serde_json::Value {
    let Adopted { shape, packages, build, manager, workspace, open } = &found.adopted;
    json!({
        "values": shape.values,
        "sources": shape.sources,
        "tests": shape.tests,
        "packages": packages,
        "build-backend": build.to_string(),
        "manager": manager.to_string(),
        "workspace": workspace,
        "open": open,
        "tools": found.used.iter().map(|(tool, _)| &tool.name).collect::<Vec<_>>(),
        "missing": found.missing.iter().map(|tool| &tool.name).collect::<Vec<_>>(),
    })
}

/// Let a terminal correct what was inferred and cannot be seen in a file.
fn correct(values: &mut Values) -> Result<()> {
    loop {
        let items = ["that is right".to_owned(), format!("another package than {}", values.package)];
        match prompt::choice("record this?", &items, 0)? {
            prompt::Answer::Given(0) => return Ok(()),
            prompt::Answer::Given(_) => {
                if let prompt::Answer::Given(package) = prompt::text("package", &values.package, |_| Ok(()))? {
                    values.package = package;
                }
            }
            prompt::Answer::Back => return Err(Problem::failed("cancelled; nothing was changed").into()),
            prompt::Answer::Stopped => return Err(Interrupted.into()),
        }
    }
}

/// Let the tree hold the record, and a manifest where there is none.
fn record(tree: &mut Tree<'_>, found: &Found) -> Result<()> {
    let values = &found.adopted.shape.values;
    let manifest = Place::project("pyproject.toml")?;
    let has_marker = MARKERS
        .iter()
        .any(|name| Place::project(*name).and_then(|place| Ok(*tree.get(&place)? != Entry::Absent)).unwrap_or(true));
    if !has_marker {
        let text = format!(
            "[project]\nname = {}\nversion = \"0.1.0\"\nrequires-python = {}\n",
            toml::Value::from(values.name.as_str()),
            toml::Value::from(values.requires_python.as_str())
        );
        tree.put_text(manifest, text)?;
    }
    let mut provenance = tree.text(&Place::project(LOCK)?)?.map(|text| Provenance::parse(&text)).unwrap_or_default();
    provenance.values = Some(values.clone());
    provenance.write(tree)
}

fn write(args: &Args, project: &Project, (plan, found): (&Plan, &Found), ui: Ui) -> Result<()> {
    if plan.is_empty() {
        ui.say("recorded already; nothing has to be changed");
        return Ok(());
    }
    if args.change.confirm(ui, plan, "write this?")? == Answer::No {
        return Err(Problem::failed("nothing was changed").into());
    }
    let lanes = Lanes::new(ui);
    transact(&project.roots(), &lanes, |tree: &mut Tree<'_>| {
        project.settle(tree);
        record(tree, found)
    })?;
    drop(lanes);
    ui.say(format!("recorded in {LOCK}"));
    Ok(())
}

/// The tools to add: those that were named, or those that a terminal says yes to.
fn wanted(args: &Args, found: &Found, asks: bool) -> Result<Vec<String>> {
    let mut with = args.with.clone();
    if asks && with.is_empty() {
        for tool in &found.missing {
            match prompt::yes(&format!("add {} ({})?", tool.name, tool.summary), false)? {
                prompt::Answer::Given(true) => with.push(tool.name.clone()),
                prompt::Answer::Given(false) => {}
                prompt::Answer::Back => break,
                prompt::Answer::Stopped => return Err(Interrupted.into()),
            }
        }
    }
    Ok(with)
}
