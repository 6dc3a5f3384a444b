//! What `init` finds out, and how it says it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::commands::toolset;
use crate::domain::adopt::Adopted;
use crate::domain::catalog::{Family, Layout, Tool};
use crate::domain::ground::{Ground, Use, use_of};
use crate::domain::hooks;
use crate::domain::settings_text;
use crate::domain::spec::Values;
use crate::domain::tree::{Root, Tree};
use crate::system::load::Catalog;
use crate::system::project::{MARKERS, Project};
use crate::ui::Ui;

/// What was found out.
pub struct Found {
    pub adopted: Adopted,
    used: Vec<Used>,
    /// Tools that would compete with nothing.
    pub missing: Vec<Tool>,
}

/// A tool that is in use, with how and in which files.
struct Used {
    tool: Tool,
    places: Vec<(&'static str, String)>,
}

impl Found {
    /// # Errors
    /// A file cannot be read, or its own tool would refuse it.
    pub fn read(project: &Project, catalog: &Catalog, tree: &mut Tree<'_>) -> Result<Self> {
        let adopted = toolset::adopted(project, &project.provenance, tree)?;
        let ground = Ground::read(tree, BTreeMap::new())?;
        let (mut used, mut unused) = (Vec::new(), Vec::new());
        for name in catalog.tool_names() {
            let tool = catalog.tool(&name)?;
            let found = use_of(&tool, &ground, tree)?;
            if found.is_used() {
                let places = places(&tool, found, &ground, tree)?;
                used.push(Used { tool, places });
            } else {
                unused.push(tool);
            }
        }
        unused.sort_by_key(|tool| (tool.family, !tool.spare_roles.is_empty(), tool.order));
        let mut missing: Vec<Tool> = Vec::new();
        for tool in unused {
            let mut others = used.iter().map(|it| &it.tool).chain(&missing);
            // A package manager is nobody's to choose here.
            if tool.family != Family::Package && !others.any(|other| competes(&tool, other)) {
                missing.push(tool);
            }
        }
        used.sort_by_key(|it| (it.tool.family, it.tool.order));
        Ok(Self { adopted, used, missing })
    }

    /// A marker, or code: a folder with neither is no project.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn is_project(&self, tree: &Tree<'_>) -> Result<bool> {
        let top = tree.list(Root::Project, "")?;
        let is_code = |name: &str| Path::new(name).extension().is_some_and(|it| it == "py" || it == "ipynb");
        let is_sign = |name: &str| {
            MARKERS.contains(&name) || is_code(name) || name.starts_with("requirements") || name == "Pipfile"
        };
        Ok(self.adopted.shape.values.layout != Layout::None || top.iter().any(|it| is_sign(&it.name)))
    }

    pub fn show(&self, folder: &Path, ui: Ui) {
        let Adopted { shape, packages, build, manager, workspace, open, .. } = &self.adopted;
        let values = &shape.values;
        ui.say(format!("{} in {}", values.name, folder.display()));
        let layout = match values.layout {
            Layout::Src => "src",
            Layout::Flat => "flat",
            Layout::None => "no package",
        };
        let folders = if shape.sources.is_empty() { String::new() } else { format!(" ({})", shape.sources.join(", ")) };
        let manager = match workspace.as_deref() {
            None => manager.to_string(),
            Some("") => format!("{manager}, in the workspace of the repository"),
            Some(folder) => format!("{manager}, in the workspace {folder}"),
        };
        for (label, value) in [
            ("package", or_none(packages)),
            ("layout", format!("{layout}{folders}")),
            ("tests", or_none(&shape.tests)),
            ("requires", format!("Python {}", values.requires_python)),
            ("built by", build.to_string()),
            ("managed by", manager),
        ] {
            ui.say(format!("  {label:<10} {value}"));
        }
        for Used { tool, places } in &self.used {
            let places: Vec<String> = places.iter().map(|(how, file)| format!("{how} in {file}")).collect();
            ui.say(format!("  {:<10} {}: {}", tool.family.to_string(), tool.name, places.join(", ")));
        }
        for line in open {
            ui.warn(format!("the project does not say {line}"));
        }
    }

    #[must_use]
    pub fn as_json(&self, values: &Values) -> Value {
        let Adopted { shape, packages, build, manager, workspace, open, .. } = &self.adopted;
        let tools: Vec<Value> = self
            .used
            .iter()
            .map(|it| json!({"name": it.tool.name, "places": it.places.iter().cloned().collect::<BTreeMap<_, _>>()}))
            .collect();
        json!({
            "values": values,
            "packages": packages,
            "sources": values.sources.as_ref().unwrap_or(&shape.sources),
            "tests": values.tests.as_ref().unwrap_or(&shape.tests),
            "build-backend": build.to_string(),
            "manager": manager.to_string(),
            "workspace": workspace,
            "open": open,
            "tools": tools,
            "missing": self.missing.iter().map(|tool| &tool.name).collect::<Vec<_>>(),
        })
    }
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// How a tool is used, and in which file each.
fn places(tool: &Tool, found: Use, ground: &Ground, tree: &mut Tree<'_>) -> Result<Vec<(&'static str, String)>> {
    let mut places = Vec::new();
    let names = tool.requirements.iter().map(|it| &it.name).chain([&tool.name]);
    if let Some(declared) = names.into_iter().find_map(|name| ground.declares(name)) {
        places.push(("required", declared.list.file().to_string()));
    }
    for home in tool.homes.iter().filter(|_| found.configured) {
        let place = settings_text::place(home)?;
        let stands = if home.own { tree.text(&place)?.is_some() } else { settings_text::has_table(home, tree)? };
        if stands {
            places.push(("configured", place.to_string()));
            break;
        }
    }
    if found.hooked {
        places.push(("hooked", hooks::CONFIG.to_owned()));
    }
    Ok(places)
}

/// Whether two tools do the same for a project: a role of both, or a family of which one is enough.
fn competes(tool: &Tool, other: &Tool) -> bool {
    let roles = |of: &Tool| of.roles.iter().chain(of.spare_roles.keys()).cloned().collect::<Vec<_>>();
    let shared = roles(other).iter().any(|role| roles(tool).contains(role));
    let one_is_enough = matches!(tool.family, Family::Lint | Family::Types | Family::Hooks | Family::Docs);
    shared || one_is_enough && tool.family == other.family
}
