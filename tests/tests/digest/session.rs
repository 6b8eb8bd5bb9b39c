//! The session's settings change nothing, and are afterwards what they were.

use diesel::connection::{Connection, LoadConnection, SimpleConnection};
use diesel::mysql::Mysql;
use diesel::pg::Pg;
use migrate_ops::connect::{DatabaseUrl, Engine as Connects, Open, runtime};
use migrate_ops::digest::{Selection, compare, digest};
use migrate_tests::server;

/// Digests under two sets of settings, in and outside a transaction; returns what `show` says before
/// and after.
fn under<DB: Connects>(url: &str, settings: &str, show: &str) {
    let runtime = runtime().unwrap();
    let url = DatabaseUrl::parse(url).unwrap();
    let mut conn = DB::connect(&url, Open::Existing, &runtime)
        .unwrap()
        .connection;
    let plain = digest::<DB, _>(&mut conn, &Selection::all()).unwrap();
    conn.batch_execute(settings).unwrap();
    let before = shown::<DB, _>(&mut conn, show);
    let odd = digest::<DB, _>(&mut conn, &Selection::all()).unwrap();
    assert_eq!(compare(&plain, &odd), []);
    assert_eq!(shown::<DB, _>(&mut conn, show), before);
    conn.test_transaction::<_, diesel::result::Error, _>(|conn| {
        let inside = digest::<DB, _>(conn, &Selection::all()).unwrap();
        assert_eq!(compare(&plain, &inside), []);
        assert_eq!(shown::<DB, _>(conn, show), before);
        // What the transaction itself wrote is seen, and it may go on writing.
        conn.batch_execute("INSERT INTO t (f) VALUES (2)")?;
        let written = digest::<DB, _>(conn, &Selection::all()).unwrap();
        assert_eq!(compare(&plain, &written).len(), 1);
        Ok(())
    });
    // One that fails puts them back too.
    digest::<DB, _>(&mut conn, &Selection::tables(["nowhere"])).unwrap_err();
    assert_eq!(shown::<DB, _>(&mut conn, show), before);
}

fn shown<DB: Connects, C: LoadConnection<Backend = DB>>(
    conn: &mut C,
    show: &str,
) -> Vec<migrate_runtime::Row> {
    DB::rows(conn, show).unwrap()
}

#[test]
fn postgres() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("digest");
    database.sql(
        "CREATE TYPE pair AS (d date, f float8, t timestamptz, b bytea, m money, i interval);
         CREATE TABLE t (f float4, d date, t timestamptz, i interval, p pair);
         INSERT INTO t VALUES (0.1, '2026-02-01', now(), '1 day 2 hours',
             ('2026-02-01', 0.1, now(), 'x', 12.5, '1 day'))",
    );
    under::<Pg>(
        database.url(),
        "SET TimeZone TO 'Asia/Kolkata'; SET DateStyle TO 'SQL, DMY'; SET extra_float_digits TO -10;
         SET IntervalStyle TO 'iso_8601'; SET bytea_output TO 'escape'; SET search_path TO nowhere, public",
        "SELECT name::text, setting FROM pg_settings WHERE name IN ('TimeZone', 'DateStyle',
         'extra_float_digits', 'IntervalStyle', 'bytea_output', 'search_path', 'row_security',
         'transaction_isolation', 'transaction_read_only', 'lc_monetary') ORDER BY 1",
    );
}

#[test]
fn mariadb() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("digest");
    database.sql(
        "CREATE TABLE t (f FLOAT, d DATETIME, t TIMESTAMP, c CHAR(9));
         INSERT INTO t VALUES (0.1, '2026-02-01 00:00:00', NOW(), 'x')",
    );
    under::<Mysql>(
        database.url(),
        "SET time_zone = '+05:30', sql_mode = 'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES',
         NAMES latin1",
        "SELECT CAST(CONCAT_WS('/', @@time_zone, @@sql_mode, @@character_set_client,
         @@character_set_results, @@character_set_connection, @@collation_connection, @@lc_messages,
         @@tx_isolation, @@tx_read_only) AS CHAR)",
    );
}
