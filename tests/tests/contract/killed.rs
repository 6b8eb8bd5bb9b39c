//! The runner is killed before, during and after every statement, between its effect and its record,
//! and at any moment; the end is as if it was not.

use std::thread::sleep;
use std::time::Duration;

use migrate_tests::contract::{Client, Folder, Kind};
use migrate_tests::server::{self, Engine, Server};

use crate::process::{Worker, wait_until};
use crate::scripts::{Mode, folder_waiting_for};
use crate::stage::{Stage, Way, each_kind};

/// Before the effect of every statement, and between its effect and its record.
fn killed_at_every_statement(server: Option<Server>, mode: Mode) {
    each_kind(server, |server, kind| {
        let mut stage = Stage::new(kind, mode, server);
        for index in 0..10 {
            for point in ["started", "finished"] {
                for way in Way::BOTH {
                    let event = format!("{point} {index}");
                    let case = format!("{kind:?}, {mode:?}: {way:?} killed at '{event}'");
                    let mut worker = stage.worker(way.command(), &["--pause-at", &event]);
                    worker.wait_for("paused");
                    worker.kill9();
                    stage.nothing_remains(way, &case);
                    stage.finish(way, &case);
                }
            }
        }
    });
}

#[test]
fn at_every_statement_of_a_transaction_on_postgres() {
    killed_at_every_statement(server::postgres(), Mode::Transaction);
}

#[test]
fn at_every_statement_without_a_transaction_on_postgres() {
    killed_at_every_statement(server::postgres(), Mode::Stepwise);
}

#[test]
fn at_every_statement_on_mariadb() {
    killed_at_every_statement(server::mariadb(), Mode::Stepwise);
}

#[test]
fn at_every_statement_of_a_transaction_on_sqlite() {
    killed_at_every_statement(server::sqlite(), Mode::Transaction);
}

#[test]
fn at_every_statement_without_a_transaction_on_sqlite() {
    killed_at_every_statement(server::sqlite(), Mode::Stepwise);
}

/// The advisory lock that every statement of a transaction waits for.
const LOCK: i32 = 42;

/// Somebody for whom the statement in flight waits in the server.
struct Blocker {
    client: Box<dyn Client>,
    let_go: &'static str,
}

impl Blocker {
    fn hold(stage: &Stage) -> Self {
        let database = &stage.database;
        let mut client = Kind::first(database.engine()).connect(database);
        let (hold, let_go) = match (database.engine(), stage.mode) {
            (Engine::Postgres, Mode::Transaction) => (
                format!("SELECT pg_advisory_lock({LOCK})"),
                "SELECT pg_advisory_unlock_all()",
            ),
            (Engine::Postgres, Mode::Stepwise) => {
                let t = "SELECT relname::text AS value FROM pg_class \
                    WHERE oid = to_regclass('public.t')";
                let more = if client.texts(t).is_empty() {
                    ""
                } else {
                    ", t"
                };
                (format!("BEGIN; LOCK TABLE base, log{more}"), "COMMIT")
            }
            _ => {
                let t = "SELECT CAST(table_name AS CHAR) AS value FROM information_schema.tables \
                    WHERE table_schema = DATABASE() AND table_name = 't'";
                let more = match client.texts(t).is_empty() {
                    true => "",
                    false => ", t WRITE",
                };
                let hold = format!("LOCK TABLES base WRITE, log WRITE{more}");
                (hold, "UNLOCK TABLES")
            }
        };
        client.batch(&hold);
        Blocker { client, let_go }
    }

    fn let_go(mut self) {
        self.client.batch(self.let_go);
    }
}

/// While the server is at the statement.
fn killed_during_every_statement(server: Option<Server>, mode: Mode) {
    each_kind(server, |server, kind| {
        let mut stage = match (kind.engine(), mode) {
            (Engine::Postgres, Mode::Transaction) => {
                Stage::with(kind, mode, server, folder_waiting_for(LOCK))
            }
            _ => Stage::new(kind, mode, server),
        };
        for index in 0..10 {
            for way in Way::BOTH {
                let case = format!("{kind:?}, {mode:?}: {way:?} killed during statement {index}");
                let event = format!("started {index}");
                let mut worker = stage.worker(way.command(), &["--pause-at", &event]);
                worker.wait_for("paused");
                let blocker = Blocker::hold(&stage);
                worker.go_on();
                stage.wait_until_blocked(&case);
                worker.kill9();
                // The server does not know it yet: the statement is still there, and so is the lock.
                let mut next = stage.worker(stage.next(way), &[]);
                next.wait_for("waiting");
                blocker.let_go();
                assert_eq!(next.end().unwrap(), "2", "{case}");
                stage.is_as_after(way, &case);
            }
        }
    });
}

#[test]
fn during_every_statement_of_a_transaction_on_postgres() {
    killed_during_every_statement(server::postgres(), Mode::Transaction);
}

#[test]
fn during_every_statement_without_a_transaction_on_postgres() {
    killed_during_every_statement(server::postgres(), Mode::Stepwise);
}

#[test]
fn during_every_statement_on_mariadb() {
    killed_during_every_statement(server::mariadb(), Mode::Stepwise);
}

/// On SQLite the process itself is the server. A commit that waits for a reader has written its
/// journal and nothing else.
#[test]
fn during_every_commit_on_sqlite() {
    each_kind(server::sqlite(), |server, kind| {
        for mode in [Mode::Stepwise, Mode::Transaction] {
            let mut stage = Stage::new(kind, mode, server);
            let statements = match mode {
                Mode::Stepwise => 0..10,
                // There is one commit.
                Mode::Transaction => 9..10,
            };
            for index in statements {
                for way in Way::BOTH {
                    let case = format!("{kind:?}, {mode:?}: {way:?} killed in commit {index}");
                    let event = format!("finished {index}");
                    let mut worker = stage.worker(way.command(), &["--pause-at", &event]);
                    worker.wait_for("paused");
                    let mut reader = Kind::Sqlite.connect(&stage.database);
                    reader.batch("BEGIN; SELECT * FROM base");
                    worker.go_on();
                    // From then on nobody new of another process gets in.
                    let sql = ".timeout 0\nSELECT * FROM base";
                    wait_until(&case, || stage.database.try_sql(sql).is_err());
                    worker.kill9();
                    reader.batch("COMMIT");
                    stage.nothing_remains(way, &case);
                    stage.finish(way, &case);
                }
            }
        }
    });
}

/// In the middle of statements that take their time and are so big that SQLite writes pages before
/// the commit.
#[test]
fn during_every_statement_on_sqlite() {
    const SLOW: [&str; 5] = [
        "INSERT INTO log WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c \
         WHERE x < 100000) SELECT x FROM c",
        "CREATE INDEX log_n ON log (n, n + 1, n + 2)",
        "UPDATE log SET n = n + 1",
        "ALTER TABLE log ADD COLUMN added int CHECK (added IS NULL OR added > n)",
        "DELETE FROM log WHERE n > 50000",
    ];
    each_kind(server::sqlite(), |server, kind| {
        for mode in ["", "-- migrate:no-transaction\n"] {
            for journal in ["DELETE", "WAL"] {
                let database = server.database("during");
                database.sql(&format!(
                    "PRAGMA journal_mode = {journal}; CREATE TABLE log (n int)"
                ));
                let sql = format!(
                    "{mode}INSERT INTO log VALUES (0);\n{};\nCREATE TABLE last (n int);\n",
                    SLOW.join(";\n")
                );
                let folder = Folder::new(Engine::Sqlite).with("1_slow.sql", &sql);
                let worker = |command| Worker::start(kind, &database, &folder, command, &[]);
                let state = || {
                    database.sql(
                        "SELECT count(*), sum(n) FROM log; SELECT sql FROM sqlite_schema \
                         WHERE tbl_name NOT LIKE '!_migrate%' ESCAPE '!' ORDER BY 1; \
                         PRAGMA integrity_check",
                    )
                };
                let before = state();
                let stepwise = !mode.is_empty();
                for index in 1..=SLOW.len() {
                    let case = format!("{kind:?}, {mode:?}, {journal}, statement {index}");
                    let mut killed = match (index, stepwise) {
                        (1, _) | (_, false) => worker("up"),
                        (_, true) => worker("resume"),
                    };
                    killed.wait_for(&format!("started {index}"));
                    sleep(Duration::from_millis(15));
                    killed.kill9();
                    match stepwise {
                        false => assert_eq!(state(), before, "{case}"),
                        true => assert!(state().ends_with("ok"), "{case}"),
                    }
                }
                let ended = worker(["up", "resume"][usize::from(stepwise)]).end();
                let case = format!("{kind:?}, {mode:?}, {journal}");
                assert_eq!(ended.unwrap(), "1", "{case}");
                // The rows 0 to 100000, one more each, without those above 50000.
                let found = state();
                assert!(found.starts_with("50000\t1250025000\n"), "{case}: {found}");
                assert!(
                    found.contains("added int") && found.contains("CREATE INDEX log_n"),
                    "{case}: {found}"
                );
                assert_eq!(database.sql("SELECT count(*) FROM last"), "0", "{case}");
            }
        }
    });
}

/// Several who resume at once are one who resumes, and the others who find nothing left to do.
#[test]
fn several_resume_at_once() {
    for server in server::all() {
        each_kind(Some(server), |server, kind| {
            let mut stage = Stage::new(kind, Mode::Stepwise, server);
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
            stage.is_as_after(Way::Up, &case);
        });
    }
}

/// Not at an event but at any moment, so that also the runner's own statements are hit.
fn killed_at_any_moment(server: Option<Server>, mode: Mode) {
    each_kind(server, |server, kind| {
        let mut stage = Stage::new(kind, mode, server);
        for moment in 0..10_u64 {
            for way in Way::BOTH {
                let case =
                    format!("{kind:?}, {mode:?}: {way:?} killed after {moment} steps of 3 ms");
                let mut worker = stage.worker(way.command(), &[]);
                worker.wait_for("connected");
                sleep(Duration::from_millis(3 * moment));
                worker.kill9();
                // It may have come to its end, or to nothing at all.
                stage.finish_as_recorded(way, &case);
            }
        }
    });
}

#[test]
fn at_any_moment_on_postgres() {
    killed_at_any_moment(server::postgres(), Mode::Stepwise);
}

#[test]
fn at_any_moment_on_mariadb() {
    killed_at_any_moment(server::mariadb(), Mode::Stepwise);
}

#[test]
fn at_any_moment_on_sqlite() {
    killed_at_any_moment(server::sqlite(), Mode::Stepwise);
    killed_at_any_moment(server::sqlite(), Mode::Transaction);
}
