//! Runs children: in a group of their own, output streamed, stdin null, with a time-out, stopped as a group.

mod lines;
mod result;

#[cfg_attr(unix, path = "process/group_unix.rs")]
#[cfg_attr(windows, path = "process/group_windows.rs")]
mod group;

#[cfg(all(test, unix))]
mod tests;

use std::io::{self, Read};
use std::path::{self, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::interrupt;
use crate::domain::plan::Invocation;
use group::{Group, Reach};
use lines::Lines;

pub use result::{Failure, Output, Stream};

/// How long a child that was asked to end may take to clean up before it is killed.
const GRACE: Duration = Duration::from_secs(1);

/// How long output is still awaited from a pipe that someone holds open after the child has ended.
const LINGER: Duration = Duration::from_millis(200);

/// How many there are who let nothing be started.
static FORBIDDEN: AtomicUsize = AtomicUsize::new(0);

/// While this lives, no child is started by any thread: whoever tries is told so.
#[derive(Debug)]
#[must_use]
pub struct NoChildren(());

impl NoChildren {
    pub fn from_here() -> Self {
        FORBIDDEN.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for NoChildren {
    fn drop(&mut self) {
        FORBIDDEN.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Run `invocation` to its end, whatever its status. `on_line` receives each complete line while it runs, decoded
/// lossily, on the calling thread. What the child leaves running in the background is neither waited for nor stopped.
///
/// # Errors
/// It could not be started, timed out, or was interrupted. A child that exits non-zero is not an error here.
pub fn run(invocation: &Invocation, on_line: &mut dyn FnMut(Stream, &str)) -> Result<Output, Failure> {
    let mut command = command(invocation);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running::start(invocation, &mut command, Reach::Group)?;
    running.collect(on_line)?;
    let status = running.reap()?;
    Ok(Output { status, stdout: running.stdout.bytes, stderr: running.stderr.bytes })
}

/// Run `invocation` in our process group and with our standard input, for a child that may ask its user something at
/// the terminal. Its output comes as from [`run`]. A signal from the keyboard reaches it directly; it is given a moment
/// to end by itself. Only the child itself can be stopped.
///
/// # Errors
/// As for [`run`].
pub fn run_foreground(invocation: &Invocation, on_line: &mut dyn FnMut(Stream, &str)) -> Result<Output, Failure> {
    let mut command = command(invocation);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running::start(invocation, &mut command, Reach::Child)?;
    running.collect(on_line)?;
    let status = running.reap()?;
    Ok(Output { status, stdout: running.stdout.bytes, stderr: running.stderr.bytes })
}

fn command(invocation: &Invocation) -> Command {
    let mut command = Command::new(program(invocation));
    command.args(&invocation.args);
    if let Some(folder) = &invocation.cwd {
        command.current_dir(folder);
    }
    for (name, value) in &invocation.env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// The program as the child's `exec` needs it: a relative path would otherwise count from the child's folder, and
/// Windows would not find `name.cmd` on PATH.
fn program(invocation: &Invocation) -> PathBuf {
    let program = &invocation.program;
    if program.components().count() > 1 {
        return path::absolute(program).unwrap_or_else(|_| program.clone());
    }
    if cfg!(windows) {
        return which::which(program).unwrap_or_else(|_| program.clone());
    }
    program.clone()
}

/// What the threads around a child report.
enum Message {
    Bytes(Stream, Vec<u8>),
    /// The stream was closed, or cannot be read any more.
    Closed(Stream, io::Result<()>),
    /// The child has ended; it is not reaped yet.
    Ended,
    /// A signal came to us.
    Interrupted,
}

/// What came from one stream so far.
#[derive(Default)]
struct Received {
    bytes: Vec<u8>,
    lines: Lines,
    closed: bool,
}

/// A child that was started and the state of listening to it.
struct Running {
    program: String,
    timeout: Duration,
    silence: Option<Duration>,
    child: Arc<Mutex<Child>>,
    group: Group,
    registration: Option<interrupt::Registration>,
    messages: Receiver<Message>,
    /// Kept so that `messages` never disconnects while threads come and go.
    sender: Sender<Message>,
    stdout: Received,
    stderr: Received,
    ended: bool,
}

impl Running {
    fn start(invocation: &Invocation, command: &mut Command, reach: Reach) -> Result<Self, Failure> {
        let program = invocation.program.display().to_string();
        if interrupt::check().is_err() {
            return Err(Failure::Interrupted);
        }
        if FORBIDDEN.load(Ordering::SeqCst) > 0 {
            let source = io::Error::other("no program is started in this run; --start-programs allows it");
            return Err(Failure::NotStarted { program, source });
        }
        let (mut child, group) = spawn(command, reach)
            .map_err(|source| Failure::NotStarted { program: program.clone(), source: explain(source, invocation) })?;
        let (sender, messages) = channel();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let child = Arc::new(Mutex::new(child));
        let registration = {
            let (sender, group) = (sender.clone(), group.clone());
            interrupt::register(move || drop(sender.send(Message::Interrupted)), move || group.kill())
        };
        let mut running = Self {
            program,
            timeout: invocation.timeout,
            silence: invocation.silence,
            child,
            group,
            registration: Some(registration),
            messages,
            sender: sender.clone(),
            stdout: Received { closed: stdout.is_none(), ..Received::default() },
            stderr: Received { closed: stderr.is_none(), ..Received::default() },
            ended: false,
        };
        let listening = stdout
            .map_or(Ok(()), |pipe| listen(Stream::Stdout, pipe, sender.clone()))
            .and_then(|()| stderr.map_or(Ok(()), |pipe| listen(Stream::Stderr, pipe, sender.clone())))
            .and_then(|()| watch(running.group.clone(), Arc::clone(&running.child), sender));
        if let Err(error) = listening {
            running.group.kill();
            running.registration = None;
            return Err(Failure::Io(error));
        }
        // A signal may have come before we were registered.
        if interrupt::check().is_err() {
            drop(running.sender.send(Message::Interrupted));
        }
        Ok(running)
    }

    /// Listen until the child has ended and its output is complete.
    fn collect(&mut self, on_line: &mut dyn FnMut(Stream, &str)) -> Result<(), Failure> {
        let mut deadline = Deadline::after(self.timeout);
        let mut quiet = Quiet::begin(self.silence);
        while !self.is_complete() {
            let until = if self.ended { deadline } else { deadline.min(quiet.until) };
            match until.receive(&self.messages) {
                Ok(Message::Interrupted) => {
                    if interrupt::check().is_ok() {
                        continue;
                    }
                    self.stop(Patience::Grace, on_line);
                    return Err(Failure::Interrupted);
                }
                Ok(message) => {
                    quiet = Quiet::begin(self.silence);
                    let was_running = !self.ended;
                    self.take(message, on_line).map_err(|error| {
                        self.stop(Patience::None, on_line);
                        Failure::Io(error)
                    })?;
                    if was_running && self.ended {
                        deadline = Deadline::after(LINGER);
                    }
                }
                // The child is gone and someone else holds its pipe: what came until now is its output.
                Err(_) if self.ended => break,
                Err(_) if !deadline.is_over() => {
                    if quiet.goes_on(self.group.effort()) {
                        continue;
                    }
                    self.stop(Patience::Grace, on_line);
                    let silence = self.silence.unwrap_or_default();
                    return Err(Failure::Silent { program: self.program.clone(), silence });
                }
                Err(_) => {
                    self.stop(Patience::Grace, on_line);
                    return Err(Failure::TimedOut { program: self.program.clone(), seconds: self.timeout.as_secs() });
                }
            }
        }
        self.finish_lines(on_line);
        Ok(())
    }

    fn take(&mut self, message: Message, on_line: &mut dyn FnMut(Stream, &str)) -> io::Result<()> {
        match message {
            Message::Bytes(stream, bytes) => {
                let received = self.received(stream);
                received.lines.feed(&bytes, &mut |line| on_line(stream, line));
                received.bytes.extend_from_slice(&bytes);
            }
            Message::Closed(stream, result) => {
                self.received(stream).closed = true;
                result?;
            }
            Message::Ended => self.ended = true,
            Message::Interrupted => {}
        }
        Ok(())
    }

    fn received(&mut self, stream: Stream) -> &mut Received {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    fn is_complete(&self) -> bool {
        self.ended && self.stdout.closed && self.stderr.closed
    }

    /// Ask all of the group to end, and kill what did not; then reap the child. What they still say is passed on. Takes
    /// little more than twice [`GRACE`], even for a child that the kernel does not let go.
    fn stop(&mut self, patience: Patience, on_line: &mut dyn FnMut(Stream, &str)) {
        if patience == Patience::Grace {
            self.group.ask();
            // Closed pipes are the sign that the descendants are gone too.
            self.drain(GRACE, Self::is_complete, on_line);
        }
        self.group.kill();
        self.drain(GRACE, |running| running.ended, on_line);
        self.drain(LINGER, Self::is_complete, on_line);
        self.finish_lines(on_line);
        if self.ended {
            let _ = self.reap();
        }
    }

    /// Receive until `enough` or until `limit` has passed.
    fn drain(&mut self, limit: Duration, enough: fn(&Self) -> bool, on_line: &mut dyn FnMut(Stream, &str)) {
        let deadline = Deadline::after(limit);
        while !enough(self) {
            match deadline.receive(&self.messages) {
                Ok(message) => drop(self.take(message, on_line)),
                Err(_) => return,
            }
        }
    }

    fn finish_lines(&mut self, on_line: &mut dyn FnMut(Stream, &str)) {
        self.stdout.lines.finish(&mut |line| on_line(Stream::Stdout, line));
        self.stderr.lines.finish(&mut |line| on_line(Stream::Stderr, line));
    }

    /// Collect the status of a child that has ended. From here on its number may be given to another process, so the
    /// handler must forget it first.
    fn reap(&mut self) -> Result<ExitStatus, Failure> {
        self.registration = None;
        self.group.release();
        self.child.lock().unwrap_or_else(PoisonError::into_inner).wait().map_err(Failure::Io)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    Grace,
    None,
}

/// The time in which a child says nothing.
struct Quiet {
    limit: Option<Duration>,
    until: Deadline,
    /// What the child had worked when it was last looked at.
    effort: Option<u64>,
}

impl Quiet {
    fn begin(limit: Option<Duration>) -> Self {
        Self { limit, until: limit.map_or(Deadline(None), |limit| Deadline::after(limit / 2)), effort: None }
    }

    /// Whether the child may go on being silent: it has worked since it was last looked at, or nobody can tell. It is
    /// looked at twice in the time of the limit, so that one that hangs is stopped when that is over.
    fn goes_on(&mut self, effort: Option<u64>) -> bool {
        let idle = effort.is_some() && effort == self.effort;
        *self = Self { effort, ..Self::begin(self.limit) };
        !idle
    }
}

/// A point in time to wait for messages until; never, where the clock cannot express it.
#[derive(Debug, Clone, Copy)]
struct Deadline(Option<Instant>);

impl Deadline {
    fn after(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    /// The earlier one.
    fn min(self, other: Self) -> Self {
        Self(self.0.into_iter().chain(other.0).min())
    }

    fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }

    fn receive(&self, messages: &Receiver<Message>) -> Result<Message, RecvTimeoutError> {
        match self.0 {
            Some(end) => messages.recv_timeout(end.saturating_duration_since(Instant::now())),
            None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }
}

/// Start `command`; a program that was just written may still be open in a sibling that is between fork and exec
/// ("text file busy"), which passes in a moment.
fn spawn(command: &mut Command, reach: Reach) -> io::Result<(Child, Group)> {
    for _ in 0..10 {
        match group::spawn(command, reach) {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                thread::sleep(Duration::from_millis(2));
            }
            result => return result,
        }
    }
    group::spawn(command, reach)
}

/// A missing folder looks like a missing program; say which it is.
fn explain(source: io::Error, invocation: &Invocation) -> io::Error {
    match &invocation.cwd {
        Some(folder) if !folder.is_dir() => {
            io::Error::new(source.kind(), format!("{} is not a folder that it could run in", folder.display()))
        }
        _ => source,
    }
}

/// Read `pipe` to its end on a thread. The thread is not joined: a descendant may hold the pipe for ever.
fn listen(stream: Stream, mut pipe: impl Read + Send + 'static, sender: Sender<Message>) -> io::Result<()> {
    let body = move || {
        let mut buffer = vec![0; 64 * 1024];
        let result = loop {
            match pipe.read(&mut buffer) {
                Ok(0) => break Ok(()),
                Ok(count) => {
                    if sender.send(Message::Bytes(stream, buffer[..count].to_vec())).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        drop(sender.send(Message::Closed(stream, result)));
    };
    thread::Builder::new().name("child output".to_owned()).spawn(body).map(drop)
}

/// Report the end of the child from a thread.
fn watch(group: Group, child: Arc<Mutex<Child>>, sender: Sender<Message>) -> io::Result<()> {
    let body = move || {
        group::wait_until_ended(&group, &child);
        drop(sender.send(Message::Ended));
    };
    thread::Builder::new().name("child end".to_owned()).spawn(body).map(drop)
}
