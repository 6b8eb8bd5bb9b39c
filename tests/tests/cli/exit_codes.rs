//! The table of exit codes.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::command::{Project, ran};

#[test]
fn every_situation_has_its_code() {
    let fine = Project::bookshop;
    let applied = || {
        let project = Project::bookshop();
        project.done("up");
        project
    };
    let failing = || {
        let project = Project::bookshop();
        project.migration(
            "3_bad",
            "-- migrate:opaque\nINSERT INTO nowhere VALUES (1);",
            "SELECT 1;",
        );
        project
    };
    let unfinished = || {
        let project = Project::bookshop();
        project.migration(
            "3_bad",
            "-- migrate:no-transaction\n-- migrate:opaque\nINSERT INTO nowhere VALUES (1);",
            "SELECT 1;",
        );
        project.run("up");
        project
    };
    let edited = || {
        let project = applied();
        project.write("migrations/2_books/up.sql", "CREATE TABLE books (id int);");
        project
    };
    let broken = || {
        let project = Project::bookshop();
        project.write("migrations/2_books/up.sql", "CREATE TABLE 'a (id int);");
        project
    };
    let table: &[(&dyn Fn() -> Project, &str, i32)] = &[
        (&fine, "--help", 0),
        (&fine, "--version", 0),
        (&fine, "up", 0),
        (&applied, "up", 0),
        (&applied, "status --check", 0),
        (&applied, "verify", 0),
        (&applied, "drift", 0),
        (&applied, "diff --check", 0),
        (&fine, "diff --check database migrations", 2),
        (&fine, "check", 0),
        // Findings where a check was asked for.
        (&broken, "check", 1),
        (&fine, "check --locked", 1),
        (&failing, "up --count 2 --quiet", 0),
        (&edited, "verify", 1),
        (&edited, "status --check", 1),
        (&edited, "status", 0),
        (&unfinished, "verify", 1),
        (&unfinished, "status --check", 1),
        // Usage, configuration, files; nothing was run.
        (&fine, "", 2),
        (&fine, "upp", 2),
        (&fine, "up --to x", 2),
        (&fine, "up --to 1 --count 1", 2),
        (&fine, "up --to 9", 2),
        (&fine, "up --set none", 2),
        (&fine, "up --dir nowhere", 2),
        (&fine, "up --database oracle://x", 2),
        (&fine, "up --database postgres://127.0.0.1:1/x", 2),
        (&fine, "up --database mysql://127.0.0.1:1/x", 2),
        (&fine, "up --database /nowhere/a.db", 2),
        (&fine, "status", 2),
        (&broken, "up", 2),
        (&broken, "lock", 2),
        (&edited, "up", 2),
        (&applied, "down --all", 2),
        (&applied, "database drop", 2),
        (&applied, "resume", 2),
        // A migration failed.
        (&failing, "up", 3),
        (&unfinished, "up", 3),
        (&unfinished, "resume", 3),
    ];
    for (project, line, code) in table {
        let ran = project().run(line);
        assert_eq!(
            ran.code,
            Some(*code),
            "migrate {line}\n{}{}",
            ran.stdout,
            ran.stderr
        );
        if *code > 1 {
            assert!(
                !ran.stderr.is_empty() || line.contains("json"),
                "migrate {line} says nothing"
            );
        }
    }
}

#[test]
fn a_held_lock_is_four() {
    let project = Project::bookshop();
    project.done("up --count 1");
    let path = project.join("app.db").display().to_string();
    let mut other = SqliteConnection::establish(&path).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let ran = ran(&mut project.command("up --lock-wait 300ms"));
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains("lock is held"), "{}", ran.stderr);
    other.batch_execute("COMMIT").unwrap();
    project.done("up");
}

#[test]
fn the_documented_codes_are_the_real_ones() {
    let help = Project::new().done("--help").stdout;
    for exit in migrate_cli::Exit::ALL {
        assert!(
            help.contains(&format!("{:>3}  {}", exit.code(), exit.meaning())),
            "{exit:?}"
        );
    }
}
