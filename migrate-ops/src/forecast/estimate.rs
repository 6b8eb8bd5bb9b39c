//! How long statements take: from a rehearsal, or else by a stated model.

use migrate_core::{Dialect, Direction};

use super::evidence::{Basis, Estimate, TableSize, WorkKind};
use super::options::Rehearsed;

/// How fast a server works, for the model.
#[derive(Clone, Copy, Debug)]
struct Rates {
    /// What each statement costs, whatever it does: the way to the server, and the commits of its
    /// records.
    statement: f64,
    /// Bytes of a table that are read and checked in a second.
    scan: f64,
    /// Bytes of a table of which an index is built in a second, an index.
    build: f64,
    /// Bytes of a table and its indexes that are stored anew in a second.
    rewrite: f64,
    /// Rows that a statement over rows changes in a second.
    rows: f64,
}

/// The rates of a database. They are what PostgreSQL 15, MariaDB 10.11 and SQLite 3.40 reached with
/// default settings on two cores that had other work to do as well, on tables of 120 000 to 500 000
/// rows of about 100 bytes with two to four indexes, rounded down; `tests/tests/forecast/durations.rs`
/// prints what they foretell beside what it measures. Another machine may well be several times as
/// fast: only a rehearsal tells.
fn rates(dialect: Dialect) -> Rates {
    const MB: f64 = 1_000_000.0;
    match dialect {
        Dialect::Mysql => Rates {
            statement: 0.05,
            scan: 50.0 * MB,
            build: 25.0 * MB,
            rewrite: 5.0 * MB,
            rows: 60_000.0,
        },
        Dialect::Sqlite => Rates {
            statement: 0.01,
            scan: 200.0 * MB,
            build: 25.0 * MB,
            rewrite: 40.0 * MB,
            rows: 200_000.0,
        },
        _ => Rates {
            statement: 0.003,
            scan: 150.0 * MB,
            build: 50.0 * MB,
            rewrite: 15.0 * MB,
            rows: 40_000.0,
        },
    }
}

/// Rows where only bytes are known, for the model: a row has about so many.
const BYTES_OF_A_ROW: f64 = 100.0;

/// A copy that is smaller by more than this tells nothing: what does not grow with the rows would be
/// taken for what does.
const FARTHEST: f64 = 100.0;

impl Estimate {
    /// No time at all, for certain.
    pub const NONE: Estimate = Estimate {
        seconds: 0.0,
        basis: Basis::Rehearsal,
    };

    /// Nothing is known.
    pub const UNKNOWN: Estimate = Estimate {
        seconds: 0.0,
        basis: Basis::Unknown,
    };

    /// One after the other. Of two bases the sum has the worse.
    #[must_use]
    pub fn plus(self, other: Estimate) -> Estimate {
        Estimate {
            seconds: self.seconds + other.seconds,
            basis: self.basis.max(other.basis),
        }
    }

    /// The sum of several.
    pub fn sum(all: impl IntoIterator<Item = Estimate>) -> Estimate {
        all.into_iter().fold(Estimate::NONE, Estimate::plus)
    }

    /// Whether it is certainly not more than so many seconds, as far as estimates are certain.
    pub fn is_within(&self, seconds: f64) -> bool {
        self.basis != Basis::Unknown && self.seconds <= seconds
    }
}

/// Estimates the statements of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimator<'a> {
    pub(super) dialect: Dialect,
    /// The tables of the database.
    pub(super) tables: &'a [TableSize],
    pub(super) rehearsal: Option<&'a Rehearsed>,
}

/// A statement, as far as its duration depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    pub(super) version: &'a str,
    pub(super) direction: Direction,
    pub(super) statement: usize,
    /// What it works on.
    pub(super) work: &'a [(String, WorkKind)],
    /// It is not known what it does.
    pub(super) is_unknown: bool,
}

impl<'a> Estimator<'a> {
    /// The size of a table, where it was there before the run.
    pub(super) fn size(&self, table: &str) -> Option<&'a TableSize> {
        self.tables.iter().find(|it| it.table == table)
    }

    /// How long a statement takes.
    pub(super) fn duration(&self, job: Job<'_>) -> Estimate {
        match self.rehearsed(job) {
            Some(seconds) => Estimate {
                seconds,
                basis: Basis::Rehearsal,
            },
            None if job.is_unknown => Estimate {
                seconds: rates(self.dialect).statement,
                basis: Basis::Unknown,
            },
            None => self.modelled(job),
        }
    }

    /// What it took on the copy, on tables of the sizes here; `None` where that tells nothing.
    fn rehearsed(&self, job: Job<'_>) -> Option<f64> {
        let rehearsal = self.rehearsal?;
        let statement = rehearsal.statement(job.version, job.direction, job.statement)?;
        let seconds = statement.seconds?;
        let works = |it: &&(String, WorkKind)| it.1 != WorkKind::Instant;
        let mut touched: Vec<&str> = job.work.iter().filter(works).map(|it| &*it.0).collect();
        if job.is_unknown {
            touched = self.tables.iter().map(|it| &*it.table).collect();
        }
        let here = total(self.tables, &touched);
        let there = total(&rehearsal.tables, &touched);
        let ratio = match (here, there) {
            (Some(here), Some(there)) => here / there,
            (Some(_), None) => return None,
            // There is nothing to work on but what the run makes itself.
            (None, _) => 1.0,
        };
        if ratio > FARTHEST {
            return None;
        }
        // What does not grow with the rows is not scaled; nor does anything get faster than that.
        let fixed = rates(self.dialect).statement.min(seconds);
        Some(fixed + (seconds - fixed) * ratio)
    }

    fn modelled(&self, job: Job<'_>) -> Estimate {
        let rates = rates(self.dialect);
        let mut estimate = Estimate {
            seconds: rates.statement,
            basis: Basis::Model,
        };
        for (table, work) in job.work {
            // A table that the run itself makes has no size yet; what fills it has one.
            let Some(size) = self.size(table) else {
                continue;
            };
            let Some(seconds) = worked(size, *work, rates) else {
                estimate.basis = Basis::Unknown;
                continue;
            };
            estimate.seconds += seconds;
        }
        estimate
    }

    /// How long it takes to read these tables once.
    pub(super) fn reading<'t>(&self, tables: impl Iterator<Item = &'t str>) -> Estimate {
        let rates = rates(self.dialect);
        let all = tables.filter_map(|table| self.size(table)).map(|size| {
            match worked(size, WorkKind::Scan, rates) {
                Some(seconds) => Estimate {
                    seconds,
                    basis: Basis::Model,
                },
                None => Estimate::UNKNOWN,
            }
        });
        Estimate::sum(all)
    }
}

fn worked(size: &TableSize, work: WorkKind, rates: Rates) -> Option<f64> {
    let table = size.table_bytes.map(|it| it as f64);
    Some(match work {
        WorkKind::Instant => 0.0,
        WorkKind::Scan => table? / rates.scan,
        WorkKind::Build => table? / rates.build,
        WorkKind::Rewrite => size.bytes()? as f64 / rates.rewrite,
        WorkKind::Rows => {
            let rows = size.rows.map(|it| it as f64);
            rows.or(table.map(|it| it / BYTES_OF_A_ROW))? / rates.rows
        }
        WorkKind::Unknown => return None,
    })
}

/// The bytes of some tables together, or their rows where bytes are not known.
fn total(tables: &[TableSize], names: &[&str]) -> Option<f64> {
    let found = || tables.iter().filter(|it| names.contains(&&*it.table));
    let bytes: Option<u64> = found().map(TableSize::bytes).sum();
    let rows: Option<u64> = found().map(|it| it.rows).sum();
    bytes
        .filter(|it| *it > 0)
        .or(rows)
        .map(|it| it as f64)
        .filter(|it| *it > 0.0)
}

#[cfg(test)]
mod tests {
    use super::super::evidence::RowsBasis;
    use super::super::options::RehearsedStatement;
    use super::*;

    fn table(rows: u64) -> TableSize {
        TableSize {
            table: "orders".to_owned(),
            rows: Some(rows),
            rows_basis: RowsBasis::Statistics,
            table_bytes: Some(rows * 100),
            index_bytes: Some(rows * 20),
        }
    }

    fn job(work: &[(String, WorkKind)]) -> Job<'_> {
        Job {
            version: "1",
            direction: Direction::Up,
            statement: 0,
            work,
            is_unknown: false,
        }
    }

    #[test]
    fn a_rehearsal_is_scaled_by_size() {
        let tables = [table(1_000_000)];
        let rehearsal = Rehearsed {
            statements: vec![RehearsedStatement {
                version: "1".to_owned(),
                direction: Direction::Up,
                statement: 0,
                seconds: Some(2.0),
                locks: None,
            }],
            tables: vec![table(500_000)],
            way_back: None,
        };
        let estimator = Estimator {
            dialect: Dialect::Postgres,
            tables: &tables,
            rehearsal: Some(&rehearsal),
        };
        let work = [("orders".to_owned(), WorkKind::Rewrite)];
        let scaled = estimator.duration(job(&work));
        assert_eq!(scaled.basis, Basis::Rehearsal);
        assert!((scaled.seconds - 3.997).abs() < 1e-9, "{scaled:?}");
        let small = Rehearsed {
            tables: vec![table(5_000)],
            ..rehearsal.clone()
        };
        let far = Estimator {
            rehearsal: Some(&small),
            ..estimator
        };
        assert_eq!(far.duration(job(&work)).basis, Basis::Model);
        let instant = [("orders".to_owned(), WorkKind::Instant)];
        assert!((estimator.duration(job(&instant)).seconds - 2.0).abs() < 1e-9);
    }

    #[test]
    fn without_a_rehearsal_it_is_a_model_and_says_so() {
        let tables = [table(1_000_000)];
        let estimator = Estimator {
            dialect: Dialect::Postgres,
            tables: &tables,
            rehearsal: None,
        };
        let work = [("orders".to_owned(), WorkKind::Rewrite)];
        let modelled = estimator.duration(job(&work));
        assert_eq!(modelled.basis, Basis::Model);
        assert!(modelled.seconds > 1.0, "{modelled:?}");
        let unknown = Job {
            is_unknown: true,
            ..job(&[])
        };
        assert_eq!(estimator.duration(unknown).basis, Basis::Unknown);
    }

    #[test]
    fn a_sum_is_as_good_as_its_worst_part() {
        let model = Estimate {
            seconds: 1.0,
            basis: Basis::Model,
        };
        let sum = Estimate::sum([model, Estimate::NONE, Estimate::UNKNOWN]);
        assert_eq!((sum.seconds, sum.basis), (1.0, Basis::Unknown));
        assert!(!sum.is_within(5.0));
        assert!(model.is_within(1.0));
    }
}
