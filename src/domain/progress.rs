//! What long work says of itself while it runs; `system` emits it, `ui` draws it, neither knows the other.

/// One thing worth showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A part of the work begins: a bar or a line of its own.
    Started { lane: &'static str, what: String },
    /// How far it is; `total` is unknown for a spinner.
    Advanced { lane: &'static str, done: usize, total: Option<usize>, what: String },
    /// It ended well.
    Finished { lane: &'static str, what: String },
    /// It ended badly or only in part; the text says what follows.
    Failed { lane: &'static str, what: String },
    /// A line that a child printed, for `-v`. Credentials in it have been removed.
    Output { lane: &'static str, line: String },
    /// Something the user should know though the work goes on.
    Warning { what: String },
}

/// Receives events, from any thread.
pub trait Progress: Sync {
    fn event(&self, event: Event);
}

/// Drops every event.
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _: Event) {}
}
