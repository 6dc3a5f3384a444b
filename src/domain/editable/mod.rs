//! What an editable install (PEP 660) of a plain project consists of, so that no build backend has to run for it.
//!
//! Only a project whose `[project]` table is fully static and whose packages stand where its backend looks for them by
//! default is described here; everything else is a [`Refusal`] and goes to the backend. The files are those that
//! hatchling, `uv_build`, setuptools and flit write, in the form of core metadata 2.4.

mod metadata;
mod scripts;

use toml::{Table, Value};

use super::groups::{Manifest, normalise};
pub use metadata::KEYS;
pub use scripts::{needs_repair, script, shebang, started};

/// Why the build backend has to make this install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

impl Refusal {
    fn because<T>(reason: impl Into<String>) -> Result<T, Self> {
        Err(Self(reason.into()))
    }
}

/// A build backend whose defaults are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backend {
    Hatchling,
    UvBuild,
    Setuptools,
    Flit,
}

/// A project that can be installed without its backend.
#[derive(Debug, Clone)]
pub struct Project {
    /// As written in `[project] name`.
    pub name: String,
    pub version: String,
    /// The path of the readme, relative to the project.
    pub readme: Option<String>,
    /// The command name and the `module:object` of each console and GUI script.
    pub scripts: Vec<(String, String)>,
    table: Table,
    backend: Backend,
    /// The package's folder, relative to the project, where the backend is told of it.
    named: Option<String>,
    license_patterns: Option<Vec<String>>,
}

/// What must be read from disk to describe the install.
#[derive(Debug, Clone, Default)]
pub struct Material {
    /// The text of the readme, where there is one.
    pub readme: Option<String>,
    /// Relative path and content of each licence file, sorted by path.
    pub licenses: Vec<(String, Vec<u8>)>,
    /// The absolute path of the folder to import from.
    pub import_root: String,
    /// `file:` URL of the project.
    pub url: String,
}

/// A file of the install, relative to site-packages, with `/` between its parts.
pub type Installed = (String, Vec<u8>);

impl Project {
    /// # Errors
    /// The backend has to do it: something is dynamic, configured or unknown.
    pub fn read(manifest: &Manifest) -> Result<Self, Refusal> {
        let Some(table) = manifest.project() else { return Refusal::because("there is no [project] table") };
        let (backend, named) = backend(manifest.root())?;
        for (key, value) in table {
            let known = match key.as_str() {
                "dynamic" => value.as_array().is_some_and(Vec::is_empty),
                key => KEYS.contains(&key),
            };
            if !known {
                return Refusal::because(format!("project.{key} needs the build backend"));
            }
        }
        let text = |key: &str| table.get(key).and_then(Value::as_str);
        let Some(name) = text("name").filter(|name| is_name(name)) else {
            return Refusal::because("project.name is not a static name");
        };
        let Some(version) = text("version").filter(|version| is_canonical(version)) else {
            return Refusal::because("project.version is not static and canonical");
        };
        let readme = match table.get("readme") {
            None => None,
            Some(Value::String(path)) if metadata::content_type(path).is_some() => Some(path.clone()),
            Some(_) => return Refusal::because("project.readme is not the path of a text file"),
        };
        let project = Self {
            name: name.to_owned(),
            version: version.to_owned(),
            readme,
            scripts: scripts::declared(table)?,
            table: table.clone(),
            backend,
            named,
            license_patterns: license_patterns(table)?,
        };
        project.metadata(&Material::default())?;
        Ok(project)
    }

    /// The folders, relative to the project, that may be the import package, in the order in which the backend tries
    /// them. Their parents are what is imported from.
    #[must_use]
    pub fn candidates(&self) -> Vec<String> {
        if let Some(named) = &self.named {
            return vec![named.clone()];
        }
        let package = self.stem();
        let folders: &[&str] = match self.backend {
            Backend::Hatchling => &["", "src/"],
            Backend::UvBuild | Backend::Setuptools => &["src/"],
            Backend::Flit => &["src/", ""],
        };
        folders.iter().map(|folder| format!("{folder}{package}")).collect()
    }

    /// The distribution's name in file names.
    fn stem(&self) -> String {
        normalise(&self.name).replace('-', "_")
    }

    /// Which of the files in the project's folder are licence files, sorted; patterns of file names with `*` are known.
    #[must_use]
    pub fn licenses(&self, names: &[String]) -> Vec<String> {
        const DEFAULT: [&str; 5] = ["LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "AUTHORS*"];
        let default: Vec<String> = DEFAULT.iter().map(ToString::to_string).collect();
        let patterns = self.license_patterns.as_ref().unwrap_or(&default);
        let matches = |name: &str| {
            patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == pattern,
            })
        };
        let mut found: Vec<String> = names.iter().filter(|name| matches(name)).cloned().collect();
        found.sort();
        found
    }

    /// The name of the `.dist-info` folder.
    #[must_use]
    pub fn dist_info(&self) -> String {
        format!("{}-{}.dist-info", self.stem(), self.version)
    }

    /// Every file of the install but `RECORD` and the scripts.
    ///
    /// # Errors
    /// The metadata cannot be written without the backend.
    pub fn files(&self, material: &Material) -> Result<Vec<Installed>, Refusal> {
        let info = self.dist_info();
        let path = |name: &str| format!("{info}/{name}");
        let mut files = vec![
            (self.path_file(), self.path_line(&material.import_root).into_bytes()),
            (path("METADATA"), self.metadata(material)?.into_bytes()),
            (path("WHEEL"), wheel().into_bytes()),
            (path("INSTALLER"), b"pyenvkit\n".to_vec()),
            (path("REQUESTED"), Vec::new()),
            (path("direct_url.json"), direct_url(&material.url).into_bytes()),
        ];
        let points = scripts::entry_points(&self.table)?;
        if !points.is_empty() {
            files.push((path("entry_points.txt"), points.into_bytes()));
        }
        for (name, content) in &material.licenses {
            files.push((path(&format!("licenses/{name}")), content.clone()));
        }
        Ok(files)
    }

    /// The core metadata (version 2.4) as the file `METADATA` has it.
    ///
    /// # Errors
    /// A value has a form that only the backend can bring into shape.
    pub fn metadata(&self, material: &Material) -> Result<String, Refusal> {
        metadata::render(self, &self.table, material)
    }

    fn path_file(&self) -> String {
        match self.backend {
            Backend::Hatchling => format!("_editable_impl_{}.pth", self.stem()),
            Backend::UvBuild | Backend::Flit => format!("{}.pth", self.stem()),
            Backend::Setuptools => format!("__editable__.{}-{}.pth", self.stem(), self.version),
        }
    }

    /// A plain path, which type checkers understand too; a statement where the path has a line break, which no plain
    /// line can hold, or a character that Python cannot read in every locale.
    fn path_line(&self, root: &str) -> String {
        if !root.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return format!("import os, sys; sys.path.append(os.fsdecode(b'{}'))\n", python_bytes(root));
        }
        match self.backend {
            Backend::Setuptools => format!("{root}\n"),
            _ => root.to_owned(),
        }
    }
}

/// The inside of a Python bytes literal, in ASCII.
fn python_bytes(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b'\'' | b'\\' => format!("\\x{byte:02x}"),
        b' ' | 33..=126 => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    });
    escaped.collect()
}

fn wheel() -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("Wheel-Version: 1.0\nGenerator: pyenvkit {version}\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
}

/// PEP 610, in the form in which pip writes it.
fn direct_url(url: &str) -> String {
    let url = serde_json::Value::from(url);
    format!("{{\"dir_info\": {{\"editable\": true}}, \"url\": {url}}}")
}

/// The backend of the project, if its configuration leaves everything that matters here at the default, and the
/// package's folder, if the configuration names it.
fn backend(root: &Table) -> Result<(Backend, Option<String>), Refusal> {
    let system = root.get("build-system").and_then(Value::as_table);
    let Some(system) = system else { return Refusal::because("there is no [build-system] table") };
    if system.contains_key("backend-path") {
        return Refusal::because("the build backend is part of the project");
    }
    let (backend, own) = match system.get("build-backend").and_then(Value::as_str) {
        Some("hatchling.build") => (Backend::Hatchling, "hatch"),
        Some("uv_build") => (Backend::UvBuild, ""),
        Some("setuptools.build_meta") => (Backend::Setuptools, "setuptools"),
        Some("flit_core.buildapi") => (Backend::Flit, "flit"),
        _ => return Refusal::because("the build backend is not one whose defaults are known"),
    };
    let plugins = system.get("requires").and_then(Value::as_array).is_none_or(|list| list.len() != 1);
    if plugins {
        return Refusal::because("build-system.requires has more than the backend");
    }
    let tool = root.get("tool").and_then(Value::as_table);
    let settings = tool.and_then(|tool| tool.get(own)).and_then(Value::as_table);
    let uv = tool.and_then(|tool| tool.get("uv")).is_some_and(|uv| uv.get("build-backend").is_some());
    let named = match (backend, settings) {
        (Backend::UvBuild, _) if uv => return Err(configured()),
        (Backend::UvBuild, _) | (_, None) => None,
        (Backend::Hatchling, Some(settings)) => hatch(settings)?,
        (_, Some(settings)) if settings.is_empty() => None,
        _ => return Err(configured()),
    };
    Ok((backend, named))
}

fn configured() -> Refusal {
    Refusal("the build backend is configured".to_owned())
}

/// The package's folder that the table `[tool.hatch]` names, if any.
///
/// # Errors
/// It says more about wheels, versions or metadata than that.
fn hatch(settings: &Table) -> Result<Option<String>, Refusal> {
    let table = |value: &'_ Value| value.as_table().cloned().ok_or_else(configured);
    let mut named = None;
    for (key, value) in settings {
        match key.as_str() {
            "envs" | "publish" => continue,
            "build" => {}
            _ => return Err(configured()),
        }
        for (key, targets) in &table(value)? {
            if key != "targets" {
                return Err(configured());
            }
            for (target, value) in &table(targets)? {
                match target.as_str() {
                    "sdist" => {}
                    "wheel" => named = Some(only_package(&table(value)?).ok_or_else(configured)?),
                    _ => return Err(configured()),
                }
            }
        }
    }
    Ok(named)
}

/// The one folder of `packages`, which hatchling imports from its parent, if the wheel's table has nothing else.
fn only_package(wheel: &Table) -> Option<String> {
    let [Value::String(path)] = wheel.get("packages")?.as_array()?.as_slice() else { return None };
    let is_plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (wheel.len() == 1 && path.split('/').all(is_plain)).then(|| path.clone())
}

/// The patterns of `license-files`: plain names in the project's folder, or one `*` at the end.
fn license_patterns(table: &Table) -> Result<Option<Vec<String>>, Refusal> {
    let Some(list) = table.get("license-files") else { return Ok(None) };
    let patterns: Option<Vec<String>> =
        list.as_array().and_then(|list| list.iter().map(|item| item.as_str().map(str::to_owned)).collect());
    let plain = |pattern: &String| {
        let name = pattern.strip_suffix('*').unwrap_or(pattern);
        !name.contains(['*', '?', '[', ']', '/', '\\'])
    };
    match patterns {
        Some(patterns) if patterns.iter().all(plain) => Ok(Some(patterns)),
        _ => Refusal::because("project.license-files has patterns or folders"),
    }
}

/// A name that PEP 508 allows.
fn is_name(name: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    ends(name.chars().next())
        && ends(name.chars().next_back())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn is_canonical(version: &str) -> bool {
    version.parse::<pep440_rs::Version>().is_ok_and(|parsed| parsed.to_string() == version)
}

#[cfg(test)]
mod tests;
