//! Shows what long work says of itself: a bar or spinner for each lane on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::{Ui, Verbosity, say, style};
use crate::domain::progress::{Event, Progress};

/// Draws events; what it draws is gone when it is dropped.
pub struct Lanes {
    pub ui: Ui,
    bars: MultiProgress,
    open: Mutex<BTreeMap<&'static str, ProgressBar>>,
}

impl Lanes {
    #[must_use]
    pub fn new(ui: Ui) -> Self {
        Self { ui, bars: MultiProgress::new(), open: Mutex::new(BTreeMap::new()) }
    }

    fn line(&self, text: &str) {
        if self.ui.animated {
            // Above the bars; indicatif redraws them below.
            self.bars.suspend(|| say(text));
        } else {
            say(text);
        }
    }

    fn advance(&self, lane: &'static str, (done, total): (usize, Option<usize>), what: &str) {
        if !self.ui.animated {
            return;
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let template = if total.is_some() {
            "{spinner} {prefix:<12} {bar:24} {pos}/{len} {wide_msg}"
        } else {
            "{spinner} {prefix:<12} {wide_msg}"
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = open.entry(lane).or_insert_with(|| {
            let bar = ProgressBar::no_length().with_style(style.clone()).with_prefix(lane);
            let bar = self.bars.add(bar);
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.set_style(style);
        if let Some(total) = total {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
        bar.set_message(what.to_owned());
    }

    fn close(&self, lane: &'static str) {
        if let Some(bar) = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(lane) {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Lanes {
    fn event(&self, event: Event) {
        let talks = self.ui.verbosity >= Verbosity::Normal;
        match event {
            Event::Started { lane, what } => self.advance(lane, (0, None), &what),
            Event::Advanced { lane, done, total, what } => self.advance(lane, (done, total), &what),
            Event::Finished { lane, what } => {
                self.close(lane);
                if talks {
                    self.line(&format!("{} {what}", style::paint(style::GOOD, "✓")));
                }
            }
            Event::Failed { lane, what } => {
                self.close(lane);
                self.line(&format!("{} {what}", style::paint(style::ERROR, "✗")));
            }
            Event::Output { line, .. } => {
                if self.ui.verbosity >= Verbosity::Verbose {
                    self.line(&style::paint(style::DIM, format!("    {line}")));
                }
            }
            Event::Warning { what } => self.line(&format!("{} {what}", style::paint(style::WARNING, "warning:"))),
        }
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        for bar in self.open.lock().unwrap_or_else(PoisonError::into_inner).values() {
            bar.finish_and_clear();
        }
    }
}
