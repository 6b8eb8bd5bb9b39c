//! What a statement locks, and whom that keeps away.

use std::fmt;

/// Whom a lock keeps away from a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Blocked {
    /// Nobody who reads or writes rows.
    #[default]
    Nobody,
    /// Who writes.
    Writes,
    /// Who reads, and who writes.
    ReadsAndWrites,
}

impl Blocked {
    /// As messages say it.
    pub const fn name(self) -> &'static str {
        match self {
            Blocked::Nobody => "nobody",
            Blocked::Writes => "writes",
            Blocked::ReadsAndWrites => "reads and writes",
        }
    }
}

/// A table lock of PostgreSQL, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// What reading takes.
    AccessShare,
    /// What changing rows takes.
    RowExclusive,
    /// VACUUM, VALIDATE, CONCURRENTLY: only other DDL waits.
    ShareUpdateExclusive,
    /// CREATE INDEX.
    Share,
    /// Triggers and foreign keys.
    ShareRowExclusive,
    /// REFRESH … CONCURRENTLY.
    Exclusive,
    /// Most of ALTER TABLE.
    AccessExclusive,
}

/// How MySQL and MariaDB carry out an ALTER TABLE, cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Only the dictionary changes.
    Instant,
    /// Indexes are built or dropped; rows stay where they are.
    NoCopy,
    /// The engine may rebuild the table.
    Inplace,
    /// The server copies every row into a new table.
    Copy,
}

/// Whom MySQL and MariaDB keep away while an ALTER TABLE works, apart from the moment at which it
/// begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Online {
    /// `LOCK=NONE`.
    None,
    /// `LOCK=SHARED`: writes wait.
    Shared,
    /// `LOCK=EXCLUSIVE`: reads wait, too.
    Exclusive,
}

/// What a statement takes on one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lock {
    /// On PostgreSQL; held until COMMIT.
    Postgres(Mode),
    /// On MySQL and MariaDB; held while the statement runs.
    Mysql(Algorithm, Online),
}

impl Lock {
    /// Whom it keeps away.
    pub const fn blocks(self) -> Blocked {
        match self {
            Lock::Postgres(Mode::AccessExclusive) | Lock::Mysql(_, Online::Exclusive) => {
                Blocked::ReadsAndWrites
            }
            Lock::Postgres(Mode::Share | Mode::ShareRowExclusive | Mode::Exclusive)
            | Lock::Mysql(_, Online::Shared) => Blocked::Writes,
            Lock::Postgres(_) | Lock::Mysql(_, Online::None) => Blocked::Nobody,
        }
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lock::Postgres(mode) => f.write_str(match mode {
                Mode::AccessShare => "ACCESS SHARE",
                Mode::RowExclusive => "ROW EXCLUSIVE",
                Mode::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
                Mode::Share => "SHARE",
                Mode::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
                Mode::Exclusive => "EXCLUSIVE",
                Mode::AccessExclusive => "ACCESS EXCLUSIVE",
            }),
            Lock::Mysql(algorithm, online) => {
                let algorithm = match algorithm {
                    Algorithm::Instant => "INSTANT",
                    Algorithm::NoCopy => "NOCOPY",
                    Algorithm::Inplace => "INPLACE",
                    Algorithm::Copy => "COPY",
                };
                let online = match online {
                    Online::None => "NONE",
                    Online::Shared => "SHARED",
                    Online::Exclusive => "EXCLUSIVE",
                };
                write!(f, "ALGORITHM={algorithm}, LOCK={online}")
            }
        }
    }
}
