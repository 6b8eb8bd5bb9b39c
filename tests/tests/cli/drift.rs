//! `migrate drift`.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::command::Project;

#[test]
fn what_somebody_did_by_hand() {
    let project = Project::bookshop();
    project.done("up");
    let path = project.join("app.db").display().to_string();
    let mut conn = SqliteConnection::establish(&path).unwrap();
    conn.batch_execute(
        "DROP TABLE authors; ALTER TABLE books ADD COLUMN title TEXT; CREATE TABLE more (a INT);",
    )
    .unwrap();
    let ran = project.run("drift");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "table `authors` is missing\n\
         column `title` of `books` should not be there\n\
         table `more` should not be there\n"
    );
    let json: serde_json::Value =
        serde_json::from_str(&project.run("drift --format json").stdout).unwrap();
    assert_eq!(json["differences"].as_array().unwrap().len(), 3);
    assert_eq!(json["differences"][0]["what"], "missing");
    assert_eq!(json["differences"][0]["subject"], "table `authors`");
}

#[test]
fn what_is_pending_is_not_expected() {
    let project = Project::bookshop();
    project.done("up --count 1");
    project.done("drift");
}
