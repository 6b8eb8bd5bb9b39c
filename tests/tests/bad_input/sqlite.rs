//! SQLite files in odd states.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::sqlite::Sqlite;
use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query, sql_types,
};
use migrate_core::plan::UpTarget;
use migrate_core::{Dialect, MigrationSet};
use migrate_runtime::{Migrator, Report, Settings};

use crate::outcome::{told, told_status};
use crate::project::Project;

/// Three migrations; the third is pending in a database that [`Sample::database`] has made.
struct Sample {
    project: Project,
    set: MigrationSet,
}

impl Sample {
    fn new() -> Self {
        let project = Project::new();
        for (name, table) in [("1_a", "a"), ("2_b", "b"), ("3_c", "c")] {
            project
                .file(
                    format!("{name}/up.sql"),
                    format!("CREATE TABLE {table} (id INTEGER);\n"),
                )
                .file(format!("{name}/down.sql"), format!("DROP TABLE {table};\n"));
        }
        let set = project.load(Dialect::Sqlite).unwrap().set;
        Self { project, set }
    }

    fn path(&self) -> PathBuf {
        self.project.root().join("app.db")
    }

    fn migrator(&self) -> Migrator<'_, Sqlite> {
        Migrator::new(&self.set).settings(Settings {
            lock_wait: Duration::from_millis(50),
            lock_timeout: Duration::from_millis(50),
            lock_retries: 1,
            ..Settings::DEFAULT
        })
    }

    fn connect(&self) -> SqliteConnection {
        SqliteConnection::establish(self.path().to_str().unwrap()).unwrap()
    }

    /// A database with the first two migrations and a row of somebody's.
    fn database(&self) -> SqliteConnection {
        let mut conn = self.connect();
        self.migrator().up(&mut conn, &UpTarget::Count(2)).unwrap();
        conn.batch_execute("INSERT INTO a VALUES (42)").unwrap();
        conn
    }

    /// Applies what is pending. After an error everything that was there is as it was; where not a
    /// single migration was committed, not even the schema has changed but for our own tables.
    fn up(&self, conn: &mut SqliteConnection) -> Result<Report, migrate_runtime::Error> {
        let before = content(&self.path());
        let result = self.migrator().up(conn, &UpTarget::Latest);
        if let Err(error) = &result {
            let after = content(&self.path());
            for (name, was) in &before {
                if !name.contains("_migrate_") || error.completed().is_empty() {
                    assert_eq!(after.get(name), Some(was), "{error}");
                }
            }
            let new = after.keys().filter(|name| !before.contains_key(*name));
            let ours = new.filter(|name| !name.contains("_migrate_")).count();
            assert!(ours == 0 || !error.completed().is_empty(), "{error}");
        }
        result
    }

    /// What `status` and `up` say.
    fn tell(&self, title: &str, conn: &mut SqliteConnection) -> String {
        let status = told_status(&self.migrator().status(conn));
        let up = told(&self.up(conn));
        format!("# {title}\nstatus: {status}up: {up}\n")
            .replace(self.project.root().to_str().unwrap(), "<project>")
    }
}

/// Every object of a database with its definition and its rows, and a file that is no database as
/// one object; by another connection than the one that is tested.
fn content(path: &Path) -> BTreeMap<String, Vec<String>> {
    #[derive(QueryableByName)]
    struct Text {
        #[diesel(sql_type = sql_types::Text)]
        text: String,
    }
    let read = |sql: &str| -> Result<Vec<String>, diesel::result::Error> {
        let url = format!("file:{}?mode=ro", path.display());
        let mut conn = SqliteConnection::establish(&url).unwrap();
        let rows: Vec<Text> = sql_query(sql).load(&mut conn)?;
        Ok(rows.into_iter().map(|row| row.text).collect())
    };
    let bytes = || {
        BTreeMap::from([(
            "bytes".to_owned(),
            vec![format!("{:?}", fs::read(path).unwrap())],
        )])
    };
    let Ok(objects) = read("SELECT type || ' ' || name AS text FROM sqlite_schema ORDER BY 1")
    else {
        return bytes();
    };
    let mut all = BTreeMap::new();
    for object in objects {
        let (kind, name) = object.split_once(' ').unwrap();
        let quoted = name.replace('\'', "''");
        let mut rows = read(&format!(
            "SELECT coalesce(sql, '') AS text FROM sqlite_schema WHERE name = '{quoted}'"
        ))
        .unwrap();
        if kind == "table" {
            let columns = read(&format!(
                "SELECT 'quote(\"' || name || '\")' AS text FROM pragma_table_info('{quoted}')"
            ))
            .unwrap();
            let columns = columns.join(" || ',' || ");
            rows.extend(read(&format!("SELECT {columns} AS text FROM \"{name}\"")).unwrap());
        }
        all.insert(name.to_owned(), rows);
    }
    all
}

#[test]
fn histories() {
    let cases = [
        ("untouched", ""),
        ("a note of somebody's", "ALTER TABLE _migrate_history ADD COLUMN note TEXT"),
        ("without the statements", "DROP TABLE _migrate_history_statements"),
        ("without the head", "DROP TABLE _migrate_history_head"),
        ("without both", "DROP TABLE _migrate_history_head; DROP TABLE _migrate_history_statements"),
        ("only the companions", "DROP TABLE _migrate_history"),
        ("only empty companions", "DROP TABLE _migrate_history; UPDATE _migrate_history_head SET applied = 0"),
        ("a state nobody knows", "UPDATE _migrate_history SET state = 'done?' WHERE version = '2'"),
        ("a version that is none", "UPDATE _migrate_history SET version = 'two' WHERE version = '2'"),
        ("an empty version", "UPDATE _migrate_history SET version = '' WHERE version = '2'"),
        ("one version in two spellings", "UPDATE _migrate_history SET version = '01' WHERE version = '2'"),
        ("half a checksum", "UPDATE _migrate_history SET checksum = substr(checksum, 1, 20) WHERE version = '2'"),
        ("another checksum", "UPDATE _migrate_history SET checksum = replace(checksum, substr(checksum, 1, 1), '_') WHERE version = '2';
            UPDATE _migrate_history SET checksum = (SELECT checksum FROM _migrate_history WHERE version = '1') WHERE version = '2'"),
        ("a sequence that is no number", "UPDATE _migrate_history SET sequence = 'last' WHERE version = '2'"),
        ("a binary version", "UPDATE _migrate_history SET version = X'ff00' WHERE version = '2'"),
        ("a time that is none", "UPDATE _migrate_history SET started_at = 'yesterday', finished_at = X'00'"),
        ("no head record", "DELETE FROM _migrate_history_head"),
        ("two head records", "INSERT INTO _migrate_history_head VALUES (2, 99, NULL)"),
        ("the head counts too many", "UPDATE _migrate_history_head SET applied = 3"),
        ("the head counts nothing that is a number", "UPDATE _migrate_history_head SET applied = 'many'"),
        ("the head has another digest", "UPDATE _migrate_history_head SET digest = '00'"),
        ("a row is gone", "DELETE FROM _migrate_history WHERE version = '2'"),
        ("an older row is gone", "DELETE FROM _migrate_history WHERE version = '1'"),
        ("all rows are gone", "DELETE FROM _migrate_history"),
        ("begun and not finished", "INSERT INTO _migrate_history VALUES ('3', 'c', (SELECT checksum FROM _migrate_history WHERE version = '1'), 3, 'up running', '', NULL, '', '', NULL)"),
        ("failed on the way down", "UPDATE _migrate_history SET state = 'down failed', error = 'no' WHERE version = '2'"),
        ("a version nobody has a file for", "UPDATE _migrate_history SET version = '0' WHERE version = '2'"),
        ("newer than all files", "UPDATE _migrate_history SET version = '20300101000000' WHERE version = '2'"),
        ("statements of nothing", "INSERT INTO _migrate_history_statements VALUES ('7', 'up', 0, (SELECT checksum FROM _migrate_history WHERE version = '1'), 'started', '', NULL, '', NULL)"),
        ("a statement that cannot be read", "INSERT INTO _migrate_history_statements VALUES ('2', 'sideways', 0, '', 'begun', '', NULL, '', NULL)"),
        ("a table of another make", "DROP TABLE _migrate_history; CREATE TABLE _migrate_history (id INTEGER, what TEXT)"),
        ("a head of another make", "DROP TABLE _migrate_history_head; CREATE TABLE _migrate_history_head (id INTEGER)"),
        ("a view in place of the table", "ALTER TABLE _migrate_history RENAME TO h; CREATE VIEW _migrate_history AS SELECT * FROM h"),
        ("a temporary table in front", "CREATE TEMP TABLE _migrate_history (id INTEGER)"),
        ("a trigger that refuses", "CREATE TRIGGER t BEFORE INSERT ON _migrate_history BEGIN SELECT RAISE(ABORT, 'nothing goes in here'); END"),
        ("a trigger that swallows", "CREATE TRIGGER t BEFORE INSERT ON _migrate_history BEGIN SELECT RAISE(IGNORE); END"),
        ("no room", "PRAGMA max_page_count = 1"),
        ("queries only", "PRAGMA query_only = on"),
        ("inside a transaction", "BEGIN"),
    ];
    let mut text = String::new();
    for (title, sql) in cases {
        let sample = Sample::new();
        let mut conn = sample.database();
        conn.batch_execute(sql).unwrap();
        text += &sample.tell(title, &mut conn);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn names_that_are_taken() {
    let cases = [
        ("a view", "CREATE VIEW _migrate_history AS SELECT 1"),
        (
            "a view of a companion's name",
            "CREATE VIEW _migrate_history_head AS SELECT 1",
        ),
        (
            "an index",
            "CREATE TABLE t (id); CREATE INDEX _migrate_history ON t (id)",
        ),
        (
            "a table in other letters",
            "CREATE TABLE _MIGRATE_HISTORY (id INTEGER)",
        ),
        (
            "a table of another make",
            "CREATE TABLE _migrate_history (id INTEGER)",
        ),
        ("a table of the migrations", "CREATE TABLE b (id INTEGER)"),
        (
            "diesel was here",
            "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY, run_on TIMESTAMP); INSERT INTO __diesel_schema_migrations VALUES ('1', '')",
        ),
        (
            "diesel was here and did nothing",
            "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY, run_on TIMESTAMP)",
        ),
        (
            "golang-migrate was here",
            "CREATE TABLE schema_migrations (version BIGINT, dirty BOOLEAN); INSERT INTO schema_migrations VALUES (7, 1)",
        ),
        (
            "somebody has a table like diesel's",
            "CREATE TABLE __diesel_schema_migrations (id INTEGER)",
        ),
    ];
    let mut text = String::new();
    for (title, sql) in cases {
        let sample = Sample::new();
        let mut conn = sample.connect();
        conn.batch_execute(sql).unwrap();
        text += &sample.tell(title, &mut conn);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn files() {
    let made = |sample: &Sample| drop(sample.database());
    let cut = |path: &Path, at: usize, with: &[u8]| {
        let mut bytes = fs::read(path).unwrap();
        bytes.truncate(at);
        bytes.extend_from_slice(with);
        fs::write(path, bytes).unwrap();
    };
    let mut text = String::new();

    let sample = Sample::new();
    fs::write(sample.path(), "").unwrap();
    text += &sample.tell("an empty file", &mut sample.connect());

    let sample = Sample::new();
    fs::write(sample.path(), "CREATE TABLE a (id int);\n".repeat(100)).unwrap();
    text += &sample.tell("a text", &mut sample.connect());

    let sample = Sample::new();
    made(&sample);
    cut(&sample.path(), 5000, b"");
    text += &sample.tell("cut off", &mut sample.connect());

    let sample = Sample::new();
    made(&sample);
    cut(&sample.path(), 100, &[0xa5; 40000]);
    text += &sample.tell("overwritten", &mut sample.connect());

    let sample = Sample::new();
    made(&sample);
    let url = format!("file:{}?mode=ro", sample.path().display());
    let mut conn = SqliteConnection::establish(&url).unwrap();
    text += &sample.tell("opened for reading", &mut conn);

    let sample = Sample::new();
    let mut other = sample.database();
    other.batch_execute("BEGIN EXCLUSIVE").unwrap();
    text += &sample.tell("locked by somebody", &mut sample.connect());

    let sample = Sample::new();
    let mut other = sample.database();
    other
        .batch_execute("PRAGMA journal_mode = wal; BEGIN IMMEDIATE; INSERT INTO a VALUES (1)")
        .unwrap();
    text += &sample.tell(
        "locked by somebody, with a write-ahead log",
        &mut sample.connect(),
    );
    other.batch_execute("ROLLBACK").unwrap();
    writeln!(text, "later: {}", told(&sample.up(&mut sample.connect()))).unwrap();

    let sample = Sample::new();
    let mut other = sample.database();
    other.batch_execute("BEGIN; SELECT * FROM a; ").unwrap();
    text += &sample.tell("read by somebody", &mut sample.connect());
    insta::assert_snapshot!(text);
}
