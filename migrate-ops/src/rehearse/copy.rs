//! The copy: where it is, and how it comes to be where the real database is.

use std::path::Path;

use migrate_core::plan::{OutOfOrder, UpTarget};
use migrate_core::{Dialect, Version};
use migrate_runtime::Code;

use super::catalogue::questions;
use super::error::RehearseError;
use super::evidence::KeptCopy;
use super::run::Options;
use crate::backup::{self, BackupKind, Stored, physical};
use crate::connect::{DatabaseUrl, Engine, Open};
use crate::deployment::Deployment;
use crate::event::{Event, Listener, Step};
use crate::scratch::{self, ScratchServer, TELLS};

/// Which copy a rehearsal is held on.
#[derive(Clone, Debug)]
pub enum Copy {
    /// A private one without data: what is applied to the real database is applied to it first.
    Empty,
    /// A private one that a backup is restored into: the same data.
    Backup {
        /// The backup.
        stored: Box<Stored>,
        /// How it is restored.
        options: Box<backup::Options>,
    },
    /// A database that is there, on a staging server. It is left as the last way leaves it.
    Staging {
        /// The database.
        url: DatabaseUrl,
        /// Whether it may be on the server of the real database.
        same_server: bool,
    },
}

/// A server that is started for the rehearsal, and the database on it.
pub(super) struct Private {
    pub(super) server: ScratchServer,
    pub(super) url: DatabaseUrl,
}

impl Private {
    /// Leaves it there.
    pub(super) fn keep(self) -> Result<KeptCopy, RehearseError> {
        let kept = self.server.keep(&self.url)?;
        Ok(KeptCopy {
            folder: kept.folder.display().to_string(),
            url_file: kept.url_file.display().to_string(),
            remove: kept.remove,
        })
    }
}

/// Starts a private server with an empty database. What restores a backup makes it itself, with the
/// encoding and the collation that the backup has.
pub(super) fn private<DB: Engine, K: Code<DB>>(
    real: &Deployment<'_, DB, K>,
    options: &scratch::Options,
    conn: Option<&mut DB::Connection>,
    restores: bool,
) -> Result<Private, RehearseError> {
    let mut options = options.clone();
    if let Some(conn) = conn {
        options.major = options.major.or(major::<DB>(conn)?);
        // What is asked for comes after what the real one has.
        let asked = std::mem::take(&mut options.settings);
        options.settings = like::<DB>(conn)?;
        options.settings.extend(asked);
    }
    if DB::DIALECT == Dialect::Mysql {
        let tells = TELLS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        options.settings.extend(tells);
    }
    let server = scratch::server::<DB>(&options, real.runtime)?;
    // A script may name its own database.
    let name = match DB::DIALECT {
        Dialect::Sqlite => "copy",
        _ => real.url.database.as_deref().unwrap_or("copy"),
    };
    let is_there = server.url().database.as_deref() == Some(name);
    let url = match (is_there, restores) {
        (true, _) => server.url().clone(),
        (false, true) => server.url_of::<DB>(name)?,
        (false, false) => server.create_database::<DB>(name, real.runtime)?,
    };
    Ok(Private { server, url })
}

/// Starts the private server that a rehearsal asks for. One from a physical backup has its database
/// already.
pub(super) fn private_for<DB: Engine, K: Code<DB>>(
    real: &Deployment<'_, DB, K>,
    options: &Options,
    conn: Option<&mut DB::Connection>,
    listener: &mut dyn Listener,
) -> Result<Private, RehearseError> {
    match &options.copy {
        Copy::Backup {
            stored,
            options: how,
        } if stored.evidence.kind == BackupKind::Physical => {
            let digests = physical::Trust::Digests;
            let server = physical::private(stored, real, how, None, digests, listener)?;
            let url = physical::database_on::<DB>(&server, real.url);
            Ok(Private { server, url })
        }
        copy => {
            let restores = matches!(copy, Copy::Backup { .. });
            private(real, &options.scratch, conn, restores)
        }
    }
}

/// The major version of the real server.
fn major<DB: Engine>(conn: &mut DB::Connection) -> Result<Option<u32>, RehearseError> {
    if DB::DIALECT != Dialect::Postgres {
        return Ok(None);
    }
    let sql = "SELECT (current_setting('server_version_num')::int / 10000)::text";
    let rows = DB::rows(conn, sql).map_err(RehearseError::database(VERSION))?;
    let text = rows.into_iter().flatten().flatten().next();
    Ok(text.and_then(|text| text.parse().ok()))
}

const VERSION: &str = "asking for the server's version and settings";

/// Settings of the real server on which it depends what a script does.
fn like<DB: Engine>(conn: &mut DB::Connection) -> Result<Vec<(String, String)>, RehearseError> {
    // MySQL has names for collations that MariaDB does not know.
    let sql = match DB::DIALECT {
        Dialect::Mysql => {
            "SELECT 'sql-mode', @@GLOBAL.sql_mode FROM DUAL WHERE VERSION() LIKE '%MariaDB%' \
             UNION ALL SELECT 'lower-case-table-names', CAST(@@lower_case_table_names AS CHAR) \
             FROM DUAL WHERE VERSION() LIKE '%MariaDB%' \
             UNION ALL SELECT 'innodb-strict-mode', CAST(@@GLOBAL.innodb_strict_mode AS CHAR) \
             FROM DUAL WHERE VERSION() LIKE '%MariaDB%' \
             UNION ALL SELECT 'character-set-server', @@character_set_database \
             FROM DUAL WHERE VERSION() LIKE '%MariaDB%' \
             UNION ALL SELECT 'collation-server', @@collation_database \
             FROM DUAL WHERE VERSION() LIKE '%MariaDB%'"
        }
        _ => return Ok(Vec::new()),
    };
    let rows = DB::rows(conn, sql).map_err(RehearseError::database(VERSION))?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let mut fields = row.into_iter().flatten();
            Some((fields.next()?, fields.next()?))
        })
        .collect())
}

/// Applies to an empty copy what is applied to the real database.
pub(super) fn catch_up<DB: Engine, K: Code<DB>>(
    copy: &Deployment<'_, DB, K>,
    newest: &Version,
    conn: &mut DB::Connection,
    listener: &mut dyn Listener,
) -> Result<usize, RehearseError> {
    listener.event(&Event::Progress {
        step: Step::Rehearse,
        text: "applying to the empty copy what the database has",
        fraction: None,
    });
    let applied = up_to(copy, newest, conn)?;
    match listener.stop() {
        true => Err(RehearseError::Stopped),
        false => Ok(applied),
    }
}

/// Applies to a copy what was applied to the real database; nobody is told. How many that were.
pub(super) fn up_to<DB: Engine, K: Code<DB>>(
    copy: &Deployment<'_, DB, K>,
    newest: &Version,
    conn: &mut DB::Connection,
) -> Result<usize, RehearseError> {
    let mut migrator = copy.migrator();
    migrator.settings_mut().policy.out_of_order = OutOfOrder::Allow;
    let report = migrator.up(conn, &UpTarget::Version(newest.clone()))?;
    Ok(report.steps.len())
}

/// What a copy and the real database have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Common {
    Nothing,
    Server,
    Database,
}

/// Whether two databases are one, or on one server.
pub(super) fn common<DB: Engine>(
    (real, real_conn): (&DatabaseUrl, Option<&mut DB::Connection>),
    (copy, copy_conn): (&DatabaseUrl, &mut DB::Connection),
) -> Result<Common, RehearseError> {
    let Some(sql) = questions(DB::DIALECT).identity else {
        let file = |url: &DatabaseUrl| url.file().and_then(same_file);
        return Ok(match (file(real), file(copy)) {
            (Some(real), Some(copy)) if real == copy => Common::Database,
            _ => Common::Nothing,
        });
    };
    let ask = |conn: &mut DB::Connection| {
        let rows = DB::rows(conn, sql).map_err(RehearseError::database("asking who the server is"));
        rows.map(|rows| rows.into_iter().next().unwrap_or_default())
    };
    let Some(real_conn) = real_conn else {
        return Ok(Common::Nothing);
    };
    let (real, copy) = (ask(real_conn)?, ask(copy_conn)?);
    Ok(match (real.first() == copy.first(), real == copy) {
        (_, true) => Common::Database,
        (true, false) => Common::Server,
        (false, false) => Common::Nothing,
    })
}

fn same_file(path: &Path) -> Option<std::path::PathBuf> {
    path.canonicalize().ok()
}

/// The real database, unless it is a file that is not there yet.
pub(super) fn real<DB: Engine, K: Code<DB>>(
    real: &Deployment<'_, DB, K>,
) -> Result<Option<DB::Connection>, RehearseError> {
    match real.url.file().is_some_and(|file| !file.exists()) {
        true => Ok(None),
        false => Ok(Some(real.connect(Open::Existing)?.connection)),
    }
}
