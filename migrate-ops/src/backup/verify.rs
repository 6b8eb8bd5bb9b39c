//! Whether a backup can be restored, and is what it was made of.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Instant;

use migrate_core::Dialect;
use migrate_sql::schema::Schema;

use super::definitions::Definitions;
use super::engine::Place;
use super::error::BackupError;
use super::evidence::{BackupKind, Verification, VerificationState, VerifyLevel};
use super::external::external;
use super::log::Follower;
use super::options::Options;
use super::physical;
use super::restore::{Target, drop_copy, restore};
use super::store::{Store, Stored};
use super::take::{self, Taken};
use crate::connect::{DatabaseUrl, Engine};
use crate::deployment::Deployment;
use crate::digest::{self, DatabaseDigest, Selection, table_name};
use crate::event::{Event, Listener, Step};
use crate::scratch;
use crate::time::{self, seconds};

/// How a backup is verified.
#[derive(Clone, Debug)]
pub struct Verify<'a> {
    /// How much of it.
    pub level: VerifyLevel,
    /// The tables that the run touches, for [`VerifyLevel::Touched`].
    pub touched: Vec<String>,
    /// Where it is restored.
    pub place: ScratchPlace<'a>,
}

/// Where a backup is restored to be compared.
#[derive(Clone, Copy, Debug)]
pub enum ScratchPlace<'a> {
    /// A server of our own, started for it from the programs on this machine.
    Private,
    /// A new database on the server that a URL names, dropped afterwards.
    Server(&'a DatabaseUrl),
}

/// Makes a backup, verifies it, and then throws away those beyond [`Options::keep`]. With
/// [`Options::command`] that command makes it, and nothing is verified or thrown away.
///
/// What the verification found is in the evidence and no error: the backup stays.
///
/// # Errors
/// As [`take()`](take::take), and where a backup cannot be thrown away.
pub fn back_up<DB: Engine, K>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    verify: &Verify<'_>,
    listener: &mut dyn Listener,
) -> Result<Stored, BackupError> {
    let (stored, _) = back_up_and_follow(deployment, options, verify, listener)?;
    Ok(stored)
}

/// As [`back_up`]; and with a physical backup, what goes on receiving the server's log, so that it can
/// be rolled forward to a moment that is still to come.
///
/// # Errors
/// As [`back_up`].
pub fn back_up_and_follow<DB: Engine, K>(
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    verify: &Verify<'_>,
    listener: &mut dyn Listener,
) -> Result<(Stored, Option<Follower>), BackupError> {
    if let Some(command) = &options.command {
        // What it made is the operator's to keep or throw away.
        return Ok((external(deployment, options, command, listener)?, None));
    }
    let mut taken = take::take(deployment, options, verify, listener)?;
    let follower = taken.follower.take();
    let stored = self::verify(taken, deployment, options, verify, listener)?;
    if let Some(keep) = options.keep {
        Store::new(&options.directory).retain(&stored.evidence.database, keep.max(1))?;
    }
    Ok((stored, follower))
}

/// Restores a backup that was just made, compares the copy with what the database held at the
/// snapshot of the dump, and writes what came of it into the evidence.
///
/// # Errors
/// Where the evidence cannot be written, or the listener stops it. That the backup cannot be restored
/// is no error here but what was to be found out.
pub fn verify<DB: Engine, K>(
    taken: Taken,
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    verify: &Verify<'_>,
    listener: &mut dyn Listener,
) -> Result<Stored, BackupError> {
    let Taken {
        mut stored,
        definitions,
        follower: _,
    } = taken;
    if verify.level == VerifyLevel::None {
        return Ok(stored);
    }
    let mut found = Verification {
        level: verify.level,
        sample_percent: (verify.level == VerifyLevel::Sampled).then_some(options.sample),
        ..Verification::none()
    };
    let is_physical = stored.evidence.kind == BackupKind::Physical;
    match &stored.evidence.tables {
        // That a physical one recovers, and that it can be read, is worth knowing by itself.
        None if !is_physical => found
            .not_compared
            .push("what the tables held was not digested".to_owned()),
        tables => {
            let compared = Compare {
                stored: &stored,
                definitions: &definitions,
                tables: tables.as_ref(),
                deployment,
                options,
                verify,
            }
            .run(&mut found, listener);
            match compared {
                Ok(()) if tables.is_none() && found.differences.is_empty() => found
                    .not_compared
                    .push("what the tables held was not digested".to_owned()),
                Ok(()) if found.differences.is_empty() => found.state = VerificationState::Passed,
                Ok(()) => found.state = VerificationState::Failed,
                Err(BackupError::Stopped) => return Err(BackupError::Stopped),
                Err(error) => {
                    found.state = VerificationState::Failed;
                    found.differences.push(with_causes(&error));
                }
            }
        }
    }
    found.finished = Some(time::now());
    // It was rolled forward from where its files end to where its tables were digested.
    stored.evidence.point_in_time_recovery = is_physical
        && stored.evidence.log.is_some()
        && found.state != VerificationState::Failed
        && found.restore_seconds.is_some();
    stored.evidence.verification = found;
    stored.save()?;
    Ok(stored)
}

/// An error with what caused it, in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// A comparison that is to be made.
struct Compare<'a, 'd, DB: Engine, K> {
    stored: &'a Stored,
    definitions: &'a Definitions,
    tables: Option<&'a DatabaseDigest>,
    deployment: &'a Deployment<'d, DB, K>,
    options: &'a Options,
    verify: &'a Verify<'a>,
}

impl<DB: Engine, K> Compare<'_, '_, DB, K> {
    fn run(
        &self,
        found: &mut Verification,
        listener: &mut dyn Listener,
    ) -> Result<(), BackupError> {
        match self.verify.place {
            // A whole server is started, whatever other servers there are.
            _ if self.stored.evidence.kind == BackupKind::Physical => {
                found.place = Some("private server".to_owned());
                let begun = Instant::now();
                let server = physical::private(
                    self.stored,
                    self.deployment,
                    self.options,
                    None,
                    physical::Trust::Nothing,
                    listener,
                )?;
                found.restore_seconds = Some(seconds(begun.elapsed()));
                let url = physical::database_on::<DB>(&server, self.deployment.url);
                let copy = Deployment::<DB, K> {
                    url: &url,
                    ..*self.deployment
                };
                self.compare(&copy, Target::Database, found, listener)?;
                found.not_compared.extend(physical::left_out(self.stored));
                DB::check_server(&server, &url, self.options, found)
            }
            ScratchPlace::Private => {
                found.place = Some("private server".to_owned());
                if DB::DIALECT == Dialect::Sqlite {
                    found.place = Some("private folder".to_owned());
                }
                let server = scratch::server::<DB>(
                    &scratch::Options {
                        programs: self.options.programs::<DB>(),
                        major: major(&self.stored.evidence.server),
                        ..scratch::Options::default()
                    },
                    self.deployment.runtime,
                )?;
                let copy = match DB::DIALECT {
                    Dialect::Sqlite => server.folder().join("copy.sqlite").display().to_string(),
                    // The name is that of the original: a dump of MySQL may hold it.
                    _ => self.deployment.url.database.clone().unwrap_or_default(),
                };
                let url = server.url().with_database(Some(&copy));
                self.at(&url, Target::Private, found, listener)
            }
            ScratchPlace::Server(url) => {
                found.place = Some(url.shown());
                let id = self.stored.evidence.id.as_str().to_lowercase();
                let copy = format!("migrate_verify_{}", id.replace('-', "_"));
                let url = url.with_database(Some(&copy));
                let compared = self.at(&url, Target::Scratch, found, listener);
                let place = Place {
                    url: &url,
                    runtime: self.deployment.runtime,
                    on_connect: self.deployment.on_connect,
                };
                drop_copy::<DB>(&place)?;
                compared
            }
        }
    }

    /// Restores at a URL and compares.
    fn at(
        &self,
        url: &DatabaseUrl,
        target: Target,
        found: &mut Verification,
        listener: &mut dyn Listener,
    ) -> Result<(), BackupError> {
        let copy = Deployment::<DB, K> {
            url,
            ..*self.deployment
        };
        let restored = restore(self.stored, &copy, target, self.options, listener)?;
        found.restore_seconds = Some(restored.duration_seconds);
        found.not_compared.extend(restored.notes);
        self.compare(&copy, target, found, listener)
    }

    /// Compares a copy with what the database was.
    fn compare(
        &self,
        copy: &Deployment<'_, DB, K>,
        target: Target,
        found: &mut Verification,
        listener: &mut dyn Listener,
    ) -> Result<(), BackupError> {
        listener.event(&Event::Progress {
            step: Step::Backup,
            text: "comparing",
            fraction: None,
        });
        let begun = Instant::now();
        let mut conn = Place::of(copy).connect()?;
        let selection = match (self.tables, self.verify.level) {
            // A table that is there only in the copy would be a difference.
            (Some(_), VerifyLevel::Full) | (None, _) => Selection::all(),
            (Some(tables), _) => Selection::tables(tables.tables.keys().cloned()),
        };
        let not_read = self.tables.map(|tables| &tables.not_read);
        let selection = selection.without(not_read.into_iter().flatten().map(|(name, _)| name));
        let mut stopped = false;
        let tables = digest::digest_observed::<DB, _>(&mut conn, &selection, &mut |_| {
            stopped = listener.stop();
            !stopped
        });
        if stopped {
            return Err(BackupError::Stopped);
        }
        let tables = tables?;
        if let Some(original) = self.tables {
            let differences = digest::compare(original, &tables);
            found
                .differences
                .extend(differences.iter().map(ToString::to_string));
        }
        let definitions = Definitions::read_from::<DB>(&mut conn, self.options)?;
        found
            .differences
            .extend(self.definitions.lost_in(&definitions, target));
        let Some(original) = self.tables else {
            found.not_compared.push(format!(
                "{} tables with {} rows could be read, and not be compared",
                tables.tables.len(),
                tables.rows()
            ));
            found.tables = tables.tables.len();
            return Ok(());
        };
        for (table, reason) in &original.not_read {
            found.not_compared.push(format!("table {table}: {reason}"));
        }
        found.tables_compared = tables.tables.len();
        found.tables = original.tables.len() + original.not_read.len();
        if self.verify.level != VerifyLevel::Full {
            found.tables = count_tables(&self.definitions.schema).max(found.tables_compared);
        }
        found.rows_compared = tables.rows();
        found.compare_seconds = Some(seconds(begun.elapsed()));
        Ok(())
    }
}

/// The tables that are to be compared.
pub(super) fn selection(verify: &Verify<'_>, percent: u8, schema: &Schema) -> Option<Selection> {
    match verify.level {
        VerifyLevel::Full => Some(Selection::all()),
        VerifyLevel::Touched => Some(Selection::tables(with_neighbours(&verify.touched, schema))),
        VerifyLevel::Sampled => Some(Selection::tables(sample(percent, schema))),
        VerifyLevel::External | VerifyLevel::None => None,
    }
}

/// A share of the tables, at least one, others each time.
fn sample(percent: u8, schema: &Schema) -> Vec<String> {
    let order = RandomState::new();
    let mut names: Vec<String> = schema
        .tables()
        .filter(|table| table.partition_of.is_none())
        .map(|table| table_name(table.name.schema.as_deref(), &table.name.name))
        .collect();
    names.sort_by_key(|name| order.hash_one(name));
    names.truncate((names.len() * usize::from(percent)).div_ceil(100));
    names
}

/// Tables that are there, and those that foreign keys join with them, in both directions.
fn with_neighbours(touched: &[String], schema: &Schema) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for table in schema.tables() {
        let name = |it: &migrate_sql::QualifiedName| table_name(it.schema.as_deref(), &it.name);
        let own = name(&table.name);
        let is_touched = touched.contains(&own);
        if is_touched {
            found.insert(own.clone());
        }
        for key in &table.foreign_keys {
            let other = name(&key.references);
            if is_touched {
                found.insert(other);
            } else if touched.contains(&other) {
                found.insert(own.clone());
            }
        }
    }
    found
}

fn count_tables(schema: &Schema) -> usize {
    let tables = schema.tables();
    tables.filter(|table| table.partition_of.is_none()).count()
}

/// The major version that a server of PostgreSQL says it has.
pub(super) fn major(server: &str) -> Option<u32> {
    let version = server.strip_prefix("PostgreSQL ")?;
    version
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use migrate_sql::QualifiedName;
    use migrate_sql::change::ForeignKeyAction;
    use migrate_sql::schema::{ForeignKey, Object, Table};

    use super::*;

    #[test]
    fn a_sample_is_a_share_and_never_nothing() {
        let mut schema = Schema::new(Dialect::Postgres);
        for at in 0..7 {
            let name = QualifiedName::unqualified(format!("t{at}"));
            schema.insert(Object::Table(Table::new(name)));
        }
        for (percent, count) in [(1, 1), (14, 1), (15, 2), (50, 4), (100, 7)] {
            assert_eq!(sample(percent, &schema).len(), count, "{percent}");
        }
    }

    #[test]
    fn neighbours_in_both_directions() {
        let mut schema = Schema::new(Dialect::Postgres);
        for (name, references) in [("a", "b"), ("b", "c"), ("c", "d"), ("x", "x")] {
            let mut table = Table::new(QualifiedName::unqualified(name));
            table.foreign_keys.push(ForeignKey {
                name: String::new(),
                columns: Vec::new(),
                references: QualifiedName::unqualified(references),
                referenced_columns: Vec::new(),
                on_delete: ForeignKeyAction::default(),
                on_update: ForeignKeyAction::default(),
                deferrable: false,
                initially_deferred: false,
                validated: true,
                origin: None,
            });
            schema.insert(Object::Table(table));
        }
        let found = with_neighbours(&["b".to_owned(), "gone".to_owned()], &schema);
        assert_eq!(found, ["a", "b", "c"].map(str::to_owned).into());
    }
}
