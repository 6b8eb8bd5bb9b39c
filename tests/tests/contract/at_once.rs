//! Several processes at once, and several threads of one.

use std::sync::Barrier;
use std::thread;

use migrate_tests::contract::{Folder, Job, Kind, Outcome};
use migrate_tests::server::{self, Database, Engine, Server};

use crate::process::{Ended, Worker};
use crate::stage::each_kind;

/// Every second migration is not one transaction, and each would show if it ran twice.
fn folder(engine: Engine) -> Folder {
    let mut folder = Folder::new(engine).with("0_log.sql", "CREATE TABLE log (version int);");
    for version in 1..=6 {
        let mode = ["", "-- migrate:no-transaction\n"][version % 2];
        let sql = format!(
            "{mode}CREATE TABLE t{version} (id int);\n\
             INSERT INTO log VALUES ({version});\n\
             INSERT INTO t{version} SELECT count(*) FROM log;\n"
        );
        folder = folder.with(&format!("{version}_t.sql"), &sql);
    }
    folder
}

fn eight_processes(server: Option<Server>, options: &[&str]) {
    each_kind(server, |server, kind| {
        let folder = folder(server.engine());
        let database = server.database(kind.name());
        let workers: Vec<Worker> = (0..8)
            .map(|_| Worker::start(kind, &database, &folder, "up", options))
            .collect();
        let ended: Vec<_> = workers.into_iter().map(Worker::end).collect();
        let errors: Vec<_> = ended.iter().filter_map(Ended::error).collect();
        assert!(errors.is_empty(), "{kind:?}: {errors:#?}");
        let applied = ended.iter().flat_map(|ended| ended.unwrap().split(','));
        applied_once(
            kind,
            &database,
            applied.filter(|version| !version.is_empty()),
        );
    });
}

/// Each with a connection of its own.
fn eight_threads(server: Option<Server>) {
    each_kind(server, |server, kind| {
        let set = folder(server.engine()).set();
        let database = server.database(kind.name());
        let start = Barrier::new(8);
        let outcomes: Vec<_> = thread::scope(|scope| {
            let thread = || {
                let mut client = kind.connect(&database);
                start.wait();
                client.migrate(&set, &Job::up())
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(thread)).collect();
            let outcomes = threads.into_iter().map(|thread| thread.join().unwrap());
            outcomes.map(|outcome| outcome.unwrap()).collect()
        });
        let applied = outcomes.iter().flat_map(Outcome::versions);
        applied_once(kind, &database, applied);
    });
}

/// What eight runs did together is what one would have done.
fn applied_once<'a>(kind: Kind, database: &Database, applied: impl Iterator<Item = &'a str>) {
    let mut applied: Vec<_> = applied.collect();
    applied.sort_unstable();
    assert_eq!(applied, ["0", "1", "2", "3", "4", "5", "6"], "{kind:?}");
    assert_eq!(
        database.sql("SELECT version FROM log ORDER BY version"),
        "1\n2\n3\n4\n5\n6",
        "{kind:?}"
    );
    assert_eq!(
        database.sql("SELECT count(*), min(sequence), max(sequence) FROM _migrate_history"),
        "7\t1\t7",
        "{kind:?}"
    );
    let ids = (1..=6).map(|t| format!("SELECT id FROM t{t}"));
    let ids = ids.collect::<Vec<_>>().join(" UNION ALL ");
    assert_eq!(database.sql(&ids), "1\n2\n3\n4\n5\n6", "{kind:?}");
}

#[test]
fn eight_processes_on_postgres() {
    eight_processes(server::postgres(), &[]);
}

#[test]
fn eight_processes_on_mariadb() {
    eight_processes(server::mariadb(), &[]);
}

#[test]
fn eight_processes_on_sqlite() {
    eight_processes(server::sqlite(), &[]);
}

#[test]
fn eight_processes_with_the_lease_on_postgres() {
    eight_processes(server::postgres(), &["--lock", "lease"]);
}

#[test]
fn eight_processes_with_the_lease_on_mariadb() {
    eight_processes(server::mariadb(), &["--lock", "lease"]);
}

#[test]
fn eight_threads_on_postgres() {
    eight_threads(server::postgres());
}

#[test]
fn eight_threads_on_mariadb() {
    eight_threads(server::mariadb());
}

#[test]
fn eight_threads_on_sqlite() {
    eight_threads(server::sqlite());
}
