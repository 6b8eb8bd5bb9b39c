//! The schema that the migrations make.

use insta::assert_snapshot;

use super::command::Project;

#[test]
fn as_diesel_has_it() {
    let project = Project::bookshop();
    project.migration(
        "3_reviews",
        "CREATE TABLE reviews (id INTEGER PRIMARY KEY, book INTEGER NOT NULL REFERENCES books, \"type\" TEXT, place geometry);\n\
         CREATE TABLE loans (book INTEGER NOT NULL REFERENCES books, due DATE);",
        "DROP TABLE loans; DROP TABLE reviews;",
    );
    let text = project.transcript(&["schema --diesel", "schema", "schema --diesel --format json"]);
    assert_snapshot!(text);
}

/// A schema with something of every kind.
fn everything() -> Project {
    let project = Project::for_dialect("postgres");
    project.migration(
        "1_everything",
        "CREATE SCHEMA auth;
         CREATE EXTENSION citext;
         CREATE TYPE mood AS ENUM ('sad', 'happy');
         CREATE TYPE pair AS (a int, b text);
         CREATE DOMAIN email AS text NOT NULL DEFAULT '' CHECK (value <> 'x');
         CREATE SEQUENCE numbers AS int;
         CREATE TABLE auth.users (
             id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
             \"2fa key\" varchar(10) UNIQUE,
             pk numeric(10,2) NOT NULL DEFAULT 0 CHECK (pk > 0),
             feels mood,
             twice numeric GENERATED ALWAYS AS (pk * 2) STORED
         );
         CREATE TABLE profiles (
             user_id bigint PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE,
             boss bigint REFERENCES auth.users NOT NULL,
             other bigint UNIQUE REFERENCES auth.users,
             \"say \"\"hi\"\" 100%\" text
         );
         CREATE TABLE \"end\" (a bigint, b bigint, PRIMARY KEY (a, b));
         CREATE TABLE lines (a bigint, b bigint, n int, PRIMARY KEY (a, b, n), FOREIGN KEY (a, b) REFERENCES \"end\");
         CREATE UNIQUE INDEX profiles_lower ON profiles (lower(\"say \"\"hi\"\" 100%\") DESC) WHERE boss > 1;
         CREATE VIEW names AS SELECT user_id FROM profiles;
         CREATE FUNCTION one(int) RETURNS int LANGUAGE sql AS 'SELECT 1';",
        "",
    );
    project
}

#[test]
fn as_json_has_it() {
    let project = everything();
    let printed = project.done("schema --json").stdout;
    let schema: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
    let answer = project.done("schema --json --format json").stdout;
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["schema"], schema);
    assert!(answer.get("text").is_none());
    assert_snapshot!(printed);
}

#[test]
fn what_is_not_known_is_not_certain() {
    let project = everything();
    project.migration(
        "2_unknown",
        "DO $$ BEGIN EXECUTE 'DROP TABLE profiles'; END $$; CREATE TABLE later (id int);",
        "",
    );
    let printed = project.done("schema --json").stdout;
    let schema: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(schema["complete"], false);
    let tables = schema["tables"].as_array().expect("tables");
    let certain: Vec<_> = tables
        .iter()
        .filter(|table| table["certain"] == true)
        .map(|table| table["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(certain, ["later"]);
}

#[test]
fn as_mermaid_draws_it() {
    assert_snapshot!(everything().done("schema --mermaid").stdout);
}
