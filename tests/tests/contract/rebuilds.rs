//! SQLite's table rebuild on a file, through each kind of connection, under both journals.

use migrate_tests::contract::{Folder, Job, Kind};
use migrate_tests::server::{self, Engine};

use crate::process::{Ended, Worker};

const FAMILY: &str = "CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent ON DELETE CASCADE);
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (1, 1), (2, 2), (3, 2);";

const REBUILD: &str =
    "CREATE TABLE new_parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '');
INSERT INTO new_parent (id) SELECT id FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;";

fn folder(pragma: bool) -> Folder {
    let rebuild = match pragma {
        true => format!("PRAGMA foreign_keys = off;\n{REBUILD}\nPRAGMA foreign_keys = on;"),
        false => REBUILD.to_owned(),
    };
    Folder::new(Engine::Sqlite)
        .with("1_family.sql", FAMILY)
        .with("2_rebuild.sql", &rebuild)
        .with("3_cascade.sql", "DELETE FROM parent WHERE id = 1;")
}

#[test]
fn children_stay_and_cascades_still_cascade() {
    let Some(server) = server::sqlite() else {
        return;
    };
    for kind in Kind::of(Engine::Sqlite) {
        for journal in ["DELETE", "WAL"] {
            for pragma in [true, false] {
                let database = server.database("family");
                database.sql(&format!("PRAGMA journal_mode = {journal}"));
                let mut client = kind.connect(&database);
                // A pool may hand out a connection that nobody has switched keys on in.
                client.batch("PRAGMA foreign_keys = ON");
                client.migrate(&folder(pragma).set(), &Job::up()).unwrap();
                let case = format!("{kind:?}, {journal}, pragma {pragma}");
                let children = database.sql("SELECT id FROM child");
                assert_eq!(children, "2\n3", "{case}");
                assert_eq!(database.sql("SELECT name FROM parent"), "", "{case}");
                let on = "SELECT CAST(foreign_keys AS TEXT) AS value FROM pragma_foreign_keys";
                assert_eq!(client.texts(on), ["1"], "{case}");
            }
        }
    }
}

#[test]
fn several_processes_on_both_journals() {
    let Some(server) = server::sqlite() else {
        return;
    };
    for journal in ["DELETE", "WAL"] {
        let database = server.database("family");
        database.sql(&format!("PRAGMA journal_mode = {journal}"));
        let folder = folder(true);
        for (version, mode) in [(4, ""), (5, "-- migrate:no-transaction\n"), (6, "")] {
            folder.write(
                &format!("{version}_more.sql"),
                &format!("{mode}CREATE TABLE t{version} (id int);\nINSERT INTO parent (id) VALUES ({version});\n"),
            );
        }
        let workers: Vec<Worker> = [Kind::Sqlite, Kind::SqlitePooled]
            .iter()
            .cycle()
            .take(8)
            .map(|kind| Worker::start(*kind, &database, &folder, "up", &[]))
            .collect();
        let ended: Vec<Ended> = workers.into_iter().map(Worker::end).collect();
        let errors: Vec<_> = ended.iter().filter_map(Ended::error).collect();
        assert!(errors.is_empty(), "{journal}: {errors:#?}");
        assert_eq!(
            database.sql("SELECT count(*) FROM parent"),
            "4",
            "{journal}"
        );
    }
}
