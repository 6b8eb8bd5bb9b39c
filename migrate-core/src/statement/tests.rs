//! A table of statements a dialect; the recovery in short: `record`, `session`, `repeat`,
//! `unknown`, or the change in the catalogue.

use super::*;
use crate::split;
use Dialect::{Mysql, Postgres, Sqlite};

fn recovery(recovery: &Recovery) -> String {
    match recovery {
        Recovery::WithRecord => "record".into(),
        Recovery::Session => "session".into(),
        Recovery::Repeat => "repeat".into(),
        Recovery::Unknown => "unknown".into(),
        Recovery::Catalogue(change) => {
            let names: Vec<String> = change.names.iter().map(ToString::to_string).collect();
            let mut text = format!("{:?} {:?} {}", change.verb, change.object, names.join(","));
            if let Some(on) = &change.on {
                text += &format!(" on {on}");
            }
            if change.if_exists_clause {
                text += " if";
            }
            if change.concurrently {
                text += " concurrently";
            }
            text
        }
    }
}

#[track_caller]
fn check(dialect: Dialect, cases: &[(&str, Kind, &str)]) {
    for (sql, kind, expected) in cases {
        let found = classify(sql, dialect);
        assert_eq!(found.kind, *kind, "{sql}");
        assert_eq!(recovery(&found.recovery), *expected, "{sql}");
    }
}

use Kind::*;

#[test]
fn mysql_kinds_and_recoveries() {
    check(
        Mysql,
        &[
            ("SELECT 1", Query, "record"),
            ("(SELECT 1) UNION (SELECT 2)", Query, "record"),
            ("SELECT 1 INTO OUTFILE '/x'", Query, "unknown"),
            ("/*!40101 SET NAMES utf8 */", Session, "session"),
            ("-- x\n/* y */ UPDATE a SET b = 1", Dml, "record"),
            ("WITH x AS (SELECT 1) SELECT * FROM x", Query, "record"),
            ("WITH x AS (SELECT 1) DELETE FROM a", Dml, "record"),
            ("LOAD DATA INFILE 'x' INTO TABLE a", Dml, "record"),
            ("BEGIN", TransactionControl, "unknown"),
            ("BEGIN NOT ATOMIC a; END", Call, "unknown"),
            ("START TRANSACTION", TransactionControl, "unknown"),
            ("START SLAVE", Other, "unknown"),
            ("XA START 'x'", TransactionControl, "unknown"),
            ("LOCK TABLES a WRITE", TransactionControl, "unknown"),
            ("UNLOCK TABLES", TransactionControl, "unknown"),
            ("SET autocommit = 0", TransactionControl, "unknown"),
            (
                "SET @@session.autocommit = 0",
                TransactionControl,
                "unknown",
            ),
            (
                "SET a = 1, SESSION autocommit = 0",
                TransactionControl,
                "unknown",
            ),
            ("SET @autocommit_saved = 1", Session, "session"),
            ("SET FOREIGN_KEY_CHECKS = 0", Session, "session"),
            (
                "SET sql_mode = CONCAT(@@sql_mode, ',X')",
                Session,
                "session",
            ),
            ("SET @x = (SELECT max(id) FROM a)", Session, "record"),
            ("SET GLOBAL max_connections = 5", Maintenance, "repeat"),
            ("SET @@global.x = 5", Maintenance, "repeat"),
            ("SET GLOBAL x = 5, y = 6", Session, "session"),
            ("SET PASSWORD = 'x'", Ddl, "repeat"),
            (
                "SET STATEMENT max_statement_time = 60 FOR DROP TABLE a",
                Ddl,
                "Drop Table a",
            ),
            ("USE other", Session, "session"),
            ("CALL p()", Call, "unknown"),
            ("DO SLEEP(1)", Call, "unknown"),
            ("EXECUTE s", Call, "unknown"),
            ("PREPARE s FROM @x", Session, "session"),
            ("OPTIMIZE TABLE a", Maintenance, "repeat"),
            ("ANALYZE LOCAL TABLE a", Maintenance, "repeat"),
            ("ANALYZE UPDATE a SET b = 1", Query, "record"),
            ("FLUSH TABLES", Maintenance, "repeat"),
            ("FLUSH TABLES WITH READ LOCK", Other, "unknown"),
            ("GRANT SELECT ON a TO b", Ddl, "repeat"),
            ("REVOKE SELECT ON a FROM b", Ddl, "unknown"),
            ("CREATE USER a", Ddl, "unknown"),
            ("CREATE USER IF NOT EXISTS a", Ddl, "repeat"),
            ("DROP USER IF EXISTS a", Ddl, "repeat"),
            ("ALTER USER a IDENTIFIED BY 'x'", Ddl, "repeat"),
            (
                "ALTER USER a IDENTIFIED BY 'x' RETAIN CURRENT PASSWORD",
                Ddl,
                "unknown",
            ),
            ("TRUNCATE TABLE a", Ddl, "unknown"),
            ("RENAME USER a TO b", Ddl, "unknown"),
            ("INSTALL PLUGIN a SONAME 'b'", Other, "unknown"),
            ("", Other, "unknown"),
        ],
    );
}

#[test]
fn mysql_catalogue() {
    check(
        Mysql,
        &[
            ("CREATE TABLE `a``b`.C (d int)", Ddl, "Create Table a`b.C"),
            (
                "CREATE TABLE IF NOT EXISTS a LIKE b",
                Ddl,
                "Create Table a if",
            ),
            (
                "CREATE OR REPLACE TABLE a (b int) PARTITION BY RANGE (b) (PARTITION p VALUES LESS THAN (1))",
                Ddl,
                "Create Table a",
            ),
            ("CREATE TABLE a SELECT 1", Ddl, "unknown"),
            ("CREATE TABLE a (b int) AS (SELECT 1)", Ddl, "unknown"),
            ("CREATE TABLE a (SELECT 1)", Ddl, "unknown"),
            ("CREATE TABLE a AS VALUES ROW(1)", Ddl, "unknown"),
            ("CREATE TABLE a TABLE b", Ddl, "unknown"),
            ("CREATE TEMPORARY TABLE a (b int)", Ddl, "unknown"),
            (
                "CREATE UNIQUE INDEX i ON s.t (a)",
                Ddl,
                "Create Index i on s.t",
            ),
            (
                "CREATE OR REPLACE INDEX IF NOT EXISTS i USING BTREE ON t (a)",
                Ddl,
                "Create Index i on t if",
            ),
            ("DROP INDEX `PRIMARY` ON t", Ddl, "Drop Index PRIMARY on t"),
            (
                "CREATE OR REPLACE ALGORITHM = MERGE DEFINER = `a`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1",
                Ddl,
                "Create View v",
            ),
            (
                "ALTER DEFINER = CURRENT_USER() VIEW v AS SELECT 1",
                Ddl,
                "Alter View v",
            ),
            ("DROP VIEW IF EXISTS v, w", Ddl, "Drop View v,w if"),
            (
                "CREATE DEFINER = a@localhost TRIGGER t BEFORE INSERT ON u FOR EACH ROW SET NEW.a = 1",
                Ddl,
                "Create Trigger t on u",
            ),
            (
                "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER t AFTER UPDATE ON u FOR EACH ROW BEGIN END */",
                Ddl,
                "Create Trigger t on u",
            ),
            (
                "CREATE PROCEDURE p() BEGIN COMMIT; END",
                Ddl,
                "Create Procedure p",
            ),
            (
                "CREATE FUNCTION f() RETURNS INT RETURN 1",
                Ddl,
                "Create Function f",
            ),
            (
                "CREATE AGGREGATE FUNCTION f RETURNS INT SONAME 'x'",
                Ddl,
                "unknown",
            ),
            (
                "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
                Ddl,
                "Create Event e",
            ),
            (
                "CREATE EVENT e ON SCHEDULE AT NOW() DO SELECT 1",
                Ddl,
                "unknown",
            ),
            ("DROP PROCEDURE IF EXISTS p", Ddl, "Drop Procedure p if"),
            ("CREATE SEQUENCE s START 1", Ddl, "Create Sequence s"),
            ("ALTER SEQUENCE s RESTART", Ddl, "unknown"),
            ("CREATE SCHEMA s", Ddl, "Create Database s"),
            (
                "ALTER DATABASE s CHARACTER SET utf8mb4",
                Ddl,
                "Alter Database s",
            ),
            ("ALTER DATABASE CHARACTER SET utf8mb4", Ddl, "repeat"),
            ("DROP DATABASE IF EXISTS s", Ddl, "Drop Database s if"),
            ("DROP TABLE a, b.c CASCADE", Ddl, "Drop Table a,b.c"),
            ("DROP TEMPORARY TABLE a", Ddl, "unknown"),
            ("DROP TEMPORARY TABLE IF EXISTS a", Ddl, "session"),
            (
                "RENAME TABLE a TO b, c.d TO e",
                Ddl,
                "Rename Table a,b,c.d,e",
            ),
            (
                "RENAME TABLE a TO t, b TO a, t TO b",
                Ddl,
                "Rename Table a,t,b,a,t,b",
            ),
            (
                "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (a 'b')",
                Ddl,
                "unknown",
            ),
        ],
    );
}

#[test]
fn mysql_alter_table() {
    let told = [
        ("ADD COLUMN a INT, DROP COLUMN b", "Alter Table t"),
        (
            "ADD a INT DEFAULT (uuid()) FIRST, ADD INDEX (a, b), ALGORITHM=INPLACE",
            "Alter Table t",
        ),
        ("ADD COLUMN (a INT, b INT)", "Alter Table t"),
        ("MODIFY aaguid CHAR(36) NOT NULL", "Alter Table t"),
        ("CHANGE a a BIGINT", "Alter Table t"),
        ("CHANGE a b BIGINT", "Alter Table t"),
        ("RENAME COLUMN a TO b", "Alter Table t"),
        ("RENAME INDEX a TO b", "Alter Table t"),
        ("RENAME TO s.u", "Rename Table t,s.u"),
        ("RENAME u, ADD a INT", "Alter Table t,u"),
        (
            "ENGINE=InnoDB, CONVERT TO CHARACTER SET utf8mb4 COLLATE x",
            "Alter Table t",
        ),
        ("FORCE", "Alter Table t"),
        ("DROP INDEX a, ADD INDEX a (b)", "Alter Table t"),
        (
            "DROP FOREIGN KEY a, ADD CONSTRAINT a FOREIGN KEY (b) REFERENCES c (d)",
            "Alter Table t",
        ),
        ("DROP PARTITION p", "Alter Table t"),
        ("DISABLE KEYS", "Alter Table t"),
        ("DROP COLUMN IF EXISTS a", "Alter Table t"),
        // The definition may be the same and the data is not.
        ("DROP a, ADD A INT", "unknown"),
        ("DROP COLUMN a, ADD COLUMN (b INT, `a` INT)", "unknown"),
        ("CHANGE a b INT, CHANGE b a INT", "unknown"),
        ("RENAME COLUMN a TO b, RENAME COLUMN b TO a", "unknown"),
        ("DROP system, ADD system INT", "unknown"),
        ("EXCHANGE PARTITION p WITH TABLE u", "unknown"),
        ("TRUNCATE PARTITION p", "unknown"),
        ("DISCARD TABLESPACE", "unknown"),
        ("IMPORT TABLESPACE", "unknown"),
        ("CONVERT PARTITION p TO TABLE u", "unknown"),
        ("SECONDARY_LOAD", "unknown"),
        ("", "Alter Table t"),
    ];
    for (clauses, expected) in told {
        check(
            Mysql,
            &[(&format!("ALTER TABLE t {clauses}"), Ddl, expected)],
        );
    }
    check(
        Mysql,
        &[(
            "ALTER ONLINE TABLE IF EXISTS a.`t` FORCE",
            Ddl,
            "Alter Table a.t if",
        )],
    );
}

#[test]
fn postgres_kinds_and_recoveries() {
    check(
        Postgres,
        &[
            ("SELECT 1", Query, "record"),
            (
                "SELECT pg_catalog.set_config('search_path', '', false)",
                Session,
                "session",
            ),
            (
                "WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x",
                Dml,
                "record",
            ),
            (
                "MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE",
                Dml,
                "record",
            ),
            ("CREATE TABLE a (b int)", Ddl, "record"),
            ("DO $$ BEGIN COMMIT; END $$", Call, "unknown"),
            ("CALL p()", Call, "unknown"),
            ("COPY a FROM stdin", Copy, "record"),
            ("SET search_path = a", Session, "session"),
            ("BEGIN", TransactionControl, "unknown"),
            ("END", TransactionControl, "unknown"),
            ("PREPARE TRANSACTION 'x'", TransactionControl, "unknown"),
            ("PREPARE x AS SELECT 1", Session, "session"),
            ("SAVEPOINT a", TransactionControl, "unknown"),
            ("ANALYZE a", Maintenance, "record"),
            (
                "REFRESH MATERIALIZED VIEW CONCURRENTLY a",
                Maintenance,
                "record",
            ),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS Foo_Idx ON ONLY \"S\".t (a)",
                Ddl,
                "Create Index S.foo_idx on S.t if concurrently",
            ),
            ("CREATE INDEX CONCURRENTLY ON t (a)", Ddl, "unknown"),
            (
                "DROP INDEX CONCURRENTLY IF EXISTS s.a, \"B\"",
                Ddl,
                "Drop Index s.a,B if concurrently",
            ),
            ("CREATE DATABASE \"D\"", Ddl, "Create Database D"),
            (
                "DROP DATABASE IF EXISTS d WITH (FORCE)",
                Ddl,
                "Drop Database d if",
            ),
            ("VACUUM a", Maintenance, "repeat"),
            ("REINDEX TABLE CONCURRENTLY a", Maintenance, "repeat"),
            ("ALTER SYSTEM SET a = 1", Maintenance, "repeat"),
            (
                "ALTER TABLE a DETACH PARTITION b CONCURRENTLY",
                Ddl,
                "unknown",
            ),
            ("CREATE TABLESPACE a LOCATION '/x'", Ddl, "unknown"),
        ],
    );
}

#[test]
fn what_cannot_run_in_a_transaction() {
    let restricted = |sql: &str, dialect| classify(sql, dialect).restriction.map(|r| r.what);
    for (sql, what) in [
        (
            "create unique index concurrently i on t (a)",
            "CREATE INDEX CONCURRENTLY",
        ),
        ("DROP INDEX CONCURRENTLY a", "DROP INDEX CONCURRENTLY"),
        ("REINDEX INDEX CONCURRENTLY a", "REINDEX CONCURRENTLY"),
        (
            "REINDEX (VERBOSE, CONCURRENTLY) TABLE a",
            "REINDEX CONCURRENTLY",
        ),
        ("REINDEX SCHEMA a", "REINDEX SCHEMA"),
        ("REINDEX (VERBOSE) DATABASE a", "REINDEX DATABASE"),
        ("REINDEX SYSTEM a", "REINDEX SYSTEM"),
        ("VACUUM", "VACUUM"),
        ("VACUUM (FULL, ANALYZE) a", "VACUUM"),
        ("ALTER SYSTEM RESET ALL", "ALTER SYSTEM"),
        ("CREATE DATABASE a", "CREATE DATABASE"),
        ("DROP DATABASE a", "DROP DATABASE"),
        (
            "ALTER DATABASE a SET TABLESPACE b",
            "ALTER DATABASE … SET TABLESPACE",
        ),
        ("CREATE TABLESPACE a LOCATION 'b'", "CREATE TABLESPACE"),
        ("DROP TABLESPACE a", "DROP TABLESPACE"),
        (
            "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c",
            "CREATE SUBSCRIPTION",
        ),
        ("DROP SUBSCRIPTION a", "DROP SUBSCRIPTION"),
        (
            "ALTER SUBSCRIPTION a REFRESH PUBLICATION",
            "ALTER SUBSCRIPTION … REFRESH PUBLICATION",
        ),
        (
            "ALTER SUBSCRIPTION a SET PUBLICATION b",
            "ALTER SUBSCRIPTION … PUBLICATION with refresh",
        ),
        ("DISCARD ALL", "DISCARD ALL"),
        ("CLUSTER", "CLUSTER without a table"),
        (
            "ALTER TABLE a DETACH PARTITION b CONCURRENTLY",
            "ALTER TABLE … DETACH PARTITION CONCURRENTLY",
        ),
    ] {
        assert_eq!(restricted(sql, Postgres).as_deref(), Some(what), "{sql}");
    }
    for sql in [
        "CREATE INDEX concurrently_made ON t (a)",
        "CREATE INDEX \"CONCURRENTLY\" ON t (a)",
        "SELECT 'VACUUM'",
        "REINDEX TABLE a",
        "REINDEX (CONCURRENTLY false) TABLE a",
        "ALTER TYPE a ADD VALUE 'b'",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY a",
        "ALTER DATABASE a SET work_mem = 1",
        "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c WITH (create_slot = false)",
        "ALTER SUBSCRIPTION a SET PUBLICATION b WITH (refresh = false)",
        "ALTER SUBSCRIPTION a DISABLE",
        "DISCARD PLANS",
        "CLUSTER a",
        "ALTER TABLE a DETACH PARTITION b",
    ] {
        assert_eq!(restricted(sql, Postgres), None, "{sql}");
    }
    for (sql, what) in [
        ("VACUUM", "VACUUM"),
        ("PRAGMA foreign_keys = off", "PRAGMA foreign_keys"),
        ("PRAGMA main.journal_mode(wal)", "PRAGMA journal_mode"),
        ("DETACH y", "DETACH"),
    ] {
        assert_eq!(restricted(sql, Sqlite).as_deref(), Some(what), "{sql}");
    }
    for sql in [
        "ATTACH 'x' AS y",
        "PRAGMA foreign_keys",
        "PRAGMA table_info(a)",
        "PRAGMA user_version = 3",
        "ANALYZE",
    ] {
        assert_eq!(restricted(sql, Sqlite), None, "{sql}");
    }
    assert_eq!(restricted("ALTER TABLE a FORCE", Mysql), None);
    assert!(classify("CREATE INDEX CONCURRENTLY ON t (a)", Postgres).is_unnamed_concurrent_index());
    assert!(
        !classify("CREATE INDEX CONCURRENTLY i ON t (a)", Postgres).is_unnamed_concurrent_index()
    );
}

// `reference`: the table of locks measured on PostgreSQL 15.
#[test]
fn strong_locks() {
    for sql in [
        "ALTER TABLE a ADD COLUMN b int",
        "ALTER TABLE a VALIDATE CONSTRAINT b, ADD c int",
        "ALTER TABLE ONLY a SET SCHEMA b",
        "ALTER TABLE a ATTACH PARTITION b DEFAULT",
        "CREATE INDEX i ON t (a)",
        "DROP INDEX i",
        "DROP TABLE a",
        "TRUNCATE a",
        "CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f()",
        "CREATE TABLE a (b int REFERENCES c)",
        "CREATE TABLE a PARTITION OF b DEFAULT",
        "CREATE OR REPLACE VIEW a AS SELECT 1",
        "CLUSTER a",
        "VACUUM FULL a",
        "REINDEX TABLE a",
        "REFRESH MATERIALIZED VIEW a",
        "LOCK TABLE a",
        "LOCK a IN SHARE ROW EXCLUSIVE MODE",
        "ALTER DOMAIN a ADD CHECK (true)",
        "DROP FUNCTION f CASCADE",
    ] {
        assert!(classify(sql, Postgres).strong_lock, "{sql}");
    }
    for sql in [
        "SELECT 1",
        "INSERT INTO a VALUES (1)",
        "ALTER TABLE a VALIDATE CONSTRAINT b",
        "ALTER TABLE a ALTER COLUMN b SET STATISTICS 5, SET (fillfactor = 70)",
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "DROP INDEX CONCURRENTLY i",
        "REINDEX TABLE CONCURRENTLY a",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY a",
        "ALTER TABLE a DETACH PARTITION b CONCURRENTLY",
        "CREATE TABLE a (b int)",
        "ALTER TYPE a ADD VALUE 'b'",
        "COMMENT ON TABLE a IS 'b'",
        "LOCK a IN ACCESS SHARE MODE",
        "ANALYZE a",
        "VACUUM a",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP FUNCTION f",
    ] {
        assert!(!classify(sql, Postgres).strong_lock, "{sql}");
    }
    assert!(classify("ALTER TABLE a ADD b INT", Mysql).strong_lock);
    assert!(!classify("UPDATE a SET b = 1", Mysql).strong_lock);
    assert!(!classify("ALTER TABLE a ADD b INT", Sqlite).strong_lock);
}

#[test]
fn sqlite_kinds_and_recoveries() {
    check(
        Sqlite,
        &[
            ("CREATE TABLE a (b)", Ddl, "record"),
            ("REPLACE INTO a VALUES (1)", Dml, "record"),
            ("PRAGMA foreign_keys=off", Session, "session"),
            ("PRAGMA journal_mode = wal", Maintenance, "repeat"),
            ("PRAGMA table_info('a')", Query, "record"),
            ("PRAGMA user_version = 5", Other, "record"),
            ("PRAGMA cache_size", Query, "record"),
            ("PRAGMA cache_size = 5", Session, "session"),
            ("VACUUM", Maintenance, "repeat"),
            ("VACUUM INTO 'x'", Maintenance, "unknown"),
            ("ATTACH 'a' AS b", Session, "session"),
            ("END TRANSACTION", TransactionControl, "unknown"),
            (
                "WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a",
                Dml,
                "record",
            ),
        ],
    );
}

#[test]
fn foreign_key_switches() {
    let find = |statements: &[&str]| {
        let found = foreign_key_pragmas(statements);
        (found.leading, found.trailing, found.inner)
    };
    let off = "PRAGMA foreign_keys=off";
    let on = "PRAGMA foreign_keys = ON";
    assert_eq!(find(&[]), (None, None, vec![]));
    assert_eq!(find(&["a", "b"]), (None, None, vec![]));
    assert_eq!(find(&[off, "a", on]), (Some(0), Some(2), vec![]));
    for off in [
        "pragma main.foreign_keys = 0",
        "PRAGMA foreign_keys(FALSE)",
        "PRAGMA foreign_keys = 'no'",
    ] {
        assert_eq!(
            find(&["PRAGMA cache_size = 1", off, "a"]),
            (Some(1), None, vec![]),
            "{off}"
        );
    }
    assert_eq!(
        find(&[
            off,
            "a",
            "PRAGMA foreign_keys=1",
            "PRAGMA foreign_key_check"
        ]),
        (Some(0), Some(2), vec![])
    );
    assert_eq!(find(&["a", off, "b", on]), (None, Some(3), vec![1]));
    assert_eq!(find(&["a", off]), (None, None, vec![1]));
    assert_eq!(find(&["PRAGMA foreign_keys", "a"]), (None, None, vec![]));

    let wanted = |statements: &[&str]| {
        let found = foreign_key_pragmas(statements);
        (found.wanted, found.inner)
    };
    assert_eq!(wanted(&[on, "a"]), (Some(0), vec![]));
    assert_eq!(wanted(&[on, "a", on]), (Some(0), vec![]));
    assert_eq!(wanted(&["a", on, "b"]), (None, vec![1]));
    assert_eq!(wanted(&[on, off, "a", on]), (None, vec![0]));
    assert_eq!(wanted(&[on]), (Some(0), vec![]));
}

#[test]
fn table_rebuilds() {
    assert!(is_table_rebuild(&[
        "CREATE TABLE \"new_A\" (b)",
        "INSERT INTO new_a (b) SELECT b FROM a",
        "CREATE INDEX i ON new_a (b)",
        "DROP TABLE IF EXISTS A",
        "ALTER TABLE new_a RENAME TO a",
    ]));
    assert!(is_table_rebuild(&[
        "CREATE TABLE n AS SELECT * FROM z JOIN a",
        "DROP TABLE a",
        "ALTER TABLE n RENAME TO a",
    ]));
    for other in [
        // Nothing copied.
        &[
            "CREATE TABLE n (b)",
            "DROP TABLE a",
            "ALTER TABLE n RENAME TO a",
        ][..],
        // The old one stays.
        &[
            "CREATE TABLE n (b)",
            "INSERT INTO n SELECT b FROM a",
            "ALTER TABLE n RENAME TO c",
        ],
        &[
            "ALTER TABLE a RENAME TO old",
            "CREATE TABLE a (b)",
            "INSERT INTO a SELECT b FROM old",
            "DROP TABLE old",
        ],
        &[],
    ] {
        assert!(!is_table_rebuild(other), "{other:?}");
    }
}

fn leans(dialect: Dialect, text: &str) -> Vec<(usize, &str, String)> {
    let statements = split(text, dialect).statements;
    leans_on_session(text, &statements, dialect)
        .into_iter()
        .map(|l| (l.statement, &text[l.span], l.leaning.to_string()))
        .collect()
}

#[test]
fn leaning_on_the_session() {
    assert_eq!(
        leans(
            Mysql,
            "INSERT INTO a VALUES (1); INSERT INTO b VALUES (LAST_INSERT_ID());"
        ),
        [(1, "LAST_INSERT_ID", "LAST_INSERT_ID()".to_owned())]
    );
    assert_eq!(
        leans(
            Mysql,
            "CREATE TEMPORARY TABLE a (b int); INSERT INTO c SELECT * FROM a;"
        ),
        [(0, "TEMPORARY", "a temporary object".to_owned())]
    );
    assert_eq!(
        leans(
            Mysql,
            "SET @a = 1, @`B c` = 2; SELECT x, y INTO @d, @e FROM f; \
             UPDATE g SET h = @A + @a, i = @'b C'; SELECT @e, @f := 1, @f; DELETE FROM j WHERE k = @f;"
        ),
        [
            (2, "@A", "the variable @a".to_owned()),
            (2, "@", "the variable @b c".to_owned()),
            (3, "@e", "the variable @e".to_owned()),
            (4, "@f", "the variable @f".to_owned()),
        ]
    );
    assert_eq!(
        leans(Mysql, "SET @a = 1; SET @a = @a + 1;"),
        [(1, "@a", "the variable @a".to_owned())]
    );
    assert_eq!(
        leans(
            Mysql,
            "SET @q = 'DROP TABLE a'; PREPARE s FROM @q; EXECUTE S; EXECUTE t;"
        ),
        [
            (1, "@q", "the variable @q".to_owned()),
            (2, "S", "the prepared statement s".to_owned()),
        ]
    );
    for text in [
        "SET @OLD_SQL_MODE = @@SQL_MODE, SQL_MODE = ''; a; SET SQL_MODE = @OLD_SQL_MODE;",
        "CREATE PROCEDURE p() BEGIN SET @a = 1; PREPARE s FROM @a; SELECT LAST_INSERT_ID(); END; CALL p();",
        "SELECT @a := 1, @a; INSERT INTO b VALUES (1) ON DUPLICATE KEY UPDATE c = LAST_INSERT_ID(c);",
        "SELECT @@session.x; INSERT INTO b VALUES ('@a', 'LAST_INSERT_ID()');",
    ] {
        assert_eq!(leans(Mysql, text), [], "{text}");
    }
    assert_eq!(
        leans(
            Postgres,
            "CREATE TEMP TABLE a (b int); SELECT * INTO TEMP c FROM d; SELECT lastval(); PREPARE e AS SELECT 1; EXECUTE e;"
        )
        .len(),
        4
    );
    assert_eq!(
        leans(Sqlite, "SELECT last_insert_rowid(), x.changes(1);").len(),
        1
    );
}
