//! Whether a file with diesel's `table!` macros agrees with the migrations, as a user reads it.
#![cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on panics"
)]

use std::fs;

use migrate_core::config::Config;
use migrate_core::{Color, Dialect, Level, render_all, rule};
use migrate_sql::check;

/// Compares the schema that a script makes with a file.
fn findings(dialect: Dialect, up: &str, file: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("migrations")).unwrap();
    fs::write(dir.path().join("migrations/1_users.sql"), up).unwrap();
    fs::create_dir(dir.path().join("src")).unwrap();
    let path = dir.path().join("src/schema.rs");
    fs::write(&path, file).unwrap();
    let mut config = Config::defaults(dir.path()).set(None).unwrap();
    config.dialect = Some(dialect);
    config.schema_file = Some(path.clone());
    let mut loaded = check::load_with_schema_file(&config).unwrap();
    // What is risky in the script is not the matter here.
    loaded.diagnostics.retain(|found| {
        found.level == Level::Error
            || found.rule.code.starts_with("schema-")
            || *found.rule == rule::UNUSED_ALLOW
    });
    assert!(loaded.files.contains(&path));
    render_all(&loaded.diagnostics, Color::Never)
}

const USERS: &str = "\
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE users (
    id bigserial PRIMARY KEY,
    name text NOT NULL,
    email varchar(200),
    \"type\" smallint NOT NULL,
    tags text[] NOT NULL,
    feels mood
);
CREATE TABLE members (
    team bigint,
    person bigint REFERENCES users,
    PRIMARY KEY (team, person)
);
CREATE TABLE events (at timestamptz NOT NULL);
CREATE VIEW names AS SELECT name FROM users;
";

const GOOD: &str = r#"// @generated
pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Mood;

    users (id) {
        id -> Int8,
        name -> Text,
        #[max_length = 200]
        email -> Nullable<Varchar>,
        #[sql_name = "type"]
        type_ -> Int2,
        tags -> Array<Nullable<Text>>,
        feels -> Nullable<Mood>,
    }
}

diesel::table! {
    members (team, person) {
        team -> Int8,
        person -> Int8,
    }
}

diesel::joinable!(members -> users (person));
diesel::allow_tables_to_appear_in_same_query!(members, users,);
"#;

#[test]
fn a_file_that_leaves_a_table_out() {
    // A table without a primary key, which diesel does not print, is no remark.
    assert_eq!(findings(Dialect::Postgres, USERS, GOOD), "");
    let file = GOOD.replace(
        "    members (team, person) {",
        "    public.members (team, person) {",
    );
    assert_eq!(findings(Dialect::Postgres, USERS, &file), "");
    let (users, _) = GOOD.split_once("diesel::table! {\n    members").unwrap();
    insta::assert_snapshot!(findings(Dialect::Postgres, USERS, users));
}

#[test]
fn what_the_app_writes_itself_is_its_own() {
    for (printed, own) in [
        // Aliases, paths, other wrappers for elements.
        ("id -> Int8", "id -> diesel::sql_types::BigInt"),
        ("Nullable<Varchar>", "diesel::sql_types::Nullable<Text>"),
        ("Array<Nullable<Text>>", "Array<Varchar>"),
        // Types that are not diesel's.
        ("name -> Text", "name -> crate::types::Email"),
        (
            "use super::sql_types::Mood;",
            "use crate::types::{self, Text, Mood};",
        ),
        // Another name in Rust.
        (
            "        name -> Text",
            "        #[sql_name = \"name\"]\n        full_name -> Text",
        ),
        (
            "        name -> Text",
            "        /// What to call them.\n        name -> Text",
        ),
        // What depends on how the app is built.
        (
            "        name -> Text",
            "        #[cfg(feature = \"x\")]\n        nome -> Text",
        ),
        (
            "diesel::table! {\n    members",
            "#[cfg(x)]\ndiesel::table! {\n    member",
        ),
        (
            "diesel::table! {\n    members",
            "#[cfg(x)]\nmod a { fn f() {} diesel::table! {\n    member",
        ),
        // Tables without a primary key, views, tables that nobody migrates, other macros.
        (
            "diesel::joinable!",
            "table! { events (at) { at -> Timestamptz, } } diesel::joinable!",
        ),
        (
            "diesel::joinable!",
            "table! { names (name) { name -> Text, } } diesel::joinable!",
        ),
        (
            "diesel::joinable!",
            "table! { pg_class (oid) { oid -> Oid, } } diesel::joinable!",
        ),
        (
            "diesel::joinable!",
            "table! { stats.daily { id -> Int8, } } diesel::joinable!",
        ),
        (
            "diesel::joinable!",
            "table! { __diesel_schema_migrations (version) { version -> Text, } } diesel::joinable!",
        ),
        (
            "diesel::joinable!",
            "my::table! { a b c } diesel::joinable!",
        ),
        (
            "diesel::joinable!",
            "macro_rules! x { () => { table! { a (b) { c } } } } diesel::joinable!",
        ),
        // A difference that is meant.
        (
            "        name -> Text",
            "        // migrate:allow schema-differs it is a number in disguise\n        name -> Int4",
        ),
        (
            "diesel::table! {\n    members",
            "// migrate:allow schema-differs later\ndiesel::table! {\n    member",
        ),
        (
            "    use diesel",
            "    // migrate:allow schema-differs one column is secret\n    use diesel",
        ),
    ] {
        let mut file = GOOD.replace(printed, own);
        assert_ne!(file, GOOD, "{printed}");
        if own.contains("mod a {") {
            file.push('}');
        }
        if own.contains("secret") {
            file = file.replace("        name -> Text,\n", "");
        }
        let file = file.replace(
            "diesel::joinable!(members",
            "mod more;\ndiesel::joinable!(members",
        );
        assert_eq!(findings(Dialect::Postgres, USERS, &file), "", "{own}");
    }
}

#[test]
fn every_disagreement_names_table_and_column() {
    let mut text = String::new();
    for (good, bad) in [
        ("    users (id) {", "    usrs (id) {"),
        (
            "    members (team, person) {",
            "    auth.tokens (team, person) {",
        ),
        (
            "    members (team, person) {",
            "    tokens (team, person) {",
        ),
        ("        email ->", "        emial ->"),
        (
            "        email ->",
            "        nickname -> Text,\n        email ->",
        ),
        (
            "        #[sql_name = \"type\"]\n        type_ -> Int2,\n",
            "",
        ),
        ("id -> Int8", "id -> Int4"),
        ("name -> Text", "name -> Nullable<Text>"),
        ("Nullable<Varchar>", "diesel::sql_types::VarChar"),
        ("Array<Nullable<Text>>", "Text"),
        ("Nullable<Mood>", "Nullable<Integer>"),
        ("    members (team, person) {", "    members (team) {"),
        ("    members (team, person) {", "    members {"),
        (
            "        name -> Text",
            "        // migrate:allow schema-differs nothing is wrong\n        name -> Text",
        ),
        (
            "        name -> Text",
            "        // migrate:allow schema-diffs why\n        name -> Text",
        ),
    ] {
        let file = GOOD.replacen(good, bad, 1);
        assert_ne!(file, GOOD, "{good}");
        text.push_str(&format!("{good} => {bad}\n\n"));
        text.push_str(&findings(Dialect::Postgres, USERS, &file));
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_cannot_be_understood_is_pointed_at() {
    let mut text = String::new();
    for (good, bad) in [
        ("name -> Text,", "name => Text,"),
        ("name -> Text,", "name -> ,"),
        ("name -> Text,", "\"name\" -> Text,"),
        (
            "    members (team, person) {",
            "    members (team person) {",
        ),
        ("    members (team, person) {", "    members (team, person)"),
        ("    members (team, person) {", "    1 (team, person) {"),
        ("#[sql_name = \"type\"]", "#[sql_name = type]"),
        ("diesel::joinable!(members", "diesel::joinable!(members\""),
        ("    pub struct Mood;\n}", "    pub struct Mood;"),
    ] {
        let file = GOOD.replacen(good, bad, 1);
        assert_ne!(file, GOOD, "{good}");
        text.push_str(&findings(Dialect::Postgres, USERS, &file));
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn sqlite_has_keys_of_its_own() {
    let up = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, Made TIMESTAMP NOT NULL);
        CREATE TABLE pairs (a TEXT, b TEXT);";
    let good = "diesel::table! { notes { id -> Nullable<Integer>, text -> Nullable<Text>, made -> Timestamp, } }
        diesel::table! { pairs (rowid) { rowid -> Integer, a -> Nullable<Text>, b -> Nullable<Text>, } }";
    for (printed, own) in [
        ("", ""),
        ("Nullable<Integer>", "Integer"),
        ("Nullable<Integer>", "BigInt"),
        ("made -> Timestamp", "made -> TimestamptzSqlite"),
        ("pairs (rowid) { rowid -> Integer,", "pairs (a, b) {"),
    ] {
        let file = good.replacen(printed, own, 1);
        assert_eq!(findings(Dialect::Sqlite, up, &file), "", "{own}");
    }
    for (printed, wrong) in [
        ("Nullable<Integer>", "Text"),
        ("made -> Timestamp", "made -> Text"),
        ("text -> Nullable<Text>", "text -> Text"),
        ("a -> Nullable<Text>", "a -> Nullable<Integer>"),
    ] {
        let found = findings(Dialect::Sqlite, up, &good.replacen(printed, wrong, 1));
        assert_eq!(
            found.matches("error[schema-differs]").count(),
            1,
            "{wrong}: {found}"
        );
    }
}

#[test]
fn what_the_model_does_not_know_is_never_an_error() {
    let known = "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);";
    let file = "diesel::table! { users { id -> Int8, name -> Int4, more -> Text, } }
        diesel::table! { others { id -> Int8, } }";
    let found = findings(Dialect::Postgres, known, file);
    assert_eq!(found.matches("error[schema-differs]").count(), 3, "{found}");
    let unknown =
        format!("{known}\nDO $$ BEGIN EXECUTE 'ALTER TABLE users ADD more text'; END $$;");
    assert_eq!(findings(Dialect::Postgres, &unknown, file), "");
    // What an extension or the database brings along need not be there.
    let search = format!("{known}\nALTER TABLE users ADD COLUMN words tsvector;");
    let without = "diesel::table! { users { id -> Int8, name -> Text, } }";
    assert_eq!(findings(Dialect::Postgres, &search, without), "");
    // A fault in a script is enough: what it makes is not known.
    let found = findings(
        Dialect::Postgres,
        &format!("{known}\nDROP TABLE nothing;"),
        file,
    );
    assert!(!found.contains("schema-differs"), "{found}");
}

#[test]
fn mysql_takes_its_own_forms() {
    let up = "CREATE TABLE users (id BIGINT UNSIGNED PRIMARY KEY, active TINYINT(1) NOT NULL, settings JSON, kind ENUM('a','b') NOT NULL);";
    let good = "diesel::table! { users { id -> Unsigned<Bigint>, active -> Bool, settings -> Nullable<Json>, kind -> UsersKindEnum, } }";
    assert_eq!(findings(Dialect::Mysql, up, good), "");
    assert_eq!(
        findings(Dialect::Mysql, up, &good.replace("UsersKindEnum", "Text")),
        ""
    );
    assert_eq!(
        findings(Dialect::Mysql, up, &good.replace("<Json>", "<Longtext>")),
        ""
    );
    for (printed, wrong) in [
        ("Unsigned<Bigint>", "Bigint"),
        ("Bool", "TinyInt"),
        ("Nullable<Json>", "Json"),
    ] {
        let found = findings(Dialect::Mysql, up, &good.replacen(printed, wrong, 1));
        assert_eq!(
            found.matches("error[schema-differs]").count(),
            1,
            "{wrong}: {found}"
        );
    }
}
