//! Scripts that fail although nothing is wrong with them: the advice is not to correct them.

use migrate_runtime::{Error, ErrorKind, Obstacle};
use migrate_tests::contract::{Client, Folder, Job, Kind};
use migrate_tests::server::{self, Engine};

fn failed(client: &mut dyn Client, engine: Engine, sql: &str) -> Error {
    let folder = Folder::new(engine).with("1_t.sql", sql);
    client.migrate(&folder.set(), &Job::up()).unwrap_err()
}

fn check(error: &Error, obstacle: Obstacle, next: &str, case: &str) {
    let ErrorKind::Failed(failure) = error.kind() else {
        panic!("{case}: {error:?}");
    };
    assert_eq!(failure.obstacle, Some(obstacle), "{case}: {error:?}");
    assert_eq!(error.next().as_deref(), Some(next), "{case}");
}

#[test]
fn a_lost_connection() {
    for (server, sql, again) in [
        (
            server::postgres(),
            "SELECT pg_terminate_backend(pg_backend_pid());",
            "up",
        ),
        (
            server::mariadb(),
            "CREATE TABLE t (id int);\nKILL CONNECTION_ID();\nDROP TABLE t;",
            "resume",
        ),
    ] {
        let Some(server) = server else { continue };
        for kind in Kind::of(server.engine()) {
            let database = server.database("obstacles");
            let error = failed(&mut *kind.connect(&database), server.engine(), sql);
            let next = format!("see that the database can be reached and run `migrate {again}`");
            let next = next + if again == "up" { " again" } else { "" };
            check(&error, Obstacle::Connection, &next, &format!("{kind:?}"));
        }
    }
}

#[test]
fn missing_rights() {
    let next =
        |again| format!("give the database user the right that it lacks and run `migrate {again}`");
    if let Some(server) = server::postgres() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("obstacles");
            let mut client = kind.connect(&database);
            client.batch("CREATE TABLE t (id int); GRANT ALL ON SCHEMA public TO pg_monitor");
            for statement in ["ALTER TABLE t ADD b int;", "SELECT id FROM t;"] {
                let sql = format!("SET ROLE pg_monitor;\n{statement}");
                let error = failed(&mut *client, server.engine(), &sql);
                let case = format!("{kind:?}: {statement}");
                check(&error, Obstacle::Rights, &(next("up") + " again"), &case);
            }
        }
    }
    if let Some(server) = server::mariadb() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("obstacles");
            let user = format!("p{}", &database.name()[database.name().len() - 20..]);
            database.sql(&format!(
                "CREATE USER `{user}` IDENTIFIED BY 'p'; GRANT ALL ON `{}`.* TO `{user}`",
                database.name()
            ));
            let poor = database.as_user(&user, "p");
            let sql = "CREATE TABLE mysql.t (id int);";
            let error = failed(&mut *kind.connect(&poor), server.engine(), sql);
            check(
                &error,
                Obstacle::Rights,
                &next("resume"),
                &format!("{kind:?}"),
            );
            database.sql(&format!("DROP USER `{user}`"));
        }
    }
}

#[test]
fn no_room() {
    let Some(server) = server::sqlite() else {
        return;
    };
    for kind in Kind::of(server.engine()) {
        let database = server.database("obstacles");
        let mut client = kind.connect(&database);
        client.batch("PRAGMA max_page_count = 40");
        let sql = "CREATE TABLE t (a);\nINSERT INTO t VALUES (zeroblob(1000000));";
        let error = failed(&mut *client, server.engine(), sql);
        let next = "make room for the database and run `migrate up` again";
        check(&error, Obstacle::Space, next, &format!("{kind:?}"));
    }
}

#[test]
fn a_mistake_is_none() {
    for server in server::all() {
        for kind in Kind::of(server.engine()) {
            let database = server.database("obstacles");
            let error = failed(
                &mut *kind.connect(&database),
                server.engine(),
                "SELECT broken;",
            );
            let ErrorKind::Failed(failure) = error.kind() else {
                panic!("{kind:?}: {error:?}");
            };
            assert_eq!(failure.obstacle, None, "{kind:?}: {error:?}");
            let next = error.next().unwrap();
            assert!(
                next.starts_with("correct ") && next.contains("1_t.sql"),
                "{kind:?}: {next}"
            );
        }
    }
}
