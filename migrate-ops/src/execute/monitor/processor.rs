//! The processor time of a server that runs on this machine, where that is certain.

use std::fs;

/// Linux counts in hundredths of a second whatever its own clock is.
const TICKS: f64 = 100.0;

/// The processor time in seconds of all processes of a PostgreSQL server, from one of them: the one
/// that answers our own connection from a port. It is ours only if a process of this machine with its
/// number says that it serves that very port; a server elsewhere, or in a container with numbers of
/// its own, has none.
pub(super) fn of_postgres(pid: u32, port: u32) -> Option<f64> {
    let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
    if !line.starts_with("postgres") || !line.contains(&format!("({port})")) {
        return None;
    }
    let master = Stat::of(pid)?.parent;
    let whole = Stat::of(master)?;
    // What has ended is counted by the one that started it.
    let mut ticks = whole.own + whole.ended;
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let pid = entry.file_name().to_str().and_then(|it| it.parse().ok());
        let child = pid.and_then(Stat::of);
        ticks += child
            .filter(|it| it.parent == master)
            .map_or(0, |it| it.own + it.ended);
    }
    Some(ticks as f64 / TICKS)
}

/// What the system says of a process.
struct Stat {
    parent: u32,
    /// Ticks of its own.
    own: u64,
    /// Ticks of its children that have ended.
    ended: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::read(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn read(text: &str) -> Option<Self> {
        // The name is in brackets and may hold anything.
        let (_, rest) = text.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Stat {
            parent: fields.get(1)?.parse().ok()?,
            own: ticks(11)? + ticks(12)?,
            ended: ticks(13)? + ticks(14)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_system() {
        let line = "4711 (a) b) S 17 4711 4711 0 -1 4194560 5 6 0 0 30 12 7 1 20 0 1 0 100 1 1";
        let stat = Stat::read(line).unwrap();
        assert_eq!((stat.parent, stat.own, stat.ended), (17, 42, 8));
    }

    #[test]
    fn this_process_serves_no_port() {
        assert_eq!(of_postgres(std::process::id(), 5432), None);
    }
}
