//! What will be done, as plain data: the preview shows it and `system` consumes the same value.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::tree::{Entry, File, Place, Tree};

/// The difference of a [`Tree`] from the disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// In path order.
    pub changes: Vec<Change>,
    /// What was read to make the plan; it must still be so when the plan is applied.
    pub reads: BTreeMap<Place, Entry>,
}

/// One change of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Create { place: Place, file: File },
    Edit { place: Place, before: File, after: File },
    Delete { place: Place, before: File },
}

impl Change {
    #[must_use]
    pub fn place(&self) -> &Place {
        match self {
            Self::Create { place, .. } | Self::Edit { place, .. } | Self::Delete { place, .. } => place,
        }
    }
}

impl Plan {
    /// The plan that turns what the tree was read from into the tree.
    ///
    /// # Panics
    /// Never for a tree that only `put` files and absences: verbs write no links and no folders.
    #[must_use]
    pub fn of(tree: &Tree<'_>) -> Self {
        let changes = tree
            .changes()
            .filter_map(|(place, before, after)| match (before, after) {
                (Entry::File(before), Entry::File(after)) => {
                    Some(Change::Edit { place: place.clone(), before: before.clone(), after: after.clone() })
                }
                (Entry::File(before), Entry::Absent) => {
                    Some(Change::Delete { place: place.clone(), before: before.clone() })
                }
                (_, Entry::File(file)) => Some(Change::Create { place: place.clone(), file: file.clone() }),
                _ => None,
            })
            .collect();
        Self { changes, reads: tree.reads().clone() }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// A command line as data. Only `system::process` runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// A path, or a name that is looked up on PATH.
    pub program: PathBuf,
    pub args: Vec<OsString>,
    /// Where it runs; the current folder if `None`.
    pub cwd: Option<PathBuf>,
    /// Changes to the inherited environment: set (`Some`) or unset (`None`), applied in order.
    pub env: Vec<(OsString, Option<OsString>)>,
    /// After this long it is stopped together with all that it started.
    pub timeout: Duration,
    /// After this long without a word and without any work it is stopped too, where the system tells who works.
    pub silence: Option<Duration>,
}

impl Invocation {
    /// `program` without arguments, in the current folder, with a time-out of one minute.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let timeout = Duration::from_secs(60);
        Self { program: program.into(), args: Vec::new(), cwd: None, env: Vec::new(), timeout, silence: None }
    }

    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    #[must_use]
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cwd = Some(folder.into());
        self
    }

    #[must_use]
    pub fn set(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), Some(value.into())));
        self
    }

    #[must_use]
    pub fn unset(mut self, name: impl Into<OsString>) -> Self {
        self.env.push((name.into(), None));
        self
    }

    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    #[must_use]
    pub fn silence(mut self, silence: Duration) -> Self {
        self.silence = Some(silence);
        self
    }
}
