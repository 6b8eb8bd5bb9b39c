//! PostgreSQL: `pg_dump` and `pg_restore`, with `pg_dumpall` for what belongs to the server.

use std::collections::BTreeMap;
use std::thread;

use diesel::connection::{Connection, SimpleConnection, TransactionManager};
use diesel::pg::Pg;
use migrate_core::Dialect;

use super::{Dumped, Fill, Job, Place, Survey, number};
use crate::backup::error::BackupError;
use crate::backup::evidence::{BackupEvidence, BackupFile, FileRole, Snapshot};
use crate::backup::options::Options;
use crate::backup::preflight::{Check, Standing};
use crate::backup::restore::Target;
use crate::connect::{Engine, Open};
use crate::tool::{Login, Tool, ToolVersion, Vendor, find};

pub(in crate::backup) type PgConnection = <Pg as Engine>::Connection;
pub(in crate::backup) type Manager = <PgConnection as Connection>::TransactionManager;

/// The schemas of users, as `n`: what PostgreSQL itself brings is in no dump.
const OF_USERS: &str = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_(toast|temp|toast_temp)' \
     AND n.nspname <> 'pg_catalog'";

/// Whether a relation `c` is not an extension's.
const NOT_OF_EXTENSIONS: &str = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass \
     AND d.objid = c.oid AND d.deptype = 'e')";

/// Tables that statements are locked in at once.
pub(in crate::backup) const LOCKED_AT_ONCE: usize = 200;

impl super::Backup for Pg {
    fn survey(place: &Place<'_, Self>, options: &Options) -> Result<Survey, BackupError> {
        let mut conn = place.connect()?;
        let doing = "to tell about itself";
        let about = place.row(
            &mut conn,
            doing,
            &format!(
                "SELECT version(), current_setting('server_version'), \
                 pg_database_size(current_database())::text, \
                 (SELECT coalesce(sum(pg_table_size(c.oid)), 0) FROM pg_class c \
                  JOIN pg_namespace n ON n.oid = c.relnamespace \
                  WHERE c.relkind IN ('r', 'm') AND {OF_USERS})::text"
            ),
        )?;
        let text = |at: usize| about.get(at).cloned().flatten().unwrap_or_default();
        let mut checks = vec![tool_check(&text(1), options)];
        checks.push(rights(place, &mut conn)?);
        Ok(Survey {
            server: text(0),
            source_bytes: text(2).parse().ok(),
            table_bytes: number(Some(&text(3))),
            properties: properties(place, &mut conn)?,
            checks,
        })
    }

    fn dump(job: &mut Job<'_, '_, Self>) -> Result<Dumped, BackupError> {
        let place = job.place;
        let tools = &job.options.tools;
        let program = find("pg_dump", Dialect::Postgres, tools)?;
        let version = ToolVersion::of(&program, Vendor::Postgres)?;
        let login = Login::write(place.url, Vendor::Postgres, job.workspace.path())?;
        let mut holder = place.connect()?;
        let held = hold(place, &mut holder, job.options)?;
        job.tell("dumping", None);
        let wait = job.options.lock_timeout.as_millis().max(1);
        let tool = login.with(Tool::new(&program)).args([
            "--format=custom".to_owned(),
            format!("--snapshot={}", held.id),
            format!("--lock-wait-timeout={wait}"),
        ]);
        let running = tool.start()?;
        let sink = job.sink("database.dump", FileRole::Data, false)?;
        let selection = job.selection.clone();
        // Digesting takes about as long as dumping; a snapshot that is held twice as long would keep
        // what is deleted meanwhile from being vacuumed.
        let (data, tables) = thread::scope(|scope| {
            let digesting = scope.spawn(move || {
                let tables = Job::<Pg>::digest(selection.as_ref(), &mut holder);
                (tables, holder)
            });
            let data = job.pump(running, sink, |_| Ok(()));
            (data, digesting.join())
        });
        let data = data?;
        let (tables, mut holder) = tables.map_err(|_| BackupError::Stopped)?;
        let tables = tables?;
        // The snapshot was needed until here; what the server says at its end changes nothing.
        let _ = Manager::rollback_transaction(&mut holder);
        let mut files = vec![data];
        let mut notes = Vec::new();
        for (role, name, option) in [
            (FileRole::Roles, "roles.sql", "--roles-only"),
            (
                FileRole::Tablespaces,
                "tablespaces.sql",
                "--tablespaces-only",
            ),
        ] {
            match globals(job, &login, role, name, option) {
                Ok(file) => files.push(file),
                Err(BackupError::Tool(error)) => {
                    notes.push(format!(
                        "the server's {} are not in it: {error}",
                        name.trim_end_matches(".sql")
                    ));
                }
                Err(error) => return Err(error),
            }
        }
        notes.push("the passwords of roles are not in it".to_owned());
        Ok(Dumped {
            snapshot: Snapshot::Postgres {
                id: held.id,
                transactions: held.transactions,
                wal: held.wal,
            },
            stall_seconds: None,
            files,
            tools: vec![version.text],
            notes,
            tables,
        })
    }

    fn holds(place: &Place<'_, Self>) -> Result<Option<String>, BackupError> {
        if !exists(place)? {
            return Ok(None);
        }
        let mut conn = place.connect()?;
        let found = place.row(
            &mut conn,
            "to tell what it holds",
            &format!(
                "SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND {OF_USERS} AND {NOT_OF_EXTENSIONS})::text, \
                 (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
                 WHERE {OF_USERS} AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass \
                 AND d.objid = p.oid AND d.deptype = 'e'))::text, \
                 (SELECT count(*) FROM pg_namespace n WHERE {OF_USERS} AND n.nspname <> 'public')::text"
            ),
        )?;
        let words = ["relations", "routines", "schemas"];
        let holds: Vec<String> = words
            .iter()
            .zip(&found)
            .filter(|(_, count)| number(count.as_ref()) > 0)
            .map(|(word, count)| format!("{} {word}", number(count.as_ref())))
            .collect();
        Ok(Some(holds.join(", ")).filter(|holds| !holds.is_empty()))
    }

    fn make(place: &Place<'_, Self>, evidence: &BackupEvidence) -> Result<bool, BackupError> {
        if exists(place)? {
            return Ok(false);
        }
        let name = place.url.database.as_deref().unwrap_or_default();
        let mut sql = format!(
            "CREATE DATABASE {} TEMPLATE template0",
            Dialect::Postgres.quote_identifier(name)
        );
        for (property, keyword) in [
            ("encoding", "ENCODING"),
            ("collate", "LC_COLLATE"),
            ("ctype", "LC_CTYPE"),
            ("icu_locale", "LOCALE_PROVIDER icu ICU_LOCALE"),
        ] {
            if let Some(value) = evidence.properties.get(property) {
                let value = Dialect::Postgres.quote_text(value);
                sql.push_str(&format!(" {keyword} {value}"));
            }
        }
        let mut conn = maintenance(place)?;
        conn.batch_execute(&sql)
            .map_err(place.refuses("to be made"))?;
        Ok(true)
    }

    fn drop(place: &Place<'_, Self>) -> Result<(), BackupError> {
        let name = place.url.database.as_deref().unwrap_or_default();
        let name = Dialect::Postgres.quote_identifier(name);
        let mut conn = maintenance(place)?;
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .map_err(place.refuses("to be dropped"))
    }

    fn fill(fill: &mut Fill<'_, '_, Self>) -> Result<Vec<String>, BackupError> {
        let tools = &fill.options.tools;
        let login = Login::write(fill.place.url, Vendor::Postgres, fill.workspace.path())?;
        let mut notes = Vec::new();
        if fill.target == Target::Private
            && let Some(roles) = fill.evidence.file(FileRole::Roles)
        {
            let psql = find("psql", Dialect::Postgres, tools)?;
            let running = login
                .with(Tool::new(&psql))
                .args(["--no-psqlrc", "--quiet", "--output=/dev/null", "--file=-"])
                .with_input()
                .start()?;
            // Roles that are there already, as the superuser's, are refused; that others are missing
            // shows when something belongs to them.
            fill.feed(running, roles)?;
        }
        let Some(data) = fill.evidence.file(FileRole::Data) else {
            return Err(BackupError::External);
        };
        let program = find("pg_restore", Dialect::Postgres, tools)?;
        let mut tool = login.with(Tool::new(&program)).arg("--exit-on-error");
        if !fill.made {
            // Whoever made the database gets all or nothing.
            tool = tool.arg("--single-transaction");
        }
        match fill.target {
            Target::Database => notes.push(
                "owner, grants and settings of the database itself (ALTER DATABASE) were not restored"
                    .to_owned(),
            ),
            // Nothing in the copy may reach out of it.
            Target::Private => tool = tool.args(["--no-tablespaces", "--no-subscriptions"]),
            Target::Scratch => {
                tool = tool.args([
                    "--no-tablespaces",
                    "--no-subscriptions",
                    "--no-owner",
                    "--no-privileges",
                ]);
                notes.push("owners and grants were not restored".to_owned());
            }
        }
        let running = tool.with_input().start()?;
        fill.feed(running, data)?;
        Ok(notes)
    }
}

fn tool_check(server: &str, options: &Options) -> Check {
    let version = find("pg_dump", Dialect::Postgres, &options.tools)
        .and_then(|program| ToolVersion::of(&program, Vendor::Postgres));
    let server = ToolVersion::read(Vendor::Postgres, server);
    let (standing, detail) = match (version, server) {
        (Err(error), _) => (Standing::NoGo, error.to_string()),
        (Ok(tool), Some(server)) if tool.major < server.major => (
            Standing::NoGo,
            format!(
                "pg_dump is of {tool} and the server of {server}; it cannot dump newer servers"
            ),
        ),
        (Ok(tool), Some(server)) => (
            Standing::Good,
            format!("pg_dump is of {tool}, the server of {server}"),
        ),
        (Ok(tool), None) => (
            Standing::Warning,
            format!("pg_dump is of {tool}; the server does not tell its version"),
        ),
    };
    Check::new("tool", standing, detail)
}

/// What may not be read, or of which row security would hide rows. Partly reading is never right, so
/// each of these stops.
fn rights(place: &Place<'_, Pg>, conn: &mut PgConnection) -> Result<Check, BackupError> {
    let rows = place.rows(
        conn,
        "to tell the rights",
        &format!(
            "SELECT CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE') THEN 'no right to use the schema of ' \
             WHEN c.relkind = 'S' AND NOT has_sequence_privilege(c.oid, 'SELECT') THEN 'no right to read ' \
             WHEN c.relkind <> 'S' AND NOT has_table_privilege(c.oid, 'SELECT') THEN 'no right to read ' \
             ELSE 'row security would hide rows of ' END || c.oid::regclass::text \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't' AND {OF_USERS} \
             AND {NOT_OF_EXTENSIONS} AND (NOT has_schema_privilege(n.oid, 'USAGE') \
             OR c.relkind = 'S' AND NOT has_sequence_privilege(c.oid, 'SELECT') \
             OR c.relkind <> 'S' AND NOT has_table_privilege(c.oid, 'SELECT') \
             OR row_security_active(c.oid)) ORDER BY 1 LIMIT 20"
        ),
    )?;
    let problems: Vec<String> = rows.into_iter().flatten().flatten().collect();
    Ok(match problems.is_empty() {
        true => Check::new("rights", Standing::Good, "every table may be read"),
        false => Check::new("rights", Standing::NoGo, problems.join("; ")),
    })
}

fn properties(
    place: &Place<'_, Pg>,
    conn: &mut PgConnection,
) -> Result<BTreeMap<String, String>, BackupError> {
    // The columns that tell of ICU have other names in every version since 15.
    let row = place.row(
        conn,
        "to tell its encoding",
        "SELECT pg_encoding_to_char(encoding)::text, datcollate::text, datctype::text, \
         coalesce(to_jsonb(d) ->> 'daticulocale', CASE WHEN to_jsonb(d) ->> 'datlocprovider' = 'i' \
         THEN to_jsonb(d) ->> 'datlocale' END) \
         FROM pg_database d WHERE datname = current_database()",
    )?;
    let names = ["encoding", "collate", "ctype", "icu_locale"];
    Ok(names
        .iter()
        .zip(row)
        .filter_map(|(name, value)| Some(((*name).to_owned(), value?)))
        .collect())
}

/// The snapshot that the dump sees.
pub(in crate::backup) struct Held {
    pub(in crate::backup) id: String,
    pub(in crate::backup) transactions: String,
    pub(in crate::backup) wal: String,
}

/// Begins a transaction whose snapshot the dump will see, and in which no table can be altered,
/// dropped or truncated any more.
///
/// The locks come before the snapshot: a TRUNCATE between the two would make the dump of that table
/// empty, whatever the snapshot. They are the weakest that there are, and only DDL waits for them.
pub(in crate::backup) fn hold(
    place: Place<'_, Pg>,
    conn: &mut PgConnection,
    options: &Options,
) -> Result<Held, BackupError> {
    let begin = place.refuses("a transaction to dump from");
    Manager::begin_transaction(conn).map_err(&begin)?;
    conn.batch_execute(&format!(
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; \
         SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = 0; \
         SET LOCAL idle_in_transaction_session_timeout = 0",
        options.lock_timeout.as_millis().max(1)
    ))
    .map_err(&begin)?;
    // The names are read on a connection of their own: a query would fix the snapshot.
    let names = tables(place, &mut place.connect()?)?;
    for names in names.chunks(LOCKED_AT_ONCE) {
        let sql = format!("LOCK TABLE {} IN ACCESS SHARE MODE", names.join(", "));
        conn.batch_execute(&sql)
            .map_err(place.refuses("to keep its tables as they are"))?;
    }
    let row = place.row(
        conn,
        "to export a snapshot",
        "SELECT pg_export_snapshot(), pg_current_snapshot()::text, \
         CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() \
         ELSE pg_current_wal_insert_lsn() END::text",
    )?;
    let mut fields = row.into_iter().map(Option::unwrap_or_default);
    let mut next = || fields.next().unwrap_or_default();
    Ok(Held {
        id: next(),
        transactions: next(),
        wal: next(),
    })
}

/// The tables of users, as statements that lock them name them.
pub(in crate::backup) fn tables(
    place: Place<'_, Pg>,
    conn: &mut PgConnection,
) -> Result<Vec<String>, BackupError> {
    let tables = place.rows(
        conn,
        "to tell its tables",
        &format!(
            "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND {OF_USERS} AND {NOT_OF_EXTENSIONS} \
             ORDER BY 1, 2"
        ),
    )?;
    let names = tables
        .iter()
        .map(|row| {
            let parts: Vec<String> = row
                .iter()
                .flatten()
                .map(|part| Dialect::Postgres.quote_identifier(part))
                .collect();
            format!("ONLY {}", parts.join("."))
        })
        .collect();
    Ok(names)
}

fn globals(
    job: &mut Job<'_, '_, Pg>,
    login: &Login,
    role: FileRole,
    name: &str,
    option: &str,
) -> Result<BackupFile, BackupError> {
    let program = find("pg_dumpall", Dialect::Postgres, &job.options.tools)?;
    let mut tool = login.with(Tool::new(&program)).arg(option);
    if role == FileRole::Roles {
        // Reading passwords takes a superuser, and a backup is no place for them.
        tool = tool.arg("--no-role-passwords");
    }
    let running = tool.start()?;
    let sink = job.sink(name, role, false)?;
    let path = job.workspace.path().join(name);
    let file = job.pump(running, sink, |_| Ok(()));
    if file.is_err() {
        // It is not part of the backup then.
        let _ = std::fs::remove_file(path);
    }
    file
}

/// A connection to another database of the server: nobody can make or drop the one they are in.
pub(crate) fn maintenance(place: &Place<'_, Pg>) -> Result<PgConnection, BackupError> {
    let connect = |name| {
        let url = place.url.with_database(Some(name));
        Pg::connect(&url, Open::Existing, place.runtime)
    };
    Ok(connect("postgres")
        .or_else(|_| connect("template1"))?
        .connection)
}

pub(crate) fn exists(place: &Place<'_, Pg>) -> Result<bool, BackupError> {
    let mut conn = maintenance(place)?;
    let names = place.rows(
        &mut conn,
        "to tell the databases",
        "SELECT datname::text FROM pg_database",
    )?;
    let name = place.url.database.as_ref();
    Ok(names.iter().flatten().any(|it| it.as_ref() == name))
}
