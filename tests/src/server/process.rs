use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A server run by `tests/servers.sh`, which ends it and removes its folder when the pipe to it
/// closes: also when this process is killed.
#[derive(Debug)]
pub(super) struct ServerProcess {
    supervisor: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl ServerProcess {
    /// Starts a server of a kind that `tests/servers.sh` knows, with settings `name=value`, and
    /// waits until it answers. Returns it and its URL.
    pub(super) fn start(
        kind: &str,
        settings: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<(Self, String), String> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/servers.sh");
        let mut supervisor = Command::new("bash")
            .arg(script)
            .args(["serve", kind])
            .args(settings)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("bash {script} could not be started: {e}"))?;
        let (Some(commands), Some(answers)) = (supervisor.stdin.take(), supervisor.stdout.take())
        else {
            return Err("the pipes to the server's supervisor were not made".to_owned());
        };
        let mut process = Self {
            supervisor,
            commands: Some(commands),
            answers: BufReader::new(answers),
            folder: PathBuf::new(),
        };
        process.folder = process.answer("folder ")?.into();
        let url = process.answer("ready ")?;
        Ok((process, url))
    }

    /// The folder of the server's data, settings and log.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Sends a command and returns what follows `expected` in the answer to it.
    pub(super) fn command(&mut self, command: &str, expected: &str) -> Result<String, String> {
        let pipe = self
            .commands
            .as_mut()
            .ok_or("the server's supervisor has ended")?;
        writeln!(pipe, "{command}").map_err(|e| format!("the server's supervisor is gone: {e}"))?;
        self.answer(expected)
    }

    fn answer(&mut self, expected: &str) -> Result<String, String> {
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .map_err(|e| e.to_string())?;
        match line.trim_end().strip_prefix(expected) {
            Some(rest) => Ok(rest.to_owned()),
            None => Err(format!(
                "expected '{expected}' but the server's supervisor said: {line}"
            )),
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.commands = None;
        // The supervisor ends within its own time limit; a failure leaves nothing to do here.
        let _ = self.supervisor.wait();
    }
}
