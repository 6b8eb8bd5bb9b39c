//! Each rule finds its hazard, and nothing in the safe form of it.

use std::fs;

use migrate_core::config::Config;
use migrate_core::{Dialect, Level};

use crate::check;

/// The rules that warn of something in the second of two migrations.
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
        .filter(|finding| finding.level >= Level::Warning)
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

/// The rules that find something where the configuration says this.
fn found_with(toml: &str, given: &str, when: &str) -> Vec<&'static str> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("migrate.toml"), toml).unwrap();
    let root = dir.path().join("migrations");
    for (name, up) in [("1_given", given), ("2_when", when)] {
        fs::create_dir_all(root.join(name)).unwrap();
        fs::write(root.join(name).join("up.sql"), up).unwrap();
    }
    let config = Config::read(&dir.path().join("migrate.toml")).unwrap();
    let loaded = check::load(&config.set(None).unwrap()).unwrap();
    let second = |label: &migrate_core::Label| label.source.path.contains("2_when");
    let mut found: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|finding| finding.labels.first().is_some_and(second))
        .map(|finding| finding.rule.code)
        .collect();
    found.dedup();
    found
}

#[test]
#[cfg(feature = "postgres")]
fn what_is_worth_knowing_on_postgres() {
    for (when, rules) in [
        ("DROP TABLE teams;", &["destructive"][..]),
        ("DROP TABLE IF EXISTS shares, teams;", &["destructive"]),
        ("ALTER TABLE users DROP COLUMN age;", &["destructive"]),
        ("TRUNCATE users;", &["destructive"]),
        ("DELETE FROM users;", &["destructive"]),
        ("UPDATE users SET age = 1;", &["destructive"]),
        ("DELETE FROM users WHERE id = 1;", &[]),
        (
            "CREATE TABLE a (b int); INSERT INTO a VALUES (1); DELETE FROM a; DROP TABLE a;",
            &[],
        ),
        ("ALTER TABLE users RENAME TO people;", &["breaking-rename"]),
        (
            "ALTER TABLE users RENAME COLUMN age TO years;",
            &["breaking-rename"],
        ),
        (
            "CREATE TABLE a (b int); ALTER TABLE a RENAME COLUMN b TO c; ALTER TABLE a RENAME TO d;",
            &[],
        ),
        (
            "ALTER TABLE users ADD COLUMN rank int NOT NULL;",
            &["required-column"],
        ),
        (
            "ALTER TABLE users ADD COLUMN rank int NOT NULL DEFAULT 1;",
            &[],
        ),
        (
            "CREATE TABLE a (b int); ALTER TABLE a ADD COLUMN c int NOT NULL;",
            &[],
        ),
        ("CREATE TABLE a (b json);", &["json-column"]),
        ("ALTER TABLE users ADD COLUMN b jsonb;", &[]),
        (
            "ALTER TABLE users ADD COLUMN b int; ALTER TABLE teams ADD COLUMN b int;",
            &["several-locks"],
        ),
        ("DROP INDEX users_name;", &["locking-drop-index"]),
        (
            "CREATE TABLE posts (user_id bigint REFERENCES users (id));",
            &["unindexed-foreign-key"],
        ),
        (
            "CREATE TABLE posts (user_id bigint REFERENCES users (id)); CREATE INDEX i ON posts (user_id, xmin);",
            &[],
        ),
        (
            "CREATE TABLE posts (id int, user_id bigint REFERENCES users (id), PRIMARY KEY (user_id, id));",
            &[],
        ),
        (
            "CREATE TABLE a (b serial, c timestamp, d char(3), e int PRIMARY KEY);",
            &[],
        ),
    ] {
        assert_eq!(
            found_with("dialect = \"postgres\"", GIVEN, when),
            rules,
            "{when}"
        );
    }
    let levels = "dialect = \"postgres\"\n[levels]\nserial-column = \"info\"\nnaive-timestamp = \"info\"\nint-primary-key = \"info\"\nchar-column = \"info\"\n";
    for (when, rules) in [
        ("CREATE TABLE a (b bigserial);", &["serial-column"][..]),
        ("CREATE TABLE a (b timestamp(3));", &["naive-timestamp"]),
        ("CREATE TABLE a (b char(3));", &["char-column"]),
        ("CREATE TABLE a (b int PRIMARY KEY);", &["int-primary-key"]),
        (
            "CREATE TABLE a (b int, PRIMARY KEY (b));",
            &["int-primary-key"],
        ),
        (
            "CREATE TABLE a (b bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, c timestamptz, d text);",
            &[],
        ),
    ] {
        assert_eq!(found_with(levels, GIVEN, when), rules, "{when}");
    }
}

#[test]
#[cfg(feature = "sqlite")]
fn what_is_worth_knowing_on_sqlite() {
    let given = "
        CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
        CREATE INDEX users_name ON users (name);
        CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE);
        ";
    let rebuild = "CREATE TABLE new_users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        INSERT INTO new_users SELECT id, name FROM users;
        DROP TABLE users;
        ALTER TABLE new_users RENAME TO users;";
    let whole = format!("{rebuild} CREATE INDEX users_name ON users (name);");
    let meant = format!("DROP INDEX users_name; {rebuild}");
    for (when, rules) in [
        (rebuild, &["long-write", "losing-rebuild"][..]),
        (&whole, &["long-write"]),
        (&meant, &["long-write"]),
        ("CREATE INDEX i ON posts (user_id);", &["long-write"]),
        (
            "CREATE TABLE a (b); INSERT INTO a VALUES (1); CREATE INDEX i ON a (b);",
            &[],
        ),
        ("REPLACE INTO users VALUES (1, 'a');", &["cascading-delete"]),
        (
            "INSERT INTO users VALUES (1, 'a') ON CONFLICT DO NOTHING;",
            &[],
        ),
        (
            "DROP TABLE users;",
            &["cascading-delete", "destructive", "dangling-foreign-key"],
        ),
        (
            "ALTER TABLE users RENAME COLUMN name TO title;",
            &["breaking-rename"],
        ),
    ] {
        assert_eq!(
            found_with("dialect = \"sqlite\"", given, when),
            rules,
            "{when}"
        );
    }
    let trigger =
        "CREATE TRIGGER named AFTER INSERT ON posts BEGIN UPDATE users SET name = 'x'; END;";
    let with_trigger = format!("{given} {trigger}");
    for (when, rules) in [
        (
            "DROP INDEX users_name; ALTER TABLE users DROP COLUMN name;",
            &["breaking-trigger", "destructive", "long-write"][..],
        ),
        (
            "DROP TRIGGER named; DROP INDEX users_name; ALTER TABLE users DROP COLUMN name;",
            &["destructive", "long-write"],
        ),
    ] {
        let found = found_with("dialect = \"sqlite\"", &with_trigger, when);
        assert_eq!(found, rules, "{when}");
    }
    for (server, rules) in [("3.34", &["newer-than-server"][..]), ("3.35", &[])] {
        let toml = format!("dialect = \"sqlite\"\nserver = \"sqlite {server}\"");
        let when = "INSERT INTO users VALUES (1, 'a') RETURNING id;";
        assert_eq!(found_with(&toml, given, when), rules, "{server}");
    }
}

#[test]
#[cfg(feature = "postgres")]
fn what_older_servers_do() {
    for (server, when, rules) in [
        (
            "10",
            "ALTER TABLE users ADD COLUMN b int DEFAULT 1;",
            &["rewriting-column"][..],
        ),
        ("11", "ALTER TABLE users ADD COLUMN b int DEFAULT 1;", &[]),
        (
            "11",
            "ALTER TABLE users ALTER COLUMN age SET NOT NULL;",
            &["blocking-not-null"],
        ),
        (
            "12",
            "ALTER TABLE users ALTER COLUMN age SET NOT NULL;",
            &[],
        ),
        (
            "11",
            "ALTER TABLE events ATTACH PARTITION old_events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01'); UPDATE teams SET id = 1 WHERE id > 1;",
            &["blocking-partition"],
        ),
    ] {
        let toml = format!("dialect = \"postgres\"\nserver = \"postgres {server}\"");
        assert_eq!(found_with(&toml, GIVEN, when), rules, "{server}: {when}");
    }
}

#[test]
#[cfg(feature = "postgres")]
fn what_the_configured_server_does_not_know() {
    let merge = "MERGE INTO users USING teams ON users.id = teams.id WHEN MATCHED THEN DO NOTHING;";
    for (server, rules) in [("14", &["newer-than-server"][..]), ("15", &[])] {
        let toml = format!("dialect = \"postgres\"\nserver = \"postgres {server}\"");
        let found = found_with(&toml, GIVEN, merge);
        assert_eq!(found, rules, "{server}");
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
