//! What a killed runner leaves behind: statements that go on without it, remnants, and statements of
//! which nothing tells whether they happened.

use migrate_tests::contract::{Folder, Kind};
use migrate_tests::server::{self, Engine};

use crate::process::{Worker, wait_until};
use crate::stage::waits_for_a_lock;

/// MariaDB notices that a client is gone while its statement waits for a lock; one that works goes
/// on to its end.
#[test]
fn an_orphan_that_works_is_waited_for_on_mariadb() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("orphan");
    database.sql(
        "CREATE TABLE log (n int); CREATE TABLE big (id int PRIMARY KEY, a varchar(200)) \
         SELECT seq AS id, REPEAT('x', 150) AS a FROM seq_1_to_150000",
    );
    for (version, statement) in [
        (1, "ALTER TABLE big ADD COLUMN added int, ALGORITHM=COPY"),
        (2, "INSERT INTO log SELECT SLEEP(1) + 2"),
        (3, "CREATE INDEX big_a ON big (a, id)"),
        (4, "ALTER TABLE big DROP COLUMN added, ALGORITHM=COPY"),
    ] {
        let sql = format!(
            "CREATE TABLE t{version} (id int);\n{statement};\nINSERT INTO log VALUES ({version}0);\n"
        );
        let folder = (1..=version).fold(Folder::new(Engine::Mariadb), |folder, older| {
            folder.with(&format!("{older}_old.sql"), &sql)
        });
        let folder = match version {
            1 => folder,
            _ => {
                // Only the newest is to run.
                let folder = Folder::new(Engine::Mariadb).with(&format!("{version}_new.sql"), &sql);
                database.sql("DROP TABLE _migrate_history, _migrate_history_head, _migrate_history_statements");
                folder
            }
        };
        let mut worker = Worker::start(Kind::MysqlAsync, &database, &folder, "up", &[]);
        worker.wait_for("started 1");
        let works = || {
            let start = statement.split(' ').take(3).collect::<Vec<_>>().join(" ");
            !database
                .sql(&format!(
                    "SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() \
                     AND info LIKE '{start}%'"
                ))
                .is_empty()
        };
        wait_until(statement, works);
        worker.kill9();
        assert!(works(), "{statement} was over before the kill");
        // A fast server may have ended the statement by the time this one asks; that it waits where it
        // must is seen with the lease, whose orphans keep no lock.
        let next = Worker::start(Kind::MysqlAsync, &database, &folder, "resume", &[]);
        assert_eq!(next.end().unwrap(), version.to_string(), "{statement}");
    }
    // The sleep of a session that is killed ends early with 1.
    assert_eq!(
        database.sql("SELECT n FROM log ORDER BY n"),
        "2\n10\n20\n30\n40"
    );
    assert_eq!(
        database.sql("SHOW COLUMNS FROM big LIKE 'added'") + &database.sql("SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = 'big_a'"),
        "big_a"
    );
}

#[test]
fn an_index_left_invalid_is_built_again_on_postgres() {
    let Some(server) = server::postgres() else {
        return;
    };
    for clause in ["", "IF NOT EXISTS "] {
        let database = server.database("invalid");
        database.sql("CREATE TABLE books (id int); INSERT INTO books VALUES (1)");
        let folder = Folder::new(Engine::Postgres).with(
            "1_index.sql",
            &format!("-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY {clause}\"by id\" ON books (id);"),
        );
        let mut blocker = Kind::PostgresAsync.connect(&database);
        let mut looker = Kind::PostgresAsync.connect(&database);
        blocker.batch("BEGIN; INSERT INTO books VALUES (2)");
        let mut worker = Worker::start(Kind::PostgresAsync, &database, &folder, "up", &[]);
        worker.wait_for("started 0");
        wait_until("the build waits for the writer", || {
            waits_for_a_lock(&mut *looker, Engine::Postgres)
        });
        worker.kill9();
        database.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND query LIKE 'CREATE INDEX%'",
        );
        blocker.batch("COMMIT");
        let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = '\"by id\"'::regclass";
        assert_eq!(database.sql(valid), "f");
        let ended = Worker::start(Kind::PostgresAsync, &database, &folder, "resume", &[]).end();
        assert_eq!(ended.unwrap(), "1");
        assert_eq!(database.sql(valid), "t");
    }
}

#[test]
fn what_the_catalogue_does_not_tell_stops_as_unsure_on_mariadb() {
    let Some(server) = server::mariadb() else {
        return;
    };
    for (statement, result) in [
        ("TRUNCATE TABLE log", "2"),
        ("CALL add_one()", "1\n1\n2"),
        ("CREATE TABLE copied SELECT 7 AS n", "1\n2"),
    ] {
        for (point, assume) in [("started 1", "not-done"), ("finished 1", "done")] {
            let case = format!("{statement}, {point}");
            let database = server.database("unsure");
            database.sql("CREATE TABLE log (n int)");
            database.sql("CREATE PROCEDURE add_one() INSERT INTO log VALUES (1)");
            let sql =
                format!("INSERT INTO log VALUES (1);\n{statement};\nINSERT INTO log VALUES (2);");
            let folder = Folder::new(Engine::Mariadb).with("1_unsure.sql", &sql);
            let worker = |command, options: &[&str]| {
                Worker::start(Kind::MysqlAsync, &database, &folder, command, options)
            };
            let mut killed = worker("up", &["--pause-at", point]);
            killed.wait_for("paused");
            killed.kill9();
            let ended = worker("up", &[]).end();
            assert_eq!(
                ended.unwrap_error(),
                "migration 1_unsure was begun and not finished on its way up; run `migrate resume`",
                "{case}"
            );
            let ended = worker("resume", &[]).end();
            assert_eq!(
                ended.unwrap_error(),
                "migration 1_unsure: statement 2 of its up script (line 2) was begun and nothing \
                 tells whether it happened: its effect leaves no trace in the catalogue; look at \
                 the database, then say which",
                "{case}"
            );
            let ended = worker("resume", &["--assume", assume]).end();
            assert_eq!(ended.unwrap(), "1", "{case}");
            assert_eq!(
                database.sql("SELECT n FROM log ORDER BY n"),
                result,
                "{case}"
            );
        }
    }
}
