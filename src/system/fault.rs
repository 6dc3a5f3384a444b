//! Where tests make a transaction die or fail: each effect on disk passes through [`step`] first.

/// Called before each effect of a transaction. Outside tests it does nothing.
///
/// # Errors
/// A test asked for a failure here.
#[cfg(not(test))]
#[inline]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails on demand")]
pub(super) fn step() -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) use injected::{Fault, count, inject, step};

#[cfg(test)]
mod injected {
    use std::cell::Cell;
    use std::io;

    /// What happens at the chosen step of this thread.
    #[derive(Debug, Clone, Copy)]
    pub enum Fault {
        /// SIGKILL to ourselves: nothing more runs, no clean-up, no destructor.
        Kill,
        /// The effect fails as on a full disk.
        Full,
    }

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
        static FAULT: Cell<Option<(usize, Fault)>> = const { Cell::new(None) };
    }

    /// Count from 0 again and let `fault` happen at its step.
    pub fn inject(fault: Option<(usize, Fault)>) {
        STEPS.set(0);
        FAULT.set(fault);
    }

    /// How many steps were passed since [`inject`].
    pub fn count() -> usize {
        STEPS.get()
    }

    pub fn step() -> io::Result<()> {
        let now = STEPS.replace(STEPS.get() + 1);
        match FAULT.get() {
            Some((at, Fault::Full)) if at == now => Err(io::Error::from(io::ErrorKind::StorageFull)),
            Some((at, Fault::Kill)) if at == now => {
                #[cfg(unix)]
                let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
                std::process::abort()
            }
            _ => Ok(()),
        }
    }
}
