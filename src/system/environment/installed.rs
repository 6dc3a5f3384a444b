//! What is installed in an environment, read from its files.

use std::fs;
use std::path::{Path, PathBuf};

use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder};

use crate::domain::facts::Interpreter;
use crate::domain::groups::normalise;
use crate::domain::installed::{DirectUrl, Distribution, Installed, Record, records};
use crate::domain::python::Minor;
use crate::system::regular;

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

/// The distribution of a `.dist-info` folder; `None` if it has no readable metadata.
#[must_use]
pub fn distribution(info: PathBuf) -> Option<Distribution> {
    let metadata = header(&info.join("METADATA"))?;
    let origin = origin(&info);
    Distribution::parse(&metadata, info, origin)
}

/// Where the distribution of a `.dist-info` folder came from (PEP 610); `None` if that was an index.
#[must_use]
pub fn origin(info: &Path) -> Option<DirectUrl> {
    DirectUrl::parse(&regular::bytes(&info.join("direct_url.json")).ok()??)
}

/// No header is longer; the description behind it can be.
const LONGEST_HEADER: u64 = 1 << 20;

/// Most headers are not longer.
const USUAL_HEADER: u64 = 16 << 10;

/// The lines of `METADATA` up to the description, and perhaps more.
fn header(path: &Path) -> Option<String> {
    let mut text = regular::start(path, USUAL_HEADER).ok()??;
    let ends =
        |text: &[u8]| text.windows(2).any(|pair| pair == b"\n\n") || text.windows(4).any(|four| four == b"\r\n\r\n");
    if text.len() as u64 == USUAL_HEADER && !ends(&text) {
        text = regular::start(path, LONGEST_HEADER).ok()??;
    }
    Some(String::from_utf8_lossy(&text).into_owned())
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
    let Ok(Some(record)) = regular::bytes(&info.join("RECORD")) else { return false };
    let record = records(&String::from_utf8_lossy(&record));
    // Installers write their own RECORD last, with what they added. That of the wheel, which stands there until then, does
    // not name console scripts, so that nothing would be missed.
    let is_final = record.iter().any(|file| file.path.ends_with("/INSTALLER"));
    let is_there = |file: &Record| {
        file.is_compiled()
            || fs::metadata(site.join(&file.path)).is_ok_and(|data| file.size.is_none_or(|size| size == data.len()))
    };
    is_final && info.join("METADATA").is_file() && record.iter().all(is_there)
}

/// The values of environment markers (PEP 508) for `interpreter` on this machine; `None` if its version is no version.
#[must_use]
pub fn markers(interpreter: &Interpreter) -> Option<MarkerEnvironment> {
    markers_of(interpreter.version.trim_end_matches('+'), interpreter.minor, &interpreter.implementation)
}

/// The same for a Python that is known by its version and `sys.implementation.name` alone.
#[must_use]
pub fn markers_of(version: &str, minor: Minor, implementation_name: &str) -> Option<MarkerEnvironment> {
    let minor = minor.to_string();
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
    let implementation = match implementation_name {
        "cpython" => "CPython",
        "pypy" => "PyPy",
        other => other,
    };
    let kernel = |name: &str| fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default();
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name,
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
    use crate::domain::installed::reach;

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
        let version = metadata.split_once("Version: ").and_then(|(_, rest)| rest.lines().next()).unwrap();
        let info = site.join(format!("{name}-{version}.dist-info"));
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
