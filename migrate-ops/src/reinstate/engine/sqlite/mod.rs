//! SQLite: whoever has the file open goes on with the same file, so no other takes its name. The run
//! holds the write lock while it looks; then SQLite's backup API copies what was restored over the
//! contents of the file, in one transaction. What others have open sees the old contents before it
//! and the restored ones after it, and a crash in it is rolled back by whoever opens the file next.

mod live;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::Ground;
use crate::backup::BackupError;
use crate::digest::{Selection, compare, compare_inventories, digest, inventory};
use crate::reinstate::error::ReinstateError;
use crate::reinstate::evidence::Fence;
use live::Handle;

/// How long those who write or read just now may take to end.
const PATIENCE: Duration = Duration::from_secs(15);

/// The write lock, and who reads under it.
pub struct Held {
    guard: SqliteConnection,
    reader: SqliteConnection,
    /// The file, to be written to: it knows whether others wrote since the fence stood.
    live: Handle,
    version: u32,
}

impl super::Reinstate for Sqlite {
    type Held = Held;

    fn obstacles(ground: &Ground<'_, Self>) -> Result<Vec<String>, ReinstateError> {
        let mut found = Vec::new();
        if ground.place.url.file().is_none() {
            found.push("a database in memory is gone with its connection".to_owned());
        }
        if ground.place.url.parameter("mode") == Some("ro") {
            found.push("the database is opened for reading only".to_owned());
        }
        Ok(found)
    }

    fn fence(ground: &Ground<'_, Self>) -> Result<(Held, Fence), ReinstateError> {
        let mut guard = ground.place.connect()?;
        guard
            .batch_execute(&format!(
                "PRAGMA busy_timeout = {}; BEGIN IMMEDIATE",
                PATIENCE.as_millis()
            ))
            .map_err(|error| {
                ReinstateError::Fence(format!(
                    "others went on writing for {} s: {error}",
                    PATIENCE.as_secs()
                ))
            })?;
        let reader = ground.place.connect()?;
        let live = Handle::open(path(ground)?, false)?;
        let version = live.version()?;
        let fence = Fence {
            how: "the run holds the write lock of the file: others may read, and wait or are refused when they write"
                .to_owned(),
            holes: vec![
                "a program that changes the file without SQLite's locks is not kept away, and user_version and \
                 application_id are not compared"
                    .to_owned(),
            ],
            sessions_ended: 0,
            held_seconds: None,
        };
        let held = Held {
            guard,
            reader,
            live,
            version,
        };
        Ok((held, fence))
    }

    fn reader(held: &mut Held) -> &mut SqliteConnection {
        &mut held.reader
    }

    fn blind(_: &Ground<'_, Self>, _: &mut Held) -> Result<Vec<String>, ReinstateError> {
        Ok(Vec::new())
    }

    fn exchange(
        ground: &Ground<'_, Self>,
        held: &mut Option<Held>,
    ) -> Result<Vec<String>, ReinstateError> {
        let Some(Held {
            mut guard,
            reader,
            live,
            version,
        }) = held.take()
        else {
            return Err(ReinstateError::FenceLost("it is gone".to_owned()));
        };
        drop(reader);
        let kept = Path::new(&ground.names.kept);
        keep(path(ground)?, kept)?;
        let restored = Handle::open(Path::new(&ground.names.beside), false)?;
        // The backup API takes the lock itself, so ours has to go first; whether anybody was faster
        // is looked at once it has it.
        guard
            .batch_execute("ROLLBACK")
            .map_err(ground.refuses("to hand its write lock on"))?;
        live.overwrite(&restored, PATIENCE, |live| {
            match live.counted()? == version {
                true => Ok(()),
                false => Err(ReinstateError::FenceLost(
                    "somebody wrote in the moment before".to_owned(),
                )),
            }
        })?;
        Ok(vec![
            "the file is the same one, with the contents of the backup; the copy of the old contents has them page \
             by page"
                .to_owned(),
        ])
    }

    fn is_exchanged(ground: &Ground<'_, Self>) -> Result<bool, ReinstateError> {
        let beside = Path::new(&ground.names.beside);
        if !Path::new(&ground.names.kept).exists() || !beside.exists() {
            return Ok(false);
        }
        // One transaction has copied all of it or nothing.
        let restored = ground.place.at(ground.beside);
        let (mut live, mut restored) = (ground.place.connect()?, restored.connect()?);
        let all = Selection::all();
        let rows = compare(
            &digest::<Sqlite, _>(&mut live, &all)?,
            &digest::<Sqlite, _>(&mut restored, &all)?,
        );
        let definitions = compare_inventories(
            &inventory::<Sqlite, _>(&mut live)?,
            &inventory::<Sqlite, _>(&mut restored)?,
        );
        Ok(rows.is_empty() && definitions.is_empty())
    }

    fn lift(_: &Ground<'_, Self>, held: Option<Held>) -> Result<(), ReinstateError> {
        // The lock goes with the connection that has it.
        drop(held);
        Ok(())
    }

    fn clear(ground: &Ground<'_, Self>, exchanged: bool) -> Result<(), ReinstateError> {
        <Sqlite as crate::backup::Backup>::drop(&ground.place.at(ground.beside))?;
        if !exchanged {
            // A copy of what is in the database still.
            let kept = ground.place.url.with_database(Some(&ground.names.kept));
            <Sqlite as crate::backup::Backup>::drop(&ground.place.at(&kept))?;
        }
        Ok(())
    }
}

fn path<'a>(ground: &'a Ground<'_, Sqlite>) -> Result<&'a Path, ReinstateError> {
    ground.place.url.file().ok_or_else(|| {
        ReinstateError::Obstacles(vec![
            "a database in memory is gone with its connection".to_owned(),
        ])
    })
}

/// Copies the database as it is, with the rights of its file; on the disk when this returns.
fn keep(path: &Path, kept: &Path) -> Result<(), ReinstateError> {
    match fs::remove_file(kept) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(BackupError::file("remove", kept)(error).into());
        }
        // What an attempt before left.
        _ => {}
    }
    let source = Handle::open(path, false)?;
    let target = Handle::open(kept, true)?;
    target.overwrite(&source, PATIENCE, |_| Ok(()))?;
    drop(target);
    let failed = |doing| BackupError::file(doing, kept);
    let rights = fs::metadata(path).map_err(BackupError::file("read", path))?;
    fs::set_permissions(kept, rights.permissions()).map_err(failed("give the rights to"))?;
    // Nobody has this file open, so closing it takes no lock of SQLite's away.
    fs::File::open(kept)
        .and_then(|file| file.sync_all())
        .map_err(failed("write"))?;
    let folder = kept.parent().map(PathBuf::from).unwrap_or_default();
    #[cfg(unix)]
    if !folder.as_os_str().is_empty() {
        fs::File::open(&folder)
            .and_then(|file| file.sync_all())
            .map_err(failed("write"))?;
    }
    Ok(())
}
