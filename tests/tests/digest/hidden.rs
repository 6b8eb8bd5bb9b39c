//! What a user may not see is an error and never left out.

use migrate_ops::digest::{DigestError, Selection};
use migrate_tests::server;

use super::try_digest;

#[test]
fn rows_behind_row_security() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("digest");
    let user = format!("reader_{}", std::process::id());
    database.sql(&format!(
        "CREATE ROLE {user} LOGIN PASSWORD 'secret';
         CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2);
         ALTER TABLE t ENABLE ROW LEVEL SECURITY;
         CREATE POLICY first ON t USING (a = 1);
         GRANT SELECT ON t TO {user}"
    ));
    let reader = database.as_user(&user, "secret");
    assert_eq!(reader.sql("SELECT count(*) FROM t"), "1");
    let error = try_digest(&reader, &Selection::all()).unwrap_err();
    database.sql(&format!("DROP OWNED BY {user}; DROP ROLE {user}"));
    let DigestError::Table { table, source } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(table, "public.t");
    assert!(
        source.to_string().contains("row-level security"),
        "{source}"
    );
}

#[test]
fn a_table_without_rights() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("digest");
    let user = format!("stranger_{}", std::process::id());
    database.sql(&format!(
        "CREATE ROLE {user} LOGIN PASSWORD 'secret'; CREATE TABLE t (a int)"
    ));
    let error = try_digest(&database.as_user(&user, "secret"), &Selection::all()).unwrap_err();
    database.sql(&format!("DROP ROLE {user}"));
    assert_eq!(error.to_string(), "cannot read table public.t");
}

#[test]
fn tables_and_columns_that_mariadb_hides() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("digest");
    let user = format!("reader_{}", std::process::id());
    let name = database.name().to_owned();
    database.sql(&format!(
        "CREATE TABLE seen (a INT); CREATE TABLE half (a INT, b INT); CREATE TABLE hidden (a INT);
         CREATE USER {user}@'%' IDENTIFIED BY 'secret';
         GRANT SELECT ON `{name}`.seen TO {user}@'%';
         GRANT SELECT (a) ON `{name}`.half TO {user}@'%'"
    ));
    let reader = database.as_user(&user, "secret");
    let all = try_digest(&reader, &Selection::all());
    let seen = try_digest(&reader, &Selection::tables(["seen"]));
    let half = try_digest(&reader, &Selection::tables(["half"]));
    let hidden = try_digest(&reader, &Selection::tables(["hidden"]));
    database.sql(&format!("GRANT SELECT ON `{name}`.* TO {user}@'%'"));
    let granted = try_digest(&reader, &Selection::all());
    database.sql(&format!("DROP USER {user}@'%'"));
    assert!(matches!(all, Err(DigestError::Hidden)), "{all:?}");
    assert_eq!(seen.unwrap().tables.len(), 1);
    assert!(
        matches!(&half, Err(DigestError::Table { table, .. }) if table == "half"),
        "{half:?}"
    );
    assert!(
        matches!(hidden, Err(DigestError::NoTable { .. })),
        "{hidden:?}"
    );
    assert_eq!(granted.unwrap().tables.len(), 3);
}

#[test]
fn a_named_table_that_is_not_there() {
    for server in server::all() {
        let database = server.database("digest");
        database.sql("CREATE TABLE t (a INT)");
        let error = try_digest(&database, &Selection::tables(["t", "u"])).unwrap_err();
        assert_eq!(error.to_string(), "there is no table u");
    }
}

/// One row larger than a packet cannot be hashed in one piece, and is not left out of the sum.
#[test]
fn a_row_larger_than_a_packet() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("digest");
    let limit: usize = database.sql("SELECT @@max_allowed_packet").parse().unwrap();
    // Each of these may be 65,535 bytes; long types go in as hashes of their own.
    let count = limit / 60_000 + 2;
    let columns: Vec<String> = (0..count).map(|n| format!("c{n} BLOB")).collect();
    let names: Vec<String> = (0..count)
        .map(|n| format!("c{n} = REPEAT('x', 60000)"))
        .collect();
    database.sql(&format!(
        "CREATE TABLE t (id INT, {}) ENGINE=MyISAM; INSERT INTO t (id) VALUES (1), (2)",
        columns.join(", ")
    ));
    assert_eq!(super::whole(&database).rows(), 2);
    database.sql(&format!("UPDATE t SET {} WHERE id = 1", names.join(", ")));
    let error = try_digest(&database, &Selection::all()).unwrap_err();
    assert!(
        matches!(error, DigestError::RowTooLarge { .. }),
        "{error:?}"
    );
}
