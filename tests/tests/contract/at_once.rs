//! Several processes at once.

use migrate_tests::contract::{Folder, Kind};
use migrate_tests::server::{self, Engine, Server};

use crate::process::{Ended, Worker};

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

fn eight_apply_everything_once(server: Option<Server>, options: &[&str]) {
    let Some(server) = server else { return };
    let folder = folder(server.engine());
    for kind in Kind::of(server.engine()) {
        let database = server.database(kind.name());
        let workers: Vec<Worker> = (0..8)
            .map(|_| Worker::start(kind, &database, &folder, "up", options))
            .collect();
        let ended: Vec<_> = workers.into_iter().map(Worker::end).collect();
        let errors: Vec<_> = ended.iter().filter_map(Ended::error).collect();
        assert!(errors.is_empty(), "{kind:?}: {errors:#?}");
        let mut applied: Vec<&str> = ended
            .iter()
            .flat_map(|ended| ended.unwrap().split(','))
            .filter(|version| !version.is_empty())
            .collect();
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
}

#[test]
fn eight_processes_on_postgres() {
    eight_apply_everything_once(server::postgres(), &[]);
}

#[test]
fn eight_processes_on_mariadb() {
    eight_apply_everything_once(server::mariadb(), &[]);
}

#[test]
fn eight_processes_on_sqlite() {
    eight_apply_everything_once(server::sqlite(), &[]);
}

#[test]
fn eight_processes_with_the_lease_on_postgres() {
    eight_apply_everything_once(server::postgres(), &["--lock", "lease"]);
}

#[test]
fn eight_processes_with_the_lease_on_mariadb() {
    eight_apply_everything_once(server::mariadb(), &["--lock", "lease"]);
}
