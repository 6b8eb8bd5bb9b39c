//! PostgreSQL: `pg_basebackup` for the files, `pg_receivewal` for the log, and a server that recovers to
//! a place in it.

mod log;
mod lsn;
mod moment;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use diesel::QueryResult;
use diesel::connection::TransactionManager as _;
use diesel::pg::Pg;
use migrate_core::Dialect;
use migrate_runtime::Database as _;
use tokio::runtime::Runtime;

use super::unpack::{folder, log_into, private_file, unpack_with};
use super::{Copied, OTHER_DATABASES, Reach};
use crate::backup::Backup;
use crate::backup::definitions::Definitions;
use crate::backup::engine::postgres::{Manager, PgConnection};
use crate::backup::engine::{Dumped, Job, Place, Survey, number};
use crate::backup::error::BackupError;
use crate::backup::evidence::{FileRole, Snapshot, Verification};
use crate::backup::log::{Follower, KeptLog, LogMark, LogPosition, log_file};
use crate::backup::options::Options;
use crate::backup::preflight::{Check, Standing};
use crate::backup::store::Stored;
use crate::connect::DatabaseUrl;
use crate::event::Listener;
use crate::scratch::{Brought, ScratchServer};
use crate::time;
use crate::tool::{Login, Tool, ToolVersion, Vendor, Workspace, find};
use log::Log;
pub(in crate::backup) use lsn::Lsn;
use moment::Moment;

/// The programs that a physical backup takes, and its verification.
const PROGRAMS: [&str; 3] = ["pg_basebackup", "pg_receivewal", "pg_verifybackup"];
/// Walsenders that it takes at once: one for the files, one for the log.
const SENDERS: u64 = 2;
/// The property with a role that may do everything.
const SUPERUSER: &str = "superuser";
/// The property with what a server has to be given where transactions are prepared.
const PREPARED: &str = "max_prepared_transactions";

impl super::Physical for Pg {
    fn survey_server(place: &Place<'_, Self>, options: &Options) -> Result<Survey, BackupError> {
        let mut survey = Pg::survey(place, options)?;
        // It is not dumped.
        survey.checks.retain(|check| check.what != "tool");
        survey.checks.push(tools(&survey.server, options));
        let mut conn = place.connect()?;
        let (checks, server) = server(place, &mut conn)?;
        let ready = checks.iter().all(|it| it.standing != Standing::NoGo);
        survey.checks.extend(checks);
        if ready {
            // What it would say otherwise is said better above.
            survey.checks.push(entrance(place, options)?);
        }
        survey.source_bytes = Some(server.bytes);
        survey.table_bytes = server.bytes;
        survey.properties.extend(server.properties);
        Ok(survey)
    }

    fn copy_server(job: &mut Job<'_, '_, Self>) -> Result<Copied, BackupError> {
        let place = job.place;
        let program = find("pg_basebackup", Dialect::Postgres, &job.options.tools)?;
        let version = ToolVersion::of(&program, Vendor::Postgres)?;
        // Before the first file: the files are nothing without it.
        let log = Log::begin(place, job.options)?;
        let login = Login::write(place.url, Vendor::Postgres, log.folder())?;
        job.tell("copying the server's files", None);
        let running = login
            .with(Tool::new(&program))
            .args([
                "--pgdata=-",
                "--format=tar",
                "--wal-method=none",
                "--checkpoint=fast",
                "--manifest-checksums=SHA256",
            ])
            .start()?;
        let sink = job.sink("server.tar", FileRole::Data, true)?;
        let data = job.pump(running, sink, |_| Ok(()))?;
        job.tell("looking for the moment that is compared", None);
        let definitions = Definitions::read(&place, job.options)?;
        let mut moment = match &job.selection {
            Some(_) => Moment::find(place, job.options)?,
            None => Moment::of_log(place)?,
        };
        let from = LogMark {
            time: time::now(),
            position: LogPosition::Postgres {
                lsn: moment.lsn.to_string(),
            },
        };
        let reached = log.catch_up()?;
        let to = LogMark {
            time: time::now(),
            position: LogPosition::Postgres {
                lsn: reached.to_string(),
            },
        };
        let mut notes = Vec::new();
        let tables = match (moment.holder.take(), job.selection.clone()) {
            (Some(mut holder), Some(selection)) => {
                job.tell("reading what the tables hold", None);
                let unlogged = unlogged(place, &mut holder)?;
                let selection = selection.without(unlogged.iter().cloned());
                let mut tables = Job::<Pg>::digest(Some(&selection), &mut holder)?;
                if let Some(tables) = &mut tables {
                    let reason = "unlogged: a physical backup has it without its rows".to_owned();
                    tables
                        .not_read
                        .extend(unlogged.into_iter().map(|name| (name, reason.clone())));
                }
                // What the server says at its end changes nothing.
                let _ = Manager::rollback_transaction(&mut holder);
                tables
            }
            _ => None,
        };
        let encrypt = job.options.encrypt.as_deref();
        let mut files = vec![data];
        files.extend(log.put(job.workspace.path(), 0, encrypt)?);
        notes.extend(moment.uncertain.clone());
        notes.push("the whole server is in it, with its roles and their passwords".to_owned());
        Ok(Copied {
            dumped: Dumped {
                stall_seconds: moment.stall_seconds(),
                snapshot: Snapshot::Postgres {
                    id: moment.held.id,
                    transactions: moment.held.transactions,
                    wal: moment.lsn.to_string(),
                },
                files,
                tools: vec![version.text],
                notes,
                tables,
            },
            definitions,
            log: KeptLog { from, to },
            follower: Follower(Box::new(log)),
        })
    }

    fn log_position(connection: &mut PgConnection) -> QueryResult<Option<LogPosition>> {
        // A standby writes no log of its own.
        let sql =
            "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_insert_lsn()::text END";
        let rows = Pg::rows(connection, sql)?;
        let lsn = rows.into_iter().flatten().flatten().next();
        Ok(lsn.map(|lsn| LogPosition::Postgres { lsn }))
    }

    fn follow_on(
        place: Place<'_, Self>,
        stored: &Stored,
        options: &Options,
    ) -> Result<Follower, BackupError> {
        let mut conn = place.connect()?;
        let system = system(place, &mut conn)?;
        if stored.evidence.properties.get(SYSTEM) != Some(&system) {
            return Err(BackupError::OutOfReach {
                wanted: "what the server wrote since".to_owned(),
                why: format!(
                    "{} is another server than the one that was backed up",
                    place.url.shown()
                ),
            });
        }
        let logs = stored.evidence.files.iter();
        let segments = logs.filter(|file| file.role == FileRole::Log);
        let last = segments.filter_map(|file| log_file(&file.name)).max();
        let (segment, _) = last.ok_or_else(|| BackupError::NotPhysical {
            id: stored.evidence.id.to_string(),
        })?;
        let log = Log::go_on(place, options, segment)?;
        Ok(Follower(Box::new(log)))
    }

    fn unpack(
        stored: &Stored,
        options: &Options,
        reach: &Reach,
        data: &Path,
        checked: bool,
        listener: &mut dyn Listener,
    ) -> Result<(), BackupError> {
        folder(data)?;
        let tar = Tool::new(Path::new("tar")).args(["--extract", "--no-same-owner", "--file=-"]);
        let tar = tar.arg("--directory").arg(data);
        unpack_with(tar, stored, options, listener)?;
        if checked {
            let program = find("pg_verifybackup", Dialect::Postgres, &options.tools)?;
            let tool = Tool::new(&program).args(["--no-parse-wal", "--quiet"]);
            // The log comes apart from the files; that it is whole shows in the recovery.
            tool.arg(data).output()?;
        }
        log_into(&data.join("pg_wal"), stored, options)?;
        let path = data.join("recovery.signal");
        private_file(&path).map_err(BackupError::file("write", &path))?;
        // Read after postgresql.conf, wherever that is; the server's own program writes it too.
        let path = data.join("postgresql.auto.conf");
        let mut text = fs::read_to_string(&path).unwrap_or_default();
        text.push_str(
            "\n# Up to where the backup is rolled forward. All of the log is in pg_wal.\n",
        );
        for (name, value) in recovery(reach) {
            text.push_str(&format!("{name} = '{value}'\n"));
        }
        private_file(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(BackupError::file("write", &path))
    }

    fn settle(
        _: &Stored,
        _: &Options,
        _: &Reach,
        brought: Brought,
        _: &Runtime,
        _: &mut dyn Listener,
    ) -> Result<Brought, BackupError> {
        // Whatever server is started on it recovers.
        Ok(brought)
    }

    fn start(
        stored: &Stored,
        options: &Options,
        reach: &Reach,
        brought: Brought,
        runtime: &Runtime,
        listener: &mut dyn Listener,
    ) -> Result<ScratchServer, BackupError> {
        let properties = &stored.evidence.properties;
        // What the original was told to do is not for a copy: to load, to archive, to listen.
        let data = brought.data();
        for name in ["postgresql.auto.conf", "standby.signal"] {
            let path = data.join(name);
            if path.exists() {
                fs::remove_file(&path).map_err(BackupError::file("remove", &path))?;
            }
        }
        let mut settings = recovery(reach);
        settings.push(("hot_standby".to_owned(), "off".to_owned()));
        if let Some(count) = properties.get(PREPARED) {
            settings.push((PREPARED.to_owned(), count.clone()));
        }
        let user = properties.get(SUPERUSER).cloned().unwrap_or_default();
        if user.is_empty() || user.contains(['"', '\n', '\r']) || user.starts_with('/') {
            return Err(BackupError::Unspeakable { name: user });
        }
        let programs = options.tools.postgres.iter().cloned().collect();
        let major = crate::backup::verify::major(&stored.evidence.server);
        let mut go_on = || !listener.stop();
        let server =
            brought.start_postgres(programs, major, &user, settings, runtime, &mut go_on)?;
        match server {
            Some(server) => Ok(server),
            None => Err(BackupError::Stopped),
        }
    }

    fn check_server(
        server: &ScratchServer,
        database: &DatabaseUrl,
        options: &Options,
        found: &mut Verification,
    ) -> Result<(), BackupError> {
        let program = match find("pg_amcheck", Dialect::Postgres, &options.tools) {
            Ok(program) => program,
            Err(error) => {
                found.not_compared.push(format!("indexes: {error}"));
                return Ok(());
            }
        };
        // It takes no connection string; there is no password that a file would have to hand over.
        let name = database.database.as_deref().unwrap_or_default();
        let user = database.user.as_deref().unwrap_or_default();
        let tool = Tool::new(&program)
            .arg("--host")
            .arg(server.folder())
            .args(["--port=5432", "--no-password", "--install-missing"])
            .arg(format!("--username={user}"))
            // A pattern, of which everything between quotes is meant as it stands.
            .arg(format!("--database=\"{}\"", name.replace('"', "\"\"")));
        match tool.output() {
            Ok(_) => {}
            // It says so by its exit code, and where on stdout, with no value of a row.
            Err(crate::tool::ToolError::Failed { status, .. }) if status.code() == Some(2) => found
                .differences
                .push("pg_amcheck finds damage in tables or indexes".to_owned()),
            Err(error) => found.not_compared.push(format!("indexes: {error}")),
        }
        Ok(())
    }

    fn next_commands(data: &Path) -> Vec<String> {
        let shown = data.display();
        vec![
            "stop the server, and move its data directory aside: it is the way back".to_owned(),
            format!("chown -R postgres: {shown}"),
            format!(
                "point the server at {shown} (data_directory), start it, and wait until pg_is_in_recovery() \
                 is false"
            ),
        ]
    }
}

/// Where the recovery stops, and that it needs nothing from elsewhere.
fn recovery(reach: &Reach) -> Vec<(String, String)> {
    let mut settings = vec![
        ("restore_command", "false".to_owned()),
        ("recovery_target_timeline", "current".to_owned()),
        ("recovery_target_action", "promote".to_owned()),
        ("recovery_target_inclusive", "off".to_owned()),
    ];
    match reach {
        Reach::Position(position) => settings.push(("recovery_target_lsn", position.to_string())),
        Reach::Time(at) => {
            // Names of time zones, and `Z` is one, are not known yet when it is read.
            let text = time::text(*at).replace('T', " ").replace('Z', "+00");
            settings.push(("recovery_target_time", text));
        }
    }
    let settings = settings.into_iter();
    settings
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn tools(server: &str, options: &Options) -> Check {
    let server = ToolVersion::read(Vendor::Postgres, server);
    let mut said = Vec::new();
    for name in PROGRAMS {
        let version = find(name, Dialect::Postgres, &options.tools)
            .and_then(|program| ToolVersion::of(&program, Vendor::Postgres));
        match (version, &server) {
            (Err(error), _) => said.push(error.to_string()),
            (Ok(tool), Some(server)) if tool.major != server.major => said.push(format!(
                "{name} is of {tool} and the server of {server}; name the folder of the server's own version \
                 under [tools]"
            )),
            _ => {}
        }
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

/// What is known of a server.
struct About {
    bytes: u64,
    properties: Vec<(String, String)>,
}

/// The property with the number that a server and its copies have, and no other.
const SYSTEM: &str = "system";

fn system(place: Place<'_, Pg>, conn: &mut PgConnection) -> Result<String, BackupError> {
    let row = place.row(
        conn,
        "to tell which server it is",
        "SELECT system_identifier::text FROM pg_control_system()",
    )?;
    Ok(row.into_iter().next().flatten().unwrap_or_default())
}

fn server(
    place: &Place<'_, Pg>,
    conn: &mut PgConnection,
) -> Result<(Vec<Check>, About), BackupError> {
    let row = place.row(
        conn,
        "to tell whether it can be copied",
        "SELECT current_setting('wal_level'), current_setting('max_wal_senders'), \
         (SELECT count(*) FROM pg_stat_replication)::text, current_setting('max_replication_slots'), \
         (SELECT count(*) FROM pg_replication_slots)::text, \
         (SELECT (rolsuper OR rolreplication)::text FROM pg_roles WHERE rolname = session_user), \
         pg_is_in_recovery()::text, \
         (SELECT string_agg(spcname, ', ') FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')), \
         (SELECT (last_failed_time > coalesce(last_archived_time, '-infinity'))::text FROM pg_stat_archiver), \
         current_setting('archive_mode'), \
         (SELECT coalesce(sum(CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END), 0) \
          FROM pg_database)::text, \
         (SELECT rolname::text FROM pg_roles WHERE oid = 10), \
         current_setting('max_prepared_transactions'), \
         (SELECT string_agg(datname::text, ', ' ORDER BY datname) FROM pg_database \
          WHERE NOT datistemplate AND datname NOT IN (current_database(), 'postgres'))",
    )?;
    let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
    let mut problems = Vec::new();
    if text(0) == "minimal" {
        problems.push("wal_level is `minimal`; it has to be `replica` or `logical`".to_owned());
    }
    for (what, limit, used, needed) in [
        ("max_wal_senders", text(1), text(2), SENDERS),
        ("max_replication_slots", text(3), text(4), 1),
    ] {
        let free = number(Some(&limit)).saturating_sub(number(Some(&used)));
        if free < needed {
            problems.push(format!(
                "{what} is {limit}, of which {used} are used; {needed} more are needed"
            ));
        }
    }
    if text(5) != "true" {
        problems.push("the user has no right to replicate (ALTER ROLE … REPLICATION)".to_owned());
    }
    if text(6) == "true" {
        problems.push("it is a standby; make the backup of its primary".to_owned());
    }
    if !text(7).is_empty() {
        problems.push(format!(
            "it has tablespaces ({}), which a copy in one stream cannot hold",
            text(7)
        ));
    }
    if text(8) == "true" && text(9) != "off" {
        problems.push(
            "its archive_command fails, and a backup would wait for it without end".to_owned(),
        );
    }
    let check = match problems.is_empty() {
        true => Check::new(
            "server",
            Standing::Good,
            "the server can be copied while it runs",
        ),
        false => Check::new("server", Standing::NoGo, problems.join("; ")),
    };
    let mut properties = vec![
        (SUPERUSER.to_owned(), text(11)),
        (PREPARED.to_owned(), text(12)),
        (SYSTEM.to_owned(), system(*place, conn)?),
    ];
    if !text(13).is_empty() {
        properties.push((OTHER_DATABASES.to_owned(), text(13)));
    }
    let about = About {
        bytes: number(Some(&text(10))),
        properties,
    };
    Ok((vec![check], about))
}

/// Whether the server lets replication in from here: that takes a line of its own in pg_hba.conf, and no
/// pooler.
fn entrance(place: &Place<'_, Pg>, options: &Options) -> Result<Check, BackupError> {
    let workspace = Workspace::create(&options.directory)?;
    let mut url = place.url.clone();
    url.parameters.retain(|(key, _)| key != "replication");
    url.parameters
        .push(("replication".to_owned(), "true".to_owned()));
    let tried = find("psql", Dialect::Postgres, &options.tools).and_then(|psql| {
        let login = Login::write(&url, Vendor::Postgres, workspace.path())?;
        login
            .with(Tool::new(&psql))
            .args(["--no-psqlrc", "--quiet", "--command=IDENTIFY_SYSTEM"])
            .output()
    });
    Ok(match tried {
        Ok(_) => Check::new(
            "replication",
            Standing::Good,
            "replication may connect from here",
        ),
        Err(error) => Check::new(
            "replication",
            Standing::NoGo,
            format!("replication may not connect from here (pg_hba.conf, or a pooler): {error}"),
        ),
    })
}

/// Tables without a log, by the names that digests have for them.
fn unlogged(place: Place<'_, Pg>, conn: &mut PgConnection) -> Result<Vec<String>, BackupError> {
    let rows = place.rows(
        conn,
        "to tell its unlogged tables",
        "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'u' ORDER BY 1, 2",
    )?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let mut fields = row.into_iter().flatten();
            let (schema, name) = (fields.next()?, fields.next()?);
            Some(crate::digest::table_name(Some(&schema), &name))
        })
        .collect())
}
