//! `migrate diff`, `migrate schema --sql`, and migrations that are written from differences.

use std::fs;

use insta::assert_snapshot;
use migrate_tests::server::{self, Engine, TestDatabase};

use super::command::{Project, Ran, ran};

/// `migrate new` with a script.
fn new_sql(project: &Project, name: &str, sql: &str) -> Ran {
    ran(project.command(&format!("new {name}")).args(["--sql", sql]))
}

fn script(project: &Project, path: &str) -> String {
    fs::read_to_string(project.join(&format!("migrations/{path}"))).unwrap()
}

/// A project for SQLite with more than tables.
fn shop() -> Project {
    let project = Project::new();
    project.migration(
        "1_authors",
        "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n\
         CREATE INDEX authors_name ON authors (name);",
        "DROP TABLE authors;",
    );
    project.migration(
        "2_books",
        "CREATE TABLE books (id INTEGER PRIMARY KEY, author INTEGER REFERENCES authors, title TEXT);\n\
         CREATE VIEW titles AS SELECT title FROM books;\n\
         CREATE TRIGGER no_books AFTER DELETE ON authors BEGIN DELETE FROM books WHERE author = OLD.id; END;",
        "DROP TRIGGER no_books; DROP VIEW titles; DROP TABLE books;",
    );
    project
}

#[test]
fn between_files_and_a_database() {
    let project = shop();
    project.done("up");
    project.write(
        "schema.sql",
        "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', born DATE);\n\
         CREATE TABLE shops (id INTEGER PRIMARY KEY);\n\
         CREATE TABLE books (id INTEGER PRIMARY KEY, author INTEGER REFERENCES authors, title TEXT, shop INT);\n\
         CREATE VIEW titles AS SELECT title FROM books;\n\
         CREATE TRIGGER no_books AFTER DELETE ON authors BEGIN DELETE FROM books WHERE author = OLD.id; END;",
    );
    project.write("broken.sql", "CREATE TABEL a (id INT);");
    assert_snapshot!(project.transcript(&[
        "schema --sql",
        "diff",
        "diff database schema.sql",
        "diff --check migrations schema.sql",
        "diff --sql migrations schema.sql",
        "diff --sql schema.sql migrations",
        "diff --sql --format json migrations schema.sql",
        "diff migrations broken.sql",
        "diff migrations nowhere.sql",
        "diff migrations nowhere.db",
    ]));
}

#[test]
fn a_migration_from_an_edited_schema_file() {
    let project = shop();
    project.done("up");
    let schema = project.done("schema --sql").stdout;
    let edited = schema.replace(
        "title TEXT",
        "title TEXT NOT NULL DEFAULT 'none', isbn TEXT",
    );
    assert_ne!(schema, edited);
    project.write("schema.sql", &edited);
    let text = project.transcript(&[
        "new catch_up --version 3 --from-diff --schema schema.sql",
        "check",
        "up",
        "diff --check database schema.sql",
        "new again --from-diff --schema schema.sql",
        "down",
        "diff --check --database app.db",
        "up",
        "drift",
    ]);
    assert_snapshot!(format!(
        "{text}{}\n{}",
        script(&project, "3_catch_up/up.sql"),
        script(&project, "3_catch_up/down.sql")
    ));
}

#[test]
fn downs_are_proposed() {
    let project = shop();
    let mut text = String::new();
    for (name, sql) in [
        (
            "rename",
            "ALTER TABLE authors RENAME TO people; ALTER TABLE people RENAME COLUMN name TO called;",
        ),
        (
            "drops",
            "DROP VIEW titles; DROP INDEX authors_name; ALTER TABLE books DROP COLUMN title;",
        ),
        (
            "rows",
            "INSERT INTO people (called) VALUES ('Ada'); UPDATE books SET author = NULL;",
        ),
        (
            "rebuild",
            "CREATE TABLE new_books (id INTEGER PRIMARY KEY, author INTEGER NOT NULL); INSERT INTO new_books SELECT id, author FROM books; DROP TABLE books; ALTER TABLE new_books RENAME TO books;",
        ),
        ("gone", "DROP TABLE books;"),
        ("wrong", "DROP TABLE bookz;"),
    ] {
        let ran = new_sql(&project, name, sql);
        text.push_str(&format!(
            "$ migrate new {name} --sql {sql:?}\n{}{}",
            ran.stdout, ran.stderr
        ));
        let down = ran.stdout.lines().find(|line| line.ends_with("down.sql"));
        if let Some(down) = down {
            text.push_str(&fs::read_to_string(project.join(down)).unwrap());
        }
        text.push('\n');
    }
    project.done("up");
    project.done("down --to 2 --yes");
    let drift = project.run("drift");
    text.push_str(&format!("{}{}", drift.stdout, drift.stderr));
    assert_snapshot!(text);
}

#[test]
fn a_down_for_a_draft() {
    let project = shop();
    project.done("lock");
    project.done("new later --version 3");
    let path = "migrations/3_later/up.sql";
    project.write(path, "CREATE TABLE later (id INTEGER PRIMARY KEY);\n");
    project.write(
        "migrations/4_none/up.sql",
        "CREATE TABLE none (id INTEGER PRIMARY KEY);\n",
    );
    let text = project.transcript(&[
        "new --down 3",
        "new --down 3",
        "new --down 4",
        "new --down 2",
        "new --down 9",
        "new --down 3 --from-diff",
        "new",
        "check",
    ]);
    assert_snapshot!(format!(
        "{text}{}\n{}",
        script(&project, "3_later/down.sql"),
        script(&project, "4_none/down.sql")
    ));
}

#[test]
fn a_down_section_in_one_file() {
    let project = Project::new();
    project.write(
        "migrations/1_a.sql",
        "-- migrate:up\nCREATE TABLE a (id INT);\n",
    );
    project.write(
        "migrations/2_b.sql",
        "-- migrate:up\nCREATE TABLE b (id INT)\n-- migrate:down\n",
    );
    project.done("new --down 1");
    project.done("new --down 2");
    assert_eq!(
        fs::read_to_string(project.join("migrations/1_a.sql")).unwrap(),
        "-- migrate:up\nCREATE TABLE a (id INT);\n\n-- migrate:down\n-- Reverts a.\n\nDROP TABLE a;\n"
    );
    assert_eq!(
        fs::read_to_string(project.join("migrations/2_b.sql")).unwrap(),
        "-- migrate:up\nCREATE TABLE b (id INT)\n-- migrate:down\n-- Reverts b.\n\nDROP TABLE b;\n"
    );
    project.done("check");
}

/// On a server: what a migration does is taken back by the down that was proposed, and a second
/// database catches up with the first.
#[test]
fn on_servers() {
    for server in server::remote() {
        let is_postgres = server.engine() == Engine::Postgres;
        let project = Project::for_dialect(if is_postgres { "postgres" } else { "mysql" });
        let (one, two): (TestDatabase, TestDatabase) =
            (server.database("diff one"), server.database("diff two"));
        let done = |line: &str, url: &str| project.done_on(url, line);
        let up = match is_postgres {
            true => {
                "CREATE TYPE mood AS ENUM ('sad', 'happy');\n\
                 CREATE TABLE authors (id serial PRIMARY KEY, name text NOT NULL, mood mood DEFAULT 'sad');\n\
                 CREATE TABLE books (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author int NOT NULL REFERENCES authors ON DELETE CASCADE);\n\
                 CREATE VIEW named AS SELECT name FROM authors;"
            }
            false => {
                "CREATE TABLE authors (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL, mood ENUM('sad', 'happy') DEFAULT 'sad');\n\
                 CREATE TABLE books (id BIGINT PRIMARY KEY, author INT NOT NULL, FOREIGN KEY (author) REFERENCES authors (id) ON DELETE CASCADE);\n\
                 CREATE VIEW named AS SELECT name FROM authors;"
            }
        };
        assert_eq!(new_sql(&project, "first --version 1", up).code, Some(0));
        done("up", one.url());
        let change = match is_postgres {
            true => {
                "ALTER TYPE mood ADD VALUE 'calm';\n\
                 ALTER TABLE authors RENAME COLUMN name TO called;\n\
                 ALTER TABLE authors ALTER COLUMN called TYPE varchar(80), ADD COLUMN born date;\n\
                 CREATE INDEX authors_called ON authors (called);\n\
                 ALTER TABLE books DROP CONSTRAINT books_author_fkey;"
            }
            false => {
                "ALTER TABLE authors CHANGE name called VARCHAR(80) NOT NULL, ADD COLUMN born DATE;\n\
                 CREATE INDEX authors_called ON authors (called);\n\
                 ALTER TABLE books DROP FOREIGN KEY books_ibfk_1;\n\
                 CREATE OR REPLACE VIEW named AS SELECT called FROM authors;"
            }
        };
        // A view of PostgreSQL that reads a column whose type changes stands in its way.
        if is_postgres {
            let drop = new_sql(&project, "drop_view --version 2", "DROP VIEW named;");
            assert_eq!(drop.code, Some(0), "{}", drop.stderr);
        }
        let second = new_sql(&project, "second --version 3", change);
        assert_eq!(second.code, Some(0), "{}", second.stderr);
        done("up", one.url());
        assert_eq!(done("diff --check", one.url()).stdout, "");
        done("down --to 1 --yes", one.url());
        done("drift", one.url());
        done("up", one.url());
        // The second database is made from the first one's schema.
        done("database create", two.url());
        let line = format!("diff --sql {} {}", two.url(), one.url());
        let sql = done(&line, one.url()).stdout;
        let other = Project::for_dialect(if is_postgres { "postgres" } else { "mysql" });
        other.write("migrations/1_all/up.sql", &sql);
        other.write(
            "migrations/1_all/down.sql",
            "-- migrate:irreversible a test\n",
        );
        let all = other.run_on(two.url(), "up");
        assert_eq!(all.code, Some(0), "{sql}\n{}", all.stderr);
        done(
            &format!("diff --check {} {}", one.url(), two.url()),
            one.url(),
        );
    }
}
