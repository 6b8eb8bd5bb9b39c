//! SQLite's grammar: here the model is a database in memory, and what is compared is the way to it.

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use migrate_core::Dialect;
use migrate_ops::introspect::{self, Options};
use migrate_sql::schema::Schema;

use crate::{compare, emitted};

const SCRIPTS: &[&str] = &[
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL DEFAULT 'x', b, c VARCHAR(20) COLLATE NOCASE, d INT UNIQUE);",
    "CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b), UNIQUE (b), CHECK (a > 0)) WITHOUT ROWID; CREATE TABLE u (a INT PRIMARY KEY) STRICT;",
    "CREATE TABLE t (a INT, b INT AS (a * 2), c INT GENERATED ALWAYS AS (a + 1) STORED, CHECK (a < 5), CONSTRAINT named CHECK (a > 0));",
    "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INT REFERENCES p ON DELETE CASCADE, q INT, FOREIGN KEY (q) REFERENCES p (id) ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED);",
    "CREATE TABLE t (a INT, b TEXT); CREATE INDEX i ON t (a DESC, b COLLATE NOCASE); CREATE UNIQUE INDEX u ON t (lower(b)) WHERE a > 0; DROP INDEX i;",
    "CREATE TABLE t (a INT, b INT); CREATE INDEX i ON t (b); ALTER TABLE t ADD COLUMN c TEXT DEFAULT 'x'; ALTER TABLE t RENAME COLUMN b TO d; ALTER TABLE t DROP COLUMN a; ALTER TABLE t RENAME TO u;",
    "CREATE TABLE t (a INT); CREATE VIEW v AS SELECT a + 1 AS b FROM t; CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM t WHERE a = NEW.a; END; CREATE TRIGGER y INSTEAD OF INSERT ON v BEGIN SELECT 1; END;",
    "CREATE TABLE t (a INT); CREATE TABLE n (a INT NOT NULL); INSERT INTO n SELECT a FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t; CREATE TABLE q AS SELECT a, 1 AS b FROM t; CREATE TEMP TABLE z (a);",
    "CREATE TABLE [it's] (\"a b\" INT, `c` INT); CREATE INDEX \"o'clock\" ON [it's] (\"a b\");",
    "CREATE VIRTUAL TABLE f USING fts5 (a, b); CREATE TABLE t (a INT);",
];

#[test]
fn scripts() {
    compare::all(SCRIPTS, Dialect::Sqlite, live);
}

#[test]
fn emitted() {
    emitted::all(SCRIPTS, &[], Dialect::Sqlite, &mut live);
}

fn live(script: &str) -> Result<Schema, String> {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute(script)
        .map_err(|error| error.to_string())?;
    introspect::sqlite::read(&mut conn, &Options::default())
        .map_err(|error| format!("{error}: {}", error.source))
}
