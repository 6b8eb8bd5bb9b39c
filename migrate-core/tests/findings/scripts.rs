//! What stands in scripts.

use migrate_core::Dialect::{Mysql, Postgres, Sqlite};

use super::{SQL, all};

#[test]
fn scripts() {
    let text = all(&[
        ("empty", Sqlite, &[("1_a.sql", "-- nothing yet\n")]),
        (
            "empty on purpose",
            Sqlite,
            &[(
                "1_a.sql",
                "-- migrate:allow empty-script it was for MySQL only\n",
            )],
        ),
        (
            "unterminated string",
            Postgres,
            &[("1_a.sql", "SELECT 1;\nSELECT 'it;\n")],
        ),
        (
            "unterminated identifier",
            Mysql,
            &[("1_a.sql", "DROP TABLE `a;\n")],
        ),
        (
            "unterminated comment",
            Postgres,
            &[("1_a.sql", "SELECT 1; /* /* */\n")],
        ),
        (
            "unterminated dollar quote",
            Postgres,
            &[("1_a.sql", "DO $x$ BEGIN END $y$;\n")],
        ),
        (
            "unterminated body",
            Sqlite,
            &[(
                "1_a.sql",
                "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b;\n",
            )],
        ),
        ("NUL", Sqlite, &[("1_a.sql", "SELECT 1;\0\n")]),
        (
            "client command",
            Postgres,
            &[("1_a.sql", "\\connect other\nSELECT 1;\n")],
        ),
        (
            "COPY data",
            Postgres,
            &[("1_a.sql", "COPY a FROM STDIN;\n1\t2\n\\.\n")],
        ),
        (
            "transaction control",
            Postgres,
            &[("1_a.sql", "BEGIN;\nSELECT 1;\nCOMMIT;\n")],
        ),
        (
            "transaction control in MySQL",
            Mysql,
            &[("1_a.sql", "START TRANSACTION;\nDELETE FROM a;\nCOMMIT;\n")],
        ),
        (
            "not in a transaction",
            Postgres,
            &[("1_a.sql", "CREATE INDEX CONCURRENTLY i\n  ON a (b);\n")],
        ),
        (
            "not in a transaction, with metadata.toml in reach",
            Postgres,
            &[("1_a/up.sql", "VACUUM a;\n"), ("1_a/down.sql", SQL)],
        ),
        (
            "without a transaction",
            Postgres,
            &[(
                "1_a.sql",
                "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY i ON a (b);\n",
            )],
        ),
        (
            "without a transaction, as sqlx says it",
            Postgres,
            &[("1_a.sql", "-- no-transaction\nVACUUM a;\n")],
        ),
        (
            "without a transaction, as diesel says it",
            Postgres,
            &[
                ("1_a/up.sql", "VACUUM a;\n"),
                ("1_a/down.sql", "VACUUM a;\n"),
                ("1_a/metadata.toml", "run_in_transaction = false\n"),
            ],
        ),
        (
            "unnamed index",
            Postgres,
            &[(
                "1_a.sql",
                "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY ON a (b);\n",
            )],
        ),
        (
            "foreign keys around a script",
            Sqlite,
            &[(
                "1_a.sql",
                "PRAGMA foreign_keys=off;\nDROP TABLE a;\nPRAGMA foreign_keys=on;\n",
            )],
        ),
        (
            "foreign keys within a script",
            Sqlite,
            &[(
                "1_a.sql",
                "DROP TABLE a;\nPRAGMA foreign_keys=off;\nDROP TABLE b;\n",
            )],
        ),
        ("DDL in MySQL", Mysql, &[("1_a.sql", SQL)]),
        (
            "leaning on the session",
            Mysql,
            &[(
                "1_a.sql",
                "CREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\nUPDATE a SET b = LAST_INSERT_ID();\n",
            )],
        ),
        (
            "leaning on the session in one transaction",
            Mysql,
            &[(
                "1_a.sql",
                "INSERT INTO a VALUES (1);\nUPDATE a SET b = LAST_INSERT_ID();\n",
            )],
        ),
        (
            "leaning on the session without a transaction",
            Postgres,
            &[(
                "1_a.sql",
                "-- migrate:no-transaction\nCREATE TEMP TABLE x (a int);\nVACUUM;\n",
            )],
        ),
        (
            "several at once",
            Postgres,
            &[
                ("1_a.sql", "COMMIT;\nVACUUM;\n-- migrate:alow x y\n"),
                ("2_b.sql", "SELECT '"),
            ],
        ),
    ]);
    insta::assert_snapshot!(text);
}
