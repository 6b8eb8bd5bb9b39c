use std::process::Command;

use migrate_tests::server::{self, Server};

fn three_databases(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_three-databases"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    match output.status.success() {
        true => Ok(text(output.stdout)),
        false => Err(text(output.stderr)),
    }
}

fn visits_are_counted(server: Option<Server>) {
    let Some(server) = server else { return };
    let database = server.database("three databases");
    let visit = |visitor| three_databases(&[database.url(), visitor]).unwrap();
    assert_eq!(
        visit("Ada"),
        "applied 0001 create_visits\napplied 0002 index_visitors\nvisits of Ada: 1\n"
    );
    assert_eq!(visit("Grace"), "visits of Grace: 1\n");
    assert_eq!(visit("Ada"), "visits of Ada: 2\n");
}

#[test]
fn on_sqlite() {
    visits_are_counted(server::sqlite());
}

#[test]
fn on_postgres() {
    visits_are_counted(server::postgres());
}

#[test]
fn on_mariadb() {
    visits_are_counted(server::mariadb());
}

#[test]
fn an_unknown_database_is_an_error() {
    let error = three_databases(&["oracle://here", "Ada"]).unwrap_err();
    assert!(error.contains("the URL begins with"), "{error}");
}
