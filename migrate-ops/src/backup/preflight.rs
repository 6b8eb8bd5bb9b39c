//! What is looked at before anything is begun.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// What was looked at before anything was begun. It takes seconds, so that what cannot succeed does
/// not cost hours.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Preflight {
    /// Each look.
    pub checks: Vec<Check>,
    /// What the backup is expected to take.
    pub forecast: Forecast,
}

/// One look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// At what: "rights".
    pub what: String,
    /// What it says.
    pub standing: Standing,
    /// In words.
    pub detail: String,
}

/// What a look says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Go.
    Good,
    /// Go, and know this.
    Warning,
    /// No backup can be made.
    NoGo,
}

/// What a backup is expected to take. An estimate, always.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Forecast {
    /// How large its files will be.
    pub bytes: u64,
    /// How long it will take.
    pub duration_seconds: f64,
    /// What this is estimated from.
    pub basis: String,
    /// How much room the disk of the backups has; `None` where the system does not tell.
    pub free_bytes: Option<u64>,
}

impl Preflight {
    /// Why no backup can be made; empty where one can.
    pub fn problems(&self) -> Vec<String> {
        self.with(Standing::NoGo)
    }

    /// What is to be known although a backup can be made.
    pub fn warnings(&self) -> Vec<String> {
        self.with(Standing::Warning)
    }

    fn with(&self, standing: Standing) -> Vec<String> {
        let checks = self.checks.iter().filter(|it| it.standing == standing);
        checks.map(|check| check.detail.clone()).collect()
    }

    /// Whether the files will fit.
    pub(super) fn room(&self) -> Option<Check> {
        let free = self.forecast.free_bytes?;
        let expected = self.forecast.bytes;
        let shown = |bytes: u64| format!("{:.1} MiB", bytes as f64 / 1_048_576.0);
        let (standing, detail) = if free <= expected {
            let detail = format!(
                "the disk has {} free, and the backup is expected to take {}",
                shown(free),
                shown(expected)
            );
            (Standing::NoGo, detail)
        } else if free < expected.saturating_mul(2) {
            let detail = format!(
                "the disk has {} free, not twice what the backup is expected to take",
                shown(free)
            );
            (Standing::Warning, detail)
        } else {
            let detail = format!("the disk has {} free", shown(free));
            (Standing::Good, detail)
        };
        Some(Check::new("room", standing, detail))
    }
}

impl Check {
    /// Whether no backup can be made because of it.
    pub fn is_no_go(&self) -> bool {
        self.standing == Standing::NoGo
    }

    pub(super) fn new(what: &str, standing: Standing, detail: impl Into<String>) -> Self {
        Check {
            what: what.to_owned(),
            standing,
            detail: detail.into(),
        }
    }
}

/// How fast a dump is written where no earlier one tells, in bytes of its tables a second. A round
/// figure for the first backup only, not a measurement: every later one goes by the last.
const BYTES_PER_SECOND: f64 = 20e6;

impl Forecast {
    /// From the last backup of the same database.
    pub(super) fn from_last(last: (u64, f64, u64), now: u64, free_bytes: Option<u64>) -> Self {
        let (bytes, seconds, then) = last;
        let growth = now as f64 / then.max(1) as f64;
        Forecast {
            bytes: (bytes as f64 * growth) as u64,
            duration_seconds: seconds * growth,
            basis: "the last backup, scaled by the size of the database".to_owned(),
            free_bytes,
        }
    }

    /// From the size of the tables alone: no dump that is compressed is expected to be larger.
    pub(super) fn from_size(tables: u64, free_bytes: Option<u64>) -> Self {
        Forecast {
            bytes: tables,
            duration_seconds: tables as f64 / BYTES_PER_SECOND,
            basis: "a model: as large as the tables without their indexes, 20 MB of them a second"
                .to_owned(),
            free_bytes,
        }
    }
}

/// How much room there is for files below a folder, which need not be there yet.
#[cfg(unix)]
pub(super) fn free_bytes(folder: &Path) -> Option<u64> {
    let folder = std::path::absolute(folder).ok()?;
    let there = folder.ancestors().find(|path| path.exists())?;
    let found = rustix::fs::statvfs(there).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
pub(super) fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room() {
        for (free, expected) in [
            (50, Standing::NoGo),
            (150, Standing::Warning),
            (500, Standing::Good),
        ] {
            let preflight = Preflight {
                checks: Vec::new(),
                forecast: Forecast::from_size(100, Some(free)),
            };
            assert_eq!(preflight.room().unwrap().standing, expected, "{free}");
        }
    }

    #[test]
    fn a_database_that_grew() {
        let forecast = Forecast::from_last((100, 2.0, 1000), 3000, None);
        assert_eq!((forecast.bytes, forecast.duration_seconds), (300, 6.0));
    }
}
