//! The one apply loop: the app, the typed functions and the command all go through it.
//!
//! Take the migration lock, read the history, plan, run each script, record it, release the lock.
//! Nothing is planned before the lock is held, because only then does the history stand still.

mod abandon;
mod foreign_keys;
mod functions;
mod recorded;
mod resume;
mod script;
mod stepwise;
mod transaction;

use std::time::{Duration, Instant};

use migrate_core::history::{Head, History};
use migrate_core::plan::{
    DownTarget, Plan, Policy, Refused, Step, UpTarget, plan_down, plan_one_down, plan_one_up,
    plan_up, standings,
};
use migrate_core::{Checksum, Dialect, Direction, Migration, MigrationSet, Version};

use crate::backend::{self, Backend, Server, SessionState, TableName};
use crate::embedded::EmbeddedDirectory;
use crate::error::{Error, ErrorKind};
use crate::event::{Event, Observer};
use crate::foreign;
use crate::history_table::HistoryTable;
use crate::migration_lock::{MigrationLock, Renew};
use crate::report::{Done, Report, Status, StatusRow};
use crate::session::Session;
use crate::settings::{Settings, Transactions};
use recorded::Known;
use script::Prepared;

/// One run over one connection.
pub(crate) struct Run<'r> {
    pub(crate) set: &'r MigrationSet,
    /// The digest of a history that has exactly this set.
    head: Checksum,
    directory: Option<EmbeddedDirectory>,
    pub(crate) settings: &'r Settings,
    pub(crate) backend: &'static dyn Backend,
    pub(crate) server: Server,
    pub(crate) session: &'r mut dyn Session,
    pub(crate) observer: &'r mut dyn Observer,
    renew: &'r mut Option<Renew>,
    dry_run: bool,
    pub(crate) table: HistoryTable,
    /// The history as it is; kept up to date with every write.
    pub(crate) history: Known,
    tables_exist: bool,
    completed: Vec<Done>,
    /// Whether the write lock is held until a transaction ends that is around all of this.
    pub(super) claimed: bool,
    /// Why data changes may survive a rollback here; looked up once, when first needed.
    outside_transactions: Option<Option<String>>,
}

impl<'r> Run<'r> {
    #[expect(clippy::too_many_arguments, reason = "all of them are one run's parts")]
    pub(crate) fn start(
        set: &'r MigrationSet,
        head: Checksum,
        directory: Option<EmbeddedDirectory>,
        settings: &'r Settings,
        session: &'r mut dyn Session,
        observer: &'r mut dyn Observer,
        renew: &'r mut Option<Renew>,
        dry_run: bool,
    ) -> Result<Self, Error> {
        let backend = backend::of(set.dialect())?;
        let server = backend.inspect(session)?;
        let schema = match (&settings.history_schema, set.dialect()) {
            (_, Dialect::Sqlite) => String::new(),
            (Some(schema), _) => schema.to_string(),
            (None, _) => server.schema.clone(),
        };
        let name = TableName {
            schema,
            name: settings.history_table.to_string(),
        };
        Ok(Run {
            set,
            head,
            directory,
            settings,
            backend,
            server,
            session,
            observer,
            renew,
            dry_run,
            table: HistoryTable::new(backend, name),
            history: Known::default(),
            tables_exist: false,
            completed: Vec::new(),
            claimed: false,
            outside_transactions: None,
        })
    }

    pub(crate) fn up(&mut self, target: &UpTarget) -> Result<Report, Error> {
        self.compare_directory();
        if *target == UpTarget::Latest && !self.dry_run && self.is_up_to_date()? {
            return Ok(Report::default());
        }
        self.planned(|set, history, policy| plan_up(set, history, target, policy))
    }

    pub(crate) fn down(&mut self, target: &DownTarget) -> Result<Report, Error> {
        self.planned(|set, history, policy| plan_down(set, history, target, policy))
    }

    pub(crate) fn up_one(&mut self, version: &Version) -> Result<Report, Error> {
        self.compare_directory();
        self.planned(|set, history, policy| plan_one_up(set, history, version, policy))
    }

    pub(crate) fn down_one(&mut self, version: &Version) -> Result<Report, Error> {
        self.planned(|set, history, policy| plan_one_down(set, history, version, policy))
    }

    pub(crate) fn redo(&mut self, count: usize) -> Result<Report, Error> {
        self.planned(|set, history, policy| {
            let mut plan = plan_down(set, history, &DownTarget::Count(count), policy)?;
            let again: Vec<Step> = plan
                .steps
                .iter()
                .rev()
                .map(|step| Step {
                    direction: Direction::Up,
                    ..*step
                })
                .collect();
            plan.steps.extend(again);
            Ok(plan)
        })
    }

    /// Makes a plan under the migration lock and runs it.
    fn planned(
        &mut self,
        plan: impl FnOnce(&MigrationSet, &History, Policy) -> Result<Plan, Refused>,
    ) -> Result<Report, Error> {
        self.locked(|run| {
            let plan = plan(run.set, &run.history, run.settings.policy)?;
            run.run_plan(plan)
        })
    }

    /// How the database stands; reads only.
    pub(crate) fn status(&mut self) -> Result<Status, Error> {
        self.compare_directory();
        self.read_history()?;
        let foreign = self.foreign()?;
        let rows = standings(self.set, &self.history)
            .into_iter()
            .map(|(version, standing, migration, row)| StatusRow {
                name: match (migration, row) {
                    (Some(migration), _) => migration.name.to_string(),
                    (None, Some(row)) => row.name.clone(),
                    (None, None) => String::new(),
                },
                rust: migration.is_some_and(Migration::has_rust),
                applied: row.cloned(),
                version,
                standing,
            })
            .collect();
        Ok(Status {
            rows,
            history_exists: self.tables_exist,
            foreign,
        })
    }

    /// Runs `work` under the migration lock, with the history read, and puts the session back as it
    /// was, whatever happened. Refuses where another tool's history has not been taken over.
    pub(crate) fn locked<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.locked_over_foreign(|run| {
            if run.backend.lock_is_transaction() && !run.dry_run {
                run.wait_for_running()?;
            }
            match run.foreign()? {
                Some(foreign) => Err(ErrorKind::Foreign(foreign).into()),
                None => work(run),
            }
        })
    }

    /// [`locked`](Run::locked), whatever other tools have recorded.
    pub(crate) fn locked_over_foreign<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Some(reason) = self.server.read_only {
            return Err(ErrorKind::ReadOnly(reason).into());
        }
        if self.session.in_transaction() && self.set.dialect() == Dialect::Mysql {
            let why = "DDL would commit it".to_owned();
            return Err(ErrorKind::InTransaction(why).into());
        }
        let state = self.save_state(&[])?;
        let result = self.with_lock(work);
        if !self.dry_run {
            // Tried on every path; the first error is the one to tell. In a dry run nothing was
            // changed that would have to be put back.
            let _ = self.backend.restore_state(self.session, &state);
        }
        result.map_err(|mut error| {
            error.completed = std::mem::take(&mut self.completed);
            error
        })
    }

    fn with_lock<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.dry_run {
            self.read_history()?;
            return work(self);
        }
        let lock = MigrationLock::take(
            self.backend,
            self.session,
            self.observer,
            self.settings,
            self.table.name(),
            &self.server.database,
            self.server.no_session_lock,
            self.renew,
        )?;
        self.table.guard(lock.guard(self.backend, self.settings));
        let result = self.read_history().and_then(|()| {
            if self.tables_exist {
                self.table.refuse_lost_rows(self.session)?;
            }
            work(self)
        });
        lock.release(self.backend, self.session, self.renew);
        self.observer.event(&Event::LockReleased);
        result
    }

    fn save_state(&mut self, custom: &[String]) -> Result<SessionState, Error> {
        self.backend
            .save_state(self.session, custom)
            .map_err(Error::database("reading the session's settings"))
    }

    pub(crate) fn read_history(&mut self) -> Result<(), Error> {
        self.tables_exist = self.table.exists(self.session)?;
        let history = if self.tables_exist {
            self.table.read(self.session)?
        } else {
            History::default()
        };
        self.history = Known::from(history);
        Ok(())
    }

    pub(crate) fn foreign(&mut self) -> Result<Option<foreign::ForeignHistory>, Error> {
        foreign::find(
            self.backend,
            self.session,
            &self.server.visible_schemas,
            &self.history,
        )
    }

    /// Whether the head record says that exactly this set is applied.
    fn is_up_to_date(&mut self) -> Result<bool, Error> {
        let head = if self.backend.forgives_missing_tables() {
            // An error is no answer: the long way finds out what is wrong.
            self.table.read_head(self.session).unwrap_or_default()
        } else if self.table.exists(self.session)? {
            self.table.read_head(self.session)?
        } else {
            None
        };
        Ok(head
            == Some(Head {
                count: self.set.len(),
                digest: Some(self.head),
            }))
    }

    /// Makes the tables of the history where they are not there yet.
    pub(crate) fn create_tables(&mut self) -> Result<(), Error> {
        if self.tables_exist {
            return Ok(());
        }
        let doing = "creating the history table";
        let begun = Instant::now();
        loop {
            let sql = self.table.create_sql();
            let Err(source) = sql.iter().try_for_each(|sql| self.session.batch(sql)) else {
                if !self.dry_run {
                    self.table.refuse_taken_name(self.session)?;
                }
                self.tables_exist = true;
                return Ok(());
            };
            let waited = begun.elapsed();
            if !self.backend.is_lock_timeout(&source) {
                return Err(Error::database(doing)(source));
            }
            if waited >= self.settings.lock_wait {
                return Err(ErrorKind::LockHeld {
                    waited,
                    holder: None,
                }
                .into());
            }
            self.observer.event(&Event::LockWaiting {
                holder: None,
                waited,
            });
        }
    }

    /// In debug builds of an app: says when files were added or removed since it was compiled.
    fn compare_directory(&mut self) {
        let Some(directory) = self.directory else {
            return;
        };
        let modified = migrate_core::listing::modified(directory.path.as_ref());
        if modified.is_some() && modified == directory.modified {
            return;
        }
        let ignore: Vec<String> = directory
            .ignore
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        let Ok(entries) = migrate_core::listing::list_paths(directory.path.as_ref(), &ignore)
        else {
            return;
        };
        let known: std::collections::BTreeSet<&str> =
            directory.entries.split_terminator('\0').collect();
        let found: std::collections::BTreeSet<&str> = entries.iter().map(String::as_str).collect();
        let difference: Vec<String> = known
            .symmetric_difference(&found)
            .map(|entry| (*entry).to_owned())
            .collect();
        if !difference.is_empty() {
            tracing::warn!(
                path = directory.path,
                ?difference,
                "rebuild: the directory changed"
            );
            self.observer.event(&Event::DirectoryChanged {
                path: directory.path,
                difference: &difference,
            });
        }
    }

    fn run_plan(&mut self, plan: Plan) -> Result<Report, Error> {
        self.observer.event(&Event::Planned {
            steps: plan.steps.len(),
            ahead: &plan.ahead,
            out_of_order: &plan.out_of_order,
        });
        let prepared = self.prepare_steps(&plan.steps)?;
        let all = self.settings.transactions == Transactions::All && prepared.len() > 1;
        if all {
            self.check_one_transaction(&prepared)?;
            self.create_tables()?;
            self.session
                .begin()
                .map_err(Error::database("beginning a transaction"))?;
        }
        let result = self.run_steps(&prepared);
        if all {
            match &result {
                Ok(()) => {
                    self.session
                        .commit()
                        .map_err(Error::database("committing"))?;
                }
                Err(_) => {
                    let _ = self.session.rollback();
                    self.completed.clear();
                }
            }
        }
        result?;
        Ok(Report {
            steps: std::mem::take(&mut self.completed),
            ahead: plan.ahead,
            out_of_order: plan.out_of_order,
            sql: Vec::new(),
        })
    }

    fn run_steps(&mut self, steps: &[Prepared<'_>]) -> Result<(), Error> {
        for (position, prepared) in steps.iter().enumerate() {
            self.run_step(prepared, position + 1, steps.len())?;
        }
        Ok(())
    }
}

/// A pause that doubles with every attempt, up to ten seconds, with a random part so that several
/// runners do not try in step.
fn pause(attempt: u32) -> Duration {
    let base = Duration::from_millis(100) * 2_u32.saturating_pow(attempt.min(7).saturating_sub(1));
    let base = base.min(Duration::from_secs(10));
    // The clock's nanoseconds are random enough to keep two processes apart.
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
        .subsec_nanos();
    base / 2 + base.mul_f64(f64::from(nanos % 1000) / 2000.0)
}
