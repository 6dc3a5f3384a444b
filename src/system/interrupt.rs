//! SIGINT, SIGTERM and SIGHUP (Ctrl-C and closing on Windows): noticed once, asked for everywhere.
//!
//! The first signal is only recorded; whoever waits for a child stops it and returns [`Interrupted`], so that the
//! stack unwinds through every clean-up before the process ends with [`exit_code`]. A second signal ends it at once.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// The number of the first signal that came; 0 while none has.
static FIRST: OnceLock<Instant> = OnceLock::new();
static SIGNAL: AtomicI32 = AtomicI32::new(0);
static COUNT: AtomicUsize = AtomicUsize::new(0);
static DEFERRALS: AtomicUsize = AtomicUsize::new(0);
static INSTALLED: AtomicBool = AtomicBool::new(false);
static NEXT_WAITER: AtomicU64 = AtomicU64::new(0);
static WAITERS: Mutex<Vec<Waiter>> = Mutex::new(Vec::new());

/// SIGINT has this number on every Unix; on Windows it stands for Ctrl-C, Ctrl-Break and closing alike.
const SIGINT: i32 = 2;

/// The work was stopped by a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Whether a signal has come, deferred or not.
#[must_use]
pub fn is_set() -> bool {
    SIGNAL.load(Ordering::SeqCst) != 0
}

/// Whether the work may go on.
///
/// # Errors
/// A signal has come and no [`Deferred`] is alive.
pub fn check() -> Result<(), Interrupted> {
    if is_set() && DEFERRALS.load(Ordering::SeqCst) == 0 { Err(Interrupted) } else { Ok(()) }
}

/// 128 + the number of the signal that came, as shells report it: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP.
#[must_use]
pub fn exit_code() -> u8 {
    let signal = match SIGNAL.load(Ordering::SeqCst) {
        0 => SIGINT,
        signal => signal,
    };
    u8::try_from(128 + signal).unwrap_or(130)
}

/// While one is alive [`check`] is `Ok` and no child is stopped; a signal takes effect when the last one is dropped.
#[derive(Debug)]
#[must_use = "the deferral ends when this is dropped"]
pub struct Deferred(());

/// Put signals off during work that must not stop half way, such as the renames of a transaction.
pub fn defer() -> Deferred {
    DEFERRALS.fetch_add(1, Ordering::SeqCst);
    Deferred(())
}

impl Drop for Deferred {
    fn drop(&mut self) {
        if DEFERRALS.fetch_sub(1, Ordering::SeqCst) == 1 && is_set() {
            for waiter in waiters().iter() {
                (waiter.wake)();
            }
        }
    }
}

/// Begin to notice signals; a second call does nothing. A signal that our parent had set to be ignored (`nohup`, a
/// background job) stays ignored.
///
/// # Errors
/// The operating system refuses the handler or its thread.
pub fn install() -> io::Result<()> {
    if INSTALLED.swap(true, Ordering::SeqCst) { Ok(()) } else { platform::install() }
}

/// Signals that come within this time of the first are the same wish.
const ONE_SIGNAL: Duration = Duration::from_millis(300);

/// Someone who waits for a child.
struct Waiter {
    id: u64,
    wake: Box<dyn Fn() + Send>,
    kill: Box<dyn Fn() + Send>,
}

/// Keeps a waiter known to the handler until it is dropped.
#[derive(Debug)]
pub(super) struct Registration(u64);

/// Have `wake` called when a signal takes effect, and `kill` when we are about to end without unwinding. Both run on
/// the handler's thread, must not block and must not register anything.
pub(super) fn register(wake: impl Fn() + Send + 'static, kill: impl Fn() + Send + 'static) -> Registration {
    let id = NEXT_WAITER.fetch_add(1, Ordering::Relaxed);
    waiters().push(Waiter { id, wake: Box::new(wake), kill: Box::new(kill) });
    Registration(id)
}

impl Drop for Registration {
    fn drop(&mut self) {
        waiters().retain(|waiter| waiter.id != self.0);
    }
}

fn waiters() -> MutexGuard<'static, Vec<Waiter>> {
    WAITERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the handler's thread does with each signal.
fn on_signal(signal: i32) {
    // The number is written before the count so that nobody sees a count without it.
    let _ = SIGNAL.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
    let count = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
    show_cursor();
    let deferred = DEFERRALS.load(Ordering::SeqCst) > 0;
    // A terminal that closes sends several signals at once: together they are one.
    if FIRST.get_or_init(Instant::now).elapsed() < ONE_SIGNAL && count > 1 {
        return;
    }
    // During a deferral the second signal is the impatient one that the deferral is there for; the third is meant.
    if count > if deferred { 2 } else { 1 } {
        for waiter in waiters().iter() {
            (waiter.kill)();
        }
        platform::end(signal);
    }
    if !deferred {
        for waiter in waiters().iter() {
            (waiter.wake)();
        }
    }
}

/// A prompt or a progress bar may have hidden the cursor and will not come to show it again.
fn show_cursor() {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        let _ = stderr.write_all(b"\x1b[?25h");
        let _ = stderr.flush();
    }
}

#[cfg(unix)]
mod platform {
    use std::io;
    use std::thread;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    pub(super) fn install() -> io::Result<()> {
        let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal));
        let mut signals = Signals::new(wanted)?;
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                super::on_signal(signal);
            }
        })?;
        Ok(())
    }

    /// End as the signal itself would have ended us, so that our parent sees why.
    pub(super) fn end(signal: i32) -> ! {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
        std::process::exit(128 + signal)
    }

    #[expect(unsafe_code, reason = "no safe wrapper queries a handler without setting one")]
    fn is_ignored(signal: i32) -> bool {
        // SAFETY: a null action only queries; `old` is a plain structure that the call fills.
        unsafe {
            let mut old: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &raw mut old) == 0 && old.sa_sigaction == libc::SIG_IGN
        }
    }
}

#[cfg(windows)]
mod platform {
    use std::io;

    pub(super) fn install() -> io::Result<()> {
        ctrlc::set_handler(|| super::on_signal(super::SIGINT)).map_err(io::Error::other)
    }

    pub(super) fn end(signal: i32) -> ! {
        std::process::exit(128 + signal)
    }
}
