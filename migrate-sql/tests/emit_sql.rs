//! From one schema to another in SQL, dialect by dialect; `tests/` runs it on live databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use migrate_core::{CheckContext, Dialect, SourceMigration, Version};
use migrate_sql::check::{schema_in, way_back};
use migrate_sql::emit::sql::{self, RemarkKind};
use migrate_sql::schema::Schema;

fn migration(version: &'static str, text: &str, dialect: Dialect) -> SourceMigration {
    let version = Version::from_static(version);
    SourceMigration::of_text(version, "script.sql", text.as_bytes(), dialect).unwrap()
}

fn context(dialect: Dialect) -> CheckContext<'static> {
    CheckContext {
        dialect,
        server: None,
        functions: &[],
    }
}

fn schema(text: &str, dialect: Dialect) -> Schema {
    schema_in(&[migration("1", text, dialect)], context(dialect))
}

/// The statements from one script's schema to another's, then the remarks.
fn way(from: &str, to: &str, dialect: Dialect) -> String {
    let way = sql::migrate(&schema(from, dialect), &schema(to, dialect));
    shown(&way)
}

/// What takes the second script back after the first.
fn back(before: &str, up: &str, dialect: Dialect) -> String {
    let before = [migration("1", before, dialect)];
    shown(&way_back(
        &before,
        &migration("2", up, dialect),
        context(dialect),
    ))
}

fn shown(way: &sql::Scripted) -> String {
    let mut text = way.script();
    for remark in &way.remarks {
        text.push_str(&format!("{}: {remark}\n", remark.kind.name()));
    }
    text
}

#[test]
fn nothing_differs() {
    for dialect in Dialect::ALL {
        let text = "CREATE TABLE t (id INT PRIMARY KEY, a INT NOT NULL);";
        assert_eq!(way(text, text, dialect), "");
        assert_eq!(back("", "SELECT 1;", dialect), "");
    }
}

#[test]
fn postgres_creates_from_the_ground_up() {
    let text = "CREATE VIEW named AS SELECT upper(\"Name\") AS n FROM (SELECT 1) x (\"Name\");
        CREATE TABLE \"order\" (id serial PRIMARY KEY, \"Name\" text NOT NULL DEFAULT 'x', note text CHECK (note <> ''), by_hand int DEFAULT nextval('numbers'));";
    let text = format!(
        "CREATE SEQUENCE numbers START 5; {text}
        CREATE TABLE lines (o int REFERENCES \"order\" ON DELETE CASCADE DEFERRABLE, UNIQUE (o));
        CREATE INDEX short ON \"order\" (lower(\"Name\") DESC) WHERE note IS NOT NULL;
        CREATE TYPE mood AS ENUM ('sad', 'it''s');"
    );
    assert_eq!(
        shown(&sql::create(&schema(&text, Dialect::Postgres))),
        "CREATE TYPE mood AS ENUM ('sad', 'it''s');
CREATE SEQUENCE numbers START 5;

CREATE TABLE lines (
    o integer,
    CONSTRAINT lines_o_key UNIQUE (o)
);

CREATE TABLE \"order\" (
    id serial,
    \"Name\" text DEFAULT 'x' NOT NULL,
    note text,
    by_hand integer DEFAULT nextval('numbers'),
    CONSTRAINT order_pkey PRIMARY KEY (id),
    CONSTRAINT order_note_check CHECK (note <> '')
);

CREATE INDEX short ON \"order\" ((lower(\"Name\")) DESC) WHERE (note IS NOT NULL);
ALTER TABLE lines ADD CONSTRAINT lines_o_fkey FOREIGN KEY (o) REFERENCES \"order\" (id) ON DELETE CASCADE DEFERRABLE;
CREATE VIEW named AS SELECT upper(\"Name\") AS n FROM (SELECT 1) x (\"Name\");
"
    );
}

#[test]
fn postgres_takes_enum_values_away() {
    let table = "CREATE TABLE t (m mood DEFAULT 'a', n mood[]);";
    let from = format!("CREATE TYPE mood AS ENUM ('a', 'b'); {table}");
    let to = format!("CREATE TYPE mood AS ENUM ('c', 'a'); {table}");
    assert_eq!(
        way(&from, &to, Dialect::Postgres),
        "ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('c', 'a');

ALTER TABLE t
    ALTER COLUMN m DROP DEFAULT,
    ALTER COLUMN m TYPE mood USING m::text::mood,
    ALTER COLUMN m SET DEFAULT 'a';

ALTER TABLE t ALTER COLUMN n TYPE mood[] USING n::text[]::mood[];
DROP TYPE mood_old;
look: values of `mood` go: that fails where a row has one of them
"
    );
    assert_eq!(
        way(
            &from,
            &from.replace("('a', 'b')", "('z', 'a', 'm', 'b', 'q')"),
            Dialect::Postgres
        ),
        "ALTER TYPE mood ADD VALUE 'z' BEFORE 'a';
ALTER TYPE mood ADD VALUE 'm' AFTER 'a';
ALTER TYPE mood ADD VALUE 'q';
"
    );
}

#[test]
fn postgres_makes_room_for_a_change() {
    let base = "CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v; CREATE VIEW other AS SELECT b FROM t;";
    assert_eq!(
        way(
            base,
            &base.replacen("a int", "a bigint", 1),
            Dialect::Postgres
        ),
        "DROP VIEW w;
DROP VIEW v;
ALTER TABLE t ALTER COLUMN a TYPE bigint;
CREATE VIEW v AS SELECT a FROM t;
CREATE VIEW w AS SELECT a FROM v;
look: column `a` of `t` gets another type: that fails where a value does not fit
"
    );
}

#[test]
fn renames_are_guessed_at_but_not_made() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let text = way(
            "CREATE TABLE t (a INT, b INT);",
            "CREATE TABLE t (a INT, c INT);",
            dialect,
        );
        assert!(
            text.contains("if it was renamed, write RENAME COLUMN instead"),
            "{text}"
        );
        let text = way(
            "CREATE TABLE t (a INT);",
            "CREATE TABLE u (a INT);",
            dialect,
        );
        assert!(
            text.contains("if it was renamed, write RENAME instead"),
            "{text}"
        );
    }
}

#[test]
fn what_a_script_renames_gets_its_name_back() {
    assert_eq!(
        back(
            "CREATE TABLE t (a int); CREATE TYPE e AS ENUM ('x'); CREATE INDEX i ON t (a);",
            "ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME a TO b; ALTER TABLE u RENAME b TO c;
             ALTER TYPE e RENAME VALUE 'x' TO 'y'; ALTER INDEX i RENAME TO j; ALTER TABLE u ADD d int;",
            Dialect::Postgres
        ),
        "ALTER INDEX j RENAME TO i;
ALTER TYPE e RENAME VALUE 'y' TO 'x';
ALTER TABLE u RENAME COLUMN c TO a;
ALTER TABLE u RENAME TO t;
ALTER TABLE t DROP COLUMN d;
"
    );
    assert_eq!(
        back(
            "CREATE TABLE t (a INT NOT NULL, b INT, KEY k (b));",
            "ALTER TABLE t CHANGE a c BIGINT NOT NULL; ALTER TABLE t RENAME INDEX k TO l; RENAME TABLE t TO u;",
            Dialect::Mysql
        ),
        "RENAME TABLE u TO t;
ALTER TABLE t RENAME INDEX l TO k;
ALTER TABLE t RENAME COLUMN c TO a;
ALTER TABLE t MODIFY COLUMN a int NOT NULL;
look: column `a` of `t` gets another type: that fails where a value does not fit
"
    );
}

#[test]
fn a_rebuild_is_no_rename() {
    let text = back(
        "CREATE TABLE t (a INT, b INT);",
        "CREATE TABLE new (a INT); INSERT INTO new SELECT a FROM t; DROP TABLE t; ALTER TABLE new RENAME TO t;",
        Dialect::Sqlite,
    );
    assert_eq!(
        text,
        "ALTER TABLE t ADD COLUMN b INT;
loses: column `b` of `t` is made again, but its values do not come back
cannot: rows are added to `new`, which is not taken back here
"
    );
}

#[test]
fn what_is_lost_is_said() {
    for dialect in Dialect::ALL {
        let text = back(
            "CREATE TABLE t (a INT);",
            "DROP TABLE t; DELETE FROM u;",
            dialect,
        );
        assert!(
            text.contains("table `t` is made again, but its rows do not come back"),
            "{text}"
        );
    }
    let opaque = way_back(
        &[],
        &migration("1", "DO $$ BEGIN EXECUTE 'x'; END $$;", Dialect::Postgres),
        context(Dialect::Postgres),
    );
    assert!(opaque.statements.is_empty());
    assert!(
        opaque
            .remarks
            .iter()
            .any(|it| it.kind == RemarkKind::Cannot)
    );
}

#[test]
fn mysql_changes_a_table_in_one_statement() {
    assert_eq!(
        way(
            "CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE t (a INT, b INT, KEY (b), CHECK (a > 0), CONSTRAINT f FOREIGN KEY (b) REFERENCES p (id));",
            "CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE t (z INT NOT NULL DEFAULT 1, a BIGINT, c JSON, PRIMARY KEY (z), UNIQUE KEY (a));",
            Dialect::Mysql
        ),
        "ALTER TABLE t DROP FOREIGN KEY f;

ALTER TABLE t
    DROP CONSTRAINT CONSTRAINT_1,
    DROP INDEX b,
    DROP COLUMN b,
    ADD COLUMN z int NOT NULL DEFAULT 1 FIRST,
    MODIFY COLUMN a bigint,
    ADD COLUMN c json,
    ADD PRIMARY KEY (z),
    ADD UNIQUE INDEX a (a);
loses: column `b` of `t` goes, and its values with it, and `z` of the same type is new; if it was renamed, write RENAME COLUMN instead
look: column `a` of `t` gets another type: that fails where a value does not fit
"
    );
}

#[test]
fn sqlite_rebuilds_what_it_cannot_alter() {
    let base = "CREATE TABLE t (a INT, b TEXT COLLATE NOCASE); CREATE INDEX i ON t (b);
        CREATE TABLE log (t INT); CREATE VIEW v AS SELECT a FROM t;
        CREATE TRIGGER own AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.a); END;
        CREATE TRIGGER far AFTER INSERT ON log BEGIN DELETE FROM t WHERE a = NEW.t; END;";
    assert_eq!(
        way(
            base,
            &base.replacen("a INT", "a INT NOT NULL DEFAULT 0", 1),
            Dialect::Sqlite
        ),
        "PRAGMA foreign_keys = OFF;
DROP TRIGGER far;
DROP VIEW v;
CREATE TABLE new_t (a INT NOT NULL DEFAULT 0, b TEXT COLLATE NOCASE);

INSERT INTO new_t (a, b)
SELECT coalesce(a, 0), b FROM t;

DROP TABLE t;
ALTER TABLE new_t RENAME TO t;
CREATE INDEX i ON t (b);
CREATE VIEW v AS SELECT a FROM t;
CREATE TRIGGER own AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.a); END;
CREATE TRIGGER far AFTER INSERT ON log BEGIN DELETE FROM t WHERE a = NEW.t; END;
PRAGMA foreign_keys = ON;
"
    );
    assert_eq!(
        way(
            base,
            &base.replacen("a INT", "a INT, c INT DEFAULT 1", 1),
            Dialect::Sqlite
        ),
        "ALTER TABLE t ADD COLUMN c INT DEFAULT 1;\n"
    );
}
