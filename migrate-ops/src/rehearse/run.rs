//! Up, down, up.

use std::time::Instant;

use diesel::connection::SimpleConnection as _;
use migrate_core::plan::{DownTarget, Standing, UpTarget};
use migrate_core::{Dialect, Down, Migration, Version, redact};
use migrate_runtime::{Code, ErrorKind, Report, Status};
use migrate_sql::schema::Schema;

use super::brake::Brake;
use super::catalogue::questions;
use super::copy::{self, Common, Copy};
use super::error::RehearseError;
use super::evidence::{
    CopyOf, DataState, NewRow, NewRowsState, OnlyUp, Pass, PlaceEvidence, RehearsalEvidence,
    SchemaState, Verdict,
};
use super::mask::{Mask, mask};
use super::measure::Measure;
use super::reach::{self, Where};
use super::rows;
use super::state::{self, State};
use super::written;
use crate::analyse::server_version;
use crate::connect::{DatabaseUrl, Engine, Open};
use crate::deployment::Deployment;
use crate::event::{Event, Listener, Step};
use crate::scratch;
use crate::time;
use crate::{backup, forecast};

/// How a rehearsal is held.
#[derive(Clone, Debug)]
pub struct Options {
    /// On which copy.
    pub copy: Copy,
    /// How far to apply.
    pub target: UpTarget,
    /// What hides personal data, run before anything else reads the copy. A staging database is not
    /// masked.
    pub mask: Mask,
    /// Keeps a private copy and its server. The copy is as the last way leaves it.
    pub keep: bool,
    /// How a private server is started.
    pub scratch: scratch::Options,
}

impl Options {
    /// All that is pending, on an empty copy.
    pub fn empty() -> Self {
        Options {
            copy: Copy::Empty,
            target: UpTarget::Latest,
            mask: Mask::default(),
            keep: false,
            scratch: scratch::Options::default(),
        }
    }
}

/// Applies what is pending on a copy, reverts it, and applies it again.
///
/// The copy is gone when this returns, however it ends, unless it is a staging database, or it is to be
/// kept and there is evidence.
///
/// # Errors
/// Where there is no copy, or something would reach outside of it. A script that fails is evidence,
/// and no error.
pub fn rehearse<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    listener: &mut dyn Listener,
) -> Result<RehearsalEvidence, RehearseError> {
    let (started, begun) = (time::now(), Instant::now());
    let mut real = copy::real(deployment)?;
    let status = match &mut real {
        Some(conn) => Some(deployment.migrator().status(conn)?),
        None => None,
    };
    let others = match &mut real {
        Some(conn) => reach::others::<DB>(conn)?,
        None => Default::default(),
    };
    let place = match &options.copy {
        Copy::Empty | Copy::Backup { .. } => Where::Private,
        Copy::Staging { .. } => Where::Shared,
    };
    // Before a server is started for nothing.
    let is_run = |index: usize| is_run(deployment, status.as_ref(), &options.target, index);
    reach::refuse_scripts(deployment.set, is_run, place, &others)?;
    let private = match &options.copy {
        Copy::Empty | Copy::Backup { .. } => {
            tell(listener, "starting a private server");
            Some(copy::private_for(
                deployment,
                options,
                real.as_mut(),
                listener,
            )?)
        }
        Copy::Staging { .. } => None,
    };
    let url: &DatabaseUrl = match (&options.copy, &private) {
        (Copy::Staging { url, .. }, _) => url,
        (_, Some(private)) => &private.url,
        (_, None) => deployment.url,
    };
    let copy = deployment.at(url);
    let restored = match &options.copy {
        Copy::Backup { stored, .. } if stored.evidence.kind == backup::BackupKind::Physical => None,
        Copy::Backup { stored, options } => Some(backup::restore(
            stored,
            &copy,
            backup::Target::Private,
            options,
            listener,
        )?),
        _ => None,
    };
    let mut conn = copy.connect(Open::Existing)?.connection;
    let place = match &options.copy {
        Copy::Empty | Copy::Backup { .. } => Where::Private,
        Copy::Staging { same_server, .. } => refuse_real::<DB>(
            (deployment.url, real.as_mut()),
            (url, &mut conn),
            *same_server,
        )?,
    };
    drop(real);

    let mut notes = Vec::new();
    let copy_of = match &options.copy {
        Copy::Staging { .. } => CopyOf::Staging,
        Copy::Backup { stored, .. } => CopyOf::Backup {
            id: stored.evidence.id.to_string(),
            restore_seconds: restored
                .as_ref()
                .map(|it| it.duration_seconds)
                .or(stored.evidence.verification.restore_seconds)
                .unwrap_or_default(),
        },
        Copy::Empty => CopyOf::Empty {
            applied: match status.as_ref().and_then(newest_applied) {
                Some(newest) => copy::catch_up(&copy, &newest, &mut conn, listener)?,
                None => 0,
            },
        },
    };
    // It reads definitions only; what masks fires triggers.
    reach::refuse_copy::<DB>(&mut conn, place)?;
    let masked_by = match (options.mask.is_nothing(), place) {
        (false, Where::Private) => {
            tell(listener, "hiding personal data in the copy");
            let masked = mask::<DB>(&options.mask, url, &mut conn, || listener.stop());
            match (masked, listener.stop()) {
                (_, true) => return Err(RehearseError::Stopped),
                (masked, false) => masked?,
            }
        }
        (false, _) => {
            notes.push("the staging database was not masked: it is not ours to change".to_owned());
            None
        }
        (true, _) => None,
    };
    let server = server_version::<DB>(&mut conn)
        .map_err(RehearseError::database("asking for the server's version"))?;
    let tables = forecast::table_sizes::<DB>(&mut conn)?;
    let mut ways = Ways {
        copy,
        conn,
        target: &options.target,
        listener,
        history: String::new(),
        place,
    };
    ways.history = ways
        .copy
        .migrator()
        .settings_mut()
        .history_table
        .to_string();
    let tried = ways.go()?;

    notes.extend(restored.into_iter().flat_map(|it| it.notes));
    if matches!(copy_of, CopyOf::Empty { .. }) {
        notes.push("the copy held no data but what the migrations insert".to_owned());
    }
    if DB::DIALECT == Dialect::Mysql && !tried.locks_were_seen {
        notes.push("which locks each statement takes was not measured".to_owned());
    }
    notes.push("values of sequences and counters were not compared".to_owned());
    let (verdict, reasons) = tried.verdict(&copy_of);
    let settings = private.as_ref().map(|it| it.server.settings().to_vec());
    let copy_url = url.shown();
    drop(ways);
    let kept_copy = match private {
        Some(private) if options.keep => Some(private.keep()?),
        _ => None,
    };
    Ok(RehearsalEvidence {
        started,
        finished: time::now(),
        duration_seconds: begun.elapsed().as_secs_f64(),
        database: deployment.url.shown(),
        place: PlaceEvidence {
            private: place == Where::Private,
            database: copy_url,
            server,
            settings: settings.unwrap_or_default(),
        },
        copy_of,
        verdict,
        reasons,
        up: tried.up,
        down: tried.down,
        again: tried.again,
        schema: tried.schema,
        data: tried.data,
        new_rows: tried.new_rows,
        only_up: tried.only_up,
        tables,
        masked_by,
        kept: place != Where::Private || kept_copy.is_some(),
        kept_copy,
        notes,
    })
}

fn tell(listener: &mut dyn Listener, text: &str) {
    listener.event(&Event::Progress {
        step: Step::Rehearse,
        text,
        fraction: None,
    });
}

/// Whether a migration may be run in the rehearsal, on an empty copy those that are applied too.
fn is_run<DB: Engine, K: Code<DB>>(
    deployment: &Deployment<'_, DB, K>,
    status: Option<&Status>,
    target: &UpTarget,
    index: usize,
) -> bool {
    let Some(migration) = deployment.set.migrations().get(index) else {
        return false;
    };
    let is_wanted = match target {
        UpTarget::Version(newest) => migration.version <= *newest,
        _ => true,
    };
    let row = status.and_then(|it| it.rows.iter().find(|row| row.version == migration.version));
    is_wanted || row.is_some_and(|row| row.applied.is_some())
}

fn newest_applied(status: &Status) -> Option<Version> {
    let mut applied = status.rows.iter().filter(|row| {
        row.applied.is_some() && matches!(row.standing, Standing::Applied | Standing::Edited)
    });
    applied.next_back().map(|row| row.version.clone())
}

/// Refuses the real database, and its server unless that is meant.
fn refuse_real<DB: Engine>(
    real: (&DatabaseUrl, Option<&mut DB::Connection>),
    copy: (&DatabaseUrl, &mut DB::Connection),
    same_server: bool,
) -> Result<Where, RehearseError> {
    let database = copy.0.shown();
    match copy::common::<DB>(real, copy)? {
        Common::Database => Err(RehearseError::SameDatabase { database }),
        Common::Server if !same_server => Err(RehearseError::SameServer { database }),
        Common::Server => Ok(Where::RealServer),
        Common::Nothing => Ok(Where::Shared),
    }
}

/// The copy and what is to be tried on it.
struct Ways<'a, DB: Engine, K> {
    copy: Deployment<'a, DB, K>,
    conn: DB::Connection,
    target: &'a UpTarget,
    listener: &'a mut dyn Listener,
    history: String,
    place: Where,
}

/// What came of trying.
struct Tried {
    up: Option<Pass>,
    down: Option<Pass>,
    again: Option<Pass>,
    schema: SchemaState,
    data: DataState,
    new_rows: NewRowsState,
    only_up: Vec<OnlyUp>,
    /// What the schema is like after the second way up, against the first.
    repeated: SchemaState,
    /// Whether the server told of locks.
    locks_were_seen: bool,
}

impl<DB: Engine, K: Code<DB>> Ways<'_, DB, K> {
    fn go(&mut self) -> Result<Tried, RehearseError> {
        let nothing = "nothing was reverted";
        let mut tried = Tried {
            up: None,
            down: None,
            again: None,
            schema: not_checked(nothing),
            data: DataState::NotChecked {
                why: nothing.to_owned(),
            },
            new_rows: NewRowsState::Nothing,
            only_up: Vec::new(),
            repeated: not_checked(nothing),
            locks_were_seen: DB::DIALECT != Dialect::Mysql,
        };
        let pending = self.pending()?;
        if pending.is_empty() {
            return Ok(tried);
        }
        let set = self.copy.set;
        let migrations: Vec<&Migration> = pending
            .iter()
            .filter_map(|version| set.get(version))
            .collect();
        // Reverting goes from the newest back to the first that cannot be reverted.
        let reversible = migrations
            .iter()
            .rev()
            .take_while(|it| matches!(it.down, Down::Script(_)))
            .count();
        let first = migrations.len() - reversible;
        tried.only_up = only_up(migrations.get(..first).unwrap_or_default());
        let newest = match (migrations.last(), first.checked_sub(1)) {
            (Some(newest), _) => newest.version.clone(),
            (None, _) => return Ok(tried),
        };
        let last_for_good = first
            .checked_sub(1)
            .and_then(|index| migrations.get(index))
            .map(|it| it.version.clone());

        if let Some(version) = last_for_good {
            let pass = self.up(UpTarget::Version(version))?;
            let has_failed = pass.failure.is_some();
            tried.up = Some(pass);
            if has_failed || reversible == 0 {
                return Ok(tried);
            }
        }
        let before = self.state(None)?;
        let pass = self.up(UpTarget::Version(newest.clone()))?;
        let has_failed = pass.failure.is_some();
        tried.up = Some(match tried.up.take() {
            Some(earlier) => joined(earlier, pass),
            None => pass,
        });
        if has_failed {
            return Ok(tried);
        }
        let made = state::schema::<DB>(&mut self.conn, &self.history)?;
        let volatile = state::volatile::<DB>(&mut self.conn)?;
        let pass = self.down(reversible)?;
        let has_failed = pass.failure.is_some();
        tried.down = Some(pass);
        if has_failed {
            let why = "the way down failed";
            tried.schema = not_checked(why);
            tried.data = DataState::NotChecked {
                why: why.to_owned(),
            };
            return Ok(tried);
        }
        let after = self.state(Some(&before))?;
        tried.schema = before.schema_after(&after.schema);
        tried.data = before.data_after(&after, &volatile);
        let (pass, locks_were_seen) = self.up_braked(&UpTarget::Version(newest))?;
        tried.locks_were_seen |= locks_were_seen;
        if let Some(first) = &mut tried.up {
            first.take_locks_of(&pass);
        }
        let has_failed = pass.failure.is_some();
        tried.again = Some(pass);
        if !has_failed {
            let again = state::schema::<DB>(&mut self.conn, &self.history)?;
            let differences = migrate_sql::diff::diff(&made, &again);
            tried.repeated = match differences.is_empty() {
                true => SchemaState::Equal,
                false => SchemaState::Differs {
                    differences: differences.iter().map(ToString::to_string).collect(),
                },
            };
            tried.new_rows = self.new_rows(&before.schema, &again, reversible)?;
        }
        Ok(tried)
    }

    /// Writes rows that only the new schema allows, and reverts once more.
    fn new_rows(
        &mut self,
        before: &Schema,
        now: &Schema,
        reversible: usize,
    ) -> Result<NewRowsState, RehearseError> {
        let loosened = rows::loosened(before, now);
        if loosened.is_empty() {
            return Ok(NewRowsState::Nothing);
        }
        if self.place != Where::Private {
            return Ok(NewRowsState::NotTried {
                why: "the staging database is not ours to write into".to_owned(),
                rows: rows::untried(DB::DIALECT, &loosened),
            });
        }
        tell(
            self.listener,
            "writing rows that only the new schema allows",
        );
        let rows = rows::make::<DB>(&mut self.conn, now, &loosened);
        if let Some(why) = none_is_made(&rows) {
            return Ok(NewRowsState::NotTried { why, rows });
        }
        let pass = self.down(reversible)?;
        Ok(match &pass.failure {
            None => NewRowsState::Reverted {
                rows,
                duration_seconds: pass.duration_seconds,
            },
            Some(failure) => NewRowsState::DownFails {
                rows: rows::of_statement(rows, &pass),
                failure: failure.clone(),
            },
        })
    }

    /// What would be applied; the planner itself says so, or why not.
    fn pending(&mut self) -> Result<Vec<Version>, RehearseError> {
        let mut migrator = self.copy.migrator().dry_run(true);
        let report = migrator.up(&mut self.conn, self.target)?;
        Ok(report.steps.into_iter().map(|step| step.version).collect())
    }

    fn state(&mut self, before: Option<&State>) -> Result<State, RehearseError> {
        let steady = before.map(State::volatile);
        state::read::<DB>(&mut self.conn, &self.history, steady, self.listener)
    }

    fn up(&mut self, target: UpTarget) -> Result<Pass, RehearseError> {
        Ok(self
            .measured(false, |migrator, conn| migrator.up(conn, &target))?
            .0)
    }

    /// With statements that are made to wait, where their locks cannot be seen in another way; says
    /// whether they could.
    fn up_braked(&mut self, target: &UpTarget) -> Result<(Pass, bool), RehearseError> {
        self.measured(true, |migrator, conn| migrator.up(conn, target))
    }

    fn down(&mut self, count: usize) -> Result<Pass, RehearseError> {
        Ok(self
            .measured(false, |migrator, conn| {
                migrator.down(conn, &DownTarget::Count(count))
            })?
            .0)
    }

    fn measured(
        &mut self,
        braked: bool,
        work: impl FnOnce(
            &mut migrate_runtime::Migrator<'_, DB, K>,
            &mut DB::Connection,
        ) -> Result<Report, migrate_runtime::Error>,
    ) -> Result<(Pass, bool), RehearseError> {
        let questions = questions(DB::DIALECT);
        let session = match questions.session {
            Some(sql) => DB::rows(&mut self.conn, sql)
                .map_err(RehearseError::database("asking for the session"))?
                .into_iter()
                .flatten()
                .flatten()
                .next(),
            None => None,
        };
        let watches =
            questions.locks.is_some() || questions.files.is_some() || questions.whole_file;
        let mut watcher = match watches {
            true => Some(DB::connect(self.copy.url, Open::Existing, self.copy.runtime)?.connection),
            false => None,
        };
        if questions.whole_file
            && let Some(watcher) = &mut watcher
        {
            // It only tries.
            watcher
                .batch_execute("PRAGMA busy_timeout = 0")
                .map_err(RehearseError::database("looking from a second connection"))?;
        }
        let brake = match braked && self.place == Where::Private {
            true => Brake::of(self.copy.url, self.copy.runtime, session.as_deref()),
            false => None,
        };
        let is_braked = brake.is_some();
        let before = written::read::<DB>(&mut self.conn, &self.history);
        let copy: Deployment<'_, DB, K> = self.copy;
        let mut measure =
            Measure::<DB>::new(self.listener, watcher.as_mut(), session, &self.history)
                .braked(brake);
        let mut migrator = copy.migrator().observer(&mut measure);
        let outcome = work(&mut migrator, &mut self.conn);
        drop(migrator);
        let failure = match outcome {
            Ok(_) => None,
            Err(error) if matches!(error.kind(), ErrorKind::Stopped { .. }) => {
                return Err(RehearseError::Stopped);
            }
            Err(error) => Some(told::<DB>(&error)),
        };
        let mut pass = measure.pass(failure);
        if let Some(before) = before {
            let after = written::read::<DB>(&mut self.conn, &self.history);
            pass.rows = after.map(|after| written::between(&before, &after));
        }
        Ok((pass, is_braked))
    }
}

/// Why a way failed. What the database says may hold values of rows: they are left out.
fn told<DB: Engine>(error: &migrate_runtime::Error) -> String {
    let ErrorKind::Failed(failure) = error.kind() else {
        return error.to_string();
    };
    let said = redact::values(&failure.source.to_string(), DB::DIALECT);
    // PostgreSQL quotes a value that it cannot read as it quotes a name, after a colon.
    let said = match said.split_once(": \"") {
        Some((said, _)) => format!("{said}: ?"),
        None => said,
    };
    format!("{}, line {}: {said}", failure.path, failure.line)
}

/// Why no row at all could be made; `None` where one was.
fn none_is_made(rows: &[NewRow]) -> Option<String> {
    let mut reasons = rows.iter().map(|it| it.not_made.clone());
    let first = reasons.next()??;
    reasons.all(|it| it.is_some()).then_some(first)
}

fn not_checked(why: &str) -> SchemaState {
    SchemaState::NotChecked {
        why: why.to_owned(),
    }
}

fn only_up(migrations: &[&Migration]) -> Vec<OnlyUp> {
    let entry = |migration: &&Migration| OnlyUp {
        version: migration.version.to_string(),
        name: migration.name.to_string(),
        why: match &migration.down {
            Down::Irreversible { reason } => format!("it is irreversible: {reason}"),
            Down::Missing => "it has no way down".to_owned(),
            Down::Script(_) => "one after it has no way down".to_owned(),
        },
    };
    migrations.iter().map(entry).collect()
}

fn joined(earlier: Pass, later: Pass) -> Pass {
    Pass {
        duration_seconds: earlier.duration_seconds + later.duration_seconds,
        migrations: [earlier.migrations, later.migrations].concat(),
        failure: later.failure,
        rows: match (earlier.rows, later.rows) {
            (Some(earlier), Some(later)) => Some(written::sum(earlier, later)),
            _ => None,
        },
    }
}

impl Tried {
    /// Whether it passed, and if not, why.
    fn verdict(&self, copy_of: &CopyOf) -> (Verdict, Vec<String>) {
        let (mut failed, mut partly) = (Vec::new(), Vec::new());
        for (way, pass) in [
            ("the way up", &self.up),
            ("the way down", &self.down),
            ("the second way up", &self.again),
        ] {
            if let Some(failure) = pass.as_ref().and_then(|pass| pass.failure.as_ref()) {
                failed.push(format!("{way} failed: {failure}"));
            }
        }
        if let SchemaState::Differs { differences } = &self.schema {
            failed.push(format!(
                "the way down does not bring back the schema: {}",
                differences.join("; ")
            ));
        }
        match &self.data {
            DataState::Differs { differences, .. } => failed.push(format!(
                "the way down does not bring back the data: {}",
                differences.join("; ")
            )),
            DataState::EqualAsFarAsComparable { not_comparable, .. } => {
                let tables: Vec<&str> = not_comparable.iter().map(|it| it.table.as_str()).collect();
                partly.push(format!(
                    "not all data can be compared: {}",
                    tables.join(", ")
                ));
            }
            DataState::NotChecked { why } if self.down.is_some() && failed.is_empty() => {
                partly.push(format!("the data were not compared: {why}"));
            }
            DataState::Equal { .. } | DataState::NotChecked { .. } => {}
        }
        if let SchemaState::Differs { differences } = &self.repeated {
            failed.push(format!(
                "the second way up makes another schema than the first: {}",
                differences.join("; ")
            ));
        }
        partly.extend(self.new_rows.risk());
        if !self.only_up.is_empty() {
            let versions: Vec<&str> = self.only_up.iter().map(|it| it.version.as_str()).collect();
            partly.push(format!("only applied: {}", versions.join(", ")));
        }
        if self.up.is_none() {
            partly.push("nothing is pending".to_owned());
        } else if matches!(copy_of, CopyOf::Empty { .. }) {
            partly.push("the copy held no data of the database".to_owned());
        }
        let verdict = match (failed.is_empty(), partly.is_empty()) {
            (false, _) => Verdict::Failed,
            (true, false) => Verdict::Partly,
            (true, true) => Verdict::Passed,
        };
        failed.extend(partly);
        (verdict, failed)
    }
}
