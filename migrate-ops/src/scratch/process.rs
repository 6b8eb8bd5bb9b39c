//! A server's process, and the guard that ends it.

use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::ScratchError;
use super::folder::{Folder, LOG};
use super::system;

/// Waits until its input ends, which it does when the process that holds the other end does,
/// however that ends. Then the server goes, and its folder.
const GUARD: &str = r#"
trap '' INT HUP TERM
cat >/dev/null
kill -"$2" "$1" 2>/dev/null
rounds=0
while kill -0 "$1" 2>/dev/null; do
    rounds=$((rounds + 1))
    if [ "$rounds" -gt 100 ]; then kill -KILL "$1" 2>/dev/null; break; fi
    sleep 0.1
done
cd "$3" || exit
for name in * .[!.]*; do
    [ "$name" = owner ] || rm -rf -- "$name"
done
# Where its user may not remove the folder itself, the mark in it tells a sweep that it can go.
if [ -w .. ]; then cd / && rm -rf -- "$3"; fi
"#;

/// How long the guard may take before the server is killed from here.
const PATIENCE: Duration = Duration::from_secs(15);

/// A running server.
#[derive(Debug)]
pub(super) struct Process {
    server: Child,
    guard: Child,
    /// It is to go on when this is dropped.
    is_kept: bool,
}

impl Process {
    /// Starts a server in its folder, with a guard that ends it with `signal`.
    pub(super) fn start(
        folder: &Folder,
        mut command: Command,
        signal: &str,
    ) -> Result<Self, ScratchError> {
        let path = folder.path().join(LOG);
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(ScratchError::io("cannot open", &path))?;
        // The server inherits the lock with the file, and so do its children.
        log.lock().map_err(ScratchError::io("cannot lock", &path))?;
        let again = log
            .try_clone()
            .map_err(ScratchError::io("cannot open", &path))?;
        let program = Path::new(command.get_program()).to_owned();
        let mut server = in_folder(&mut command, folder)
            .stdout(log)
            .stderr(again)
            .spawn()
            .map_err(ScratchError::io("cannot start", program))?;
        // The command still holds the files.
        drop(command);
        let mut guard = Command::new("sh");
        guard
            .args(["-c", GUARD, "sh"])
            .arg(server.id().to_string())
            .arg(signal)
            .arg(folder.path());
        let guard = in_folder(&mut guard, folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match guard {
            Ok(guard) => Ok(Process {
                server,
                guard,
                is_kept: false,
            }),
            Err(source) => {
                // Nothing is to be left running; the first error is the one to tell.
                let _ = server.kill();
                let _ = server.wait();
                Err(ScratchError::io("cannot start", "sh")(source))
            }
        }
    }

    /// Lets the server go on for good; returns its process id.
    pub(super) fn keep(mut self) -> std::io::Result<u32> {
        // It would end the server when this process does.
        self.guard.kill()?;
        self.guard.wait()?;
        self.is_kept = true;
        Ok(self.server.id())
    }

    /// Ends the guard alone: what is left by a server that has ended is kept.
    pub(super) fn let_go(mut self) {
        // It would remove the folder when its input ends.
        let _ = self.guard.kill();
        let _ = self.guard.wait();
    }

    /// Whether the server has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.server.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // The guard sees its input end.
        drop(self.guard.stdin.take());
        let begun = Instant::now();
        while matches!(self.server.try_wait(), Ok(None)) {
            let guard_is_gone = !matches!(self.guard.try_wait(), Ok(None));
            if guard_is_gone || begun.elapsed() > PATIENCE {
                // It may have ended just now.
                let _ = self.server.kill();
                let _ = self.server.wait();
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        // Its end is all that is of interest.
        let _ = self.guard.wait();
    }
}

/// Makes a command run in the folder as the server's user, with nothing of this process's
/// environment: passwords are in there.
fn in_folder<'c>(command: &'c mut Command, folder: &Folder) -> &'c mut Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder.path())
        .env("TMPDIR", folder.path())
        .current_dir(folder.path())
        .stdin(Stdio::null());
    system::apart(command, folder.user);
    command
}

/// Runs a program of the server to its end.
pub(super) fn run(folder: &Folder, mut command: Command) -> Result<(), ScratchError> {
    let program = Path::new(command.get_program()).to_owned();
    let output = in_folder(&mut command, folder)
        .output()
        .map_err(ScratchError::io("cannot start", &program))?;
    if output.status.success() {
        return Ok(());
    }
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    Err(ScratchError::Failed {
        program,
        said: last_lines(&said),
    })
}

/// Writes a file that only the server's user may read.
pub(super) fn secret(folder: &Folder, name: &str, text: &str) -> Result<(), ScratchError> {
    let path = folder.path().join(name);
    let write = || {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        std::io::Write::write_all(&mut options.open(&path)?, text.as_bytes())?;
        system::give(&path, folder.user)
    };
    write().map_err(ScratchError::io("cannot write", &path))
}

/// The server's last words.
pub(super) fn last_words(folder: &Folder) -> String {
    let log = fs::read(folder.path().join(LOG)).unwrap_or_default();
    last_lines(&String::from_utf8_lossy(&log))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = |lines: &[&str]| lines[lines.len().saturating_sub(3)..].join("; ");
    // Why it ended stands before how it did.
    let is_reason = |line: &&&str| {
        ["FATAL:", "PANIC:", "[ERROR]"]
            .iter()
            .any(|it| line.contains(it))
    };
    let reasons: Vec<&str> = lines.iter().filter(is_reason).copied().collect();
    match reasons.is_empty() {
        true => last(&lines),
        false => last(&reasons),
    }
}

/// Random text for a password.
pub(super) fn password() -> Result<String, ScratchError> {
    use std::fmt::Write as _;
    use std::io::Read as _;
    let source = "/dev/urandom";
    let mut bytes = [0; 16];
    File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(ScratchError::io("cannot read", source))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
