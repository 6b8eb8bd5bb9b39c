//! Receiving the write-ahead log.
//!
//! A temporary replication slot keeps the server from throwing away what is not received yet; it ends
//! with its session, so that nothing is kept for a process that was killed. `pg_receivewal` is run again
//! and again up to a place that the server has already written, so that it always comes to an end by
//! itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::pg::Pg;
use migrate_core::Dialect;

use super::lsn::Lsn;
use crate::backup::engine::Place;
use crate::backup::engine::postgres::PgConnection;
use crate::backup::error::BackupError;
use crate::backup::evidence::{BackupFile, FileRole};
use crate::backup::log::{Follow, LogMark, LogPosition, log_name};
use crate::backup::options::Options;
use crate::backup::physical::unpack::{folder, private_file};
use crate::backup::sink::Sink;
use crate::backup::store::BackupId;
use crate::time;
use crate::tool::{Login, Tool, ToolError, Vendor, Workspace, find};

/// How often the log is received while nobody asks for it: so much of it the server has to keep.
const EVERY: Duration = Duration::from_secs(5);
/// How often it is seen whether the program has ended.
const LOOK: Duration = Duration::from_millis(10);
/// What a segment is called that is not whole yet.
const PARTIAL: &str = ".partial";

/// Receives the log until it is dropped.
pub(super) struct Log {
    orders: Option<Sender<Sender<Result<Lsn, BackupError>>>>,
    thread: Option<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    received: PathBuf,
    workspace: Workspace,
}

/// What the thread has.
struct Receiving {
    conn: PgConnection,
    database: String,
    slot: Option<String>,
    program: PathBuf,
    login: Login,
    received: PathBuf,
    stop: Arc<AtomicBool>,
}

impl Log {
    /// Begins with what is written from now on.
    pub(super) fn begin(place: Place<'_, Pg>, options: &Options) -> Result<Self, BackupError> {
        let mut conn = session(place)?;
        let slot = BackupId::new().as_str().to_lowercase().replace('-', "_");
        let slot = format!("migrate_{slot}");
        // The log from the last checkpoint on is there, which is before anything that is copied.
        let row = place.row(
            &mut conn,
            "to keep its log for a backup (a temporary replication slot)",
            &format!(
                "SELECT pg_walfile_name(lsn) FROM pg_create_physical_replication_slot('{slot}', true, true)"
            ),
        )?;
        let first = row.into_iter().next().flatten().unwrap_or_default();
        Log::from(place, options, conn, Some(slot), &first)
    }

    /// Goes on with a segment that was received in part, as far as the server still has it.
    pub(super) fn go_on(
        place: Place<'_, Pg>,
        options: &Options,
        segment: &str,
    ) -> Result<Self, BackupError> {
        let conn = session(place)?;
        Log::from(place, options, conn, None, segment)
    }

    fn from(
        place: Place<'_, Pg>,
        options: &Options,
        conn: PgConnection,
        slot: Option<String>,
        first: &str,
    ) -> Result<Self, BackupError> {
        let program = find("pg_receivewal", Dialect::Postgres, &options.tools)?;
        let workspace = Workspace::create(&options.directory)?;
        let login = Login::write(place.url, Vendor::Postgres, workspace.path())?;
        let received = workspace.path().join("log");
        folder(&received)?;
        // The program goes on where the segments end that it finds.
        let seed = received.join(format!("{first}{PARTIAL}"));
        private_file(&seed).map_err(BackupError::file("create", &seed))?;
        let stop = Arc::new(AtomicBool::new(false));
        let mut receiving = Receiving {
            conn,
            database: place.url.shown(),
            slot,
            program,
            login,
            received: received.clone(),
            stop: Arc::clone(&stop),
        };
        let (orders, taken) = mpsc::channel();
        let thread = thread::spawn(move || receiving.run(&taken));
        Ok(Log {
            orders: Some(orders),
            thread: Some(thread),
            stop,
            received,
            workspace,
        })
    }

    /// Where a program that logs in as well may write its password's file.
    pub(super) fn folder(&self) -> &Path {
        self.workspace.path()
    }

    /// Receives everything that the server has written by now, with at least one record behind it, so
    /// that a recovery sees that the moment is reached. Returns up to where.
    pub(super) fn catch_up(&self) -> Result<Lsn, BackupError> {
        let (reply, answer) = mpsc::channel();
        let sent = self.orders.as_ref().map(|orders| orders.send(reply));
        match sent {
            Some(Ok(())) => answer.recv().unwrap_or(Err(BackupError::Stopped)),
            _ => Err(BackupError::Stopped),
        }
    }

    /// Puts what was received into the folder of a backup, compressed and encrypted, and keeps of it
    /// only what is needed to go on.
    pub(super) fn put(
        &self,
        into: &Path,
        batch: usize,
        encrypt: Option<&str>,
    ) -> Result<Vec<BackupFile>, BackupError> {
        let read = BackupError::file("read", &self.received);
        let mut paths: Vec<PathBuf> = fs::read_dir(&self.received)
            .map_err(read)?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        paths.sort();
        let mut files = Vec::new();
        for (at, path) in paths.iter().enumerate() {
            let name = path.file_name().and_then(|name| name.to_str());
            let Some(name) = name else { continue };
            let segment = name.trim_end_matches(PARTIAL);
            let mut sink = Sink::create(
                into,
                &log_name(segment, batch),
                FileRole::Log,
                true,
                encrypt,
            )?;
            // As large as the server's segments are, 16 MiB where nobody has chosen otherwise.
            sink.write(&fs::read(path).map_err(BackupError::file("read", path))?)?;
            files.push(sink.finish()?);
            if at + 1 < paths.len() {
                fs::remove_file(path).map_err(BackupError::file("remove", path))?;
            }
        }
        Ok(files)
    }
}

impl Follow for Log {
    fn keep(
        &mut self,
        folder: &Path,
        batch: usize,
        options: &Options,
    ) -> Result<(Vec<BackupFile>, LogMark), BackupError> {
        let to = LogMark {
            time: time::now(),
            position: LogPosition::Postgres {
                lsn: self.catch_up()?.to_string(),
            },
        };
        let files = self.put(folder, batch, options.encrypt.as_deref())?;
        Ok((files, to))
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            // It ends with its program, which is killed.
            let _ = thread.join();
        }
    }
}

/// A session that is not ended for doing nothing.
fn session(place: Place<'_, Pg>) -> Result<PgConnection, BackupError> {
    let mut conn = place.connect()?;
    conn.batch_execute("SET statement_timeout = 0; SET synchronous_commit = local")
        .map_err(place.refuses("to set its timeouts"))?;
    // Servers before 14 do not know it.
    let _ = conn.batch_execute("SET idle_session_timeout = 0");
    Ok(conn)
}

impl Receiving {
    fn run(&mut self, orders: &Receiver<Sender<Result<Lsn, BackupError>>>) {
        loop {
            match orders.recv_timeout(EVERY) {
                Ok(reply) => {
                    // Who asked may have gone.
                    let _ = reply.send(self.catch_up());
                }
                Err(RecvTimeoutError::Timeout) => {
                    // Whoever asks next is told what is in the way then.
                    let _ = self.written().and_then(|to| self.receive(to));
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn catch_up(&mut self) -> Result<Lsn, BackupError> {
        // A commit waits until the log is on the disk, with everything before it.
        self.conn
            .batch_execute("SELECT pg_logical_emit_message(true, 'migrate', '')")
            .map_err(|source| self.refuses("to write to its log")(source))?;
        let to = self.written()?;
        self.receive(to)?;
        Ok(to)
    }

    /// Up to where the log is on the server's disk.
    fn written(&mut self) -> Result<Lsn, BackupError> {
        let sql = "SELECT pg_current_wal_flush_lsn()::text";
        let rows = <Pg as migrate_runtime::Database>::rows(&mut self.conn, sql);
        let rows = rows.map_err(|source| self.refuses("to tell where its log stands")(source))?;
        let text = rows.into_iter().flatten().flatten().next();
        Ok(text.and_then(|text| Lsn::parse(&text)).unwrap_or(Lsn(0)))
    }

    fn receive(&mut self, to: Lsn) -> Result<(), BackupError> {
        let mut directory = std::ffi::OsString::from("--directory=");
        directory.push(&self.received);
        let tool = self.login.with(Tool::new(&self.program)).arg(directory);
        // It ends when it has more than that.
        let end = Lsn(to.0.saturating_sub(1));
        let mut running = tool
            .args(["--no-loop", "--no-sync"])
            .arg(format!("--endpos={end}"))
            .start()?;
        while !running.has_ended() {
            if self.stop.load(Ordering::SeqCst) {
                return Err(BackupError::Stopped);
            }
            thread::sleep(LOOK);
        }
        running.finish().map_err(removed)?;
        if let Some(slot) = &self.slot {
            // Otherwise the server keeps more than it has to, until the session ends.
            let sql = format!("SELECT pg_replication_slot_advance('{slot}', '{to}')");
            let _ = self.conn.batch_execute(&sql);
        }
        Ok(())
    }

    fn refuses(&self, doing: &'static str) -> impl FnOnce(diesel::result::Error) -> BackupError {
        let database = self.database.clone();
        move |source| BackupError::Database {
            database,
            doing,
            source,
        }
    }
}

/// The server may have thrown away what was not received in time.
fn removed(error: ToolError) -> BackupError {
    match &error {
        ToolError::Failed { stderr, .. } if stderr.contains("has already been removed") => {
            BackupError::OutOfReach {
                wanted: "what the server wrote since".to_owned(),
                why: "the server has thrown away the log in between".to_owned(),
            }
        }
        _ => error.into(),
    }
}
