//! Names and sizes that are unusual and nothing more: they work.

use std::fmt::Write as _;

use diesel::connection::LoadConnection;
use diesel::sqlite::Sqlite;
use diesel::{Connection as _, SqliteConnection};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection};
use migrate_core::Dialect;
use migrate_core::plan::{DownTarget, UpTarget};
use migrate_runtime::{Database as Backend, Migrator};
use migrate_tests::server::{self, Database, Server};

use crate::outcome::told;
use crate::project::{Project, fingerprint};

const NAMES: [&str; 20] = [
    "two words",
    " a space first",
    "it's",
    "\"quoted\"",
    "`ticked`",
    "back\\slash\\",
    "größe ✓ 日本語 🦀",
    "e\u{301}",
    "100%_done",
    "'); DROP TABLE t1; --",
    "/* -- */",
    "$1 $$ $tag$ ?",
    "{} {0} {{",
    "NULL",
    "#hash & <b>",
    "line\nbreak\ttab",
    "\u{1b}[31mred\u{7}",
    "\u{202e}sdrawkcab",
    "_",
    "0123",
];

fn names_go_there_and_back<DB, C>(
    server: Option<Server>,
    dialect: Dialect,
    connect: impl Fn(&Database) -> C,
) where
    DB: Backend,
    C: LoadConnection<Backend = DB>,
{
    let Some(server) = server else { return };
    let project = Project::new();
    // A slash cannot be part of a name.
    let names = NAMES.map(|name| name.replace('/', "∕"));
    let long = "ü".repeat(100);
    let names: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .chain([long.as_str()])
        .collect();
    for (index, name) in names.iter().enumerate() {
        let number = index + 1;
        project
            .file(
                format!("{number}_{name}/up.sql"),
                format!("CREATE TABLE t{number} (id int);\n"),
            )
            .file(
                format!("{number}_{name}/down.sql"),
                format!("DROP TABLE t{number};\n"),
            );
    }
    let before = fingerprint(project.root());
    let loaded = project.load(dialect).unwrap();
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);

    let database = server.database("hostile names");
    let mut conn = connect(&database);
    let mut migrator = Migrator::<DB>::new(&loaded.set);
    let up = migrator.up(&mut conn, &UpTarget::Latest).unwrap();
    assert_eq!(up.steps.len(), names.len());
    let hex = match dialect {
        Dialect::Postgres => "encode(convert_to(name, 'UTF8'), 'hex')",
        _ => "lower(hex(name))",
    };
    let recorded = database.sql(&format!(
        "SELECT {hex} FROM _migrate_history ORDER BY sequence"
    ));
    let wanted = names.iter().map(|name| {
        name.bytes().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
    });
    assert_eq!(
        recorded.lines().collect::<Vec<_>>(),
        wanted.collect::<Vec<_>>()
    );
    assert!(migrator.status(&mut conn).unwrap().is_up_to_date());
    assert_eq!(
        told(&migrator.up(&mut conn, &UpTarget::Latest)),
        "nothing to do\n"
    );
    let down = migrator.down(&mut conn, &DownTarget::All).unwrap();
    assert_eq!(down.steps.len(), names.len());
    assert_eq!(database.sql("SELECT count(*) FROM _migrate_history"), "0");
    assert_eq!(fingerprint(project.root()), before);
}

#[test]
fn names_on_postgres() {
    names_go_there_and_back(server::postgres(), Dialect::Postgres, |database| {
        AsyncConnectionWrapper::<AsyncPgConnection>::establish(database.url()).unwrap()
    });
}

#[test]
fn names_on_mariadb() {
    names_go_there_and_back(server::mariadb(), Dialect::Mysql, |database| {
        AsyncConnectionWrapper::<AsyncMysqlConnection>::establish(database.url()).unwrap()
    });
}

#[test]
fn names_on_sqlite() {
    names_go_there_and_back(server::sqlite(), Dialect::Sqlite, |database| {
        SqliteConnection::establish(database.name()).unwrap()
    });
}

/// Below the 64 MiB that are refused.
const HUGE: usize = 50_000_000;

#[test]
fn fifty_megabytes() {
    let project = Project::new();
    let row = format!(
        "INSERT INTO t VALUES ('{}');\n",
        "it''s; -- ä ".repeat(8_000)
    );
    let rows = HUGE / row.len();
    let script = format!("CREATE TABLE t (text TEXT);\n{}", row.repeat(rows));
    project
        .file("1_bulk.sql", &script)
        .file("2_after.sql", "DELETE FROM t WHERE text = '';\n");
    let loaded = project.load(Dialect::Sqlite).unwrap();
    assert!(loaded.diagnostics.is_empty());
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let mut migrator = Migrator::<Sqlite>::new(&loaded.set);
    let report = migrator.up(&mut conn, &UpTarget::Latest).unwrap();
    assert_eq!(report.steps[0].statements, rows + 1);

    // One quote less in it, and everything after that quote is turned inside out.
    project.file("1_bulk.sql", script.trim_end().trim_end_matches("');"));
    let text = project.findings(Dialect::Sqlite);
    let expected = format!(
        "error[unterminated]: unterminated string\n   --> migrations/1_bulk.sql:{}:23\n",
        rows + 1
    );
    assert!(text.starts_with(&expected), "{}", &text[..500]);
}
