use std::path::Path;
use std::process::{Command, Output};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use rust_code::migrations::{self, MIGRATIONS, Version};

#[derive(QueryableByName, Debug, PartialEq)]
struct Name {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

fn names(conn: &mut SqliteConnection, name: &str) -> Vec<String> {
    let rows: Vec<Name> =
        diesel::sql_query(format!("SELECT {name} AS name FROM people ORDER BY id"))
            .load(conn)
            .unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

const OLD_NAMES: &str = "INSERT INTO people (name) VALUES
    ('Lovelace, Ada'), ('Grace Brewster Hopper'), ('Hypatia')";

#[test]
fn names_are_split_and_joined_again() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    migrations::create_people::up(&mut conn).unwrap();
    conn.batch_execute(OLD_NAMES).unwrap();

    MIGRATIONS.run(&mut conn).unwrap();
    let split = names(&mut conn, "given_name || '/' || family_name");
    assert_eq!(split, ["Ada/Lovelace", "Grace Brewster/Hopper", "Hypatia/"]);

    MIGRATIONS
        .revert_to(&mut conn, Version::CreatePeople)
        .unwrap();
    let joined = names(&mut conn, "name");
    assert_eq!(
        joined,
        ["Lovelace, Ada", "Hopper, Grace Brewster", ", Hypatia"]
    );
}

fn run(program: &str, file: &Path, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .env("DATABASE_URL", file)
        .output()
        .unwrap()
}

fn stdout(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_apps_own_command_runs_the_code() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("people.db");
    let migrate = |arguments: &[&str]| {
        stdout(run(
            env!("CARGO_BIN_EXE_rust-code-migrate"),
            &file,
            arguments,
        ))
    };
    migrate(&["up", "--count", "1"]);
    let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    conn.batch_execute(OLD_NAMES).unwrap();
    migrate(&["up"]);
    assert_eq!(names(&mut conn, "family_name"), ["Lovelace", "Hopper", ""]);

    let app = env!("CARGO_BIN_EXE_rust-code");
    assert_eq!(
        stdout(run(app, &file, &["Emmy", "Noether"])),
        "Hypatia \nGrace Brewster Hopper\nAda Lovelace\nEmmy Noether\n"
    );
    migrate(&["down", "--count", "3", "--yes"]);
    let left: Vec<Name> = diesel::sql_query("SELECT name FROM sqlite_master WHERE name = 'people'")
        .load(&mut conn)
        .unwrap();
    assert_eq!(left, []);
}
