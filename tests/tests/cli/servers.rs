//! The command on PostgreSQL and MariaDB.

use std::process::Command;
use std::time::{Duration, Instant};

use migrate_tests::server::{self, Engine, TestDatabase};

use super::command::{Project, Ran};

fn project(engine: Engine) -> Project {
    let project = Project::for_dialect(match engine {
        Engine::Postgres => "postgres",
        _ => "mysql",
    });
    project.migration(
        "1_authors",
        "CREATE TABLE authors (id INT PRIMARY KEY);",
        "DROP TABLE authors;",
    );
    project.migration(
        "2_books",
        "CREATE TABLE books (id INT PRIMARY KEY);",
        "DROP TABLE books;",
    );
    project
}

#[test]
fn there_and_back() {
    for server in server::remote() {
        let database = server.database("command");
        let project = project(server.engine());
        let url = database.url();
        assert_eq!(project.run_on(url, "status --check").code, Some(1));
        project.done_on(url, "up");
        project.done_on(url, "status --check");
        project.done_on(url, "verify");
        project.done_on(url, "redo");
        project.done_on(url, "down");
        project.done_on(url, "down");
        assert_eq!(project.run_on(url, "status --check").code, Some(1));
        for kind in ["session", "lease"] {
            project.done_on(url, &format!("up --lock {kind}"));
            project.done_on(url, &format!("down --all --yes --lock {kind}"));
        }
    }
}

#[test]
fn a_dry_run_prints_what_the_server_accepts() {
    for server in server::remote() {
        let project = project(server.engine());
        let database = server.database("dry");
        let printed = project.done_on(database.url(), "up --dry-run").stdout;
        assert_eq!(
            project.run_on(database.url(), "status --check").code,
            Some(1)
        );
        database.sql(&printed);
        project.done_on(database.url(), "status --check");
    }
}

#[test]
fn the_database_itself() {
    for server in server::remote() {
        for name in ["plain", "it's", "a \"b\" `c`", "ünï 漢"] {
            let url = server.url_of(&format!("{name} {}", std::process::id()));
            let project = project(server.engine());
            project.done_on(&url, "database create");
            assert!(
                project
                    .done_on(&url, "database create")
                    .stderr
                    .contains("exists already")
            );
            project.done_on(&url, "up");
            let dry = project.done_on(&url, "database drop --dry-run").stdout;
            assert!(dry.starts_with("DROP DATABASE"), "{dry}");
            project.done_on(&url, "status --check");
            assert_eq!(project.run_on(&url, "database drop").code, Some(2));
            project.done_on(&url, "database reset --yes");
            project.done_on(&url, "status --check");
            project.done_on(&url, "database drop --yes");
            assert!(
                project
                    .done_on(&url, "database drop --yes")
                    .stderr
                    .contains("does not exist")
            );
            let gone = project.run_on(&url, "status");
            assert_eq!(gone.code, Some(2), "{}", gone.stderr);
        }
    }
}

#[test]
fn a_wrong_password_is_said_without_it() {
    for server in server::remote() {
        let database = server.database("login");
        let wrong = database.as_user("nobody_here", "hunter2%@/:x");
        for format in ["human", "json"] {
            let ran = project(server.engine())
                .run_on(wrong.url(), &format!("status -v --format {format}"));
            assert_eq!(ran.code, Some(2), "{}", ran.stderr);
            let text = format!("{}{}", ran.stdout, ran.stderr);
            assert!(
                text.contains("nobody_here") && !text.contains("hunter2"),
                "{text}"
            );
        }
    }
}

#[test]
fn unknown_parameters_are_refused() {
    for server in server::remote() {
        let database = server.database("parameter");
        let url = format!("{}?sslmood=require", database.url());
        let ran = project(server.engine()).run_on(&url, "status");
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains("sslmood"), "{}", ran.stderr);
    }
}

#[test]
fn another_run_is_waited_for_and_then_left_alone() {
    for server in server::remote() {
        let database = server.database("held");
        let project = project(server.engine());
        let sleep = match server.engine() {
            Engine::Postgres => "SELECT pg_sleep(4);",
            _ => "DO SLEEP(4);",
        };
        project.migration("3_slow", sleep, "SELECT 1;");
        let mut first = project.command("up --lock session");
        let first = project.start(first.env("DATABASE_URL", database.url()));
        wait_for(&database, "the third migration", |database| {
            database
                .try_sql("SELECT count(*) FROM _migrate_history WHERE state = 'applied'")
                .is_ok_and(|n| n == "2")
        });
        let second = project.run_on(database.url(), "up --lock session --lock-wait 500ms");
        assert_eq!(second.code, Some(4), "{}", second.stderr);
        assert!(
            second.stderr.contains("waiting for another run"),
            "{}",
            second.stderr
        );
        let third = project.done_on(database.url(), "up --lock session --lock-wait 30s");
        assert!(
            third.stderr.contains("nothing to apply"),
            "{}",
            third.stderr
        );
        assert_eq!(first.wait_with_output().unwrap().status.code(), Some(0));
    }
}

#[test]
fn a_pooler_gets_the_lease() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("pooled");
    let project = project(Engine::Postgres);
    let direct = project.done_on(database.url(), "up -v --count 1");
    assert!(!direct.stderr.contains("lease"), "{}", direct.stderr);
    let Some(pooler) = server::PgBouncer::start(&database, &["pool_mode=transaction"]) else {
        return;
    };
    let pooled = pooler.through(&database);
    let ran = project.done_on(pooled.url(), "up -v");
    assert!(ran.stderr.contains("transaction pooler"), "{}", ran.stderr);
    assert_eq!(database.sql("SELECT count(*) FROM _migrate_lock"), "1");
    project.done_on(pooled.url(), "down --all --yes");
    let Some(session) = server::PgBouncer::start(&database, &["pool_mode=session"]) else {
        return;
    };
    let ran = project.done_on(session.through(&database).url(), "up -v");
    assert!(!ran.stderr.contains("transaction pooler"), "{}", ran.stderr);
}

#[test]
fn eight_at_once_through_a_pooler() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("pooled at once");
    let settings = ["pool_mode=transaction", "default_pool_size=3"];
    let Some(pooler) = server::PgBouncer::start(&database, &settings) else {
        return;
    };
    let pooled = pooler.through(&database);
    let project = project(Engine::Postgres);
    let children: Vec<_> = (0..8)
        .map(|_| project.start(project.command("up").env("DATABASE_URL", pooled.url())))
        .collect();
    let mut applied = 0;
    for child in children {
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        applied += ran.stderr.matches("applied 2 migrations").count();
    }
    assert_eq!(applied, 1);
}

#[test]
fn sockets() {
    for (engine, parameter) in [(Engine::Postgres, "host"), (Engine::Mariadb, "socket")] {
        let Some(private) = server::PrivateServer::start(engine) else {
            return;
        };
        let server = private.server();
        let database = server.database("socket");
        let folder = private.data_folder().parent().unwrap().to_owned();
        let path = match engine {
            Engine::Postgres => folder.display().to_string(),
            _ => folder.join("socket").display().to_string(),
        };
        let (login, rest) = database.url().rsplit_once('@').unwrap();
        let (address, name) = rest.split_once('/').unwrap();
        let port = address.rsplit_once(':').unwrap().1;
        let url = match engine {
            Engine::Postgres => format!("{login}@/{name}?{parameter}={path}&port={port}"),
            _ => format!("{login}@localhost/{name}?{parameter}={path}"),
        };
        project(engine).done_on(&url, "up");
        project(engine).done_on(database.url(), "status --check");
    }
}

/// Asks until it holds.
pub(crate) fn wait_for(database: &TestDatabase, what: &str, holds: impl Fn(&TestDatabase) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds(database) {
        assert!(Instant::now() < deadline, "{what} did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(process: u32, signal: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{signal}"), &process.to_string()])
        .status();
    assert!(sent.unwrap().success());
}
