//! Up, down, up on a copy: what is found out, and that nothing outside of the copy changes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use migrate_tests::server::{self as real, Database, Engine, PrivateServer, TestDatabase};
use serde_json::Value;

use crate::processes;
use crate::project::Project;

const ORDERS: &str = "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));";

/// A database of another server than the one that tests share, for the databases that have servers.
enum Staging {
    Server(PrivateServer, TestDatabase),
    File(TestDatabase),
}

impl Staging {
    fn of(server: &real::Server) -> Option<Self> {
        match server.engine() {
            Engine::Sqlite => Some(Staging::File(server.database("staging"))),
            engine => {
                let private = PrivateServer::start(engine)?;
                let database = private.server().database("staging");
                Some(Staging::Server(private, database))
            }
        }
    }

    fn database(&self) -> &Database {
        match self {
            Staging::Server(_, database) | Staging::File(database) => database,
        }
    }
}

/// A project whose first migration is applied, with two rows, to the database and its staging copy.
fn staged(server: &real::Server) -> Option<(Project, TestDatabase, Staging)> {
    let project = Project::new(server.engine());
    let (database, staging) = (server.database("live"), Staging::of(server)?);
    project.migration("1_orders", ORDERS, "DROP TABLE orders;");
    for database in [&*database, staging.database()] {
        project.up(database);
        database.sql("INSERT INTO orders VALUES (1, 10, 'one'), (2, 20, NULL)");
    }
    Some((project, database, staging))
}

fn on_staging(project: &Project, database: &Database, staging: &Staging) -> (i32, Value) {
    project.rehearse(&["--staging", staging.database().url()], database)
}

fn reasons(evidence: &Value) -> String {
    evidence["reasons"].to_string()
}

#[test]
fn what_is_brought_back_passes() {
    for server in real::all() {
        let Some((project, database, staging)) = staged(&server) else {
            return;
        };
        project.migration(
            "2_state",
            "ALTER TABLE orders ADD COLUMN state varchar(10);",
            "ALTER TABLE orders DROP COLUMN state;",
        );
        let (code, evidence) = on_staging(&project, &database, &staging);
        assert_eq!(
            (code, &evidence["verdict"]),
            (0, &"passed".into()),
            "{evidence:#}"
        );
        assert_eq!(evidence["data"]["state"], "equal");
        assert_eq!(evidence["data"]["rows"], 2);
        assert_eq!(evidence["schema"]["state"], "equal");
        assert_eq!(evidence["copy_of"]["kind"], "staging");
        for way in ["up", "down", "again"] {
            let statement = &evidence[way]["migrations"][0]["statements"][0];
            assert!(statement["duration_seconds"].as_f64().unwrap() > 0.0);
        }
        // An empty copy has no data that could be lost, which is not a pass.
        let (code, evidence) = project.rehearse(&["--empty"], &database);
        assert_eq!(
            (code, &evidence["verdict"]),
            (0, &"partly".into()),
            "{evidence:#}"
        );
        assert_eq!(evidence["copy_of"]["applied"], 1);
        assert!(evidence["place"]["private"].as_bool().unwrap());
        // Only the copies were changed.
        assert_eq!(database.sql("SELECT count(*) FROM orders"), "2");
        assert!(database.try_sql("SELECT state FROM orders").is_err());
    }
}

#[test]
fn data_that_do_not_come_back() {
    for server in real::all() {
        let Some((project, database, staging)) = staged(&server) else {
            return;
        };
        project.migration(
            "2_no_notes",
            "ALTER TABLE orders DROP COLUMN note;",
            "ALTER TABLE orders ADD COLUMN note varchar(20);",
        );
        let (code, evidence) = on_staging(&project, &database, &staging);
        assert_eq!(
            (code, &evidence["verdict"]),
            (5, &"failed".into()),
            "{evidence:#}"
        );
        assert_eq!(evidence["schema"]["state"], "equal");
        assert_eq!(evidence["data"]["state"], "differs");
        assert!(
            reasons(&evidence).contains("orders has 2 rows"),
            "{evidence:#}"
        );
        assert!(!evidence.to_string().contains("'one'"));
    }
}

#[test]
fn a_backup_is_restored_and_masked_first() {
    for server in real::all() {
        let (project, database) = (Project::new(server.engine()), server.database("live"));
        project.migration("1_orders", ORDERS, "DROP TABLE orders;");
        project.up(&database);
        database.sql("INSERT INTO orders VALUES (1, 10, 'Ann'), (2, 20, 'Bob')");
        project.migration(
            "2_copy",
            "-- migrate:opaque\nCREATE TABLE copied (note varchar(20) CHECK (note = 'masked'));\n\
             -- migrate:opaque\nINSERT INTO copied SELECT note FROM orders;",
            "DROP TABLE IF EXISTS copied;",
        );
        let (code, refused) = project.rehearse(&[], &database);
        assert_eq!(code, 2, "there is no backup yet: {refused:#}");
        project.back_up(&database);
        // Where the data are as they are, the CHECK is in the way.
        let (code, evidence) = project.rehearse(&[], &database);
        assert_eq!(code, 5, "{evidence:#}");
        assert_eq!(evidence["copy_of"]["kind"], "backup", "{evidence:#}");
        let config = fs::read_to_string(project.path().join("migrate.toml")).unwrap();
        project.write(
            "migrate.toml",
            &format!("{config}[rehearse]\nmask = \"mask.sql\"\n"),
        );
        project.write("mask.sql", "UPDATE orders SET note = 'masked';");
        let (code, evidence) = project.rehearse(&[], &database);
        assert_eq!(
            (code, &evidence["verdict"]),
            (0, &"passed".into()),
            "{evidence:#}"
        );
        assert_eq!(evidence["data"]["rows"], 2, "{evidence:#}");
        assert!(evidence["masked_by"].is_string());
        project.migration(
            "3_no_notes",
            "ALTER TABLE orders DROP COLUMN note;",
            "ALTER TABLE orders ADD COLUMN note varchar(20);",
        );
        let (code, evidence) = project.rehearse(&[], &database);
        assert_eq!(code, 5, "{evidence:#}");
        assert_eq!(evidence["data"]["state"], "differs", "{evidence:#}");
        assert_eq!(database.sql("SELECT note FROM orders WHERE id = 1"), "Ann");
    }
}

#[test]
fn a_schema_that_does_not_come_back() {
    for server in real::all() {
        let (project, database) = (Project::new(server.engine()), server.database("live"));
        project.migration("1_orders", ORDERS, "DROP TABLE orders;");
        project.up(&database);
        project.migration(
            "2_index",
            "ALTER TABLE orders ADD COLUMN state int; CREATE INDEX totals ON orders (total);",
            "ALTER TABLE orders DROP COLUMN state;",
        );
        let (code, evidence) = project.rehearse(&["--empty"], &database);
        assert_eq!(
            (code, &evidence["verdict"]),
            (5, &"failed".into()),
            "{evidence:#}"
        );
        assert_eq!(evidence["schema"]["state"], "differs");
        let difference = evidence["schema"]["differences"][0].as_str().unwrap();
        assert!(difference.contains("totals"), "{difference}");
        // The index is in the way of the second way up.
        assert!(evidence["again"]["failure"].is_string(), "{evidence:#}");
    }
}

#[test]
fn ways_that_fail() {
    for server in real::all() {
        let Some((project, database, staging)) = staged(&server) else {
            return;
        };
        project.migration(
            "2_state",
            "ALTER TABLE orders ADD COLUMN state int;",
            "-- migrate:opaque\nDROP TABLE nowhere;",
        );
        let (code, evidence) = project.rehearse(&["--empty"], &database);
        assert_eq!(code, 5, "{evidence:#}");
        assert!(
            reasons(&evidence).contains("the way down failed"),
            "{evidence:#}"
        );
        assert_eq!(evidence["schema"]["state"], "not_checked");
        assert!(evidence["again"].is_null());
        project.migration(
            "3_twice",
            "INSERT INTO orders (id, note) VALUES (1, 'a secret');",
            "DELETE FROM orders WHERE id = 1;",
        );
        let (code, evidence) = on_staging(&project, &database, &staging);
        assert_eq!(code, 5, "{evidence:#}");
        assert!(
            reasons(&evidence).contains("the way up failed"),
            "{evidence:#}"
        );
        assert!(
            reasons(&evidence).contains("3_twice/up.sql, line 1"),
            "{evidence:#}"
        );
        assert!(!evidence.to_string().contains("a secret"), "{evidence:#}");
        let last = &evidence["up"]["migrations"][1];
        assert!(last["duration_seconds"].is_null(), "{evidence:#}");
        assert!(evidence["down"].is_null());
    }
}

#[test]
fn what_changes_by_itself_is_never_green() {
    for server in real::all() {
        let (project, database) = (Project::new(server.engine()), server.database("live"));
        let Some(staging) = Staging::of(&server) else {
            return;
        };
        let now = match server.engine() {
            Engine::Postgres => "clock_timestamp()",
            Engine::Mariadb => "current_timestamp(6)",
            Engine::Sqlite => "(strftime('%f', 'now'))",
        };
        let kind = match server.engine() {
            Engine::Mariadb => "timestamp(6)",
            Engine::Postgres => "timestamp",
            Engine::Sqlite => "text",
        };
        project.migration(
            "1_orders",
            &format!(
                "CREATE TABLE orders (id int PRIMARY KEY, note varchar(20), \
                 changed {kind} DEFAULT {now});"
            ),
            "DROP TABLE orders;",
        );
        for database in [&*database, staging.database()] {
            project.up(database);
            database.sql("INSERT INTO orders (id, note) VALUES (1, 'a')");
        }
        project.migration(
            "2_touch",
            &format!("UPDATE orders SET note = 'b', changed = {now};"),
            &format!("UPDATE orders SET note = 'a', changed = {now};"),
        );
        let (code, evidence) = on_staging(&project, &database, &staging);
        assert_eq!(
            (code, &evidence["verdict"]),
            (0, &"partly".into()),
            "{evidence:#}"
        );
        let excused = &evidence["data"]["not_comparable"][0];
        assert!(excused["table"].as_str().unwrap().ends_with("orders"));
        assert_eq!(excused["columns"][0][0], "changed", "{evidence:#}");
        // The same column dropped and made again is lost, not changed by itself. (SQLite adds no
        // column with such a default.)
        if server.engine() != Engine::Sqlite {
            project.migration(
                "3_drop",
                "ALTER TABLE orders DROP COLUMN changed;",
                &format!("ALTER TABLE orders ADD COLUMN changed {kind} DEFAULT {now};"),
            );
            let (code, evidence) = on_staging(&project, &database, &staging);
            assert_eq!(code, 5, "{evidence:#}");
            assert_eq!(evidence["data"]["state"], "differs", "{evidence:#}");
        }
    }
}

#[test]
fn without_a_way_down_it_is_only_applied() {
    let Some(server) = real::sqlite() else { return };
    let (project, database) = (Project::new(server.engine()), server.database("live"));
    project.migration("1_orders", ORDERS, "DROP TABLE orders;");
    project.write(
        "migrations/2_for_good/up.sql",
        "-- migrate:irreversible nobody wants them back\nDELETE FROM orders;",
    );
    project.migration(
        "3_state",
        "ALTER TABLE orders ADD COLUMN state int;",
        "ALTER TABLE orders DROP COLUMN state;",
    );
    let (code, evidence) = project.rehearse(&["--empty"], &database);
    assert_eq!(
        (code, &evidence["verdict"]),
        (0, &"partly".into()),
        "{evidence:#}"
    );
    assert_eq!(evidence["up"]["migrations"].as_array().unwrap().len(), 3);
    assert_eq!(evidence["down"]["migrations"].as_array().unwrap().len(), 1);
    assert_eq!(
        evidence["only_up"][0]["why"],
        "one after it has no way down"
    );
    let why = evidence["only_up"][1]["why"].as_str().unwrap();
    assert!(why.contains("nobody wants them back"), "{why}");
}

#[test]
fn locks_and_rewrites_are_seen() {
    let Some(server) = real::postgres() else {
        return;
    };
    let Some((project, database, staging)) = staged(&server) else {
        return;
    };
    project.migration(
        "2_total",
        "CREATE TABLE more (id int);\nALTER TABLE orders ALTER COLUMN total TYPE bigint;\n\
         CREATE INDEX notes ON orders (note);",
        "DROP INDEX notes;\nALTER TABLE orders ALTER COLUMN total TYPE int;\nDROP TABLE more;",
    );
    let (code, evidence) = on_staging(&project, &database, &staging);
    assert_eq!(code, 0, "{evidence:#}");
    let migration = &evidence["up"]["migrations"][0];
    assert_eq!(migration["rewritten"][0], "public.orders", "{evidence:#}");
    let locks = |index: usize| migration["statements"][index]["locks"].to_string();
    // Nobody can wait for a table that is not there yet.
    assert_eq!(locks(0), "[]");
    let strong = r#"{"mode":"ACCESS EXCLUSIVE","object":"public.orders"}"#;
    assert!(locks(1).contains(strong), "{}", locks(1));
    let rows = evidence["up"]["rows"].to_string();
    assert!(["[]", "null"].contains(&rows.as_str()), "{rows}");
    // It is held already.
    assert!(!locks(2).contains("ACCESS EXCLUSIVE"), "{}", locks(2));
    project.migration(
        "3_concurrently",
        "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY totals ON orders (total);",
        "-- migrate:no-transaction\nDROP INDEX CONCURRENTLY totals;",
    );
    let (_, evidence) = on_staging(&project, &database, &staging);
    let migration = &evidence["up"]["migrations"][0];
    assert!(
        migration["statements"][0]["locks"].is_null(),
        "{evidence:#}"
    );
}

/// Definitions of MariaDB commit themselves: their locks are seen while they are made to wait.
#[test]
fn locks_and_rows_are_seen_on_mariadb() {
    let Some(server) = real::mariadb() else {
        return;
    };
    let (project, database) = (Project::new(server.engine()), server.database("live"));
    project.migration("1_orders", ORDERS, "DROP TABLE orders;");
    project.up(&database);
    database.sql("INSERT INTO orders VALUES (1, 10, 'one'), (2, 20, NULL)");
    project.back_up(&database);
    project.migration(
        "2_all",
        "CREATE TABLE more (id int);\n\
         ALTER TABLE orders MODIFY total bigint;\n\
         ALTER TABLE orders ADD INDEX notes (note), ALGORITHM=INPLACE, LOCK=NONE;\n\
         UPDATE orders SET total = total + 1;\n\
         ALTER TABLE orders NOWAIT ADD COLUMN state int;",
        "ALTER TABLE orders DROP COLUMN state;\n\
         UPDATE orders SET total = total - 1;\nDROP INDEX notes ON orders;\n\
         ALTER TABLE orders MODIFY total int;\nDROP TABLE more;",
    );
    let (code, evidence) = project.rehearse(&[], &database);
    assert_eq!(code, 0, "{evidence:#}");
    let statements = &evidence["up"]["migrations"][0]["statements"];
    let locks = |index: usize| statements[index]["locks"].to_string();
    let lock = |mode: &str| format!(r#"{{"mode":"{mode}","object":"orders"}}"#);
    // Whatever it does, it keeps everybody away at its end.
    assert!(locks(1).contains(&lock("EXCLUSIVE")), "{}", locks(1));
    assert!(locks(2).contains(&lock("EXCLUSIVE")), "{}", locks(2));
    assert!(locks(3).contains(&lock("SHARED WRITE")), "{}", locks(3));
    assert!(!locks(3).contains(&lock("EXCLUSIVE")), "{}", locks(3));
    // What would fail instead of waiting is not made to.
    assert_eq!(locks(4), "null");
    let rows = &evidence["up"]["rows"];
    let written = r#"[{"deleted":0,"inserted":0,"table":"orders","updated":2}]"#;
    assert_eq!(rows.to_string(), written, "{evidence:#}");
}

/// A writer locks the whole file, from its first statement to COMMIT.
#[test]
fn the_lock_of_sqlite() {
    let Some(server) = real::sqlite() else { return };
    let (project, database) = (Project::new(server.engine()), server.database("live"));
    project.migration("1_orders", ORDERS, "DROP TABLE orders;");
    project.up(&database);
    project.migration(
        "2_two",
        "ALTER TABLE orders ADD COLUMN a int;\nALTER TABLE orders ADD COLUMN b int;",
        "ALTER TABLE orders DROP COLUMN b;\nALTER TABLE orders DROP COLUMN a;",
    );
    let (code, evidence) = project.rehearse(&["--empty"], &database);
    assert_eq!(code, 0, "{evidence:#}");
    let statements = &evidence["up"]["migrations"][0]["statements"];
    let file = r#"[{"mode":"RESERVED","object":"the whole file"}]"#;
    assert_eq!(statements[0]["locks"].to_string(), file, "{evidence:#}");
    assert_eq!(statements[1]["locks"].to_string(), "[]", "{evidence:#}");
}

#[test]
fn rebuilds_are_seen_on_mariadb() {
    let Some(server) = real::mariadb() else {
        return;
    };
    let (project, database) = (Project::new(server.engine()), server.database("live"));
    project.migration("1_orders", ORDERS, "DROP TABLE orders;");
    project.up(&database);
    project.migration(
        "2_instant",
        "ALTER TABLE orders ADD COLUMN state int;",
        "ALTER TABLE orders DROP COLUMN state;",
    );
    project.migration(
        "3_copy",
        "ALTER TABLE orders MODIFY total bigint;",
        "ALTER TABLE orders MODIFY total int;",
    );
    let (code, evidence) = project.rehearse(&["--empty"], &database);
    assert_eq!(code, 0, "{evidence:#}");
    let rewritten = |index: usize| evidence["up"]["migrations"][index]["rewritten"].to_string();
    assert_eq!(rewritten(0), "[]");
    assert_eq!(rewritten(1), "[\"orders\"]");
}

#[test]
fn the_real_database_is_no_copy() {
    for server in real::all() {
        let (project, database) = (Project::new(server.engine()), server.database("live"));
        project.migration("1_orders", ORDERS, "DROP TABLE orders;");
        project.up(&database);
        let same = ["--staging", database.url(), "--same-server"];
        let (code, refused) = project.rehearse(&same, &database);
        assert_eq!(code, 2, "{refused:#}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("not a copy of it"), "{message}");
        if server.engine() == Engine::Sqlite {
            continue;
        }
        let neighbour = server.database("neighbour");
        let (code, refused) = project.rehearse(&["--staging", neighbour.url()], &database);
        assert_eq!(code, 2, "{refused:#}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("is on the server"), "{message}");
        // Meant or not, a user who may do everything there could reach everything.
        let meant = ["--staging", neighbour.url(), "--same-server"];
        let (code, refused) = project.rehearse(&meant, &database);
        assert_eq!(code, 2, "{refused:#}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("outside of the copy"), "{message}");
    }
}

#[test]
fn scripts_that_reach_out_are_refused() {
    let Some(server) = real::postgres() else {
        return;
    };
    let Some((project, database, staging)) = staged(&server) else {
        return;
    };
    let roles = "SELECT string_agg(rolname, ',' ORDER BY rolname) FROM pg_roles";
    let before = (database.sql(roles), staging.database().sql(roles));
    project.migration(
        "2_role",
        "DO $$ BEGIN EXECUTE 'CREATE ROLE intruder_of_rehearsal'; END $$;",
        "DROP ROLE intruder_of_rehearsal;",
    );
    let (code, refused) = on_staging(&project, &database, &staging);
    assert_eq!(code, 2, "{refused:#}");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("CREATE ROLE in migrations/2_role/up.sql"),
        "{message}"
    );
    // A server of our own has roles of its own.
    let (code, evidence) = project.rehearse(&["--empty"], &database);
    assert_eq!(code, 0, "{evidence:#}");
    assert_eq!((database.sql(roles), staging.database().sql(roles)), before);
    project.migration(
        "2_role",
        "COPY orders TO PROGRAM 'cat > /dev/null';",
        "SELECT 1;",
    );
    let (code, refused) = project.rehearse(&["--empty"], &database);
    assert_eq!(code, 2, "{refused:#}");
}

#[test]
fn triggers_and_routines_that_write_elsewhere() {
    let Some(server) = real::mariadb() else {
        return;
    };
    let Some((project, database, staging)) = staged(&server) else {
        return;
    };
    let Staging::Server(private, copy) = &staging else {
        return;
    };
    let elsewhere = private.server().database("elsewhere");
    elsewhere.sql("CREATE TABLE seen (id int)");
    let name = elsewhere.name();
    project.migration(
        "2_fill",
        "INSERT INTO orders (id) VALUES (3);",
        "DELETE FROM orders WHERE id = 3;",
    );
    for (make, drop) in [
        (
            format!(
                "CREATE TRIGGER tell AFTER INSERT ON orders FOR EACH ROW \
                 INSERT INTO {name}.seen VALUES (NEW.id)"
            ),
            "DROP TRIGGER tell",
        ),
        (
            format!("CREATE PROCEDURE tell() INSERT INTO `{name}`.`seen` VALUES (1)"),
            "DROP PROCEDURE tell",
        ),
        (
            format!("CREATE VIEW tell AS SELECT * FROM {name}.seen"),
            "DROP VIEW tell",
        ),
    ] {
        copy.sql(&make);
        let (code, refused) = on_staging(&project, &database, &staging);
        assert_eq!(code, 2, "{refused:#}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("the database {name} in")),
            "{message}"
        );
        copy.sql(drop);
    }
    assert_eq!(elsewhere.sql("SELECT count(*) FROM seen"), "0");
    let (code, evidence) = on_staging(&project, &database, &staging);
    assert_eq!(code, 0, "{evidence:#}");
}

#[test]
fn nothing_stays_of_a_killed_rehearsal() {
    for server in [real::postgres(), real::mariadb()].into_iter().flatten() {
        let (project, database) = (Project::new(server.engine()), server.database("live"));
        let parent = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o711))
            .tempdir()
            .unwrap();
        let dialect = match server.engine() {
            Engine::Mariadb => "mysql",
            _ => "postgres",
        };
        project.write(
            "migrate.toml",
            &format!(
                "dialect = \"{dialect}\"\n[rehearse]\nfolder = \"{}\"\n",
                parent.path().display()
            ),
        );
        let sleep = match server.engine() {
            Engine::Mariadb => "DO SLEEP(60);",
            _ => "SELECT pg_sleep(60);",
        };
        project.migration("1_slow", sleep, "SELECT 1;");
        let before = database.sql("SELECT 1");
        let mut runner = project.begin(&database);
        let seen = format!("{}/migrate-scratch-", parent.path().display());
        processes::until("the private server runs", || {
            let running = processes::all();
            running
                .iter()
                .any(|(.., command)| command.contains(&seen) && command.contains("data"))
        });
        runner.kill().unwrap();
        runner.wait().unwrap();
        processes::until("nothing runs any more", || {
            !processes::all()
                .iter()
                .any(|(.., command)| command.contains(&seen))
        });
        migrate_ops::scratch::sweep(parent.path()).unwrap();
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
        assert_eq!(database.sql("SELECT 1"), before);
    }
}

#[test]
fn a_copy_is_masked_before_it_is_read() {
    let Some(server) = real::sqlite() else { return };
    let (project, database) = (Project::new(server.engine()), server.database("live"));
    project.migration(
        "1_people",
        "CREATE TABLE people (name text); INSERT INTO people VALUES ('Ann');",
        "DROP TABLE people;",
    );
    project.up(&database);
    project.write(
        "migrate.toml",
        "dialect = \"sqlite\"\n[rehearse]\nmask = \"masking.sql\"\n",
    );
    project.write(
        "masking.sql",
        "UPDATE people SET name = 'x'\n;\nDELETE FROM people WHERE name = 'Ann';",
    );
    // It fails where anything that was not masked is there still.
    project.migration(
        "2_strict",
        "CREATE TABLE masked (name text CHECK (name = 'x'));\n-- migrate:opaque\nINSERT INTO masked SELECT name FROM people;",
        "DROP TABLE masked;",
    );
    let (code, evidence) = project.rehearse(&["--empty"], &database);
    assert_eq!(code, 0, "{evidence:#}");
    assert!(
        evidence["masked_by"]
            .as_str()
            .unwrap()
            .ends_with("masking.sql")
    );
    assert_eq!(database.sql("SELECT name FROM people"), "Ann");
    project.write(
        "masking.sql",
        "UPDATE people SET name = 'x';\nUPDATE nobody SET name = 'x';",
    );
    let (code, refused) = project.rehearse(&["--empty"], &database);
    assert_eq!(code, 2, "{refused:#}");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains("masking.sql, line 2"), "{message}");
}
