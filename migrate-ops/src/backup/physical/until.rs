//! Up to which moment a backup is rolled forward.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::postgres::Lsn;
use crate::backup::error::BackupError;
use crate::backup::log::{KeptLog, LogMark, LogPosition};
use crate::time;

/// Up to which moment a backup is rolled forward. What was committed by then is there, and nothing
/// else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// A place in the log.
    Position(LogPosition),
    /// A time, by the clock of the server.
    Time(Timestamp),
}

/// A moment that is known to be within reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A place in the log.
    Position(LogPosition),
    /// A time.
    Time(Timestamp),
}

impl Reach {
    pub(super) fn moment(mark: &LogMark) -> Self {
        Reach::Position(mark.position.clone())
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reach::Position(position) => position.fmt(f),
            Reach::Time(at) => f.pad(&time::text(*at)),
        }
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Until::Position(position) => position.fmt(f),
            Until::Time(at) => f.pad(&time::text(*at)),
        }
    }
}

/// Of the log of PostgreSQL as `0/16B3748`, of a binary log as `mariadb-bin.000007:1234`, or a time as
/// `2026-03-01T12:34:56Z`.
impl FromStr for Until {
    type Err = BackupError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Ok(at) = text.parse() {
            return Ok(Until::Time(at));
        }
        if let Some(lsn) = Lsn::parse(text) {
            return Ok(Until::Position(LogPosition::Postgres {
                lsn: lsn.to_string(),
            }));
        }
        if let Some((file, position)) = text.rsplit_once(':')
            && let Ok(position) = position.parse()
            && file.contains('.')
        {
            return Ok(Until::Position(LogPosition::Mysql {
                file: file.to_owned(),
                position,
                gtid: None,
            }));
        }
        Err(BackupError::OutOfReach {
            wanted: text.to_owned(),
            why: "it is neither a run, nor a time as `2026-03-01T12:34:56Z`, nor a place in the log as \
                  `0/16B3748` or `mariadb-bin.000007:1234`"
                .to_owned(),
        })
    }
}

impl Until {
    /// Whether it is after all that is kept of the log.
    pub(super) fn is_after(&self, log: &KeptLog) -> Result<bool, BackupError> {
        Ok(match self {
            Until::Position(position) => self.order(position)? > self.order(&log.to.position)?,
            Until::Time(at) => Some(*at) > log.to.time.parse().ok(),
        })
    }

    /// The moment, where the log that is kept reaches it.
    pub(super) fn within(&self, log: &KeptLog) -> Result<Reach, BackupError> {
        let before = match self {
            Until::Position(position) => self.order(position)? < self.order(&log.from.position)?,
            Until::Time(at) => log
                .from
                .time
                .parse()
                .is_ok_and(|from: Timestamp| *at < from),
        };
        if before || self.is_after(log)? {
            return Err(self.out_of_reach(format!(
                "its log is kept from {} ({}) to {} ({})",
                log.from.position, log.from.time, log.to.position, log.to.time
            )));
        }
        Ok(match self {
            Until::Position(position) => Reach::Position(position.clone()),
            Until::Time(at) => Reach::Time(*at),
        })
    }

    /// What places of one log are ordered by.
    fn order<'p>(&self, position: &'p LogPosition) -> Result<(&'p str, u64), BackupError> {
        match (self, position) {
            (
                Until::Position(LogPosition::Mysql { .. }),
                LogPosition::Mysql { file, position, .. },
            ) => Ok((file, *position)),
            (Until::Position(LogPosition::Postgres { .. }), LogPosition::Postgres { lsn }) => {
                let number = Lsn::parse(lsn).ok_or_else(|| {
                    self.out_of_reach("the backup's own place in the log cannot be read".to_owned())
                })?;
                Ok(("", number.0))
            }
            _ => Err(self.out_of_reach("it is a place in the log of another database".to_owned())),
        }
    }

    fn out_of_reach(&self, why: String) -> BackupError {
        BackupError::OutOfReach {
            wanted: self.to_string(),
            why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(lsn: &str, time: &str) -> LogMark {
        LogMark {
            time: time.to_owned(),
            position: LogPosition::Postgres {
                lsn: lsn.to_owned(),
            },
        }
    }

    #[test]
    fn what_is_within_reach() {
        let log = KeptLog {
            from: mark("0/3000000", "2026-03-01T12:00:00.000Z"),
            to: mark("1/10", "2026-03-01T13:00:00.000Z"),
        };
        for (text, is_after, is_within) in [
            ("0/2FFFFFF", false, false),
            ("0/3000000", false, true),
            ("0/FFFFFFFF", false, true),
            ("1/10", false, true),
            ("1/11", true, false),
            ("2026-03-01T12:30:00Z", false, true),
            ("2026-03-01T14:30:00+02:00", false, true),
            ("2026-03-01T11:00:00Z", false, false),
            ("2026-03-01T13:00:01Z", true, false),
        ] {
            let until: Until = text.parse().unwrap();
            assert_eq!(until.is_after(&log).unwrap(), is_after, "{text}");
            assert_eq!(until.within(&log).is_ok(), is_within, "{text}");
        }
        let other: Until = "mariadb-bin.000007:1234".parse().unwrap();
        assert!(other.within(&log).is_err());
        assert!("yesterday".parse::<Until>().is_err());
    }
}
