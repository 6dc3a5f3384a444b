//! A child in a job object of its own, so that it can be stopped together with all that it started (Windows).

use std::io;
use std::os::windows::io::AsRawHandle;
use std::os::windows::process::CommandExt;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError};

use win32job::{ExtendedLimitInfo, Job};

/// `CREATE_NEW_PROCESS_GROUP`: the console's Ctrl-C goes to us alone and we stop the child.
const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;

/// Whether the child hears the console's Ctrl-C itself; stopping it reaches all that it started in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Group,
    Child,
}

/// A handle to stop the child by: closing the last handle of the job kills all that is in it.
#[derive(Debug, Clone)]
pub(super) struct Group(Arc<Mutex<Option<Job>>>);

/// Start `command` in a job that is killed when its last handle is closed, thus also when we are killed. What the child
/// starts in the instant before it is put into the job escapes; no program that we run is that quick.
pub(super) fn spawn(command: &mut Command, reach: Reach) -> io::Result<(Child, Group)> {
    if reach == Reach::Group {
        command.creation_flags(CREATE_NEW_PROCESS_GROUP);
    }
    let mut limits = ExtendedLimitInfo::new();
    limits.limit_kill_on_job_close();
    let job = Job::create_with_limit_info(&limits).map_err(io::Error::other)?;
    let mut child = command.spawn()?;
    match job.assign_process(child.as_raw_handle() as isize) {
        Ok(()) => Ok((child, Group(Arc::new(Mutex::new(Some(job)))))),
        // A child that has already ended cannot be assigned, and needs no job.
        Err(_) if matches!(child.try_wait(), Ok(Some(_))) => Ok((child, Group(Arc::default()))),
        Err(error) => {
            let _ = child.kill();
            let _ = child.wait();
            Err(io::Error::other(error))
        }
    }
}

impl Group {
    /// There is no way to ask a process without a window to end, so this kills.
    pub(super) fn ask(&self) {
        self.kill();
    }

    pub(super) fn kill(&self) {
        drop(self.take());
    }

    /// Let go: what the child left running in the background stays.
    pub(super) fn release(&self) {
        if let Some(job) = self.take() {
            let _ = job.set_extended_limit_info(&ExtendedLimitInfo::new());
        }
    }

    /// What the job has worked so far is not asked for: `None`, and silence is not judged.
    #[expect(clippy::unused_self, reason = "on Linux the session is looked at")]
    pub(super) fn effort(&self) -> Option<u64> {
        None
    }

    fn take(&self) -> Option<Job> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Block until the child has ended.
pub(super) fn wait_until_ended(_: &Group, child: &Mutex<Child>) {
    let _ = child.lock().unwrap_or_else(PoisonError::into_inner).wait();
}
