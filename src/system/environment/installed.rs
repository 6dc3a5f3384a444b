//! What is installed in an environment, read from its files, and whether that satisfies requirements.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use pep508_rs::{ExtraName, MarkerEnvironment, MarkerEnvironmentBuilder, Requirement, VersionOrUrl};

use crate::domain::facts::Interpreter;
use crate::domain::groups::normalise;

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
}

/// Distributions by normalised name.
pub type Installed = BTreeMap<String, Distribution>;

/// Everything in `site` that has readable metadata.
#[must_use]
pub fn read(site: &Path) -> Installed {
    let Ok(entries) = fs::read_dir(site) else { return Installed::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().as_encoded_bytes().ends_with(b".dist-info"))
        .filter_map(|entry| distribution(entry.path()))
        .map(|found| (normalise(&found.name), found))
        .collect()
}

fn distribution(info: PathBuf) -> Option<Distribution> {
    let (mut name, mut version, mut requires) = (None, None, Vec::new());
    for line in BufReader::new(File::open(info.join("METADATA")).ok()?).split(b'\n') {
        let line = line.ok()?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        match line.split_once(": ") {
            Some(("Name", value)) => name = Some(value.to_owned()),
            Some(("Version", value)) => version = Some(value.to_owned()),
            Some(("Requires-Dist", value)) => requires.push(value.to_owned()),
            _ => {}
        }
    }
    Some(Distribution { name: name?, version: version?, requires, info })
}

/// Distributions whose installation was cut short: no `RECORD`, or a file in it is not there or has another size.
#[must_use]
pub fn damaged(site: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(site) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().as_encoded_bytes().ends_with(b".dist-info"))
        .map(|entry| entry.path())
        .filter(|info| !is_whole(site, info))
        .collect()
}

fn is_whole(site: &Path, info: &Path) -> bool {
    let Ok(record) = fs::read_to_string(info.join("RECORD")) else { return false };
    // Installers write their own RECORD last, with what they added. That of the wheel, which stands there until then, does
    // not name console scripts, so that nothing would be missed.
    let is_final = record.lines().any(|line| line.split(',').next().is_some_and(|path| path.ends_with("/INSTALLER")));
    is_final
        && info.join("METADATA").is_file()
        && record.lines().filter(|line| !line.is_empty()).all(|line| {
            // From the right, since a path with a comma is quoted.
            let mut parts = line.rsplitn(3, ',');
            let (length, _, path) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
            let path = path.trim_matches('"');
            let length = length.and_then(|text| text.trim().parse::<u64>().ok());
            if Path::new(path).extension().is_some_and(|extension| extension == "pyc") {
                return true;
            }
            fs::metadata(site.join(path)).is_ok_and(|data| length.is_none_or(|length| length == data.len()))
        })
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
            found.version.parse().is_ok_and(|version| specifiers.contains(&version))
        }
        Some(VersionOrUrl::Url(url)) => installed_from(&found.info).is_some_and(|from| {
            url.to_string().trim_start_matches("git+").starts_with(from.trim_start_matches("git+"))
        }),
    }
}

/// The URL in `direct_url.json` (PEP 610).
fn installed_from(info: &Path) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(&fs::read(info.join("direct_url.json")).ok()?).ok()?;
    Some(value.get("url")?.as_str()?.to_owned())
}

/// Whether a distribution is an editable install of `url` (PEP 610, PEP 660).
#[must_use]
pub fn is_editable_of(info: &Path, url: &str) -> bool {
    let read = || -> Option<bool> {
        let value: serde_json::Value = serde_json::from_slice(&fs::read(info.join("direct_url.json")).ok()?).ok()?;
        let editable = value.get("dir_info")?.get("editable")?.as_bool()?;
        Some(editable && value.get("url")?.as_str()?.trim_end_matches('/') == url)
    };
    read().unwrap_or(false)
}

/// The values of environment markers (PEP 508) for `interpreter` on this machine; `None` if its version is no version.
#[must_use]
pub fn markers(interpreter: &Interpreter) -> Option<MarkerEnvironment> {
    let version = interpreter.version.trim_end_matches('+');
    let minor = interpreter.minor.to_string();
    let (os, platform, system) = if cfg!(windows) {
        ("nt", "win32", "Windows")
    } else if cfg!(target_os = "macos") {
        ("posix", "darwin", "Darwin")
    } else if cfg!(target_os = "linux") {
        ("posix", "linux", "Linux")
    } else {
        ("posix", std::env::consts::OS, std::env::consts::OS)
    };
    let machine = match (std::env::consts::ARCH, std::env::consts::OS) {
        ("x86_64", "windows") => "AMD64",
        ("aarch64", "windows") => "ARM64",
        ("aarch64", "macos") => "arm64",
        ("x86", _) => "i686",
        (other, _) => other,
    };
    let implementation = match interpreter.implementation.as_str() {
        "cpython" => "CPython",
        "pypy" => "PyPy",
        other => other,
    };
    let kernel = |name: &str| fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default();
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: &interpreter.implementation,
        implementation_version: version,
        os_name: os,
        platform_machine: machine,
        platform_python_implementation: implementation,
        platform_release: kernel("osrelease").trim(),
        platform_system: system,
        platform_version: kernel("version").trim(),
        python_full_version: version,
        python_version: &minor,
        sys_platform: platform,
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::python::Minor;

    fn interpreter() -> Interpreter {
        Interpreter {
            executable: "/usr/bin/python3".into(),
            prefix: "/usr".into(),
            version: "3.12.1".into(),
            minor: Minor::new(3, 12),
            implementation: "cpython".into(),
            stdlib: "/usr/lib/python3.12".into(),
            has_venv: true,
            has_ensurepip: true,
            pip: None,
            externally_managed: false,
        }
    }

    fn put(site: &Path, name: &str, metadata: &str) {
        let info = site.join(format!("{name}-1.0.dist-info"));
        fs::create_dir_all(&info).unwrap();
        fs::write(info.join("METADATA"), metadata).unwrap();
    }

    #[test]
    fn requirements_are_followed_with_markers_and_extras() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path();
        put(
            site,
            "A",
            "Name: A_a\nVersion: 1.0\nRequires-Dist: b>=1\nRequires-Dist: gone; python_version<'3'\nRequires-Dist: c; extra == 'x'\n\nName: no\n",
        );
        put(site, "b", "Name: b\nVersion: 1.5\nRequires-Dist: a.a[x]\n");
        put(site, "spare", "Name: spare\nVersion: 1\n");
        let installed = read(site);
        let markers = markers(&interpreter()).unwrap();
        let plain = reach(&["a-a>0.5".into()], &installed, &markers);
        assert_eq!(plain.reached.into_iter().collect::<Vec<_>>(), ["a-a", "b"]);
        assert_eq!((plain.unmet.len(), plain.dangling), (0, vec!["c; extra == 'x'".to_owned()]));
        put(site, "c", "Name: c\nVersion: 2\n");
        assert!(reach(&["A.a".into()], &read(site), &markers).is_complete());
        let wrong = reach(&["b<1.5".into(), "./x".into(), "b @ https://x/b.whl".into()], &installed, &markers);
        assert_eq!(wrong.unmet, ["b<1.5", "./x", "b @ https://x/b.whl"]);
    }

    #[test]
    fn an_installation_that_was_cut_short_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path();
        put(site, "a", "Name: a\nVersion: 1.0\n");
        assert_eq!(damaged(site).len(), 1);
        let record = site.join("a-1.0.dist-info/RECORD");
        let of_wheel = "a-1.0.dist-info/METADATA,sha256=x,21\na-1.0.dist-info/RECORD,,\na.pyc,,\n";
        fs::write(&record, of_wheel).unwrap();
        assert_eq!(damaged(site).len(), 1, "the wheel's own RECORD knows no console script");
        fs::write(site.join("a-1.0.dist-info/INSTALLER"), "uv").unwrap();
        fs::write(&record, format!("{of_wheel}a-1.0.dist-info/INSTALLER,,\n")).unwrap();
        assert_eq!(damaged(site).len(), 0);
        fs::write(&record, "a-1.0.dist-info/METADATA,sha256=x,22\n").unwrap();
        assert_eq!(damaged(site).len(), 1);
        fs::write(&record, "a.py,,\n").unwrap();
        assert_eq!(damaged(site).len(), 1);
    }
}
