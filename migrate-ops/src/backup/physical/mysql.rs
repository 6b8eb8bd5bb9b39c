//! MariaDB: `mariadb-backup` for the files, the binary log behind them, and a server that applies it.
//!
//! A consistent snapshot of MariaDB tells which place in the binary log it is of: both are taken under
//! the one lock that orders commits. So nobody has to wait for the moment that is compared: the copy is
//! rolled forward by the binary log to exactly that place.
//!
//! The files are read from the disk, so this takes the machine that the server runs on. MySQL is not
//! copied: `mariadb-backup` does not know its files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use diesel::QueryResult;
use diesel::connection::{SimpleConnection as _, TransactionManager as _};
use diesel::mysql::Mysql;
use migrate_runtime::Database as _;
use tokio::runtime::Runtime;

use super::unpack::{folder, log_into, unpack_with};
use super::{Copied, OTHER_DATABASES, Reach};
use crate::backup::Backup;
use crate::backup::definitions::Definitions;
use crate::backup::engine::mysql::{Manager, MysqlConnection, first, granted, vendor};
use crate::backup::engine::{Dumped, Job, Place, Survey, number};
use crate::backup::error::BackupError;
use crate::backup::evidence::{BackupFile, FileRole, Snapshot, Verification};
use crate::backup::log::{Follow, Follower, KeptLog, LogMark, LogPosition, log_file, log_name};
use crate::backup::options::Options;
use crate::backup::preflight::{Check, Standing};
use crate::backup::sink::Sink;
use crate::backup::store::Stored;
use crate::connect::{DatabaseUrl, Engine as _, Open};
use crate::event::Listener;
use crate::scratch::{Brought, ScratchServer};
use crate::time;
use crate::tool::{Login, Tool, ToolError, ToolPaths, ToolVersion, Vendor, Workspace};

/// Where the copy stands in the binary log; newer versions give the file another name.
const BINLOG_INFO: [&str; 2] = ["xtrabackup_binlog_info", "mariadb_backup_binlog_info"];
/// Rights on everything that it takes.
const RIGHTS: [&str; 4] = ["RELOAD", "PROCESS", "BINLOG MONITOR", "REPLICATION SLAVE"];
/// The property that tells one server from another.
const SYSTEM: &str = "system";
/// Settings on which it depends what files are called and what statements do; each is a property.
const SETTINGS: [&str; 5] = [
    "lower_case_table_names",
    "sql_mode",
    "innodb_strict_mode",
    "character_set_server",
    "collation_server",
];
/// The folder beside the data directory with the parts of the binary log.
const LOG: &str = "binlog";

impl super::Physical for Mysql {
    fn survey_server(place: &Place<'_, Self>, options: &Options) -> Result<Survey, BackupError> {
        let mut survey = Mysql::survey(place, options)?;
        // It is not dumped, and digits of FLOAT are not lost.
        survey
            .checks
            .retain(|check| check.what != "tool" && check.what != "columns");
        if vendor(&survey.server) != Vendor::Mariadb {
            let why = "physical backups are made of MariaDB, not of MySQL; use a command of your own \
                       (`command` under [backup])";
            survey.checks.push(Check::new("kind", Standing::NoGo, why));
            return Ok(survey);
        }
        survey.checks.push(tools(&survey.server, &options.tools));
        let mut conn = place.connect()?;
        server(place, &mut conn, &mut survey)?;
        Ok(survey)
    }

    fn copy_server(job: &mut Job<'_, '_, Self>) -> Result<Copied, BackupError> {
        let place = job.place;
        let tools = &job.options.tools;
        let program = backup_program(tools)?;
        let version = version(&program)?;
        let mut conn = place.connect()?;
        let data = data_folder(place, &mut conn)?;
        let Some(LogPosition::Mysql { file, .. }) = position(&mut conn) else {
            return Err(no_log(place));
        };
        let mut log = BinaryLog::new(place, file)?;
        let workspace = Workspace::create(&job.options.directory)?;
        let login = Login::write(place.url, Vendor::Mariadb, workspace.path())?;
        let temporary = workspace.path().join("tmp");
        folder(&temporary)?;
        job.tell("copying the server's files", None);
        let tool = login
            .with(Tool::new(&program))
            .args(["--backup", "--stream=xbstream"]);
        let running = tool
            .arg(joined("--target-dir=", &temporary))
            .arg(joined("--datadir=", &data))
            .start()?;
        let sink = job.sink("server.xbstream", FileRole::Data, true)?;
        let mut files = vec![job.pump(running, sink, |_| Ok(()))?];
        job.tell("reading what the tables hold", None);
        let definitions = Definitions::read(&place, job.options)?;
        let moment = snapshot(place, &mut conn)?;
        let from = LogMark {
            time: time::now(),
            position: moment.clone(),
        };
        let tables = Job::<Mysql>::digest(job.selection.as_ref(), &mut conn)?;
        // What the server says at its end changes nothing.
        let _ = Manager::rollback_transaction(&mut conn);
        let (kept, to) = log.keep(job.workspace.path(), 0, job.options)?;
        files.extend(kept);
        let (binary_log, at, gtid) = match moment {
            LogPosition::Mysql {
                file,
                position,
                gtid,
            } => (Some(file), Some(position), gtid),
            LogPosition::Postgres { .. } => (None, None, None),
        };
        Ok(Copied {
            dumped: Dumped {
                snapshot: Snapshot::Mysql {
                    binary_log,
                    position: at,
                    gtid,
                },
                stall_seconds: None,
                files,
                tools: vec![version.text],
                notes: vec![
                    "the whole server is in it, with its users and their passwords".to_owned(),
                ],
                tables,
            },
            definitions,
            log: KeptLog { from, to },
            follower: Follower(Box::new(log)),
        })
    }

    fn log_position(connection: &mut MysqlConnection) -> QueryResult<Option<LogPosition>> {
        Ok(position(connection))
    }

    fn follow_on(
        place: Place<'_, Self>,
        stored: &Stored,
        _: &Options,
    ) -> Result<Follower, BackupError> {
        let mut conn = place.connect()?;
        if stored.evidence.properties.get(SYSTEM) != Some(&system(place, &mut conn)?) {
            return Err(BackupError::OutOfReach {
                wanted: "what the server wrote since".to_owned(),
                why: format!(
                    "{} is another server than the one that was backed up",
                    place.url.shown()
                ),
            });
        }
        let logs = stored.evidence.files.iter();
        let files = logs.filter(|file| file.role == FileRole::Log);
        let last = files.filter_map(|file| log_file(&file.name)).max();
        let (last, _) = last.ok_or_else(|| no_log(place))?;
        Ok(Follower(Box::new(BinaryLog::new(place, last.to_owned())?)))
    }

    fn unpack(
        stored: &Stored,
        options: &Options,
        _: &Reach,
        data: &Path,
        _: bool,
        listener: &mut dyn Listener,
    ) -> Result<(), BackupError> {
        folder(data)?;
        let program = first(&["mbstream"], &options.tools)?;
        let stream = Tool::new(&program).args(["-x", "-C"]).arg(data);
        unpack_with(stream, stored, options, listener)?;
        // Applies the redo log, with the checksum of every page that it touches.
        let program = backup_program(&options.tools)?;
        let tool = Tool::new(&program).args(["--no-defaults", "--prepare"]);
        tool.arg(joined("--target-dir=", data)).output()?;
        let beside = data.with_file_name(LOG);
        folder(&beside)?;
        log_into(&beside, stored, options)?;
        Ok(())
    }

    fn settle(
        stored: &Stored,
        options: &Options,
        reach: &Reach,
        brought: Brought,
        runtime: &Runtime,
        listener: &mut dyn Listener,
    ) -> Result<Brought, BackupError> {
        let server = Mysql::start(stored, options, reach, brought, runtime, listener)?;
        Ok(Brought::stop_mariadb(server, runtime)?)
    }

    fn start(
        stored: &Stored,
        options: &Options,
        reach: &Reach,
        brought: Brought,
        runtime: &Runtime,
        listener: &mut dyn Listener,
    ) -> Result<ScratchServer, BackupError> {
        let data = brought.data();
        let mut settings = settings_of(&data)?;
        let properties = &stored.evidence.properties;
        settings.extend(SETTINGS.iter().filter_map(|name| {
            let value = properties.get(*name)?;
            Some(((*name).to_owned(), value.clone()))
        }));
        let stands = stands(&data)?;
        let programs: Vec<PathBuf> = options.tools.mariadb.iter().cloned().collect();
        let mut go_on = || !listener.stop();
        let server = brought
            .start_mariadb(&programs, &settings, runtime, &mut go_on)?
            .ok_or(BackupError::Stopped)?;
        apply(&server, &stands, reach, options)?;
        Ok(server)
    }

    fn check_server(
        _: &ScratchServer,
        database: &DatabaseUrl,
        _: &Options,
        found: &mut Verification,
    ) -> Result<(), BackupError> {
        let runtime = crate::connect::runtime().map_err(BackupError::file("start", "a runtime"))?;
        let mut conn = Mysql::connect(database, Open::Existing, &runtime)?.connection;
        let refuses = |source| BackupError::Database {
            database: database.shown(),
            doing: "to check its tables",
            source,
        };
        let names = "SELECT table_name FROM information_schema.tables WHERE table_schema = database() \
             AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1";
        let names = Mysql::rows(&mut conn, names).map_err(refuses)?;
        for name in names.into_iter().flatten().flatten() {
            let quoted = migrate_core::Dialect::Mysql.quote_identifier(&name);
            let rows = Mysql::rows(&mut conn, &format!("CHECK TABLE {quoted} EXTENDED"));
            for row in rows.map_err(refuses)? {
                // Table, Op, Msg_type, Msg_text.
                let mut fields = row.into_iter().skip(2).map(Option::unwrap_or_default);
                let (kind, said) = (
                    fields.next().unwrap_or_default(),
                    fields.next().unwrap_or_default(),
                );
                if kind.eq_ignore_ascii_case("error") || kind.eq_ignore_ascii_case("warning") {
                    let said = migrate_core::redact::urls(&said);
                    found
                        .differences
                        .push(format!("CHECK TABLE {name}: {said}"));
                }
            }
        }
        Ok(())
    }

    fn next_commands(data: &Path) -> Vec<String> {
        let shown = data.display();
        vec![
            "stop the server, and move its data directory aside: it is the way back".to_owned(),
            format!("chown -R mysql: {shown}"),
            format!("point the server at {shown} (datadir), and start it"),
        ]
    }
}

/// Receives the binary log. The server keeps it as long as it is configured to; nothing is held.
struct BinaryLog {
    conn: MysqlConnection,
    url: DatabaseUrl,
    /// The file that was received last, in part.
    first: String,
}

impl BinaryLog {
    fn new(place: Place<'_, Mysql>, first: String) -> Result<Self, BackupError> {
        let mut conn = place.connect()?;
        // It may wait for as long as a rehearsal takes.
        conn.batch_execute("SET SESSION wait_timeout = 31536000")
            .map_err(place.refuses("to set a timeout"))?;
        Ok(BinaryLog {
            conn,
            url: place.url.clone(),
            first,
        })
    }
}

impl Follow for BinaryLog {
    fn keep(
        &mut self,
        into: &Path,
        batch: usize,
        options: &Options,
    ) -> Result<(Vec<BackupFile>, LogMark), BackupError> {
        let to = LogMark {
            time: time::now(),
            position: position(&mut self.conn).ok_or_else(|| BackupError::OutOfReach {
                wanted: "what the server wrote since".to_owned(),
                why: "it does not tell where its binary log stands".to_owned(),
            })?,
        };
        let workspace = Workspace::create(&options.directory)?;
        let login = Login::write(&self.url, Vendor::Mariadb, workspace.path())?;
        let received = workspace.path().join(LOG);
        folder(&received)?;
        let mut prefix = joined("--result-file=", &received);
        prefix.push("/");
        let program = first(&["mariadb-binlog", "mysqlbinlog"], &options.tools)?;
        login
            .with(Tool::new(&program))
            .args(["--read-from-remote-server", "--raw", "--to-last-log"])
            .arg(prefix)
            .arg(&self.first)
            .output()?;
        let mut files = Vec::new();
        for path in sorted(&received)? {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            let name = name.to_owned();
            let encrypt = options.encrypt.as_deref();
            let mut sink =
                Sink::create(into, &log_name(&name, batch), FileRole::Log, true, encrypt)?;
            let mut file = fs::File::open(&path).map_err(BackupError::file("read", &path))?;
            let mut bytes = vec![0; 256 * 1024];
            loop {
                let read = std::io::Read::read(&mut file, &mut bytes);
                match read.map_err(BackupError::file("read", &path))? {
                    0 => break,
                    count => sink.write(bytes.get(..count).unwrap_or_default())?,
                }
            }
            files.push(sink.finish()?);
            self.first = name;
        }
        Ok((files, to))
    }
}

/// Where a copy of the files stands.
struct Stands {
    file: String,
    position: u64,
}

fn stands(data: &Path) -> Result<Stands, BackupError> {
    let path = BINLOG_INFO.iter().map(|name| data.join(name));
    let path = path.into_iter().find(|path| path.exists());
    let path = path.unwrap_or_else(|| data.join("xtrabackup_binlog_info"));
    let text = fs::read_to_string(&path).map_err(BackupError::file("read", &path))?;
    let mut words = text.split_whitespace();
    match (words.next(), words.next().and_then(|it| it.parse().ok())) {
        (Some(file), Some(position)) => Ok(Stands {
            file: file.to_owned(),
            position,
        }),
        _ => Err(BackupError::Damaged {
            path,
            why: "it does not tell where the copy stands in the binary log".to_owned(),
        }),
    }
}

/// Applies the binary log from where the copy stands to a moment.
fn apply(
    server: &ScratchServer,
    stands: &Stands,
    reach: &Reach,
    options: &Options,
) -> Result<(), BackupError> {
    let last = match reach {
        Reach::Position(LogPosition::Mysql { file, .. }) => Some(file.clone()),
        _ => None,
    };
    let mut files = Vec::new();
    for path in sorted(&server.folder().join(LOG))? {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name else { continue };
        if name >= stands.file.as_str() && last.as_deref().is_none_or(|last| name <= last) {
            files.push(path);
        }
    }
    let reader = first(&["mariadb-binlog", "mysqlbinlog"], &options.tools)?;
    let mut tool = Tool::new(&reader)
        // What it says of times it says by its own clock.
        .variable("TZ", "UTC")
        .arg("--no-defaults")
        .arg(format!("--start-position={}", stands.position));
    match reach {
        Reach::Position(LogPosition::Mysql { file, position, .. }) => {
            if *file == stands.file && *position <= stands.position {
                return Ok(());
            }
            if files.last().and_then(|it| it.file_name()) != Some(file.as_ref()) {
                return Err(BackupError::OutOfReach {
                    wanted: reach.to_string(),
                    why: format!("{file} is not kept"),
                });
            }
            tool = tool.arg(format!("--stop-position={position}"));
        }
        Reach::Time(at) => {
            // The log knows seconds only.
            let text = time::text(*at).replace('T', " ");
            let text = text.split('.').next().unwrap_or_default().to_owned();
            tool = tool.arg(format!("--stop-datetime={text}"));
        }
        Reach::Position(_) => {}
    }
    let client = first(&["mariadb", "mysql"], &options.tools)?;
    let workspace = Workspace::create(server.folder())?;
    let login = Login::write(server.url(), Vendor::Mariadb, workspace.path())?;
    let mut reading = tool.args(files).start()?;
    let output = reading.output.take().map(Stdio::from);
    let applied = login
        .with(Tool::new(&client))
        .args(["--batch", "--binary-mode", "--max-allowed-packet=1G"])
        .reads(output.unwrap_or_else(Stdio::null))
        .output();
    // Where the reader failed, what reads behind it only saw an early end.
    reading.finish()?;
    applied?;
    Ok(())
}

/// The settings that the files need, as the program has written them beside them.
fn settings_of(data: &Path) -> Result<Vec<(String, String)>, BackupError> {
    let path = data.join("backup-my.cnf");
    let text = fs::read_to_string(&path).map_err(BackupError::file("read", &path))?;
    Ok(text
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(name, value)| name.starts_with("innodb_") && !value.is_empty())
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let entries = fs::read_dir(folder).map_err(BackupError::file("read", folder))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn joined(option: &str, path: &Path) -> std::ffi::OsString {
    let mut text = std::ffi::OsString::from(option);
    text.push(path);
    text
}

/// Where the binary log stands, for the snapshot of the session where one is open.
fn position(conn: &mut MysqlConnection) -> Option<LogPosition> {
    let mut text = |sql: &str| -> Option<String> {
        let rows = Mysql::rows(conn, sql).ok()?;
        let value = rows.into_iter().next()?.into_iter().next()??;
        Some(value).filter(|value| !value.is_empty())
    };
    let status =
        "SELECT variable_value FROM information_schema.session_status WHERE variable_name = ";
    let file = text(&format!("{status}'BINLOG_SNAPSHOT_FILE'"))?;
    let position = text(&format!("{status}'BINLOG_SNAPSHOT_POSITION'"))?;
    Some(LogPosition::Mysql {
        file,
        position: position.parse().ok()?,
        gtid: text("SELECT @@global.gtid_binlog_pos"),
    })
}

/// Opens a snapshot, and tells its place in the binary log.
fn snapshot(
    place: Place<'_, Mysql>,
    conn: &mut MysqlConnection,
) -> Result<LogPosition, BackupError> {
    let refuses = place.refuses("to open a snapshot");
    conn.batch_execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        .map_err(&refuses)?;
    // Through the manager first, so that it knows of a transaction.
    Manager::begin_transaction(conn)
        .and_then(|()| conn.batch_execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"))
        .map_err(&refuses)?;
    match position(conn) {
        // The ids of the server are of now, not of the snapshot.
        Some(LogPosition::Mysql { file, position, .. }) => Ok(LogPosition::Mysql {
            file,
            position,
            gtid: None,
        }),
        _ => Err(no_log(place)),
    }
}

fn no_log(place: Place<'_, Mysql>) -> BackupError {
    BackupError::OutOfReach {
        wanted: place.url.shown(),
        why: "it does not tell where its binary log stands".to_owned(),
    }
}

fn backup_program(tools: &ToolPaths) -> Result<PathBuf, ToolError> {
    first(&["mariadb-backup", "mariabackup"], tools)
}

/// It says its version on stderr.
fn version(program: &Path) -> Result<ToolVersion, ToolError> {
    let said = Tool::new(program).arg("--version").start()?.finish()?;
    let line = said.lines().last().unwrap_or_default().trim();
    ToolVersion::read(Vendor::Mysql, line).ok_or_else(|| ToolError::Version {
        name: program.display().to_string(),
        said: line.to_owned(),
    })
}

fn tools(server: &str, tools: &ToolPaths) -> Check {
    let mut said = Vec::new();
    match (
        backup_program(tools).and_then(|program| version(&program)),
        ToolVersion::read(Vendor::Mysql, server),
    ) {
        (Err(error), _) => said.push(error.to_string()),
        (Ok(tool), Some(server)) if (tool.major, tool.minor) != (server.major, server.minor) => {
            said.push(format!(
                "mariadb-backup is of {tool} and the server of {server}; it has to be the server's own version"
            ));
        }
        _ => {}
    }
    for names in [&["mariadb-binlog", "mysqlbinlog"][..], &["mbstream"]] {
        said.extend(first(names, tools).err().map(|error| error.to_string()));
    }
    match said.is_empty() {
        true => Check::new(
            "tools",
            Standing::Good,
            "the programs are of the server's version",
        ),
        false => Check::new("tools", Standing::NoGo, said.join("; ")),
    }
}

fn data_folder(
    place: Place<'_, Mysql>,
    conn: &mut MysqlConnection,
) -> Result<PathBuf, BackupError> {
    let row = place.row(conn, "to tell where its files are", "SELECT @@datadir")?;
    Ok(row.into_iter().next().flatten().unwrap_or_default().into())
}

fn system(place: Place<'_, Mysql>, conn: &mut MysqlConnection) -> Result<String, BackupError> {
    let row = place.row(
        conn,
        "to tell which server it is",
        "SELECT CONCAT_WS(' ', @@hostname, @@server_id, @@datadir, @@port)",
    )?;
    Ok(row.into_iter().next().flatten().unwrap_or_default())
}

/// Whether the server can be copied from here, and what is known of it.
fn server(
    place: &Place<'_, Mysql>,
    conn: &mut MysqlConnection,
    survey: &mut Survey,
) -> Result<(), BackupError> {
    let row = place.row(
        conn,
        "to tell whether it can be copied",
        "SELECT CAST(@@log_bin AS CHAR), @@global.binlog_format, @@hostname, @@datadir, \
         (SELECT CAST(sum(data_length + index_length) AS CHAR) FROM information_schema.tables), \
         (SELECT GROUP_CONCAT(schema_name ORDER BY schema_name SEPARATOR ', ') FROM information_schema.schemata \
          WHERE schema_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', database()))",
    )?;
    let settings = place.row(
        conn,
        "to tell its settings",
        "SELECT CAST(@@lower_case_table_names AS CHAR), @@global.sql_mode, \
         CAST(@@global.innodb_strict_mode AS CHAR), @@global.character_set_server, \
         @@global.collation_server",
    )?;
    let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
    let mut problems = Vec::new();
    if !matches!(text(0).as_str(), "1" | "ON") {
        problems.push(
            "it writes no binary log (log_bin), without which nothing can be rolled forward"
                .to_owned(),
        );
    }
    if text(1) == "STATEMENT" {
        problems.push(
            "binlog_format is STATEMENT, which does not say for certain what rows become; it has to be ROW or MIXED"
                .to_owned(),
        );
    }
    let data = PathBuf::from(text(3));
    let here = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if here.trim() != text(2) || fs::File::open(data.join("ibdata1")).is_err() {
        problems.push(format!(
            "its files are read from the disk: run this on {}, as a user who may read {}",
            text(2),
            data.display()
        ));
    }
    let rows = place.rows(conn, "to tell the rights", "SHOW GRANTS")?;
    let grants: Vec<String> = rows.into_iter().flatten().flatten().collect();
    let rights = granted(&grants, |on| on == "*.*");
    let has = |right: &str| {
        rights
            .iter()
            .any(|it| it == right || it == "ALL PRIVILEGES" || it == "ALL")
    };
    let missing: Vec<&str> = RIGHTS.into_iter().filter(|right| !has(right)).collect();
    if !missing.is_empty() {
        problems.push(format!(
            "the user lacks rights on *.*: {}",
            missing.join(", ")
        ));
    }
    survey.checks.push(match problems.is_empty() {
        true => Check::new(
            "server",
            Standing::Good,
            "the server can be copied while it runs",
        ),
        false => Check::new("server", Standing::NoGo, problems.join("; ")),
    });
    survey.source_bytes = text(4).parse().ok();
    survey.table_bytes = number(Some(&text(4)));
    let properties = &mut survey.properties;
    for (name, value) in SETTINGS.iter().zip(settings) {
        properties.extend(value.map(|value| ((*name).to_owned(), value)));
    }
    properties.insert(SYSTEM.to_owned(), system(*place, conn)?);
    if !text(5).is_empty() {
        properties.insert(OTHER_DATABASES.to_owned(), text(5));
    }
    Ok(())
}
