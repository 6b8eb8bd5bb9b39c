//! A script made ready to run, and what is checked before the first step of a run.

use std::time::Instant;

use migrate_core::plan::Step;
use migrate_core::split::split;
use migrate_core::statement::{Classified, Kind, Recovery, classify, custom_settings};
use migrate_core::{Checksum, Dialect, Direction, Hasher, Migration, Script, Version, line_column};

use super::Run;
use super::foreign_keys::KeyPragmas;
use crate::error::{Error, ErrorKind, Failure};
use crate::event::Event;

/// A script made ready to run.
pub(super) struct Prepared<'m> {
    pub(super) step: Step,
    pub(super) migration: &'m Migration,
    pub(super) script: &'m Script,
    pub(super) parts: Vec<Part>,
    /// Settings that its statements may set, as far as the database does not list them.
    pub(super) custom_settings: Vec<String>,
    /// Statements that switch SQLite's foreign keys off and on around the script.
    pub(super) keys: KeyPragmas,
}

/// One statement of it.
pub(super) struct Part {
    pub(super) sql: String,
    /// The line of the script that it begins in, from 1.
    pub(super) line: usize,
    pub(super) class: Classified,
}

impl Part {
    /// By which its record knows it again.
    pub(super) fn checksum(&self) -> Checksum {
        Hasher::new().part(self.sql.as_bytes()).checksum()
    }
}

impl<'m> Prepared<'m> {
    /// Splits a script and refuses what no run could carry out.
    fn new(dialect: Dialect, step: Step, migration: &'m Migration) -> Result<Option<Self>, Error> {
        let Some(script) = migration.script(step.direction) else {
            return Ok(None);
        };
        let text = script.text();
        let refuse = |at: usize, message: String| {
            let (line, column) = line_column(&text, at);
            Error::from(ErrorKind::Script {
                path: script.path.to_string(),
                line,
                column,
                message,
            })
        };
        let split = split(&text, dialect);
        if let Some(problem) = split.problems.first() {
            return Err(refuse(problem.span.start, problem.kind.to_string()));
        }
        let mut parts = Vec::with_capacity(split.statements.len());
        // Lines are counted on from the statement before, so that a long script stays linear.
        let (mut line, mut counted) = (1, 0);
        for statement in &split.statements {
            let sql = statement.text(&text);
            let start = statement.span.start;
            line += text
                .get(counted..start)
                .unwrap_or_default()
                .matches('\n')
                .count();
            counted = start;
            let class = classify(sql, dialect);
            if class.kind == Kind::TransactionControl {
                let message = "it begins or ends a transaction itself, which is the runner's work";
                return Err(refuse(start, message.to_owned()));
            }
            if class.kind == Kind::Copy && statement.copy_data.is_some() {
                let message = "inline COPY data cannot be sent; write it as INSERT";
                return Err(refuse(start, message.to_owned()));
            }
            parts.push(Part {
                sql: sql.to_owned(),
                line,
                class,
            });
        }
        let mut custom: Vec<String> = parts
            .iter()
            .flat_map(|part| custom_settings(&part.sql, dialect))
            .collect();
        custom.sort_unstable();
        custom.dedup();
        let keys = KeyPragmas::of(dialect, script.transaction, &parts);
        let prepared = Prepared {
            step,
            migration,
            script,
            parts,
            custom_settings: custom,
            keys,
        };
        if script.transaction && dialect.transactional_ddl() {
            for (index, part) in prepared.parts.iter().enumerate() {
                if let (Some(restriction), false) =
                    (&part.class.restriction, prepared.keys.takes_out(index))
                {
                    let at = split.statements.get(index).map_or(0, |s| s.span.start);
                    return Err(refuse(
                        at,
                        format!(
                            "{} cannot run in a transaction; mark the script with `-- \
                             migrate:no-transaction`",
                            restriction.what
                        ),
                    ));
                }
            }
        }
        Ok(Some(prepared))
    }

    /// Whether it has Rust code in this direction.
    pub(super) fn has_code(&self) -> bool {
        self.script.rust
    }

    /// Whether any statement takes a lock that stops others.
    pub(super) fn takes_strong_lock(&self) -> bool {
        self.parts.iter().any(|part| part.class.strong_lock)
    }

    /// Whether any statement changes settings of the session.
    pub(super) fn changes_session(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part.class.kind, Kind::Session | Kind::Other))
    }

    /// The failure of a statement, or of the script as a whole.
    pub(super) fn failure(
        &self,
        statement: Option<usize>,
        rolled_back: bool,
        source: impl Into<crate::code::CodeError>,
    ) -> Error {
        let part = statement.and_then(|index| self.parts.get(index));
        ErrorKind::Failed(Failure {
            version: self.migration.version.clone(),
            name: self.migration.name.to_string(),
            direction: self.step.direction,
            path: self.script.path.to_string(),
            statement,
            line: part.map_or(1, |part| part.line),
            sql: part.map(|part| part.sql.clone()).unwrap_or_default(),
            rolled_back,
            lock_timeout: false,
            obstacle: None,
            source: source.into(),
        })
        .into()
    }
}

/// The version that the steps before this one lead to; `None` where there are none, or where they
/// lead back, as in a redo.
fn how_far(
    before: &[Prepared<'_>],
    direction: Direction,
    migration: &Migration,
) -> Option<Version> {
    if before.iter().any(|step| step.step.direction != direction) {
        return None;
    }
    let last = before.last()?;
    Some(match direction {
        Direction::Up => last.migration.version.clone(),
        // A target of a revert stays applied, and this migration does.
        Direction::Down => migration.version.clone(),
    })
}

impl<'r> Run<'r> {
    /// Makes the scripts of the steps ready, and refuses before the first one runs what cannot work
    /// in a later one.
    pub(super) fn prepare_steps(&mut self, steps: &[Step]) -> Result<Vec<Prepared<'r>>, Error> {
        let set = self.set;
        let mut all: Vec<Prepared<'r>> = Vec::with_capacity(steps.len());
        for step in steps {
            let Some(migration) = set.migrations().get(step.migration) else {
                continue;
            };
            let Some(prepared) = Prepared::new(set.dialect(), *step, migration)? else {
                continue;
            };
            let direction = step.direction;
            let to = || how_far(&all, step.direction, migration);
            if prepared.has_code() && !self.session.has_code(step.migration, step.direction) {
                return Err(ErrorKind::NeedsApp {
                    version: migration.version.clone(),
                    name: migration.name.to_string(),
                    direction,
                    to: to(),
                }
                .into());
            }
            if let Some(function) = self.missing_function(&prepared)? {
                return Err(ErrorKind::NeedsFunction {
                    version: migration.version.clone(),
                    name: migration.name.to_string(),
                    function,
                    direction,
                    to: to(),
                }
                .into());
            }
            if self.session.in_transaction() && self.is_stepwise(&prepared)? {
                let why = format!("migration {migration} cannot run");
                return Err(ErrorKind::InTransaction(why).into());
            }
            all.push(prepared);
        }
        Ok(all)
    }

    /// Whether a script runs statement by statement, each with a record of its own.
    pub(super) fn is_stepwise(&mut self, prepared: &Prepared<'_>) -> Result<bool, Error> {
        if !prepared.script.transaction {
            return Ok(true);
        }
        if self.set.dialect().transactional_ddl() || prepared.parts.is_empty() {
            return Ok(false);
        }
        // Where DDL commits, only a script of nothing but data changes is one transaction, and only
        // where every table takes part in transactions.
        let only_data = prepared.parts.iter().all(|part| {
            matches!(
                part.class.recovery,
                Recovery::WithRecord | Recovery::Session
            )
        });
        Ok(!only_data || self.data_outside_transactions()?.is_some())
    }

    /// Why data changes may survive a rollback on this server.
    pub(super) fn data_outside_transactions(&mut self) -> Result<Option<String>, Error> {
        if self.outside_transactions.is_none() {
            let found = self
                .backend
                .data_outside_transactions(self.session)
                .map_err(Error::database("looking for tables without transactions"))?;
            self.outside_transactions = Some(found);
        }
        Ok(self.outside_transactions.clone().flatten())
    }

    /// Refuses where several migrations cannot share one transaction.
    pub(super) fn check_one_transaction(&mut self, all: &[Prepared<'_>]) -> Result<(), Error> {
        if !self.set.dialect().transactional_ddl() {
            let why = "DDL commits on this database".to_owned();
            return Err(ErrorKind::NotInOneTransaction(why).into());
        }
        for prepared in all {
            let migration = prepared.migration;
            if self.is_stepwise(prepared)? {
                let why = format!("migration {migration} is marked no-transaction");
                return Err(ErrorKind::NotInOneTransaction(why).into());
            }
            if let Some(keys) = self.keys_to_switch(prepared)? {
                let why = format!(
                    "migration {migration} needs foreign keys switched {}",
                    keys.word()
                );
                return Err(ErrorKind::NotInOneTransaction(why).into());
            }
        }
        Ok(())
    }

    /// Runs one step, whichever way its script runs.
    pub(super) fn run_step(
        &mut self,
        prepared: &Prepared<'_>,
        position: usize,
        of: usize,
    ) -> Result<(), Error> {
        let begun = Instant::now();
        let stepwise = self.is_stepwise(prepared)?;
        self.observer.event(&Event::MigrationStarted {
            version: &prepared.migration.version,
            name: &prepared.migration.name,
            direction: prepared.step.direction,
            statements: prepared.parts.len(),
            transaction: !stepwise,
            position,
            of,
        });
        if self.observer.stop() {
            return Err(ErrorKind::Stopped { resumable: false }.into());
        }
        self.create_tables()?;
        let ran = if stepwise {
            self.run_stepwise(prepared)?
        } else {
            self.run_in_transaction(prepared)?
        };
        if ran {
            self.complete(prepared, begun);
        }
        Ok(())
    }

    /// Sends one statement and tells the observer.
    pub(super) fn send(&mut self, index: usize, of: usize, part: &Part) -> diesel::QueryResult<()> {
        self.observer.event(&Event::StatementStarted {
            index,
            of,
            sql: &part.sql,
            line: part.line,
        });
        let begun = Instant::now();
        let result = self.session.batch(&part.sql);
        if result.is_ok() {
            let duration = begun.elapsed();
            self.observer.event(&Event::StatementFinished {
                index,
                of,
                duration,
            });
        }
        result
    }

    /// Runs the Rust code of a script, where it has some.
    pub(super) fn run_code(&mut self, prepared: &Prepared<'_>) -> Result<(), Error> {
        if !prepared.has_code() {
            return Ok(());
        }
        let Step {
            migration,
            direction,
        } = prepared.step;
        self.observer.event(&Event::CodeStarted);
        let begun = Instant::now();
        self.session
            .run_code(migration, direction)
            .map_err(|source| prepared.failure(None, true, source))?;
        self.observer.event(&Event::CodeFinished {
            duration: begun.elapsed(),
        });
        Ok(())
    }

    /// Whether this step's Rust code runs before its SQL: it does on the way down.
    pub(super) fn code_first(prepared: &Prepared<'_>) -> bool {
        prepared.step.direction == Direction::Down
    }
}
