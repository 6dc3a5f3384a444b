//! Chooses one interpreter, and starts no more of them than that takes.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use pep440_rs::VersionSpecifiers;

use super::cache::Cache;
use super::chosen::{Chosen, NotFound, Refused};
use super::probe::{self, Outcome, Silence};
use super::{Candidate, Context, Settled, find, shim};
use crate::domain::facts::{Interpreter, Origin};
use crate::domain::python::{Minor, NEWEST, OLDEST};
use crate::domain::python_request::{Request, Wanted, contains, could_contain, version_of};

/// The interpreter for a project that requires `requires_python`, in this order: the one that `request` names; what the
/// nearest `.python-version` asks for, if `request` asks for nothing; the base of the active environment; the first on
/// PATH that fits; the newest that fits of all others.
///
/// # Errors
/// None fits, or a signal has come, which [`crate::system::interrupt::check`] tells.
pub fn choose(request: &Request, requires_python: &VersionSpecifiers, context: &Context) -> Result<Chosen, NotFound> {
    let mut search = Search {
        context,
        requires_python,
        cache: Cache::open(context.cache.as_deref()),
        verdicts: HashMap::new(),
        refused: Vec::new(),
        known_refused: HashSet::new(),
        interrupted: false,
    };
    let chosen = match request {
        Request::Path(path) => search.named_path(path),
        Request::Name(name) => search.named(name),
        Request::Any => search.by_file().or_else(|| search.best(request, Thoroughness::All)),
        Request::Version(_) | Request::Range(_) => search
            .best(request, Thoroughness::All)
            .map(|chosen| Chosen { why: format!("{}, as asked for: {request}", chosen.why), ..chosen }),
    };
    search.cache.save();
    chosen.ok_or_else(|| search.not_found(request))
}

/// Whether candidates are tried whose names speak of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thoroughness {
    Likely,
    All,
}

struct Search<'a> {
    context: &'a Context,
    requires_python: &'a VersionSpecifiers,
    cache: Cache,
    /// What is known of each interpreter by its key, so that none is run twice.
    verdicts: HashMap<PathBuf, Result<Interpreter, String>>,
    refused: Vec<Refused>,
    /// The keys of those refused, so that none is named once for each of its links.
    known_refused: HashSet<PathBuf>,
    interrupted: bool,
}

/// How a search for the best goes on.
struct Progress<'a> {
    request: &'a Request,
    /// Left for later because their names speak of another version.
    unlikely: Vec<(Settled, &'static str)>,
    /// A pre-release, taken only if there is nothing else.
    fallback: Option<Chosen>,
}

impl Search<'_> {
    fn named_path(&mut self, path: &Path) -> Option<Chosen> {
        let path = expand(path, self.context);
        let python = if path.is_dir() { find::of_prefix(&path) } else { Some(path.clone()) };
        let Some(python) = python else {
            self.refuse(&path, Origin::Named, "there is no Python in this folder".to_owned());
            return None;
        };
        self.only(python)
    }

    fn named(&mut self, name: &str) -> Option<Chosen> {
        if let Some(python) = self.place_of(name) {
            return self.only(python);
        }
        self.refuse(
            Path::new(name),
            Origin::Named,
            "there is no folder and no program on PATH of this name".to_owned(),
        );
        None
    }

    /// Where a bare word may be: a folder here, a program on PATH, one of pyenv's environments.
    fn place_of(&self, name: &str) -> Option<PathBuf> {
        let folder = find::of_prefix(&self.context.folder.join(name));
        let program = || which::which_in(name, self.context.roots.variable("PATH"), &self.context.folder).ok();
        let pyenv = || find::of_prefix(&self.context.roots.pyenv()?.join("versions").join(name));
        folder.or_else(program).or_else(pyenv)
    }

    /// The named one or none.
    fn only(&mut self, path: PathBuf) -> Option<Chosen> {
        let Some(settled) = (Candidate { path: path.clone(), origin: Origin::Named }).settle(self.context) else {
            let reason = match (path.exists(), path.is_symlink()) {
                (true, _) => "is not a program",
                (false, true) => "is a link whose target is gone",
                (false, false) => "does not exist",
            };
            self.refuse(&path, Origin::Named, reason.to_owned());
            return None;
        };
        let why = if settled.path == path { "the one that was named" } else { "the base of the one that was named" };
        self.consider(&settled, &Request::Path(path), why)
    }

    /// What `.python-version` asks for, if it is here.
    fn by_file(&mut self) -> Option<Chosen> {
        let (file, words) = shim::python_version(self.context)?;
        for word in &words {
            let found = match word.parse::<Request>() {
                // `system`: whatever there is.
                Ok(Request::Any) => return None,
                Ok(Request::Name(name)) => self.place_of(&name).and_then(|python| self.only(python)),
                Ok(Request::Path(path)) => self.named_path(&path),
                Ok(request) => self.best(&request, Thoroughness::Likely),
                Err(error) => {
                    self.refuse(&file, Origin::PythonVersionFile, error.to_string());
                    None
                }
            };
            if let Some(chosen) = found {
                let why = format!("what {} asks for: {word}", file.display());
                return Some(Chosen { why, origin: Origin::PythonVersionFile, ..chosen });
            }
            self.refuse(
                &file,
                Origin::PythonVersionFile,
                format!("asks for {word}, which is not here or does not fit"),
            );
        }
        None
    }

    /// The one that is preferred among all that `request` allows.
    fn best(&mut self, request: &Request, thoroughness: Thoroughness) -> Option<Chosen> {
        let context = self.context;
        let mut progress = Progress { request, unlikely: Vec::new(), fallback: None };
        let active = find::active_environment(&context.roots).map(|path| Candidate { path, origin: Origin::Path });
        if let Some(chosen) = self.first(active, &mut progress, "the base of the active environment") {
            return Some(chosen);
        }
        let on_path = find::on_path(&context.roots);
        if let Some(chosen) = self.first(on_path, &mut progress, "the first on PATH that fits") {
            return Some(chosen);
        }
        let mut others = find::elsewhere(&context.roots);
        others.sort_by_cached_key(|candidate| std::cmp::Reverse(find::hint(&candidate.path)));
        if let Some(chosen) = self.first(others, &mut progress, "the newest that fits") {
            return Some(chosen);
        }
        if thoroughness == Thoroughness::All && progress.fallback.is_none() {
            for (settled, why) in std::mem::take(&mut progress.unlikely) {
                if let Some(chosen) = self.consider(&settled, request, why) {
                    return Some(chosen);
                }
            }
        }
        progress.fallback
    }

    fn first(
        &mut self,
        candidates: impl IntoIterator<Item = Candidate>,
        progress: &mut Progress<'_>,
        why: &'static str,
    ) -> Option<Chosen> {
        for candidate in candidates {
            if self.interrupted {
                return None;
            }
            let Some(settled) = candidate.settle(self.context) else { continue };
            if !self.verdicts.contains_key(&settled.key) && self.is_unlikely(&settled, progress.request) {
                progress.unlikely.push((settled, why));
                continue;
            }
            match self.consider(&settled, progress.request, why) {
                Some(chosen) if is_pre_release(&chosen) => drop(progress.fallback.get_or_insert(chosen)),
                Some(chosen) => return Some(chosen),
                None => {}
            }
        }
        None
    }

    /// Whether the names of the file speak of a version that cannot be taken; they may lie, so that such a file is tried
    /// last instead of never.
    fn is_unlikely(&self, settled: &Settled, request: &Request) -> bool {
        let Some([major, minor, _]) = find::hint(&settled.key).or_else(|| find::hint(&settled.path)) else {
            return false;
        };
        let (Ok(major), Ok(minor)) = (u8::try_from(major), u8::try_from(minor)) else { return false };
        let minor = Minor::new(major, minor);
        let other_implementation = match request {
            Request::Version(Wanted { implementation: Some(name), .. }) if name != "cpython" => {
                !settled.key.to_string_lossy().to_ascii_lowercase().contains(name.as_str())
            }
            _ => false,
        };
        other_implementation || !request.could_allow(minor) || !could_contain(self.requires_python, minor)
    }

    /// Take `settled` if it works and is allowed; else note why not.
    fn consider(&mut self, settled: &Settled, request: &Request, why: &str) -> Option<Chosen> {
        let verdict = match self.verdicts.get(&settled.key) {
            Some(verdict) => verdict.clone(),
            None => self.learn(settled)?,
        };
        let reason = match verdict {
            Err(reason) => reason,
            Ok(interpreter) => match self.objection(&interpreter, request) {
                None => return Some(Chosen { interpreter, origin: settled.origin, why: why.to_owned() }),
                Some(reason) => reason,
            },
        };
        if self.known_refused.insert(settled.key.clone()) {
            self.refuse(&settled.path, settled.origin, reason);
        }
        None
    }

    fn learn(&mut self, settled: &Settled) -> Option<Result<Interpreter, String>> {
        let verdict = match verdict(&settled.path, self.context, &mut self.cache) {
            Ok(outcome) => usable(outcome).map_err(|version| too_old(&version)),
            Err(Silence::Broken(reason)) => Err(reason),
            Err(Silence::Interrupted) => {
                self.interrupted = true;
                return None;
            }
        };
        self.verdicts.insert(settled.key.clone(), verdict.clone());
        Some(verdict)
    }

    fn objection(&self, interpreter: &Interpreter, request: &Request) -> Option<String> {
        let version = &interpreter.version;
        if !request.allows(interpreter) {
            return Some(format!("is {} {version}, not {request}", interpreter.implementation));
        }
        let fits = version_of(interpreter).is_some_and(|version| contains(self.requires_python, &version));
        (!fits).then(|| format!("is Python {version}, which does not satisfy {}", self.requires_python))
    }

    fn refuse(&mut self, path: &Path, origin: Origin, reason: String) {
        self.refused.push(Refused { path: path.to_owned(), origin, reason });
    }

    fn not_found(self, request: &Request) -> NotFound {
        let wanted = match request {
            Request::Any => "Python".to_owned(),
            Request::Path(path) => format!("Python at {}", path.display()),
            Request::Name(name) => format!("Python named {name}"),
            Request::Version(_) | Request::Range(_) => request.to_string(),
        };
        let bound = if self.requires_python.is_empty() {
            String::new()
        } else {
            format!(" that satisfies {}", self.requires_python)
        };
        let version = match request {
            Request::Version(wanted) => wanted.version.as_ref().map(ToString::to_string),
            _ => None,
        };
        let version = version.unwrap_or_else(|| {
            let fitting = (0..=NEWEST.minor)
                .rev()
                .map(|minor| Minor::new(3, minor))
                .find(|minor| request.could_allow(*minor) && could_contain(self.requires_python, *minor));
            fitting.unwrap_or(NEWEST).to_string()
        });
        let hint = match request {
            Request::Path(_) | Request::Name(_) => "`pyenvkit python list` shows what there is".to_owned(),
            _ if is_for_old(request) => format!("projects are made for Python {OLDEST} and newer"),
            _ => format!("`uv python install {version}` or `pyenv install {version}` gets one; `--python` names one"),
        };
        NotFound { wanted: format!("{wanted}{bound}"), refused: self.refused, hint }
    }
}

/// Whether only Pythons that are too old for us could be what was asked for.
fn is_for_old(request: &Request) -> bool {
    let could = |minor: Minor| request.could_allow(minor);
    let three = |minor| Minor::new(3, minor);
    let old = could(Minor::new(2, 7)) || (0..OLDEST.minor).map(three).any(could);
    old && !(OLDEST.minor..=NEWEST.minor).map(three).any(could)
}

/// What `path` is, from the cache or by running it.
pub(super) fn verdict(path: &Path, context: &Context, cache: &mut Cache) -> Result<Outcome, Silence> {
    if let Some(outcome) = cache.get(path) {
        return Ok(outcome.clone());
    }
    let answer = probe::ask(path, context)?;
    cache.put(path, &answer.outcome, &answer.watched);
    Ok(answer.outcome)
}

/// The interpreter, or the version of one that is too old.
pub(super) fn usable(outcome: Outcome) -> Result<Interpreter, String> {
    match outcome {
        Outcome::Usable(interpreter) => Ok(interpreter),
        Outcome::TooOld { version } => Err(version),
    }
}

pub(super) fn too_old(version: &str) -> String {
    format!("is Python {version}, older than {OLDEST}")
}

fn is_pre_release(chosen: &Chosen) -> bool {
    version_of(&chosen.interpreter).is_some_and(|version| version.any_prerelease())
}

/// `~` at the start is the home folder; a relative path counts from the folder of the work.
fn expand(path: &Path, context: &Context) -> PathBuf {
    match (path.strip_prefix("~"), &context.roots.home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => context.folder.join(path),
    }
}
