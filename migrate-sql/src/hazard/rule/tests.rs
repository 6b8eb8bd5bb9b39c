//! Each rule finds its hazard, and nothing in the safe form of it.

use std::fs;

use migrate_core::Dialect;
use migrate_core::config::Config;

use crate::check;

/// The rules that find something in the second of two migrations.
fn found(dialect: Dialect, given: &str, when: &str) -> Vec<&'static str> {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("migrations");
    for (name, up) in [("1_given", given), ("2_when", when)] {
        fs::create_dir_all(root.join(name)).unwrap();
        fs::write(root.join(name).join("up.sql"), up).unwrap();
    }
    let mut config = Config::defaults(dir.path()).set(None).unwrap();
    config.dialect = Some(dialect);
    let loaded = check::load(&config).unwrap();
    let second = |label: &migrate_core::Label| label.source.path.contains("2_when");
    loaded
        .diagnostics
        .iter()
        .filter(|finding| finding.labels.first().is_some_and(second))
        .map(|finding| finding.rule.code)
        .filter(|code| !matches!(*code, "missing-down"))
        .collect()
}

const GIVEN: &str = "
    CREATE TABLE teams (id bigint PRIMARY KEY);
    CREATE TABLE users (id bigint PRIMARY KEY, team_id bigint, name varchar(20), age int);
    CREATE DOMAIN percent AS int;
    CREATE TABLE shares (share percent);
    CREATE MATERIALIZED VIEW names AS SELECT id FROM users;
    CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at);
    CREATE TABLE old_events (at date NOT NULL);
    ALTER TABLE users ADD CONSTRAINT age_there CHECK (age IS NOT NULL);
    CREATE UNIQUE INDEX users_name ON users (name);
    ";

#[test]
#[cfg(feature = "postgres")]
fn hazards_on_postgres() {
    let cases = [
        ("CREATE INDEX i ON users (age);", "blocking-index"),
        (
            "ALTER TABLE users ADD CONSTRAINT k FOREIGN KEY (team_id) REFERENCES teams (id);",
            "blocking-foreign-key",
        ),
        (
            "ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0);",
            "blocking-check",
        ),
        (
            "ALTER TABLE users ALTER COLUMN name SET NOT NULL;",
            "blocking-not-null",
        ),
        (
            "ALTER TABLE users ADD CONSTRAINT u UNIQUE (age);",
            "blocking-key",
        ),
        (
            "ALTER TABLE users ADD COLUMN key uuid DEFAULT gen_random_uuid();",
            "rewriting-column",
        ),
        (
            "ALTER TABLE users ALTER COLUMN age TYPE bigint;",
            "rewriting-type",
        ),
        ("REFRESH MATERIALIZED VIEW names;", "rewriting-table"),
        ("ALTER TABLE users SET UNLOGGED;", "rewriting-table"),
        (
            "ALTER TABLE events ATTACH PARTITION old_events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');",
            "blocking-partition",
        ),
        (
            "ALTER DOMAIN percent ADD CONSTRAINT c CHECK (VALUE < 101);",
            "blocking-domain",
        ),
        (
            "ALTER TABLE users ADD COLUMN rank int;\nUPDATE users SET rank = 1;",
            "work-under-lock",
        ),
        (
            "ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT c;",
            "work-under-lock",
        ),
    ];
    for (when, rule) in cases {
        assert_eq!(found(Dialect::Postgres, GIVEN, when), [rule], "{when}");
    }
}

#[test]
#[cfg(feature = "postgres")]
fn safe_forms_on_postgres() {
    for when in [
        "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY i ON users (age);",
        "ALTER TABLE users ADD CONSTRAINT k FOREIGN KEY (team_id) REFERENCES teams (id) NOT VALID;",
        "ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID;",
        "ALTER TABLE users ALTER COLUMN age SET NOT NULL;",
        "ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX users_name;",
        "ALTER TABLE users ADD COLUMN key uuid;\nALTER TABLE users ALTER COLUMN key SET DEFAULT gen_random_uuid();",
        "ALTER TABLE users ALTER COLUMN name TYPE text;",
        "CREATE TABLE posts (id bigint PRIMARY KEY, title text);\nCREATE INDEX posts_title ON posts (title);\nALTER TABLE posts ALTER COLUMN title SET NOT NULL;",
        "UPDATE users SET age = 1;",
    ] {
        assert!(found(Dialect::Postgres, GIVEN, when).is_empty(), "{when}");
    }
}

#[test]
#[cfg(feature = "mysql")]
fn hazards_on_mysql() {
    let given = "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20), age int);";
    for (when, rules) in [
        (
            "ALTER TABLE users MODIFY COLUMN age bigint;",
            &["blocking-alter"][..],
        ),
        ("ALTER TABLE users ADD COLUMN rank_number int;", &[]),
        ("CREATE INDEX users_age ON users (age);", &[]),
    ] {
        assert_eq!(found(Dialect::Mysql, given, when), rules, "{when}");
    }
}
