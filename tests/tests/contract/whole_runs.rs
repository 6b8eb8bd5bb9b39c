//! A run as a whole: all in one transaction, stopped on request, two thousand migrations.

use std::sync::atomic::Ordering;

use migrate_core::plan::UpTarget;
use migrate_runtime::{ErrorKind, Event, Observer, Transactions};
use migrate_tests::contract::{Command, Folder, Job, Kind};
use migrate_tests::server::{self, Engine};

fn all(job: Job) -> Job {
    job.set(|settings| settings.transactions = Transactions::All)
}

#[test]
fn all_or_nothing() {
    for server in [server::postgres(), server::sqlite()].into_iter().flatten() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("all");
            let folder = Folder::new(server.engine())
                .with("1_a.sql", "CREATE TABLE a (id int);")
                .with(
                    "2_b.sql",
                    "CREATE TABLE b (id int); INSERT INTO b VALUES (1);",
                )
                .with("3_c.sql", "INSERT INTO nowhere VALUES (1);");
            let mut client = kind.connect(&database);
            let error = client.migrate(&folder.set(), &all(Job::up())).unwrap_err();
            assert!(error.completed().is_empty(), "{kind:?}: {error}");
            assert!(database.try_sql("SELECT 1 FROM a").is_err(), "{kind:?}");
            assert_eq!(
                database.sql("SELECT count(*) FROM _migrate_history"),
                "0",
                "{kind:?}"
            );
            folder.write("3_c.sql", "INSERT INTO b VALUES (2);");
            let outcome = client.migrate(&folder.set(), &all(Job::up())).unwrap();
            assert_eq!(outcome.versions(), ["1", "2", "3"], "{kind:?}");
            let status = client
                .migrate(&folder.set(), &Job::status())
                .unwrap()
                .status();
            assert!(status.is_up_to_date(), "{kind:?}");
            // One of them cannot share a transaction: refused before the first.
            folder.write("4_d.sql", "CREATE TABLE d (id int);");
            folder.write(
                "5_e.sql",
                "-- migrate:no-transaction\nCREATE TABLE e (id int);",
            );
            let error = client.migrate(&folder.set(), &all(Job::up())).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::NotInOneTransaction(_)),
                "{kind:?}: {error}"
            );
            assert!(database.try_sql("SELECT 1 FROM d").is_err(), "{kind:?}");
        }
    }
    if let Some(server) = server::mariadb() {
        for kind in Kind::of(Engine::Mariadb) {
            let database = server.database("all");
            let set = Folder::new(Engine::Mariadb)
                .with("1_a.sql", "CREATE TABLE a (id int);")
                .with("2_b.sql", "CREATE TABLE b (id int);")
                .set();
            let error = kind
                .connect(&database)
                .migrate(&set, &all(Job::up()))
                .unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::NotInOneTransaction(_)),
                "{kind:?}: {error}"
            );
            assert!(database.try_sql("SELECT 1 FROM a").is_err(), "{kind:?}");
        }
    }
}

/// Asks to stop as soon as a statement has finished.
struct StopAfter {
    statement: usize,
    asked: bool,
}

impl Observer for StopAfter {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::StatementFinished { index, .. } = event {
            self.asked |= *index == self.statement;
        }
    }

    fn stop(&mut self) -> bool {
        self.asked
    }
}

#[test]
fn it_stops_after_the_current_statement() {
    for server in server::all() {
        for kind in Kind::of(server.engine()) {
            for begin in ["", "-- migrate:no-transaction\n"] {
                let database = server.database("stopped");
                let sql = format!(
                    "{begin}CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n"
                );
                let set = Folder::new(server.engine()).with("1_a.sql", &sql).set();
                let mut client = kind.connect(&database);
                let mut observer = StopAfter {
                    statement: 1,
                    asked: false,
                };
                let error = client.observe(&set, &Job::up(), &mut observer).unwrap_err();
                let stepwise = server.engine() == Engine::Mariadb || !begin.is_empty();
                let ErrorKind::Stopped { resumable } = error.kind() else {
                    panic!("{kind:?}: {error:?}");
                };
                assert_eq!(*resumable, stepwise, "{kind:?}");
                let next = match stepwise {
                    true => Job::resume(),
                    false => Job::up(),
                };
                assert_eq!(
                    database.try_sql("SELECT id FROM a").is_ok(),
                    stepwise,
                    "{kind:?}"
                );
                // The lock is free: another connection goes on.
                let outcome = kind.connect(&database).migrate(&set, &next).unwrap();
                assert_eq!(outcome.versions(), ["1"], "{kind:?}");
                assert_eq!(
                    database.sql("SELECT id FROM a ORDER BY id"),
                    "1\n2",
                    "{kind:?}"
                );
            }
        }
    }
}

#[test]
fn two_thousand_migrations() {
    for server in server::all() {
        let kind = Kind::first(server.engine());
        let database = server.database("many");
        database.sql("CREATE TABLE log (n int)");
        let folder = Folder::new(server.engine());
        for version in 1..=2000 {
            folder.write(
                &format!("{version}_m.sql"),
                &format!("INSERT INTO log VALUES ({version});"),
            );
        }
        let set = folder.set();
        let mut client = kind.connect(&database);
        let counter = client.count_statements();
        let mut count = |job: &Job, expected: usize| {
            let before = counter.load(Ordering::Relaxed);
            let outcome = client.migrate(&set, job).unwrap();
            assert_eq!(outcome.versions().len(), expected, "{kind:?}");
            counter.load(Ordering::Relaxed) - before
        };
        let ten = count(&Job::new(Command::Up(UpTarget::Count(10))), 10);
        let ten_more = count(&Job::new(Command::Up(UpTarget::Count(10))), 10);
        let rest = count(&Job::up(), 1980);
        // The cost of each does not grow with how many there are.
        assert!(
            rest < ten_more * 198,
            "{kind:?}: {rest} statements after {ten} and {ten_more}"
        );
        let nothing = count(&Job::up(), 0);
        assert!(nothing <= 8, "{kind:?}: {nothing} statements to do nothing");
        let status = count(&Job::status(), 0);
        assert!(status <= 20, "{kind:?}: {status} statements to look");
        assert_eq!(
            database.sql("SELECT count(*), sum(n) FROM log"),
            "2000\t2001000",
            "{kind:?}"
        );
        let small = Folder::new(server.engine()).with("1_m.sql", "INSERT INTO log VALUES (1);");
        let few = server.database("few");
        few.sql("CREATE TABLE log (n int)");
        let mut client = kind.connect(&few);
        client.migrate(&small.set(), &Job::up()).unwrap();
        let counter = client.count_statements();
        client.migrate(&small.set(), &Job::up()).unwrap();
        assert_eq!(
            counter.load(Ordering::Relaxed),
            nothing,
            "{kind:?}: it is flat"
        );
    }
}
