use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use migrate_tests::contract::{Folder, Kind};
use migrate_tests::server::Database;

/// After so long a worker hangs. Nothing is measured by it, so it is generous.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// Another process that migrates; killed when dropped.
pub(crate) struct Worker {
    child: Child,
    input: ChildStdin,
    output: Receiver<String>,
    seen: Vec<String>,
}

/// How a worker ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) lines: Vec<String>,
}

impl Worker {
    /// Starts one; `options` are pairs of name and value.
    pub(crate) fn start(
        kind: Kind,
        database: &Database,
        folder: &Folder,
        command: &str,
        options: &[&str],
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_worker"))
            .arg(kind.name())
            .arg(folder.path())
            .arg(command)
            .args(options)
            .env("DATABASE_URL", database.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, output) = channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|l| sender.send(l)));
        Worker {
            child,
            input,
            output,
            seen: Vec::new(),
        }
    }

    /// Waits for a line that begins so, and returns it.
    pub(crate) fn wait_for(&mut self, beginning: &str) -> String {
        let until = Instant::now() + DEADLINE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.output.recv_timeout(left) else {
                panic!("no line '{beginning}' but {:?}", self.seen);
            };
            self.seen.push(line.clone());
            if line.starts_with(beginning) {
                return line;
            }
        }
    }

    /// Lets a paused worker go on.
    pub(crate) fn go_on(&mut self) {
        self.input.write_all(b"\n").unwrap();
    }

    /// Kills it as the kernel does when memory runs out.
    pub(crate) fn kill9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal, for example `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it ends.
    pub(crate) fn end(mut self) -> Ended {
        let until = Instant::now() + DEADLINE;
        while let Ok(line) = self
            .output
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            self.seen.push(line);
        }
        assert!(Instant::now() < until, "it hangs after {:?}", self.seen);
        self.child.wait().unwrap();
        let lines = std::mem::take(&mut self.seen);
        Ended { lines }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    fn last(&self) -> &str {
        self.lines.last().map_or("", String::as_str)
    }

    /// The error that it ended with, if it did.
    pub(crate) fn error(&self) -> Option<&str> {
        self.last().strip_prefix("error ")
    }

    /// The error that it must have ended with.
    #[track_caller]
    pub(crate) fn unwrap_error(&self) -> &str {
        self.error()
            .unwrap_or_else(|| panic!("no error but {:?}", self.lines))
    }

    /// The versions that it ran, comma-separated.
    #[track_caller]
    pub(crate) fn unwrap(&self) -> &str {
        self.last()
            .strip_prefix("done ")
            .unwrap_or_else(|| panic!("it failed: {:?}", self.lines))
    }

    /// How often a line was written.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.lines.iter().filter(|seen| *seen == line).count()
    }
}

/// Waits until something is so.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < until, "it never came: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
