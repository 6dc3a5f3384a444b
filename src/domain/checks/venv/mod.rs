//! VEN: the project's virtual environment.

mod content;
mod place;
mod python;

pub use content::{NOT_EXECUTABLE, OTHER_ABI, SEVERAL, UNWRITABLE, WITHOUT_PIP};
pub use place::{ANOTHER_ACTIVE, COPIED, MOVED};
pub use python::{DANGLING, MISSING, OTHER_VERSION, make};

use super::{Action, Fix};
use crate::domain::checks::finding::Rebuild;
use crate::domain::facts::{Environment, NoAnswer, Project};
use crate::domain::installed::Distribution;
use crate::domain::tree::{Place, RelPath, Root};

/// Make the environment again; `None` for one that `sync` does not make, or that lies outside of the project, where it may
/// be others' too.
fn rebuild(project: &Project, environment: &Environment) -> Result<Option<Fix>, NoAnswer> {
    if !environment.synced || environment.name.is_none() {
        return Ok(None);
    }
    let shown = environment.shown();
    let installed = project.packages.get()?.as_ref().map_or(&[][..], |packages| &packages.distributions);
    // What is editable lives elsewhere: of the project itself, `sync` takes care.
    let packages: Vec<String> =
        installed.iter().filter(|found| !found.is_editable()).map(Distribution::as_requirement).collect();
    let label = match environment.minor() {
        Some(minor) => format!("set {shown} aside and make it again with Python {minor} and the same packages"),
        None => format!("set {shown} aside and make it again with the same packages"),
    };
    let rebuild = Rebuild { environment: environment.folder.clone(), python: environment.minor(), packages };
    Ok(Some(Fix::asking(label).action(Action::Rebuild(rebuild))))
}

/// What a person types to make an environment again.
fn by_hand(environment: &Environment) -> String {
    let python = environment.minor().map_or_else(|| "python3".to_owned(), |minor| format!("python{minor}"));
    let shown = environment.shown();
    format!("mv {shown} {shown}.old && {python} -m venv {shown} && pyenvkit sync")
}

/// A file of the environment, as edits name it; `None` for a name that no edit can have.
fn place(environment: &Environment, path: &str) -> Option<Place> {
    // Edits reach the environment only within the project.
    environment.name.as_ref()?;
    Some(Place { root: Root::Environment, path: RelPath::new(path).ok()? })
}
