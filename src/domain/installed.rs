//! What is installed in an environment, and whether that satisfies requirements.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pep440_rs::Version;
use pep508_rs::{ExtraName, MarkerEnvironment, Requirement, VersionOrUrl};

use super::groups::normalise;
use super::versions::fits;

/// A distribution with a `.dist-info` folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// As its metadata write it.
    pub name: String,
    pub version: String,
    /// `Requires-Dist`, as written.
    pub requires: Vec<String>,
    /// Its `.dist-info` folder.
    pub info: PathBuf,
    /// Where it came from, if that was not an index (PEP 610).
    pub origin: Option<DirectUrl>,
}

/// `direct_url.json` (PEP 610).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectUrl {
    pub url: String,
    /// Whether it is an editable install (PEP 660).
    pub editable: bool,
    /// The version control system and the commit, where it came from one.
    pub commit: Option<(String, String)>,
}

impl DirectUrl {
    /// The content of `direct_url.json`; `None` if it is not of that form.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_slice(text).ok()?;
        let editable = value.get("dir_info").and_then(|info| info.get("editable")).and_then(serde_json::Value::as_bool);
        let vcs = value.get("vcs_info");
        let field = |name: &str| Some(vcs?.get(name)?.as_str()?.to_owned());
        Some(Self {
            url: value.get("url")?.as_str()?.to_owned(),
            editable: editable.unwrap_or(false),
            commit: field("vcs").zip(field("commit_id")),
        })
    }

    /// Whether it is an editable install (PEP 660) of the folder with this `file:` URL.
    #[must_use]
    pub fn is_editable_of(&self, url: &str) -> bool {
        self.editable && self.url.trim_end_matches('/') == url
    }

    /// The folder that it names, if its scheme is `file`.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        let path = self.url.strip_prefix("file://")?;
        let path = path.strip_prefix("localhost").unwrap_or(path);
        let mut bytes = Vec::with_capacity(path.len());
        let mut rest = path.as_bytes();
        while let [first, tail @ ..] = rest {
            let hex = (*first == b'%').then(|| tail.get(..2)).flatten().and_then(|two| std::str::from_utf8(two).ok());
            let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.push(byte.unwrap_or(*first));
            rest = if byte.is_some() { &tail[2..] } else { tail };
        }
        let path = String::from_utf8(bytes).ok()?;
        // `file:///C:/x` on Windows.
        Some(PathBuf::from(if cfg!(windows) { path.trim_start_matches('/') } else { &path }))
    }

    /// The URL as a requirement has it: `git+https://...@commit`.
    #[must_use]
    pub fn as_requirement(&self) -> String {
        match &self.commit {
            Some((vcs, commit)) => format!("{vcs}+{}@{commit}", self.url),
            None => self.url.clone(),
        }
    }
}

/// A line of `RECORD` (PEP 376).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// As written: relative to site-packages, or absolute.
    pub path: String,
    /// In bytes; of what is compiled later and of `RECORD` itself it is not known.
    pub size: Option<u64>,
}

impl Record {
    /// Whether it is what Python compiles by itself and makes again; virtualenv lists whole folders of it.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        let path = Path::new(&self.path);
        path.extension().is_some_and(|extension| extension == "pyc") || path.ends_with("__pycache__")
    }
}

/// The lines of a `RECORD`.
#[must_use]
pub fn records(text: &str) -> Vec<Record> {
    let line = |line: &str| {
        // From the right, since a path with a comma is quoted.
        let mut parts = line.rsplitn(3, ',');
        let (size, _, path) = (parts.next()?, parts.next()?, parts.next()?);
        let path = match path.strip_prefix('"').and_then(|path| path.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => path.to_owned(),
        };
        Some(Record { path, size: size.trim().parse().ok() })
    };
    text.lines().filter_map(line).collect()
}

/// Distributions by normalised name.
pub type Installed = BTreeMap<String, Distribution>;

impl Distribution {
    /// From the header of `METADATA`; `None` if that has no name or no version. Where the folder's name tells another
    /// version, that one counts, as it does for pip (`parse_name_and_version_from_info_directory`) and uv.
    #[must_use]
    pub fn parse(metadata: &str, info: PathBuf, origin: Option<DirectUrl>) -> Option<Self> {
        let (mut name, mut version, mut requires) = (None, None, Vec::<String>::new());
        let mut goes_on = false;
        for line in metadata.lines().map(str::trim_end).take_while(|line| !line.is_empty()) {
            if line.starts_with([' ', '\t']) {
                // A long value is folded (RFC 5322).
                if let Some(last) = requires.last_mut().filter(|_| goes_on) {
                    last.push_str(line);
                }
                continue;
            }
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim_start();
            goes_on = key.eq_ignore_ascii_case("Requires-Dist");
            if goes_on {
                requires.push(value.to_owned());
            } else if key.eq_ignore_ascii_case("Name") {
                name = Some(value.to_owned());
            } else if key.eq_ignore_ascii_case("Version") {
                version = Some(value.to_owned());
            }
        }
        let of_folder = of_info(&info).and_then(|(_, version)| version.parse::<Version>().is_ok().then_some(version));
        let version = version.map(|stated| of_folder.map_or(stated, str::to_owned));
        Some(Self { name: name?, version: version?, requires, info, origin })
    }

    /// What installs this again: `name==version`, or `name @ url`.
    #[must_use]
    pub fn as_requirement(&self) -> String {
        match &self.origin {
            Some(origin) => format!("{} @ {}", self.name, origin.as_requirement()),
            None => format!("{}=={}", self.name, self.version),
        }
    }

    /// Whether it is an editable install.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.editable)
    }
}

/// Name and version in the name of a `.dist-info` folder: `foo-1.0.dist-info`.
#[must_use]
pub fn of_info(info: &Path) -> Option<(&str, &str)> {
    info.file_name()?.to_str()?.strip_suffix(".dist-info")?.split_once('-')
}

/// The result of walking from requirements through what is installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Normalised names of everything that is wanted directly or indirectly and is there.
    pub reached: BTreeSet<String>,
    /// Roots that nothing installed satisfies, as they are written.
    pub unmet: Vec<String>,
    /// The same for requirements of what is installed.
    pub dangling: Vec<String>,
}

impl Reach {
    /// Whether everything is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unmet.is_empty() && self.dangling.is_empty()
    }
}

/// Follow `roots` through `installed`. A root that cannot be understood counts as unmet; metadata of what is installed
/// that cannot be understood say nothing.
#[must_use]
pub fn reach(roots: &[String], installed: &Installed, markers: &MarkerEnvironment) -> Reach {
    let mut result = Reach::default();
    let mut done: BTreeSet<(String, Option<ExtraName>)> = BTreeSet::new();
    let mut queue: Vec<(String, Option<Vec<ExtraName>>)> =
        roots.iter().rev().map(|root| (root.clone(), None)).collect();
    while let Some((text, asking)) = queue.pop() {
        let failed = if asking.is_none() { &mut result.unmet } else { &mut result.dangling };
        let requirement = match text.parse::<Requirement>() {
            Ok(requirement) => requirement,
            Err(_) if asking.is_some() => continue,
            Err(_) => {
                failed.push(text);
                continue;
            }
        };
        if !requirement.evaluate_markers(markers, asking.as_deref().unwrap_or_default()) {
            continue;
        }
        let name = normalise(requirement.name.as_ref());
        let Some(found) = installed.get(&name).filter(|found| satisfies(found, &requirement)) else {
            if !failed.contains(&text) {
                failed.push(text);
            }
            continue;
        };
        let mut wanted: Vec<Option<ExtraName>> = requirement.extras.iter().cloned().map(Some).collect();
        wanted.push(None);
        wanted.retain(|extra| done.insert((name.clone(), extra.clone())));
        result.reached.insert(name);
        if !wanted.is_empty() {
            let extras: Vec<ExtraName> = wanted.into_iter().flatten().collect();
            queue.extend(found.requires.iter().map(|text| (text.clone(), Some(extras.clone()))));
        }
    }
    result
}

fn satisfies(found: &Distribution, requirement: &Requirement) -> bool {
    match &requirement.version_or_url {
        None => true,
        Some(VersionOrUrl::VersionSpecifier(specifiers)) => {
            found.version.parse().is_ok_and(|version| fits(&version, specifiers))
        }
        Some(VersionOrUrl::Url(url)) => found.origin.as_ref().is_some_and(|from| {
            url.to_string().trim_start_matches("git+").starts_with(from.url.trim_start_matches("git+"))
        }),
    }
}
