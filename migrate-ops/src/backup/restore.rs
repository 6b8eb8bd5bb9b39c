//! Restoring a backup.

use std::io::{self, Read, Write};
use std::thread;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::engine::{Fill, Place};
use super::error::BackupError;
use super::evidence::BackupKind;
use super::options::Options;
use super::source::{Source, check_files};
use super::store::{BackupId, Stored};
use crate::connect::Engine;
use crate::deployment::Deployment;
use crate::event::{Event, Listener, Step};
use crate::time::seconds;
use crate::tool::{Running, Workspace};

/// What a backup is restored into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A database that is to be used: all of the backup, and nothing of the server's besides.
    Database,
    /// A copy on a server of our own: the roles come too, and nothing that would reach out of it.
    Private,
    /// A copy on a server that others use: without owners and grants, whose roles may not be there,
    /// and without what would reach out of it.
    Scratch,
}

/// What was restored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Restored {
    /// The backup.
    pub backup: BackupId,
    /// The database, without its password.
    pub database: String,
    /// Whether the database was made for it.
    pub made: bool,
    /// How long it took, with the look at the backup's files.
    pub duration_seconds: f64,
    /// What a reader has to know.
    pub notes: Vec<String>,
}

/// Restores a backup into the database of a deployment, which has to be empty, or not there: then it
/// is made, and dropped again where restoring fails.
///
/// The files are compared with their digests first. A database that holds anything is refused; to
/// replace one, restore beside it and exchange the names.
///
/// # Errors
/// Whatever is in the way. Where the database was there before and restoring failed, it may hold a part
/// on MySQL and MariaDB; on PostgreSQL all of it is one transaction.
pub fn restore<DB: Engine, K>(
    stored: &Stored,
    into: &Deployment<'_, DB, K>,
    target: Target,
    options: &Options,
    listener: &mut dyn Listener,
) -> Result<Restored, BackupError> {
    let begun = Instant::now();
    let evidence = &stored.evidence;
    let place = Place::of(into);
    if evidence.kind == BackupKind::External {
        return Err(BackupError::External);
    }
    if evidence.kind == BackupKind::Physical {
        return Err(BackupError::Physical {
            id: evidence.id.to_string(),
        });
    }
    if evidence.dialect != DB::DIALECT.name() {
        return Err(BackupError::Dialect {
            backup: evidence.dialect.clone(),
            target: DB::DIALECT.name().to_owned(),
        });
    }
    let _held = stored.hold()?;
    tell(listener, "comparing the files with their digests");
    check_files(&stored.folder, evidence)?;
    if let Some(holds) = DB::holds(&place)? {
        return Err(BackupError::NotEmpty {
            database: place.url.shown(),
            holds,
        });
    }
    let workspace = Workspace::create(&options.directory)?;
    let made = DB::make(&place, evidence)?;
    tell(listener, "restoring");
    let filled = DB::fill(&mut Fill {
        place,
        options,
        folder: &stored.folder,
        evidence,
        target,
        made,
        workspace: &workspace,
        listener,
    });
    let notes = match filled {
        Ok(notes) => notes,
        Err(error) => {
            if made {
                drop_copy(&place)?;
            }
            return Err(error);
        }
    };
    Ok(Restored {
        backup: evidence.id.clone(),
        database: place.url.shown(),
        made,
        duration_seconds: seconds(begun.elapsed()),
        notes,
    })
}

/// Drops a database that was made for a backup.
pub(super) fn drop_copy<DB: Engine>(place: &Place<'_, DB>) -> Result<(), BackupError> {
    DB::drop(place).map_err(|source| BackupError::Leftover {
        database: place.url.shown(),
        source: Box::new(source),
    })
}

fn tell(listener: &mut dyn Listener, text: &str) {
    listener.event(&Event::Progress {
        step: Step::Backup,
        text,
        fraction: None,
    });
}

/// Feeds a program with a stream, to the end of both, and returns what it said.
pub(super) fn feed(
    mut running: Running,
    mut source: Source,
    listener: &mut dyn Listener,
) -> Result<String, BackupError> {
    // What it writes is of no interest, but it must not wait for a reader.
    let output = running.output.take().map(|mut output| {
        thread::spawn(move || {
            let _ = io::copy(&mut output, &mut io::sink());
        })
    });
    let mut bytes = vec![0; 64 * 1024];
    if let Some(mut input) = running.input.take() {
        let mut reads = true;
        loop {
            let count = match source.read(&mut bytes) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) => return Err(source.failed(error)),
            };
            // A program that has all it needs stops reading, and one that failed does too. Which it
            // was, its end tells; a command that decrypts goes to its own end in both cases.
            reads = reads
                && input
                    .write_all(bytes.get(..count).unwrap_or_default())
                    .is_ok();
            if listener.stop() {
                return Err(BackupError::Stopped);
            }
        }
    }
    let said = running.finish()?;
    if let Some(output) = output {
        let _ = output.join();
    }
    source.finish()?;
    Ok(said)
}
