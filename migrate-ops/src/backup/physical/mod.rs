//! Physical backups: the files of the whole server, and its log behind them.
//!
//! The files alone are of no moment: they are copied while others write. The log from the beginning of
//! the copy on makes them whole, and carries them forward to any moment up to which it is kept. So the
//! log is received from before the first file is copied, and the backup is *of* the moment at which
//! the tables were digested.
//!
//! That copy and digest mean the same moment has to be certain, not likely: see the module of each
//! database for how. Where it cannot be, the backup is recovered, opened and read, and says that it was
//! not compared.
//!
//! What is restored is a server: [`data_directory`] makes the folder that one is started on, [`private`]
//! starts one of our own.

mod mysql;
mod postgres;
mod sqlite;
mod unpack;
mod until;

use std::path::Path;
use std::time::Instant;

use diesel::QueryResult;
use migrate_runtime::Database;
use serde::{Deserialize, Serialize};

use super::definitions::Definitions;
use super::engine::{Dumped, Job, Place, Survey};
use super::error::BackupError;
use super::evidence::{BackupKind, Verification};
use super::log::{Follower, KeptLog, LogPosition};
use super::options::Options;
use super::restore::{Restored, Target, restore};
use super::source::check_files;
use super::store::{BackupId, Stored};
use super::take;
use super::verify::{ScratchPlace, Verify};
use crate::connect::{DatabaseUrl, Engine};
use crate::deployment::Deployment;
use crate::event::{Event, Listener, Step};
use crate::scratch::{self, Brought, ScratchServer};
use crate::time::seconds;
use crate::tool::Workspace;
pub(super) use until::Reach;
pub use until::Until;

/// A diesel backend of whose servers physical backups can be made.
///
/// The trait is sealed through [`migrate_runtime::Database`].
pub trait Physical: Database {
    /// Looks at the server before anything is begun.
    #[doc(hidden)]
    fn survey_server(place: &Place<'_, Self>, options: &Options) -> Result<Survey, BackupError>
    where
        Self: Engine;

    /// Copies the server's files, and its log up to a moment at which the tables are digested.
    #[doc(hidden)]
    fn copy_server(job: &mut Job<'_, '_, Self>) -> Result<Copied, BackupError>
    where
        Self: Engine;

    /// Where the log stands.
    #[doc(hidden)]
    fn log_position(connection: &mut Self::Connection) -> QueryResult<Option<LogPosition>>
    where
        Self: Engine;

    /// Goes on receiving the log of the server that a backup is of.
    #[doc(hidden)]
    fn follow_on(
        place: Place<'_, Self>,
        stored: &Stored,
        options: &Options,
    ) -> Result<Follower, BackupError>
    where
        Self: Engine;

    /// Makes a data directory that recovers to a moment when a server is started on it. `checked` asks
    /// for every look at the files that the database's programs offer.
    #[doc(hidden)]
    fn unpack(
        stored: &Stored,
        options: &Options,
        reach: &Reach,
        data: &Path,
        checked: bool,
        listener: &mut dyn Listener,
    ) -> Result<(), BackupError>
    where
        Self: Engine;

    /// Does with the data directory what only a server of our own can do, where that is needed.
    #[doc(hidden)]
    fn settle(
        stored: &Stored,
        options: &Options,
        reach: &Reach,
        brought: Brought,
        runtime: &tokio::runtime::Runtime,
        listener: &mut dyn Listener,
    ) -> Result<Brought, BackupError>
    where
        Self: Engine;

    /// Starts a server on it that nobody but this process can use, and waits until it has recovered.
    #[doc(hidden)]
    fn start(
        stored: &Stored,
        options: &Options,
        reach: &Reach,
        brought: Brought,
        runtime: &tokio::runtime::Runtime,
        listener: &mut dyn Listener,
    ) -> Result<ScratchServer, BackupError>
    where
        Self: Engine;

    /// Looks for damage that reading rows does not show.
    #[doc(hidden)]
    fn check_server(
        server: &ScratchServer,
        database: &DatabaseUrl,
        options: &Options,
        found: &mut Verification,
    ) -> Result<(), BackupError>
    where
        Self: Engine;

    /// What an operator does with a data directory, a line each.
    #[doc(hidden)]
    fn next_commands(data: &Path) -> Vec<String>
    where
        Self: Engine;
}

/// A copy of a server that was made.
pub struct Copied {
    pub(super) dumped: Dumped,
    /// What the database had besides rows.
    pub(super) definitions: Definitions,
    pub(super) log: KeptLog,
    pub(super) follower: Follower,
}

/// What is known already of the files of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// They are looked at in every way that there is.
    Nothing,
    /// They are compared with their digests alone.
    Digests,
}

/// A data directory that was made from a physical backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DataDirectory {
    /// The backup.
    pub backup: BackupId,
    /// Where it is.
    pub directory: String,
    /// The moment that a server recovers to when it is started on it.
    pub until: String,
    /// How long it took.
    pub duration_seconds: f64,
    /// What the operator does next, a line each.
    pub next: Vec<String>,
    /// What a reader has to know.
    pub notes: Vec<String>,
}

/// Makes a data directory from a physical backup: a server that is started on it recovers to the wanted
/// moment. No server is stopped, started or changed.
///
/// The folder must not be there, or be empty. It is made beside under another name, and gets its own
/// when all of it is on the disk.
///
/// # Errors
/// Where the backup is not physical, the moment is out of reach, or something is in the way.
pub fn data_directory<DB: Engine, K>(
    stored: &Stored,
    deployment: &Deployment<'_, DB, K>,
    directory: &Path,
    until: Option<&Until>,
    options: &Options,
    listener: &mut dyn Listener,
) -> Result<DataDirectory, BackupError> {
    let begun = Instant::now();
    let (stored, reach) = reach::<DB, K>(stored, deployment, until, options, listener)?;
    let _held = stored.hold()?;
    tell(listener, "comparing the files with their digests");
    check_files(&stored.folder, &stored.evidence)?;
    let directory = std::path::absolute(directory).map_err(BackupError::file("find", directory))?;
    let is_free = match std::fs::read_dir(&directory) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if !is_free {
        return Err(BackupError::NotEmpty {
            database: directory.display().to_string(),
            holds: "files, or something that is no folder".to_owned(),
        });
    }
    let parent = directory.parent().unwrap_or(Path::new("/"));
    let brought = Brought::make(&scratch::Options {
        parent: Some(parent.to_owned()),
        ..scratch::Options::default()
    })?;
    let data = brought.data();
    tell(listener, "unpacking");
    DB::unpack(&stored, options, &reach, &data, false, listener)?;
    let brought = DB::settle(
        &stored,
        options,
        &reach,
        brought,
        deployment.runtime,
        listener,
    )?;
    brought.take_back()?;
    unpack::sync(&data)?;
    // Of an empty folder nothing is lost; a folder that is not there is none.
    let _ = std::fs::remove_dir(&directory);
    std::fs::rename(&data, &directory).map_err(BackupError::file("rename to", &directory))?;
    Ok(DataDirectory {
        backup: stored.evidence.id.clone(),
        until: reach.to_string(),
        duration_seconds: seconds(begun.elapsed()),
        next: DB::next_commands(&directory),
        notes: left_out(&stored),
        directory: directory.display().to_string(),
    })
}

/// Starts a private server from a physical backup, recovered to a moment; by default to the one that the
/// backup is of.
///
/// # Errors
/// As [`data_directory`], and where the programs of the server are not there, or it does not recover.
pub fn private<DB: Engine, K>(
    stored: &Stored,
    deployment: &Deployment<'_, DB, K>,
    options: &Options,
    until: Option<&Until>,
    trust: Trust,
    listener: &mut dyn Listener,
) -> Result<ScratchServer, BackupError> {
    let (stored, reach) = reach::<DB, K>(stored, deployment, until, options, listener)?;
    let _held = stored.hold()?;
    tell(listener, "comparing the files with their digests");
    check_files(&stored.folder, &stored.evidence)?;
    let brought = Brought::make(&scratch::Options::default())?;
    tell(listener, "unpacking");
    let checked = trust == Trust::Nothing;
    DB::unpack(&stored, options, &reach, &brought.data(), checked, listener)?;
    tell(listener, "recovering on a private server");
    DB::start(
        &stored,
        options,
        &reach,
        brought,
        deployment.runtime,
        listener,
    )
}

/// Takes one database out of a physical backup, as of a moment, and restores it into the database of a
/// deployment, which has to be empty or not there: a private server is started, the database is dumped
/// there, and the dump restored.
///
/// # Errors
/// As [`private`], [`take`](take::take) and [`restore`].
pub fn restore_one<DB: Engine, K>(
    stored: &Stored,
    source: &Deployment<'_, DB, K>,
    into: &Deployment<'_, DB, K>,
    until: Option<&Until>,
    options: &Options,
    listener: &mut dyn Listener,
) -> Result<Restored, BackupError> {
    let begun = Instant::now();
    let place = Place::of(into);
    if let Some(holds) = DB::holds(&place)? {
        return Err(BackupError::NotEmpty {
            database: place.url.shown(),
            holds,
        });
    }
    let server = private(stored, source, options, until, Trust::Digests, listener)?;
    let url = database_on::<DB>(&server, source.url);
    let workspace = Workspace::create(&options.directory)?;
    let logical = Options {
        kind: BackupKind::Logical,
        directory: workspace.path().join("dump"),
        keep: None,
        encrypt: None,
        // The private server has users of its own.
        login: None,
        ..options.clone()
    };
    let nothing = Verify {
        level: super::VerifyLevel::None,
        touched: Vec::new(),
        place: ScratchPlace::Private,
    };
    let there = Deployment::<DB, K> {
        url: &url,
        ..*source
    };
    let dump = take::take(&there, &logical, &nothing, listener)?.stored;
    let restored = restore(&dump, into, Target::Database, &logical, listener)?;
    Ok(Restored {
        backup: stored.evidence.id.clone(),
        duration_seconds: seconds(begun.elapsed()),
        ..restored
    })
}

/// The URL of a database on a private server, by the name that it has in the backup.
pub fn database_on<DB: Engine>(server: &ScratchServer, original: &DatabaseUrl) -> DatabaseUrl {
    server.url().with_database(original.database.as_deref())
}

/// What no physical backup can tell about itself.
pub(super) fn left_out(stored: &Stored) -> Vec<String> {
    let properties = &stored.evidence.properties;
    let mut notes = Vec::new();
    if let Some(others) = properties.get(OTHER_DATABASES) {
        notes.push(format!("other databases of the server are in it: {others}"));
    }
    notes
}

/// The property with the other databases of the server.
pub(super) const OTHER_DATABASES: &str = "other_databases";

/// Which moment is meant, and the backup with as much of the log as that takes.
fn reach<DB: Engine, K>(
    stored: &Stored,
    deployment: &Deployment<'_, DB, K>,
    until: Option<&Until>,
    options: &Options,
    listener: &mut dyn Listener,
) -> Result<(Stored, Reach), BackupError> {
    let evidence = &stored.evidence;
    if evidence.dialect != DB::DIALECT.name() {
        return Err(BackupError::Dialect {
            backup: evidence.dialect.clone(),
            target: DB::DIALECT.name().to_owned(),
        });
    }
    let (BackupKind::Physical, Some(log)) = (evidence.kind, &evidence.log) else {
        return Err(BackupError::NotPhysical {
            id: evidence.id.to_string(),
        });
    };
    let mut stored = stored.clone();
    let reach = match until {
        None => Reach::moment(&log.from),
        Some(until) => {
            if until.is_after(log)? {
                tell(listener, "fetching more of the server's log");
                let dumper = options.as_dumper(deployment)?;
                let follower = DB::follow_on(Place::of(&dumper), &stored, options)?;
                follower.keep(&mut stored, options)?;
            }
            until.within(stored.evidence.log.as_ref().unwrap_or(log))?
        }
    };
    Ok((stored, reach))
}

fn tell(listener: &mut dyn Listener, text: &str) {
    listener.event(&Event::Progress {
        step: Step::Backup,
        text,
        fraction: None,
    });
}
