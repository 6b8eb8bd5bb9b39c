//! The runner is killed before, during and after every statement, and the end is as if it was not.

use std::thread::sleep;
use std::time::Duration;

use migrate_core::plan::{DownTarget, UpTarget};
use migrate_tests::contract::{Client, Command, Folder, Job, Kind};
use migrate_tests::server::{self, Database, Engine, MIGRATION_TABLES, Server, TestDatabase};

use crate::process::{Worker, wait_until};
use crate::scripts::{Mode, folder};

/// A database with the first migration of [`folder`], and what it looks like before and after the
/// second one ran undisturbed.
struct Stage {
    kind: Kind,
    mode: Mode,
    database: TestDatabase,
    folder: Folder,
    before: String,
    after: String,
}

/// Everything that a double or half run would change.
fn picture(database: &Database) -> String {
    let mut picture = database.schema_dump(MIGRATION_TABLES);
    for query in [
        "SELECT n FROM log ORDER BY n",
        "SELECT version, state FROM _migrate_history ORDER BY sequence",
        "SELECT count(*) FROM _migrate_history_statements",
    ] {
        picture += &format!("\n{}", database.sql(query));
    }
    if database.try_sql("SELECT 1 FROM t").is_ok() {
        picture += &format!(
            "\n{}",
            database.sql("SELECT id, n, base FROM t ORDER BY id")
        );
    }
    picture
}

impl Stage {
    fn new(kind: Kind, mode: Mode, server: &Server) -> Self {
        let database = server.database("killed");
        let folder = folder(server.engine(), mode);
        let set = folder.set();
        let mut client = kind.connect(&database);
        let base = Job::new(Command::Up(UpTarget::Count(1)));
        client.migrate(&set, &base).unwrap();
        client.migrate(&set, &Job::up()).unwrap();
        let after = picture(&database);
        let back = Job::new(Command::Down(DownTarget::Count(1)));
        client.migrate(&set, &back).unwrap();
        database.sql("DELETE FROM log");
        let before = picture(&database);
        Stage {
            kind,
            mode,
            database,
            folder,
            before,
            after,
        }
    }

    fn worker(&self, command: &str, options: &[&str]) -> Worker {
        Worker::start(self.kind, &self.database, &self.folder, command, options)
    }

    /// The command that goes on after `command` was killed.
    fn next<'a>(&self, command: &'a str) -> &'a str {
        match self.mode {
            Mode::Transaction => command,
            Mode::Stepwise => "resume",
        }
    }

    /// Finishes what a killed worker left, and looks at the end.
    fn finish(&self, command: &str, case: &str) {
        let ended = self.worker(self.next(command), &[]).end();
        assert_eq!(ended.unwrap(), "2", "{case}");
        self.is_as_after(command, case);
    }

    fn is_as_after(&self, command: &str, case: &str) {
        let mut expected = &self.after;
        if command == "down-one" {
            self.database.sql("DELETE FROM log");
            expected = &self.before;
        }
        let found = picture(&self.database);
        assert_eq!(found, *expected, "{case}");
    }

    /// Where one transaction holds the script, nothing of it is left.
    fn nothing_remains(&self, command: &str, case: &str) {
        if self.mode == Mode::Transaction && command == "up" {
            assert_eq!(picture(&self.database), self.before, "{case}");
        }
    }
}

fn killed_at_every_statement(kind: Kind, mode: Mode, server: Option<Server>, each: usize) {
    let Some(server) = server else { return };
    let stage = Stage::new(kind, mode, &server);
    for index in (0..10).step_by(each) {
        for point in ["started", "finished"] {
            for command in ["up", "down-one"] {
                let event = format!("{point} {index}");
                let case = format!("{kind:?}, {mode:?}: {command} killed at '{event}'");
                let mut worker = stage.worker(command, &["--pause-at", &event]);
                worker.wait_for("paused");
                worker.kill9();
                stage.nothing_remains(command, &case);
                stage.finish(command, &case);
            }
        }
    }
}

/// Several who resume at once are one who resumes, and the others who find nothing left to do.
#[test]
fn several_resume_at_once() {
    for server in server::all() {
        for kind in Kind::of(server.engine()) {
            let stage = Stage::new(kind, Mode::Stepwise, &server);
            let case = format!("{kind:?}: resumed by several");
            let mut killed = stage.worker("up", &["--pause-at", "finished 4"]);
            killed.wait_for("paused");
            killed.kill9();
            let workers: Vec<Worker> = (0..6).map(|_| stage.worker("resume", &[])).collect();
            let ended: Vec<_> = workers.into_iter().map(Worker::end).collect();
            let (done, errors): (Vec<_>, Vec<_>) = ended.iter().partition(|e| e.error().is_none());
            assert_eq!(done.len(), 1, "{case}: {ended:#?}");
            for ended in errors {
                let error = ended.unwrap_error();
                assert!(error.starts_with("nothing to resume"), "{case}: {error}");
            }
            stage.is_as_after("up", &case);
        }
    }
}

#[test]
fn at_every_statement_of_a_transaction_on_postgres() {
    let server = server::postgres();
    killed_at_every_statement(Kind::PostgresAsync, Mode::Transaction, server, 1);
}

#[test]
fn at_every_statement_without_a_transaction_on_postgres() {
    let server = server::postgres();
    killed_at_every_statement(Kind::PostgresAsync, Mode::Stepwise, server, 1);
}

#[test]
fn at_every_statement_on_mariadb() {
    let server = server::mariadb();
    killed_at_every_statement(Kind::MysqlAsync, Mode::Stepwise, server, 1);
}

#[test]
fn at_every_statement_of_a_transaction_on_sqlite() {
    killed_at_every_statement(Kind::Sqlite, Mode::Transaction, server::sqlite(), 1);
}

#[test]
fn at_every_statement_without_a_transaction_on_sqlite() {
    killed_at_every_statement(Kind::Sqlite, Mode::Stepwise, server::sqlite(), 1);
}

/// The other kinds of connections go through the same loop; a few statements of each sort do.
#[test]
fn with_the_other_kinds_of_connections() {
    for engine in [Engine::Postgres, Engine::Mariadb, Engine::Sqlite] {
        for kind in Kind::of(engine) {
            let server = match engine {
                Engine::Postgres => server::postgres(),
                Engine::Mariadb => server::mariadb(),
                Engine::Sqlite => server::sqlite(),
            };
            if kind != Kind::first(engine) {
                killed_at_every_statement(kind, Mode::Stepwise, server, 4);
            }
        }
    }
}

/// Somebody who holds the tables so that the statement in flight waits in the server.
struct Blocker(Box<dyn Client>);

impl Blocker {
    fn hold(database: &Database) -> Self {
        let t = database.try_sql("SELECT 1 FROM t LIMIT 1").is_ok();
        let mut client = Kind::first(database.engine()).connect(database);
        client.batch(&match (database.engine(), t) {
            (Engine::Postgres, true) => "BEGIN; LOCK TABLE base, log, t".to_owned(),
            (Engine::Postgres, false) => "BEGIN; LOCK TABLE base, log".to_owned(),
            (_, true) => "LOCK TABLES base WRITE, log WRITE, t WRITE".to_owned(),
            (_, false) => "LOCK TABLES base WRITE, log WRITE".to_owned(),
        });
        Blocker(client)
    }

    fn let_go(mut self, engine: Engine) {
        self.0.batch(match engine {
            Engine::Postgres => "COMMIT",
            _ => "UNLOCK TABLES",
        });
    }
}

fn waits_for_a_lock(database: &Database) -> bool {
    let sql = match database.engine() {
        Engine::Postgres => {
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
             AND wait_event_type = 'Lock'"
        }
        _ => {
            "SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() \
             AND state LIKE 'Waiting for table%'"
        }
    };
    !database.sql(sql).is_empty()
}

fn killed_during_every_statement(kind: Kind, server: Option<Server>) {
    let Some(server) = server else { return };
    let stage = Stage::new(kind, Mode::Stepwise, &server);
    for index in 0..10 {
        for command in ["up", "down-one"] {
            let case = format!("{kind:?}: {command} killed during statement {index}");
            let event = format!("started {index}");
            let mut worker = stage.worker(command, &["--pause-at", &event]);
            worker.wait_for("paused");
            let blocker = Blocker::hold(&stage.database);
            worker.go_on();
            wait_until(&case, || waits_for_a_lock(&stage.database));
            worker.kill9();
            // The server does not know it yet: the statement is still there, and so is the lock.
            let mut next = stage.worker("resume", &[]);
            next.wait_for("waiting");
            blocker.let_go(kind.engine());
            assert_eq!(next.end().unwrap(), "2", "{case}");
            stage.is_as_after(command, &case);
        }
    }
}

#[test]
fn during_every_statement_on_postgres() {
    killed_during_every_statement(Kind::PostgresAsync, server::postgres());
}

#[test]
fn during_every_statement_on_mariadb() {
    killed_during_every_statement(Kind::MysqlAsync, server::mariadb());
}

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
        let mut next = Worker::start(Kind::MysqlAsync, &database, &folder, "resume", &[]);
        next.wait_for("waiting");
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

/// Inside a transaction the statement goes on in the server, and then everything is rolled back.
#[test]
fn during_a_statement_of_a_transaction_on_postgres() {
    let Some(server) = server::postgres() else {
        return;
    };
    for statement in [
        "CREATE TABLE slow AS SELECT pg_advisory_xact_lock(42)::text AS x",
        "INSERT INTO log SELECT 1 FROM pg_advisory_xact_lock(42)",
    ] {
        let database = server.database("during");
        database.sql("CREATE TABLE log (n int)");
        let sql = format!("INSERT INTO log VALUES (0);\n{statement};\nCREATE TABLE last (n int);");
        let folder = Folder::new(Engine::Postgres).with("1_slow.sql", &sql);
        let mut blocker = Kind::PostgresAsync.connect(&database);
        blocker.batch("SELECT pg_advisory_lock(42)");
        let mut worker = Worker::start(Kind::PostgresAsync, &database, &folder, "up", &[]);
        worker.wait_for("started 1");
        wait_until(statement, || waits_for_a_lock(&database));
        worker.kill9();
        let mut next = Worker::start(Kind::PostgresAsync, &database, &folder, "up", &[]);
        next.wait_for("waiting");
        assert_eq!(database.sql("SELECT count(*) FROM log"), "0");
        blocker.batch("SELECT pg_advisory_unlock(42)");
        assert_eq!(next.end().unwrap(), "1", "{statement}");
        let rows = 1 + usize::from(statement.starts_with("INSERT"));
        assert_eq!(database.sql("SELECT count(*) FROM log"), rows.to_string());
    }
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
        blocker.batch("BEGIN; INSERT INTO books VALUES (2)");
        let mut worker = Worker::start(Kind::PostgresAsync, &database, &folder, "up", &[]);
        worker.wait_for("started 0");
        wait_until("the build waits for the writer", || {
            waits_for_a_lock(&database)
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

#[test]
fn during_a_statement_on_sqlite() {
    let Some(server) = server::sqlite() else {
        return;
    };
    for mode in ["", "-- migrate:no-transaction\n"] {
        for journal in ["DELETE", "WAL"] {
            let case = format!("{mode:?}, {journal}");
            let database = server.database("during");
            database.sql(&format!(
                "PRAGMA journal_mode = {journal}; CREATE TABLE log (n int)"
            ));
            // Long enough to be killed in, and so big that SQLite writes pages before the commit.
            let sql = format!(
                "{mode}INSERT INTO log VALUES (0);\n\
                 INSERT INTO log WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c \
                 WHERE x < 1500000) SELECT x FROM c;\n\
                 CREATE TABLE last (n int);"
            );
            let folder = Folder::new(Engine::Sqlite).with("1_slow.sql", &sql);
            let mut worker = Worker::start(Kind::Sqlite, &database, &folder, "up", &[]);
            worker.wait_for("started 1");
            sleep(Duration::from_millis(150));
            worker.kill9();
            let stepwise = !mode.is_empty();
            let rows = database.sql("SELECT count(*) FROM log");
            assert_eq!(rows, ["0", "1"][usize::from(stepwise)], "{case}");
            let command = ["up", "resume"][usize::from(stepwise)];
            let ended = Worker::start(Kind::Sqlite, &database, &folder, command, &[]).end();
            assert_eq!(ended.unwrap(), "1", "{case}");
            assert_eq!(
                database.sql("SELECT count(*) FROM log"),
                "1500001",
                "{case}"
            );
        }
    }
}

/// Not at an event but at any moment, so that also the runner's own statements are hit.
fn killed_at_any_moment(kind: Kind, mode: Mode, server: Option<Server>) {
    let Some(server) = server else { return };
    let stage = Stage::new(kind, mode, &server);
    for moment in 0..12_u64 {
        for command in ["up", "down-one"] {
            let case = format!("{kind:?}, {mode:?}: {command} killed after {moment} steps of 3 ms");
            let mut worker = stage.worker(command, &[]);
            worker.wait_for("connected");
            sleep(Duration::from_millis(3 * moment));
            worker.kill9();
            // It may have come to its end, or to nothing at all.
            let resumed = stage.worker("resume", &[]).end();
            match resumed.error() {
                None => assert_eq!(resumed.unwrap(), "2", "{case}"),
                Some(error) => {
                    assert!(error.starts_with("nothing to resume"), "{case}: {error}");
                    let applied = stage.database.sql("SELECT count(*) FROM _migrate_history");
                    if (applied == "2") != (command == "up") {
                        stage.worker(command, &[]).end().unwrap();
                    }
                }
            }
            stage.is_as_after(command, &case);
        }
    }
}

#[test]
fn at_any_moment() {
    killed_at_any_moment(Kind::PostgresAsync, Mode::Stepwise, server::postgres());
    killed_at_any_moment(Kind::MysqlAsync, Mode::Stepwise, server::mariadb());
    killed_at_any_moment(Kind::Sqlite, Mode::Stepwise, server::sqlite());
    killed_at_any_moment(Kind::Sqlite, Mode::Transaction, server::sqlite());
}
