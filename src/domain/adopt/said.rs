//! What the build configuration says of packages: their names, where they lie, how they are looked for.

use toml::Value;

use super::sources::Sources;
use crate::domain::names::is_identifier;
use crate::domain::wildcard::matches;

/// Folders that are nobody's package.
pub const USUAL_BASES: &[&str] = &["src", "lib", "python"];

/// All that is said; most projects leave it to the backend's own search.
#[derive(Debug, Default)]
pub struct Said {
    /// Folders below which packages lie, `""` for the top.
    pub bases: Vec<String>,
    /// Import names in their order, dotted where they are said so.
    pub names: Vec<String>,
    /// Packages that lie somewhere else than their names say.
    pub moved: Vec<(String, String)>,
    /// Whether packages are looked for by patterns, and not only the one of the project's name.
    searches: bool,
    include: Vec<String>,
    exclude: Vec<String>,
}

impl Said {
    pub fn read(sources: &Sources) -> Self {
        let mut said = Self::default();
        said.of_setuptools(sources);
        said.of_setup_cfg(sources);
        said.of_setup_py(sources);
        said.of_others(sources);
        said
    }

    /// Whether the project takes every package of a folder that its patterns allow.
    pub fn searches(&self) -> bool {
        self.searches
    }

    pub fn allows(&self, package: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, package));
        (self.include.is_empty() || any(&self.include)) && !any(&self.exclude)
    }

    fn base(&mut self, path: &str) {
        let path = path.trim_start_matches("./").trim_matches('/');
        let path = if path == "." { "" } else { path };
        if !path.split('/').any(|part| part == "..") && !self.bases.iter().any(|known| known == path) {
            self.bases.push(path.to_owned());
        }
    }

    fn name(&mut self, name: &str) {
        if name.split('.').all(is_identifier) && !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    fn all(&mut self, texts: &[String], take: fn(&mut Self, &str)) {
        for text in texts {
            take(self, text);
        }
    }

    /// `src/demo`: the package `demo` below `src`.
    fn path(&mut self, path: &str) {
        let path = path.trim_start_matches("./").trim_matches('/');
        if USUAL_BASES.contains(&path) {
            return self.base(path);
        }
        let (base, name) = path.rsplit_once('/').unwrap_or(("", path));
        let name = name.strip_suffix(".py").unwrap_or(name);
        if is_identifier(name) {
            self.base(base);
            self.name(name);
        }
    }

    /// `package-dir`: the folder of one package, or of all others.
    fn folder_of(&mut self, package: &str, folder: &str) {
        if package.is_empty() {
            self.base(folder);
        } else if folder.rsplit('/').next() == Some(package) {
            self.path(folder);
        } else if is_identifier(package) && crate::domain::tree::RelPath::new(folder).is_ok() {
            self.name(package);
            self.moved.push((package.to_owned(), folder.to_owned()));
        }
    }

    fn of_setuptools(&mut self, sources: &Sources) {
        for (package, folder) in table(sources.tool(&["setuptools", "package-dir"])) {
            self.folder_of(&package, &folder);
        }
        for key in ["packages", "py-modules"] {
            self.all(&texts(sources.tool(&["setuptools", key])), Self::name);
        }
        if let Some(find) = sources.tool(&["setuptools", "packages", "find"]) {
            self.searches = true;
            self.all(&texts(find.get("where")), Self::base);
            self.include.extend(texts(find.get("include")));
            self.exclude.extend(texts(find.get("exclude")));
        }
    }

    fn of_setup_cfg(&mut self, sources: &Sources) {
        let list = |section: &str, key: &str| -> Vec<String> {
            let text = sources.ini(section, key).unwrap_or_default();
            text.split(['\n', ',']).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        };
        for line in list("options", "package_dir") {
            if let Some((package, folder)) = line.split_once('=') {
                self.folder_of(package.trim(), folder.trim());
            }
        }
        let said = ["packages", "py_modules"].into_iter().flat_map(|key| list("options", key));
        for name in said.chain(list("files", "packages")).chain(list("files", "modules")).collect::<Vec<_>>() {
            if name.starts_with("find") && name.ends_with(':') {
                self.searches = true;
            } else {
                self.name(&name);
            }
        }
        if self.searches {
            self.all(&list("options.packages.find", "where"), Self::base);
            self.include.extend(list("options.packages.find", "include"));
            self.exclude.extend(list("options.packages.find", "exclude"));
        }
    }

    fn of_setup_py(&mut self, sources: &Sources) {
        let Some(arguments) = sources.arguments() else { return };
        if let Some(base) = arguments.entry("package_dir", "") {
            self.base(base);
        }
        for key in ["packages", "py_modules"] {
            for name in arguments.list(key) {
                self.name(name);
            }
        }
        if let Some(find) = arguments.find() {
            self.searches = true;
            if let Some(base) = find.base {
                self.base(&base);
            }
            self.include.extend(find.include);
            self.exclude.extend(find.exclude);
        }
    }

    fn of_others(&mut self, sources: &Sources) {
        let text = |path: &[&str]| sources.tool(path).and_then(Value::as_str).map(str::to_owned);
        for package in sources.tool(&["poetry", "packages"]).and_then(Value::as_array).into_iter().flatten() {
            let of = |key: &str| package.get(key).and_then(Value::as_str);
            // Poetry includes by pattern: the package is what comes before it.
            let name = of("include").unwrap_or_default().split('/').next().unwrap_or_default();
            let name = name.strip_suffix(".py").unwrap_or(name);
            self.base(of("from").unwrap_or(""));
            self.name(name);
        }
        for path in [
            &["hatch", "build", "targets", "wheel", "packages"][..],
            &["hatch", "build", "targets", "wheel", "only-include"],
            &["pdm", "build", "includes"],
            &["scikit-build", "wheel", "packages"],
        ] {
            self.all(&texts(sources.tool(path)), Self::path);
        }
        for (package, folder) in table(sources.tool(&["scikit-build", "wheel", "packages"])) {
            self.folder_of(&package, &folder);
        }
        for path in [
            &["pdm", "build", "package-dir"][..],
            &["uv", "build-backend", "module-root"],
            &["maturin", "python-source"],
        ] {
            if let Some(base) = text(path) {
                self.base(&base);
            }
        }
        for path in
            [&["flit", "module", "name"][..], &["flit", "metadata", "module"], &["uv", "build-backend", "module-name"]]
        {
            self.all(&text(path).into_iter().chain(texts(sources.tool(path))).collect::<Vec<_>>(), Self::name);
        }
        // The last part of maturin's is the compiled module.
        let compiled = text(&["maturin", "module-name"]).unwrap_or_default();
        self.name(compiled.split('.').next().unwrap_or_default());
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn table(value: Option<&Value>) -> Vec<(String, String)> {
    let pairs = value.and_then(Value::as_table).into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
