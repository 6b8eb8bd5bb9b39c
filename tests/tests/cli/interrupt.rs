//! Ctrl-C and SIGTERM.

use std::io::Read;
use std::time::{Duration, Instant};

use migrate_tests::server::{self, Engine, TestDatabase};

use super::command::Project;
use super::servers::{signal, wait_for};

/// A first quick migration, and a second whose first statement takes long.
fn slow_project(engine: Engine, seconds: u32) -> Project {
    let (dialect, sleep) = match engine {
        Engine::Postgres => ("postgres", format!("SELECT pg_sleep({seconds});")),
        _ => ("mysql", format!("DO SLEEP({seconds});")),
    };
    let project = Project::for_dialect(dialect);
    project.migration(
        "1_a",
        "CREATE TABLE a (id INT PRIMARY KEY);",
        "DROP TABLE a;",
    );
    project.migration(
        "2_slow",
        &format!("{sleep}\nCREATE TABLE b (id INT PRIMARY KEY);"),
        "DROP TABLE b;",
    );
    project
}

/// Runs `up`, signals it while the slow statement runs, and returns what it said and how long it
/// went on after the first signal.
fn interrupted(
    project: &Project,
    database: &TestDatabase,
    signals: &[&str],
) -> (super::command::Ran, Duration) {
    let mut command = project.command("up");
    let mut child = project.start(command.env("DATABASE_URL", database.url()));
    wait_for(database, "the slow statement", |database| {
        let running = match database.engine() {
            Engine::Postgres => {
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid() AND datname = current_database()"
            }
            _ => {
                "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%' AND db = database()"
            }
        };
        database.sql(running) == "1"
    });
    let start = Instant::now();
    for (at, name) in signals.iter().enumerate() {
        if at > 0 {
            std::thread::sleep(Duration::from_millis(300));
        }
        signal(child.id(), name);
    }
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    let code = child.wait().unwrap().code();
    (
        super::command::Ran {
            code,
            stdout,
            stderr,
        },
        start.elapsed(),
    )
}

#[test]
fn the_first_stops_after_the_statement() {
    for server in server::remote() {
        for name in ["INT", "TERM"] {
            let database = server.database("stopped");
            let project = slow_project(server.engine(), 3);
            let (ran, took) = interrupted(&project, &database, &[name]);
            assert_eq!(ran.code, Some(130), "{}", ran.stderr);
            assert!(took < Duration::from_secs(10), "{took:?}");
            assert!(
                ran.stderr.contains("stopping after the current statement"),
                "{}",
                ran.stderr
            );
            assert!(ran.stderr.contains("next: migrate "), "{}", ran.stderr);
            // The lock is free: whatever the next command is, it does not wait.
            let next = ran
                .stderr
                .lines()
                .find_map(|line| line.strip_prefix("next: migrate "))
                .unwrap();
            let mut command = project.command(&format!("{next} --lock-wait 1s"));
            let on = super::command::ran(command.env("DATABASE_URL", database.url()));
            assert_eq!(on.code, Some(0), "{}", on.stderr);
            let mut status = project.command("status --check");
            let status = super::command::ran(status.env("DATABASE_URL", database.url()));
            assert_eq!(status.code, Some(0), "{}", status.stdout);
        }
    }
}

#[test]
fn the_second_cancels_the_statement() {
    for server in server::remote() {
        let database = server.database("cancelled");
        let project = slow_project(server.engine(), 60);
        let (ran, took) = interrupted(&project, &database, &["INT", "INT"]);
        assert_eq!(ran.code, Some(130), "{}", ran.stderr);
        assert!(took < Duration::from_secs(20), "{took:?}");
        assert!(
            ran.stderr.contains("cancelling the current statement"),
            "{}",
            ran.stderr
        );
        wait_for(&database, "the end of the statement", |database| {
            let running = match database.engine() {
                Engine::Postgres => {
                    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid() AND datname = current_database()"
                }
                _ => {
                    "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%' AND db = database()"
                }
            };
            database.sql(running) == "0"
        });
        assert_eq!(
            database.sql("SELECT count(*) FROM _migrate_history WHERE state = 'applied'"),
            "1"
        );
    }
}

#[test]
fn sqlite_stops_after_the_statement_and_ends_at_the_second() {
    // Counts for minutes where nobody stops it.
    let count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000000) INSERT INTO a SELECT max(i) FROM n;";
    let project = Project::new();
    project.migration("1_a", "CREATE TABLE a (id INT);", "DROP TABLE a;");
    project.migration("2_slow", count, "SELECT 1;");
    let mut child = project.start(&mut project.command("up"));
    let deadline = Instant::now() + Duration::from_secs(20);
    while project.run("status").stdout.matches("applied").count() < 2 {
        assert!(
            Instant::now() < deadline,
            "the first migration did not come"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(300));
    signal(child.id(), "INT");
    std::thread::sleep(Duration::from_millis(500));
    assert!(
        child.try_wait().unwrap().is_none(),
        "the first signal lets the statement run"
    );
    signal(child.id(), "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    // What was begun is rolled back, and the way is free.
    project.write("migrations/2_slow/up.sql", "INSERT INTO a VALUES (1);");
    project.done("up");
}

#[test]
fn while_connecting_it_ends_at_once() {
    // Nobody answers at this address, so that connecting takes long.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let project = Project::for_dialect("postgres");
    project.migration("1_a", "CREATE TABLE a (id INT);", "DROP TABLE a;");
    let mut command = project.command("up");
    let mut child =
        project.start(command.env("DATABASE_URL", format!("postgres://u:p@127.0.0.1:{port}/x")));
    let _accepted = listener.accept().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    signal(child.id(), "INT");
    let deadline = Instant::now() + Duration::from_secs(5);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it did not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn waiting_for_the_lock_ends_at_once() {
    for server in server::remote() {
        let database = server.database("waiting");
        let project = slow_project(server.engine(), 5);
        let mut first = project.command("up --lock session");
        let first = project.start(first.env("DATABASE_URL", database.url()));
        wait_for(&database, "the first migration", |database| {
            database
                .try_sql("SELECT count(*) FROM _migrate_history WHERE state = 'applied'")
                .is_ok_and(|n| n == "1")
        });
        let mut second = project.command("up --lock session --lock-wait 1min --format json");
        let second = project.start(second.env("DATABASE_URL", database.url()));
        std::thread::sleep(Duration::from_millis(700));
        let start = Instant::now();
        signal(second.id(), "INT");
        let output = super::command::Ran::from(second.wait_with_output().unwrap());
        assert_eq!(output.code, Some(130), "{}", output.stderr);
        assert!(
            start.elapsed() < Duration::from_secs(3),
            "{:?}",
            start.elapsed()
        );
        let said: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(said["exit"], 130);
        assert_eq!(first.wait_with_output().unwrap().status.code(), Some(0));
    }
}
