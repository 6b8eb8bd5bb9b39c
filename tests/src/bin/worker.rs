//! Runs migrations from a folder as another process would, so that a test can kill or freeze it at
//! a moment of its choice.
//!
//! `worker KIND FOLDER COMMAND [OPTION VALUE]...`, with the database's URL in `DATABASE_URL`. Every
//! event is a line on stdout, written at once: `started 3`, `finished 3`, `waiting HOLDER`, … At the
//! event that `--pause-at` names it writes `paused` and goes on when it reads a line.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a worker that cannot go on is a failed test"
)]

use std::io::{Write as _, stdin, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use migrate_core::plan::{DownTarget, UpTarget};
use migrate_runtime::{Assume, Event, LockKind, Observer, Settings, Transactions};
use migrate_tests::contract::{Command, Job, Kind, moment};
use migrate_tests::server::Database;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, folder, command, options @ ..] = arguments.as_slice() else {
        panic!("usage: worker KIND FOLDER COMMAND [OPTION VALUE]...");
    };
    let kind = Kind::named(kind).unwrap_or_else(|| {
        panic!("no kind '{kind}': another build, without native-clients, has replaced this program")
    });
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
    let mut events = Lines { pause_at: None };
    let mut job = Job::new(match command.as_str() {
        "up" => Command::Up(UpTarget::Latest),
        "down" => Command::Down(DownTarget::All),
        "down-one" => Command::Down(DownTarget::Count(1)),
        "resume" => Command::Resume(None),
        "abandon" => Command::Abandon(None),
        "status" => Command::Status,
        other => panic!("no command '{other}'"),
    });
    for pair in options.chunks(2) {
        let [name, value] = pair else {
            panic!("no value for '{pair:?}'");
        };
        match name.as_str() {
            "--pause-at" => events.pause_at = Some(value.clone()),
            "--assume" => job.command = Command::Resume(Some(assume(value))),
            _ => set(&mut job.settings, name, value),
        }
    }
    let set = kind.engine().read_folder(Path::new(folder));
    let mut client = kind.connect(&Database::at(&url));
    say("connected");
    match client.observe(&set, &job, &mut events) {
        Ok(outcome) => {
            say(&format!("done {}", outcome.versions().join(",")));
            ExitCode::SUCCESS
        }
        Err(error) => {
            let source = std::error::Error::source(&error);
            let source = source.map(|source| format!(": {source}"));
            let text = format!("error {error}{}", source.unwrap_or_default());
            say(&text.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn assume(value: &str) -> Assume {
    match value {
        "done" => Assume::Done,
        "not-done" => Assume::NotDone,
        other => panic!("'{other}' is no assumption"),
    }
}

fn set(settings: &mut Settings, name: &str, value: &str) {
    let milliseconds = || Duration::from_millis(value.parse().expect("milliseconds"));
    match name {
        "--lock" => {
            settings.lock = match value {
                "lease" => LockKind::Lease,
                "session" => LockKind::Session,
                other => panic!("no lock '{other}'"),
            }
        }
        "--transactions" => settings.transactions = Transactions::All,
        "--lock-wait" => settings.lock_wait = milliseconds(),
        "--lock-timeout" => settings.lock_timeout = milliseconds(),
        "--lease-for" => settings.lease = milliseconds(),
        other => panic!("no option '{other}'"),
    }
}

/// Writes a line at once.
fn say(line: &str) {
    let mut out = stdout().lock();
    // Nobody may be listening any more.
    let _ = out
        .write_all(format!("{line}\n").as_bytes())
        .and_then(|()| out.flush());
}

struct Lines {
    pause_at: Option<String>,
}

impl Observer for Lines {
    fn event(&mut self, event: &Event<'_>) {
        let Some(line) = moment(event) else { return };
        say(&line);
        if self.pause_at.as_deref() == Some(line.as_str()) {
            say("paused");
            let read = stdin().read_line(&mut String::new());
            if !matches!(read, Ok(1..)) {
                // The test has ended.
                std::process::exit(3);
            }
            self.pause_at = None;
        }
    }
}
