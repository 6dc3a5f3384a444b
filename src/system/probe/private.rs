//! What a report that is shown to others must not tell: who and where the user is, and what the projects are called.

use std::path::{Path, PathBuf};

use crate::domain::share::{Private, names_in};
use crate::system::git::{self, Git, identity};
use crate::system::project::MARKERS;
use crate::system::regular;

/// Variables that hold a login.
const PEOPLE: &[&str] = &["USER", "LOGNAME", "USERNAME", "SUDO_USER"];

/// Variables that hold names of hosts, with or without ports, separated by commas or spaces.
const HOSTS: &[&str] =
    &["HOSTNAME", "HOST", "COMPUTERNAME", "PIP_TRUSTED_HOST", "UV_INSECURE_HOST", "NO_PROXY", "no_proxy"];

/// What is known of the user, of this machine and of the projects in `folders`.
#[must_use]
pub fn private(folders: &[PathBuf]) -> Private {
    let home = etcetera::home_dir().ok();
    let variables =
        |names: &[&str]| -> Vec<String> { names.iter().filter_map(|name| std::env::var(name).ok()).collect() };
    let mut people = variables(PEOPLE);
    people.extend(home.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()));
    let here = folders.first().cloned().unwrap_or_default();
    let author = identity(&here, &git::Environment::default(), Git::find().as_ref());
    people.extend(author.name.iter().flat_map(|name| name.split(' ').map(str::to_owned).chain([name.clone()])));
    people.extend(author.email);
    let named = variables(HOSTS);
    let split =
        named.iter().flat_map(|value| value.split([',', ' ', ':'])).map(|host| host.trim_start_matches(['*', '.']));
    let mut hosts: Vec<String> = split.map(str::to_owned).chain([host()]).collect();
    // Inside of its own network a host is known by its first label.
    hosts.extend(hosts.clone().iter().filter_map(|host| Some(host.split_once('.')?.0.to_owned())));
    hosts.retain(|host| {
        !matches!(host.as_str(), "localhost" | "www" | "127") && !host.chars().all(|c| c.is_ascii_digit())
    });
    let projects = folders.iter().flat_map(|folder| names(folder)).collect();
    Private { home, people, hosts, projects, folders: folders.to_vec() }
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
/// A variable names it.
fn host() -> String {
    String::new()
}

/// The names of a project, of its folder, and of what and whom its own files name.
fn names(folder: &Path) -> Vec<String> {
    let texts = MARKERS.iter().filter_map(|file| regular::bytes(&folder.join(file)).ok().flatten());
    let named = texts.flat_map(|text| names_in(&String::from_utf8_lossy(&text)));
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).into_iter().chain(named).collect()
}
