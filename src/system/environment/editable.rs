//! Writes and replaces the project's own editable install without a build backend (Unix only).

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::venv;
use crate::domain::editable::{Material, Project, Refusal, script};
use crate::domain::groups::Manifest;
use crate::domain::hex::hex;
use crate::domain::installed::Distribution;

/// An install that is ready to be written.
pub struct Prepared {
    info: String,
    files: Vec<(String, Vec<u8>)>,
    scripts: Vec<(String, String)>,
    /// SHA-256 of everything that is going to be written.
    pub fingerprint: String,
}

/// Describe the install of the project in `folder`, an absolute path.
///
/// # Errors
/// Its backend has to do it.
pub fn prepare(folder: &Path, manifest: &Manifest) -> Result<Prepared, Refusal> {
    if cfg!(windows) {
        return Err(Refusal("launchers are programs on Windows".into()));
    }
    let project = Project::read(manifest)?;
    for other in ["setup.py", "setup.cfg", "hatch.toml", "hatch_build.py", "MANIFEST.in"] {
        if folder.join(other).exists() {
            return Err(Refusal(format!("there is a {other}")));
        }
    }
    let candidates = project.candidates();
    let package = candidates.iter().map(|part| folder.join(part)).find(|it| it.join("__init__.py").is_file());
    let Some(import_root) = package.as_deref().and_then(Path::parent).and_then(Path::to_str) else {
        return Err(Refusal(format!("no package stands where the backend looks for it: {}", candidates.join(", "))));
    };
    let unreadable = |path: &str, error: io::Error| Refusal(format!("{path} cannot be read: {error}"));
    let readme = match &project.readme {
        None => None,
        Some(path) => Some(fs::read_to_string(folder.join(path)).map_err(|error| unreadable(path, error))?),
    };
    let mut licenses = Vec::new();
    for name in project.licenses(&file_names(folder)) {
        let content = fs::read(folder.join(&name)).map_err(|error| unreadable(&name, error))?;
        licenses.push((name, content));
    }
    let material = Material { readme, licenses, import_root: import_root.to_owned(), url: file_url(folder) };
    let files = project.files(&material)?;
    let mut hash = Sha256::new();
    for (path, bytes) in &files {
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(bytes);
        hash.update([0]);
    }
    let fingerprint = hex(&hash.finalize());
    Ok(Prepared { info: project.dist_info(), files, scripts: project.scripts, fingerprint })
}

impl Prepared {
    /// Write it into `site` of the environment `at`, in place of `before`. `RECORD` comes last: without it the
    /// install counts as unfinished.
    ///
    /// # Errors
    /// A file cannot be written or removed.
    pub fn write(&self, at: &Path, site: &Path, before: Option<&Distribution>) -> io::Result<()> {
        if let Some(before) = before {
            remove(at, site, &before.info)?;
        }
        fs::create_dir_all(site.join(&self.info).join("licenses"))?;
        if !self.files.iter().any(|(path, _)| path.contains("/licenses/")) {
            fs::remove_dir(site.join(&self.info).join("licenses"))?;
        }
        let mut record: Vec<String> = Vec::new();
        let python = venv::python(at);
        for (name, target) in &self.scripts {
            let bytes = script(python.as_os_str().as_encoded_bytes(), target);
            write_program(&venv::bin(at).join(name), &bytes)?;
            record.push(line(&format!("../../../bin/{name}"), &bytes));
        }
        for (path, bytes) in &self.files {
            fs::write(site.join(path), bytes)?;
            record.push(line(path, bytes));
        }
        let own = format!("{}/RECORD", self.info);
        record.push(format!("{own},,\n"));
        record.sort();
        fs::write(site.join(own), record.concat())
    }

    /// Whether the programs that it consists of are all there.
    #[must_use]
    pub fn has_scripts(&self, at: &Path) -> bool {
        self.scripts.iter().all(|(name, _)| venv::is_executable(&venv::bin(at).join(name)))
    }
}

/// Remove a distribution by its `RECORD`, as far as its files lie inside the environment.
fn remove(at: &Path, site: &Path, info: &Path) -> io::Result<()> {
    let record = fs::read_to_string(info.join("RECORD")).unwrap_or_default();
    let at = at.canonicalize()?;
    for line in record.lines() {
        let path = line.rsplitn(3, ',').nth(2).unwrap_or_default().trim_matches('"');
        let path = site.join(path);
        let inside = path.parent().and_then(|folder| folder.canonicalize().ok()).is_some_and(|it| it.starts_with(&at));
        if inside && path.is_file() {
            fs::remove_file(path)?;
        }
    }
    if info.exists() { fs::remove_dir_all(info) } else { Ok(()) }
}

/// A line of `RECORD` (PEP 376, PEP 427).
fn line(path: &str, bytes: &[u8]) -> String {
    format!("{path},sha256={},{}\n", base64(&Sha256::digest(bytes)), bytes.len())
}

/// Base 64 with the URL alphabet, without padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            let six = (word >> (18 - 6 * index)) & 63;
            text.push(char::from(ALPHABET[six as usize]));
        }
    }
    text
}

/// The `file:` URL of an absolute path, escaped as Python's `urllib` does it.
#[must_use]
pub fn file_url(path: &Path) -> String {
    use std::fmt::Write as _;
    let mut url = String::from(if cfg!(windows) { "file:///" } else { "file://" });
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => url.push(char::from(*byte)),
            b'\\' if cfg!(windows) => url.push('/'),
            b':' if cfg!(windows) => url.push(':'),
            other => {
                let _ = write!(url, "%{other:02X}");
            }
        }
    }
    url
}

fn file_names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// Write a program; its mode follows the umask.
///
/// # Errors
/// It cannot be written.
pub fn write_program(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o777);
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    options.open(path)?.write_all(bytes)
}

/// Give the launchers in `bin` that pip wrote for a path which it cannot quote a first line that runs, and correct
/// their lines in `RECORD`.
///
/// # Errors
/// A launcher cannot be rewritten.
pub fn repair_launchers(at: &Path, site: &Path) -> io::Result<()> {
    let python = venv::python(at);
    let python = python.as_os_str().as_encoded_bytes();
    if cfg!(windows) || !crate::domain::editable::needs_repair(python) {
        return Ok(());
    }
    let right = crate::domain::editable::shebang(python);
    let mut changed = Vec::new();
    for entry in
        fs::read_dir(venv::bin(at))?.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
    {
        let bytes = fs::read(entry.path())?;
        let mark: &[u8] = b"# -*- coding: utf-8 -*-\n";
        let body = bytes.windows(mark.len()).position(|window| window == mark);
        let Some(body) = body.filter(|_| bytes.starts_with(b"#!") && !bytes.starts_with(&right)) else { continue };
        let fixed = [right.as_slice(), &bytes[body..]].concat();
        write_program(&entry.path(), &fixed)?;
        if let Some(name) = entry.file_name().to_str() {
            changed.push((format!("../../../bin/{name},"), line(&format!("../../../bin/{name}"), &fixed)));
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    for entry in fs::read_dir(site)?.flatten() {
        let path = entry.path().join("RECORD");
        let Ok(record) = fs::read_to_string(&path) else { continue };
        let fixed: String = record
            .split_inclusive('\n')
            .map(|old| changed.iter().find(|(start, _)| old.starts_with(start)).map_or(old, |(_, new)| new))
            .collect();
        if fixed != record {
            fs::write(path, fixed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_record() {
        assert_eq!(line("a", b""), "a,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n");
        assert_eq!(line("b", b"pip\n"), "b,sha256=zuuue4knoyJ-UwPPXg8fezS7VCrXJQrAP7zeNuwvFQg,4\n");
    }

    #[cfg(unix)]
    #[test]
    fn urls_of_paths() {
        assert_eq!(file_url(Path::new("/a b/ü$'x\"~")), "file:///a%20b/%C3%BC%24%27x%22~");
    }
}
