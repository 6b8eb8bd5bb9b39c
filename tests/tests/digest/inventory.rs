//! What a database has besides rows.

use diesel::mysql::Mysql;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use migrate_ops::connect::{DatabaseUrl, Engine as Connects, Open, runtime};
use migrate_ops::digest::{Inventory, compare_inventories, inventory};
use migrate_tests::server::{self, Database, Engine};

fn read<DB: Connects>(url: &str) -> Inventory {
    let runtime = runtime().unwrap();
    let url = DatabaseUrl::parse(url).unwrap();
    let mut conn = DB::connect(&url, Open::Existing, &runtime)
        .unwrap()
        .connection;
    inventory::<DB, _>(&mut conn).unwrap()
}

fn of(database: &Database) -> Inventory {
    match database.engine() {
        Engine::Postgres => read::<Pg>(database.url()),
        Engine::Mariadb => read::<Mysql>(database.url()),
        Engine::Sqlite => read::<Sqlite>(database.url()),
    }
}

/// Each change, made on a database of its own, is the only difference.
fn each_is_seen(server: &server::Server, make: &str, changes: &[(&str, &[&str])]) {
    let clean = server.database("inventory");
    clean.sql(make);
    let before = of(&clean);
    assert_eq!(compare_inventories(&before, &of(&clean)), []);
    for (change, expected) in changes {
        let database = server.database("inventory");
        database.sql(make);
        assert_eq!(compare_inventories(&before, &of(&database)), []);
        database.sql(change);
        let found: Vec<String> = compare_inventories(&before, &of(&database))
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, *expected, "{}: {change}", server.engine());
    }
}

#[test]
fn postgres() {
    let Some(server) = server::postgres() else {
        return;
    };
    let make = "CREATE TABLE t (id serial PRIMARY KEY, a int CHECK (a > 0));
         CREATE VIEW v AS SELECT id FROM t; CREATE MATERIALIZED VIEW m AS SELECT 1 AS x;
         CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
         CREATE TYPE e AS ENUM ('a'); CREATE POLICY p ON t USING (true);
         CREATE SEQUENCE s; SELECT setval('s', 10); CREATE INDEX i ON t (a)";
    each_is_seen(
        &server,
        make,
        &[
            (
                "DROP FUNCTION f(int)",
                &[
                    "grant public.f(integer) EXECUTE migrate is missing",
                    "grant public.f(integer) EXECUTE public is missing",
                    "owner public.f(integer) is missing",
                    "routine public.f(integer) is missing",
                ],
            ),
            (
                "CREATE OR REPLACE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 2'",
                &["routine public.f(integer) is defined otherwise"],
            ),
            (
                "CREATE OR REPLACE VIEW v AS SELECT id + 0 AS id FROM t",
                &["view public.v is defined otherwise"],
            ),
            (
                "ALTER TABLE t DISABLE TRIGGER tr",
                &["trigger public.t.tr is defined otherwise"],
            ),
            ("DROP TRIGGER tr ON t", &["trigger public.t.tr is missing"]),
            ("DROP POLICY p ON t", &["policy public.t.p is missing"]),
            (
                "ALTER TYPE e ADD VALUE 'b'",
                &["type public.e is defined otherwise"],
            ),
            ("DROP INDEX i", &["index public.i is missing"]),
            (
                "ALTER TABLE t ALTER a SET DEFAULT 1",
                &["column public.t.a is defined otherwise"],
            ),
            (
                "ALTER TABLE t DROP CONSTRAINT t_a_check",
                &["constraint public.t.t_a_check is missing"],
            ),
            (
                "GRANT SELECT ON t TO public",
                &["grant public.t SELECT public is new"],
            ),
            (
                "SELECT setval('s', 9)",
                &["sequence public.s is at 9, behind 10"],
            ),
            ("SELECT setval('s', 11)", &[]),
        ],
    );
}

#[test]
fn mariadb() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let make = "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT);
         INSERT INTO t (a) VALUES (1), (2); CREATE VIEW v AS SELECT id FROM t;
         CREATE PROCEDURE p(x INT) SELECT x; CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;
         CREATE EVENT e ON SCHEDULE AT '2037-01-01' DISABLE DO SELECT 1;
         CREATE SEQUENCE s; SELECT SETVAL(s, 10)";
    each_is_seen(
        &server,
        make,
        &[
            (
                "DROP PROCEDURE p",
                &[
                    "parameter PROCEDURE p 1 is missing",
                    "routine PROCEDURE p is missing",
                ],
            ),
            (
                "CREATE OR REPLACE PROCEDURE p(x INT) SELECT x + 1",
                &["routine PROCEDURE p is defined otherwise"],
            ),
            (
                "CREATE OR REPLACE VIEW v AS SELECT id + 0 AS id FROM t",
                &[
                    "column v.id is defined otherwise",
                    "view v is defined otherwise",
                ],
            ),
            ("DROP TRIGGER tr", &["trigger tr is missing"]),
            ("DROP EVENT e", &["event e is missing"]),
            (
                "ALTER TABLE t MODIFY a INT DEFAULT 1",
                &["column t.a is defined otherwise"],
            ),
            ("CREATE INDEX i ON t (a)", &["index t.i 1 is new"]),
            ("TRUNCATE TABLE t", &["sequence t is at 1, behind 3"]),
            ("SELECT SETVAL(s, 5000)", &[]),
        ],
    );
}

#[test]
fn sqlite() {
    let Some(server) = server::sqlite() else {
        return;
    };
    let make = "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a);
         INSERT INTO t (a) VALUES (1), (2); CREATE VIEW v AS SELECT id FROM t;
         CREATE INDEX i ON t (a); CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END";
    each_is_seen(
        &server,
        make,
        &[
            ("DROP VIEW v", &["view v is missing"]),
            ("DROP TRIGGER tr", &["trigger tr is missing"]),
            (
                "DROP INDEX i; CREATE INDEX i ON t (a DESC)",
                &["index i is defined otherwise"],
            ),
            (
                "UPDATE sqlite_sequence SET seq = 1",
                &["sequence t is at 1, behind 2"],
            ),
        ],
    );
}
