//! MySQL and MariaDB: `mariadb-dump` or `mysqldump`, read back by `mariadb` or `mysql`.
//!
//! A snapshot cannot be shared between sessions there. So the dump, and the session that compares,
//! open theirs in one window in which nobody can commit (`FLUSH TABLES WITH READ LOCK`); it is closed
//! as soon as the dump has written the first thing that it writes after its snapshot is open.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::{Connection, SimpleConnection, TransactionManager};
use diesel::mysql::Mysql;
use migrate_core::Dialect;

use super::{Dumped, Fill, Job, Place, Survey, number};
use crate::backup::error::BackupError;
use crate::backup::evidence::{BackupEvidence, FileRole, Snapshot};
use crate::backup::options::Options;
use crate::backup::preflight::{Check, Standing};
use crate::connect::{Engine, Open};
use crate::time::seconds;
use crate::tool::{Login, Tool, ToolError, ToolPaths, ToolVersion, Vendor, find};

pub(in crate::backup) type MysqlConnection = <Mysql as Engine>::Connection;
pub(in crate::backup) type Manager = <MysqlConnection as Connection>::TransactionManager;

/// How often the window is tried to be opened where running statements are in its way.
const ATTEMPTS: u32 = 3;

/// The property with the name of a database that its dump alters.
const ALTERS: &str = "altered_by_its_dump";

/// What `SHOW GRANTS` has to name for a dump that leaves nothing out without a word. A dump without
/// TRIGGER has no triggers and no error.
const RIGHTS: [&str; 4] = ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"];

impl super::Backup for Mysql {
    fn survey(place: &Place<'_, Self>, options: &Options) -> Result<Survey, BackupError> {
        let mut conn = place.connect()?;
        let about = place.row(
            &mut conn,
            "to tell about itself",
            "SELECT version(), CAST(sum(data_length + index_length) AS CHAR), CAST(sum(data_length) AS CHAR), \
             database() FROM information_schema.tables WHERE table_schema = database()",
        )?;
        let text = |at: usize| about.get(at).cloned().flatten().unwrap_or_default();
        let mut checks = vec![tool_check(&text(0), options)];
        checks.push(rights(place, &mut conn, &text(3))?);
        checks.extend(contents(place, &mut conn)?);
        let row = place.row(
            &mut conn,
            "to tell its character set",
            "SELECT default_character_set_name, default_collation_name \
             FROM information_schema.schemata WHERE schema_name = database()",
        )?;
        let names = ["character_set", "collation"];
        let properties: BTreeMap<String, String> = names
            .iter()
            .zip(row)
            .filter_map(|(name, value)| Some(((*name).to_owned(), value?)))
            .collect();
        let mut properties = properties;
        if alters_itself(place, &mut conn)? {
            properties.insert(ALTERS.to_owned(), text(3));
        }
        Ok(Survey {
            server: text(0),
            source_bytes: text(1).parse().ok(),
            table_bytes: number(Some(&text(2))),
            properties,
            checks,
        })
    }

    fn dump(job: &mut Job<'_, '_, Self>) -> Result<Dumped, BackupError> {
        let place = job.place;
        let mut conn = place.connect()?;
        let about = place.row(
            &mut conn,
            "to tell about itself",
            "SELECT version(), CAST((SELECT count(*) FROM information_schema.tables \
             WHERE table_schema = database() AND table_type = 'SYSTEM VERSIONED') AS CHAR)",
        )?;
        let server = about.first().cloned().flatten().unwrap_or_default();
        let versioned = number(about.get(1).and_then(Option::as_ref)) > 0;
        let (program, version) = dump_program(&server, &job.options.tools)?;
        let login = Login::write(place.url, version.vendor, job.workspace.path())?;
        let mut tool = login.with(Tool::new(&program)).args([
            "--single-transaction",
            "--skip-lock-tables",
            // LOCK TABLES in the dump would let no row into a table whose default comes from a
            // sequence; nobody else uses the database while it is restored.
            "--skip-add-locks",
            "--quick",
            "--routines",
            "--events",
            "--triggers",
            "--hex-blob",
            "--no-tablespaces",
            "--max-allowed-packet=1G",
            // Where the dump writes its first comment is how its snapshot is seen.
            "--comments",
        ]);
        match version.vendor {
            Vendor::Mysql => tool = tool.args(["--set-gtid-purged=OFF", "--column-statistics=0"]),
            _ if versioned => tool = tool.arg("--dump-history"),
            _ => {}
        }
        tool = tool.args(["--", place.url.database.as_deref().unwrap_or_default()]);

        // Before the window: whoever is told may take their time.
        job.tell("dumping", None);
        let (limit, mut window) = (job.options.stall, Window::open(place, conn, job.options)?);
        let snapshot = window.snapshot()?;
        let running = tool.start()?;
        let killer = running.killer();
        let sink = job.sink("database.sql", FileRole::Data, true)?;
        let selection = job.selection.clone();
        let (seen, opened) = mpsc::channel();
        let (data, stall) = thread::scope(|scope| {
            let watcher = scope.spawn(move || {
                let left = limit.saturating_sub(window.opened.elapsed());
                let in_time = !matches!(opened.recv_timeout(left), Err(RecvTimeoutError::Timeout));
                if !in_time {
                    killer.kill();
                }
                let stall = window.close();
                let tables = match (&stall, in_time) {
                    (Ok(_), true) => Job::<Mysql>::digest(selection.as_ref(), &mut window.conn),
                    _ => Ok(None),
                };
                (stall, in_time, tables)
            });
            let mut marker = Marker::default();
            let data = job.pump(running, sink, |piece| {
                // The end of the dump, which is an empty piece, is after its beginning too.
                if piece.is_empty() || marker.is_in(piece) {
                    // Once is enough; nobody listens after that.
                    let _ = seen.send(());
                }
                Ok(())
            });
            drop(seen);
            (data, watcher.join())
        });
        let (stall, in_time, tables) = stall.map_err(|_| BackupError::Stopped)?;
        if !in_time {
            // The dump was killed for it, and only says that.
            return Err(BackupError::Stalled {
                limit_seconds: limit.as_secs_f64(),
            });
        }
        let data = data?;
        let (stall, tables) = (stall?, tables?);
        Ok(Dumped {
            snapshot,
            stall_seconds: Some(seconds(stall)),
            files: vec![data],
            tools: vec![version.text],
            notes: vec!["users and their grants belong to the server and are not in it".to_owned()],
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
            "SELECT CAST((SELECT count(*) FROM information_schema.tables WHERE table_schema = database()) AS CHAR), \
             CAST((SELECT count(*) FROM information_schema.routines WHERE routine_schema = database()) AS CHAR), \
             CAST((SELECT count(*) FROM information_schema.events WHERE event_schema = database()) AS CHAR)",
        )?;
        let words = ["tables", "routines", "events"];
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
        let mut sql = format!("CREATE DATABASE {}", Dialect::Mysql.quote_identifier(name));
        for (property, keyword) in [("character_set", "CHARACTER SET"), ("collation", "COLLATE")] {
            // Names of character sets are words; anything else is from elsewhere.
            let word = |it: &&String| it.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if let Some(value) = evidence.properties.get(property).filter(word) {
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
        let name = Dialect::Mysql.quote_identifier(name);
        let mut conn = maintenance(place)?;
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))
            .map_err(place.refuses("to be dropped"))
    }

    fn fill(fill: &mut Fill<'_, '_, Self>) -> Result<Vec<String>, BackupError> {
        let Some(data) = fill.evidence.file(FileRole::Data) else {
            return Err(BackupError::External);
        };
        let database = fill.place.url.database.as_deref().unwrap_or_default();
        let altered = fill.evidence.properties.get(ALTERS);
        if let Some(original) = altered.filter(|original| *original != database) {
            return Err(BackupError::NamesItself {
                original: original.clone(),
            });
        }
        let vendor = vendor(&fill.evidence.server);
        let names: &[&str] = match vendor {
            Vendor::Mysql => &["mysql"],
            _ => &["mariadb", "mysql"],
        };
        let program = first(names, &fill.options.tools)?;
        let login = Login::write(fill.place.url, vendor, fill.workspace.path())?;
        let tool = login.with(Tool::new(&program)).args([
            "--batch".to_owned(),
            // Without it the client would take `\` and CR LF in the data for its own.
            "--binary-mode".to_owned(),
            "--max-allowed-packet=1G".to_owned(),
            format!("--database={database}"),
        ]);
        fill.feed(tool.with_input().start()?, data)?;
        Ok(vec!["users and their grants were not restored".to_owned()])
    }
}

/// A moment in which nobody can commit.
struct Window<'a> {
    place: Place<'a, Mysql>,
    conn: MysqlConnection,
    /// When writers began to wait.
    opened: Instant,
}

impl<'a> Window<'a> {
    /// Opens it. Where running statements are in its way, writers wait for them too; so it gives up
    /// after the limit, lets writers go on, and tries again.
    fn open(
        place: Place<'a, Mysql>,
        mut conn: MysqlConnection,
        options: &Options,
    ) -> Result<Self, BackupError> {
        let doing = "a moment without commits (FLUSH TABLES WITH READ LOCK)";
        let wait = options.stall.min(options.lock_timeout);
        // In whole seconds; 0 would not wait at all.
        let seconds = wait.as_secs().max(1);
        conn.batch_execute(&format!(
            "SET SESSION lock_wait_timeout = {seconds}, SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
        ))
        .or_else(|_| {
            conn.batch_execute(&format!("SET SESSION lock_wait_timeout = {seconds}"))?;
            conn.batch_execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        })
        .map_err(place.refuses("to set a timeout"))?;
        let mut attempt = 1;
        loop {
            let opened = Instant::now();
            match conn.batch_execute("FLUSH TABLES WITH READ LOCK") {
                Ok(()) => {
                    // Through the manager first, so that it knows of a transaction; the second
                    // statement ends the first and opens the snapshot. The lock outlives both.
                    let begun = Manager::begin_transaction(&mut conn).and_then(|()| {
                        conn.batch_execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
                    });
                    begun.map_err(place.refuses("to open a snapshot"))?;
                    return Ok(Window {
                        place,
                        conn,
                        opened,
                    });
                }
                Err(error) if attempt < ATTEMPTS && error.to_string().contains("timeout") => {
                    attempt += 1;
                    thread::sleep(wait);
                }
                Err(error) => return Err(place.refuses(doing)(error)),
            }
        }
    }

    /// Where the binary log stands, as far as there is one and it may be asked.
    fn snapshot(&mut self) -> Result<Snapshot, BackupError> {
        let conn = &mut self.conn;
        // Not text, in some columns; but asking through variables is.
        let mut text = |sql: &str| -> Option<String> {
            let rows = <Mysql as migrate_runtime::Database>::rows(conn, sql).ok()?;
            let value = rows.into_iter().next()?.into_iter().next()??;
            Some(value).filter(|value| !value.is_empty())
        };
        let gtid = text("SELECT @@global.gtid_binlog_pos")
            .or_else(|| text("SELECT @@global.gtid_executed"));
        let status =
            "SELECT variable_value FROM information_schema.global_status WHERE variable_name = ";
        let binary_log = text(&format!("{status}'BINLOG_SNAPSHOT_FILE'"));
        let position = text(&format!("{status}'BINLOG_SNAPSHOT_POSITION'"));
        Ok(Snapshot::Mysql {
            binary_log,
            position: position.and_then(|it| it.parse().ok()),
            gtid,
        })
    }

    /// Closes it; how long it was open.
    fn close(&mut self) -> Result<Duration, BackupError> {
        let refuses = self.place.refuses("to let writers go on");
        self.conn.batch_execute("UNLOCK TABLES").map_err(refuses)?;
        Ok(self.opened.elapsed())
    }
}

/// Finds what a dump writes once its snapshot is open: the first comment that names a thing, after the
/// head, whose last comment is the server's version.
#[derive(Debug, Default)]
struct Marker {
    head: Vec<u8>,
    found: bool,
}

impl Marker {
    /// Whether it is in what was written up to this piece, for the first time.
    fn is_in(&mut self, piece: &[u8]) -> bool {
        const HEAD: &[u8] = b"\n-- Server version";
        if self.found {
            return false;
        }
        self.head.extend_from_slice(piece);
        let at = self.head.windows(HEAD.len()).position(|it| it == HEAD);
        let Some(rest) = at.and_then(|at| self.head.get(at + HEAD.len()..)) else {
            return false;
        };
        self.found = rest
            .windows(5)
            .any(|it| it.starts_with(b"\n-- ") && it.ends_with_letter());
        self.found
    }
}

trait EndsWithLetter {
    fn ends_with_letter(&self) -> bool;
}

impl EndsWithLetter for [u8] {
    fn ends_with_letter(&self) -> bool {
        self.last().is_some_and(u8::is_ascii_alphabetic)
    }
}

pub(in crate::backup) fn vendor(server: &str) -> Vendor {
    match server.contains("MariaDB") {
        true => Vendor::Mariadb,
        false => Vendor::Mysql,
    }
}

pub(in crate::backup) fn first(names: &[&str], tools: &ToolPaths) -> Result<PathBuf, ToolError> {
    let mut found = names.iter().map(|name| find(name, Dialect::Mysql, tools));
    match found.next() {
        Some(Err(error)) => found.find_map(Result::ok).ok_or(error),
        Some(found) => found,
        None => Err(ToolError::Missing {
            name: String::new(),
            looked_in: String::new(),
        }),
    }
}

fn dump_program(server: &str, tools: &ToolPaths) -> Result<(PathBuf, ToolVersion), ToolError> {
    let names: &[&str] = match vendor(server) {
        Vendor::Mysql => &["mysqldump"],
        _ => &["mariadb-dump", "mysqldump"],
    };
    let program = first(names, tools)?;
    let version = ToolVersion::of(&program, Vendor::Mysql)?;
    Ok((program, version))
}

fn tool_check(said: &str, options: &Options) -> Check {
    let (standing, detail) = match (
        dump_program(said, &options.tools),
        ToolVersion::read(Vendor::Mysql, said),
    ) {
        (Err(error), _) => (Standing::NoGo, error.to_string()),
        (Ok((program, tool)), Some(server)) => {
            let detail = format!("{} is of {tool}, the server of {server}", program.display());
            if tool.vendor != server.vendor {
                let why = "; a dump needs the program of the server's own maker";
                (Standing::NoGo, detail + why)
            } else if (tool.major, tool.minor) < (server.major, server.minor) {
                let why = "; an older program may leave out what it does not know";
                (Standing::NoGo, detail + why)
            } else {
                (Standing::Good, detail)
            }
        }
        (Ok((program, tool)), None) => (
            Standing::Warning,
            format!(
                "{} is of {tool}; the server does not tell its version",
                program.display()
            ),
        ),
    };
    Check::new("tool", standing, detail)
}

fn rights(
    place: &Place<'_, Mysql>,
    conn: &mut MysqlConnection,
    database: &str,
) -> Result<Check, BackupError> {
    let rows = place.rows(conn, "to tell the rights", "SHOW GRANTS")?;
    let grants: Vec<String> = rows.into_iter().flatten().flatten().collect();
    let everywhere = granted(&grants, |on| on == "*.*");
    let here = granted(&grants, |on| {
        let name = on.strip_suffix(".*").map(|it| it.trim_matches('`'));
        on == "*.*" || name.is_some_and(|it| matches(it, database))
    });
    let has = |rights: &[String], right: &str| {
        rights
            .iter()
            .any(|it| it == right || it == "ALL PRIVILEGES" || it == "ALL")
    };
    let mut missing: Vec<String> = RIGHTS
        .iter()
        .filter(|right| !has(&here, right))
        .map(|right| format!("{right} on the database"))
        .collect();
    // MySQL 8 has a right of its own for this besides.
    if !has(&everywhere, "RELOAD") && !has(&everywhere, "FLUSH_TABLES") {
        missing.push("RELOAD".to_owned());
    }
    Ok(match missing.is_empty() {
        true => Check::new(
            "rights",
            Standing::Good,
            "the rights that a whole dump needs are there",
        ),
        false => Check::new(
            "rights",
            Standing::NoGo,
            format!(
                "the user lacks rights without which a dump is not whole: {}",
                missing.join(", ")
            ),
        ),
    })
}

/// The rights that are granted on what `is_on` accepts.
pub(in crate::backup) fn granted(grants: &[String], is_on: impl Fn(&str) -> bool) -> Vec<String> {
    grants
        .iter()
        .filter_map(|grant| {
            let (rights, rest) = grant.strip_prefix("GRANT ")?.split_once(" ON ")?;
            let (on, _) = rest.split_once(" TO ")?;
            is_on(on).then_some(rights)
        })
        .flat_map(|rights| rights.split(", "))
        .map(|right| right.trim().to_ascii_uppercase())
        .collect()
}

/// Whether the name in a grant, where `_` and `%` are as in LIKE, means a database.
fn matches(pattern: &str, name: &str) -> bool {
    fn go(pattern: &[char], name: &[char]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            (['%', rest @ ..], _) => {
                (0..=name.len()).any(|at| name.get(at..).is_some_and(|name| go(rest, name)))
            }
            (['_', rest @ ..], [_, name @ ..]) => go(rest, name),
            (['\\', c, rest @ ..], [d, name @ ..]) => c == d && go(rest, name),
            ([c, rest @ ..], [d, name @ ..]) => c == d && go(rest, name),
            _ => false,
        }
    }
    let chars = |text: &str| text.replace("``", "`").chars().collect::<Vec<_>>();
    go(&chars(pattern), &chars(name))
}

/// What a dump in one transaction cannot do right.
fn contents(
    place: &Place<'_, Mysql>,
    conn: &mut MysqlConnection,
) -> Result<Vec<Check>, BackupError> {
    let names = |rows: Vec<migrate_runtime::Row>| -> Vec<String> {
        rows.into_iter().flatten().flatten().collect()
    };
    let doing = "to tell its tables";
    let mut checks = Vec::new();
    let other = names(place.rows(
        conn,
        doing,
        "SELECT CONCAT(table_name, ' (', engine, ')') FROM information_schema.tables \
         WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') \
         AND engine <> 'InnoDB' ORDER BY 1 LIMIT 20",
    )?);
    if !other.is_empty() {
        let detail = format!(
            "tables whose engine has no snapshot cannot be dumped with the others as of one moment: {}",
            other.join(", ")
        );
        checks.push(Check::new("tables", Standing::NoGo, detail));
    }
    let floats = names(place.rows(
        conn,
        doing,
        "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns \
         WHERE table_schema = database() AND data_type = 'float' ORDER BY 1 LIMIT 20",
    )?);
    if !floats.is_empty() {
        let detail = format!(
            "the server's dump program writes FLOAT with six digits and loses the rest (5592405.5 comes back as \
             5592410); use DOUBLE for {}",
            floats.join(", ")
        );
        checks.push(Check::new("columns", Standing::Warning, detail));
    }
    Ok(checks)
}

/// Whether the dump names its database: around what was made under another collation than that of
/// the database, the dump's program writes an ALTER DATABASE.
fn alters_itself(
    place: &Place<'_, Mysql>,
    conn: &mut MysqlConnection,
) -> Result<bool, BackupError> {
    let row = place.row(
        conn,
        "to tell its collations",
        "SELECT CAST((SELECT count(*) FROM information_schema.routines WHERE routine_schema = database() \
         AND database_collation <> @@collation_database) + (SELECT count(*) FROM information_schema.triggers \
         WHERE trigger_schema = database() AND database_collation <> @@collation_database) \
         + (SELECT count(*) FROM information_schema.events WHERE event_schema = database() \
         AND database_collation <> @@collation_database) AS CHAR)",
    )?;
    Ok(number(row.first().and_then(Option::as_ref)) > 0)
}

/// A connection to no database at all.
fn maintenance(place: &Place<'_, Mysql>) -> Result<MysqlConnection, BackupError> {
    let url = place.url.with_database(None);
    Ok(Mysql::connect(&url, Open::Existing, place.runtime)?.connection)
}

fn exists(place: &Place<'_, Mysql>) -> Result<bool, BackupError> {
    let mut conn = maintenance(place)?;
    let names = place.rows(&mut conn, "to tell the databases", "SHOW DATABASES")?;
    let name = place.url.database.as_ref();
    Ok(names.iter().flatten().any(|it| it.as_ref() == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_comes_after_the_head() {
        let head = "-- MariaDB dump\n--\n-- Host: x    Database: y\n-- ----\n-- Server version\t10.11\n\n\
                    /*!40101 SET NAMES utf8mb4 */;\n";
        let mut marker = Marker::default();
        assert!(!marker.is_in(head.as_bytes()));
        assert!(!marker.is_in(b"\n--\n-"));
        assert!(marker.is_in(b"- Table structure for table `t`\n--\n"));
        assert!(!marker.is_in(b"\n-- Table structure for table `u`\n"));
    }

    #[test]
    fn grants() {
        let grants = [
            "GRANT RELOAD, PROCESS ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*1'",
            "GRANT SELECT, SHOW VIEW ON `shop\\_1`.* TO `a`@`%`",
            "GRANT EVENT ON `other`.* TO `a`@`%`",
            "GRANT `role` TO `a`@`%`",
        ]
        .map(str::to_owned);
        let on = |database: &str| {
            granted(&grants, |on| {
                on.strip_suffix(".*")
                    .is_some_and(|it| matches(it.trim_matches('`'), database))
            })
        };
        assert_eq!(on("shop_1"), ["SELECT", "SHOW VIEW"]);
        assert!(on("shopx1").is_empty());
        assert_eq!(granted(&grants, |on| on == "*.*"), ["RELOAD", "PROCESS"]);
        assert!(matches("sh%", "shop") && matches("sh_p", "shop") && !matches("sh_", "shop"));
    }
}
