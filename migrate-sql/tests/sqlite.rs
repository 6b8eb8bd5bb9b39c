//! What SQLite says of scripts, as a user reads it.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on panics"
)]

use std::fs;

use migrate_core::config::Config;
use migrate_core::{Color, Dialect, Level, render_all};
use migrate_sql::check;

/// Checks migrations, each given as its name and its up and down scripts, and gives the findings.
fn findings(migrations: &[(&str, &str, &str)], functions: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("migrations");
    for (name, up, down) in migrations {
        fs::create_dir_all(root.join(name)).unwrap();
        fs::write(root.join(name).join("up.sql"), up).unwrap();
        fs::write(root.join(name).join("down.sql"), down).unwrap();
    }
    let mut config = Config::defaults(dir.path()).set(None).unwrap();
    config.dialect = Some(Dialect::Sqlite);
    config.functions = functions.iter().map(|name| name.to_string()).collect();
    // What is right and may still be worth a thought is not the matter here.
    for hazard in ["destructive", "long-write"] {
        config.levels.set(hazard, Level::Off).unwrap();
    }
    let loaded = check::load(&config).unwrap();
    render_all(&loaded.diagnostics, Color::Never)
}

const USERS: (&str, &str, &str) = (
    "1_create_users",
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);\n",
    "DROP TABLE users;\n",
);

#[test]
fn nothing_is_found_in_good_scripts() {
    let found = findings(
        &[
            USERS,
            (
                "2_rebuild",
                "PRAGMA foreign_keys=off;\nCREATE TABLE n (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\nINSERT INTO n SELECT id, name FROM users;\nDROP TABLE users;\nALTER TABLE n RENAME TO users;\nPRAGMA foreign_keys=on;\n",
                "ALTER TABLE users ADD COLUMN email TEXT;\n",
            ),
            (
                "3_index",
                "CREATE INDEX users_name ON users (lower(name));\n",
                "DROP INDEX users_name;\n",
            ),
        ],
        &[],
    );
    assert_eq!(found, "");
}

#[test]
fn faults_are_found() {
    let faults = [
        ("misspelt keyword", "CREATE TABEL t (a);\n"),
        ("missing parenthesis", "CREATE TABLE t (a, b;\n"),
        (
            "unknown column",
            "CREATE INDEX users_email ON users (emial);\n",
        ),
        ("unknown table", "ALTER TABLE user ADD COLUMN a;\n"),
        ("duplicate table", "CREATE TABLE users (id);\n"),
        (
            "duplicate column",
            "ALTER TABLE users ADD COLUMN email TEXT;\n",
        ),
        ("unknown index", "DROP INDEX missing;\n"),
        (
            "not null without default",
            "ALTER TABLE users ADD COLUMN a TEXT NOT NULL;\n",
        ),
        ("a key's column", "ALTER TABLE users DROP COLUMN id;\n"),
        (
            "follow-up faults are not told",
            "CREATE TABEL t (a);\nCREATE INDEX i ON t (a);\nDROP INDEX missing;\n",
        ),
    ];
    let mut all = String::new();
    for (name, up) in faults {
        let found = findings(
            &[
                USERS,
                ("2_fault", up, "-- migrate:allow empty-script test\n"),
            ],
            &[],
        );
        all.push_str(&format!("== {name}\n{found}\n"));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn downs_are_tried() {
    let downs = [
        (
            "leaves a table",
            "CREATE TABLE t (a);\nCREATE TABLE u (b);\n",
            "DROP TABLE t;\n",
        ),
        (
            "another type",
            "ALTER TABLE users DROP COLUMN email;\n",
            "ALTER TABLE users ADD COLUMN email INTEGER;\n",
        ),
        (
            "leaves an index",
            "CREATE INDEX i ON users (name);\nCREATE INDEX j ON users (email);\n",
            "DROP INDEX i;\n",
        ),
        ("fails itself", "CREATE TABLE t (a);\n", "DROP TABLE tt;\n"),
        (
            "cannot be applied again",
            "INSERT INTO users VALUES (1, 'a', 'b');\n",
            "SELECT 1;\n",
        ),
    ];
    let mut all = String::new();
    for (name, up, down) in downs {
        let found = findings(&[USERS, ("2_change", up, down)], &[]);
        all.push_str(&format!("== {name}\n{found}\n"));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn what_the_app_may_bring_is_not_judged() {
    for up in [
        "UPDATE users SET name = my_function(name);\nDROP TABLE missing;\n",
        "CREATE VIRTUAL TABLE v USING my_module(a);\nDROP TABLE missing;\n",
        "ATTACH 'x.db' AS x;\n",
    ] {
        let found = findings(
            &[
                USERS,
                (
                    "2_app",
                    &format!("-- migrate:no-transaction\n{up}"),
                    "DROP TABLE missing;\n",
                ),
            ],
            &[],
        );
        assert_eq!(found, "", "{up}");
    }
    let script = "UPDATE users SET name = my_function(name);\nDROP TABLE missing;\n";
    let found = findings(&[USERS, ("2_app", script, "SELECT 1;\n")], &["my_function"]);
    assert!(found.contains("table `missing` does not exist"), "{found}");
}
