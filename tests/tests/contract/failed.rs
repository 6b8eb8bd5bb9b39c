//! Scripts that fail, locks that are held.

use migrate_tests::contract::{Folder, Job, Kind};
use migrate_tests::server::{self, Database, Engine};

use migrate_runtime::ErrorKind;

use crate::process::{Worker, wait_until};
use crate::scripts::{Mode, folder};

fn stepwise(engine: Engine) -> &'static str {
    match engine {
        Engine::Mariadb => "",
        _ => "-- migrate:no-transaction\n",
    }
}

#[test]
fn a_corrected_transaction_is_run_again() {
    for server in [server::postgres(), server::sqlite()].into_iter().flatten() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("failed");
            let folder = Folder::new(server.engine())
                .with("1_log.sql", "CREATE TABLE log (n int);")
                .with("2_bad.sql", "CREATE TABLE t (id int);\nINSERT INTO log VALUES (1);\nINSERT INTO nowhere VALUES (1);\n");
            let mut client = kind.connect(&database);
            let error = client.migrate(&folder.set(), &Job::up()).unwrap_err();
            let ErrorKind::Failed(failure) = error.kind() else {
                panic!("{error:?}");
            };
            assert_eq!(
                (failure.statement, failure.line, failure.rolled_back),
                (Some(2), 3, true)
            );
            assert_eq!(error.completed().len(), 1, "{kind:?}");
            assert_eq!(database.sql("SELECT count(*) FROM log"), "0", "{kind:?}");
            assert!(database.try_sql("SELECT 1 FROM t").is_err(), "{kind:?}");
            folder.write(
                "2_bad.sql",
                "CREATE TABLE t (id int);\nINSERT INTO log VALUES (1);\n",
            );
            let outcome = client.migrate(&folder.set(), &Job::up()).unwrap();
            assert_eq!(outcome.versions(), ["2"], "{kind:?}");
            assert_eq!(database.sql("SELECT n FROM log"), "1", "{kind:?}");
        }
    }
}

#[test]
fn a_corrected_script_without_a_transaction_is_resumed() {
    for server in server::all() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("failed");
            let begin = stepwise(server.engine());
            let script = |third: &str| {
                format!(
                    "{begin}CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\n{third};\nINSERT INTO t VALUES (3);\n"
                )
            };
            let folder = Folder::new(server.engine())
                .with("1_bad.sql", &script("INSERT INTO nowhere VALUES (2)"));
            let mut client = kind.connect(&database);
            let error = client.migrate(&folder.set(), &Job::up()).unwrap_err();
            let ErrorKind::Failed(failure) = error.kind() else {
                panic!("{error:?}");
            };
            assert_eq!(
                (failure.statement, failure.rolled_back),
                (Some(2), false),
                "{kind:?}"
            );
            assert!(
                error
                    .to_string()
                    .contains("statements 1 to 2 are done and stay"),
                "{error}"
            );
            // It does not go on by itself, and a statement that has run may not change.
            let error = client.migrate(&folder.set(), &Job::up()).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::Refused(_)),
                "{kind:?}: {error}"
            );
            assert_eq!(error.next().as_deref(), Some("migrate resume"), "{kind:?}");
            let edited = script("INSERT INTO t VALUES (2)").replace("VALUES (1)", "VALUES (7)");
            folder.write("1_bad.sql", &edited);
            let error = client.migrate(&folder.set(), &Job::resume()).unwrap_err();
            assert!(
                matches!(
                    error.kind(),
                    ErrorKind::ResumedPrefixEdited { statement: 1, .. }
                ),
                "{kind:?}: {error}"
            );
            folder.write("1_bad.sql", &script("INSERT INTO t VALUES (2)"));
            let outcome = client.migrate(&folder.set(), &Job::resume()).unwrap();
            assert_eq!(outcome.versions(), ["1"], "{kind:?}");
            assert_eq!(
                database.sql("SELECT id FROM t ORDER BY id"),
                "1\n2\n3",
                "{kind:?}"
            );
            // What is recorded is the corrected text.
            let status = client
                .migrate(&folder.set(), &Job::status())
                .unwrap()
                .status();
            assert!(status.is_up_to_date(), "{kind:?}: {status:?}");
        }
    }
}

#[test]
fn a_held_lock_names_its_holder_and_a_dead_holder_holds_nothing() {
    for server in [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
    {
        for kind in Kind::of(server.engine()) {
            let database = server.database("held");
            let folder = folder(server.engine(), Mode::Transaction);
            let mut holder =
                Worker::start(kind, &database, &folder, "up", &["--pause-at", "locked"]);
            holder.wait_for("paused");
            let mut client = kind.connect(&database);
            let job = Job::up().set(|s| s.lock_wait = std::time::Duration::from_millis(300));
            let error = client.migrate(&folder.set(), &job).unwrap_err();
            let ErrorKind::LockHeld {
                holder: Some(who), ..
            } = error.kind()
            else {
                panic!("{kind:?}: {error:?}");
            };
            let (word, other) = match server.engine() {
                Engine::Postgres => (
                    "pid ",
                    "SELECT pid FROM pg_locks WHERE locktype = 'advisory'",
                ),
                _ => ("connection ", ""),
            };
            assert!(who.starts_with(word), "{who}");
            if !other.is_empty() {
                let held = database.sql(&format!("{other} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
                assert!(who.contains(&held), "{who}: {held}");
            }
            holder.kill9();
            let outcome = client.migrate(&folder.set(), &Job::up()).unwrap();
            assert_eq!(outcome.versions(), ["1", "2"], "{kind:?}");
        }
    }
}

/// A writer who holds SQLite's write lock is a holder too.
#[test]
fn a_held_write_lock_on_sqlite() {
    let Some(server) = server::sqlite() else {
        return;
    };
    for kind in Kind::of(Engine::Sqlite) {
        for journal in ["DELETE", "WAL"] {
            let database = server.database("held");
            database.sql(&format!(
                "PRAGMA journal_mode = {journal}; CREATE TABLE x (id int)"
            ));
            let folder = folder(Engine::Sqlite, Mode::Transaction);
            let mut writer = Kind::Sqlite.connect(&database);
            writer.batch("BEGIN IMMEDIATE; INSERT INTO x VALUES (1)");
            let job = Job::up().set(|s| {
                s.lock_wait = std::time::Duration::from_millis(200);
                s.lock_timeout = std::time::Duration::from_millis(100);
            });
            let mut client = kind.connect(&database);
            let error = client.migrate(&folder.set(), &job).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::LockHeld { .. }),
                "{journal}: {error:?}"
            );
            writer.batch("COMMIT");
            let outcome = client.migrate(&folder.set(), &job).unwrap();
            assert_eq!(outcome.versions(), ["1", "2"], "{journal}");
        }
    }
}

/// The strong lock of a statement is tried for, briefly and again, so that nobody queues behind it
/// for long.
fn blocked_table(database: &Database) -> Folder {
    database.sql("CREATE TABLE busy (id int); INSERT INTO busy VALUES (1)");
    Folder::new(database.engine()).with(
        "1_alter.sql",
        "CREATE TABLE first (id int);\nALTER TABLE busy ADD COLUMN added int;\nCREATE TABLE last (id int);\n",
    )
}

#[test]
fn a_strong_lock_is_tried_for_again() {
    for server in [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
    {
        for kind in Kind::of(server.engine()) {
            let database = server.database("blocked");
            let folder = blocked_table(&database);
            let mut reader = Kind::first(server.engine()).connect(&database);
            reader.batch("BEGIN");
            reader.texts("SELECT CAST(id AS CHAR(9)) AS value FROM busy");
            let mut worker =
                Worker::start(kind, &database, &folder, "up", &["--lock-timeout", "300"]);
            worker.wait_for("timeout 2");
            // Between the tries others get through, also those who came after.
            database.sql("SELECT * FROM busy; INSERT INTO busy VALUES (2)");
            reader.batch("COMMIT");
            assert_eq!(worker.end().unwrap(), "1", "{kind:?}");
            assert_eq!(
                database.sql("SELECT count(added), count(*) FROM busy"),
                "0\t2",
                "{kind:?}"
            );
        }
    }
}

#[test]
fn a_strong_lock_that_never_comes_is_an_error() {
    for server in [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
    {
        for kind in Kind::of(server.engine()) {
            let database = server.database("blocked");
            let folder = blocked_table(&database);
            let mut reader = Kind::first(server.engine()).connect(&database);
            reader.batch("BEGIN");
            reader.texts("SELECT CAST(id AS CHAR(9)) AS value FROM busy");
            let mut client = kind.connect(&database);
            let job = Job::up().set(|s| {
                s.lock_timeout = std::time::Duration::from_millis(100);
                s.lock_retries = 1;
            });
            let error = client.migrate(&folder.set(), &job).unwrap_err();
            let ErrorKind::Failed(failure) = error.kind() else {
                panic!("{kind:?}: {error:?}");
            };
            assert_eq!(failure.statement, Some(1), "{kind:?}");
            let words = [
                "canceling statement due to lock timeout",
                "Lock wait timeout exceeded",
            ];
            assert!(
                words.iter().any(|words| error.to_string().contains(words)),
                "{kind:?}: {error}"
            );
            reader.batch("COMMIT");
            // On MariaDB the first statement stays, and the next command says how to go on.
            let (next, remains) = match server.engine() {
                Engine::Postgres => (Job::up(), false),
                _ => (Job::resume(), true),
            };
            assert_eq!(
                database.try_sql("SELECT * FROM first").is_ok(),
                remains,
                "{kind:?}"
            );
            let outcome = client.migrate(&folder.set(), &next).unwrap();
            assert_eq!(outcome.versions(), ["1"], "{kind:?}");
        }
    }
}

#[test]
fn a_deadlock_is_tried_again() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("deadlock");
    database.sql("CREATE TABLE a (id int); CREATE TABLE b (id int)");
    let folder = Folder::new(Engine::Postgres).with(
        "1_both.sql",
        "ALTER TABLE a ADD COLUMN x int;\nALTER TABLE b ADD COLUMN x int;\n",
    );
    let options = ["--pause-at", "finished 0"];
    let mut worker = Worker::start(Kind::PostgresAsync, &database, &folder, "up", &options);
    worker.wait_for("paused");
    let other = (*database).clone();
    let other = std::thread::spawn(move || {
        other.try_sql("SET deadlock_timeout = '1min'; BEGIN; LOCK TABLE b; LOCK TABLE a; COMMIT")
    });
    wait_until("the other one waits", || {
        database.sql("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == "1"
    });
    worker.go_on();
    let ended = worker.end();
    assert_eq!(ended.unwrap(), "1");
    assert_eq!(ended.count("timeout 1"), 1, "{:?}", ended.lines);
    other.join().unwrap().unwrap();
}
