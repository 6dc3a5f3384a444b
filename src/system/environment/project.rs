//! What a project asks of its environment, from its `pyproject.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use pep508_rs::Requirement;
use sha2::{Digest as _, Sha256};

use super::editable::{Prepared, file_url, prepare};
use super::failure::{Kind, SyncError};
use super::requirements::Listed;
use super::{Editable, SyncRequest};
use crate::domain::declared::PROJECT_ROOT;
use crate::domain::groups::{Manifest, normalise};
use crate::domain::hex::hex;

/// How the project's own install is made.
pub enum Own {
    None,
    Written(Prepared),
    Built { fingerprint: String },
}

/// The project as an installer sees it.
pub struct Wishes {
    /// Absolute, links resolved.
    pub folder: PathBuf,
    /// Normalised; empty if the project has no name.
    pub name: String,
    /// `file:` URL of the folder.
    pub url: String,
    /// What is to be installed beside the project, each as its author wrote it.
    pub requirements: Vec<String>,
    /// What the project itself requires, with the wanted extras.
    pub dependencies: Vec<String>,
    /// Wanted extras of the project, normalised.
    pub extras: Vec<String>,
    pub own: Own,
    /// What stands in requirements files.
    pub listed: Listed,
    /// SHA-256 of the files that are installed from beside the manifest; `None` where there are none.
    pub inputs: Option<String>,
}

impl Wishes {
    /// # Errors
    /// `pyproject.toml` cannot be read, or does not have what is asked for.
    pub fn read(request: &SyncRequest<'_>) -> Result<Self, SyncError> {
        let wrong = |message: String| SyncError::new(Kind::Manifest, message);
        let folder =
            absolute(request.project).map_err(|error| wrong(format!("{}: {error}", request.project.display())))?;
        let manifest = manifest(&folder)?;
        let is_package = manifest.is_package() || folder.join("setup.py").is_file();
        let of_project = || is_package.then(|| normalise(request.prompt));
        let name = manifest.name().map(normalise).or_else(of_project).unwrap_or_default();
        let mut wishes = Self {
            url: file_url(&folder),
            own: own(request, &folder, (&manifest, &name)),
            folder,
            name,
            requirements: Vec::new(),
            dependencies: manifest.dependencies().map_err(|error| wrong(error.to_string()))?,
            extras: Vec::new(),
            listed: Listed::read(request.files)?,
            inputs: None,
        };
        let mut asked: Vec<String> = request.extras.iter().map(|extra| normalise(extra)).collect();
        let here = wishes.url.clone();
        let placed = |text: &String| {
            text.replace(&format!("file:///{PROJECT_ROOT}"), &here).replace(&format!("file://{PROJECT_ROOT}"), &here)
        };
        let mut requested: Vec<String> = request.requirements.iter().map(placed).collect();
        for group in request.groups {
            requested.extend(manifest.group(group).map_err(|error| wrong(error.to_string()))?);
        }
        for text in requested {
            match wishes.own_extras(&text)? {
                Some(extras) => asked.extend(extras),
                None if wishes.requirements.contains(&text) => {}
                None => wishes.requirements.push(text),
            }
        }
        while let Some(extra) = asked.pop() {
            if wishes.extras.contains(&extra) {
                continue;
            }
            // A backend may know extras that the manifest does not.
            let may_be_elsewhere = matches!(wishes.own, Own::Built { .. });
            let listed = match manifest.extra(&extra) {
                Err(_) if may_be_elsewhere => Vec::new(),
                listed => listed.map_err(|error| wrong(error.to_string()))?,
            };
            for text in listed {
                match wishes.own_extras(&text)? {
                    Some(extras) => asked.extend(extras),
                    None => wishes.dependencies.push(text),
                }
            }
            wishes.extras.push(extra);
        }
        for text in &wishes.dependencies {
            parse(text)?;
        }
        wishes.extras.sort();
        Ok(wishes)
    }

    /// Take down what is installed from, to see whether it changed.
    pub fn note_inputs(&mut self, lock: Option<&Path>) {
        let lock = lock.and_then(|lock| fs::read(lock).ok());
        let listed = self.listed.hash();
        if lock.is_some() || listed.is_some() {
            let mut hash = Sha256::new();
            for part in [lock, listed] {
                hash.update(Sha256::digest(part.unwrap_or_default()));
            }
            self.inputs = Some(hex(&hash.finalize()));
        }
    }

    /// The extras in a requirement that is the project itself.
    fn own_extras(&self, text: &str) -> Result<Option<Vec<String>>, SyncError> {
        let requirement = parse(text)?;
        let own = !self.name.is_empty() && normalise(requirement.name.as_ref()) == self.name;
        Ok(own.then(|| requirement.extras.iter().map(|extra| normalise(extra.as_ref())).collect()))
    }

    /// The project with its extras as a requirement of the environment, for [`crate::domain::installed::reach`].
    #[must_use]
    pub fn as_requirement(&self) -> String {
        if self.extras.is_empty() { self.name.clone() } else { format!("{}[{}]", self.name, self.extras.join(",")) }
    }

    /// The argument of `--editable`, given in the project's folder: its path could be mistaken for an option, a URL or an extra.
    #[must_use]
    pub fn as_editable(&self) -> String {
        if self.extras.is_empty() { ".".to_owned() } else { format!(".[{}]", self.extras.join(",")) }
    }
}

/// The project's manifest; an empty one where there is none.
fn manifest(folder: &Path) -> Result<Manifest, SyncError> {
    let wrong = |message: String| SyncError::new(Kind::Manifest, message);
    let path = folder.join("pyproject.toml");
    let text = match fs::read_to_string(&path) {
        // An old project has a setup.py or requirements files.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        text => text.map_err(|error| wrong(format!("{}: {error}", path.display())))?,
    };
    Manifest::parse(&text).map_err(|error| wrong(error.to_string()))
}

fn parse(text: &str) -> Result<Requirement, SyncError> {
    text.parse::<Requirement>().map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().next().unwrap_or_default();
        SyncError::new(Kind::Manifest, format!("pyproject.toml: {text:?} is not a requirement (PEP 508): {reason}"))
    })
}

fn own(request: &SyncRequest<'_>, folder: &Path, (manifest, name): (&Manifest, &str)) -> Own {
    let is_package = manifest.is_package() || folder.join("setup.py").is_file();
    if request.editable == Editable::Never || !is_package || name.is_empty() {
        return Own::None;
    }
    if request.editable == Editable::Quick
        && manifest.name().is_some()
        && let Ok(prepared) = prepare(folder, manifest)
    {
        return Own::Written(prepared);
    }
    let mut hash = Sha256::new();
    hash.update(file_url(folder));
    for key in ["project", "build-system", "tool"] {
        hash.update(manifest.root().get(key).map(ToString::to_string).unwrap_or_default());
    }
    for file in ["setup.py", "setup.cfg"] {
        hash.update(fs::read(folder.join(file)).unwrap_or_default());
    }
    Own::Built { fingerprint: hex(&hash.finalize()) }
}

/// The path without links. On Windows links stay, since the resolved form is one that many programs refuse.
fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    if cfg!(windows) { std::path::absolute(path) } else { path.canonicalize() }
}
