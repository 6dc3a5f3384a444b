//! What pip and uv say while they work, as progress.

use crate::domain::progress::{Event, Progress};
use crate::domain::redact::redact;

/// The lane under which an environment reports.
pub const LANE: &str = "environment";

/// How many lines are kept for an error message.
const KEPT: usize = 400;

/// Turns lines into events and keeps them for the case of a failure.
pub struct Listener<'p> {
    progress: &'p dyn Progress,
    done: usize,
    total: Option<usize>,
    pub lines: Vec<String>,
}

impl<'p> Listener<'p> {
    #[must_use]
    pub fn new(progress: &'p dyn Progress) -> Self {
        Self { progress, done: 0, total: None, lines: Vec::new() }
    }

    /// Take one line of a child.
    pub fn hear(&mut self, line: &str) {
        let line = redact(line);
        match Step::of(&line) {
            Some(Step::Total(total)) => {
                self.total = Some(total);
                self.advance("packages resolved");
            }
            Some(Step::Busy(what)) => self.advance(what),
            Some(Step::Done(what)) => {
                self.done += 1;
                self.advance(what);
            }
            Some(Step::Installing(names)) => {
                self.total = Some(names.len());
                self.advance(&format!("installing {} packages", names.len()));
            }
            Some(Step::Installed(names)) => {
                for name in names {
                    self.done += 1;
                    self.advance(name);
                }
            }
            None => {}
        }
        if self.lines.len() == KEPT {
            self.lines.remove(KEPT / 2);
        }
        self.lines.push(line.clone());
        self.progress.event(Event::Output { lane: LANE, line });
    }

    fn advance(&self, what: &str) {
        let what = what.to_owned();
        self.progress.event(Event::Advanced { lane: LANE, done: self.done, total: self.total, what });
    }
}

/// The meaning of a line.
#[derive(Debug, PartialEq, Eq)]
enum Step<'l> {
    /// uv: how many packages there will be.
    Total(usize),
    /// Something is being fetched or built.
    Busy(&'l str),
    /// uv: one package is in place.
    Done(&'l str),
    /// pip: these are now being put in place.
    Installing(Vec<&'l str>),
    /// pip: these are in place.
    Installed(Vec<&'l str>),
}

impl<'l> Step<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let first = |rest: &'l str| rest.split([' ', '=', '<', '>', '~', '!', '[', ';', '(']).next().unwrap_or(rest);
        if let Some(rest) = line.strip_prefix("Resolved ") {
            return rest.split(' ').next()?.parse().ok().map(Self::Total);
        }
        if let Some(rest) = line.strip_prefix(" + ") {
            return Some(Self::Done(first(rest)));
        }
        if let Some(rest) = line.strip_prefix("Installing collected packages: ") {
            return Some(Self::Installing(rest.split(", ").collect()));
        }
        if let Some(rest) = line.strip_prefix("Successfully installed ") {
            return Some(Self::Installed(rest.split(' ').collect()));
        }
        let line = line.trim_start();
        let verbs = ["Collecting ", "Downloading ", "Downloaded ", "Building ", "Built ", "Building wheel for "];
        verbs.iter().find_map(|verb| line.strip_prefix(verb)).map(|rest| Self::Busy(first(rest)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Recorder(Mutex<Vec<(usize, Option<usize>, String)>>);

    impl Progress for Recorder {
        fn event(&self, event: Event) {
            if let Event::Advanced { done, total, what, .. } = event {
                self.0.lock().unwrap().push((done, total, what));
            }
        }
    }

    fn events(text: &str) -> Vec<(usize, Option<usize>, String)> {
        let recorder = Recorder::default();
        let mut listener = Listener::new(&recorder);
        text.lines().for_each(|line| listener.hear(line));
        recorder.0.into_inner().unwrap()
    }

    #[test]
    fn uv() {
        let text = "Resolved 2 packages in 1ms\nDownloading pip (1.9MiB)\n Downloaded pip\n + black==26.10.1\n + x==1 (from file:///x)\n";
        assert_eq!(
            events(text),
            [
                (0, Some(2), "packages resolved".into()),
                (0, Some(2), "pip".into()),
                (0, Some(2), "pip".into()),
                (1, Some(2), "black".into()),
                (2, Some(2), "x".into()),
            ]
        );
    }

    #[test]
    fn pip() {
        let text = "Collecting black>=26\nInstalling collected packages: a, b\nSuccessfully installed a-1 b-2\n";
        assert_eq!(
            events(text),
            [
                (0, None, "black".into()),
                (0, Some(2), "installing 2 packages".into()),
                (1, Some(2), "a-1".into()),
                (2, Some(2), "b-2".into()),
            ]
        );
    }

    #[test]
    fn kept_lines_have_no_credentials() {
        let mut listener = Listener::new(&crate::domain::progress::Silent);
        listener.hear("Looking in indexes: https://u:p@h/simple");
        assert_eq!(listener.lines, ["Looking in indexes: https://****@h/simple"]);
    }
}
