//! Two migrations: one that makes `base` and `log`, and one of ten statements, data and DDL mixed,
//! each of which would show if it ran twice or not at all.

use migrate_tests::contract::Folder;
use migrate_tests::server::Engine;

/// Whether the second migration is one transaction. On MariaDB no script with DDL is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Transaction,
    Stepwise,
}

const BASE: &str = "CREATE TABLE base (id int PRIMARY KEY);
INSERT INTO base VALUES (1), (2), (3);
CREATE TABLE log (n int);
";

const UP: [&str; 10] = [
    "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, base int, FOREIGN KEY (base) REFERENCES base (id))",
    "INSERT INTO t (id, base) SELECT id, id FROM base",
    "INSERT INTO log VALUES (100)",
    "ALTER TABLE t ADD COLUMN note varchar(20)",
    "UPDATE t SET n = n + 1",
    "CREATE INDEX t_n ON t (n)",
    "INSERT INTO log SELECT count(*) FROM t",
    "CREATE INDEX t_note ON t (note)",
    "DROP INDEX t_n",
    "ALTER TABLE t RENAME COLUMN note TO remark",
];

const DOWN: [&str; 10] = [
    "ALTER TABLE t RENAME COLUMN remark TO note",
    "CREATE INDEX t_n ON t (n)",
    "UPDATE t SET n = n - 1",
    "INSERT INTO log SELECT sum(n) FROM t",
    "DROP INDEX t_note",
    "DROP INDEX t_n",
    "ALTER TABLE t DROP COLUMN note",
    "INSERT INTO log VALUES (-100)",
    "DELETE FROM t WHERE id > 1",
    "DROP TABLE t",
];

/// The two migrations in an engine's own words.
pub(crate) fn folder(engine: Engine, mode: Mode) -> Folder {
    folder_of(engine, mode, |statement| match (engine, mode) {
        (Engine::Mariadb, _) if statement.starts_with("DROP INDEX") => format!("{statement} ON t"),
        (Engine::Postgres, Mode::Stepwise) => statement
            .replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY")
            .replace("DROP INDEX", "DROP INDEX CONCURRENTLY"),
        _ => statement.to_owned(),
    })
}

/// The two migrations for PostgreSQL, the second one transaction of which every statement waits
/// while another session holds this advisory lock.
pub(crate) fn folder_waiting_for(lock: i32) -> Folder {
    folder_of(Engine::Postgres, Mode::Transaction, |statement| {
        // Not held until the end of the transaction, so that the other session can get it.
        format!(
            "DO $$ BEGIN PERFORM pg_advisory_lock({lock}); PERFORM pg_advisory_unlock({lock}); \
             {statement}; END $$"
        )
    })
}

fn folder_of(engine: Engine, mode: Mode, own_words: impl Fn(&str) -> String) -> Folder {
    let script = |statements: [&str; 10]| {
        let mut text = match (engine, mode) {
            (Engine::Mariadb, _) | (_, Mode::Transaction) => String::new(),
            (_, Mode::Stepwise) => "-- migrate:no-transaction\n".to_owned(),
        };
        for statement in statements {
            text += &format!("{};\n", own_words(statement));
        }
        text
    };
    Folder::new(engine)
        .with("1_base.up.sql", BASE)
        .with("1_base.down.sql", "DROP TABLE log;\nDROP TABLE base;\n")
        .with("2_change.up.sql", &script(UP))
        .with("2_change.down.sql", &script(DOWN))
}
