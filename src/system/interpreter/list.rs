//! Lists every Python of the machine, the broken ones too.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use serde::{Serialize, Serializer};

use super::cache::Cache;
use super::choose::{too_old, usable};
use super::probe::{self, Silence};
use super::{Candidate, Context, Settled, canonical, find};
use crate::domain::facts::{Interpreter, Origin};
use crate::domain::python::{Minor, end_of_life};

/// How many interpreters run at once; a hanging one keeps a place for ten seconds.
const AT_ONCE: usize = 8;

/// One Python of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// What it is run by: the first path by which it was found.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// `3.14.1`; unknown if it did not say.
    pub version: Option<String>,
    /// `cpython`, `pypy`.
    pub implementation: Option<String>,
    /// Each source that knows it, sorted.
    pub origins: Vec<Origin>,
    /// The last day of its version's life as `YYYY-MM-DD`, where known.
    pub end_of_life: Option<&'static str>,
    #[serde(flatten)]
    pub state: State,
}

/// Whether it can be worked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    Usable { interpreter: Interpreter },
    Unusable { reason: String },
}

/// Every Python that can be found, newest first, those that cannot be used last; each once, however many paths and links
/// lead to it. After a signal the list is incomplete.
#[must_use]
pub fn list(context: &Context) -> Vec<Seen> {
    let roots = &context.roots;
    let active = find::active_environment(roots).map(|path| Candidate { path, origin: Origin::Path });
    let all = find::on_path(roots).chain(active).chain(find::elsewhere(roots));
    let found = merge(all.filter_map(|candidate| candidate.settle(context)));
    let mut cache = Cache::open(context.cache.as_deref());
    let answers = ask_all(&found, context, &mut cache);
    cache.save();
    let seen = found.into_iter().zip(answers).filter_map(|(found, answer)| Some(describe(found, answer?)));
    let mut seen = unite(seen);
    seen.sort_by_cached_key(|seen| (matches!(seen.state, State::Unusable { .. }), std::cmp::Reverse(order(seen))));
    seen
}

/// A candidate and all the sources that lead to it.
struct Found {
    settled: Settled,
    origins: BTreeSet<Origin>,
}

fn merge(all: impl Iterator<Item = Settled>) -> Vec<Found> {
    let mut places: HashMap<PathBuf, usize> = HashMap::new();
    let mut merged: Vec<Found> = Vec::new();
    for settled in all {
        let place = *places.entry(settled.key.clone()).or_insert(merged.len());
        match merged.get_mut(place) {
            Some(found) => drop(found.origins.insert(settled.origin)),
            None => merged.push(Found { origins: BTreeSet::from([settled.origin]), settled }),
        }
    }
    merged
}

type Answered = Result<probe::Outcome, Silence>;

/// Ask those that the cache does not know, several at a time; `None` for those that were not asked because of a signal.
fn ask_all(found: &[Found], context: &Context, cache: &mut Cache) -> Vec<Option<Answered>> {
    let mut answers: Vec<Option<Answered>> =
        found.iter().map(|found| cache.get(&found.settled.path).cloned().map(Ok)).collect();
    let open: Vec<usize> = (0..found.len()).filter(|&index| answers[index].is_none()).collect();
    let next = AtomicUsize::new(0);
    let fresh = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..open.len().min(AT_ONCE) {
            scope.spawn(|| {
                while let Some(&index) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = probe::ask(&found[index].settled.path, context);
                    let stop = answer.as_ref().is_err_and(|silence| *silence == Silence::Interrupted);
                    fresh.lock().unwrap_or_else(PoisonError::into_inner).push((index, answer));
                    if stop {
                        return;
                    }
                }
            });
        }
    });
    for (index, answer) in fresh.into_inner().unwrap_or_else(PoisonError::into_inner) {
        answers[index] = match answer {
            Ok(answer) => {
                cache.put(&found[index].settled.path, &answer.outcome, &answer.watched);
                Some(Ok(answer.outcome))
            }
            Err(Silence::Interrupted) => None,
            Err(silence) => Some(Err(silence)),
        };
    }
    answers
}

fn describe(found: Found, answer: Answered) -> Seen {
    let (version, implementation, state) = match answer.map(usable) {
        Ok(Ok(interpreter)) => {
            (Some(interpreter.version.clone()), Some(interpreter.implementation.clone()), State::Usable { interpreter })
        }
        Ok(Err(version)) => (Some(version.clone()), None, State::Unusable { reason: too_old(&version) }),
        Err(Silence::Broken(reason)) => (None, None, State::Unusable { reason }),
        Err(Silence::Interrupted) => (None, None, State::Unusable { reason: "was interrupted".to_owned() }),
    };
    let end_of_life = version.as_deref().and_then(Minor::of_version).and_then(end_of_life);
    let origins = found.origins.into_iter().collect();
    Seen { path: found.settled.path, version, implementation, origins, end_of_life, state }
}

/// Wrappers say which interpreter they start; where that is listed too, they are one.
fn unite(all: impl Iterator<Item = Seen>) -> Vec<Seen> {
    let mut places: HashMap<PathBuf, usize> = HashMap::new();
    let mut united: Vec<Seen> = Vec::new();
    for seen in all {
        let State::Usable { interpreter } = &seen.state else {
            united.push(seen);
            continue;
        };
        let place = *places.entry(canonical(&interpreter.executable)).or_insert(united.len());
        match united.get_mut(place) {
            Some(known) => {
                known.origins.extend(seen.origins);
                known.origins.sort_unstable();
                known.origins.dedup();
            }
            None => united.push(seen),
        }
    }
    united
}

fn order(seen: &Seen) -> Option<pep440_rs::Version> {
    seen.version.as_deref().and_then(|version| version.trim_end_matches('+').parse().ok())
}

fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}
