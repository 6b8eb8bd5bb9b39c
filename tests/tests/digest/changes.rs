//! Changes of values, type by type.

use migrate_tests::server::{self, Engine};

use super::{differences, each_is_seen, whole};

/// What a checksum of another kind would miss; on every database.
#[test]
fn what_an_xor_misses() {
    for server in server::all() {
        let database = server.database("digest");
        database.sql(
            "CREATE TABLE t (id INT, a VARCHAR(20), b VARCHAR(20));
             INSERT INTO t VALUES (1, 'x', 'y'), (2, 'p', 'q'), (3, NULL, 'n'), (4, '', 'e'),
             (5, 'k', 'k'), (5, 'k', 'k'), (6, 'ab', 'c'), (7, '12', '3'), (8, 'N', '1:N');
             CREATE TABLE other (a INT); INSERT INTO other VALUES (1)",
        );
        each_is_seen(
            &database,
            &[
                (
                    "two rows swap a value",
                    "UPDATE t SET b = 'q' WHERE id = 1; UPDATE t SET b = 'y' WHERE id = 2",
                    "UPDATE t SET b = 'y' WHERE id = 1; UPDATE t SET b = 'q' WHERE id = 2",
                ),
                (
                    "two columns swap a value",
                    "UPDATE t SET a = 'y', b = 'x' WHERE id = 1",
                    "UPDATE t SET a = 'x', b = 'y' WHERE id = 1",
                ),
                (
                    "a pair of equal rows for another pair",
                    "UPDATE t SET a = 'm', b = 'm' WHERE id = 5",
                    "UPDATE t SET a = 'k', b = 'k' WHERE id = 5",
                ),
                (
                    "a NULL moves to the next column",
                    "UPDATE t SET a = 'n', b = NULL WHERE id = 3",
                    "UPDATE t SET a = NULL, b = 'n' WHERE id = 3",
                ),
                (
                    "an empty text becomes NULL",
                    "UPDATE t SET a = NULL WHERE id = 4",
                    "UPDATE t SET a = '' WHERE id = 4",
                ),
                (
                    "a character crosses the border of columns",
                    "UPDATE t SET a = 'a', b = 'bc' WHERE id = 6",
                    "UPDATE t SET a = 'ab', b = 'c' WHERE id = 6",
                ),
                (
                    "a digit crosses the border of columns",
                    "UPDATE t SET a = '1', b = '23' WHERE id = 7",
                    "UPDATE t SET a = '12', b = '3' WHERE id = 7",
                ),
                (
                    "the mark of NULL as text",
                    "UPDATE t SET a = NULL WHERE id = 8",
                    "UPDATE t SET a = 'N' WHERE id = 8",
                ),
                (
                    "a trailing space",
                    "UPDATE t SET a = 'x ' WHERE id = 1",
                    "UPDATE t SET a = 'x' WHERE id = 1",
                ),
                (
                    "a case",
                    "UPDATE t SET a = 'X' WHERE id = 1",
                    "UPDATE t SET a = 'x' WHERE id = 1",
                ),
                (
                    "a row more",
                    "INSERT INTO t VALUES (9, NULL, NULL)",
                    "DELETE FROM t WHERE id = 9",
                ),
                (
                    "one of two equal rows changes its number",
                    "INSERT INTO t VALUES (10, 'z', 'z')",
                    "DELETE FROM t WHERE id = 10",
                ),
            ],
        );
    }
}

/// Neither the order of rows nor that of columns is content.
#[test]
fn the_order_is_no_content() {
    for server in server::all() {
        let (one, other) = (server.database("digest"), server.database("digest"));
        one.sql(
            "CREATE TABLE t (a INT, \"B\" VARCHAR(9), c INT)"
                .replace('"', quote(one.engine()))
                .as_str(),
        );
        one.sql("INSERT INTO t VALUES (1, 'x', 2), (3, 'y', NULL), (5, 'ü', 6)");
        other.sql(
            "CREATE TABLE t (c INT, \"B\" VARCHAR(9), a INT NOT NULL)"
                .replace('"', quote(one.engine()))
                .as_str(),
        );
        other.sql("INSERT INTO t VALUES (6, 'ü', 5), (2, 'x', 1), (NULL, 'y', 3)");
        let (one, other) = (whole(&one), whole(&other));
        assert_eq!(differences(&one, &other), Vec::<String>::new());
        assert_eq!(one.rows(), 3);
    }
}

fn quote(engine: Engine) -> &'static str {
    match engine {
        Engine::Mariadb => "`",
        Engine::Postgres | Engine::Sqlite => "\"",
    }
}

#[test]
fn postgres_types() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("digest");
    database.sql(
        "CREATE TYPE mood AS ENUM ('sad', 'happy');
         CREATE TYPE pair AS (a int, b text);
         CREATE DOMAIN code AS char(3);
         CREATE DOMAIN short_code AS code;
         CREATE TABLE t (id int, r real, d double precision, n numeric, ts timestamptz, tt timetz,
             dt date, iv interval, j json, jb jsonb, b bytea, m mood, ms mood[], p pair, c short_code,
             ia int[], u uuid, i inet, rg int4range, bi bit varying, x xml, cl regclass, nm name,
             ch \"char\", g int GENERATED ALWAYS AS (id * 2) STORED);
         INSERT INTO t (id, r, d, n, ts, tt, dt, iv, j, jb, b, m, ms, p, c, ia, u, i, rg, bi, x, cl,
             nm, ch)
         VALUES (1, 5592405.5, 0.0, 1.0, 'infinity', '04:05+00', '4713-01-01 BC', '1 day',
             '{\"a\":1}', '{\"a\": 1}', '\\x00ff', 'sad', '{sad}', '(1,x)', 'ab', '{1,NULL}',
             '00000000-0000-0000-0000-000000000001', '10.0.0.1', '[1,5)', '101', '<a/>', 'pg_class',
             'n', 'c');",
    );
    let set = |change: &'static str, back: &'static str| {
        (
            change,
            format!("UPDATE t SET {change}"),
            format!("UPDATE t SET {back}"),
        )
    };
    let changes = [
        set("id = 2", "id = 1"),
        set("r = 5592410", "r = 5592405.5"),
        set("d = '-0.0'", "d = 0.0"),
        set("d = 'NaN'", "d = 0.0"),
        set("d = 4.9e-324", "d = 0.0"),
        set("n = 1.00", "n = 1.0"),
        set("n = 'NaN'", "n = 1.0"),
        set("ts = '-infinity'", "ts = 'infinity'"),
        set("ts = '294276-12-31 23:59:59.999999+00'", "ts = 'infinity'"),
        set("tt = '05:05+01'", "tt = '04:05+00'"),
        set("dt = '4713-01-02 BC'", "dt = '4713-01-01 BC'"),
        set("iv = '24:00'", "iv = '1 day'"),
        set("j = '{\"a\": 1}'", "j = '{\"a\":1}'"),
        set("jb = '{\"a\": 1.0}'", "jb = '{\"a\": 1}'"),
        set("b = '\\x00fe'", "b = '\\x00ff'"),
        set("b = ''", "b = '\\x00ff'"),
        set("m = 'happy'", "m = 'sad'"),
        set("ms = '{sad,sad}'", "ms = '{sad}'"),
        set("p = '(1,y)'", "p = '(1,x)'"),
        set("c = 'abc'", "c = 'ab'"),
        set("ia = '{1,0}'", "ia = '{1,NULL}'"),
        set("u = NULL", "u = '00000000-0000-0000-0000-000000000001'"),
        set("i = '10.0.0.1/8'", "i = '10.0.0.1'"),
        set("rg = '[1,5]'", "rg = '[1,5)'"),
        set("bi = '1010'", "bi = '101'"),
        set("x = '<a></a>'", "x = '<a/>'"),
        set("cl = 'pg_type'", "cl = 'pg_class'"),
        set("nm = 'm'", "nm = 'n'"),
        set("ch = 'd'", "ch = 'c'"),
    ];
    let changes: Vec<(&str, &str, &str)> = changes
        .iter()
        .map(|(what, change, back)| (*what, change.as_str(), back.as_str()))
        .collect();
    each_is_seen(&database, &changes);
}

/// What has another number in another database has the same digest.
#[test]
fn postgres_numbers_of_types_are_no_content() {
    let Some(server) = server::postgres() else {
        return;
    };
    let make = "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN d AS int;
         CREATE TYPE span AS RANGE (subtype = int4);
         CREATE TABLE t (m mood, ms mood[], d d, ds d[], c regclass, s span, t text);
         INSERT INTO t VALUES ('sad', '{happy}', 1, '{2}', 't', '[1,3)', 'ü')";
    let (one, other) = (server.database("digest"), server.database("digest"));
    one.sql(make);
    other.sql("CREATE TABLE before_it (a int); CREATE TYPE other AS ENUM ('a', 'b')");
    other.sql(make);
    other.sql("DROP TABLE before_it");
    assert_eq!(
        differences(&whole(&one), &whole(&other)),
        Vec::<String>::new()
    );
}

#[test]
fn postgres_partitions_and_children_are_read_once() {
    let Some(server) = server::postgres() else {
        return;
    };
    let database = server.database("digest");
    database.sql(
        "CREATE TABLE t (a int) PARTITION BY LIST (a);
         CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1, 2);
         CREATE TABLE t2 PARTITION OF t FOR VALUES IN (3) PARTITION BY LIST (a);
         CREATE TABLE t3 PARTITION OF t2 FOR VALUES IN (3);
         INSERT INTO t VALUES (1), (2), (3);
         CREATE TABLE parent (a int); CREATE TABLE child () INHERITS (parent);
         INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2), (3);
         CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES;
         CREATE SCHEMA \"a.b\"; CREATE TABLE \"a.b\".c (a int)",
    );
    let digest = whole(&database);
    let rows: Vec<(&str, u64)> = digest
        .tables
        .iter()
        .map(|(name, table)| (name.as_str(), table.rows))
        .collect();
    assert_eq!(
        rows,
        [
            ("\"a.b\".c", 0),
            ("public.child", 2),
            ("public.nothing", 1),
            ("public.parent", 1),
            ("public.t", 3),
        ]
    );
}

#[test]
fn mariadb_types() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let database = server.database("digest");
    database.sql(
        "SET sql_mode = '', time_zone = '+00:00';
         CREATE TABLE t (id INT, f FLOAT, d DOUBLE, n DECIMAL(40,10), ts TIMESTAMP(6) NULL,
             dt DATETIME(6), da DATE, ti TIME(3), y YEAR, b VARBINARY(20), bl BLOB, lt LONGTEXT,
             e ENUM('a', 'b', ''), s SET('a', 'b'), j JSON, bi BIT(64), l1 VARCHAR(9) CHARSET latin1,
             u16 VARCHAR(9) CHARSET utf16, u8 VARCHAR(9) CHARSET utf8mb4, ch CHAR(9), g GEOMETRY,
             i6 INET6, uu UUID, un BIGINT UNSIGNED, v INT AS (id * 2) VIRTUAL, st INT AS (id * 3) STORED)
             CHARSET utf8mb4;
         INSERT INTO t (id, f, d, n, ts, dt, da, ti, y, b, bl, lt, e, s, j, bi, l1, u16, u8, ch, g, i6,
             uu, un)
         VALUES (1, 5592405.5, 0e0, 1, '2038-01-19 03:14:07.999999', '9999-12-31 23:59:59.999999',
             '0000-00-00', '-838:59:59.000', 2000, x'00ff', x'', REPEAT('x', 70000), 'a', 'a,b',
             '{\"a\":1}', ~0, 'é', 'é', '😀', 'c', POINT(1, 2), '::1',
             '00000000-0000-0000-0000-000000000001', ~0)",
    );
    let set = |change: &'static str, back: &'static str| {
        let update = |set| format!("SET sql_mode = '', time_zone = '+00:00'; UPDATE t SET {set}");
        (change, update(change), update(back))
    };
    let changes = [
        set("id = 2", "id = 1"),
        set("f = 5592410", "f = 5592405.5"),
        set("f = 0.1", "f = 5592405.5"),
        // The server itself makes 0 of -0.
        set("d = 5e-324", "d = 0e0"),
        set("n = 1.0000000001", "n = 1"),
        set(
            "ts = '2038-01-19 03:14:07.999998'",
            "ts = '2038-01-19 03:14:07.999999'",
        ),
        set(
            "dt = '9999-12-31 23:59:59.999998'",
            "dt = '9999-12-31 23:59:59.999999'",
        ),
        set("da = '0000-01-01'", "da = '0000-00-00'"),
        set("ti = '-838:59:58.999'", "ti = '-838:59:59.000'"),
        set("y = 1901", "y = 2000"),
        set("b = x'00ff00'", "b = x'00ff'"),
        set("bl = NULL", "bl = x''"),
        set(
            "lt = CONCAT(REPEAT('x', 69999), 'y')",
            "lt = REPEAT('x', 70000)",
        ),
        set("e = ''", "e = 'a'"),
        set("s = 'a'", "s = 'a,b'"),
        set("j = '{\"a\": 1}'", "j = '{\"a\":1}'"),
        set("bi = ~0 - 1", "bi = ~0"),
        set("l1 = 'è'", "l1 = 'é'"),
        set("u16 = 'è'", "u16 = 'é'"),
        set("u8 = '😁'", "u8 = '😀'"),
        set("ch = 'C'", "ch = 'c'"),
        set("g = POINT(2, 1)", "g = POINT(1, 2)"),
        set("i6 = '::2'", "i6 = '::1'"),
        set("i6 = NULL", "i6 = '::1'"),
        set("uu = NULL", "uu = '00000000-0000-0000-0000-000000000001'"),
        set("un = ~0 - 1", "un = ~0"),
    ];
    let changes: Vec<(&str, &str, &str)> = changes
        .iter()
        .map(|(what, change, back)| (*what, change.as_str(), back.as_str()))
        .collect();
    each_is_seen(&database, &changes);
}

/// A text has the same digest in whichever character set its column keeps it.
#[test]
fn mariadb_character_sets_are_no_content() {
    let Some(server) = server::mariadb() else {
        return;
    };
    let digests = ["latin1", "utf8mb4", "utf16", "utf8mb3"].map(|charset| {
        let database = server.database("digest");
        database.sql(&format!(
            "CREATE TABLE t (a VARCHAR(20) CHARSET {charset}, b LONGTEXT CHARSET {charset});
             INSERT INTO t VALUES ('é', REPEAT('ü', 70000))"
        ));
        whole(&database)
    });
    for digest in &digests {
        assert_eq!(differences(&digests[0], digest), Vec::<String>::new());
    }
}

#[test]
fn sqlite_types() {
    let Some(server) = server::sqlite() else {
        return;
    };
    let database = server.database("digest");
    database.sql(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a, g AS (a || 'x') VIRTUAL);
         INSERT INTO t (a) VALUES (1)",
    );
    let values = [
        "1",
        "1.0",
        "'1'",
        "x'31'",
        "NULL",
        "''",
        "x''",
        "'a' || char(0) || 'b'",
        "'a'",
        "CAST(x'ff' AS TEXT)",
        "x'ff'",
        "9223372036854775807",
        "9.2233720368547758e18",
        "1e308 * 10",
        "4.9e-324",
        "'😀'",
    ];
    let mut seen = std::collections::BTreeMap::new();
    for value in values {
        database.sql(&format!("UPDATE t SET a = {value}"));
        let sum = whole(&database).tables["t"].sum.clone();
        if let Some(other) = seen.insert(sum, value) {
            panic!("{value} has the digest of {other}");
        }
    }
}

#[test]
fn sqlite_virtual_tables_are_read_where_they_store() {
    let Some(server) = server::sqlite() else {
        return;
    };
    let database = server.database("digest");
    database.sql("CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('one two')");
    let before = whole(&database);
    assert!(before.not_read.contains_key("f"), "{:?}", before.not_read);
    database.sql("UPDATE f SET a = 'one three'");
    assert!(!differences(&before, &whole(&database)).is_empty());
}
