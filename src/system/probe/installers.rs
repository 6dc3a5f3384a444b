//! What installers are configured with outside of projects, and the certificates that they and others are told to trust.

use std::path::{Path, PathBuf};

use crate::domain::facts::{Certificates, Installers, NamedBy};
use crate::domain::pip_config;
use crate::system::environment::{Variables, configuration_of, pip_files, uv_files};
use crate::system::regular;

/// Variables that name a file of certificates, or a folder of them.
const CERTIFICATES: &[&str] =
    &["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO"];

/// The machine's and the user's.
pub fn of_machine() -> Installers {
    let variables = Variables::current();
    let all = |paths: Vec<PathBuf>| paths.into_iter().filter_map(read).collect();
    Installers { pip: all(pip_files(&variables, &[])), uv: all(uv_files(&variables)) }
}

/// pip's file in an environment.
pub fn of_environment(folder: &Path) -> Option<(PathBuf, String)> {
    configuration_of(folder, &Variables::current()).and_then(read)
}

fn read(path: PathBuf) -> Option<(PathBuf, String)> {
    regular::utf8(&path).map(|text| (path, text))
}

/// Those that variables and pip's files of the machine name.
pub fn certificates() -> Vec<Certificates> {
    let named = |variable: &&'static str| Some((*variable, PathBuf::from(std::env::var_os(variable)?)));
    let named = CERTIFICATES.iter().filter_map(named).filter(|(_, path)| !path.as_os_str().is_empty());
    let mut all: Vec<Certificates> = named
        .map(|(variable, path)| Certificates { fault: fault(variable, &path), by: NamedBy::Variable(variable), path })
        .collect();
    all.extend(certificates_in(&of_machine().pip));
    all
}

/// Those that files of pip name. A relative path depends on where pip runs, which nobody knows.
pub fn certificates_in(files: &[(PathBuf, String)]) -> Vec<Certificates> {
    let held = pip_config::effective(files).into_iter().filter(|setting| setting.key == "cert");
    let named = held.map(|setting| (setting.file.to_owned(), super::texts::expanded(setting.value.trim())));
    let named = named.filter(|(_, path)| path.is_absolute());
    named.map(|(file, path)| Certificates { fault: fault("", &path), by: NamedBy::File(file), path }).collect()
}

fn fault(variable: &str, path: &Path) -> Option<String> {
    if variable == "SSL_CERT_DIR" {
        // Several folders may be named; one that is there is enough.
        let some = std::env::split_paths(path.as_os_str()).any(|folder| folder.is_dir());
        return (!some).then(|| "it is not there".to_owned());
    }
    if path.is_dir() && variable != "SSL_CERT_FILE" {
        return None;
    }
    match regular::bytes(path) {
        Ok(None) => Some("it is not there".to_owned()),
        Ok(Some(bytes)) => {
            let begins = |mark: &[u8]| bytes.windows(mark.len()).any(|part| part == mark);
            let is_pem = begins(b"-----BEGIN CERTIFICATE-----") || begins(b"-----BEGIN TRUSTED CERTIFICATE-----");
            (!is_pem).then(|| "there is no certificate in it".to_owned())
        }
        Err(why) => Some(why),
    }
}
