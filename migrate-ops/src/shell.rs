//! Commands of the operator's: given to the shell, watched, and killed with all that they started.

use std::ffi::OsStr;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use migrate_core::redact;

use crate::connect::DatabaseUrl;

/// So much of a command's output is kept.
const TAIL: usize = 4096;
/// How often a running command is looked at.
const TICK: Duration = Duration::from_millis(20);
/// How long to wait for the last output of a command that has ended: a process that it left behind
/// may hold the pipe open for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What a command is told, as environment variables: no other user can read those.
pub(crate) type Environment = Vec<(&'static str, String)>;

/// What became of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) duration: Duration,
    /// `None` where a signal ended it or it did not start.
    pub(crate) exit_code: Option<i32>,
    /// Whether it took too long and was killed.
    pub(crate) timed_out: bool,
    pub(crate) succeeded: bool,
    /// The end of what it wrote, without passwords.
    pub(crate) output: String,
}

impl Ran {
    /// How it failed, as it goes on after its name; `None` where it did not.
    pub(crate) fn failure(&self, timeout: Duration) -> Option<String> {
        if self.succeeded {
            return None;
        }
        Some(match (self.timed_out, self.exit_code) {
            (true, _) => format!("took longer than {} s", timeout.as_secs_f64()),
            (false, Some(code)) => format!("ended with {code}"),
            (false, None) => "was ended or did not start".to_owned(),
        })
    }

    /// The last lines of its output, as one.
    pub(crate) fn last_lines(&self) -> String {
        const LINES: usize = 5;
        let lines: Vec<&str> = self.output.lines().map(str::trim).collect();
        let lines: Vec<&str> = lines.into_iter().filter(|it| !it.is_empty()).collect();
        let last = lines.get(lines.len().saturating_sub(LINES)..);
        last.unwrap_or_default().join(" / ")
    }
}

/// Runs a command and waits for it, but not for longer than it may take. `stop` is asked meanwhile;
/// a command that is stopped counts as failed. `url` is that of which the password is not repeated.
pub(crate) fn run<N: AsRef<OsStr>>(
    text: &str,
    timeout: Duration,
    environment: &[(N, String)],
    url: &DatabaseUrl,
    mut stop: impl FnMut() -> bool,
) -> Ran {
    let begun = Instant::now();
    let mut ran = Ran {
        duration: Duration::ZERO,
        exit_code: None,
        timed_out: false,
        succeeded: false,
        output: String::new(),
    };
    match spawn(text, environment) {
        Ok(mut child) => {
            let output = Output::of(&mut child);
            let status = wait(&mut child, begun + timeout, &mut stop);
            ran.timed_out = status.is_none() && begun.elapsed() >= timeout;
            ran.exit_code = status.and_then(|status| status.code());
            ran.succeeded = status.is_some_and(|status| status.success());
            ran.output = without_passwords(&output.text(), url);
        }
        Err(error) => ran.output = format!("it did not start: {error}"),
    }
    ran.duration = begun.elapsed();
    ran
}

fn spawn<N: AsRef<OsStr>>(text: &str, environment: &[(N, String)]) -> std::io::Result<Child> {
    let (shell, flag) = match cfg!(windows) {
        true => ("cmd", "/C"),
        false => ("sh", "-c"),
    };
    let mut command = Command::new(shell);
    command
        .arg(flag)
        .arg(text)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    {
        // So that what the shell has started can be ended with it.
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    command.spawn()
}

/// Waits for the end; `None` where the command had to be killed.
fn wait(child: &mut Child, until: Instant, stop: &mut dyn FnMut() -> bool) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until && !stop() => std::thread::sleep(TICK),
            Ok(None) | Err(_) => {
                kill(child);
                return None;
            }
        }
    }
}

fn kill(child: &mut Child) {
    if cfg!(unix) {
        // The group too; where that cannot be done, the shell alone.
        let _ = Command::new("kill")
            .args(["-KILL", "--", &format!("-{}", child.id())])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The end of what a command writes.
struct Output {
    tail: Arc<Mutex<Vec<u8>>>,
    /// Hangs up when both outputs are closed.
    ended: Receiver<()>,
}

impl Output {
    /// Reads both outputs on threads of their own, so that no pipe fills up.
    fn of(child: &mut Child) -> Self {
        let tail = Arc::new(Mutex::new(Vec::new()));
        let (open, ended) = mpsc::channel();
        let out = child
            .stdout
            .take()
            .map(|out| Box::new(out) as Box<dyn Read + Send>);
        let err = child
            .stderr
            .take()
            .map(|err| Box::new(err) as Box<dyn Read + Send>);
        for mut pipe in out.into_iter().chain(err) {
            let (tail, open) = (tail.clone(), open.clone());
            std::thread::spawn(move || {
                let mut buffer = [0; TAIL];
                while let Ok(read @ 1..) = pipe.read(&mut buffer) {
                    let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
                    tail.extend(buffer.iter().take(read));
                    let extra = tail.len().saturating_sub(TAIL);
                    tail.drain(..extra);
                }
                drop(open);
            });
        }
        Output { tail, ended }
    }

    fn text(&self) -> String {
        // Nobody sends: it hangs up, or the time is over.
        let _ = self.ended.recv_timeout(LAST_WORDS);
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&tail).into_owned()
    }
}

/// A text without the passwords of URLs, and without the one of this URL.
pub(crate) fn without_passwords(text: &str, url: &DatabaseUrl) -> String {
    let text = redact::urls(text);
    match url.password.as_deref().filter(|word| !word.is_empty()) {
        Some(password) => text.replace(password, "***"),
        None => text,
    }
}
