//! What differs between the databases; one module each.

pub(in crate::backup) mod mysql;
pub(crate) mod postgres;
mod sqlite;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use diesel::result::Error as DieselError;
use migrate_runtime::Row;
use tokio::runtime::Runtime;

use super::error::BackupError;
use super::evidence::{BackupEvidence, BackupFile, Snapshot};
use super::options::Options;
use super::physical::Physical;
use super::preflight::Check;
use super::restore::Target;
use super::sink::Sink;
use crate::connect::{ConnectError, DatabaseUrl, Engine, Open};
use crate::deployment::{Deployment, OnConnect};
use crate::digest::{DatabaseDigest, Selection, digest};
use crate::event::{Event, Listener, Step};
use crate::tool::{Running, Workspace};

/// A diesel backend of whose databases backups can be made.
///
/// The trait is sealed through [`migrate_runtime::Database`].
pub trait Backup: Physical {
    /// Looks at the database before anything is begun.
    #[doc(hidden)]
    fn survey(place: &Place<'_, Self>, options: &Options) -> Result<Survey, BackupError>
    where
        Self: Engine;

    /// Dumps it into files of the workspace.
    #[doc(hidden)]
    fn dump(job: &mut Job<'_, '_, Self>) -> Result<Dumped, BackupError>
    where
        Self: Engine;

    /// What a database holds, as in "12 tables"; `None` where it is empty, and also where it is not
    /// there.
    #[doc(hidden)]
    fn holds(place: &Place<'_, Self>) -> Result<Option<String>, BackupError>
    where
        Self: Engine;

    /// Makes the database that a URL names; whether it was not there.
    #[doc(hidden)]
    fn make(place: &Place<'_, Self>, evidence: &BackupEvidence) -> Result<bool, BackupError>
    where
        Self: Engine;

    /// Drops it.
    #[doc(hidden)]
    fn drop(place: &Place<'_, Self>) -> Result<(), BackupError>
    where
        Self: Engine;

    /// Fills it, which is there and empty, and returns what a reader has to know.
    #[doc(hidden)]
    fn fill(fill: &mut Fill<'_, '_, Self>) -> Result<Vec<String>, BackupError>
    where
        Self: Engine;
}

/// A database, and how to get there.
pub struct Place<'a, DB: Engine> {
    pub(crate) url: &'a DatabaseUrl,
    pub(crate) runtime: &'a Runtime,
    pub(crate) on_connect: &'a OnConnect<DB::Connection>,
}

impl<DB: Engine> Clone for Place<'_, DB> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<DB: Engine> Copy for Place<'_, DB> {}

impl<'a, DB: Engine> Place<'a, DB> {
    pub(crate) fn of<K>(deployment: &Deployment<'a, DB, K>) -> Self {
        Place {
            url: deployment.url,
            runtime: deployment.runtime,
            on_connect: deployment.on_connect,
        }
    }

    pub(crate) fn at(self, url: &'a DatabaseUrl) -> Self {
        Place { url, ..self }
    }

    pub(crate) fn connect(&self) -> Result<DB::Connection, BackupError> {
        let mut connection = DB::connect(self.url, Open::Existing, self.runtime)?.connection;
        (self.on_connect)(&mut connection).map_err(|source| ConnectError::NotReady {
            database: self.url.shown(),
            source,
        })?;
        Ok(connection)
    }

    /// For `map_err`: the database refuses something.
    pub(super) fn refuses(&self, doing: &'static str) -> impl Fn(DieselError) -> BackupError {
        let database = self.url.shown();
        move |source| BackupError::Database {
            database: database.clone(),
            doing,
            source,
        }
    }

    /// Rows of text.
    pub(super) fn rows(
        &self,
        connection: &mut DB::Connection,
        doing: &'static str,
        sql: &str,
    ) -> Result<Vec<Row>, BackupError> {
        DB::rows(connection, sql).map_err(self.refuses(doing))
    }

    /// The first row of text, empty where there is none.
    pub(super) fn row(
        &self,
        connection: &mut DB::Connection,
        doing: &'static str,
        sql: &str,
    ) -> Result<Row, BackupError> {
        let rows = self.rows(connection, doing, sql)?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }
}

/// What is known of a database before it is dumped.
pub struct Survey {
    /// What the server says its version is.
    pub(super) server: String,
    /// What its disk has of it, with indexes.
    pub(super) source_bytes: Option<u64>,
    /// What its tables take, without indexes.
    pub(super) table_bytes: u64,
    /// What a new database for it needs.
    pub(super) properties: BTreeMap<String, String>,
    pub(super) checks: Vec<Check>,
}

/// A dump that is to be made.
pub struct Job<'a, 'l, DB: Engine> {
    pub(super) place: Place<'a, DB>,
    pub(super) options: &'a Options,
    pub(super) workspace: &'a Workspace,
    /// How large it is expected to be.
    pub(super) expected_bytes: u64,
    /// What is digested at the snapshot of the dump; `None` for nothing.
    pub(super) selection: Option<Selection>,
    pub(super) listener: &'l mut dyn Listener,
}

/// A dump that was made.
pub struct Dumped {
    pub(super) snapshot: Snapshot,
    pub(super) stall_seconds: Option<f64>,
    pub(super) files: Vec<BackupFile>,
    pub(super) tools: Vec<String>,
    pub(super) notes: Vec<String>,
    /// What its tables held at its snapshot.
    pub(super) tables: Option<DatabaseDigest>,
}

impl<DB: Engine> Job<'_, '_, DB> {
    /// What is digested.
    pub(in crate::backup) fn digest(
        selection: Option<&Selection>,
        connection: &mut DB::Connection,
    ) -> Result<Option<DatabaseDigest>, BackupError> {
        let digested = selection.map(|selection| digest::<DB, _>(connection, selection));
        Ok(digested.transpose()?)
    }

    /// A new file of the backup.
    pub(in crate::backup) fn sink(
        &self,
        name: &str,
        role: super::evidence::FileRole,
        gzip: bool,
    ) -> Result<Sink, BackupError> {
        let folder = self.workspace.path();
        Sink::create(folder, name, role, gzip, self.options.encrypt.as_deref())
    }

    /// Lets a file take what a program writes, to the end of both. `seen` is asked with every piece.
    pub(in crate::backup) fn pump(
        &mut self,
        mut running: Running,
        mut sink: Sink,
        mut seen: impl FnMut(&[u8]) -> Result<(), BackupError>,
    ) -> Result<BackupFile, BackupError> {
        let mut bytes = vec![0; 64 * 1024];
        let (mut total, mut told) = (0_u64, 0_u64);
        let output = running.output.take();
        if let Some(mut output) = output {
            loop {
                let count = match output.read(&mut bytes) {
                    Ok(0) => break,
                    Ok(count) => count,
                    Err(source) => return Err(running.pipe("read from", source).into()),
                };
                let piece = bytes.get(..count).unwrap_or_default();
                seen(piece)?;
                sink.write(piece)?;
                total += count as u64;
                if total - told > 1_000_000 {
                    told = total;
                    self.tell(
                        "dumping",
                        Some(total as f64 / self.expected_bytes.max(1) as f64),
                    );
                }
                if self.listener.stop() {
                    return Err(BackupError::Stopped);
                }
            }
        }
        // An empty piece is the end.
        seen(&[])?;
        // The program comes first: where it failed, what is in the file is not worth keeping.
        running.finish()?;
        sink.finish()
    }

    /// Tells how far it is.
    pub(in crate::backup) fn tell(&mut self, text: &str, fraction: Option<f64>) {
        self.listener.event(&Event::Progress {
            step: Step::Backup,
            text,
            // What is dumped may turn out larger than expected.
            fraction: fraction.map(|fraction| fraction.min(0.99)),
        });
    }
}

/// An empty database that is to be filled from a backup.
pub struct Fill<'a, 'l, DB: Engine> {
    pub(super) place: Place<'a, DB>,
    pub(super) options: &'a Options,
    /// The folder of the backup.
    pub(super) folder: &'a Path,
    pub(super) evidence: &'a BackupEvidence,
    pub(super) target: Target,
    /// Whether the database was made for this.
    pub(super) made: bool,
    pub(super) workspace: &'a Workspace,
    pub(super) listener: &'l mut dyn Listener,
}

impl<DB: Engine> Fill<'_, '_, DB> {
    /// A file of the backup, to be read.
    fn source(&self, file: &BackupFile) -> Result<super::source::Source, BackupError> {
        let decrypt = self.options.decrypt.as_deref();
        super::source::Source::open(self.folder, self.evidence, file, decrypt)
    }

    /// Feeds a program with a file of the backup, to the end of both, and returns what it said.
    fn feed(&mut self, running: Running, file: &BackupFile) -> Result<String, BackupError> {
        let source = self.source(file)?;
        super::restore::feed(running, source, self.listener)
    }
}

pub(in crate::backup) fn number(text: Option<&String>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}
