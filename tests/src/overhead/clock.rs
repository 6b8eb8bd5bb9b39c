//! What something took: time, and processor time of the programs and of the server.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::server::{Database, Engine};

/// What something took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// From beginning to end.
    pub wall: Duration,
    /// Processor time, of this program, of those that it waited for, and of the server.
    pub processor: Duration,
}

/// A server's main process, where it runs on this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerProcess(Option<u32>);

impl ServerProcess {
    pub(super) fn of(database: &Database) -> Self {
        let said = match database.engine() {
            Engine::Postgres => database.sql("SELECT pg_read_file('postmaster.pid')"),
            Engine::Mariadb => {
                let path = database.sql("SELECT @@pid_file");
                fs::read_to_string(path).unwrap_or_default()
            }
            Engine::Sqlite => String::new(),
        };
        let number = said
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        ServerProcess(number)
    }

    /// The processor time of the server and of its children, those that are gone included.
    fn processor(self) -> Duration {
        let Some(server) = self.0 else {
            return Duration::ZERO;
        };
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ticks = processes.filter_map(|process| {
            let number: u32 = process.file_name().to_str()?.parse().ok()?;
            let stat = Stat::of(&process.path())?;
            match (number == server, stat.parent == server) {
                (true, _) => Some(stat.own + stat.waited_for),
                (_, true) => Some(stat.own),
                _ => None,
            }
        });
        time(ticks.sum())
    }

    /// Does something and says what it took.
    pub(super) fn cost<T>(self, work: impl FnOnce() -> T) -> (Cost, T) {
        let before = own() + self.processor();
        let begun = Instant::now();
        let value = work();
        let wall = begun.elapsed();
        let processor = (own() + self.processor()).saturating_sub(before);
        (Cost { wall, processor }, value)
    }
}

/// The processor time of this process and of those that it waited for.
fn own() -> Duration {
    let stat = Stat::of(Path::new("/proc/self"));
    time(stat.map_or(0, |stat| stat.own + stat.waited_for))
}

/// What Linux says of a process, in ticks of a hundredth of a second (proc(5)).
struct Stat {
    parent: u32,
    own: u64,
    waited_for: u64,
}

impl Stat {
    fn of(process: &Path) -> Option<Self> {
        let text = fs::read_to_string(process.join("stat")).ok()?;
        // The name, in brackets, may hold anything.
        let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Stat {
            parent: fields.get(1)?.parse().ok()?,
            own: number(11)? + number(12)?,
            waited_for: number(13)? + number(14)?,
        })
    }
}

fn time(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 10)
}
