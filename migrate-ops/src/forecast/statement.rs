//! From what a script says of its statements to what they do on this database.

use migrate_core::config::Levels;
use migrate_core::{Diagnostic, Dialect, Level, ScriptFile, redact};
use migrate_sql::check::Foretold;
use migrate_sql::hazard::{self, Lock, Work};

use super::estimate::{Estimator, Job};
use super::evidence::{
    Blocked, Estimate, HazardForecast, HeldUntil, LockForecast, StatementForecast, WorkKind,
};

/// One script that will run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Script<'a> {
    pub(super) version: &'a str,
    pub(super) file: &'a ScriptFile,
    pub(super) dialect: Dialect,
    /// The configured levels of rules.
    pub(super) levels: Option<&'a Levels>,
}

impl Script<'_> {
    /// What its statements do, apart from how long their locks are held.
    pub(super) fn statements(
        &self,
        foretold: &[Foretold],
        estimator: Estimator<'_>,
    ) -> Vec<StatementForecast> {
        let statements = foretold.iter().enumerate();
        statements
            .map(|(index, told)| self.statement(index, told, estimator))
            .collect()
    }

    fn statement(
        &self,
        statement: usize,
        told: &Foretold,
        estimator: Estimator<'_>,
    ) -> StatementForecast {
        let work = work(told);
        let rehearsed = estimator.rehearsal.and_then(|it| {
            it.statement(self.version, self.file.direction, statement)?
                .locks
                .as_ref()
        });
        // What was seen in a rehearsal is known, whatever the text says.
        let unknown = told.unknown.clone().filter(|_| rehearsed.is_none());
        let duration = estimator.duration(Job {
            version: self.version,
            direction: self.file.direction,
            statement,
            work: &work,
            is_unknown: told.unknown.is_some(),
        });
        let mut locks = self.locks(told);
        for (table, mode) in rehearsed.into_iter().flatten() {
            if told.unknown.is_some() && self.dialect != Dialect::Sqlite {
                let lock = seen(self.dialect, table, mode, self.until_commit());
                locks.push(lock);
            }
        }
        let sizes: Vec<_> = work
            .iter()
            .filter(|(_, work)| *work != WorkKind::Instant)
            .filter_map(|(table, _)| estimator.size(table))
            .collect();
        let most = work.iter().map(|(_, work)| *work).max();
        let sum = |of: Vec<Option<u64>>| match of.is_empty() {
            true => None,
            false => of.into_iter().sum(),
        };
        let start = told.statement.start;
        let before = self.file.source.text.get(..start).unwrap_or_default();
        let text = self.file.text.get(told.statement.clone());
        StatementForecast {
            statement,
            line: before.matches('\n').count() + 1,
            sql: redact::passwords(text.unwrap_or_default(), self.dialect),
            locks,
            tables: work.iter().map(|(table, _)| table.clone()).collect(),
            work: match (&unknown, most) {
                (Some(_), _) => WorkKind::Unknown,
                (None, most) => most.unwrap_or_default(),
            },
            unknown,
            rows: sum(sizes.iter().map(|it| it.rows).collect()),
            bytes: sum(sizes.iter().map(|it| it.bytes()).collect()),
            duration,
            hazards: self.hazards(&told.hazards),
        }
    }

    fn locks(&self, told: &Foretold) -> Vec<LockForecast> {
        if self.dialect == Dialect::Sqlite {
            return vec![LockForecast {
                table: None,
                mode: "write lock".to_owned(),
                blocks: Blocked::Writes,
                momentary: false,
                work: WorkKind::Instant,
                held_until: self.until_commit(),
                held: Estimate::NONE,
            }];
        }
        let mut locks: Vec<LockForecast> = Vec::new();
        for effect in &told.effects {
            let lock = LockForecast {
                table: effect.table.as_ref().map(|it| it.name.to_string()),
                mode: effect.lock.to_string(),
                blocks: match effect.lock.blocks() {
                    hazard::Blocked::Nobody => Blocked::Nobody,
                    hazard::Blocked::Writes => Blocked::Writes,
                    hazard::Blocked::ReadsAndWrites => Blocked::ReadsAndWrites,
                },
                momentary: matches!(effect.lock, Lock::Mysql(..)) && !told.is_dml,
                work: kind(effect.work),
                held_until: match effect.lock {
                    Lock::Postgres(_) => self.until_commit(),
                    Lock::Mysql(..) => HeldUntil::Statement,
                },
                held: Estimate::NONE,
            };
            push(&mut locks, lock);
        }
        if told.is_dml {
            for id in &told.row_locks {
                let lock = LockForecast {
                    table: Some(id.name.to_string()),
                    mode: "row locks".to_owned(),
                    blocks: Blocked::SameRows,
                    momentary: false,
                    work: WorkKind::Rows,
                    held_until: self.until_commit(),
                    held: Estimate::NONE,
                };
                push(&mut locks, lock);
            }
        }
        locks
    }

    fn until_commit(&self) -> HeldUntil {
        // MySQL and MariaDB commit each statement of a migration by itself.
        match self.file.transaction && self.dialect != Dialect::Mysql {
            true => HeldUntil::Commit,
            false => HeldUntil::Statement,
        }
    }

    fn hazards(&self, found: &[Diagnostic]) -> Vec<HazardForecast> {
        let mut found = found.to_vec();
        if let Some(levels) = self.levels {
            levels.apply(&mut found);
        }
        found.retain(|it| it.level > Level::Off);
        found.iter().map(|it| self.hazard(it)).collect()
    }

    fn hazard(&self, finding: &Diagnostic) -> HazardForecast {
        HazardForecast {
            rule: finding.rule.code.to_owned(),
            message: finding.message.clone(),
            waived: self.file.accepted_because(finding).map(str::to_owned),
        }
    }
}

/// Of two locks on one table only the stronger one counts.
fn push(locks: &mut Vec<LockForecast>, lock: LockForecast) {
    match locks.iter_mut().find(|it| it.table == lock.table) {
        Some(there) if there.blocks < lock.blocks => {
            let work = there.work.max(lock.work);
            *there = LockForecast { work, ..lock };
        }
        Some(there) => there.work = there.work.max(lock.work),
        None => locks.push(lock),
    }
}

/// A lock as a rehearsal has seen it.
fn seen(dialect: Dialect, table: &str, mode: &str, held_until: HeldUntil) -> LockForecast {
    LockForecast {
        table: Some(table.to_owned()),
        blocks: match mode {
            "ACCESS EXCLUSIVE" => Blocked::ReadsAndWrites,
            "EXCLUSIVE" if dialect != Dialect::Postgres => Blocked::ReadsAndWrites,
            "SHARED NO WRITE" | "SHARED READ ONLY" => Blocked::Writes,
            "SHARED" | "SHARED READ" | "SHARED WRITE" | "SHARED UPGRADABLE" => Blocked::Nobody,
            "EXCLUSIVE" | "SHARE ROW EXCLUSIVE" | "SHARE" => Blocked::Writes,
            "ACCESS SHARE" | "ROW SHARE" | "ROW EXCLUSIVE" | "SHARE UPDATE EXCLUSIVE" => {
                Blocked::Nobody
            }
            // A mode of another kind: the worst is believed.
            _ => Blocked::ReadsAndWrites,
        },
        mode: mode.to_owned(),
        momentary: false,
        work: WorkKind::Unknown,
        held_until,
        held: Estimate::NONE,
    }
}

/// The work of a statement, by table: that of its effects, and the rows that it goes over.
fn work(told: &Foretold) -> Vec<(String, WorkKind)> {
    let effects = told.effects.iter().filter_map(|effect| {
        let table = effect.table.as_ref()?;
        Some((table.name.to_string(), kind(effect.work)))
    });
    let rows = told.rows.iter();
    let rows = rows.map(|(id, work)| (id.name.to_string(), kind(*work)));
    let mut found: Vec<(String, WorkKind)> = Vec::new();
    for (table, work) in effects.chain(rows) {
        match found.iter_mut().find(|(there, _)| *there == table) {
            Some((_, there)) => *there = work.max(*there),
            None => found.push((table, work)),
        }
    }
    found
}

fn kind(work: Work) -> WorkKind {
    match work {
        Work::Instant => WorkKind::Instant,
        Work::Rows => WorkKind::Rows,
        Work::Scan => WorkKind::Scan,
        Work::IndexBuild => WorkKind::Build,
        Work::Rewrite => WorkKind::Rewrite,
    }
}

/// How long a script takes.
pub(super) fn duration(statements: &[StatementForecast]) -> Estimate {
    Estimate::sum(statements.iter().map(|it| it.duration))
}

/// Fills in how long each lock is held: until its statement ends, or until all do that share its
/// transaction.
pub(super) fn hold(transaction: &mut [&mut StatementForecast], after: Estimate) {
    let mut rest = after;
    for statement in transaction.iter_mut().rev() {
        rest = rest.plus(statement.duration);
        let own = statement.duration;
        for lock in &mut statement.locks {
            lock.held = match lock.held_until {
                HeldUntil::Commit => rest,
                HeldUntil::Statement => own,
            };
        }
    }
}
