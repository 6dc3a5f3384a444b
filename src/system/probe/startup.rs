//! What a Python does whenever it starts in an environment, as far as files tell; none of it is done here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::facts::{Environment, Packages, PathFile};
use crate::domain::standard_library::is_of_python;
use crate::domain::startup::{self as domain, Line};
use crate::system::regular;

/// A `.pth` file; `None` for one that Python does not read either.
pub fn path_file(site: &Path, name: &str) -> Option<PathFile> {
    // Newer Pythons pass hidden files by.
    let bytes = regular::bytes(&site.join(name)).ok()?.filter(|_| !name.starts_with('.'))?;
    let (text, is_utf8): (Arc<str>, bool) = match String::from_utf8(bytes) {
        Ok(text) => (text.into(), true),
        Err(error) => (String::from_utf8_lossy(error.as_bytes()).into(), false),
    };
    let mut file = PathFile { name: name.to_owned(), text, is_utf8, missing: Vec::new() };
    let named = domain::lines(&file.text).filter_map(|(at, line)| match line {
        Line::Path(path) => Some((at, site.join(path))),
        Line::Import(_) => None,
    });
    file.missing = named.filter(|(_, folder)| !folder.exists()).collect();
    Some(file)
}

/// Where the module `stem` leads others to, if it is the finder of an editable install.
pub fn finder(site: &Path, stem: &str) -> Option<BTreeMap<String, PathBuf>> {
    let is_finder = stem.starts_with("__editable___") && stem.ends_with("_finder");
    is_finder.then(|| regular::utf8(&site.join(format!("{stem}.py"))))?.as_deref().map(domain::mapping)
}

/// The text of the module that is imported when all `.pth` files are done.
pub fn customizing(site: &Path) -> Option<Arc<str>> {
    regular::utf8(&site.join("sitecustomize.py")).map(Into::into)
}

/// Which of the modules that are imported at each start are not there; `None` where Python looks in places that are not
/// known.
pub fn unfound(environment: &Environment, packages: &Packages) -> Option<BTreeSet<String>> {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    for (_, line) in packages.path_files.iter().flat_map(|file| domain::lines(&file.text)) {
        if let Line::Import(statement) = line {
            wanted.extend(domain::imported(statement));
        }
    }
    let customizing = packages.customizing.as_deref().map(domain::leading_imports).unwrap_or_default();
    wanted.extend(customizing.into_iter().map(|(_, name)| name));
    let led = |name: &str| packages.finders.values().any(|modules| modules.contains_key(name));
    wanted.retain(|name| !is_of_python(name) && !packages.modules.iter().any(|module| module == name) && !led(name));
    if wanted.is_empty() {
        return Some(BTreeSet::new());
    }
    let library =
        environment.base.as_ref().and_then(|base| base.stdlib.as_ref()).filter(|_| !environment.sees_others())?;
    let mut folders = vec![library.clone(), library.join("lib-dynload")];
    folders.extend(environment.user_site.clone().filter(|_| environment.conda));
    folders.extend(packages.path_files.iter().flat_map(|file| file.folders(&packages.site)));
    // Nobody looks into archives here.
    if folders.iter().any(|path| path.is_file()) {
        return None;
    }
    for folder in &folders {
        for (name, _) in regular::names(folder).unwrap_or_default() {
            wanted.remove(name.split('.').next().unwrap_or(&name));
        }
    }
    Some(wanted.into_iter().map(str::to_owned).collect())
}
