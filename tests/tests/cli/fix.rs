//! `migrate check --fix`.

use migrate_tests::{corpora, server};

use super::command::Project;

/// A project for PostgreSQL whose second migration keeps others away in many ways.
fn project() -> Project {
    let project = Project::for_dialect("postgres");
    project.migration(
        "1_given",
        "CREATE TABLE teams (id bigint PRIMARY KEY);
CREATE TABLE users (id bigint PRIMARY KEY, team_id bigint, name text, age int, mail text NOT NULL);
CREATE INDEX users_mail ON users (mail);
INSERT INTO teams VALUES (1);
INSERT INTO users SELECT n, 1, 'name', n, n::text FROM generate_series(1, 100) n;
",
        "DROP TABLE users;\nDROP TABLE teams;\n",
    );
    project.migration(
        "5_when",
        "-- What the app needs.
ALTER TABLE users
    ADD COLUMN rank int CHECK (rank > 0), -- from 1
    ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE,
    ALTER COLUMN name SET NOT NULL,
    ADD UNIQUE (mail, age);
CREATE INDEX users_name ON users (lower(name));
DROP INDEX users_mail;
COMMENT ON TABLE users IS 'all';
",
        "CREATE INDEX users_mail ON users (mail);
DROP INDEX users_name;
ALTER TABLE users
    DROP CONSTRAINT users_mail_age_key,
    ALTER COLUMN name DROP NOT NULL,
    DROP CONSTRAINT users_team,
    DROP COLUMN rank;
",
    );
    project.migration(
        "9_index",
        "CREATE INDEX users_age ON users (age);\n",
        "DROP INDEX users_age;\n",
    );
    project
}

const NO_DATABASE: &str = "";

#[test]
fn what_keeps_others_away_becomes_what_does_not() {
    let project = project();
    let before = project.read("migrations/5_when/up.sql");
    let dry = project.done_on(NO_DATABASE, "check --fix --dry-run");
    assert_eq!(project.read("migrations/5_when/up.sql"), before);
    assert!(!project.join("migrations/6_when_concurrently").exists());

    let fixed = project.done_on(NO_DATABASE, "check --fix");
    // What the check finds afterwards is no matter of this test.
    let (said, _) = fixed.stderr.split_once("checked").expect("a summary");
    insta::assert_snapshot!(format!("{}\n{said}", dry.stdout));
    let checked = project.done_on(NO_DATABASE, "check").stdout;
    for rule in ["blocking-", "rewriting-", "locking-", "work-under-lock"] {
        assert!(!checked.contains(rule), "{checked}");
    }
    let again = project.done_on(NO_DATABASE, "check --fix");
    assert!(
        again.stderr.contains("nothing to rewrite"),
        "{}",
        again.stderr
    );
}

#[test]
fn both_forms_make_the_same_schema() {
    let Some(server) = server::postgres() else {
        return;
    };
    let (plain, rewritten) = (project(), project());
    rewritten.done_on(NO_DATABASE, "check --fix");
    let (one, other) = (server.database("plain"), server.database("rewritten"));
    let dumps = || {
        let left_out = [
            "_migrate_history",
            "_migrate_history_head",
            "_migrate_history_statements",
            "_migrate_lock",
        ];
        (one.schema_dump(&left_out), other.schema_dump(&left_out))
    };
    plain.done_on(one.url(), "up");
    rewritten.done_on(other.url(), "up");
    rewritten.done_on(other.url(), "drift");
    let (expected, found) = dumps();
    assert_eq!(expected, found);
    assert!(found.contains("users_mail_age_key"), "{found}");
    // And back, to where both have only the first.
    plain.done_on(one.url(), "down --to 1 --yes");
    rewritten.done_on(other.url(), "down --to 1 --yes");
    rewritten.done_on(other.url(), "drift");
    let (expected, found) = dumps();
    assert_eq!(expected, found);
    assert!(!found.contains("users_mail_age_key"), "{found}");
    // And once more, which shows that nothing was left behind.
    rewritten.done_on(other.url(), "up");
    rewritten.done_on(other.url(), "drift");
}

#[test]
fn what_is_applied_stays() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("applied");
    let project = project();
    project.done_on(database.url(), "up --to 5");
    let fixed = project.done_on(database.url(), "check --fix");
    assert!(
        fixed.stderr.contains("changed migrations/9_index/up.sql"),
        "{}",
        fixed.stderr
    );
    assert!(!fixed.stderr.contains("5_when"), "{}", fixed.stderr);
    project.done_on(database.url(), "up");
}

#[test]
fn what_is_frozen_stays() {
    let project = project();
    project.done_on(NO_DATABASE, "lock");
    project.migration(
        "12_later",
        "ALTER TABLE teams ADD COLUMN n int;\nCREATE INDEX teams_n ON teams (n);\n",
        "DROP INDEX teams_n;\nALTER TABLE teams DROP COLUMN n;\n",
    );
    let lock = project.read("migrations/migrate.lock");
    project.write(
        "migrate.toml",
        "dialect = \"postgres\"\n[levels]\nnot-locked = \"warning\"\n",
    );
    let ran = project.run_on(NO_DATABASE, "check --fix");
    assert!(
        ran.stderr.contains("changed migrations/12_later/up.sql"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("9_index"), "{}", ran.stderr);
    let now = project.read("migrations/migrate.lock");
    assert!(now.contains("13 draft - - later_concurrently"), "{now}");
    let kept = lock.lines().skip(2).all(|line| now.contains(line));
    assert!(kept, "{lock}{now}");
}

#[test]
fn where_no_version_is_free() {
    let project = project();
    project.migration("6_next", "SELECT 1;\n", "SELECT 1;\n");
    let before = project.read("migrations/5_when/up.sql");
    let ran = project.run_on(NO_DATABASE, "check --fix");
    assert!(
        ran.stderr.contains("no version is free between 5 and 6"),
        "{}",
        ran.stderr
    );
    assert_eq!(project.read("migrations/5_when/up.sql"), before);
}

#[test]
fn line_ends_and_marks_stay() {
    let project = project();
    project.write(
        "migrations/9_index/up.sql",
        "\u{feff}-- Für alle.\r\nCREATE INDEX users_age\r\n  ON users (age);\r\n",
    );
    project.done_on(NO_DATABASE, "check --fix");
    assert_eq!(
        project.read("migrations/9_index/up.sql"),
        "\u{feff}-- migrate:no-transaction\r\n-- Für alle.\r\nCREATE INDEX CONCURRENTLY users_age\r\n  ON users (age);\r\n"
    );
}

/// A project with a real set, of which only the ways up count here.
fn real(set: &str) -> Option<Project> {
    let dir = corpora::folder(set)?;
    let project = Project::for_dialect("postgres");
    project.write(
        "migrate.toml",
        "dialect = \"postgres\"
ignore = [\"data_oauth_github.sql\"]
[levels]
syntax = \"warning\"
not-in-transaction = \"warning\"
unknown-constraint = \"warning\"
",
    );
    std::fs::create_dir(project.join("migrations")).expect("a directory");
    corpora::copy(&dir, &project.join("migrations"));
    Some(project)
}

#[test]
fn a_real_set_makes_the_same_schema() {
    let set = "crates-io/migrations";
    let Some(server) = server::postgres() else {
        return;
    };
    let (Some(plain), Some(rewritten)) = (real(set), real(set)) else {
        return;
    };
    let fixed = rewritten
        .done_on(NO_DATABASE, "check --fix --format json")
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&fixed).expect("JSON");
    let count = |what: &str| json["fix"][what].as_array().map_or(0, Vec::len);
    assert!(count("fixed") > 100, "{}", json["fix"]);
    let (one, other) = (server.database("plain"), server.database("rewritten"));
    plain.done_on(one.url(), "up");
    rewritten.done_on(other.url(), "up");
    let left_out = [
        "_migrate_history",
        "_migrate_history_head",
        "_migrate_history_statements",
        "_migrate_lock",
    ];
    assert_eq!(one.schema_dump(&left_out), other.schema_dump(&left_out));
}
