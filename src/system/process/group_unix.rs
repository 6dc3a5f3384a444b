//! A child in a session of its own, so that it can be stopped together with all that it started (Unix).

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::Mutex;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// What a signal to the child reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The child and its descendants, as far as they did not leave its group.
    Group,
    /// The child alone, which shares our group and our terminal.
    Child,
}

/// A handle to stop the child by; it must not be used after the child was reaped.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pid: Option<Pid>,
    reach: Reach,
}

/// Start `command` so that [`Group`] can stop it, and so that on Linux it is killed when we are. That covers the child
/// itself only: its own children outlive a SIGKILL of us unless they notice that their parent is gone. The kernel counts
/// the thread that calls this as the parent, so it must live as long as the child.
pub(super) fn spawn(command: &mut Command, reach: Reach) -> io::Result<(Child, Group)> {
    #[cfg(target_os = "linux")]
    let parent = rustix::process::getpid();
    let prepare = move || {
        if reach == Reach::Group {
            // A session and not only a group: a child that asks on `/dev/tty` then fails at once, where in a
            // background group of our session it would be stopped by SIGTTIN until its time is over.
            rustix::process::setsid()?;
        }
        #[cfg(target_os = "linux")]
        {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            // We may have died before the request was made; nobody would then send the signal.
            if rustix::process::getppid() != Some(parent) {
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
        Ok(())
    };
    // SAFETY: between fork and exec only system calls are made; nothing allocates or locks.
    #[expect(unsafe_code, reason = "`pre_exec` is the only way to act between fork and exec")]
    unsafe {
        command.pre_exec(prepare);
    }
    let child = command.spawn()?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    Ok((child, Group { pid, reach }))
}

impl Group {
    /// Ask to end (SIGTERM). A stopped process is continued, or it would not hear it.
    pub(super) fn ask(&self) {
        self.send(Signal::TERM);
        self.send(Signal::CONT);
    }

    /// End without asking (SIGKILL).
    pub(super) fn kill(&self) {
        self.send(Signal::KILL);
    }

    /// Let go: what the child left running in the background stays.
    #[expect(clippy::unused_self, reason = "on Windows a job has to be released")]
    pub(super) fn release(&self) {}

    /// The processor time that all of the child's session has used, in the kernel's ticks; `None` where the system does
    /// not tell. What does not change while nothing is said either is not at work.
    pub(super) fn effort(&self) -> Option<u64> {
        let session = self.pid.filter(|_| cfg!(target_os = "linux") && self.reach == Reach::Group)?.to_string();
        let processes = std::fs::read_dir("/proc").ok()?.flatten();
        let stats = processes.filter_map(|process| std::fs::read_to_string(process.path().join("stat")).ok());
        Some(stats.filter_map(|stat| ticks(&stat, &session)).sum())
    }

    fn send(&self, signal: Signal) {
        // The only expected failure is that nobody is left.
        let _ = match (self.pid, self.reach) {
            (Some(pid), Reach::Group) => kill_process_group(pid, signal),
            (Some(pid), Reach::Child) => kill_process(pid, signal),
            (None, _) => Ok(()),
        };
    }
}

/// The time of a process and of its children that were waited for, if it is of that session (proc(5): fields 6 and 14 to
/// 17; the second, the program's name in brackets, may contain anything).
fn ticks(stat: &str, session: &str) -> Option<u64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    (*fields.get(3)? == session).then(|| fields.iter().skip(11).take(4).filter_map(|it| it.parse::<u64>().ok()).sum())
}

/// Block until the child has ended, without reaping it: its number stays taken, so that no signal can hit a stranger.
pub(super) fn wait_until_ended(group: &Group, _: &Mutex<Child>) {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let Some(pid) = group.pid else { return };
    while matches!(
        waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT),
        Err(rustix::io::Errno::INTR)
    ) {}
}
