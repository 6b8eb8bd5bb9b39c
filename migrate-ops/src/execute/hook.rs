//! Commands of the operator's that run along.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use migrate_core::config::Hook;
use migrate_core::redact;

use super::HookRun;
use crate::connect::DatabaseUrl;
use crate::time;

/// So much of a hook's output is kept.
const TAIL: usize = 4096;
/// How often a running hook is looked at.
const TICK: Duration = Duration::from_millis(20);
/// How long to wait for the last output of a hook that has ended: a process that it left behind may
/// hold the pipe open for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What a hook is told, as environment variables.
pub(super) type Environment = Vec<(&'static str, String)>;

/// Runs a hook and waits for it, but not for longer than it may take. `stop` is asked meanwhile; a
/// hook that is stopped counts as failed.
pub(super) fn run(
    hook: &Hook,
    when: &str,
    version: Option<String>,
    environment: &Environment,
    url: &DatabaseUrl,
    mut stop: impl FnMut() -> bool,
) -> HookRun {
    let started = time::now();
    let begun = Instant::now();
    let mut run = HookRun {
        hook: when.to_owned(),
        version,
        command: redact::urls(&hook.command),
        started,
        duration_seconds: 0.0,
        exit_code: None,
        timed_out: false,
        succeeded: false,
        output: String::new(),
    };
    match spawn(hook, environment) {
        Ok(mut child) => {
            let output = Output::of(&mut child);
            let status = wait(&mut child, begun + hook.timeout, &mut stop);
            run.timed_out = status.is_none() && begun.elapsed() >= hook.timeout;
            run.exit_code = status.and_then(|status| status.code());
            run.succeeded = status.is_some_and(|status| status.success());
            run.output = without_passwords(&output.text(), url);
        }
        Err(error) => run.output = format!("it did not start: {error}"),
    }
    run.duration_seconds = begun.elapsed().as_secs_f64();
    tracing::info!(hook = when, succeeded = run.succeeded, "a hook has run");
    run
}

fn spawn(hook: &Hook, environment: &Environment) -> std::io::Result<Child> {
    let (shell, flag) = match cfg!(windows) {
        true => ("cmd", "/C"),
        false => ("sh", "-c"),
    };
    let mut command = Command::new(shell);
    command
        .arg(flag)
        .arg(&hook.command)
        .env("MIGRATE_HOOK_TIMEOUT", hook.timeout.as_secs().to_string())
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

/// Waits for the end; `None` where the hook had to be killed.
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

/// The end of what a hook writes.
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

fn without_passwords(text: &str, url: &DatabaseUrl) -> String {
    let text = redact::urls(text);
    match url.password.as_deref().filter(|word| !word.is_empty()) {
        Some(password) => text.replace(password, "***"),
        None => text,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use migrate_core::config::HookFailure;

    use super::*;

    fn hook(command: &str, timeout: Duration) -> HookRun {
        let hook = Hook {
            command: command.to_owned(),
            timeout,
            on_failure: HookFailure::Stop,
        };
        let url = DatabaseUrl::parse("postgres://me:sesame@host/db").unwrap();
        let environment = vec![("MIGRATE_VERSION", "7".to_owned())];
        run(&hook, "before_run", None, &environment, &url, || false)
    }

    #[test]
    fn output_and_exit_code() {
        let run = hook(
            "echo v$MIGRATE_VERSION sesame postgres://a:b@c/d; echo oh >&2; exit 3",
            Duration::from_secs(20),
        );
        assert_eq!((run.exit_code, run.succeeded), (Some(3), false));
        assert!(run.output.contains("v7 *** postgres://a:*@c/d"), "{run:?}");
        assert!(run.output.contains("oh"), "{run:?}");
    }

    #[test]
    fn one_that_hangs_is_ended_with_all_that_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("alive");
        let command = format!("(sleep 2; touch '{}') & sleep 100", file.display());
        let run = hook(&command, Duration::from_millis(200));
        assert!(run.timed_out && !run.succeeded, "{run:?}");
        assert!(run.duration_seconds < 2.0, "{run:?}");
        std::thread::sleep(Duration::from_millis(2200));
        assert!(!file.exists());
    }

    #[test]
    fn one_that_leaves_a_process_behind_is_not_waited_for() {
        let run = hook("sleep 5 & echo done", Duration::from_secs(20));
        assert!(run.succeeded && run.duration_seconds < 3.0, "{run:?}");
        assert_eq!(run.output, "done\n");
    }

    #[test]
    fn the_end_of_much_output() {
        let run = hook("yes ab | head -c 100000; echo end", Duration::from_secs(20));
        assert!(run.output.ends_with("end\n") && run.output.len() <= TAIL);
    }
}
