//! Scripts that were begun and are given up.

use migrate_core::plan::Standing;
use migrate_runtime::ErrorKind;
use migrate_tests::contract::{Client, Folder, Job, Kind, Outcome};
use migrate_tests::server::{self, Engine};

use crate::process::Worker;

/// A script that runs statement by statement.
fn stepwise(engine: Engine, statements: &str) -> String {
    match engine {
        Engine::Mariadb => statements.to_owned(),
        _ => format!("-- migrate:no-transaction\n{statements}"),
    }
}

fn standing(client: &mut dyn Client, folder: &Folder, version: &str) -> Option<Standing> {
    let status = client
        .migrate(&folder.set(), &Job::status())
        .unwrap()
        .status();
    let row = status
        .rows
        .iter()
        .find(|row| row.version.as_str() == version);
    row.map(|row| row.standing)
}

#[test]
fn a_script_of_which_nothing_happened_is_forgotten() {
    for server in server::all() {
        let engine = server.engine();
        for kind in Kind::of(engine) {
            let database = server.database("abandoned");
            let mut client = kind.connect(&database);
            let folder = Folder::new(engine).with("1_log.sql", "CREATE TABLE log (n int);");
            let without = folder.set();
            let bad = "INSERT INTO nowhere VALUES (1);\nCREATE TABLE t (id int);\n";
            let folder = folder.with("2_bad.sql", &stepwise(engine, bad));
            let nothing = client.migrate(&folder.set(), &Job::abandon()).unwrap_err();
            assert!(
                matches!(nothing.kind(), ErrorKind::NothingToResume),
                "{kind:?}: {nothing}"
            );

            client.migrate(&folder.set(), &Job::up()).unwrap_err();
            client.migrate(&folder.set(), &Job::up()).unwrap_err();
            let outcome = client.migrate(&folder.set(), &Job::abandon()).unwrap();
            let Outcome::Abandoned(abandoned) = outcome else {
                panic!("{outcome:?}")
            };
            assert_eq!(
                (abandoned.version.as_str(), abandoned.name.as_str()),
                ("2", "bad")
            );
            assert_eq!(
                standing(&mut *client, &folder, "2"),
                Some(Standing::Pending),
                "{kind:?}"
            );

            // The record is of no use where the file is gone, so it goes without the file, too.
            client.migrate(&folder.set(), &Job::up()).unwrap_err();
            client
                .migrate(&without, &Job::abandon())
                .unwrap_or_else(|e| panic!("{kind:?}: {e}"));
            let up_to_date = client.migrate(&without, &Job::status()).unwrap().status();
            assert!(up_to_date.is_up_to_date(), "{kind:?}: {up_to_date:?}");

            folder.write("2_bad.sql", "CREATE TABLE other (id int);\n");
            let outcome = client.migrate(&folder.set(), &Job::up()).unwrap();
            assert_eq!(outcome.versions(), ["2"], "{kind:?}");
            assert!(database.try_sql("SELECT 1 FROM t").is_err(), "{kind:?}");
        }
    }
}

#[test]
fn a_script_of_which_some_happened_is_not() {
    for server in server::all() {
        let engine = server.engine();
        let kind = Kind::first(engine);
        let database = server.database("abandoned");
        let mut client = kind.connect(&database);
        let bad = "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\nINSERT INTO nowhere VALUES (1);\n";
        let folder = Folder::new(engine).with("1_bad.sql", &stepwise(engine, bad));
        client.migrate(&folder.set(), &Job::up()).unwrap_err();
        let refused = client.migrate(&folder.set(), &Job::abandon()).unwrap_err();
        let ErrorKind::PartlyDone { statements, .. } = refused.kind() else {
            panic!("{kind:?}: {refused:?}");
        };
        assert_eq!(statements, &[0, 1], "{kind:?}");
        assert!(
            refused
                .to_string()
                .contains("statements 1, 2 of its up script are done and stay")
        );
        assert_eq!(refused.next().as_deref(), Some("migrate resume"));
        let still = standing(&mut *client, &folder, "1");
        assert!(
            matches!(still, Some(Standing::Failed(_))),
            "{kind:?}: {still:?}"
        );
        folder.write("1_bad.sql", &stepwise(engine, &bad.replace("nowhere", "t")));
        client.migrate(&folder.set(), &Job::resume()).unwrap();
    }
}

#[test]
fn a_revert_that_never_began_leaves_the_migration_applied() {
    for server in server::all() {
        let engine = server.engine();
        let kind = Kind::first(engine);
        let database = server.database("abandoned");
        let mut client = kind.connect(&database);
        let folder = Folder::new(engine)
            .with("1_t.up.sql", "CREATE TABLE t (id int);")
            .with(
                "1_t.down.sql",
                &stepwise(engine, "DROP TABLE nowhere;\nDROP TABLE t;"),
            );
        client.migrate(&folder.set(), &Job::up()).unwrap();
        let history = "SELECT version, state, started_at, finished_at FROM _migrate_history";
        let before = database.sql(history);
        client.migrate(&folder.set(), &Job::down()).unwrap_err();
        assert_ne!(database.sql(history), before, "{kind:?}");
        client.migrate(&folder.set(), &Job::abandon()).unwrap();
        assert_eq!(database.sql(history), before, "{kind:?}");
        let up_to_date = client
            .migrate(&folder.set(), &Job::status())
            .unwrap()
            .status();
        assert!(up_to_date.is_up_to_date(), "{kind:?}: {up_to_date:?}");
        folder.write("1_t.down.sql", "DROP TABLE t;");
        client.migrate(&folder.set(), &Job::down()).unwrap();
    }
}

/// Killed before and after a statement whose end is not recorded: the catalogue knows.
#[test]
fn what_a_killed_run_did_is_found_out_first() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let kind = Kind::first(server.engine());
    for (event, happened) in [("started 0", false), ("finished 0", true)] {
        let database = server.database("abandoned");
        let script = "CREATE TABLE t (id int);\nCREATE TABLE u (id int);\n";
        let folder = Folder::new(server.engine()).with("1_t.sql", script);
        let mut worker = Worker::start(kind, &database, &folder, "up", &["--pause-at", event]);
        worker.wait_for("paused");
        worker.kill9();
        let ended = Worker::start(kind, &database, &folder, "abandon", &[]).end();
        match happened {
            true => assert!(
                ended
                    .unwrap_error()
                    .contains("statement 1 of its up script is done")
            ),
            false => assert_eq!(ended.error(), None),
        }
        let next = if happened { "resume" } else { "up" };
        assert_eq!(
            Worker::start(kind, &database, &folder, next, &[])
                .end()
                .unwrap(),
            "1"
        );
    }
}
