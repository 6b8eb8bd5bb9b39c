//! SQLite: a copy that SQLite itself makes of one moment, whoever writes meanwhile (`VACUUM INTO`).
//!
//! The rowids of a table without an INTEGER PRIMARY KEY may be others in the copy.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{RunQueryDsl, sql_query};

use super::{Dumped, Fill, Job, Place, Survey, number};
use crate::backup::error::BackupError;
use crate::backup::evidence::{BackupEvidence, BackupFile, FileRole, Snapshot};
use crate::backup::options::Options;
use crate::backup::preflight::{Check, Standing};
use crate::backup::source::digest_file;
use crate::time::seconds;

/// What SQLite puts beside a database.
const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

impl super::Backup for Sqlite {
    fn survey(place: &Place<'_, Self>, _: &Options) -> Result<Survey, BackupError> {
        let mut checks = Vec::new();
        if place.url.is_in_memory() {
            let detail = "a database in memory is gone with its connection";
            checks.push(Check::new("database", Standing::NoGo, detail));
        }
        let mut conn = place.connect()?;
        let about = place.row(
            &mut conn,
            "to tell about itself",
            "SELECT sqlite_version(), CAST(c.page_count * s.page_size AS TEXT) \
             FROM pragma_page_count() c, pragma_page_size() s",
        )?;
        let text = |at: usize| about.get(at).cloned().flatten().unwrap_or_default();
        Ok(Survey {
            server: format!("SQLite {}", text(0)),
            source_bytes: text(1).parse().ok(),
            // Its copy has the indexes too.
            table_bytes: number(Some(&text(1))),
            properties: BTreeMap::new(),
            checks,
        })
    }

    fn dump(job: &mut Job<'_, '_, Self>) -> Result<Dumped, BackupError> {
        let place = job.place;
        let name = "database.sqlite";
        let path = job.workspace.path().join(name);
        let path = std::path::absolute(&path).map_err(BackupError::file("find", &path))?;
        let mut guard = place.connect()?;
        let journal = place.row(&mut guard, "to tell its journal", "PRAGMA journal_mode")?;
        let mut copier = place.connect()?;
        for conn in [&mut guard, &mut copier] {
            wait_for_writers(place, conn, job.options.stall)?;
        }
        // The copy is brought to the disk afterwards, while it is digested. The database itself is not at
        // risk: this connection only reads, the guard has repaired what a crash left before it begins,
        // and is closed after it, so that a log is never emptied into the database by this one.
        copier
            .batch_execute("PRAGMA synchronous = OFF")
            .map_err(place.refuses("to be copied"))?;
        let mut reader = place.connect()?;
        job.tell("copying", None);
        // Nobody writes until the copy has begun, so that it and whoever compares see one moment.
        guard
            .batch_execute("BEGIN IMMEDIATE")
            .map_err(place.refuses("a moment without writers"))?;
        let opened = Instant::now();
        // A transaction sees the moment of its first question.
        AnsiTransactionManager::begin_transaction(&mut reader)
            .and_then(|()| reader.batch_execute("SELECT count(*) FROM sqlite_schema"))
            .map_err(place.refuses("to open a snapshot"))?;
        let limit = job.options.stall;
        let selection = job.selection.clone();
        let target = path.clone();
        let (copied, stall, tables) = thread::scope(|scope| {
            let copying = scope.spawn(move || vacuum_into(place, &mut copier, &target));
            // The copy is written to only after its snapshot is open.
            while !has_begun(&path) && !copying.is_finished() && opened.elapsed() < limit {
                thread::sleep(Duration::from_millis(1));
            }
            let in_time = has_begun(&path) || copying.is_finished();
            let closed = guard.batch_execute("ROLLBACK");
            let stall = match (in_time, closed) {
                (false, _) => Err(BackupError::Stalled {
                    limit_seconds: limit.as_secs_f64(),
                }),
                (true, Ok(())) => Ok(opened.elapsed()),
                (true, Err(error)) => Err(place.refuses("to let writers go on")(error)),
            };
            let tables = match stall {
                Ok(_) => Job::<Sqlite>::digest(selection.as_ref(), &mut reader),
                Err(_) => Ok(None),
            };
            let copied = copying.join().unwrap_or(Err(BackupError::Stopped));
            (copied, stall, tables)
        });
        let stall = stall?;
        copied?;
        let tables = tables?;
        drop(reader);
        let data = match &job.options.encrypt {
            None => keep(&path, name)?,
            Some(_) => encrypt(job, &path, name)?,
        };
        Ok(Dumped {
            snapshot: Snapshot::Sqlite {
                journal_mode: journal.into_iter().next().flatten().unwrap_or_default(),
            },
            stall_seconds: Some(seconds(stall)),
            files: vec![data],
            tools: Vec::new(),
            notes: Vec::new(),
            tables,
        })
    }

    fn holds(place: &Place<'_, Self>) -> Result<Option<String>, BackupError> {
        let Some(file) = place.url.file().filter(|file| file.exists()) else {
            return Ok(None);
        };
        let size = fs::metadata(file)
            .map_err(BackupError::file("read", file))?
            .len();
        // A database of SQLite is never replaced while somebody may have it open.
        Ok((size > 0).then(|| "there is a database file".to_owned()))
    }

    fn make(place: &Place<'_, Self>, _: &BackupEvidence) -> Result<bool, BackupError> {
        // Filling it makes the file, all at once.
        Ok(place.url.file().is_some_and(|file| !file.exists()))
    }

    fn drop(place: &Place<'_, Self>) -> Result<(), BackupError> {
        let Some(file) = place.url.file() else {
            return Ok(());
        };
        for suffix in BESIDE.into_iter().chain([""]) {
            let mut path = file.as_os_str().to_owned();
            path.push(suffix);
            let path = PathBuf::from(path);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(BackupError::file("remove", path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn fill(fill: &mut Fill<'_, '_, Self>) -> Result<Vec<String>, BackupError> {
        let (Some(data), Some(target)) = (
            fill.evidence.file(FileRole::Data),
            fill.place.url.file().map(Path::to_owned),
        ) else {
            return Err(BackupError::External);
        };
        let target = std::path::absolute(&target).map_err(BackupError::file("find", &target))?;
        let folder = target.parent().unwrap_or(Path::new("/"));
        let mut file = tempfile::NamedTempFile::new_in(folder)
            .map_err(BackupError::file("create a file in", folder))?;
        let path = file.path().to_owned();
        let mut source = fill.source(data)?;
        let mut bytes = vec![0; 256 * 1024];
        loop {
            let count = match io::Read::read(&mut source, &mut bytes) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) => return Err(source.failed(error)),
            };
            file.write_all(bytes.get(..count).unwrap_or_default())
                .map_err(BackupError::file("write", &path))?;
        }
        source.finish()?;
        file.flush()
            .and_then(|()| file.as_file().sync_all())
            .map_err(BackupError::file("write", &path))?;
        if target.exists() {
            // Somebody may have the empty file open: SQLite writes into it.
            let url = fill.place.url.with_database(path.to_str());
            let copy = fill.place.at(&url);
            vacuum_into(copy, &mut copy.connect()?, &target)?;
        } else {
            // Never over another file, be it one that was made just now.
            file.persist_noclobber(&target)
                .map_err(|error| BackupError::file("write", &target)(error.error))?;
        }
        if let Snapshot::Sqlite { journal_mode } = &fill.evidence.snapshot
            && journal_mode == "wal"
        {
            let mut conn = fill.place.connect()?;
            conn.batch_execute("PRAGMA journal_mode = wal")
                .map_err(fill.place.refuses("its journal"))?;
        }
        Ok(Vec::new())
    }
}

fn wait_for_writers(
    place: Place<'_, Sqlite>,
    conn: &mut SqliteConnection,
    limit: Duration,
) -> Result<(), BackupError> {
    let sql = format!("PRAGMA busy_timeout = {}", limit.as_millis());
    conn.batch_execute(&sql)
        .map_err(place.refuses("to wait for writers"))
}

fn vacuum_into(
    place: Place<'_, Sqlite>,
    conn: &mut SqliteConnection,
    path: &Path,
) -> Result<(), BackupError> {
    let Some(text) = path.to_str() else {
        return Err(BackupError::Path(path.to_owned()));
    };
    sql_query("VACUUM INTO ?")
        .bind::<Text, _>(text)
        .execute(conn)
        .map_err(place.refuses("to be copied"))?;
    Ok(())
}

fn has_begun(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.len() > 0)
}

/// The copy as it is, as a file of the backup.
fn keep(path: &Path, name: &str) -> Result<BackupFile, BackupError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
            .map_err(BackupError::file("keep others from", path))?;
    }
    let (written, digested) = thread::scope(|scope| {
        let writing = scope.spawn(|| fs::File::open(path)?.sync_all());
        let digested = digest_file(path);
        (writing.join(), digested)
    });
    written
        .map_err(|_| BackupError::Stopped)?
        .map_err(BackupError::file("write", path))?;
    let (bytes, sha256) = digested?;
    Ok(BackupFile {
        name: name.to_owned(),
        role: FileRole::Data,
        gzip: false,
        bytes,
        sha256,
    })
}

/// The copy, encrypted; the open one is removed.
fn encrypt(
    job: &mut Job<'_, '_, Sqlite>,
    path: &Path,
    name: &str,
) -> Result<BackupFile, BackupError> {
    let mut sink = job.sink(name, FileRole::Data, false)?;
    let mut file = fs::File::open(path).map_err(BackupError::file("read", path))?;
    let mut bytes = vec![0; 256 * 1024];
    loop {
        let read = io::Read::read(&mut file, &mut bytes);
        match read.map_err(BackupError::file("read", path))? {
            0 => break,
            count => sink.write(bytes.get(..count).unwrap_or_default())?,
        }
    }
    fs::remove_file(path).map_err(BackupError::file("remove", path))?;
    sink.finish()
}
