//! A program that runs.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use super::ToolError;

/// How much of what a program says is kept: the end of it.
const KEPT: usize = 8 * 1024;

/// A program that is about to run.
#[derive(Debug)]
pub struct Tool {
    name: String,
    command: Command,
}

impl Tool {
    /// A program of a database. Its messages are in English.
    pub fn new(program: &Path) -> Self {
        let name = program.file_name().unwrap_or(program.as_os_str());
        let mut command = Command::new(program);
        command.env("LC_ALL", "C");
        Tool::of(name.to_string_lossy().into_owned(), command)
    }

    /// A command of the operator, which the system's shell reads.
    pub fn shell(what: &str, command_line: &str) -> Self {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(command_line);
        Tool::of(what.to_owned(), command)
    }

    fn of(name: String, mut command: Command) -> Self {
        command.stdin(Stdio::null());
        // Ctrl-C reaches this process, which then ends the program in its own order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Tool { name, command }
    }

    /// With an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// With arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// With a variable in its environment, which must hold no secret.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Without a variable that it would inherit.
    #[must_use]
    pub fn without_variable(mut self, name: &OsStr) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Reads what is written to [`Running::input`].
    #[must_use]
    pub fn with_input(mut self) -> Self {
        self.command.stdin(Stdio::piped());
        self
    }

    /// Reads from a file or the end of another pipe.
    #[must_use]
    pub fn reads(mut self, from: Stdio) -> Self {
        self.command.stdin(from);
        self
    }

    /// Starts it; what it writes comes out of [`Running::output`].
    ///
    /// # Errors
    /// [`ToolError::Start`].
    pub fn start(mut self) -> Result<Running, ToolError> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = self.command.spawn();
        let name = self.name;
        let mut child = match started {
            Ok(child) => child,
            Err(source) => return Err(ToolError::Start { name, source }),
        };
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let said = child
            .stderr
            .take()
            .map(|stderr| thread::spawn(move || tail(stderr)));
        Ok(Running {
            name,
            child,
            input,
            output,
            said,
        })
    }

    /// Runs it to its end and returns what it wrote.
    ///
    /// # Errors
    /// Where it cannot be started, or fails.
    pub fn output(self) -> Result<String, ToolError> {
        let mut running = self.start()?;
        let mut text = Vec::new();
        if let Some(mut output) = running.output.take() {
            let read = output.read_to_end(&mut text);
            read.map_err(|source| running.pipe("read from", source))?;
        }
        running.finish()?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// A program that runs. It is killed when this is dropped before [`finish`](Running::finish).
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    /// What it reads; taking and dropping it is the end of its input.
    pub input: Option<ChildStdin>,
    /// What it writes.
    pub output: Option<ChildStdout>,
    said: Option<JoinHandle<String>>,
}

impl Running {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its number in the system.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end and returns what it said on stderr, the end of it.
    ///
    /// # Errors
    /// [`ToolError::Failed`], with what it said.
    pub fn finish(mut self) -> Result<String, ToolError> {
        self.input = None;
        self.output = None;
        let status = self.child.wait();
        let status = status.map_err(|source| self.pipe("wait for", source))?;
        let stderr = self.said();
        if status.success() {
            return Ok(stderr);
        }
        Err(ToolError::Failed {
            name: self.name.clone(),
            status,
            stderr,
        })
    }

    /// An error of one of its pipes.
    pub(crate) fn pipe(&self, doing: &'static str, source: io::Error) -> ToolError {
        ToolError::Pipe {
            doing,
            name: self.name.clone(),
            source,
        }
    }

    fn said(&mut self) -> String {
        let said = self.said.take().and_then(|thread| thread.join().ok());
        said.unwrap_or_default()
    }

    /// Ends it from another thread, as long as nobody has waited for its end.
    pub(crate) fn killer(&self) -> Killer {
        Killer(self.child.id())
    }
}

/// Ends a program with whatever it has started.
#[derive(Debug)]
pub(crate) struct Killer(u32);

impl Killer {
    /// Ends it, unless it ended by itself just now.
    pub(crate) fn kill(&self) {
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.0)
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.input = None;
        self.output = None;
        if self.has_ended() {
            return;
        }
        self.killer().kill();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads to the end and keeps the end, so that the program never waits for a reader.
fn tail(mut from: impl Read) -> String {
    let mut kept = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        kept.extend_from_slice(bytes.get(..count).unwrap_or_default());
        if kept.len() > 2 * KEPT {
            kept.drain(..kept.len() - KEPT);
        }
    }
    let start = kept.len().saturating_sub(KEPT);
    without_rows(&String::from_utf8_lossy(
        kept.get(start..).unwrap_or_default(),
    ))
}

/// What a database's program says, without the values of rows that it repeats: the mariadb client
/// shows the statement that failed between two lines of dashes, PostgreSQL's programs the row in
/// DETAIL and CONTEXT.
fn without_rows(said: &str) -> String {
    const DASHES: &str = "--------------";
    let said = match (said.contains(DASHES), said.rfind("\nERROR ")) {
        (true, Some(at)) => said.get(at..).unwrap_or_default(),
        (true, None) => "",
        _ => said,
    };
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| {
            let text = line.trim_start();
            !text.starts_with("DETAIL:") && !text.starts_with("CONTEXT:")
        })
        .collect();
    lines.join("\n").trim().to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write as _;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn values_of_rows_are_not_repeated() {
        for (said, kept) in [
            (
                "--------------\nINSERT INTO t VALUES (1,'secret')\n--------------\n\n\
                 ERROR 1062 (23000) at line 3: Duplicate entry\n",
                "ERROR 1062 (23000) at line 3: Duplicate entry",
            ),
            ("'secret')\n--------------\n", ""),
            (
                "ERROR:  duplicate key\nDETAIL:  Key (name)=(secret) already exists.\n\
                 CONTEXT:  COPY t, line 1: \"secret\"\nCommand was: COPY",
                "ERROR:  duplicate key\nCommand was: COPY",
            ),
        ] {
            assert_eq!(without_rows(said), kept);
        }
    }

    #[test]
    fn what_it_says_is_in_the_error() {
        let error = Tool::shell("the hook", "echo why >&2; exit 3")
            .output()
            .unwrap_err();
        assert_eq!(error.to_string(), "the hook failed (exit status: 3): why");
    }

    #[test]
    fn streams() {
        let mut running = Tool::shell("tr", "tr a-z A-Z")
            .with_input()
            .start()
            .unwrap();
        running.input.take().unwrap().write_all(b"abc").unwrap();
        let mut text = String::new();
        running
            .output
            .take()
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        running.finish().unwrap();
        assert_eq!(text, "ABC");
    }

    #[test]
    fn dropping_ends_it_with_its_children() {
        let begun = Instant::now();
        let running = Tool::shell("sleep", "sleep 60 | sleep 60").start().unwrap();
        drop(running);
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn only_the_end_of_much_talk_is_kept() {
        let error = Tool::shell("talker", "seq 1 20000 >&2; exit 1")
            .output()
            .unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with("20000") && text.len() < 3 * KEPT);
    }
}
