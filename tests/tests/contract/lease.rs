//! The lease: where session locks do not hold, and what happens to a holder who is frozen, killed
//! or cut off.

use migrate_runtime::ErrorKind;
use migrate_tests::contract::{Folder, Job, Kind};
use migrate_tests::server::{self, Engine, PgBouncer, Server};

use crate::process::{Worker, wait_until};
use crate::scripts::{Mode, folder};

fn lease_servers() -> impl Iterator<Item = Server> {
    [server::postgres(), server::mariadb()]
        .into_iter()
        .flatten()
}

/// A short lease, so that the tests do not wait long for its end.
const SHORT: [&str; 4] = ["--lock", "lease", "--lease-for", "2000"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    SHORT.iter().chain(more).copied().collect()
}

#[test]
fn a_holder_frozen_past_its_expiry_records_nothing() {
    for server in lease_servers() {
        let kind = Kind::first(server.engine());
        let mode = match server.engine() {
            Engine::Postgres => "-- migrate:no-transaction\n",
            _ => "",
        };
        for event in ["finished 0", "finished 1", "started 1"] {
            let case = format!("{kind:?}, frozen at {event}");
            let database = server.database("frozen");
            let sql = format!(
                "{mode}CREATE TABLE t (n int);\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n"
            );
            let folder = Folder::new(server.engine()).with("1_t.sql", &sql);
            let mut frozen = Worker::start(
                kind,
                &database,
                &folder,
                "up",
                &with(&["--pause-at", event]),
            );
            frozen.wait_for("paused");
            frozen.signal("STOP");
            let mut next = Worker::start(kind, &database, &folder, "resume", &with(&[]));
            next.wait_for("waiting process");
            // Although the frozen process lives and may hold an open transaction.
            next.wait_for("locked");
            let thaw = |frozen: &mut Worker| {
                frozen.signal("CONT");
                frozen.go_on();
            };
            // A table that is made in an open transaction can only be waited for.
            let blocks = event == "finished 0" && server.engine() == Engine::Postgres;
            if blocks {
                thaw(&mut frozen);
            }
            assert_eq!(next.end().unwrap(), "1", "{case}");
            let everything = "SELECT version, state, sequence, started_at, finished_at \
                FROM _migrate_history";
            let recorded = database.sql(everything);
            if !blocks {
                thaw(&mut frozen);
            }
            let ended = frozen.end();
            let error = ended.unwrap_error();
            assert!(
                error.contains("the migration lock was lost"),
                "{case}: {error}"
            );
            assert_eq!(database.sql(everything), recorded, "{case}");
            assert_eq!(database.sql("SELECT n FROM t ORDER BY n"), "1\n2", "{case}");
        }
    }
}

#[test]
fn a_killed_holder_is_waited_out() {
    for server in lease_servers() {
        let kind = Kind::first(server.engine());
        let database = server.database("expired");
        let folder = folder(server.engine(), Mode::Stepwise);
        let mut killed = Worker::start(
            kind,
            &database,
            &folder,
            "up",
            &with(&["--pause-at", "finished 4"]),
        );
        killed.wait_for("paused");
        killed.kill9();
        let mut early = Worker::start(
            kind,
            &database,
            &folder,
            "resume",
            &with(&["--lock-wait", "100"]),
        );
        early.wait_for("waiting process ");
        let ended = early.end();
        let error = ended.unwrap_error();
        assert!(
            error.starts_with("the migration lock is held by another run (process "),
            "{error}"
        );
        let ended = Worker::start(kind, &database, &folder, "resume", &SHORT).end();
        assert_eq!(ended.unwrap(), "2");
        assert_eq!(database.sql("SELECT n FROM log ORDER BY n"), "3\n100");
    }
}

/// A fence stops no statement that is in the server already: whoever takes the lease over waits
/// until that one is gone.
#[test]
fn an_orphan_outlives_the_lease_and_is_waited_for_on_postgres() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("orphan");
    database.sql("CREATE TABLE books (id int)");
    let folder = Folder::new(Engine::Postgres).with(
        "1_index.sql",
        "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY by_id ON books (id);",
    );
    let kind = Kind::PostgresAsync;
    let mut blocker = kind.connect(&database);
    blocker.batch("BEGIN; INSERT INTO books VALUES (1)");
    let mut killed = Worker::start(kind, &database, &folder, "up", &SHORT);
    killed.wait_for("started 0");
    wait_until("the build waits for the writer", || {
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
            AND wait_event_type = 'Lock'";
        database.sql(waiting) == "1"
    });
    killed.kill9();
    let mut next = Worker::start(kind, &database, &folder, "resume", &SHORT);
    next.wait_for("locked");
    let line = next.wait_for("waiting session");
    assert!(line.ends_with("still at statement"), "{line}");
    blocker.batch("COMMIT");
    let ended = next.end();
    assert_eq!(ended.unwrap(), "1");
    // It went on to its end, so it is not run again.
    assert_eq!(ended.count("skipped 0"), 1, "{:?}", ended.lines);
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_id'::regclass";
    assert_eq!(database.sql(valid), "t");
}

/// A statement that takes longer than the lease does not lose it: it is renewed meanwhile.
#[test]
fn it_is_renewed_while_a_statement_runs() {
    for server in lease_servers() {
        let kind = Kind::first(server.engine());
        let database = server.database("renewed");
        database.sql("CREATE TABLE log (n int)");
        let sleep = match server.engine() {
            Engine::Postgres => "INSERT INTO log SELECT 1 FROM pg_sleep(4)",
            _ => "INSERT INTO log SELECT SLEEP(4) + 1",
        };
        let folder = Folder::new(server.engine()).with("1_slow.sql", &format!("{sleep};"));
        let mut slow = Worker::start(kind, &database, &folder, "up", &SHORT);
        slow.wait_for("started 0");
        let other = Worker::start(kind, &database, &folder, "up", &SHORT).end();
        assert_eq!(slow.end().unwrap(), "1");
        assert_eq!(other.unwrap(), "");
        assert_eq!(database.sql("SELECT n FROM log"), "1");
    }
}

#[test]
fn it_needs_a_second_connection() {
    // Asked through the migrator itself, because the clients of these tests always give one.
    use migrate_runtime::Migrator;
    use migrate_runtime::diesel::{Connection as _, pg::Pg};
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("alone");
    let set = Folder::new(Engine::Postgres)
        .with("1_t.sql", "CREATE TABLE t (id int);")
        .set();
    let mut conn = diesel_async::async_connection_wrapper::AsyncConnectionWrapper::<
        diesel_async::AsyncPgConnection,
    >::establish(database.url())
    .unwrap();
    let mut migrator = Migrator::<Pg>::new(&set).settings(Job::up().lease().settings);
    let error = migrator
        .up(&mut conn, &migrate_core::plan::UpTarget::Latest)
        .unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::LeaseNeedsConnection { .. }
    ));
    assert_eq!(
        database.sql("SELECT count(*) FROM pg_class WHERE relname LIKE '\\_migrate%'"),
        "0"
    );
}

#[test]
fn behind_pgbouncer_in_transaction_mode() {
    let Some(server) = server::postgres() else {
        return;
    };
    for kind in Kind::of(Engine::Postgres) {
        // The others name their statements, to connect or to see whether a connection of the pool
        // still works, and a pooler older than PgBouncer 1.21 loses the names.
        if !["postgres-native", "postgres-command"].contains(&kind.name()) {
            continue;
        }
        let database = server.database("pooled");
        // Several servers, so that two statements of one client meet different ones.
        let settings = ["pool_mode=transaction", "default_pool_size=4"];
        let Some(pooler) = PgBouncer::start(&database, &settings) else {
            return;
        };
        let near = pooler.through(&database);
        let folder = folder(Engine::Postgres, Mode::Stepwise);
        let workers: Vec<Worker> = (0..4)
            .map(|_| Worker::start(kind, &near, &folder, "up", &["--lock", "lease"]))
            .collect();
        let ended: Vec<_> = workers.into_iter().map(Worker::end).collect();
        let errors: Vec<_> = ended
            .iter()
            .filter_map(crate::process::Ended::error)
            .collect();
        assert!(errors.is_empty(), "{kind:?}: {errors:#?}");
        assert_eq!(
            database.sql("SELECT n FROM log ORDER BY n"),
            "3\n100",
            "{kind:?}"
        );
        let ended = Worker::start(kind, &near, &folder, "down", &["--lock", "lease"]).end();
        assert_eq!(ended.unwrap(), "2,1", "{kind:?}");
        // Killed between an effect and its record, and resumed.
        for event in ["finished 5", "started 7"] {
            let options = with(&["--pause-at", event]);
            let mut killed = Worker::start(kind, &near, &folder, "up", &options);
            killed.wait_for("paused");
            killed.kill9();
            let ended = Worker::start(kind, &near, &folder, "resume", &SHORT).end();
            assert_eq!(ended.unwrap(), "2", "{kind:?}");
            assert_eq!(
                database.sql("SELECT n FROM log ORDER BY n"),
                "3\n100",
                "{kind:?}"
            );
            let ended = Worker::start(kind, &near, &folder, "down", &SHORT).end();
            assert_eq!(ended.unwrap(), "2,1", "{kind:?}");
        }
    }
}

/// Names that a pooler older than PgBouncer 1.21 mixes up are nothing that a migrator can mend, but
/// something that it can tell.
#[test]
fn a_connection_that_names_its_statements_is_told_about_the_pooler() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("named");
    // One session for all.
    let settings = ["pool_mode=transaction", "default_pool_size=1"];
    let Some(pooler) = PgBouncer::start(&database, &settings) else {
        return;
    };
    let near = pooler.through(&database);
    // What other clients have left there, but for the names that connecting takes, twice.
    let names = (4..100).map(|number| format!("PREPARE s{number} AS SELECT 1;"));
    let leave = format!("DEALLOCATE ALL; {}", names.collect::<String>());
    let folder = folder(Engine::Postgres, Mode::Stepwise);
    for lock in ["lease", "session"] {
        for command in ["status", "up"] {
            near.sql(&leave);
            let options = ["--lock", lock];
            let worker = Worker::start(Kind::PostgresAsync, &near, &folder, command, &options);
            let ended = worker.end();
            let error = ended.unwrap_error();
            assert!(
                error.starts_with("a transaction pooler mixes up this connection's prepared"),
                "{command}, {lock}: {error}"
            );
            assert!(
                error.ends_with("already exists"),
                "{command}, {lock}: {error}"
            );
        }
    }
    assert_eq!(
        database
            .sql("SELECT count(*) FROM pg_class WHERE relname LIKE '\\_migrate%' OR relname = 't'"),
        "0"
    );
    // The command gives no names.
    let options = ["--lock", "lease"];
    let ended = Worker::start(Kind::PostgresCommand, &near, &folder, "up", &options).end();
    assert_eq!(ended.unwrap(), "1,2");
}

/// As on PostgreSQL. MariaDB notices that a client is gone where a statement waits for a lock, so
/// this one sleeps. The catalogue does not tell what came of it, but it can only be asked once the
/// statement has ended.
#[test]
fn an_orphan_outlives_the_lease_and_is_waited_for_on_mariadb() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("orphan");
    let folder = Folder::new(Engine::Mariadb).with(
        "1_slow.sql",
        "CREATE TABLE slow SELECT SLEEP(6) + 2 AS n;\nINSERT INTO slow VALUES (7);\n",
    );
    let kind = Kind::MysqlAsync;
    let options = ["--lock", "lease", "--lease-for", "1000"];
    let mut killed = Worker::start(kind, &database, &folder, "up", &options);
    killed.wait_for("started 0");
    let works = "SELECT 1 FROM information_schema.processlist \
        WHERE db = DATABASE() AND info LIKE 'CREATE TABLE slow%'";
    wait_until("the statement is at work", || database.sql(works) == "1");
    killed.kill9();
    let mut next = Worker::start(kind, &database, &folder, "resume", &options);
    next.wait_for("locked");
    let line = next.wait_for("waiting session");
    assert!(line.ends_with("still at statement"), "{line}");
    let ended = next.end();
    let error = ended.unwrap_error();
    assert!(
        error.contains("nothing tells whether it happened"),
        "{error}"
    );
    assert_eq!(database.sql(works), "", "it is still at work");
    // It went on to its end.
    assert_eq!(database.sql("SELECT n FROM slow"), "2");
    let assumed = [options.as_slice(), &["--assume", "done"]].concat();
    let ended = Worker::start(kind, &database, &folder, "resume", &assumed).end();
    assert_eq!(ended.unwrap(), "1");
    assert_eq!(database.sql("SELECT n FROM slow ORDER BY n"), "2\n7");
}
